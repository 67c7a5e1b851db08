//! Fewer officers' recordings at a time than the law wants officers at work.
//!
//! Of every second that somebody recorded it is asked how many officers' recorders show it. Seconds that
//! nobody recorded are gaps and no matter of this finding. A recorder belongs to the officer in its key, else
//! to its holder; one that is nobody's in particular counts as a further officer's, because nothing says that
//! it was not. A drone is no officer's recorder. Stretches up to the tolerance are let pass one by one: two
//! people do not press a button at the same moment.

use std::collections::BTreeMap;

use catalog::finding::{Certainty, Finding, FindingKind, Severity};
use catalog::{Interval, IntervalSet, WallTime};

use super::certainty::{at_least, surely_fewer_us};
use super::excuses::StageExcuses;
use super::take::Take;
use crate::policy::CrewRule;

/// The finding that fewer officers recorded, if they did.
pub(super) fn judge(
    stage: Interval<WallTime>,
    running: &[&Take<'_>],
    rule: &CrewRule,
    excuses: &StageExcuses,
) -> Option<Finding> {
    let (required, tolerance_us) = (usize::try_from(rule.officers).ok()?, rule.length.us());
    let mut by_officer: BTreeMap<&str, Vec<&Take<'_>>> = BTreeMap::new();
    let mut drones = Vec::new();
    for take in running {
        let recording = take.recording;
        let whose = take.officer.or(recording.device.as_deref()).unwrap_or(&recording.object_key);
        if take.drone {
            drones.push(*take);
        } else {
            by_officer.entry(whose).or_default().push(take);
        }
    }
    let crews: Vec<Vec<&Take<'_>>> = by_officer.into_values().collect();
    let cut = |span: Interval<WallTime>| span.intersection(&stage);
    let shown: Vec<IntervalSet<WallTime>> = crews
        .iter()
        .map(|takes| takes.iter().flat_map(|take| take.video_in(stage)).map(cut).collect())
        .collect();
    let covered: IntervalSet<WallTime> =
        running.iter().flat_map(|take| take.video_in(stage)).map(cut).collect();
    let enough = at_least(&shown, required, stage);
    let fewer: Vec<Interval<WallTime>> =
        covered.difference(&enough).iter().copied().filter(|part| part.length() > tolerance_us).collect();
    let (first, last) = (fewer.first()?, fewer.last()?);
    let certain = surely_fewer_us(stage, &crews, &drones, required) > tolerance_us;
    let reasons: Option<Vec<_>> = fewer.iter().map(|part| excuses.reason_for(*part, tolerance_us)).collect();
    let recordings = running
        .iter()
        .filter(|take| fewer.iter().any(|part| take.video_in(*part).next().is_some()))
        .map(|take| take.recording.object_key.clone())
        .collect();
    Some(Finding {
        kind: FindingKind::OneRecorder {
            required: rule.officers,
            tolerance_us,
            fewer_us: fewer.iter().map(Interval::length).sum(),
        },
        severity: if certain { rule.severity } else { Severity::Notice },
        certainty: if certain { Certainty::Certain } else { Certainty::WithinClockError },
        at: Some(Interval::new(first.start, last.end)),
        recordings,
        excused: reasons.and_then(|reasons| reasons.first().copied()),
    })
}
