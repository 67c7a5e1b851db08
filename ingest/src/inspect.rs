//! Looking at what one object shows: the parent's side of `media::inspect`.
//!
//! Decoding happens in sandboxed children, which ask for the bytes they need. Unlike indexing, it goes
//! back and forth a little and leaves out much, so bytes are served from a small store of blocks, not
//! from the one pass that digests; they are of one pinned version all the same. A recording that can
//! be divided is shared by as many children as there are to be had, each asking for its own part.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use catalog::inspection::{InspectOptions, Inspection};
use catalog::observation::{MediaSpan, Problem, ProblemCode};
use catalog::trace::Traces;
use catalog::{Interval, IntervalSet, Micros};
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt as _};
use serde::Serialize;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use crate::blocks::Blocks;
use crate::child::{Broken, ChildEnd, ChildPool, Wish};
use crate::location::ObjectLocation;
use crate::probe::ProbeError;
use crate::reading::ReadError;
use confined::{InspectRequest, Part, PartReport};

/// What was found in an object, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Inspected {
    /// Its key within its folder or bucket.
    pub object_key: String,
    /// Size in bytes.
    pub size_bytes: u64,
    /// What was found.
    #[serde(flatten)]
    pub inspection: Inspection,
    /// What the catalog would keep so that the footage can be recognised.
    pub traces: Traces,
    /// The figures that were used.
    pub options: InspectOptions,
    /// Bytes fetched.
    pub bytes_read: u64,
}

impl Inspected {
    /// The first problem that makes the object unusable, if any.
    pub fn quarantine_reason(&self) -> Option<&Problem> {
        self.inspection.problems.iter().find(|problem| problem.code.quarantines())
    }
}

/// What was seen and heard in one version of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// What was found.
    pub inspection: Inspection,
    /// What is kept so that the footage can be recognised.
    pub traces: Traces,
}

/// Looks at one object, in up to `children` children of `pool`.
///
/// # Errors
/// [`ProbeError`] where the object cannot be read; what is wrong *in* it is in the result.
pub async fn inspect(
    object: &ObjectLocation,
    pool: &ChildPool,
    options: InspectOptions,
    children: u32,
) -> Result<Inspected, ProbeError> {
    let store = Arc::clone(&object.location.store);
    let key = object.key.to_string();
    let meta = store.head(&object.key).await.map_err(|error| ReadError::from_store(&key, error))?;
    let size_bytes = meta.size;
    let (pool, handle) = (pool.clone(), Handle::current());
    let (Seen { inspection, traces }, bytes_read) = tokio::task::spawn_blocking(move || {
        inspect_version(&store, &meta, &pool, &handle, options, children, &CancellationToken::new())
    })
    .await??;
    Ok(Inspected { object_key: key, size_bytes, inspection, traces, options, bytes_read })
}

/// Looks at the version that `meta` describes; also says how many bytes were fetched. Blocks: call it
/// through `spawn_blocking`.
///
/// # Errors
/// As reading does: the object cannot be had, changed, or there is no child to decode it in.
pub fn inspect_version(
    store: &Arc<dyn ObjectStore>,
    meta: &ObjectMeta,
    pool: &ChildPool,
    handle: &Handle,
    options: InspectOptions,
    children: u32,
    cancel: &CancellationToken,
) -> Result<(Seen, u64), ReadError> {
    let of = children.max(1);
    let one = |number: u32| {
        let mut blocks = Blocks::new(Arc::clone(store), meta.clone(), handle.clone());
        let request = InspectRequest { options, part: Part { number, of } };
        let end = in_child(&mut blocks, pool, &request, cancel)?;
        Ok::<_, ReadError>((end, blocks.bytes_read))
    };
    let results: Mutex<BTreeMap<u32, _>> = Mutex::default();
    std::thread::scope(|scope| {
        let (one, results) = (&one, &results);
        for number in 1..of {
            scope.spawn(move || {
                let result = one(number);
                results.lock().unwrap_or_else(PoisonError::into_inner).insert(number, result);
            });
        }
        let first = one(0);
        results.lock().unwrap_or_else(PoisonError::into_inner).insert(0, first);
    });
    let mut parts = Vec::new();
    let mut traces = Traces::default();
    let mut bytes_read = 0u64;
    for (_, result) in results.into_inner().unwrap_or_else(PoisonError::into_inner) {
        let (end, bytes) = result?;
        bytes_read = bytes_read.saturating_add(bytes);
        match end {
            Ok(report) if report.took_part => {
                parts.push(report.inspection);
                traces = traces.joined(report.traces);
            }
            Ok(_) => {}
            Err(end) => {
                let key = &meta.location;
                let detail = format!("{end}; to see it happen again, run `reelproof inspect {key}`");
                let problems = vec![Problem::new(ProblemCode::Unreadable, detail)];
                let inspection = Inspection { problems, ..Inspection::default() };
                return Ok((Seen { inspection, traces: Traces::default() }, bytes_read));
            }
        }
    }
    Ok((Seen { inspection: joined(parts, options), traces }, bytes_read))
}

/// One child's conversation. The outer error is ours, the inner one the child's.
fn in_child(
    blocks: &mut Blocks,
    pool: &ChildPool,
    request: &InspectRequest,
    cancel: &CancellationToken,
) -> Result<Result<PartReport, ChildEnd>, ReadError> {
    let mut lease = pool.lease(cancel)?;
    let json = serde_json::to_vec(request).unwrap_or_default();
    let mut conversation = || -> Result<Vec<u8>, Stopped> {
        lease.inspect(blocks.meta.size, &json, cancel)?;
        loop {
            match lease.next_wish(cancel)? {
                Wish::Done => return Ok(lease.report(&[], &[], cancel)?),
                Wish::Read { pos, len } => {
                    let piece = blocks.find(pos, len).map_err(Stopped::Ours)?;
                    lease.give(std::iter::once(&piece[..]), cancel)?;
                }
            }
        }
    };
    match conversation() {
        Ok(json) => match serde_json::from_slice::<PartReport>(&json) {
            Ok(report) if report.read_error.is_some() => {
                lease.spoil();
                Ok(Err(ChildEnd::Failed { detail: report.read_error.unwrap_or_default() }))
            }
            Ok(report) => {
                if !report.inspection.problems.is_empty() {
                    lease.spoil();
                }
                Ok(Ok(report))
            }
            Err(error) => Ok(Err(lease.misbehaved(format!("a report that cannot be read ({error})")))),
        },
        Err(Stopped::Child(Broken::Ended(end))) => Ok(Err(end)),
        Err(Stopped::Child(Broken::Cancelled)) => Err(ReadError::Cancelled),
        Err(Stopped::Ours(error)) => {
            // It still waits for bytes that will not come.
            lease.spoil();
            Err(error)
        }
    }
}

/// Why a conversation did not come to its end.
enum Stopped {
    Child(Broken),
    Ours(ReadError),
}

impl From<Broken> for Stopped {
    fn from(broken: Broken) -> Self {
        Self::Child(broken)
    }
}

/// Puts the parts together. What lies across a cut was seen from both sides.
fn joined(parts: Vec<Inspection>, options: InspectOptions) -> Inspection {
    let mut parts = parts.into_iter();
    let Some(mut whole) = parts.next() else { return Inspection::default() };
    let mut several = false;
    for part in parts {
        several = true;
        let end = |one: &Inspection| one.start_us.zip(one.duration_us).map(|(start, length)| start + length);
        let last = end(&whole).max(end(&part));
        whole.start_us = [whole.start_us, part.start_us].into_iter().flatten().min();
        whole.duration_us = last.zip(whole.start_us).map(|(last, first)| last - first);
        whole.black.extend(part.black);
        whole.frozen.extend(part.frozen);
        whole.silent.extend(part.silent);
        whole.undecodable.extend(part.undecodable);
        whole.frames_decoded = whole.frames_decoded.saturating_add(part.frames_decoded);
        // A part in which there is nothing to decode says nothing of the others.
        whole.video = whole.video.min(part.video);
        whole.audio = whole.audio.min(part.audio);
        whole.problems.extend(part.problems);
    }
    if several {
        let merged = |spans: &mut Vec<MediaSpan>, min_us: Micros| {
            let set: IntervalSet<_> = spans.drain(..).map(Interval::from).collect();
            let long = set.iter().filter(|span| span.length() >= min_us);
            *spans = long.map(|span| MediaSpan { start_us: span.start, end_us: span.end }).collect();
        };
        merged(&mut whole.black, options.black_min_us);
        merged(&mut whole.frozen, options.frozen_min_us);
        merged(&mut whole.silent, options.silent_min_us);
        merged(&mut whole.undecodable, Micros::ZERO);
        whole.problems.sort();
        whole.problems.dedup();
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;
    use catalog::MediaTime;

    fn options() -> InspectOptions {
        let two = Micros::from_s(2);
        InspectOptions {
            black_min_us: two,
            black_level_ppm: 100_000,
            black_area_ppm: 980_000,
            frozen_min_us: two,
            frozen_noise_ppm: 1000,
            silent_min_us: two,
            silent_level_ppm: 3162,
        }
    }

    fn span(start_s: i64, end_s: i64) -> MediaSpan {
        MediaSpan { start_us: MediaTime(start_s * 1_000_000), end_us: MediaTime(end_s * 1_000_000) }
    }

    #[test]
    fn what_lies_across_a_cut_is_one_stretch_and_bits_that_touch_it_are_none() {
        let part = |black: &[MediaSpan]| Inspection { black: black.to_vec(), ..Inspection::default() };
        let whole =
            joined(vec![part(&[span(3, 5), span(9, 14)]), part(&[span(10, 17), span(6, 7)])], options());
        assert_eq!(whole.black, [span(3, 5), span(9, 17)]);
    }
}
