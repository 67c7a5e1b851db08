use catalog::Micros;
use catalog::case::{Link, Stage, StageKind};
use catalog::fixity::RiskClass;
use catalog::held::{Drawing, Ground, HeldObject, Taken};
use proptest::prelude::*;

use super::*;
use crate::evidence::Evidence;
use crate::policy::Policy;
use crate::samples::{DAY, at, device, object};

fn rules() -> FixityRules {
    Policy::built_in("jingan-2024").unwrap().fixity.unwrap()
}

fn stage(case_no: &str, stage_no: u32, starts_at: &str, officer: &str) -> Stage {
    let starts_at = at(starts_at);
    Stage {
        case_no: case_no.into(),
        stage_no,
        kind: StageKind::SiteInspection,
        starts_at,
        ends_at: starts_at + Micros::from_s(600),
        officers: vec![officer.into()],
        place: String::new(),
    }
}

fn drawing(round: &str, document: &str) -> Drawing {
    Drawing { round: round.into(), at: at("2024-06-04 10:00"), document: document.into() }
}

fn ground() -> Ground {
    Ground {
        devices: vec![device()],
        stages: vec![
            stage("A1", 1, "2024-05-03 09:00", "B1"),
            stage("A1", 2, "2024-05-04 09:00", "B1"),
            stage("沪静/7", 1, "2024-05-05 09:00", "B2"),
        ],
        links: vec![Link { case_no: "A1".into(), stage_no: 2, object_key: "9.mp4".into() }],
        draws: vec![
            drawing("2024-06/p", r#"{"items":[{"id":"A1/1","unit":"S1"}]}"#),
            drawing("2024-06/p:case_files", r#"{"items":[{"id":"沪静/7"}]}"#),
            drawing("2024-05/p", "no document"),
        ],
        ..Ground::default()
    }
}

#[test]
fn an_object_is_evidence_by_its_officer_its_holder_or_a_link() {
    let mut ground = ground();
    let class = |ground: &Ground, object: &HeldObject| class_of(&Evidence::new(ground), object);
    // During a stage that was drawn; up to an hour beside it; a second too far.
    let drawn = object(1, Some("B1"), Some("2024-05-03 09:02"));
    assert_eq!(class(&ground, &drawn), RiskClass::Sampled);
    assert_eq!(class(&ground, &object(1, Some("B1"), Some("2024-05-03 10:09:59"))), RiskClass::Sampled);
    assert_eq!(class(&ground, &object(1, Some("B1"), Some("2024-05-03 10:10"))), RiskClass::Other);
    assert_eq!(class(&ground, &object(1, Some("B1"), Some("2024-05-04 09:02"))), RiskClass::Case);
    assert_eq!(class(&ground, &object(1, Some("B7"), Some("2024-05-03 09:02"))), RiskClass::Other);
    assert_eq!(class(&ground, &object(1, None, None)), RiskClass::Other);
    // A case that was drawn as a whole is drawn with its stages, whatever stands in its number.
    let worn = HeldObject { device: Some("BC9".into()), ..object(2, None, Some("2024-05-05 09:02")) };
    assert_eq!(class(&ground, &worn), RiskClass::Sampled);
    // A link holds whatever the clock says, and what was taken beside a draw was drawn.
    assert_eq!(class(&ground, &object(9, None, None)), RiskClass::Case);
    ground.taken.push(Taken { round: "2024-06/p".into(), at: at("2024-06-05 10:00"), item: "A1/2".into() });
    assert_eq!(class(&ground, &object(9, None, None)), RiskClass::Sampled);
}

fn plan(objects: Vec<HeldObject>, as_of: &str, wanted: Wanted) -> FixityPlan {
    let (ground, rules) = (ground(), rules());
    let evidence = Evidence::new(&ground);
    let mut planner = Planner::new(&rules, &evidence, wanted, at(as_of));
    for object in objects {
        planner.add(object);
    }
    planner.finish()
}

const ALL_DUE: Wanted = Wanted { objects: 100, all: false };

#[test]
fn moved_drawn_case_and_old_objects_share_one_scale() {
    let old = HeldObject { read_at: at("2022-06-01 00:00"), ..object(4, None, None) };
    let objects = vec![
        object(3, Some("B1"), Some("2024-05-04 09:02")),
        old,
        object(2, Some("B1"), Some("2024-05-03 09:02")),
        HeldObject { moved: true, ..object(1, None, None) },
        object(5, None, None),
    ];
    // Sixty days later: 60/7, 60/30 and 60/90 of their intervals; the old one 790/365.
    let made = plan(objects.clone(), "2024-07-31 00:00", ALL_DUE);
    let order: Vec<_> = made.due.iter().map(|due| (due.object.id.name(), due.class, due.risk_ppm)).collect();
    let expected = [
        ("r1".to_owned(), RiskClass::Moved, 8_571_428),
        ("r4".to_owned(), RiskClass::Other, 2_167_123),
        ("r2".to_owned(), RiskClass::Sampled, 2_000_000),
    ];
    assert_eq!(order, expected);
    let overdue: Vec<_> = made.state.classes.iter().map(|state| state.overdue.objects).collect();
    assert_eq!(overdue, [1, 1, 0, 1]);
    let due = made.state.sum(|state| state.due);
    assert_eq!((due.objects, due.bytes), (3, 300));
    assert_eq!(made.state.sum(|state| state.held).objects, 5);
    assert_eq!(made.state.sum(|state| state.in_time).objects, 2);
    assert_eq!(made.state.classes[3].oldest_read_at, Some(at("2022-06-01 00:00")));
    // The riskiest are kept, and with `all` the others follow.
    let few = plan(objects.clone(), "2024-07-31 00:00", Wanted { objects: 1, all: false });
    assert_eq!(few.due, made.due[..1]);
    let all = plan(objects, "2024-07-31 00:00", Wanted { objects: 100, all: true });
    assert_eq!(
        all.due.iter().map(|due| due.object.id.name()).collect::<Vec<_>>(),
        ["r1", "r4", "r2", "r3", "r5"]
    );
}

#[test]
fn an_object_is_due_to_the_microsecond() {
    let drawn = object(2, Some("B1"), Some("2024-05-03 09:02"));
    let read_at = |since: Micros| HeldObject { read_at: at("2024-07-31 00:00") - since, ..drawn.clone() };
    let days = |count: i64| Micros(DAY.0 * count);
    let due = |since| plan(vec![read_at(since)], "2024-07-31 00:00", ALL_DUE).due.len();
    assert_eq!([due(days(30) - Micros(1)), due(days(30)), due(days(29))], [0, 1, 0]);
    // What a wrong clock read in the future was read just now.
    assert_eq!(due(-days(100)), 0);
}

#[test]
fn being_moved_never_makes_an_object_wait_longer() {
    let (ground, mut rules) = (ground(), rules());
    rules.moved.days = 60;
    let evidence = Evidence::new(&ground);
    let mut planner = Planner::new(&rules, &evidence, ALL_DUE, at("2024-07-05 00:00"));
    planner.add(HeldObject { moved: true, ..object(2, Some("B1"), Some("2024-05-03 09:02")) });
    assert_eq!(planner.finish().due[0].class, RiskClass::Sampled);
}

proptest! {
    #[test]
    fn a_plan_of_few_is_the_head_of_the_plan_of_all(
        rows in prop::collection::vec((0_i64..800, 0_u8..4), 0..60),
        objects in 1_usize..12,
    ) {
        let held: Vec<HeldObject> = (1..)
            .zip(&rows)
            .map(|(number, &(days, kind))| {
                let one = match kind {
                    0 => object(number, None, None),
                    1 => object(number, Some("B1"), Some("2024-05-03 09:02")),
                    2 => object(number, Some("B1"), Some("2024-05-04 09:02")),
                    _ => HeldObject { moved: true, ..object(number, None, None) },
                };
                HeldObject { read_at: at("2024-07-31 00:00") - Micros(DAY.0 * days), ..one }
            })
            .collect();
        let all = plan(held.clone(), "2024-07-31 00:00", Wanted { objects: 1000, all: false });
        let few = plan(held, "2024-07-31 00:00", Wanted { objects, all: false });
        prop_assert_eq!(&few.due[..], &all.due[..all.due.len().min(objects)]);
        prop_assert_eq!(few.state, all.state.clone());
        prop_assert!(all.due.is_sorted_by_key(|due| std::cmp::Reverse(due.risk_ppm)));
        prop_assert_eq!(all.state.sum(|state| state.due).objects, all.due.len() as u64);
    }
}
