//! The small HTTP listener of a worker: what probes and scrapers ask for, and where stores tell of their objects.
//!
//! `GET /healthz` says whether it works (200) or does not (503), and why; `GET /metrics` gives figures for Prometheus;
//! `POST /events/bucket` takes events of buckets ([`crate::events`]) from whoever has the token, and is not there where
//! none was set. Neither figures nor answers name an object.

use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::events::{self, Hint};

/// The longest document that is taken.
const MOST_BYTES: usize = 1 << 20;

/// Who answers.
#[async_trait]
pub trait Desk: Send + Sync {
    /// What keeps the worker from working; `None` if nothing does.
    async fn trouble(&self) -> Option<String>;

    /// Figures, in Prometheus' text format.
    async fn figures(&self) -> String;

    /// Looks into hints; says how many there is something to look into for.
    ///
    /// # Errors
    /// Why that cannot be done now; whoever told is to tell again later.
    async fn hints(&self, hints: Vec<Hint>) -> Result<u64, String>;
}

struct Shared {
    desk: Arc<dyn Desk>,
    /// SHA-256 of the token, so that comparing takes the same time however much of it is right.
    token: Option<[u8; 32]>,
}

/// The listener's addresses; with a `token`, events are taken.
pub fn router(desk: Arc<dyn Desk>, token: Option<&str>) -> Router {
    let token = token.map(|token| Sha256::digest(token.as_bytes()).into());
    let mut router = Router::new().route("/healthz", get(health)).route("/metrics", get(figures));
    if token.is_some() {
        router = router.route("/events/bucket", post(bucket_event));
    }
    router.layer(DefaultBodyLimit::max(MOST_BYTES)).with_state(Arc::new(Shared { desk, token }))
}

/// Serves the listener's addresses until `until` is cancelled.
///
/// # Errors
/// What the system says where it cannot listen any more.
pub async fn serve(listener: TcpListener, router: Router, until: CancellationToken) -> std::io::Result<()> {
    axum::serve(listener, router).with_graceful_shutdown(until.cancelled_owned()).await
}

async fn health(State(shared): State<Arc<Shared>>) -> Response {
    match shared.desk.trouble().await {
        None => (StatusCode::OK, "working\n").into_response(),
        Some(trouble) => (StatusCode::SERVICE_UNAVAILABLE, format!("{trouble}\n")).into_response(),
    }
}

async fn figures(State(shared): State<Arc<Shared>>) -> Response {
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (kind, shared.desk.figures().await).into_response()
}

async fn bucket_event(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    if !is_let_in(shared.token.as_ref(), &headers) {
        let challenge = [(header::WWW_AUTHENTICATE, "Bearer")];
        return (StatusCode::UNAUTHORIZED, challenge, "the token is not right\n").into_response();
    }
    let hints = match events::hints(&body) {
        Ok(hints) => hints,
        Err(error) => return (StatusCode::BAD_REQUEST, format!("{error}\n")).into_response(),
    };
    match shared.desk.hints(hints).await {
        Ok(count) => (StatusCode::ACCEPTED, format!("{count} to be looked into\n")).into_response(),
        Err(reason) => (StatusCode::SERVICE_UNAVAILABLE, format!("{reason}\n")).into_response(),
    }
}

/// `Authorization: Bearer TOKEN`; some stores can only send the token alone.
fn is_let_in(token: Option<&[u8; 32]>, headers: &HeaderMap) -> bool {
    let Some(token) = token else { return false };
    let Some(given) = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let given = given.strip_prefix("Bearer ").unwrap_or(given).trim();
    Sha256::digest(given.as_bytes()).as_slice() == token
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use axum::body::Body;
    use axum::http::Request;
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;

    use super::*;

    #[derive(Default)]
    struct Told {
        hints: Mutex<Vec<Hint>>,
        trouble: Option<String>,
    }

    #[async_trait]
    impl Desk for Told {
        async fn trouble(&self) -> Option<String> {
            self.trouble.clone()
        }

        async fn figures(&self) -> String {
            "reelproof_worker_tasks_held 0\n".to_owned()
        }

        async fn hints(&self, hints: Vec<Hint>) -> Result<u64, String> {
            let count = hints.len() as u64;
            self.hints.lock().unwrap().extend(hints);
            Ok(count)
        }
    }

    const EVENT: &str = r#"{"Records":[{"eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"b"},"object":{"key":"k"}}}]}"#;

    async fn asked(
        router: Router,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: &str,
    ) -> (u16, String) {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, token);
        }
        let response = router.oneshot(request.body(Body::from(body.to_owned())).unwrap()).await.unwrap();
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn events_are_taken_with_the_token_alone() {
        let told = Arc::new(Told::default());
        let router = router(Arc::clone(&told) as Arc<dyn Desk>, Some("of-no-use-elsewhere"));
        for token in [None, Some("Bearer"), Some("Bearer of-no-use"), Some("Basic of-no-use-elsewhere")] {
            let (status, _) = asked(router.clone(), "POST", "/events/bucket", token, EVENT).await;
            assert_eq!(status, 401, "{token:?}");
        }
        assert!(told.hints.lock().unwrap().is_empty());
        for token in ["Bearer of-no-use-elsewhere", "of-no-use-elsewhere"] {
            let (status, _) = asked(router.clone(), "POST", "/events/bucket", Some(token), EVENT).await;
            assert_eq!(status, 202);
        }
        assert_eq!(told.hints.lock().unwrap().len(), 2);
        let token = Some("Bearer of-no-use-elsewhere");
        assert_eq!(asked(router.clone(), "POST", "/events/bucket", token, "{}").await.0, 400);
        let long = " ".repeat(MOST_BYTES + 1);
        assert_eq!(asked(router.clone(), "POST", "/events/bucket", token, &long).await.0, 413);
        assert_eq!(asked(router, "GET", "/events/bucket", token, "").await.0, 405);
    }

    #[tokio::test]
    async fn without_a_token_there_is_nowhere_to_tell() {
        let router = router(Arc::new(Told::default()), None);
        assert_eq!(asked(router.clone(), "POST", "/events/bucket", Some("Bearer "), EVENT).await.0, 404);
        assert_eq!(asked(router.clone(), "GET", "/healthz", None, "").await, (200, "working\n".to_owned()));
        assert!(asked(router, "GET", "/metrics", None, "").await.1.contains("tasks_held 0"));
    }

    #[tokio::test]
    async fn trouble_is_told() {
        let told = Told { trouble: Some("the queue is away".to_owned()), ..Told::default() };
        let (status, body) = asked(router(Arc::new(told), None), "GET", "/healthz", None, "").await;
        assert_eq!((status, body.trim()), (503, "the queue is away"));
    }
}
