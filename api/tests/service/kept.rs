//! Months that are kept as they were judged: the answers are those of an audit made for the question alone, and a
//! month that did not change is not loaded again.

use std::sync::Arc;

use analyzer::audit::Incremental;
use api::judged::Judged;
use api::operations;
use api::server::router;
use catalog::excuse::{Excuse, ExcuseReason};
use catalog::import::Import;
use catalog::{Micros, Month, WallTime};

use crate::document;
use crate::month::{Bureau, NOW, at, unreadable};

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
