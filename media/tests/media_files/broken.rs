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

/// The last picture of a whole stream, filled up with zero words, as the standard allows, so that its last packet is
/// full. That is what a cut looks like from outside.
fn with_a_full_last_packet(whole: &[u8], pid: u16) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    let packets = bytes.chunks_exact_mut(188);
    let last = packets.rev().find(|packet| u16::from(packet[1] & 0x1f) << 8 | u16::from(packet[2]) == pid);
    let last = last.unwrap();
    assert_eq!(last[3] & 0x30, 0x30, "it is stuffed");
    let payload = last[5 + usize::from(last[4])..].to_vec();
    last[3] &= 0xdf;
    last[4..4 + payload.len()].copy_from_slice(&payload);
    let words = [0, 0, 3].into_iter().cycle();
    last[4 + payload.len()..].iter_mut().zip(words).for_each(|(byte, word)| *byte = word);
    let behind = 4 + payload.len();
    // Not a word that is cut short.
    let cut = (188 - behind) % 3;
    last[188 - cut..].fill(0);
    bytes
}

/// The last packet of this identifier that has a payload, without the time of arrival before it.
fn last_packet_of(bytes: &[u8], packet_bytes: usize, pid: u16) -> &[u8] {
    let mut packets = bytes.chunks_exact(packet_bytes).rev().map(|packet| &packet[packet_bytes - 188..]);
    let is_of = |packet: &&[u8]| {
        u16::from(packet[1] & 0x1f) << 8 | u16::from(packet[2]) == pid && packet[3] & 0x10 != 0
    };
    packets.find(is_of).unwrap()
}

/// Nothing in FFmpeg complains of a slice of H.265 that is cut.
#[test]
fn hevc_that_is_cut_between_two_packets_is_truncated_and_a_full_last_packet_alone_is_nothing() {
    let Some(studio) = Studio::open() else { return };
    let noise = "-f lavfi -i testsrc2=s=320x240:r=25:d=4,noise=alls=20:allf=t -c:v libx265 -preset ultrafast";
    for (arguments, name, packet_bytes) in [
        ("-x265-params log-level=none:keyint=50", "one-slice.ts", 188),
        ("-x265-params log-level=none:keyint=50:slices=2", "two-slices.ts", 188),
        ("-pix_fmt yuv420p10le -x265-params log-level=none:keyint=50", "ten-bits.ts", 188),
        ("-mpegts_m2ts_mode 1 -x265-params log-level=none:keyint=25", "hevc.m2ts", 192),
    ] {
        let whole = studio.ffmpeg(&format!("{noise} {arguments}"), name);
        let packets = whole.len() / packet_bytes;
        let is_told = |packet: usize| codes(&read(&whole[..packet * packet_bytes])).contains(&"truncated");
        assert!(!is_told(packets), "{name}");
        let (mut told, mut cut) = (0, 0);
        for packet in (1..=12).map(|part| packets * part / 13) {
            let pid = if packet_bytes == 192 { 0x1011 } else { 0x100 };
            let picture = last_packet_of(&whole[..packet * packet_bytes], packet_bytes, pid);
            if picture[3] & 0x20 == 0 {
                cut += 1;
                told += usize::from(is_told(packet));
            } else {
                // A picture ends with the packet: nothing is lost that could be told.
                assert!(!is_told(packet), "{name} {packet}");
            }
        }
        // One in 184 pictures fills its last packet by chance.
        assert!(cut >= 6 && told + 1 >= cut, "{name}: {told} of {cut}");
        if packet_bytes == 188 {
            let full = read(&with_a_full_last_packet(&whole, 0x100));
            assert_eq!(codes(&full), ["no_audio"], "{name}: {:?}", full.problems);
        }
    }
}

#[test]
fn zeros_in_bare_streams_of_pictures_are_damage_and_stuffing_between_units_is_not() {
    let Some(studio) = Studio::open() else { return };
    let noise = "-f lavfi -i testsrc2=s=640x480:r=25:d=3,noise=alls=30:allf=t";
    for (encoder, name) in [
        ("-c:v libx264 -preset ultrafast", "bare.264"),
        ("-c:v libx265 -preset ultrafast -x265-params log-level=none", "bare.265"),
    ] {
        let whole = studio.ffmpeg(&format!("{noise} {encoder}"), name);
        assert_eq!(codes(&read(&whole)), ["no_audio"], "{name}");
        let middle = whole.len() / 2;
        let mut wiped = whole.clone();
        wiped[middle..middle + 40_000].fill(0);
        let report = read(&wiped);
        assert_eq!(codes(&report), ["damaged", "no_audio"], "{name}: {:?}", report.problems);
        // Behind the last unit there is nothing that could have been wiped but footage.
        let zeros_behind = read(&[&whole[..], &vec![0; 50_000]].concat());
        assert!(codes(&zeros_behind).contains(&"damaged"), "{name}: {:?}", zeros_behind.problems);

        let unit = whole[middle..].windows(4).position(|four| four == [0, 0, 0, 1]).unwrap() + middle;
        let stuffed = [&whole[..unit], &vec![0; 50_000], &whole[unit..]].concat();
        assert_eq!(codes(&read(&stuffed)), ["no_audio"], "{name}");
    }
}

#[test]
fn mxf_that_is_cut_or_wiped_is_told_and_fill_is_not() {
    let Some(studio) = Studio::open() else { return };
    let source = "-f lavfi -i testsrc2=s=640x480:r=25:d=3,noise=alls=30:allf=t -f lavfi -i sine=r=48000:d=3";
    for (encoder, name) in [
        ("-c:v mpeg2video -b:v 30M -c:a pcm_s16le", "mpeg2.mxf"),
        ("-c:v libx264 -preset ultrafast -c:a pcm_s16le", "avc.mxf"),
        // A constant rate, with zeros where a picture needs less.
        (
            "-c:v mpeg2video -b:v 50M -minrate 50M -maxrate 50M -bufsize 4M -g 1 -c:a pcm_s16le",
            "constant.mxf",
        ),
    ] {
        let whole = studio.ffmpeg(&format!("{source} {encoder}"), name);
        assert_eq!(codes(&read(&whole)), [""; 0], "{name}");
        for cut in [whole.len() / 3, whole.len() * 4 / 5, whole.len() - 100] {
            let report = read(&whole[..cut]);
            assert!(codes(&report).contains(&"truncated"), "{name} {cut}: {:?}", report.problems);
        }
        for length in [20_000, 300_000] {
            let mut wiped = whole.clone();
            let middle = whole.len() / 2;
            wiped[middle..middle + length].fill(0);
            let report = read(&wiped);
            assert!(codes(&report).contains(&"damaged"), "{name} {length}: {:?}", report.problems);
        }
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
