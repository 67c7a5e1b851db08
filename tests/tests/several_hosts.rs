//! The demo month on several hosts: PostgreSQL, an object store, a queue, the service and two workers, whose links and
//! servers fail while it is taken in. It ends equal to what one machine makes of the same store.
#![allow(clippy::unwrap_used, reason = "in a test, what cannot be unwrapped is a failure")]

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use tests::city::{City, Dice, bucket, rest};
use tests::{contents, has_ffmpeg, run_demo};

/// How many faults while the month is taken in.
const FAULTS: u32 = 16;

/// What each host gets from the store: so slow that faults meet objects that are being read.
const STORE_BYTES_IN_S: u32 = 16_000_000;

/// Long after everything, so that neither audit depends on when its month was taken in.
const AS_OF: [&str; 2] = ["--as-of", "2999-01-01 00:00"];

/// The folders of the month that are stores.
const STORES: [&str; 2] = ["evidence", "drones"];

/// The files of a folder, by their paths within it.
fn files(folder: &Path, within: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder.join(within)).unwrap().map(Result::unwrap) {
        let path = within.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            files(folder, &path, found);
        } else {
            found.push(path);
        }
    }
}

/// What a catalog comes to: everything that is judged, and the frame that is drawn from.
fn judged(run: impl Fn(&[&str]) -> Value) -> [(&'static str, Value); 5] {
    let of = |asked: &[&str]| run(&[asked, &AS_OF].concat());
    [
        ("audit", of(&["audit", "--month", "2024-05"])),
        ("coverage", of(&["coverage", "--month", "2024-05", "--policy", "pudong-2023"])),
        ("reconciliation", of(&["reconcile", "--month", "2024-05"])),
        ("frame", run(&["sample", "freeze", "--month", "2024-06"])["frame_sha256"].clone()),
        ("faults of the log", run(&["log", "verify"])["faults"].clone()),
    ]
}

/// Where two documents first differ, and in what.
fn difference(at: &str, here: &Value, there: &Value) -> String {
    let differing = match (here, there) {
        (Value::Object(one), Value::Object(other)) if one.keys().eq(other.keys()) => one
            .iter()
            .zip(other.values())
            .map(|((name, here), there)| (name.clone(), here, there))
            .find(|(_, here, there)| here != there),
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => one
            .iter()
            .zip(other)
            .enumerate()
            .map(|(at, (here, there))| (at.to_string(), here, there))
            .find(|(_, here, there)| here != there),
        _ => None,
    };
    match differing {
        Some((name, here, there)) => difference(&format!("{at}/{name}"), here, there),
        None => format!("{at}: {here} on one machine, {there} on several"),
    }
}

#[test]
fn a_month_taken_in_by_several_hosts_that_fail_is_that_of_one_machine() {
    if !has_ffmpeg() {
        return;
    }
    let Some(mut city) = City::build(Some(STORE_BYTES_IN_S), true) else { return };
    println!("the hosts have networks of their own: {}", city.is_apart());
    let alone = tempfile::tempdir().unwrap();
    let month = run_demo(&Path::new(env!("CARGO_TARGET_TMPDIR")).join("demo-month"));
    for (kind, file) in month.tables() {
        let import = ["import", kind, file.to_str().unwrap()];
        city.alone(alone.path(), &import);
        city.bureau().ok(&import);
    }
    for store in STORES {
        let mut found = Vec::new();
        files(&month.dir.join(store), Path::new(""), &mut found);
        for path in found {
            let bytes = std::fs::read(month.dir.join(store).join(&path)).unwrap();
            city.put(&format!("{store}/{}", path.to_str().unwrap()), bytes);
        }
    }
    // Others wait for the month, and it is not looked at any more.
    drop(month);

    for store in STORES {
        city.alone(alone.path(), &["ingest", &bucket(store)]);
    }
    let mut dice = Dice::new(7);
    for fault in 0..FAULTS {
        city.supervise();
        city.hand_out(&bucket(STORES[fault as usize % STORES.len()]));
        rest(Duration::from_millis(100 + dice.below(500)));
        city.suffer(&mut dice);
    }
    city.calm();
    let queue = city.bureau().queue_url();
    for store in STORES {
        city.bureau().ok(&["ingest", &bucket(store), "--queue", &queue, "--wait"]);
    }
    city.wait_for_service();
    println!("suffered: {:#?}\nended by themselves: {:?}", city.suffered, city.ended);

    let (here, there) = (contents(alone.path(), "sqlite://reelproof.db"), city.contents());
    assert!(here.as_array().unwrap().len() > 200, "a whole month");
    assert!(here == there, "{}\n{}", difference("", &here, &there), city.logs());
    let here = judged(|asked| city.alone(alone.path(), asked));
    for ((what, here), (_, there)) in here.into_iter().zip(judged(|asked| city.bureau().ok(asked))) {
        assert!(here == there, "{what}: {}", difference("", &here, &there));
        assert_ne!(here, json!(null), "{what}");
    }
    for worker in 1..3 {
        assert_eq!(city.hosts[worker].stop(), Some(0), "{}", city.hosts[worker].log());
    }
}
