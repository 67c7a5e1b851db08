//! Fixity: reading stored objects again, in the order of a plan and within a budget.
//!
//! An object is read exactly as a run of ingest reads one ([`ObjectReader`](crate::reading::ObjectReader)): one pass for digest,
//! chunk list and index, with the earlier chunk list at hand, so that what was altered is located to the seconds at the moment
//! it is noticed, and recorded as the new version that any run of ingest would have made of it. What the check came to is
//! recorded in the same transaction. So every object is done wholly or not at all: a run that is killed has lost the objects
//! it was reading and no other, and the next run, which plans anew, begins with them.
//!
//! **What is missing, and what cannot be asked.** "Not found" may mean that somebody deleted an object, or that a disk is not
//! mounted and every object is "not found". So a store counts as there only if it lists something; where it does not,
//! nothing is said of any of its objects, and the run fails for that store.
//!
//! **A budget** is kept by beginning nothing that does not fit: no object after the time is over, and none whose recorded bytes
//! do not fit what is left. The order is never changed to fill what is left with smaller objects of less risk. An object
//! larger than the whole budget would hold up all others for ever: it is passed over, and told.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use catalog::fixity::{FixityEnd, RiskClass};
use catalog::store::{Checked, FixityRunId, Reading, Recorded, StoreEntry, StoreId, Unchecked};
use confined::MediaReport;
use futures::StreamExt as _;
use object_store::path::Path as ObjectPath;
use object_store::{ObjectMeta, ObjectStoreExt as _};
use serde::Serialize;
use tokio::sync::OnceCell;
use work::{Delivery, Kind, Reason, Task};

use crate::driving::{Begun, Settle, drive_all, one_by_one};
use crate::location::Location;
use crate::observed::{Observed, observe};
use crate::plan::signature;
use crate::reading::{ObjectReading, ReadError, ReadOptions};
use crate::run::{Ingest, Outcome, Progress, RunError, Show};
use crate::sidecar::Sidecars;
use crate::summary::Failed;
use crate::tasks::written_at;

/// An object that is to be read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToCheck {
    /// Its store.
    pub store: StoreId,
    /// Its key.
    pub object_key: String,
    /// Bytes, as recorded.
    pub size_bytes: u64,
    /// Why.
    pub class: RiskClass,
}

/// How much may be read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Budget {
    /// For how long objects are begun; `None`: without end.
    pub time: Option<Duration>,
    /// How many bytes; `None`: all.
    pub bytes: Option<u64>,
}

/// What a run did.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FixitySummary {
    /// Objects that are as recorded.
    pub intact: u64,
    /// Objects that are not.
    pub altered: u64,
    /// Objects that are not there any more.
    pub missing: u64,
    /// Objects that could not be read.
    pub unreadable: u64,
    /// Objects that are larger than the whole budget.
    pub passed_over: u64,
    /// Objects of the plan of which nothing is known: for want of budget, of time, of their store.
    pub left: u64,
    /// Bytes that were fetched.
    pub bytes_read: u64,
    /// How long it took.
    pub seconds: f64,
    /// How it ended.
    pub end: FixityEnd,
    /// Stores that could not be asked at all.
    pub failures: Vec<Failed>,
}

/// A store whose objects are read.
struct OpenStore {
    entry: StoreEntry,
    location: Location,
    sidecars: Sidecars,
}

/// A store once it was opened; `None` where that failed.
type Opened = OnceCell<Option<Arc<OpenStore>>>;

/// What became of one object on its thread.
type Read = (Option<ObjectMeta>, Result<ObjectReading<MediaReport>, ReadError>);

/// What a run knows while it goes on. All of it is used by one task, which hands objects to threads.
struct State<'a> {
    by_task: HashMap<(&'a str, &'a str), &'a ToCheck>,
    /// Stores by URL, opened when their first object is begun; `None` where that failed.
    stores: BTreeMap<&'a str, (&'a StoreEntry, Opened)>,
    /// Stores that turned out not to be there, by URL.
    lost: RefCell<BTreeSet<String>>,
    failures: RefCell<Vec<Failed>>,
    /// Bytes that may still be begun.
    left_bytes: Cell<Option<u64>>,
    used_up: Cell<bool>,
    passed_over: Cell<u64>,
}

impl State<'_> {
    /// A store that was opened.
    fn opened(&self, url: &str) -> Option<Arc<OpenStore>> {
        self.stores.get(url)?.1.get()?.clone()
    }

    fn lose(&self, url: &str, error: String) {
        if self.lost.borrow_mut().insert(url.to_owned()) {
            self.failures.borrow_mut().push(Failed { object_key: url.to_owned(), error });
        }
    }

    /// Whether an object of this size may be begun; takes its bytes from the budget.
    fn fits(&self, size_bytes: u64, budget: Budget, began: Instant) -> bool {
        if self.used_up.get() {
            return false;
        }
        if budget.time.is_some_and(|time| began.elapsed() >= time) {
            self.used_up.set(true);
            return false;
        }
        let (Some(left), Some(whole)) = (self.left_bytes.get(), budget.bytes) else { return true };
        if size_bytes > whole {
            self.passed_over.set(self.passed_over.get() + 1);
            return false;
        }
        if let Some(left) = left.checked_sub(size_bytes) {
            self.left_bytes.set(Some(left));
            true
        } else {
            self.used_up.set(true);
            false
        }
    }
}

impl Ingest {
    /// Reads the objects of a plan again, in its order, and records what becomes of each.
    ///
    /// # Errors
    /// [`RunError`] where nothing more can be done: the catalog fails, or no child process is to be had. What was recorded
    /// stays. Failures of single objects and stores are in the summary.
    pub async fn verify(
        &self,
        run: FixityRunId,
        plan: &[ToCheck],
        budget: Budget,
        progress: &Show<'_>,
    ) -> Result<FixitySummary, RunError> {
        let began = Instant::now();
        let stores = self.catalog.stores().await?;
        let url_of: HashMap<StoreId, &str> =
            stores.iter().map(|store| (store.id, store.url.as_str())).collect();
        let urls: Vec<&str> =
            plan.iter().map(|one| url_of.get(&one.store).copied().unwrap_or_default()).collect();
        let state = State {
            by_task: urls.iter().zip(plan).map(|(url, one)| ((*url, one.object_key.as_str()), one)).collect(),
            stores: stores.iter().map(|store| (store.url.as_str(), (store, OnceCell::new()))).collect(),
            lost: RefCell::default(),
            failures: RefCell::default(),
            left_bytes: Cell::new(budget.bytes),
            used_up: Cell::new(false),
            passed_over: Cell::new(0),
        };
        let size_bytes = plan.iter().map(|one| one.size_bytes).sum();
        progress(Progress::Checking { objects: plan.len() as u64, size_bytes });

        let bytes = Arc::new(AtomicU64::new(0));
        let tasks = urls.iter().zip(plan).map(|(url, one)| to_check(url, &one.object_key));
        let begin = async |delivery: &dyn Delivery| {
            let task = delivery.task();
            let done = Ok(Begun::Settled(Settle::Done));
            let key = (task.store.as_str(), task.object_key.as_str());
            let Some(one) = state.by_task.get(&key).copied() else { return done };
            if !state.fits(one.size_bytes, budget, began) {
                return done;
            }
            let Some(store) = self.open_for_check(&state, &task.store).await? else { return done };
            let earlier = self.catalog.chunk_list(store.entry.id, &task.object_key).await?.map(Arc::new);
            let known = self.catalog.object(store.entry.id, &task.object_key).await?;
            let mut options = ReadOptions {
                sm3: self.options.sm3,
                progress: Some(Arc::clone(&bytes)),
                link: Arc::clone(&store.location.link),
                earlier,
                ..ReadOptions::default()
            };
            let (reader, objects) = (self.reader.clone(), Arc::clone(&store.location.store));
            let (key, abort) = (task.object_key.clone(), self.stop.abort.clone());
            Ok(Begun::Work(move || -> Read {
                let unread = |error| (None, Err(ReadError::from_store(&key, error)));
                let path = match ObjectPath::parse(&key) {
                    Ok(path) => path,
                    Err(error) => return unread(error.into()),
                };
                match reader.handle().block_on(objects.head(&path)) {
                    Ok(meta) => {
                        options.said_the_same =
                            known.is_some_and(|known| known.signature == signature(&meta));
                        let (meta, result) = reader.read_latest(&objects, meta, &options, &abort);
                        (Some(meta), result)
                    }
                    Err(error) => unread(error),
                }
            }))
        };
        let mut summary = FixitySummary {
            intact: 0,
            altered: 0,
            missing: 0,
            unreadable: 0,
            passed_over: 0,
            left: 0,
            bytes_read: 0,
            seconds: 0.0,
            end: FixityEnd::Done,
            failures: Vec::new(),
        };
        let finish = async |delivery: &dyn Delivery, read: Read| {
            let task = delivery.task();
            let key = (task.store.as_str(), task.object_key.as_str());
            if let Some(one) = state.by_task.get(&key).copied()
                && let Some(store) = state.opened(&task.store)
            {
                self.keep_check(run, one, &store, read, &state, &mut summary, progress).await?;
            }
            Ok(Settle::Done)
        };
        let tick = || progress(Progress::Bytes(bytes.swap(0, Ordering::Relaxed)));
        drive_all(self.options.parallel, &self.stop, tasks, begin, one_by_one(finish), tick).await?;

        summary.passed_over = state.passed_over.get();
        let settled = summary.intact + summary.altered + summary.missing + summary.unreadable;
        summary.left = (plan.len() as u64).saturating_sub(settled);
        summary.failures = state.failures.into_inner();
        summary.seconds = began.elapsed().as_secs_f64();
        summary.end = if self.stop.drain.is_cancelled() || self.stop.abort.is_cancelled() {
            FixityEnd::Stopped
        } else if state.used_up.get() || summary.passed_over > 0 {
            FixityEnd::Budget
        } else {
            FixityEnd::Done
        };
        Ok(summary)
    }

    /// The store of this URL; `None` if it is not there, which is told once.
    async fn open_for_check(&self, state: &State<'_>, url: &str) -> Result<Option<Arc<OpenStore>>, RunError> {
        let Some((entry, cell)) = state.stores.get(url) else { return Ok(None) };
        if state.lost.borrow().contains(url) {
            return Ok(None);
        }
        let open = async || -> Result<Option<Arc<OpenStore>>, RunError> {
            let location = match Location::open(url) {
                Ok(location) => location,
                Err(error) => {
                    state.lose(url, error.to_string());
                    return Ok(None);
                }
            };
            if let Err(error) = is_there(&location).await {
                state.lose(url, error);
                return Ok(None);
            }
            let sidecars = Sidecars::new(self.catalog.sidecar_clocks(entry.id).await?);
            Ok(Some(Arc::new(OpenStore { entry: (*entry).clone(), location, sidecars })))
        };
        cell.get_or_try_init(open).await.cloned()
    }

    /// Records what became of an object.
    #[expect(clippy::too_many_arguments, reason = "what is known of one object, and where it is told")]
    async fn keep_check(
        &self,
        run: FixityRunId,
        one: &ToCheck,
        store: &OpenStore,
        (meta, result): Read,
        state: &State<'_>,
        summary: &mut FixitySummary,
        progress: &Show<'_>,
    ) -> Result<(), RunError> {
        let key = one.object_key.as_str();
        let read = match result {
            Ok(reading) => {
                let bytes_read = reading.bytes_read;
                summary.bytes_read += bytes_read;
                observe(&self.options, key, reading, &store.sidecars).map(|observed| (observed, bytes_read))
            }
            Err(ReadError::Cancelled) => return Ok(()),
            Err(error @ ReadError::Child(_)) => return Err(RunError::Child(error)),
            Err(error) => {
                // Is it the object, or the whole store? Of a store that is not there nothing is said.
                if let Err(error) = is_there(&store.location).await {
                    state.lose(&store.entry.url, error);
                    return Ok(());
                }
                if matches!(error, ReadError::Vanished { .. }) {
                    return self.keep_unchecked(run, one, true, &error.to_string(), summary, progress).await;
                }
                Err(error.to_string())
            }
        };
        let (Observed { observation, tracks, chunks, altered }, bytes_read, meta) = match (read, meta) {
            (Ok((observed, bytes_read)), Some(meta)) => (observed, bytes_read, meta),
            (Err(error), _) => return self.keep_unchecked(run, one, false, &error, summary, progress).await,
            // What was read was found before.
            (Ok(_), None) => return Ok(()),
        };
        let signature = signature(&meta);
        let recorded = self
            .catalog
            .record_check(&Checked {
                run,
                class: one.class,
                bytes_read,
                reading: Reading {
                    store: store.entry.id,
                    object_key: key,
                    signature: &signature,
                    observed_at: self.clock.now(),
                    written_at: written_at(&store.entry.url, &meta),
                    observation: &observation,
                    tracks: &tracks,
                    chunks: chunks.as_ref(),
                    altered: altered.as_deref().unwrap_or_default(),
                },
            })
            .await?;
        match recorded {
            Recorded::Altered { .. } => summary.altered += 1,
            Recorded::New | Recorded::SameBytes | Recorded::Reread => summary.intact += 1,
        }
        progress(Progress::Finished { object_key: key, outcome: Outcome::Recorded(recorded) });
        Ok(())
    }

    /// Records that an object could not be read.
    async fn keep_unchecked(
        &self,
        run: FixityRunId,
        one: &ToCheck,
        missing: bool,
        detail: &str,
        summary: &mut FixitySummary,
        progress: &Show<'_>,
    ) -> Result<(), RunError> {
        let (object_key, at) = (one.object_key.as_str(), self.clock.now());
        let unchecked =
            Unchecked { run, class: one.class, store: one.store, object_key, at, missing, detail };
        self.catalog.record_unchecked(unchecked).await?;
        if missing {
            summary.missing += 1;
        } else {
            summary.unreadable += 1;
        }
        progress(Progress::Finished { object_key, outcome: Outcome::Failed(detail) });
        Ok(())
    }
}

/// The task of reading an object again.
fn to_check(store: &str, object_key: &str) -> Task {
    Task {
        kind: Kind::Read,
        share: String::new(),
        store: store.to_owned(),
        object_key: object_key.to_owned(),
        listed: None,
        reason: Reason::Retry,
        beside: Vec::new(),
        mark: None,
    }
}

/// Whether a store is there: it lists something.
async fn is_there(location: &Location) -> Result<(), String> {
    match location.store.list(None).next().await {
        Some(Ok(_)) => Ok(()),
        Some(Err(error)) => Err(format!(
            "the store {} cannot be listed: {error}; check the address, the network and the credentials",
            location.url
        )),
        None => Err(format!(
            "the store {} has not one object: is the disk mounted, is it the right bucket? If it was really emptied, \
             `reelproof ingest {}` records that its objects are gone",
            location.url, location.url
        )),
    }
}
