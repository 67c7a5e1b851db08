use super::*;
use crate::policy::Policy;

fn area_m2(polygon: &[Point]) -> f64 {
    let next = polygon.iter().cycle().skip(1);
    polygon.iter().zip(next).map(|(a, b)| a.x_m * b.y_m - b.x_m * a.y_m).sum::<f64>() / 2.0
}

fn down(height_m: f64) -> View {
    View { height_m, yaw_deg: 0.0, pitch_deg: -90.0, roll_deg: 0.0, field_deg: [90.0, 60.0] }
}

fn extent(polygon: &[Point], axis: impl Fn(&Point) -> f64) -> (f64, f64) {
    let values = || polygon.iter().map(&axis);
    (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max))
}

#[test]
fn straight_down_a_camera_sees_a_rectangle() {
    let seen = down(100.0).footprint(Point::new(10.0, 20.0), 400.0);
    let half = 100.0 * 30.0_f64.to_radians().tan();
    assert!((area_m2(&seen) - 200.0 * 2.0 * half).abs() < 1e-6, "{seen:?}");
    let (west, east) = extent(&seen, |point| point.x_m);
    assert!((west - -90.0).abs() < 1e-9 && (east - 110.0).abs() < 1e-9);
    // Turned a quarter, its long side points north.
    let turned = View { yaw_deg: 90.0, ..down(100.0) }.footprint(Point::default(), 400.0);
    let (south, north) = extent(&turned, |point| point.y_m);
    assert!((south - -100.0).abs() < 1e-9 && (north - 100.0).abs() < 1e-9);
}

#[test]
fn a_tilted_camera_sees_ahead() {
    let view = View { pitch_deg: -45.0, ..down(100.0) };
    let seen = view.footprint(Point::default(), 1e4);
    let (near, far) = extent(&seen, |point| point.y_m);
    // The lower edge looks 75° down, the upper one 15°.
    assert!((near - 100.0 / 75.0_f64.to_radians().tan()).abs() < 1e-6, "{near}");
    assert!((far - 100.0 / 15.0_f64.to_radians().tan()).abs() < 1e-6, "{far}");
    // Looking east instead, the same to the east.
    let east = View { yaw_deg: 90.0, ..view }.footprint(Point::default(), 1e4);
    assert!((extent(&east, |point| point.x_m).1 - far).abs() < 1e-6);
}

#[test]
fn nothing_is_seen_beyond_the_greatest_distance_or_above_the_horizon() {
    let level = View { pitch_deg: -10.0, ..down(100.0) };
    let seen = level.footprint(Point::default(), 400.0);
    let reach = (400.0_f64 * 400.0 - 100.0 * 100.0).sqrt();
    assert!(!seen.is_empty());
    // Corners of a polygon with the circle's area lie a little outside it.
    assert!(seen.iter().all(|point| point.distance_m(Point::default()) < reach * 1.003), "{seen:?}");
    assert_eq!(View { pitch_deg: 40.0, ..down(100.0) }.footprint(Point::default(), 400.0), []);
    assert_eq!(down(500.0).footprint(Point::default(), 400.0), [], "too high");
    assert_eq!(down(-1.0).footprint(Point::default(), 400.0), [], "on the ground");
}

#[test]
fn roll_tilts_the_picture_to_the_side() {
    let seen = View { roll_deg: 20.0, ..down(100.0) }.footprint(Point::default(), 1e4);
    // Straight down, roll is the same as a turn of the picture.
    let turned = View { yaw_deg: 20.0, ..down(100.0) }.footprint(Point::default(), 1e4);
    assert!((area_m2(&seen) - area_m2(&turned)).abs() < 1e-6);
}

fn rules() -> DroneRules {
    Policy::built_in("pudong-2023").unwrap().drone_coverage.unwrap()
}

fn point(at_s: i64, lon_deg: f64, lat_deg: f64) -> TrackPoint {
    TrackPoint {
        media_us: Some(MediaTime(at_s * 1_000_000)),
        lon_deg: Some(lon_deg),
        lat_deg: Some(lat_deg),
        height_m: Some(100.0),
        ..TrackPoint::default()
    }
}

fn looking(point: TrackPoint, yaw: f64) -> TrackPoint {
    TrackPoint { gimbal_deg: Some([Some(yaw), Some(-90.0), Some(0.0)]), ..point }
}

fn track(points: Vec<TrackPoint>) -> Track {
    Track {
        kind: "dji_srt".into(),
        stream_index: None,
        samples_read: 0,
        units_with_position: 0,
        clock: None,
        first_at: None,
        last_at: None,
        thinning: None,
        points,
        notes: vec![],
    }
}

fn look(points: Vec<TrackPoint>, video_s: &[(i64, i64)]) -> Seen {
    let video = video_s
        .iter()
        .map(|&(from, until)| Interval::new(MediaTime(from * 1_000_000), MediaTime(until * 1_000_000)))
        .collect();
    let plane = Plane::around(121.47, 31.23);
    seen(&track(points), Clock::Media(Micros::ZERO), &video, "UAV1", &plane, &rules())
}

#[test]
fn without_a_direction_of_view_the_stated_swath_counts() {
    let seen = look(vec![point(0, 121.47, 31.23), point(60, 121.48, 31.23)], &[(0, 60)]);
    assert_eq!(seen.known.swath_us, Micros::from_s(60));
    assert!(
        matches!(seen.shapes.as_slice(), [Shape::Swath { radius_m, .. }] if (*radius_m - 40.0).abs() < 1e-9)
    );
}

#[test]
fn only_what_was_recorded_counts_as_filmed() {
    let points = || vec![point(0, 121.47, 31.23), point(60, 121.48, 31.23)];
    let seen = look(points(), &[(0, 15), (45, 60), (90, 95)]);
    assert_eq!(seen.known.swath_us, Micros::from_s(30));
    assert_eq!(seen.known.nowhere_us, Micros::from_s(5));
    let lengths: Vec<f64> = seen
        .shapes
        .iter()
        .map(|shape| match shape {
            Shape::Swath { from, to, .. } => from.distance_m(*to),
            Shape::Polygon(_) => f64::NAN,
        })
        .collect();
    // 0.01° of longitude are 953 m here, a quarter of them 238 m.
    assert!(lengths.len() == 2 && lengths.iter().all(|length| (length - 238.2).abs() < 0.5), "{lengths:?}");
    assert!(look(points(), &[]).shapes.is_empty());
}

#[test]
fn no_line_is_drawn_where_the_position_was_lost_or_jumps() {
    let lost = TrackPoint { lon_deg: None, lat_deg: None, ..point(30, 0.0, 0.0) };
    let seen = look(vec![point(0, 121.47, 31.23), lost, point(60, 121.48, 31.23)], &[(0, 60)]);
    assert!(seen.shapes.is_empty() && seen.known.nowhere_us == Micros::from_s(60), "{seen:?}");
    // 9.5 km in a minute.
    let seen = look(vec![point(0, 121.47, 31.23), point(60, 121.57, 31.23)], &[(0, 60)]);
    assert!(seen.shapes.is_empty() && seen.jumps == 1, "{seen:?}");
    let seen = look(vec![point(0, 0.0, 0.0), point(60, 0.0, 0.0)], &[(0, 60)]);
    assert_eq!(seen.off_map, 2);
}

#[test]
fn a_direction_of_view_gives_a_footprint_that_turns_in_steps() {
    let points = vec![looking(point(0, 121.47, 31.23), 350.0), looking(point(60, 121.471, 31.23), 10.0)];
    let seen = look(points, &[(0, 60)]);
    assert_eq!(seen.known.footprint_us, Micros::from_s(60));
    // Over north it is 20°, not 340°.
    assert_eq!(seen.shapes.len(), 4);
}

#[test]
fn a_log_without_media_time_is_placed_by_its_clock() {
    let at = |text| Some(WallTime::parse(text).unwrap());
    let of = |text, lon| TrackPoint { media_us: None, at: at(text), ..point(0, lon, 31.23) };
    let found = FoundTrack {
        object_key: "a.gpx".into(),
        sidecar: true,
        track: track(vec![of("2024-05-03 09:30:00", 121.47), of("2024-05-03 09:31:00", 121.48)]),
    };
    assert!(Clock::of(&found, MediaTime::ZERO, None).is_none());
    let clock = Clock::of(&found, MediaTime(500), at("2024-05-03 09:30:30")).unwrap();
    let video = IntervalSet::from(Interval::new(MediaTime(500), MediaTime(60_000_500)));
    let plane = Plane::around(121.47, 31.23);
    let seen = seen(&found.track, clock, &video, "UAV1", &plane, &rules());
    assert_eq!(seen.known.swath_us, Micros::from_s(30));
}
