//! What is made of footage: previews and stills, held against `ffprobe`.

use std::fs::{self, File};
use std::io::Cursor;
use std::process::Command;

use catalog::MediaTime;
use catalog::derivative::{DeriveRequest, Derived, Grid, Label, Treatment};
use catalog::observation::{ProblemCode, StreamKind};
use media::derive::derive;

use crate::support::{Studio, ffprobe, media_folder, read, stream};

const SHA256: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/// Makes something of a file's bytes, into a file of the studio.
fn make(studio: &Studio, bytes: &[u8], request: &DeriveRequest, name: &str) -> Derived {
    let out = File::create(studio.path(name)).unwrap();
    derive(Cursor::new(bytes.to_vec()), bytes.len() as u64, request, out)
}

/// The earliest moment of picture and sound.
fn origin(bytes: &[u8]) -> MediaTime {
    let report = read(bytes);
    report.streams.iter().filter_map(|stream| stream.start_us).min().unwrap_or(MediaTime::ZERO)
}

fn preview(studio: &Studio, bytes: &[u8], name: &str) -> Derived {
    let request = DeriveRequest::Preview { origin_us: origin(bytes), label: Label::of(SHA256) };
    make(studio, bytes, &request, name)
}

/// A field of the first stream of a kind (`v`, `a`) of a file, or of the file (`format`).
fn field(studio: &Studio, name: &str, of: &str, field: &str) -> String {
    let mut command = Command::new("ffprobe");
    command.args(["-v", "error", "-of", "default=nk=1:nw=1"]);
    if of == "format" {
        command.args(["-show_entries", &format!("format{field}")]);
    } else {
        command.args(["-select_streams", of, "-show_entries", &format!("stream{field}")]);
    }
    let output = command.arg(studio.path(name)).output().unwrap();
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// Times of all frames that can be decoded, in seconds.
fn shown(studio: &Studio, name: &str, of: &str) -> Vec<f64> {
    let output = Command::new("ffprobe")
        .args(["-v", "error", "-select_streams", of, "-show_entries", "frame=pts_time", "-of", "csv=p=0"])
        .arg(studio.path(name))
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.stderr.is_empty(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    text.lines().filter_map(|line| line.trim_end_matches(',').parse().ok()).collect()
}

/// When the packets of the picture are decoded and shown, in the file's own ticks.
fn packet_times(studio: &Studio, name: &str) -> Vec<(i64, i64)> {
    let output = Command::new("ffprobe")
        .args(["-v", "error", "-select_streams", "v", "-show_entries", "packet=dts,pts", "-of", "csv=p=0"])
        .arg(studio.path(name))
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let number = |field: Option<&str>| field.unwrap().trim().parse::<i64>().unwrap();
    text.lines()
        .map(|line| {
            let mut fields = line.split(',');
            let shown = number(fields.next());
            (number(fields.next()), shown)
        })
        .collect()
}

#[test]
fn what_browsers_play_is_copied_with_every_packet_at_its_time() {
    let Some(studio) = Studio::open() else { return };
    studio.clip("clip.mp4");
    for (arguments, name) in [
        ("", "clip.ts"),
        ("-mpegts_m2ts_mode 1", "clip.m2ts"),
        ("-c:v libx264 -bf 0 -g 50", "in order.mkv"),
        // Matroska does not say when pictures are decoded that are shown in another order.
        ("", "clip.mkv"),
        ("-c:v libx264 -bf 8 -b_strategy 0 -b-pyramid normal -g 40 -refs 5", "pyramid.mkv"),
        ("-c:v libx264 -bf 2 -b_strategy 0 -g 25 -x264-params open-gop=1", "open.mkv"),
        ("", "clip.flv"),
        ("", "again.mp4"),
        ("-movflags frag_keyframe+empty_moov", "fragments.mp4"),
        ("-output_ts_offset 40", "late.ts"),
    ] {
        let bytes = studio.ffmpeg(&format!("-i clip.mp4 -c copy {arguments}"), name);
        let derived = preview(&studio, &bytes, "preview.mp4");
        let copied = (Some(Treatment::Copied), Some(Treatment::Copied));
        assert_eq!((derived.video, derived.audio), copied, "{name}: {derived:?}");
        let report = read(&bytes);
        let origin_us = origin(&bytes).0;
        let made = ffprobe(&studio.path("preview.mp4"));
        for (track, kind) in [(0, StreamKind::Video), (1, StreamKind::Audio)] {
            let index = stream(&report, kind);
            let (packets, keyframes, first_us, _) = made[&track];
            assert_eq!((packets, keyframes), (index.packets, index.keyframes), "{name} {kind}");
            let expected = index.start_us.unwrap().0 - origin_us;
            assert!(
                (first_us.unwrap() - expected).abs() <= 25,
                "{name} {kind}: {first_us:?}, not {expected}"
            );
        }
        let (ours, theirs) = (shown(&studio, "preview.mp4", "v"), shown(&studio, name, "v"));
        assert_eq!(ours.len(), 250, "{name}: every picture can be decoded");
        let origin_s = origin_us as f64 / 1e6;
        for (ours, theirs) in ours.iter().zip(&theirs) {
            assert!(
                (ours - (theirs - origin_s)).abs() < 0.002,
                "{name}: {ours} for {theirs} after {origin_s}"
            );
        }
        let times = packet_times(&studio, "preview.mp4");
        assert!(times.windows(2).all(|pair| pair[0].0 < pair[1].0), "{name}: decoding goes back: {times:?}");
        assert!(times.iter().all(|(decoded, shown)| decoded <= shown), "{name}: decoded too late: {times:?}");
        let comment = field(&studio, "preview.mp4", "format", "_tags=comment");
        assert_eq!(comment, format!("derivative of sha256:{SHA256}, not evidence"), "{name}");
    }
}

#[test]
fn what_browsers_do_not_play_is_encoded_at_its_time_and_no_higher_than_720_lines() {
    let Some(studio) = Studio::open() else { return };
    let source =
        |size: &str| format!("-f lavfi -i testsrc2=s={size}:r=25:d=4 -f lavfi -i sine=r=44100:d=4 -shortest");
    for (arguments, name, size) in [
        (
            format!(
                "{} -c:v libx265 -preset ultrafast -x265-params log-level=none -c:a ac3",
                source("1920x1080")
            ),
            "a.mkv",
            "1280x720",
        ),
        (format!("{} -aspect 16:9 -c:v mpeg2video -c:a mp2", source("720x576")), "a.mpg", "1024x576"),
        (format!("{} -c:v mpeg2video -c:a pcm_s16le -ar 48000", source("640x480")), "a.mxf", "640x480"),
        (format!("{} -c:v mjpeg -c:a pcm_u8 -ar 6000 -ac 1", source("320x240")), "a.avi", "320x240"),
        (format!("{} -c:v libx264 -pix_fmt yuv422p -c:a aac -ac 6", source("320x240")), "a.ts", "320x240"),
    ] {
        let bytes = studio.ffmpeg(&arguments, name);
        let derived = preview(&studio, &bytes, "preview.mp4");
        assert_eq!((derived.video, derived.problem), (Some(Treatment::Encoded), None), "{name}");
        assert_eq!(field(&studio, "preview.mp4", "v", "=codec_name"), "h264", "{name}");
        assert_eq!(field(&studio, "preview.mp4", "a", "=codec_name"), "aac", "{name}");
        let made: Vec<_> =
            field(&studio, "preview.mp4", "v", "=width,height").lines().map(str::to_owned).collect();
        assert_eq!(made.join("x"), size, "{name}");
        let origin_s = origin(&bytes).0 as f64 / 1e6;
        let original = shown(&studio, name, "v");
        let preview = shown(&studio, "preview.mp4", "v");
        assert_eq!(preview.len(), original.len(), "{name}: {preview:?} of {original:?}");
        for (ours, theirs) in preview.iter().zip(&original) {
            assert!(
                (ours - (theirs - origin_s)).abs() < 0.002,
                "{name}: {ours} for {theirs} after {origin_s}"
            );
        }
        let heard = shown(&studio, "preview.mp4", "a");
        let length = heard.last().unwrap() - heard.first().unwrap();
        assert!((length - 4.0).abs() < 0.2, "{name}: {length} s of sound");
    }
}

#[test]
fn a_gap_and_a_late_sound_stay_where_they_are() {
    let Some(studio) = Studio::open() else { return };
    let bytes = studio.ffmpeg(
        "-f lavfi -i testsrc2=s=320x240:r=25:d=10 -itsoffset 2.5 -f lavfi -i sine=d=7 \
         -vf select='not(between(t\\,4\\,6))' -vsync vfr -c:v mpeg4 -c:a libmp3lame",
        "gap.mkv",
    );
    let derived = preview(&studio, &bytes, "preview.mp4");
    assert_eq!((derived.video, derived.audio), (Some(Treatment::Encoded), Some(Treatment::Encoded)));
    let pictures = shown(&studio, "preview.mp4", "v");
    assert!(pictures.iter().all(|at| !(4.001..5.999).contains(at)) && pictures.len() >= 198, "{pictures:?}");
    let sound = shown(&studio, "preview.mp4", "a");
    let first = sound.iter().copied().fold(f64::MAX, f64::min);
    assert!((first - 2.5).abs() < 0.06, "sound begins at {first}");
}

#[test]
fn a_picture_that_lies_on_its_side_is_set_upright() {
    let Some(studio) = Studio::open() else { return };
    studio.clip("clip.mp4");
    let bytes = studio.ffmpeg("-i clip.mp4 -c copy -metadata:s:v:0 rotate=90", "lying.mp4");
    let derived = preview(&studio, &bytes, "preview.mp4");
    let turned = field(&studio, "lying.mp4", "v", "_side_data=rotation");
    if turned.is_empty() {
        // This ffmpeg writes no matrix for that tag.
        assert_eq!(derived.video, Some(Treatment::Copied));
        return;
    }
    assert_eq!(derived.video, Some(Treatment::Encoded));
    assert_eq!(field(&studio, "preview.mp4", "v", "=width,height"), "240\n320");
}

#[test]
fn what_holds_no_picture_or_no_footage_is_said_and_nothing_is_made() {
    let Some(studio) = Studio::open() else { return };
    let sound = studio.ffmpeg("-f lavfi -i sine=d=1", "sound.wav");
    let code = |derived: Derived| derived.problem.map(|problem| problem.code);
    assert_eq!(code(preview(&studio, &sound, "preview.mp4")), Some(ProblemCode::NoVideo));
    let text = b"a text that is no footage at all, however long one looks at it".repeat(50);
    assert_eq!(code(preview(&studio, &text, "preview.mp4")), Some(ProblemCode::Unreadable));
    assert_eq!(code(preview(&studio, b"", "preview.mp4")), Some(ProblemCode::Empty));
    let clip = studio.clip("clip.mp4");
    let headless = &clip[..clip.len() / 2];
    assert_eq!(code(preview(&studio, headless, "preview.mp4")), Some(ProblemCode::NoIndex));
    let stills = DeriveRequest::Stills { at_us: vec![MediaTime(0)], grid: GRID, label: Label::of(SHA256) };
    assert_eq!(code(make(&studio, &sound, &stills, "stills.jpg")), Some(ProblemCode::NoVideo));
}

#[test]
fn hostile_bytes_cost_no_more_than_a_preview() {
    let Some(studio) = Studio::open() else { return };
    studio.clip("clip.mp4");
    for (arguments, name) in [
        ("-c copy", "clip.ts"),
        ("-c copy", "clip.mkv"),
        ("-c:v mpeg4 -c:a mp2", "clip.avi"),
        ("-c copy", "again.mp4"),
    ] {
        let whole = studio.ffmpeg(&format!("-i clip.mp4 {arguments}"), name);
        let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
        for round in 0..8 {
            let mut bytes = whole.clone();
            for _ in 0..200 {
                seed ^= seed << 13;
                seed ^= seed >> 7;
                seed ^= seed << 17;
                let at = usize::try_from(seed % bytes.len() as u64).unwrap();
                bytes[at] = seed.to_be_bytes()[0];
            }
            bytes.truncate(bytes.len() - bytes.len() * round / 16);
            let derived = preview(&studio, &bytes, "preview.mp4");
            assert!(derived.video.is_some() || derived.problem.is_some(), "{name}: {derived:?}");
            let at_us = (0..10).map(|s| MediaTime(s * 1_000_000)).collect();
            let request = DeriveRequest::Stills { at_us, grid: GRID, label: Label::of(SHA256) };
            let derived = make(&studio, &bytes, &request, "stills.jpg");
            assert!(!derived.tiles.is_empty() || derived.problem.is_some(), "{name}: {derived:?}");
        }
    }
}

const GRID: Grid = Grid { columns: 3, width: 160, height: 90 };

#[test]
fn stills_are_the_key_frames_at_or_before_and_say_what_they_are_of() {
    let Some(studio) = Studio::open() else { return };
    // Key frames every two seconds.
    studio.clip("clip.mp4");
    for (arguments, name) in [("", "again.mp4"), ("", "clip.ts"), ("", "clip.mkv")] {
        let bytes = studio.ffmpeg(&format!("-i clip.mp4 -c copy {arguments}"), name);
        let begin = stream(&read(&bytes), StreamKind::Video).start_us.unwrap().0;
        let at_us = [-5_000, 0, 1_999_000, 2_000_000, 7_100_000, 90_000_000];
        let at_us: Vec<_> = at_us.into_iter().map(|at| MediaTime(begin + at)).collect();
        let request = DeriveRequest::Stills { at_us, grid: GRID, label: Label::of(SHA256) };
        let derived = make(&studio, &bytes, &request, "stills.jpg");
        let times: Vec<i64> = derived.tiles.iter().map(|tile| tile.at_us.0 - begin).collect();
        assert_eq!(times, [0, 2_000_000, 6_000_000, 8_000_000], "{name}: each once");
        let places: Vec<_> =
            derived.tiles.iter().map(|tile| (tile.x, tile.y, tile.width, tile.height)).collect();
        assert_eq!(
            places,
            [(0, 0, 120, 90), (120, 0, 120, 90), (240, 0, 120, 90), (0, 90, 120, 90)],
            "{name}"
        );
        let jpeg = fs::read(studio.path("stills.jpg")).unwrap();
        let label = Label::of(SHA256);
        assert_eq!(&jpeg[..4], b"\xff\xd8\xff\xfe");
        assert_eq!(&jpeg[6..6 + label.as_str().len()], label.as_str().as_bytes());
        assert_eq!(field(&studio, "stills.jpg", "v", "=width,height"), "360\n180", "{name}");
        assert_eq!(shown(&studio, "stills.jpg", "v").len(), 1, "{name}: other programs read it");
    }
}

#[test]
fn real_footage_of_every_kind_has_a_preview_or_a_reason() {
    let (Some(folder), Some(studio)) = (media_folder(), Studio::open()) else { return };
    for (name, expected) in [
        // 4:4:4, which no browser plays.
        ("kwiver/h264_klv.ts", Treatment::Encoded),
        ("kwiver/h265_klv.ts", Treatment::Encoded),
        ("kwiver/aphill_klv_10s.ts", Treatment::Encoded),
        ("kwiver/aphill_240_1fps_crf32.mp4", Treatment::Copied),
        ("gopro/karma.mp4", Treatment::Copied),
        ("pims/bulk-water.mov", Treatment::Copied),
    ] {
        let bytes = fs::read(folder.join(name)).unwrap();
        let derived = preview(&studio, &bytes, "preview.mp4");
        assert_eq!((derived.video, &derived.problem), (Some(expected), &None), "{name}");
        let original = read(&bytes);
        let (made, index) =
            (read(&fs::read(studio.path("preview.mp4")).unwrap()), stream(&original, StreamKind::Video));
        let video = stream(&made, StreamKind::Video);
        let expected = index.start_us.unwrap().0 - origin(&bytes).0;
        assert!((video.start_us.unwrap().0 - expected).abs() < 50_000, "{name}: {:?}", video.start_us);
        let length = |stream: &catalog::observation::StreamIndex| {
            (stream.end_us.unwrap() - stream.start_us.unwrap()).0
        };
        assert!(
            (length(video) - length(index)).abs() < 1_100_000,
            "{name}: {} of {}",
            length(video),
            length(index)
        );
    }
}
