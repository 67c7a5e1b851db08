use catalog::Micros;

use super::*;
use crate::fixtures::{BRACKETED, MATRICE, MAVIC_PRO, PHANTOM};
use crate::{Datum, distance_m};

fn problems(track: &Track) -> Vec<String> {
    track.problems.iter().map(ToString::to_string).collect()
}

fn position(lon_deg: f64, lat_deg: f64) -> Option<Position> {
    Position::new(lon_deg, lat_deg)
}

#[test]
fn the_bracketed_layout_names_its_coordinates() {
    let track = parse(BRACKETED.as_bytes());
    assert_eq!(track.problems, []);
    assert_eq!(track.coordinate_order, None);
    assert_eq!((track.samples_read, track.units_with_position), (3, 2));
    insta::assert_json_snapshot!(track.samples[1], @r#"
    {
      "media_us": 33000,
      "at": null,
      "local_clock": 1714728600133250,
      "position": {
        "lon_deg": 121.473702,
        "lat_deg": 31.230417
      },
      "altitude": {
        "altitude_m": 12.96,
        "datum": "unstated"
      },
      "height_m": 1.4,
      "speed_mps": null,
      "course_deg": null,
      "platform": null,
      "gimbal": {
        "yaw_deg": -35.3,
        "pitch_deg": -10.1,
        "roll_deg": 0.0
      },
      "field_of_view_deg": null,
      "footprint": null,
      "fix": null,
      "dop": null
    }
    "#);
}

#[test]
fn zeros_are_no_position() {
    assert_eq!(parse(BRACKETED.as_bytes()).samples[2].position, None);
    let text = MAVIC_PRO.replace("GPS(18.4243,-33.9251,16)", "GPS(0.0000,0.0000,0)");
    let track = parse(text.as_bytes());
    assert_eq!(track.samples[1].position, None);
    assert_eq!(track.problems, []);
}

#[test]
fn a_mavic_pro_writes_the_longitude_first() {
    let track = parse(MAVIC_PRO.as_bytes());
    assert_eq!(
        track.coordinate_order,
        Some(CoordinateOrder { order: Order::LonLat, evidence: OrderEvidence::Layout })
    );
    assert_eq!(track.samples[0].position, position(18.4242, -33.925));
    assert_eq!(track.samples[1].height_m, Some(2.4));
    assert_eq!(track.samples[1].local_clock.unwrap().to_string(), "2017-08-05 14:11:53.000");
    assert_eq!(track.problems, [], "a clock that steps by two seconds is no problem");
}

#[test]
fn a_matrice_writes_the_latitude_first() {
    let track = parse(MATRICE.as_bytes());
    assert_eq!(
        track.coordinate_order,
        Some(CoordinateOrder { order: Order::LatLon, evidence: OrderEvidence::Layout })
    );
    assert_eq!(track.samples[0].position, position(-6.112, 36.6146));
    assert_eq!(track.samples[0].altitude, Some(crate::Altitude { altitude_m: 12.5, datum: Datum::Unstated }));
    assert_eq!(track.samples[0].media_us, Some(MediaTime::ZERO));
}

#[test]
fn the_distance_from_home_tells_the_order_of_a_phantom() {
    let track = parse(PHANTOM.as_bytes());
    let order = CoordinateOrder { order: Order::LonLat, evidence: OrderEvidence::HomeDistance };
    assert_eq!(track.coordinate_order, Some(order));
    let sample = &track.samples[0];
    assert_eq!(sample.position, position(-58.851_745, -34.237_922));
    let home = Position::new(-58.847_509, -34.232_707).unwrap();
    assert!((distance_m(sample.position.unwrap(), home) - 698.7).abs() < 2.0);
    assert_eq!((sample.height_m, sample.speed_mps), (Some(85.8), Some(2.5)));
    assert_eq!(sample.platform.unwrap().pitch_deg, Some(2.7));
    assert_eq!(sample.platform.unwrap().yaw_deg, Some(110.1));
    assert_eq!(sample.gimbal.unwrap().pitch_deg, Some(-24.4));

    // The same flight with the coordinates the other way round, whatever the third number suggests.
    let swapped = PHANTOM
        .replace("GPS (-58.851745, -34.237922", "GPS (-34.237922, -58.851745")
        .replace("HOME (-58.847509, -34.232707", "HOME (-34.232707, -58.847509");
    let swapped = parse(swapped.as_bytes());
    assert_eq!(swapped.coordinate_order.unwrap().order, Order::LatLon);
    assert_eq!(swapped.samples[0].position, sample.position);
}

#[test]
fn the_range_of_a_latitude_overrules_the_layout() {
    for (gps, order) in
        [("GPS(121.4737,31.2304,12.5M)", Order::LonLat), ("GPS(31.2304,121.4737,16)", Order::LatLon)]
    {
        let text = MATRICE.replace("GPS(36.6146,-6.1120,12.5M)", gps);
        let text = text.replace("GPS(36.6147,-6.1121,12.6M)", gps);
        let track = parse(text.as_bytes());
        assert_eq!(track.coordinate_order, Some(CoordinateOrder { order, evidence: OrderEvidence::Range }));
        assert_eq!(track.samples[0].position, position(121.4737, 31.2304));
    }
}

#[test]
fn without_evidence_there_is_no_position() {
    let text = MATRICE.replace(",12.5M)", ")").replace(",12.6M)", ")");
    let track = parse(text.as_bytes());
    assert_eq!(track.coordinate_order, None);
    assert!(track.samples.iter().all(|sample| sample.position.is_none()));
    assert_eq!(
        problems(&track),
        ["line 1: nothing tells which coordinate is the latitude: positions left out"]
    );
}

#[test]
fn a_coordinate_outside_every_range_is_a_problem() {
    let track = parse(BRACKETED.replace("31.230416", "131.230416").as_bytes());
    assert_eq!(problems(&track), ["line 2: no such place: longitude 121.473701, latitude 131.230416"]);
    assert_eq!(track.units_with_position, 1);
}

#[test]
fn numbers_may_have_decimal_commas() {
    let bracketed = BRACKETED.replace("31.230417", "31,230417").replace("121.473702", "121,473702");
    assert_eq!(parse(bracketed.as_bytes()).samples[1].position, position(121.473_702, 31.230_417));
    let phantom = PHANTOM.replace("-58.851745, -34.237922", "-58,851745, -34,237922");
    assert_eq!(parse(phantom.as_bytes()).samples[0].position, position(-58.851_745, -34.237_922));
}

#[test]
fn encodings_line_ends_and_missing_blank_lines_do_no_harm() {
    let expected = parse(PHANTOM.as_bytes());
    let gbk = encoding_rs::GBK.encode(PHANTOM).0.into_owned();
    let marked = [b"\xef\xbb\xbf", PHANTOM.as_bytes()].concat();
    let crlf = PHANTOM.replace('\n', "\r\n");
    for bytes in [gbk.as_slice(), &marked, crlf.as_bytes()] {
        assert_eq!(parse(bytes).samples, expected.samples);
    }
    let dense = BRACKETED.replace("\n\n", "\n");
    assert_eq!(parse(dense.as_bytes()).samples, parse(BRACKETED.as_bytes()).samples);
}

#[test]
fn damaged_files_are_read_as_far_as_they_go() {
    assert_eq!(problems(&parse(b"")), ["line 1: there is nothing in it"]);
    assert_eq!(problems(&parse(b"\r\n \r\n")), ["line 1: there is nothing in it"]);

    let cut = MAVIC_PRO.split_inclusive("14:11:53\n").next().unwrap();
    let track = parse(cut.as_bytes());
    assert_eq!(track.samples.len(), 2);
    assert_eq!(problems(&track), ["line 8: the position is missing, which the rest of the file has"]);

    let film = parse(b"1\n00:00:01,000 --> 00:00:02,000\nGood morning.\n");
    assert_eq!(problems(&film), ["line 1: this is no DJI subtitle file: no subtitle carries telemetry"]);
    assert_eq!(film.other["subtitles without telemetry"], 1);

    let backwards = parse(BRACKETED.replacen("00:00:00,033", "99:99:99", 1).as_bytes());
    assert_eq!(
        problems(&backwards),
        ["line 2: a subtitle's times cannot be read: `00:00:00,000 --> 99:99:99`"]
    );
    assert_eq!(backwards.samples.len(), 3);
}

#[test]
fn packets_of_a_subtitle_track_read_like_the_sidecar() {
    let sidecar = parse(MAVIC_PRO.as_bytes());
    let texts = MAVIC_PRO.split("\n\n").map(|cue| cue.splitn(3, '\n').nth(2).unwrap());
    for with_length in [false, true] {
        let mut reader = Reader::new();
        for (text, number) in texts.clone().zip(1_i64..) {
            let length = u16::try_from(text.len()).unwrap().to_be_bytes();
            let head: &[u8] = if with_length { &length } else { &[] };
            let bytes = [head, text.as_bytes()].concat();
            let media_us = Some(MediaTime::ZERO + Micros::from_s(number));
            reader.push(Packet { media_us, duration_us: None, bytes: &bytes });
        }
        let track = reader.finish();
        assert_eq!(track.samples, sidecar.samples);
        assert_eq!(track.coordinate_order, sidecar.coordinate_order);
    }
}
