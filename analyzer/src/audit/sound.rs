//! Picture without sound.
//!
//! A stage must be heard as well as seen. Where a recording shows a picture and no recording of the
//! stage, this one or another officer's, has sound at that moment, sound is missing. Drones have no
//! microphone, so their picture asks for none. Stretches up to the tolerance are let pass one by one
//! and not added up: sound and picture of a file never start and stop at the very same microsecond,
//! and over a hundred files that would grow into something that is not there.

use catalog::finding::{Certainty, Finding, FindingKind, Severity};
use catalog::{Interval, IntervalSet, Micros, WallTime};

use super::certainty::surely_without_us;
use super::excuses::StageExcuses;
use super::take::Take;

/// The finding that sound is missing, if it is.
pub(super) fn judge(
    stage: Interval<WallTime>,
    running: &[&Take<'_>],
    tolerance_us: Micros,
    excuses: &StageExcuses,
) -> Option<Finding> {
    let pictured: Vec<&Take<'_>> = running.iter().copied().filter(|take| !take.drone).collect();
    let cut = |span: Interval<WallTime>| span.intersection(&stage);
    let picture: IntervalSet<WallTime> =
        pictured.iter().flat_map(|take| take.video_in(stage)).map(cut).collect();
    let sound: IntervalSet<WallTime> =
        running.iter().flat_map(|take| take.audio_in(stage)).map(cut).collect();
    let silent: Vec<_> =
        picture.difference(&sound).iter().copied().filter(|silent| silent.length() > tolerance_us).collect();
    let (first, last) = (silent.first()?, silent.last()?);
    let pictures: Vec<_> = pictured.iter().map(|&take| (take, &take.recording.video)).collect();
    let sounds: Vec<_> = running.iter().map(|&take| (take, &take.recording.audio)).collect();
    let certain = surely_without_us(stage, &pictures, &sounds) > tolerance_us;
    let reasons: Option<Vec<_>> = silent.iter().map(|part| excuses.reason_for(*part, tolerance_us)).collect();
    let recordings = pictured
        .iter()
        .filter(|take| silent.iter().any(|part| take.video_in(*part).next().is_some()))
        .map(|take| take.recording.object_key.clone())
        .collect();
    Some(Finding {
        kind: FindingKind::NoAudio { without_us: silent.iter().map(Interval::length).sum() },
        severity: if certain { Severity::Irregular } else { Severity::Notice },
        certainty: if certain { Certainty::Certain } else { Certainty::WithinClockError },
        at: Some(Interval::new(first.start, last.end)),
        recordings,
        excused: reasons.and_then(|reasons| reasons.first().copied()),
    })
}
