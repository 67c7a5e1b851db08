//! When the sources of a start time contradict one another.
//!
//! A recording's start was chosen from what its telemetry, its key and its container say. Where
//! another of them is off by more than policy allows, a person must look: one of the two is wrong.
//! Containers are no clean witnesses: some recorders write the moment at which the file was *closed*,
//! so a container may be late by up to the recording's length. And a container's time is UTC by its
//! standard (ISO/IEC 14496-12, 8.2.2), but recorders write local time into it: then it is off by the
//! zone's eight hours, which says what is wrong and is reported as such.

use catalog::finding::FindingKind;
use catalog::observation::StartSource;
use catalog::time::LOCAL_OFFSET_S;
use catalog::{Interval, Micros, WallTime};

use super::take::Take;
use crate::policy::ClockRules;

/// A source that contradicts the chosen one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Contradiction {
    source: StartSource,
    other: StartSource,
    other_started_at: WallTime,
    off_by_us: Micros,
    zone: bool,
}

impl From<Contradiction> for FindingKind {
    fn from(found: Contradiction) -> Self {
        let Contradiction { source, other, off_by_us, zone, .. } = found;
        Self::ClockOff { source, other, off_by_us, zone }
    }
}

/// By how much `other` may be ahead of `source` without contradicting it; closed at both ends.
fn allowed(
    source: StartSource,
    other: StartSource,
    duration_us: Micros,
    rules: &ClockRules,
) -> Interval<Micros> {
    let tolerance_us = rules.disagreement.us();
    let late_us = |source| if source == StartSource::Container { duration_us } else { Micros::ZERO };
    Interval { start: -tolerance_us - late_us(source), end: tolerance_us + late_us(other) }
}

fn within(off_by_us: Micros, allowed: Interval<Micros>) -> bool {
    allowed.start <= off_by_us && off_by_us <= allowed.end
}

fn is_off_by_zone(off_by_us: Micros, allowed: Interval<Micros>) -> bool {
    let zone_us = Micros::from_s(i64::from(LOCAL_OFFSET_S));
    within(off_by_us - zone_us, allowed) || within(off_by_us + zone_us, allowed)
}

/// Every source of `take` that contradicts the chosen one, in order of source.
pub(super) fn contradictions(take: &Take<'_>, rules: &ClockRules) -> Vec<Contradiction> {
    let recording = take.recording;
    let (Some(started_at), Some(source)) = (recording.started_at, recording.started_at_source) else {
        return Vec::new();
    };
    let mut found: Vec<_> = recording
        .start_claims
        .iter()
        .filter(|claim| claim.source != source)
        .filter_map(|claim| {
            let off_by_us = claim.started_at - started_at;
            let allowed = allowed(source, claim.source, take.duration_us(), rules);
            (!within(off_by_us, allowed)).then(|| Contradiction {
                source,
                other: claim.source,
                other_started_at: claim.started_at,
                off_by_us,
                zone: is_off_by_zone(off_by_us, allowed),
            })
        })
        .collect();
    found.sort_unstable_by_key(|found| (found.other, found.off_by_us));
    found.dedup();
    found
}

/// Whether the contradicting source gives the start of `twin`, an object with the same bytes; perhaps
/// in the wrong zone.
pub(super) fn agrees_with_start_of(found: &Contradiction, twin: &Take<'_>, rules: &ClockRules) -> bool {
    twin.recording.started_at.is_some_and(|started_at| {
        let off_by_us = found.other_started_at - started_at;
        let allowed = allowed(found.source, found.other, twin.duration_us(), rules);
        within(off_by_us, allowed) || is_off_by_zone(off_by_us, allowed)
    })
}
