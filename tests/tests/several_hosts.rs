//! The demo month on several hosts: PostgreSQL, an object store, a queue, the service and two workers, whose links and
//! servers fail while it is taken in. It ends equal to what one machine makes of the same files.
#![allow(clippy::unwrap_used, reason = "in a test, what cannot be unwrapped is a failure")]

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use tests::city::{City, Dice, bucket, rest};
use tests::{contents, has_ffmpeg, run_demo, run_ok};

/// How many faults while the month is taken in.
const FAULTS: u32 = 20;

/// What each host gets from the store: so slow that faults meet objects that are being read.
const STORE_BYTES_IN_S: u32 = 16_000_000;

/// Long after everything, so that neither audit depends on when its month was taken in.
const AS_OF: &str = "2999-01-01 00:00";

/// The folders of the month that are stores.
const STORES: [&str; 2] = ["evidence", "drones"];

/// The files of a folder, by their paths within it.
fn files(folder: &Path, within: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> =
        std::fs::read_dir(folder.join(within)).unwrap().map(|entry| entry.unwrap()).collect();
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let path = within.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            files(folder, &path, found);
        } else {
            found.push(path);
        }
    }
}

/// Takes in the tables of a month.
fn import(month: &Path, mut run: impl FnMut(&[&str]) -> Value) {
    for (kind, file) in [
        ("units", "units.csv"),
        ("officers", "officers.csv"),
        ("devices", "devices.csv"),
        ("cases", "cases.xlsx"),
        ("stages", "stages.csv"),
        ("links", "links.csv"),
        ("excuses", "excuses.csv"),
        ("manifest", "manifest.csv"),
        ("docks", "docks.csv"),
        ("areas", "areas.geojson"),
        ("sorties", "sorties.csv"),
    ] {
        run(&["import", kind, month.join("tables").join(file).to_str().unwrap()]);
    }
}

/// What a catalog comes to: everything that is judged, and the frame that is drawn from.
fn judged(run: impl Fn(&[&str]) -> Value) -> [(&'static str, Value); 5] {
    let as_of = ["--as-of", AS_OF];
    let mut audit = run(&[&["audit", "--month", "2024-05"], &as_of[..]].concat());
    // A store says when an object was written, a folder does not: this alone is judged differently.
    without_late(&mut audit);
    let drones = ["coverage", "--month", "2024-05", "--policy", "pudong-2023"];
    let mut coverage = run(&[&drones, &as_of[..]].concat());
    without_late(&mut coverage);
    let mut reconciled = run(&[&["reconcile", "--month", "2024-05"], &as_of[..]].concat());
    without_late(&mut reconciled);
    let frozen = run(&["sample", "freeze", "--month", "2024-06"]);
    let log = run(&["log", "verify"]);
    [
        ("audit", audit),
        ("coverage", coverage),
        ("reconciliation", reconciled),
        ("frame", frozen["frame_sha256"].clone()),
        ("faults of the log", log["faults"].clone()),
    ]
}

fn without_late(value: &mut Value) {
    match value {
        Value::Array(list) => {
            list.retain(|one| one["code"] != "late_upload");
            list.iter_mut().for_each(without_late);
        }
        Value::Object(object) => {
            object.remove("late_upload");
            object.values_mut().for_each(without_late);
        }
        _ => {}
    }
}

/// Where two documents first differ, and in what.
fn difference(at: &str, here: &Value, there: &Value) -> String {
    let differing = match (here, there) {
        (Value::Object(one), Value::Object(other)) if one.keys().eq(other.keys()) => {
            let pairs = one.iter().zip(other.values());
            pairs
                .map(|((name, here), there)| (name.clone(), here, there))
                .find(|(_, here, there)| here != there)
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            let pairs = one.iter().zip(other).enumerate();
            pairs
                .map(|(at, (here, there))| (at.to_string(), here, there))
                .find(|(_, here, there)| here != there)
        }
        _ => None,
    };
    match differing {
        Some((name, here, there)) => difference(&format!("{at}/{name}"), here, there),
        None => format!("{at}: {here} on one machine, {there} on several"),
    }
}

/// All that a catalog holds of the objects, but for what their store says of them.
fn objects(mut contents: Value) -> Vec<Value> {
    let rows = contents.as_array_mut().unwrap();
    for row in rows.iter_mut() {
        row[3] = json!(null);
    }
    std::mem::take(rows)
}

#[test]
fn a_month_taken_in_by_several_hosts_that_fail_is_that_of_one_machine() {
    if !has_ffmpeg() {
        return;
    }
    let Some(mut city) = City::build(Some(STORE_BYTES_IN_S), true) else { return };
    println!("the hosts have networks of their own: {}", city.is_apart());
    let month = run_demo(&Path::new(env!("CARGO_TARGET_TMPDIR")).join("demo-month"));

    let one = tempfile::tempdir().unwrap();
    let alone = |arguments: &[&str]| run_ok(one.path(), &[arguments, &["--json"]].concat()).json();
    import(&month.dir, alone);
    for store in STORES {
        alone(&["ingest", month.dir.join(store).to_str().unwrap()]);
    }

    import(&month.dir, |arguments| city.bureau().ok(arguments));
    for store in STORES {
        let mut found = Vec::new();
        files(&month.dir.join(store), Path::new(""), &mut found);
        for path in found {
            let bytes = std::fs::read(month.dir.join(store).join(&path)).unwrap();
            city.put(&format!("{store}/{}", path.to_str().unwrap()), bytes);
        }
    }
    let queue = city.bureau().queue_url();
    let mut dice = Dice::new(7);
    for fault in 0..FAULTS {
        city.supervise();
        city.hand_out(&bucket(STORES[fault as usize % 2]));
        rest(Duration::from_millis(100 + dice.below(500)));
        city.suffer(&mut dice);
    }
    city.calm();
    for store in STORES {
        city.bureau().ok(&["ingest", &bucket(store), "--queue", &queue, "--wait"]);
    }
    city.wait_for_service();
    println!("suffered: {:#?}\nended by themselves: {:?}", city.suffered, city.ended);

    let (here, there) = (objects(contents(one.path(), "sqlite://reelproof.db")), objects(city.contents()));
    for (here, there) in here.iter().zip(&there) {
        assert_eq!(here, there, "{}", city.logs());
    }
    assert_eq!(here.len(), there.len());
    assert!(here.len() > 200, "a whole month");
    let alone = judged(alone);
    for ((what, here), (_, there)) in alone.into_iter().zip(judged(|arguments| city.bureau().ok(arguments))) {
        assert!(here == there, "{what}: {}", difference("", &here, &there));
    }
    for worker in 1..3 {
        assert_eq!(city.hosts[worker].stop(), Some(0), "{}", city.hosts[worker].log());
    }
}
