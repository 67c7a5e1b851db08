//! Links that break, workers, the service and the servers killed, at random from a fixed seed: afterwards every object is in
//! the catalog exactly once, with the right digest, the log holds and continues what it was, and no work is left; nobody
//! repaired anything. `REELPROOF_FAULTS=300` asks for more of them.
#![allow(clippy::unwrap_used, reason = "in a test, what cannot be unwrapped is a failure")]

use std::collections::BTreeMap;
use std::process::Command;
use std::time::Duration;

use serde_json::json;
use sha2::{Digest as _, Sha256};
use tests::city::{City, Dice, bucket, rest};
use tests::has_ffmpeg;

/// How many faults, where nobody says.
const FAULTS: u32 = 24;

/// How many objects are put into the store before each fault, and how large they are at most.
const OBJECTS: u64 = 3;
const MOST_BYTES: u64 = 3 << 20;

/// What each host gets from the store: so slow that faults meet objects that are being read.
const STORE_BYTES_IN_S: u32 = 6_000_000;

/// A second of footage.
fn clip() -> Vec<u8> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("clip.mp4");
    let made = Command::new("ffmpeg")
        .args(["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=160x120:rate=10:duration=1"])
        .args(["-f", "lavfi", "-i", "sine=duration=1", "-c:v", "libx264", "-preset", "ultrafast"])
        .arg(&path)
        .status();
    assert!(made.unwrap().success());
    std::fs::read(path).unwrap()
}

/// The clip with an atom at its end that means nothing, and is in no other.
fn object(clip: &[u8], number: u64, free_bytes: u64) -> Vec<u8> {
    let mut bytes = clip.to_vec();
    bytes.extend(u32::try_from(free_bytes / 8 * 8 + 8).unwrap().to_be_bytes());
    bytes.extend(b"free");
    let words = (0..free_bytes / 8).map(|at| (at + (number << 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    bytes.extend(words.flat_map(u64::to_le_bytes));
    bytes
}

#[test]
fn after_whatever_broke_everything_is_there_once_and_right() {
    if !has_ffmpeg() {
        return;
    }
    let faults: u32 = std::env::var("REELPROOF_FAULTS").map_or(FAULTS, |count| count.parse().unwrap());
    let Some(mut city) = City::build(Some(STORE_BYTES_IN_S), false) else { return };
    let clip = clip();
    let mut dice = Dice::new(20_240_503);
    let mut digests = BTreeMap::new();
    city.bureau().ok(&["ingest", &bucket(""), "--queue", &city.bureau().queue_url()]);
    let checkpoint = city.bureau().dir().join("before");
    city.bureau().ok(&["log", "checkpoint", "--out", checkpoint.to_str().unwrap()]);
    city.supervise();

    for fault in 0..faults {
        for _ in 0..OBJECTS {
            let number = digests.len() as u64;
            let bytes = object(&clip, number, dice.below(MOST_BYTES));
            let key = format!("BC1_310001_20240503{number:06}_1.mp4");
            digests.insert(key.clone(), hex::encode(Sha256::digest(&bytes)));
            city.put(&key, bytes);
        }
        if fault % 2 == 0 {
            city.hand_out(&bucket(""));
        }
        rest(Duration::from_millis(100 + dice.below(500)));
        city.suffer(&mut dice);
        city.supervise();
    }
    city.calm();
    let hand_out = |city: &City, more: &[&str]| {
        city.bureau().ok(&[&["ingest", &bucket(""), "--queue", &city.bureau().queue_url()], more].concat())
    };
    hand_out(&city, &["--wait"]);
    city.wait_for_service();
    println!("suffered: {:#?}\nended by themselves: {:?}", city.suffered, city.ended);
    println!("bits turned over TLS and in the queue's messages: {:?}", city.corrupted());

    let mut found = BTreeMap::new();
    let rows = city.contents();
    // A line for each stream: picture and sound.
    assert_eq!(rows.as_array().unwrap().len(), 2 * digests.len(), "{}", city.logs());
    for row in rows.as_array().unwrap().iter().filter(|row| row[8] == 0) {
        // First version, first reading, and nothing wrong with it.
        assert_eq!(
            (&row[1], &row[2], &row[12]),
            (&1.into(), &1.into(), &json!(null)),
            "{row}\n{}\n{}",
            city.problems(row[0].as_str().unwrap()),
            city.logs()
        );
        let (key, digest) = (row[0].as_str().unwrap(), row[4].as_str().unwrap());
        assert_eq!(found.insert(key.to_owned(), digest.to_owned()), None, "{key}");
    }
    assert_eq!(found, digests);
    let again = hand_out(&city, &[]);
    let left = (&again["handed_out"], &again["waiting"], &again["unchanged"], &again["gone"]);
    assert_eq!(left, (&0.into(), &0.into(), &digests.len().into(), &0.into()), "{again}");
    // Nothing was ever taken for gone, altered or returned on the way.
    let events = "SELECT kind, count(*) FROM event WHERE kind NOT IN ('log_key', 'setting') GROUP BY kind";
    let events = city.database.ask(events).unwrap();
    assert_eq!(events.trim(), format!("observed|{}", digests.len()), "{}", city.logs());
    let verified = city.bureau().ok(&["log", "verify", "--checkpoint", checkpoint.to_str().unwrap()]);
    assert_eq!(verified["faults"], json!([]), "{verified}");
    for worker in 1..3 {
        assert_eq!(city.hosts[worker].stop(), Some(0), "{}", city.hosts[worker].log());
    }
}
