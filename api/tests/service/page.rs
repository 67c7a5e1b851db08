//! The pages as they are sent.

use api::server::router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use tower::ServiceExt as _;

use crate::get;
use crate::month::Bureau;

/// What a browser gets that opens an address.
async fn open(bureau: &Bureau, address: &str) -> (StatusCode, String, String) {
    let request = Request::get(address)
        .header(header::HOST, "localhost:8040")
        .header(header::ACCEPT, "text/html")
        .body(Body::empty())
        .unwrap();
    let answer = router(bureau.state.clone()).unwrap().oneshot(request).await.unwrap();
    let header = |name| {
        answer.headers().get(name).map_or("", |value: &axum::http::HeaderValue| value.to_str().unwrap())
    };
    let (status, policy) = (answer.status(), header(header::CONTENT_SECURITY_POLICY).to_owned());
    let bytes = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    (status, policy, String::from_utf8(bytes.to_vec()).unwrap())
}

#[tokio::test]
async fn a_browser_gets_a_page_at_every_address_that_is_not_the_services() {
    let bureau = Bureau::empty().await;
    for address in ["/", "/cases/SL2024-0501?stage=2", "/recordings/SQ1/BWC101_001.mp4", "/setup?token=x"] {
        let (status, policy, html) = open(&bureau, address).await;
        assert_eq!(status, StatusCode::OK, "{address}");
        assert!(html.contains("<html lang=\"zh-CN\">"), "{address}");
        assert!(!html.contains("http:") && !html.contains("https:"), "{address} names another host");
        assert_eq!(html.matches("<script").count(), html.matches("<script type=\"module\"").count());
        assert!(!html.contains("<script>"), "{address} has an inline script");
        assert!(
            !policy.contains("script-src 'self' 'unsafe-inline'")
                && policy.contains("frame-ancestors 'none'")
        );
    }
}

#[tokio::test]
async fn what_the_service_does_not_have_is_a_problem_and_no_page() {
    let bureau = Bureau::empty().await;
    for address in ["/api/v1/nothing", "/assets/nothing.js"] {
        let (status, _, text) = open(&bureau, address).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{address}");
        assert!(text.contains("\"code\":\"not_found\""), "{address}: {text}");
    }
}

#[tokio::test]
async fn the_page_that_replays_a_draw_is_served_under_its_own_narrow_policy() {
    let bureau = Bureau::empty().await;
    let answer = get(&router(bureau.state.clone()).unwrap(), "/verify_draw.html").await;
    assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, "text/html; charset=utf-8"));
    let policy = answer.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; script-src 'sha256-"), "{policy}");
    assert!(!policy.contains("unsafe") && answer.text.contains(policy));
    assert!(!answer.text.contains("http:") && !answer.text.contains("https:"));
}
