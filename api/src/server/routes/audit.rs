//! The audit of a month and the monthly return: the documents that the command line writes.

use std::sync::Arc;

use analyzer::audit::Audit;
use axum::extract::{Extension, State};
use axum::http::Uri;
use axum::response::Response;
use catalog::Month;
use serde::{Serialize, Serializer};

use crate::casework::filing;
use crate::operations::OperationError;
use crate::server::App;
use crate::server::answers::{As, Name};
use crate::server::params::Params;
use crate::server::problem::{Code, Problem};
use crate::server::rights::Viewer;
use crate::sight::Sight;

/// `audit`: the month, or the latest in which stages begin.
pub(in crate::server) async fn audit(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    uri: Uri,
) -> Result<Response, Problem> {
    let params = Params::of(&uri, &["month", "as_of"])?;
    let of = As::asked(params.time("as_of")?, app.state.clock.now());
    let month = params.month_or_latest(app.catalog()).await?.ok_or_else(no_month)?;
    let (name, sight) = (Name::new("audit", &month.to_string(), &viewer.sight), viewer.sight);
    let audit = app.look_at(month, of.moment(), move |month| Shared(part(month.shared(), &sight)));
    app.keep(name, of, async move { Ok(audit.await?) }).await
}

/// What of an audit a person sees.
fn part(audit: Arc<Audit>, sight: &Sight) -> Arc<Audit> {
    match sight {
        Sight::All => audit,
        Sight::Below { .. } => Arc::new(Audit::clone(&audit).part(|unit| sight.covers(unit))),
    }
}

/// An audit that is kept, as its document.
struct Shared(Arc<Audit>);

impl Serialize for Shared {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// Nothing was imported yet.
pub(super) fn no_month() -> Problem {
    Problem::new(
        Code::EmptyMonth,
        "The catalog has no stages yet; take them in with `reelproof import stages FILE`.",
        "目录库中尚无执法环节，请先执行 reelproof import stages 导入。",
    )
}

/// `report`: the month of the return, or the latest whose round was drawn under the policy.
pub(in crate::server) async fn report(State(app): State<App>, uri: Uri) -> Result<Response, Problem> {
    let params = Params::of(&uri, &["month"])?;
    let month = match params.month("month")? {
        Some(month) => month,
        None => latest_drawn(&app).await?.ok_or_else(Problem::no_round_drawn)?,
    };
    let (catalog, policy) = (Arc::clone(&app.state.catalog), Arc::clone(&app.state.policy));
    let (judged, as_of) = (Arc::clone(&app.judged), app.state.clock.now());
    let name = Name::new("report", &month.to_string(), &Sight::All);
    app.keep(name, As::Now(as_of), async move {
        Ok(filing::return_of_judged(catalog.as_ref(), &judged, policy, month, as_of).await?)
    })
    .await
}

async fn latest_drawn(app: &App) -> Result<Option<Month>, OperationError> {
    let rounds = app.catalog().rounds_in_brief().await?;
    let policy = &app.state.policy.name;
    let drawn = rounds.iter().filter(|round| round.drawn_at.is_some() && round.policy == *policy);
    Ok(drawn.map(|round| round.month).max())
}
