//! Taking in a store: list, compare, read what is new or changed, record.
//!
//! Several objects are read at a time, each on a thread of its own; each is recorded in one
//! transaction as soon as it was read. A run that is cut off at any moment has recorded some objects
//! wholly and the others not at all, so the same command again does the rest and ends in the same
//! catalog. What fails for one object (it vanished, the disk cannot read it) is told and does not stop
//! the others; what fails for the catalog stops the run.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use catalog::chunks::{AlteredRange, ChunkList};
use catalog::clock::Clock;
use catalog::inspection::InspectOptions;
use catalog::observation::{Observation, Problem, StartSource, StreamKind};
use catalog::store::{Catalog, Listing, Reading, Recorded, StoreEntry, StoreError};
use catalog::time::WallTime;
use catalog::track::Track;
use futures::{StreamExt as _, TryStreamExt as _};
use object_store::path::Path as ObjectPath;
use object_store::{ObjectMeta, ObjectStore};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::key_pattern::KeyPatterns;
use crate::location::{Location, LocationError};
use crate::plan::{Plan, Planned, Reason, plan, signature};
use crate::reading::digest::CHUNK_BYTES;
use crate::reading::{ObjectReader, ObjectReading, ReadError, ReadOptions};
use crate::sidecar::{self, Sidecars};
use crate::start_time::{self, Sources};
use crate::summary::{Altered, Failed, Quarantined, Summary};
use confined::MediaReport;

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

/// How often whoever shows a run learns of bytes that were read.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(200);

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
struct Resolved {
    location: Location,
    /// The store as the catalog knows it; `None` if it is new.
    known: Option<StoreEntry>,
    /// The part of the store that was meant; `None`: all of it.
    prefix: Option<ObjectPath>,
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
    pub async fn run(
        &self,
        given: &str,
        progress: &(dyn Fn(Progress<'_>) + Send + Sync),
    ) -> Result<Summary, RunError> {
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
        self.read_all(&location.store, &store, first, &Sidecars::default(), &mut summary, progress).await?;
        let sidecars = Sidecars::new(self.catalog.sidecar_clocks(store.id).await?);
        if self.options.start_order.contains(&StartSource::Sidecar) {
            plan.add_late(&sidecars, &known);
        }
        summary.unchanged += plan.unchanged;
        let gone = plan.gone;
        self.read_all(&location.store, &store, plan.read, &sidecars, &mut summary, progress).await?;
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
    async fn record_listing(
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
    async fn resolve(&self, given: &str) -> Result<Resolved, RunError> {
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

    async fn read_all(
        &self,
        objects: &Arc<dyn ObjectStore>,
        store: &StoreEntry,
        planned: Vec<Planned>,
        sidecars: &Sidecars,
        summary: &mut Summary,
        progress: &(dyn Fn(Progress<'_>) + Send + Sync),
    ) -> Result<(), RunError> {
        let bytes = Arc::new(AtomicU64::new(0));
        let options = ReadOptions {
            sm3: self.options.sm3,
            progress: Some(Arc::clone(&bytes)),
            ..ReadOptions::default()
        };
        let mut ticks = tokio::time::interval(PROGRESS_INTERVAL);
        let mut waiting = planned.into_iter();
        let mut reading = JoinSet::new();
        loop {
            while reading.len() < self.options.parallel.max(1) && !self.stop.drain.is_cancelled() {
                let Some(Planned { meta, reason }) = waiting.next() else { break };
                let earlier = match reason {
                    Reason::New => None,
                    _ => self.catalog.chunk_list(store.id, meta.location.as_ref()).await?.map(Arc::new),
                };
                let (reader, objects) = (self.reader.clone(), Arc::clone(objects));
                let (options, abort) = (ReadOptions { earlier, ..options.clone() }, self.stop.abort.clone());
                reading.spawn_blocking(move || {
                    let result = reader.read(&objects, &meta, &options, &abort);
                    (meta, result)
                });
            }
            if reading.is_empty() {
                progress(Progress::Bytes(bytes.swap(0, Ordering::Relaxed)));
                return Ok(());
            }
            tokio::select! {
                _ = ticks.tick() => progress(Progress::Bytes(bytes.swap(0, Ordering::Relaxed))),
                Some(joined) = reading.join_next() => {
                    let (meta, result) = joined?;
                    let finished = self.finish(store, &meta, result, sidecars, summary, progress).await;
                    if finished.is_err() {
                        // The run is over: let go of the objects that are still being read.
                        self.stop.abort.cancel();
                    }
                    finished?;
                }
            }
        }
    }

    async fn finish(
        &self,
        store: &StoreEntry,
        meta: &ObjectMeta,
        result: Result<ObjectReading<MediaReport>, ReadError>,
        sidecars: &Sidecars,
        summary: &mut Summary,
        progress: &(dyn Fn(Progress<'_>) + Send + Sync),
    ) -> Result<(), RunError> {
        let key = meta.location.as_ref();
        let reading = match result {
            Ok(reading) => reading,
            Err(ReadError::Cancelled) => return Ok(()),
            Err(error @ ReadError::Child(_)) => return Err(RunError::Child(error)),
            Err(ReadError::Vanished { .. }) => {
                summary.gone += self.catalog.mark_gone(store.id, &[key.to_owned()], self.clock.now()).await?;
                summary.vanished += 1;
                progress(Progress::Finished { object_key: key, outcome: Outcome::Vanished });
                return Ok(());
            }
            Err(error) => {
                let error = error.to_string();
                progress(Progress::Finished { object_key: key, outcome: Outcome::Failed(&error) });
                summary.failures.push(Failed { object_key: key.to_owned(), error });
                return Ok(());
            }
        };
        summary.bytes_read += reading.bytes_read;
        let Observed { observation, tracks, chunks, altered } =
            match observe(&self.options, key, reading, sidecars) {
                Ok(observed) => observed,
                Err(error) => {
                    progress(Progress::Finished { object_key: key, outcome: Outcome::Failed(&error) });
                    summary.failures.push(Failed { object_key: key.to_owned(), error });
                    return Ok(());
                }
            };
        let signature = signature(meta);
        let recorded = self
            .catalog
            .record(&Reading {
                store: store.id,
                object_key: key,
                signature: &signature,
                observed_at: self.clock.now(),
                written_at: (!store.url.starts_with("file:")).then(|| meta.last_modified.into()),
                observation: &observation,
                tracks: &tracks,
                chunks: chunks.as_ref(),
                altered: altered.as_deref().unwrap_or_default(),
            })
            .await?;
        match recorded {
            Recorded::New => summary.new += 1,
            Recorded::SameBytes | Recorded::Reread => summary.unchanged += 1,
            Recorded::Altered { version } => {
                summary.altered += 1;
                summary.alterations.push(Altered {
                    object_key: key.to_owned(),
                    version,
                    size_bytes: observation.size_bytes,
                    ranges: altered,
                });
            }
        }
        match observation.quarantine_reason() {
            Some(problem) => {
                progress(Progress::Finished { object_key: key, outcome: Outcome::Quarantined(problem) });
                summary.quarantined += 1;
                summary.quarantine.push(Quarantined { object_key: key.to_owned(), problem: problem.clone() });
            }
            None => {
                progress(Progress::Finished { object_key: key, outcome: Outcome::Recorded(recorded) });
            }
        }
        Ok(())
    }
}

/// What is known of an object once it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// What is in it.
    pub observation: Observation,
    /// Its tracks, thinned.
    pub tracks: Vec<Track>,
    /// What a later change is located with; `None` without digests.
    pub chunks: Option<ChunkList>,
    /// Where it is not what it was; `None` where there was nothing to compare with.
    pub altered: Option<Vec<AlteredRange>>,
}

/// Puts together what the bytes, the key and the files beside it say. Without digests, `sha256` stays empty.
///
/// # Errors
/// Where the child could not be given all that it asked for: nothing can be said of the object.
pub fn observe(
    options: &RunOptions,
    object_key: &str,
    reading: ObjectReading<MediaReport>,
    sidecars: &Sidecars,
) -> Result<Observed, String> {
    let key = options.key_patterns.read(object_key);
    let mut media = reading.media.unwrap_or_default();
    if let Some(error) = media.read_error {
        return Err(format!("`{object_key}` could not be read to its end: {error}"));
    }
    let is_sidecar = sidecar::is_sidecar_container(media.container.as_deref());
    let start_claims = if is_sidecar {
        // What is no recording has no start.
        Vec::new()
    } else {
        let footage =
            media.streams.iter().filter(|s| matches!(s.kind, StreamKind::Video | StreamKind::Audio));
        let sources = Sources {
            key: &key,
            created_at: media.created_at,
            duration: media.duration_us,
            origin: footage.filter_map(|stream| stream.start_us).min(),
            tracks: &media.tracks,
            beside: sidecars.start_of(object_key, media.duration_us),
        };
        start_time::claims(&options.start_order, &sources)
    };
    let chosen = start_claims.first();
    let mut digests = reading.digests;
    let changed = digests.as_mut().and_then(|digests| digests.changed.take());
    // Where there is no report, nobody knows when the bytes are shown.
    let spans = std::mem::take(&mut media.changed_spans).into_iter().chain(std::iter::repeat(None));
    let altered = changed.map(|ranges| {
        let ranges = ranges.into_iter().zip(spans);
        ranges
            .map(|(bytes, span)| AlteredRange { start_byte: bytes.start, end_byte: bytes.end, span })
            .collect()
    });
    let chunks =
        digests.as_mut().map(|digests| std::mem::replace(&mut digests.chunks, ChunkList::new(CHUNK_BYTES)));
    media.problems.extend(reading.problems);
    media.problems.sort();
    let observation = Observation {
        size_bytes: reading.size_bytes,
        sha256: digests.as_ref().map(|digests| digests.sha256.clone()).unwrap_or_default(),
        sm3: digests.and_then(|digests| digests.sm3),
        container: media.container,
        started_at: chosen.map(|claim| claim.started_at),
        started_at_source: chosen.map(|claim| claim.source),
        clock_error_us: chosen.map(|claim| claim.error_us),
        key,
        start_claims,
        duration_us: media.duration_us,
        streams: media.streams,
        telemetry: media.telemetry,
        problems: media.problems,
    };
    Ok(Observed { observation, tracks: media.tracks, chunks, altered })
}

/// Lists a store. What cannot be listed is told and makes the listing incomplete; a store that gives
/// nothing but an error is unreachable.
async fn list(
    location: &Location,
    prefix: Option<&ObjectPath>,
    summary: &mut Summary,
    progress: &(dyn Fn(Progress<'_>) + Send + Sync),
) -> Result<Vec<ObjectMeta>, RunError> {
    let unreachable = |source| RunError::Unreachable { url: location.url.clone(), source };
    // By key, so that a store that lists an object twice does not have it read twice.
    let mut objects = BTreeMap::new();
    let mut listing = location.store.list(prefix).into_stream();
    while let Some(next) = listing.next().await {
        match next {
            Ok(meta) => {
                objects.insert(meta.location.clone(), meta);
            }
            Err(error) if objects.is_empty() && !location.url.starts_with("file:") => {
                return Err(unreachable(error));
            }
            Err(error) => {
                let error = error.to_string();
                progress(Progress::NotListed(&error));
                summary.failures.push(Failed { object_key: location.url.clone(), error });
            }
        }
    }
    Ok(objects.into_values().collect())
}
