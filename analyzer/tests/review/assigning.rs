//! Who looks at what.

use std::collections::{BTreeMap, BTreeSet};

use analyzer::review::{AssignInput, AssignPlan, Recusal, ReviewItem, assign};
use catalog::unit::Officer;
use proptest::prelude::*;

use crate::support::{ROUND, at, item, officer, rules, supervisors, units};

fn plan(items: &[ReviewItem], supervisors: &[Officer], seed: &str) -> AssignPlan {
    let rules = rules();
    assign(AssignInput {
        round: ROUND,
        seed,
        items,
        assigned: &BTreeSet::new(),
        supervisors,
        units: &units(),
        load: &BTreeMap::new(),
        rules: &rules,
        at: at("2024-06-04 10:00"),
        latest_due: None,
        by: "901",
    })
}

fn items(count: usize) -> Vec<ReviewItem> {
    (0..count).map(|n| item(&format!("C-{n:03}/1"), &format!("S{}", n % 3), &["101"])).collect()
}

#[test]
fn nobody_judges_their_own_unit_case_or_a_unit_above_them() {
    let people = [
        officer("901", "OFFICE"),
        officer("902", "OFFICE"),
        officer("903", "S0"),
        officer("904", "D"),
        officer("905", "B"),
    ];
    let items = [item("A/1", "S0", &["902"]), item("B/1", "S1", &[]), item("C/1", "B", &[])];
    let plan = plan(&items, &people, "4-2-6");
    assert!(plan.lacking.is_empty(), "{:?}", plan.lacking);
    for one in &plan.assignments {
        match one.item.as_str() {
            // `902` is of the case, `903` of the unit.
            "A/1" => assert!(!["902", "903"].contains(&one.badge.as_str()), "{one:?}"),
            // `903` and `905` are of the brigade or below it.
            "C/1" => assert!(!["903", "905"].contains(&one.badge.as_str()), "{one:?}"),
            _ => {}
        }
    }
}

#[test]
fn an_item_that_too_few_may_judge_is_given_to_nobody_and_says_why() {
    let items = [item("A/1", "S0", &["901"]), item("B/1", "S0", &[])];
    let plan = plan(&items, &supervisors(3)[1..], "4-2-6");
    assert_eq!(plan.assignments.len(), 2);
    let [lacking] = plan.lacking.as_slice() else { panic!("{:?}", plan.lacking) };
    assert_eq!((lacking.item.as_str(), lacking.eligible, lacking.needed), ("A/1", 1, 2));
    assert_eq!(
        (lacking.stood_back[0].badge.as_str(), lacking.stood_back[0].because),
        ("901", Recusal::OwnCase)
    );
}

#[test]
fn units_that_name_each_other_as_parent_do_not_hang_it() {
    use catalog::unit::UnitKind::Squad;
    let ring = [crate::support::unit("X", Squad, Some("Y")), crate::support::unit("Y", Squad, Some("X"))];
    let tree = analyzer::review::UnitTree::of(&ring);
    assert!(tree.is_above("Y", "X") && !tree.is_above("Z", "X"));
}

#[test]
fn a_deadline_counts_from_the_next_day_and_never_runs_past_the_return() {
    let plan = plan(&items(1), &supervisors(2), "4-2-6");
    assert_eq!(plan.assignments[0].due_at, at("2024-06-15 00:00"), "ten days after the fourth");
    let (rules, items, people, units) = (rules(), items(1), supervisors(2), units());
    let (assigned, load) = (BTreeSet::new(), BTreeMap::new());
    let input = AssignInput {
        round: ROUND,
        seed: "4-2-6",
        items: &items,
        assigned: &assigned,
        supervisors: &people,
        units: &units,
        load: &load,
        rules: &rules,
        at: at("2024-06-20 10:00"),
        latest_due: Some(at("2024-06-24 00:00")),
        by: "901",
    };
    assert_eq!(assign(input).assignments[0].due_at, at("2024-06-24 00:00"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn load_is_even_and_the_order_of_rows_does_not_matter(
        count in 1_usize..120, people in 2_usize..9, seed in "[a-z0-9-]{1,12}", turn in any::<u64>(),
    ) {
        let (items, people) = (items(count), supervisors(people));
        let first = plan(&items, &people, &seed);
        prop_assert_eq!(first.assignments.len(), 2 * count);
        let (least, most) = (first.load.values().min().unwrap(), first.load.values().max().unwrap());
        prop_assert!(most - least <= 1, "{:?}", first.load);
        let mut leads: BTreeMap<&str, u64> = people.iter().map(|one| (one.badge.as_str(), 0)).collect();
        for one in first.assignments.iter().filter(|one| one.seat == 1) {
            *leads.get_mut(one.badge.as_str()).unwrap() += 1;
        }
        // Two that never meet cannot share their leads out, so a lead's spread may be a little wider.
        prop_assert!(leads.values().max().unwrap() - leads.values().min().unwrap() <= 2, "{leads:?}");
        for pair in first.assignments.chunks(2) {
            prop_assert_eq!(&pair[0].item, &pair[1].item);
            prop_assert_ne!(&pair[0].badge, &pair[1].badge);
            prop_assert_eq!(pair[0].blind, pair[1].blind);
        }
        let blind = first.assignments.iter().filter(|one| one.blind).count();
        prop_assert_eq!(blind, 2 * (count * 20).div_ceil(100));

        let (mut turned, mut others) = (items, people);
        let by = usize::try_from(turn % 1000).unwrap();
        let len = turned.len();
        turned.rotate_left(by % len);
        others.reverse();
        prop_assert_eq!(plan(&turned, &others, &seed), first);
    }

    #[test]
    fn whoever_has_to_stand_back_never_gets_the_item(
        rows in prop::collection::vec((0_usize..3, prop::collection::btree_set(0_usize..6, 0..4)), 1..40),
        seed in "[a-z0-9]{1,8}",
    ) {
        let mut people = supervisors(4);
        people.push(officer("904", "S0"));
        people.push(officer("905", "S1"));
        let items: Vec<ReviewItem> = rows
            .iter()
            .enumerate()
            .map(|(n, (unit, officers))| ReviewItem {
                id: format!("C-{n}/1"),
                unit: format!("S{unit}"),
                case_officers: officers.iter().map(|n| format!("90{n}")).collect(),
            })
            .collect();
        let plan = plan(&items, &people, &seed);
        prop_assert_eq!(plan.assignments.len() / 2 + plan.lacking.len(), items.len());
        for one in &plan.assignments {
            let item = items.iter().find(|item| item.id == one.item).unwrap();
            let who = people.iter().find(|who| who.badge == one.badge).unwrap();
            prop_assert!(!item.case_officers.contains(&one.badge) && who.unit != item.unit);
        }
        for lacking in &plan.lacking {
            prop_assert!(lacking.eligible < 2);
            prop_assert_eq!(lacking.stood_back.len() as u64 + lacking.eligible, people.len() as u64);
        }
    }
}
