//! Signed links: for a player without a session, for some minutes, for one account's sight of one version.

use api::server::router;
use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use catalog::Micros;
use catalog::account::Role;
use catalog::store::TrailQuery;
use object_store::path::Path;
use object_store::{ObjectStoreExt as _, PutPayload};
use serde_json::json;

use crate::month::{ADMIN, Bureau, account};
use crate::{Answer, ask_as, send};

const SQUAD: &str = "1111111111111111111111111111111111111111111111111111111111111111";

/// A bureau, its service, and the address of a recording that the squad sees.
async fn scene() -> (Bureau, Router, String) {
    let bureau = Bureau::with_cases(3).await;
    bureau.sign_in(account("squad", Role::Squad), SQUAD).await;
    let service = router(bureau.state.clone()).unwrap();
    let list = ask_as(&service, Some(ADMIN), Method::GET, "/api/v1/recordings", None).await.json();
    let recordings = list["recordings"].as_array().unwrap();
    let own = recordings.iter().find(|one| one["device_unit"] == "SQ1").unwrap();
    let key = Path::parse(own["object_key"].as_str().unwrap()).unwrap();
    bureau.evidence.put(&key, PutPayload::from_static(b"0123456789")).await.unwrap();
    let address = format!("/api/v1/recordings/{}", own["id"].as_str().unwrap());
    (bureau, service, address)
}

async fn link(service: &Router, address: &str) -> String {
    let body = Some(json!({ "purpose": "media" }));
    let made = ask_as(service, Some(SQUAD), Method::POST, &format!("{address}/links"), body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    made.json()["url"].as_str().unwrap().to_owned()
}

/// Follows a link as a player does: without a session.
async fn follow(service: &Router, url: &str, range: Option<&str>) -> Answer {
    let mut request = Request::builder().uri(url).header(header::HOST, "localhost:8040");
    if let Some(range) = range {
        request = request.header(header::RANGE, range);
    }
    send(service, request.body(Body::empty()).unwrap()).await
}

async fn acts(bureau: &Bureau, act: &str) -> Vec<String> {
    let query = TrailQuery { act: Some(act.to_owned()), limit: 100, ..TrailQuery::default() };
    let lines = bureau.catalog().trail(&query).await.unwrap();
    lines.into_iter().map(|line| format!("{} {:?}", line.login, line.detail.get("link"))).collect()
}

fn code(answer: &Answer) -> (StatusCode, String) {
    (answer.status, answer.json()["code"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_link_plays_without_a_session_and_each_use_is_in_the_trail() {
    let (bureau, service, address) = scene().await;
    let url = link(&service, &address).await;
    assert_eq!(acts(&bureau, "make_link").await.len(), 1);
    let whole = follow(&service, &url, None).await;
    assert_eq!((whole.status, whole.text.as_str()), (StatusCode::OK, "0123456789"));
    let part = follow(&service, &url, Some("bytes=2-3")).await;
    assert_eq!((part.status, part.text.as_str()), (StatusCode::PARTIAL_CONTENT, "23"));
    let used = acts(&bureau, "view_media").await;
    assert_eq!(used.len(), 1, "{used:?}");
    assert!(used[0].starts_with("squad ") && used[0].contains("media v1 until "), "{used:?}");
    bureau.clock.advance(Micros::from_s(1));
    follow(&service, &link(&service, &address).await, None).await;
    assert_eq!(acts(&bureau, "view_media").await.len(), 2, "another link is another use");
}

#[tokio::test]
async fn a_link_that_was_changed_or_has_expired_is_refused_and_says_why() {
    let (bureau, service, address) = scene().await;
    let url = link(&service, &address).await;
    for (from, to) in [("media.", "preview."), (".v1.", ".v2."), (".u2.", ".u1."), ("/media.r", "/media.r1")]
    {
        let changed = url.replace(from, to);
        if changed != url {
            assert_eq!(
                code(&follow(&service, &changed, None).await),
                (StatusCode::FORBIDDEN, "link_invalid".into())
            );
        }
    }
    let restarted = router({
        let mut state = bureau.state.clone();
        state.links = api::links::Links::new().unwrap();
        state
    });
    let answer = follow(&restarted.unwrap(), &url, None).await;
    assert_eq!(code(&answer), (StatusCode::FORBIDDEN, "link_invalid".into()));
    bureau.clock.advance(Micros::from_s(599));
    assert_eq!(follow(&service, &url, None).await.status, StatusCode::OK);
    bureau.clock.advance(Micros::from_s(1));
    assert_eq!(code(&follow(&service, &url, None).await), (StatusCode::FORBIDDEN, "link_expired".into()));
    assert!(acts(&bureau, "view_media").await.len() == 1);
}

#[tokio::test]
async fn a_link_lends_no_more_than_its_account_sees_and_ends_with_it() {
    let (bureau, service, address) = scene().await;
    let url = link(&service, &address).await;
    let list = ask_as(&service, Some(ADMIN), Method::GET, "/api/v1/recordings", None).await.json();
    let other =
        list["recordings"].as_array().unwrap().iter().find(|one| one["device_unit"] != "SQ1").unwrap();
    let foreign = format!("/api/v1/recordings/{}/links", other["id"].as_str().unwrap());
    let answer = ask_as(&service, Some(SQUAD), Method::POST, &foreign, Some(json!({}))).await;
    assert_eq!(code(&answer), (StatusCode::NOT_FOUND, "no_such_recording".into()));
    let wrong = Some(json!({ "purpose": "everything" }));
    let answer = ask_as(&service, Some(SQUAD), Method::POST, &format!("{address}/links"), wrong).await;
    assert_eq!(code(&answer), (StatusCode::UNPROCESSABLE_ENTITY, "bad_body".into()));
    let users = bureau.catalog().users().await.unwrap();
    let squad = users.iter().find(|user| user.login == "squad").unwrap();
    let address = format!("/api/v1/users/{}", squad.id.0);
    let answer =
        ask_as(&service, Some(ADMIN), Method::PATCH, &address, Some(json!({ "disabled": true }))).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert_eq!(code(&follow(&service, &url, None).await), (StatusCode::FORBIDDEN, "link_invalid".into()));
}
