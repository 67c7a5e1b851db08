//! Cohen's kappa.

use analyzer::review::{NoKappa, of_table};

#[test]
fn kappa_is_that_of_a_worked_example() {
    // The textbook table of 50 applications: both yes 20, both no 15, 5 and 10 apart.
    let agreement = of_table(50, [[20, 5, 0, 0], [10, 15, 0, 0], [0; 4], [0; 4]]);
    assert!((agreement.observed.unwrap() - 0.70).abs() < 1e-12);
    assert!((agreement.expected.unwrap() - 0.50).abs() < 1e-12);
    assert!((agreement.kappa.unwrap() - 0.40).abs() < 1e-12);
    assert!(agreement.explanation.contains("0.40") && agreement.explanation_zh.contains("0.40"));
}

#[test]
fn without_items_there_is_no_figure() {
    let agreement = of_table(3, [[0; 4]; 4]);
    assert_eq!((agreement.kappa, agreement.observed), (None, None));
    assert_eq!(agreement.undefined, Some(NoKappa::NoItems));
}

#[test]
fn one_and_the_same_outcome_throughout_leaves_kappa_undefined() {
    let agreement = of_table(9, [[7, 0, 0, 0], [0; 4], [0; 4], [0; 4]]);
    assert_eq!((agreement.kappa, agreement.observed), (None, Some(1.0)));
    assert_eq!(agreement.undefined, Some(NoKappa::OneOutcome));
}

#[test]
fn full_agreement_is_one_and_none_at_all_may_be_less_than_chance() {
    let full = of_table(4, [[2, 0, 0, 0], [0, 0, 0, 0], [0, 0, 2, 0], [0; 4]]);
    assert!((full.kappa.unwrap() - 1.0).abs() < 1e-12);
    let none = of_table(4, [[0, 2, 0, 0], [2, 0, 0, 0], [0; 4], [0; 4]]);
    assert!((none.kappa.unwrap() + 1.0).abs() < 1e-12);
    // Each always says the other thing: p_e is 0, and kappa with it.
    let apart = of_table(4, [[0, 4, 0, 0], [0; 4], [0; 4], [0; 4]]);
    assert!(apart.kappa.unwrap().abs() < 1e-12);
}
