//! Reconciliation: what devices say they recorded, against what is stored.
//!
//! Audits look at what is stored. What was recorded and never arrived is in no store, and it is lost in
//! silence: the device goes on recording and overwrites it. A manifest (what a device or dock says it
//! recorded) breaks that silence. [`reconcile`] matches its entries with the stored objects ([`matching`]) and
//! says
//!
//! - what is **not uploaded**, while the device surely still holds it: until when, and whom to call; the most
//!   urgent first;
//! - what is **lost**: the time for which the device surely holds it has run out;
//! - what **differs**: size, start or length are not what the device says;
//! - what is stored and in **no manifest**, and which devices sent none at all;
//! - what was stored and is **gone**, and what was **altered**;
//! - which rows of the imports **matched nothing**, and why (`joins`, and `flights` for drones): an audit is only as
//!   good as these.
//!
//! For how long a device holds its files is policy. A device whose storage is full may overwrite sooner, and
//! one that was taken out of service may hold for years: `lost` says that nobody may count on it any more.

mod flights;
mod joins;
pub(crate) mod matching;
mod report;

use std::collections::{BTreeMap, HashMap};

use catalog::case::StageId;
use catalog::device::{Device, ManifestEntry};
use catalog::drone_month::DroneMonth;
use catalog::snapshot::{Recording, Snapshot};
use catalog::unit::{Officer, Unit};
use catalog::{Interval, Micros, WallTime};

pub use joins::{JoinIssue, JoinRow, JoinedTable, Joins};
pub use matching::MatchedBy;
pub use report::{
    Altered, Call, Differing, Gone, NotInManifest, NotStored, Reconciliation, SilentDevice, Totals,
};

use crate::audit::{held_until, unconfirmed_figures};
use crate::policy::{Policy, ReconcileRules};
use matching::{Found, Matching, matching};

/// Why nothing can be reconciled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReconcileError {
    /// The policy does not say for how long devices hold what they recorded.
    #[error(
        "the policy {policy} has no [reconcile] section, so nobody can say for how long devices hold what is \
         not uploaded: add [reconcile.differs] and [reconcile.held.*] as in jingan-2024, or name another policy"
    )]
    NoRules {
        /// Name of the policy.
        policy: String,
    },
}

/// Compares what devices say of the month with what is stored; `flown` is the same month of drones, where there is
/// one.
///
/// # Errors
/// If `policy` says nothing about it.
pub fn reconcile(
    snapshot: &Snapshot,
    flown: Option<&DroneMonth>,
    policy: &Policy,
) -> Result<Reconciliation, ReconcileError> {
    let rules =
        policy.reconcile.as_ref().ok_or_else(|| ReconcileError::NoRules { policy: policy.name.clone() })?;
    let matched = matching(&snapshot.manifest, &snapshot.recordings, &snapshot.devices, &policy.clock, rules);
    let desk = Desk {
        snapshot,
        flown,
        policy,
        rules,
        matched: &matched,
        devices: snapshot.devices.iter().map(|device| (device.serial.as_str(), device)).collect(),
        officers: snapshot.officers.iter().map(|officer| (officer.badge.as_str(), officer)).collect(),
        units: snapshot.units.iter().map(|unit| (unit.code.as_str(), unit)).collect(),
    };
    Ok(desk.report())
}

/// What the comparison looks at, with everything by its name.
struct Desk<'a> {
    snapshot: &'a Snapshot,
    flown: Option<&'a DroneMonth>,
    policy: &'a Policy,
    rules: &'a ReconcileRules,
    matched: &'a Matching,
    devices: HashMap<&'a str, &'a Device>,
    officers: HashMap<&'a str, &'a Officer>,
    units: HashMap<&'a str, &'a Unit>,
}

impl<'a> Desk<'a> {
    fn report(&self) -> Reconciliation {
        let month = self.snapshot.month.interval();
        let entries =
            || {
                self.snapshot.manifest.iter().zip(&self.matched.found).filter(|(entry, _)| {
                    month.contains(entry.starts_at) && entry.ends_at <= self.snapshot.as_of
                })
            };
        let lacking: Vec<NotStored> =
            entries().filter_map(|(entry, found)| self.not_stored(entry, *found)).collect();
        let (mut not_uploaded, mut lost): (Vec<_>, Vec<_>) =
            lacking.into_iter().partition(|row| row.left_us.is_some());
        not_uploaded
            .sort_by(|a, b| (a.held_until, &a.device, &a.file).cmp(&(b.held_until, &b.device, &b.file)));
        lost.sort_by(|a, b| (&a.device, a.starts_at, &a.file).cmp(&(&b.device, b.starts_at, &b.file)));
        let differing: Vec<Differing> =
            entries().filter_map(|(entry, found)| self.differing(entry, (*found)?)).collect();
        let (not_in_manifest, silent_devices) = self.not_in_manifest(month);
        let stored_in_month = || {
            self.snapshot
                .recordings
                .iter()
                .filter(|recording| recording.started_at.is_none_or(|start| month.contains(start)))
        };
        let gone: Vec<Gone> = stored_in_month().filter(|recording| recording.gone).map(Gone::from).collect();
        let altered: Vec<Altered> = stored_in_month().filter_map(Altered::of).collect();
        let joins = joins::joins(self, month);
        Reconciliation {
            month: self.snapshot.month,
            policy: self.policy.name.clone(),
            as_of: self.snapshot.as_of,
            totals: Totals {
                manifest_entries: entries().count() as u64,
                not_uploaded: not_uploaded.len() as u64,
                not_uploaded_us: not_uploaded.iter().map(|row| row.length_us).sum(),
                lost: lost.len() as u64,
                lost_us: lost.iter().map(|row| row.length_us).sum(),
                differing: differing.len() as u64,
                objects: stored_in_month().filter(|recording| !recording.gone).count() as u64,
                not_in_manifest: not_in_manifest.len() as u64,
                gone: gone.len() as u64,
                altered: altered.len() as u64,
                joins: joins.rows.iter().map(|row| row.rows).sum(),
            },
            calls: calls(&not_uploaded),
            not_uploaded,
            lost,
            differing,
            not_in_manifest,
            silent_devices,
            gone,
            altered,
            joins,
            to_be_confirmed: unconfirmed_figures(self.policy)
                .into_iter()
                .filter(|figure| {
                    figure.figure.starts_with("reconcile.") || figure.figure.starts_with("clock.")
                })
                .collect(),
        }
    }

    fn unit_name(&self, code: &str) -> Option<String> {
        self.units.get(code).map(|unit| unit.name.clone())
    }

    /// An entry that is not stored, or no longer.
    fn not_stored(&self, entry: &ManifestEntry, found: Option<Found>) -> Option<NotStored> {
        let object = found.map(|found| &self.snapshot.recordings[found.recording]);
        if object.is_some_and(|object| !object.gone) {
            return None;
        }
        let device = self.devices.get(entry.device.as_str()).copied();
        let held_until = held_until(entry, device, self.rules);
        let left_us = held_until - self.snapshot.as_of;
        let badge = entry.badge.as_deref().or(device.and_then(|device| device.holder.as_deref()));
        Some(NotStored {
            device: entry.device.clone(),
            device_kind: device.map(|device| device.kind),
            file: entry.file.clone(),
            starts_at: entry.starts_at,
            ends_at: entry.ends_at,
            length_us: entry.ends_at - entry.starts_at,
            size_bytes: entry.size_bytes,
            badge: badge.map(str::to_owned),
            officer: badge.and_then(|badge| self.officers.get(badge)).map(|officer| officer.name.clone()),
            unit: device.map(|device| device.unit.clone()),
            unit_name: device.and_then(|device| self.unit_name(&device.unit)),
            held_until,
            left_us: (left_us > Micros::ZERO).then_some(left_us),
            gone_key: object.map(|object| object.object_key.clone()),
            stages: self.stages_of(entry, badge),
        })
    }

    /// The stages of the officer that the entry ran during, by the clock as it stood.
    fn stages_of(&self, entry: &ManifestEntry, badge: Option<&str>) -> Vec<StageId> {
        let Some(badge) = badge else { return Vec::new() };
        let ran = Interval::new(entry.starts_at, entry.ends_at);
        let during = self.snapshot.stages.iter().filter(|stage| {
            stage.interval().overlaps(&ran) && stage.officers.iter().any(|officer| officer == badge)
        });
        during.map(catalog::case::Stage::id).collect()
    }

    fn differing(&self, entry: &ManifestEntry, found: Found) -> Option<Differing> {
        let recording = &self.snapshot.recordings[found.recording];
        if recording.gone {
            return None;
        }
        let device = self.devices.get(entry.device.as_str()).copied();
        let more_than_allowed =
            |apart: Option<Micros>, allowed: Micros| apart.filter(|apart| apart.abs() > allowed);
        let allowed_us = matching::start_error_us(recording, device, &self.policy.clock, self.rules);
        let start_off_us = more_than_allowed(recording.started_at.map(|at| at - entry.starts_at), allowed_us);
        let said_us = entry.ends_at - entry.starts_at;
        let length_off_us = more_than_allowed(
            recording.extent().map(|extent| extent.length() - said_us),
            self.rules.differs.us(),
        );
        let other_size = recording.size_bytes != entry.size_bytes;
        if start_off_us.is_none() && length_off_us.is_none() && !other_size {
            return None;
        }
        let left_us = held_until(entry, device, self.rules) - self.snapshot.as_of;
        Some(Differing {
            object_key: recording.object_key.clone(),
            device: entry.device.clone(),
            file: entry.file.clone(),
            matched_by: found.by,
            manifest_size_bytes: entry.size_bytes,
            size_bytes: recording.size_bytes,
            start_off_us,
            length_off_us,
            left_us: (left_us > Micros::ZERO).then_some(left_us),
        })
    }

    /// What is stored of the month and in no manifest, and the devices of which there is no manifest.
    fn not_in_manifest(&self, month: Interval<WallTime>) -> (Vec<NotInManifest>, Vec<SilentDevice>) {
        let told: std::collections::HashSet<&str> = self
            .snapshot
            .manifest
            .iter()
            .filter(|entry| month.contains(entry.starts_at))
            .map(|entry| entry.device.as_str())
            .collect();
        let (mut rows, mut silent): (Vec<NotInManifest>, BTreeMap<&str, u64>) = Default::default();
        for (i, recording) in self.snapshot.recordings.iter().enumerate() {
            let in_month = recording.started_at.is_some_and(|start| month.contains(start));
            let Some(device) = recording.device.as_deref().filter(|_| in_month && !recording.gone) else {
                continue;
            };
            if self.matched.claimed.contains(&i) || !self.devices.contains_key(device) {
                continue;
            }
            if told.contains(device) {
                rows.push(NotInManifest {
                    object_key: recording.object_key.clone(),
                    device: device.to_owned(),
                    started_at: recording.started_at,
                    size_bytes: recording.size_bytes,
                });
            } else {
                *silent.entry(device).or_default() += 1;
            }
        }
        let silent = silent
            .into_iter()
            .filter_map(|(serial, objects)| {
                let device = self.devices.get(serial)?;
                Some(SilentDevice {
                    device: serial.to_owned(),
                    device_kind: device.kind,
                    holder: device.holder.clone(),
                    unit: device.unit.clone(),
                    unit_name: self.unit_name(&device.unit),
                    objects,
                })
            })
            .collect();
        (rows, silent)
    }

    fn recordings(&self) -> impl Iterator<Item = &'a Recording> {
        self.snapshot.recordings.iter()
    }
}

/// Whom to call: one call a device, the most urgent first.
fn calls(not_uploaded: &[NotStored]) -> Vec<Call> {
    let mut calls: Vec<Call> = Vec::new();
    let mut by_device: HashMap<&str, usize> = HashMap::new();
    for row in not_uploaded {
        let number = *by_device.entry(row.device.as_str()).or_insert_with(|| {
            calls.push(Call {
                device: row.device.clone(),
                device_kind: row.device_kind,
                badge: row.badge.clone(),
                officer: row.officer.clone(),
                unit: row.unit.clone(),
                unit_name: row.unit_name.clone(),
                files: 0,
                length_us: Micros::ZERO,
                size_bytes: 0,
                first_held_until: row.held_until,
                left_us: row.left_us.unwrap_or_default(),
            });
            calls.len() - 1
        });
        let call = &mut calls[number];
        call.files += 1;
        call.length_us += row.length_us;
        call.size_bytes = call.size_bytes.saturating_add(row.size_bytes);
    }
    calls
}
