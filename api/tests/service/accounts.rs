//! Set-up, signing in and out, passwords, tokens and accounts over HTTP.

use api::server::{Front, State, router};
use axum::Router;
use axum::http::{Method, StatusCode};
use catalog::account::Role;
use catalog::store::TrailQuery;
use serde_json::{Value, json};

use crate::month::{ADMIN, Bureau, PASSWORD, SET_UP_TOKEN, account};
use crate::{Answer, ask_as};

async fn post(service: &Router, session: Option<&str>, address: &str, body: Value) -> Answer {
    ask_as(service, session, Method::POST, address, Some(body)).await
}

async fn session(service: &Router, session: Option<&str>) -> Answer {
    ask_as(service, session, Method::GET, "/api/v1/session", None).await
}

/// The session that an answer began.
fn cookie(answer: &Answer) -> String {
    let cookie = answer.header("set-cookie");
    let value = cookie.strip_prefix("reelproof_session=").and_then(|rest| rest.split(';').next());
    value.unwrap_or_else(|| panic!("{cookie}: {}", answer.text)).to_owned()
}

fn code(answer: &Answer) -> String {
    answer.json()["code"].as_str().unwrap_or_default().to_owned()
}

async fn acts(bureau: &Bureau) -> Vec<String> {
    let query = TrailQuery { limit: 100, ..TrailQuery::default() };
    let lines = bureau.catalog().trail(&query).await.unwrap();
    lines.into_iter().rev().map(|line| format!("{} {} {}", line.login, line.act, line.outcome)).collect()
}

#[tokio::test]
async fn the_first_account_is_made_once_by_whoever_holds_the_token() {
    let bureau = Bureau::bare().await;
    let service = router(bureau.state.clone()).unwrap();
    let answer = session(&service, None).await;
    assert_eq!((answer.status, code(&answer).as_str()), (StatusCode::UNAUTHORIZED, "setup_required"));
    let form = |token: &str, password: &str| json!({ "token": token, "login": "Li.Na", "name": "李某", "password": password });
    let refused = post(&service, None, "/api/v1/setup", form(&"0".repeat(64), PASSWORD)).await;
    assert_eq!((refused.status, code(&refused).as_str()), (StatusCode::FORBIDDEN, "bad_setup_token"));
    let weak = post(&service, None, "/api/v1/setup", form(SET_UP_TOKEN, "short")).await;
    assert_eq!((weak.status, code(&weak).as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "bad_account"));
    let made = post(&service, None, "/api/v1/setup", form(SET_UP_TOKEN, PASSWORD)).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let me = session(&service, Some(&cookie(&made))).await.json();
    assert_eq!(me["user"]["login"], "li.na");
    assert_eq!((&me["user"]["role"], &me["setup_required"]), (&json!("administrator"), &json!(false)));
    let again = post(&service, None, "/api/v1/setup", form(SET_UP_TOKEN, PASSWORD)).await;
    assert_eq!((again.status, code(&again).as_str()), (StatusCode::CONFLICT, "set_up_already"));
    let signed_in =
        post(&service, None, "/api/v1/session", json!({ "login": "LI.NA", "password": PASSWORD })).await;
    assert_eq!(signed_in.status, StatusCode::OK, "{}", signed_in.text);
    assert_ne!(cookie(&signed_in), cookie(&made));
    assert_eq!(acts(&bureau).await, [" set_up done", "li.na sign_in done", "li.na sign_in done"]);
}

#[tokio::test]
async fn a_session_begins_and_ends_and_its_cookie_is_for_our_pages_alone() {
    let bureau = Bureau::empty().await;
    bureau.sign_in(account("li", Role::Auditor), &"1".repeat(64)).await;
    let service = router(bureau.state.clone()).unwrap();
    let form = json!({ "login": "li", "password": PASSWORD });
    let signed_in = post(&service, None, "/api/v1/session", form.clone()).await;
    let set = signed_in.header("set-cookie");
    for part in ["; HttpOnly", "; SameSite=Strict", "; Path=/", "; Max-Age=43200"] {
        assert!(set.contains(part), "{set}");
    }
    assert!(!set.contains("Secure"), "without TLS a Secure cookie would never come back");
    let token = cookie(&signed_in);
    assert_eq!(session(&service, Some(&token)).await.status, StatusCode::OK);
    let out = ask_as(&service, Some(&token), Method::DELETE, "/api/v1/session", None).await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(session(&service, Some(&token)).await.status, StatusCode::UNAUTHORIZED);
    let behind_tls = State { front: Front { tls: true, proxy: true }, ..bureau.state.clone() };
    let signed_in = post(&router(behind_tls).unwrap(), None, "/api/v1/session", form).await;
    assert!(signed_in.header("set-cookie").contains("; Secure"));
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_login_look_alike_and_an_account_rests_after_five() {
    let bureau = Bureau::empty().await;
    bureau.sign_in(account("li", Role::Auditor), &"1".repeat(64)).await;
    let service = router(bureau.state.clone()).unwrap();
    let attempt = async |login: &str, password: &str| {
        post(&service, None, "/api/v1/session", json!({ "login": login, "password": password })).await
    };
    let told = |answer: &Answer| {
        let mut document = answer.json();
        document["request_id"] = Value::Null;
        (answer.status, document)
    };
    let (known, unknown) =
        (attempt("li", "wrong password!").await, attempt("nobody", "wrong password!").await);
    assert_eq!(told(&known), told(&unknown));
    assert_eq!((known.status, code(&known).as_str()), (StatusCode::UNAUTHORIZED, "wrong_password"));
    for _ in 0..4 {
        assert_eq!(code(&attempt("li", "wrong password!").await), "wrong_password");
    }
    let resting = attempt("li", PASSWORD).await;
    assert_eq!((resting.status, code(&resting).as_str()), (StatusCode::TOO_MANY_REQUESTS, "account_resting"));
    // A login that holds something else, perhaps a password, is not written down.
    attempt("my secret pass phrase", "x").await;
    let acts = acts(&bureau).await;
    assert_eq!(acts.iter().filter(|act| *act == "li sign_in refused").count(), 6);
    assert!(
        acts.iter().any(|act| act == " sign_in refused") && !acts.iter().any(|act| act.contains("secret"))
    );
}

#[tokio::test]
async fn who_tries_too_often_from_one_address_waits() {
    let bureau = Bureau::empty().await;
    let service = router(bureau.state.clone()).unwrap();
    let form = || json!({ "login": "x", "password": "x" });
    for _ in 0..20 {
        assert_eq!(code(&post(&service, None, "/api/v1/session", form()).await), "wrong_password");
    }
    let answer = post(&service, None, "/api/v1/session", form()).await;
    assert_eq!((answer.status, code(&answer).as_str()), (StatusCode::TOO_MANY_REQUESTS, "too_often"));
    assert_eq!(answer.header("retry-after"), "3");
    assert_eq!(session(&service, Some(ADMIN)).await.status, StatusCode::OK, "those who are signed in go on");
}

#[tokio::test]
async fn a_new_password_ends_every_session_but_the_new_one() {
    let bureau = Bureau::empty().await;
    let other = "1".repeat(64);
    bureau.sign_in(account("li", Role::Auditor), &other).await;
    let service = router(bureau.state.clone()).unwrap();
    let change = async |old: &str, new: &str| {
        post(&service, Some(&other), "/api/v1/session/password", json!({ "old": old, "new": new })).await
    };
    assert_eq!(code(&change("not this one", "a whole new pass phrase").await), "wrong_password");
    assert_eq!(code(&change(PASSWORD, "short").await), "bad_account");
    let changed = change(PASSWORD, "a whole new pass phrase").await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.text);
    assert_eq!(session(&service, Some(&other)).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(session(&service, Some(&cookie(&changed))).await.status, StatusCode::OK);
    let form = json!({ "login": "li", "password": "a whole new pass phrase" });
    assert_eq!(post(&service, None, "/api/v1/session", form).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_administrator_makes_changes_and_closes_accounts() {
    let bureau = Bureau::with_cases(1).await;
    let service = router(bureau.state.clone()).unwrap();
    let new = json!({ "login": "squad1", "name": "东街道中队", "role": "squad", "unit": "SQ1", "password": PASSWORD });
    let made = post(&service, Some(ADMIN), "/api/v1/users", new.clone()).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    assert!(!made.text.contains("argon2"), "no hash leaves the catalog");
    let id = made.json()["id"].as_i64().unwrap();
    assert_eq!(code(&post(&service, Some(ADMIN), "/api/v1/users", new).await), "account_taken");
    let bad = json!({ "login": "squad2", "name": "某", "role": "squad", "password": PASSWORD });
    assert_eq!(code(&post(&service, Some(ADMIN), "/api/v1/users", bad).await), "bad_account");
    let form = json!({ "login": "squad1", "password": PASSWORD });
    let signed_in = post(&service, None, "/api/v1/session", form.clone()).await;
    let token = cookie(&signed_in);
    let patch = async |body: Value| {
        ask_as(&service, Some(ADMIN), Method::PATCH, &format!("/api/v1/users/{id}"), Some(body)).await
    };
    let renamed = patch(json!({ "name": "东街道中队（新）", "unit": "SQ2" })).await.json();
    assert_eq!((&renamed["name"], &renamed["unit"]), (&json!("东街道中队（新）"), &json!("SQ2")));
    assert_eq!(code(&patch(json!({ "unit": null })).await), "bad_account");
    assert_eq!(code(&patch(json!({ "nmae": "x" })).await), "bad_body");
    assert_eq!(patch(json!({ "disabled": true })).await.status, StatusCode::OK);
    assert_eq!(session(&service, Some(&token)).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(code(&post(&service, None, "/api/v1/session", form.clone()).await), "wrong_password");
    let opened = patch(json!({ "disabled": false, "password": "another long pass phrase" })).await;
    assert_eq!(opened.status, StatusCode::OK, "{}", opened.text);
    assert_eq!(code(&post(&service, None, "/api/v1/session", form).await), "wrong_password");
    let nobody = ask_as(&service, Some(ADMIN), Method::PATCH, "/api/v1/users/99", Some(json!({}))).await;
    assert_eq!(code(&nobody), "no_such_user");
    let me = session(&service, Some(ADMIN)).await.json()["user"]["id"].as_i64().unwrap();
    let demote = json!({ "role": "auditor" });
    let answer =
        ask_as(&service, Some(ADMIN), Method::PATCH, &format!("/api/v1/users/{me}"), Some(demote)).await;
    assert_eq!((answer.status, code(&answer).as_str()), (StatusCode::CONFLICT, "last_administrator"));
    let trail =
        ask_as(&service, Some(ADMIN), Method::GET, "/api/v1/audit-trail?limit=2&login=admin", None).await;
    let trail = trail.json();
    assert_eq!(trail["lines"][0]["act"], "set_password");
    assert_eq!(
        (&trail["lines"][1]["act"], &trail["lines"][1]["subject"]),
        (&json!("change_user"), &json!("squad1"))
    );
    let next = trail["next"].as_str().unwrap();
    let address = format!("/api/v1/audit-trail?after={next}&act=add_user");
    let earlier = ask_as(&service, Some(ADMIN), Method::GET, &address, None).await.json();
    assert_eq!(earlier["lines"][0]["detail"]["unit"], "SQ1");
    assert_eq!(earlier["next"], Value::Null);
}

#[tokio::test]
async fn a_token_is_shown_once_and_revoked_by_its_owner_alone() {
    let bureau = Bureau::empty().await;
    let other = "1".repeat(64);
    bureau.sign_in(account("li", Role::Auditor), &other).await;
    let service = router(bureau.state.clone()).unwrap();
    let wish = json!({ "name": "月报脚本", "scope": "read", "days": 30 });
    let made = post(&service, Some(ADMIN), "/api/v1/tokens", wish).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let (id, secret) = (made.json()["token"]["id"].clone(), made.json()["secret"].clone());
    let list = ask_as(&service, Some(ADMIN), Method::GET, "/api/v1/tokens", None).await;
    assert!(!list.text.contains(secret.as_str().unwrap()));
    assert_eq!(list.json()["tokens"][0]["name"], "月报脚本");
    let forever = json!({ "name": "x", "scope": "read", "days": 4000 });
    assert_eq!(code(&post(&service, Some(ADMIN), "/api/v1/tokens", forever).await), "bad_account");
    let revoke = async |session: &str| {
        ask_as(&service, Some(session), Method::DELETE, &format!("/api/v1/tokens/{id}"), None).await.status
    };
    assert_eq!(revoke(&other).await, StatusCode::NOT_FOUND);
    assert_eq!(revoke(ADMIN).await, StatusCode::NO_CONTENT);
    assert_eq!(revoke(ADMIN).await, StatusCode::NOT_FOUND);
}
