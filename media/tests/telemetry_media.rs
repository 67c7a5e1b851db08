//! Telemetry of real files: within footage, and beside it. Skipped, and said so, where the folder of
//! real media is absent.

#![cfg(test)]

use std::io::Cursor;
use std::path::PathBuf;

use catalog::observation::{ProblemCode, SIDECAR_CONTAINERS};
use catalog::track::ClockKind;
use catalog::{Micros, WallTime};
use media::{Effort, MediaReport};

fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("REELPROOF_TEST_MEDIA")
        .map_or_else(|| concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/media").into(), PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: there is no folder {}; set REELPROOF_TEST_MEDIA", folder.display());
    None
}

fn read_with(name: &str, effort: Effort) -> Option<MediaReport> {
    let bytes = std::fs::read(folder()?.join(name)).unwrap();
    let size_bytes = bytes.len() as u64;
    Some(media::examine_with(Cursor::new(bytes), size_bytes, effort).report(&[]))
}

fn read(name: &str) -> Option<MediaReport> {
    read_with(name, Effort::Whole)
}

#[test]
fn st0601_in_a_transport_stream_says_when_and_where() {
    for name in ["kwiver/h264_klv.ts", "kwiver/h265_klv.ts"] {
        let Some(report) = read(name) else { return };
        let [summary] = &report.telemetry[..] else { panic!("{name}: {:?}", report.telemetry) };
        assert_eq!((summary.kind.as_str(), summary.samples, summary.supported), ("misb_st0601", 30, true));
        let [track] = &report.tracks[..] else { panic!("{name}") };
        assert_eq!((track.samples_read, track.units_with_position), (30, 30));
        assert_eq!(track.first_at, Some(WallTime::parse("2008-10-24T00:13:29.913Z").unwrap()));
        let clock = track.clock.unwrap();
        assert_eq!(clock.kind, ClockKind::Satellite);
        let off = (clock.zero_at - track.first_at.unwrap()).abs();
        assert!(off <= clock.error_us && clock.error_us < Micros::from_ms(50), "{name}: {clock:?}");
        assert!(off < Micros::from_ms(5), "{name}: {clock:?}");
    }
}

#[test]
fn a_set_that_is_not_supported_is_named_with_its_key() {
    let Some(report) = read("kwiver/aphill_klv_10s.ts") else { return };
    let [summary] = &report.telemetry[..] else { panic!("{:?}", report.telemetry) };
    assert_eq!((summary.kind.as_str(), summary.samples, summary.supported), ("klv", 300, false));
    assert!(summary.key.as_ref().unwrap().starts_with("060e2b34 02010101 0e010102"));
    assert!(report.tracks.is_empty());
    assert!(read("kwiver/h264_no_klv.ts").unwrap().telemetry.is_empty());
}

#[test]
fn gpmf_of_an_mp4_is_read_from_its_packets_alone() {
    let Some(report) = read("gopro/karma.mp4") else { return };
    let gpmf = report.telemetry.iter().find(|summary| summary.kind == "gpmf").unwrap();
    assert_eq!((gpmf.samples, gpmf.supported), (12, true), "payloads with points");
    let [track] = &report.tracks[..] else { panic!("{:?}", report.tracks.len()) };
    let first = &track.points[0];
    assert!(
        (first.lon_deg.unwrap() + 117.331).abs() < 0.001 && (first.lat_deg.unwrap() - 33.125).abs() < 0.001
    );
    assert!((track.thinning.unwrap().position_m - media::TOLERANCE.position_m).abs() < 1e-9);
    // Where little may be read, it is named and not read.
    let frugal = read_with("gopro/karma.mp4", Effort::Frugal).unwrap();
    let gpmf = frugal.telemetry.iter().find(|summary| summary.kind == "gpmf").unwrap();
    assert_eq!((gpmf.supported, frugal.tracks.len()), (false, 0));
    assert_eq!(frugal.streams, report.streams);
}

#[test]
fn every_subtitle_file_is_a_sidecar_with_samples() {
    let Some(folder) = folder() else { return };
    let mut seen = 0;
    for dir in ["dji-srt", "dji-srt/embedder"] {
        for entry in std::fs::read_dir(folder.join(dir)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if !name.to_lowercase().ends_with(".srt") {
                continue;
            }
            seen += 1;
            let report = read(&format!("{dir}/{name}")).unwrap();
            let codes: Vec<_> = report.problems.iter().map(|problem| problem.code).collect();
            if name == "broken_empty.SRT" {
                assert_eq!(codes, [ProblemCode::Empty]);
                continue;
            }
            assert_eq!(report.container.as_deref(), Some("srt"), "{name}: {:?}", report.problems);
            assert!(report.streams.is_empty() && report.duration_us.is_none());
            let [summary] = &report.telemetry[..] else { panic!("{name}: {:?}", report.telemetry) };
            assert!(summary.supported && summary.samples > 0, "{name}");
            let expected: &[_] = if name == "broken_incomplete.SRT" { &[ProblemCode::Damaged] } else { &[] };
            assert_eq!(codes, expected, "{name}: {:?}", report.problems);
        }
    }
    assert!(seen >= 17, "{seen}");
}

#[test]
fn logs_and_bare_gpmf_are_sidecars_too() {
    let Some(gpx) = read("mapillary/sf_30km_h.gpx") else { return };
    assert_eq!((gpx.container.as_deref(), gpx.telemetry[0].samples), (Some("gpx"), 49));
    let [track] = &gpx.tracks[..] else { panic!() };
    assert_eq!((track.clock, track.first_at.is_some()), (None, true), "it has no media time");
    let fusion = read("gopro-raw/Fusion.raw").unwrap();
    assert_eq!(fusion.container.as_deref(), Some("gpmf"));
    for report in [gpx, fusion] {
        assert!(report.problems.is_empty(), "{:?}", report.problems);
        assert!(SIDECAR_CONTAINERS.contains(&report.container.as_deref().unwrap()));
    }
}
