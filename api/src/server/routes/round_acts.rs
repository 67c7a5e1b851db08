//! What people do with a round: freeze it, announce its seed, draw it, and act on what was drawn. The rules are those
//! of the command line ([`crate::operations`], [`crate::casework`]).

use analyzer::policy::Population;
use axum::Json;
use axum::extract::{Extension, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use catalog::round::RoundActKind;
use catalog::{Month, WallTime};
use serde::Deserialize;

use super::rounds::{Name, WholeRound, name_of};
use super::writes::badge;
use crate::casework::{review, schedule};
use crate::operations::{self, FreezeOrder};
use crate::server::App;
use crate::server::body::Form;
use crate::server::problem::Problem;
use crate::server::rights::Viewer;

/// Which round to freeze.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct Freeze {
    month: Month,
    policy: Option<String>,
    kind: Option<Population>,
    seed_source: Option<String>,
}

/// Freezes a round; one that was frozen before is given as it was frozen then.
pub(in crate::server) async fn freeze(
    State(app): State<App>,
    Form(form): Form<Freeze>,
) -> Result<Response, Problem> {
    let policy = app.policy(form.policy.as_deref().unwrap_or(&app.state.policy.name))?;
    let kind = form.kind.unwrap_or(Population::Recordings);
    let said = form.seed_source.as_deref().map(str::trim).filter(|said| !said.is_empty());
    let seed_source = said.unwrap_or_else(|| policy.seed_source(kind));
    let order = FreezeOrder { month: form.month, kind, seed_source, even_if_empty: true };
    let (catalog, now) = (app.catalog(), app.state.clock.now());
    let frozen = operations::freeze_round(catalog, &policy, order, now).await?;
    let status = if frozen.new { StatusCode::CREATED } else { StatusCode::OK };
    round(&app, &frozen.frozen.round, status).await
}

/// A seed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct Seed {
    seed: String,
    seed_at: Option<WallTime>,
}

/// Draws a round; the same seed again gives the draw that there is.
pub(in crate::server) async fn draw(
    State(app): State<App>,
    name: Name,
    Form(form): Form<Seed>,
) -> Result<Response, Problem> {
    let id = name_of(name)?;
    let now = app.state.clock.now();
    operations::draw_round(app.catalog(), &id, &form.seed, form.seed_at, now).await?;
    round(&app, &id, StatusCode::CREATED).await
}

/// The seed as it was announced.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct Announced {
    seed: String,
}

/// Records the announced seed; the schedule draws with it.
pub(in crate::server) async fn announce(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    name: Name,
    Form(form): Form<Announced>,
) -> Result<Response, Problem> {
    let (id, by, now) = (name_of(name)?, badge(&viewer)?, app.state.clock.now());
    let seed = schedule::announce_seed(app.catalog(), &id, &form.seed, by, now).await?;
    Ok((StatusCode::CREATED, Json(seed)).into_response())
}

/// A new seed, and why.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct Redraw {
    seed: String,
    reason: String,
}

/// Draws a drawn round again; the first draw stays on record.
pub(in crate::server) async fn redraw(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    name: Name,
    Form(form): Form<Redraw>,
) -> Result<Response, Problem> {
    let (id, who, now) = (name_of(name)?, badge(&viewer)?, app.state.clock.now());
    operations::redraw_round(app.catalog(), &id, &form.seed, (who, reason(&form.reason)?), now).await?;
    round(&app, &id, StatusCode::CREATED).await
}

/// Which item, and why.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct ItemReason {
    id: String,
    reason: String,
}

/// A drawn item is not looked at.
pub(in crate::server) async fn skip(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    name: Name,
    Form(form): Form<ItemReason>,
) -> Result<Response, Problem> {
    act(&app, &viewer, &name_of(name)?, (RoundActKind::Skip, &form.id, 0), &form.reason).await
}

/// The next item of its unit is looked at in its place.
pub(in crate::server) async fn substitute(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    name: Name,
    Form(form): Form<ItemReason>,
) -> Result<Response, Problem> {
    act(&app, &viewer, &name_of(name)?, (RoundActKind::Substitute, &form.id, 1), &form.reason).await
}

/// How many more of which unit, and why.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct Extra {
    unit: String,
    count: Option<u32>,
    reason: String,
}

/// Extra items of a unit, because of a risk.
pub(in crate::server) async fn extra(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    name: Name,
    Form(form): Form<Extra>,
) -> Result<Response, Problem> {
    let count = form.count.unwrap_or(1);
    if !(1..=1000).contains(&count) {
        return Err(Problem::body("`count` is 1 to 1000.", "“count”须为 1 至 1000。"));
    }
    act(&app, &viewer, &name_of(name)?, (RoundActKind::Extra, &form.unit, count), &form.reason).await
}

/// Does it, if the person has nothing to do with the unit or case that it is about.
async fn act(
    app: &App,
    viewer: &Viewer,
    id: &str,
    what: (RoundActKind, &str, u32),
    why: &str,
) -> Result<Response, Problem> {
    let (catalog, by, why) = (app.catalog(), badge(viewer)?, reason(why)?);
    if what.0 != RoundActKind::Extra {
        review::stand_back(catalog, app.policy(policy_of(id))?.as_ref(), id, what.1, by).await?;
    }
    let act = operations::act_on_round(catalog, id, what, (by, why), app.state.clock.now()).await?;
    Ok((StatusCode::CREATED, Json(act)).into_response())
}

/// What changed in the data since a round was frozen.
pub(in crate::server) async fn changes(
    State(app): State<App>,
    name: Name,
    uri: axum::http::Uri,
) -> Result<Json<analyzer::sample::Changes>, Problem> {
    crate::server::params::Params::of(&uri, &[])?;
    let id = name_of(name)?;
    let policy = app.policy(policy_of(&id))?;
    Ok(Json(operations::round_overview(app.catalog(), &policy, &id).await?.changes))
}

/// Name of the policy in the name of a round, `MONTH/POLICY` or `MONTH/POLICY:KIND`.
pub(super) fn policy_of(round: &str) -> &str {
    let policy = round.split_once('/').map_or(round, |(_, policy)| policy);
    policy.split_once(':').map_or(policy, |(policy, _)| policy)
}

/// A reason, which is kept for good.
fn reason(text: &str) -> Result<&str, Problem> {
    Some(text.trim()).filter(|text| !text.is_empty()).ok_or_else(|| {
        Problem::body("Say why in `reason`: it is kept for good.", "请在“reason”中写明理由，理由长期留存。")
    })
}

async fn round(app: &App, id: &str, status: StatusCode) -> Result<Response, Problem> {
    let stored = operations::require_round(app.catalog(), id).await?;
    Ok((status, Json(WholeRound::of(app.catalog(), &stored).await?)).into_response())
}
