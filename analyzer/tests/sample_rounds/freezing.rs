//! What goes into a frame, and what a frame's figures say.

use analyzer::sample::{
    EarlierRound, FreezeError, FreezeInput, Frozen, Rule, SeedError, check_seed, draw, freeze,
};
use catalog::case::StageKind;
use catalog::unit::UnitKind;
use catalog::{Micros, Month};

use crate::support::{Bureau, jingan, month, squad_code, unit};

fn try_freeze(bureau: &Bureau, month: Month) -> Result<Frozen, FreezeError> {
    freeze(FreezeInput {
        month,
        policy: &jingan(),
        cases: &bureau.cases,
        stages: &bureau.stages,
        units: &bureau.units,
        earlier: &[],
    })
}

#[test]
fn a_round_checks_the_month_before_and_counts_its_cases_once() {
    let (april, may, june) = (month("2024-04"), month("2024-05"), month("2024-06"));
    let mut bureau = Bureau::new(may, &[4, 3]);
    bureau.add_case(april, "filed-before", &squad_code(0), 2);
    bureau.add_case(june, "filed-after", &squad_code(0), 2);
    // Filed in April, with a stage in May: it counts, and that stage is in the frame.
    bureau.add_case(april, "goes-on", &squad_code(1), 2);
    bureau.stages.last_mut().unwrap().starts_at = may.start();
    // A stage at a desk need not be recorded; its case counts all the same.
    bureau.add_case(may, "desk-only", &squad_code(1), 1);
    bureau.stages.last_mut().unwrap().kind = StageKind::LegalReview;
    // The very last moment of May counts, the first of June does not.
    bureau.add_case(may, "at-midnight", &squad_code(0), 2);
    let last = bureau.stages.len() - 1;
    bureau.stages[last].starts_at = june.start();
    bureau.stages[last - 1].starts_at = june.start() - Micros(1);

    let frozen = bureau.freeze(june, &[]);
    assert_eq!(frozen.base_month, may);
    assert_eq!(frozen.cases, 7 + 3);
    let ids: Vec<&str> = frozen.frame.items.iter().map(|item| item.id.as_str()).collect();
    assert!(ids.contains(&"goes-on/2") && !ids.contains(&"goes-on/1"));
    assert!(ids.contains(&"at-midnight/1") && !ids.contains(&"at-midnight/2"));
    assert!(!ids.iter().any(|id| id.starts_with("filed-") || id.starts_with("desk-")));
    assert_eq!(frozen.frame_size, ids.len() as u64);
}

#[test]
fn the_frozen_document_has_the_fields_that_scripts_rely_on() {
    let frozen = Bureau::new(month("2024-05"), &[40, 21]).freeze(month("2024-06"), &[]);
    let json = serde_json::to_value(&frozen).unwrap();
    assert_eq!(json["round"], "2024-06/jingan-2024");
    assert_eq!(json["month"], "2024-06");
    assert_eq!(json["policy"], "jingan-2024");
    assert_eq!(json["cases"], 61);
    assert_eq!(json["items_required"], 7);
    assert_eq!(json["units_required"], 1);
    assert_eq!(json["units_due"], serde_json::json!(["SQ-00", "SQ-01"]));
    assert_eq!(json["feasible"], true);
    assert_eq!(json["frame_sha256"].as_str().unwrap().len(), 64);
    assert_eq!(json["frame_size"].as_u64().unwrap(), json["frame"]["items"].as_array().unwrap().len() as u64);
    assert!(json["explanation"].as_str().unwrap().contains("61 cases, 10 %: 7 recordings"));
    assert!(json["explanation_zh"].as_str().unwrap().contains("上月案件61件，按10%应抽查视音频7条"));
    assert_eq!(serde_json::from_value::<Frozen>(json).unwrap(), frozen);
}

#[test]
fn a_quota_larger_than_the_frame_takes_everything_and_says_what_is_lacking() {
    let may = month("2024-05");
    let mut bureau = Bureau::new(may, &[1]);
    for i in 0..30 {
        bureau.add_case(may, &format!("without-stages-{i}"), &squad_code(0), 0);
    }
    let frozen = bureau.freeze(month("2024-06"), &[]);
    assert_eq!((frozen.items_required, frozen.frame_size), (4, 1));
    assert!(!frozen.feasible);
    let shortfall = &frozen.shortfalls[0];
    assert_eq!(
        (shortfall.rule, shortfall.required, shortfall.possible, shortfall.short_by),
        (Rule::Recordings, 4, 1, 3)
    );
    assert!(
        frozen.explanation.contains("rule recordings: 4 required, 1 possible, 3 short"),
        "{}",
        frozen.explanation
    );
    assert!(frozen.explanation_zh.contains("尚缺3"), "{}", frozen.explanation_zh);
    assert_eq!(draw(&frozen, "s").unwrap().items.len(), 1);
}

#[test]
fn an_empty_month_is_a_frame_of_nothing_and_not_an_error() {
    let frozen = Bureau::new(month("2024-05"), &[]).freeze(month("2024-06"), &[]);
    assert!(frozen.feasible);
    assert!(draw(&frozen, "s").unwrap().items.is_empty());
    let frozen = Bureau::new(month("2024-05"), &[0, 0, 0]).freeze(month("2024-06"), &[]);
    assert_eq!(frozen.shortfalls.iter().map(|s| s.rule).collect::<Vec<_>>(), [Rule::Squads, Rule::AllSquads]);
}

#[test]
fn a_squad_without_obligations_stays_due_and_fails_the_rule_only_in_the_last_month() {
    let sizes = [3, 0, 4, 5, 6];
    let may = Bureau::new(month("2024-04"), &sizes).freeze(month("2024-05"), &[]);
    assert_eq!(may.units_unreachable, ["SQ-01"]);
    assert!(may.units_due.contains(&"SQ-01".to_owned()));
    assert!(may.feasible && may.explanation.contains("They stay due"), "{}", may.explanation);
    assert_eq!(may.plan.due_required, 3);

    let june = Bureau::new(month("2024-05"), &sizes).freeze(month("2024-06"), &[]);
    assert!(!june.feasible);
    assert_eq!(june.shortfalls[0].rule, Rule::AllSquads);
    assert_eq!(june.shortfalls[0].short_by, 1);
    assert_eq!(june.plan.due_to_draw, 4);
}

#[test]
fn missed_months_are_named_and_made_up_for() {
    let bureau = Bureau::new(month("2024-04"), &[5; 12]);
    let reached = |month_text: &str, squads: &[usize]| EarlierRound {
        month: month(month_text),
        units: squads.iter().map(|number| squad_code(*number)).collect(),
    };
    // Of another half-year, or not earlier: does not count.
    let elsewhere = [reached("2023-12", &[0, 1, 2]), reached("2024-05", &[3]), reached("2024-06", &[4])];
    let frozen = bureau.freeze(month("2024-05"), &elsewhere);
    assert_eq!(frozen.units_due.len(), 12);
    assert_eq!(frozen.plan.due_required, 6);
    assert_eq!(frozen.months_missed.len(), 4);
    assert!(frozen.explanation.contains("No round in 2024-01, 2024-02, 2024-03, 2024-04"));

    let frozen = bureau.freeze(month("2024-05"), &[reached("2024-02", &[0, 1]), reached("2024-03", &[1, 2])]);
    assert_eq!(frozen.units_due.len(), 9);
    assert_eq!(frozen.plan.due_required, 5);
    assert_eq!(frozen.months_missed, [month("2024-01"), month("2024-04")]);
}

#[test]
fn squads_founded_are_due_and_squads_dissolved_are_forgotten() {
    let mut bureau = Bureau::new(month("2024-01"), &[3, 3]);
    bureau.units.push(unit("NEW", UnitKind::Squad));
    bureau.units.push(unit("OFFICE", UnitKind::Office));
    let earlier = EarlierRound {
        month: month("2024-01"),
        units: ["SQ-00", "SQ-01", "DISSOLVED"].map(str::to_owned).into(),
    };
    let frozen = bureau.freeze(month("2024-02"), &[earlier]);
    assert_eq!(frozen.units_due, ["NEW"]);
    assert_eq!(frozen.frame.squads.len(), 3);
}

#[test]
fn cases_of_an_office_are_drawn_but_are_no_squad() {
    let may = month("2024-05");
    let mut bureau = Bureau::new(may, &[]);
    bureau.units.push(unit("OFFICE", UnitKind::Office));
    for i in 0..20 {
        bureau.add_case(may, &format!("case-{i}"), "OFFICE", 1);
    }
    let frozen = bureau.freeze(month("2024-06"), &[]);
    let draw = draw(&frozen, "s").unwrap();
    assert_eq!((draw.items.len(), draw.picks.len(), draw.units.len()), (2, 0, 0));
}

#[test]
fn rows_that_cannot_be_framed_are_named() {
    let (may, june) = (month("2024-05"), month("2024-06"));
    let message = |change: fn(&mut Bureau)| {
        let mut bureau = Bureau::new(may, &[2, 2]);
        change(&mut bureau);
        try_freeze(&bureau, june).unwrap_err().to_string()
    };
    let text = message(|bureau| bureau.cases.push(bureau.cases[0].clone()));
    assert!(text.contains("case `2024-05-SQ-00-000` is there twice"), "{text}");
    let text = message(|bureau| bureau.stages.push(bureau.stages[0].clone()));
    assert!(text.contains("stage `2024-05-SQ-00-000/1` is there twice"), "{text}");
    let text = message(|bureau| bureau.units.push(bureau.units[0].clone()));
    assert!(text.contains("unit `SQ-00` is there twice"), "{text}");
    let text = message(|bureau| _ = bureau.cases.remove(0));
    assert!(text.contains("import case `2024-05-SQ-00-000` first"), "{text}");
    let text = message(|bureau| bureau.add_case(month("2024-05"), "a\tb", "SQ-00", 1));
    assert!(text.contains("control character"), "{text}");
    let text = message(|bureau| bureau.units[0].name = String::new());
    assert!(text.contains("the unit's name \"\" is empty"), "{text}");
}

#[test]
fn a_seed_is_one_line_of_visible_text() {
    for seed in ["0", "20240603-4-2-6", "双色球2024063期：03 09 17", "a b"] {
        assert_eq!(check_seed(seed), Ok(()), "{seed:?}");
    }
    assert_eq!(check_seed(""), Err(SeedError::Empty));
    assert_eq!(check_seed("  "), Err(SeedError::Empty));
    for seed in [" 1", "1 ", "\u{3000}1"] {
        assert_eq!(check_seed(seed), Err(SeedError::Untrimmed), "{seed:?}");
    }
    for seed in ["1\n", "a\tb", "a\u{1f}b", "\u{85}"] {
        assert_eq!(check_seed(seed), Err(SeedError::Control), "{seed:?}");
    }
}

#[test]
fn a_frame_that_was_changed_after_freezing_is_not_drawn_from() {
    let mut frozen = Bureau::new(month("2024-05"), &[5, 5]).freeze(month("2024-06"), &[]);
    frozen.frame.items.remove(0);
    let message = draw(&frozen, "s").unwrap_err().to_string();
    assert!(message.contains("was changed after it was frozen"), "{message}");
}
