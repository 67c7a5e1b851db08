//! The body of a request: one JSON document of a known form. A field that the form does not know is refused, like a
//! parameter that an address does not know.

use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::http::header;
use serde::de::DeserializeOwned;

use super::App;
use super::guard::MAX_BODY_BYTES;
use super::problem::{Code, Problem};

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
        let limit = usize::try_from(MAX_BODY_BYTES).unwrap_or(usize::MAX);
        let bytes: Bytes =
            to_bytes(request.into_body(), limit).await.map_err(|_| Problem::body_too_large())?;
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
