//! Tables taken in over HTTP: tried out, refused row by row, taken in.

use api::server::router;
use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use catalog::account::Role;
use serde_json::json;

use crate::month::{ADMIN, Bureau, account};
use crate::{Answer, ask_as, document, get, send};

async fn upload(service: &Router, session: &str, address: &str, kind: &str, body: &str) -> Answer {
    let request = Request::builder()
        .method(Method::POST)
        .uri(address)
        .header(header::HOST, "localhost:8040")
        .header(header::COOKIE, format!("reelproof_session={session}"))
        .header(header::CONTENT_DISPOSITION, "attachment; filename*=UTF-8''%E5%8D%95%E4%BD%8D.csv")
        .header(header::CONTENT_TYPE, kind);
    send(service, request.body(Body::from(body.to_owned())).unwrap()).await
}

const UNITS: &str = "code,name,kind,parent\nSQ1,东街道中队,squad,ZD\nSQ9,北街道中队,squad,ZD\n";

#[tokio::test]
async fn a_table_is_tried_out_without_a_trace_and_then_taken_in() {
    let bureau = Bureau::with_cases(1).await;
    let service = router(bureau.state.clone()).unwrap();
    let before = bureau.catalog().revision().await.unwrap();
    let tried = upload(&service, ADMIN, "/api/v1/imports/units?preview=true", "text/csv", UNITS).await;
    assert_eq!(tried.status, StatusCode::OK, "{}", tried.text);
    let tried = tried.json();
    assert_eq!(
        (&tried["rows"], &tried["new"], &tried["changed"], &tried["unchanged"]),
        (&json!(2), &json!(1), &json!(0), &json!(1))
    );
    assert_eq!((&tried["problems"], &tried["sample"][1]["name"]), (&json!([]), &json!("北街道中队")));
    assert_eq!(bureau.catalog().revision().await.unwrap(), before, "nothing was written");
    let taken = upload(&service, ADMIN, "/api/v1/imports/units", "text/csv", UNITS).await;
    assert_eq!(taken.status, StatusCode::CREATED, "{}", taken.text);
    assert_eq!(taken.json()["new"], 1);
    let units = document(&service, "/api/v1/units").await;
    assert!(units["units"].as_array().unwrap().iter().any(|unit| unit["code"] == "SQ9"));
}

#[tokio::test]
async fn every_bad_row_is_named_and_nothing_is_taken_in() {
    let bureau = Bureau::with_cases(1).await;
    let service = router(bureau.state.clone()).unwrap();
    let bad = "code,name,kind,parent\nSQ8,中队,platoon,ZD\nSQ9,,squad,nowhere\n";
    let tried = upload(&service, ADMIN, "/api/v1/imports/units?preview=true", "text/csv", bad).await.json();
    assert_eq!(tried["rows"], json!(null));
    let problems = tried["problems"].as_array().unwrap();
    assert!(problems.len() >= 2, "{tried}");
    assert_eq!((&problems[0]["row"], &problems[0]["column"]), (&json!(2), &json!("单位类型")));
    assert!(problems[0]["detail_zh"].as_str().unwrap().starts_with("第2行“单位类型”列"), "{tried}");
    let refused = upload(&service, ADMIN, "/api/v1/imports/units", "text/csv", bad).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let refused = refused.json();
    assert_eq!((&refused["code"], &refused["problems"]), (&json!("bad_file"), &tried["problems"]));
    let code = |answer: &Answer| answer.json()["code"].as_str().unwrap_or_default().to_owned();
    let empty = upload(&service, ADMIN, "/api/v1/imports/units", "text/csv", "").await;
    assert_eq!(code(&empty), "bad_file");
    let form = upload(&service, ADMIN, "/api/v1/imports/units", "text/plain", UNITS).await;
    assert_eq!(code(&form), "bad_file", "what a form of another site can send");
    let other = upload(&service, ADMIN, "/api/v1/imports/dogs", "text/csv", UNITS).await;
    assert_eq!((other.status, code(&other).as_str()), (StatusCode::NOT_FOUND, "no_such_kind"));
    let excuses = upload(&service, ADMIN, "/api/v1/imports/excuses", "text/csv", UNITS).await;
    assert_eq!(code(&excuses), "not_allowed", "who records no excuse takes in none");
}

#[tokio::test]
async fn a_template_is_a_table_that_can_be_taken_in() {
    let bureau = Bureau::with_cases(1).await;
    let service = router(bureau.state.clone()).unwrap();
    for lang in ["zh", "en"] {
        let template = get(&service, &format!("/api/v1/imports/units/template?lang={lang}")).await;
        assert!(template.header("content-disposition").contains("units.csv"));
        let tried =
            upload(&service, ADMIN, "/api/v1/imports/units?preview=true", "text/csv", &template.text).await;
        assert_eq!(tried.json()["rows"], 1, "{}", tried.text);
    }
}

#[tokio::test]
async fn a_quarantined_object_waits_to_be_read_again_once() {
    let bureau = Bureau::with_cases(7).await;
    let service = router(bureau.state.clone()).unwrap();
    let quarantine = document(&service, "/api/v1/quarantine").await;
    let first = &quarantine["quarantined"][0];
    assert_eq!((&first["asked_again"], &first["quarantined"]), (&json!(false), &json!(true)));
    let id = first["id"].as_str().unwrap().trim_start_matches('r').to_owned();
    let retry = async |id: &str| {
        let address = format!("/api/v1/quarantine/{id}/retry");
        ask_as(&service, Some(ADMIN), Method::POST, &address, Some(json!({}))).await
    };
    assert_eq!(retry(&id).await.status, StatusCode::ACCEPTED);
    assert_eq!(document(&service, "/api/v1/quarantine").await["quarantined"][0]["asked_again"], true);
    let code = |answer: &Answer| answer.json()["code"].as_str().unwrap_or_default().to_owned();
    assert_eq!(code(&retry(&id).await), "on_record");
    let recordings = document(&service, "/api/v1/recordings?quarantined=false").await;
    let good = recordings["recordings"][0]["id"].as_str().unwrap().trim_start_matches('r').to_owned();
    assert_eq!(code(&retry(&good).await), "refused");
    assert_eq!(code(&retry("999").await), "no_such_recording");
    let sources = document(&service, "/api/v1/sources").await;
    assert_eq!(
        (&sources["sources"][0]["quarantined"], &sources["sources"][0]["last_pass"]),
        (&json!(1), &json!(null))
    );
}

#[tokio::test]
async fn an_object_has_its_versions_and_what_it_shows() {
    let bureau = Bureau::with_cases(1).await;
    bureau.sign_in(account("other", Role::Squad), &"5".repeat(64)).await;
    let service = router(bureau.state.clone()).unwrap();
    let id =
        document(&service, "/api/v1/recordings").await["recordings"][0]["id"].as_str().unwrap().to_owned();
    let versions = document(&service, &format!("/api/v1/recordings/{id}/versions")).await;
    assert_eq!(
        (&versions["readings"][0]["version"], &versions["readings"][0]["present"]),
        (&json!(1), &json!(true))
    );
    let shown = document(&service, &format!("/api/v1/recordings/{id}/inspection")).await;
    assert_eq!((&shown["looked"], &shown["sound"]), (&json!(null), &json!(null)));
    // 615 s with 308 key frames.
    assert_eq!(shown["keyframe_step_us"], 615_000_000 / 308);
    let missing = get(&service, "/api/v1/recordings/r999/versions").await;
    assert_eq!(missing.json()["code"], "no_such_recording");
}
