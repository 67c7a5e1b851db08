use super::*;
use crate::fixtures::{gps5_payload, item, nest};
use crate::{Fix, Position};

fn be(values: &[i32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_be_bytes()).collect()
}

#[test]
fn points_are_spread_between_two_payloads() {
    let payloads = [gps5_payload("240503013000.000", 3), gps5_payload("240503013001.000", 3)];
    let mut reader = Reader::new();
    for (payload, number) in payloads.iter().zip(0_i64..) {
        reader.push(Packet {
            media_us: Some(MediaTime(number * 1_001_000)),
            duration_us: Some(Micros(1_001_000)),
            bytes: payload,
        });
    }
    let track = reader.finish();
    assert_eq!(track.problems, []);
    assert_eq!((track.samples_read, track.units_with_position), (8, 2));
    let at: Vec<String> = track.samples.iter().map(|sample| sample.at.unwrap().to_string()).collect();
    assert_eq!(at[0], "2024-05-03T09:30:00+08:00");
    assert_eq!(at[1], "2024-05-03T09:30:00.250+08:00");
    assert_eq!(at[4], "2024-05-03T09:30:01+08:00");
    assert_eq!(at[5], "2024-05-03T09:30:01.250250+08:00", "the last payload has its own length only");
    assert_eq!(track.samples[1].media_us, Some(MediaTime(250_250)));
    assert_eq!(track.other["ACCL"], 6);
    insta::assert_json_snapshot!(track.samples[0], @r#"
    {
      "media_us": 0,
      "at": "2024-05-03T09:30:00+08:00",
      "local_clock": null,
      "position": {
        "lon_deg": 121.473701,
        "lat_deg": 31.230416
      },
      "altitude": {
        "altitude_m": 15.5,
        "datum": "ellipsoid"
      },
      "height_m": null,
      "speed_mps": 1.25,
      "course_deg": null,
      "platform": null,
      "gimbal": null,
      "field_of_view_deg": null,
      "footprint": null,
      "fix": "3d",
      "dop": 2.2
    }
    "#);
}

#[test]
fn a_lone_payload_without_a_length_times_its_first_point_only() {
    let track = parse(&gps5_payload("240503013000.000", 2));
    let timed: Vec<bool> = track.samples.iter().map(|sample| sample.at.is_some()).collect();
    assert_eq!(timed, [true, false, false, false]);
    assert_eq!(track.samples[0].fix, Some(Fix::TwoD));
}

#[test]
fn without_a_fix_there_is_neither_place_nor_time() {
    let track = parse(&gps5_payload("240503013000.000", 0));
    assert_eq!((track.samples_read, track.units_with_position), (4, 0));
    assert!(track.samples.iter().all(|sample| {
        sample.fix == Some(Fix::Absent) && sample.position.is_none() && sample.at.is_none()
    }));
}

#[test]
fn newer_cameras_write_time_and_fix_in_every_row() {
    let row = |fix: u16| {
        let numbers = be(&[312_304_160, 1_214_737_010, 15_500, 1250, 130, 8889, 5_400_250]);
        [numbers, 220_u16.to_be_bytes().to_vec(), fix.to_be_bytes().to_vec()].concat()
    };
    let stream = nest(
        *b"STRM",
        &[
            item(*b"GPSA", b'F', 4, 1, b"MSLV"),
            item(*b"SCAL", b'l', 4, 9, &be(&[10_000_000, 10_000_000, 1000, 1000, 100, 1, 1000, 100, 1])),
            item(*b"TYPE", b'c', 1, 9, b"lllllllSS"),
            item(*b"GPS9", b'?', 32, 2, &[row(3), row(0)].concat()),
        ],
    );
    let track = parse(&nest(*b"DEVC", &[stream]));
    assert_eq!(track.problems, []);
    let [first, second] = track.samples.as_slice() else { panic!("{track:?}") };
    assert_eq!(first.at.unwrap().to_string(), "2024-05-03T09:30:00.250+08:00");
    assert_eq!(first.position, Position::new(121.473_701, 31.230_416));
    assert_eq!(first.altitude.unwrap().datum, crate::Datum::SeaLevel);
    assert_eq!((first.dop, first.fix), (Some(2.2), Some(Fix::ThreeD)));
    assert_eq!((second.position, second.at, second.fix), (None, None, Some(Fix::Absent)));
}

/// A second of what HERO11 writes: four points of `GPS5`, and ten of `GPS9` a tenth of a second apart.
fn payload_of_both_streams(utc: &str, second: i32) -> Vec<u8> {
    let rows = (0..10).flat_map(|number: i32| {
        let place = [312_304_160 + 10 * number, 1_214_737_010 + 10 * number];
        let numbers =
            be(&[place[0], place[1], 15_500, 1250, 130, 8889, 5_400_000 + 1000 * second + 100 * number]);
        [numbers, 220_u16.to_be_bytes().to_vec(), 3_u16.to_be_bytes().to_vec()].concat()
    });
    let stream = nest(
        *b"STRM",
        &[
            item(*b"SCAL", b'l', 4, 9, &be(&[10_000_000, 10_000_000, 1000, 1000, 100, 1, 1000, 100, 1])),
            item(*b"TYPE", b'c', 1, 9, b"lllllllSS"),
            item(*b"GPS9", b'?', 32, 10, &rows.collect::<Vec<u8>>()),
        ],
    );
    let older = gps5_payload(utc, 3);
    nest(*b"DEVC", &[older[8..].to_vec(), stream])
}

#[test]
fn of_two_streams_of_points_one_is_read() {
    let payloads = [
        payload_of_both_streams("240503013000.000", 0),
        payload_of_both_streams("240503013001.000", 1),
        gps5_payload("240503013002.000", 3),
    ];
    let mut reader = Reader::new();
    for (payload, second) in payloads.iter().zip(0_i64..) {
        reader.push(Packet {
            media_us: Some(MediaTime(second * 1_000_000)),
            duration_us: Some(Micros(1_000_000)),
            bytes: payload,
        });
    }
    let track = reader.finish();
    assert_eq!(track.problems, []);
    assert_eq!((track.samples_read, track.units_with_position), (10 + 10 + 4, 3));
    // A tenth of a second apart, and a quarter where there is the older stream alone.
    let expected =
        (0..20).map(|tenth| tenth * 100_000).chain((0..4).map(|quarter| 2_000_000 + quarter * 250_000));
    let started_at = WallTime::parse("2024-05-03 09:30:00").unwrap();
    let read = track.samples.iter().map(|sample| {
        let since_us = sample.at.unwrap() - started_at;
        assert_eq!(sample.media_us, Some(MediaTime(since_us.0)));
        since_us.0
    });
    assert_eq!(read.collect::<Vec<i64>>(), expected.collect::<Vec<i64>>());
    let estimate = track.start_estimate().unwrap();
    assert!(estimate.error_us <= Micros::from_ms(1), "{estimate:?}");
}

#[test]
fn broken_payloads_are_problems_with_their_place() {
    let whole = gps5_payload("240503013000.000", 3);
    let said =
        |bytes: &[u8]| -> Vec<String> { parse(bytes).problems.iter().map(ToString::to_string).collect() };
    assert_eq!(said(b""), ["byte 0: there is nothing in it"]);
    assert_eq!(
        said(&whole[..whole.len() - 8]),
        [format!("byte 0: DEVC announces {} bytes, {} are there", whole.len() - 8, whole.len() - 16)]
    );
    assert_eq!(
        said(&item(*b"FREE", b'c', 1, 4, b"abcd")),
        ["byte 0: this is no GPMF payload: it begins with no DEVC"]
    );
    let wrong_row = nest(*b"DEVC", &[nest(*b"STRM", &[item(*b"GPS5", b'l', 12, 1, &be(&[1, 2, 3]))])]);
    assert_eq!(said(&wrong_row), ["byte 16: GPS5 cannot be read: `1 × 12 bytes`"]);
    let no_types = nest(*b"DEVC", &[nest(*b"STRM", &[item(*b"GPS9", b'?', 32, 1, &[0; 32])])]);
    assert_eq!(said(&no_types), ["byte 16: GPS9 cannot be read: `1 × 32 bytes`"]);
    // Zeros fill up a payload.
    assert_eq!(said(&[whole.clone(), vec![0; 12]].concat()), Vec::<String>::new());
}

#[test]
fn containers_within_containers_are_followed_to_a_bound() {
    let mut deep = item(*b"DEEP", b'l', 4, 1, &be(&[1]));
    for _ in 0..2000 {
        deep = nest(*b"NEST", &[deep]);
    }
    let track = parse(&nest(*b"DEVC", &[nest(*b"STRM", &[deep])]));
    assert!(!track.other.contains_key("DEEP"));
    assert_eq!(track.problems, []);
}

#[test]
fn a_time_that_no_calendar_holds_is_no_time() {
    let mut reader = Reader::new();
    let bytes = gps5_payload("240503013000.000", 3);
    reader.push(Packet { media_us: None, duration_us: Some(Micros(i64::MAX)), bytes: &bytes });
    let timed: Vec<bool> = reader.finish().samples.iter().map(|sample| sample.at.is_some()).collect();
    assert_eq!(timed, [true, false, false, false]);
}
