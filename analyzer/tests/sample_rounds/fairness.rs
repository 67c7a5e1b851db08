//! Chances. Seeds are counted up, so every figure here is the same in every run.
//!
//! Whether a recording exists is no input of [`analyzer::sample`], so that a missing one is drawn as
//! often as a present one holds by construction; it is counted here all the same.

use std::collections::BTreeMap;

use analyzer::sample::{Frozen, ItemReason};

use crate::support::{drawn, february};

const SEEDS: u32 = 4_000;

/// How often each item was drawn; with `for_squads`, only as the one that stands for its squad.
fn counts(frozen: &Frozen, for_squads: bool) -> BTreeMap<String, f64> {
    let mut counts: BTreeMap<String, f64> =
        frozen.frame.items.iter().map(|item| (item.id.clone(), 0.0)).collect();
    for seed in 0..SEEDS {
        for item in drawn(frozen, &seed.to_string()).items {
            if !for_squads || item.reason == ItemReason::UnitQuota {
                *counts.get_mut(&item.id).unwrap() += 1.0;
            }
        }
    }
    counts
}

/// Pearson's statistic of counts that should all be alike, and its degrees of freedom.
fn chi_square(counts: &[f64]) -> (f64, f64) {
    let mean = counts.iter().sum::<f64>() / counts.len() as f64;
    (counts.iter().map(|count| (count - mean).powi(2) / mean).sum(), counts.len() as f64 - 1.0)
}

/// Upper quantile of chi-square that chance alone exceeds once in about 100,000 times
/// (Wilson and Hilferty's approximation, at 4.26 standard deviations).
fn limit(degrees: f64) -> f64 {
    let ninth = 2.0 / (9.0 * degrees);
    degrees * (1.0 - ninth + 4.26 * ninth.sqrt()).powi(3)
}

fn by_unit(frozen: &Frozen, counts: &BTreeMap<String, f64>) -> BTreeMap<String, Vec<f64>> {
    let mut groups: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for item in &frozen.frame.items {
        groups.entry(item.unit.clone()).or_default().push(counts[&item.id]);
    }
    groups
}

#[test]
fn within_a_squad_every_item_stands_for_it_equally_often() {
    let frozen = february(&[2, 12, 1, 7, 3]);
    for (unit, counts) in by_unit(&frozen, &counts(&frozen, true)) {
        // Squad 0 was reached before, and the due ones fill the share of squads.
        assert_eq!(unit == "SQ-00", counts.iter().sum::<f64>() == 0.0);
        if counts.len() > 1 && unit != "SQ-00" {
            let (statistic, degrees) = chi_square(&counts);
            assert!(statistic < limit(degrees), "{unit}: {statistic} on {degrees}");
        }
    }
}

#[test]
fn within_a_squad_every_item_is_drawn_equally_often_in_all() {
    let frozen = february(&[40, 20, 2, 9, 4]);
    assert!(frozen.plan.items_to_draw > frozen.plan.units_to_draw + 4);
    for (unit, counts) in by_unit(&frozen, &counts(&frozen, false)) {
        if counts.len() > 1 {
            // Drawn without replacement, so the statistic is smaller than Pearson's, never larger.
            let (statistic, degrees) = chi_square(&counts);
            assert!(statistic < limit(degrees), "{unit}: {statistic} on {degrees}");
        }
    }
}

#[test]
fn squads_of_equal_standing_are_picked_equally_often_whatever_their_size() {
    let frozen = february(&[5, 40, 1, 10, 2, 15, 4]);
    assert_eq!(frozen.plan.due_to_draw, 2);
    let mut picked: BTreeMap<String, f64> = BTreeMap::new();
    for seed in 0..SEEDS {
        for pick in drawn(&frozen, &seed.to_string()).picks {
            *picked.entry(pick.unit).or_default() += 1.0;
        }
    }
    // Squad 0 was reached before: both picks go to the six due ones.
    assert_eq!(picked.len(), 6);
    let (statistic, degrees) = chi_square(&picked.into_values().collect::<Vec<_>>());
    assert!(statistic < limit(degrees), "{statistic} on {degrees}");
}

#[test]
fn a_squad_that_was_reached_is_never_safe() {
    let frozen = february(&[5, 5, 5, 5, 5, 5]);
    assert!(!frozen.units_due.contains(&"SQ-00".to_owned()));
    let again = (0..SEEDS)
        .filter(|seed| drawn(&frozen, &seed.to_string()).units.contains(&"SQ-00".to_owned()))
        .count();
    assert!(again > 200, "{again} of {SEEDS}");
}

#[test]
fn missing_obligations_are_drawn_as_often_as_present_ones() {
    let frozen = february(&[15, 15, 15, 15, 15, 15]);
    let counts = counts(&frozen, false);
    let (mut missing, mut present) = (Vec::new(), Vec::new());
    for (i, item) in frozen.frame.items.iter().enumerate() {
        let pile = if i % 7 == 3 { &mut missing } else { &mut present };
        pile.push(counts[&item.id]);
    }
    let mean = |counts: &[f64]| counts.iter().sum::<f64>() / counts.len() as f64;
    let (of_missing, of_present) = (mean(&missing), mean(&present));
    // A single count varies by some 14, the mean of 25 of them by some 3.
    assert!((of_missing - of_present).abs() < 12.0, "{of_missing} against {of_present}");
}

#[test]
fn the_lowest_tickets_of_the_whole_frame_are_always_drawn() {
    // What the bounds for any spread rest on: as many as the case quota drew.
    let frozen = february(&[40, 1, 1, 1, 1, 30, 1]);
    for seed in 0..200_u32 {
        let seed = seed.to_string();
        let draw = drawn(&frozen, &seed);
        let by_share = draw.items.iter().filter(|item| item.reason == ItemReason::CaseQuota).count();
        let mut all: Vec<(String, &str)> = frozen
            .frame
            .items
            .iter()
            .map(|item| (analyzer::sample::item_ticket(&seed, &item.id), item.id.as_str()))
            .collect();
        all.sort();
        for (_, id) in all.iter().take(by_share) {
            assert!(draw.items.iter().any(|item| item.id == *id));
        }
    }
}
