//! Looking at one object without a catalog.

use std::sync::Arc;

use catalog::observation::{
    KeyFacts, Observation, Problem, StartClaim, StartSource, StreamIndex, TelemetrySummary,
};
use catalog::track::Track;
use catalog::{Micros, WallTime};
use object_store::ObjectStoreExt as _;
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use crate::location::ObjectLocation;
use crate::observed::observe;
use crate::reading::{ObjectReader, ReadError, ReadOptions};
use crate::run::RunOptions;
use crate::sidecar::Sidecars;

/// Points of a track that are shown.
pub const SHOWN_POINTS_MAX: usize = 1000;

/// How finely a later change of an object can be located.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Chunks {
    /// How many chunks the object has.
    pub count: u64,
    /// Bytes in each; the last one may have fewer.
    pub size_bytes: u64,
}

/// What is in one object.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Probe {
    /// Its key within its folder or bucket.
    pub object_key: String,
    /// Size in bytes.
    pub size_bytes: u64,
    /// SHA-256 of all bytes, lower-case hexadecimal; `None` where no digest was asked for.
    pub sha256: Option<String>,
    /// SM3 of all bytes; `None` where not configured or not asked for.
    pub sm3: Option<String>,
    /// What a later change is located with; `None` where no digest was asked for.
    pub chunks: Option<Chunks>,
    /// Short name of the container; `None` if not recognised.
    pub container: Option<String>,
    /// What the key says.
    pub key: KeyFacts,
    /// The start that was chosen.
    pub started_at: Option<WallTime>,
    /// Where it came from.
    pub started_at_source: Option<StartSource>,
    /// How wrong it may be through its source's own resolution.
    pub clock_error_us: Option<Micros>,
    /// All that was said about the start.
    pub start_claims: Vec<StartClaim>,
    /// From the first to the end of the last packet of video and audio.
    pub duration_us: Option<Micros>,
    /// The streams.
    pub streams: Vec<StreamIndex>,
    /// Telemetry that was found.
    pub telemetry: Vec<TelemetrySummary>,
    /// Its tracks, thinned within the error that each states; of each at most [`SHOWN_POINTS_MAX`] points,
    /// and a note where there are more.
    pub tracks: Vec<Track>,
    /// What stood in the way.
    pub problems: Vec<Problem>,
    /// Bytes fetched.
    pub bytes_read: u64,
}

impl Probe {
    /// The first problem that makes the object unusable, if any.
    pub fn quarantine_reason(&self) -> Option<&Problem> {
        self.problems.iter().find(|problem| problem.code.quarantines())
    }
}

/// Why nothing can be said of an object.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It could be read in part only.
    #[error("{0}")]
    Incomplete(String),
    /// The reading thread panicked.
    #[error("the reading thread failed: {0}")]
    Thread(#[from] tokio::task::JoinError),
}

/// Looks at one object. With `hash`, every byte is read once; without, only what the index needs.
///
/// # Errors
/// [`ProbeError`] where the object cannot be read; what is wrong *in* it is in the result.
pub async fn probe(
    object: &ObjectLocation,
    reader: ObjectReader,
    options: &RunOptions,
    hash: bool,
) -> Result<Probe, ProbeError> {
    let store = Arc::clone(&object.location.store);
    let key = object.key.to_string();
    let meta = store.head(&object.key).await.map_err(|error| ReadError::from_store(&key, error))?;
    let link = Arc::clone(&object.location.link);
    let read = ReadOptions { hash, sm3: options.sm3, link, ..ReadOptions::default() };
    let work = move || reader.read_latest(&store, meta, &read, &CancellationToken::new());
    let (_, reading) = tokio::task::spawn_blocking(work).await?;
    let reading = reading?;
    let bytes_read = reading.bytes_read;
    let observed = observe(options, &key, reading, &Sidecars::default()).map_err(ProbeError::Incomplete)?;
    let chunks =
        observed.chunks.map(|chunks| Chunks { count: chunks.len() as u64, size_bytes: chunks.chunk_bytes() });
    let tracks = observed.tracks.into_iter().map(shown).collect();
    let Observation {
        size_bytes,
        sha256,
        sm3,
        container,
        key: facts,
        started_at,
        started_at_source,
        clock_error_us,
        start_claims,
        duration_us,
        streams,
        telemetry,
        problems,
    } = observed.observation;
    Ok(Probe {
        object_key: key,
        size_bytes,
        sha256: hash.then_some(sha256),
        sm3,
        chunks,
        container,
        key: facts,
        started_at,
        started_at_source,
        clock_error_us,
        start_claims,
        duration_us,
        streams,
        telemetry,
        tracks,
        problems,
        bytes_read,
    })
}

/// A track short enough to be printed: where there are too many points, every n-th.
fn shown(mut track: Track) -> Track {
    let points = track.points.len();
    if points > SHOWN_POINTS_MAX {
        let step = points.div_ceil(SHOWN_POINTS_MAX);
        track.points = track.points.into_iter().step_by(step).collect();
        track.thinning = None;
        track.notes.push(format!("of {points} points one of every {step} is shown; the catalog keeps all"));
    }
    track
}
