//! What people did with what was drawn, to look at: reviews, notices, scores, returns, the schedule.
//! All of it is recorded with the `reelproof` command, because each act needs a name behind it.

use std::sync::Arc;

use analyzer::review::Agreement;
use analyzer::score::ScoreSheet;
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::Response;
use catalog::filing::{ReturnEntry, ScheduleStep};
use catalog::review::Visit;
use serde::Serialize;

use super::audit::no_month;
use crate::casework::{notice, review};
use crate::server::App;
use crate::server::params::Params;
use crate::server::problem::Problem;

/// The parts of a round's name, `MONTH/POLICY`.
type Name = Result<Path<(String, String)>, PathRejection>;

/// `by`: the badge of who looks; of the blind part, what they may not see yet is hidden.
pub(in crate::server) async fn round_review(
    State(app): State<App>,
    name: Name,
    uri: Uri,
) -> Result<Response, Problem> {
    let params = Params::of(&uri, &["by"])?;
    let Path((month, policy)) = name?;
    let (round, by) = (format!("{month}/{policy}"), params.text("by").map(str::to_owned));
    let (catalog, policy) = (Arc::clone(&app.state.catalog), Arc::clone(&app.state.policy));
    let now = app.state.clock.now();
    app.judge(
        async move { Ok(review::round_review(catalog.as_ref(), policy, &round, by.as_deref(), now).await?) },
    )
    .await
}

/// How far people agree who judged apart.
pub(in crate::server) async fn agreement(
    State(app): State<App>,
    name: Name,
    uri: Uri,
) -> Result<Json<Agreement>, Problem> {
    Params::of(&uri, &[])?;
    let Path((month, policy)) = name?;
    Ok(Json(review::round_agreement(app.catalog(), &format!("{month}/{policy}")).await?))
}

/// All visits.
#[derive(Debug, Serialize)]
pub(in crate::server) struct Visits {
    visits: Vec<Visit>,
}

/// All visits, by number.
pub(in crate::server) async fn visits(State(app): State<App>, uri: Uri) -> Result<Json<Visits>, Problem> {
    Params::of(&uri, &[])?;
    Ok(Json(Visits { visits: app.catalog().visits().await? }))
}

/// Notices.
#[derive(Debug, Serialize)]
pub(in crate::server) struct Notices {
    notices: Vec<notice::NoticeView>,
}

/// `month`: only those of this month's round.
pub(in crate::server) async fn notices(State(app): State<App>, uri: Uri) -> Result<Json<Notices>, Problem> {
    let month = Params::of(&uri, &["month"])?.month("month")?;
    let now = app.state.clock.now();
    Ok(Json(Notices { notices: notice::notices(app.catalog(), month, now).await? }))
}

/// `month`: up to whose end points count; the latest with stages if nobody says.
pub(in crate::server) async fn scores(State(app): State<App>, uri: Uri) -> Result<Json<ScoreSheet>, Problem> {
    let params = Params::of(&uri, &["month"])?;
    let month = params.month_or_latest(app.catalog()).await?.ok_or_else(no_month)?;
    let now = app.state.clock.now();
    Ok(Json(notice::month_scores(app.catalog(), &app.state.policy, month, now).await?))
}

/// Kept returns.
#[derive(Debug, Serialize)]
pub(in crate::server) struct Returns {
    returns: Vec<ReturnEntry>,
}

/// All kept returns.
pub(in crate::server) async fn returns(State(app): State<App>, uri: Uri) -> Result<Json<Returns>, Problem> {
    Params::of(&uri, &[])?;
    Ok(Json(Returns { returns: app.catalog().returns().await? }))
}

/// Steps of the schedule.
#[derive(Debug, Serialize)]
pub(in crate::server) struct Steps {
    steps: Vec<ScheduleStep>,
}

/// `month`: only its steps.
pub(in crate::server) async fn schedule(State(app): State<App>, uri: Uri) -> Result<Json<Steps>, Problem> {
    let month = Params::of(&uri, &["month"])?.month("month")?;
    Ok(Json(Steps { steps: app.catalog().steps(month).await? }))
}
