//! Against the definition, against published figures, against counting.

use super::*;

/// The bound by its definition, in whole numbers.
fn by_definition(frame_size: u64, sampled: u64, found: u64) -> u64 {
    let way = |bad: u64, x: u64| -> u128 {
        if x > bad || sampled - x > frame_size - bad {
            0
        } else {
            choose(bad, x).unwrap() * choose(frame_size - bad, sampled - x).unwrap()
        }
    };
    (0..=frame_size)
        .filter(|bad| {
            let few: u128 = (0..=found).map(|x| way(*bad, x)).sum();
            // It must also be possible to have found as many.
            found <= *bad
                && sampled - found <= frame_size - bad
                && few * 20 > choose(frame_size, sampled).unwrap()
        })
        .max()
        .unwrap()
}

#[test]
fn the_bound_is_the_definitions_for_every_small_sample() {
    for frame_size in (1..=34).chain([40, 60, 100]) {
        let step = if frame_size > 34 { 7 } else { 1 };
        for sampled in (0..=frame_size).step_by(step) {
            for found in 0..=sampled {
                assert_eq!(
                    bad_upper(frame_size, sampled, found, 0.95).unwrap(),
                    by_definition(frame_size, sampled, found),
                    "{found} of {sampled} of {frame_size}"
                );
            }
        }
    }
}

#[test]
fn thirty_of_three_hundred_without_a_miss_still_allow_nine_per_cent() {
    assert_eq!(bad_upper(300, 30, 0, 0.95).unwrap(), 27);
    let rate = missing_rate_upper(300, 30, 0, 0.95).unwrap();
    assert!((rate - 0.09).abs() < 1e-12, "{rate}");
}

#[test]
fn nothing_sampled_says_nothing_and_everything_sampled_says_all() {
    for n in [1, 7, 300, 1_000_000] {
        assert_eq!(missing_rate_upper(n, 0, 0, 0.95), Ok(1.0));
        assert_eq!(bad_upper(n, n, n / 3, 0.95), Ok(n / 3));
    }
    assert_eq!(missing_rate_upper(0, 0, 0, 0.95), Ok(1.0));
}

#[test]
fn a_chance_of_just_five_per_cent_is_not_above_five_per_cent() {
    // One bad item among 20 m of which 19 m are sampled goes unseen with a chance of exactly 1/20.
    for m in [1, 5, 100, 50_000] {
        assert_eq!(bad_upper(20 * m, 19 * m, 0, 0.95), Ok(0), "{m}");
        assert_eq!(bad_upper(20 * m, 19 * m - 1, 0, 0.95), Ok(1), "{m}");
    }
}

#[test]
fn a_million_items_are_as_exact_as_a_hundred() {
    // Without a miss the chance is a plain product, which needs none of the expansions.
    let product = |bad: u64| {
        (0..10_000_u32)
            .fold(1.0, |chance, i| chance * (1e6 - bad as f64 - f64::from(i)) / (1e6 - f64::from(i)))
    };
    let bound = bad_upper(1_000_000, 10_000, 0, 0.95).unwrap();
    assert!(product(bound) > 0.05 && product(bound + 1) <= 0.05, "{bound}");
    let chance = catch_chance(1_000_000, 10_000, bound).unwrap();
    assert!((chance - (1.0 - product(bound))).abs() < 1e-11);
    // With many found, the bound is near what the normal law gives, and above what was found.
    let rate = missing_rate_upper(1_000_000, 100_000, 20_000, 0.95).unwrap();
    assert!((0.2019..0.2021).contains(&rate), "{rate}");
}

#[test]
fn chances_agree_with_counting() {
    for (frame_size, bad, sampled) in [(60, 3, 6), (100, 10, 10), (52, 13, 20), (90, 40, 45)] {
        let all = choose(frame_size, sampled).unwrap() as f64;
        let mut few = 0_u128;
        for found in 0..=sampled.min(bad) {
            few += choose(bad, found).unwrap() * choose(frame_size - bad, sampled - found).unwrap();
            let chance = Tail { frame_size, bad, sampled, found }.chance();
            assert!((chance - few as f64 / all).abs() < 1e-12, "{frame_size} {bad} {sampled} {found}");
        }
    }
}

#[test]
fn one_bad_item_is_caught_as_often_as_an_item_is_drawn() {
    assert!((catch_chance(300, 30, 1).unwrap() - 0.1).abs() < 1e-12);
    assert_eq!(catch_chance(300, 30, 0), Some(0.0));
    assert_eq!(catch_chance(300, 291, 10), Some(1.0));
    assert_eq!(catch_chance(9, 3, 10), None);
}

#[test]
fn the_sample_size_is_the_smallest_that_will_do() {
    for (frame_size, found) in [(20, 0), (60, 0), (131, 1), (300, 0), (300, 4), (5000, 12)] {
        let size = sample_size_for(frame_size, found, 0.05, 0.95).unwrap().unwrap();
        assert!(missing_rate_upper(frame_size, size, found, 0.95).unwrap() <= 0.05);
        assert!(
            size == found || missing_rate_upper(frame_size, size - 1, found, 0.95).unwrap() > 0.05,
            "{frame_size} {found} {size}"
        );
    }
    assert_eq!(sample_size_for(20, 2, 0.05, 0.95), Ok(None));
}

#[test]
fn impossible_samples_are_refused() {
    assert!(matches!(missing_rate_upper(3, 4, 0, 0.95), Err(BoundsError::SampleLargerThanFrame { .. })));
    assert!(matches!(missing_rate_upper(3, 2, 3, 0.95), Err(BoundsError::FoundMoreThanSampled { .. })));
    for confidence in [0.0, 1.0, -1.0, 95.0, f64::NAN, 1e-12] {
        assert!(matches!(missing_rate_upper(3, 2, 0, confidence), Err(BoundsError::Confidence(_))));
    }
    assert!(matches!(missing_rate_upper(u64::MAX, 2, 0, 0.95), Err(BoundsError::FrameTooLarge(_))));
}
