//! What became of recordings, what people said about it, and what drones saw: as the commands say it.

use std::sync::Arc;

use api::server::{State, router};
use api::{excuses, operations, reconciliation};
use axum::http::StatusCode;
use catalog::device::{Device, DeviceKind, ManifestEntry};
use catalog::drone::{Area, AreaKind, Sortie, SortieStatus};
use catalog::import::Import;
use serde_json::json;

use crate::month::{Bureau, NOW, at};
use crate::{document, encoded, get};

/// A file that a recorder of the first squad says it has, and nobody stored.
fn held() -> ManifestEntry {
    ManifestEntry {
        device: "BC001".to_owned(),
        badge: Some("310001".to_owned()),
        file: "BC001_310001_20240530100000_0000.mp4".to_owned(),
        starts_at: at("2024-05-30 10:00"),
        ends_at: at("2024-05-30 10:10"),
        size_bytes: 9_000_000,
    }
}

#[tokio::test]
async fn the_reconciliation_is_the_document_of_the_command() {
    let bureau = Bureau::with_cases(7).await;
    bureau.take_in(Import::Manifest(vec![held()])).await;
    let service = router(bureau.state.clone()).unwrap();
    let (month, policy) = ("2024-05".parse().unwrap(), bureau.state.policy.clone());
    let expected = reconciliation::reconcile(bureau.catalog(), policy, month, at(NOW)).await.unwrap();
    let given = document(&service, "/api/v1/reconcile").await;
    assert_eq!(given, serde_json::to_value(expected).unwrap());
    assert_eq!(given["totals"]["not_uploaded"], 1);
    assert_eq!(given["calls"][0]["officer"], "甲队员");
    assert_eq!(document(&service, "/api/v1/reconcile?month=2024-05").await, given);
    // A week later the recorder may have overwritten it.
    let later = document(&service, "/api/v1/reconcile?month=2024-05&as_of=2024-06-08%2012:00").await;
    assert_eq!((&later["totals"]["not_uploaded"], &later["totals"]["lost"]), (&json!(0), &json!(1)));
}

#[tokio::test]
async fn a_policy_without_rules_for_it_says_what_to_add() {
    let bureau = Bureau::with_cases(1).await;
    let mut policy = (*bureau.state.policy).clone();
    policy.reconcile = None;
    let service = router(State { policy: Arc::new(policy), ..bureau.state.clone() }).unwrap();
    let answer = get(&service, "/api/v1/reconcile").await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert_eq!(answer.json()["code"], "no_rules");
    assert!(answer.json()["detail_zh"].as_str().unwrap().contains("[reconcile]"), "{}", answer.text);
}

#[tokio::test]
async fn excuses_are_listed_by_month_and_by_stage() {
    let bureau = Bureau::with_cases(7).await;
    let service = router(bureau.state.clone()).unwrap();
    let all = document(&service, "/api/v1/excuses").await;
    let expected = excuses::list(bureau.catalog(), None, None).await.unwrap();
    let mut expected = serde_json::to_value(expected).unwrap();
    expected["next"] = serde_json::Value::Null;
    assert_eq!(all, expected);
    assert_eq!(all["standing"], 1);
    assert_eq!(document(&service, "/api/v1/excuses?month=2024-05").await, all);
    assert_eq!(document(&service, "/api/v1/excuses?month=2024-04").await["excuses"], json!([]));
    let excuse = &all["excuses"][0];
    let stage = format!("{}/{}", excuse["case_no"].as_str().unwrap(), excuse["stage_no"]);
    let of_stage = document(&service, &format!("/api/v1/excuses?stage={}", encoded(&stage))).await;
    assert_eq!(of_stage, all);
    let of_another = format!("/api/v1/excuses?stage={}", encoded("罚〔2024〕000号/1"));
    assert_eq!(document(&service, &of_another).await["excuses"], json!([]));
}

#[tokio::test]
async fn drone_coverage_is_given_as_figures_and_as_a_map() {
    let bureau = Bureau::with_cases(1).await;
    let drone = Device {
        serial: "UAV1".to_owned(),
        kind: DeviceKind::Drone,
        unit: "ZD".to_owned(),
        holder: None,
        synced_at: None,
        clock_error_us: None,
    };
    bureau.take_in(Import::Devices(vec![drone])).await;
    let square = vec![[121.5, 31.2], [121.51, 31.2], [121.51, 31.21], [121.5, 31.21], [121.5, 31.2]];
    bureau
        .take_in(Import::Areas(vec![Area {
            name: "甲".to_owned(),
            kind: AreaKind::Flyable,
            sub_district: None,
            polygons: vec![vec![square]],
        }]))
        .await;
    bureau
        .take_in(Import::Sorties(vec![Sortie {
            sortie: "JC-1".to_owned(),
            dock: None,
            device: "UAV1".to_owned(),
            took_off_at: at("2024-05-06 10:00"),
            landed_at: at("2024-05-06 10:20"),
            object_key: None,
            track: None,
            status: SortieStatus::Flown,
            note: None,
        }]))
        .await;
    let service = router(bureau.state.clone()).unwrap();
    // The policy in force sets no goal for drones; the one that does stands in.
    let policy = operations::drone_policy(&bureau.state.policy).unwrap();
    assert_eq!(policy.name, "pudong-2023");
    let month = "2024-05".parse().unwrap();
    let (expected, drawing) = operations::coverage(bureau.catalog(), policy, month, at(NOW)).await.unwrap();
    let given = document(&service, "/api/v1/coverage").await;
    assert_eq!(given, serde_json::to_value(expected).unwrap());
    assert_eq!((&given["ratio"], &given["month"]), (&json!(0.0), &json!("2024-05")));
    assert_eq!(document(&service, "/api/v1/coverage?month=2024-05").await, given);
    let map = document(&service, "/api/v1/coverage/geojson?month=2024-05").await;
    assert_eq!(map, drawing.geojson());
    assert_eq!(map["type"], "FeatureCollection");
    let none = get(&service, "/api/v1/coverage?month=2024-04").await;
    assert_eq!((none.status, none.json()["code"].clone()), (StatusCode::NOT_FOUND, json!("empty_month")));
}

#[tokio::test]
async fn the_state_of_checks_is_counted_by_class_with_runs_and_findings() {
    use catalog::fixity::{FixityEnd, RiskClass};
    use catalog::store::{FixityBegin, ObjectId, Unchecked};

    let bureau = Bureau::with_cases(7).await;
    let service = router(bureau.state.clone()).unwrap();
    let state = document(&service, "/api/v1/fixity").await;
    assert_eq!(
        (&state["policy"], &state["runs"], &state["findings"]),
        (&json!("jingan-2024"), &json!([]), &json!([]))
    );
    let catalog = bureau.catalog();
    let held = catalog.held(ObjectId::BEFORE_ALL, 1000).await.unwrap();
    let classes = state["classes"].as_array().unwrap();
    let names: Vec<_> = classes.iter().map(|class| class["class"].as_str().unwrap()).collect();
    assert_eq!(names, ["moved", "sampled", "case", "other"]);
    let sum =
        |of: &str, what: &str| -> u64 { classes.iter().map(|class| class[of][what].as_u64().unwrap()).sum() };
    assert_eq!(sum("held", "objects"), held.len() as u64);
    assert_eq!(sum("held", "bytes"), held.iter().map(|object| object.size_bytes).sum::<u64>());
    assert_eq!(sum("in_time", "objects") + sum("due", "objects"), held.len() as u64);

    let run = catalog
        .begin_fixity(&FixityBegin {
            at: at(NOW),
            policy: "jingan-2024".to_owned(),
            budget_us: None,
            budget_bytes: Some(5),
            due_objects: 3,
            due_bytes: 300,
        })
        .await
        .unwrap();
    let unchecked = Unchecked {
        run,
        class: RiskClass::Case,
        store: held[0].store,
        object_key: &held[0].object_key,
        at: at(NOW),
        missing: true,
        detail: "not there",
    };
    catalog.record_unchecked(unchecked).await.unwrap();
    let service = router(bureau.state.clone()).unwrap();
    let state = document(&service, "/api/v1/fixity").await;
    assert_eq!((&state["runs"][0]["missing"], &state["runs"][0]["end"]), (&json!(1), &json!(null)));
    assert_eq!(state["findings"][0]["object_key"], held[0].object_key);
    assert_eq!(
        (&state["findings"][0]["outcome"], &state["findings"][0]["detail"]),
        (&json!("missing"), &json!("not there"))
    );

    // A run that goes on has no end in the figures; one that ended does.
    let figures = get(&service, "/metrics").await.text;
    assert!(
        figures.contains("reelproof_fixity_due_objects 3")
            && !figures.contains("reelproof_fixity_ended_seconds "),
        "{figures}"
    );
    catalog.end_fixity(run, FixityEnd::Done, at(NOW)).await.unwrap();
    let figures = get(&service, "/metrics").await.text;
    let ended = format!("reelproof_fixity_ended_seconds {}", at(NOW).0 / 1_000_000);
    assert!(figures.contains(&ended), "{figures}");
    assert!(figures.contains("reelproof_fixity_checks{outcome=\"missing\"} 1"), "{figures}");
}

#[tokio::test]
async fn a_policy_without_intervals_says_what_to_add() {
    let bureau = Bureau::with_cases(1).await;
    let mut policy = (*bureau.state.policy).clone();
    policy.fixity = None;
    let service = router(State { policy: Arc::new(policy), ..bureau.state.clone() }).unwrap();
    let answer = get(&service, "/api/v1/fixity").await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.json()["detail_zh"].as_str().unwrap().contains("[fixity]"), "{}", answer.text);
}

#[tokio::test]
async fn advice_on_footage_is_paged_and_sums_up() {
    use analyzer::retention::Advice;

    let bureau = Bureau::with_cases(7).await;
    let service = router(bureau.state.clone()).unwrap();
    let month = "2024-05".parse().unwrap();
    let expected =
        api::retention::survey(bureau.catalog(), &bureau.state.policy, Some(month), at(NOW)).await.unwrap();
    assert!(expected.recordings.len() > 3, "{expected:?}");
    let sums = document(&service, "/api/v1/retention").await;
    assert_eq!(sums["totals"], serde_json::to_value(expected.totals).unwrap());
    assert_eq!(sums["months"], serde_json::to_value(&expected.months).unwrap());
    let (mut after, mut walked) = (String::new(), Vec::new());
    loop {
        let address = format!("/api/v1/retention/recordings?month=2024-05&limit=2{after}");
        let page = document(&service, &address).await;
        walked.extend(page["recordings"].as_array().unwrap().iter().cloned());
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!(json!(walked), serde_json::to_value(&expected.recordings).unwrap());
    for advice in Advice::ALL {
        let address = format!("/api/v1/retention/recordings?month=2024-05&advice={advice}&limit=500");
        let page = document(&service, &address).await;
        let count = expected.recordings.iter().filter(|one| one.advice == *advice).count();
        assert_eq!(page["recordings"].as_array().unwrap().len(), count, "{advice}");
    }
    let mut policy = (*bureau.state.policy).clone();
    policy.retention = None;
    let service = router(State { policy: Arc::new(policy), ..bureau.state.clone() }).unwrap();
    for address in ["/api/v1/retention", "/api/v1/retention/recordings"] {
        let answer = get(&service, address).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{address}");
        assert!(answer.json()["detail_zh"].as_str().unwrap().contains("[retention]"), "{}", answer.text);
    }
}
