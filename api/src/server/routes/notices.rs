//! Notices: what there is, and what people do with it. The rules are those of the command line
//! ([`crate::casework::notice`]).

use std::sync::Arc;

use analyzer::notice::{NoticeState, NoticeWish};
use analyzer::policy::Policy;
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Extension, Path, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use catalog::Month;
use catalog::account::Role;
use catalog::notice::NoticeKind;
use serde::{Deserialize, Serialize};

use super::round_acts::policy_of;
use super::writes::badge;
use crate::casework::notice::{self, NoticeView};
use crate::operations;
use crate::server::App;
use crate::server::body::Form;
use crate::server::download::{self, Kind};
use crate::server::paging::{Asked, Key, Named};
use crate::server::params::Params;
use crate::server::problem::Problem;
use crate::server::rights::Viewer;
use crate::server::sheet::{self, Cell, Language, Sheet};

/// The number of a notice.
type Id = Result<Path<u64>, PathRejection>;

/// Notices.
#[derive(Debug, Serialize)]
pub(in crate::server) struct Notices {
    notices: Vec<NoticeView>,
    /// What to give as `after` for the next page; `None` on the last.
    next: Option<String>,
}

/// What notices can be sorted by; their own order is by id, which is that of drafting.
pub(in crate::server) const SORTS: &[&str] =
    &["id", "number", "month", "unit", "kind", "state", "facts", "issued_at", "due_at"];

fn key(view: &NoticeView, column: &str) -> Key {
    let (body, standing) = (&view.notice.body, &view.standing);
    match column {
        "number" => standing.number.as_deref().into(),
        "month" => Key::Text(body.month.to_string()),
        "unit" => body.unit.as_str().into(),
        "kind" => body.kind.as_str().into(),
        "state" => Key::from(STATES.iter().position(|state| *state == standing.state).map(|at| at as u64)),
        "facts" => (body.facts.len() as u64).into(),
        "issued_at" => standing.issued_at.into(),
        "due_at" => standing.due_at.into(),
        _ => view.notice.id.into(),
    }
}

/// How far a notice can be, in the order of its life.
pub(in crate::server) const STATES: [NoticeState; 6] = [
    NoticeState::Draft,
    NoticeState::Issued,
    NoticeState::Replied,
    NoticeState::Closed,
    NoticeState::Escalated,
    NoticeState::Withdrawn,
];

/// Notices: of a month's round, to a unit, of a kind, in a state, overdue or not; a page at a time, or all as a table. A
/// squad sees what was sent to it, and no drafts.
pub(in crate::server) async fn list(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    uri: Uri,
) -> Result<Response, Problem> {
    let known = ["month", "unit", "kind", "state", "overdue", "sort", "after", "limit", "format", "lang"];
    let params = Params::of(&uri, &known)?;
    let asked = Asked::of(&params, SORTS, Named::ByNumber)?;
    let table = sheet::asked(&params)?;
    let (month, overdue) = (params.month("month")?, params.flag("overdue")?);
    let kind: Option<NoticeKind> = params.code("kind", NoticeKind::ALL.iter().map(|kind| kind.as_str()))?;
    let state = params.one_of("state", &STATES.map(|state| (state.as_str(), state)))?;
    let now = app.state.clock.now();
    let mut notices = notice::notices(app.catalog(), month, now).await?;
    notices.retain(|view| {
        seen(view, &viewer)
            && params.text("unit").is_none_or(|unit| view.notice.body.unit == unit)
            && kind.is_none_or(|kind| view.notice.body.kind == kind)
            && state.is_none_or(|state| view.standing.state == state)
            && overdue.is_none_or(|overdue| view.standing.overdue == overdue)
    });
    let name = |view: &NoticeView| view.notice.id.into();
    if let Some(language) = table {
        let (notices, _) = asked.whole().page(notices, key, name);
        let of = month.map_or_else(String::new, |month| month.to_string());
        return as_table(&notices, language).answer(language, &of, now).await;
    }
    let (notices, next) = asked.page(notices, key, name);
    Ok(Json(Notices { notices, next }).into_response())
}

fn as_table(notices: &[NoticeView], language: Language) -> Sheet {
    let row = |view: &NoticeView| {
        let (body, standing) = (&view.notice.body, &view.standing);
        vec![
            standing.number.clone().into(),
            language.of(body.kind.zh(), body.kind.as_str()).into(),
            body.unit_name.clone().into(),
            Cell::Text(body.month.to_string()),
            (body.facts.len() as u64).into(),
            standing.issued_at.into(),
            standing.due_at.into(),
            standing.replied_at.into(),
            language.of(standing.state.zh(), standing.state.as_str()).into(),
            if standing.overdue { language.of("逾期未回复", "overdue") } else { "" }.into(),
        ]
    };
    Sheet {
        title: ("督察单", "Notices"),
        headings: vec![
            ("文号", "Number", 26.0),
            ("种类", "Kind", 18.0),
            ("受文单位", "Unit", 20.0),
            ("批次月份", "Month of the round", 12.0),
            ("查明问题（个）", "Facts", 14.0),
            ("签发时间", "Issued at", 20.0),
            ("回复期限", "Due at", 20.0),
            ("回复时间", "Answered at", 20.0),
            ("状态", "State", 12.0),
            ("是否逾期", "Overdue", 10.0),
        ],
        rows: notices.iter().map(row).collect(),
    }
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
