//! `reelproof ingest --inspect`: every recording is looked at once, and the audit is given what was seen.
#![allow(clippy::unwrap_used, reason = "in a test, what cannot be unwrapped is a failure")]

use std::path::Path;
use std::process::Command;

use catalog::inspection::Checked;
use catalog::store::{InspectionEntry, OpenMode, open};
use tempfile::TempDir;
use tests::{has_ffmpeg, run_ok};

/// 8 s of moving pictures with a tone; black from 2 s to 5 s, if asked for.
fn film(target: &Path, black: bool) {
    let cover = if black { ",drawbox=c=black:t=fill:enable='between(t,2,4.99)'" } else { "" };
    let picture = format!("testsrc2=s=160x120:r=10:d=8,noise=alls=8:allf=t{cover}");
    let ran = Command::new("ffmpeg")
        .args(["-v", "error", "-y", "-f", "lavfi", "-i", &picture])
        .args(["-f", "lavfi", "-i", "sine=f=440:r=16000:d=8", "-c:v", "libx264", "-preset", "ultrafast"])
        .args(["-g", "20", "-c:a", "aac", "-ac", "1"])
        .arg(target)
        .output()
        .expect("ffmpeg runs");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
}

async fn inspections(dir: &Path, key: &str) -> Vec<InspectionEntry> {
    let url = format!("sqlite://{}", dir.join("reelproof.db").display());
    open(&url, OpenMode::Existing).await.unwrap().inspections(key).await.unwrap()
}

#[tokio::test]
async fn each_version_is_looked_at_once_and_what_cannot_be_decoded_is_an_observation() {
    if !has_ffmpeg() {
        return;
    }
    let dir = TempDir::new().unwrap();
    let store = dir.path().join("store");
    std::fs::create_dir(&store).unwrap();
    film(&store.join("a.mp4"), true);
    // The index is whole, what it points to is not: the file is taken in, and cannot be decoded.
    let mut bytes = std::fs::read(store.join("a.mp4")).unwrap();
    let payload = bytes.windows(4).position(|four| four == b"mdat").unwrap() + 4;
    let index = bytes.windows(4).position(|four| four == b"moov").unwrap() - 4;
    for (byte, salt) in bytes[payload..index].iter_mut().zip((0u8..=250).cycle()) {
        *byte = byte.wrapping_mul(31) ^ salt;
    }
    std::fs::write(store.join("noise.mp4"), bytes).unwrap();
    std::fs::write(store.join("letter.mp4"), "This is no video. ".repeat(100)).unwrap();

    let plain = run_ok(dir.path(), &["ingest", "store", "--json"]).json();
    assert_eq!((plain["new"].as_u64(), plain["inspected"].as_u64()), (Some(3), Some(0)), "{plain}");
    let first = run_ok(dir.path(), &["ingest", "store", "--inspect", "--json"]).json();
    let counts = (first["unchanged"].as_u64(), first["inspected"].as_u64(), first["failed"].as_u64());
    assert_eq!(counts, (Some(3), Some(2), Some(0)), "what is quarantined is not looked at: {first}");
    assert!(first["inspect_bytes_read"].as_u64() > Some(0));
    let again = run_ok(dir.path(), &["ingest", "store", "--inspect", "--json"]).json();
    assert_eq!(again["inspected"].as_u64(), Some(0), "{again}");

    let [seen] = inspections(dir.path(), "a.mp4").await.try_into().unwrap();
    assert_eq!((seen.inspection.video, seen.inspection.audio), (Checked::Done, Checked::Done));
    assert_eq!(seen.inspection.black.len(), 1, "{:?}", seen.inspection);
    assert_eq!(seen.options, analyzer::policy::Policy::built_in("jingan-2024").unwrap().inspect.options());
    let [broken] = inspections(dir.path(), "noise.mp4").await.try_into().unwrap();
    assert!(
        !broken.inspection.undecodable.is_empty() || broken.inspection.video == Checked::NotDecodable,
        "{:?}",
        broken.inspection
    );

    // Other bytes are another version, and other figures another look. The setting does what the flag does.
    film(&store.join("a.mp4"), false);
    std::fs::write(dir.path().join("reelproof.toml"), "[ingest]\ninspect = true\n").unwrap();
    let changed = run_ok(dir.path(), &["ingest", "store", "--json"]).json();
    assert_eq!((changed["altered"].as_u64(), changed["inspected"].as_u64()), (Some(1), Some(1)), "{changed}");
    let [_, clean] = inspections(dir.path(), "a.mp4").await.try_into().unwrap();
    assert_eq!((clean.version, clean.inspection.black.len()), (2, 0), "{clean:?}");
    let policy =
        include_str!("../../policies/jingan-2024.toml").replace("level_ppm = 3_162", "level_ppm = 10_000");
    std::fs::write(dir.path().join("stricter.toml"), policy).unwrap();
    let text = run_ok(dir.path(), &["ingest", "store", "--policy", "stricter.toml", "--lang", "zh"]).stdout;
    assert!(text.contains("画面声音检查 2 个录像"), "{text}");
}
