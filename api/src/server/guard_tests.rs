use axum::Router;
use axum::body::to_bytes;
use axum::http::StatusCode;
use axum::routing::get;
use catalog::WallTime;
use catalog::clock::ManualClock;
use tower::ServiceExt as _;

use super::*;
use crate::server::body::MAX_FORM_BYTES;
use crate::server::guarded;

fn rules(reach: Reach, deadline: Duration) -> Rules {
    let clock = ManualClock::new(WallTime::parse("2024-06-03 09:00").unwrap());
    Rules { reach, deadline, ids: RequestIds::new(&clock), behind_proxy: false }
}

fn service(reach: Reach) -> Router {
    let deadline = Duration::from_mins(1);
    guarded(Router::new().route("/", get(async || "here")), rules(reach, deadline))
}

async fn ask(service: Router, host: Option<&str>) -> StatusCode {
    let mut request = Request::builder().uri("/");
    if let Some(host) = host {
        request = request.header(header::HOST, host);
    }
    service.oneshot(request.body(Body::empty()).unwrap()).await.unwrap().status()
}

#[tokio::test]
async fn on_loopback_only_the_machines_own_names_are_answered() {
    for host in ["localhost", "LOCALHOST:8040", "127.0.0.1:8040", "127.0.0.53", "[::1]", "[::1]:8040"] {
        assert_eq!(ask(service(Reach::Loopback), Some(host)).await, StatusCode::OK, "{host}");
    }
    let strangers = [
        "example.org",
        "localhost.example.org",
        "127.0.0.1.example.org",
        "localhost@example.org",
        "10.0.0.1",
        "[::2]:8040",
        "",
    ];
    for host in strangers {
        assert_eq!(
            ask(service(Reach::Loopback), Some(host)).await,
            StatusCode::MISDIRECTED_REQUEST,
            "{host}"
        );
    }
    assert_eq!(ask(service(Reach::Loopback), None).await, StatusCode::MISDIRECTED_REQUEST);
}

#[tokio::test]
async fn on_the_network_every_name_is_answered() {
    assert_eq!(ask(service(Reach::Network), Some("audit.bureau:8040")).await, StatusCode::OK);
}

/// The answer's code, and the whole of its text.
async fn problem_of(routes: Router, deadline: Duration) -> (String, String) {
    let request = Request::builder().uri("/").header(header::HOST, "localhost").body(Body::empty()).unwrap();
    let answer = guarded(routes, rules(Reach::Loopback, deadline)).oneshot(request).await.unwrap();
    let bytes = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    let document: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    (document["code"].as_str().unwrap().to_owned(), String::from_utf8(bytes.to_vec()).unwrap())
}

#[tokio::test]
async fn what_never_answers_is_cut_off_with_a_problem_document() {
    let routes = Router::new().route("/", get(async || std::future::pending::<()>().await));
    assert_eq!(problem_of(routes, Duration::ZERO).await.0, "timed_out");
}

#[tokio::test]
async fn a_panic_is_answered_without_its_words() {
    async fn panics() {
        panic!("the secret of the handler");
    }
    let (code, text) = problem_of(Router::new().route("/", get(panics)), Duration::from_mins(1)).await;
    assert_eq!(code, "internal");
    assert!(!text.contains("secret"), "{text}");
}

#[tokio::test]
async fn a_failure_of_the_catalog_is_answered_without_its_words() {
    use catalog::store::StoreError;
    async fn fails() -> Problem {
        StoreError::Corrupt { reason: "page 7 of /srv/secret.db".to_owned() }.into()
    }
    let (code, text) = problem_of(Router::new().route("/", get(fails)), Duration::from_mins(1)).await;
    assert_eq!(code, "catalog_failed");
    assert!(!text.contains("secret"), "{text}");
}

#[tokio::test]
async fn a_large_body_is_refused_before_it_is_read() {
    let request = Request::builder()
        .uri("/")
        .header(header::HOST, "localhost")
        .header(header::CONTENT_LENGTH, MAX_FORM_BYTES + 1)
        .body(Body::empty())
        .unwrap();
    let answer = service(Reach::Loopback).oneshot(request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
}

#[test]
fn a_proxy_is_believed_only_where_there_is_one_and_only_in_its_own_entry() {
    let request = |forwarded: &str| {
        let peer = Peer("127.0.0.1:50000".parse().unwrap());
        let request =
            Request::builder().uri("/").header("x-forwarded-for", forwarded).extension(ConnectInfo(peer));
        request.body(Body::empty()).unwrap()
    };
    let of = |forwarded: &str, behind_proxy| client(&request(forwarded), behind_proxy).0.to_string();
    assert_eq!(of("10.0.0.7", false), "127.0.0.1");
    assert_eq!(of("1.2.3.4, 10.0.0.7", true), "10.0.0.7");
    assert_eq!(of("nonsense", true), "127.0.0.1");
}
