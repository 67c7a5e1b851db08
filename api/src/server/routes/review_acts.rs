//! Who reviews what, and what is decided; visits. The rules are those of the command line
//! ([`crate::casework::review`]).

use axum::Json;
use axum::extract::{Extension, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use catalog::WallTime;
use catalog::finding::FindingCode;
use catalog::review::{Judgement, Moment, Outcome, Visit};
use serde::Deserialize;

use super::round_acts::policy_of;
use super::rounds::{Name, name_of};
use super::writes::{badge, record};
use crate::casework::CaseworkError;
use crate::casework::review::{self, Said};
use crate::server::App;
use crate::server::body::Form;
use crate::server::problem::Problem;
use crate::server::rights::Viewer;

/// Who reviews.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct Assign {
    #[serde(default)]
    reviewers: Vec<String>,
}

/// Assigns what has no reviewers yet; without names, to the officers of the units that policy says.
pub(in crate::server) async fn assign(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    name: Name,
    Form(form): Form<Assign>,
) -> Result<Response, Problem> {
    let (id, by, now) = (name_of(name)?, badge(&viewer)?, app.state.clock.now());
    let policy = app.policy(policy_of(&id))?;
    let plan = review::assign_round(app.catalog(), &policy, &id, &form.reviewers, by, now)
        .await
        .map_err(|error| named(error, by))?;
    Ok((StatusCode::CREATED, Json(plan)).into_response())
}

/// A seat for somebody else.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct Reassign {
    id: String,
    seat: u32,
    to: String,
    reason: String,
}

/// Gives a seat to somebody else; the earlier assignment stays on record.
pub(in crate::server) async fn reassign(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    name: Name,
    Form(form): Form<Reassign>,
) -> Result<Response, Problem> {
    let (id, by, now) = (name_of(name)?, badge(&viewer)?, app.state.clock.now());
    let policy = app.policy(policy_of(&id))?;
    let catalog = app.catalog();
    let Reassign { id: item, seat, to, reason } = form;
    let mut standings = review::round_standings(catalog, &id).await?;
    let standing = standings
        .remove(&item)
        .ok_or_else(|| CaseworkError::NotAssigned { round: id.clone(), item: item.clone() })?;
    let from = standing.seats.iter().find(|one| one.seat == seat).map(|one| one.badge.clone());
    let from = from.ok_or_else(|| {
        let last = standing.seats.len();
        Problem::body(format!("`seat` is 1 to {last}."), format!("“seat”须为 1 至 {last}。"))
    })?;
    review::stand_back(catalog, &policy, &id, &item, by).await?;
    let seat = review::reassign(catalog, &policy, &id, &item, &from, &to, &reason, by, now)
        .await
        .map_err(|error| named(error, by))?;
    Ok((StatusCode::CREATED, Json(seat)).into_response())
}

/// A decision.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct Decision {
    id: String,
    decision: Outcome,
    #[serde(default)]
    codes: Vec<FindingCode>,
    note: String,
    #[serde(default)]
    moments: Vec<Moment>,
    granted: Option<bool>,
}

/// Decides an appeal, or between reviewers who disagree.
pub(in crate::server) async fn decide(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    name: Name,
    Form(form): Form<Decision>,
) -> Result<Response, Problem> {
    let Decision { id, decision: outcome, mut codes, note, moments, granted } = form;
    codes.sort_unstable();
    codes.dedup();
    let said = Said::Decision(granted, Judgement { outcome, codes, note, moments });
    record(&app, &viewer, name, &id, said).await
}

/// A visit.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct NewVisit {
    unit: String,
    with: Vec<String>,
    from: WallTime,
    to: WallTime,
    #[serde(default)]
    online: bool,
    note: String,
    #[serde(default)]
    found: Vec<String>,
}

/// Records a visit, whether or not it found anything.
pub(in crate::server) async fn visit(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    Form(form): Form<NewVisit>,
) -> Result<Response, Problem> {
    let by = badge(&viewer)?;
    let NewVisit { unit, with, from, to, online, note, found } = form;
    if !viewer.sight.covers(Some(&unit)) {
        return Err(Problem::no_such_unit(&unit));
    }
    let policy = &app.state.policy;
    let mut supervisors = vec![by.to_owned()];
    supervisors.extend(with.into_iter().filter(|badge| badge != by));
    let mut visit = Visit {
        number: 0,
        unit,
        starts_at: from,
        ends_at: to,
        supervisors,
        on_site: !online,
        note,
        found,
        recorded_at: app.state.clock.now(),
        recorded_by: by.to_owned(),
    };
    visit.number =
        review::add_visit(app.catalog(), policy, &visit).await.map_err(|error| named(error, by))?;
    Ok((StatusCode::CREATED, Json(visit)).into_response())
}

/// Somebody who is named in the body and is no officer is a mistake in the body; one's own badge is one's account's.
fn named(error: CaseworkError, own: &str) -> Problem {
    match error {
        CaseworkError::NoOfficer(badge) if badge != own => Problem::body(
            format!("There is no officer of badge `{badge}`."),
            format!("没有警号为“{badge}”的人员。"),
        ),
        other => other.into(),
    }
}
