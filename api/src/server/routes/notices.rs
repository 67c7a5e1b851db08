//! Notices: what there is, and what people do with it. The rules are those of the command line
//! ([`crate::casework::notice`]).

use std::sync::Arc;

use analyzer::notice::NoticeWish;
use analyzer::policy::Policy;
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Extension, Path, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use catalog::Month;
use catalog::account::Role;
use serde::{Deserialize, Serialize};

use super::round_acts::policy_of;
use super::writes::badge;
use crate::casework::notice::{self, NoticeView};
use crate::operations;
use crate::server::App;
use crate::server::body::Form;
use crate::server::download::{self, Kind};
use crate::server::params::Params;
use crate::server::problem::Problem;
use crate::server::rights::Viewer;

/// The number of a notice.
type Id = Result<Path<u64>, PathRejection>;

/// Notices.
#[derive(Debug, Serialize)]
pub(in crate::server) struct Notices {
    notices: Vec<NoticeView>,
}

/// `month`: only those of this month's round. A squad sees what was sent to it, and no drafts.
pub(in crate::server) async fn list(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    uri: Uri,
) -> Result<Json<Notices>, Problem> {
    let month = Params::of(&uri, &["month"])?.month("month")?;
    let now = app.state.clock.now();
    let mut notices = notice::notices(app.catalog(), month, now).await?;
    notices.retain(|notice| seen(notice, &viewer));
    Ok(Json(Notices { notices }))
}

/// Whether somebody sees a notice: one of their units, and, for a squad, one that was issued.
fn seen(notice: &NoticeView, viewer: &Viewer) -> bool {
    viewer.sight.covers(Some(&notice.notice.body.unit))
        && (viewer.user.role != Role::Squad || notice.standing.number.is_some())
}

/// The notice of this number, if it is seen. What one does not see is not there.
async fn found(app: &App, viewer: &Viewer, id: u64) -> Result<NoticeView, Problem> {
    let notices = notice::notices(app.catalog(), None, app.state.clock.now()).await?;
    let found = notices.into_iter().find(|notice| notice.notice.id == id);
    found.filter(|notice| seen(notice, viewer)).ok_or_else(|| Problem::no_such_notice(id))
}

/// One notice.
pub(in crate::server) async fn one(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    id: Id,
    uri: Uri,
) -> Result<Json<NoticeView>, Problem> {
    Params::of(&uri, &[])?;
    let Path(id) = id?;
    Ok(Json(found(&app, &viewer, id).await?))
}

/// A notice as a Word document.
pub(in crate::server) async fn document(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    id: Id,
    uri: Uri,
) -> Result<Response, Problem> {
    Params::of(&uri, &[])?;
    let Path(id) = id?;
    let view = found(&app, &viewer, id).await?;
    let bytes = notice::notice_paper(app.catalog(), id, app.state.clock.now()).await?;
    let number = view.standing.number.unwrap_or_else(|| format!("draft-{id}"));
    let name = format!("{}-{number}.docx", view.notice.body.kind.zh());
    Ok(download::file(bytes, Kind::Docx, &name))
}

/// Of which round notices are to be drafted: its name, or its month.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct Draft {
    round: Option<String>,
    month: Option<Month>,
    policy: Option<String>,
}

/// Drafts notices for what a round found and no notice speaks of yet.
pub(in crate::server) async fn draft(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    Form(form): Form<Draft>,
) -> Result<Response, Problem> {
    let by = badge(&viewer)?;
    let (round, policy) = match (form.round, form.month) {
        (Some(round), None) if form.policy.is_none() => {
            let policy = app.policy(policy_of(&round))?;
            (round, policy)
        }
        (None, Some(month)) => {
            let policy = named(&app, form.policy.as_deref())?;
            (operations::round_id(month, &policy), policy)
        }
        _ => {
            return Err(Problem::body(
                "Give either `round`, or `month` and perhaps `policy`.",
                "请填写“round”，或填写“month”（可另填“policy”），二者择一。",
            ));
        }
    };
    let now = app.state.clock.now();
    let outcome = notice::draft_notices(app.catalog(), &policy, &round, by, now).await?;
    Ok((StatusCode::CREATED, Json(outcome)).into_response())
}

fn named(app: &App, policy: Option<&str>) -> Result<Arc<Policy>, Problem> {
    app.policy(policy.unwrap_or(&app.state.policy.name))
}

/// Under which policy overdue notices are escalated.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct Escalate {
    policy: Option<String>,
}

/// Which notice follows which.
#[derive(Debug, Serialize)]
struct Escalated {
    notice: u64,
    followed_by: u64,
}

/// The notices that follow overdue ones.
#[derive(Debug, Serialize)]
struct Escalations {
    escalated: Vec<Escalated>,
}

/// Drafts the next graver notice for each that is overdue.
pub(in crate::server) async fn escalate(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    Form(form): Form<Escalate>,
) -> Result<Response, Problem> {
    let (by, now) = (badge(&viewer)?, app.state.clock.now());
    let policy = named(&app, form.policy.as_deref())?;
    let pairs = notice::escalate_notices(app.catalog(), &policy, by, now).await?;
    let escalated =
        pairs.into_iter().map(|(notice, followed_by)| Escalated { notice, followed_by }).collect();
    Ok((StatusCode::CREATED, Json(Escalations { escalated })).into_response())
}

/// Who agreed to it, where policy asks for that.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct Issue {
    approved: Option<String>,
}

/// Issues a draft: it gets its number.
pub(in crate::server) async fn issue(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    id: Id,
    Form(form): Form<Issue>,
) -> Result<Response, Problem> {
    act(&app, &viewer, id, NoticeWish::Issue(form.approved)).await
}

/// The unit's answer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct Reply {
    text: String,
}

/// Records the answer of the unit that got it.
pub(in crate::server) async fn reply(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    id: Id,
    Form(form): Form<Reply>,
) -> Result<Response, Problem> {
    filled(&form.text, "text")?;
    act(&app, &viewer, id, NoticeWish::Reply(form.text)).await
}

/// Why the answer does.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct Close {
    note: String,
}

/// Closes a notice whose answer does.
pub(in crate::server) async fn close(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    id: Id,
    Form(form): Form<Close>,
) -> Result<Response, Problem> {
    filled(&form.note, "note")?;
    act(&app, &viewer, id, NoticeWish::Close(form.note)).await
}

/// Why it no longer holds.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct Withdraw {
    reason: String,
}

/// Withdraws a notice that no longer holds.
pub(in crate::server) async fn withdraw(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    id: Id,
    Form(form): Form<Withdraw>,
) -> Result<Response, Problem> {
    filled(&form.reason, "reason")?;
    act(&app, &viewer, id, NoticeWish::Withdraw(form.reason)).await
}

fn filled(text: &str, field: &str) -> Result<(), Problem> {
    if text.trim().is_empty() {
        return Err(Problem::body(format!("Write something in `{field}`."), format!("请填写“{field}”。")));
    }
    Ok(())
}

async fn act(app: &App, viewer: &Viewer, id: Id, wish: NoticeWish) -> Result<Response, Problem> {
    let Path(id) = id?;
    let by = badge(viewer)?;
    let policy = app.policy(&found(app, viewer, id).await?.notice.body.policy)?;
    let view = notice::act_on_notice(app.catalog(), &policy, id, by, wish, app.state.clock.now()).await?;
    Ok((StatusCode::CREATED, Json(view)).into_response())
}
