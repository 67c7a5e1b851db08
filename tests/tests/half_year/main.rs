//! A whole half-year of a synthetic bureau, from import to six returns, with reviews, an appeal, notices,
//! an escalation and scores. Time is passed in; footage is recorded through the catalog.
//!
//! The bureau is the demo's, and so is its month, six times over under other dates.
#![allow(clippy::unwrap_used, reason = "in a test, what cannot be unwrapped is a failure")]

mod bureau;
mod failing;
mod other_checks;
mod papers;

use std::sync::Arc;

use analyzer::notice::{NoticeState, NoticeWish};
use analyzer::report::Basis;
use analyzer::review::ReviewState;
use analyzer::score::Level;
use api::casework::review::Said;
use api::casework::{filing, notice, review, schedule};
use catalog::filing::{ReturnState, StepKind, StepOutcome};
use catalog::notice::NoticeKind;
use catalog::review::{Judgement, Outcome, StatementKind, Visit};

use crate::bureau::{Bureau, MONTHS, month, on};
use crate::papers::the_papers_say_what_they_should;

#[tokio::test]
async fn a_half_year_goes_from_import_to_six_returns_with_notices_and_scores() {
    let bureau = Bureau::open().await;
    bureau.fill().await;
    let catalog = bureau.catalog.as_ref();
    let mut reached = std::collections::BTreeSet::new();
    for (turn, base) in MONTHS.map(month).into_iter().enumerate() {
        let round_month = base.next();
        let round = format!("{round_month}/jingan-2024");

        // Nothing before its day; then the frame, and the wait for a seed.
        assert!(bureau.tick(on(round_month, 1, 9)).await.steps.iter().all(|s| s.step != StepKind::Freeze));
        let frozen = bureau.tick(on(round_month, 2, 9)).await;
        let steps: Vec<_> = frozen.steps.iter().map(|step| (step.step, step.outcome)).collect();
        assert!(steps.contains(&(StepKind::Freeze, StepOutcome::Done)), "{steps:?}");
        assert!(steps.contains(&(StepKind::Draw, StepOutcome::Waiting)), "{steps:?}");
        let again = bureau.tick(on(round_month, 2, 10)).await;
        assert!(again.steps.iter().all(|step| step.outcome == StepOutcome::Waiting), "{again:#?}");

        let seed = format!("{round_month}-{turn}-4-2-6");
        schedule::announce_seed(catalog, &round, &seed, "31901", on(round_month, 3, 9)).await.unwrap();
        let drawn = bureau.tick(on(round_month, 3, 10)).await;
        for step in [StepKind::Draw, StepKind::Assign] {
            assert!(
                drawn.steps.iter().any(|one| one.step == step && one.outcome == StepOutcome::Done),
                "{drawn:#?}"
            );
        }
        let view = review::round_review(
            catalog,
            Arc::clone(&bureau.policy),
            &round,
            review::Sees::all(None),
            on(round_month, 3, 11),
        )
        .await
        .unwrap();
        assert!(view.unassigned.is_empty());
        assert_eq!(view.progress.drawn, view.progress.assigned);
        let blind = view.items.iter().filter(|item| item.standing.blind).count();
        assert_eq!(blind, (view.items.len() * 20).div_ceil(100));
        assert!(view.items.iter().all(|item| item.machine_hidden == item.standing.blind));

        // Reviewers are reminded before the day, once a day.
        let reminded = bureau.tick(on(round_month, 11, 9)).await;
        assert!(reminded.steps.iter().any(|step| step.step == StepKind::Remind), "{reminded:#?}");

        // Everyone judges as the machine would, but for the first item, which is missing to both; of the
        // last month one item stays open.
        let open = (turn == 5).then(|| view.items.last().unwrap().standing.item.clone());
        for (position, item) in view.items.iter().enumerate() {
            let standing = &item.standing;
            reached.insert(standing.unit.clone());
            if open.as_ref() == Some(&standing.item) {
                continue;
            }
            let outcome = match position {
                0 => Outcome::Missing,
                1 => Outcome::Irregular,
                _ => Outcome::Regular,
            };
            for seat in &standing.seats {
                let now = on(round_month, 12, 9);
                bureau.verdict(&round, &standing.item, &seat.badge, outcome, now).await;
            }
        }
        let first = &view.items[0].standing;

        // In April the squad appeals, somebody else decides, and no notice speaks of it.
        if turn == 3 {
            let squad = format!("3{}01", 10 + first.unit.trim_start_matches("SQ").parse::<u32>().unwrap());
            let record = async |by: &str, said, day| {
                review::record(
                    catalog,
                    &bureau.policy,
                    &round,
                    &first.item,
                    by,
                    said,
                    on(round_month, day, 9),
                )
                .await
            };
            let appeal = Said::Statement(StatementKind::Appeal, "当日记录仪故障，有报修单".into());
            let standing = record(&squad, appeal, 13).await.unwrap();
            assert_eq!(standing.state, ReviewState::Appealed);
            let judgement = Judgement {
                outcome: Outcome::Excused,
                codes: vec![],
                note: "报修单属实".into(),
                moments: vec![],
            };
            let own =
                record(&standing.seats[0].badge.clone(), Said::Decision(Some(true), judgement.clone()), 14)
                    .await;
            assert!(own.is_err(), "another person decides");
            let other = ["31901", "31902", "31903", "31904"]
                .into_iter()
                .find(|badge| standing.seat_of(badge).is_none())
                .unwrap();
            let decided = record(other, Said::Decision(Some(true), judgement), 14).await.unwrap();
            assert_eq!(decided.state, ReviewState::Decided);
        }

        // A visit that found nothing is kept, and counts.
        let visit = Visit {
            number: 0,
            unit: "SQ1".into(),
            starts_at: on(round_month, 9, 9),
            ends_at: on(round_month, 9, 10),
            supervisors: vec!["31901".into(), "31902".into()],
            on_site: true,
            note: "内务管理、行为规范".into(),
            found: vec![],
            recorded_at: on(round_month, 9, 11),
            recorded_by: "31901".into(),
        };
        review::add_visit(catalog, &bureau.policy, &visit).await.unwrap();

        // Notices: drafted by the schedule, issued by a person; answered, but for February's.
        bureau.tick(on(round_month, 15, 9)).await;
        for drafted in notice::notices(catalog, Some(round_month), on(round_month, 15, 9)).await.unwrap() {
            if drafted.standing.state != NoticeState::Draft || drafted.notice.body.needs_approval {
                continue;
            }
            let id = drafted.notice.id;
            let act = async |by: &str, wish, day| {
                notice::act_on_notice(catalog, &bureau.policy, id, by, wish, on(round_month, day, 9))
                    .await
                    .unwrap()
            };
            let issued = act("31903", NoticeWish::Issue(None), 15).await;
            assert!(issued.standing.number.is_some());
            if turn != 1 {
                let unit = &drafted.notice.body.unit;
                let squad = format!("3{}01", 10 + unit.trim_start_matches("SQ").parse::<u32>().unwrap());
                act(&squad, NoticeWish::Reply("已组织整改".into()), 18).await;
                let closed = act("31903", NoticeWish::Close("整改到位".into()), 19).await;
                assert_eq!(closed.standing.state, NoticeState::Closed);
            }
        }

        // The draft lies there before the due day, and is sent.
        let drafted = bureau.tick(on(round_month, 21, 9)).await;
        assert!(
            drafted.steps.iter().any(|s| s.step == StepKind::Return && s.outcome == StepOutcome::Done),
            "{drafted:#?}"
        );
        let sent_at = on(round_month, 22, 9);
        let document =
            filing::return_document(catalog, Arc::clone(&bureau.policy), round_month, sent_at).await.unwrap();
        assert_eq!(document.report.due, format!("{round_month}-24"));
        assert_eq!(document.report.basis, if turn == 5 { Basis::Mixed } else { Basis::Human });
        assert_eq!(document.report.missing_found, u64::from(turn != 3));
        assert!(document.report.irregular_found >= 1);
        assert_eq!(document.units_visited, 1);
        assert_eq!(document.trend.len(), if round_month.number() == 1 { 1 } else { turn + 1 });
        let sentence = format!(
            "抽查全过程音视频记录{}条，发现不规范问题{}个，发现视音频记录缺失{}条。",
            document.report.recordings_sampled,
            document.report.irregular_found,
            document.report.missing_found
        );
        assert_eq!(document.report.sentence, sentence);
        let keep = async || {
            filing::keep_return(catalog, &document, ReturnState::Sent, "31901", sent_at).await.unwrap()
        };
        assert_eq!(keep().await, (1, true));
        assert_eq!(keep().await, (1, false), "the same figures are the same version");
        assert!(bureau.tick(on(round_month, 23, 9)).await.steps.iter().all(|s| s.step != StepKind::Return));
    }
    assert_eq!(reached.len(), 6, "all squads within the half-year: {reached:?}");
    after_the_half_year(&bureau).await;
    the_papers_say_what_they_should(&bureau);
}

/// Numbers, escalation, scores, and a figure that changes after the return was sent.
async fn after_the_half_year(bureau: &Bureau) {
    let catalog = bureau.catalog.as_ref();
    let now = on(month("2024-06"), 28, 9);
    let all = notice::notices(catalog, None, now).await.unwrap();
    let mut serials: std::collections::BTreeMap<NoticeKind, Vec<u32>> = std::collections::BTreeMap::new();
    for view in &all {
        for event in &view.notice.events {
            if let catalog::notice::NoticeAct::Issued { serial, .. } = event.act {
                serials.entry(view.notice.body.kind).or_default().push(serial);
            }
        }
    }
    assert!(!serials.is_empty());
    for (kind, serials) in serials {
        let count = u32::try_from(serials.len()).unwrap();
        assert_eq!(serials, (1..=count).collect::<Vec<_>>(), "{kind}: without gaps, in order of issue");
    }
    // February's notices went unanswered: what followed them is there, and follows by name.
    let escalated: Vec<_> = all.iter().filter(|view| view.standing.state == NoticeState::Escalated).collect();
    assert!(!escalated.is_empty());
    for view in &escalated {
        assert_eq!(view.notice.body.month, month("2024-02"));
        let next = all.iter().find(|next| next.notice.body.follows == Some(view.notice.id)).unwrap();
        assert!(next.notice.body.kind > view.notice.body.kind);
    }

    let sheet = notice::month_scores(catalog, &bureau.policy, month("2024-06"), now).await.unwrap();
    assert_eq!(sheet.since, month("2024-01"));
    for unit in &sheet.units {
        let sum: u64 = unit.origins.iter().map(|origin| u64::from(origin.points)).sum();
        assert_eq!(sum, unit.points, "every point has its origin: {unit:?}");
    }
    assert!(sheet.units.iter().any(|unit| unit.level > Level::None));

    // The item that was open in June is judged after the return was sent: a second version beside the first.
    let june = month("2024-06");
    let round = "2024-06/jingan-2024";
    let view = review::round_review(catalog, Arc::clone(&bureau.policy), round, review::Sees::all(None), now)
        .await
        .unwrap();
    let open = view.items.iter().find(|item| item.standing.state == ReviewState::Open).unwrap();
    assert!(open.overdue);
    for seat in open.standing.seats.clone() {
        bureau.verdict(round, &seat.item, &seat.badge, Outcome::Missing, now).await;
    }
    let document = filing::return_document(catalog, Arc::clone(&bureau.policy), june, now).await.unwrap();
    assert_eq!(document.report.missing_found, 2);
    let sent = filing::keep_return(catalog, &document, ReturnState::Sent, "31901", now).await.unwrap();
    assert_eq!(sent, (2, true));
    let kept = catalog.returns().await.unwrap();
    assert_eq!(kept.iter().filter(|entry| entry.state == ReturnState::Sent).count(), 7, "six, and one again");
    let (first, _) =
        filing::kept_return(catalog, june, "jingan-2024", ReturnState::Sent, Some(1)).await.unwrap();
    assert!(first.sentence.contains("缺失1条"), "what was sent stays: {}", first.sentence);

    // Nothing of the schedule failed, and everything it did is on record.
    let steps = catalog.steps(None).await.unwrap();
    assert!(steps.iter().all(|step| step.outcome != StepOutcome::Failed));
    let of_recordings = |round: Option<&str>| round.is_none_or(|round| !round.contains(':'));
    let done = |kind| {
        let steps = steps.iter().filter(|s| of_recordings(s.round.as_deref()));
        steps.filter(|s| s.step == kind && s.outcome == StepOutcome::Done).count()
    };
    assert_eq!((done(StepKind::Freeze), done(StepKind::Draw), done(StepKind::Assign)), (6, 6, 6));
    assert_eq!(done(StepKind::Return), 6);
    assert!(done(StepKind::Escalate) >= 1);
}
