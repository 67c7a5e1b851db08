//! Bytes that changed after they were recorded: which, and when the footage in them is shown.

#![allow(clippy::unwrap_used, reason = "in a test, what cannot be unwrapped is a failure")]

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tests::{has_ffmpeg, run_ok};

const CHUNK_BYTES: u64 = 4 << 20;

/// Some 20 s of noise, which no codec makes small: more than five chunks.
fn make(file: &Path) {
    let made = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-f", "lavfi", "-i"])
        .arg("color=gray:size=320x240:rate=10:duration=20,noise=alls=90:allf=t:all_seed=3")
        .args(["-c:v", "mpeg4", "-qscale:v", "1", "-g", "10"])
        .arg(file)
        .status()
        .unwrap();
    assert!(made.success());
}

fn alterations(dir: &Path) -> Value {
    let mut printed = run_ok(dir, &["ingest", "evidence", "--json"]).json();
    printed["alterations"].take()
}

#[test]
fn an_altered_recording_is_told_with_the_bytes_and_the_seconds_that_changed() {
    if !has_ffmpeg() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    fs::create_dir(dir.join("evidence")).unwrap();
    let file = dir.join("evidence/BC1_310001_20240503090000_1.mp4");
    make(&file);
    let mut bytes = fs::read(&file).unwrap();
    let size_bytes = bytes.len() as u64;
    assert!(size_bytes > 5 * CHUNK_BYTES, "{size_bytes}");
    assert_eq!(alterations(dir), serde_json::json!([]));

    // The second and the fourth chunk.
    for at in [CHUNK_BYTES + 1000, 3 * CHUNK_BYTES + 2000] {
        bytes[usize::try_from(at).unwrap()] ^= 0x55;
    }
    fs::write(&file, &bytes).unwrap();
    let altered = alterations(dir);
    let [object] = &altered.as_array().unwrap()[..] else { panic!("{altered}") };
    assert_eq!((&object["version"], object["size_bytes"].as_u64()), (&Value::from(2), Some(size_bytes)));
    let ranges = object["ranges"].as_array().unwrap();
    assert_eq!(ranges.len(), 2, "{altered}");
    for (range, chunk) in ranges.iter().zip([1, 3]) {
        assert_eq!(range["start_byte"], chunk * CHUNK_BYTES);
        assert_eq!(range["end_byte"], (chunk + 1) * CHUNK_BYTES);
        // The bytes come evenly, so the place in the file says when they are shown, to half a second.
        for (name, at_chunk) in [("start_us", chunk), ("end_us", chunk + 1)] {
            let expected_us = 20_000_000 * at_chunk * CHUNK_BYTES / size_bytes;
            let found_us = range["span"][name].as_u64().unwrap();
            assert!(found_us.abs_diff(expected_us) < 500_000, "{name}: {found_us} and {expected_us}");
        }
    }

    // Bytes put in: all that follows is different, and so it is said.
    let at = usize::try_from(2 * CHUNK_BYTES).unwrap() + 5;
    bytes.splice(at..at, *b"inserted");
    fs::write(&file, &bytes).unwrap();
    let told = run_ok(dir, &["ingest", "evidence", "--lang", "en"]).stdout;
    assert!(told.contains("version 3"), "{told}");
    let expected = format!("within bytes {} to {}", 2 * CHUNK_BYTES, bytes.len());
    assert!(told.contains(&expected) && told.contains("to the end: bytes were put in"), "{told}");

    // Bytes taken away at the end.
    bytes.truncate(usize::try_from(3 * CHUNK_BYTES).unwrap());
    fs::write(&file, &bytes).unwrap();
    let told = run_ok(dir, &["ingest", "evidence", "--lang", "zh"]).stdout;
    assert!(told.contains("第 4 版") && told.contains("末尾部分已被删去"), "{told}");
}

#[test]
fn probe_says_how_finely_a_change_could_be_located() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("a.srt"), vec![b'x'; 9 << 20]).unwrap();
    let output = tests::run(dir.path(), &["probe", "a.srt", "--json"]).json();
    assert_eq!(output["chunks"], serde_json::json!({ "count": 3, "size_bytes": CHUNK_BYTES }));
    let output = tests::run(dir.path(), &["probe", "a.srt", "--json", "--no-hash"]).json();
    assert_eq!(output["chunks"], Value::Null);
}
