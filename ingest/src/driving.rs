//! How objects are worked on, whatever the work is and whoever hands it out: several at a time, each on a thread that
//! may block, each recorded as soon as it is done.
//!
//! Each slot takes a task from the queue, works on it, and takes the next one at once: it does not wait until the catalog
//! is safely on disk. No more results wait for the catalog than objects are worked on. A task is settled with the queue
//! once what came of it was recorded, so whatever ends before that leaves it to be done again.
//!
//! What it takes to have a transaction safely on disk is the same for one object as for many, and for objects that are read
//! in a moment it would be a good part of the work. So what came of those waits for a moment for others to be recorded
//! with.
//!
//! While it works on an object that is read in a moment, a slot asks for its next task already: the way to a queue on another
//! machine takes a good part of that moment. While it works on any other it does not, so that what is long keeps nothing from
//! those who are idle.
//!
//! Nothing more is begun once the run is to drain; what was begun is finished. Whatever makes the run itself
//! fail gives back the objects that are still being worked on, so that it counts against none of them.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::sync::mpsc::error::SendError;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use work::local::LocalQueue;
use work::{Delivery, Queue, Task};

use crate::reading::ReadError;
use crate::run::{Outcome, Progress, RunError, Show, Stop};
use crate::summary::{Failed, Summary};

/// How often whoever shows a run learns of bytes that were read.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(200);

/// How many tasks of a run within this process wait in its queue; the others are still a plan.
const WAITING: usize = 1024;

/// How many objects that are read in a moment are recorded at once, at most.
const AT_ONCE: usize = 32;

/// How long what came of such an object waits for others.
const WAIT_FOR_OTHERS: Duration = Duration::from_millis(20);

/// What a task turned into.
pub(crate) enum Begun<W> {
    /// Work for a thread of its own.
    Work(W),
    /// Nothing: this is what to tell the queue.
    Settled(Settle),
}

/// What to tell the queue of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Settle {
    /// It is done, or there was nothing to do, or nothing that trying again here would help.
    Done,
    /// Somebody else is to have it.
    GiveBack {
        /// Because it failed here.
        failed: bool,
    },
    /// Nobody is to have it any more.
    Bury(String),
}

/// Tasks whose results are recorded together.
pub(crate) type Deliveries = [Box<dyn Delivery>];

/// What to tell the queue of each of them, in the same order.
pub(crate) type Settled = Result<Vec<Settle>, RunError>;

/// Tells the queue of a task. A queue that does not hear it hands the task out again, and what was recorded is found.
pub(crate) async fn settle(delivery: Box<dyn Delivery>, settle: Settle) {
    let told = match settle {
        Settle::Done => delivery.done().await,
        Settle::GiveBack { failed } => delivery.give_back(failed).await,
        Settle::Bury(reason) => delivery.bury(&reason).await,
    };
    if let Err(error) = told {
        tracing::warn!(%error, "the queue did not hear what became of a task; it will hand it out again");
    }
}

/// Somebody else is to have it, and nothing is held against it.
async fn give_back(delivery: Box<dyn Delivery>) {
    settle(delivery, Settle::GiveBack { failed: false }).await;
}

/// What records results one by one, for those who have nothing to gain by recording several at once.
pub(crate) fn one_by_one<R>(
    mut finish: impl AsyncFnMut(&dyn Delivery, R) -> Result<Settle, RunError>,
) -> impl AsyncFnMut(&Deliveries, Vec<R>) -> Settled {
    async move |deliveries: &Deliveries, results: Vec<R>| {
        let mut settled = Vec::with_capacity(results.len());
        for (delivery, result) in deliveries.iter().zip(results) {
            settled.push(finish(&**delivery, result).await?);
        }
        Ok(settled)
    }
}

/// Works on what `queue` hands out, `slots` at a time, until it has nothing more. `begin` makes a task into the work that is
/// done on a thread of its own, `finish` records what came of one or of several and says in the same order what to tell the
/// queue, and `tick` is called now and then and at the end.
///
/// # Errors
/// The first of `begin` or `finish`.
pub(crate) async fn drive<W, R>(
    slots: usize,
    stop: &Stop,
    queue: &dyn Queue,
    begin: impl AsyncFn(&dyn Delivery) -> Result<Begun<W>, RunError>,
    mut finish: impl AsyncFnMut(&Deliveries, Vec<R>) -> Settled,
    tick: impl Fn(),
) -> Result<(), RunError>
where
    W: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    let slots = slots.max(1);
    let (done, mut results) = mpsc::channel(slots);
    // Something failed that concerns all of them: what is in hand is given back.
    let over = CancellationToken::new();
    let work = async {
        let done = done;
        let slot = async || -> Result<(), RunError> {
            // What is asked for is waited for, whatever happens meanwhile: a task that comes to nobody is there again only
            // after a while.
            let mut asked = std::pin::pin!(queue.take(&stop.drain));
            let mut next = None;
            loop {
                let taken = if let Some(taken) = next.take() {
                    taken
                } else {
                    tokio::select! {
                        taken = asked.as_mut() => taken,
                        () = over.cancelled() => break,
                    }
                };
                let Some(delivery) = taken? else { break };
                asked.set(queue.take(&stop.drain));
                if stop.drain.is_cancelled() || over.is_cancelled() {
                    give_back(delivery).await;
                    break;
                }
                let work = match begin(&*delivery).await {
                    Ok(Begun::Work(work)) => work,
                    Ok(Begun::Settled(settled)) => {
                        settle(delivery, settled).await;
                        continue;
                    }
                    Err(error) => {
                        give_back(delivery).await;
                        return Err(error);
                    }
                };
                let is_a_moment = delivery.task().takes_a_moment();
                let mut working = tokio::task::spawn_blocking(work);
                let result = loop {
                    tokio::select! {
                        biased;
                        // A thread that panicked ended on its object: nothing is said of that one.
                        result = &mut working => break Some(result?),
                        () = over.cancelled() => break None,
                        taken = &mut asked, if is_a_moment && next.is_none() => next = Some(taken),
                    }
                };
                match result {
                    Some(result) => {
                        if let Err(SendError((delivery, _))) = done.send((delivery, result)).await {
                            give_back(delivery).await;
                        }
                    }
                    None => give_back(delivery).await,
                }
            }
            Ok(())
        };
        let slots = (0..slots).map(|_| async {
            let ended = slot().await;
            if ended.is_err() {
                over.cancel();
            }
            ended
        });
        futures::future::join_all(slots).await.into_iter().collect::<Result<(), RunError>>()
    };
    let record = async {
        let mut ticks = tokio::time::interval(PROGRESS_INTERVAL);
        let (mut deliveries, mut waiting) = (Vec::new(), Vec::new());
        let mut until = Instant::now();
        let ended = loop {
            let is_due = tokio::select! {
                _ = ticks.tick() => {
                    tick();
                    false
                }
                result = results.recv() => match result {
                    Some((delivery, result)) => {
                        if deliveries.is_empty() {
                            until = Instant::now() + WAIT_FOR_OTHERS;
                        }
                        let may_wait = delivery.task().takes_a_moment();
                        deliveries.push(delivery);
                        waiting.push(result);
                        !may_wait || deliveries.len() == AT_ONCE
                    }
                    None if deliveries.is_empty() => break Ok(()),
                    None => true,
                },
                () = tokio::time::sleep_until(until), if !deliveries.is_empty() => true,
            };
            if is_due {
                let settled = match finish(&deliveries, std::mem::take(&mut waiting)).await {
                    Ok(settled) => settled,
                    Err(error) => break Err(error),
                };
                let told = deliveries.drain(..).zip(settled);
                futures::future::join_all(told.map(|(delivery, settled)| settle(delivery, settled))).await;
            }
        };
        if ended.is_err() {
            over.cancel();
            results.close();
            while let Some((delivery, _)) = results.recv().await {
                deliveries.push(delivery);
            }
            futures::future::join_all(deliveries.into_iter().map(give_back)).await;
        }
        tick();
        ended
    };
    let (worked, recorded) = tokio::join!(work, record);
    // What recording met comes first: it is why the others ended.
    let result = recorded.and(worked);
    if result.is_err() {
        stop.abort.cancel();
    }
    result
}

/// Works on `tasks` within this process, as [`drive`] does.
///
/// # Errors
/// As [`drive`].
pub(crate) async fn drive_all<W, R>(
    slots: usize,
    stop: &Stop,
    tasks: impl Iterator<Item = Task>,
    begin: impl AsyncFn(&dyn Delivery) -> Result<Begun<W>, RunError>,
    finish: impl AsyncFnMut(&Deliveries, Vec<R>) -> Settled,
    tick: impl Fn(),
) -> Result<(), RunError>
where
    W: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    let queue = LocalQueue::bounded(WAITING);
    let hand_in = async {
        let handed_in = async {
            for task in tasks {
                queue.submit(vec![task]).await?;
            }
            Ok(())
        };
        tokio::select! {
            result = handed_in => { queue.close(); result }
            // Nobody takes any more.
            () = stop.drain.cancelled() => Ok(()),
        }
    };
    tokio::try_join!(hand_in, drive(slots, stop, &queue, begin, finish, tick)).map(|((), ())| ())
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

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex, mpsc};

    use catalog::store::StoreError;
    use work::{Kind, Listed, Reason};

    use super::*;

    /// The most that is read in a moment.
    const MOMENT_BYTES: u64 = 8 << 20;

    fn task(object_key: &str, size_bytes: u64) -> Task {
        let listed = Listed { size_bytes, changed_us: 0, e_tag: None, version: None };
        Task {
            kind: Kind::Read,
            share: String::new(),
            store: "file:///evidence".to_owned(),
            object_key: object_key.to_owned(),
            listed: Some(listed),
            reason: Reason::New,
            beside: Vec::new(),
            mark: None,
        }
    }

    /// How many of two objects of this size one slot holds while it works on the first. It is then told to stop, and the
    /// second is there for somebody else.
    async fn held_at_work(size_bytes: u64) -> u64 {
        let (queue, stop) = (LocalQueue::bounded(8), Stop::default());
        queue.submit(vec![task("1", size_bytes), task("2", size_bytes)]).await.unwrap();
        let (begun, mut begins) = tokio::sync::mpsc::unbounded_channel();
        let (go_on, wait) = mpsc::channel::<()>();
        let wait = Arc::new(Mutex::new(wait));
        let begin = async |_: &dyn Delivery| {
            let (begun, wait) = (begun.clone(), Arc::clone(&wait));
            Ok(Begun::Work(move || {
                begun.send(()).unwrap();
                wait.lock().unwrap().recv().unwrap();
            }))
        };
        let finish = async |delivery: &dyn Delivery, ()| {
            assert_eq!(delivery.task().object_key, "1");
            Ok(Settle::Done)
        };
        let look_on = async {
            begins.recv().await.unwrap();
            let held = queue.depth().await.unwrap()[0].held;
            stop.drain.cancel();
            go_on.send(()).unwrap();
            held
        };
        let (driven, held) = tokio::join!(drive(1, &stop, &queue, begin, one_by_one(finish), || ()), look_on);
        driven.unwrap();
        let left = queue.take(&CancellationToken::new()).await.unwrap().unwrap();
        assert_eq!((left.task().object_key.as_str(), left.failures()), ("2", 0));
        held
    }

    /// How many results of objects of these sizes are finished at once, when all are read by one slot.
    async fn finished_at_once(sizes: &[u64]) -> Vec<usize> {
        let (queue, stop) = (LocalQueue::bounded(64), Stop::default());
        let tasks = sizes.iter().enumerate().map(|(number, size)| task(&number.to_string(), *size));
        queue.submit(tasks.collect()).await.unwrap();
        queue.close();
        let begin = async |_: &dyn Delivery| Ok(Begun::Work(|| ()));
        let mut counts = Vec::new();
        let finish = async |deliveries: &Deliveries, results: Vec<()>| {
            assert_eq!(deliveries.len(), results.len());
            counts.push(results.len());
            Ok(results.into_iter().map(|()| Settle::Done).collect())
        };
        drive(1, &stop, &queue, begin, finish, || ()).await.unwrap();
        assert_eq!(queue.depth().await.unwrap().iter().map(|lane| lane.waiting + lane.held).sum::<u64>(), 0);
        counts
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_read_in_a_moment_is_recorded_with_others_and_what_is_not_at_once() {
        assert_eq!(finished_at_once(&[1; 40]).await, [AT_ONCE, 40 - AT_ONCE]);
        assert_eq!(finished_at_once(&[1, 1, MOMENT_BYTES + 1, 1]).await, [3, 1]);
        assert_eq!(finished_at_once(&[MOMENT_BYTES + 1; 3]).await, [1; 3]);
    }

    #[tokio::test]
    async fn the_next_task_is_taken_while_a_small_object_is_read_and_given_back_when_it_is_time_to_stop() {
        assert_eq!(held_at_work(MOMENT_BYTES).await, 2);
        assert_eq!(held_at_work(MOMENT_BYTES + 1).await, 1);
    }

    /// What two slots leave of three objects when the run fails: deliveries and failures of each, as the next who takes
    /// it sees them.
    async fn left_by_a_run_that_fails(to_begin: bool) -> Vec<(u32, u32)> {
        let (queue, stop) = (LocalQueue::bounded(8), Stop::default());
        queue.submit(["1", "2", "3"].map(|key| task(key, MOMENT_BYTES + 1)).into()).await.unwrap();
        queue.close();
        let failure = || RunError::Store(StoreError::DiskFull);
        let begin = async |delivery: &dyn Delivery| {
            if to_begin && delivery.task().object_key == "2" {
                return Err(failure());
            }
            let abort = stop.abort.clone();
            let is_short = delivery.task().object_key == "1" && !to_begin;
            let handle = tokio::runtime::Handle::current();
            Ok(Begun::Work(move || {
                if !is_short {
                    handle.block_on(abort.cancelled());
                }
            }))
        };
        let finish = async |_: &Deliveries, _: Vec<()>| Err(failure());
        drive(2, &stop, &queue, begin, finish, || ()).await.unwrap_err();
        let mut left = Vec::new();
        while let Some(delivery) = queue.take(&CancellationToken::new()).await.unwrap() {
            left.push((delivery.deliveries(), delivery.failures()));
            delivery.done().await.unwrap();
        }
        left
    }

    #[tokio::test]
    async fn a_run_that_fails_counts_against_no_object() {
        assert_eq!(left_by_a_run_that_fails(true).await, [(1, 0); 3]);
        assert_eq!(left_by_a_run_that_fails(false).await, [(1, 0); 3]);
    }
}
