//! Quotas, for bureaus of every shape.

use std::collections::BTreeSet;

use analyzer::sample::{EarlierRound, Frozen};
use proptest::prelude::*;

use crate::support::{Bureau, drawn, month};

/// Cases a squad: mostly few, sometimes none, sometimes very many.
fn cases_of_squads() -> impl Strategy<Value = Vec<usize>> {
    let of_one = prop_oneof![2 => Just(0_usize), 6 => 1_usize..6, 2 => 6_usize..30, 1 => 30_usize..60];
    prop::collection::vec(of_one, 1..=60)
}

fn assert_quotas_are_met(frozen: &Frozen, seed: &str) {
    let draw = drawn(frozen, seed);
    let ids: BTreeSet<&str> = draw.items.iter().map(|item| item.id.as_str()).collect();
    assert_eq!(ids.len(), draw.items.len(), "an item was drawn twice");
    for item in &draw.items {
        assert!(frozen.frame.items.iter().any(|framed| framed.id == item.id && framed.unit == item.unit));
    }
    let sampled = draw.items.len() as u64;
    let reached: BTreeSet<&str> = draw.units.iter().map(String::as_str).collect();
    let reachable = frozen.frame.reachable();

    assert!(sampled >= frozen.items_required || sampled == frozen.frame_size);
    assert!(reached.len() as u64 >= frozen.units_required || reached == reachable);
    // The half-year can still be completed at the pace that the months left ask for.
    let due_reached = frozen.units_due.iter().filter(|unit| reached.contains(unit.as_str())).count() as u64;
    let due_unreachable = frozen.units_unreachable.len() as u64;
    let due = frozen.units_due.len() as u64;
    assert!(due_reached >= due.div_ceil(frozen.plan.months_left).min(due - due_unreachable));
    // No more than asked for.
    assert!(sampled <= frozen.items_required.max(frozen.plan.units_to_draw));
    // "Feasible" is neither said too often nor too seldom.
    let last = frozen.plan.months_left == 1;
    let met = sampled >= frozen.items_required
        && reached.len() as u64 >= frozen.units_required
        && (!last || due_reached == due);
    assert_eq!(frozen.feasible, met, "{}", frozen.explanation);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_round_of_a_half_year_meets_its_quotas_or_says_which_it_cannot(
        by_month in prop::collection::vec(cases_of_squads(), 6),
        missed in prop::collection::vec(prop::bool::weighted(0.2), 6),
        seed in "[0-9]{1,8}",
    ) {
        let mut earlier = Vec::new();
        for ((month, sizes), missed) in month("2024-07").half_year().into_iter().zip(&by_month).zip(&missed) {
            if *missed {
                continue;
            }
            let frozen = Bureau::new(month.previous(), sizes).freeze(month, &earlier);
            assert_quotas_are_met(&frozen, &seed);
            let units = drawn(&frozen, &seed).units.into_iter().collect();
            earlier.push(EarlierRound { month, units });
        }
    }

    #[test]
    fn six_rounds_reach_every_squad_that_has_cases_each_month(
        sizes in prop::collection::vec(prop_oneof![9 => 1_usize..8, 1 => 8_usize..40], 1..=60),
        seed in "[0-9]{1,8}",
    ) {
        let mut earlier: Vec<EarlierRound> = Vec::new();
        for month in month("2024-01").half_year() {
            let frozen = Bureau::new(month.previous(), &sizes).freeze(month, &earlier);
            prop_assert!(frozen.feasible);
            let units = drawn(&frozen, &format!("{seed}-{month}")).units.into_iter().collect();
            earlier.push(EarlierRound { month, units });
        }
        let reached: BTreeSet<&String> = earlier.iter().flat_map(|round| &round.units).collect();
        prop_assert_eq!(reached.len(), sizes.len());
    }

    #[test]
    fn the_order_of_the_input_changes_nothing(
        sizes in cases_of_squads(),
        seed in "[0-9]{1,8}",
        turn in any::<prop::sample::Index>(),
    ) {
        let mut bureau = Bureau::new(month("2024-03"), &sizes);
        let frozen = bureau.freeze(month("2024-04"), &[]);
        bureau.units.reverse();
        bureau.cases.reverse();
        let turn = turn.index(bureau.stages.len().max(1));
        if !bureau.stages.is_empty() {
            bureau.stages.rotate_left(turn);
        }
        let again = bureau.freeze(month("2024-04"), &[]);
        prop_assert_eq!(&frozen, &again);
        prop_assert_eq!(drawn(&frozen, &seed), drawn(&again, &seed));
    }

    #[test]
    fn another_seed_draws_from_the_same_frame_and_an_item_keeps_its_ticket(sizes in cases_of_squads()) {
        let small = Bureau::new(month("2024-03"), &sizes);
        let mut large = Bureau::new(month("2024-03"), &sizes);
        large.add_case(month("2024-03"), "zzz", "SQ-00", 2);
        let tickets = |bureau: &Bureau| {
            drawn(&bureau.freeze(month("2024-04"), &[]), "7").items.into_iter().map(|item| (item.id, item.ticket))
                .collect::<std::collections::BTreeMap<_, _>>()
        };
        let (small, large) = (tickets(&small), tickets(&large));
        for (id, ticket) in &small {
            prop_assert!(large.get(id).is_none_or(|other| other == ticket));
        }
    }
}
