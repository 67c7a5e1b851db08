//! The oracle's judgement of how many officers recorded, of what came late, of what devices hold, and of
//! what nobody explains: second by second, and every pair looked at.

use std::collections::BTreeMap;

use analyzer::audit::{Audit, Obligation};
use catalog::case::Stage;
use catalog::device::ManifestEntry;
use catalog::finding::{Certainty, Finding, FindingCode, FindingKind};
use catalog::snapshot::Recording;

use super::{Line, Oracle, Seen};
use crate::random_month::second;

/// What is said of the way of the recordings of one stage.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Custody {
    /// How long fewer officers recorded than had to, and how certain that is.
    pub(super) fewer: Option<(i64, Certainty)>,
    /// Keys that came late.
    pub(super) late: Vec<String>,
    /// Files that are not stored.
    pub(super) held: Vec<(FindingCode, Certainty, String)>,
}

fn certainty(certain: bool) -> Certainty {
    if certain { Certainty::Certain } else { Certainty::WithinClockError }
}

fn held(finding: &Finding) -> Option<(FindingCode, Certainty, String)> {
    match &finding.kind {
        FindingKind::NotUploaded { file, .. } | FindingKind::Lost { file, .. } => {
            Some((finding.kind.code(), finding.certainty, file.file.clone()))
        }
        _ => None,
    }
}

/// What the audit says of one obligation.
pub(super) fn said(obligation: &Obligation) -> Custody {
    let mut said = Custody::default();
    for finding in &obligation.findings {
        match &finding.kind {
            FindingKind::OneRecorder { fewer_us, .. } => {
                said.fewer = Some((fewer_us.0 / 1_000_000, finding.certainty));
            }
            FindingKind::LateUpload { .. } => said.late.extend(finding.recordings.clone()),
            _ => said.held.extend(held(finding)),
        }
    }
    said.late.sort();
    said.held.sort();
    said
}

/// What the audit says outside of obligations: code, and key or file.
pub(super) fn said_outside(audit: &Audit) -> Vec<(FindingCode, String)> {
    let mut said: Vec<_> = audit
        .outside
        .iter()
        .flat_map(|outside| {
            let what = outside.object_key.clone().or(outside.file.clone()).unwrap();
            outside.findings.iter().map(move |finding| (finding.kind.code(), what.clone()))
        })
        .collect();
    said.sort();
    said
}

impl Oracle<'_> {
    fn whose<'r>(&'r self, seen: &'r Seen<'_>) -> &'r str {
        let holder = (self.month.snapshot.devices.iter())
            .find(|device| Some(&device.serial) == seen.recording.device.as_ref())
            .and_then(|device| device.holder.as_deref());
        let recording = seen.recording;
        let named = recording.badge.as_deref().or(holder).or(recording.device.as_deref());
        named.unwrap_or(&recording.object_key)
    }

    fn fewer(&self, stage: &Stage) -> Option<(i64, Certainty)> {
        let rule = self.month.policy.crew.as_ref().unwrap();
        let (required, tolerance) = (usize::try_from(rule.officers).unwrap(), rule.length.us().0 / 1_000_000);
        let (from, to) = (second(stage.starts_at), second(stage.ends_at));
        let running = self.running(stage);
        let crew = || running.iter().filter(|seen| !seen.drone);
        let officers = |s: i64| {
            let mut filming: Vec<&str> =
                crew().filter(|seen| seen.video.at(s)).map(|seen| self.whose(seen)).collect();
            filming.sort_unstable();
            filming.dedup();
            filming.len()
        };
        let few = Line::of(|s| {
            from <= s && s < to && running.iter().any(|seen| seen.video.at(s)) && officers(s) < required
        });
        let fewer: i64 = few.runs().iter().map(|run| run.1 - run.0).filter(|&run| run > tolerance).sum();
        if fewer == 0 {
            return None;
        }
        let certain = running.iter().any(|frame| {
            let own = (!frame.drone).then(|| self.whose(frame));
            let reached: Vec<(&str, Line)> = crew()
                .filter(|seen| Some(self.whose(seen)) != own)
                .map(|seen| (self.whose(seen), seen.video.widened(self.relative(frame, seen))))
                .collect();
            let few = Line::of(|s| {
                let mut others: Vec<&str> =
                    reached.iter().filter(|(_, line)| line.at(s)).map(|(whose, _)| *whose).collect();
                others.sort_unstable();
                others.dedup();
                frame.video.at(s) && others.len() + usize::from(own.is_some()) < required
            });
            few.runs().into_iter().any(|run| Self::least_inside(run, (from, to), frame.error) > tolerance)
        });
        Some((fewer, certainty(certain)))
    }

    fn is_late(&self, seen: &Seen<'_>) -> bool {
        let recording = seen.recording;
        let upload = self.month.policy.upload.as_ref().unwrap();
        let last = Line::of(|s| seen.video.at(s) || seen.audio.at(s)).runs().last().copied();
        let (Some((_, end)), Some(absent_at)) = (last, recording.arrival.absent_at) else { return false };
        let due = end + seen.error + (upload.duty.us().0 + upload.deadline.us().0) / 1_000_000;
        !recording.gone && second(absent_at) > due
    }

    /// Manifest entries that are not stored: nearest pairs first, names before times, one to one.
    fn lacking(&self) -> Vec<&ManifestEntry> {
        let snapshot = &self.month.snapshot;
        let differs = self.month.policy.reconcile.as_ref().unwrap().differs.us().0 / 1_000_000;
        let length = |recording: &Recording| recording.extent().map(|extent| extent.length().0 / 1_000_000);
        let mut open: Vec<&ManifestEntry> = snapshot.manifest.iter().collect();
        let mut free: Vec<&Seen<'_>> = self.seen.iter().collect();
        // Two devices may have a file of one name.
        let mut stored: BTreeMap<(&str, &str), bool> = BTreeMap::new();
        for by_name in [true, false] {
            loop {
                let mut nearest: Option<(_, usize, usize)> = None;
                for (e, entry) in open.iter().enumerate() {
                    for (r, seen) in free.iter().enumerate() {
                        let recording = seen.recording;
                        let said = second(entry.ends_at) - second(entry.starts_at);
                        let apart =
                            recording.started_at.map(|at| (second(at) - second(entry.starts_at)).abs());
                        let satellite =
                            recording.started_at_source == Some(catalog::observation::StartSource::Telemetry);
                        // The satellites did not stamp the manifest, but the device did.
                        let of_device = if satellite { self.device_error(&entry.device) } else { 0 };
                        let allowed = recording.clock_error_us.0 / 1_000_000 + 1 + differs + of_device;
                        let alike = apart.is_some_and(|apart| apart <= allowed);
                        let same_size = recording.size_bytes == entry.size_bytes;
                        let longer = length(recording).map_or(0, |length| (length - said).abs());
                        let may = if by_name {
                            entry.file.split('/').next_back() == Some(&recording.object_key)
                                && match &recording.device {
                                    Some(device) => {
                                        let nothing_to_compare = apart.is_none() && entry.size_bytes == 0;
                                        *device == entry.device && (same_size || alike || nothing_to_compare)
                                    }
                                    None => same_size || alike,
                                }
                        } else {
                            recording.device.as_ref() == Some(&entry.device)
                                && alike
                                && (same_size || longer <= differs)
                        };
                        let distance = (
                            recording.gone,
                            !same_size,
                            apart.unwrap_or(i64::MAX),
                            longer,
                            (&entry.device, &entry.file),
                            &recording.object_key,
                        );
                        if may && nearest.as_ref().is_none_or(|(least, ..)| distance < *least) {
                            nearest = Some((distance, e, r));
                        }
                    }
                }
                let Some((_, e, r)) = nearest else { break };
                let (entry, seen) = (open.remove(e), free.remove(r));
                stored.insert((entry.device.as_str(), entry.file.as_str()), !seen.recording.gone);
            }
        }
        let entries = snapshot.manifest.iter();
        let is_stored =
            |entry: &ManifestEntry| stored.get(&(entry.device.as_str(), entry.file.as_str())) == Some(&true);
        entries.filter(|entry| !is_stored(entry)).collect()
    }

    fn device_error(&self, serial: &str) -> i64 {
        let device = self.month.snapshot.devices.iter().find(|device| device.serial == serial);
        let us = match device.filter(|device| device.synced_at.is_some()) {
            Some(device) => device.clock_error_us.map_or(0, |error| error.0.abs()),
            None => self.month.policy.clock.never_synced.us().0,
        };
        us / 1_000_000
    }

    /// The stages that an entry may have been recorded in, and whether it certainly was.
    fn stages_of(&self, entry: &ManifestEntry) -> Vec<(u32, bool)> {
        let snapshot = &self.month.snapshot;
        let device = snapshot.devices.iter().find(|device| device.serial == entry.device).unwrap();
        let error = match device.synced_at {
            Some(_) => device.clock_error_us.map_or(0, |error| error.0.abs()) / 1_000_000,
            None => self.month.policy.clock.never_synced.us().0 / 1_000_000,
        };
        let whose = [entry.badge.as_ref(), device.holder.as_ref()];
        snapshot
            .stages
            .iter()
            .filter(|stage| whose.iter().flatten().any(|badge| stage.officers.contains(badge)))
            .filter_map(|stage| {
                let met = |shift: i64| {
                    (second(entry.starts_at) + shift..second(entry.ends_at) + shift)
                        .any(|s| second(stage.starts_at) <= s && s < second(stage.ends_at))
                };
                let shifts = || -error..=error;
                shifts().any(met).then(|| (stage.stage_no, shifts().all(met)))
            })
            .collect()
    }

    fn held_code(&self, entry: &ManifestEntry) -> FindingCode {
        let held = self.month.policy.reconcile.as_ref().unwrap().held.bodycam.us();
        let over = entry.ends_at + held <= self.month.snapshot.as_of;
        if over { FindingCode::Lost } else { FindingCode::NotUploaded }
    }

    pub(super) fn custody(&self, stage: &Stage, pieces: &[String]) -> Custody {
        let mut late: Vec<String> = self
            .seen
            .iter()
            .filter(|seen| pieces.contains(&seen.recording.object_key) && self.is_late(seen))
            .map(|seen| seen.recording.object_key.clone())
            .collect();
        late.sort();
        let mut held: Vec<_> = self
            .lacking()
            .into_iter()
            .filter_map(|entry| {
                let found = self.stages_of(entry).into_iter().find(|found| found.0 == stage.stage_no)?;
                Some((self.held_code(entry), certainty(found.1), entry.file.clone()))
            })
            .collect();
        held.sort();
        Custody { fewer: self.fewer(stage), late, held }
    }

    /// What belongs to no stage; `owned` are the keys that belong to one.
    pub(super) fn outside(&self, owned: &[String]) -> Vec<(FindingCode, String)> {
        let snapshot = &self.month.snapshot;
        let mut found: Vec<(FindingCode, String)> = self
            .lacking()
            .into_iter()
            .filter(|entry| self.stages_of(entry).is_empty())
            .map(|entry| (self.held_code(entry), entry.file.clone()))
            .collect();
        for seen in self.seen.iter().filter(|seen| !seen.recording.gone) {
            let recording = seen.recording;
            let known = snapshot
                .devices
                .iter()
                .any(|device| Some(&device.serial) == recording.device.as_ref())
                || snapshot.officers.iter().any(|officer| Some(&officer.badge) == recording.badge.as_ref())
                || snapshot.links.iter().any(|link| link.object_key == recording.object_key);
            if !owned.contains(&recording.object_key) && self.is_late(seen) {
                found.push((FindingCode::LateUpload, recording.object_key.clone()));
            }
            if !known {
                found.push((FindingCode::Unattributed, recording.object_key.clone()));
            }
        }
        found.sort();
        found
    }
}
