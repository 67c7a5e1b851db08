//! What was decoded: black, frozen and silent stretches of a stage.
//!
//! A recording may run through a stage with its lens covered, its picture standing still or its
//! microphone muted. Whether it does was found by decoding it (`ingest --inspect`); here it is held
//! against the stage. As with sound, one officer's recording makes up for another's: a stretch counts as
//! black only where some recording of the stage is black and none, this one or another, shows a picture
//! then. What was not looked at, or could not be decoded, has the benefit of the doubt.
//!
//! Only looks that were made with the figures of the policy count: another policy's black is another
//! black. A black picture stands still, too, and is reported as black. Stretches up to the policy's
//! tolerance are let pass one by one and not added up.

use std::collections::HashMap;

use catalog::finding::{Certainty, Finding, FindingKind, Severity};
use catalog::inspection::{Inspection, Look};
use catalog::observation::MediaSpan;
use catalog::{Interval, IntervalSet, MediaTime, Micros, WallTime};

use super::certainty::surely_without_us;
use super::excuses::StageExcuses;
use super::take::Take;
use crate::policy::Policy;

/// Looks by digest, those made with the policy's figures.
#[derive(Debug)]
pub(super) struct Looks<'a> {
    by_digest: HashMap<&'a str, &'a Look>,
}

impl<'a> Looks<'a> {
    pub(super) fn new(looks: &'a [Look], policy: &Policy) -> Self {
        let options = policy.inspect.options();
        let ours = looks.iter().filter(|look| look.options == options);
        Self { by_digest: ours.map(|look| (look.sha256.as_str(), look)).collect() }
    }

    /// What was seen in a recording; `None` if nobody looked.
    pub(super) fn of(&self, take: &Take<'_>) -> Option<&'a Look> {
        self.by_digest.get(take.recording.sha256.as_str()).copied()
    }
}

/// What is wrong with a stretch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Black,
    Frozen,
    Silent,
}

/// A recording with those of its spans that are dead (black, frozen or silent) and those that are not.
struct Shown<'t, 'a> {
    take: &'t Take<'a>,
    dead: IntervalSet<MediaTime>,
    alive: IntervalSet<MediaTime>,
}

impl<'t, 'a> Shown<'t, 'a> {
    fn new(take: &'t Take<'a>, look: Option<&Look>, fault: Fault) -> Self {
        let recording = take.recording;
        let found = |spans: fn(&Inspection) -> &Vec<MediaSpan>| -> IntervalSet<MediaTime> {
            look.into_iter()
                .flat_map(|look| spans(&look.inspection))
                .map(|&span| Interval::from(span))
                .collect()
        };
        let (whole, dead, no_better) = match fault {
            Fault::Black => (&recording.video, found(|seen| &seen.black), IntervalSet::default()),
            Fault::Frozen => {
                let black = found(|seen| &seen.black);
                (&recording.video, found(|seen| &seen.frozen).difference(&black), black)
            }
            // A drone has no microphone: what stands in its sound track was never asked for.
            Fault::Silent if take.drone => {
                (&recording.audio, IntervalSet::default(), found(|seen| &seen.silent))
            }
            Fault::Silent => (&recording.audio, found(|seen| &seen.silent), IntervalSet::default()),
        };
        let dead = dead.intersection(whole);
        Self { take, alive: whole.difference(&dead).difference(&no_better), dead }
    }
}

/// The findings of what was decoded.
pub(super) fn judge(
    stage: Interval<WallTime>,
    running: &[&Take<'_>],
    looks: &Looks<'_>,
    policy: &Policy,
    excuses: &StageExcuses,
) -> Vec<Finding> {
    let looked: Vec<_> = running.iter().map(|take| (*take, looks.of(take))).collect();
    if looked.iter().all(|(_, look)| look.is_none()) {
        return Vec::new();
    }
    let tolerances = &policy.tolerances;
    [
        (Fault::Black, tolerances.black.us()),
        (Fault::Frozen, tolerances.frozen.us()),
        (Fault::Silent, tolerances.silent.us()),
    ]
    .into_iter()
    .filter_map(|(fault, tolerance_us)| {
        let shown: Vec<Shown<'_, '_>> =
            looked.iter().map(|(take, look)| Shown::new(take, *look, fault)).collect();
        judge_one(stage, fault, &shown, tolerance_us, excuses)
    })
    .collect()
}

fn judge_one(
    stage: Interval<WallTime>,
    fault: Fault,
    shown: &[Shown<'_, '_>],
    tolerance_us: Micros,
    excuses: &StageExcuses,
) -> Option<Finding> {
    let on_wall =
        |media: for<'s> fn(&'s Shown<'_, '_>) -> &'s IntervalSet<MediaTime>| -> IntervalSet<WallTime> {
            shown
                .iter()
                .flat_map(|one| one.take.spans_near(media(one), stage, Micros::ZERO))
                .map(|span| span.intersection(&stage))
                .collect()
        };
    let dead = on_wall(|one| &one.dead).difference(&on_wall(|one| &one.alive));
    let stretches: Vec<_> = dead.iter().copied().filter(|part| part.length() > tolerance_us).collect();
    let (first, last) = (stretches.first()?, stretches.last()?);
    let dead_us: Micros = stretches.iter().map(Interval::length).sum();
    let of = |media: for<'s> fn(&'s Shown<'_, '_>) -> &'s IntervalSet<MediaTime>| -> Vec<_> {
        shown.iter().map(|one| (one.take, media(one))).collect()
    };
    let certain = surely_without_us(stage, &of(|one| &one.dead), &of(|one| &one.alive)) > tolerance_us;
    let reasons: Option<Vec<_>> =
        stretches.iter().map(|part| excuses.reason_for(*part, tolerance_us)).collect();
    let meets = |one: &&Shown<'_, '_>| {
        stretches.iter().any(|part| one.take.spans_near(&one.dead, *part, Micros::ZERO).next().is_some())
    };
    Some(Finding {
        kind: match fault {
            Fault::Black => FindingKind::Black { tolerance_us, black_us: dead_us },
            Fault::Frozen => FindingKind::Frozen { tolerance_us, frozen_us: dead_us },
            Fault::Silent => FindingKind::Silent { tolerance_us, silent_us: dead_us },
        },
        severity: if certain { Severity::Irregular } else { Severity::Notice },
        certainty: if certain { Certainty::Certain } else { Certainty::WithinClockError },
        at: Some(Interval::new(first.start, last.end)),
        recordings: shown.iter().filter(meets).map(|one| one.take.recording.object_key.clone()).collect(),
        excused: reasons.and_then(|reasons| reasons.first().copied()),
    })
}
