//! Findings that belong to no obligation: footage that no device and no officer explains.
//!
//! It is asked of each recording by itself, so that a change of one recording changes one answer.

use std::collections::HashSet;

use catalog::finding::{Certainty, Finding, FindingKind, Severity, UnattributedReason};
use catalog::snapshot::{Recording, Snapshot};
use catalog::{Interval, WallTime};

use super::footage::Links;
use super::report::Outside;

/// What nobody explains of the month, by key.
pub(super) fn outside(snapshot: &Snapshot, links: &Links<'_>) -> Vec<Outside> {
    let devices: HashSet<&str> = snapshot.devices.iter().map(|device| device.serial.as_str()).collect();
    let badges: HashSet<&str> = snapshot.officers.iter().map(|officer| officer.badge.as_str()).collect();
    let month = snapshot.month.interval();
    let mut found: Vec<Outside> = snapshot
        .recordings
        .iter()
        .filter(|recording| {
            let known = |name: &Option<String>, names: &HashSet<&str>| {
                name.as_deref().is_some_and(|name| names.contains(name))
            };
            !known(&recording.device, &devices)
                && !known(&recording.badge, &badges)
                && links.stages(&recording.object_key).is_empty()
        })
        .filter_map(|recording| unattributed(recording, month))
        .collect();
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

/// What is said of a recording that nobody explains; `None` where it is not of the month, or gone. One of
/// unknown start is of every month.
pub(super) fn unattributed(recording: &Recording, month: Interval<WallTime>) -> Option<Outside> {
    if recording.gone || recording.started_at.is_some_and(|start| !month.contains(start)) {
        return None;
    }
    let reason = match (&recording.device, &recording.badge) {
        (None, None) => UnattributedReason::NoNames,
        _ => UnattributedReason::UnknownNames,
    };
    let finding = Finding {
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
    };
    Some(Outside {
        object_key: Some(recording.object_key.clone()),
        device: recording.device.clone(),
        badge: recording.badge.clone(),
        file: None,
        unit: None,
        starts_at: recording.started_at,
        findings: vec![finding],
    })
}
