//! Broken footage, thousands of ways: whatever the bytes are, the run ends with status 0, every object
//! is recorded or quarantined with a reason, and the memory of the process that holds the catalog stays
//! bounded.
//!
//! Whole files (those of the media folder where there is one, and a few that ffmpeg makes) are mutated
//! by [`mutate`], deterministically, and taken in by the real binary in batches. What happens inside
//! FFmpeg's child is its own affair and is counted; that nothing of it reaches the parent is the test.
//!
//! `REELPROOF_MUTANTS=10000` asks for another number of files than the few hundred of a normal run, and
//! `REELPROOF_MUTANTS_SEED` for other ones. A file named in a failure is left where the message says.
#![allow(clippy::unwrap_used, reason = "in a test, what cannot be unwrapped is a failure")]

mod mutate;

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use mutate::{Random, Source, mutant};
use serde_json::Value;
use tempfile::TempDir;
use tests::{command, has_ffmpeg, media_folder, peak_memory_of};

/// Mutants of a normal run.
const MUTANTS: u64 = 200;
/// Mutants that one run of the binary takes in.
const BATCH: u64 = 100;
/// The most memory that the parent may ever have had.
const MAX_PARENT_BYTES: u64 = 256 << 20;
/// Files above this size are left out, so that many can be tried.
const MAX_SOURCE_BYTES: u64 = 5 << 20;

#[test]
fn every_mutant_gets_a_definite_verdict_and_the_run_goes_on() {
    let sources = sources();
    if sources.is_empty() {
        println!("skipped: there is neither a media folder nor the ffmpeg program");
        return;
    }
    let wanted = number("REELPROOF_MUTANTS").unwrap_or(MUTANTS);
    let seed = number("REELPROOF_MUTANTS_SEED").unwrap_or(1);
    let mut total = Total::default();
    let mut done = 0;
    while done < wanted {
        let count = BATCH.min(wanted - done);
        let dir = TempDir::new().unwrap();
        write_batch(&dir.path().join("evidence"), &sources, seed, done..done + count);
        let ran = take_in(dir.path());
        if let Err(what) = check(&ran, count) {
            let kept = dir.keep();
            panic!("{what}\nthe files are in {}\n{}\n{}", kept.display(), ran.stdout, ran.stderr);
        }
        total.add(&ran);
        done += count;
        println!("{done} of {wanted} mutants of {} files, seed {seed}: {total}", sources.len());
    }
}

fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable}={text} is not a number")))
}

/// What can be mutated: the media folder, and what ffmpeg makes.
fn sources() -> Vec<Source> {
    let mut files = Vec::new();
    if let Some(folder) = media_folder() {
        collect(&folder, &mut files);
    }
    let made = TempDir::new().unwrap();
    if has_ffmpeg() {
        make_footage(made.path());
        collect(made.path(), &mut files);
    }
    files.sort_by(|a, b| a.file_name().cmp(&b.file_name()));
    files.iter().map(|path| Source::read(path)).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let metadata = fs::metadata(entry.path()).unwrap();
        if metadata.is_dir() {
            collect(&entry.path(), files);
        } else if (1..=MAX_SOURCE_BYTES).contains(&metadata.len()) {
            files.push(entry.path());
        }
    }
}

/// Three seconds of picture and sound in every container that devices write.
fn make_footage(folder: &Path) {
    let layouts: [(&str, &[&str]); 8] = [
        ("moov-last.mp4", &[]),
        ("moov-first.mp4", &["-movflags", "+faststart"]),
        ("fragmented.mp4", &["-movflags", "+frag_keyframe+empty_moov"]),
        ("quicktime.mov", &[]),
        ("transport.ts", &[]),
        ("bluray.m2ts", &["-mpegts_m2ts_mode", "1"]),
        ("matroska.mkv", &[]),
        ("interleaved.avi", &[]),
    ];
    let first = folder.join(layouts[0].0);
    ffmpeg(&[
        "-f",
        "lavfi",
        "-i",
        "testsrc2=size=160x120:rate=10:duration=3",
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
        first.to_str().unwrap(),
    ]);
    for (name, options) in &layouts[1..] {
        let path = folder.join(name);
        let mut arguments = vec!["-i", first.to_str().unwrap(), "-c", "copy"];
        arguments.extend(*options);
        arguments.push(path.to_str().unwrap());
        ffmpeg(&arguments);
    }
}

fn ffmpeg(arguments: &[&str]) {
    let made = Command::new("ffmpeg").args(["-nostdin", "-v", "error"]).args(arguments).output().unwrap();
    assert!(made.status.success(), "{arguments:?}\n{}", String::from_utf8_lossy(&made.stderr));
}

/// Writes mutants with these numbers. Each depends on the seed and its own number alone, so that one can
/// be made again without the others.
fn write_batch(folder: &Path, sources: &[Source], seed: u64, numbers: std::ops::Range<u64>) {
    fs::create_dir(folder).unwrap();
    for number in numbers {
        let mut random = Random::new(seed, number);
        let (name, bytes) = mutant(sources, &mut random);
        fs::write(folder.join(format!("{number:06}-{name}")), bytes).unwrap();
    }
}

/// What a run of the binary said, and how much memory it had.
struct Ran {
    status: Option<i32>,
    stdout: String,
    stderr: String,
    peak_bytes: Option<u64>,
}

impl Ran {
    fn json(&self) -> Option<Value> {
        serde_json::from_str(&self.stdout).ok()
    }
}

/// Runs `ingest` on the batch. The peak of its memory is looked up whenever it writes a line of
/// progress, the last of which comes after the last object.
fn take_in(dir: &Path) -> Ran {
    let mut run = command(dir)
        .args(["ingest", "evidence", "--catalog", "sqlite://mutants.db", "--json"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = run.stdout.take().unwrap();
    let document = std::thread::spawn(move || {
        let mut text = String::new();
        stdout.read_to_string(&mut text).map(|_| text)
    });
    let (mut stderr, mut peak_bytes) = (String::new(), None);
    for line in BufReader::new(run.stderr.take().unwrap()).lines() {
        peak_bytes = peak_bytes.max(peak_memory_of(run.id()));
        stderr.push_str(&line.unwrap());
        stderr.push('\n');
    }
    let status = run.wait().unwrap().code();
    Ran { status, stdout: document.join().unwrap().unwrap(), stderr, peak_bytes }
}

fn check(ran: &Ran, count: u64) -> Result<(), String> {
    if ran.status != Some(0) {
        return Err(format!("the run ended with {:?}", ran.status));
    }
    let summary = ran.json().ok_or("no JSON document")?;
    let figure = |name: &str| summary[name].as_u64().ok_or(format!("no figure `{name}`"));
    if (figure("objects")?, figure("new")?, figure("failed")?) != (count, count, 0) {
        return Err(format!("not every one of {count} objects was recorded"));
    }
    let quarantine = summary["quarantine"].as_array().ok_or("no list of the quarantined")?;
    if quarantine.len() as u64 != figure("quarantined")? {
        return Err("the list of the quarantined is not complete".to_owned());
    }
    let explained =
        |object: &Value| ["object_key", "code", "detail"].iter().all(|name| has_text(object, name));
    if let Some(object) = quarantine.iter().find(|object| !explained(object)) {
        return Err(format!("quarantined without a reason: {object}"));
    }
    match ran.peak_bytes {
        Some(peak) if peak > MAX_PARENT_BYTES => Err(format!("the parent had {peak} bytes of memory")),
        None if cfg!(target_os = "linux") => Err("the parent's memory was never seen".to_owned()),
        _ => Ok(()),
    }
}

fn has_text(object: &Value, name: &str) -> bool {
    object[name].as_str().is_some_and(|text| !text.is_empty())
}

/// What happened in all batches.
#[derive(Default)]
struct Total {
    quarantined: u64,
    crashed: u64,
    timed_out: u64,
    misbehaved: u64,
    peak_bytes: u64,
    /// What is said of the objects on which a child came to a bad end.
    ends: Vec<String>,
}

impl Total {
    fn add(&mut self, ran: &Ran) {
        let summary = ran.json().unwrap_or_default();
        let figure = |value: &Value| value.as_u64().unwrap_or_default();
        self.quarantined += figure(&summary["quarantined"]);
        self.crashed += figure(&summary["children"]["crashed"]);
        self.timed_out += figure(&summary["children"]["timed_out"]);
        self.misbehaved += figure(&summary["children"]["misbehaved"]);
        self.peak_bytes = self.peak_bytes.max(ran.peak_bytes.unwrap_or_default());
        let quarantine = summary["quarantine"].as_array().into_iter().flatten();
        self.ends.extend(quarantine.filter_map(|object| {
            let detail = object["detail"].as_str()?;
            detail.contains("examining process").then(|| format!("{}: {detail}", object["object_key"]))
        }));
    }
}

impl std::fmt::Display for Total {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { quarantined, crashed, timed_out, misbehaved, .. } = self;
        write!(
            f,
            "{quarantined} quarantined, the others recorded; children: {crashed} crashed, {timed_out} timed out, \
             {misbehaved} misbehaved; the parent's memory peaked at {} MiB",
            self.peak_bytes >> 20
        )?;
        self.ends.iter().try_for_each(|end| write!(f, "\n  {end}"))
    }
}
