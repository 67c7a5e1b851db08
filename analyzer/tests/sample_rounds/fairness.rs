//! Chances. Seeds are counted up, so every figure here is the same in every run.
//!
//! Whether a recording exists is no input of [`analyzer::sample`], so that a missing one is drawn as
//! often as a present one holds by construction; it is counted here all the same.

use std::collections::BTreeMap;

use analyzer::sample::Frozen;

use crate::support::{drawn, february};

const SEEDS: u32 = 4_000;

/// How often each item was drawn; with `topped_up`, only where a rule lacked it.
fn counts(frozen: &Frozen, seeds: u32, topped_up: bool) -> BTreeMap<String, f64> {
    let mut counts: BTreeMap<String, f64> =
        frozen.frame.items.iter().map(|item| (item.id.clone(), 0.0)).collect();
    for seed in 0..seeds {
        for item in drawn(frozen, &seed.to_string()).items {
            if !topped_up || item.reason != "core" {
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

/// Drawn without replacement, so the statistic is smaller than Pearson's would be, never larger.
fn assert_even(what: &str, counts: &[f64]) {
    if counts.len() > 1 {
        let (statistic, degrees) = chi_square(counts);
        assert!(statistic < limit(degrees), "{what}: {statistic} on {degrees}");
    }
}

#[test]
fn within_a_squad_every_item_is_topped_up_equally_often() {
    let frozen = february(&[2, 12, 1, 7, 3]);
    for (unit, counts) in by_unit(&frozen, &counts(&frozen, SEEDS, true)) {
        if counts.iter().sum::<f64>() > 0.0 {
            assert_even(&unit, &counts);
        }
    }
}

#[test]
fn over_a_hundred_thousand_seeds_every_item_of_a_squad_is_drawn_equally_often() {
    let frozen = february(&[4, 3, 1]);
    let counts = counts(&frozen, 100_000, false);
    for (unit, counts) in by_unit(&frozen, &counts) {
        assert_even(&unit, &counts);
    }
    // And the test can fail: one item that is drawn ten per cent more often is found out.
    let mut tilted = by_unit(&frozen, &counts).remove("SQ-00").unwrap();
    tilted[3] *= 1.1;
    let (statistic, degrees) = chi_square(&tilted);
    assert!(statistic > limit(degrees), "{statistic} on {degrees}");
}

#[test]
fn the_core_draws_every_item_of_the_frame_equally_often() {
    let frozen = february(&[40, 20, 2, 9, 4]);
    let mut counts: BTreeMap<String, f64> =
        frozen.frame.items.iter().map(|item| (item.id.clone(), 0.0)).collect();
    for seed in 0..SEEDS {
        for item in drawn(&frozen, &seed.to_string()).items.into_iter().filter(|item| item.reason == "core") {
            *counts.get_mut(&item.id).unwrap() += 1.0;
        }
    }
    assert_even("core", &counts.into_values().collect::<Vec<_>>());
}

#[test]
fn due_squads_of_one_size_are_reached_equally_often() {
    let frozen = february(&[5, 4, 4, 4, 4, 4, 4]);
    let mut reached: BTreeMap<String, f64> = BTreeMap::new();
    for seed in 0..SEEDS {
        for unit in drawn(&frozen, &seed.to_string()).units {
            *reached.entry(unit).or_default() += 1.0;
        }
    }
    reached.remove("SQ-00");
    assert_eq!(reached.len(), 6);
    assert_even("due squads", &reached.into_values().collect::<Vec<_>>());
}

#[test]
fn no_squad_is_ever_safe_and_none_but_the_last_ones_is_sure() {
    // A half-year of fourteen squads; whatever was reached before, each has a chance in every month.
    let sizes = [9, 8, 7, 6, 5, 5, 4, 4, 3, 3, 2, 2, 1, 1];
    let mut bureau = crate::support::Bureau::default();
    let months = crate::support::month("2024-01").half_year();
    for month in months {
        bureau.add_month(month.previous(), &sizes);
    }
    let mut earlier = Vec::new();
    for month in months {
        let frozen = bureau.freeze(month, &earlier);
        let mut reached: BTreeMap<String, u32> = BTreeMap::new();
        for seed in 0..600_u32 {
            for unit in drawn(&frozen, &seed.to_string()).units {
                *reached.entry(unit).or_default() += 1;
            }
        }
        assert_eq!(reached.len(), sizes.len(), "{month}: {reached:?}");
        let sure: Vec<&String> =
            reached.iter().filter(|(_, count)| **count == 600).map(|(unit, _)| unit).collect();
        let last =
            frozen.plan.quotas.iter().any(|quota| quota.rule == "all_squads" && quota.need == quota.possible);
        assert!(last || sure.is_empty(), "{month}: {sure:?}");
        let draw = drawn(&frozen, "2024");
        earlier.push(crate::support::earlier_round(&frozen, &draw));
    }
}

#[test]
fn missing_obligations_are_drawn_as_often_as_present_ones() {
    let frozen = february(&[15, 15, 15, 15, 15, 15]);
    let counts = counts(&frozen, SEEDS, false);
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
