//! The HTTP service: the catalog and what the analyzer makes of it, as JSON under `/api/v1`, and the pages.
//!
//! - [`guard`] stands around every request, [`problem`] says what went wrong, [`params`] reads queries, [`body`] bodies;
//! - [`endpoints`] is the list of addresses, each with the right it asks for; [`rights`] says who has which, [`gate`]
//!   asks, [`pace`] keeps clients from asking too often;
//! - [`routes`] has one file a subject; [`page`] holds the web UI.
//!
//! A figure is never older than the catalog. The months that were asked for last are kept as they were judged
//! ([`crate::judged`]), and judged again only where something was written since. Judging uses every core, so only a
//! few requests do it at a time and the others wait their turn. Whole documents are kept as they were written
//! ([`answers`]), pages of lists are looked up ([`App::list`]).

mod answers;
mod body;
mod download;
mod endpoints;
mod figures;
mod gate;
mod guard;
mod known;
mod once;
mod openapi;
mod pace;
mod page;
pub(crate) mod paging;
mod params;
mod played;
mod problem;
mod prompt;
mod recent;
mod rights;
mod routes;
mod sheet;
mod sights;
mod sums;
mod tags;
mod tls;

pub use tls::{Tls, TlsError};

use std::sync::Arc;
use std::time::Duration;

use analyzer::audit::Incremental;
use analyzer::policy::Policy;
use axum::http::{Method, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Router};
use catalog::clock::Clock;
use catalog::store::{Catalog, Revision};
use catalog::{Micros, Month, WallTime};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tower_http::catch_panic::CatchPanicLayer;

use crate::accounts::password::Hasher;
use crate::accounts::secret::Secret;
use crate::derivatives::Derivatives;
use crate::footage::Footage;
use crate::judged::{Judged, Seen};
use crate::links::Links;
use crate::log::signer::LogSigner;
use crate::oidc::Oidc;
use crate::operations::OperationError;
use answers::Answers;
use endpoints::Endpoints;
use figures::Figures;
use guard::{Peer, Reach, RequestIds, Rules};
use known::Known;
use metrics_exporter_prometheus::BuildError;
use openapi::Description;
use pace::Pace;
use played::Played;
use problem::Problem;
use prompt::Prompt;
use recent::Recent;
use sights::Sights;
use sums::Sums;

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
    /// Where footage is read from.
    pub footage: Footage,
    /// Previews and stills.
    pub derivatives: Derivatives,
    /// Signs the log; without, no bundle can be had.
    pub signer: Option<Arc<LogSigner>>,
    /// The text of the policy in force, as bundles have it.
    pub policy_text: Arc<str>,
    /// Makes and knows signed links.
    pub links: Links,
    /// How long such a link holds.
    pub links_last: Micros,
    /// How the first account is made.
    pub set_up: SetUp,
    /// Hashes passwords, a few at a time.
    pub hasher: Hasher,
    /// How the service is reached.
    pub front: Front,
    /// The provider of OpenID Connect with which people sign in, too; `None`: there is none.
    pub oidc: Option<Arc<Oidc>>,
}

/// How the first account is made: by whoever holds a token that the operator was shown.
#[derive(Debug, Clone, Default)]
pub struct SetUp(Option<String>);

impl SetUp {
    /// With this token, for as long as there is no account.
    pub fn with(token: &Secret) -> Self {
        Self(Some(token.sha256()))
    }

    /// Whether this is the token.
    fn admits(&self, token: &str) -> bool {
        // Digests are compared: how far they agree tells nothing about the token.
        Secret::read(token).is_some_and(|token| self.0.as_ref() == Some(&token.sha256()))
    }
}

/// What stands between the service and its users.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Front {
    /// Whether browsers reach it over TLS alone, from here or from a proxy: then cookies are sent over nothing else.
    pub tls: bool,
    /// Whether a proxy in front says in `X-Forwarded-For` who asks.
    pub proxy: bool,
}

/// Serves on `listener` until `stop` resolves, then lets the requests that are under way end, for ten
/// seconds at most.
///
/// On a loopback address, and without a proxy, only requests that call this machine by its own name are answered.
///
/// # Errors
/// Where the listener fails.
pub async fn serve(
    listener: TcpListener,
    state: State,
    tls: Option<Tls>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    // Behind a proxy the names are the proxy's, and no browser is on this machine.
    let alone = listener.local_addr()?.ip().is_loopback() && !state.front.proxy;
    let reach = if alone { Reach::Loopback } else { Reach::Network };
    let (stopping, told_to_stop) = tokio::sync::oneshot::channel();
    let stop = async move {
        stop.await;
        // Nobody listens any more if the server ended by itself.
        let _ = stopping.send(());
    };
    let app = App::new(state).map_err(std::io::Error::other)?;
    tokio::spawn(routes::warm(app.clone()));
    let service = build(app, reach).into_make_service_with_connect_info::<Peer>();
    let serving: BoxFuture<'_, std::io::Result<()>> = match tls {
        None => axum::serve(Prompt(listener), service).with_graceful_shutdown(stop).into_future().boxed(),
        Some(tls) => {
            axum::serve(tls.around(listener)?, service).with_graceful_shutdown(stop).into_future().boxed()
        }
    };
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
///
/// # Errors
/// Where the figures of the service cannot be set up.
pub fn router(state: State) -> std::io::Result<Router> {
    Ok(build(App::new(state).map_err(std::io::Error::other)?, Reach::Loopback))
}

/// Every method and address of the service but those of the pages, which hold no data.
///
/// # Errors
/// As for [`router`].
pub fn addresses(state: State) -> std::io::Result<Vec<(Method, &'static str)>> {
    let app = App::new(state).map_err(std::io::Error::other)?;
    let (_, list) = routes::routes(Endpoints::new(app)).finish();
    Ok(list.into_iter().map(|endpoint| (endpoint.method, endpoint.path)).collect())
}

fn build(app: App, reach: Reach) -> Router {
    let ids = RequestIds::new(app.state.clock.as_ref());
    let rules = Rules { reach, deadline: DEADLINE, ids, behind_proxy: app.state.front.proxy };
    let (routes, list) = routes::routes(Endpoints::new(app)).finish();
    let routes = routes.layer(Extension(Description::of(&list)));
    guarded(routes.merge(page::routes()), rules)
}

/// Puts the guard around routes.
fn guarded(routes: Router, rules: Rules) -> Router {
    routes
        .fallback(page::fallback)
        .method_not_allowed_fallback(async || {
            Problem::new(
                problem::Code::MethodNotAllowed,
                "This address does not take this method; the header Allow names those it takes.",
                "该地址不接受此请求方法；可用方法见响应头 Allow。",
            )
        })
        .layer(CatchPanicLayer::custom(guard::panicked))
        .layer(from_fn_with_state(rules, guard::guard))
}

/// What every handler has at hand.
#[derive(Clone)]
struct App {
    state: State,
    judged: Arc<Judged>,
    /// Months whose footage was advised on.
    retention: routes::retention::Shelf,
    judging: Arc<Semaphore>,
    pace: Pace,
    sights: Sights,
    played: Played,
    recent: Recent,
    figures: Figures,
    answers: Answers,
    sums: Sums,
    known: Known,
    /// When this process began to serve.
    began: WallTime,
}

impl App {
    fn new(state: State) -> Result<Self, BuildError> {
        Ok(Self {
            began: state.clock.now(),
            state,
            judged: Arc::default(),
            retention: routes::retention::Shelf::default(),
            judging: Arc::new(Semaphore::new(JUDGING_AT_ONCE)),
            pace: Pace::default(),
            sights: Sights::default(),
            played: Played::default(),
            recent: Recent::default(),
            figures: Figures::new()?,
            answers: Answers::default(),
            sums: Sums::default(),
            known: Known::default(),
        })
    }

    fn catalog(&self) -> &dyn Catalog {
        self.state.catalog.as_ref()
    }

    /// The policy of this name: the one in force, or one that comes with the program.
    fn policy(&self, name: &str) -> Result<Arc<Policy>, Problem> {
        if self.state.policy.name == name {
            return Ok(Arc::clone(&self.state.policy));
        }
        Policy::built_in(name).map(Arc::new).map_err(|_| {
            let known = self.policy_names().join(", ");
            Problem::new(
                problem::Code::NoSuchPolicy,
                format!("There is no policy `{name}`; there are {known}."),
                format!("没有方案“{name}”；现有：{}。", known.replace(", ", "、")),
            )
        })
    }

    /// Names of the policies, the one in force first.
    fn policy_names(&self) -> Vec<String> {
        let in_force = &self.state.policy.name;
        let others = Policy::built_in_names().filter(|name| name != in_force).map(str::to_owned);
        std::iter::once(in_force.clone()).chain(others).collect()
    }

    /// Shows `look` a month as it was at a moment, audited.
    fn look_at<T: Send + 'static>(
        &self,
        month: Month,
        as_of: WallTime,
        look: impl FnOnce(&Incremental) -> T + Send + 'static,
    ) -> BoxFuture<'static, Result<T, OperationError>> {
        let (State { catalog, policy, .. }, judged) = (self.state.clone(), Arc::clone(&self.judged));
        async move { judged.look(catalog.as_ref(), policy, month, as_of, look).await }.boxed()
    }

    /// Shows `look` a month as it was at a moment beside all others who look, and writes what it makes of it. It goes on
    /// when the client does not wait for it: the month that it may have to load is for everybody.
    async fn list<T: Serialize + Send + 'static>(
        &self,
        revision: Revision,
        month: Month,
        as_of: WallTime,
        look: impl FnOnce(&Seen) -> T + Send + 'static,
    ) -> Result<Response, Problem> {
        let text = self.peek(revision, month, as_of, move |seen| serde_json::to_vec(&look(seen))).await?;
        let text = text.map_err(|error| Problem::internal(&error))?;
        Ok(([(header::CONTENT_TYPE, "application/json")], text).into_response())
    }

    /// Shows `look` a month likewise, and gives what it makes of it.
    async fn peek<T: Send + 'static>(
        &self,
        revision: Revision,
        month: Month,
        as_of: WallTime,
        look: impl FnOnce(&Seen) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let (State { catalog, policy, .. }, judged) = (self.state.clone(), Arc::clone(&self.judged));
        let task = tokio::spawn(async move {
            judged.peek_at(catalog.as_ref(), policy, month, as_of, revision, look).await
        });
        Ok(task.await.map_err(OperationError::from)??)
    }

    /// Does `work`, which judges a month, in its turn.
    ///
    /// The work goes on when the client does not wait for it, and keeps its turn until it is done:
    /// otherwise hanging up and asking again would start any number of audits.
    async fn judged_value<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Problem>> + Send + 'static,
    ) -> Result<T, Problem> {
        let turn =
            Arc::clone(&self.judging).acquire_owned().await.map_err(|error| Problem::internal(&error))?;
        let task = tokio::spawn(async move {
            let value = work.await;
            drop(turn);
            value
        });
        task.await.map_err(OperationError::from)?
    }

    /// Does `work`, which looks up little of a month that is kept, and writes its document. It waits for no turn: where
    /// the month has to be judged first, that does.
    async fn look_up<T: Serialize + Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Problem>> + Send + 'static,
    ) -> Result<Response, Problem> {
        let task = tokio::spawn(async move { written(work.await?).await });
        let text = task.await.map_err(OperationError::from)??;
        Ok(([(header::CONTENT_TYPE, "application/json")], text).into_response())
    }
}

/// A document as text, written off the async threads.
async fn written<T: Serialize + Send + 'static>(document: T) -> Result<Vec<u8>, Problem> {
    tokio::task::spawn_blocking(move || serde_json::to_vec(&document))
        .await
        .map_err(OperationError::from)?
        .map_err(|error| Problem::internal(&error))
}
