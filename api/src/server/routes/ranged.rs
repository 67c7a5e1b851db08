//! Answering with bytes, whole or a range of them, or with none where the client has them (RFC 9110, 13 and 14).

use std::ops::Range;

use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::footage::range::{Asked, asked};
use crate::server::problem::{Code, Problem};

/// What to answer with.
pub(super) enum Ranged {
    /// This, which has no bytes.
    Whole(Response),
    /// This, with these bytes as its body.
    Bytes(Response, Range<u64>),
}

/// The answer to a request for something of `size_bytes` bytes whose state is `tag`; `head` are its headers.
pub(super) fn ranged(
    method: &Method,
    asked_with: &HeaderMap,
    size_bytes: u64,
    tag: &str,
    mut head: HeaderMap,
) -> Ranged {
    head.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    head.insert(header::ETAG, visible(tag));
    if matches(asked_with, &header::IF_NONE_MATCH, tag) {
        return Ranged::Whole((StatusCode::NOT_MODIFIED, head).into_response());
    }
    // A part of what has changed since is of no use to whoever has the other part.
    let same = asked_with.get(header::IF_RANGE).is_none_or(|value| value == tag);
    let range = asked_with.get(header::RANGE).and_then(|value| value.to_str().ok()).filter(|_| same);
    let (status, range) = match asked(range, size_bytes) {
        Asked::All => (StatusCode::OK, 0..size_bytes),
        Asked::Part(range) => (StatusCode::PARTIAL_CONTENT, range),
        Asked::None => return Ranged::Whole(unsatisfiable(size_bytes)),
    };
    head.insert(header::CONTENT_LENGTH, HeaderValue::from(range.end - range.start));
    if status == StatusCode::PARTIAL_CONTENT {
        let part = format!("bytes {}-{}/{size_bytes}", range.start, range.end - 1);
        head.insert(header::CONTENT_RANGE, visible(&part));
    }
    let answer = (status, head).into_response();
    if method == Method::HEAD { Ranged::Whole(answer) } else { Ranged::Bytes(answer, range) }
}

/// A header's value that is made of visible ASCII alone.
pub(super) fn visible(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// Whether a list of tags names this one, weakly or not.
fn matches(headers: &HeaderMap, name: &header::HeaderName, tag: &str) -> bool {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|one| {
            let one = one.trim();
            one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag
        })
}

fn unsatisfiable(size_bytes: u64) -> Response {
    let problem = Problem::new(
        Code::RangeNotSatisfiable,
        format!("The recording has {size_bytes} bytes."),
        format!("该录像共 {size_bytes} 字节。"),
    );
    let mut answer = problem.into_response();
    answer.headers_mut().insert(header::CONTENT_RANGE, visible(&format!("bytes */{size_bytes}")));
    answer
}
