//! Footage for a player: the bytes of a recording as they are stored, whole or in ranges.
//!
//! Whoever looks is written down before the first byte leaves: a player asks for one recording in many ranges, so a
//! line is written for each person and recording once in ten minutes, and no byte is sent without one.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Extension, FromRequestParts, Path, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, Uri, header};
use axum::response::Response;
use catalog::store::RecordingEntry;

use super::ranged::{Ranged, ranged, visible};
use super::recordings::seen;
use crate::footage::body::Found;
use crate::footage::{entity_tag, media_type};
use crate::server::App;
use crate::server::params::Params;
use crate::server::problem::{Code, Problem};
use crate::server::rights::Viewer;

/// Who looks at which recording, and how they asked: what everything that serves footage begins with.
pub(in crate::server) struct Look {
    pub(super) viewer: Viewer,
    pub(super) recording: Arc<RecordingEntry>,
    pub(super) method: Method,
    pub(super) headers: HeaderMap,
}

impl FromRequestParts<App> for Look {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Extension(viewer): Extension<Viewer> =
            Extension::from_request_parts(parts, app).await.map_err(|error| failed(&error))?;
        let Path(number): Path<String> = Path::from_request_parts(parts, app).await?;
        let recording = recording(app, &viewer, &number).await?;
        Ok(Self { viewer, recording, method: parts.method.clone(), headers: parts.headers.clone() })
    }
}

/// The bytes of a recording.
pub(in crate::server) async fn media(
    State(app): State<App>,
    uri: Uri,
    look: Look,
) -> Result<Response, Problem> {
    Params::of(&uri, &[])?;
    original(&app, &look).await
}

/// The recording `r{number}`. What one does not see is not there.
pub(super) async fn recording(
    app: &App,
    viewer: &Viewer,
    number: &str,
) -> Result<Arc<RecordingEntry>, Problem> {
    let id = format!("r{number}");
    let found = app.played.recording(app.catalog(), viewer.revision, &id).await?;
    found.filter(|recording| seen(recording, &viewer.sight)).ok_or_else(|| Problem::no_such_recording(&id))
}

/// The bytes of a recording as they are stored.
pub(super) async fn original(app: &App, look: &Look) -> Result<Response, Problem> {
    let Look { recording, method, headers, .. } = look;
    let opened = app.state.footage.store(&recording.store).map_err(|error| failed(&error))?;
    let key = object_store::path::Path::parse(&recording.object_key).map_err(|error| failed(&error))?;
    let unfound = |error| match error {
        object_store::Error::NotFound { .. } => gone(&recording.object_key),
        error => failed(&error),
    };
    let found = Found::look(&opened, &key).await.map_err(unfound)?;
    let name = recording.object_key.rsplit('/').next().unwrap_or_default();
    let head = head(media_type(&recording.object_key), name);
    let (mut answer, range) = match ranged(method, headers, found.meta.size, &entity_tag(&found.meta), head) {
        Ranged::Whole(answer) => return Ok(answer),
        Ranged::Bytes(answer, range) => (answer, range),
    };
    written_down(app, look, "view_media").await?;
    let bytes = found.bytes(opened.store.as_ref(), range).await.map_err(unfound)?;
    *answer.body_mut() = Body::from_stream(bytes);
    Ok(answer)
}

/// The headers that say what a file is and what it is called.
pub(super) fn head(media_type: &'static str, name: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    let encoded: String = name
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect();
    headers.insert(header::CONTENT_DISPOSITION, visible(&format!("inline; filename*=UTF-8''{encoded}")));
    headers
}

pub(super) fn gone(object_key: &str) -> Problem {
    Problem::new(
        Code::MediaGone,
        format!(
            "`{object_key}` is in the catalog and no longer in its store; the next pass over its source records that."
        ),
        format!("目录库中有“{object_key}”，但存储中已无此文件；其来源再次接入时将予登记。"),
    )
}

pub(super) fn failed(error: &dyn std::fmt::Display) -> Problem {
    Problem::new(
        Code::MediaFailed,
        "The log says why under the number of this request.",
        "原因已按请求编号记入日志。",
    )
    .because(error)
}

/// Writes down who looks at what, if that was not written down a moment ago. `act` says what they look at: the recording
/// itself, its preview, its stills.
pub(super) async fn written_down(app: &App, look: &Look, act: &str) -> Result<(), Problem> {
    let Look { viewer, recording, .. } = look;
    let now = app.state.clock.now();
    let seen = format!("{act} {} {}", recording.id, viewer.link.as_deref().unwrap_or_default());
    if app.sights.is_fresh(viewer.user.id, &seen, now) {
        return Ok(());
    }
    let mut line = viewer.by().line(act, &recording.object_key, now);
    line.detail.insert("recording".to_owned(), recording.id.clone());
    line.detail.insert("sha256".to_owned(), recording.observation.sha256.clone());
    line.detail.extend(viewer.link.iter().map(|link| ("link".to_owned(), link.clone())));
    app.catalog().add_trail(&line).await?;
    app.sights.keep(viewer.user.id, &seen, now);
    Ok(())
}
