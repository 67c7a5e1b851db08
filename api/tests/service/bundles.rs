//! Evidence bundles over HTTP: made for who sees everything, and checked whoever made them.

use std::sync::Arc;

use api::log::key;
use api::server::router;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{Method, Request, StatusCode, header};
use catalog::account::Role;
use http_body_util::BodyExt as _;
use serde_json::json;
use tower::ServiceExt as _;

use crate::month::{ADMIN, Bureau, account};
use crate::{Answer, ask_as, encoded, get, send};

const SQUAD: &str = "5151515151515151515151515151515151515151515151515151515151515151";

async fn bytes(service: &Router, address: &str) -> Bytes {
    let request = Request::builder()
        .uri(address)
        .header(header::HOST, "localhost:8040")
        .header(header::COOKIE, format!("reelproof_session={ADMIN}"));
    let answer = service.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/zip");
    answer.into_body().collect().await.unwrap().to_bytes()
}

async fn verify(service: &Router, archive: impl Into<Body>) -> Answer {
    let request = Request::builder()
        .method(Method::POST)
        .uri("/api/v1/log/verify")
        .header(header::HOST, "localhost:8040")
        .header(header::COOKIE, format!("reelproof_session={ADMIN}"))
        .header(header::CONTENT_TYPE, "application/zip");
    send(service, request.body(archive.into()).unwrap()).await
}

#[tokio::test]
async fn without_the_key_of_the_log_it_says_so() {
    let bureau = Bureau::with_cases(1).await;
    let service = router(bureau.state.clone()).unwrap();
    let answer = get(&service, "/api/v1/bundles/round/2024-06/jingan-2024").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND, "a round's name is one part of the address");
    let answer = get(&service, "/api/v1/bundles/recording/r1").await;
    assert_eq!(
        (answer.status, &answer.json()["code"]),
        (StatusCode::SERVICE_UNAVAILABLE, &"log_key_away".into())
    );
}

#[tokio::test]
async fn a_bundle_is_made_and_holds_until_somebody_changes_it() {
    let mut bureau = Bureau::with_cases(7).await;
    let dir = tempfile::TempDir::new().unwrap();
    let signer = key(bureau.catalog(), &dir.path().join("log-key")).await.unwrap();
    bureau.state.signer = Some(Arc::new(signer));
    let service = router(bureau.state.clone()).unwrap();
    let cases = get(&service, "/api/v1/cases?month=2024-05").await.json();
    let case = encoded(cases["cases"][0]["case_no"].as_str().unwrap());
    let made = bytes(&service, &format!("/api/v1/bundles/case/{case}")).await;
    let report = verify(&service, made.clone()).await;
    assert_eq!(report.status, StatusCode::OK, "{}", report.text);
    let report = report.json();
    assert_eq!(report["faults"], json!([]));
    assert!(report["entries"].as_u64().unwrap() > 0);

    // Its payload is changed and packed anew, so that it is a good archive of a bad bundle.
    let folder = tempfile::tempdir().unwrap();
    let unpacked =
        api::log::bundle::archive::unpack(std::io::Cursor::new(made), folder.path(), 1 << 30).unwrap();
    std::fs::write(unpacked.join("data/findings.json"), "{}").unwrap();
    let changed = api::log::bundle::archive::pack(&unpacked, "bag", std::io::Cursor::new(Vec::new()))
        .unwrap()
        .into_inner();
    let report = verify(&service, changed).await.json();
    assert_eq!(report["faults"][0], json!({ "code": "file_altered", "subject": "data/findings.json" }));

    let garbage = verify(&service, "no archive").await;
    assert_eq!(
        (garbage.status, &garbage.json()["code"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("bad_file"))
    );
    for unknown in ["case/none", "round/2024-06%2Fnone", "recording/r999", "folder/x"] {
        let answer = get(&service, &format!("/api/v1/bundles/{unknown}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{unknown}: {}", answer.text);
    }
    let trail = get(&service, "/api/v1/audit-trail").await.text;
    assert!(trail.contains("make_bundle"), "who took a bundle is on record");
}

#[tokio::test]
async fn who_sees_a_part_gets_no_bundle() {
    let bureau = Bureau::with_cases(7).await;
    bureau.sign_in(account("squad", Role::Squad), SQUAD).await;
    let service = router(bureau.state.clone()).unwrap();
    let answer = ask_as(&service, Some(SQUAD), Method::GET, "/api/v1/bundles/recording/r1", None).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}
