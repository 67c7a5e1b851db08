//! A folder of real and of broken files goes through `reelproof ingest` whole: each object ends as
//! recorded or as quarantined with a reason, and what is known of the files holds.
#![allow(clippy::unwrap_used, reason = "in a test, what cannot be unwrapped is a failure")]

use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;
use tests::{media_folder, run, run_ok};

/// All files below a folder.
fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

#[test]
fn every_file_is_recorded_or_quarantined_with_a_reason_and_read_once() {
    let Some(media) = media_folder() else { return };
    let dir = TempDir::new().unwrap();
    let folder = media.canonicalize().unwrap();
    let args = ["ingest", folder.to_str().unwrap(), "--json"];
    let first = run_ok(dir.path(), &args).json();
    let all = files(&folder);
    assert_eq!(first["objects"], all.len() as u64);
    assert_eq!(first["new"], all.len() as u64);
    assert_eq!(first["failed"], 0);
    let quarantine = first["quarantine"].as_array().unwrap();
    assert_eq!(quarantine.len() as u64, first["quarantined"].as_u64().unwrap());
    for object in quarantine {
        let detail = object["detail"].as_str().unwrap();
        assert!(!detail.is_empty() && !detail.contains("signal"), "no child died: {object}");
    }
    // Nothing that plays is quarantined.
    let key = |object: &Value| object["object_key"].as_str().unwrap().to_owned();
    let unusable: Vec<String> = quarantine.iter().map(key).collect();
    for playable in [
        "gopro/karma.mp4",
        "androidx/mp4_sample_fragmented.mp4",
        "androidx/mp4_sample_mdat_too_long.mp4",
        "androidx/mp4_sample_malformed_free_box.mp4",
        "kwiver/aphill_klv_10s.ts",
        "forensics-samples/movie-hello.avi",
        "mp4parser/MOV00006.3gp",
    ] {
        assert!(!unusable.iter().any(|unusable| unusable == playable), "{playable}");
    }
    let size_bytes: u64 = all.iter().map(|file| file.metadata().unwrap().len()).sum();
    let read_bytes = first["bytes_read"].as_u64().unwrap();
    assert!(read_bytes * 100 <= size_bytes * 101, "{read_bytes} bytes read of {size_bytes}");

    let second = run_ok(dir.path(), &args).json();
    assert_eq!(second["unchanged"], all.len() as u64);
    assert_eq!(second["bytes_read"], 0);
    assert_eq!(second["quarantined"], first["quarantined"]);
}

fn probe(media: &Path, file: &str) -> Value {
    let path = media.join(file);
    assert!(path.exists(), "{file} is not in the folder");
    let dir = TempDir::new().unwrap();
    run(dir.path(), &["probe", path.canonicalize().unwrap().to_str().unwrap(), "--json"]).json()
}

fn video(probe: &Value) -> &Value {
    let streams = probe["streams"].as_array().unwrap();
    streams.iter().find(|stream| stream["kind"] == "video").expect("a video stream")
}

fn codes(probe: &Value) -> Vec<&str> {
    probe["problems"].as_array().unwrap().iter().map(|problem| problem["code"].as_str().unwrap()).collect()
}

#[test]
fn what_is_known_of_the_files_holds() {
    let Some(media) = media_folder() else { return };

    let fragmented = probe(&media, "androidx/mp4_sample_fragmented.mp4");
    assert!(fragmented["duration_us"].as_i64().unwrap() < 2_000_000, "one second, not 143165");

    let late = probe(&media, "androidx/mp4_bbb_800x640_768kbps_30fps_avc_2b_firstpts_10_sec.mp4");
    assert!(video(&late)["start_us"].as_i64().unwrap() >= 9_900_000);
    assert_eq!(video(&late)["gaps"], Value::Array(vec![]), "a late start is no gap");

    let aerial = probe(&media, "kwiver/aphill_240_1fps_crf32.mp4");
    assert_eq!(video(&aerial)["packets"], 310);
    assert_eq!(video(&aerial)["gaps"], Value::Array(vec![]), "a low frame rate is no gap");

    let phone = probe(&media, "forensics-samples/VID_20191220_170832.mp4");
    assert_eq!(phone["started_at_source"], "container");
    assert!(phone["started_at"].as_str().unwrap().starts_with("2019-12-21T04:08:"), "20:08 UTC in Shanghai");

    assert_eq!(codes(&probe(&media, "androidx/mp4_sample_mdat_too_long.mp4")), ["truncated"]);
    assert_eq!(codes(&probe(&media, "nom-exif/compatible-brands-fail.mov")), ["no_index"]);
    assert_eq!(codes(&probe(&media, "dji-srt/broken_empty.SRT")), ["empty"]);
    assert_eq!(probe(&media, "kwiver/h264_no_klv.ts")["telemetry"], Value::Array(vec![]));
    let karma = probe(&media, "gopro/karma.mp4");
    assert_eq!((&karma["container"], &video(&karma)["packets"]), (&Value::from("mp4"), &Value::from(362)));
}
