//! What was found in a file, in two steps: the [`Examination`] of its structure, and, once all bytes
//! were hashed and it is known where nothing but zeros stands, the [`MediaReport`].

use std::collections::BTreeMap;

use catalog::observation::{MediaSpan, Problem, ProblemCode, StreamKind, TelemetrySummary};
use catalog::{MediaTime, WallTime};
use confined::{ByteRange, MediaReport};
use serde::{Deserialize, Serialize};

use super::container::{Access, Container};
use super::telemetry_track::Found;
use super::track::{Extent, Finished, Shown};

/// Zeros in a packet count from this many on, or from its whole length.
const ZEROS_IN_PACKET_MIN: u64 = 1024;
/// Damaged stretches that are described one by one.
const STRETCHES_MAX: usize = 16;

/// What the structure of a file tells. It can be kept, or sent elsewhere, until the zeros are known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Examination {
    /// The container; `None` if it was not recognised.
    pub container: Option<Container>,
    /// How its bytes were visited.
    pub access: Access,
    /// Why the source could not be read to the end, if so: a failure of ours, not of the evidence,
    /// and whatever else stands here is not to be relied upon.
    pub read_error: Option<String>,
    pub(super) created_at: Option<WallTime>,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) tracks: Vec<Finished>,
    /// What telemetry streams hold, or the object itself.
    pub(super) telemetry: Vec<Found>,
    /// The container's name where the object is nothing but telemetry.
    pub(super) sidecar: Option<String>,
    pub(super) problems: Vec<Problem>,
    pub(super) padding: Vec<ByteRange>,
}

impl Examination {
    pub(super) fn new(container: Option<Container>, access: Access) -> Self {
        Self {
            container,
            access,
            read_error: None,
            created_at: None,
            tags: BTreeMap::new(),
            tracks: Vec::new(),
            telemetry: Vec::new(),
            sidecar: None,
            problems: Vec::new(),
            padding: Vec::new(),
        }
    }

    pub(super) fn note(&mut self, code: ProblemCode, detail: impl Into<String>) {
        self.problems.push(Problem::new(code, detail));
    }

    pub(super) fn has(&self, code: ProblemCode) -> bool {
        self.problems.iter().any(|problem| problem.code == code)
    }

    fn packets(&self, kind: StreamKind) -> u64 {
        let of_kind = self.tracks.iter().filter(|track| track.index.kind == kind);
        of_kind.map(|track| track.index.packets).sum()
    }

    /// Adds what follows from everything else: that there is nothing usable, or no video or audio.
    pub(super) fn conclude(&mut self) {
        // A sidecar has no streams to ask for.
        if self.sidecar.is_some()
            || self.read_error.is_some()
            || self.problems.iter().any(|problem| problem.code.quarantines())
        {
            return;
        }
        let (video, audio) = (self.packets(StreamKind::Video), self.packets(StreamKind::Audio));
        if self.tracks.iter().all(|track| track.index.packets == 0) {
            let reason = if self.tracks.is_empty() {
                "it announces no stream".to_owned()
            } else {
                format!("it announces {} streams, but not one packet of them is there", self.tracks.len())
            };
            self.note(ProblemCode::Unreadable, reason);
            return;
        }
        for (packets, kind, code) in
            [(video, "video", ProblemCode::NoVideo), (audio, "audio", ProblemCode::NoAudio)]
        {
            if packets == 0 {
                let announced = self.tracks.iter().any(|track| track.index.kind.as_str() == kind);
                let detail = if announced {
                    format!("there is a stream of {kind}, but no packet in it")
                } else {
                    format!("there is no stream of {kind}")
                };
                self.note(code, detail);
            }
        }
    }

    /// The report, given where long runs of zero bytes stand in the file (in order; runs of 4 KiB and
    /// more are worth telling). Those that lie in packets of video or compressed audio are damage; in
    /// padding, in plain samples or in telemetry they are not.
    pub fn report(&self, zero_runs: &[ByteRange]) -> MediaReport {
        let mut problems = self.problems.clone();
        problems.extend(self.damage(zero_runs));
        problems.sort();
        problems.dedup();
        let flowing = || {
            let kinds = [StreamKind::Video, StreamKind::Audio];
            self.tracks.iter().map(|track| &track.index).filter(move |index| kinds.contains(&index.kind))
        };
        let start = flowing().filter_map(|index| index.start_us).min();
        let end = flowing().filter_map(|index| index.end_us).max();
        MediaReport {
            container: self
                .container
                .map(|container| container.as_str().to_owned())
                .or_else(|| self.sidecar.clone()),
            read_error: self.read_error.clone(),
            duration_us: start.zip(end).map(|(start, end)| end - start),
            streams: self.tracks.iter().map(|track| track.index.clone()).collect(),
            created_at: self.created_at,
            tags: self.tags.clone(),
            telemetry: self.telemetry(),
            tracks: self.telemetry.iter().filter_map(|found| found.track.clone()).collect(),
            problems,
            changed_spans: Vec::new(),
        }
    }

    /// When the footage in these bytes is shown: from the first to the end of the last packet of video or audio that
    /// has a byte in common with them; `None` where there is none. Where packets are kept in groups, to the group.
    pub fn shown_in(&self, bytes: &ByteRange) -> Option<MediaSpan> {
        let flowing = self
            .tracks
            .iter()
            .filter(|track| matches!(track.index.kind, StreamKind::Video | StreamKind::Audio));
        let touched =
            flowing.flat_map(|track| &track.extents).filter(|extent| extent.bytes.overlap(bytes) > 0);
        let shown = touched.filter_map(|extent| extent.shown).reduce(Shown::joined);
        shown.map(|shown| MediaSpan { start_us: MediaTime(shown.start_us), end_us: MediaTime(shown.end_us) })
    }

    fn telemetry(&self) -> Vec<TelemetrySummary> {
        let read = |index| self.telemetry.iter().find(|found| found.stream == index);
        let alone = read(None).into_iter().flat_map(|found| found.summaries.clone());
        let of_streams = self.tracks.iter().flat_map(|track| {
            let summaries = read(Some(track.index.index)).map(|found| found.summaries.clone());
            let named = || {
                let (kind, samples) = (track.telemetry.clone()?, track.index.packets);
                Some(TelemetrySummary { kind, samples, supported: false, key: None })
            };
            summaries
                .filter(|summaries| !summaries.is_empty())
                .unwrap_or_else(|| named().into_iter().collect())
        });
        alone.chain(of_streams).collect()
    }

    fn damage(&self, zero_runs: &[ByteRange]) -> Vec<Problem> {
        let mut problems = Vec::new();
        let (mut more, mut more_bytes) = (0u64, 0u64);
        for run in zero_runs {
            let Some((bytes, shown)) = self.damaged_by(run) else { continue };
            if problems.len() < STRETCHES_MAX {
                let when = shown.map_or_else(String::new, |Shown { start_us, end_us }| {
                    format!(", from {} to {}", MediaTime(start_us), MediaTime(end_us))
                });
                problems.push(Problem::new(
                    ProblemCode::Damaged,
                    format!("{bytes} bytes of packets from byte {} on are zeros{when}", run.start),
                ));
            } else {
                more += 1;
                more_bytes = more_bytes.saturating_add(bytes);
            }
        }
        if more > 0 {
            problems.push(Problem::new(
                ProblemCode::Damaged,
                format!("{more} more stretches of packets are zeros, {more_bytes} bytes in all"),
            ));
        }
        problems
    }

    /// How many bytes of footage the run wiped out, and when these are shown.
    fn damaged_by(&self, run: &ByteRange) -> Option<(u64, Option<Shown>)> {
        if self.padding.iter().any(|padding| padding.start <= run.start && run.end <= padding.end) {
            return None;
        }
        let mut hit: Option<(u64, Option<Shown>)> = None;
        let in_packets = !matches!(self.container, Some(Container::MpegTs | Container::MpegPs));
        for track in &self.tracks {
            let extents = &track.extents;
            if in_packets {
                let end = extents.partition_point(|extent| extent.bytes.start < run.end);
                // Extents of one stream hardly overlap; a few that do are enough to look at.
                for extent in extents[..end].iter().rev() {
                    let common = extent.bytes.overlap(run);
                    let length = extent.bytes.end - extent.bytes.start;
                    if common > 0 && common >= ZEROS_IN_PACKET_MIN.min(length) {
                        let (bytes, shown) = hit.unwrap_or_default();
                        hit = Some((bytes.saturating_add(common), Shown::of_both(shown, extent.shown)));
                    }
                    if common == 0 && extent.bytes.end.saturating_add(1 << 26) < run.start {
                        break;
                    }
                }
            } else if let Some((before, after)) = around(extents, run) {
                // No packet of these containers holds so many zeros: all of the run is damage.
                let until = after.shown.map(|after| Shown { end_us: after.start_us, ..after });
                let shown = Shown::of_both(before.shown, until);
                hit = Some((run.end - run.start, Shown::of_both(hit.and_then(|(_, shown)| shown), shown)));
            }
        }
        hit
    }
}

/// The last extent that begins before the run, and the first that begins after it, or the last one; `None`
/// where the run lies outside of the stream.
fn around<'a>(extents: &'a [Extent], run: &ByteRange) -> Option<(&'a Extent, &'a Extent)> {
    let before = extents.partition_point(|extent| extent.bytes.start <= run.start).checked_sub(1)?;
    let after = extents.partition_point(|extent| extent.bytes.start < run.end);
    Some((extents.get(before)?, extents.get(after).or(extents.last())?))
}

#[cfg(test)]
#[path = "report_tests.rs"]
mod tests;
