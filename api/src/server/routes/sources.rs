//! Where recordings come from, and those that could not be used.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Extension, Path, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use catalog::WallTime;
use catalog::store::{RecordingEntry, SourceEntry};
use serde::Serialize;

use super::recording_pages::{Page, QUARANTINE_SORTS, Wanted, page};
use crate::server::App;
use crate::server::body::{Form, Nothing};
use crate::server::params::Params;
use crate::server::problem::{Code, Problem};
use crate::server::rights::Viewer;

/// Sources.
#[derive(Debug, Serialize)]
pub(in crate::server) struct Sources {
    sources: Vec<SourceEntry>,
}

/// The stores that were read from, with their last complete listing and what is known of them.
pub(in crate::server) async fn sources(State(app): State<App>, uri: Uri) -> Result<Json<Sources>, Problem> {
    Params::of(&uri, &[])?;
    Ok(Json(Sources { sources: app.catalog().sources().await? }))
}

/// An object that is not usable.
#[derive(Debug, Serialize)]
struct Quarantined {
    #[serde(flatten)]
    recording: RecordingEntry,
    /// Whether the next pass over its store reads it again.
    asked_again: bool,
}

/// A page of them.
#[derive(Debug, Serialize)]
pub(in crate::server) struct Quarantine {
    quarantined: Vec<Quarantined>,
    /// What to give as `after` for the next page; `None` on the last.
    next: Option<String>,
}

/// What is there and not usable, with the reasons, by key or in another order.
pub(in crate::server) async fn quarantine(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    uri: Uri,
) -> Result<Json<Quarantine>, Problem> {
    let params = Params::of(&uri, &["sort", "after", "limit", "device", "badge", "problem", "q"])?;
    let wanted = Wanted::of(&params, QUARANTINE_SORTS, Some(true), &viewer)?;
    let Page { recordings, next } = page(&app, wanted).await?;
    let waiting: BTreeSet<String> = app.catalog().asked_again().await?.into_iter().collect();
    let quarantined = recordings
        .into_iter()
        .map(|recording| Quarantined { asked_again: waiting.contains(&recording.id), recording })
        .collect();
    Ok(Json(Quarantine { quarantined, next }))
}

/// That an object will be read again.
#[derive(Debug, Serialize)]
struct Asked {
    id: String,
    asked_at: WallTime,
}

/// Has an object read again by the next pass of `ingest` over its store.
pub(in crate::server) async fn retry(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    id: Result<Path<i64>, PathRejection>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, Problem> {
    let Path(number) = id?;
    let (id, asked_at) = (format!("r{number}"), app.state.clock.now());
    let by = viewer.user.badge.as_deref().unwrap_or(&viewer.user.login);
    let Some(found) = app.catalog().recording_of_id(&id).await? else {
        return Err(Problem::no_such_recording(&id));
    };
    if !app.catalog().ask_again(&id, by, asked_at).await? {
        let waits = app.catalog().asked_again().await?.contains(&id);
        return Err(if waits {
            Problem::new(
                Code::OnRecord,
                format!("`{}` waits already for the next pass over its source.", found.object_key),
                format!("“{}”已在等待下一次接入时重新读取。", found.object_key),
            )
        } else {
            Problem::new(
                Code::Refused,
                format!("`{}` is not in quarantine, or no longer in its store.", found.object_key),
                format!("“{}”不在隔离区，或已不在存储中。", found.object_key),
            )
        });
    }
    Ok((StatusCode::ACCEPTED, Json(Asked { id, asked_at })).into_response())
}
