use catalog::case::{Case, Link, Procedure, Stage, StageKind};
use catalog::held::{Drawing, Ground};
use catalog::{Interval, Micros, WallTime};
use proptest::prelude::*;

use super::*;
use crate::policy::{Days, Policy};
use crate::samples::{DAY, at, device, object};

fn days(count: i64) -> Micros {
    Micros(DAY.0 * count)
}

/// Routine footage half a year, case evidence two years, what was drawn three years.
fn rules() -> RetentionRules {
    let mut rules = Policy::built_in("jingan-2024").unwrap().retention.unwrap();
    rules.routine.days = Some(183);
    (rules.case.days, rules.case.for_good) = (Some(730), None);
    rules.sampled = Days { days: 1095, ..rules.sampled };
    rules
}

fn stage(case_no: &str, starts_at: &str, officers: &[&str]) -> Stage {
    let starts_at = at(starts_at);
    Stage {
        case_no: case_no.into(),
        stage_no: 1,
        kind: StageKind::SiteInspection,
        starts_at,
        ends_at: starts_at + Micros::from_s(600),
        officers: officers.iter().map(|badge| (*badge).to_owned()).collect(),
        place: String::new(),
    }
}

fn case(case_no: &str, closed_at: Option<&str>) -> Case {
    Case {
        case_no: case_no.into(),
        unit: "S1".into(),
        procedure: Procedure::Ordinary,
        filed_at: at("2024-05-01 09:00"),
        closed_at: closed_at.map(at),
        title: String::new(),
    }
}

/// A closed case with two officers, an open one, and a stage of one officer.
fn ground() -> Ground {
    Ground {
        devices: vec![device()],
        cases: vec![
            case("A1", Some("2024-06-10 00:00")),
            case("A2", None),
            case("A3", Some("2024-06-20 00:00")),
        ],
        stages: vec![
            stage("A1", "2024-05-03 09:00", &["B1", "B2"]),
            stage("A2", "2024-05-04 09:00", &["B1"]),
            stage("A3", "2024-05-05 09:00", &["B1"]),
        ],
        ..Ground::default()
    }
}

struct Room {
    rules: RetentionRules,
    ground: Ground,
    disputes: Disputes,
    held: Vec<HeldObject>,
}

impl Room {
    fn new(held: Vec<HeldObject>) -> Self {
        Self { rules: rules(), ground: ground(), disputes: Disputes::default(), held }
    }

    fn advise(&self, moment: WallTime) -> Vec<Advised> {
        let badges = ["B1", "B2"].into_iter();
        let mut retention =
            Retention::new(&self.rules, Some(2), &self.ground, badges, &self.disputes, moment);
        self.held.iter().for_each(|object| retention.see(object));
        self.held.iter().map(|object| retention.advise(object)).collect()
    }

    fn first(&self, moment: WallTime) -> (Advice, Vec<Lock>) {
        let first = self.advise(moment).swap_remove(0);
        (first.advice, first.locks)
    }
}

/// Both officers' recordings of A1.
fn pair() -> Vec<HeldObject> {
    vec![object(1, Some("B1"), Some("2024-05-03 09:02")), object(2, Some("B2"), Some("2024-05-03 09:03"))]
}

#[test]
fn routine_footage_may_go_when_its_time_is_over_and_not_a_microsecond_before() {
    let room = Room::new(vec![object(1, Some("B1"), Some("2024-05-20 09:00"))]);
    let until = at("2024-05-20 09:01") + days(183);
    assert_eq!(room.advise(until)[0].keep_until, Some(until));
    assert_eq!(room.first(until - days(1)).0, Advice::Keep);
    assert_eq!(room.first(until - Micros(1)).0, Advice::Keep);
    assert_eq!(room.first(until).0, Advice::MayGo);
    assert_eq!(room.first(until + days(1)).0, Advice::MayGo);
}

#[test]
fn case_evidence_is_kept_from_the_closing_of_its_case_and_for_good_where_the_policy_says_so() {
    let mut room = Room::new(pair());
    let until = at("2024-06-10 00:00") + days(730);
    assert_eq!(room.first(until - days(1)), (Advice::Keep, vec![]));
    assert_eq!(room.first(until), (Advice::MayGo, vec![]));
    let [first, _] = room.advise(until).try_into().unwrap();
    assert_eq!((first.evidence, first.cases), (true, vec!["A1".to_owned()]));
    // An hour beside the stage it still counts as its evidence; farther off it is routine.
    room.held.push(object(3, Some("B1"), Some("2024-05-03 10:09:59")));
    room.held.push(object(4, Some("B1"), Some("2024-05-03 10:10")));
    assert_eq!(
        room.advise(until).iter().map(|one| one.evidence).collect::<Vec<_>>(),
        [true, true, true, false]
    );
    (room.rules.case.days, room.rules.case.for_good) = (None, Some(true));
    assert_eq!(room.first(until + days(36_500)), (Advice::Keep, vec![]));
    assert_eq!(room.advise(until)[0].keep_until, None);
    // A case with a shorter time than routine footage does not shorten anything.
    (room.rules.case.days, room.rules.case.for_good) = (Some(1), None);
    assert_eq!(room.advise(until)[0].keep_until, Some(at("2024-05-03 09:03") + days(183)));
}

#[test]
fn a_lock_beats_a_date_that_has_passed() {
    let late = at("2040-01-01 00:00");
    let mut room = Room::new(pair());
    assert_eq!(room.first(late), (Advice::MayGo, vec![]));
    for (lock, set) in [
        (Lock::UnderReview, &mut Disputes { under_review: ["A1/1".into()].into(), ..Disputes::default() }),
        (Lock::Appealed, &mut Disputes { appealed: ["A1/1".into()].into(), ..Disputes::default() }),
        // A case that was drawn as a whole, with all its stages.
        (Lock::Notice, &mut Disputes { noticed: ["A1".into()].into(), ..Disputes::default() }),
        (Lock::Excused, &mut Disputes { excused: ["A1/1".into()].into(), ..Disputes::default() }),
    ] {
        room.disputes = set.clone();
        assert_eq!(room.first(late), (Advice::Locked, vec![lock]));
    }
    // Of another stage they lock nothing here.
    room.disputes = Disputes { appealed: ["A3/1".into()].into(), ..Disputes::default() };
    assert_eq!(room.first(late), (Advice::MayGo, vec![]));
}

#[test]
fn what_was_drawn_is_locked_for_its_time_and_a_day_less_is_not_enough() {
    let mut room = Room::new(pair());
    let drawn = at("2024-07-01 10:00");
    let document = r#"{"items":[{"id":"A1/1","unit":"S1"}]}"#.to_owned();
    room.ground.draws = vec![Drawing { round: "2024-06/p".into(), at: drawn, document }];
    let free = drawn + days(1095);
    assert_eq!(room.first(free - days(1)), (Advice::Locked, vec![Lock::Sampled]));
    assert_eq!(room.first(free), (Advice::MayGo, vec![]));
    // Drawn again, it counts anew.
    let document = r#"{"items":[{"id":"A1"}]}"#.to_owned();
    room.ground.draws.push(Drawing { round: "2024-07/p:case_files".into(), at: drawn + days(30), document });
    assert_eq!(room.first(free), (Advice::Locked, vec![Lock::Sampled]));
    assert_eq!(room.first(free + days(30)), (Advice::MayGo, vec![]));
}

#[test]
fn an_open_case_and_a_missing_pair_lock_what_there_is() {
    let late = at("2040-01-01 00:00");
    let open = Room::new(vec![object(1, Some("B1"), Some("2024-05-04 09:02"))]);
    assert_eq!(open.first(late), (Advice::Locked, vec![Lock::OpenCase]));
    assert_eq!(open.advise(late)[0].keep_until, None);
    // Of two officers one recorded; the other's of the hour before is none of this stage.
    let mut alone = Room::new(vec![
        object(1, Some("B1"), Some("2024-05-03 09:02")),
        object(2, Some("B2"), Some("2024-05-03 08:30")),
    ]);
    assert_eq!(alone.first(late), (Advice::Locked, vec![Lock::LacksPair]));
    // Somebody ties it to the stage: now it is the pair.
    alone.ground.links.push(Link { case_no: "A1".into(), stage_no: 1, object_key: "2.mp4".into() });
    assert_eq!(alone.first(late), (Advice::MayGo, vec![]));
    // A stage of one officer needs no second, and a device's holder is as good as a badge.
    let one = Room::new(vec![object(1, Some("B1"), Some("2024-05-05 09:02"))]);
    assert_eq!(one.first(late), (Advice::MayGo, vec![]));
    let mut worn = pair();
    (worn[1].badge, worn[1].device) = (None, Some("BC9".into()));
    assert_eq!(Room::new(worn).first(late), (Advice::MayGo, vec![]));
}

#[test]
fn what_nobody_made_or_dated_stays() {
    let late = at("2040-01-01 00:00");
    let first = |object| Room::new(vec![object]).first(late);
    assert_eq!(first(object(1, None, Some("2024-05-20 09:00"))), (Advice::Locked, vec![Lock::Unattributed]));
    assert_eq!(
        first(object(1, Some("B9"), Some("2024-05-20 09:00"))),
        (Advice::Locked, vec![Lock::Unattributed])
    );
    assert_eq!(first(object(1, Some("B1"), None)), (Advice::Locked, vec![Lock::Undated]));
    let device = HeldObject { device: Some("BC9".into()), ..object(1, None, Some("2024-05-20 09:00")) };
    assert_eq!(first(device), (Advice::MayGo, vec![]));
}

#[test]
fn a_keep_is_days_or_for_good_and_never_both_or_neither() {
    let text = Policy::built_in_text("jingan-2024").unwrap();
    let start = text.find("[retention.case]").unwrap();
    let with = |from: &str, to: &str| {
        let tail = text[start..].replacen(from, to, 1);
        Policy::parse("own.toml", &format!("{}{tail}", &text[..start])).map(|_| ()).unwrap_err().to_string()
    };
    assert!(with("for_good = true", "").contains("for_good = true"));
    assert!(with("for_good = true", "for_good = true\ndays = 5").contains("write either"));
    assert!(with("for_good = true", "days = 0").contains("write 1 to 36500"));
}

proptest! {
    /// Whatever is on record: what is locked, or was not kept for its time, is never advised to go.
    #[test]
    fn nothing_locked_or_unexpired_is_ever_advised_to_go(
        rows in prop::collection::vec((0_i64..3, 0_i64..86_400 * 4, any::<bool>()), 1..20),
        after_days in 0_i64..1500,
        disputed in prop::collection::btree_set("A[123]/1|A[123]", 0..4),
        drawn in prop::collection::vec(("A[123]/1", 0_i64..400), 0..3),
        for_good: bool,
    ) {
        let begin = at("2024-05-02 00:00");
        let held: Vec<HeldObject> = (1..)
            .zip(&rows)
            .map(|(number, &(officer, second, dated))| {
                let start = begin + Micros::from_s(second);
                let badge = [Some("B1"), Some("B2"), None][usize::try_from(officer).unwrap()];
                let ran = dated.then(|| Interval::new(start, start + Micros::from_s(60)));
                HeldObject { ran, ..object(number, badge, None) }
            })
            .collect();
        let mut room = Room::new(held);
        room.disputes.appealed = disputed.clone();
        room.ground.draws = drawn
            .iter()
            .map(|(item, day)| Drawing {
                round: "r".into(),
                at: begin + days(*day),
                document: format!(r#"{{"items":[{{"id":"{item}"}}]}}"#),
            })
            .collect();
        if for_good {
            (room.rules.case.days, room.rules.case.for_good) = (None, Some(true));
        }
        let moment = begin + days(after_days);
        for (object, advised) in room.held.iter().zip(room.advise(moment)) {
            if advised.advice != Advice::MayGo {
                prop_assert_eq!(advised.advice == Advice::Locked, !advised.locks.is_empty());
                continue;
            }
            prop_assert!(advised.locks.is_empty());
            let end = object.ran.unwrap().end;
            prop_assert!(end + days(183) <= moment, "routine time");
            // By hand, of each stage that the recording lies within an hour of.
            for stage in &room.ground.stages {
                let near = object.ran.unwrap().overlaps(&stage.interval().widened(Micros::from_s(3600)));
                if !near || !stage.officers.iter().any(|badge| Some(badge) == object.badge.as_ref()) {
                    continue;
                }
                let case = room.ground.cases.iter().find(|case| case.case_no == stage.case_no).unwrap();
                prop_assert!(!for_good && case.closed_at.unwrap() + days(730) <= moment);
                prop_assert!(!disputed.contains(&stage.case_no) && !disputed.contains(&stage.id().to_string()));
                for (item, day) in &drawn {
                    prop_assert!(*item != stage.id().to_string() || begin + days(day + 1095) <= moment);
                }
            }
        }
    }
}
