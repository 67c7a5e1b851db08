//! A run that is cut off anywhere, and repeated, ends in the same catalog.
#![allow(clippy::unwrap_used, reason = "in a test, what cannot be unwrapped is a failure")]

use std::fs;
use std::io::{BufRead, BufReader, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;
use tests::running::{signal, wait_for_progress};
use tests::{command, contents, has_ffmpeg, run_ok};

/// Files that take a moment to read: enough for a run to be caught in the middle.
const FILES: usize = 24;
const FREE_MB: u32 = 48;

/// A folder of `FILES` short clips, each followed by a `free` box that makes it large (a hole in the file,
/// so that it takes no room on the disk) and differs in its last byte.
fn footage() -> Option<TempDir> {
    if !has_ffmpeg() {
        return None;
    }
    let dir = TempDir::new().unwrap();
    let clip = dir.path().join("clip.mp4");
    let made = Command::new("ffmpeg")
        .args(["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=160x120:rate=10:duration=3"])
        .args([
            "-f",
            "lavfi",
            "-i",
            "sine=duration=3",
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-c:a",
            "aac",
        ])
        .arg(&clip)
        .status()
        .unwrap();
    assert!(made.success());
    let clip_bytes = fs::read(&clip).unwrap();
    fs::remove_file(clip).unwrap();
    let evidence = dir.path().join("evidence");
    fs::create_dir(&evidence).unwrap();
    for number in 0..FILES {
        let name = format!("BC1_310001_202405030{:05}_{number:03}.mp4", 90_000 + number);
        let mut file = fs::File::create(evidence.join(name)).unwrap();
        file.write_all(&clip_bytes).unwrap();
        file.write_all(&(FREE_MB << 20).to_be_bytes()).unwrap();
        file.write_all(b"free").unwrap();
        let end = clip_bytes.len() as u64 + u64::from(FREE_MB << 20) - 1;
        file.seek(SeekFrom::Start(end)).unwrap();
        file.write_all(&[u8::try_from(number + 1).unwrap()]).unwrap();
    }
    Some(dir)
}

/// What a run that watches a folder says next.
fn said(stdout: &mut impl BufRead) -> Value {
    let mut document = String::new();
    while !document.ends_with("\n}\n") {
        assert!(stdout.read_line(&mut document).unwrap() > 0, "it ended after {document:?}");
    }
    serde_json::from_str(&document).unwrap()
}

fn start(dir: &Path, catalog: &str) -> Child {
    command(dir)
        .args(["ingest", "evidence", "--catalog", catalog, "--parallel", "1"])
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
fn a_killed_run_and_the_same_command_end_in_the_same_catalog() {
    let Some(dir) = footage() else { return };
    run_ok(dir.path(), &["ingest", "evidence", "--catalog", "sqlite://whole.db"]);

    let mut killed = start(dir.path(), "sqlite://killed.db");
    wait_for_progress(&mut killed);
    signal(&killed, "-KILL");
    killed.wait().unwrap();
    let rest =
        run_ok(dir.path(), &["ingest", "evidence", "--catalog", "sqlite://killed.db", "--json"]).json();
    assert!(rest["unchanged"].as_u64().unwrap() >= 1, "what was committed before the kill is kept: {rest}");
    assert_eq!(rest["new"].as_u64().unwrap() + rest["unchanged"].as_u64().unwrap(), FILES as u64);
    assert_eq!(contents(dir.path(), "sqlite://killed.db"), contents(dir.path(), "sqlite://whole.db"));
}

#[test]
fn a_signal_drains_the_run_and_keeps_what_was_read() {
    let Some(dir) = footage() else { return };
    let mut stopped = start(dir.path(), "sqlite://stopped.db");
    wait_for_progress(&mut stopped);
    signal(&stopped, "-INT");
    assert_eq!(stopped.wait().unwrap().code(), Some(1), "a run that was stopped is not done");
    let rest =
        run_ok(dir.path(), &["ingest", "evidence", "--catalog", "sqlite://stopped.db", "--json"]).json();
    let (new, unchanged) = (rest["new"].as_u64().unwrap(), rest["unchanged"].as_u64().unwrap());
    assert_eq!(new + unchanged, FILES as u64);
    assert!(unchanged >= 1 && new >= 1, "stopped in the middle: {rest}");
}

#[test]
fn what_arrives_while_a_folder_is_watched_is_taken_in_and_a_signal_ends_it_in_order() {
    let Some(dir) = footage() else { return };
    let (waiting, arrived) = (dir.path().join("waiting"), dir.path().join("evidence/late"));
    fs::create_dir(&waiting).unwrap();
    fs::copy(
        fs::read_dir(dir.path().join("evidence")).unwrap().next().unwrap().unwrap().path(),
        waiting.join("a.mp4"),
    )
    .unwrap();
    let mut watching = command(dir.path())
        .args(["ingest", "evidence", "--watch", "--every", "1", "--json", "-q"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = BufReader::new(watching.stdout.take().unwrap());
    assert_eq!(said(&mut stdout)["new"], FILES as u64);
    // Whatever is there is whole: it is moved.
    fs::rename(&waiting, &arrived).unwrap();
    let second = said(&mut stdout);
    assert_eq!((&second["new"], &second["unchanged"]), (&1.into(), &(FILES as u64).into()), "{second}");
    signal(&watching, "-TERM");
    assert!(watching.wait().unwrap().success());
}
