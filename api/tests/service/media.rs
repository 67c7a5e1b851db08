//! Footage over HTTP: whole, in ranges, for those who see it, and with a line in the trail.

use api::accounts::By;
use api::accounts::secret::Secret;
use api::server::router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use catalog::Micros;
use catalog::account::Role;
use catalog::clock::Clock as _;
use catalog::store::TrailQuery;
use object_store::path::Path;
use object_store::{ObjectStoreExt as _, PutPayload};

use crate::month::{ADMIN, Bureau, account};
use crate::{Answer, ask_as, send};

const SQUAD: &str = "1111111111111111111111111111111111111111111111111111111111111111";
const LATER: &str = "2222222222222222222222222222222222222222222222222222222222222222";

/// A bureau with footage of two squads, and the addresses of one recording of each.
async fn bureau() -> (Bureau, [String; 2]) {
    let bureau = Bureau::with_cases(3).await;
    let service = router(bureau.state.clone()).unwrap();
    let list = ask_as(&service, Some(ADMIN), Method::GET, "/api/v1/recordings", None).await.json();
    let mut addresses = [String::new(), String::new()];
    for recording in list["recordings"].as_array().unwrap() {
        let key = Path::parse(recording["object_key"].as_str().unwrap()).unwrap();
        bureau.evidence.put(&key, PutPayload::from_static(b"0123456789")).await.unwrap();
        let address = format!("/api/v1/recordings/{}/media", recording["id"].as_str().unwrap());
        let own = recording["device_unit"] == "SQ1";
        addresses[usize::from(!own)] = address;
    }
    bureau.sign_in(account("squad", Role::Squad), SQUAD).await;
    (bureau, addresses)
}

async fn ask(service: &axum::Router, address: &str, headers: &[(header::HeaderName, &str)]) -> Answer {
    ask_by(service, Method::GET, address, headers).await
}

async fn ask_by(
    service: &axum::Router,
    method: Method,
    address: &str,
    headers: &[(header::HeaderName, &str)],
) -> Answer {
    let mut request = Request::builder()
        .method(method)
        .uri(address)
        .header(header::HOST, "localhost:8040")
        .header(header::COOKIE, format!("reelproof_session={SQUAD}"));
    for (name, value) in headers {
        request = request.header(name, *value);
    }
    send(service, request.body(Body::empty()).unwrap()).await
}

async fn lines(bureau: &Bureau) -> usize {
    let query = TrailQuery { act: Some("view_media".to_owned()), limit: 100, ..TrailQuery::default() };
    bureau.catalog().trail(&query).await.unwrap().len()
}

#[tokio::test]
async fn footage_is_served_whole_and_in_ranges() {
    let (bureau, [own, _]) = bureau().await;
    let service = router(bureau.state.clone()).unwrap();
    let whole = ask(&service, &own, &[]).await;
    assert_eq!((whole.status, whole.text.as_str()), (StatusCode::OK, "0123456789"));
    assert_eq!((whole.header("content-type"), whole.header("content-length")), ("video/mp4", "10"));
    assert_eq!((whole.header("accept-ranges"), whole.header("cache-control")), ("bytes", "no-store"));
    assert!(whole.header("content-disposition").starts_with("inline; filename*=UTF-8''BC001_310001_"));
    let tag = whole.header("etag").to_owned();
    let part = ask(&service, &own, &[(header::RANGE, "bytes=2-4")]).await;
    assert_eq!((part.status, part.text.as_str()), (StatusCode::PARTIAL_CONTENT, "234"));
    assert_eq!((part.header("content-range"), part.header("content-length")), ("bytes 2-4/10", "3"));
    let end = ask(&service, &own, &[(header::RANGE, "bytes=-3")]).await;
    assert_eq!((end.text.as_str(), end.header("content-range")), ("789", "bytes 7-9/10"));
    let beyond = ask(&service, &own, &[(header::RANGE, "bytes=10-")]).await;
    assert_eq!(beyond.status, StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(beyond.header("content-range"), "bytes */10");
    assert_eq!(beyond.json()["code"], "range_not_satisfiable");
    let kept = ask(&service, &own, &[(header::IF_NONE_MATCH, &tag)]).await;
    assert_eq!((kept.status, kept.text.as_str()), (StatusCode::NOT_MODIFIED, ""));
    let same = ask(&service, &own, &[(header::RANGE, "bytes=0-0"), (header::IF_RANGE, &tag)]).await;
    assert_eq!(same.status, StatusCode::PARTIAL_CONTENT);
    let other = ask(&service, &own, &[(header::RANGE, "bytes=0-0"), (header::IF_RANGE, "\"other\"")]).await;
    assert_eq!((other.status, other.text.as_str()), (StatusCode::OK, "0123456789"));
    let head = ask_by(&service, Method::HEAD, &own, &[]).await;
    assert_eq!((head.status, head.header("content-length"), head.text.as_str()), (StatusCode::OK, "10", ""));
}

#[tokio::test]
async fn every_sight_is_written_down_once_in_ten_minutes_and_before_the_first_byte() {
    let (bureau, [own, _]) = bureau().await;
    let service = router(bureau.state.clone()).unwrap();
    ask_by(&service, Method::HEAD, &own, &[]).await;
    assert_eq!(lines(&bureau).await, 0, "nobody saw anything yet");
    for _ in 0..3 {
        ask(&service, &own, &[(header::RANGE, "bytes=0-1")]).await;
    }
    assert_eq!(lines(&bureau).await, 1);
    ask_as(&service, Some(ADMIN), Method::GET, &own, None).await;
    assert_eq!(lines(&bureau).await, 2, "another person is another sight");
    bureau.clock.advance(Micros::from_s(601));
    ask(&service, &own, &[]).await;
    assert_eq!(lines(&bureau).await, 3);
    let query = TrailQuery { act: Some("view_media".to_owned()), limit: 1, ..TrailQuery::default() };
    let line = &bureau.catalog().trail(&query).await.unwrap()[0];
    assert_eq!(line.login, "squad");
    assert!(line.subject.contains("BC001_310001_") && line.detail["sha256"].len() == 64, "{line:?}");
}

#[tokio::test]
async fn a_session_that_ended_lets_nobody_through() {
    let (bureau, [own, _]) = bureau().await;
    let service = router(bureau.state.clone()).unwrap();
    let status = async |session| ask_as(&service, Some(session), Method::GET, &own, None).await.status;
    // Ended by this process: at once.
    assert_eq!(status(SQUAD).await, StatusCode::OK);
    let left = ask_as(&service, Some(SQUAD), Method::DELETE, "/api/v1/session", None).await;
    assert!(left.status.is_success(), "{}", left.text);
    assert_eq!(status(SQUAD).await, StatusCode::UNAUTHORIZED);
    // By another: within a second.
    let users = bureau.catalog().users().await.unwrap();
    bureau.session(users.iter().find(|user| user.login == "squad").unwrap(), LATER).await;
    assert_eq!(status(LATER).await, StatusCode::OK);
    let sha256 = Secret::read(LATER).unwrap().sha256();
    let line = By::command_line().line("test", "", bureau.clock.now());
    assert!(bureau.catalog().end_session(&sha256, &line).await.unwrap());
    bureau.clock.advance(Micros::from_s(1));
    assert_eq!(status(LATER).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn another_squads_footage_is_not_there_and_what_left_the_store_is_gone() {
    let (bureau, [own, others]) = bureau().await;
    let service = router(bureau.state.clone()).unwrap();
    let answer = ask(&service, &others, &[]).await;
    assert_eq!((answer.status, &answer.json()["code"]), (StatusCode::NOT_FOUND, &"no_such_recording".into()));
    assert_eq!(ask(&service, "/api/v1/recordings/r999/media", &[]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(ask(&service, "/api/v1/recordings/rx/media", &[]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(lines(&bureau).await, 0);
    let list = ask_as(&service, Some(ADMIN), Method::GET, "/api/v1/recordings", None).await.json();
    for recording in list["recordings"].as_array().unwrap() {
        let key = Path::parse(recording["object_key"].as_str().unwrap()).unwrap();
        bureau.evidence.delete(&key).await.unwrap();
    }
    let answer = ask(&service, &own, &[]).await;
    assert_eq!((answer.status, &answer.json()["code"]), (StatusCode::GONE, &"media_gone".into()));
}
