//! What is stored, by key.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Extension, Path, State};
use axum::http::Uri;
use axum::response::{IntoResponse, Response};
use catalog::store::RecordingEntry;
use serde::Serialize;

use super::recording_pages::{Page, SORTS, Wanted, page};
use crate::server::App;
use crate::server::params::Params;
use crate::server::problem::Problem;
use crate::server::rights::Viewer;
use crate::server::sheet::{self, Cell, Language, MOST_ROWS, Sheet};
use crate::sight::Sight;

/// Recordings by key or in another order, a page at a time, or all as a table.
pub(in crate::server) async fn list(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    uri: Uri,
) -> Result<Response, Problem> {
    let known =
        ["sort", "after", "limit", "device", "badge", "quarantined", "problem", "q", "format", "lang"];
    let params = Params::of(&uri, &known)?;
    let table = sheet::asked(&params)?;
    let quarantined = params.flag("quarantined")?;
    let wanted = Wanted::of(&params, SORTS, quarantined, &viewer)?;
    let Some(language) = table else { return Ok(Json(page(&app, wanted).await?).into_response()) };
    let rows = all(&app, wanted).await?.iter().map(|entry| row(entry, language)).collect();
    let table = Sheet { title: ("录像", "Recordings"), headings: HEADINGS.to_vec(), rows };
    table.answer(language, "", app.state.clock.now()).await
}

/// All that is wanted, as many as a table holds.
async fn all(app: &App, mut wanted: Wanted) -> Result<Vec<RecordingEntry>, Problem> {
    wanted.begin();
    let mut all = Vec::new();
    loop {
        let Page { mut recordings, next } = page(app, wanted.clone()).await?;
        if let (Some(last), true) = (recordings.last(), next.is_some()) {
            wanted.go_on_after(last);
        }
        all.append(&mut recordings);
        if all.len() > MOST_ROWS {
            return Err(sheet::too_many());
        }
        if next.is_none() {
            return Ok(all);
        }
    }
}

const HEADINGS: [sheet::Heading; 12] = [
    ("文件", "File", 56.0),
    ("设备编号", "Device", 14.0),
    ("警号", "Badge", 12.0),
    ("起始时间", "Start", 20.0),
    ("时长（秒）", "Length (s)", 12.0),
    ("时钟误差（秒）", "Clock error (s)", 14.0),
    ("大小（字节）", "Size (bytes)", 16.0),
    ("格式", "Format", 12.0),
    ("读取情况", "Condition", 30.0),
    ("版本", "Version", 8.0),
    ("SHA-256", "SHA-256", 68.0),
    ("读取时间", "Read at", 20.0),
];

fn row(entry: &RecordingEntry, language: Language) -> Vec<Cell> {
    let seen = &entry.observation;
    let mut condition: Vec<&str> =
        seen.problems.iter().map(|problem| language.of(problem.code.zh(), problem.code.as_str())).collect();
    if entry.quarantined {
        condition.insert(0, language.of("隔离", "quarantined"));
    }
    if entry.gone_at.is_some() {
        condition.insert(0, language.of("已不在存储中", "gone"));
    }
    vec![
        entry.object_key.as_str().into(),
        seen.key.device.clone().into(),
        seen.key.badge.clone().into(),
        seen.started_at.into(),
        seen.duration_us.map_or(Cell::Nothing, Cell::Length),
        seen.clock_error_us.map_or(Cell::Nothing, Cell::Length),
        seen.size_bytes.into(),
        seen.container.clone().into(),
        condition.join(language.of("、", ", ")).into(),
        Cell::Number(entry.version.into()),
        seen.sha256.as_str().into(),
        entry.observed_at.into(),
    ]
}

/// Whether a person sees a recording: as theirs by its device, or by its officer.
pub(super) fn seen(recording: &RecordingEntry, sight: &Sight) -> bool {
    sight.covers(recording.device_unit.as_deref()) || sight.covers(recording.officer_unit.as_deref())
}

/// One key, with an entry for each store that has it.
#[derive(Debug, Serialize)]
pub(in crate::server) struct OneKey {
    object_key: String,
    recordings: Vec<RecordingEntry>,
}

/// The recordings of one key.
pub(in crate::server) async fn one(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    key: Result<Path<String>, PathRejection>,
    uri: Uri,
) -> Result<Json<OneKey>, Problem> {
    Params::of(&uri, &[])?;
    let Path(object_key) = key?;
    let mut recordings = app.catalog().recording(&object_key).await?;
    recordings.retain(|recording| seen(recording, &viewer.sight));
    if recordings.is_empty() {
        return Err(Problem::no_such_recording(&object_key));
    }
    Ok(Json(OneKey { object_key, recordings }))
}
