//! Two officers' recordings that both heard the same are tied to one another, and others are not.

use catalog::MediaTime;
use catalog::finding::Certainty;
use catalog::inspection::{Inspection, Look};
use catalog::trace::SoundEnvelope;

use crate::month::{Film, Month};
use crate::random_month::Dice;

/// How loud it was at a place, in steps of 40 ms from 09:59:00.
fn scene(seed: u64) -> Vec<i64> {
    let mut dice = Dice::new(seed);
    (0..30_000).map(|_| dice.between(60, 200)).collect()
}

fn look(month: &mut Month, key: &str, scene: &[i64], from: usize, noise: u64) {
    let mut dice = Dice::new(noise);
    let levels = scene[from..from + 16_500].iter().map(|level| level + dice.between(-30, 30));
    let sound = SoundEnvelope {
        start_us: MediaTime(1_400_000),
        levels: levels.map(|level| u8::try_from(level).unwrap()).collect(),
    };
    month.snapshot.looks.push(Look {
        sha256: format!("digest-of-{key}"),
        options: month.policy.inspect.options(),
        inspection: Inspection::default(),
        pictures: Vec::new(),
        sound: Some(sound),
    });
}

/// Both recorders pause, the one within the other's pause; nobody knows when either clock was set, and that of
/// the second is 3 s behind the street.
fn month(first_scene: u64, second_scene: u64) -> Month {
    let mut month = Month::with_inspection()
        .synced("BWC1", None)
        .synced("BWC2", None)
        .film(Film::first("a.mp4", "09:59:00", "10:11:00").pause("10:05:00", "10:06:00"))
        .film(Film::second("b.mp4", "09:59:30", "10:11:00").pause("10:05:10", "10:05:50"));
    look(&mut month, "a.mp4", &scene(first_scene), 0, 1);
    look(&mut month, "b.mp4", &scene(second_scene), 33 * 25, 2);
    month
}

#[test]
fn a_gap_of_two_recorders_that_heard_the_same_is_certain_however_wrong_both_clocks_are() {
    let audit = month(7, 7).audit();
    let [obligation] = audit.obligations.as_slice() else { panic!("{audit:?}") };
    let [gap] = obligation.gaps.as_slice() else { panic!("{obligation:?}") };
    assert_eq!(gap.certainty, Certainty::Certain);
    let [of_first, of_second] = [&obligation.evidence[0], &obligation.evidence[1]];
    assert_eq!(of_first.heard_with[0].object_key, "b.mp4");
    let off_us = of_first.heard_with[0].ahead_us.0 + 3_000_000;
    assert!(off_us.abs() <= of_first.heard_with[0].error_us.0, "{of_first:?}");
    assert!(of_first.heard_with[0].error_us.0 < 100_000);
    assert_eq!(of_second.heard_with[0].ahead_us, -of_first.heard_with[0].ahead_us);
    // Neither recording is moved, nor better placed on the street.
    assert_eq!(obligation.covered_us, month(7, 8).audit().obligations[0].covered_us);
    assert_eq!(of_first.clock_error_us, month(7, 8).audit().obligations[0].evidence[0].clock_error_us);
}

#[test]
fn recorders_at_two_places_explain_the_gap_by_their_clocks() {
    let audit = month(7, 8).audit();
    let obligation = &audit.obligations[0];
    assert_eq!(obligation.gaps[0].certainty, Certainty::WithinClockError);
    assert!(obligation.evidence.iter().all(|evidence| evidence.heard_with.is_empty()));
}

#[test]
fn sound_of_other_bytes_ties_nothing() {
    let mut month = month(7, 7);
    month.snapshot.looks[1].sha256 = "of other bytes".to_owned();
    assert_eq!(month.audit().obligations[0].gaps[0].certainty, Certainty::WithinClockError);
}

#[test]
fn a_gap_that_the_sound_shows_the_other_to_have_filmed_is_not_certain() {
    let mut month = month(7, 7);
    // The second's clock is behind by forty seconds: it filmed what the stamps leave open, and the sound says so.
    month.snapshot.looks.pop();
    look(&mut month, "b.mp4", &scene(7), 70 * 25, 2);
    let audit = month.audit();
    let ahead_us = audit.obligations[0].evidence[0].heard_with[0].ahead_us;
    assert!((ahead_us.0 + 40_000_000).abs() < 80_000, "{ahead_us:?}");
    assert_eq!(audit.obligations[0].gaps[0].certainty, Certainty::WithinClockError);
}
