//! Real files, and what is known of them.

use std::fs;

use catalog::observation::{ProblemCode, StreamKind};

use crate::support::{codes, differences, ffprobe, files, installed, media_folder, read, read_real, stream};

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
