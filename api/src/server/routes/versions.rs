//! One object closely: every version of its bytes and how it was read, and what its footage shows.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Extension, Path, State};
use axum::http::Uri;
use catalog::observation::{MediaSpan, StreamKind};
use catalog::store::{Alteration, InspectionEntry, ReadingEntry, RecordingEntry};
use catalog::trace::ENVELOPE_STEP_US;
use catalog::{MediaTime, Micros, WallTime};
use serde::Serialize;

use super::recordings::seen;
use crate::server::App;
use crate::server::params::Params;
use crate::server::problem::Problem;
use crate::server::rights::Viewer;

type Number = Result<Path<String>, PathRejection>;

/// The recording of this number, if it is seen. What one does not see is not there.
async fn found(app: &App, viewer: &Viewer, number: Number) -> Result<RecordingEntry, Problem> {
    let Path(number) = number?;
    let id = format!("r{number}");
    let found = app.catalog().recording_of_id(&id).await?;
    found.filter(|recording| seen(recording, &viewer.sight)).ok_or_else(|| Problem::no_such_recording(&id))
}

/// Every version of an object.
#[derive(Debug, Serialize)]
pub(in crate::server) struct Versions {
    id: String,
    store: String,
    object_key: String,
    /// When a complete listing no longer had it; `None` while it is there.
    gone_at: Option<WallTime>,
    /// Each reading of each version, in the order in which they were made.
    readings: Vec<ReadingEntry>,
    /// Where a version is not what the one before it was.
    alterations: Vec<Alteration>,
}

/// Every version of the bytes of an object, when it was read, with which digest, and where it was altered.
pub(in crate::server) async fn versions(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    number: Number,
    uri: Uri,
) -> Result<Json<Versions>, Problem> {
    Params::of(&uri, &[])?;
    let RecordingEntry { id, store, object_key, gone_at, .. } = found(&app, &viewer, number).await?;
    let readings = app.catalog().readings(&id).await?;
    let mut alterations = app.catalog().alterations(&object_key).await?;
    alterations.retain(|one| one.store == store);
    Ok(Json(Versions { id, store, object_key, gone_at, readings, alterations }))
}

/// How loud a recording is, step by step.
#[derive(Debug, Serialize)]
struct Sound {
    /// Start of the first step, on the media timeline.
    start_us: MediaTime,
    /// Length of one step.
    step_us: i64,
    /// One byte a step, as two hexadecimal digits: 255 is full scale, each step down 0.375 dB.
    levels: String,
}

/// What the present version shows.
#[derive(Debug, Serialize)]
pub(in crate::server) struct Shown {
    id: String,
    version: u32,
    sha256: String,
    /// When it was looked at last, with which figures; `None`: nobody did.
    looked: Option<InspectionEntry>,
    black: Vec<MediaSpan>,
    frozen: Vec<MediaSpan>,
    silent: Vec<MediaSpan>,
    undecodable: Vec<MediaSpan>,
    /// `None` where nobody listened, or there is no sound.
    sound: Option<Sound>,
    /// How far key frames are apart on average; `None` without video, or where its length is not known.
    keyframe_step_us: Option<Micros>,
}

/// What the footage of a recording shows: black, frozen, silent and undecodable stretches, how loud it is, and how far
/// apart its key frames are.
pub(in crate::server) async fn inspection(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    number: Number,
    uri: Uri,
) -> Result<Json<Shown>, Problem> {
    Params::of(&uri, &[])?;
    let recording = found(&app, &viewer, number).await?;
    let RecordingEntry { id, store, object_key, version, observation, .. } = recording;
    let looks = app.catalog().inspections(&object_key).await?;
    let looked = looks.into_iter().rfind(|look| look.store == store && look.version == version);
    let sound = app.catalog().sound(&observation.sha256).await?.map(|envelope| Sound {
        start_us: envelope.start_us,
        step_us: ENVELOPE_STEP_US,
        levels: hex::encode(&envelope.levels),
    });
    let video = observation.streams.iter().find(|stream| stream.kind == StreamKind::Video);
    let keyframe_step_us = video.and_then(|video| {
        let (start, end) = (video.start_us?, video.end_us?);
        let frames = i64::try_from(video.keyframes).ok().filter(|frames| *frames > 0)?;
        Some(Micros(end.0.checked_sub(start.0)? / frames))
    });
    let spans = |of: fn(&InspectionEntry) -> &Vec<MediaSpan>| looked.as_ref().map(|look| of(look).clone());
    Ok(Json(Shown {
        id,
        version,
        sha256: observation.sha256,
        black: spans(|look| &look.inspection.black).unwrap_or_default(),
        frozen: spans(|look| &look.inspection.frozen).unwrap_or_default(),
        silent: spans(|look| &look.inspection.silent).unwrap_or_default(),
        undecodable: spans(|look| &look.inspection.undecodable).unwrap_or_default(),
        looked,
        sound,
        keyframe_step_us,
    }))
}
