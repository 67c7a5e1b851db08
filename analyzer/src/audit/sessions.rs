//! Sessions: the files of one device that together are one take.
//!
//! A recorder cuts a long take into files, one after the other, with next to nothing between them. The names
//! of files say whole seconds, so a seam as they tell it may be wrong by the resolution of both names, and
//! over hundreds of files those errors do not add up: each file is stamped anew. A pre-record makes the next
//! file reach back into the one before.
//!
//! Two files of one device are chained if, between the end of the first and the start of the second, no more
//! lies than the seam that policy grants and what the stamps' resolutions and the clock's drift between them
//! explain; or if the second reaches back by no more than the overlap that policy grants. A stretch without
//! picture that is no longer than such a seam is no gap, whatever tolerance policy sets for gaps. It is not
//! counted as covered either: nothing shows it.

use catalog::{Interval, Micros, WallTime};

use super::certainty::{ends_at, starts_at};
use super::report::Session;
use super::take::Take;
use crate::policy::SessionRules;

/// What a seam between two files of one device may look like; `None` if they are not two files of one, or
/// two clocks stamped them.
fn seam_us(before: &Take<'_>, after: &Take<'_>, rules: &SessionRules) -> Option<Micros> {
    let device = before.recording.device.as_deref()?;
    let one = after.recording.device.as_deref() == Some(device) && !std::ptr::eq(before, after);
    // Where the clock was set between the two, their distance says nothing of a seam.
    let error_us = before.clock.shared_error_us(&after.clock).filter(|_| one)?;
    Some(rules.seam.us() + error_us)
}

/// Whether `gap` is nothing but the seam between two files of one device.
pub(super) fn is_seam(gap: Interval<WallTime>, running: &[&Take<'_>], rules: &SessionRules) -> bool {
    let before = running.iter().filter(|take| ends_at(take, gap.start));
    before.into_iter().any(|before| {
        running
            .iter()
            .filter(|take| starts_at(take, gap.end))
            .any(|after| seam_us(before, after, rules).is_some_and(|seam_us| gap.length() <= seam_us))
    })
}

/// The sessions of more than one file, by device and start. Copies of a file are left out.
pub(super) fn chain(running: &[&Take<'_>], rules: &SessionRules) -> Vec<Session> {
    let mut files: Vec<(&str, Interval<WallTime>, &Take<'_>)> = running
        .iter()
        .filter_map(|take| Some((take.recording.device.as_deref()?, take.recording.ran()?, *take)))
        .collect();
    files.sort_by(|a, b| (a.0, a.1, &a.2.recording.object_key).cmp(&(b.0, b.1, &b.2.recording.object_key)));
    files.dedup_by(|a, b| a.0 == b.0 && a.1 == b.1 && a.2.recording.sha256 == b.2.recording.sha256);
    let mut sessions: Vec<(Session, &Take<'_>)> = Vec::new();
    for (device, ran, take) in files {
        if let Some((session, last)) = sessions.last_mut()
            && session.device == device
            && let Some(seam_us) = seam_us(last, take, rules)
        {
            let apart_us = ran.start - session.ends_at;
            if apart_us <= seam_us && -apart_us <= rules.overlap.us() + seam_us {
                session.files += 1;
                session.overlaps += u32::from(apart_us < Micros::ZERO);
                session.drift_us += apart_us;
                session.longest_seam_us = session.longest_seam_us.max(apart_us);
                session.ends_at = session.ends_at.max(ran.end);
                session.last.clone_from(&take.recording.object_key);
                *last = take;
                continue;
            }
        }
        let key = &take.recording.object_key;
        let session = Session {
            device: device.to_owned(),
            starts_at: ran.start,
            ends_at: ran.end,
            files: 1,
            overlaps: 0,
            longest_seam_us: Micros::ZERO,
            drift_us: Micros::ZERO,
            first: key.clone(),
            last: key.clone(),
        };
        sessions.push((session, take));
    }
    sessions.into_iter().map(|(session, _)| session).filter(|session| session.files > 1).collect()
}
