//! Recordings that were stored later than allowed.
//!
//! A recording must be stored within the deadline after the end of duty. Who is on duty when is not known, so
//! policy says for how long after a recording its duty may still have lasted; the recording's end is taken as
//! late as its clock's error allows.
//!
//! # What is evidence
//!
//! That an object was *not yet* stored at a moment, a complete listing shows that did not have it: that is our
//! own observation, and it makes the finding irregular. When an object store says that an object was written
//! is the store's claim; objects may have been moved from another store since, so it makes a notice. The
//! times of files in folders prove nothing, because whoever copies a file may set them. When we first read an
//! object proves that it was there by then; it is never evidence that it came late.
//!
//! An object whose bytes were seen in time under another key, or in another store, was moved and is not late.

use std::collections::HashMap;

use catalog::finding::{Certainty, Finding, FindingKind, Severity, UploadEvidence};
use catalog::{Micros, WallTime};
use rayon::prelude::*;

use super::take::{Standing, Take};
use crate::policy::UploadRules;

/// The late ones, by number of the take.
pub(super) fn late(takes: &[Take<'_>], rules: &UploadRules) -> HashMap<usize, Finding> {
    let mut found: HashMap<usize, Finding> =
        takes.par_iter().enumerate().filter_map(|(i, take)| Some((i, judge(take, rules)?))).collect();
    if found.is_empty() {
        return found;
    }
    let mut seen_at: HashMap<&str, WallTime> =
        found.keys().map(|&i| (takes[i].recording.sha256.as_str(), WallTime(i64::MAX))).collect();
    for take in takes {
        if let (Some(first), Some(seen)) =
            (seen_at.get_mut(take.recording.sha256.as_str()), take.recording.arrival.seen_at)
        {
            *first = seen.min(*first);
        }
    }
    found.retain(|&i, finding| match finding.kind {
        FindingKind::LateUpload { due_at, .. } => {
            seen_at.get(takes[i].recording.sha256.as_str()).is_none_or(|first| *first > due_at)
        }
        _ => true,
    });
    found
}

/// Until when what ended at `ended_at` must be stored.
pub(super) fn due_at(ended_at: WallTime, rules: &UploadRules) -> WallTime {
    ended_at + rules.duty.us() + rules.deadline.us()
}

fn judge(take: &Take<'_>, rules: &UploadRules) -> Option<Finding> {
    let recording = take.recording;
    if take.standing == Standing::Gone {
        return None;
    }
    let seen_at = recording.arrival.seen_at?;
    // Of a file that cannot be read nobody knows when it ended.
    let due_at = due_at(recording.ran()?.end + take.clock.error_us, rules);
    let after = |moment: Option<WallTime>| moment.filter(|moment| *moment - due_at > Micros::ZERO);
    let (evidence, not_before, severity) = match recording.arrival {
        arrival if after(arrival.absent_at).is_some() => {
            (UploadEvidence::Listing, arrival.absent_at?, Severity::Irregular)
        }
        arrival => (UploadEvidence::Store, after(arrival.written_at)?, Severity::Notice),
    };
    Some(Finding {
        kind: FindingKind::LateUpload { due_at, evidence, not_before, seen_at },
        severity,
        certainty: Certainty::Certain,
        at: None,
        recordings: vec![recording.object_key.clone()],
        excused: None,
    })
}
