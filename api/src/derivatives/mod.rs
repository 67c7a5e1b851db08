//! Previews and stills of footage: made when somebody asks, kept for a while, thrown away without loss.
//!
//! Whoever asks for one that is not there starts a job and is told to come back; jobs run a few at a time, and one
//! object is never worked on twice at once. What a job makes goes to a [`cache`] whose size is bounded. What could not
//! be made is remembered for some minutes, so that a file that brings the sandboxed child down does so once and not with
//! every request.
//!
//! How something is made is the command line's affair ([`Maker`]): the service links no parser of footage.

pub mod cache;

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use catalog::derivative::{DeriveRequest, Derived, Grid, Label};
use catalog::observation::Observation;
use catalog::{MediaTime, Micros, WallTime};
use object_store::ObjectStore;
use object_store::path::Path;
use tokio::sync::Semaphore;

use self::cache::{Cache, Entry};

/// Jobs that may wait for their turn; whoever comes then is told to come back later.
const WAITING_MAX: usize = 64;

/// For how long a failure is remembered.
const REMEMBERED: Micros = Micros::from_s(600);

/// Failures remembered at most.
const FAILURES_MAX: usize = 1000;

/// Tiles of a filmstrip.
const FILMSTRIP_TILES: i64 = 40;

/// The state of an object that something is made of.
#[derive(Clone)]
pub struct Original {
    /// Its store.
    pub store: Arc<dyn ObjectStore>,
    /// Its key.
    pub key: Path,
    /// What the store said of it when its present version was read.
    pub signature: String,
}

/// Makes derivatives; the command line does it in sandboxed children.
pub trait Maker: Send + Sync {
    /// Makes `request` of the object into `out`, of at most `max_bytes` bytes. Blocks, on a thread that may.
    ///
    /// # Errors
    /// [`Unmade`]; then nothing in `out` is of use.
    fn make(
        &self,
        original: &Original,
        request: &DeriveRequest,
        out: &File,
        max_bytes: u64,
    ) -> Result<Derived, Unmade>;
}

/// Why nothing was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unmade {
    /// The object's bytes are not those that the catalog knows.
    Changed,
    /// The object is no longer in its store.
    Gone,
    /// The object is to blame: what is wrong with it, or how the child came to a bad end.
    Footage(String),
    /// We failed; for the log.
    Ours(String),
}

/// What is made, and what it is called in the cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// Name of its file.
    pub name: String,
    /// What is asked of the child.
    pub request: DeriveRequest,
}

/// The recipes carry a number that grows with every change of what they make: what an older version kept is then not
/// found, and goes in its time.
impl Wish {
    /// A preview of the whole recording.
    pub fn preview(observation: &Observation) -> Self {
        let origin_us = observation.origin().unwrap_or(MediaTime::ZERO);
        let label = Label::of(&observation.sha256);
        Self {
            name: format!("{}.preview1.mp4", observation.sha256),
            request: DeriveRequest::Preview { origin_us, label },
        }
    }

    /// One key frame: the last that begins no later than `at_us`.
    pub fn thumbnail(observation: &Observation, at_us: MediaTime) -> Self {
        Self {
            name: format!("{}.thumbnail1.{}.jpg", observation.sha256, at_us.0),
            request: DeriveRequest::Stills {
                at_us: vec![at_us],
                grid: Grid { columns: 1, width: 640, height: 360 },
                label: Label::of(&observation.sha256),
            },
        }
    }

    /// Key frames from all over the recording.
    pub fn filmstrip(observation: &Observation) -> Self {
        let origin = observation.origin().unwrap_or(MediaTime::ZERO);
        let length_us = observation.duration_us.map_or(0, |length| length.0).max(0);
        let at = |tile: i64| {
            let part = i128::from(length_us) * i128::from(tile) / i128::from(FILMSTRIP_TILES);
            origin + Micros(i64::try_from(part).unwrap_or(0))
        };
        Self {
            name: format!("{}.filmstrip1.jpg", observation.sha256),
            request: DeriveRequest::Stills {
                at_us: (0..FILMSTRIP_TILES).map(at).collect(),
                grid: Grid { columns: 8, width: 160, height: 90 },
                label: Label::of(&observation.sha256),
            },
        }
    }
}

/// What there is of a wish.
#[derive(Debug)]
pub enum Found {
    /// It is there.
    Ready(Entry),
    /// It is being made, or waits for its turn.
    Making,
    /// It could not be made, some minutes ago at most.
    Failed(Unmade),
    /// Too many wait already.
    Busy,
}

/// The derivatives; clones share them.
#[derive(Clone)]
pub struct Derivatives(Option<Arc<Inner>>);

struct Inner {
    maker: Arc<dyn Maker>,
    cache: Cache,
    turns: Arc<Semaphore>,
    jobs: Mutex<Jobs>,
}

#[derive(Default)]
struct Jobs {
    /// Names of what is being made or waits.
    under_way: HashSet<String>,
    failed: HashMap<String, (WallTime, Unmade)>,
}

impl Derivatives {
    /// Of a service that makes none.
    pub fn none() -> Self {
        Self(None)
    }

    /// Made by `maker`, `at_once` at a time, and kept in `cache`.
    pub fn new(maker: Arc<dyn Maker>, cache: Cache, at_once: usize) -> Self {
        let turns = Arc::new(Semaphore::new(at_once.max(1)));
        Self(Some(Arc::new(Inner { maker, cache, turns, jobs: Mutex::default() })))
    }

    /// What there is of `wish`; makes it if it is neither there nor being made. `None` of a service that makes none.
    ///
    /// # Errors
    /// Where the cache cannot be read; for the log.
    pub fn find(
        &self,
        wish: &Wish,
        original: impl FnOnce() -> Original,
        now: WallTime,
    ) -> std::io::Result<Option<Found>> {
        let Some(inner) = &self.0 else { return Ok(None) };
        if let Some(entry) = inner.cache.find(&wish.name)? {
            return Ok(Some(Found::Ready(entry)));
        }
        let mut jobs = inner.jobs();
        if jobs.under_way.contains(&wish.name) {
            return Ok(Some(Found::Making));
        }
        jobs.failed.retain(|_, (at, _)| now - *at < REMEMBERED);
        if let Some((_, why)) = jobs.failed.get(&wish.name) {
            return Ok(Some(Found::Failed(why.clone())));
        }
        if jobs.under_way.len() >= WAITING_MAX {
            return Ok(Some(Found::Busy));
        }
        jobs.under_way.insert(wish.name.clone());
        drop(jobs);
        tokio::spawn(Arc::clone(inner).make(wish.clone(), original(), now));
        Ok(Some(Found::Making))
    }
}

impl Inner {
    fn jobs(&self) -> MutexGuard<'_, Jobs> {
        // Both tables are whole whatever a thread that held them did.
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes it in its turn, whoever still waits for it.
    async fn make(self: Arc<Self>, wish: Wish, original: Original, now: WallTime) {
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        let (inner, work) = (Arc::clone(&self), wish.clone());
        let made = tokio::task::spawn_blocking(move || inner.made(&work, &original)).await;
        drop(turn);
        let made = made.unwrap_or_else(|error| Err(Unmade::Ours(error.to_string())));
        let mut jobs = self.jobs();
        jobs.under_way.remove(&wish.name);
        if let Err(why) = made {
            tracing::warn!(derivative = wish.name, ?why, "it could not be made");
            if jobs.failed.len() >= FAILURES_MAX {
                jobs.failed.clear();
            }
            jobs.failed.insert(wish.name, (now, why));
        }
    }

    fn made(&self, wish: &Wish, original: &Original) -> Result<(), Unmade> {
        let ours = |error: std::io::Error| Unmade::Ours(error.to_string());
        let draft = self.cache.draft(&wish.name).map_err(ours)?;
        let derived = self.maker.make(original, &wish.request, draft.file(), self.cache.largest_bytes())?;
        if let Some(problem) = derived.problem {
            return Err(Unmade::Footage(problem.detail));
        }
        draft.keep(&derived).map_err(ours)
    }
}
