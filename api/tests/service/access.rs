//! Who may do what: every address as every role, as nobody, and with tokens.

use std::collections::BTreeSet;

use api::server::{addresses, router};
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use catalog::Micros;
use catalog::account::{Role, TokenScope, User};
use catalog::store::NewToken;
use serde_json::json;

use crate::month::{ADMIN, Bureau, NOW, account, at};
use crate::{Answer, ask_as, send};
use api::accounts::By;
use api::accounts::secret::Secret;

/// Letters for roles: Administrator, Supervisor, Case review, Duty office, sQuad, aUditor; `*`: nobody, too.
const TABLE: &[(&str, &str, &str)] = &[
    ("GET", "/healthz", "*ASCDQU"),
    ("GET", "/readyz", "*ASCDQU"),
    ("GET", "/metrics", "AU"),
    ("GET", "/api/openapi.json", "*ASCDQU"),
    ("GET", "/api/docs", "*ASCDQU"),
    ("GET", "/api/docs/{*file}", "*ASCDQU"),
    ("GET", "/api/v1/session", "ASCDQU"),
    ("POST", "/api/v1/session", "*ASCDQU"),
    ("DELETE", "/api/v1/session", "ASCDQU"),
    ("POST", "/api/v1/setup", "*ASCDQU"),
    ("POST", "/api/v1/session/password", "ASCDQU"),
    ("GET", "/api/v1/oidc", "*ASCDQU"),
    ("GET", "/api/v1/oidc/begin", "*ASCDQU"),
    ("GET", "/api/v1/oidc/callback", "*ASCDQU"),
    ("GET", "/api/v1/identities", "A"),
    ("POST", "/api/v1/identities", "A"),
    ("GET", "/api/v1/tokens", "ASCDQU"),
    ("POST", "/api/v1/tokens", "ASCDQU"),
    ("DELETE", "/api/v1/tokens/{id}", "ASCDQU"),
    ("GET", "/api/v1/users", "A"),
    ("POST", "/api/v1/users", "A"),
    ("PATCH", "/api/v1/users/{id}", "A"),
    ("GET", "/api/v1/audit-trail", "AU"),
    ("GET", "/api/v1/events", "ASCDQU"),
    ("GET", "/api/v1/overview", "ASCDQU"),
    ("GET", "/api/v1/recordings", "ASCDQU"),
    ("GET", "/api/v1/recordings/{*object_key}", "ASCDQU"),
    ("GET", "/api/v1/recordings/r{id}/media", "ASCDQU"),
    ("GET", "/api/v1/recordings/r{id}/preview", "ASCDQU"),
    ("GET", "/api/v1/recordings/r{id}/thumbnail", "ASCDQU"),
    ("GET", "/api/v1/recordings/r{id}/filmstrip", "ASCDQU"),
    ("POST", "/api/v1/recordings/r{id}/links", "ASCDQU"),
    ("GET", "/api/v1/links/{ticket}", "*ASCDQU"),
    ("GET", "/api/v1/cases", "ASCDQU"),
    ("GET", "/api/v1/cases/{*case_no}", "ASCDQU"),
    ("GET", "/api/v1/audit", "ASCDQU"),
    ("GET", "/api/v1/report", "ASCDU"),
    ("GET", "/api/v1/coverage", "ASCDU"),
    ("GET", "/api/v1/coverage/geojson", "ASCDU"),
    ("GET", "/api/v1/reconcile", "ASCDU"),
    ("GET", "/api/v1/excuses", "ASCDQU"),
    ("GET", "/api/v1/rounds", "ASCDQU"),
    ("GET", "/api/v1/rounds/{month}/{policy}", "ASCDQU"),
    ("GET", "/api/v1/rounds/{month}/{policy}/export", "ASCDU"),
    ("GET", "/api/v1/rounds/{month}/{policy}/review", "ASCDQU"),
    ("GET", "/api/v1/rounds/{month}/{policy}/agreement", "ASCDU"),
    ("POST", "/api/v1/rounds/{month}/{policy}/verdicts", "SCD"),
    ("POST", "/api/v1/rounds/{month}/{policy}/statements", "SCDQ"),
    ("POST", "/api/v1/excuses", "SC"),
    ("GET", "/api/v1/visits", "ASCDQU"),
    ("GET", "/api/v1/notices", "ASCDQU"),
    ("GET", "/api/v1/scores", "ASCDQU"),
    ("GET", "/api/v1/returns", "ASCDU"),
    ("GET", "/api/v1/schedule", "ASCDU"),
    ("POST", "/api/v1/rounds", "SC"),
    ("GET", "/api/v1/rounds/{month}/{policy}/changes", "ASCDU"),
    ("POST", "/api/v1/rounds/{month}/{policy}/seed", "SC"),
    ("POST", "/api/v1/rounds/{month}/{policy}/draw", "SC"),
    ("POST", "/api/v1/rounds/{month}/{policy}/redraw", "SC"),
    ("POST", "/api/v1/rounds/{month}/{policy}/skips", "SC"),
    ("POST", "/api/v1/rounds/{month}/{policy}/substitutes", "SC"),
    ("POST", "/api/v1/rounds/{month}/{policy}/extras", "SC"),
    ("POST", "/api/v1/rounds/{month}/{policy}/assignments", "SC"),
    ("POST", "/api/v1/rounds/{month}/{policy}/reassignments", "SC"),
    ("POST", "/api/v1/rounds/{month}/{policy}/decisions", "S"),
    ("POST", "/api/v1/excuses/{id}/withdraw", "SC"),
    ("POST", "/api/v1/visits", "SCD"),
    ("POST", "/api/v1/notices/drafts", "S"),
    ("POST", "/api/v1/notices/escalations", "S"),
    ("GET", "/api/v1/notices/{id}", "ASCDQU"),
    ("GET", "/api/v1/notices/{id}/document.docx", "ASCDQU"),
    ("POST", "/api/v1/notices/{id}/issue", "S"),
    ("POST", "/api/v1/notices/{id}/reply", "SCDQ"),
    ("POST", "/api/v1/notices/{id}/close", "S"),
    ("POST", "/api/v1/notices/{id}/withdraw", "S"),
    ("POST", "/api/v1/returns", "SC"),
    ("POST", "/api/v1/returns/{id}/sent", "SC"),
    ("GET", "/api/v1/returns/{id}/document.{format}", "ASCDU"),
    ("POST", "/api/v1/users/{id}/password", "A"),
    ("GET", "/api/v1/recordings/r{id}/versions", "ASCDQU"),
    ("GET", "/api/v1/recordings/r{id}/inspection", "ASCDQU"),
    ("GET", "/api/v1/units", "ASCDQU"),
    ("GET", "/api/v1/policies", "ASCDQU"),
    ("GET", "/api/v1/policies/{name}", "ASCDQU"),
    ("POST", "/api/v1/imports/{kind}", "ACD"),
    ("GET", "/api/v1/imports/{kind}/template", "ACD"),
    ("GET", "/api/v1/sources", "ASCDU"),
    ("GET", "/api/v1/fixity", "ASCDU"),
    ("GET", "/api/v1/retention", "ASCDU"),
    ("GET", "/api/v1/retention/recordings", "ASCDU"),
    ("GET", "/api/v1/quarantine", "ASCDQU"),
    ("POST", "/api/v1/quarantine/{id}/retry", "ACD"),
    ("GET", "/api/v1/log", "ASCDQU"),
    ("GET", "/api/v1/log/entries", "ASCDQU"),
    ("GET", "/api/v1/log/proof", "ASCDU"),
    ("GET", "/api/v1/bundles/{kind}/{id}", "ASCDU"),
    ("POST", "/api/v1/log/verify", "ASCDQU"),
    ("GET", "/api/v1/log/consistency", "ASCDQU"),
    ("GET", "/api/v1/log/checkpoint", "ASCDQU"),
];

const ROLES: [(char, Role); 6] = [
    ('A', Role::Administrator),
    ('S', Role::Supervisor),
    ('C', Role::CaseReview),
    ('D', Role::DutyOffice),
    ('Q', Role::Squad),
    ('U', Role::Auditor),
];

/// What an address is asked with: something is put where a name stands.
fn filled(path: &str) -> String {
    path.replace("r{id}", "r99")
        .replace("{id}", "99")
        .replace("{*object_key}", "none.mp4")
        .replace("{*case_no}", "none")
        .replace("{*file}", "index.css")
        .replace("{month}", "2024-06")
        .replace("{policy}", "jingan-2024")
        .replace("{name}", "jingan-2024")
        .replace("{kind}", "units")
        .replace("{format}", "docx")
}

fn code(answer: &Answer) -> String {
    serde_json::from_str::<serde_json::Value>(&answer.text)
        .ok()
        .and_then(|document| document["code"].as_str().map(str::to_owned))
        .unwrap_or_default()
}

/// Whether the gate let a request through, whatever became of it behind it.
fn let_through(answer: &Answer) -> bool {
    let code = code(answer);
    let stopped = [
        "not_signed_in",
        "setup_required",
        "not_allowed",
        "outside_unit",
        "token_too_narrow",
        "foreign_page",
    ];
    !stopped.contains(&code.as_str())
}

#[tokio::test]
async fn every_address_has_its_right_and_every_role_has_what_the_table_says() {
    let bureau = Bureau::with_cases(2).await.drawn().await;
    let served: BTreeSet<(String, String)> = addresses(bureau.state.clone())
        .unwrap()
        .into_iter()
        .map(|(method, path)| (method.to_string(), path.to_owned()))
        .collect();
    let told: BTreeSet<(String, String)> =
        TABLE.iter().map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned())).collect();
    assert_eq!(served, told, "every address stands in the table of this test, with who may use it");
    let service = router(bureau.state.clone()).unwrap();
    let mut users: Vec<(char, User)> = Vec::new();
    for (letter, role) in ROLES {
        let login = format!("user-{}", letter.to_ascii_lowercase());
        bureau.sign_in(account(&login, role), &token(letter, 0)).await;
        let all = bureau.catalog().users().await.unwrap();
        users.push((letter, all.into_iter().find(|user| user.login == login).unwrap()));
    }
    for (number, (method, path, allowed)) in TABLE.iter().enumerate() {
        let (verb, address) = (Method::from_bytes(method.as_bytes()).unwrap(), filled(path));
        let body = (verb != Method::GET).then(|| json!({}));
        let answer = ask_as(&service, None, verb.clone(), &address, body.clone()).await;
        if allowed.contains('*') {
            assert!(let_through(&answer), "nobody {method} {path}: {}", answer.text);
        } else {
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "nobody {method} {path}: {}", answer.text);
            assert!(answer.header("www-authenticate").starts_with("Bearer"));
        }
        for (letter, user) in &users {
            // A session of its own each time: signing out ends it.
            let session = token(*letter, number + 1);
            bureau.session(user, &session).await;
            let answer = ask_as(&service, Some(&session), verb.clone(), &address, body.clone()).await;
            assert_ne!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{letter} {method} {path}");
            assert_eq!(
                let_through(&answer),
                allowed.contains(*letter),
                "{letter} {method} {path}: {} {}",
                answer.status,
                answer.text
            );
            if !allowed.contains(*letter) {
                assert_eq!(answer.status, StatusCode::FORBIDDEN, "{letter} {method} {path}");
            }
        }
    }
}

fn token(letter: char, number: usize) -> String {
    format!("{:02x}{number:062x}", letter as u32)
}

#[tokio::test]
async fn who_sees_one_unit_is_not_given_what_is_about_all() {
    let bureau = Bureau::with_cases(1).await;
    let reviewer =
        catalog::account::NewUser { unit: Some("SQ1".to_owned()), ..account("reviewer", Role::CaseReview) };
    bureau.sign_in(reviewer, &token('C', 0)).await;
    let service = router(bureau.state.clone()).unwrap();
    for address in
        ["/api/v1/report", "/api/v1/returns", "/api/v1/schedule", "/api/v1/reconcile", "/api/v1/coverage"]
    {
        let answer = ask_as(&service, Some(&token('C', 0)), Method::GET, address, None).await;
        assert_eq!(
            (answer.status, code(&answer).as_str()),
            (StatusCode::FORBIDDEN, "outside_unit"),
            "{address}"
        );
    }
}

#[tokio::test]
async fn a_token_reads_what_its_owner_reads_and_writes_only_if_it_was_made_to() {
    let bureau = Bureau::with_cases(1).await;
    bureau.sign_in(account("boss", Role::Supervisor), &token('S', 0)).await;
    let boss = bureau.catalog().users().await.unwrap().into_iter().find(|user| user.login == "boss").unwrap();
    let service = router(bureau.state.clone()).unwrap();
    for (letter, scope) in [('1', TokenScope::Read), ('2', TokenScope::Write)] {
        let secret = Secret::read(&letter.to_string().repeat(64)).unwrap();
        let new = NewToken {
            token_sha256: secret.sha256(),
            user: boss.id,
            name: "script".to_owned(),
            scope,
            created_at: at(NOW),
            ends_at: at(NOW) + Micros::from_s(60),
        };
        bureau.catalog().add_token(&new, &By::command_line().line("test", "", at(NOW))).await.unwrap();
    }
    let ask = async |token: &str, method: Method, address: &str| {
        let request = Request::builder()
            .method(method)
            .uri(address)
            .header(header::HOST, "localhost")
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/json");
        send(&service, request.body(Body::from("{}")).unwrap()).await
    };
    let (reads, writes) = ("1".repeat(64), "2".repeat(64));
    assert_eq!(ask(&reads, Method::GET, "/api/v1/audit").await.status, StatusCode::OK);
    assert_eq!(code(&ask(&reads, Method::POST, "/api/v1/excuses").await), "token_too_narrow");
    assert_eq!(code(&ask(&writes, Method::POST, "/api/v1/excuses").await), "bad_body");
    for address in ["/api/v1/tokens", "/api/v1/session/password"] {
        assert_eq!(code(&ask(&writes, Method::POST, address).await), "token_too_narrow", "{address}");
    }
    assert_eq!(ask(&"3".repeat(64), Method::GET, "/api/v1/audit").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_write_from_another_sites_page_is_refused_whoever_is_signed_in() {
    let bureau = Bureau::with_cases(1).await;
    let service = router(bureau.state.clone()).unwrap();
    for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://elsewhere.example")] {
        let request = Request::builder()
            .method(Method::POST)
            .uri("/api/v1/users")
            .header(header::HOST, "localhost:8040")
            .header(header::COOKIE, format!("reelproof_session={ADMIN}"))
            .header(header::CONTENT_TYPE, "application/json")
            .header(name, value);
        let answer = send(&service, request.body(Body::from("{}")).unwrap()).await;
        assert_eq!(
            (answer.status, code(&answer).as_str()),
            (StatusCode::FORBIDDEN, "foreign_page"),
            "{name}"
        );
    }
    // What a page of another site can send without asking first is never JSON.
    let request = Request::builder()
        .method(Method::POST)
        .uri("/api/v1/users")
        .header(header::HOST, "localhost:8040")
        .header(header::COOKIE, format!("reelproof_session={ADMIN}"))
        .header(header::CONTENT_TYPE, "text/plain");
    let answer = send(&service, request.body(Body::from("{}")).unwrap()).await;
    assert_eq!(code(&answer), "bad_body");
}
