//! Cases: those of a month, and one with everything about it.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Extension, Path, State};
use axum::http::Uri;
use axum::response::Response;
use catalog::{Month, WallTime};
use serde::Serialize;

use super::audit::no_month;
use crate::case_file::case_file;
use crate::case_lines::CaseLine;
use crate::server::App;
use crate::server::params::Params;
use crate::server::problem::Problem;
use crate::server::rights::Viewer;

/// Cases of a page if nobody says.
const USUAL_LIMIT: u32 = 100;

/// Cases of a page at most.
const MOST_LIMIT: u32 = 1000;

/// One page of the cases of a month.
#[derive(Debug, Serialize)]
struct Page {
    month: Month,
    as_of: WallTime,
    cases: Vec<CaseLine>,
    /// What to give as `after` for the next page; `None` on the last.
    next: Option<String>,
}

/// The cases that were filed in a month or have a stage in it, by number, a page at a time.
pub(in crate::server) async fn list(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    uri: Uri,
) -> Result<Response, Problem> {
    let params = Params::of(&uri, &["month", "after", "limit"])?;
    let after = params.text("after").map(str::to_owned);
    let limit = usize::try_from(params.limit(USUAL_LIMIT, MOST_LIMIT)?).unwrap_or(usize::MAX);
    let month = params.month_or_latest(app.catalog()).await?.ok_or_else(no_month)?;
    let as_of = app.state.clock.now();
    app.list(month, as_of, move |seen| {
        // One more than asked for tells whether there is another page.
        let mut cases: Vec<CaseLine> =
            seen.lines().page(&viewer.sight, after.as_deref(), limit + 1).into_iter().cloned().collect();
        let more = cases.len() > limit;
        cases.truncate(limit);
        let next = cases.last().filter(|_| more).map(|last| last.case.case_no.clone());
        Page { month, as_of, cases, next }
    })
    .await
}

/// One case with its stages, their obligations and recordings.
pub(in crate::server) async fn one(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    case_no: Result<Path<String>, PathRejection>,
    uri: Uri,
) -> Result<Response, Problem> {
    let params = Params::of(&uri, &["as_of"])?;
    let Path(case_no) = case_no?;
    let as_of = params.time("as_of")?.unwrap_or_else(|| app.state.clock.now());
    let (catalog, policy) = (Arc::clone(&app.state.catalog), Arc::clone(&app.state.policy));
    let judged = Arc::clone(&app.judged);
    app.look_up(async move {
        let file = case_file(catalog.as_ref(), &judged, policy, &case_no, as_of).await?;
        // What one does not see is not there.
        file.filter(|file| viewer.sight.covers(Some(&file.case.unit)))
            .ok_or_else(|| Problem::no_such_case(&case_no))
    })
    .await
}
