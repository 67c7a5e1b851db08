//! What everything else refers to: units, and policies with every figure in words.

use analyzer::policy::Summary;
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Extension, Path, State};
use axum::http::Uri;
use catalog::unit::Unit;
use serde::Serialize;

use crate::server::App;
use crate::server::params::Params;
use crate::server::problem::Problem;
use crate::server::rights::Viewer;

/// Units.
#[derive(Debug, Serialize)]
pub(in crate::server) struct Units {
    units: Vec<Unit>,
}

/// The units that one sees, by code.
pub(in crate::server) async fn units(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    uri: Uri,
) -> Result<Json<Units>, Problem> {
    Params::of(&uri, &[])?;
    let mut units = app.catalog().units().await?;
    units.retain(|unit| viewer.sight.covers(Some(&unit.code)));
    Ok(Json(Units { units }))
}

/// A policy in one line.
#[derive(Debug, Serialize)]
struct PolicyLine {
    name: String,
    district: String,
    title: String,
    document: String,
    /// Whether months are judged under it here.
    in_force: bool,
    /// How many of its figures no public text confirms.
    to_be_confirmed: usize,
}

/// Policies.
#[derive(Debug, Serialize)]
pub(in crate::server) struct Policies {
    policies: Vec<PolicyLine>,
}

/// The policy in force, and those that come with the program.
pub(in crate::server) async fn policies(State(app): State<App>, uri: Uri) -> Result<Json<Policies>, Problem> {
    Params::of(&uri, &[])?;
    let mut policies = Vec::new();
    for name in app.policy_names() {
        let Summary { name, district, title, document, to_be_confirmed, .. } = app.policy(&name)?.summary();
        let in_force = name == app.state.policy.name;
        policies.push(PolicyLine { name, district, title, document, in_force, to_be_confirmed });
    }
    Ok(Json(Policies { policies }))
}

/// One policy: each figure with what it says, its clause, its words and whether a public text confirms it.
pub(in crate::server) async fn policy(
    State(app): State<App>,
    name: Result<Path<String>, PathRejection>,
    uri: Uri,
) -> Result<Json<Summary>, Problem> {
    Params::of(&uri, &[])?;
    let Path(name) = name?;
    Ok(Json(app.policy(&name)?.summary()))
}
