use super::*;
use crate::fixtures::GPX;

fn problems(track: &Track) -> Vec<String> {
    track.problems.iter().map(ToString::to_string).collect()
}

#[test]
fn track_points_are_read_with_their_extensions() {
    let track = parse(GPX.as_bytes());
    assert_eq!(track.problems, []);
    assert_eq!((track.samples_read, track.units_with_position), (2, 2));
    assert_eq!(track.other["wpt"], 1);
    let [first, second] = track.samples.as_slice() else { panic!("{track:?}") };
    assert_eq!(first.at.unwrap().to_string(), "2024-05-03T09:30:00.250+08:00");
    assert_eq!(first.position, Position::new(121.473_701, 31.230_416));
    assert_eq!(second.at.unwrap().to_string(), "2024-05-03T09:30:01+08:00");
    assert_eq!((second.speed_mps, second.course_deg), (Some(1.5), Some(84.4)));
    assert_eq!(second.altitude, Some(Altitude { altitude_m: 15.6, datum: Datum::Unstated }));
}

#[test]
fn gpx_1_0_has_speed_and_course_in_the_point_and_may_lack_a_zone() {
    let text = "<gpx version='1.0'><trk><trkseg><trkpt lon='121.4' lat='31.2'><speed>2.5</speed>\
                <course>90</course><time>2024-05-03T09:30:00</time></trkpt></trkseg></trk></gpx>";
    let track = parse(text.as_bytes());
    assert_eq!(track.problems, []);
    let sample = &track.samples[0];
    assert_eq!((sample.speed_mps, sample.course_deg, sample.at), (Some(2.5), Some(90.0), None));
    assert_eq!(sample.local_clock.unwrap().to_string(), "2024-05-03 09:30:00.000");
}

#[test]
fn entities_are_never_expanded() {
    let text = "<!DOCTYPE gpx [<!ENTITY a '1111111111'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]>\
                <gpx version='1.1'><trk><trkseg><trkpt lat='31.2' lon='121.4'><ele>&b;</ele></trkpt>\
                <trkpt lat='&a;' lon='121.4'/></trkseg></trk></gpx>";
    let track = parse(text.as_bytes());
    assert_eq!(track.samples.len(), 2);
    assert_eq!((track.samples[0].altitude, track.samples[1].position), (None, None));
    let said = problems(&track);
    assert!(said[0].ends_with("a value with an entity in it cannot be read: `b`"), "{said:?}");
    assert!(said[1].ends_with("the position of a point cannot be read: `lon 121.4, lat &a;`"), "{said:?}");
}

#[test]
fn broken_files_keep_what_came_before() {
    assert_eq!(problems(&parse(b" \n")), ["byte 0: there is nothing in it"]);
    let cut = &GPX[..GPX.find("<extensions>").unwrap()];
    let track = parse(cut.as_bytes());
    assert_eq!(track.samples.len(), 2);
    assert!(track.problems_total > 0, "{track:?}");
    assert_eq!(problems(&parse(b"<kml/>")), ["byte 0: this is no GPX file: its root is `kml`"]);
    let torn = GPX.replacen("</ele>", "</wrong>", 1);
    let torn = parse(torn.as_bytes());
    assert!(torn.problems[0].to_string().contains("the XML from here on cannot be read"), "{torn:?}");
    let wrong = GPX.replace("15.5", "high").replace("2024-05-03T01:30:00.250Z", "soon");
    let wrong = problems(&parse(wrong.as_bytes()));
    assert!(wrong[0].ends_with("an elevation cannot be read: `high`"), "{wrong:?}");
    assert!(wrong[1].ends_with("a time cannot be read: `soon`"), "{wrong:?}");
    let beyond = problems(&parse(GPX.replace("lat=\"31.230416\"", "lat=\"91\"").as_bytes()));
    assert!(beyond[0].ends_with("no such place: longitude 121.473701, latitude 91"), "{beyond:?}");
}
