use super::*;
use crate::fixtures::NMEA;

fn problems(track: &Track) -> Vec<String> {
    track.problems.iter().map(ToString::to_string).collect()
}

/// A sentence with its checksum.
fn sentence(body: &str) -> String {
    format!("${body}*{:02X}\r\n", body.bytes().fold(0, |sum, byte| sum ^ byte))
}

#[test]
fn sentences_of_one_moment_make_one_sample_and_dates_pass_midnight() {
    let track = parse(NMEA.as_bytes());
    assert_eq!(problems(&track), ["line 5: checksum of GNGGA is 0000, its bytes give 0078: left out"]);
    assert_eq!((track.samples_read, track.units_with_position), (3, 2));
    assert_eq!(track.samples[1].at.unwrap(), WallTime::parse("2024-05-04T00:00:00Z").unwrap());
    assert_eq!((track.samples[2].fix, track.samples[2].at), (Some(Fix::Absent), None));
    assert_eq!(track.other["GPGSV"], 1);
    insta::assert_json_snapshot!(track.samples[0], @r#"
    {
      "media_us": null,
      "at": "2024-05-04T07:59:59+08:00",
      "local_clock": null,
      "position": {
        "lon_deg": 121.47370166666667,
        "lat_deg": 31.230416666666667
      },
      "altitude": {
        "altitude_m": 15.3,
        "datum": "sea_level"
      },
      "height_m": null,
      "speed_mps": 2.5722222222222224,
      "course_deg": 84.4,
      "platform": null,
      "gimbal": null,
      "field_of_view_deg": null,
      "footprint": null,
      "fix": "given",
      "dop": 0.8
    }
    "#);
}

#[test]
fn positions_before_the_first_date_take_it_from_later() {
    let text = sentence("GPGGA,235958.00,3113.0,N,12128.0,E,1,9,1.0,5.0,M,,M,,")
        + &sentence("BDRMC,000001.50,A,3113.0,S,12128.0,W,0.0,,040524,,");
    let track = parse(text.as_bytes());
    assert_eq!(track.problems, []);
    assert_eq!(track.samples[0].at.unwrap(), WallTime::parse("2024-05-03T23:59:58Z").unwrap());
    assert_eq!(track.samples[1].at.unwrap(), WallTime::parse("2024-05-04T00:00:01.5Z").unwrap());
    assert!(track.samples[1].position.unwrap().lat_deg < 0.0);
    let without_date = parse(sentence("GPGGA,235958.00,3113.0,N,12128.0,E,1,9,1.0,5.0,M,,M,,").as_bytes());
    assert_eq!(without_date.samples[0].at, None);
}

#[test]
fn what_is_no_sentence_is_a_problem_with_its_line() {
    assert_eq!(problems(&parse(b"")), ["line 1: there is nothing in it"]);
    assert_eq!(
        problems(&parse(b"hello\n")),
        [
            "line 1: a sentence cannot be read: `hello`",
            "line 1: this is no NMEA 0183: no line holds a sentence",
        ]
    );
    assert_eq!(
        problems(&parse(b"$GPRMC,123519,A,4807.038,N\n")),
        ["line 1: GPRMC carries no checksum: left out"]
    );
    let wrong = sentence("GPRMC,123519,A,4899.038,N,01131.000,E,0,0,230394,,");
    assert!(
        problems(&parse(wrong.as_bytes()))[0].starts_with("line 1: the position of GPRMC cannot be read")
    );
    let logged =
        format!("2024-05-03 09:30:00 {}", sentence("GPRMC,123519,A,4807.038,N,01131.000,E,0,0,230394,,"));
    let logged = parse(logged.as_bytes());
    assert_eq!(logged.problems, []);
    assert_eq!(logged.samples[0].at.unwrap(), WallTime::parse("1994-03-23T12:35:19Z").unwrap());
    let waiting = parse(sentence("GPRMC,,V,,,,,,,,,,N").as_bytes());
    assert_eq!((waiting.samples_read, waiting.problems_total), (0, 0));
}
