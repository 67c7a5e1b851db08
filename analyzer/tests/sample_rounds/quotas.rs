//! Quotas, for bureaus and policies of every shape.

use std::collections::{BTreeMap, BTreeSet};

use analyzer::policy::{Policy, Population, Take, Within};
use analyzer::sample::{Draw, EarlierRound, Frozen, Prospect, item_ticket};
use catalog::Month;
use proptest::prelude::*;

use crate::support::{Bureau, district, drawn, earlier_round, jingan, month};

/// Cases a squad: mostly few, sometimes none, sometimes very many.
fn cases_of_squads(most: usize) -> impl Strategy<Value = Vec<usize>> {
    let of_one = prop_oneof![2 => Just(0_usize), 6 => 1_usize..6, 2 => 6_usize..20, 1 => 20_usize..50];
    prop::collection::vec(of_one, 1..=most)
}

/// What a draw reached of each rule, counted from the frame and the draw alone, without the plan.
fn counted(frozen: &Frozen, draw: &Draw) -> Vec<(u64, u64)> {
    let frame = &frozen.frame;
    let drawn: BTreeSet<&str> = draw.items.iter().map(|item| item.id.as_str()).collect();
    let items: Vec<_> = frame.items.iter().filter(|item| drawn.contains(item.id.as_str())).collect();
    let units: BTreeSet<&str> = items.iter().map(|item| item.unit.as_str()).collect();
    let in_frame: BTreeSet<&str> = frame.items.iter().map(|item| item.unit.as_str()).collect();
    let badges: BTreeSet<&String> = items.iter().flat_map(|item| &item.officers).collect();
    let badges_in_frame: BTreeSet<&String> = frame.items.iter().flat_map(|item| &item.officers).collect();
    let one = |(number, rule): (usize, &analyzer::sample::FrameRule)| {
        let of_each = |squad: &analyzer::sample::Squad| {
            let goal = match rule.percent {
                Some(percent) => (u64::from(percent) * squad.there[number]).div_ceil(100),
                None => u64::from(rule.count.unwrap()),
            };
            let spread = if rule.percent.is_some() { 1 } else { rule.rounds_left };
            let need = goal.saturating_sub(squad.done[number]).div_ceil(spread);
            let has = items.iter().filter(|item| item.unit == squad.unit).count() as u64;
            let could = frame.items.iter().filter(|item| item.unit == squad.unit).count() as u64;
            (has.min(need), could.min(need))
        };
        match (rule.take, rule.each) {
            (Take::Items, None) => {
                let fits = |item: &&analyzer::sample::FrameItem| {
                    rule.repeats_at_least.is_none_or(|repeats| item.repeats >= repeats)
                };
                let could = frame.items.iter().filter(fits).count() as u64;
                (items.iter().copied().filter(fits).count() as u64, could)
            }
            (Take::Items, Some(_)) => frame
                .squads
                .iter()
                .map(of_each)
                .fold((0, 0), |(has, could), (this, most)| (has + this, could + most)),
            (Take::Squads, _) => {
                let open = frame.squads.iter().filter(|squad| squad.done[number] == 0);
                let open: Vec<&str> = open.map(|squad| squad.unit.as_str()).collect();
                let count =
                    |of: &BTreeSet<&str>| open.iter().filter(|unit| of.contains(*unit)).count() as u64;
                (count(&units), count(&in_frame))
            }
            (Take::Officers, _) => {
                let open = frame.officers.iter().filter(|officer| officer.done[number] == 0);
                let open: Vec<&String> = open.map(|officer| &officer.badge).collect();
                let count =
                    |of: &BTreeSet<&String>| open.iter().filter(|badge| of.contains(*badge)).count() as u64;
                (count(&badges), count(&badges_in_frame))
            }
        }
    };
    frame.rules.iter().enumerate().map(one).collect()
}

/// Every rule has what it needs of this round, or all that the frame can give it; and the round says so.
fn assert_quotas_are_met(frozen: &Frozen, seed: &str) -> Draw {
    let draw = drawn(frozen, seed);
    let ids: BTreeSet<&str> = draw.items.iter().map(|item| item.id.as_str()).collect();
    assert_eq!(ids.len(), draw.items.len(), "an item was drawn twice");
    for item in &draw.items {
        assert!(frozen.frame.items.iter().any(|framed| framed.id == item.id && framed.unit == item.unit));
    }
    let mut fails = Vec::new();
    for (((has, could), rule), quota) in
        counted(frozen, &draw).into_iter().zip(&frozen.frame.rules).zip(&frozen.plan.quotas)
    {
        assert_eq!(quota.possible, could, "{}", rule.id);
        assert!(has >= quota.need.min(could), "{}: {has} of {}, {could} possible", rule.id, quota.need);
        if quota.need > could && (rule.within == Within::Round || rule.rounds_left == 1) {
            fails.push(rule.id.clone());
        }
    }
    assert_eq!(frozen.feasible, fails.is_empty(), "{}", frozen.explanation);
    assert_eq!(frozen.shortfalls.iter().map(|s| s.rule.clone()).collect::<Vec<_>>(), fails);
    for rule in fails {
        assert!(frozen.explanation.contains(&format!("Cannot be met: rule {rule}:")));
        assert!(frozen.explanation_zh.contains(&format!("（{rule}）：应为")));
    }
    // The core is the lowest tickets of the whole frame, and nothing was topped up that no rule lacked.
    let mut tickets: Vec<(String, &str)> =
        frozen.frame.items.iter().map(|item| (item_ticket(seed, &item.id), item.id.as_str())).collect();
    tickets.sort();
    let core = usize::try_from(frozen.plan.core).unwrap();
    for ((_, id), item) in tickets.iter().take(core).zip(&draw.items) {
        assert_eq!((item.id.as_str(), item.reason.as_str()), (*id, "core"));
    }
    assert!(draw.items.iter().skip(core).all(|item| item.reason != "core"));
    let most: u64 = frozen.plan.core + frozen.plan.quotas.iter().map(|quota| quota.to_draw).sum::<u64>();
    assert!(draw.items.len() as u64 <= most);
    draw
}

/// Plays the rounds of some months; earlier ones come with each.
fn play(
    bureau: &Bureau,
    policy: &Policy,
    kind: Population,
    months: impl IntoIterator<Item = Month>,
    seed: &str,
) -> Vec<(Frozen, Draw)> {
    let mut earlier: Vec<EarlierRound> = Vec::new();
    let mut rounds = Vec::new();
    for month in months {
        let frozen = bureau.try_freeze(month, policy, kind, &earlier).unwrap();
        let draw = assert_quotas_are_met(&frozen, &format!("{seed}-{month}"));
        earlier.push(earlier_round(&frozen, &draw));
        rounds.push((frozen, draw));
    }
    rounds
}

/// A small generator, so that a thousand half-years need no shrinking.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn cases(&mut self) -> usize {
        if self.below(40) == 0 {
            return 40;
        }
        let most = [1, 1, 2, 2, 3, 4, 30][usize::try_from(self.below(7)).unwrap()];
        usize::try_from(self.below(most)).unwrap()
    }
}

#[test]
fn a_thousand_random_half_years_meet_their_quotas_or_say_which_they_cannot() {
    let policy = jingan();
    let (mut rounds, mut infeasible, mut at_risk) = (0, 0, 0);
    for run in 0..1000_u64 {
        let mut dice = Dice(run);
        let most = 1 + dice.below(60);
        let squads = usize::try_from(1 + dice.below(most)).unwrap();
        let first = if run % 2 == 0 { "2024-01" } else { "2024-07" };
        let months = month(first).half_year();
        let mut bureau = Bureau::default();
        for month in months {
            let sizes: Vec<usize> = (0..squads).map(|_| dice.cases()).collect();
            bureau.add_month(month.previous(), &sizes);
        }
        let kind = if run % 3 == 0 { Population::CaseFiles } else { Population::Recordings };
        let held = months.into_iter().filter(|_| dice.below(5) > 0);
        let held: Vec<Month> = held.collect();
        for (frozen, _) in play(&bureau, &policy, kind, held, &run.to_string()) {
            rounds += 1;
            infeasible += u32::from(!frozen.feasible);
            at_risk += u32::from(frozen.outlook.iter().any(|one| one.prospect == Prospect::AtRisk));
        }
    }
    // Not all easy, and not all hopeless: both branches above were taken often.
    assert!(rounds > 4000 && infeasible > 100 && infeasible < rounds / 2, "{infeasible} of {rounds}");
    assert!(at_risk > 100, "{at_risk}");
}

#[test]
fn every_check_of_every_built_in_policy_holds_over_a_year() {
    for name in Policy::built_in_names() {
        let policy = Policy::built_in(name).unwrap();
        let mut dice = Dice(7);
        let mut bureau = Bureau::default();
        let year: Vec<Month> = Within::Year.months(month("2024-05"));
        for month in &year {
            let sizes: Vec<usize> = (0..14).map(|_| 8 + dice.cases()).collect();
            bureau.add_month(month.previous(), &sizes);
        }
        for earlier in ["2023-10", "2023-11"] {
            bureau.add_month(month(earlier), &[9; 14]);
        }
        bureau.add_month(month("2024-12"), &[9; 14]);
        for (i, case) in bureau.cases.iter_mut().enumerate() {
            let procedures = catalog::case::Procedure::ALL;
            case.procedure = procedures[i % procedures.len()];
            bureau.repeats.insert(case.case_no.clone(), 1 + u32::try_from(i % 7).unwrap());
        }
        for (i, stage) in bureau.stages.iter_mut().enumerate() {
            if i % 5 == 0 {
                stage.kind = catalog::case::StageKind::LegalReview;
            }
        }
        for check in &policy.checks {
            let months = year.iter().copied().filter(|month| check.has_round(*month));
            let rounds = play(&bureau, &policy, check.kind, months, "20240603");
            let (last, draw) = rounds.last().unwrap();
            assert!(last.feasible, "{name} {}: {}", check.kind, last.explanation);
            assert!(!draw.items.is_empty(), "{name} {}", check.kind);
            for one in &last.outlook {
                assert!(
                    matches!(one.prospect, Prospect::Met | Prospect::Feasible),
                    "{name} {}: {}",
                    check.kind,
                    last.explanation
                );
            }
        }
    }
}

#[test]
fn yearly_minima_are_spread_over_the_rounds_that_are_left() {
    // 100 a year, three months of it missed: what is left is spread evenly, rounded up, each time anew.
    let policy = Policy::built_in("pudong-2023").unwrap();
    let year: Vec<Month> = Within::Year.months(month("2023-01"));
    let mut bureau = Bureau::default();
    for month in &year {
        bureau.add_month(month.previous(), &[20, 10, 5]);
    }
    let held = year.iter().copied().filter(|month| ![3, 4, 9].contains(&month.number()));
    let rounds = play(&bureau, &policy, Population::Recordings, held, "1");
    let sizes: Vec<usize> = rounds.iter().map(|(_, draw)| draw.items.len()).collect();
    assert_eq!(sizes, [9, 9, 11, 11, 10, 10, 14, 13, 13]);
    assert_eq!(sizes.iter().sum::<usize>(), 100);
}

#[test]
fn each_squad_has_its_ten_files_by_december() {
    let year: Vec<Month> = Within::Year.months(month("2024-01"));
    let mut bureau = Bureau::default();
    for month in &year {
        bureau.add_month(month.previous(), &[30, 3, 1, 12]);
    }
    let rounds = play(&bureau, &jingan(), Population::CaseFiles, year, "1");
    let mut files: BTreeMap<&str, usize> = BTreeMap::new();
    for item in rounds.iter().flat_map(|(_, draw)| &draw.items) {
        *files.entry(&item.unit).or_default() += 1;
    }
    assert!(files.len() == 4 && files.values().all(|count| *count >= 10), "{files:?}");
    // The squad with one file a month has just enough if none is missed, and is named at risk otherwise.
    let first = &rounds[0].0;
    let outlook = first.outlook.iter().find(|one| one.rule == "files_of_each_squad").unwrap();
    assert_eq!((outlook.remaining, outlook.prospect), (40, Prospect::Feasible));
    let late = bureau.try_freeze(month("2024-06"), &jingan(), Population::CaseFiles, &[]).unwrap();
    let outlook = late.outlook.iter().find(|one| one.rule == "files_of_each_squad").unwrap();
    assert_eq!((outlook.prospect, outlook.short_by), (Prospect::AtRisk, 3));
    assert_eq!(outlook.lacking, ["SQ-02"]);
    assert!(late.explanation.contains("SQ-02街道中队"), "{}", late.explanation);
    assert!(late.feasible, "what later months may still bring is no failure yet");
}

#[test]
fn frontline_officers_are_all_reached_within_the_year() {
    let policy = Policy::built_in("qingpu-2023").unwrap();
    let mut bureau = Bureau::default();
    for month in Within::Year.months(month("2023-01")) {
        bureau.add_month(month.previous().previous().previous(), &[4, 4, 4, 4, 4, 4, 4, 4]);
    }
    let quarters = ["2023-01", "2023-04", "2023-07", "2023-10"].map(month);
    let rounds = play(&bureau, &policy, Population::Recordings, quarters, "5");
    let last = &rounds[3].0;
    assert!(last.feasible, "{}", last.explanation);
    let by_id = |frozen: &Frozen, id: &str| {
        frozen.frame.items.iter().find(|item| item.id == id).unwrap().officers.clone()
    };
    let reached: BTreeSet<String> = rounds
        .iter()
        .flat_map(|(frozen, draw)| draw.items.iter().flat_map(|item| by_id(frozen, &item.id)))
        .collect();
    assert_eq!(reached.len(), 16);
}

#[test]
fn repeated_complaints_are_all_looked_at_and_the_others_drawn() {
    let policy = Policy::built_in("qingpu-2023").unwrap();
    let mut bureau = Bureau::new(month("2023-04"), &[60, 60, 60]);
    for (i, case) in bureau.cases.iter_mut().enumerate() {
        case.procedure = catalog::case::Procedure::Complaint;
        bureau.repeats.insert(case.case_no.clone(), if i % 20 == 0 { 3 } else { 2 });
    }
    let frozen = bureau.try_freeze(month("2023-05"), &policy, Population::Complaints, &[]).unwrap();
    let draw = assert_quotas_are_met(&frozen, "3");
    assert_eq!(frozen.plan.core, 2);
    let repeated = frozen.frame.items.iter().filter(|item| item.repeats >= 3);
    assert!(repeated.clone().count() == 9);
    assert!(repeated.into_iter().all(|item| draw.items.iter().any(|drawn| drawn.id == item.id)));
    assert_eq!(frozen.round, "2023-05/qingpu-2023:complaints");
}

#[test]
fn a_fourth_districts_plan_needs_no_code() {
    let policy = district(
        r#"
[[check]]
kind = "recordings"
every = "month"
base = "this_month"

[[check.rule]]
id = "a_third"
take = "items"
percent = 33
within = "round"
clause = "二(一)"
words = "每月抽查不少于三分之一"

[[check.rule]]
id = "two_of_each_squad"
take = "items"
count = 2
each = "squad"
within = "quarter"
clause = "二(二)"
words = "每季度每个中队不少于2条"

[[check.rule]]
id = "officers"
take = "officers"
percent = 60
within = "half_year"
clause = "二(三)"
words = "每半年覆盖60%的一线执法队员"
"#,
    );
    let months = month("2025-01").half_year();
    let mut bureau = Bureau::default();
    for month in months {
        bureau.add_month(month, &[5, 2, 0, 9, 1]);
    }
    let rounds = play(&bureau, &policy, Population::Recordings, months, "1");
    assert_eq!(rounds[0].0.round, "2025-01/huangpu-2025");
    assert_eq!(rounds[0].0.base_month, month("2025-01"));
    // The squad without a case has nothing to draw from: said in the last month of the quarter, not before.
    let feasible: Vec<bool> = rounds.iter().map(|(frozen, _)| frozen.feasible).collect();
    assert_eq!(feasible, [true, true, false, true, true, false]);
    assert_eq!(rounds[2].0.shortfalls[0].rule, "two_of_each_squad");
    assert_eq!(rounds[2].0.shortfalls[0].short_by, 2);
    let error = bureau.try_freeze(month("2025-01"), &policy, Population::CaseFiles, &[]).unwrap_err();
    assert!(error.to_string().contains("it has recordings"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn six_rounds_reach_every_squad_that_has_cases_each_month(
        sizes in prop::collection::vec(prop_oneof![9 => 1_usize..8, 1 => 8_usize..30], 1..=40),
        seed in "[0-9]{1,8}",
    ) {
        let months = month("2024-01").half_year();
        let mut bureau = Bureau::default();
        for month in months {
            bureau.add_month(month.previous(), &sizes);
        }
        let rounds = play(&bureau, &jingan(), Population::Recordings, months, &seed);
        prop_assert!(rounds.iter().all(|(frozen, _)| frozen.feasible));
        let reached: BTreeSet<&String> = rounds.iter().flat_map(|(_, draw)| &draw.units).collect();
        prop_assert_eq!(reached.len(), sizes.len());
    }

    #[test]
    fn the_order_of_the_input_changes_nothing(
        sizes in cases_of_squads(30),
        seed in "[0-9]{1,8}",
        turn in any::<prop::sample::Index>(),
    ) {
        let mut bureau = Bureau::new(month("2024-03"), &sizes);
        let frozen = bureau.freeze(month("2024-04"), &[]);
        bureau.units.reverse();
        bureau.cases.reverse();
        bureau.officers.reverse();
        let turn = turn.index(bureau.stages.len().max(1));
        if !bureau.stages.is_empty() {
            bureau.stages.rotate_left(turn);
        }
        let again = bureau.freeze(month("2024-04"), &[]);
        prop_assert_eq!(&frozen, &again);
        prop_assert_eq!(drawn(&frozen, &seed), drawn(&again, &seed));
    }

    #[test]
    fn an_item_keeps_its_ticket_whatever_else_is_in_the_frame(sizes in cases_of_squads(30)) {
        let small = Bureau::new(month("2024-03"), &sizes);
        let mut large = Bureau::new(month("2024-03"), &sizes);
        large.add_case(month("2024-03"), "zzz", "SQ-00", 2);
        let tickets = |bureau: &Bureau| {
            let items = drawn(&bureau.freeze(month("2024-04"), &[]), "7").items;
            items.into_iter().map(|item| (item.id, item.ticket)).collect::<BTreeMap<_, _>>()
        };
        let (small, large) = (tickets(&small), tickets(&large));
        for (id, ticket) in &small {
            prop_assert!(large.get(id).is_none_or(|other| other == ticket));
        }
    }
}
