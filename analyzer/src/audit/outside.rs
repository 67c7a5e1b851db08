//! Findings of recordings that belong to no obligation: footage that no device and no officer explains, and what
//! came into its store too late.
//!
//! Patrols and inspections are recorded, too, and their recordings are to be uploaded in time like all others.

use std::collections::{HashMap, HashSet};

use catalog::finding::{Certainty, Finding, FindingKind, Severity, UnattributedReason};
use catalog::snapshot::{Recording, Snapshot};

use super::footage::{Footage, Links};
use super::report::Outside;
use super::take::Take;

/// What nobody explains of the month and what came late of it, but for what belongs to an obligation, by key.
pub(super) fn outside(
    snapshot: &Snapshot,
    takes: &[Take<'_>],
    footage: &[Footage],
    links: &Links<'_>,
    late: &HashMap<usize, Finding>,
) -> Vec<Outside> {
    let devices: HashMap<&str, &str> =
        snapshot.devices.iter().map(|device| (device.serial.as_str(), device.unit.as_str())).collect();
    let badges: HashSet<&str> = snapshot.officers.iter().map(|officer| officer.badge.as_str()).collect();
    let month = snapshot.month.interval();
    let owned: HashSet<usize> = if late.is_empty() {
        HashSet::new()
    } else {
        footage.iter().flat_map(|footage| &footage.pieces).map(|piece| piece.take).collect()
    };
    let findings = |(number, take): (usize, &Take<'_>)| {
        let recording = take.recording;
        let of_month = recording.started_at.is_none_or(|start| month.contains(start));
        if recording.gone || !of_month {
            return None;
        }
        let late = late.get(&number).filter(|_| !owned.contains(&number)).cloned();
        let unit = recording.device.as_deref().and_then(|serial| devices.get(serial)).copied();
        let known = unit.is_some()
            || recording.badge.as_deref().is_some_and(|badge| badges.contains(badge))
            || !links.stages(&recording.object_key).is_empty();
        let unattributed = (!known).then(|| unattributed(recording));
        // In the order of their codes.
        let findings: Vec<Finding> = late.into_iter().chain(unattributed).collect();
        (!findings.is_empty()).then(|| Outside {
            object_key: Some(recording.object_key.clone()),
            device: recording.device.clone(),
            badge: recording.badge.clone(),
            file: None,
            unit: unit.map(str::to_owned),
            starts_at: recording.started_at,
            findings,
        })
    };
    let mut found: Vec<Outside> = takes.iter().enumerate().filter_map(findings).collect();
    sort(&mut found);
    found
}

/// Brings what is stored into its order.
pub(super) fn sort(outside: &mut [Outside]) {
    outside.sort_by(|a, b| {
        (&a.object_key, a.starts_at, &a.device, &a.badge).cmp(&(
            &b.object_key,
            b.starts_at,
            &b.device,
            &b.badge,
        ))
    });
}

/// What is said of a recording that nobody explains.
fn unattributed(recording: &Recording) -> Finding {
    let reason = match (&recording.device, &recording.badge) {
        (None, None) => UnattributedReason::NoNames,
        _ => UnattributedReason::UnknownNames,
    };
    Finding {
        kind: FindingKind::Unattributed {
            reason,
            device: recording.device.clone(),
            badge: recording.badge.clone(),
        },
        severity: Severity::Notice,
        certainty: Certainty::Certain,
        at: None,
        recordings: vec![recording.object_key.clone()],
        excused: None,
    }
}
