//! What every engine must do with what people did.

use catalog::filing::{
    AnnouncedSeed, ReturnFile, ReturnRecord, ReturnState, ScheduleStep, StepKind, StepOutcome,
};
use catalog::finding::FindingCode;
use catalog::notice::{Fact, NoticeAct, NoticeBody, NoticeEvent, NoticeKind};
use catalog::review::{Assignment, Judgement, Moment, Outcome, ReviewAct, ReviewEvent, StatementKind, Visit};
use catalog::store::{Catalog, Issue};
use catalog::{MediaTime, WallTime};

use super::{at, may, people};

const ROUND: &str = "2024-06/jingan-2024";

/// A catalog with people and a frozen round to work on.
async fn prepare(catalog: &dyn Catalog) {
    people(catalog).await;
    let round = catalog::round::Round {
        id: ROUND.into(),
        month: may().next(),
        policy: "jingan-2024".into(),
        frozen_at: at("2024-06-02 09:00"),
        frozen_json: "{}".into(),
        frame_sha256: "ab".repeat(32),
        draw: None,
    };
    assert!(catalog.freeze_round(&round).await.unwrap());
}

fn assignment(item: &str, seat: u32, badge: &str) -> Assignment {
    Assignment {
        round: ROUND.into(),
        item: item.into(),
        unit: "S1".into(),
        seat,
        revision: 1,
        badge: badge.into(),
        blind: seat == 1,
        assigned_at: at("2024-06-03 09:00"),
        due_at: at("2024-06-10 00:00"),
        assigned_by: "310001".into(),
        reason: None,
    }
}

fn act(number: u32, act: ReviewAct) -> ReviewEvent {
    ReviewEvent {
        round: ROUND.into(),
        item: "A/1".into(),
        number,
        at: at("2024-06-04 09:00") + catalog::Micros(i64::from(number)),
        by: "310001".into(),
        act,
    }
}

fn judgement(outcome: Outcome, codes: &[FindingCode]) -> Judgement {
    Judgement {
        outcome,
        codes: codes.to_vec(),
        note: "开始过晚 12 秒".into(),
        moments: vec![Moment { object_key: "a.mp4".into(), at_us: MediaTime(12_000_000) }],
    }
}

pub(crate) async fn assignments_are_stored_all_or_none(catalog: &dyn Catalog) {
    prepare(catalog).await;
    let first = [assignment("A/1", 1, "310001"), assignment("A/1", 2, "310002")];
    assert!(catalog.assign(&first).await.unwrap());
    let again = [assignment("B/1", 1, "310001"), assignment("A/1", 2, "310001")];
    assert!(!catalog.assign(&again).await.unwrap(), "one of them is there");
    let file = catalog.review_file(ROUND).await.unwrap();
    assert_eq!(file.assignments, first, "and the other was not kept");
    let anew = Assignment { revision: 2, reason: Some("病假".into()), ..assignment("A/1", 2, "310001") };
    assert!(catalog.assign(std::slice::from_ref(&anew)).await.unwrap());
    assert_eq!(catalog.review_file(ROUND).await.unwrap().assignments[2], anew, "the earlier one stays");
    assert!(catalog.review_file("2024-07/jingan-2024").await.unwrap().assignments.is_empty());
    let nobody = assignment("C/1", 1, "999999");
    assert!(catalog.assign(&[nobody]).await.is_err(), "a supervisor is an officer");
}

pub(crate) async fn review_events_come_back_in_order_and_no_number_is_taken_twice(catalog: &dyn Catalog) {
    prepare(catalog).await;
    let events = [
        act(
            1,
            ReviewAct::Verdict {
                seat: 1,
                judgement: judgement(Outcome::Irregular, &[FindingCode::LateStart]),
            },
        ),
        act(2, ReviewAct::Statement { statement: StatementKind::Appeal, text: "设备故障".into() }),
        act(3, ReviewAct::Decision { granted: Some(true), judgement: judgement(Outcome::Excused, &[]) }),
    ];
    for event in &events {
        assert!(catalog.add_review_event(event).await.unwrap());
    }
    let late = act(3, ReviewAct::Verdict { seat: 2, judgement: judgement(Outcome::Regular, &[]) });
    assert!(!catalog.add_review_event(&late).await.unwrap());
    assert_eq!(catalog.review_file(ROUND).await.unwrap().events, events);
}

pub(crate) async fn a_visit_that_found_nothing_is_kept(catalog: &dyn Catalog) {
    prepare(catalog).await;
    let visit = Visit {
        number: 0,
        unit: "S1".into(),
        starts_at: at("2024-06-05 09:00"),
        ends_at: at("2024-06-05 10:00"),
        supervisors: vec!["310001".into(), "310002".into()],
        on_site: true,
        note: "现场检查内务管理".into(),
        found: vec![],
        recorded_at: at("2024-06-05 11:00"),
        recorded_by: "310001".into(),
    };
    assert_eq!(catalog.add_visit(&visit).await.unwrap(), 1);
    let found = Visit { found: vec!["台账不全".into()], ..visit.clone() };
    assert_eq!(catalog.add_visit(&found).await.unwrap(), 2);
    assert_eq!(catalog.visits().await.unwrap(), [Visit { number: 1, ..visit }, Visit { number: 2, ..found }]);
}

fn body(cause: &str, kind: NoticeKind) -> NoticeBody {
    NoticeBody {
        kind,
        month: may().next(),
        policy: "jingan-2024".into(),
        cause: cause.into(),
        district: "静安区".into(),
        issuer: "某局".into(),
        unit: "S1".into(),
        unit_name: "S1中队".into(),
        copies: vec![],
        clause: "四(一)".into(),
        facts: vec![Fact { round: ROUND.into(), item: "A/1".into(), event: 2, text: "缺失".into() }],
        demand: "请予整改。".into(),
        reply_days: 7,
        reply_days_confirmed: false,
        needs_approval: false,
        follows: None,
    }
}

fn issue(notice: u64, at: WallTime) -> Issue<'static> {
    Issue {
        notice,
        event_number: 2,
        at,
        by: "310001",
        year: 2024,
        pattern: "静城管告〔2024〕{serial}号",
        due_at: at,
        approval: None,
    }
}

pub(crate) async fn notices_are_numbered_without_gaps_and_never_twice(catalog: &dyn Catalog) {
    prepare(catalog).await;
    let when = at("2024-06-12 09:00");
    let mut ids = Vec::new();
    for cause in ["a", "b", "c"] {
        let (id, new) = catalog.draft_notice(&body(cause, NoticeKind::Inform), "310001", when).await.unwrap();
        assert!(new);
        ids.push(id);
    }
    let again = catalog.draft_notice(&body("a", NoticeKind::Inform), "310001", when).await.unwrap();
    assert_eq!(again, (ids[0], false), "one cause gives one notice");
    let other = body("d", NoticeKind::Supervise);
    let (other, _) = catalog.draft_notice(&other, "310001", when).await.unwrap();

    // The draft `b` is discarded, and `a` withdrawn after it was issued.
    let withdrawn = |number| NoticeEvent {
        number,
        at: when,
        by: "310001".into(),
        act: NoticeAct::Withdrawn { reason: "申诉成立".into() },
    };
    assert!(catalog.add_notice_event(ids[1], &withdrawn(2)).await.unwrap());
    assert!(!catalog.add_notice_event(ids[1], &withdrawn(2)).await.unwrap());
    let serial_of = |event: Option<NoticeEvent>| match event.map(|event| event.act) {
        Some(NoticeAct::Issued { serial, number, .. }) => Some((serial, number)),
        _ => None,
    };
    let first = serial_of(catalog.issue_notice(&issue(ids[0], when)).await.unwrap()).unwrap();
    assert_eq!(first, (1, "静城管告〔2024〕1号".to_owned()));
    assert!(catalog.issue_notice(&issue(ids[0], when)).await.unwrap().is_none(), "it has a number");
    assert!(catalog.issue_notice(&issue(ids[1], when)).await.unwrap().is_none(), "event 2 is taken");
    assert!(catalog.issue_notice(&issue(99, when)).await.unwrap().is_none());
    assert!(catalog.add_notice_event(ids[0], &withdrawn(3)).await.unwrap());
    assert_eq!(serial_of(catalog.issue_notice(&issue(ids[2], when)).await.unwrap()).unwrap().0, 2);
    assert_eq!(serial_of(catalog.issue_notice(&issue(other, when)).await.unwrap()).unwrap().0, 1);
    let next_year = Issue { year: 2025, notice: 0, ..issue(0, when) };
    let (fifth, _) = catalog.draft_notice(&body("e", NoticeKind::Inform), "310001", when).await.unwrap();
    let next_year = Issue { notice: fifth, ..next_year };
    assert_eq!(serial_of(catalog.issue_notice(&next_year).await.unwrap()).unwrap().0, 1);

    let notices = catalog.notices().await.unwrap();
    assert_eq!(notices.len(), 5);
    assert_eq!(notices[0].body, body("a", NoticeKind::Inform));
    assert_eq!(notices[0].events.iter().map(|event| event.number).collect::<Vec<_>>(), [1, 2, 3]);
}

pub(crate) async fn a_kept_return_stays_and_other_figures_are_a_next_version(catalog: &dyn Catalog) {
    let record = |figures: &str, state, bytes: &[u8]| ReturnRecord {
        month: may(),
        policy: "jingan-2024".into(),
        state,
        at: at("2024-05-23 09:00"),
        by: "310001".into(),
        figures_sha256: figures.repeat(32),
        sentence: "抽查0条。".into(),
        files: vec![
            ReturnFile { format: "csv".into(), bytes: bytes.to_vec(), sha256: "11".repeat(32) },
            ReturnFile { format: "xlsx".into(), bytes: vec![0, 255], sha256: "22".repeat(32) },
        ],
    };
    let sent = ReturnState::Sent;
    assert_eq!(catalog.keep_return(&record("aa", ReturnState::Draft, b"draft")).await.unwrap(), (1, true));
    assert_eq!(catalog.keep_return(&record("aa", sent, b"one")).await.unwrap(), (1, true));
    assert_eq!(catalog.keep_return(&record("aa", sent, b"other")).await.unwrap(), (1, false));
    assert_eq!(catalog.keep_return(&record("bb", sent, b"two")).await.unwrap(), (2, true));
    assert_eq!(catalog.keep_return(&record("aa", sent, b"back")).await.unwrap(), (3, true));
    let files = catalog.return_files(may(), "jingan-2024", sent, 1).await.unwrap();
    assert_eq!(files, record("aa", sent, b"one").files);
    assert!(catalog.return_files(may(), "jingan-2024", sent, 9).await.unwrap().is_empty());
    let entries = catalog.returns().await.unwrap();
    let versions: Vec<_> = entries.iter().map(|entry| (entry.state, entry.version)).collect();
    assert_eq!(versions, [(ReturnState::Draft, 1), (sent, 1), (sent, 2), (sent, 3)]);
    assert_eq!(entries[1].files, [("csv".into(), "11".repeat(32)), ("xlsx".into(), "22".repeat(32))]);
}

pub(crate) async fn a_seed_is_announced_once_and_steps_are_kept(catalog: &dyn Catalog) {
    prepare(catalog).await;
    assert_eq!(catalog.announced_seed(ROUND).await.unwrap(), None);
    let seed = |seed: &str| AnnouncedSeed {
        round: ROUND.into(),
        seed: seed.into(),
        at: at("2024-06-03 09:00"),
        by: "310001".into(),
    };
    assert!(catalog.announce_seed(&seed("4-2-6")).await.unwrap());
    assert!(!catalog.announce_seed(&seed("1-1-1")).await.unwrap());
    assert_eq!(catalog.announced_seed(ROUND).await.unwrap(), Some(seed("4-2-6")));

    let step = |month, outcome| ScheduleStep {
        month,
        policy: "jingan-2024".into(),
        step: StepKind::Freeze,
        round: (outcome == StepOutcome::Done).then(|| ROUND.to_owned()),
        at: at("2024-06-03 09:00"),
        outcome,
        detail: "frozen".into(),
        detail_zh: "已冻结".into(),
    };
    let steps = [step(may(), StepOutcome::Failed), step(may().next(), StepOutcome::Done)];
    for step in &steps {
        catalog.add_step(step).await.unwrap();
    }
    assert_eq!(catalog.steps(None).await.unwrap(), steps);
    assert_eq!(catalog.steps(Some(may())).await.unwrap(), steps[..1]);
}

pub(crate) async fn record_a_step(catalog: &dyn Catalog) {
    let step = ScheduleStep {
        month: may(),
        policy: "jingan-2024".into(),
        step: StepKind::Freeze,
        round: None,
        at: at("2024-06-03 09:00"),
        outcome: StepOutcome::Failed,
        detail: "the disk is full".into(),
        detail_zh: "磁盘已满".into(),
    };
    catalog.add_step(&step).await.unwrap();
}
