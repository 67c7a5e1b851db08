//! Which stored object is which file of which device.
//!
//! First by name: the last part of the object's key and that of the file's name, whatever their case. A name
//! alone says little: recorders of one make number their files alike, and a drone whose card was formatted
//! numbers them from the start again. So size or start must agree as well. A device whose clock is wrong by
//! hours is still found by its size, a file that was cut off on its way by its start. Only where the key also
//! names the device, and there is neither a start nor a size to compare, does the name alone do. What is left
//! is matched by device, start and length, the nearest first, within what the clocks allow: a file's name and
//! a manifest were stamped by one clock, so between them only their resolutions count; a start that the
//! device's clock did not stamp may be off by that clock's error, too. No object stands for two files, no file
//! for two objects; a copy of a matched object is that file as well.
//!
//! With `n` objects and `m` files: O((n + m) log n), and a sort of the few pairs that time leaves open.

use std::collections::{BTreeSet, HashMap};

use catalog::device::{Device, ManifestEntry};
use catalog::observation::StartSource;
use catalog::snapshot::Recording;
use catalog::{Micros, WallTime};
use serde::Serialize;

use crate::audit::device_error_us;
use crate::policy::{ClockRules, ReconcileRules};

/// Manifests give whole seconds.
const MANIFEST_RESOLUTION: Micros = Micros::from_s(1);

/// What tied an object to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchedBy {
    /// The name.
    Name,
    /// Device, start and length.
    Time,
}

/// The object that is a file of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    /// Number of the recording.
    pub(crate) recording: usize,
    /// What tied it.
    pub(crate) by: MatchedBy,
}

/// What was matched with what.
#[derive(Debug, Default)]
pub(crate) struct Matching {
    /// For each manifest entry, its object.
    pub(crate) found: Vec<Option<Found>>,
    /// Numbers of the recordings that are some entry's, copies included.
    pub(crate) claimed: BTreeSet<usize>,
}

/// By how much the start of an object may differ from that in a manifest.
pub(super) fn start_error_us(
    recording: &Recording,
    device: Option<&Device>,
    clock: &ClockRules,
    rules: &ReconcileRules,
) -> Micros {
    let clock_us = match (recording.started_at_source, recording.started_at) {
        (Some(StartSource::FileName), _) => Micros::ZERO,
        (_, Some(started_at)) => device_error_us(device, started_at, clock),
        _ => clock.never_synced.us(),
    };
    recording.clock_error_us.abs() + MANIFEST_RESOLUTION + rules.differs.us() + clock_us
}

/// The last part of a key or of a path, in lower case.
fn base_name(path: &str) -> String {
    path.rsplit(['/', '\\']).next().unwrap_or(path).to_lowercase()
}

/// How far an object is from an entry; less is nearer.
type Distance = (bool, bool, Micros, Micros);

struct Matcher<'a> {
    recordings: &'a [Recording],
    devices: HashMap<&'a str, &'a Device>,
    clock: &'a ClockRules,
    rules: &'a ReconcileRules,
}

fn distance(entry: &ManifestEntry, recording: &Recording) -> Distance {
    let start_us = recording.started_at.map_or(Micros(i64::MAX), |at| (at - entry.starts_at).abs());
    let length_us = recording
        .extent()
        .map_or(Micros::ZERO, |extent| (extent.length() - (entry.ends_at - entry.starts_at)).abs());
    (recording.gone, recording.size_bytes != entry.size_bytes, start_us, length_us)
}

/// Whether size or start can speak against a name. Lists that know no sizes give them as 0.
fn is_comparable(entry: &ManifestEntry, recording: &Recording) -> bool {
    entry.size_bytes > 0 || recording.started_at.is_some()
}

impl Matcher<'_> {
    fn starts_alike(&self, entry: &ManifestEntry, recording: &Recording) -> bool {
        let device = self.devices.get(entry.device.as_str()).copied();
        recording.started_at.is_some_and(|at| {
            (at - entry.starts_at).abs() <= start_error_us(recording, device, self.clock, self.rules)
        })
    }

    /// Whether an object of the file's name is the file.
    fn may_be_named(&self, entry: &ManifestEntry, recording: &Recording) -> bool {
        let alike = recording.size_bytes == entry.size_bytes || self.starts_alike(entry, recording);
        match &recording.device {
            Some(device) => *device == entry.device && (alike || !is_comparable(entry, recording)),
            None => alike,
        }
    }

    fn may_be_timed(&self, entry: &ManifestEntry, recording: &Recording) -> bool {
        let (_, other_size, _, length_us) = distance(entry, recording);
        self.starts_alike(entry, recording) && (!other_size || length_us <= self.rules.differs.us())
    }
}

/// Matches what devices say with what is stored.
pub(crate) fn matching(
    manifest: &[ManifestEntry],
    recordings: &[Recording],
    devices: &[Device],
    clock: &ClockRules,
    rules: &ReconcileRules,
) -> Matching {
    let matcher = Matcher {
        recordings,
        devices: devices.iter().map(|device| (device.serial.as_str(), device)).collect(),
        clock,
        rules,
    };
    let mut matching = Matching { found: vec![None; manifest.len()], claimed: BTreeSet::new() };
    if manifest.is_empty() {
        return matching;
    }
    matcher.by_name(manifest, &mut matching);
    matcher.by_time(manifest, &mut matching);
    matcher.claim_copies(&mut matching);
    matching
}

impl Matcher<'_> {
    fn by_name(&self, manifest: &[ManifestEntry], matching: &mut Matching) {
        let mut named: HashMap<String, Vec<usize>> =
            manifest.iter().map(|entry| (base_name(&entry.file), Vec::new())).collect();
        for (i, recording) in self.recordings.iter().enumerate() {
            if let Some(same) = named.get_mut(&base_name(&recording.object_key)) {
                same.push(i);
            }
        }
        let mut pairs: Vec<(Distance, usize, usize)> = Vec::new();
        for (number, entry) in manifest.iter().enumerate() {
            let same = named.get(&base_name(&entry.file)).map_or(&[][..], Vec::as_slice);
            let alike = same.iter().filter(|&&i| self.may_be_named(entry, &self.recordings[i]));
            pairs.extend(alike.map(|&i| (distance(entry, &self.recordings[i]), number, i)));
        }
        self.take_nearest(manifest, pairs, MatchedBy::Name, matching);
    }

    fn by_time(&self, manifest: &[ManifestEntry], matching: &mut Matching) {
        let mut timed: Vec<(&str, WallTime, usize)> = self
            .recordings
            .iter()
            .enumerate()
            .filter(|(i, _)| !matching.claimed.contains(i))
            .filter_map(|(i, recording)| Some((recording.device.as_deref()?, recording.started_at?, i)))
            .collect();
        timed.sort_unstable();
        // No start is farther off than the widest error of any.
        let widest_us = timed
            .iter()
            .map(|&(serial, _, i)| {
                let device = self.devices.get(serial).copied();
                start_error_us(&self.recordings[i], device, self.clock, self.rules)
            })
            .max()
            .unwrap_or_default();
        let mut pairs: Vec<(Distance, usize, usize)> = Vec::new();
        for (number, entry) in manifest.iter().enumerate().filter(|(n, _)| matching.found[*n].is_none()) {
            let device = entry.device.as_str();
            let from = timed.partition_point(|row| (row.0, row.1) < (device, entry.starts_at - widest_us));
            let near = timed[from..]
                .iter()
                .take_while(|row| row.0 == device && row.1 <= entry.starts_at + widest_us)
                .filter(|row| self.may_be_timed(entry, &self.recordings[row.2]));
            pairs.extend(near.map(|row| (distance(entry, &self.recordings[row.2]), number, row.2)));
        }
        self.take_nearest(manifest, pairs, MatchedBy::Time, matching);
    }

    /// Ties the nearest first; of equally near ones those whose names come first, whatever the order of the
    /// lists.
    fn take_nearest(
        &self,
        manifest: &[ManifestEntry],
        mut pairs: Vec<(Distance, usize, usize)>,
        by: MatchedBy,
        matching: &mut Matching,
    ) {
        pairs.sort_unstable_by(|a, b| {
            let names = |pair: &(Distance, usize, usize)| {
                let (entry, recording) = (&manifest[pair.1], &self.recordings[pair.2]);
                (&entry.device, &entry.file, &recording.object_key, &recording.sha256)
            };
            a.0.cmp(&b.0).then_with(|| names(a).cmp(&names(b))).then_with(|| a.cmp(b))
        });
        for (_, number, recording) in pairs {
            if matching.found[number].is_none() && matching.claimed.insert(recording) {
                matching.found[number] = Some(Found { recording, by });
            }
        }
    }

    fn claim_copies(&self, matching: &mut Matching) {
        let digests: BTreeSet<&str> =
            matching.claimed.iter().map(|&i| self.recordings[i].sha256.as_str()).collect();
        let copies = self
            .recordings
            .iter()
            .enumerate()
            .filter(|(_, recording)| recording.size_bytes > 0 && digests.contains(recording.sha256.as_str()))
            .map(|(i, _)| i);
        matching.claimed.extend(copies.collect::<Vec<_>>());
    }
}
