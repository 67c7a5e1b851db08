//! What a child reports of an object, and what it is asked.
//!
//! These travel as JSON from a process that may have been taken over, so nothing in them is trusted to be
//! more than what such a process says: digests, sizes and keys come from the parent alone.

use std::collections::BTreeMap;

use catalog::inspection::{InspectOptions, Inspection};
use catalog::observation::{MediaSpan, Problem, StreamIndex, TelemetrySummary};
use catalog::trace::Traces;
use catalog::track::Track;
use catalog::{Micros, WallTime};
use serde::{Deserialize, Serialize};

/// A run of bytes of a file, half-open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ByteRange {
    /// First byte inside.
    pub start: u64,
    /// First byte after.
    pub end: u64,
}

impl ByteRange {
    /// How many bytes it has in common with another.
    pub fn overlap(&self, other: &Self) -> u64 {
        self.end.min(other.end).saturating_sub(self.start.max(other.start))
    }
}

/// What is in a media file, as far as its container tells.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct MediaReport {
    /// Short name of the container (`mp4`, `mov`, `mpegts`, `matroska`, `avi` …); `None` if not
    /// recognised.
    pub container: Option<String>,
    /// Why the source could not be read to the end, if so; a failure of ours, not of the evidence,
    /// and whatever else stands here is not to be relied upon.
    pub read_error: Option<String>,
    /// From the first to the end of the last packet of video and audio; `None` without packets.
    pub duration_us: Option<Micros>,
    /// The streams, in the container's order.
    pub streams: Vec<StreamIndex>,
    /// The container's creation time as it stands, read as UTC. Many devices write local time.
    pub created_at: Option<WallTime>,
    /// Other things that the container says of itself: maker, model, software, place.
    pub tags: BTreeMap<String, String>,
    /// Telemetry: what was read, and what could only be named.
    pub telemetry: Vec<TelemetrySummary>,
    /// The tracks that were read, thinned within the error that each states.
    pub tracks: Vec<Track>,
    /// What stood in the way, in order of code.
    pub problems: Vec<Problem>,
    /// For each stretch of bytes that was said to be altered, in their order, when the footage in it is shown; `None`
    /// where no packet of footage lies in it.
    #[serde(default)]
    pub changed_spans: Vec<Option<MediaSpan>>,
}

/// Which part of a recording is looked at, where several children share the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Number of the part, from 0.
    pub number: u32,
    /// How many there are.
    pub of: u32,
}

/// What is asked of a child.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InspectRequest {
    /// What counts.
    pub options: InspectOptions,
    /// Which part of the recording.
    pub part: Part,
}

/// What one child found in its part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartReport {
    /// Whether there was anything to do: a file that cannot be divided is all in part 0.
    pub took_part: bool,
    /// What was found. Stretches that touch an edge of the part may be shorter than asked for.
    pub inspection: Inspection,
    /// What is kept so that the footage can be recognised.
    pub traces: Traces,
    /// Why the source could not be read to the end, if so: then nothing here is to be relied upon.
    pub read_error: Option<String>,
}

impl PartReport {
    /// Of a part in which nothing was found yet.
    pub fn empty() -> Self {
        Self {
            took_part: true,
            inspection: Inspection::default(),
            traces: Traces::default(),
            read_error: None,
        }
    }

    /// Adds a problem, once.
    pub fn note(&mut self, problem: Problem) {
        if !self.inspection.problems.contains(&problem) {
            self.inspection.problems.push(problem);
        }
    }
}
