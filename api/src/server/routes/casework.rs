//! What people did with what was drawn, to look at: reviews, notices, scores, returns, the schedule.

use std::sync::Arc;

use analyzer::score::ScoreSheet;
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Extension, Path, State};
use axum::http::Uri;
use axum::response::Response;
use catalog::filing::ScheduleStep;
use catalog::review::Visit;
use catalog::{Month, WallTime};
use serde::Serialize;

use super::audit::no_month;
use crate::casework::{notice, review};
use crate::server::App;
use crate::server::answers::{As, Name as Kept};
use crate::server::paging::{Asked, Key, Named};
use crate::server::params::Params;
use crate::server::problem::Problem;
use crate::server::rights::Viewer;
use crate::sight::Sight;

/// The parts of a round's name, `MONTH/POLICY`.
type Name = Result<Path<(String, String)>, PathRejection>;

/// The review as whoever is signed in may see it: of the blind part, what they may not see yet is hidden. `by` can
/// say nothing else than their own badge.
pub(in crate::server) async fn round_review(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    name: Name,
    uri: Uri,
) -> Result<Response, Problem> {
    let params = Params::of(&uri, &["by"])?;
    let Path((month, policy)) = name?;
    let (round, by) = (format!("{month}/{policy}"), viewer.user.badge.clone());
    if params.text("by").is_some_and(|asked| Some(asked) != by.as_deref()) {
        return Err(Problem::parameter(
            "by",
            "`by` is your own badge, or left out: nobody looks with another's eyes.".to_owned(),
            "参数“by”只能是本人警号，或不填。".to_owned(),
        ));
    }
    let (catalog, policy) = (Arc::clone(&app.state.catalog), Arc::clone(&app.state.policy));
    let (judged, now) = (Arc::clone(&app.judged), app.state.clock.now());
    // What is hidden depends on the badge and on the role.
    let subject = format!("{round}\n{}\n{}", viewer.user.role.as_str(), by.as_deref().unwrap_or_default());
    app.keep(Kept::new("review", &subject, &viewer.sight), As::Now(now), async move {
        let sees = review::Sees { badge: by.as_deref(), sight: &viewer.sight, role: Some(viewer.user.role) };
        Ok(review::review_of_judged(catalog.as_ref(), &judged, policy, &round, sees, now).await?)
    })
    .await
}

/// How far people agree who judged apart.
pub(in crate::server) async fn agreement(
    State(app): State<App>,
    name: Name,
    uri: Uri,
) -> Result<Response, Problem> {
    Params::of(&uri, &[])?;
    let Path((month, policy)) = name?;
    let (round, catalog) = (format!("{month}/{policy}"), Arc::clone(&app.state.catalog));
    app.keep(Kept::new("agreement", &round, &Sight::All), As::Of(WallTime(0)), async move {
        Ok(review::round_agreement(catalog.as_ref(), &round).await?)
    })
    .await
}

/// All visits.
#[derive(Debug, Serialize)]
pub(in crate::server) struct Visits {
    visits: Vec<Visit>,
    /// What to give as `after` for the next page; `None` on the last.
    next: Option<String>,
}

/// What visits can be sorted by; their own order is by number.
pub(in crate::server) const VISIT_SORTS: &[&str] = &["number", "starts_at", "unit", "recorded_at"];

fn visit_key(visit: &Visit, column: &str) -> Key {
    match column {
        "starts_at" => visit.starts_at.into(),
        "unit" => visit.unit.as_str().into(),
        "recorded_at" => visit.recorded_at.into(),
        _ => visit.number.into(),
    }
}

/// Visits: to a unit, begun in a month, in person or not; a page at a time.
pub(in crate::server) async fn visits(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    uri: Uri,
) -> Result<Json<Visits>, Problem> {
    let params = Params::of(&uri, &["month", "unit", "on_site", "sort", "after", "limit"])?;
    let asked = Asked::of(&params, VISIT_SORTS, Named::ByNumber)?;
    let span = params.month("month")?.map(Month::interval);
    let on_site = params.flag("on_site")?;
    let mut visits = app.catalog().visits().await?;
    visits.retain(|visit| {
        viewer.sight.covers(Some(&visit.unit))
            && params.text("unit").is_none_or(|unit| visit.unit == unit)
            && on_site.is_none_or(|on_site| visit.on_site == on_site)
            && span.is_none_or(|span| span.start <= visit.starts_at && visit.starts_at < span.end)
    });
    let (visits, next) = asked.page(visits, visit_key, |visit| visit.number.into());
    Ok(Json(Visits { visits, next }))
}

/// `month`: up to whose end points count; the latest with stages if nobody says.
pub(in crate::server) async fn scores(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    uri: Uri,
) -> Result<Json<ScoreSheet>, Problem> {
    let params = Params::of(&uri, &["month"])?;
    let month = params.month_or_latest(&app, &viewer).await?.ok_or_else(no_month)?;
    let now = app.state.clock.now();
    let mut sheet = notice::month_scores(app.catalog(), &app.state.policy, month, now).await?;
    sheet.units.retain(|score| viewer.sight.covers(Some(&score.unit)));
    Ok(Json(sheet))
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
