//! Files made on the spot: whole ones, of every container.

use std::fs;
use std::sync::atomic::Ordering;

use catalog::observation::StreamKind;
use media::{HEAD_BYTES, access, examine};

use crate::support::{Counting, Studio, codes, read, stream};

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
        assert_eq!(access(&bytes[..bytes.len().min(HEAD_BYTES)]), media::Access::Sequential);
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
    assert_eq!(access(&far[..HEAD_BYTES]), media::Access::Sparse);
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
