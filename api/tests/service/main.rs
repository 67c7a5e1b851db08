//! The service, by its real router on a real catalog.

#![expect(clippy::unwrap_used, reason = "everything here is a test, its helpers too")]

mod access;
mod accounts;
mod bundles;
mod custody;
mod derivatives;
mod documents;
mod kept;
mod links;
mod lists;
mod log;
mod media;
mod month;
mod oidc;
mod openapi;
mod page;
mod paging;
mod problems;
mod serving;
mod sight;
mod tables_in;
mod tagged;
mod whole_round;
mod writes;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;

/// One answer.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// A header's text, empty if it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// Asks as the administrator.
pub(crate) async fn ask(service: &Router, method: Method, address: &str) -> Answer {
    ask_as(service, Some(month::ADMIN), method, address, None).await
}

/// Asks as whoever `session` is a session of, with a JSON body or none.
pub(crate) async fn ask_as(
    service: &Router,
    session: Option<&str>,
    method: Method,
    address: &str,
    body: Option<Value>,
) -> Answer {
    let mut request = Request::builder().method(method).uri(address).header(header::HOST, "localhost:8040");
    if let Some(session) = session {
        request = request.header(header::COOKIE, format!("reelproof_session={session}"));
    }
    let body = match body {
        None => Body::empty(),
        Some(body) => {
            request = request.header(header::CONTENT_TYPE, "application/json");
            Body::from(body.to_string())
        }
    };
    send(service, request.body(body).unwrap()).await
}

pub(crate) async fn send(service: &Router, request: Request<Body>) -> Answer {
    let answer = service.clone().oneshot(request).await.unwrap();
    let (parts, mut body) = answer.into_parts();
    let endless = parts.headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "text/event-stream");
    let bytes = if endless {
        // The first event is enough; the stream goes on for as long as somebody listens.
        body.frame().await.unwrap().unwrap().into_data().unwrap()
    } else {
        to_bytes(body, usize::MAX).await.unwrap()
    };
    Answer {
        status: parts.status,
        headers: parts.headers,
        text: String::from_utf8_lossy(&bytes).into_owned(),
    }
}

pub(crate) async fn get(service: &Router, address: &str) -> Answer {
    ask(service, Method::GET, address).await
}

/// The document at an address that must be there.
pub(crate) async fn document(service: &Router, address: &str) -> Value {
    let answer = get(service, address).await;
    assert_eq!(answer.status, StatusCode::OK, "{address}: {}", answer.text);
    answer.json()
}

/// A text within an address, percent-encoded as far as needed here.
pub(crate) fn encoded(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut out, byte| {
        // Writing to a String cannot fail.
        let _ = if byte.is_ascii_alphanumeric() {
            write!(out, "{}", byte as char)
        } else {
            write!(out, "%{byte:02X}")
        };
        out
    })
}
