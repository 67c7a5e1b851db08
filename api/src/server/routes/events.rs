//! That something changed, as server-sent events: a page asks anew for what it shows, instead of asking every minute.
//!
//! An event carries the revision of the catalog and nothing of what was written: who may see that is asked when the
//! page asks. A stream ends after ten minutes and the browser comes back by itself, so that a session that has ended
//! does not go on listening.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::Uri;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures::Stream;
use futures::stream::{self, StreamExt as _};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval};

use crate::server::App;
use crate::server::params::Params;
use crate::server::problem::Problem;

/// How often the catalog is asked.
const EVERY: Duration = Duration::from_secs(1);

/// How long a stream lasts.
const LENGTH: Duration = Duration::from_mins(10);

struct Watching {
    app: App,
    ticks: Interval,
    ends: Instant,
    last: Option<u64>,
}

/// The revision of the catalog: at once, and whenever it has become another.
pub(in crate::server) async fn events(
    State(app): State<App>,
    uri: Uri,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    Params::of(&uri, &[])?;
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let watching = Watching { app, ticks, ends: Instant::now() + LENGTH, last: None };
    let stream = stream::unfold(watching, |mut watching| async move {
        loop {
            watching.ticks.tick().await;
            if Instant::now() >= watching.ends {
                return None;
            }
            // Where the catalog does not answer the stream ends, and the browser comes back.
            let last = watching.app.catalog().revision().await.ok()?.number;
            if watching.last != Some(last) {
                watching.last = Some(last);
                let event = Event::default().event("change").id(last.to_string());
                return Some((event.data(format!("{{\"revision\":{last}}}")), watching));
            }
        }
    });
    Ok(Sse::new(stream.map(Ok)).keep_alive(KeepAlive::default()))
}
