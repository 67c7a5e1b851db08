//! The HTTP service: the catalog and what the analyzer makes of it, as JSON under `/api/v1`, and one
//! overview page. It only reads: nothing that needs a person's name behind it can be done here before
//! there is a sign-in.
//!
//! - [`guard`] stands around every request, [`problem`] says what went wrong, [`params`] reads queries;
//! - [`routes`] has one file a subject; [`page`] holds the files of the overview.
//!
//! What has to be judged is judged anew at every request, from one snapshot: a figure is never older
//! than the catalog. Judging uses every core, so only a few requests do it at a time and the others wait
//! their turn.

mod guard;
mod page;
mod params;
mod problem;
mod routes;

use std::sync::Arc;
use std::time::Duration;

use analyzer::policy::Policy;
use axum::Router;
use axum::http::header;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use catalog::clock::Clock;
use catalog::store::Catalog;
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tower_http::catch_panic::CatchPanicLayer;

use crate::operations::OperationError;
use guard::{Reach, RequestIds, Rules};
use problem::Problem;

/// How long a request may take.
const DEADLINE: Duration = Duration::from_mins(1);

/// How long requests may go on once the service was told to stop.
const GRACE: Duration = Duration::from_secs(10);

/// How many audits are computed at a time; each uses every core.
const JUDGING_AT_ONCE: usize = 2;

/// What the service works on.
#[derive(Clone)]
pub struct State {
    /// The catalog.
    pub catalog: Arc<dyn Catalog>,
    /// The policy under which months are judged.
    pub policy: Arc<Policy>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
}

/// Serves on `listener` until `stop` resolves, then lets the requests that are under way end, for ten
/// seconds at most.
///
/// On a loopback address only requests that call this machine by its own name are answered.
///
/// # Errors
/// Where the listener fails.
pub async fn serve(
    listener: TcpListener,
    state: State,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let reach = if listener.local_addr()?.ip().is_loopback() { Reach::Loopback } else { Reach::Network };
    let (stopping, told_to_stop) = tokio::sync::oneshot::channel();
    let stop = async move {
        stop.await;
        // Nobody listens any more if the server ended by itself.
        let _ = stopping.send(());
    };
    let serving = axum::serve(listener, build(state, reach)).with_graceful_shutdown(stop).into_future();
    let out_of_patience = async move {
        match told_to_stop.await {
            Ok(()) => tokio::time::sleep(GRACE).await,
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        ended = serving => ended,
        () = out_of_patience => {
            tracing::warn!(seconds = GRACE.as_secs(), "requests were still under way and are cut off");
            Ok(())
        }
    }
}

/// The service as it stands on a loopback address.
pub fn router(state: State) -> Router {
    build(state, Reach::Loopback)
}

fn build(state: State, reach: Reach) -> Router {
    let rules = Rules { reach, deadline: DEADLINE, ids: RequestIds::new(state.clock.as_ref()) };
    let app = App { state, judging: Arc::new(Semaphore::new(JUDGING_AT_ONCE)) };
    guarded(routes::routes().with_state(app).merge(page::routes()), rules)
}

/// Puts the guard around routes.
fn guarded(routes: Router, rules: Rules) -> Router {
    routes
        .fallback(async || Problem::not_found())
        .method_not_allowed_fallback(async || {
            Problem::new(
                problem::Code::MethodNotAllowed,
                "Data is changed with the `reelproof` command; over HTTP it can only be read, with GET.",
                "数据变更请使用 reelproof 命令；本接口只读，仅接受 GET。",
            )
        })
        .layer(CatchPanicLayer::custom(guard::panicked))
        .layer(from_fn_with_state(rules, guard::guard))
}

/// What every handler has at hand.
#[derive(Clone)]
struct App {
    state: State,
    judging: Arc<Semaphore>,
}

impl App {
    fn catalog(&self) -> &dyn Catalog {
        self.state.catalog.as_ref()
    }

    /// Does `work`, which judges a month, in its turn, and writes its document off the async threads.
    ///
    /// The work goes on when the client does not wait for it, and keeps its turn until it is done:
    /// otherwise hanging up and asking again would start any number of audits.
    async fn judge<T: Serialize + Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Problem>> + Send + 'static,
    ) -> Result<Response, Problem> {
        let turn =
            Arc::clone(&self.judging).acquire_owned().await.map_err(|error| Problem::internal(&error))?;
        let task = tokio::spawn(async move {
            let document = work.await?;
            let text = tokio::task::spawn_blocking(move || serde_json::to_vec(&document))
                .await
                .map_err(OperationError::from)?
                .map_err(|error| Problem::internal(&error))?;
            drop(turn);
            Ok::<_, Problem>(text)
        });
        let text = task.await.map_err(OperationError::from)??;
        Ok(([(header::CONTENT_TYPE, "application/json")], text).into_response())
    }
}
