//! Notices and scores: from settled verdicts to numbered papers, and the points they bring.
#![allow(clippy::unwrap_used, reason = "in a test, what cannot be unwrapped is a failure")]

use std::collections::BTreeMap;

use analyzer::notice::{
    DraftInput, Drafts, NoticeRefusal, NoticeState, NoticeWish, admit_notice, drafts, escalation,
    notice_standing,
};
use analyzer::policy::{Policy, Population, Status};
use analyzer::review::{Standing, standings};
use analyzer::score::{Level, PointReason, ScoreInput, scores};
use catalog::finding::FindingCode;
use catalog::notice::{Notice, NoticeAct, NoticeBody, NoticeEvent, NoticeKind};
use catalog::review::{Assignment, Judgement, Outcome, ReviewAct, ReviewEvent, ReviewFile};
use catalog::unit::{Officer, Unit, UnitKind};
use catalog::{Month, WallTime};

const ROUND: &str = "2024-06/jingan-2024";

fn at(text: &str) -> WallTime {
    WallTime::parse(text).unwrap()
}

fn june() -> Month {
    "2024-06".parse().unwrap()
}

fn policy() -> Policy {
    Policy::built_in("jingan-2024").unwrap()
}

fn units() -> Vec<Unit> {
    ["S0", "S1"]
        .iter()
        .map(|code| Unit {
            code: (*code).into(),
            name: format!("{code}中队"),
            kind: UnitKind::Squad,
            parent: Some("D".into()),
        })
        .collect()
}

fn officer(badge: &str, unit: &str) -> Officer {
    Officer { badge: badge.into(), name: badge.into(), unit: unit.into(), frontline: false }
}

/// Items of a unit with what both supervisors said of each; `None`: nothing yet.
fn round(rows: &[(&str, &str, Option<Outcome>)]) -> BTreeMap<String, Standing> {
    let mut file = ReviewFile::default();
    for (item, unit, outcome) in rows {
        for seat in [1, 2] {
            file.assignments.push(Assignment {
                round: ROUND.into(),
                item: (*item).into(),
                unit: (*unit).into(),
                seat,
                revision: 1,
                badge: format!("90{seat}"),
                blind: false,
                assigned_at: at("2024-06-04 09:00"),
                due_at: at("2024-06-15 00:00"),
                assigned_by: "900".into(),
                reason: None,
            });
            let Some(outcome) = *outcome else { continue };
            let codes = if outcome == Outcome::Irregular { vec![FindingCode::LateStart] } else { vec![] };
            let judgement = Judgement { outcome, codes, note: "晚开12秒".into(), moments: vec![] };
            file.events.push(ReviewEvent {
                round: ROUND.into(),
                item: (*item).into(),
                number: seat,
                at: at("2024-06-05 09:00"),
                by: format!("90{seat}"),
                act: ReviewAct::Verdict { seat, judgement },
            });
        }
    }
    standings(&file)
}

fn draft(rows: &[(&str, &str, Option<Outcome>)], notices: &[Notice]) -> Drafts {
    let (policy, standings) = (policy(), round(rows));
    drafts(DraftInput {
        kind: Population::Recordings,
        round: ROUND,
        month: june(),
        policy: &policy,
        rules: policy.notices.as_ref().unwrap(),
        standings: &standings,
        unassigned: &[],
        stages: &BTreeMap::new(),
        units: &units(),
        notices,
        now: at("2024-06-06 09:00"),
    })
}

fn event(number: u32, when: &str, act: NoticeAct) -> NoticeEvent {
    NoticeEvent { number, at: at(when), by: "900".into(), act }
}

fn issued(id: u64, body: NoticeBody, when: &str, due: &str) -> Notice {
    let number = format!("静城管督告〔2024〕{id}号");
    let act = NoticeAct::Issued { year: 2024, serial: 1, number, due_at: at(due), approval: None };
    Notice { id, body, events: vec![event(1, when, NoticeAct::Drafted), event(2, when, act)] }
}

const MISSING: Option<Outcome> = Some(Outcome::Missing);
const IRREGULAR: Option<Outcome> = Some(Outcome::Irregular);

#[test]
fn the_gravest_kind_that_is_called_for_is_drafted_once_a_squad_is_through() {
    let found = draft(
        &[
            ("A/1", "S0", IRREGULAR),
            ("A/2", "S0", Some(Outcome::Regular)),
            ("B/1", "S1", MISSING),
            ("B/2", "S1", MISSING),
        ],
        &[],
    );
    let kinds: Vec<_> = found.bodies.iter().map(|body| (body.unit.as_str(), body.kind)).collect();
    assert_eq!(kinds, [("S0", NoticeKind::Reminder), ("S1", NoticeKind::Supervise)]);
    assert_eq!(found.bodies[0].facts.len(), 1, "what is regular is no fact against a squad");
    let text = &found.bodies[0].facts[0].text;
    assert!(
        text.contains("案件A第1环节") && text.contains("开始过晚") && text.contains("晚开12秒"),
        "{text}"
    );

    let half = draft(&[("B/1", "S1", MISSING), ("B/2", "S1", None)], &[]);
    assert!(half.bodies.is_empty());
    assert_eq!(half.waiting, ["S1"]);
}

#[test]
fn an_item_gets_into_one_notice_unless_that_was_withdrawn() {
    let rows = [("B/1", "S1", MISSING)];
    let body = draft(&rows, &[]).bodies.remove(0);
    assert_eq!(body.kind, NoticeKind::Inform);
    let mut notice = issued(1, body, "2024-06-06 09:00", "2024-06-14 00:00");
    assert!(draft(&rows, std::slice::from_ref(&notice)).bodies.is_empty());
    let later = draft(&[("B/1", "S1", MISSING), ("C/1", "S1", MISSING)], std::slice::from_ref(&notice));
    assert_eq!(later.bodies.len(), 1);
    assert_eq!(later.bodies[0].facts[0].item, "C/1");
    notice.events.push(event(3, "2024-06-06 10:00", NoticeAct::Withdrawn { reason: "有误".into() }));
    assert_eq!(draft(&rows, std::slice::from_ref(&notice)).bodies.len(), 1);
}

#[test]
fn an_overdue_notice_is_followed_by_the_one_that_the_clause_names() {
    let policy = policy();
    let rules = policy.notices.as_ref().unwrap();
    let body = draft(&[("B/1", "S1", MISSING)], &[]).bodies.remove(0);
    let notice = issued(7, body, "2024-06-06 09:00", "2024-06-14 00:00");
    assert_eq!(escalation(&notice, &policy, rules, at("2024-06-13 23:59")), None);
    let next = escalation(&notice, &policy, rules, at("2024-06-14 00:00")).unwrap();
    assert_eq!((next.kind, next.follows), (NoticeKind::Decision, Some(7)));
    assert!(next.needs_approval, "经局党组研究同意");
    assert_eq!(next.copies, ["相关街道办事处、镇人民政府"]);
    assert!(next.facts.last().unwrap().text.contains("至今未收到回复"));

    // However many facts it speaks of, an item stands in the score once.
    let two = draft(&[("B/1", "S1", MISSING), ("B/2", "S1", MISSING)], &[]).bodies.remove(0);
    let two = issued(8, two, "2024-06-06 09:00", "2024-06-14 00:00");
    let next = escalation(&two, &policy, rules, at("2024-06-14 00:00")).unwrap();
    let next = issued(9, next, "2024-06-15 09:00", "2024-06-28 00:00");
    let sheet = scores(ScoreInput {
        month: june(),
        policy: "jingan-2024",
        rules: policy.scores.as_ref().unwrap(),
        notices: std::slice::from_ref(&next),
        units: &units(),
        now: at("2024-06-16 00:00"),
    });
    let unit = sheet.units.iter().find(|unit| unit.unit == "S1").unwrap();
    assert_eq!(unit.origins[0].items, ["B/1", "B/2"]);

    let mut answered = notice;
    answered.events.push(event(3, "2024-06-13 12:00", NoticeAct::Replied { text: "已整改".into() }));
    assert_eq!(escalation(&answered, &policy, rules, at("2024-07-01 00:00")), None);
}

#[test]
fn only_who_may_does_something_with_a_notice() {
    let body = draft(&[("B/1", "S1", MISSING)], &[]).bodies.remove(0);
    let notice = issued(1, body.clone(), "2024-06-06 09:00", "2024-06-14 00:00");
    let now = at("2024-06-07 09:00");
    let may = |notice: &Notice, who: &Officer, wish| admit_notice(notice, who, &units(), &wish, now);
    let (office, squad) = (officer("900", "OFFICE"), officer("201", "S1"));
    let reply = || NoticeWish::Reply("已整改".into());
    assert_eq!(may(&notice, &squad, reply()), Ok(()));
    assert!(matches!(may(&notice, &office, reply()), Err(NoticeRefusal::OtherUnit { .. })));
    let close = NoticeWish::Close("整改到位".into());
    assert!(matches!(may(&notice, &office, close.clone()), Err(NoticeRefusal::State { .. })));
    assert!(matches!(may(&notice, &squad, close), Err(NoticeRefusal::OwnUnit { .. })));
    assert!(matches!(may(&notice, &office, NoticeWish::Issue(None)), Err(NoticeRefusal::State { .. })));

    let decision = NoticeBody { needs_approval: true, kind: NoticeKind::Decision, ..body };
    let events = vec![event(1, "2024-06-06 09:00", NoticeAct::Drafted)];
    let draft = Notice { id: 2, body: decision, events };
    assert!(matches!(may(&draft, &office, NoticeWish::Issue(None)), Err(NoticeRefusal::Approval { .. })));
    assert_eq!(may(&draft, &office, NoticeWish::Issue(Some("6月7日局党组会议".into()))), Ok(()));
    assert_eq!(notice_standing(&draft, now).state, NoticeState::Draft);
}

#[test]
fn every_point_has_an_origin_and_a_withdrawn_notice_brings_none() {
    let policy = policy();
    let body = draft(&[("B/1", "S1", MISSING)], &[]).bodies.remove(0);
    let may = issued(1, body.clone(), "2024-05-20 09:00", "2024-05-28 00:00");
    let june_one = issued(2, body.clone(), "2024-06-06 09:00", "2024-06-14 00:00");
    let mut withdrawn = issued(3, body.clone(), "2024-06-06 09:00", "2024-06-14 00:00");
    withdrawn.events.push(event(3, "2024-06-07 09:00", NoticeAct::Withdrawn { reason: "申诉成立".into() }));
    let last_year = issued(4, body, "2023-12-20 09:00", "2023-12-28 00:00");
    let notices = [may, june_one, withdrawn, last_year];
    let sheet = scores(ScoreInput {
        month: june(),
        policy: &policy.name,
        rules: policy.scores.as_ref().unwrap(),
        notices: &notices,
        units: &units(),
        now: at("2024-06-10 09:00"),
    });
    assert_eq!(sheet.status, Status::ToBeConfirmed);
    let first = &sheet.units[0];
    // Two of May with its late answer, two of June; the withdrawn one and last year's bring nothing.
    assert_eq!((first.unit.as_str(), first.month_points, first.points), ("S1", 2, 5));
    assert_eq!(first.level, Level::Yellow);
    let origins: Vec<_> =
        first.origins.iter().map(|origin| (origin.notice, origin.reason, origin.points)).collect();
    assert_eq!(
        origins,
        [
            (1, PointReason::Issued, 2),
            (1, PointReason::LateReply, 1),
            (2, PointReason::Issued, 2),
            (3, PointReason::Withdrawn, 0),
        ]
    );
    assert_eq!(first.origins[0].items, ["B/1"]);
    assert_eq!((sheet.units[1].points, sheet.units[1].level), (0, Level::None));
}

#[test]
fn a_policy_whose_notices_contradict_themselves_is_refused() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../policies/jingan-2024.toml"))
        .unwrap();
    for (good, bad, says) in [
        ("escalates_to = \"inform\"", "escalates_to = \"reminder\"", "graver"),
        ("per_item = 2", "per_item = 1", "监督人员不得少于两人"),
        ("yellow = 4", "yellow = 1", "more than blue"),
        ("{word}〔{year}〕{serial}号", "{word}〔{year}〕号", "{serial}"),
        ("freeze_day = 2", "freeze_day = 22", "due on day 24"),
        ("word = \"静城管督办\"", "word = \"静城管督告\"", "alike"),
    ] {
        let broken = text.replacen(good, bad, 1);
        assert_ne!(broken, text, "{good}");
        let error = Policy::parse("x.toml", &broken).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
}
