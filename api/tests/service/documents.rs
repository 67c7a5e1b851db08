//! What the addresses answer, in full.

use api::casework::filing;
use api::operations;
use api::server::router;
use insta::assert_json_snapshot;
use serde_json::json;

use crate::month::{Bureau, NOW, at};
use crate::{document, encoded};

#[tokio::test]
async fn the_service_says_that_it_lives_and_that_it_can_work() {
    let bureau = Bureau::empty().await;
    let service = router(bureau.state.clone()).unwrap();
    assert_eq!(document(&service, "/healthz").await, json!({ "status": "ok" }));
}

#[tokio::test]
async fn it_is_ready_while_the_catalog_answers() {
    let bureau = Bureau::empty().await;
    let service = router(bureau.state.clone()).unwrap();
    assert_eq!(document(&service, "/readyz").await, json!({ "status": "ok" }));
}

#[tokio::test]
async fn the_overview_of_an_empty_catalog_has_no_month() {
    let bureau = Bureau::empty().await;
    assert_json_snapshot!(document(&router(bureau.state.clone()).unwrap(), "/api/v1/overview").await);
}

#[tokio::test]
async fn the_overview_of_a_month_has_its_figures_round_and_return() {
    let bureau = Bureau::with_cases(7).await.drawn().await;
    let service = router(bureau.state.clone()).unwrap();
    let overview = document(&service, "/api/v1/overview").await;
    assert_json_snapshot!(overview);
    assert_eq!(document(&service, "/api/v1/overview?month=2024-05").await, overview);
}

#[tokio::test]
async fn a_round_that_is_only_frozen_gives_no_return_yet() {
    let bureau = Bureau::with_cases(3).await.frozen().await;
    let overview = document(&router(bureau.state.clone()).unwrap(), "/api/v1/overview").await;
    assert_eq!(overview["round"]["id"], "2024-06/jingan-2024");
    assert_eq!((&overview["round"]["draw"], &overview["return"]), (&json!(null), &json!(null)));
    assert_eq!(overview["due"], json!({ "month": "2024-06", "date": "2024-06-24", "status": "confirmed" }));
}

#[tokio::test]
async fn the_audit_is_the_document_of_the_command() {
    let bureau = Bureau::with_cases(7).await;
    let service = router(bureau.state.clone()).unwrap();
    let state = &bureau.state;
    let month = "2024-05".parse().unwrap();
    for (query, as_of) in [
        ("", NOW),
        ("?month=2024-05&as_of=2024-05-03%2012:00", "2024-05-03 12:00"),
        ("?as_of=2024-05-03T12:00:00%2B08:00", "2024-05-03 12:00"),
    ] {
        let expected =
            operations::audit(bureau.catalog(), state.policy.clone(), month, at(as_of)).await.unwrap();
        let given = document(&service, &format!("/api/v1/audit{query}")).await;
        assert_eq!(given, serde_json::to_value(expected).unwrap(), "{query}");
    }
}

#[tokio::test]
async fn the_report_is_the_document_of_the_command() {
    let bureau = Bureau::with_cases(7).await.drawn().await;
    let service = router(bureau.state.clone()).unwrap();
    let month = "2024-06".parse().unwrap();
    let policy = bureau.state.policy.clone();
    let expected = filing::return_document(bureau.catalog(), policy, month, at(NOW)).await.unwrap();
    let expected = serde_json::to_value(expected).unwrap();
    assert_eq!(document(&service, "/api/v1/report?month=2024-06").await, expected);
    assert_eq!(document(&service, "/api/v1/report").await, expected);
}

#[tokio::test]
async fn what_people_did_can_be_looked_at() {
    let bureau = Bureau::with_cases(7).await.drawn().await;
    let service = router(bureau.state.clone()).unwrap();
    let round = "/api/v1/rounds/2024-06/jingan-2024";
    let review = document(&service, &format!("{round}/review")).await;
    let drawn = review["progress"]["drawn"].as_u64().unwrap();
    assert!(drawn > 0 && review["items"] == json!([]), "{review}");
    assert_eq!(review["unassigned"].as_array().unwrap().len() as u64, drawn);
    assert_eq!(document(&service, &format!("{round}/agreement")).await["undefined"], "no_items");
    for (address, list) in
        [("visits", "visits"), ("notices", "notices"), ("returns", "returns"), ("schedule", "steps")]
    {
        assert_eq!(document(&service, &format!("/api/v1/{address}")).await[list], json!([]), "{address}");
    }
    let scores = document(&service, "/api/v1/scores?month=2024-06").await;
    assert_eq!((&scores["month"], &scores["since"]), (&json!("2024-06"), &json!("2024-01")));
}

#[tokio::test]
async fn the_cases_of_a_month_come_with_their_sums() {
    let bureau = Bureau::with_cases(3).await;
    assert_json_snapshot!(document(&router(bureau.state.clone()).unwrap(), "/api/v1/cases").await);
}

#[tokio::test]
async fn a_case_has_its_stages_with_recordings_on_the_streets_time() {
    let bureau = Bureau::with_cases(7).await;
    let service = router(bureau.state.clone()).unwrap();
    let address = format!("/api/v1/cases/{}", encoded("罚〔2024〕005号"));
    assert_json_snapshot!(document(&service, &address).await);
}

#[tokio::test]
async fn a_stage_that_had_not_ended_has_no_obligation_yet() {
    let bureau = Bureau::with_cases(1).await;
    let service = router(bureau.state.clone()).unwrap();
    let case = encoded("罚〔2024〕000号");
    let file = document(&service, &format!("/api/v1/cases/{case}?as_of=2024-05-01%2008:35")).await;
    assert_eq!(file["stages"][0]["obligation"], json!(null));
    assert_eq!(file["stages"][0]["timeline"], json!([]));
    assert_eq!(file["stages"][0]["stage"]["kind"], "complaint_handling");
}

#[tokio::test]
async fn a_recording_is_found_by_its_key_slashes_and_all() {
    let bureau = Bureau::with_cases(1).await;
    let service = router(bureau.state.clone()).unwrap();
    let key = "20240501/BC001_310001_20240501082955_0000.mp4";
    let plain = document(&service, &format!("/api/v1/recordings/{key}")).await;
    assert_json_snapshot!(plain);
    assert_eq!(document(&service, &format!("/api/v1/recordings/{}", encoded(key))).await, plain);
}

#[tokio::test]
async fn rounds_are_listed_shown_and_exported() {
    let bureau = Bureau::with_cases(7).await.drawn().await;
    let service = router(bureau.state.clone()).unwrap();
    assert_json_snapshot!(document(&service, "/api/v1/rounds").await);
    let round = document(&service, "/api/v1/rounds/2024-06/jingan-2024").await;
    let export = document(&service, "/api/v1/rounds/2024-06/jingan-2024/export").await;
    assert_eq!((&round["draw"], &round["frozen"]["frame"]), (&export["draw"], &export["frame"]));
    let verification = analyzer::sample::verify(&export.to_string()).unwrap();
    assert!(matches!(verification, analyzer::sample::Verification::Holds(_)), "{verification:?}");
}
