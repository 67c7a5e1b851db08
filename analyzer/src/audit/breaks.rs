//! What the uncovered parts of a stage are: missing, a late start, an early stop, a gap.
//!
//! An uncovered part at the stage's start is a late start, at its end an early stop, in between a gap:
//! inside a file if one recording both stops before it and goes on after it, between files otherwise.
//! Where nothing at all is covered, the stage is missing. Parts no longer than the tolerance are no
//! findings, but they are not counted as covered either. To a stage of which nothing is covered no
//! tolerance applies.

use catalog::finding::{Certainty, Finding, FindingCode, FindingKind, GapPlace, Severity};
use catalog::{Interval, Micros, WallTime};

use super::certainty::{ends_at, starts_at, surely_open_us, touches};
use super::excuses::StageExcuses;
use super::report::Gap;
use super::take::Take;
use crate::policy::Tolerances;

/// An uncovered part of a stage that is longer than tolerated.
#[derive(Debug)]
pub(super) struct Break {
    pub(super) gap: Gap,
    /// What is allowed of its kind.
    tolerance_us: Micros,
    /// Keys of the recordings beside it, in order.
    recordings: Vec<String>,
    /// Which of the unreadable recordings of the stage may hold it, by number among them.
    pub(super) may_be_in: Option<usize>,
}

/// The kind of an uncovered part of `stage`, before anything is known of unreadable files.
fn code_of(uncovered: Interval<WallTime>, stage: Interval<WallTime>) -> FindingCode {
    match (uncovered.start == stage.start, uncovered.end == stage.end) {
        (true, true) => FindingCode::Missing,
        (true, false) => FindingCode::LateStart,
        (false, true) => FindingCode::EarlyStop,
        (false, false) => FindingCode::Gap,
    }
}

impl Break {
    /// Judges one uncovered part; `None` if it is tolerated.
    pub(super) fn judge(
        uncovered: Interval<WallTime>,
        stage: Interval<WallTime>,
        running: &[&Take<'_>],
        tolerances: &Tolerances,
        excuses: &StageExcuses,
    ) -> Option<Self> {
        let code = code_of(uncovered, stage);
        let tolerance_us = match code {
            FindingCode::LateStart => tolerances.late_start.us(),
            FindingCode::EarlyStop => tolerances.early_stop.us(),
            _ => tolerances.gap.us(),
        };
        if code != FindingCode::Missing && uncovered.length() <= tolerance_us {
            return None;
        }
        let open_us = surely_open_us(uncovered, stage, running);
        let untouched = code == FindingCode::Missing && open_us == uncovered.length();
        let certainty = if open_us > tolerance_us || untouched {
            Certainty::Certain
        } else {
            Certainty::WithinClockError
        };
        let place = (code == FindingCode::Gap).then(|| {
            let inside =
                running.iter().any(|take| ends_at(take, uncovered.start) && starts_at(take, uncovered.end));
            if inside { GapPlace::InsideFile } else { GapPlace::BetweenFiles }
        });
        let beside = |take: &&&Take<'_>| code == FindingCode::Missing || touches(take, uncovered);
        let recordings =
            running.iter().filter(beside).map(|take| take.recording.object_key.clone()).collect();
        let gap = Gap {
            start: uncovered.start,
            end: uncovered.end,
            length_us: uncovered.length(),
            certainty,
            code,
            place,
            excused: excuses.reason_for(uncovered, tolerance_us),
        };
        Some(Self { gap, tolerance_us, recordings, may_be_in: None })
    }

    /// The finding that speaks of it; `None` where an unreadable file's finding does.
    pub(super) fn finding(&self) -> Option<Finding> {
        let Gap { length_us, certainty, code, place, excused, .. } = self.gap;
        let tolerance_us = self.tolerance_us;
        let kind = match (code, place) {
            (FindingCode::Missing, _) => FindingKind::Missing { required_us: length_us },
            (FindingCode::LateStart, _) => FindingKind::LateStart { tolerance_us, late_us: length_us },
            (FindingCode::EarlyStop, _) => FindingKind::EarlyStop { tolerance_us, early_us: length_us },
            (FindingCode::Gap, Some(place)) => FindingKind::Gap { place, tolerance_us, length_us },
            _ => return None,
        };
        let severity = match (certainty, code) {
            (Certainty::WithinClockError, _) => Severity::Notice,
            (Certainty::Certain, FindingCode::Missing) => Severity::Missing,
            (Certainty::Certain, _) => Severity::Irregular,
        };
        Some(Finding {
            kind,
            severity,
            certainty,
            at: Some(self.gap.interval()),
            recordings: self.recordings.clone(),
            excused,
        })
    }
}
