//! The monthly return.

use analyzer::bounds::missing_rate_upper;
use analyzer::report::{CheckStatus, Checked, ReportError, Return, monthly_return};
use analyzer::sample::{ActError, Draw, Frozen, Standing, item_ticket, standing, taken_by};

use crate::support::{Bureau, drawn, february, frozen, jingan, month};

/// All obligations complete, but the drawn ones as given, in the order of drawing.
fn checked(frozen: &Frozen, draw: &Draw, drawn: &[(CheckStatus, u32)]) -> Vec<Checked> {
    frozen
        .frame
        .items
        .iter()
        .map(|item| {
            let place = draw.items.iter().position(|drawn| drawn.id == item.id);
            let (status, irregular) =
                place.and_then(|i| drawn.get(i)).copied().unwrap_or((CheckStatus::Complete, 0));
            Checked { id: item.id.clone(), unit: item.unit.clone(), status, irregular }
        })
        .collect()
}

fn june() -> (Frozen, Draw) {
    let frozen = frozen(&[20, 10, 9, 8, 7, 6]);
    let draw = drawn(&frozen, "20240603-4-2-6");
    (frozen, draw)
}

fn report(drawn: &[(CheckStatus, u32)]) -> Return {
    let (frozen, draw) = june();
    monthly_return(&frozen, &draw, &Standing::default(), &checked(&frozen, &draw, drawn), &jingan()).unwrap()
}

#[test]
fn the_return_of_june_reads_as_annex_2_has_it() {
    let report = report(&[
        (CheckStatus::Missing, 0),
        (CheckStatus::Partial, 1),
        (CheckStatus::Missing, 0),
        (CheckStatus::Excused, 0),
    ]);
    assert_eq!(report.sentence, "抽查全过程音视频记录8条，发现不规范问题1个，发现视音频记录缺失2条。");
    assert_eq!((report.recordings_sampled, report.irregular_found, report.missing_found), (8, 1, 2));
    assert_eq!(report.excused_found, 1);
    assert_eq!(report.due, "2024-06-24");
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["month"], "2024-06");
    assert_eq!(json["base_month"], "2024-05");
    assert_eq!(json["policy"], "jingan-2024");
    assert_eq!(json["basis"], "machine");
    assert!(json["bounds"]["missing_rate_upper_95"].is_f64());
    assert_eq!(json["items"][0]["status"], "missing");
}

#[test]
fn the_figures_of_the_units_add_up_and_name_every_squad() {
    let report = report(&[(CheckStatus::Missing, 2), (CheckStatus::Partial, 3)]);
    assert_eq!(report.units.len(), 6);
    assert_eq!(report.units.iter().map(|unit| unit.sampled).sum::<u64>(), report.recordings_sampled);
    assert_eq!(report.units.iter().map(|unit| unit.irregular).sum::<u64>(), report.irregular_found);
    assert_eq!(report.units.iter().map(|unit| unit.missing).sum::<u64>(), report.missing_found);
    assert!(report.units.iter().all(|unit| unit.name.as_deref().unwrap().ends_with("街道中队")));
    assert!(report.units.iter().all(|unit| unit.newly_reached));
}

#[test]
fn the_bounds_are_those_of_the_sample() {
    let report = report(&[(CheckStatus::Missing, 0)]);
    let bounds = report.bounds.as_ref().unwrap();
    let expected = missing_rate_upper(report.frame_size, 8, 1, 0.95).unwrap();
    assert!((bounds.missing_rate_upper_95 - expected).abs() < f64::EPSILON);
    // The core is a simple random sample of its own; the two items that the squad rule added are not in it.
    assert_eq!(bounds.core_size, 6);
    let of_the_core = missing_rate_upper(report.frame_size, 6, 1, 0.95).unwrap();
    assert!((bounds.missing_rate_upper_95_any_spread - of_the_core).abs() < f64::EPSILON);
    assert!(bounds.missing_rate_upper_95_by_squad.unwrap() >= bounds.missing_rate_upper_95);
    assert_eq!(bounds.chance_to_catch.iter().map(|one| one.bad).collect::<Vec<_>>(), [1, 3, 10]);
    assert!(bounds.chance_to_catch[0].chance < bounds.chance_to_catch[2].chance);
    assert!(bounds.explanation_zh.contains("95%的把握"));
}

#[test]
fn the_bound_for_any_spread_holds_where_the_plain_one_does_not() {
    // One large squad, many tiny ones: the squad rule spends most of the sample on the tiny ones. All
    // that is missing is in the large squad, which the plain bound knows nothing about.
    let mut sizes = vec![60];
    sizes.extend([1; 30]);
    let frozen = february(&sizes);
    let in_large: Vec<&str> =
        frozen.frame.items.iter().filter(|item| item.unit == "SQ-00").map(|item| item.id.as_str()).collect();
    let missing = &in_large[..in_large.len() * 2 / 5];
    let rate = missing.len() as f64 / frozen.frame_size as f64;
    let checked: Vec<Checked> = frozen
        .frame
        .items
        .iter()
        .map(|item| {
            let is_missing = missing.contains(&item.id.as_str());
            let status = if is_missing { CheckStatus::Missing } else { CheckStatus::Complete };
            Checked { id: item.id.clone(), unit: item.unit.clone(), status, irregular: 0 }
        })
        .collect();
    let seeds = 1000_u32;
    let (mut plain_wrong, mut any_spread_wrong, mut by_squad_wrong) = (0, 0, 0);
    for seed in 0..seeds {
        let draw = drawn(&frozen, &seed.to_string());
        let report = monthly_return(&frozen, &draw, &Standing::default(), &checked, &jingan()).unwrap();
        let bounds = report.bounds.unwrap();
        plain_wrong += u32::from(bounds.missing_rate_upper_95 < rate);
        any_spread_wrong += u32::from(bounds.missing_rate_upper_95_any_spread < rate);
        by_squad_wrong += u32::from(bounds.missing_rate_upper_95_by_squad.unwrap() < rate);
    }
    assert!(any_spread_wrong * 20 <= seeds, "{any_spread_wrong} of {seeds}");
    assert!(by_squad_wrong * 20 <= seeds, "{by_squad_wrong} of {seeds}");
    assert!(plain_wrong * 10 > seeds, "{plain_wrong} of {seeds}: this frame shows no difference");
}

#[test]
fn an_item_that_is_gone_stays_in_the_denominator_and_is_shown() {
    let (frozen, draw) = june();
    let mut now = checked(&frozen, &draw, &[]);
    let gone = draw.items[2].id.clone();
    now.retain(|one| one.id != gone);
    now.push(Checked {
        id: "NEW/1".into(),
        unit: "SQ-00".into(),
        status: CheckStatus::Missing,
        irregular: 9,
    });
    let report = monthly_return(&frozen, &draw, &Standing::default(), &now, &jingan()).unwrap();
    assert_eq!((report.recordings_sampled, report.not_judged, report.missing_found), (8, 1, 0));
    assert_eq!(report.irregular_found, 0);
    assert_eq!(report.frame_changes.gone, [gone]);
    assert_eq!(report.frame_changes.added, ["NEW/1"]);
    let as_if_missing = missing_rate_upper(report.frame_size, 8, 1, 0.95).unwrap();
    assert!((report.bounds.as_ref().unwrap().missing_rate_upper_95 - as_if_missing).abs() < f64::EPSILON);
}

#[test]
fn a_return_is_of_one_round_under_its_own_policy() {
    let (frozen, draw) = june();
    let now = checked(&frozen, &draw, &[]);
    let other = Bureau::new(month("2024-06"), &[9, 9]).freeze(month("2024-07"), &[]);
    assert!(matches!(
        monthly_return(&other, &draw, &Standing::default(), &now, &jingan()),
        Err(ReportError::OtherRound { .. })
    ));
    let mut policy = jingan();
    policy.name = "elsewhere-2024".into();
    assert!(matches!(
        monthly_return(&frozen, &draw, &Standing::default(), &now, &policy),
        Err(ReportError::OtherPolicy { .. })
    ));
    let twice: Vec<Checked> = now.iter().chain(&now[..1]).cloned().collect();
    assert!(matches!(
        monthly_return(&frozen, &draw, &Standing::default(), &twice, &jingan()),
        Err(ReportError::Twice(_))
    ));
}

#[test]
fn a_month_without_obligations_has_a_return_of_zeros() {
    let frozen = Bureau::new(month("2024-05"), &[0, 0]).freeze(month("2024-06"), &[]);
    let draw = drawn(&frozen, "1");
    let report = monthly_return(&frozen, &draw, &Standing::default(), &[], &jingan()).unwrap();
    assert_eq!(report.sentence, "抽查全过程音视频记录0条，发现不规范问题0个，发现视音频记录缺失0条。");
    assert!(!report.feasible);
    assert!((report.bounds.as_ref().unwrap().missing_rate_upper_95 - 1.0).abs() < f64::EPSILON);
    assert!(report.bounds.as_ref().unwrap().chance_to_catch.is_empty());
}

#[test]
fn what_people_did_with_a_round_is_reported_and_never_improves_a_figure() {
    use catalog::round::{RoundAct, RoundActKind};
    let (frozen, draw) = june();
    let act = |kind, item: &str, acts: &[RoundAct]| RoundAct {
        kind,
        at: catalog::WallTime(0),
        who: "甲、乙".into(),
        why: "涉密".into(),
        item: item.into(),
        taken: taken_by(kind, item, 2, &frozen.frame, &draw, acts).unwrap(),
        draw: None,
    };
    let mut acts = vec![act(RoundActKind::Skip, &draw.items[0].id, &[])];
    acts.push(act(RoundActKind::Substitute, &draw.items[1].id, &acts));
    acts.push(act(RoundActKind::Extra, "SQ-00", &acts));
    let standing = standing(&acts);
    assert_eq!((standing.skipped.len(), standing.substitutes.len(), standing.extra.len()), (2, 1, 2));

    // What takes a place, or comes on top, is the next lowest ticket of the unit, and none twice.
    let unit = &draw.items[1].unit;
    let drawn_ids: Vec<&str> = draw.items.iter().map(|item| item.id.as_str()).collect();
    let mut left: Vec<_> = frozen.frame.items.iter().filter(|item| item.unit == *unit).collect();
    left.retain(|item| !drawn_ids.contains(&item.id.as_str()));
    left.sort_by_key(|item| item_ticket(&draw.seed, &item.id));
    assert_eq!(standing.substitutes[0], left[0].id);
    assert!(!standing.extra.contains(&standing.substitutes[0]));

    let checked = checked(&frozen, &draw, &[]);
    let plain = monthly_return(&frozen, &draw, &Standing::default(), &checked, &jingan()).unwrap();
    let report = monthly_return(&frozen, &draw, &standing, &checked, &jingan()).unwrap();
    assert_eq!((report.recordings_sampled, report.not_judged, report.apart.len()), (8, 2, 3));
    assert!(
        report.bounds.as_ref().unwrap().missing_rate_upper_95
            > plain.bounds.as_ref().unwrap().missing_rate_upper_95
    );
    assert!(report.items[0].skipped && report.items[0].status.is_none());
    // A squad of which all was skipped was not looked at; one whose item another took the place of, was.
    let reached = |unit: &str| report.units.iter().find(|of| of.unit == unit).unwrap().newly_reached;
    let drawn_of = |unit: &str| draw.items.iter().filter(|item| item.unit == unit).count();
    let skipped = &draw.items[0].unit;
    assert_eq!((drawn_of(skipped), reached(skipped)), (1, false));
    assert!(reached(unit));

    let refused = |kind, item: &str| taken_by(kind, item, 1, &frozen.frame, &draw, &acts).unwrap_err();
    assert_eq!(refused(RoundActKind::Skip, "NO/1"), ActError::NotDrawn("NO/1".into()));
    let twice = draw.items[0].id.clone();
    assert_eq!(refused(RoundActKind::Substitute, &twice), ActError::Twice(twice.clone()));
    assert_eq!(refused(RoundActKind::Extra, "SQ-99"), ActError::NothingLeft("SQ-99".into()));
}
