//! What is answered where something is wrong.

use api::server::router;
use axum::http::{Method, StatusCode};
use insta::assert_json_snapshot;
use serde_json::Value;

use crate::month::Bureau;
use crate::{Answer, ask, encoded, get};

/// The code of a problem document whose form is right.
fn code_of(answer: &Answer) -> String {
    let document = answer.json();
    assert_eq!(answer.header("content-type"), "application/problem+json", "{}", answer.text);
    assert_eq!(document["status"], answer.status.as_u16());
    assert_eq!(document["request_id"], answer.header("x-request-id"));
    for field in ["title", "title_zh", "detail", "detail_zh"] {
        let text = document[field].as_str().unwrap_or_default();
        assert!(!text.is_empty(), "{field}: {document}");
        assert!(!text.contains("reelproof ") && !text.contains(" --"), "{field} names a command: {document}");
    }
    let code = document["code"].as_str().unwrap();
    assert_eq!(document["type"], format!("urn:reelproof:problem:{code}"));
    code.to_owned()
}

#[tokio::test]
async fn every_problem_is_a_document_with_a_stable_code() {
    let bureau = Bureau::with_cases(2).await.frozen().await;
    let service = router(bureau.state.clone()).unwrap();
    let cases = [
        ("/api/v1/nothing", StatusCode::NOT_FOUND, "not_found"),
        ("/api", StatusCode::NOT_FOUND, "not_found"),
        ("/elsewhere", StatusCode::NOT_FOUND, "not_found"),
        ("/api/v1/recordings/none.mp4", StatusCode::NOT_FOUND, "no_such_recording"),
        ("/api/v1/recordings/%FF", StatusCode::BAD_REQUEST, "bad_path"),
        ("/api/v1/cases/none", StatusCode::NOT_FOUND, "no_such_case"),
        ("/api/v1/rounds/2024-07/jingan-2024", StatusCode::NOT_FOUND, "no_such_round"),
        ("/api/v1/rounds/2024-06/jingan-2024/export", StatusCode::CONFLICT, "round_not_drawn"),
        ("/api/v1/report", StatusCode::CONFLICT, "round_not_drawn"),
        ("/api/v1/report?month=2024-06", StatusCode::CONFLICT, "round_not_drawn"),
        ("/api/v1/report?month=2024-09", StatusCode::NOT_FOUND, "no_such_round"),
        ("/api/v1/audit?month=2023-01", StatusCode::NOT_FOUND, "empty_month"),
        ("/api/v1/overview?month=2023-01", StatusCode::NOT_FOUND, "empty_month"),
        ("/api/v1/reconcile?month=May", StatusCode::BAD_REQUEST, "bad_parameter"),
        ("/api/v1/excuses?stage=SL2024-0501", StatusCode::BAD_REQUEST, "bad_parameter"),
        ("/api/v1/coverage", StatusCode::NOT_FOUND, "empty_month"),
        ("/api/v1/coverage?month=2024-05", StatusCode::CONFLICT, "no_flyable_area"),
        ("/api/v1/audit?month=May", StatusCode::BAD_REQUEST, "bad_parameter"),
    ];
    for (address, status, code) in cases {
        let answer = get(&service, address).await;
        assert_eq!((answer.status, code_of(&answer).as_str()), (status, code), "{address}");
    }
}

#[tokio::test]
async fn a_bad_parameter_is_named_with_what_is_expected() {
    let bureau = Bureau::with_cases(1).await;
    let service = router(bureau.state.clone()).unwrap();
    let mut problems = Vec::new();
    for address in [
        "/api/v1/audit?month=2024-13",
        "/api/v1/audit?as_of=yesterday",
        "/api/v1/recordings?limit=0",
        "/api/v1/recordings?limit=501",
        "/api/v1/recordings?quarantined=yes",
        "/api/v1/recordings?problem=broken",
        "/api/v1/recordings?badg=310001",
        "/api/v1/recordings?q=a&q=b",
        "/api/v1/rounds?colour=red",
        "/api/v1/rounds?sort=size",
        "/api/v1/cases?sort=-filed_at&after=~W10",
    ] {
        let answer = get(&service, address).await;
        assert_eq!(code_of(&answer), "bad_parameter", "{address}");
        let document = answer.json();
        let part = |name: &str| document[name].as_str().unwrap().to_owned();
        problems.push([address.to_owned(), part("parameter"), part("detail"), part("detail_zh")]);
    }
    assert_json_snapshot!(problems);
}

#[tokio::test]
async fn what_is_only_read_refuses_to_be_written() {
    let bureau = Bureau::with_cases(1).await;
    let service = router(bureau.state.clone()).unwrap();
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
        for address in ["/api/v1/audit", "/api/v1/policies", "/"] {
            let answer = ask(&service, method.clone(), address).await;
            assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {address}");
            assert_eq!(code_of(&answer), "method_not_allowed");
            assert_eq!(answer.header("allow"), "GET,HEAD");
        }
    }
}

#[tokio::test]
async fn what_a_problem_repeats_of_the_request_stays_text() {
    let bureau = Bureau::empty().await;
    let service = router(bureau.state.clone()).unwrap();
    let answer = get(&service, &format!("/api/v1/cases/{}", encoded("<script>\"名\""))).await;
    assert_eq!(answer.json()["detail"], "The catalog knows no case `<script>\"名\"`.");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let bureau = Bureau::with_cases(1).await;
    let service = router(bureau.state.clone()).unwrap();
    let mut ids = Vec::new();
    for address in ["/healthz", "/api/v1/audit", "/api/v1/audit?month=x", "/nothing"] {
        let answer = get(&service, address).await;
        let policy = answer.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'self';") && !policy.contains("unsafe"),
            "{address}: {policy}"
        );
        assert!(policy.contains("frame-ancestors 'none'"), "{address}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{address}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{address}");
        assert_eq!(answer.header("cache-control"), "no-store", "{address}");
        ids.push(answer.header("x-request-id").to_owned());
    }
    let distinct: std::collections::BTreeSet<_> = ids.iter().collect();
    assert_eq!(distinct.len(), ids.len(), "{ids:?}");
}

#[tokio::test]
async fn a_month_without_a_catalogued_stage_says_how_to_get_one() {
    let bureau = Bureau::empty().await;
    let service = router(bureau.state.clone()).unwrap();
    for address in ["/api/v1/audit", "/api/v1/cases"] {
        let answer = get(&service, address).await;
        assert_eq!(code_of(&answer), "empty_month");
        let said = |field: &str| answer.json()[field].as_str().unwrap().to_owned();
        assert!(said("detail").contains("on the page System, Imports"), "{}", answer.text);
        assert!(said("detail_zh").contains("“系统—数据导入”"), "{}", answer.text);
    }
    assert_eq!(get(&service, "/api/v1/rounds").await.json()["rounds"], Value::Array(vec![]));
}
