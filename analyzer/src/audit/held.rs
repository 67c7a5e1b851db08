//! What devices say they recorded and nobody stored: beside the obligations that it would have covered.
//!
//! A manifest says what a device recorded. What of it is not stored, or no longer, is `not_uploaded` while the
//! device surely still holds it and `lost` afterwards. Neither covers anything and neither changes a status:
//! the gap is judged as it stands, and beside it stands where the footage is, or was.
//!
//! An entry belongs to the obligations of its officer (or its device's holder) that it ran during. That it did
//! is certain if it still did with the device's clock at either end of its error.

use std::collections::HashMap;

use catalog::case::Stage;
use catalog::device::{Device, ManifestEntry};
use catalog::finding::{Certainty, DeviceFile, Finding, FindingKind, Severity};
use catalog::snapshot::Snapshot;
use catalog::{Interval, Micros, WallTime};

use super::arrival::due_at;
use super::clock::device_error_us;
use super::footage::number;
use super::report::Outside;
use super::take::LaneOf;
use crate::lanes::{Entry, Lanes};
use crate::policy::{Policy, ReconcileRules};
use crate::reconcile::matching::matching;

/// What is not stored, by number of the obligation, and what of it belongs to none.
#[derive(Debug, Default)]
pub(super) struct Held {
    by_stage: HashMap<usize, Vec<Finding>>,
    pub(super) outside: Vec<Outside>,
}

impl Held {
    pub(super) fn new(snapshot: &Snapshot, policy: &Policy, stages: &[&Stage], lane_of: &LaneOf<'_>) -> Self {
        let Some(rules) = &policy.reconcile else { return Self::default() };
        let matched =
            matching(&snapshot.manifest, &snapshot.recordings, &snapshot.devices, &policy.clock, rules);
        let lacking: Vec<(&ManifestEntry, Option<&str>)> = snapshot
            .manifest
            .iter()
            .zip(&matched.found)
            .filter(|(entry, _)| entry.ends_at <= snapshot.as_of)
            .filter_map(|(entry, found)| match found.map(|found| &snapshot.recordings[found.recording]) {
                None => Some((entry, None)),
                Some(recording) if recording.gone => Some((entry, Some(recording.object_key.as_str()))),
                Some(_) => None,
            })
            .collect();
        if lacking.is_empty() {
            return Self::default();
        }
        let devices: HashMap<&str, &Device> =
            snapshot.devices.iter().map(|device| (device.serial.as_str(), device)).collect();
        let entries: Vec<Entry> = stages
            .iter()
            .enumerate()
            .flat_map(|(item, stage)| {
                let lanes = stage.officers.iter().filter_map(|badge| lane_of.get(badge.as_str()).copied());
                lanes.map(move |lane| Entry { lane, interval: stage.interval(), item: number(item) })
            })
            .collect();
        let lanes = Lanes::new(&entries);
        let mut held = Self::default();
        for (entry, gone_key) in lacking {
            let device = devices.get(entry.device.as_str()).copied();
            held.add(entry, gone_key, device, snapshot, policy, rules, stages, &lanes, lane_of);
        }
        held.outside
            .sort_by(|a, b| (&a.device, a.starts_at, &a.file).cmp(&(&b.device, b.starts_at, &b.file)));
        held
    }

    #[expect(clippy::too_many_arguments, reason = "one call, from the loop above")]
    fn add(
        &mut self,
        entry: &ManifestEntry,
        gone_key: Option<&str>,
        device: Option<&Device>,
        snapshot: &Snapshot,
        policy: &Policy,
        rules: &ReconcileRules,
        stages: &[&Stage],
        lanes: &Lanes,
        lane_of: &LaneOf<'_>,
    ) {
        let ran = Interval::new(entry.starts_at, entry.ends_at);
        let error_us = device_error_us(device, entry.starts_at, &policy.clock);
        let overdue = policy
            .upload
            .as_ref()
            .is_some_and(|upload| due_at(entry.ends_at + error_us, upload) < snapshot.as_of);
        let finding =
            |certain: bool| finding(entry, gone_key, device, rules, snapshot.as_of, overdue, certain);
        let holder = device.and_then(|device| device.holder.as_deref());
        let mut hits: Vec<usize> = [entry.badge.as_deref(), holder]
            .into_iter()
            .flatten()
            .filter_map(|badge| lane_of.get(badge))
            .flat_map(|&lane| lanes.meeting(lane, ran.widened(error_us)))
            .map(|stage| stage as usize)
            .collect();
        hits.sort_unstable();
        hits.dedup();
        for &stage in &hits {
            let whole = stages[stage].interval();
            // How long two intervals share, one of them sliding, is least at one of the slide's ends.
            let certain = [error_us, -error_us]
                .into_iter()
                .all(|shift| ran.shifted(shift).intersection(&whole).length() > Micros::ZERO);
            self.by_stage.entry(stage).or_default().push(finding(certain));
        }
        if hits.is_empty() && snapshot.month.interval().contains(entry.starts_at) {
            self.outside.push(Outside {
                object_key: None,
                device: Some(entry.device.clone()),
                badge: entry.badge.clone().or(holder.map(str::to_owned)),
                file: Some(entry.file.clone()),
                unit: device.map(|device| device.unit.clone()),
                starts_at: Some(entry.starts_at),
                findings: vec![finding(true)],
            });
        }
    }

    /// The findings of an obligation.
    pub(super) fn of(&self, stage: usize) -> &[Finding] {
        self.by_stage.get(&stage).map_or(&[], Vec::as_slice)
    }
}

/// Until when a device surely holds a file; for a device that is not known, as long as the kind that holds
/// its files for the shortest time.
pub(crate) fn held_until(entry: &ManifestEntry, device: Option<&Device>, rules: &ReconcileRules) -> WallTime {
    let held_us = match device {
        Some(device) => rules.held.of(device.kind).us(),
        None => catalog::device::DeviceKind::ALL
            .iter()
            .map(|kind| rules.held.of(*kind).us())
            .min()
            .unwrap_or_default(),
    };
    entry.ends_at + held_us
}

fn finding(
    entry: &ManifestEntry,
    gone_key: Option<&str>,
    device: Option<&Device>,
    rules: &ReconcileRules,
    as_of: WallTime,
    overdue: bool,
    certain: bool,
) -> Finding {
    let file = DeviceFile {
        device: entry.device.clone(),
        holder: device.and_then(|device| device.holder.clone()),
        file: entry.file.clone(),
        length_us: entry.ends_at - entry.starts_at,
        size_bytes: entry.size_bytes,
    };
    let held_until = held_until(entry, device, rules);
    let left_us = held_until - as_of;
    let (kind, grave) = if left_us > Micros::ZERO {
        (FindingKind::NotUploaded { file, held_until, left_us }, overdue)
    } else {
        (FindingKind::Lost { file, held_until }, true)
    };
    Finding {
        kind,
        severity: if certain && grave { Severity::Irregular } else { Severity::Notice },
        certainty: if certain { Certainty::Certain } else { Certainty::WithinClockError },
        at: Some(Interval::new(entry.starts_at, entry.ends_at)),
        recordings: gone_key.into_iter().map(str::to_owned).collect(),
        excused: None,
    }
}
