//! What is known of an object once it was read: what its bytes, its key and the files beside it say, put
//! together into the observation that the catalog keeps.

use catalog::chunks::{AlteredRange, ChunkList};
use catalog::observation::{Observation, StreamKind};
use catalog::track::Track;
use confined::MediaReport;

use crate::reading::ObjectReading;
use crate::reading::digest::CHUNK_BYTES;
use crate::run::RunOptions;
use crate::sidecar::{self, Sidecars};
use crate::start_time::{self, Sources};

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
