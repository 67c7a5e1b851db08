//! How objects are worked on, whatever the work is: several at a time, each on a thread that may block,
//! each recorded as soon as it is done.
//!
//! Reading and recording go on side by side: a thread that is done with its object takes the next one at once, and does not
//! wait until the catalog is safely on disk. No more results wait to be recorded than objects are worked on.
//!
//! Nothing more is begun once the run is to drain; what was begun is finished. Whatever makes the run itself
//! fail lets go of the objects that are still being worked on.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::reading::ReadError;
use crate::run::{Outcome, Progress, RunError, Show, Stop};
use crate::summary::{Failed, Summary};

/// How often whoever shows a run learns of bytes that were read.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(200);

/// Works on `items`, `parallel` of them at a time. `begin` makes an item into the work that is done on a thread of
/// its own, `finish` records what came of it, and `tick` is called now and then and at the end.
///
/// # Errors
/// The first of `begin` or `finish`.
pub(crate) async fn drive<T, W, R>(
    parallel: usize,
    stop: &Stop,
    items: Vec<T>,
    mut begin: impl AsyncFnMut(T) -> Result<W, RunError>,
    mut finish: impl AsyncFnMut(R) -> Result<(), RunError>,
    tick: impl Fn(),
) -> Result<(), RunError>
where
    W: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    let (done, mut results) = mpsc::channel(parallel.max(1));
    let work = async {
        let done = done;
        let mut waiting = items.into_iter();
        let mut working = JoinSet::new();
        loop {
            while working.len() < parallel.max(1) && !stop.drain.is_cancelled() {
                let Some(item) = waiting.next() else { break };
                working.spawn_blocking(begin(item).await?);
            }
            let Some(joined) = working.join_next().await else { return Ok(()) };
            // Nobody receives any more only once recording has failed, which ends this, too.
            let _ = done.send(joined?).await;
        }
    };
    let record = async {
        let mut ticks = tokio::time::interval(PROGRESS_INTERVAL);
        loop {
            tokio::select! {
                _ = ticks.tick() => tick(),
                result = results.recv() => match result {
                    Some(result) => finish(result).await?,
                    None => break,
                },
            }
        }
        tick();
        Ok(())
    };
    let result = tokio::try_join!(work, record).map(|((), ())| ());
    if result.is_err() {
        stop.abort.cancel();
    }
    result
}

/// What stands in the way of an object that was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unread {
    /// We were asked to stop; it stays to be done.
    Stopped,
    /// It was gone before it could be read.
    Vanished,
    /// It was told, and stays to be done.
    Failed,
}

/// Tells why an object was not read.
///
/// # Errors
/// Where no other can be read either.
pub(crate) fn unread(
    object_key: &str,
    error: ReadError,
    summary: &mut Summary,
    progress: &Show<'_>,
) -> Result<Unread, RunError> {
    match error {
        ReadError::Cancelled => Ok(Unread::Stopped),
        error @ ReadError::Child(_) => Err(RunError::Child(error)),
        ReadError::Vanished { .. } => {
            progress(Progress::Finished { object_key, outcome: Outcome::Vanished });
            Ok(Unread::Vanished)
        }
        error => {
            failed(object_key, error.to_string(), summary, progress);
            Ok(Unread::Failed)
        }
    }
}

/// Tells what we could not do for an object.
pub(crate) fn failed(object_key: &str, error: String, summary: &mut Summary, progress: &Show<'_>) {
    progress(Progress::Finished { object_key, outcome: Outcome::Failed(&error) });
    summary.failures.push(Failed { object_key: object_key.to_owned(), error });
}
