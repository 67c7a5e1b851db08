use catalog::observation::StartClaim;
use catalog::{IntervalSet, MediaTime};

use super::*;
use crate::policy::Policy;

const DAY_US: i64 = 86_400_000_000;

fn rules() -> ClockRules {
    Policy::built_in("jingan-2024").unwrap().clock
}

/// A recording on a day of the month, whose device's clock is behind the street by so much.
fn recording(day: i64, behind_us: i64) -> Recording {
    let street = WallTime(1_714_500_000_000_000 + day * DAY_US);
    let own = street - Micros(behind_us);
    let claim =
        |source, started_at, error_ms| StartClaim { source, started_at, error_us: Micros::from_ms(error_ms) };
    Recording {
        object_key: format!("{day}.mp4"),
        version: 1,
        sha256: day.to_string(),
        first_sha256: None,
        size_bytes: 1,
        device: Some("BWC1".to_owned()),
        badge: None,
        started_at: Some(street),
        started_at_source: Some(StartSource::Telemetry),
        clock_error_us: Micros::from_ms(50),
        start_claims: vec![
            claim(StartSource::Telemetry, street, 50),
            claim(StartSource::FileName, WallTime(own.0.div_euclid(1_000_000) * 1_000_000), 1000),
        ],
        origin_us: MediaTime::ZERO,
        video: IntervalSet::default(),
        audio: IntervalSet::default(),
        problems: Vec::new(),
        gone: false,
        arrival: catalog::snapshot::Arrival::default(),
    }
}

fn clocks(recordings: &[Recording]) -> Clocks {
    Clocks::new(recordings.iter(), std::iter::empty(), &rules())
}

#[test]
fn a_clock_that_drifts_is_known_with_its_drift_and_a_bound_that_holds() {
    // 1.5 s a day, twenty seconds behind on the first of the month.
    let behind = |day: i64| 20_000_000 + day * 1_500_000;
    let recordings: Vec<_> = (0..30).map(|day| recording(day, behind(day))).collect();
    let clocks = clocks(&recordings);
    let [clock] = clocks.report().try_into().unwrap();
    let truth = Micros(behind(29));
    assert!((clock.offset_us - truth).abs() <= clock.bound_us, "{clock:?}");
    assert!(clock.bound_us <= Micros::from_ms(1600), "{clock:?}");
    let drift = clock.drift_us_per_day.unwrap();
    assert!((drift - Micros(1_500_000)).abs() <= Micros::from_ms(60), "{clock:?}");
    assert_eq!((clock.settings, clock.from.satellite), (0, 30));
    // Between samples the bound holds, and it is far below the ninety seconds of an unknown clock.
    let at = WallTime(1_714_500_000_000_000 + 12 * DAY_US + DAY_US / 2) - Micros(behind(12));
    let bound = clocks.bound_us("BWC1", at).unwrap();
    assert!(bound >= Micros(behind(12)) && bound < Micros::from_s(42), "{bound:?}");
    assert_eq!(clocks.bound_us("BWC1", at - Micros::from_s(20 * 86_400)), None, "before the first sample");
    assert_eq!(clocks.bound_us("BWC2", at), None);
}

#[test]
fn a_clock_that_was_set_begins_a_new_stretch() {
    let mut recordings: Vec<_> = (0..10).map(|day| recording(day, 60_000_000)).collect();
    recordings.extend((10..20).map(|day| recording(day, 0)));
    let clocks = clocks(&recordings);
    let [clock] = clocks.report().try_into().unwrap();
    assert_eq!(clock.settings, 1);
    assert!(clock.offset_us.abs() <= Micros::from_s(2), "{clock:?}");
    let between = WallTime(1_714_500_000_000_000 + 9 * DAY_US + DAY_US / 2);
    assert_eq!(clocks.bound_us("BWC1", between), None, "nobody knows when it was set");
}

#[test]
fn one_wild_sample_moves_nothing_but_ends_the_stretch() {
    let mut recordings: Vec<_> = (0..20).map(|day| recording(day, 5_000_000)).collect();
    recordings[7] = recording(7, 3_600_000_000);
    let [clock] = clocks(&recordings).report().try_into().unwrap();
    assert!((clock.offset_us - Micros::from_s(5)).abs() <= clock.bound_us, "{clock:?}");
    assert_eq!(clock.settings, 2);
}

#[test]
fn what_a_dock_says_holds_for_what_comes_after_it() {
    let recordings = [recording(0, 9_000_000), recording(10, 1_000_000)];
    let device = Device {
        serial: "BWC1".to_owned(),
        kind: catalog::device::DeviceKind::Bodycam,
        unit: "SQ1".to_owned(),
        holder: None,
        synced_at: Some(WallTime(1_714_500_000_000_000 + 9 * DAY_US)),
        clock_error_us: Some(Micros::ZERO),
    };
    let clocks = Clocks::new(recordings.iter(), std::iter::once(&device), &rules());
    let [clock] = clocks.report().try_into().unwrap();
    assert_eq!((clock.from.satellite, clock.from.docking), (2, 1));
    let at = |day: i64| WallTime(1_714_500_000_000_000 + day * DAY_US + DAY_US / 2);
    assert_eq!(clocks.bound_us("BWC1", at(5)), None, "before the dock set it");
    assert!(clocks.bound_us("BWC1", at(9)).unwrap() <= Micros::from_ms(3600));
}
