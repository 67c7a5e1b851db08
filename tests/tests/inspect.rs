//! `reelproof inspect` on footage with planted faults: each is found, right to one group of pictures, and
//! nothing else is.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;
use tests::{has_ffmpeg, media_folder, run, run_ok};

/// Edges may be wrong by one group of pictures.
const GROUP_US: i64 = 2_000_000;

fn ffmpeg(dir: &Path, args: &[&str]) {
    let ran = Command::new("ffmpeg")
        .args(["-v", "error", "-y"])
        .args(args)
        .current_dir(dir)
        .output()
        .expect("ffmpeg runs");
    assert!(ran.status.success(), "{args:?}\n{}", String::from_utf8_lossy(&ran.stderr));
}

/// 24 s of moving pictures and a tone: black from 5.32 to 8.72, frozen from 14 to 17.4, silent from 18 to 21.
fn planted(dir: &Path) {
    let filters = "[0:v]drawbox=c=black:t=fill:enable='between(t,5.3,8.69)',loop=loop=85:size=1:start=350[v];\
                   [1:a]volume=0:enable='between(t,18,21)'[a]";
    let picture = "testsrc2=s=320x240:r=25:d=24,noise=alls=8:allf=t";
    let arguments = [
        &["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", "sine=f=440:r=48000:d=24"][..],
        &["-filter_complex", filters, "-map", "[v]", "-map", "[a]", "-t", "24"],
        &["-c:v", "libx264", "-preset", "ultrafast", "-g", "50", "-sc_threshold", "0"],
        &["-c:a", "aac", "-ac", "1", "planted.mp4"],
    ];
    ffmpeg(dir, &arguments.concat());
}

fn inspect(dir: &Path, file: &str) -> Value {
    run_ok(dir, &["inspect", file, "--json"]).json()
}

fn spans(found: &Value, kind: &str) -> Vec<(i64, i64)> {
    let spans = found[kind].as_array().unwrap_or_else(|| panic!("no {kind} in {found}"));
    let edge = |span: &Value, name: &str| span[name].as_i64().expect("a time");
    spans.iter().map(|span| (edge(span, "start_us"), edge(span, "end_us"))).collect()
}

/// There is exactly one stretch of this kind, from about `start_us` to about `end_us`.
fn assert_one(found: &Value, kind: &str, start_us: i64, end_us: i64) {
    let spans = spans(found, kind);
    assert_eq!(spans.len(), 1, "{kind}: {found}");
    assert!((spans[0].0 - start_us).abs() <= GROUP_US, "{kind} begins at {}", spans[0].0);
    assert!((spans[0].1 - end_us).abs() <= GROUP_US, "{kind} ends at {}", spans[0].1);
}

#[test]
fn planted_stretches_are_found_in_every_container_and_nothing_else() {
    if !has_ffmpeg() {
        return;
    }
    let dir = TempDir::new().unwrap();
    planted(dir.path());
    for file in ["planted.mp4", "planted.ts", "planted.mkv", "planted.avi"] {
        if file != "planted.mp4" {
            ffmpeg(dir.path(), &["-i", "planted.mp4", "-c", "copy", file]);
        }
        let found = inspect(dir.path(), file);
        assert_one(&found, "black", 5_320_000, 8_720_000);
        assert_one(&found, "silent", 18_000_000, 21_000_000);
        // What is black stands still, too.
        let frozen = spans(&found, "frozen");
        let still: Vec<_> = frozen.iter().filter(|span| span.0 > 10_000_000).collect();
        assert_eq!(still.len(), 1, "{file}: {frozen:?}");
        assert!((still[0].0 - 14_000_000).abs() <= GROUP_US && (still[0].1 - 17_400_000).abs() <= GROUP_US);
        assert!(frozen.iter().all(|span| span.0 > 10_000_000 || (span.0 > 3_300_000 && span.1 < 10_800_000)));
        assert!(spans(&found, "undecodable").is_empty(), "{file}: {found}");
        assert_eq!((&found["video"], &found["audio"]), (&Value::from("done"), &Value::from("done")));
        let decoded = found["frames_decoded"].as_u64().unwrap();
        assert!(decoded < 500, "{file}: {decoded} of 600 pictures were decoded");
    }
}

#[test]
fn footage_that_is_whole_gives_nothing() {
    if !has_ffmpeg() {
        return;
    }
    let dir = TempDir::new().unwrap();
    // Low light, and a scene that does not move but for the noise of its sensor.
    for (file, picture) in [
        ("moving.mp4", "testsrc2=s=320x240:r=25:d=12"),
        ("dark.mp4", "testsrc2=s=320x240:r=25:d=12,eq=brightness=-0.35:contrast=0.5"),
        ("still.mp4", "color=c=gray:s=320x240:r=25:d=12,noise=alls=20:allf=t"),
    ] {
        ffmpeg(
            dir.path(),
            &["-f", "lavfi", "-i", picture, "-c:v", "libx264", "-preset", "ultrafast", "-g", "50", file],
        );
        let found = inspect(dir.path(), file);
        for kind in ["black", "frozen", "silent", "undecodable"] {
            assert!(spans(&found, kind).is_empty(), "{file}: {found}");
        }
        assert_eq!(found["audio"], "absent", "{file}");
        let decoded = found["frames_decoded"].as_u64().unwrap();
        assert!(decoded <= 20, "{file}: {decoded} of 300 pictures were decoded");
        assert_eq!(found["duration_us"], 12_000_000);
    }
}

#[test]
fn rare_key_frames_hide_nothing() {
    if !has_ffmpeg() {
        return;
    }
    let dir = TempDir::new().unwrap();
    let picture = "testsrc2=s=320x240:r=25:d=20,drawbox=c=black:t=fill:enable='between(t,3.3,5.69)'";
    let arguments = [
        "-f",
        "lavfi",
        "-i",
        picture,
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-g",
        "250",
        "-sc_threshold",
        "0",
        "rare.mkv",
    ];
    ffmpeg(dir.path(), &arguments);
    let found = inspect(dir.path(), "rare.mkv");
    let black = spans(&found, "black");
    assert_eq!(black.len(), 1, "{found}");
    assert!(
        (black[0].0 - 3_320_000).abs() <= 40_000 && (black[0].1 - 5_720_000).abs() <= 40_000,
        "{black:?}"
    );
}

#[test]
fn overwritten_packets_are_undecodable() {
    if !has_ffmpeg() {
        return;
    }
    let dir = TempDir::new().unwrap();
    let picture = "testsrc2=s=320x240:r=25:d=20,noise=alls=8:allf=t";
    ffmpeg(
        dir.path(),
        &["-f", "lavfi", "-i", picture, "-c:v", "libx264", "-preset", "ultrafast", "-g", "50", "whole.mp4"],
    );
    let mut bytes = std::fs::read(dir.path().join("whole.mp4")).unwrap();
    let (from, to) = (bytes.len() / 2, bytes.len() * 7 / 10);
    bytes[from..to].fill(0);
    std::fs::write(dir.path().join("holed.mp4"), bytes).unwrap();
    let found = inspect(dir.path(), "holed.mp4");
    assert_one(&found, "undecodable", 10_000_000, 14_000_000);
    assert!(spans(&found, "black").is_empty(), "{found}");
}

#[test]
fn a_black_and_silent_file_is_so_throughout() {
    let Some(media) = media_folder() else { return };
    let file = media.join("androidx/mp4_silent-black-10s.mp4").canonicalize().unwrap();
    let dir = TempDir::new().unwrap();
    let found = inspect(dir.path(), file.to_str().unwrap());
    for kind in ["black", "silent"] {
        assert_one(&found, kind, 0, 10_000_000);
    }
    for (lang, words) in [("zh", ["黑屏或遮挡", "静音"]), ("en", ["black", "silent"])] {
        let text = run_ok(dir.path(), &["inspect", file.to_str().unwrap(), "--lang", lang]).stdout;
        assert!(words.iter().all(|word| text.contains(word)), "{text}");
    }
}

#[test]
fn what_is_no_footage_is_evidence_that_does_not_hold() {
    let dir = TempDir::new().unwrap();
    std::fs::write(dir.path().join("letter.mp4"), "This is no video. ".repeat(100)).unwrap();
    let ran = run(dir.path(), &["inspect", "letter.mp4", "--json"]);
    assert_eq!(ran.status, 3, "{}", ran.stderr);
    assert_eq!(ran.json()["problems"][0]["code"], "unreadable");
    assert_eq!(run(dir.path(), &["inspect", "nothing.mp4"]).status, 2);
}
