//! A worker: takes tasks from a queue and does them, until it is told to stop.
//!
//! Before it reads an object it asks the catalog whether that is still to be done, so a task that comes twice is nothing the
//! second time. It reads only from stores that the catalog knows, whatever a task says. What fails (the store is
//! away, the catalog is) is given back, and tried by whoever takes it next; after [`MOST_FAILURES`] times it is
//! left to the next listing. What *ends* worker after worker without a word is no failure that anybody saw: after
//! [`MOST_DELIVERIES`] it is only digested, without a look at what is in it, and recorded as unreadable; and what does
//! not even survive that is set aside, and named by every run that lists it.
//!
//! When it is told to stop it takes nothing more, finishes what it has, and hands back what it cannot finish in time.

mod figures;
mod hints;
mod known;

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use catalog::observation::{Problem, ProblemCode};
use catalog::store::{ObjectEntry, StoreEntry, StoreError, Uninspected};
use catalog::track::SidecarClock;
use confined::MediaReport;
use object_store::path::Path as ObjectPath;
use object_store::{ObjectMeta, ObjectStoreExt as _};
use tokio_util::sync::CancellationToken;
use work::{Delivery, Kind, ListedObject, Queue, Reason, Task};

use self::figures::add;
pub use self::figures::{Counts, Figures};
pub use self::hints::Desk;
use self::known::Known;
use crate::driving::{Begun, Deliveries, Settle, Settled, drive};
use crate::inspect::{Seen, inspect_version};
use crate::location::Location;
use crate::plan::signature;
use crate::reading::{ObjectReading, ReadError, ReadOptions};
use crate::run::{Ingest, Progress, RunError};
use crate::sidecar::{self, Sidecars};
use crate::summary::Summary;
use crate::taking_in::ToRecord;
use crate::tasks::{meta, to_look_at};

/// How many workers may end on an object without a word before it is only digested.
pub const MOST_DELIVERIES: u32 = 5;

/// How many more may end on that before the task is set aside.
pub const MOST_DIGESTS: u32 = 3;

/// How often a task may fail before it is left to the next listing.
pub const MOST_FAILURES: u32 = 20;

/// How long a worker waits before it takes more, when the catalog failed.
const CATALOG_REST: Duration = Duration::from_secs(2);

/// Takes tasks from a queue and does them.
pub struct Worker {
    /// What reads, looks and records. Its `options.parallel` is how many tasks are worked on at a time; its
    /// `options.inspect`, whether what was read is then looked at.
    pub ingest: Ingest,
    /// What hands out tasks.
    pub queue: Arc<dyn Queue>,
    /// What it counts.
    pub figures: Arc<Figures>,
    /// How long it may go on with what it has, once it is told to stop.
    pub drain: Duration,
    /// Stores that were opened, by URL.
    opened: Mutex<BTreeMap<String, Opened>>,
    known: Known,
}

/// A store that the catalog knows, opened.
#[derive(Debug, Clone)]
struct Opened {
    store: StoreEntry,
    location: Location,
}

/// What came of a task on its thread.
enum Did {
    Read {
        store: StoreEntry,
        meta: ObjectMeta,
        result: Box<Result<ObjectReading<MediaReport>, ReadError>>,
        sidecars: Sidecars,
    },
    Looked {
        store: StoreEntry,
        due: Uninspected,
        result: Box<Result<(Seen, u64), ReadError>>,
    },
}

/// A task whose work is done, before what came of it is recorded.
#[derive(Default)]
struct Halfway {
    summary: Summary,
    /// Whether there is something to record of it.
    records: bool,
    /// What is to be done next with an object that can be used.
    next: Option<Task>,
}

type Work = Box<dyn FnOnce() -> Did + Send>;

/// Nobody looks on; what matters is logged and counted.
fn unseen(_: Progress<'_>) {}

impl Worker {
    /// A worker.
    pub fn new(ingest: Ingest, queue: Arc<dyn Queue>, drain: Duration) -> Self {
        Self {
            ingest,
            queue,
            figures: Arc::default(),
            drain,
            opened: Mutex::default(),
            known: Known::default(),
        }
    }

    /// Works until `stop.drain` of its [`Ingest`] is cancelled, and what it had then is done or handed back.
    ///
    /// # Errors
    /// [`RunError`] where it can do no work at all. A catalog, a store or a queue that is away is waited for.
    pub async fn run(&self) -> Result<(), RunError> {
        let stop = &self.ingest.stop;
        let begin = async |delivery: &dyn Delivery| {
            let begun = self.begin(delivery).await;
            if matches!(begun, Ok(Begun::Work(_))) {
                add(&self.figures.held, 1);
            }
            self.survive(delivery.task(), begun).await
        };
        let finish = async |deliveries: &Deliveries, did: Vec<Did>| {
            self.figures.held.fetch_sub(deliveries.len() as u64, Ordering::Relaxed);
            self.finish(deliveries, did).await
        };
        let over = CancellationToken::new();
        let drained = async {
            stop.drain.cancelled().await;
            self.figures.draining.store(true, Ordering::Relaxed);
            tokio::select! {
                () = over.cancelled() => {}
                () = tokio::time::sleep(self.drain) => stop.abort.cancel(),
            }
        };
        let work = async {
            let result = drive(self.ingest.options.parallel, stop, &*self.queue, begin, finish, || ()).await;
            over.cancel();
            // What waits for the order to stop has it now.
            stop.drain.cancel();
            result
        };
        tokio::join!(work, drained).0
    }

    /// A catalog that fails ends no worker: the task is given back, and after a moment more is taken.
    async fn survive<W>(&self, task: &Task, begun: Result<Begun<W>, RunError>) -> Result<Begun<W>, RunError> {
        match begun {
            Err(RunError::Store(error)) => {
                let settled = self.given_back(task, &error);
                self.rest().await;
                Ok(Begun::Settled(settled))
            }
            other => other,
        }
    }

    /// Of a task that the catalog failed.
    fn given_back(&self, task: &Task, error: &StoreError) -> Settle {
        tracing::warn!(store = task.store, %error, "the catalog failed; the task is given back");
        add(&self.figures.failed, 1);
        Settle::GiveBack { failed: false }
    }

    /// Gives the catalog a moment.
    async fn rest(&self) {
        tokio::select! {
            () = self.ingest.stop.drain.cancelled() => {}
            () = tokio::time::sleep(CATALOG_REST) => {}
        }
    }

    /// Makes a task into work, or finds that there is none.
    async fn begin(&self, delivery: &dyn Delivery) -> Result<Begun<Work>, RunError> {
        let task = delivery.task();
        let Some(opened) = self.open(task).await? else { return Ok(Begun::Settled(Settle::Done)) };
        match task.kind {
            Kind::Read => self.begin_reading(delivery, opened).await,
            Kind::Look => self.begin_looking(delivery, opened).await,
        }
    }

    /// The store of a task; `None`, having said so, if the catalog does not know it or it cannot be opened here.
    async fn open(&self, task: &Task) -> Result<Option<Opened>, RunError> {
        let known = |opened: &Mutex<BTreeMap<String, Opened>>| {
            opened.lock().unwrap_or_else(PoisonError::into_inner).get(&task.store).cloned()
        };
        if let Some(opened) = known(&self.opened) {
            return Ok(Some(opened));
        }
        let stores = self.ingest.catalog.stores().await?;
        let Some(store) = stores.into_iter().find(|store| store.url == task.store) else {
            tracing::warn!(
                store = task.store,
                "a task names a store that the catalog does not know; it is ignored"
            );
            return Ok(None);
        };
        let location = match Location::open(&store.url) {
            Ok(location) => location,
            Err(error) => {
                tracing::warn!(%error, "a store cannot be opened here; its objects are left to the next listing");
                add(&self.figures.failed, 1);
                return Ok(None);
            }
        };
        let opened = Opened { store, location };
        let mut all = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(task.store.clone(), opened.clone());
        Ok(Some(opened))
    }

    /// Of a task that could not be done: it is given back, or left to the next listing.
    fn failed(&self, delivery: &dyn Delivery, error: &str) -> Settle {
        let task = delivery.task();
        add(&self.figures.failed, 1);
        if delivery.failures() + 1 >= MOST_FAILURES {
            tracing::error!(
                store = task.store,
                key = task.object_key,
                error,
                "given up until the next listing"
            );
            return Settle::Done;
        }
        tracing::warn!(store = task.store, key = task.object_key, error, "it failed and is tried again");
        Settle::GiveBack { failed: true }
    }

    /// What the store says of the object now, where the task does not say it.
    async fn present(&self, task: &Task, opened: &Opened) -> Result<ObjectMeta, ReadError> {
        if let Some(meta) = task.listed.as_ref().and_then(|listed| meta(&task.object_key, listed)) {
            return Ok(meta);
        }
        let vanished = || ReadError::Vanished { key: task.object_key.clone() };
        let key = ObjectPath::parse(&task.object_key).map_err(|_| vanished())?;
        opened.location.store.head(&key).await.map_err(|error| ReadError::from_store(&task.object_key, error))
    }

    async fn begin_reading(&self, delivery: &dyn Delivery, opened: Opened) -> Result<Begun<Work>, RunError> {
        let task = delivery.task();
        let Opened { store, location } = opened.clone();
        let no_op = || {
            add(&self.figures.no_ops, 1);
            Ok(Begun::Settled(Settle::Done))
        };
        let meta = match self.present(task, &opened).await {
            Ok(meta) => meta,
            // Only a listing says what is gone.
            Err(ReadError::Vanished { .. }) => return no_op(),
            Err(error) => return Ok(Begun::Settled(self.failed(delivery, &error.to_string()))),
        };
        let entry = self.known.object(self.ingest.catalog.as_ref(), store.id, delivery).await?;
        if entry.as_ref().is_some_and(|entry| !is_due(entry, &meta, task.reason)) {
            return no_op();
        }
        for beside in &task.beside {
            if let Err(error) = self.read_beside(&opened, beside).await? {
                return Ok(Begun::Settled(self.failed(delivery, &error)));
            }
        }
        let sidecars = self.sidecars(&store, task).await?;
        if task.reason == Reason::Sidecar
            && entry.iter().all(|entry| sidecar::late(&sidecars, [entry]).is_empty())
        {
            return no_op();
        }
        let said_the_same = entry.as_ref().is_some_and(|entry| entry.signature == signature(&meta));
        let earlier = match entry {
            None => None,
            Some(_) => self.ingest.catalog.chunk_list(store.id, &task.object_key).await?.map(Arc::new),
        };
        let options = ReadOptions {
            sm3: self.ingest.options.sm3,
            link: Arc::clone(&location.link),
            earlier,
            said_the_same,
            ..ReadOptions::default()
        };
        let (reader, abort) = (self.ingest.reader.clone(), self.ingest.stop.abort.clone());
        let objects = Arc::clone(&location.store);
        let deliveries = delivery.deliveries();
        if deliveries > MOST_DELIVERIES + MOST_DIGESTS {
            add(&self.figures.buried, 1);
            tracing::error!(store = task.store, key = task.object_key, deliveries, "it is set aside");
            let reason = format!("{} workers in a row ended while they had it", deliveries - 1);
            return Ok(Begun::Settled(Settle::Bury(reason)));
        }
        Ok(Begun::Work(Box::new(move || {
            let (meta, result) = if deliveries > MOST_DELIVERIES {
                let detail = format!(
                    "{} workers in a row ended while they read it, so it was digested and not looked into; `reelproof ingest --retry-quarantined` tries again",
                    deliveries - 1
                );
                let problem = Problem::new(ProblemCode::Unreadable, detail);
                let result = reader.digest(&objects, &meta, &options, problem, &abort);
                (meta, result)
            } else {
                reader.read_latest(&objects, meta, &options, &abort)
            };
            Did::Read { store, meta, result: Box::new(result), sidecars }
        })))
    }

    /// Reads and records a file beside a recording, unless the catalog has it; the inner error is the file's.
    async fn read_beside(
        &self,
        opened: &Opened,
        beside: &ListedObject,
    ) -> Result<Result<(), String>, RunError> {
        let Opened { store, location } = opened;
        let Some(meta) = meta(&beside.object_key, &beside.listed) else { return Ok(Ok(())) };
        let entry = self.ingest.catalog.object(store.id, &beside.object_key).await?;
        if entry.as_ref().is_some_and(|entry| !entry.gone && entry.signature == signature(&meta)) {
            return Ok(Ok(()));
        }
        let earlier = match entry {
            None => None,
            Some(_) => self.ingest.catalog.chunk_list(store.id, &beside.object_key).await?.map(Arc::new),
        };
        let options = ReadOptions {
            sm3: self.ingest.options.sm3,
            link: Arc::clone(&location.link),
            earlier,
            ..ReadOptions::default()
        };
        let (reader, objects) = (self.ingest.reader.clone(), Arc::clone(&location.store));
        let abort = self.ingest.stop.abort.clone();
        let read = tokio::task::spawn_blocking(move || reader.read_latest(&objects, meta, &options, &abort));
        let (meta, result) = read.await?;
        let mut summary = Summary::default();
        self.ingest
            .keep_all(store, vec![(meta, result)], &Sidecars::default(), &mut summary, &unseen)
            .await?;
        self.figures.add(&summary);
        Ok(summary.failures.pop().map_or(Ok(()), |failed| Err(failed.error)))
    }

    /// What the files beside a recording say, as the catalog has them.
    async fn sidecars(&self, store: &StoreEntry, task: &Task) -> Result<Sidecars, RunError> {
        let mut clocks = Vec::new();
        for beside in &task.beside {
            let tracks = self.ingest.catalog.tracks(&beside.object_key).await?;
            clocks.extend(tracks.into_iter().filter(|entry| entry.store == store.url).map(|entry| {
                SidecarClock {
                    object_key: beside.object_key.clone(),
                    clock: entry.track.clock,
                    first_at: entry.track.first_at,
                    last_at: entry.track.last_at,
                }
            }));
        }
        Ok(Sidecars::new(clocks))
    }

    async fn begin_looking(&self, delivery: &dyn Delivery, opened: Opened) -> Result<Begun<Work>, RunError> {
        let task = delivery.task();
        let Opened { store, location } = opened.clone();
        let no_op = || {
            add(&self.figures.no_ops, 1);
            Ok(Begun::Settled(Settle::Done))
        };
        let Some(options) = self.ingest.options.inspect else {
            // Another worker, or a run, is asked to.
            tracing::warn!(
                store = task.store,
                "a recording is to be looked at, which this worker does not do: start it with --inspect"
            );
            return Ok(Begun::Settled(Settle::GiveBack { failed: true }));
        };
        let meta = match self.present(task, &opened).await {
            Ok(meta) => meta,
            Err(ReadError::Vanished { .. }) => return no_op(),
            Err(error) => return Ok(Begun::Settled(self.failed(delivery, &error.to_string()))),
        };
        let recordings = self.ingest.catalog.recording(&task.object_key).await?;
        let recording = recordings.into_iter().find(|recording| recording.store == store.url);
        let Some(recording) = recording.filter(|recording| {
            !recording.quarantined
                && recording.gone_at.is_none()
                && recording.signature == signature(&meta)
                && !recording.observation.is_sidecar()
        }) else {
            return no_op();
        };
        let looks = self.ingest.catalog.inspections(&task.object_key).await?;
        let same = |look: &catalog::store::InspectionEntry| {
            look.store == store.url && look.version == recording.version && look.options == options
        };
        if looks.iter().any(same) {
            return no_op();
        }
        if delivery.deliveries() > MOST_DELIVERIES {
            add(&self.figures.buried, 1);
            let reason =
                format!("{} workers in a row ended while they looked at it", delivery.deliveries() - 1);
            return Ok(Begun::Settled(Settle::Bury(reason)));
        }
        let due = Uninspected {
            object_key: task.object_key.clone(),
            signature: recording.signature,
            sha256: recording.observation.sha256,
        };
        let (pool, handle) = (self.ingest.reader.pool().clone(), self.ingest.reader.handle().clone());
        let (objects, abort) = (Arc::clone(&location.store), self.ingest.stop.abort.clone());
        Ok(Begun::Work(Box::new(move || {
            let result = inspect_version(&objects, &meta, &pool, &handle, options, 1, &abort);
            Did::Looked { store, due, result: Box::new(result) }
        })))
    }

    /// Records what came of tasks: of those that read, together.
    async fn finish(&self, deliveries: &Deliveries, did: Vec<Did>) -> Settled {
        let mut to_record = Vec::new();
        let mut halfway = Vec::with_capacity(did.len());
        let mut catalog_failed = false;
        for (delivery, did) in deliveries.iter().zip(did) {
            halfway.push(match self.understand(delivery.task(), did, &mut to_record).await {
                Err(RunError::Store(error)) => {
                    catalog_failed = true;
                    ControlFlow::Break(self.given_back(delivery.task(), &error))
                }
                other => other?,
            });
        }
        let recorded: Vec<_> = match self.ingest.record(&to_record).await {
            Ok(recorded) => recorded.into_iter().map(Ok).collect(),
            Err(error) => {
                let error = Arc::new(error);
                to_record.iter().map(|_| Err(Arc::clone(&error))).collect()
            }
        };
        let mut recorded = to_record.into_iter().zip(recorded);
        let mut settled = Vec::with_capacity(deliveries.len());
        for (delivery, halfway) in deliveries.iter().zip(halfway) {
            let mut halfway = match halfway {
                ControlFlow::Continue(halfway) => halfway,
                ControlFlow::Break(already) => {
                    settled.push(already);
                    continue;
                }
            };
            let own = if halfway.records { recorded.next() } else { None };
            settled.push(match own {
                Some((_, Err(error))) => {
                    catalog_failed = true;
                    self.given_back(delivery.task(), &error)
                }
                Some((_, Ok(Err(error)))) => self.failed(&**delivery, &error.to_string()),
                Some((to_record, Ok(Ok(recorded)))) => {
                    to_record.told(recorded, &mut halfway.summary, &unseen);
                    self.conclude(&**delivery, halfway).await
                }
                None => self.conclude(&**delivery, halfway).await,
            });
        }
        if catalog_failed {
            self.rest().await;
        }
        Ok(settled)
    }

    /// What came of a task, up to what is `to_record`; or at once what to tell the queue of one that was broken off.
    async fn understand(
        &self,
        task: &Task,
        did: Did,
        to_record: &mut Vec<ToRecord>,
    ) -> Result<ControlFlow<Settle, Halfway>, RunError> {
        let mut halfway = Halfway::default();
        match did {
            Did::Read { result, .. } if matches!(*result, Err(ReadError::Cancelled)) => {
                return Ok(ControlFlow::Break(Settle::GiveBack { failed: false }));
            }
            Did::Looked { result, .. } if matches!(*result, Err(ReadError::Cancelled)) => {
                return Ok(ControlFlow::Break(Settle::GiveBack { failed: false }));
            }
            Did::Read { store, meta, result, sidecars } => {
                if self.ingest.options.inspect.is_some() && !sidecar::is_named_like_one(&task.object_key) {
                    halfway.next = Some(to_look_at(&store.url, task.share.clone(), &meta));
                }
                let summary = &mut halfway.summary;
                let understood =
                    self.ingest.understand(&store, (meta, *result), &sidecars, summary, &unseen).await?;
                halfway.records = understood.is_some();
                to_record.extend(understood);
            }
            Did::Looked { store, due, result } => {
                if let Some(options) = self.ingest.options.inspect {
                    let summary = &mut halfway.summary;
                    self.ingest.keep_look(&store, &due, options, *result, summary, &unseen).await?;
                }
            }
        }
        Ok(ControlFlow::Continue(halfway))
    }

    /// Counts what came of a task that was recorded, hands in what is to be done next, and says what to tell the queue.
    async fn conclude(&self, delivery: &dyn Delivery, halfway: Halfway) -> Settle {
        let task = delivery.task();
        let Halfway { mut summary, records, next } = halfway;
        self.figures.add(&summary);
        for problem in &summary.quarantine {
            tracing::warn!(store = task.store, key = problem.object_key, code = %problem.problem.code, "quarantined");
        }
        if let Some(failure) = summary.failures.pop() {
            return self.failed(delivery, &failure.error);
        }
        if let Some(next) = next.filter(|_| records && summary.quarantined == 0)
            && let Err(error) = self.queue.submit(vec![next]).await
        {
            // The next listing finds that nobody looked at it.
            tracing::warn!(%error, "what was read could not be handed in to be looked at");
        }
        Settle::Done
    }
}

/// Whether an object that the catalog knows is still to be read.
fn is_due(entry: &ObjectEntry, meta: &ObjectMeta, reason: Reason) -> bool {
    let changed = entry.gone || entry.signature != signature(meta);
    match reason {
        Reason::New | Reason::Changed | Reason::Returned | Reason::Hint => changed,
        Reason::Retry => changed || entry.quarantined,
        Reason::Sidecar => changed || (!entry.quarantined && !entry.sidecar_claim),
    }
}
