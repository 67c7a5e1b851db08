//! What must be kept and until when, what is locked, and what may go: advice alone, nothing is deleted here.

use std::sync::{Arc, PoisonError};

use analyzer::retention::{Advice, Advised};
use axum::Json;
use axum::extract::{Extension, State};
use axum::http::Uri;
use axum::response::Response;
use catalog::{Micros, Month, WallTime};
use serde::Serialize;

use crate::background;
use crate::retention::{RetentionError, Survey, survey};
use crate::server::App;
use crate::server::answers::{As, Name};
use crate::server::params::Params;
use crate::server::problem::Problem;
use crate::server::rights::Viewer;
use crate::sight::Sight;

/// For how long the recordings of a month are handed out as they were advised on.
const FRESH: Micros = Micros::from_s(600);

/// How many months are kept.
const MONTHS: usize = 2;

/// A month whose recordings were advised on, of which revision of the catalog that was.
type KeptMonth = (Month, u64, Arc<Survey>);

/// The months that were asked for last.
#[derive(Debug, Clone, Default)]
pub(in crate::server) struct Shelf(Arc<std::sync::Mutex<Vec<KeptMonth>>>);

/// `retention`: the sums by advice, by lock and by month. It is made of all that is held, so it may be some minutes old; the
/// document says as of when it is.
pub(in crate::server) async fn sums(State(app): State<App>, uri: Uri) -> Result<Response, Problem> {
    Params::of(&uri, &[])?;
    let of = As::Now(app.state.clock.now());
    let (catalog, policy) = (Arc::clone(&app.state.catalog), Arc::clone(&app.state.policy));
    app.keep(Name::new("retention", "", &Sight::All), of, async move {
        Ok(survey(catalog.as_ref(), &policy, None, of.moment()).await?)
    })
    .await
}

/// A page of recordings with what is advised of each.
#[derive(Debug, Serialize)]
pub(in crate::server) struct Page {
    policy: String,
    as_of: WallTime,
    month: Option<Month>,
    recordings: Vec<Advised>,
    /// What to give as `after` for the next page; `None` on the last.
    next: Option<String>,
}

/// `retention/recordings`: of a month, the latest with a stage if none is given, in the order in which they were first recorded.
pub(in crate::server) async fn recordings(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    uri: Uri,
) -> Result<Json<Page>, Problem> {
    let params = Params::of(&uri, &["month", "advice", "after", "limit"])?;
    let wanted: Option<Advice> = params.code("advice", Advice::ALL.iter().map(|advice| advice.as_str()))?;
    let limit = params.limit(100, 500)? as usize;
    let month = params.month_or_latest(&app, &viewer).await?;
    let found = of_month(&app, month).await?;
    let rest = match params.text("after") {
        None => &found.recordings[..],
        // The page after one that is no longer there is empty: whoever asks begins again.
        Some(after) => found
            .recordings
            .iter()
            .position(|one| one.id == after)
            .map_or(&[][..], |place| &found.recordings[place + 1..]),
    };
    let mut fitting = rest.iter().filter(|one| wanted.is_none_or(|wanted| one.advice == wanted));
    let recordings: Vec<Advised> = fitting.by_ref().take(limit).cloned().collect();
    let next = fitting.next().and_then(|_| recordings.last()).map(|last| last.id.clone());
    Ok(Json(Page { policy: found.policy.clone(), as_of: found.as_of, month: found.month, recordings, next }))
}

/// A month's recordings, as they are kept or made anew.
async fn of_month(app: &App, month: Option<Month>) -> Result<Arc<Survey>, Problem> {
    let now = app.state.clock.now();
    let revision = app.catalog().revision().await?.number;
    let shelf = |app: &App| -> Vec<KeptMonth> {
        // Whatever panicked while it was held, a month is there as a whole or not at all.
        app.retention.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    };
    let kept = shelf(app)
        .into_iter()
        .find(|(of, at, survey)| Some(*of) == month && *at == revision && now - survey.as_of < FRESH);
    if let Some((.., survey)) = kept {
        return Ok(survey);
    }
    let turn = app.judging.acquire().await.map_err(|error| Problem::internal(&error))?;
    let (catalog, policy) = (Arc::clone(&app.state.catalog), Arc::clone(&app.state.policy));
    let making = async move { survey(catalog.as_ref(), &policy, month, now).await };
    let made = background::drive(making).await.map_err(|error| Problem::internal(&error))?;
    drop(turn);
    let made = Arc::new(made.map_err(|error: RetentionError| Problem::from(error))?);
    if let Some(month) = month {
        let mut kept = app.retention.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(of, ..)| *of != month);
        kept.push((month, revision, Arc::clone(&made)));
        if kept.len() > MONTHS {
            kept.remove(0);
        }
    }
    Ok(made)
}
