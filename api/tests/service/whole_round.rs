//! A whole round over HTTP: frozen, drawn, reviewed, excused, noticed, answered, and its return kept as sent; each write
//! once for its key, and each bad input a problem that says what to do in both languages.

use api::server::router;
use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use catalog::account::{NewUser, Role};
use catalog::import::Import;
use catalog::unit::{Officer, Unit, UnitKind};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tower::ServiceExt as _;

use crate::month::{ADMIN, Bureau, account, squad_code};
use crate::{Answer, ask_as, document, send};

const ROUND: &str = "/api/v1/rounds/2024-06/jingan-2024";
const REVIEWERS: [&str; 2] = ["319001", "319002"];
const BOSS: &str = "319003";

/// The session of the officer of this badge.
fn session(badge: &str) -> String {
    format!("{badge:0>64}")
}

/// A month with an office that reviews: two reviewers, a supervisor, and a squad, each with an account.
async fn bureau() -> Bureau {
    let bureau = Bureau::with_cases(14).await;
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
    let officers = REVIEWERS.iter().chain([&BOSS]).map(|badge| officer(badge)).collect();
    bureau.take_in(Import::Officers(officers)).await;
    for badge in REVIEWERS {
        let new = NewUser { badge: Some(badge.to_owned()), ..account(badge, Role::CaseReview) };
        bureau.sign_in(new, &session(badge)).await;
    }
    let boss = NewUser { badge: Some(BOSS.to_owned()), ..account("boss", Role::Supervisor) };
    bureau.sign_in(boss, &session(BOSS)).await;
    for squad in 0..3 {
        let badge = format!("31000{}", squad + 1);
        let new = NewUser {
            badge: Some(badge.clone()),
            unit: Some(squad_code(squad)),
            ..account(&format!("squad{squad}"), Role::Squad)
        };
        bureau.sign_in(new, &session(&badge)).await;
    }
    bureau
}

async fn post(service: &Router, badge: &str, address: &str, key: Option<&str>, body: &Value) -> Answer {
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(address)
        .header(header::HOST, "localhost:8040")
        .header(header::COOKIE, format!("reelproof_session={}", session(badge)))
        .header(header::CONTENT_TYPE, "application/json");
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    send(service, request.body(Body::from(body.to_string())).unwrap()).await
}

/// Does it, and once more under the same key: the answer is the same, and nothing is done twice.
async fn done(service: &Router, badge: &str, address: &str, body: &Value) -> Value {
    let key = hex::encode(Sha256::digest(format!("{badge} {address} {body}")));
    let first = post(service, badge, address, Some(&key), body).await;
    assert_eq!(first.status, StatusCode::CREATED, "{badge} {address} {body}: {}", first.text);
    let again = post(service, badge, address, Some(&key), body).await;
    assert_eq!((again.status, &again.text), (first.status, &first.text), "{address}");
    assert_eq!(again.header("idempotent-replayed"), "true", "{address}");
    let mut other = body.clone();
    other["reason"] = json!("另一件事");
    let other = post(service, badge, address, Some(&key), &other).await;
    assert_eq!((other.status, code(&other).as_str()), (StatusCode::CONFLICT, "idempotency_key_taken"));
    first.json()
}

fn code(answer: &Answer) -> String {
    answer.json()["code"].as_str().unwrap_or_default().to_owned()
}

async fn seen(service: &Router, badge: &str, address: &str) -> Value {
    let answer = ask_as(service, Some(&session(badge)), Method::GET, address, None).await;
    assert_eq!(answer.status, StatusCode::OK, "{badge} {address}: {}", answer.text);
    answer.json()
}

/// A file as whoever is signed in downloads it: its type, its name, its bytes.
async fn file(service: &Router, badge: &str, address: &str) -> (String, String, Vec<u8>) {
    let request = Request::builder()
        .uri(address)
        .header(header::HOST, "localhost:8040")
        .header(header::COOKIE, format!("reelproof_session={}", session(badge)))
        .body(Body::empty())
        .unwrap();
    let answer = service.clone().oneshot(request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK, "{address}");
    let text = |name: header::HeaderName| answer.headers()[name].to_str().unwrap().to_owned();
    let (kind, name) = (text(header::CONTENT_TYPE), text(header::CONTENT_DISPOSITION));
    let bytes = axum::body::to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    (kind, name, bytes.to_vec())
}

/// The round of June, frozen, drawn and assigned; gives its review.
async fn assigned(service: &Router) -> Value {
    let frozen = done(service, "319001", "/api/v1/rounds", &json!({ "month": "2024-06" })).await;
    assert_eq!((&frozen["id"], &frozen["seed"]), (&json!("2024-06/jingan-2024"), &Value::Null));
    let again = post(service, "319002", "/api/v1/rounds", None, &json!({ "month": "2024-06" })).await;
    assert_eq!((again.status, &again.json()["frame_sha256"]), (StatusCode::OK, &frozen["frame_sha256"]));
    let seed = json!({ "seed": "20240603-4-2-6" });
    let announced = done(service, "319001", &format!("{ROUND}/seed"), &seed).await;
    assert_eq!(announced["by"], "319001");
    let drawn = done(service, "319001", &format!("{ROUND}/draw"), &seed).await;
    assert_eq!(
        (&drawn["seed"], &drawn["announced_seed"]["by"]),
        (&json!("20240603-4-2-6"), &json!("319001"))
    );
    let other = post(service, "319001", &format!("{ROUND}/draw"), None, &json!({ "seed": "1" })).await;
    assert_eq!((other.status, code(&other).as_str()), (StatusCode::CONFLICT, "on_record"));
    done(service, "319001", &format!("{ROUND}/assignments"), &json!({})).await;
    seen(service, BOSS, &format!("{ROUND}/review")).await
}

/// Gives a verdict on every seat of an item.
async fn judge(service: &Router, item: &Value, verdict: &Value) {
    for seat in item["seats"].as_array().unwrap() {
        let mut verdict = verdict.clone();
        verdict["item"] = item["item"].clone();
        done(service, seat["badge"].as_str().unwrap(), &format!("{ROUND}/verdicts"), &verdict).await;
    }
}

#[tokio::test]
async fn a_whole_round_is_done_over_http_from_freezing_to_the_kept_return() {
    let bureau = bureau().await;
    let service = router(bureau.state.clone()).unwrap();
    let review = assigned(&service).await;
    let items = review["items"].as_array().unwrap();
    let bad = items[0].clone();
    let squad = bad["unit"].as_str().unwrap();
    let squad_badge = format!("31000{}", &squad[2..]);
    judge(&service, &bad, &json!({ "outcome": "irregular", "codes": ["no_audio"], "note": "全程无声音" }))
        .await;
    for item in &items[1..] {
        judge(&service, item, &json!({ "outcome": "regular" })).await;
    }

    // The squad explains; an excuse is recorded and taken back.
    let statement = json!({ "item": bad["item"], "kind": "explanation", "text": "麦克风故障，已送修。" });
    done(&service, &squad_badge, &format!("{ROUND}/statements"), &statement).await;
    let excuse =
        json!({ "case_no": "罚〔2024〕001号", "stage_no": 1, "reason": "battery", "note": "电池耗尽" });
    let recorded = done(&service, "319001", "/api/v1/excuses", &excuse).await;
    let listed = seen(&service, "319001", "/api/v1/excuses").await;
    assert!(listed["excuses"].as_array().unwrap().iter().any(|one| one["id"] == recorded["id"]), "{listed}");
    let address = format!("/api/v1/excuses/{}/withdraw", recorded["id"].as_str().unwrap());
    let taken_back = done(&service, "319002", &address, &json!({ "reason": "登记有误" })).await;
    assert_eq!(taken_back["withdrawal"]["withdrawn_by"], "319002");
    let twice = post(&service, "319002", &address, None, &json!({ "reason": "登记有误" })).await;
    assert_eq!((twice.status, code(&twice).as_str()), (StatusCode::CONFLICT, "on_record"));

    // A visit of two supervisors.
    let visit = json!({
        "unit": squad, "with": ["319001"], "from": "2024-06-03T08:00:00+08:00", "to": "2024-06-03T08:40:00+08:00",
        "note": "查看设备存放，未发现问题",
    });
    let visited = done(&service, BOSS, "/api/v1/visits", &visit).await;
    assert_eq!((&visited["number"], &visited["supervisors"]), (&json!(1), &json!([BOSS, "319001"])));

    // The notice: drafted, issued, printed, answered, closed.
    let drafted = done(&service, BOSS, "/api/v1/notices/drafts", &json!({ "month": "2024-06" })).await;
    let id = drafted["drafted"][0].as_u64().unwrap_or_else(|| panic!("{drafted}"));
    let address = format!("/api/v1/notices/{id}");
    let hidden = ask_as(&service, Some(&session(&squad_badge)), Method::GET, &address, None).await;
    assert_eq!((hidden.status, code(&hidden).as_str()), (StatusCode::NOT_FOUND, "no_such_notice"), "a draft");
    let issued = done(&service, BOSS, &format!("{address}/issue"), &json!({})).await;
    let number = issued["standing"]["number"].as_str().unwrap_or_else(|| panic!("{issued}")).to_owned();
    assert_eq!(seen(&service, &squad_badge, &address).await["standing"]["number"], number.as_str());
    let (kind, name, bytes) = file(&service, &squad_badge, &format!("{address}/document.docx")).await;
    assert!(kind.ends_with("wordprocessingml.document") && name.contains(".docx"), "{kind} {name}");
    assert!(bytes.starts_with(b"PK"), "a DOCX is a ZIP");
    let stranger = if squad == "SQ1" { "310002" } else { "310001" };
    let elsewhere = ask_as(&service, Some(&session(stranger)), Method::GET, &address, None).await;
    assert_eq!(elsewhere.status, StatusCode::NOT_FOUND, "another squad's notice");
    let foreign = post(&service, "319001", &format!("{address}/reply"), None, &json!({ "text": "x" })).await;
    assert_eq!((foreign.status, code(&foreign).as_str()), (StatusCode::CONFLICT, "refused"));
    done(&service, &squad_badge, &format!("{address}/reply"), &json!({ "text": "已更换设备并培训。" })).await;
    let closed = done(&service, BOSS, &format!("{address}/close"), &json!({ "note": "整改到位" })).await;
    assert_eq!(closed["standing"]["state"], "closed", "{closed}");

    // The return: looked at, downloaded, drafted, sent, and downloaded as sent.
    let report = seen(&service, "319001", "/api/v1/report?month=2024-06").await;
    let sentence = report["sentence"].as_str().unwrap().to_owned();
    for format in ["csv", "docx", "json", "xlsx"] {
        let address = format!("/api/v1/report?month=2024-06&format={format}");
        let (_, name, bytes) = file(&service, "319001", &address).await;
        assert!(name.contains(&format!("return-2024-06.{format}")) && !bytes.is_empty(), "{name}");
    }
    let draft = done(&service, "319001", "/api/v1/returns", &json!({ "month": "2024-06" })).await;
    assert_eq!((&draft["state"], &draft["sentence"]), (&json!("draft"), &json!(sentence)));
    let same = post(&service, "319002", "/api/v1/returns", None, &json!({ "month": "2024-06" })).await;
    assert_eq!((same.status, &same.json()["id"]), (StatusCode::OK, &draft["id"]), "the same figures");
    let draft_id = draft["id"].as_str().unwrap();
    let sent = done(&service, "319001", &format!("/api/v1/returns/{draft_id}/sent"), &json!({})).await;
    assert_eq!((&sent["state"], &sent["by"]), (&json!("sent"), &json!("319001")));
    assert_eq!(sent["files"], draft["files"], "what is sent is the draft, byte for byte");
    for pair in sent["files"].as_array().unwrap() {
        let (format, sha256) = (pair[0].as_str().unwrap(), pair[1].as_str().unwrap());
        let address = format!("/api/v1/returns/{}/document.{format}", sent["id"].as_str().unwrap());
        let (_, _, bytes) = file(&service, BOSS, &address).await;
        assert_eq!(hex::encode(Sha256::digest(&bytes)), sha256, "{format}");
    }
    let kept = seen(&service, BOSS, "/api/v1/returns").await;
    assert_eq!(kept["returns"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn nobody_decides_about_their_own_unit_and_what_is_skipped_says_why() {
    let bureau = bureau().await;
    // An officer of the first squad who, for once, has a reviewer's account.
    let own = NewUser { badge: Some("310009".to_owned()), ..account("own", Role::CaseReview) };
    let officer = Officer {
        badge: "310009".to_owned(),
        name: "借调人员".to_owned(),
        unit: squad_code(0),
        frontline: false,
    };
    bureau.take_in(Import::Officers(vec![officer])).await;
    bureau.sign_in(own, &session("310009")).await;
    let service = router(bureau.state.clone()).unwrap();
    let review = assigned(&service).await;
    let items = review["items"].as_array().unwrap();
    let of_first = items.iter().find(|item| item["unit"] == squad_code(0).as_str());
    if let Some(item) = of_first {
        let skip = json!({ "id": item["item"], "reason": "录像已移送" });
        let refused = post(&service, "310009", &format!("{ROUND}/skips"), None, &skip).await;
        assert_eq!(
            (refused.status, code(&refused).as_str()),
            (StatusCode::CONFLICT, "refused"),
            "{}",
            refused.text
        );
        assert!(refused.json()["detail_zh"].as_str().unwrap().contains("回避"), "{}", refused.text);
    }
    let item = &items[0]["item"];
    let silent =
        post(&service, "319001", &format!("{ROUND}/skips"), None, &json!({ "id": item, "reason": " " }))
            .await;
    assert_eq!(code(&silent), "bad_body");
    let skip = json!({ "id": item, "reason": "录像已移送公安" });
    let act = done(&service, "319001", &format!("{ROUND}/skips"), &skip).await;
    assert_eq!((&act["kind"], &act["who"]), (&json!("skip"), &json!("319001")));
    let again = post(&service, "319001", &format!("{ROUND}/skips"), None, &skip).await;
    assert_eq!((again.status, code(&again).as_str()), (StatusCode::CONFLICT, "on_record"));
    let redraw = json!({ "seed": "20240603-1-1-1", "reason": "公证程序有误" });
    let redrawn = done(&service, "319001", &format!("{ROUND}/redraw"), &redraw).await;
    assert_eq!(redrawn["draw"]["seed"], "20240603-1-1-1");
    assert_eq!(redrawn["acts"].as_array().unwrap().len(), 2, "the skip and the redraw stay");
    let seat = json!({ "id": "none/1", "seat": 1, "to": "319003", "reason": "出差" });
    let nothing = post(&service, "319001", &format!("{ROUND}/reassignments"), None, &seat).await;
    assert_eq!((nothing.status, code(&nothing).as_str()), (StatusCode::CONFLICT, "refused"));
}

#[tokio::test]
async fn what_the_form_of_a_write_does_not_know_is_refused_in_both_languages() {
    let bureau = bureau().await;
    let service = router(bureau.state.clone()).unwrap();
    let description = document(&service, "/api/openapi.json").await;
    let mut tried = 0;
    for (path, methods) in description["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            if operation["requestBody"]["content"].get("application/json").is_none() {
                continue;
            }
            let address =
                path.replace("{month}", "2024-06").replace("{policy}", "jingan-2024").replace("{id}", "99");
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            for body in [json!({ "no_such_field": 1 }), json!([]), json!("text"), json!(7)] {
                // Whoever may: one of these has every right.
                let mut answers = Vec::new();
                for who in [ADMIN.to_owned(), session(BOSS), session("319001"), session("310001")] {
                    let who = if operation.get("security").is_some() { Some(who) } else { None };
                    answers.push(
                        ask_as(&service, who.as_deref(), method.clone(), &address, Some(body.clone())).await,
                    );
                }
                let answer = answers.iter().find(|answer| answer.status == StatusCode::UNPROCESSABLE_ENTITY);
                let codes: Vec<_> = answers.iter().map(code).collect();
                let answer = answer.unwrap_or_else(|| panic!("{method} {address} {body}: {codes:?}"));
                assert_eq!(code(answer), "bad_body", "{method} {address} {body}: {}", answer.text);
                let problem = answer.json();
                assert!(problem["detail"].as_str().is_some_and(|text| text.is_ascii() && text.len() > 10));
                assert!(problem["detail_zh"].as_str().is_some_and(|text| !text.is_ascii()));
                tried += 1;
            }
        }
    }
    assert!(tried > 100, "{tried}");
}

#[tokio::test]
async fn what_is_wrong_with_a_write_is_a_clear_problem_in_both_languages() {
    let bureau = bureau().await;
    let service = router(bureau.state.clone()).unwrap();
    done(&service, "319001", "/api/v1/rounds", &json!({ "month": "2024-06" })).await;
    let cases = [
        ("319001", "/api/v1/rounds", json!({ "month": "May" }), 422, "bad_body"),
        ("319001", "/api/v1/rounds", json!({ "month": "2024-06", "policy": "none" }), 404, "no_such_policy"),
        ("319001", "/api/v1/rounds", json!({ "month": "2031-06" }), 404, "empty_month"),
        ("319001", "/api/v1/rounds/2024-07/jingan-2024/draw", json!({ "seed": "1" }), 404, "no_such_round"),
        ("319001", "/api/v1/rounds/2024-06/jingan-2024/draw", json!({ "seed": " 1" }), 422, "bad_body"),
        (
            "319001",
            "/api/v1/rounds/2024-06/jingan-2024/draw",
            json!({ "seed": "1", "seed_at": "2024-01-01T00:00:00+08:00" }),
            409,
            "refused",
        ),
        ("319001", "/api/v1/rounds/2024-06/jingan-2024/seed", json!({ "seed": "" }), 422, "bad_body"),
        (
            "319001",
            "/api/v1/rounds/2024-06/jingan-2024/redraw",
            json!({ "seed": "2", "reason": "x" }),
            409,
            "round_not_drawn",
        ),
        (
            "319001",
            "/api/v1/rounds/2024-06/jingan-2024/skips",
            json!({ "id": "x/1", "reason": "x" }),
            409,
            "round_not_drawn",
        ),
        (
            "319001",
            "/api/v1/rounds/2024-06/jingan-2024/extras",
            json!({ "unit": "SQ1", "reason": "x", "count": 0 }),
            422,
            "bad_body",
        ),
        ("319001", "/api/v1/rounds/2024-06/jingan-2024/assignments", json!({}), 409, "round_not_drawn"),
        (
            "319001",
            "/api/v1/excuses/0123456789abcdef/withdraw",
            json!({ "reason": "x" }),
            404,
            "no_such_excuse",
        ),
        (
            BOSS,
            "/api/v1/visits",
            json!({ "unit": "NO", "with": [], "from": "2024-06-01T09:00:00+08:00", "to": "2024-06-01T10:00:00+08:00", "note": "" }),
            404,
            "no_such_unit",
        ),
        (
            BOSS,
            "/api/v1/visits",
            json!({ "unit": "SQ1", "with": [], "from": "2024-06-01T09:00:00+08:00", "to": "2024-06-01T10:00:00+08:00", "note": "" }),
            422,
            "bad_body",
        ),
        (
            BOSS,
            "/api/v1/visits",
            json!({ "unit": "SQ1", "with": ["999999"], "from": "2024-06-01T09:00:00+08:00", "to": "2024-06-01T10:00:00+08:00", "note": "" }),
            422,
            "bad_body",
        ),
        (
            BOSS,
            "/api/v1/visits",
            json!({ "unit": "SQ1", "with": ["310001"], "from": "2024-06-01T09:00:00+08:00", "to": "2024-06-01T10:00:00+08:00", "note": "" }),
            409,
            "refused",
        ),
        (
            BOSS,
            "/api/v1/visits",
            json!({ "unit": "SQ1", "with": ["319001"], "from": "2024-06-01T11:00:00+08:00", "to": "2024-06-01T10:00:00+08:00", "note": "" }),
            422,
            "bad_body",
        ),
        (BOSS, "/api/v1/notices/drafts", json!({}), 422, "bad_body"),
        (BOSS, "/api/v1/notices/drafts", json!({ "round": "2024-06/jingan-2024" }), 409, "round_not_drawn"),
        (BOSS, "/api/v1/notices/7/issue", json!({}), 404, "no_such_notice"),
        (BOSS, "/api/v1/notices/7/close", json!({ "note": "" }), 422, "bad_body"),
        ("319001", "/api/v1/returns", json!({ "month": "2024-06" }), 409, "round_not_drawn"),
        ("319001", "/api/v1/returns/2024-06.jingan-2024.draft.1/sent", json!({}), 404, "no_such_return"),
    ];
    for (badge, address, body, status, expected) in cases {
        let answer = post(&service, badge, address, None, &body).await;
        assert_eq!(
            (answer.status.as_u16(), code(&answer).as_str()),
            (status, expected),
            "{address} {body}: {}",
            answer.text
        );
        let problem = answer.json();
        assert!(problem["detail_zh"].as_str().is_some_and(|text| !text.is_ascii()), "{problem}");
        assert!(problem["detail"].as_str().is_some_and(|text| text.len() > 10), "{problem}");
        for name in ["detail", "detail_zh"] {
            let text = problem[name].as_str().unwrap();
            assert!(!text.contains("--") && !text.contains("reelproof "), "a command, on a page: {text}");
        }
    }
}

#[tokio::test]
async fn a_secret_is_shown_once_and_never_replayed() {
    let bureau = bureau().await;
    let service = router(bureau.state.clone()).unwrap();
    let users = document(&service, "/api/v1/users").await;
    let id =
        users["users"].as_array().unwrap().iter().find(|user| user["login"] == "boss").unwrap()["id"].clone();
    let reset = async |key: &str| {
        let request = Request::builder()
            .method(Method::POST)
            .uri(format!("/api/v1/users/{id}/password"))
            .header(header::HOST, "localhost:8040")
            .header(header::COOKIE, format!("reelproof_session={ADMIN}"))
            .header(header::CONTENT_TYPE, "application/json")
            .header("idempotency-key", key);
        send(&service, request.body(Body::from("{}")).unwrap()).await
    };
    let first = reset("k").await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.text);
    let password = first.json()["password"].as_str().unwrap().to_owned();
    let again = reset("k").await;
    assert_eq!((again.status, code(&again).as_str()), (StatusCode::CONFLICT, "done_before"));
    assert!(!again.text.contains(&password));
    let form = json!({ "login": "boss", "password": password });
    let signed_in = ask_as(&service, None, Method::POST, "/api/v1/session", Some(form)).await;
    assert_eq!(signed_in.status, StatusCode::OK, "{}", signed_in.text);
}
