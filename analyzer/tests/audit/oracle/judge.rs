//! The oracle's judgement of one stage: what is open, how certainly, and what excuses it.

use analyzer::audit::{Obligation, ObligationStatus};
use catalog::case::Stage;
use catalog::excuse::ExcuseReason;
use catalog::finding::{Certainty, FindingCode, FindingKind, GapPlace};
use catalog::observation::ProblemCode;

use super::{Line, Oracle, PAD, SECONDS, Seen};
use crate::random_month::second;

/// From, to, the finding that speaks of it, where, how certain, and what excuses it.
pub(super) type GapVerdict = (i64, i64, FindingCode, Option<GapPlace>, Certainty, Option<ExcuseReason>);

/// What the oracle says of one stage.
#[derive(Debug, PartialEq)]
pub(super) struct Verdict {
    covered: i64,
    pub(super) status: ObligationStatus,
    pub(super) gaps: Vec<GapVerdict>,
    pub(super) silent: Option<(i64, Certainty)>,
}

impl Oracle<'_> {
    /// Whether a run without picture is the seam between two files of one device.
    fn is_seam(&self, run: (i64, i64), running: &[&Seen<'_>]) -> bool {
        let seam = self.month.policy.session.as_ref().unwrap().seam.us().0 / 1_000_000;
        running.iter().any(|before| {
            running.iter().any(|after| {
                let resolutions =
                    (before.recording.clock_error_us + after.recording.clock_error_us).0 / 1_000_000;
                !std::ptr::eq(*before, *after)
                    && before.recording.device.is_some()
                    && before.recording.device == after.recording.device
                    && (before.video.at(run.0 - 1) && !before.video.at(run.0))
                    && (after.video.at(run.1) && !after.video.at(run.1 - 1))
                    && self.one_clock(before, after)
                    && run.1 - run.0 <= seam + resolutions
            })
        })
    }

    /// The stages that a file which cannot be read stands for.
    fn stages_of_unreadable(&self, seen: &Seen<'_>) -> Vec<u32> {
        let stages = &self.month.snapshot.stages;
        if self.is_linked(None, seen.recording) {
            let linked = stages.iter().filter(|stage| self.is_linked(Some(stage), seen.recording));
            return linked.map(|stage| stage.stage_no).collect();
        }
        let Some(began) = seen.recording.started_at.map(second) else { return Vec::new() };
        let tolerances = &self.month.policy.tolerances;
        let s = |length: &analyzer::policy::Length| length.us().0 / 1_000_000;
        let longest = s(&tolerances.late_start).max(s(&tolerances.early_stop)).max(s(&tolerances.gap));
        let mut candidates: Vec<_> = stages
            .iter()
            .filter(|stage| self.is_by_officer_of(stage, seen.recording))
            .filter(|stage| {
                second(stage.starts_at) - s(&tolerances.unreadable_reach) <= began
                    && began < second(stage.ends_at)
            })
            .map(|stage| {
                let covered = self.covered(stage);
                let open = Line::of(|s| {
                    second(stage.starts_at) <= s
                        && s < second(stage.ends_at)
                        && !covered.at(s)
                        && s >= began - seen.error
                });
                let lacks = open.runs().iter().any(|run| run.1 - run.0 > longest + seen.error);
                (i32::from(!lacks), second(stage.starts_at), stage.stage_no)
            })
            .collect();
        candidates.sort_unstable();
        candidates.first().map(|candidate| candidate.2).into_iter().collect()
    }

    /// The least number of open seconds inside the stage over every shift by up to `error`.
    pub(super) fn least_inside(open: (i64, i64), stage: (i64, i64), error: i64) -> i64 {
        let inside =
            |shift: i64| (open.0..open.1).filter(|&s| stage.0 + shift <= s && s < stage.1 + shift).count();
        (-error..=error).map(|shift| i64::try_from(inside(shift)).unwrap()).min().unwrap()
    }

    fn surely_open(&self, gap: (i64, i64), stage: (i64, i64), running: &[&Seen<'_>]) -> i64 {
        let filmed = |s: i64| running.iter().any(|seen| seen.video.at(s));
        let (mut from, mut to) = gap;
        while from > -PAD && !filmed(from - 1) {
            from -= 1;
        }
        while to < SECONDS + PAD && !filmed(to) {
            to += 1;
        }
        let neighbours = running.iter().filter(|seen| {
            (seen.video.at(gap.0 - 1) && !seen.video.at(gap.0))
                || (seen.video.at(gap.1) && !seen.video.at(gap.1 - 1))
        });
        std::iter::once(None)
            .chain(neighbours.map(Some))
            .map(|frame| {
                let reached: Vec<Line> = running
                    .iter()
                    .map(|seen| seen.video.widened(frame.map_or(seen.error, |f| self.relative(f, seen))))
                    .collect();
                let open = Line::of(|s| from <= s && s < to && !reached.iter().any(|line| line.at(s)));
                let left = open
                    .runs()
                    .into_iter()
                    .map(|run| Self::least_inside(run, stage, frame.map_or(0, |frame| frame.error)));
                left.max().unwrap_or(0)
            })
            .max()
            .unwrap()
    }

    fn excused(&self, stage: &Stage, part: (i64, i64), tolerance: i64) -> Option<ExcuseReason> {
        let mut excuses: Vec<_> = (self.month.snapshot.excuses.iter())
            .filter(|excuse| excuse.stage_no == stage.stage_no)
            .filter(|excuse| self.month.policy.excuses.reasons.contains(&excuse.reason))
            .map(|excuse| {
                let (from, to) = (second(stage.starts_at), second(stage.ends_at));
                let from = excuse.starts_at.map_or(from, |time| second(time).max(from));
                let to = excuse.ends_at.map_or(to, |time| second(time).min(to));
                (excuse.recorded_at, excuse.reason, Line::of(|s| from <= s && s < to).widened(tolerance))
            })
            .collect();
        excuses.sort_by_key(|excuse| excuse.0);
        let every = (part.0..part.1).all(|s| excuses.iter().any(|excuse| excuse.2.at(s)));
        let first = excuses.iter().find(|excuse| (part.0..part.1).any(|s| excuse.2.at(s)));
        first.filter(|_| every).map(|excuse| excuse.1)
    }

    fn silent(&self, stage: &Stage, running: &[&Seen<'_>]) -> Option<(i64, Certainty)> {
        let (from, to) = (second(stage.starts_at), second(stage.ends_at));
        let tolerance = self.month.policy.tolerances.no_audio.us().0 / 1_000_000;
        let pictured = || running.iter().filter(|seen| !seen.drone);
        let silent = Line::of(|s| {
            from <= s
                && s < to
                && pictured().any(|seen| seen.video.at(s))
                && !running.iter().any(|seen| seen.audio.at(s))
        });
        let without: i64 =
            silent.runs().iter().map(|run| run.1 - run.0).filter(|&length| length > tolerance).sum();
        if without == 0 {
            return None;
        }
        let certain = pictured().any(|frame| {
            let heard: Vec<Line> =
                running.iter().map(|seen| seen.audio.widened(self.relative(frame, seen))).collect();
            let mute = Line::of(|s| frame.video.at(s) && !heard.iter().any(|line| line.at(s)));
            mute.runs().into_iter().any(|run| Self::least_inside(run, (from, to), frame.error) > tolerance)
        });
        Some((without, if certain { Certainty::Certain } else { Certainty::WithinClockError }))
    }

    pub(super) fn judge(&self, stage: &Stage) -> Verdict {
        let (from, to) = (second(stage.starts_at), second(stage.ends_at));
        let running = self.running(stage);
        let covered = self.covered(stage);
        let open = Line::of(|s| from <= s && s < to && !covered.at(s));
        let mut unreadable: Vec<&Seen<'_>> = (self.seen.iter())
            .filter(|seen| !seen.readable && !seen.recording.gone)
            .filter(|seen| self.stages_of_unreadable(seen).contains(&stage.stage_no))
            .collect();
        unreadable.sort_by_key(|seen| &seen.recording.object_key);
        let tolerances = &self.month.policy.tolerances;
        let mut gaps = Vec::new();
        for run in open.runs() {
            if self.is_seam(run, &running) {
                continue;
            }
            let (mut code, tolerance) = match run {
                (a, b) if a == from && b == to => (FindingCode::Missing, &tolerances.gap),
                (a, _) if a == from => (FindingCode::LateStart, &tolerances.late_start),
                (_, b) if b == to => (FindingCode::EarlyStop, &tolerances.early_stop),
                _ => (FindingCode::Gap, &tolerances.gap),
            };
            let tolerance = tolerance.us().0 / 1_000_000;
            if code != FindingCode::Missing && run.1 - run.0 <= tolerance {
                continue;
            }
            let left = self.surely_open(run, (from, to), &running);
            let certain = left > tolerance || (code == FindingCode::Missing && left == run.1 - run.0);
            let place = (code == FindingCode::Gap).then(|| {
                if running.iter().any(|seen| seen.video.at(run.0 - 1) && seen.video.at(run.1)) {
                    GapPlace::InsideFile
                } else {
                    GapPlace::BetweenFiles
                }
            });
            let holds = unreadable.iter().find(|seen| {
                let Some(began) = seen.recording.started_at.map(second) else { return true };
                let next = running
                    .iter()
                    .filter(|other| {
                        seen.recording.device.is_some() && other.recording.device == seen.recording.device
                    })
                    .filter_map(|other| other.recording.started_at.map(second))
                    .filter(|&next| next > began)
                    .min();
                run.1 > began - seen.error && next.is_none_or(|next| run.0 < next)
            });
            if let Some(seen) = holds {
                let no_index = seen.recording.has(ProblemCode::NoIndex);
                code = if no_index { FindingCode::Truncated } else { FindingCode::Damaged };
            }
            let certainty = if certain { Certainty::Certain } else { Certainty::WithinClockError };
            gaps.push((run.0, run.1, code, place, certainty, self.excused(stage, run, tolerance)));
        }
        let blamed: Vec<_> = gaps.iter().filter(|gap| gap.4 == Certainty::Certain).collect();
        let status = if blamed.is_empty() {
            ObligationStatus::Complete
        } else if blamed.iter().all(|gap| gap.5.is_some()) {
            ObligationStatus::Excused
        } else if blamed.iter().any(|gap| gap.5.is_none() && gap.2 == FindingCode::Missing) {
            ObligationStatus::Missing
        } else {
            ObligationStatus::Partial
        };
        let covered = i64::try_from((from..to).filter(|&s| covered.at(s)).count()).unwrap();
        Verdict { covered, status, gaps, silent: self.silent(stage, &running) }
    }
}

/// The same of what the audit says.
pub(super) fn verdict(obligation: &Obligation) -> Verdict {
    assert_eq!(obligation.covered_us.0 % 1_000_000, 0);
    let gaps = obligation
        .gaps
        .iter()
        .map(|gap| (second(gap.start), second(gap.end), gap.code, gap.place, gap.certainty, gap.excused));
    let silent = obligation.findings.iter().find_map(|finding| match finding.kind {
        FindingKind::NoAudio { without_us } => Some((without_us.0 / 1_000_000, finding.certainty)),
        _ => None,
    });
    Verdict {
        covered: obligation.covered_us.0 / 1_000_000,
        status: obligation.status,
        gaps: gaps.collect(),
        silent,
    }
}
