//! Files made on the spot and then broken.

use std::fs;

use catalog::observation::{ProblemCode, StreamKind};

use crate::support::{Studio, codes, read, stream, zero_runs};

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

/// A transport stream has no end mark and its pictures do not state their length.
#[test]
fn an_mpeg_stream_that_is_cut_between_two_packets_is_truncated() {
    let Some(studio) = Studio::open() else { return };
    // Noise makes pictures of many packets, as those of the street are.
    studio.ffmpeg(
        "-f lavfi -i testsrc2=s=320x240:r=25:d=4,noise=alls=20:allf=t -c:v libx264 -preset veryfast -g 50",
        "noise.mp4",
    );
    for (arguments, name, packet_bytes) in [
        ("-c copy", "noise.ts", 188),
        ("-c copy -mpegts_m2ts_mode 1", "noise.m2ts", 192),
        ("-b:v 4M", "noise.mpg", 2048),
    ] {
        let whole = studio.ffmpeg(&format!("-i noise.mp4 {arguments}"), name);
        let packets = whole.len() / packet_bytes;
        let is_told = |packet: usize| codes(&read(&whole[..packet * packet_bytes])).contains(&"truncated");
        assert!(!is_told(packets), "{name}");
        // Where a picture ends with the packet nothing is lost that could be told.
        let told = (1..=12).filter(|part| is_told(packets * part / 13)).count();
        assert!(told >= 8, "{name}: {told} of 12");
    }
}

#[test]
fn footage_that_ends_without_its_last_page_tag_or_object_is_truncated() {
    let Some(studio) = Studio::open() else { return };
    studio.clip("clip.mp4");
    for (arguments, name) in
        [("-c copy", "clip.flv"), ("-c:v wmv2 -c:a wmav2", "clip.wmv"), ("-an -c:v libtheora", "clip.ogv")]
    {
        let whole = studio.ffmpeg(&format!("-i clip.mp4 {arguments}"), name);
        assert!(!codes(&read(&whole)).contains(&"truncated"), "{name}");
        for cut in [whole.len() / 2, whole.len() * 9 / 10, whole.len() - 300] {
            let report = read(&whole[..cut]);
            assert!(codes(&report).contains(&"truncated"), "{name} {cut}: {:?}", report.problems);
        }
    }
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
