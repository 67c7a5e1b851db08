//! Entity tags: what is still the same is not sent again, and what changed is.

use api::server::router;
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use catalog::account::Role;
use catalog::import::Import;
use catalog::unit::{Unit, UnitKind};

use crate::month::{ADMIN, Bureau, account};
use crate::{Answer, send};

async fn ask(service: &Router, session: &str, address: &str, tag: Option<&str>) -> Answer {
    let mut request = Request::builder()
        .uri(address)
        .header(header::HOST, "localhost:8040")
        .header(header::COOKIE, format!("reelproof_session={session}"));
    if let Some(tag) = tag {
        request = request.header(header::IF_NONE_MATCH, tag);
    }
    send(service, request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn what_is_still_the_same_is_said_in_a_line_until_something_is_written() {
    let bureau = Bureau::with_cases(3).await.drawn().await;
    let service = router(bureau.state.clone()).unwrap();
    let addresses = [
        "/api/v1/recordings",
        "/api/v1/units",
        "/api/v1/rounds",
        "/api/v1/rounds/2024-06/jingan-2024",
        "/api/v1/excuses",
        "/api/v1/policies",
        "/api/v1/notices",
        "/api/v1/audit?month=2024-05&as_of=2024-06-03T09:00:00%2B08:00",
    ];
    let mut tags = Vec::new();
    for address in addresses {
        let first = ask(&service, ADMIN, address, None).await;
        let tag = first.header("etag").to_owned();
        assert!(tag.starts_with("W/\""), "{address}: {tag}");
        assert_eq!(first.header("cache-control"), "no-store");
        let again = ask(&service, ADMIN, address, Some(&format!("\"other\", {tag}"))).await;
        assert_eq!((again.status, again.text.as_str()), (StatusCode::NOT_MODIFIED, ""), "{address}");
        assert_eq!(again.header("etag"), tag);
        tags.push(tag);
    }
    let unit =
        Unit { code: "N".to_owned(), name: "新单位".to_owned(), kind: UnitKind::Office, parent: None };
    bureau.take_in(Import::Units(vec![unit])).await;
    let units = ask(&service, ADMIN, "/api/v1/units", Some(&tags[1])).await;
    assert_eq!(units.status, StatusCode::OK);
    assert!(units.text.contains("新单位"));
    assert_eq!(
        ask(&service, ADMIN, "/api/v1/policies", Some(&tags[5])).await.status,
        StatusCode::NOT_MODIFIED
    );
}

#[tokio::test]
async fn a_tag_is_of_whoever_asks_and_of_what_was_asked() {
    let bureau = Bureau::with_cases(3).await;
    let squad = "6".repeat(64);
    bureau.sign_in(account("squad", Role::Squad), &squad).await;
    let service = router(bureau.state.clone()).unwrap();
    let tag = ask(&service, ADMIN, "/api/v1/recordings", None).await.header("etag").to_owned();
    assert_eq!(ask(&service, &squad, "/api/v1/recordings", Some(&tag)).await.status, StatusCode::OK);
    assert_eq!(ask(&service, ADMIN, "/api/v1/recordings?limit=1", Some(&tag)).await.status, StatusCode::OK);
    assert_eq!(ask(&service, ADMIN, "/api/v1/recordings", Some(&tag)).await.status, StatusCode::NOT_MODIFIED);
    let missing = ask(&service, ADMIN, "/api/v1/recordings/none.mp4", Some("*")).await;
    assert_eq!(
        (missing.status, missing.header("etag")),
        (StatusCode::NOT_FOUND, ""),
        "what is not there has no tag"
    );
}
