//! Every write once: what came with an `Idempotency-Key` is done once, however often it is sent.
//!
//! The key is claimed in the catalog before anything is done, with a digest of method, address, query and body, and
//! what was answered is kept beside it: the same request under the same key is answered from there, also by another
//! process and after a restart. Another request under the key is a conflict. What was refused gives its key back, so
//! that it can be put right and sent again.
//!
//! A key belongs to an account and is kept for [`KEPT`]. Of two kinds of answers only that there was one is kept: those
//! that hold what is shown once (a password, a token), because a secret has no place in the catalog, and those of more
//! than [`MAX_KEPT_BYTES`]. To ask again is then a conflict that says so, and nothing is done twice either.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use catalog::account::TrailOutcome;
use catalog::store::{Claim, IdempotencyKey, KeyTimes};
use catalog::{Micros, WallTime};
use sha2::{Digest as _, Sha256};

use super::body::{most_bytes, whole};
use super::gate::{Post, line};
use super::problem::{Code, Problem};
use super::rights::Viewer;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// After how long a request that never came back no longer holds its key.
const STALE: Micros = Micros::from_s(120);

/// For how long a key and its answer are kept.
const KEPT: Micros = Micros::from_s(7 * 24 * 3600);

/// Bytes of an answer that is kept, at most.
const MAX_KEPT_BYTES: usize = 256 * 1024;

/// What is kept in place of an answer that is not; no JSON document is this.
const NOT_KEPT: &str = "-";

/// Does a write: written down, and once for each key.
pub(super) async fn write(
    post: &Post,
    viewer: &Viewer,
    request: Request,
    next: Next,
    now: WallTime,
) -> Result<Response, Problem> {
    let catalog = post.app.catalog();
    let (parts, body) = request.into_parts();
    let subject = parts.uri.path().to_owned();
    let bytes = whole(body, most_bytes(&subject)).await?;
    let key = idempotency_key(&parts.headers)?;
    let mut digest = Sha256::new();
    for part in [parts.method.as_str(), &subject, parts.uri.query().unwrap_or_default()] {
        digest.update(part.as_bytes());
        digest.update([0]);
    }
    digest.update(&bytes);
    let request_sha256 = hex::encode(digest.finalize());
    let key = key.as_deref().map(|key| IdempotencyKey {
        user: viewer.user.id,
        key,
        request_sha256: &request_sha256,
    });
    if let Some(key) = key {
        let times = KeyTimes { at: now, stale: now - STALE, forgotten: now - KEPT };
        match catalog.claim(key, times).await? {
            Claim::New => {}
            Claim::Answered(_, body) if body == NOT_KEPT => return Err(Problem::done_before()),
            Claim::Answered(status, body) => return Ok(repeated(status, body)),
            Claim::UnderWay => return Err(Problem::under_way()),
            Claim::OtherRequest => return Err(Problem::key_of_another()),
        }
    }
    let casework = post.right.is_casework();
    let mut entry = line(viewer, post.path, &subject, TrailOutcome::Asked, now);
    if casework {
        entry.detail.extend(key.map(|key| ("idempotency_key".to_owned(), key.key.to_owned())));
        catalog.add_trail(&entry).await?;
    }
    let answer = next.run(Request::from_parts(parts, Body::from(bytes))).await;
    if !answer.status().is_success() {
        if let Some(key) = key {
            catalog.answer(key, None).await?;
        }
        if casework {
            entry.outcome = TrailOutcome::Refused;
            entry.detail.insert("status".to_owned(), answer.status().as_str().to_owned());
            catalog.add_trail(&entry).await?;
        }
        return Ok(answer);
    }
    let Some(key) = key else { return Ok(answer) };
    let (parts, body) = answer.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.map_err(|error| Problem::internal(&error))?;
    let kept =
        if post.secret || bytes.len() > MAX_KEPT_BYTES { NOT_KEPT } else { &String::from_utf8_lossy(&bytes) };
    catalog.answer(key, Some((parts.status.as_u16(), kept))).await?;
    Ok(Response::from_parts(parts, Body::from(bytes)))
}

fn repeated(status: u16, body: String) -> Response {
    let mut answer = Response::new(Body::from(body));
    *answer.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
        .headers_mut()
        .insert(HeaderName::from_static("idempotent-replayed"), HeaderValue::from_static("true"));
    answer
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get(IDEMPOTENCY_KEY) else { return Ok(None) };
    let key = value.to_str().ok().map(str::trim).filter(|key| (1..=200).contains(&key.len()));
    key.map(|key| Some(key.to_owned())).ok_or_else(|| {
        Problem::new(
            Code::BadParameter,
            "The header Idempotency-Key has 1 to 200 visible characters.",
            "请求头 Idempotency-Key 须为 1 至 200 个可见字符。",
        )
    })
}
