//! What people record over HTTP: verdicts, statements, excuses. The rules are those of the command line
//! ([`crate::casework`], [`crate::excuses`]); who does it is who is signed in, and no field of the body.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use catalog::WallTime;
use catalog::case::StageId;
use catalog::excuse::ExcuseReason;
use catalog::finding::FindingCode;
use catalog::review::{Judgement, Moment, Outcome, StatementKind};
use serde::Deserialize;

use super::round_acts::policy_of;
use super::rounds::{Name, name_of};
use crate::casework::review::{self, Said};
use crate::excuses::{self, ExcuseRequest, WithdrawalRequest};
use crate::server::App;
use crate::server::body::Form;
use crate::server::problem::{Code, Problem};
use crate::server::rights::Viewer;

/// The badge of the officer who is signed in: judging and answering need one.
pub(super) fn badge(viewer: &Viewer) -> Result<&str, Problem> {
    viewer.user.badge.as_deref().ok_or_else(|| {
        Problem::new(
            Code::NoBadge,
            "Judging needs an officer behind it; an administrator can give your account its badge.",
            "审看与申诉须由执法人员本人办理，请联系系统管理员为账户关联警号。",
        )
    })
}

/// A verdict.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct Verdict {
    item: String,
    outcome: Outcome,
    #[serde(default)]
    codes: Vec<FindingCode>,
    #[serde(default)]
    note: String,
    #[serde(default)]
    moments: Vec<Moment>,
}

/// Records a verdict on the seat that one holds.
pub(in crate::server) async fn verdict(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    name: Name,
    Form(form): Form<Verdict>,
) -> Result<Response, Problem> {
    let Verdict { item, outcome, mut codes, note, moments } = form;
    codes.sort_unstable();
    codes.dedup();
    let said = Said::Verdict(Judgement { outcome, codes, note, moments });
    record(&app, &viewer, name, &item, said).await
}

/// An explanation or an appeal.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct Statement {
    item: String,
    kind: StatementKind,
    text: String,
}

/// Records what a unit says about what was found of it.
pub(in crate::server) async fn statement(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    name: Name,
    Form(form): Form<Statement>,
) -> Result<Response, Problem> {
    if form.text.trim().is_empty() {
        return Err(Problem::new(Code::BadBody, "Write what there is to say.", "请填写内容。"));
    }
    record(&app, &viewer, name, &form.item, Said::Statement(form.kind, form.text)).await
}

/// Records what somebody says of an item that they see.
pub(super) async fn record(
    app: &App,
    viewer: &Viewer,
    name: Name,
    item: &str,
    said: Said,
) -> Result<Response, Problem> {
    let round = name_of(name)?;
    let policy = app.policy(policy_of(&round))?;
    let badge = badge(viewer)?;
    let catalog = app.catalog();
    let standings = review::round_standings(catalog, &round).await?;
    // What one does not see is not there.
    let seen = standings.get(item).is_some_and(|standing| viewer.sight.covers(Some(&standing.unit)));
    if !seen {
        return Err(crate::casework::CaseworkError::NotAssigned { round, item: item.to_owned() }.into());
    }
    let now = app.state.clock.now();
    let standing = review::record(catalog, &policy, &round, item, badge, said, now).await?;
    let shown = review::as_seen(standing, Some(badge), viewer.user.role);
    Ok((StatusCode::CREATED, Json(shown)).into_response())
}

/// Why a stage was not recorded.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct Excuse {
    case_no: String,
    stage_no: u32,
    reason: ExcuseReason,
    #[serde(default)]
    note: String,
    starts_at: Option<WallTime>,
    ends_at: Option<WallTime>,
}

/// Records an excuse.
pub(in crate::server) async fn excuse(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    Form(form): Form<Excuse>,
) -> Result<Response, Problem> {
    let catalog = app.catalog();
    let case = catalog.case(&form.case_no).await?;
    if !case.is_some_and(|(case, _)| viewer.sight.covers(Some(&case.unit))) {
        return Err(Problem::no_such_case(&form.case_no));
    }
    let request = ExcuseRequest {
        stage: StageId { case_no: form.case_no, stage_no: form.stage_no },
        reason: form.reason,
        starts_at: form.starts_at,
        ends_at: form.ends_at,
        note: form.note,
        by: viewer.user.badge.clone().unwrap_or_else(|| viewer.user.login.clone()),
    };
    let entry = excuses::add(catalog, &app.state.policy, request, app.state.clock.now()).await?;
    Ok((StatusCode::CREATED, Json(entry)).into_response())
}

/// Why an excuse is taken back.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct Withdraw {
    reason: String,
}

/// Takes an excuse back; it stays on record.
pub(in crate::server) async fn withdraw_excuse(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    id: Result<Path<String>, PathRejection>,
    Form(form): Form<Withdraw>,
) -> Result<Response, Problem> {
    let (catalog, Path(id)) = (app.catalog(), id?);
    let nothing = || {
        Problem::new(
            Code::NoSuchExcuse,
            format!("There is no excuse `{id}`; /api/v1/excuses lists them."),
            format!("没有编号为“{id}”的事由，清单见 /api/v1/excuses。"),
        )
    };
    let found = excuses::find(catalog, &id).await?.ok_or_else(nothing)?.entry.excuse;
    let case = catalog.case(&found.case_no).await?;
    if !case.is_some_and(|(case, _)| viewer.sight.covers(Some(&case.unit))) {
        return Err(nothing());
    }
    if form.reason.trim().is_empty() {
        return Err(Problem::body("Say why in `reason`.", "请在“reason”中写明撤回理由。"));
    }
    let request = WithdrawalRequest {
        stage: StageId { case_no: found.case_no, stage_no: found.stage_no },
        reason: Some(found.reason),
        recorded_at: Some(found.recorded_at),
        note: form.reason,
        by: viewer.user.badge.clone().unwrap_or_else(|| viewer.user.login.clone()),
    };
    let entry = excuses::withdraw(catalog, request, app.state.clock.now()).await?;
    Ok((StatusCode::CREATED, Json(entry)).into_response())
}
