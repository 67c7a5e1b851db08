//! Drone coverage of a month, as figures and as a map.

use std::sync::Arc;

use analyzer::policy::Policy;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use catalog::Month;

use crate::background;
use crate::operations::{self, drone_policy};
use crate::server::App;
use crate::server::answers::{As, Name};
use crate::server::params::Params;
use crate::server::problem::Problem;
use crate::sight::Sight;

/// `coverage`: of the month, or the latest in which something was flown or planned; under the policy of the service,
/// or, if that sets no goal for drones, under the one that comes with the program and does.
pub(in crate::server) async fn coverage(State(app): State<App>, uri: Uri) -> Result<Response, Problem> {
    let Asked { policy, month, of } = Asked::of(&app, &uri).await?;
    let catalog = Arc::clone(&app.state.catalog);
    let name = Name::new("coverage", &month.to_string(), &Sight::All);
    app.keep(name, of, async move {
        let (coverage, _) = operations::coverage(catalog.as_ref(), policy, month, of.moment()).await?;
        Ok(coverage)
    })
    .await
}

/// `coverage/geojson`: the same as a map.
pub(in crate::server) async fn map(State(app): State<App>, uri: Uri) -> Result<Response, Problem> {
    let Asked { policy, month, of } = Asked::of(&app, &uri).await?;
    let catalog = Arc::clone(&app.state.catalog);
    let name = Name::new("coverage map", &month.to_string(), &Sight::All);
    app.keep(name, of, async move {
        let (_, drawing) = operations::coverage(catalog.as_ref(), policy, month, of.moment()).await?;
        // Drawing joins a million shapes: not on a thread that others wait for.
        let drawn = background::run(move || drawing.geojson()).await;
        Ok(drawn.map_err(operations::OperationError::from)?)
    })
    .await
}

/// What is asked for.
struct Asked {
    policy: Arc<Policy>,
    month: Month,
    of: As,
}

impl Asked {
    async fn of(app: &App, uri: &Uri) -> Result<Self, Problem> {
        let params = Params::of(uri, &["month", "as_of"])?;
        let of = As::asked(params.time("as_of")?, app.state.clock.now());
        let month = match params.month("month")? {
            Some(month) => month,
            None => app.catalog().flown_months().await?.last().copied().ok_or_else(Problem::no_sorties)?,
        };
        let policy = drone_policy(&app.state.policy).map_err(|error| Problem::internal(&error))?;
        Ok(Self { policy, month, of })
    }
}
