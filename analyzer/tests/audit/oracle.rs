//! The oracle: the same judgement, second by second, with flags instead of intervals, every recording
//! looked at for every stage, and every shift of a clock tried. Slow, and other code.

use std::collections::BTreeMap;

use analyzer::audit::{Obligation, ObligationStatus};
use catalog::case::Stage;
use catalog::excuse::ExcuseReason;
use catalog::finding::{Certainty, FindingCode, FindingKind, GapPlace};
use catalog::observation::{ProblemCode, StartSource};
use catalog::snapshot::Recording;
use catalog::{IntervalSet, MediaTime};

use rayon::prelude::*;

use crate::month::Month;
use crate::oracle_custody::{said, said_outside};
use crate::random_month::{self, Dice, second};

/// The grid reaches from `-PAD` to `SECONDS + PAD`: the stages lie well inside it, farther from its
/// ends than any clock is wrong.
const PAD: i64 = 35;
const SECONDS: i64 = 100;

/// One flag a second.
#[derive(Clone, PartialEq)]
pub(crate) struct Line(Vec<bool>);

impl Line {
    pub(crate) fn of(test: impl Fn(i64) -> bool) -> Self {
        Self((-PAD..SECONDS + PAD).map(test).collect())
    }

    pub(crate) fn at(&self, s: i64) -> bool {
        usize::try_from(s + PAD).ok().and_then(|i| self.0.get(i)).copied().unwrap_or(false)
    }

    pub(crate) fn widened(&self, by: i64) -> Self {
        let mut wide = Self::of(|_| false);
        for (start, end) in self.runs() {
            for s in (start - by).max(-PAD)..(end + by).min(SECONDS + PAD) {
                wide.0[usize::try_from(s + PAD).unwrap()] = true;
            }
        }
        wide
    }

    /// Maximal runs of set seconds, half-open.
    pub(crate) fn runs(&self) -> Vec<(i64, i64)> {
        let mut runs = Vec::new();
        let mut start = None;
        for s in -PAD..=SECONDS + PAD {
            match (start, self.at(s)) {
                (None, true) => start = Some(s),
                (Some(from), false) => {
                    runs.push((from, s));
                    start = None;
                }
                _ => {}
            }
        }
        runs
    }
}

pub(crate) struct Seen<'m> {
    pub(crate) recording: &'m Recording,
    pub(crate) video: Line,
    pub(crate) audio: Line,
    pub(crate) error: i64,
    readable: bool,
    pub(crate) drone: bool,
}

pub(crate) struct Oracle<'m> {
    pub(crate) month: &'m Month,
    pub(crate) seen: Vec<Seen<'m>>,
}

/// From, to, the finding that speaks of it, where, how certain, and what excuses it.
type GapVerdict = (i64, i64, FindingCode, Option<GapPlace>, Certainty, Option<ExcuseReason>);

/// What the oracle says of one stage.
#[derive(Debug, PartialEq)]
struct Verdict {
    covered: i64,
    status: ObligationStatus,
    gaps: Vec<GapVerdict>,
    silent: Option<(i64, Certainty)>,
}

impl<'m> Oracle<'m> {
    fn new(month: &'m Month) -> Self {
        let line = |recording: &Recording, media: &IntervalSet<MediaTime>| {
            let Some(started_at) = recording.started_at else { return Line::of(|_| false) };
            let offset = second(started_at) - recording.origin_us.0 / 1_000_000;
            Line::of(|s| {
                let m = (s - offset) * 1_000_000;
                media.iter().any(|span| span.start.0 <= m && m < span.end.0)
            })
        };
        let seen = month
            .snapshot
            .recordings
            .iter()
            .map(|recording| {
                let device =
                    month.snapshot.devices.iter().find(|d| Some(&d.serial) == recording.device.as_ref());
                let of_device = match device {
                    _ if recording.started_at_source == Some(StartSource::Telemetry) => 0,
                    Some(d) if d.synced_at.is_some() && recording.started_at.is_some() => {
                        d.clock_error_us.map_or(0, |error| error.0.abs())
                    }
                    _ => month.policy.clock.never_synced.us().0,
                };
                Seen {
                    recording,
                    video: line(recording, &recording.video),
                    audio: line(recording, &recording.audio),
                    error: (recording.clock_error_us.0 + of_device) / 1_000_000,
                    readable: recording.problems.is_empty() && !recording.gone,
                    drone: recording.device.as_deref() == Some("DRONE"),
                }
            })
            .collect();
        Self { month, seen }
    }

    pub(crate) fn relative(&self, a: &Seen<'_>, b: &Seen<'_>) -> i64 {
        if std::ptr::eq(a, b) {
            return 0;
        }
        let (x, y) = (a.recording, b.recording);
        let satellite = |r: &Recording| r.started_at_source == Some(StartSource::Telemetry);
        let synced_at = (self.month.snapshot.devices.iter())
            .find(|device| Some(&device.serial) == x.device.as_ref())
            .and_then(|device| device.synced_at);
        let one_clock = x.device.is_some() && x.device == y.device && !satellite(x) && !satellite(y);
        let set_between = synced_at.is_some_and(|synced_at| {
            let before = |r: &Recording| r.started_at.is_some_and(|started_at| started_at < synced_at);
            before(x) != before(y)
        });
        if one_clock && !set_between {
            (x.clock_error_us.0 + y.clock_error_us.0) / 1_000_000
        } else {
            a.error + b.error
        }
    }

    fn is_by_officer_of(&self, stage: &Stage, recording: &Recording) -> bool {
        let holder = (self.month.snapshot.devices.iter())
            .find(|device| Some(&device.serial) == recording.device.as_ref())
            .and_then(|device| device.holder.as_ref());
        [recording.badge.as_ref(), holder].into_iter().flatten().any(|badge| stage.officers.contains(badge))
    }

    fn is_linked(&self, stage: Option<&Stage>, recording: &Recording) -> bool {
        self.month.snapshot.links.iter().any(|link| {
            link.object_key == recording.object_key && stage.is_none_or(|s| s.stage_no == link.stage_no)
        })
    }

    /// The readable recordings of a stage.
    pub(crate) fn running(&self, stage: &Stage) -> Vec<&Seen<'m>> {
        let (from, to) = (second(stage.starts_at), second(stage.ends_at));
        self.seen
            .iter()
            .filter(|seen| seen.readable)
            .filter(|seen| {
                self.is_by_officer_of(stage, seen.recording) || self.is_linked(Some(stage), seen.recording)
            })
            .filter(|seen| {
                let either = Line::of(|s| seen.video.at(s) || seen.audio.at(s)).widened(seen.error);
                (from..to).any(|s| either.at(s))
            })
            .collect()
    }

    fn covered(&self, stage: &Stage) -> Line {
        let running = self.running(stage);
        Line::of(|s| running.iter().any(|seen| seen.video.at(s)))
    }

    /// Whether one clock stamped both.
    fn one_clock(&self, a: &Seen<'_>, b: &Seen<'_>) -> bool {
        let satellite = |seen: &Seen<'_>| seen.recording.started_at_source == Some(StartSource::Telemetry);
        let resolutions = (a.recording.clock_error_us + b.recording.clock_error_us).0 / 1_000_000;
        match (satellite(a), satellite(b)) {
            (true, true) => true,
            (false, false) => {
                let set_between = (self.month.snapshot.devices.iter())
                    .find(|device| Some(&device.serial) == a.recording.device.as_ref())
                    .and_then(|device| device.synced_at)
                    .is_some_and(|synced_at| {
                        let before = |seen: &Seen<'_>| {
                            seen.recording.started_at.is_some_and(|started_at| started_at < synced_at)
                        };
                        before(a) != before(b)
                    });
                assert!(set_between || self.relative(a, b) == resolutions);
                !set_between
            }
            _ => false,
        }
    }

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
    pub(crate) fn least_inside(open: (i64, i64), stage: (i64, i64), error: i64) -> i64 {
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

    fn judge(&self, stage: &Stage) -> Verdict {
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
fn verdict(obligation: &Obligation) -> Verdict {
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

/// What a month met, by case; panics where the two disagree.
fn compare(seed: u64) -> BTreeMap<String, u32> {
    let mut met: BTreeMap<String, u32> = BTreeMap::new();
    let mut meet = |case: String| *met.entry(case).or_default() += 1;
    let month = random_month::month(&mut Dice::new(seed), 10);
    let audit = month.audit();
    let oracle = Oracle::new(&month);
    for (stage, obligation) in month.snapshot.stages.iter().zip(&audit.obligations) {
        let expected = oracle.judge(stage);
        assert_eq!(verdict(obligation), expected, "seed {seed}, stage {}", obligation.id);
        for (_, _, code, place, certainty, excused) in expected.gaps {
            let excused = if excused.is_some() { " excused" } else { "" };
            let place = place.map_or("", GapPlace::as_str);
            meet(format!("{code} {place} {certainty}{excused}"));
        }
        if let Some((_, certainty)) = expected.silent {
            meet(format!("no_audio {certainty}"));
        }
        meet(expected.status.as_str().to_owned());

        let custody = oracle.custody(stage, &obligation.recordings);
        assert_eq!(said(obligation), custody, "seed {seed}, stage {}", obligation.id);
        if let Some((_, certainty)) = custody.fewer {
            meet(format!("one_recorder {certainty}"));
        }
        custody.late.iter().for_each(|_| meet("late_upload".to_owned()));
        custody.held.iter().for_each(|(code, certainty, _)| meet(format!("{code} {certainty}")));
    }
    let outside = oracle.outside();
    assert_eq!(said_outside(&audit), outside, "seed {seed}");
    for (code, _) in &outside {
        meet(format!("{code} outside"));
    }
    met
}

/// How many months are compared: 2,500, or what `REELPROOF_ORACLE_MONTHS` says.
fn months() -> u64 {
    std::env::var("REELPROOF_ORACLE_MONTHS").map_or(2_500, |months| months.parse().expect("a number"))
}

#[test]
fn the_audit_says_what_counting_second_by_second_says() {
    let met = (0..months()).into_par_iter().map(compare).reduce(BTreeMap::new, |mut all, met| {
        for (case, times) in met {
            *all.entry(case).or_default() += times;
        }
        all
    });
    // An oracle that never meets a case says nothing about it.
    for case in [
        "missing  certain",
        "missing  within_clock_error",
        "late_start  certain",
        "late_start  within_clock_error",
        "early_stop  certain",
        "early_stop  within_clock_error",
        "gap inside_file certain",
        "gap inside_file within_clock_error",
        "gap between_files certain",
        "gap between_files within_clock_error",
        "gap between_files certain excused",
        "truncated  certain",
        "damaged  certain excused",
        "no_audio certain",
        "no_audio within_clock_error",
        "one_recorder certain",
        "one_recorder within_clock_error",
        "late_upload",
        "not_uploaded certain",
        "not_uploaded within_clock_error",
        "lost certain",
        "lost within_clock_error",
        "not_uploaded outside",
        "lost outside",
        "unattributed outside",
        "complete",
        "partial",
        "missing",
        "excused",
    ] {
        assert!(met.get(case).is_some_and(|&times| times >= 3), "{case} in {met:#?}");
    }
}
