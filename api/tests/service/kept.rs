//! Months that are kept as they were judged: the answers are those of an audit made for the question alone, and a
//! month that did not change is not loaded again.

use std::sync::Arc;

use analyzer::audit::Incremental;
use api::judged::Judged;
use api::operations;
use api::server::router;
use catalog::excuse::{Excuse, ExcuseReason};
use catalog::import::Import;
use catalog::review::Visit;
use catalog::{Micros, Month, WallTime};

use crate::month::{Bureau, NOW, at, unreadable};
use crate::{document, get};

fn may() -> Month {
    "2024-05".parse().unwrap()
}

/// The audit that is kept, which must be that of a snapshot loaded for it alone.
async fn ask(bureau: &Bureau, judged: &Judged, as_of: WallTime) {
    let policy = Arc::clone(&bureau.state.policy);
    let kept =
        judged.look(bureau.catalog(), Arc::clone(&policy), may(), as_of, Incremental::shared).await.unwrap();
    let alone = operations::audit(bureau.catalog(), policy, may(), as_of).await.unwrap();
    assert_eq!(serde_json::to_string(&*kept).unwrap(), serde_json::to_string(&alone).unwrap(), "{as_of}");
}

fn excuse(recorded_at: WallTime) -> Excuse {
    Excuse {
        case_no: "罚〔2024〕001号".to_owned(),
        stage_no: 1,
        reason: ExcuseReason::Weather,
        note: "暴雨".to_owned(),
        recorded_by: "310001".to_owned(),
        recorded_at,
        starts_at: None,
        ends_at: None,
    }
}

#[tokio::test]
async fn a_month_that_did_not_change_is_loaded_once_and_one_that_did_is_loaded_again() {
    let bureau = Bureau::with_cases(14).await;
    let judged = Judged::default();
    let now = at(NOW);
    for second in 0..3 {
        ask(&bureau, &judged, now + Micros::from_s(second)).await;
    }
    assert_eq!(judged.loaded(), 1);
    // A person records a reason.
    assert!(bureau.catalog().add_excuse(&excuse(now + Micros::from_s(5))).await.unwrap());
    ask(&bureau, &judged, now + Micros::from_s(6)).await;
    assert_eq!(judged.loaded(), 2);
    ask(&bureau, &judged, now + Micros::from_s(7)).await;
    assert_eq!(judged.loaded(), 2);
    // Of a moment before it was recorded the catalog knew less: that is answered by itself, and nothing is lost.
    ask(&bureau, &judged, now + Micros::from_s(4)).await;
    assert_eq!(judged.loaded(), 3);
    ask(&bureau, &judged, now + Micros::from_s(8)).await;
    assert_eq!(judged.loaded(), 3);
    // New rows, and footage that arrives.
    bureau.more_cases(14..20).await;
    ask(&bureau, &judged, now + Micros::from_s(9)).await;
    bureau.add("SQ1/late.mp4", &unreadable(77)).await;
    ask(&bureau, &judged, now + Micros::from_s(11)).await;
    bureau.take_in(Import::Officers(Vec::new())).await;
    ask(&bureau, &judged, now + Micros::from_s(12)).await;
}

#[tokio::test]
async fn an_excuse_that_is_dated_later_counts_from_then_on() {
    let bureau = Bureau::with_cases(7).await;
    let judged = Judged::default();
    let now = at(NOW);
    assert!(bureau.catalog().add_excuse(&excuse(now + Micros::from_s(60))).await.unwrap());
    for second in [0, 59, 60, 61] {
        ask(&bureau, &judged, now + Micros::from_s(second)).await;
    }
}

#[tokio::test]
async fn months_and_policies_are_kept_apart() {
    let bureau = Bureau::with_cases(7).await;
    let judged = Judged::default();
    let mut strict = (*bureau.state.policy).clone();
    strict.name = "strict".to_owned();
    strict.obligations.stages.pop_first();
    let policies = [Arc::clone(&bureau.state.policy), Arc::new(strict)];
    for policy in policies.iter().chain(&policies) {
        let look = judged.look(bureau.catalog(), Arc::clone(policy), may(), at(NOW), |month| {
            (month.audit().policy.clone(), month.audit().totals.obligations)
        });
        let alone = operations::audit(bureau.catalog(), Arc::clone(policy), may(), at(NOW)).await.unwrap();
        assert_eq!(look.await.unwrap(), (policy.name.clone(), alone.totals.obligations));
    }
    assert_eq!(judged.loaded(), 2);
    let empty =
        judged.look(bureau.catalog(), Arc::clone(&policies[0]), "2024-04".parse().unwrap(), at(NOW), |_| ());
    assert!(matches!(empty.await, Err(operations::OperationError::EmptyMonth { .. })));
}

#[tokio::test]
async fn the_service_shows_what_was_written_since_the_last_question() {
    let bureau = Bureau::with_cases(3).await;
    let service = router(bureau.state.clone()).unwrap();
    let before = document(&service, "/api/v1/overview?month=2024-05").await;
    bureau.more_cases(3..7).await;
    let after = document(&service, "/api/v1/overview?month=2024-05").await;
    let obligations = |document: &serde_json::Value| document["audit"]["totals"]["obligations"].as_u64();
    assert_eq!((obligations(&before), obligations(&after)), (Some(3), Some(7)));
    assert_eq!(document(&service, "/api/v1/cases?month=2024-05").await["cases"].as_array().unwrap().len(), 7);
}

/// Whoever only peeks sees what an audit for the question alone says of each obligation, shares the month, and loads
/// nothing again; what people do with a judged month does not make it load either.
#[tokio::test]
async fn a_peek_shares_the_month_and_sees_what_an_audit_of_its_own_would() {
    let bureau = Bureau::with_cases(14).await.drawn().await;
    let judged = Judged::default();
    let policy = Arc::clone(&bureau.state.policy);
    let peek = async |as_of: WallTime| {
        let seen = judged.peek(bureau.catalog(), Arc::clone(&policy), may(), as_of, |seen| {
            let lines = serde_json::to_value(seen.lines().all()).unwrap();
            (serde_json::to_value(&seen.month().audit().obligations).unwrap(), lines)
        });
        let (obligations, lines) = seen.await.unwrap();
        let alone = operations::audit(bureau.catalog(), Arc::clone(&policy), may(), as_of).await.unwrap();
        assert_eq!(obligations, serde_json::to_value(&alone.obligations).unwrap(), "{as_of}");
        assert_eq!(lines.as_array().unwrap().len(), 14);
    };
    let now = at(NOW);
    for second in [0, 5, 3600] {
        peek(now + Micros::from_s(second)).await;
    }
    assert_eq!(judged.loaded(), 1);
    let visit = Visit {
        number: 0,
        unit: "SQ1".to_owned(),
        supervisors: vec!["310001".to_owned(), "310002".to_owned()],
        starts_at: now,
        ends_at: now,
        on_site: true,
        found: Vec::new(),
        note: String::new(),
        recorded_by: "310001".to_owned(),
        recorded_at: now,
    };
    let before = bureau.catalog().revision().await.unwrap();
    bureau.catalog().add_visit(&visit).await.unwrap();
    assert!(bureau.catalog().revision().await.unwrap().number > before.number);
    peek(now + Micros::from_s(7200)).await;
    assert_eq!(judged.loaded(), 1, "a visit changes nothing of a month");
    assert!(bureau.catalog().add_excuse(&excuse(now + Micros::from_s(7201))).await.unwrap());
    peek(now + Micros::from_s(7202)).await;
    assert_eq!(judged.loaded(), 2);
}

/// Whole documents are handed out as they were written until something else is written, ten minutes have gone by, or
/// a stage has ended; then they are made anew, with the same tag if they say the same.
#[tokio::test]
async fn a_document_is_kept_until_something_is_written() {
    let bureau = Bureau::with_cases(7).await;
    let service = router(bureau.state.clone()).unwrap();
    let address = "/api/v1/audit?month=2024-05";
    let first = get(&service, address).await;
    assert!(first.header("etag").starts_with("W/\""), "{}", first.header("etag"));
    bureau.clock.advance(Micros::from_s(30));
    assert_eq!(get(&service, address).await.text, first.text, "of half a minute ago");
    bureau.clock.advance(Micros::from_s(300));
    assert_eq!(get(&service, address).await.text, first.text, "nothing ended since");
    bureau.clock.advance(Micros::from_s(300));
    let later = get(&service, address).await;
    assert_ne!(later.json()["as_of"], first.json()["as_of"]);
    assert_eq!(later.header("etag"), first.header("etag"), "the same but for the moment");
    let of = get(&service, "/api/v1/audit?month=2024-05&as_of=2024-06-02T09:00:00%2B08:00").await;
    assert_eq!(of.json()["as_of"], "2024-06-02T09:00:00+08:00", "what is asked for is what is answered");
    bureau.more_cases(7..9).await;
    let more = get(&service, address).await;
    assert_eq!(more.json()["obligations"].as_array().unwrap().len(), 9);
    assert_ne!(more.header("etag"), first.header("etag"));
}
