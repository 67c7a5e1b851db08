//! Verdicts, statements and excuses over HTTP: who recorded them, once for each idempotency key, and in the trail.

use api::casework::review::assign_round;
use api::server::router;
use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use catalog::account::{NewUser, Role};
use catalog::import::Import;
use catalog::store::TrailQuery;
use catalog::unit::{Officer, Unit, UnitKind};
use serde_json::{Value, json};

use crate::month::{ADMIN, Bureau, NOW, account, at};
use crate::{Answer, ask_as, send};

const ONE: &str = "1111111111111111111111111111111111111111111111111111111111111111";
const TWO: &str = "2222222222222222222222222222222222222222222222222222222222222222";
const SQUAD: &str = "3333333333333333333333333333333333333333333333333333333333333333";
const ROUND: &str = "/api/v1/rounds/2024-06/jingan-2024";

/// A drawn round with two supervisors who have accounts, and a squad's account.
async fn bureau() -> Bureau {
    let bureau = Bureau::with_cases(14).await.drawn().await;
    let office = Unit {
        code: "SL".to_owned(),
        name: "案件审理科".to_owned(),
        kind: UnitKind::Office,
        parent: Some("ZD".to_owned()),
    };
    let officer = |badge: &str| Officer {
        badge: badge.to_owned(),
        name: "审理员".to_owned(),
        unit: "SL".to_owned(),
        frontline: false,
    };
    bureau.take_in(Import::Units(vec![office])).await;
    bureau.take_in(Import::Officers(vec![officer("319001"), officer("319002")])).await;
    let policy = &bureau.state.policy;
    assign_round(bureau.catalog(), policy, "2024-06/jingan-2024", &[], "319001", at(NOW)).await.unwrap();
    for (login, badge, session) in [("one", "319001", ONE), ("two", "319002", TWO)] {
        let new = NewUser { badge: Some(badge.to_owned()), ..account(login, Role::CaseReview) };
        bureau.sign_in(new, session).await;
    }
    let squad = NewUser { badge: Some("310001".to_owned()), ..account("squad", Role::Squad) };
    bureau.sign_in(squad, SQUAD).await;
    bureau
}

async fn post(service: &Router, session: &str, address: &str, key: Option<&str>, body: &Value) -> Answer {
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(address)
        .header(header::HOST, "localhost:8040")
        .header(header::COOKIE, format!("reelproof_session={session}"))
        .header(header::CONTENT_TYPE, "application/json");
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    send(service, request.body(Body::from(body.to_string())).unwrap()).await
}

fn code(answer: &Answer) -> String {
    answer.json()["code"].as_str().unwrap_or_default().to_owned()
}

fn excuse(note: &str) -> Value {
    json!({ "case_no": "罚〔2024〕001号", "stage_no": 1, "reason": "battery", "note": note })
}

async fn outcomes(bureau: &Bureau, act: &str) -> Vec<String> {
    let query = TrailQuery { act: Some(act.to_owned()), limit: 100, ..TrailQuery::default() };
    let lines = bureau.catalog().trail(&query).await.unwrap();
    lines.into_iter().rev().map(|line| format!("{} {}", line.login, line.outcome)).collect()
}

#[tokio::test]
async fn an_excuse_is_recorded_under_the_name_of_who_is_signed_in() {
    let bureau = bureau().await;
    let service = router(bureau.state.clone()).unwrap();
    let made = post(&service, ONE, "/api/v1/excuses", None, &excuse("电池耗尽")).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    assert_eq!(made.json()["recorded_by"], "319001");
    let named =
        json!({ "case_no": "罚〔2024〕001号", "stage_no": 1, "reason": "battery", "recorded_by": "310003" });
    assert_eq!(code(&post(&service, ONE, "/api/v1/excuses", None, &named).await), "bad_body");
    let twice = post(&service, ONE, "/api/v1/excuses", None, &excuse("电池耗尽")).await;
    assert_eq!((twice.status, code(&twice).as_str()), (StatusCode::CONFLICT, "on_record"));
    let nowhere = json!({ "case_no": "none", "stage_no": 1, "reason": "battery" });
    assert_eq!(code(&post(&service, ONE, "/api/v1/excuses", None, &nowhere).await), "no_such_case");
    let no_stage = json!({ "case_no": "罚〔2024〕001号", "stage_no": 9, "reason": "battery" });
    assert_eq!(code(&post(&service, ONE, "/api/v1/excuses", None, &no_stage).await), "no_such_stage");
    assert_eq!(code(&post(&service, SQUAD, "/api/v1/excuses", None, &excuse("x")).await), "not_allowed");
    let trail = outcomes(&bureau, "/api/v1/excuses").await;
    assert_eq!(trail[..2], ["one asked", "one asked"]);
    assert_eq!(trail.last().unwrap(), "squad refused");
    assert_eq!(trail.iter().filter(|line| *line == "one refused").count(), 4);
}

#[tokio::test]
async fn a_repeated_request_is_answered_as_the_first_was_and_done_once() {
    let bureau = bureau().await;
    let service = router(bureau.state.clone()).unwrap();
    let first = post(&service, ONE, "/api/v1/excuses", Some("key-1"), &excuse("电池耗尽")).await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.text);
    let again = post(&service, ONE, "/api/v1/excuses", Some("key-1"), &excuse("电池耗尽")).await;
    assert_eq!((again.status, &again.text), (first.status, &first.text));
    assert_eq!(again.header("idempotent-replayed"), "true");
    let other = post(&service, ONE, "/api/v1/excuses", Some("key-1"), &excuse("又一次")).await;
    assert_eq!((other.status, code(&other).as_str()), (StatusCode::CONFLICT, "idempotency_key_taken"));
    // What was refused is free to be put right under the same key.
    let bad = json!({ "case_no": "none", "stage_no": 1, "reason": "battery" });
    assert_eq!(code(&post(&service, ONE, "/api/v1/excuses", Some("key-2"), &bad).await), "no_such_case");
    assert_eq!(code(&post(&service, ONE, "/api/v1/excuses", Some("key-2"), &bad).await), "no_such_case");
    assert_eq!(
        outcomes(&bureau, "/api/v1/excuses").await.iter().filter(|line| *line == "one asked").count(),
        3
    );
}

#[tokio::test]
async fn a_verdict_is_taken_from_whoever_holds_the_seat() {
    let bureau = bureau().await;
    let service = router(bureau.state.clone()).unwrap();
    let review = ask_as(&service, Some(ONE), Method::GET, &format!("{ROUND}/review"), None).await.json();
    let items = review["items"].as_array().unwrap().clone();
    assert!(!items.is_empty(), "{review}");
    let seat = |item: &Value, badge: &str| {
        item["seats"].as_array().unwrap().iter().any(|seat| seat["badge"] == badge)
    };
    let mine = items.iter().find(|item| seat(item, "319001")).unwrap();
    let id = mine["item"].as_str().unwrap();
    let body = json!({ "item": id, "outcome": "regular" });
    let address = format!("{ROUND}/verdicts");
    assert_eq!(code(&post(&service, ADMIN, &address, None, &body).await), "not_allowed");
    let made = post(&service, ONE, &address, Some("v-1"), &body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    assert!(made.json()["verdicts"].as_object().is_some_and(|verdicts| verdicts.len() == 1), "{}", made.text);
    let senseless = json!({ "item": id, "outcome": "irregular" });
    assert_eq!(code(&post(&service, ONE, &address, None, &senseless).await), "refused");
    let nowhere =
        json!({ "item": id, "outcome": "regular", "moments": [{ "object_key": "none.mp4", "at_us": 0 }] });
    assert_eq!(code(&post(&service, ONE, &address, None, &nowhere).await), "bad_body");
    let nobodys = json!({ "item": "none/1", "outcome": "regular" });
    assert_eq!(code(&post(&service, ONE, &address, None, &nobodys).await), "refused");
    let no_badge = NewUser { badge: None, ..account("three", Role::Supervisor) };
    let session = "4".repeat(64);
    bureau.sign_in(no_badge, &session).await;
    assert_eq!(code(&post(&service, &session, &address, None, &body).await), "no_badge");
}

#[tokio::test]
async fn nobody_looks_with_anothers_eyes() {
    let bureau = bureau().await;
    let service = router(bureau.state.clone()).unwrap();
    let ask = async |session: &str, by: &str| {
        ask_as(&service, Some(session), Method::GET, &format!("{ROUND}/review?by={by}"), None).await
    };
    assert_eq!(ask(ONE, "319001").await.status, StatusCode::OK);
    assert_eq!(code(&ask(ONE, "319002").await), "bad_parameter");
    assert_eq!(code(&ask(ADMIN, "319001").await), "bad_parameter");
}

#[tokio::test]
async fn a_squad_learns_of_verdicts_once_they_are_settled_and_then_answers_for_itself() {
    let bureau = bureau().await;
    let service = router(bureau.state.clone()).unwrap();
    let review = async |session: &str| {
        ask_as(&service, Some(session), Method::GET, &format!("{ROUND}/review"), None).await.json()
    };
    let seen = review(SQUAD).await;
    let item =
        seen["items"].as_array().unwrap().iter().find(|item| item["seats"].as_array().unwrap().len() == 2);
    let item = item.unwrap_or_else(|| panic!("{seen}"))["item"].as_str().unwrap().to_owned();
    let find = |review: &Value| {
        let items = review["items"].as_array().unwrap();
        items.iter().find(|one| one["item"] == item.as_str()).unwrap().clone()
    };
    let verdict = json!({ "item": item, "outcome": "irregular", "codes": ["no_audio"] });
    let address = format!("{ROUND}/verdicts");
    assert_eq!(post(&service, ONE, &address, None, &verdict).await.status, StatusCode::CREATED);
    assert_eq!(find(&review(SQUAD).await)["verdicts_hidden"], true);
    assert_eq!(post(&service, TWO, &address, None, &verdict).await.status, StatusCode::CREATED);
    let settled = find(&review(SQUAD).await);
    assert_eq!((&settled["verdicts_hidden"], &settled["state"]), (&json!(false), &json!("settled")));
    let statement = json!({ "item": item, "kind": "explanation", "text": "设备麦克风故障，已送修。" });
    let address = format!("{ROUND}/statements");
    let made = post(&service, SQUAD, &address, None, &statement).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    assert_eq!(
        code(&post(&service, ONE, &address, None, &statement).await),
        "refused",
        "it speaks for its own unit"
    );
    let empty = json!({ "item": item, "kind": "appeal", "text": " " });
    assert_eq!(code(&post(&service, SQUAD, &address, None, &empty).await), "bad_body");
}
