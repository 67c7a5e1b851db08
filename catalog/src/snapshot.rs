//! Everything an audit of one month looks at, as plain values: the catalog loads it, the analyzer
//! judges it, and neither needs the other's libraries.

use std::collections::BTreeMap;

use crate::case::{Case, Link, Stage};
use crate::device::{Device, ManifestEntry};
use crate::excuse::Excuse;
use crate::inspection::Look;
use crate::interval::{Interval, IntervalSet};
use crate::observation::{Problem, ProblemCode, StartClaim, StartSource};
use crate::time::{MediaTime, Micros, Month, WallTime};
use crate::unit::{Officer, Unit};

/// The present version of one recording, as far as judging it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    /// Key of the object within its store.
    pub object_key: String,
    /// Number of the present version; the first is 1.
    pub version: u32,
    /// SHA-256 of the present version.
    pub sha256: String,
    /// SHA-256 of the first version, where it differs from the present one.
    pub first_sha256: Option<String>,
    /// Size in bytes.
    pub size_bytes: u64,
    /// Serial number of the device, from the key.
    pub device: Option<String>,
    /// Badge of the officer, from the key.
    pub badge: Option<String>,
    /// Wall-clock moment of `origin_us`; `None` if nothing tells.
    pub started_at: Option<WallTime>,
    /// Where `started_at` came from.
    pub started_at_source: Option<StartSource>,
    /// How wrong `started_at` may be through its source's own resolution, either way.
    pub clock_error_us: Micros,
    /// All that was said about the start.
    pub start_claims: Vec<StartClaim>,
    /// Where the recording's first packet stands on the container's timeline.
    pub origin_us: MediaTime,
    /// Where there is a picture, on the container's timeline.
    pub video: IntervalSet<MediaTime>,
    /// Where there is sound, on the container's timeline.
    pub audio: IntervalSet<MediaTime>,
    /// What stood in the way of reading it.
    pub problems: Vec<Problem>,
    /// Whether the object is no longer in its store.
    pub gone: bool,
    /// When it came into its store.
    pub arrival: Arrival,
}

/// What is known of when an object came into its store.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Arrival {
    /// When it was first read: it was there by then. `None` only where no catalog stands behind it.
    pub seen_at: Option<WallTime>,
    /// The last moment at which a complete listing did not have it; `None` if there was no listing
    /// before it was there.
    pub absent_at: Option<WallTime>,
    /// When the store says that its first version was written: a claim. `None` for folders.
    pub written_at: Option<WallTime>,
}

impl Recording {
    /// Moves a set from the container's timeline to the street's; `None` if the start is unknown.
    pub fn on_wall(&self, media: &IntervalSet<MediaTime>) -> Option<IntervalSet<WallTime>> {
        let started_at = self.started_at?;
        let at = |point: MediaTime| started_at + (point - self.origin_us);
        Some(media.iter().map(|span| Interval::new(at(span.start), at(span.end))).collect())
    }

    /// From the first packet of picture or sound to the end of the last; `None` without any.
    pub fn extent(&self) -> Option<Interval<MediaTime>> {
        let sets = [&self.video, &self.audio];
        let start = sets.iter().filter_map(|set| set.as_slice().first()).map(|span| span.start).min()?;
        let end = sets.iter().filter_map(|set| set.as_slice().last()).map(|span| span.end).max()?;
        Some(Interval::new(start, end))
    }

    /// The same on the street's time; `None` if the start is unknown, too.
    pub fn ran(&self) -> Option<Interval<WallTime>> {
        let (started_at, extent) = (self.started_at?, self.extent()?);
        let at = |point: MediaTime| started_at + (point - self.origin_us);
        Some(Interval::new(at(extent.start), at(extent.end)))
    }

    /// The first problem that makes the object unusable, if any.
    pub fn quarantine_reason(&self) -> Option<&Problem> {
        self.problems.iter().find(|problem| problem.code.quarantines())
    }

    /// Whether a problem of this code was met.
    pub fn has(&self, code: ProblemCode) -> bool {
        self.problems.iter().any(|problem| problem.code == code)
    }
}

/// One month as the catalog knew it at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The month.
    pub month: Month,
    /// The moment as of which the month is looked at.
    pub as_of: WallTime,
    /// All units, by code.
    pub units: Vec<Unit>,
    /// All officers, by badge.
    pub officers: Vec<Officer>,
    /// All devices, by serial number.
    pub devices: Vec<Device>,
    /// The cases that have a stage in the month or were filed in it, by case number.
    pub cases: Vec<Case>,
    /// The stages that begin in the month, by case number and number.
    pub stages: Vec<Stage>,
    /// Links of these stages, in order.
    pub links: Vec<Link>,
    /// Excuses for these stages, in order of recording.
    pub excuses: Vec<Excuse>,
    /// What devices say they recorded in the month, or within a day before it or after the last of these stages, by device
    /// and file.
    pub manifest: Vec<ManifestEntry>,
    /// Recordings that may concern the month, by key: those that begin in it, or within a day before it or after the last of
    /// these stages, those of unknown start, those that are linked, and those with the digest of one of these.
    pub recordings: Vec<Recording>,
    /// What these recordings show, as far as they were looked at by then: by digest and figures. How loud it was is
    /// there of the recordings of stages that two devices recorded, or more, and `None` of all others.
    pub looks: Vec<Look>,
}

/// What should exist in a stretch of time: what sampling frames are made from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShouldExist {
    /// All units, by code.
    pub units: Vec<Unit>,
    /// All officers, by badge.
    pub officers: Vec<Officer>,
    /// Cases filed or closed in the time, or with a stage that begins in it, by case number.
    pub cases: Vec<Case>,
    /// Stages that begin in the time, by case number and number.
    pub stages: Vec<Stage>,
    /// How often complaints were made, by case number; 1 where there is no entry.
    pub repeats: BTreeMap<String, u32>,
}
