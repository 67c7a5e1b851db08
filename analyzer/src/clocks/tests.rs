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
    let street = at(day);
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

/// Midnight, so many days after the first.
fn at(day: i64) -> WallTime {
    WallTime(1_714_500_000_000_000 + day * DAY_US)
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
    let noon = |day: i64| at(day) + Micros(DAY_US / 2);
    let own = noon(12) - Micros(behind(12) + 750_000);
    let (low, high) = clocks.offsets("BWC1", own, Micros::from_s(90)).unwrap();
    assert!(low <= Micros(behind(12)) && Micros(behind(13)) <= high, "{low:?} {high:?}");
    assert!(low > Micros::from_s(33) && high < Micros::from_s(44), "{low:?} {high:?}");
    for outside in [at(0) + Micros::from_s(60), at(29) - Micros::from_s(60), at(40)] {
        assert_eq!(clocks.offsets("BWC1", outside, Micros::from_s(90)), None);
    }
    assert_eq!(clocks.offsets("BWC2", own, Micros::from_s(90)), None);
}

#[test]
fn a_clock_that_was_set_begins_a_new_stretch() {
    let mut recordings: Vec<_> = (0..10).map(|day| recording(day, 60_000_000)).collect();
    recordings.extend((10..20).map(|day| recording(day, 0)));
    let clocks = clocks(&recordings);
    let [clock] = clocks.report().try_into().unwrap();
    assert_eq!(clock.settings, 1);
    assert!(clock.offset_us.abs() <= Micros::from_s(2), "{clock:?}");
    // Nobody knows when it was set: both are admitted.
    let (low, high) = clocks.offsets("BWC1", at(9) + Micros(DAY_US / 2), Micros::from_s(90)).unwrap();
    assert!(low < Micros::ZERO && high > Micros::from_s(60), "{low:?} {high:?}");
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
    let offsets = |day: i64, within_s: i64| {
        clocks.offsets("BWC1", at(day) + Micros(DAY_US / 2), Micros::from_s(within_s))
    };
    assert_eq!(offsets(5, 90), None, "before the dock set it");
    let (low, high) = offsets(9, 90).unwrap();
    assert!(low >= Micros::from_ms(-1600) && high <= Micros::from_ms(3600), "{low:?} {high:?}");
    assert_eq!(offsets(9, 43_201), None, "it may have been before the dock set it");
}

#[test]
fn what_is_small_enough_to_be_drift_cannot_be_told_from_a_setting_and_is_admitted() {
    // Set each evening, and each morning anew: the samples never contradict one another.
    let recordings = [recording(0, 2_000_000), recording(1, 0)];
    let clocks = clocks(&recordings);
    assert_eq!(clocks.report()[0].settings, 0);
    let (low, high) = clocks.offsets("BWC1", at(0) + Micros(DAY_US / 2), Micros::ZERO).unwrap();
    assert!(low <= Micros::ZERO && high >= Micros::from_s(2), "{low:?} {high:?}");
}

#[test]
fn two_samples_of_one_moment_are_both_admitted() {
    let recordings = [recording(0, 0), recording(1, 5_000_000), recording(1, -5_000_000), recording(2, 0)];
    let clocks = clocks(&recordings);
    let (low, high) = clocks.offsets("BWC1", at(1), Micros::ZERO).unwrap();
    assert!(low <= Micros::from_s(-5) && high >= Micros::from_s(5), "{low:?} {high:?}");
}

#[test]
fn small_steps_that_add_up_to_more_than_drift_are_cut() {
    // Each is explained by the resolution of the one before; the last and the first are not.
    let mut recordings: Vec<_> = (0..4).map(|hour| recording(0, hour * 1_900_000)).collect();
    for (hour, recording) in (0..).zip(&mut recordings) {
        recording
            .start_claims
            .iter_mut()
            .for_each(|claim| claim.started_at = claim.started_at + Micros::from_s(hour * 3600));
    }
    let [clock] = clocks(&recordings).report().try_into().unwrap();
    assert!(clock.settings > 0, "{clock:?}");
}
