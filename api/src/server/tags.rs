//! Entity tags of what is read: whoever sends back the tag of the answer they have is told in a line, 304, that it is
//! still that.
//!
//! What depends on nothing but the catalog, the request and who asks gets a tag of these three, and a repeated question
//! costs one look at the catalog's revision. The tag also holds when this process began, so that none outlives a
//! restart, another version of the program, or a catalog that was put back from a backup. Everything else is put together
//! and gets a tag of its bytes, which saves the sending alone. Where an answer says as of when it is, it is never the
//! same twice unless the request says so with `as_of`.
//!
//! Answers still say `Cache-Control: no-store`: they are about cases and officers, and no cache between may hold them;
//! a page that keeps them in its own memory may ask by the tag.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sha2::{Digest as _, Sha256};

use super::endpoints::Tag;
use super::gate::Post;
use super::problem::Problem;
use super::rights::Viewer;

/// Answers what is read.
pub(super) async fn read(
    post: &Post,
    viewer: &Viewer,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let asked = request.headers().clone();
    match post.tag {
        Tag::Revision => {
            // Of before anything is read: what is written meanwhile makes the next question find another tag.
            let revision = viewer.revision.number;
            let query = request.uri().path_and_query().map_or("", |whole| whole.as_str());
            let tag = tag_of(&[
                &post.app.began.0.to_be_bytes(),
                &revision.to_be_bytes(),
                &viewer.user.id.0.to_be_bytes(),
                viewer.user.role.as_str().as_bytes(),
                viewer.sight.top().unwrap_or_default().as_bytes(),
                query.as_bytes(),
            ]);
            if has(&asked, &tag) {
                return Ok(still_the_same(&tag));
            }
            let mut answer = next.run(request).await;
            if answer.status() == StatusCode::OK {
                answer.headers_mut().insert(header::ETAG, tag);
            }
            Ok(answer)
        }
        Tag::Answer => {
            let whole = request.method() == Method::GET;
            let answer = next.run(request).await;
            if !whole || answer.status() != StatusCode::OK || !is_document(answer.headers()) {
                return Ok(answer);
            }
            // Documents that are kept as they were written have their tag with them.
            if let Some(tag) = answer.headers().get(header::ETAG) {
                return Ok(if has(&asked, tag) { still_the_same(&tag.clone()) } else { answer });
            }
            let (mut parts, body) = answer.into_parts();
            let bytes = to_bytes(body, usize::MAX).await.map_err(|error| Problem::internal(&error))?;
            let tag = tag_of(&[&bytes]);
            if has(&asked, &tag) {
                return Ok(still_the_same(&tag));
            }
            parts.headers.insert(header::ETAG, tag);
            Ok(Response::from_parts(parts, Body::from(bytes)))
        }
    }
}

/// Whether an answer is JSON.
fn is_document(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json")
}

fn still_the_same(tag: &HeaderValue) -> Response {
    (StatusCode::NOT_MODIFIED, [(header::ETAG, tag.clone())]).into_response()
}

/// A weak tag: the document is the same, however it was packed on the way.
fn tag_of(parts: &[&[u8]]) -> HeaderValue {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    let digest = digest.finalize();
    // Hexadecimal digits and quotes are visible ASCII.
    HeaderValue::from_str(&format!("W/\"{}\"", hex::encode(&digest[..16])))
        .unwrap_or(HeaderValue::from_static("W/\"\""))
}

/// Whether the request says that it has what this tag is of. `*`, which is any answer at all, is not known here: whether
/// there is one is only known once it is put together.
fn has(asked: &HeaderMap, tag: &HeaderValue) -> bool {
    let opaque = |text: &str| text.trim().trim_start_matches("W/").to_owned();
    let Ok(tag) = tag.to_str().map(opaque) else { return false };
    asked
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|one| opaque(one) == tag)
}
