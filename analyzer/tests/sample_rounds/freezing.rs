//! What goes into a frame, and what a frame's figures say.

use analyzer::policy::Population;
use analyzer::sample::{FreezeError, Frozen, Prospect, SeedError, Sources, changes, check_seed, draw};
use catalog::case::StageKind;
use catalog::unit::UnitKind;
use catalog::{Micros, Month};

use crate::support::{Bureau, SEED_SOURCE, jingan, month, reached, squad_code, unit};

fn try_freeze(bureau: &Bureau, month: Month) -> Result<Frozen, FreezeError> {
    bureau.try_freeze(month, &jingan(), Population::Recordings, &[])
}

fn need(frozen: &Frozen, rule: &str) -> u64 {
    frozen.plan.quotas.iter().find(|quota| quota.rule == rule).unwrap().need
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
    assert_eq!(json["seed_source"], SEED_SOURCE);
    assert_eq!(json["kind"], "recordings");
    let explanation = json["explanation"].as_str().unwrap();
    assert!(explanation.contains("10 % of 61 cases each round: 7 items now"), "{explanation}");
    assert!(explanation.contains("2 squads left, 1 round: feasible"), "{explanation}");
    let explanation = json["explanation_zh"].as_str().unwrap();
    assert!(explanation.contains("每次不少于案件总数61件的10%，本次应抽查7条"), "{explanation}");
    assert!(explanation.contains("尚余2个中队，剩1次，可以完成"), "{explanation}");
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
        (shortfall.rule.as_str(), shortfall.required, shortfall.possible, shortfall.short_by),
        ("recordings", 4, 1, 3)
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
    let rules: Vec<&str> = frozen.shortfalls.iter().map(|s| s.rule.as_str()).collect();
    assert_eq!(rules, ["squads", "all_squads"]);
}

#[test]
fn a_squad_without_obligations_stays_due_and_fails_the_rule_only_in_the_last_month() {
    let sizes = [3, 0, 4, 5, 6];
    let may = Bureau::new(month("2024-04"), &sizes).freeze(month("2024-05"), &[]);
    assert_eq!(may.units_unreachable, ["SQ-01"]);
    assert!(may.units_due.contains(&"SQ-01".to_owned()));
    assert!(may.feasible && may.explanation.contains("They stay due"), "{}", may.explanation);
    assert_eq!(need(&may, "all_squads"), 3);
    let outlook = &may.outlook[0];
    assert_eq!((outlook.remaining, outlook.rounds_left, outlook.prospect), (5, 2, Prospect::AtRisk));
    assert_eq!((outlook.short_by, outlook.lacking.as_slice()), (1, &["SQ-01".to_owned()][..]));

    let june = Bureau::new(month("2024-05"), &sizes).freeze(month("2024-06"), &[]);
    assert!(!june.feasible);
    assert_eq!(june.shortfalls[0].rule, "all_squads");
    assert_eq!(june.shortfalls[0].short_by, 1);
    assert_eq!(june.outlook[0].prospect, Prospect::Fails);
    assert!(june.explanation_zh.contains("无法完成，缺1（SQ-01街道中队）"), "{}", june.explanation_zh);
}

#[test]
fn missed_months_are_named_and_made_up_for() {
    let bureau = Bureau::new(month("2024-04"), &[5; 12]);
    // Of another half-year, or not earlier: does not count.
    let elsewhere = [reached("2023-12", &[0, 1, 2]), reached("2024-05", &[3]), reached("2024-06", &[4])];
    let frozen = bureau.freeze(month("2024-05"), &elsewhere);
    assert_eq!(frozen.units_due.len(), 12);
    assert_eq!(need(&frozen, "all_squads"), 6);
    assert_eq!(frozen.months_missed.len(), 4);
    assert!(frozen.explanation.contains("No round in 2024-01, 2024-02, 2024-03, 2024-04"));

    let frozen = bureau.freeze(month("2024-05"), &[reached("2024-02", &[0, 1]), reached("2024-03", &[1, 2])]);
    assert_eq!(frozen.units_due.len(), 9);
    assert_eq!(need(&frozen, "all_squads"), 5);
    assert_eq!(frozen.months_missed, [month("2024-01"), month("2024-04")]);
}

#[test]
fn squads_founded_are_due_and_squads_dissolved_are_forgotten() {
    let mut bureau = Bureau::new(month("2024-01"), &[3, 3]);
    bureau.units.push(unit("NEW", UnitKind::Squad));
    bureau.units.push(unit("OFFICE", UnitKind::Office));
    let mut earlier = reached("2024-01", &[0, 1]);
    earlier.items[1].unit = "DISSOLVED".into();
    earlier.items.push(reached("2024-01", &[1]).items.remove(0));
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
    assert_eq!((draw.items.len(), draw.units.len()), (2, 0));
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

#[test]
fn what_changes_after_freezing_is_shown_beside_the_frame() {
    let mut bureau = Bureau::new(month("2024-05"), &[2, 2]);
    let frozen = bureau.freeze(month("2024-06"), &[]);
    bureau.add_case(month("2024-05"), "late", &squad_code(0), 1);
    bureau.stages.retain(|stage| stage.case_no != "2024-05-SQ-01-000");
    bureau.cases[1].unit = squad_code(1);
    let sources = Sources {
        cases: &bureau.cases,
        stages: &bureau.stages,
        officers: &bureau.officers,
        repeats: &bureau.repeats,
    };
    let found = changes(&frozen.frame, &jingan(), sources).unwrap();
    assert_eq!(found.added, ["late/1"]);
    assert_eq!(found.removed, ["2024-05-SQ-01-000/1"]);
    let changed: Vec<&str> = found.changed.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(changed, ["2024-05-SQ-00-001/1", "2024-05-SQ-00-001/2"]);
    assert_eq!((found.changed[0].then.unit.as_str(), found.changed[0].now.unit.as_str()), ("SQ-00", "SQ-01"));
    assert_eq!(frozen.frame.sha256(), frozen.frame_sha256);
}

#[test]
fn a_quarterly_round_looks_at_its_own_quarter_or_at_the_whole_one_before() {
    let mut policy = analyzer::policy::Policy::built_in("qingpu-2023").unwrap();
    let mut bureau = Bureau::default();
    for base in ["2023-03", "2023-04", "2023-05", "2023-06", "2023-07"] {
        bureau.add_month(month(base), &[2]);
    }
    let july = bureau.try_freeze(month("2023-07"), &policy, Population::Recordings, &[]).unwrap();
    assert_eq!(july.frame_size, 9);
    assert_eq!(july.base_time(), (month("2023-04"), month("2023-06")));
    assert!(!july.base_still_running);
    let error = bureau.try_freeze(month("2023-06"), &policy, Population::Recordings, &[]).unwrap_err();
    assert!(
        matches!(&error, FreezeError::NoRoundInMonth { next, .. } if *next == month("2023-07")),
        "{error}"
    );
    assert!(error.zh().contains("下一批次在2023-07"), "{}", error.zh());

    // Frozen within its quarter, it leaves what comes after in no frame, and says so.
    for check in &mut policy.checks {
        if check.every == analyzer::policy::Every::Quarter {
            check.base = analyzer::policy::Base::ThisQuarter;
        }
    }
    let june = bureau.try_freeze(month("2023-06"), &policy, Population::Recordings, &[]).unwrap();
    assert_eq!(june.frame_size, 9);
    assert_eq!(june.base_time(), (month("2023-04"), month("2023-06")));
    assert!(june.explanation.contains("what begins later is in no frame"), "{}", june.explanation);
    assert!(june.explanation_zh.contains("此后发生的不在任何抽样框内"), "{}", june.explanation_zh);
    let error = bureau.try_freeze(month("2023-05"), &policy, Population::Recordings, &[]).unwrap_err();
    assert!(matches!(error, FreezeError::NoRoundInMonth { .. }), "{error}");
}

#[test]
fn where_the_plan_speaks_of_units_brigades_and_detachments_count_as_well() {
    let policy = analyzer::policy::Policy::built_in("pudong-2023").unwrap();
    let mut bureau = Bureau::new(month("2023-06"), &[6, 4]);
    bureau.units.push(unit("BG-1", UnitKind::Brigade));
    bureau.units.push(unit("DT-1", UnitKind::Detachment));
    bureau.units.push(unit("OF-1", UnitKind::Office));
    // Two cases of the first squad are the brigade's, two the office's own.
    let of_first: Vec<usize> =
        (0..bureau.cases.len()).filter(|i| bureau.cases[*i].unit == "SQ-00").take(4).collect();
    for (i, place) in of_first.into_iter().enumerate() {
        bureau.cases[place].unit = if i < 2 { "BG-1".into() } else { "OF-1".into() };
    }
    let frozen = bureau.try_freeze(month("2023-07"), &policy, Population::Cases, &[]).unwrap();
    let counted: Vec<&str> = frozen.frame.squads.iter().map(|unit| unit.unit.as_str()).collect();
    assert_eq!(counted, ["BG-1", "DT-1", "SQ-00", "SQ-01"]);
    // Half of two, of none, of two and of four.
    assert_eq!(need(&frozen, "cases_of_each_unit"), 1 + 1 + 2);
    let draw = crate::support::drawn(&frozen, "3-3-3");
    assert!(draw.items.iter().any(|item| item.unit == "BG-1"));
    assert!(frozen.explanation.contains("of each unit"), "{}", frozen.explanation);
    assert!(frozen.explanation_zh.contains("每个单位"), "{}", frozen.explanation_zh);
    let says =
        |name: &str| policy.summary().rules.into_iter().find(|line| line.name == name).unwrap().says_zh;
    assert_eq!(says("check.cases.cases_of_each_unit"), "每月抽查上月案件：全年每个单位不少于总数的50%");
    assert_eq!(says("check.cases.unit_kinds"), "统计单位：支队、大队、中队");
    // The other checks of the plan speak of squads.
    let reviews = bureau.try_freeze(month("2023-07"), &policy, Population::LegalReviews, &[]).unwrap();
    assert_eq!(reviews.frame.squads.len(), 2);
}
