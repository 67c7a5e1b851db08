//! The oracle: the same judgement, second by second, with flags instead of intervals, every recording
//! looked at for every stage, and every shift of a clock tried. Slow, and other code.

mod compare;
mod custody;
mod judge;

use catalog::case::Stage;
use catalog::observation::StartSource;
use catalog::snapshot::Recording;
use catalog::{IntervalSet, MediaTime};

use crate::month::Month;
use crate::random_month::second;

/// The grid reaches from `-PAD` to `SECONDS + PAD`: the stages lie well inside it, farther from its
/// ends than any clock is wrong.
const PAD: i64 = 35;
const SECONDS: i64 = 100;

/// One flag a second.
#[derive(Clone, PartialEq)]
struct Line(Vec<bool>);

impl Line {
    fn of(test: impl Fn(i64) -> bool) -> Self {
        Self((-PAD..SECONDS + PAD).map(test).collect())
    }

    fn at(&self, s: i64) -> bool {
        usize::try_from(s + PAD).ok().and_then(|i| self.0.get(i)).copied().unwrap_or(false)
    }

    fn widened(&self, by: i64) -> Self {
        let mut wide = Self::of(|_| false);
        for (start, end) in self.runs() {
            for s in (start - by).max(-PAD)..(end + by).min(SECONDS + PAD) {
                wide.0[usize::try_from(s + PAD).unwrap()] = true;
            }
        }
        wide
    }

    /// Maximal runs of set seconds, half-open.
    fn runs(&self) -> Vec<(i64, i64)> {
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

struct Seen<'m> {
    recording: &'m Recording,
    video: Line,
    audio: Line,
    error: i64,
    readable: bool,
    drone: bool,
}

struct Oracle<'m> {
    month: &'m Month,
    seen: Vec<Seen<'m>>,
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

    fn relative(&self, a: &Seen<'_>, b: &Seen<'_>) -> i64 {
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
    fn running(&self, stage: &Stage) -> Vec<&Seen<'m>> {
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
}
