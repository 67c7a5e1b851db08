//! Footage for a player: the bytes of a recording as they are stored, whole or in ranges.
//!
//! Whoever looks is written down before the first byte leaves: a player asks for one recording in many ranges, so a
//! line is written for each person and recording once in ten minutes, and no byte is sent without one.

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use catalog::store::RecordingEntry;
use object_store::{ObjectMeta, ObjectStoreExt as _};

use super::recordings::seen;
use crate::footage::range::{Asked, asked};
use crate::footage::{body, entity_tag, media_type};
use crate::server::App;
use crate::server::params::Params;
use crate::server::problem::{Code, Problem};
use crate::server::rights::Viewer;

/// The bytes of a recording.
pub(in crate::server) async fn media(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    method: Method,
    headers: HeaderMap,
    id: Result<Path<String>, PathRejection>,
    uri: Uri,
) -> Result<Response, Problem> {
    Params::of(&uri, &[])?;
    let Path(number) = id?;
    let id = format!("r{number}");
    let found = app.catalog().recording_of_id(&id).await?;
    // What one does not see is not there.
    let recording = found
        .filter(|recording| seen(recording, &viewer.sight))
        .ok_or_else(|| Problem::no_such_recording(&id))?;
    let store = app.state.footage.store(&recording.store).map_err(|error| failed(&error))?;
    let key = object_store::path::Path::parse(&recording.object_key).map_err(|error| failed(&error))?;
    let meta = match store.head(&key).await {
        Ok(meta) => meta,
        Err(object_store::Error::NotFound { .. }) => return Err(gone(&recording.object_key)),
        Err(error) => return Err(failed(&error)),
    };
    let tag = entity_tag(&meta);
    if matches(&headers, header::IF_NONE_MATCH, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, head(&recording, &tag)).into_response());
    }
    // A part of what has changed since is of no use to whoever has the other part.
    let same = !headers.contains_key(header::IF_RANGE) || is_tag(&headers, &tag);
    let range = headers.get(header::RANGE).and_then(|value| value.to_str().ok()).filter(|_| same);
    let (status, range) = match asked(range, meta.size) {
        Asked::All => (StatusCode::OK, 0..meta.size),
        Asked::Part(range) => (StatusCode::PARTIAL_CONTENT, range),
        Asked::None => return Ok(unsatisfiable(&meta)),
    };
    let mut answer = (status, head(&recording, &tag)).into_response();
    let length = range.end - range.start;
    answer.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    if status == StatusCode::PARTIAL_CONTENT {
        let part = format!("bytes {}-{}/{}", range.start, range.end - 1, meta.size);
        answer.headers_mut().insert(header::CONTENT_RANGE, text(&part));
    }
    if method == Method::HEAD {
        return Ok(answer);
    }
    written_down(&app, &viewer, &recording).await?;
    let bytes = match body::bytes_of(store.as_ref(), &meta, range).await {
        Ok(bytes) => bytes,
        Err(object_store::Error::NotFound { .. }) => return Err(gone(&recording.object_key)),
        Err(error) => return Err(failed(&error)),
    };
    *answer.body_mut() = Body::from_stream(bytes);
    Ok(answer)
}

/// The headers that every answer about a recording has.
fn head(recording: &RecordingEntry, tag: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(header::ETAG, text(tag));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type(&recording.object_key)));
    let name = recording.object_key.rsplit('/').next().unwrap_or_default();
    let encoded: String = name
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect();
    headers.insert(header::CONTENT_DISPOSITION, text(&format!("inline; filename*=UTF-8''{encoded}")));
    headers
}

fn text(text: &str) -> HeaderValue {
    // Made of visible ASCII alone.
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// Whether a list of tags names this one, weakly or not.
fn matches(headers: &HeaderMap, name: header::HeaderName, tag: &str) -> bool {
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

/// Whether `If-Range` names exactly this state; a date does not, because the store's are too coarse.
fn is_tag(headers: &HeaderMap, tag: &str) -> bool {
    headers.get(header::IF_RANGE).is_some_and(|value| value == tag)
}

fn unsatisfiable(meta: &ObjectMeta) -> Response {
    let problem = Problem::new(
        Code::RangeNotSatisfiable,
        format!("The recording has {} bytes.", meta.size),
        format!("该录像共 {} 字节。", meta.size),
    );
    let mut answer = problem.into_response();
    answer.headers_mut().insert(header::CONTENT_RANGE, text(&format!("bytes */{}", meta.size)));
    answer
}

fn gone(object_key: &str) -> Problem {
    Problem::new(
        Code::MediaGone,
        format!(
            "`{object_key}` is in the catalog and no longer in its store; `reelproof ingest` records that."
        ),
        format!("目录库中有“{object_key}”，但存储中已无此文件；再次执行 reelproof ingest 即可登记。"),
    )
}

fn failed(error: &dyn std::fmt::Display) -> Problem {
    Problem::new(
        Code::MediaFailed,
        "The log says why under the number of this request.",
        "原因已按请求编号记入日志。",
    )
    .because(error)
}

/// Writes down who looks at what, if that was not written down a moment ago.
async fn written_down(app: &App, viewer: &Viewer, recording: &RecordingEntry) -> Result<(), Problem> {
    let now = app.state.clock.now();
    if app.sights.is_fresh(viewer.user.id, &recording.id, now) {
        return Ok(());
    }
    let mut line = viewer.by().line("view_media", &recording.object_key, now);
    line.detail.insert("recording".to_owned(), recording.id.clone());
    line.detail.insert("sha256".to_owned(), recording.observation.sha256.clone());
    app.catalog().add_trail(&line).await?;
    app.sights.keep(viewer.user.id, &recording.id, now);
    Ok(())
}
