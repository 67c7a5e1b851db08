//! The body of a request: one JSON document of a known form. A field that the form does not know is refused, like a
//! parameter that an address does not know.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::http::header;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::App;
use super::problem::{Code, Problem};

/// Bytes of a request's body at most, where it is a form.
pub(super) const MAX_FORM_BYTES: u64 = 64 * 1024;

/// Bytes of a request's body at most, where it is a table to be taken in or a bundle to be checked. It is held in memory.
pub(super) const MAX_FILE_BYTES: u64 = 32 * 1024 * 1024;

/// How large the body of a request to this address may be.
pub(super) fn most_bytes(path: &str) -> u64 {
    let takes_files = path.starts_with("/api/v1/imports/") || path == "/api/v1/log/verify";
    if takes_files { MAX_FILE_BYTES } else { MAX_FORM_BYTES }
}

/// The whole body of a request, if it is not too large.
pub(super) async fn whole(body: Body, most_bytes: u64) -> Result<Bytes, Problem> {
    let limit = usize::try_from(most_bytes).unwrap_or(usize::MAX);
    to_bytes(body, limit).await.map_err(|_| Problem::body_too_large(most_bytes))
}

/// A body that says nothing: `{}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

/// A body, read as `T`.
pub(super) struct Form<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<App> for Form<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &App) -> Result<Self, Problem> {
        let json = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok())
            .and_then(|kind| kind.split(';').next())
            .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"));
        if !json {
            // What a form of another site can send without being asked first is never of this type.
            return Err(Problem::new(
                Code::BadBody,
                "Send JSON, with the header Content-Type: application/json.",
                "请以 JSON 提交，并注明 Content-Type: application/json。",
            ));
        }
        let bytes = whole(request.into_body(), MAX_FORM_BYTES).await?;
        // A list of values would be read as the fields of a form in their order.
        if !bytes.trim_ascii_start().starts_with(b"{") {
            return Err(Problem::body("The body is one JSON object.", "请求内容须为一个 JSON 对象。"));
        }
        serde_json::from_slice(&bytes).map(Self).map_err(|error| {
            Problem::new(
                Code::BadBody,
                format!("The body does not fit: {error}."),
                format!(
                    "请求内容无法解读（第 {} 行第 {} 列）：请对照接口说明。",
                    error.line(),
                    error.column()
                ),
            )
        })
    }
}
