//! The monthly return: as a document or a file, kept as a draft, and as sent.

use std::sync::Arc;

use analyzer::report::files::FORMATS;
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Extension, Path, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use catalog::Month;
use catalog::filing::ReturnState;
use serde::{Deserialize, Serialize};

use super::writes::badge;
use crate::casework::filing::{self, NamedReturn};
use crate::operations::OperationError;
use crate::server::App;
use crate::server::answers::{As, Name};
use crate::server::body::{Form, Nothing};
use crate::server::download::{self, Kind};
use crate::server::params::Params;
use crate::server::problem::{Code, Problem};
use crate::server::rights::Viewer;
use crate::sight::Sight;

/// `report`: the month of the return, or the latest whose round was drawn under the policy; `format`: as a file.
pub(in crate::server) async fn report(State(app): State<App>, uri: Uri) -> Result<Response, Problem> {
    let params = Params::of(&uri, &["month", "format"])?;
    let format = params.text("format").map(|format| format_of(format).map(|kind| (format.to_owned(), kind)));
    let format = format.transpose()?;
    let month = match params.month("month")? {
        Some(month) => month,
        None => latest_drawn(&app).await?.ok_or_else(Problem::no_round_drawn)?,
    };
    let (catalog, policy) = (Arc::clone(&app.state.catalog), Arc::clone(&app.state.policy));
    let (judged, as_of) = (Arc::clone(&app.judged), app.state.clock.now());
    let work =
        async move { Ok(filing::return_of_judged(catalog.as_ref(), &judged, policy, month, as_of).await?) };
    let Some((format, kind)) = format else {
        let name = Name::new("report", &month.to_string(), &Sight::All);
        return app.keep(name, As::Now(as_of), work).await;
    };
    let document = app.judged_value(work).await?;
    let bytes = filing::return_file(&document, &format).await?;
    Ok(download::file(bytes, kind, &format!("return-{month}.{format}")))
}

fn format_of(format: &str) -> Result<Kind, Problem> {
    Kind::of(format).filter(|_| FORMATS.contains(&format)).ok_or_else(|| {
        Problem::parameter(
            "format",
            format!("`format` is one of {}.", FORMATS.join(", ")),
            format!("参数“format”应为以下之一：{}。", FORMATS.join("、")),
        )
    })
}

async fn latest_drawn(app: &App) -> Result<Option<Month>, OperationError> {
    let rounds = app.catalog().rounds_in_brief().await?;
    let policy = &app.state.policy.name;
    let drawn = rounds.iter().filter(|round| round.drawn_at.is_some() && round.policy == *policy);
    Ok(drawn.map(|round| round.month).max())
}

/// Kept returns.
#[derive(Debug, Serialize)]
pub(in crate::server) struct Returns {
    returns: Vec<NamedReturn>,
}

/// All kept returns.
pub(in crate::server) async fn list(State(app): State<App>, uri: Uri) -> Result<Json<Returns>, Problem> {
    Params::of(&uri, &[])?;
    Ok(Json(Returns { returns: filing::returns(app.catalog()).await? }))
}

/// Of which month a return is to be kept.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct Keep {
    month: Month,
    policy: Option<String>,
}

/// Keeps the return as it is now, as a draft; the same figures are the same draft.
pub(in crate::server) async fn keep(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    Form(form): Form<Keep>,
) -> Result<Response, Problem> {
    let (by, now) = (badge(&viewer)?.to_owned(), app.state.clock.now());
    let policy = app.policy(form.policy.as_deref().unwrap_or(&app.state.policy.name))?;
    let name = policy.name.clone();
    let catalog = Arc::clone(&app.state.catalog);
    let work = async move { Ok(filing::return_document(catalog.as_ref(), policy, form.month, now).await?) };
    let document = app.judged_value(work).await?;
    let (version, new) = filing::keep_return(app.catalog(), &document, ReturnState::Draft, &by, now).await?;
    kept(&app, (form.month, &name, ReturnState::Draft, version), new).await
}

/// Keeps a draft as sent, byte for byte.
pub(in crate::server) async fn sent(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    id: Result<Path<String>, PathRejection>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, Problem> {
    let (Path(id), by, now) = (id?, badge(&viewer)?, app.state.clock.now());
    let draft = found(&app, &id).await?;
    let entry = draft.entry;
    if entry.state != ReturnState::Draft {
        return Err(Problem::new(
            Code::OnRecord,
            format!("`{id}` was sent already; what is sent is a draft."),
            format!("“{id}”已按报送稿留存；请选择草稿报送。"),
        ));
    }
    let (version, new) = filing::send_draft(app.catalog(), &entry, by, now).await?;
    kept(&app, (entry.month, &entry.policy, ReturnState::Sent, version), new).await
}

async fn kept(
    app: &App,
    (month, policy, state, version): (Month, &str, ReturnState, u32),
    new: bool,
) -> Result<Response, Problem> {
    let (entry, _) = filing::kept_return(app.catalog(), month, policy, state, Some(version)).await?;
    let status = if new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(NamedReturn::from(entry))).into_response())
}

async fn found(app: &App, id: &str) -> Result<NamedReturn, Problem> {
    let returns = filing::returns(app.catalog()).await?;
    returns.into_iter().find(|kept| kept.id == id).ok_or_else(|| {
        Problem::new(
            Code::NoSuchReturn,
            format!("No return `{id}` is kept; /api/v1/returns lists them."),
            format!("没有留存编号为“{id}”的月报，清单见 /api/v1/returns。"),
        )
    })
}

/// A kept return as one of its files, byte for byte.
pub(in crate::server) async fn document(
    State(app): State<App>,
    path: Result<Path<(String, String)>, PathRejection>,
    uri: Uri,
) -> Result<Response, Problem> {
    Params::of(&uri, &[])?;
    let Path((id, format)) = path?;
    let kind = format_of(&format)?;
    let entry = found(&app, &id).await?.entry;
    let (_, files) =
        filing::kept_return(app.catalog(), entry.month, &entry.policy, entry.state, Some(entry.version))
            .await?;
    let file = files.into_iter().find(|file| file.format == format).ok_or_else(|| {
        Problem::new(
            Code::NoSuchReturn,
            format!("`{id}` was kept without a .{format}."),
            format!("“{id}”未留存 .{format} 文件。"),
        )
    })?;
    Ok(download::file(file.bytes, kind, &format!("return-{id}.{format}")))
}
