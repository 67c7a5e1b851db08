//! The parsers against real recordings, with what is known about them. The folder is not part of the
//! project; where it is absent each test says that it was skipped.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use catalog::{MediaTime, WallTime};
use serde_json::Value;

use crate::dji_srt::{Order, OrderEvidence};
use crate::{ClockBasis, Fix, Kind, Packet, Position, Tolerance, Track, klv, parse, recognise, thin};

/// A file of the folder, or `None` and a message.
fn media(name: &str) -> Option<Vec<u8>> {
    let folder = std::env::var_os("REELPROOF_TEST_MEDIA").map_or_else(
        || Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/media")).into(),
        PathBuf::from,
    );
    let path = folder.join(name);
    let read = std::fs::read(&path);
    if read.is_err() {
        eprintln!("skipped: {} is not there (set REELPROOF_TEST_MEDIA)", path.display());
    }
    read.ok()
}

fn read(name: &str, kind: Kind) -> Option<Track> {
    let bytes = media(name)?;
    assert_eq!(recognise(name, &bytes), Some(kind), "{name}");
    Some(parse(kind, &bytes))
}

fn problems(track: &Track) -> Vec<String> {
    track.problems.iter().map(ToString::to_string).collect()
}

#[test]
fn every_generation_of_dji_subtitles_is_read() {
    let lon_lat = Some((Order::LonLat, OrderEvidence::Layout));
    let lat_lon = Some((Order::LatLon, OrderEvidence::Layout));
    let by_range = Some((Order::LonLat, OrderEvidence::Range));
    let by_home = Some((Order::LonLat, OrderEvidence::HomeDistance));
    // File, samples, how many have a position, how the order was decided, the first position.
    for (name, samples, with_position, order, first) in [
        ("dji-srt/MAVIC3.srt", 12_318, 12_318, None, Some((-3.3744, 3.41531))),
        ("dji-srt/air2s.srt", 17, 17, None, Some((2.234_156, 41.424_724))),
        ("dji-srt/matrice_300.srt", 381, 381, lat_lon, Some((-6.112, 36.6146))),
        ("dji-srt/mavic_air.SRT", 2, 0, None, None),
        ("dji-srt/mavic_mini.SRT", 117, 117, by_range, Some((-121.7458, 48.0771))),
        ("dji-srt/mavic_pro.SRT", 468, 468, by_range, Some((149.0251, -20.2533))),
        ("dji-srt/old_format.SRT", 468, 468, by_range, Some((149.0251, -20.2533))),
        ("dji-srt/p4_rtk.SRT", 55, 55, by_home, Some((-58.851_745, -34.237_922))),
        ("dji-srt/p4p_sample.SRT", 5, 5, lon_lat, Some((8.209, 47.4692))),
        ("dji-srt/embedder/examples_DJI_sample.SRT", 5, 5, None, Some((18.203_059, 59.302_335))),
        ("dji-srt/embedder/samples_Mini5PRO_clip.SRT", 5, 5, None, Some((6.460_719, 53.365_108))),
        ("dji-srt/embedder/samples_air3S_clip.SRT", 5, 5, None, Some((-84.176_16, 34.270_373))),
        ("dji-srt/embedder/samples_air3_clip.SRT", 2, 2, None, Some((18.2222, 59.1111))),
        ("dji-srt/embedder/samples_mini4pro_clip.SRT", 2, 2, None, Some((18.0, 59.0))),
        ("dji-srt/embedder/samples_neo2_clip.SRT", 5, 5, None, Some((13.753_860, 45.607_181))),
    ] {
        let Some(track) = read(name, Kind::DjiSrt) else { return };
        assert_eq!(problems(&track), Vec::<String>::new(), "{name}");
        assert_eq!((track.samples_read, track.units_with_position), (samples, with_position), "{name}");
        assert_eq!(track.coordinate_order.map(|decided| (decided.order, decided.evidence)), order, "{name}");
        let found = track.samples[0].position.map(|position| (position.lon_deg, position.lat_deg));
        assert_eq!(found, first, "{name}");
        assert!(track.samples.iter().all(|sample| sample.media_us.is_some()), "{name}");
    }
}

#[test]
fn broken_dji_subtitles_give_problems() {
    let Some(empty) = read("dji-srt/broken_empty.SRT", Kind::DjiSrt) else { return };
    assert_eq!(problems(&empty), ["line 1: there is nothing in it"]);
    let Some(cut) = read("dji-srt/broken_incomplete.SRT", Kind::DjiSrt) else { return };
    assert_eq!((cut.samples_read, cut.units_with_position), (20, 19));
    assert_eq!(problems(&cut), ["line 116: the position is missing, which the rest of the file has"]);
    assert_eq!(cut.samples[0].position, Position::new(-58.4563, -34.7383));
}

#[test]
fn a_clock_that_steps_by_two_seconds_is_no_gap_and_no_problem() {
    let Some(track) = read("dji-srt/mavic_pro.SRT", Kind::DjiSrt) else { return };
    let readings: Vec<WallTime> =
        track.samples.iter().filter_map(|sample| Some(sample.local_clock?.in_utc())).collect();
    let steps = readings.windows(2).filter(|pair| (pair[1] - pair[0]).0 == 2_000_000).count();
    assert_eq!(steps, 6);
    assert_eq!(track.problems, []);
    let estimate = track.start_estimate().unwrap();
    assert!(matches!(estimate.zero, ClockBasis::Local(_)), "{estimate:?}");
    assert!(estimate.error_us.0 < 3_000_000, "{estimate:?}");
}

#[test]
fn thinning_a_real_flight_makes_it_much_smaller() {
    let Some(track) = read("dji-srt/MAVIC3.srt", Kind::DjiSrt) else { return };
    let thinned = thin(&track.samples, &Tolerance::default());
    assert!(thinned.len() * 20 < track.samples.len(), "{} of {}", thinned.len(), track.samples.len());
}

#[test]
fn raw_gpmf_of_every_camera_is_read() {
    for (name, samples, fix) in [
        ("gopro-raw/Fusion.raw", 19, Fix::ThreeD),
        ("gopro-raw/hero5.raw", 18, Fix::ThreeD),
        ("gopro-raw/hero6.raw", 17, Fix::Absent),
        ("gopro-raw/hero6+ble.raw", 18, Fix::Absent),
        ("gopro-raw/hero7.raw", 308, Fix::ThreeD),
        ("gopro-raw/karma.raw", 4, Fix::ThreeD),
        ("gopro-raw/consecutive1.raw", 41, Fix::Absent),
        ("gopro-raw/consecutive2.raw", 59, Fix::Absent),
    ] {
        let Some(track) = read(name, Kind::Gpmf) else { return };
        assert_eq!(problems(&track), Vec::<String>::new(), "{name}");
        assert_eq!(track.samples_read, samples, "{name}");
        assert_eq!(track.samples[0].fix, Some(fix), "{name}");
        let placed = track.samples.iter().filter(|sample| sample.position.is_some()).count() as u64;
        assert_eq!(placed, if fix == Fix::Absent { 0 } else { samples }, "{name}");
        assert!(track.other.contains_key("ACCL"), "{name}: {:?}", track.other);
    }
    let Some(hero5) = read("gopro-raw/hero5.raw", Kind::Gpmf) else { return };
    let first = &hero5.samples[0];
    assert_eq!(first.at, WallTime::parse("2017-04-17T17:31:03Z").ok());
    assert_eq!(first.position, Position::new(-117.327_354_2, 33.126_496_9));
    assert!((first.altitude.unwrap().altitude_m + 20.184).abs() < 1e-9);
    assert_eq!(first.dop, Some(6.06));
}

#[test]
fn a_karma_drone_gives_its_autopilots_points() {
    let Some(bytes) = media("gopro/karma.mp4") else { return };
    // The payloads, found by their first code and length: enough for a file whose layout is known.
    let mut payloads = Vec::new();
    let mut at = 0;
    while let Some(found) = bytes[at..].windows(6).position(|window| window == b"DEVC\0\x01") {
        let start = at + found;
        at = start + 8 + usize::from(u16::from_be_bytes([bytes[start + 6], bytes[start + 7]]));
        payloads.extend_from_slice(&bytes[start..at]);
    }
    let track = parse(Kind::Gpmf, &payloads);
    assert_eq!(problems(&track), Vec::<String>::new());
    assert_eq!(track.units_with_position, 12, "payloads with points");
    assert_eq!(track.samples_read, 47, "points in them, four a second");
    insta::assert_json_snapshot!(track.samples[0], @r#"
    {
      "media_us": null,
      "at": "2017-04-18T03:27:57.367422+08:00",
      "local_clock": null,
      "position": {
        "lon_deg": -117.3310641,
        "lat_deg": 33.125368
      },
      "altitude": {
        "altitude_m": 15.445,
        "datum": "sea_level"
      },
      "height_m": 2.003,
      "speed_mps": 0.59,
      "course_deg": 334.35,
      "platform": {
        "yaw_deg": -28.438940609452132,
        "pitch_deg": -10.333832034966465,
        "roll_deg": -4.429555688558512
      },
      "gimbal": null,
      "field_of_view_deg": null,
      "footprint": null,
      "fix": "3d",
      "dop": null
    }
    "#);
    let last = track.samples.last().unwrap();
    assert_eq!(last.at.unwrap().to_string().get(..19), Some("2017-04-18T03:28:09"));
}

/// The packets of one PID of a transport stream, with their presentation times.
fn packets_of(stream: &[u8], pid: u16) -> Vec<(Option<MediaTime>, Vec<u8>)> {
    let mut packets: Vec<Vec<u8>> = Vec::new();
    for packet in stream.chunks_exact(188) {
        assert_eq!(packet[0], 0x47);
        if u16::from_be_bytes([packet[1], packet[2]]) & 0x1fff != pid {
            continue;
        }
        let adaptation = if packet[3] & 0x20 == 0 { 0 } else { 1 + usize::from(packet[4]) };
        if packet[1] & 0x40 != 0 {
            packets.push(Vec::new());
        }
        packets.last_mut().unwrap().extend_from_slice(&packet[4 + adaptation..]);
    }
    let time = |pes: &[u8]| {
        let stamp: u64 = pes[9..14].iter().fold(0, |stamp, &byte| stamp << 8 | u64::from(byte));
        let ticks = (stamp >> 3 & 7 << 30) | (stamp >> 2 & 0x7fff << 15) | (stamp >> 1 & 0x7fff);
        MediaTime(i64::try_from(ticks).unwrap() * 100 / 9)
    };
    packets
        .iter()
        .map(|pes| {
            let length = usize::from(u16::from_be_bytes([pes[4], pes[5]]));
            let body = 9 + usize::from(pes[8]);
            ((pes[7] & 0x80 != 0).then(|| time(pes)), pes[body..6 + length].to_vec())
        })
        .collect()
}

fn klv_track(stream: &[u8]) -> Track {
    let mut reader = klv::Reader::new();
    for (media_us, bytes) in packets_of(stream, 0x101) {
        reader.push(Packet { media_us, duration_us: None, bytes: &bytes });
    }
    reader.finish()
}

#[test]
fn st_0601_agrees_with_its_oracle_to_the_last_digit() {
    let Some(packed) = media("kwiver/video_stream_klv.json.zz") else { return };
    let mut text = String::new();
    flate2::read::ZlibDecoder::new(packed.as_slice()).read_to_string(&mut text).unwrap();
    let oracle: Vec<Value> = serde_json::from_str(&text).unwrap();
    for name in ["kwiver/h264_klv.ts", "kwiver/h265_klv.ts"] {
        let Some(stream) = media(name) else { return };
        let track = klv_track(&stream);
        assert_eq!(problems(&track), Vec::<String>::new(), "{name}");
        assert_eq!((track.kind, track.samples_read), (Kind::MisbSt0601, 30), "{name}");
        assert_eq!(track.samples[0].at, WallTime::parse("2008-10-24T00:13:29.913Z").ok());
        assert_eq!(track.samples[29].at, WallTime::parse("2008-10-24T00:13:30.879666Z").ok());
        for (sample, expected) in track.samples.iter().zip(&oracle) {
            let tags: BTreeMap<u64, &Value> = expected["value"]
                .as_array()
                .unwrap()
                .iter()
                .map(|item| (item["key"]["integer"].as_u64().unwrap(), &item["value"]))
                .collect();
            let value = |tag: u64| tags[&tag].get("value").and_then(Value::as_f64);
            assert_eq!(sample.media_us, None, "asynchronous KLV has no presentation time");
            assert_eq!(sample.at.map(|at| at.0), tags[&2].as_i64());
            let footprint = sample.footprint.as_ref().unwrap();
            let (platform, gimbal) = (sample.platform.unwrap(), sample.gimbal.unwrap());
            let mut pairs = vec![
                (5, platform.yaw_deg),
                (90, platform.pitch_deg),
                (91, platform.roll_deg),
                (13, sample.position.map(|position| position.lat_deg)),
                (14, sample.position.map(|position| position.lon_deg)),
                (15, sample.altitude.map(|altitude| altitude.altitude_m)),
                (16, sample.field_of_view_deg.map(|view| view[0])),
                (17, sample.field_of_view_deg.map(|view| view[1])),
                (18, gimbal.yaw_deg),
                (19, gimbal.pitch_deg),
                (20, gimbal.roll_deg),
                (21, footprint.slant_range_m),
                (22, footprint.width_m),
                (23, footprint.centre.map(|centre| centre.lat_deg)),
                (24, footprint.centre.map(|centre| centre.lon_deg)),
                (25, footprint.centre_elevation_m),
                (56, sample.speed_mps),
            ];
            for (number, corner) in (0_u64..).zip(footprint.corners.unwrap()) {
                pairs.push((82 + 2 * number, Some(corner.lat_deg)));
                pairs.push((83 + 2 * number, Some(corner.lon_deg)));
            }
            for (tag, read) in pairs {
                let (read, expected) = (read.unwrap(), value(tag).unwrap());
                assert!((read - expected).abs() <= expected.abs() * 1e-12, "tag {tag}: {read} {expected}");
            }
        }
        assert_eq!(track.other["tag 48"], 30, "security sets are noted");
    }
}

#[test]
fn an_older_set_is_named_and_counted_and_not_called_nothing() {
    let Some(stream) = media("kwiver/aphill_klv_10s.ts") else { return };
    let track = klv_track(&stream);
    assert_eq!(problems(&track), Vec::<String>::new());
    assert_eq!((track.kind, track.samples_read), (Kind::Klv, 0));
    let [set] = track.unsupported.as_slice() else { panic!("{:?}", track.unsupported) };
    assert_eq!((set.key.as_str(), set.packets), ("060e2b34 02010101 0e010102 01010000", 300));
}

#[test]
fn a_real_gpx_track_is_read() {
    let Some(track) = read("mapillary/sf_30km_h.gpx", Kind::Gpx) else { return };
    assert_eq!(problems(&track), Vec::<String>::new());
    assert_eq!(track.samples[0].position, Position::new(-122.461_396, 37.793_585));
    assert_eq!(track.samples[1].at, WallTime::parse("2025-03-14T07:00:02.495Z").ok());
    assert_eq!(track.samples_read, track.units_with_position);
}
