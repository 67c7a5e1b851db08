//! Taking in a store: list, compare, read what is new or changed, record.
//!
//! Several objects are read at a time, each on a thread of its own ([`crate::driving`]); each is recorded as soon as it was
//! read ([`crate::taking_in`]), small ones several in a transaction. A run that is cut off at any moment has recorded some
//! objects wholly and the others not at all, so the same command again does the rest and ends in the same catalog. What
//! fails for one object (it vanished, the disk cannot read it) is told and does not stop the others; what fails for the
//! catalog stops the run.

use std::sync::Arc;
use std::time::Instant;

use catalog::clock::Clock;
use catalog::inspection::InspectOptions;
use catalog::observation::{Problem, StartSource};
use catalog::store::{Catalog, Listing, Recorded, StoreEntry, StoreError};
use catalog::time::WallTime;
use object_store::path::Path as ObjectPath;
use tokio_util::sync::CancellationToken;
use work::QueueError;

use crate::key_pattern::KeyPatterns;
use crate::listing::list;
use crate::location::{Location, LocationError};
use crate::plan::{Plan, plan};
use crate::reading::{ObjectReader, ReadError};
use crate::sidecar::Sidecars;
use crate::summary::Summary;

/// How a run works.
#[derive(Debug, Clone)]
pub struct RunOptions {
    /// Objects read at the same time.
    pub parallel: usize,
    /// What keys say.
    pub key_patterns: KeyPatterns,
    /// Which sources of a start time are believed, most trusted first.
    pub start_order: Vec<StartSource>,
    /// Whether quarantined objects are read again.
    pub retry_quarantined: bool,
    /// Whether SM3 is computed beside SHA-256.
    pub sm3: bool,
    /// With which figures recordings are looked at once they were read; `None`: they are not.
    pub inspect: Option<InspectOptions>,
}

/// Who shows what happens during a run.
pub type Show<'a> = dyn Fn(Progress<'_>) + Send + Sync + 'a;

/// What happens during a run, for whoever shows it.
#[derive(Debug)]
pub enum Progress<'a> {
    /// The store was listed and compared.
    Planned {
        /// URL of the store.
        store: &'a str,
        /// What will be done.
        plan: &'a Plan,
    },
    /// Bytes of an object were read.
    Bytes(u64),
    /// An object is done.
    Finished {
        /// Its key.
        object_key: &'a str,
        /// What became of it.
        outcome: Outcome<'a>,
    },
    /// Objects are read again, to see whether they are still what they were.
    Checking {
        /// How many.
        objects: u64,
        /// Their bytes, as recorded.
        size_bytes: u64,
    },
    /// Recordings are looked at next.
    Looking {
        /// How many.
        objects: u64,
    },
    /// A part of the store could not be listed.
    NotListed(&'a str),
}

/// What became of an object.
#[derive(Debug, Clone, Copy)]
pub enum Outcome<'a> {
    /// It was recorded.
    Recorded(Recorded),
    /// It was recorded, and cannot be used.
    Quarantined(&'a Problem),
    /// What it shows was recorded.
    Looked,
    /// We could not read it; it stays to be done.
    Failed(&'a str),
    /// It was gone before it could be read.
    Vanished,
}

/// Why a run stopped.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The store cannot be used.
    #[error(transparent)]
    Location(#[from] LocationError),
    /// The store could not be listed at all.
    #[error("the store {url} cannot be listed: {source}; check the address, the network and the credentials")]
    Unreachable {
        /// URL of the store.
        url: String,
        /// What the client said.
        source: object_store::Error,
    },
    /// The folder holds one that is a store of its own already.
    #[error(
        "{given} contains {known}, which the catalog knows as a store of its own: its objects would be there \
         twice. Ingest {known} and the other folders one by one, or start a new catalog with --catalog"
    )]
    ContainsStore {
        /// The URL that was given.
        given: String,
        /// The URL of the store within.
        known: String,
    },
    /// The catalog failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No child process can be had.
    #[error(transparent)]
    Child(ReadError),
    /// What hands out the work failed.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// A reading thread panicked.
    #[error("a reading thread failed: {0}")]
    Thread(#[from] tokio::task::JoinError),
}

/// When to stop.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    /// Begin no more objects; finish those begun.
    pub drain: CancellationToken,
    /// Give up those begun, too; they are not recorded.
    pub abort: CancellationToken,
}

/// What a folder or URL was found to be.
pub(crate) struct Resolved {
    pub(crate) location: Location,
    /// The store as the catalog knows it; `None` if it is new.
    pub(crate) known: Option<StoreEntry>,
    /// The part of the store that was meant; `None`: all of it.
    pub(crate) prefix: Option<ObjectPath>,
}

/// Takes in stores.
pub struct Ingest {
    /// Where it goes.
    pub catalog: Arc<dyn Catalog>,
    /// Tells when.
    pub clock: Arc<dyn Clock>,
    /// Reads objects.
    pub reader: ObjectReader,
    /// How.
    pub options: RunOptions,
    /// When to stop.
    pub stop: Stop,
}

impl Ingest {
    /// Takes in what `given` (a folder or URL) holds.
    ///
    /// # Errors
    /// [`RunError`] where nothing, or nothing more, can be done. Failures of single objects are in the
    /// summary.
    pub async fn run(&self, given: &str, progress: &Show<'_>) -> Result<Summary, RunError> {
        let began = Instant::now();
        let children_before = self.reader.pool().counts();
        let Resolved { location, known, prefix } = self.resolve(given).await?;
        let mut summary = Summary::default();
        let listed_at = self.clock.now();
        let listed = list(&location, prefix.as_ref(), &mut summary, progress).await?;
        // Only a store that could be listed becomes known.
        let store = match known {
            Some(store) => store,
            None => self.catalog.add_store(&location.url, self.clock.now()).await?,
        };
        summary.objects = listed.len() as u64;
        let mut known = self.catalog.objects(store.id).await?;
        if let Some(prefix) = &prefix {
            let below = format!("{prefix}/");
            known.retain(|entry| entry.object_key.starts_with(&below));
        }
        let complete = summary.failures.is_empty();
        let to_look_at = self.options.inspect.map(|options| (options, listed.clone()));
        let mut plan = plan(listed, &known, complete, self.options.retry_quarantined);
        progress(Progress::Planned { store: &store.url, plan: &plan });
        summary.quarantined = plan.still_quarantined;

        // What lies beside recordings is recorded first, so that it can be asked when they began.
        let first = plan.take_sidecars();
        self.read_all(&location, &store, first, &Sidecars::default(), &mut summary, progress).await?;
        let sidecars = Sidecars::new(self.catalog.sidecar_clocks(store.id).await?);
        if self.options.start_order.contains(&StartSource::Sidecar) {
            plan.add_late(&sidecars, &known);
        }
        summary.unchanged += plan.unchanged;
        let gone = plan.gone;
        self.read_all(&location, &store, plan.read, &sidecars, &mut summary, progress).await?;
        if !gone.is_empty() && !self.stop.drain.is_cancelled() {
            summary.gone += self.catalog.mark_gone(store.id, &gone, self.clock.now()).await?;
        }
        if let Some((options, listed)) = to_look_at {
            self.look_at_all(&location.store, &store, &listed, options, &mut summary, progress).await?;
        }
        summary.failed = summary.failures.len() as u64;
        let prefix = prefix.map_or_else(String::new, |prefix| format!("{prefix}/"));
        self.record_listing(&store, &prefix, listed_at, &summary).await?;
        summary.stopped = self.stop.drain.is_cancelled();
        summary.ranges = (!location.is_local()).then(|| location.link.ranges());
        summary.children = self.reader.pool().counts().since(children_before);
        summary.quarantine.sort_by(|a, b| a.object_key.cmp(&b.object_key));
        summary.alterations.sort_by(|a, b| a.object_key.cmp(&b.object_key));
        summary.failures.sort_by(|a, b| a.object_key.cmp(&b.object_key));
        summary.seconds = began.elapsed().as_secs_f64();
        Ok(summary)
    }

    /// Records that all there is was listed and read: what is first read later was not there then. Where
    /// anything could not be read, or went before it was, nothing is recorded: it may be read later and was
    /// there.
    pub(crate) async fn record_listing(
        &self,
        store: &StoreEntry,
        prefix: &str,
        listed_at: WallTime,
        summary: &Summary,
    ) -> Result<(), RunError> {
        let whole = summary.failures.is_empty() && summary.vanished == 0;
        if whole && !self.stop.drain.is_cancelled() && !self.stop.abort.is_cancelled() {
            let recorded_at = self.clock.now().max(listed_at);
            let listing =
                Listing { store: store.id, prefix, listed_at, recorded_at, objects: summary.objects };
            self.catalog.record_listing(&listing).await?;
        }
        Ok(())
    }

    /// Finds the store that `given` belongs to: itself, or one the catalog knows that contains it; then
    /// only the part below the prefix is taken in, under the keys it has there.
    pub(crate) async fn resolve(&self, given: &str) -> Result<Resolved, RunError> {
        let location = Location::open(given)?;
        let stores = self.catalog.stores().await?;
        for known in &stores {
            if let Some(below) = location.url.strip_prefix(&known.url).and_then(|rest| rest.strip_prefix('/'))
            {
                let prefix = ObjectPath::from_url_path(below)
                    .map_err(|_| LocationError::Unknown { given: given.to_owned() })?;
                let location = Location::open(&known.url)?;
                return Ok(Resolved { location, known: Some(known.clone()), prefix: Some(prefix) });
            }
            if known.url.strip_prefix(&location.url).is_some_and(|rest| rest.starts_with('/')) {
                return Err(RunError::ContainsStore { given: location.url, known: known.url.clone() });
            }
        }
        let known = stores.into_iter().find(|known| known.url == location.url);
        Ok(Resolved { location, known, prefix: None })
    }
}
