//! The parts of an audit of a large catalog, measured apart: `city-audit CATALOG-URL YYYY-MM`.
//!
//! Prints one JSON document: how long it took to load the snapshot, to judge it on one thread and on
//! all, to write the audit as JSON, and to judge again after a thousand new recordings; whether that
//! gave what a full audit gives; and the most memory that the process held after each step.

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Instant;

use analyzer::audit::{Changes, Incremental, audit};
use analyzer::policy::Policy;
use catalog::store::{OpenMode, open};
use catalog::{Micros, Month, WallTime};
use rayon::ThreadPoolBuilder;
use serde_json::{Map, Value, json};

/// How many recordings are new in the measured change.
const NEW: usize = 1000;

struct Notes(Map<String, Value>);

impl Notes {
    fn timed<T>(&mut self, name: &str, work: impl FnOnce() -> T) -> T {
        let began = Instant::now();
        let done = work();
        self.0.insert(format!("{name}_s"), json!(began.elapsed().as_secs_f64()));
        self.0.insert(format!("{name}_peak_mib"), json!(peak_mib()));
        done
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [url, month] = &args[..] else { return Err("usage: city-audit CATALOG-URL YYYY-MM".into()) };
    let month: Month = month.parse()?;
    let as_of = month.next().next().start();
    let policy = Policy::built_in("jingan-2024")?;
    let mut notes = Notes(Map::new());
    let runtime = tokio::runtime::Runtime::new()?;
    let loaded = notes.timed("load", || {
        runtime.block_on(async { open(url, OpenMode::Existing).await?.snapshot(month, as_of).await })
    });
    let mut snapshot = loaded?;
    notes.0.insert("recordings".to_owned(), json!(snapshot.recordings.len()));
    notes.0.insert("stages".to_owned(), json!(snapshot.stages.len()));

    let alone = ThreadPoolBuilder::new().num_threads(1).build()?;
    let judged = notes.timed("audit_on_one_thread", || alone.install(|| audit(&snapshot, &policy)));
    drop(judged);
    let judged = notes.timed("audit", || audit(&snapshot, &policy));
    let text = notes.timed("write", || serde_json::to_vec(&judged))?;
    notes.0.insert("audit_bytes".to_owned(), json!(text.len()));
    drop((text, judged));

    let (started_at, changes) = new_footage(&snapshot.recordings);
    notes.0.insert("new_from".to_owned(), json!(started_at));
    let kept = snapshot.clone();
    let mut kept = notes.timed("keep", || Incremental::new(kept, policy.clone()));
    let (_, judged_again) = notes.timed("update", || kept.update(&changes));
    notes.0.insert("judged_again".to_owned(), json!(judged_again));
    snapshot.recordings.extend(changes.recordings.into_values().flatten());
    snapshot.recordings.sort_by(|a, b| a.object_key.cmp(&b.object_key));
    let full = notes.timed("full_after_update", || audit(&snapshot, &policy));
    notes.0.insert("update_equals_full".to_owned(), json!(*kept.audit() == full));
    println!("{}", Value::Object(notes.0));
    Ok(())
}

/// A thousand recordings of as many officers: others of the month, ten minutes later under new keys.
fn new_footage(recordings: &[catalog::snapshot::Recording]) -> (Option<WallTime>, Changes) {
    let step = (recordings.len() / NEW).max(1);
    let new: BTreeMap<_, _> = recordings
        .iter()
        .step_by(step)
        .take(NEW)
        .map(|recording| {
            let mut recording = recording.clone();
            recording.object_key.push_str(".new.mp4");
            recording.sha256 = format!("{:0>64}", recording.object_key.len());
            recording.sha256.push_str(&recording.object_key);
            recording.started_at = recording.started_at.map(|started_at| started_at + Micros::from_s(600));
            recording.start_claims.clear();
            (recording.object_key.clone(), vec![recording])
        })
        .collect();
    let first = new.values().flatten().filter_map(|recording| recording.started_at).min();
    (first, Changes { recordings: new, ..Changes::default() })
}

/// The most memory that the process ever held; `None` where the system does not say.
fn peak_mib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kib| kib / 1024)
}
