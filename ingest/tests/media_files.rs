//! The media reader against real files and against files made on the spot, with `ffprobe
//! -show_packets` as the oracle for counts and times.
//!
//! Real files come from the folder that `REELPROOF_TEST_MEDIA` names; files are made with the
//! `ffmpeg` command. What is not there is skipped, and said so.

// A test that cannot set its stage has to fail; helpers outside of test functions set it, too.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use catalog::observation::{ProblemCode, StreamIndex, StreamKind};
use ingest::media::{ByteRange, HEAD_BYTES, MediaReport, access, examine};

/// Counts the bytes that are read, and the seeks.
#[derive(Clone)]
struct Counting {
    bytes: Cursor<Arc<[u8]>>,
    read: Arc<AtomicU64>,
    seeks: Arc<AtomicU64>,
}

impl Counting {
    fn new(bytes: Vec<u8>) -> Self {
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
fn zero_runs(bytes: &[u8]) -> Vec<ByteRange> {
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

fn read(bytes: &[u8]) -> MediaReport {
    let examination = examine(Cursor::new(bytes.to_vec()), bytes.len() as u64);
    // It may travel before it is completed.
    let sent = serde_json::to_string(&examination).unwrap();
    let examination: ingest::media::Examination = serde_json::from_str(&sent).unwrap();
    examination.report(&zero_runs(bytes))
}

fn codes(report: &MediaReport) -> Vec<&'static str> {
    let mut codes: Vec<_> = report.problems.iter().map(|problem| problem.code.as_str()).collect();
    codes.dedup();
    codes
}

fn stream(report: &MediaReport, kind: StreamKind) -> &StreamIndex {
    report
        .streams
        .iter()
        .find(|stream| stream.kind == kind)
        .unwrap_or_else(|| panic!("no {kind} in {report:#?}"))
}

/// Packets, key frames, earliest and latest presentation time in microseconds.
type Count = (u64, u64, Option<i64>, Option<i64>);

fn counted(report: &MediaReport) -> BTreeMap<u32, Count> {
    let of = |s: &StreamIndex| {
        let last = s.end_us.map(|end| end.0 - s.interval_us.map_or(0, |interval| interval.0));
        (s.packets, s.keyframes, s.start_us.map(|start| start.0), last)
    };
    report.streams.iter().filter(|s| s.packets > 0).map(|s| (s.index, of(s))).collect()
}

fn installed(tool: &str) -> bool {
    let found =
        Command::new(tool).arg("-version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    if !found {
        eprintln!("skipped: `{tool}` is not installed");
    }
    found
}

fn ffprobe(file: &Path) -> BTreeMap<u32, Count> {
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
fn differences(report: &MediaReport, oracle: &BTreeMap<u32, Count>) -> Vec<String> {
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

fn media_folder() -> Option<PathBuf> {
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

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

fn read_real(path: &str) -> Option<MediaReport> {
    Some(read(&fs::read(media_folder()?.join(path)).unwrap()))
}

#[test]
fn every_readable_real_file_is_counted_as_ffprobe_counts_it() {
    let Some(folder) = media_folder().filter(|_| installed("ffprobe")) else { return };
    let mut wrong = Vec::new();
    for path in files(&folder) {
        let report = read(&fs::read(&path).unwrap());
        let name = path.strip_prefix(&folder).unwrap().display().to_string();
        assert_eq!(report.read_error, None, "{name}");
        let quarantined = report.problems.iter().any(|problem| problem.code.quarantines());
        assert!(!quarantined || report.streams.iter().all(|s| s.packets == 0), "{name}: {report:#?}");
        // Packets after the first unreadable one are not shown by the oracle.
        let cut = report.problems.iter().any(|problem| problem.code == ProblemCode::Truncated);
        let oracle = ffprobe(&path);
        // Where padding of an impossible size stands before the index, the oracle sees nothing at all.
        let beyond_oracle = oracle.is_empty() && codes(&report) == ["damaged"];
        // Subtitle files are telemetry here, and have no streams.
        let sidecar = report.streams.is_empty() && !report.telemetry.is_empty();
        if !quarantined && !cut && !beyond_oracle && !sidecar {
            wrong.extend(differences(&report, &oracle).iter().map(|d| format!("{name}: {d}")));
        }
        eprintln!("{name}: {:?} {:?}", report.container, codes(&report));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_is_no_media_is_unreadable_and_says_what_it_looks_like() {
    for (path, looks) in [("djmd-exiftool-json/air3s_g3j.json", "JSON"), ("README.md", "text")] {
        let Some(report) = read_real(path) else { return };
        assert_eq!((codes(&report), report.container.is_none()), (vec!["unreadable"], true), "{path}");
        assert!(report.problems[0].detail.contains(looks), "{path}: {:?}", report.problems);
    }
    assert_eq!(read_real("dji-srt/broken_empty.SRT").map(|report| codes(&report)), Some(vec!["empty"]));
}

#[test]
fn broken_real_files_get_their_verdict() {
    for (path, expected) in [
        ("androidx/mp4_sample_mdat_too_long.mp4", &["truncated"][..]),
        ("androidx/mp4_sample_malformed_free_box.mp4", &["damaged"]),
        ("androidx/mp4_sample_with_invalid_nalu.mp4", &["no_audio"]),
        ("mp4parse/chunk_out_of_range.mp4", &["unreadable"]),
        ("nom-exif/compatible-brands.mov", &["no_index"]),
        ("nom-exif/compatible-brands-fail.mov", &["no_index"]),
        ("70mai-fuzz/NO20191130-123556-000155.MP4", &["unreadable"]),
    ] {
        let Some(report) = read_real(path) else { return };
        assert_eq!(codes(&report), expected, "{path}: {:?}", report.problems);
    }
}

#[test]
fn known_facts_of_real_files_hold() {
    let Some(karma) = read_real("gopro/karma.mp4") else { return };
    assert!(
        karma.telemetry.iter().any(|t| t.kind == "gpmf" && t.samples == 12 && t.supported),
        "{:?}",
        karma.telemetry
    );
    assert!((karma.duration_us.unwrap().0 - 12_078_733).abs() < 50_000);

    let fragmented = read_real("androidx/mp4_sample_fragmented.mp4").unwrap();
    assert!(fragmented.duration_us.unwrap().0 < 1_200_000, "{fragmented:#?}");

    let late = read_real("androidx/mp4_bbb_800x640_768kbps_30fps_avc_2b_firstpts_10_sec.mp4").unwrap();
    let video = stream(&late, StreamKind::Video);
    assert_eq!((video.start_us.unwrap().0, video.gaps.len()), (10_000_000, 0));

    let aerial = read_real("kwiver/aphill_240_1fps_crf32.mp4").unwrap();
    let video = stream(&aerial, StreamKind::Video);
    assert_eq!((video.packets, video.gaps.len(), video.interval_us.unwrap().0), (310, 0, 1_000_000));
    assert_eq!(aerial.duration_us.unwrap().0, 310_000_000);

    let klv = read_real("kwiver/aphill_klv_10s.ts").unwrap();
    assert!(klv.telemetry.iter().any(|t| t.kind == "klv" && t.samples == 300), "{:?}", klv.telemetry);
    assert!(read_real("kwiver/h264_no_klv.ts").unwrap().telemetry.is_empty());

    let phone = read_real("forensics-samples/VID_20191220_170832.mp4").unwrap();
    assert!(phone.created_at.unwrap().to_string().starts_with("2019-12-21T04:08"), "{phone:#?}");
    let iphone = read_real("elodie/video.mov").unwrap();
    assert!(iphone.created_at.unwrap().to_string().starts_with("2015-12-1"), "{iphone:#?}");
}

/// A folder of footage made with `ffmpeg`, if it is there: `None` says so.
struct Studio(tempfile::TempDir);

impl Studio {
    fn open() -> Option<Self> {
        (installed("ffmpeg") && installed("ffprobe")).then(|| Self(tempfile::tempdir().unwrap()))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn ffmpeg(&self, arguments: &str, name: &str) -> Vec<u8> {
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
    fn clip(&self, name: &str) -> Vec<u8> {
        self.ffmpeg(
            "-f lavfi -i testsrc2=s=320x240:r=25:d=10 -f lavfi -i sine=d=10 \
             -c:v libx264 -preset veryfast -bf 3 -g 50 -c:a aac -shortest",
            name,
        )
    }

    fn assert_as_ffprobe(&self, name: &str) -> MediaReport {
        let report = read(&fs::read(self.path(name)).unwrap());
        assert_eq!(differences(&report, &ffprobe(&self.path(name))), [""; 0], "{name}");
        report
    }
}

#[test]
fn whole_files_of_every_container_have_no_problems_and_no_gaps() {
    let Some(studio) = Studio::open() else { return };
    studio.clip("clip.mp4");
    for (arguments, name) in [
        ("", "again.mp4"),
        ("-movflags +faststart", "first.mp4"),
        ("-movflags frag_keyframe+empty_moov", "fragments.mp4"),
        ("-movflags frag_keyframe", "half.mp4"),
        ("", "clip.mov"),
        ("", "clip.ts"),
        ("-mpegts_m2ts_mode 1", "clip.m2ts"),
        ("", "clip.mkv"),
        ("-live 1", "live.mkv"),
        ("", "clip.avi"),
        ("", "clip.flv"),
    ] {
        studio.ffmpeg(&format!("-i clip.mp4 -c copy {arguments}"), name);
        let report = studio.assert_as_ffprobe(name);
        assert_eq!(codes(&report), [""; 0], "{name}: {:?}", report.problems);
        let video = stream(&report, StreamKind::Video);
        assert_eq!((video.packets, video.gaps.len()), (250, 0), "{name}");
        assert!(
            (report.duration_us.unwrap().0 - 10_000_000).abs() < 150_000,
            "{name}: {:?}",
            report.duration_us
        );
    }
    studio.ffmpeg("-i clip.mp4 -c:v mpeg2video -c:a mp2", "clip.mpg");
    assert_eq!(codes(&studio.assert_as_ffprobe("clip.mpg")), [""; 0]);
}

#[test]
fn edit_lists_are_followed_as_ffprobe_follows_them() {
    let Some(studio) = Studio::open() else { return };
    studio.clip("clip.mp4");
    studio.ffmpeg("-ss 3.3 -i clip.mp4 -c copy", "cut.mp4");
    studio.ffmpeg("-i clip.mp4 -itsoffset 1.5 -i clip.mp4 -map 0:v -map 1:a -c copy", "late.mp4");
    studio.ffmpeg("-i clip.mp4 -c copy -movflags negative_cts_offsets", "negative.mp4");
    for name in ["cut.mp4", "late.mp4", "negative.mp4"] {
        studio.assert_as_ffprobe(name);
    }
}

#[test]
fn an_index_is_read_without_the_footage_wherever_it_stands() {
    let Some(studio) = Studio::open() else { return };
    studio.ffmpeg(
        "-f lavfi -i testsrc2=s=640x480:r=25:d=20,noise=alls=60:allf=t -f lavfi -i sine=d=20 -c:v mpeg4 -q:v 2 -c:a aac",
        "last.mp4",
    );
    studio.ffmpeg("-i last.mp4 -c copy -movflags +faststart", "first.mp4");
    for name in ["last.mp4", "first.mp4"] {
        let bytes = fs::read(studio.path(name)).unwrap();
        let size = bytes.len() as u64;
        let source = Counting::new(bytes);
        let report = examine(source.clone(), size).report(&[]);
        assert_eq!(stream(&report, StreamKind::Video).packets, 500);
        let read = source.read.load(Ordering::Relaxed);
        assert!(read * 200 < size, "{name}: {read} of {size} bytes were read");
        studio.assert_as_ffprobe(name);
    }
}

#[test]
fn stream_containers_are_read_once_and_never_sought_in() {
    let Some(studio) = Studio::open() else { return };
    studio.clip("clip.mp4");
    for (arguments, name) in [
        ("", "clip.ts"),
        ("", "clip.mkv"),
        ("", "clip.avi"),
        ("-movflags frag_keyframe+empty_moov", "fragments.mp4"),
    ] {
        let bytes = studio.ffmpeg(&format!("-i clip.mp4 -c copy {arguments}"), name);
        assert_eq!(access(&bytes[..bytes.len().min(HEAD_BYTES)]), ingest::media::Access::Sequential);
        let size = bytes.len() as u64;
        let source = Counting::new(bytes);
        examine(source.clone(), size);
        assert_eq!(
            (source.read.load(Ordering::Relaxed), source.seeks.load(Ordering::Relaxed)),
            (size, 0),
            "{name}"
        );
    }
}

#[test]
fn fragments_behind_a_far_head_are_walked_without_their_footage() {
    let Some(studio) = Studio::open() else { return };
    studio.clip("clip.mp4");
    let near =
        studio.ffmpeg("-i clip.mp4 -c copy -movflags frag_keyframe+empty_moov+default_base_moof", "near.mp4");
    let ftyp = usize::try_from(u32::from_be_bytes(near[..4].try_into().unwrap())).unwrap();
    let far = [&near[..ftyp], &40_000u32.to_be_bytes(), b"free", &vec![0; 39_992], &near[ftyp..]].concat();
    fs::write(studio.path("far.mp4"), &far).unwrap();
    assert_eq!(access(&far[..HEAD_BYTES]), ingest::media::Access::Sparse);
    let size = far.len() as u64;
    let source = Counting::new(far);
    examine(source.clone(), size);
    assert!(source.read.load(Ordering::Relaxed) * 4 < size);
    assert_eq!(codes(&studio.assert_as_ffprobe("far.mp4")), [""; 0]);
}

#[test]
fn a_gap_inside_a_file_is_found_where_it_is() {
    let Some(studio) = Studio::open() else { return };
    studio.ffmpeg(
        "-f lavfi -i testsrc2=s=160x120:r=25:d=4 -f lavfi -i sine=d=4 -c:v libx264 -preset ultrafast -g 25 -c:a aac",
        "part.ts",
    );
    fs::write(studio.path("list"), "file part.ts\nduration 11\nfile part.ts\n").unwrap();
    for name in ["gap.mp4", "gap.mkv", "gap.ts"] {
        studio.ffmpeg("-f concat -i list -c copy", name);
        let report = studio.assert_as_ffprobe(name);
        for kind in [StreamKind::Video, StreamKind::Audio] {
            let stream = stream(&report, kind);
            assert_eq!(stream.gaps.len(), 1, "{name}: {stream:?}");
            let (gap, origin) = (stream.gaps[0], stream.start_us.unwrap().0);
            assert!((gap.start_us.0 - origin - 4_000_000).abs() < 100_000, "{name}: {stream:?}");
            assert!((gap.end_us.0 - origin - 11_000_000).abs() < 100_000, "{name}: {stream:?}");
            assert!((stream.end_us.unwrap().0 - origin - 15_000_000).abs() < 100_000, "{name}: {stream:?}");
        }
    }
}

#[test]
fn uneven_frame_rates_are_no_gaps() {
    let Some(studio) = Studio::open() else { return };
    studio.ffmpeg(
        "-f lavfi -i testsrc2=s=160x120:r=30:d=12 -vf select='lt(t,4)+gt(t,4)*not(mod(n,3))+gt(t,8)*not(mod(n,7))' \
         -vsync vfr -c:v libx264 -preset ultrafast",
        "vfr.mp4",
    );
    assert!(stream(&studio.assert_as_ffprobe("vfr.mp4"), StreamKind::Video).gaps.is_empty());
}

#[test]
fn a_transport_clock_that_wraps_is_one_timeline() {
    let Some(studio) = Studio::open() else { return };
    studio.clip("clip.mp4");
    for offset in ["95438", "95440"] {
        studio.ffmpeg(&format!("-i clip.mp4 -c copy -output_ts_offset {offset}"), "wrap.ts");
        let report = studio.assert_as_ffprobe("wrap.ts");
        assert_eq!(codes(&report), [""; 0], "{:?}", report.problems);
        let video = stream(&report, StreamKind::Video);
        assert_eq!((video.packets, video.gaps.len()), (250, 0));
        assert!((report.duration_us.unwrap().0 - 10_000_000).abs() < 150_000);
    }
}

#[test]
fn a_clock_that_starts_anew_is_reported_and_laid_behind() {
    let Some(studio) = Studio::open() else { return };
    studio.clip("clip.mp4");
    let first = studio.ffmpeg("-i clip.mp4 -c copy -output_ts_offset 500", "first.ts");
    let second = studio.ffmpeg("-i clip.mp4 -c copy", "second.ts");
    let report = read(&[first, second].concat());
    assert_eq!(codes(&report), ["time_reset"], "{:?}", report.problems);
    let video = stream(&report, StreamKind::Video);
    assert_eq!((video.packets, video.gaps.len()), (500, 0));
    assert!((report.duration_us.unwrap().0 - 20_000_000).abs() < 300_000, "{:?}", report.duration_us);
}

#[test]
fn a_file_that_is_cut_anywhere_is_truncated() {
    let Some(studio) = Studio::open() else { return };
    studio.clip("clip.mp4");
    for (arguments, name) in [
        ("-movflags +faststart", "first.mp4"),
        ("", "clip.mkv"),
        ("", "clip.avi"),
        ("-movflags frag_keyframe+empty_moov", "fragments.mp4"),
    ] {
        let whole = studio.ffmpeg(&format!("-i clip.mp4 -c copy {arguments}"), name);
        for tenths in [2, 5, 8] {
            let cut = &whole[..whole.len() * tenths / 10 + 3];
            let report = read(cut);
            assert!(codes(&report).contains(&"truncated"), "{name} {tenths}: {:?}", report.problems);
            assert!(!report.problems.iter().any(|problem| problem.code.quarantines()), "{name} {tenths}");
            let (got, of) = (stream(&report, StreamKind::Video).packets, 250);
            assert!(got > 0 && got < of, "{name} {tenths}: {got}");
        }
    }
    let whole = studio.ffmpeg("-i clip.mp4 -c copy", "clip.ts");
    let report = read(&whole[..whole.len() / 188 / 2 * 188 + 77]);
    assert!(codes(&report).contains(&"truncated"), "{:?}", report.problems);

    let without_index = read(&fs::read(studio.path("clip.mp4")).unwrap()[..50_000]);
    assert!(codes(&without_index).contains(&"no_index"), "{:?}", without_index.problems);
}

#[test]
fn zeros_in_footage_are_damage_at_their_place() {
    let Some(studio) = Studio::open() else { return };
    studio.ffmpeg(
        "-f lavfi -i testsrc2=s=640x480:r=25:d=10,noise=alls=30:allf=t -f lavfi -i sine=d=10 -c:v libx264 -preset ultrafast -c:a aac",
        "big.mp4",
    );
    for (arguments, name) in [("", "big.mp4"), ("", "big.mkv"), ("", "big.ts"), ("", "big.avi")] {
        if name != "big.mp4" {
            studio.ffmpeg(&format!("-i big.mp4 -c copy {arguments}"), name);
        }
        let mut bytes = fs::read(studio.path(name)).unwrap();
        assert!(!codes(&read(&bytes)).contains(&"damaged"), "{name}");
        let middle = bytes.len() / 2;
        bytes[middle..middle + 40_000].fill(0);
        let report = read(&bytes);
        let told = report.problems.iter().any(|problem| {
            problem.code == ProblemCode::Damaged && problem.detail.contains("zeros, from 00:00:0")
        });
        assert!(told, "{name}: {:?}", report.problems);
    }
}

#[test]
fn plain_sound_may_be_silent() {
    let Some(studio) = Studio::open() else { return };
    studio.ffmpeg(
        "-f lavfi -i testsrc2=s=160x120:r=25:d=3 -f lavfi -i anullsrc=r=48000 -t 3 -c:v mjpeg -c:a pcm_s16le",
        "silent.avi",
    );
    studio.ffmpeg("-i silent.avi -c copy", "silent.mov");
    for name in ["silent.avi", "silent.mov"] {
        let bytes = fs::read(studio.path(name)).unwrap();
        assert!(!zero_runs(&bytes).is_empty());
        assert_eq!(codes(&studio.assert_as_ffprobe(name)), [""; 0], "{name}");
    }
}

#[test]
fn a_locked_file_is_encrypted() {
    let Some(studio) = Studio::open() else { return };
    studio.clip("clip.mp4");
    let key = "-encryption_scheme cenc-aes-ctr -encryption_key 00112233445566778899aabbccddeeff \
               -encryption_kid 00112233445566778899aabbccddeeff";
    let bytes = studio.ffmpeg(&format!("-i clip.mp4 -c copy {key}"), "locked.mp4");
    assert!(codes(&read(&bytes)).contains(&"encrypted"));
}

#[test]
fn mutated_files_get_some_verdict() {
    let Some(studio) = Studio::open() else { return };
    studio.clip("clip.mp4");
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let mut random = move |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below.max(1)
    };
    for name in ["clip.mp4", "clip.ts", "clip.mkv", "clip.avi"] {
        if name != "clip.mp4" {
            studio.ffmpeg("-t 2 -i clip.mp4 -c copy", name);
        }
        let whole = fs::read(studio.path(name)).unwrap();
        for _ in 0..40 {
            let mut bytes = whole.clone();
            // Heads and tails are where the structure is.
            for _ in 0..=random(20) {
                let near = random(20_000.min(bytes.len()));
                let at = if random(2) == 0 { near } else { bytes.len() - 1 - near };
                bytes[at] = u8::try_from(random(256)).unwrap();
            }
            bytes.truncate(bytes.len() - random(bytes.len() / 3));
            let report = read(&bytes);
            assert_eq!(report.read_error, None);
        }
    }
}
