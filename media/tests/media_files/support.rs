//! What the tests share: sources that count, the oracle, real files, and a folder to make files in.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use catalog::observation::{StreamIndex, StreamKind};
use media::{ByteRange, MediaReport, examine};

/// Counts the bytes that are read, and the seeks.
#[derive(Clone)]
pub(crate) struct Counting {
    pub(crate) bytes: Cursor<Arc<[u8]>>,
    pub(crate) read: Arc<AtomicU64>,
    pub(crate) seeks: Arc<AtomicU64>,
}

impl Counting {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self { bytes: Cursor::new(bytes.into()), read: Arc::default(), seeks: Arc::default() }
    }
}

impl Read for Counting {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.bytes.read(buffer)?;
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

impl Seek for Counting {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.seeks.fetch_add(1, Ordering::Relaxed);
        self.bytes.seek(to)
    }
}

/// The runs of 4 KiB of zeros and more, as the reader of all bytes would find them.
pub(crate) fn zero_runs(bytes: &[u8]) -> Vec<ByteRange> {
    let mut runs = Vec::new();
    let mut start = 0;
    for (i, &byte) in bytes.iter().chain([&1]).enumerate() {
        if byte != 0 {
            if i - start >= 4096 {
                runs.push(ByteRange { start: start as u64, end: i as u64 });
            }
            start = i + 1;
        }
    }
    runs
}

pub(crate) fn read(bytes: &[u8]) -> MediaReport {
    let examination = examine(Cursor::new(bytes.to_vec()), bytes.len() as u64);
    // It may travel before it is completed.
    let sent = serde_json::to_string(&examination).unwrap();
    let examination: media::Examination = serde_json::from_str(&sent).unwrap();
    examination.report(&zero_runs(bytes))
}

pub(crate) fn codes(report: &MediaReport) -> Vec<&'static str> {
    let mut codes: Vec<_> = report.problems.iter().map(|problem| problem.code.as_str()).collect();
    codes.dedup();
    codes
}

pub(crate) fn stream(report: &MediaReport, kind: StreamKind) -> &StreamIndex {
    report
        .streams
        .iter()
        .find(|stream| stream.kind == kind)
        .unwrap_or_else(|| panic!("no {kind} in {report:#?}"))
}

/// Packets, key frames, earliest and latest presentation time in microseconds.
pub(crate) type Count = (u64, u64, Option<i64>, Option<i64>);

pub(crate) fn counted(report: &MediaReport) -> BTreeMap<u32, Count> {
    let of = |s: &StreamIndex| {
        let last = s.end_us.map(|end| end.0 - s.interval_us.map_or(0, |interval| interval.0));
        (s.packets, s.keyframes, s.start_us.map(|start| start.0), last)
    };
    report.streams.iter().filter(|s| s.packets > 0).map(|s| (s.index, of(s))).collect()
}

pub(crate) fn installed(tool: &str) -> bool {
    let found =
        Command::new(tool).arg("-version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    if !found {
        eprintln!("skipped: `{tool}` is not installed");
    }
    found
}

pub(crate) fn ffprobe(file: &Path) -> BTreeMap<u32, Count> {
    let run = |entries: &str| {
        let output = Command::new("ffprobe")
            .args(["-v", "error", "-show_entries", entries, "-of", "json"])
            .arg(file)
            .output()
            .unwrap();
        serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap_or_default()
    };
    let mut bases = BTreeMap::new();
    for stream in run("stream=index,time_base")["streams"].as_array().into_iter().flatten() {
        let (num, den) = stream["time_base"].as_str().unwrap().split_once('/').unwrap();
        bases.insert(
            stream["index"].as_u64().unwrap(),
            (num.parse::<i128>().unwrap(), den.parse::<i128>().unwrap()),
        );
    }
    let mut counts: BTreeMap<u32, Count> = BTreeMap::new();
    for packet in run("packet=stream_index,pts,flags")["packets"].as_array().into_iter().flatten() {
        let stream = packet["stream_index"].as_u64().unwrap();
        let count = counts.entry(u32::try_from(stream).unwrap()).or_default();
        count.0 += 1;
        count.1 += u64::from(packet["flags"].as_str().unwrap().contains('K'));
        if let Some(pts) = packet["pts"].as_i64() {
            let (num, den) = bases[&stream];
            let scaled = i128::from(pts) * num * 1_000_000;
            let us = i64::try_from((scaled + scaled.signum() * (den / 2)) / den).unwrap();
            count.2 = Some(count.2.map_or(us, |first| first.min(us)));
            count.3 = Some(count.3.map_or(us, |last| last.max(us)));
        }
    }
    counts
}

/// Where the report and the oracle differ. A lone packet's end is its own length behind, and streams
/// without presentation times are not compared by time.
pub(crate) fn differences(report: &MediaReport, oracle: &BTreeMap<u32, Count>) -> Vec<String> {
    let ours = counted(report);
    let mut differences = Vec::new();
    for index in ours.keys().chain(oracle.keys()).collect::<std::collections::BTreeSet<_>>() {
        let (a, b) =
            (ours.get(index).copied().unwrap_or_default(), oracle.get(index).copied().unwrap_or_default());
        let timed = b.2.is_some();
        let same = (a.0, a.1) == (b.0, b.1) && (!timed || a.2 == b.2 && (a.0 == 1 || a.3 == b.3));
        if !same {
            differences.push(format!("stream {index}: {a:?}, ffprobe {b:?}"));
        }
    }
    differences
}

pub(crate) fn media_folder() -> Option<PathBuf> {
    let folder = std::env::var_os("REELPROOF_TEST_MEDIA").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/media")),
        PathBuf::from,
    );
    if !folder.is_dir() {
        eprintln!("skipped: there is no folder of real media at {}", folder.display());
        return None;
    }
    Some(folder)
}

pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

pub(crate) fn read_real(path: &str) -> Option<MediaReport> {
    Some(read(&fs::read(media_folder()?.join(path)).unwrap()))
}

/// A folder of footage made with `ffmpeg`, if it is there: `None` says so.
pub(crate) struct Studio(tempfile::TempDir);

impl Studio {
    pub(crate) fn open() -> Option<Self> {
        (installed("ffmpeg") && installed("ffprobe")).then(|| Self(tempfile::tempdir().unwrap()))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn ffmpeg(&self, arguments: &str, name: &str) -> Vec<u8> {
        let status = Command::new("ffmpeg")
            .current_dir(self.0.path())
            .args(["-v", "error", "-y"])
            .args(arguments.split_whitespace())
            .arg(name)
            .status()
            .unwrap();
        assert!(status.success(), "ffmpeg {arguments} {name}");
        fs::read(self.path(name)).unwrap()
    }

    /// Ten seconds with B-frames and sound.
    pub(crate) fn clip(&self, name: &str) -> Vec<u8> {
        self.ffmpeg(
            "-f lavfi -i testsrc2=s=320x240:r=25:d=10 -f lavfi -i sine=d=10 \
             -c:v libx264 -preset veryfast -bf 3 -g 50 -c:a aac -shortest",
            name,
        )
    }

    pub(crate) fn assert_as_ffprobe(&self, name: &str) -> MediaReport {
        let report = read(&fs::read(self.path(name)).unwrap());
        assert_eq!(differences(&report, &ffprobe(&self.path(name))), [""; 0], "{name}");
        report
    }
}
