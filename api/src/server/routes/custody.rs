//! What became of recordings on their way to the store, and what people said about it: reconciliation and
//! excuses. Both are read here; excuses are recorded where a name stands behind them.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Extension, State};
use axum::http::Uri;
use axum::response::Response;
use catalog::case::StageId;
use catalog::excuse::ExcuseReason;
use catalog::store::{Catalog, StoreError};
use serde::Serialize;

use super::audit::no_month;
use crate::excuses::{self, ExcuseList, NamedExcuse};
use crate::reconciliation;
use crate::server::App;
use crate::server::answers::{As, Name};
use crate::server::paging::{Asked, Key, Named};
use crate::server::params::Params;
use crate::server::problem::Problem;
use crate::server::rights::Viewer;
use crate::sight::Sight;

/// `reconcile`: what devices say they recorded against what is stored, of the month, or the latest in which
/// stages begin.
pub(in crate::server) async fn reconcile(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    uri: Uri,
) -> Result<Response, Problem> {
    let params = Params::of(&uri, &["month", "as_of"])?;
    let of = As::asked(params.time("as_of")?, app.state.clock.now());
    let month = params.month_or_latest(&app, &viewer).await?.ok_or_else(no_month)?;
    let (catalog, policy) = (Arc::clone(&app.state.catalog), Arc::clone(&app.state.policy));
    let judged = Arc::clone(&app.judged);
    let name = Name::new("reconcile", &month.to_string(), &Sight::All);
    app.keep(name, of, async move {
        Ok(reconciliation::reconcile_judged(catalog.as_ref(), &judged, policy, month, of.moment()).await?)
    })
    .await
}

/// A page of excuses, with the sums of all that were asked for.
#[derive(Debug, Serialize)]
pub(in crate::server) struct ExcusePage {
    #[serde(flatten)]
    list: ExcuseList,
    /// What to give as `after` for the next page; `None` on the last.
    next: Option<String>,
}

/// What excuses can be sorted by; their own order is by stage and time.
pub(in crate::server) const EXCUSE_SORTS: &[&str] = &["stage", "reason", "recorded_at", "recorded_by"];

/// Stage by number, not by digits, then the moment: what tells excuses apart and puts them in their own order.
fn excuse_name(one: &NamedExcuse) -> Key {
    let excuse = &one.entry.excuse;
    Key::Text(format!("{}/{:010}/{:020}/{}", excuse.case_no, excuse.stage_no, excuse.recorded_at.0, one.id))
}

fn excuse_key(one: &NamedExcuse, column: &str) -> Key {
    let excuse = &one.entry.excuse;
    match column {
        "reason" => excuse.reason.as_str().into(),
        "recorded_at" => excuse.recorded_at.into(),
        "recorded_by" => excuse.recorded_by.as_str().into(),
        _ => excuse_name(one),
    }
}

/// `excuses`: all of them, those of the stages of a `month`, or those of one `stage`, written `CASE/STAGE`; of one
/// `reason`; those that stand or were withdrawn; a page at a time.
pub(in crate::server) async fn excuses(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    uri: Uri,
) -> Result<Json<ExcusePage>, Problem> {
    let params = Params::of(&uri, &["month", "stage", "reason", "standing", "sort", "after", "limit"])?;
    let asked = Asked::of(&params, EXCUSE_SORTS, Named::ByText)?;
    let reason: Option<ExcuseReason> =
        params.code("reason", ExcuseReason::ALL.iter().map(|reason| reason.as_str()))?;
    let standing = params.flag("standing")?;
    let (month, stage) = (params.month("month")?, params.text("stage"));
    let stage: Option<StageId> = match stage.map(str::parse).transpose() {
        Ok(stage) => stage,
        Err(_) => {
            return Err(Problem::parameter(
                "stage",
                "`stage` is written CASE/STAGE, such as SL2024-0501/1.".to_owned(),
                "参数“stage”应写作“案号/环节序号”，例如 SL2024-0501/1。".to_owned(),
            ));
        }
    };
    let list = excuses::list(app.catalog(), month, stage.as_ref()).await?;
    let mut excuses = part(app.catalog(), list, &viewer.sight).await?.excuses;
    excuses.retain(|one| {
        reason.is_none_or(|reason| one.entry.excuse.reason == reason)
            && standing.is_none_or(|standing| one.entry.withdrawal.is_none() == standing)
    });
    let sums = ExcuseList::from(excuses);
    let (excuses, next) = asked.page(sums.excuses, excuse_key, excuse_name);
    let list = ExcuseList { excuses, standing: sums.standing, withdrawn: sums.withdrawn };
    Ok(Json(ExcusePage { list, next }))
}

/// What of a list of excuses a person sees: those for cases of their units.
async fn part(catalog: &dyn Catalog, list: ExcuseList, sight: &Sight) -> Result<ExcuseList, StoreError> {
    if *sight == Sight::All {
        return Ok(list);
    }
    let cases: BTreeSet<String> = list.excuses.iter().map(|entry| entry.excuse.case_no.clone()).collect();
    let units = catalog.units_of_cases(&cases.into_iter().collect::<Vec<_>>()).await?;
    let mut excuses = list.excuses;
    excuses.retain(|entry| {
        units.get(&entry.excuse.case_no).is_some_and(|unit| sight.covers(Some(unit.as_str())))
    });
    Ok(excuses.into())
}
