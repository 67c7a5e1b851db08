//! Small months by hand: every finding once and a near miss of it, and random months against a grid of points.

use catalog::device::{Device, DeviceKind};
use catalog::drone::{Area, Dock, Sortie};
use catalog::drone_finding::DroneFindingCode as Code;
use catalog::drone_month::FoundTrack;
use catalog::finding::Severity;
use catalog::observation::{Problem, ProblemCode, StartSource};
use catalog::snapshot::{Arrival, Recording};
use catalog::track::{Track, TrackPoint};
use catalog::{Interval, IntervalSet, MediaTime};
use proptest::prelude::*;

use super::shape::Shape;
use super::*;

const ORIGIN: [f64; 2] = [121.47, 31.23];

fn at(text: &str) -> WallTime {
    WallTime::parse(text).unwrap()
}

fn plane() -> Plane {
    Plane::around(ORIGIN[0], ORIGIN[1])
}

/// Degrees of a place in metres east and north of the origin.
fn degrees(x_m: f64, y_m: f64) -> [f64; 2] {
    plane().degrees(Point::new(x_m, y_m))
}

fn rectangle(x: [f64; 2], y: [f64; 2]) -> Vec<Vec<[f64; 2]>> {
    let corners = [(x[0], y[0]), (x[1], y[0]), (x[1], y[1]), (x[0], y[1]), (x[0], y[0])];
    vec![corners.map(|(x, y)| degrees(x, y)).to_vec()]
}

fn area(name: &str, kind: AreaKind, x: [f64; 2], y: [f64; 2]) -> Area {
    Area { name: name.into(), kind, sub_district: None, polygons: vec![rectangle(x, y)] }
}

fn recording(key: &str, started_at: &str, seconds: i64) -> Recording {
    let span = Interval::new(MediaTime(0), MediaTime(seconds * 1_000_000));
    Recording {
        object_key: key.into(),
        version: 1,
        sha256: String::new(),
        first_sha256: None,
        size_bytes: 1,
        device: Some("UAV1".into()),
        badge: None,
        started_at: Some(at(started_at)),
        started_at_source: None,
        clock_error_us: Micros::ZERO,
        start_claims: vec![],
        origin_us: MediaTime::ZERO,
        video: IntervalSet::from(span),
        audio: IntervalSet::default(),
        problems: vec![],
        gone: false,
        arrival: Arrival::default(),
    }
}

/// A track from one place to another within some seconds.
fn track(key: &str, from: (f64, f64), to: (f64, f64), seconds: i64) -> FoundTrack {
    let point = |s: i64, (x, y): (f64, f64)| {
        let [lon, lat] = degrees(x, y);
        TrackPoint {
            media_us: Some(MediaTime(s * 1_000_000)),
            lon_deg: Some(lon),
            lat_deg: Some(lat),
            ..TrackPoint::default()
        }
    };
    FoundTrack {
        object_key: key.into(),
        sidecar: true,
        track: Track {
            kind: "dji_srt".into(),
            stream_index: None,
            samples_read: 2,
            units_with_position: 2,
            clock: None,
            first_at: None,
            last_at: None,
            thinning: None,
            points: vec![point(0, from), point(seconds, to)],
            notes: vec![],
        },
    }
}

fn sortie(name: &str, from: &str, until: &str) -> Sortie {
    Sortie {
        sortie: name.into(),
        dock: Some("D1".into()),
        device: "UAV1".into(),
        took_off_at: at(from),
        landed_at: at(until),
        object_key: None,
        track: None,
        status: SortieStatus::Flown,
        note: None,
    }
}

/// A square kilometre, a dock in its middle, and one flight of ten minutes along its southern side.
fn month() -> DroneMonth {
    let month: Month = "2024-05".parse().unwrap();
    DroneMonth {
        month,
        as_of: at("2024-06-02 00:00"),
        since: since(month, &rules()),
        units: vec![],
        drones: vec![Device {
            serial: "UAV1".into(),
            kind: DeviceKind::Drone,
            unit: "SQ1".into(),
            holder: None,
            synced_at: Some(at("2024-05-20 09:00")),
            clock_error_us: Some(Micros::ZERO),
        }],
        docks: vec![Dock {
            code: "D1".into(),
            name: "一号机场".into(),
            unit: "SQ1".into(),
            lon: degrees(500.0, 500.0)[0],
            lat: degrees(500.0, 500.0)[1],
            radius_m: 3000.0,
        }],
        areas: vec![area("A", AreaKind::Flyable, [0.0, 1000.0], [0.0, 1000.0])],
        sorties: vec![sortie("S1", "2024-05-20 10:00", "2024-05-20 10:10")],
        recordings: vec![recording("UAV/a.mp4", "2024-05-20 10:00", 600)],
        tracks: vec![track("UAV/a.SRT", (0.0, 40.0), (1000.0, 40.0), 600)],
    }
}

fn policy() -> Policy {
    Policy::built_in("pudong-2023").unwrap()
}

fn rules() -> DroneRules {
    policy().drone_coverage.unwrap()
}

fn measured(month: &DroneMonth) -> Coverage {
    cover(month, &policy()).unwrap().0
}

/// The findings about flights, files and drawings: code, severity, subject.
fn found(month: &DroneMonth) -> Vec<(Code, Severity, String)> {
    let of_ground = [Code::BelowTarget, Code::NotSeen];
    let findings = measured(month).findings.into_iter().filter(|finding| !of_ground.contains(&finding.code));
    findings.map(|finding| (finding.code, finding.severity, finding.subject)).collect()
}

fn only(month: &DroneMonth) -> (Code, Severity) {
    let found = found(month);
    assert_eq!(found.len(), 1, "{found:?}");
    (found[0].0, found[0].1)
}

fn close(found: f64, expected: f64) {
    assert!((found / expected - 1.0).abs() < 1e-3, "{found} instead of {expected}");
}

#[test]
fn one_leg_covers_its_swath() {
    let coverage = measured(&month());
    close(coverage.flyable_m2, 1e6);
    // 80 m wide; the round ends lie outside.
    close(coverage.covered_m2, 80_000.0);
    close(coverage.ratio.unwrap(), 0.08);
    assert!(!coverage.target_met);
    close(coverage.docks[0].covered_m2, 80_000.0);
    close(coverage.docks[0].reach_flyable_m2, 1e6);
    close(coverage.sorties[0].covered_m2, 80_000.0);
    assert_eq!(coverage.sorties[0].swath_us, Micros::from_s(600));
    let filmed: Vec<&DayCoverage> = coverage.days.iter().filter(|day| day.covered_m2 > 0.0).collect();
    assert_eq!((coverage.days.len(), filmed.len(), filmed[0].day.as_str()), (31, 1, "2024-05-20"));
    assert_eq!(found(&month()), [], "a flight without fault");
}

#[test]
fn a_no_fly_zone_is_neither_flyable_nor_covered() {
    let mut month = month();
    month.areas.push(area("N", AreaKind::NoFly, [0.0, 500.0], [-100.0, 1000.0]));
    let coverage = measured(&month);
    close(coverage.flyable_m2, 5e5);
    close(coverage.covered_m2, 40_000.0);
}

#[test]
fn overlapping_areas_count_once_in_the_sum_and_in_their_sub_district() {
    let mut month = month();
    month.areas.push(area("B", AreaKind::Flyable, [500.0, 1500.0], [0.0, 1000.0]));
    month.areas.iter_mut().for_each(|area| area.sub_district = Some("示例街道".into()));
    let coverage = measured(&month);
    close(coverage.flyable_m2, 1.5e6);
    close(coverage.sub_districts[0].flyable_m2, 1.5e6);
    assert_eq!(coverage.areas.len(), 2);
    coverage.areas.iter().for_each(|area| close(area.flyable_m2, 1e6));
}

#[test]
fn flights_over_the_same_ground_count_once_and_each_for_itself() {
    let mut month = month();
    month.sorties.push(sortie("S2", "2024-05-21 10:00", "2024-05-21 10:10"));
    month.recordings.push(recording("UAV/b.mp4", "2024-05-21 10:00", 600));
    month.tracks.push(track("UAV/b.SRT", (0.0, 40.0), (1000.0, 40.0), 600));
    let coverage = measured(&month);
    close(coverage.covered_m2, 80_000.0);
    coverage.sorties.iter().for_each(|sortie| close(sortie.covered_m2, 80_000.0));
}

#[test]
fn cells_are_seen_where_enough_of_them_was_filmed_in_time() {
    let mut month = month();
    // Half of the two southern cells, in five legs of one flight.
    let film = |month: &mut DroneMonth, day: &str| {
        month.sorties = vec![sortie("S1", &format!("{day} 10:00"), &format!("{day} 11:00"))];
        (month.recordings, month.tracks) = (vec![], vec![]);
        for leg in 0..5 {
            let (key, y) = (format!("UAV/{leg}"), 40.0 + 60.0 * f64::from(leg));
            month.recordings.push(recording(
                &format!("{key}.mp4"),
                &format!("{day} 10:{:02}", leg * 10),
                600,
            ));
            month.tracks.push(track(&format!("{key}.SRT"), (0.0, y), (1000.0, y), 600));
        }
    };
    film(&mut month, "2024-05-20");
    let seen = measured(&month);
    assert_eq!((seen.cells.cells, seen.cells.seen), (4, 2), "{:?}", seen.cells.unseen);
    assert!(seen.cells.unseen.iter().all(|cell| cell.last_seen.is_none() && cell.unseen_days == 61));
    let next = seen.findings.iter().find(|finding| finding.code == Code::NotSeen).unwrap();
    assert!(next.next.contains("D1") && next.next.contains("E0N1, E1N1"), "{}", next.next);
    // Seen on the last day before, 31 days ago; the flight counts for nothing else.
    film(&mut month, "2024-04-30");
    let late = measured(&month);
    assert_eq!(late.cells.seen, 0);
    assert!(late.covered_m2.abs() < 1e-9 && late.sorties.is_empty());
    let last: Vec<_> = late.cells.unseen.iter().filter_map(|cell| cell.last_seen.as_deref()).collect();
    assert_eq!(last, ["2024-04-30", "2024-04-30"]);
    // On the second of May it was 29 days ago.
    film(&mut month, "2024-05-02");
    assert_eq!(measured(&month).cells.seen, 2);
}

#[test]
fn a_flight_without_video_is_missing_and_the_unit_is_named() {
    let mut month = month();
    month.recordings.clear();
    assert_eq!(only(&month), (Code::NoVideo, Severity::Missing));
    let finding = measured(&month).findings.remove(0);
    assert!(finding.next.contains("SQ1") && finding.next_zh.contains("SQ1"));
    assert!(measured(&month).covered_m2.abs() < 1e-9, "what was flown and not filmed is not covered");
}

#[test]
fn video_that_is_gone_or_unreadable_counts_for_nothing() {
    let mut month = month();
    month.recordings[0].gone = true;
    assert_eq!(only(&month), (Code::VideoGone, Severity::Missing));
    month.recordings[0].gone = false;
    month.recordings[0].problems = vec![Problem::new(ProblemCode::NoIndex, "no moov")];
    assert_eq!(only(&month), (Code::VideoUnreadable, Severity::Missing));
    month.recordings[0].problems = vec![Problem::new(ProblemCode::NoAudio, "drones have none")];
    assert_eq!(found(&month), []);
}

#[test]
fn video_without_a_position_is_irregular() {
    let mut month = month();
    month.tracks.clear();
    assert_eq!(only(&month), (Code::NoPosition, Severity::Irregular));
    // The last 40 s are within what may lack at an end.
    month.tracks = vec![track("UAV/a.SRT", (0.0, 40.0), (1000.0, 40.0), 560)];
    assert_eq!(found(&month), []);
    month.tracks = vec![track("UAV/a.SRT", (0.0, 40.0), (1000.0, 40.0), 500)];
    assert_eq!(only(&month), (Code::NoPosition, Severity::Notice));
}

#[test]
fn a_gap_in_mid_flight_is_found_and_a_seam_is_not() {
    let mut month = month();
    let with = |month: &mut DroneMonth, gap_s: i64| {
        let spans = [(0, 300), (300 + gap_s, 600)];
        month.recordings[0].video = spans
            .iter()
            .map(|&(from, until)| Interval::new(MediaTime(from * 1_000_000), MediaTime(until * 1_000_000)))
            .collect();
    };
    with(&mut month, 5);
    assert_eq!(found(&month), []);
    with(&mut month, 20);
    assert_eq!(only(&month), (Code::VideoGap, Severity::Irregular));
    // The leg is shorter by what was not filmed: 33 m of it, without the rounded ends.
    assert!(measured(&month).covered_m2 > 79_000.0, "the swath's ends reach into the gap");
}

#[test]
fn a_slow_clock_explains_a_gap_before_what_a_log_beside_it_dates() {
    let mut month = month();
    month.drones[0].synced_at = None;
    month.recordings = vec![
        recording("UAV/a.mp4", "2024-05-20 10:00", 300),
        recording("UAV/b.mp4", "2024-05-20 10:05:20", 280),
    ];
    let gap = |month: &DroneMonth| {
        let gap = found(month).into_iter().find(|(code, ..)| *code == Code::VideoGap);
        gap.map(|(_, severity, _)| severity)
    };
    assert_eq!(gap(&month), Some(Severity::Irregular));
    month.recordings[1].started_at_source = Some(StartSource::Sidecar);
    assert_eq!(gap(&month), Some(Severity::Notice));
}

#[test]
fn video_that_begins_late_is_found_unless_a_clock_explains_it() {
    let mut month = month();
    let late = |month: &mut DroneMonth, seconds: i64| {
        month.recordings[0] = recording("UAV/a.mp4", "2024-05-20 10:00", 600 - seconds);
        month.recordings[0].started_at = Some(at("2024-05-20 10:00") + Micros::from_s(seconds));
    };
    late(&mut month, 59);
    assert_eq!(found(&month), []);
    late(&mut month, 90);
    assert_eq!(only(&month), (Code::VideoShort, Severity::Irregular));
    // Nobody knows when this clock was set.
    month.drones[0].synced_at = None;
    assert_eq!(only(&month), (Code::VideoShort, Severity::Notice));
}

#[test]
fn video_without_a_flight_is_found() {
    let mut month = month();
    month.recordings.push(recording("UAV/b.mp4", "2024-05-20 15:00", 60));
    assert_eq!(only(&month), (Code::NoSortie, Severity::Irregular));
    // A minute before take-off is of the flight still.
    month.recordings[1] = recording("UAV/b.mp4", "2024-05-20 09:58", 60);
    assert_eq!(found(&month), []);
    // A flight that names it has it, whenever it ran.
    month.recordings[1] = recording("UAV/b.mp4", "2024-05-20 15:00", 60);
    month.sorties[0].object_key = Some("UAV/b.mp4".into());
    assert!(found(&month).iter().all(|(code, ..)| *code != Code::NoSortie));
}

#[test]
fn a_planned_flight_that_did_not_take_place_is_found() {
    let mut month = month();
    let plan = |status, note: Option<&str>| Sortie {
        status,
        note: note.map(str::to_owned),
        ..sortie("P1", "2024-05-25 10:00", "2024-05-25 10:20")
    };
    month.sorties.push(plan(SortieStatus::Planned, None));
    assert_eq!(only(&month), (Code::NotFlown, Severity::Irregular));
    month.sorties[1] = plan(SortieStatus::Cancelled, Some("大风"));
    assert_eq!(only(&month), (Code::NotFlown, Severity::Notice));
    // It is still to come.
    month.sorties[1] = plan(SortieStatus::Planned, None);
    month.as_of = at("2024-05-25 09:00");
    assert_eq!(found(&month), []);
}

#[test]
fn names_that_match_nothing_are_reported() {
    let mut month = month();
    month.sorties[0].track = Some("flight-1.gpx".into());
    assert_eq!(only(&month), (Code::Unmatched, Severity::Notice));
    month.sorties[0].track = Some("export/a.SRT".into());
    assert_eq!(found(&month), [], "the same file in another folder");
    month.sorties[0].object_key = Some("UAV/other.mp4".into());
    assert_eq!(only(&month), (Code::Unmatched, Severity::Notice));
}

#[test]
fn a_crossed_outline_is_read_by_parity_and_one_far_away_left_out_and_both_are_said() {
    let mut month = month();
    let bow = [(0.0, 0.0), (1000.0, 1000.0), (1000.0, 0.0), (0.0, 1000.0), (0.0, 0.0)];
    month.areas[0].polygons = vec![vec![bow.map(|(x, y)| degrees(x, y)).to_vec()]];
    assert_eq!(only(&month), (Code::AreaRepaired, Severity::Notice));
    close(measured(&month).flyable_m2, 5e5);
    month.areas[0] = area("A", AreaKind::Flyable, [0.0, 1000.0], [0.0, 1000.0]);
    month.areas.push(Area {
        name: "远".into(),
        polygons: vec![vec![vec![[-58.0, -31.0], [-58.1, -31.0], [-58.1, -31.1], [-58.0, -31.0]]]],
        ..month.areas[0].clone()
    });
    assert_eq!(only(&month), (Code::AreaRepaired, Severity::Notice));
    close(measured(&month).flyable_m2, 1e6);
}

#[test]
fn the_map_is_rfc_7946_and_has_every_layer() {
    let (_, drawing) = cover(&month(), &policy()).unwrap();
    let map = drawing.geojson();
    let features = map["features"].as_array().unwrap();
    let layers: std::collections::BTreeSet<&str> =
        features.iter().map(|feature| feature["properties"]["layer"].as_str().unwrap()).collect();
    assert_eq!(
        layers.into_iter().collect::<Vec<_>>(),
        ["dock", "filmed", "flyable", "reach", "track", "unseen"]
    );
    let filmed = features.iter().find(|feature| feature["properties"]["layer"] == "filmed").unwrap();
    let ring: Vec<[f64; 2]> =
        serde_json::from_value(filmed["geometry"]["coordinates"][0][0].clone()).unwrap();
    assert_eq!(ring.first(), ring.last());
    let twice: f64 = ring.windows(2).map(|pair| pair[0][0] * pair[1][1] - pair[1][0] * pair[0][1]).sum();
    assert!(twice > 0.0, "the outer ring is anticlockwise");
    // The whole swath with its ends, in square metres again.
    let on_map = plane().ring(&ring).unwrap();
    let next = on_map.iter().cycle().skip(1);
    let area: f64 = on_map.iter().zip(next).map(|(a, b)| a.x_m * b.y_m - b.x_m * a.y_m).sum::<f64>() / 2.0;
    assert!((area / (80_000.0 + std::f64::consts::PI * 1600.0) - 1.0).abs() < 2e-3, "{area}");
}

#[test]
fn a_policy_without_a_goal_measures_nothing() {
    assert!(cover(&month(), &Policy::built_in("jingan-2024").unwrap()).is_none());
}

/// A random month of up to six flights over two areas and a no-fly zone.
fn random_month() -> impl Strategy<Value = DroneMonth> {
    let place = || (-100.0..1100.0_f64, -100.0..1100.0_f64);
    let flight = (place(), place(), 1..31_u32);
    let span = || (0.0..700.0_f64, 100.0..400.0_f64).prop_map(|(from, length)| [from, from + length]);
    (prop::collection::vec(flight, 1..6), span(), span(), span(), span()).prop_map(
        |(flights, ax, ay, nx, ny)| {
            let mut month = month();
            month.areas = vec![
                area("A", AreaKind::Flyable, [0.0, 500.0], [0.0, 800.0]),
                area("B", AreaKind::Flyable, ax, ay),
                area("N", AreaKind::NoFly, nx, ny),
            ];
            (month.sorties, month.recordings, month.tracks) = (vec![], vec![], vec![]);
            for (number, (from, to, day)) in flights.into_iter().enumerate() {
                let start = format!("2024-05-{day:02} 1{number}:00");
                month.sorties.push(sortie(
                    &format!("S{number}"),
                    &start,
                    &format!("2024-05-{day:02} 1{number}:10"),
                ));
                month.recordings.push(recording(&format!("{number}.mp4"), &start, 600));
                month.tracks.push(track(&format!("{number}.SRT"), from, to, 600));
            }
            month
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_grid_of_points_says_the_same_of_random_months(month in random_month()) {
        let coverage = measured(&month);
        let inside = |polygons: &[Vec<Vec<[f64; 2]>>], point: [f64; 2]| {
            // The rectangles' own corners; their edges are straight enough.
            let ring = &polygons[0][0];
            let (low, high) = (plane().point(ring[0]).unwrap(), plane().point(ring[2]).unwrap());
            low.x_m <= point[0] && point[0] < high.x_m && low.y_m <= point[1] && point[1] < high.y_m
        };
        let legs: Vec<(Point, Point)> = month
            .tracks
            .iter()
            .map(|track| {
                let end = |point: &TrackPoint| plane().point([point.lon_deg.unwrap(), point.lat_deg.unwrap()]).unwrap();
                (end(&track.track.points[0]), end(&track.track.points[1]))
            })
            .collect();
        let near = |point: Point| legs.iter().any(|(from, to)| {
            let (dx, dy) = (to.x_m - from.x_m, to.y_m - from.y_m);
            let along = (point.x_m - from.x_m) * dx + (point.y_m - from.y_m) * dy;
            let share = (along / (dx * dx + dy * dy).max(1e-9)).clamp(0.0, 1.0);
            from.towards(*to, share).distance_m(point) < 40.0
        });
        let step = 4.0;
        let (mut flyable, mut covered) = (0.0, 0.0);
        for row in 0..290 {
            for column in 0..290 {
                let at = [f64::from(column) * step + 1.3, f64::from(row) * step + 2.1];
                let may = month.areas.iter().any(|area| area.kind == AreaKind::Flyable && inside(&area.polygons, at));
                let must_not = month.areas.iter().any(|area| area.kind == AreaKind::NoFly && inside(&area.polygons, at));
                if may && !must_not {
                    flyable += step * step;
                    if near(Point::new(at[0], at[1])) {
                        covered += step * step;
                    }
                }
            }
        }
        prop_assert!((coverage.flyable_m2 - flyable).abs() < 0.02 * flyable + 500.0, "{} {flyable}", coverage.flyable_m2);
        prop_assert!((coverage.covered_m2 - covered).abs() < 0.03 * covered + 1500.0, "{} {covered}", coverage.covered_m2);
        // Parts and wholes fit together.
        let days: f64 = coverage.days.iter().map(|day| day.covered_m2).sum();
        prop_assert!(days >= coverage.covered_m2 - 1e-3);
        prop_assert!(coverage.sorties.iter().all(|sortie| sortie.covered_m2 <= coverage.covered_m2 + 1e-3));
        prop_assert!((coverage.docks[0].covered_m2 - coverage.covered_m2).abs() < 1e-3);
    }

    #[test]
    fn one_thread_and_many_say_the_same_to_the_byte(month in random_month()) {
        let with = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| serde_json::to_string(&measured(&month)).unwrap())
        };
        let one = with(1);
        prop_assert_eq!(&one, &with(2));
        prop_assert_eq!(&one, &with(5));
    }
}

#[test]
fn what_was_seen_is_drawn_as_it_was_measured() {
    let month = month();
    let joined = flights::join(&month, &plane(), &rules());
    let shapes: &[Shape] = &joined.flights[0].seen.shapes;
    close(rows::union_area(shapes).area_m2, 80_000.0 + std::f64::consts::PI * 1600.0);
}
