//! What is planted, and what a correct audit says of it.
//!
//! A wish asks for one act with one thing planted in it; drafting turns it, a crew and a moment into
//! recordings and the findings that they must lead to. The expectation is written down where the
//! fault is made, from the fault's own numbers, never from an audit.
//!
//! Where two officers record, the fault is on both files: one officer's footage would cover what the
//! other's lacks. Faults of a file rather than of coverage stand in acts that one officer records.
//! Beside the faults stand things that look like faults and are none.

use std::fmt;

use catalog::case::StageKind;
use catalog::excuse::ExcuseReason;
use catalog::finding::{Certainty, FindingCode};
use catalog::interval::{Interval, IntervalSet};
use catalog::time::{LOCAL_OFFSET_S, Micros, WallTime};
use serde::{Serialize, Serializer};

use crate::bureau::Recorder;
use crate::calendar::Dice;
use crate::recording::{Container, Damage, PlannedRecording, Scene, Spoiling, Spoilt, Take};
use crate::wishes::Wish;

/// What is planted in an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Planted {
    /// Nobody recorded.
    Missing,
    /// Recording begins minutes late.
    LateStart,
    /// Recording stops minutes early.
    EarlyStop,
    /// No packet for a while inside a file.
    GapInFile,
    /// Nothing between two files.
    GapBetweenFiles,
    /// The file is cut off and its index with it.
    Truncated,
    /// The file is empty.
    ZeroLength,
    /// A stretch of the file is zero bytes.
    ZeroRun,
    /// There is no sound track.
    NoAudio,
    /// The container gives local time as if it were UTC.
    ClockOff,
    /// The same file stands for an act of another case.
    Reused,
    /// Footage of another act, cut and encoded anew.
    EncodedAnew,
    /// The lens is covered for a while.
    Black,
    /// The picture stands still for a while.
    Frozen,
    /// The microphone is muted for a while.
    Muted,
    /// The file is changed after it was taken in.
    Altered,
    /// A stop, or no recording at all, that a person excused.
    Excused,
    /// A late start that a clock within its error explains.
    SlowClock,
    /// A stop whose excuse speaks of another part of the act.
    ExcuseElsewhere,
    /// No fault: begins a few seconds late.
    BarelyLate,
    /// No fault: one second between two files.
    ShortSeam,
    /// No fault: one picture a second.
    OnePictureASecond,
    /// No fault: one officer records the first half, the other the second.
    Relay,
    /// No fault: one officer's file has a hole that the other's covers.
    CoveredByPartner,
    /// No fault: the lens is covered for a few seconds.
    BrieflyCovered,
    /// No fault: one officer's lens is covered while the other's is not.
    SeenByPartner,
    /// No fault: a drone recorded, and a person tied its footage to the act.
    LinkedDrone,
    /// No fault: a colleague from another crew recorded, and a person tied the footage to the act.
    LinkedColleague,
    /// No fault: the act and its files run over midnight, into the next month.
    OverMidnight,
}

impl Planted {
    /// Stable code, as in `truth.json`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::LateStart => "late_start",
            Self::EarlyStop => "early_stop",
            Self::GapInFile => "gap_in_file",
            Self::GapBetweenFiles => "gap_between_files",
            Self::Truncated => "truncated",
            Self::ZeroLength => "zero_length",
            Self::ZeroRun => "zero_run",
            Self::NoAudio => "no_audio",
            Self::ClockOff => "clock_off",
            Self::Reused => "reused",
            Self::EncodedAnew => "encoded_anew",
            Self::Black => "black",
            Self::Frozen => "frozen",
            Self::Muted => "muted",
            Self::Altered => "altered",
            Self::Excused => "excused",
            Self::SlowClock => "slow_clock",
            Self::ExcuseElsewhere => "excuse_elsewhere",
            Self::BarelyLate => "barely_late",
            Self::ShortSeam => "short_seam",
            Self::OnePictureASecond => "one_picture_a_second",
            Self::Relay => "relay",
            Self::CoveredByPartner => "covered_by_partner",
            Self::BrieflyCovered => "briefly_covered",
            Self::SeenByPartner => "seen_by_partner",
            Self::LinkedDrone => "linked_drone",
            Self::LinkedColleague => "linked_colleague",
            Self::OverMidnight => "over_midnight",
        }
    }

    /// Whether it only looks like a fault.
    pub fn is_harmless(self) -> bool {
        self >= Self::BarelyLate
    }
}

impl fmt::Display for Planted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for Planted {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// How an audit must judge an obligation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Recorded in full.
    Complete,
    /// Recorded in part, or what was recorded cannot be read.
    Partial,
    /// Not recorded at all.
    Missing,
    /// What is not recorded was excused.
    Excused,
}

/// A finding that an audit must make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExpectedFinding {
    /// Of what kind.
    pub code: FindingCode,
    /// How certain.
    pub certainty: Certainty,
    /// Where; `None` where it concerns a file as a whole.
    pub at: Option<Interval<WallTime>>,
    /// The reason that excuses it.
    pub excused: Option<ExcuseReason>,
}

impl ExpectedFinding {
    pub(crate) fn of_file(code: FindingCode) -> Self {
        Self { code, certainty: Certainty::Certain, at: None, excused: None }
    }

    fn at(code: FindingCode, at: Interval<WallTime>) -> Self {
        Self { at: Some(at), ..Self::of_file(code) }
    }
}

/// A reason that somebody gave, before the act has its number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DraftExcuse {
    pub(crate) reason: ExcuseReason,
    pub(crate) note: &'static str,
    pub(crate) of: Option<Interval<WallTime>>,
}

/// An act with its footage, before it belongs to a case.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) crew: usize,
    pub(crate) planted: Option<Planted>,
    pub(crate) kind: Option<StageKind>,
    pub(crate) interval: Interval<WallTime>,
    pub(crate) officers: Vec<String>,
    pub(crate) recordings: Vec<PlannedRecording>,
    pub(crate) linked: bool,
    pub(crate) excuse: Option<DraftExcuse>,
    pub(crate) status: Status,
    pub(crate) findings: Vec<ExpectedFinding>,
}

impl Draft {
    /// How much of the act is to be seen.
    pub(crate) fn covered_us(&self) -> Micros {
        let picture: IntervalSet<WallTime> =
            self.recordings.iter().flat_map(|file| file.picture().as_slice().to_vec()).collect();
        picture.intersection(&self.interval.into()).length()
    }
}

/// Who can be sent: the crew itself, somebody of the other crew of their squad, a drone.
#[derive(Debug)]
pub(crate) struct Cast {
    pub(crate) crew: usize,
    pub(crate) members: [Recorder; 2],
    pub(crate) colleague: Recorder,
    pub(crate) drone: Recorder,
}

/// Seconds that recording runs before and after an act.
const MARGIN_S: (i64, i64) = (5, 20);

/// How far from either end of an act a hole stays, in seconds: further than any clock is wrong.
const HOLE_MARGIN_S: i64 = 150;

fn s(seconds: i64) -> Micros {
    Micros::from_s(seconds)
}

/// Plans the act that `wish` asks for.
pub(crate) fn draft(
    wish: &Wish,
    cast: &Cast,
    interval: Interval<WallTime>,
    scene: Scene,
    dice: &mut Dice,
) -> Draft {
    let stage = interval;
    // Where one officer records, it is now the one, now the other; every other time both were there.
    let first = wish.nth % 2;
    let (recorders, officers) = if wish.recorders == 1 {
        let recorder = cast.members[first].clone();
        let both = [recorder.badge.clone(), cast.members[1 - first].badge.clone()];
        (vec![recorder], if wish.nth % 4 < 2 { both.to_vec() } else { both[..1].to_vec() })
    } else {
        (cast.members.to_vec(), cast.members.iter().map(|member| member.badge.clone()).collect())
    };
    let mut draft = Draft {
        crew: cast.crew,
        planted: wish.planted,
        kind: None,
        interval,
        officers,
        recordings: Vec::new(),
        linked: false,
        excuse: None,
        status: Status::Complete,
        findings: Vec::new(),
    };
    // From a little before the act until a little after it, a little different for everybody.
    let mut around =
        || Interval::new(stage.start - s(dice.within(MARGIN_S)), stage.end + s(dice.within(MARGIN_S)));
    let spans = [around(), around()];
    let crewed = || recorders.iter().zip(spans);
    let lone = &recorders[0];
    let take = Take::by(lone, scene);
    let single = |container| take.in_one_file().wrapped_in(container).film(lone, spans[0], 1);

    let Some(planted) = wish.planted else {
        for (recorder, span) in crewed() {
            draft.recordings.extend(Take::by(recorder, scene).film(recorder, span, 1));
        }
        return draft;
    };
    match planted {
        Planted::Missing => {
            draft.status = Status::Missing;
            draft.findings.push(ExpectedFinding::at(FindingCode::Missing, stage));
        }
        Planted::LateStart | Planted::SlowClock | Planted::BarelyLate => {
            let late_s = dice.within(match planted {
                Planted::LateStart => (150, 360),
                Planted::SlowClock => (28, 34),
                _ => (3, 3),
            });
            for ((recorder, span), more_s) in crewed().zip([0, 1]) {
                let from = Interval::new(stage.start + s(late_s + more_s), span.end);
                draft.recordings.extend(Take::by(recorder, scene).film(recorder, from, 1));
            }
            if planted != Planted::BarelyLate {
                let at = Interval::new(stage.start, stage.start + s(late_s));
                draft.findings.push(ExpectedFinding::at(FindingCode::LateStart, at));
            }
            match (planted, draft.findings.first_mut()) {
                (Planted::LateStart, _) => draft.status = Status::Partial,
                // Nobody is blamed for a slow clock: the finding is shown, the act counts as recorded.
                (Planted::SlowClock, Some(finding)) => finding.certainty = Certainty::WithinClockError,
                _ => {}
            }
        }
        Planted::EarlyStop => {
            let early_s = dice.within((150, 360));
            for ((recorder, span), more_s) in crewed().zip([0, 2]) {
                let until = Interval::new(span.start, stage.end - s(early_s + more_s));
                draft.recordings.extend(Take::by(recorder, scene).film(recorder, until, 1));
            }
            draft.status = Status::Partial;
            let at = Interval::new(stage.end - s(early_s), stage.end);
            draft.findings.push(ExpectedFinding::at(FindingCode::EarlyStop, at));
        }
        Planted::GapInFile | Planted::GapBetweenFiles | Planted::ExcuseElsewhere => {
            // Two clocks can differ: between two officers' files only a long hole is certain.
            let hole = hole_in(stage, if recorders.len() > 1 { (60, 90) } else { (22, 90) }, dice);
            let inside = planted == Planted::GapInFile;
            for ((recorder, span), more_s) in crewed().zip([0, 3]) {
                let hole = hole.widened(s(more_s));
                let take = Take::by(recorder, scene);
                // A hole is written differently by every container: each that can have one has one.
                let take = match (inside, wish.nth) {
                    (true, 2) => take.wrapped_in(Container::MpegTs),
                    (true, 3) => take.wrapped_in(Container::Matroska),
                    _ => take,
                };
                draft.recordings.extend(if inside {
                    take.film_with_hole(recorder, span, hole)
                } else {
                    take.film_around(recorder, span, hole)
                });
            }
            draft.status = Status::Partial;
            draft.findings.push(ExpectedFinding::at(FindingCode::Gap, hole));
            if planted == Planted::ExcuseElsewhere {
                draft.excuse = Some(DraftExcuse {
                    reason: ExcuseReason::Battery,
                    note: "更换电池",
                    of: Some(Interval::new(stage.start, stage.start + s(60))),
                });
            }
        }
        Planted::Excused => excused(&mut draft, wish.nth, lone, take, spans[0], dice),
        Planted::Truncated => {
            draft.recordings = single(Container::Mp4);
            let percent = 55 + 10 * u64::try_from(wish.nth).unwrap_or(0);
            damage(&mut draft, Damage::CutAt { percent }, FindingCode::Truncated);
        }
        Planted::ZeroLength => {
            draft.recordings = single(take.container);
            damage(&mut draft, Damage::ZeroLength, FindingCode::Damaged);
        }
        Planted::ZeroRun => {
            draft.recordings = single(Container::Mp4);
            let size_bytes = 192 * 1024 + 32 * 1024 * wish.nth;
            damage(&mut draft, Damage::ZeroRun { percent: 40, size_bytes }, FindingCode::Damaged);
        }
        Planted::Altered => {
            draft.recordings = single(Container::Mp4);
            damage(&mut draft, Damage::AlteredLater, FindingCode::Altered);
        }
        Planted::NoAudio => {
            draft.recordings = single(take.container);
            draft.recordings[0].sound = false;
            draft.findings.push(ExpectedFinding::of_file(FindingCode::NoAudio));
        }
        Planted::ClockOff => {
            draft.recordings = single(if wish.nth == 0 { Container::Matroska } else { Container::Mp4 });
            let offset = s(i64::from(LOCAL_OFFSET_S));
            draft.recordings[0].container_says = Some(spans[0].start + offset);
            draft.findings.push(ExpectedFinding::of_file(FindingCode::ClockOff));
        }
        // The copy is made by `pass_off`.
        Planted::Reused => {
            draft.recordings = single(if wish.nth < 2 { Container::MpegTs } else { Container::Mp4 });
            draft.findings.push(ExpectedFinding::of_file(FindingCode::Reused));
        }
        // The copy is made by `pass_off`; the original runs on, so that there is something to cut.
        Planted::EncodedAnew => {
            let number = u32::try_from(wish.nth).unwrap_or(0);
            let span = Interval::new(spans[0].start, spans[0].end + CUT_OFF + s(15));
            let take = Take { scene: Scene::Once(number), ..take.in_one_file().wrapped_in(Container::Mp4) };
            draft.recordings = take.film(lone, span, 1);
            draft.findings.push(ExpectedFinding::of_file(FindingCode::Reused));
        }
        Planted::Black | Planted::Frozen | Planted::Muted | Planted::BrieflyCovered => {
            let (how, length_s, code) = match planted {
                Planted::Frozen => (Spoiling::Frozen, (12, 60), Some(FindingCode::Frozen)),
                Planted::Muted => (Spoiling::Muted, (70, 110), Some(FindingCode::Silent)),
                Planted::Black => (Spoiling::Black, (12, 60), Some(FindingCode::Black)),
                // A hand before the lens: less than the policy tolerates.
                _ => (Spoiling::Black, (4, 4), None),
            };
            let dead = hole_in(stage, length_s, dice);
            draft.recordings = single(take.container);
            spoil(&mut draft.recordings[0], how, dead);
            draft.findings.extend(code.map(|code| ExpectedFinding::at(code, dead)));
        }
        Planted::SeenByPartner => {
            let [a, b] = &cast.members;
            let dead = hole_in(stage, (40, 80), dice);
            draft.recordings.extend(Take::by(a, scene).in_one_file().film(a, spans[0], 1));
            spoil(&mut draft.recordings[0], Spoiling::Black, dead);
            draft.recordings.extend(Take::by(b, scene).film(b, spans[1], 1));
        }
        Planted::ShortSeam => {
            let hole = hole_in(stage, (1, 1), dice);
            draft.recordings = take.film_around(lone, spans[0], hole);
        }
        Planted::OnePictureASecond => {
            draft.recordings = Take::by(lone, Scene::OnePictureASecond).in_one_file().film(lone, spans[0], 1);
        }
        Planted::Relay => {
            let [a, b] = &cast.members;
            let handover = stage.start + s(stage.length().0 / catalog::time::US_PER_S / 2);
            let (first, second) = (
                Interval::new(spans[0].start, handover + s(20)),
                Interval::new(handover - s(20), spans[1].end),
            );
            draft.recordings.extend(Take::by(a, scene).film(a, first, 1));
            draft.recordings.extend(Take::by(b, scene).film(b, second, 1));
        }
        Planted::CoveredByPartner => {
            let [a, b] = &cast.members;
            let hole = hole_in(stage, (40, 80), dice);
            draft.recordings.extend(Take::by(a, scene).film_with_hole(a, spans[0], hole));
            draft.recordings.extend(Take::by(b, scene).film(b, spans[1], 1));
        }
        Planted::LinkedDrone => {
            let take = Take { sound: false, ..Take::by(&cast.drone, scene) };
            draft.recordings = take.film(&cast.drone, spans[0], 1);
            draft.kind = Some(StageKind::ForcedDemolition);
            draft.linked = true;
        }
        Planted::LinkedColleague => {
            draft.recordings = Take::by(&cast.colleague, scene).film(&cast.colleague, spans[0], 1);
            draft.linked = true;
        }
        Planted::OverMidnight => {
            for (recorder, span) in crewed() {
                let take = Take { split_s: Some(600), ..Take::by(recorder, scene) };
                draft.recordings.extend(take.film(recorder, span, 1));
            }
            draft.kind = Some(StageKind::Emergency);
        }
    }
    draft
}

/// How much is cut off the beginning of footage that is encoded anew.
const CUT_OFF: Micros = Micros::from_s(30);

/// An act whose only footage is a copy of `original`'s, under the name of who acted here; encoded anew and cut
/// to the act, where that is planted.
pub(crate) fn pass_off(
    original: &Draft,
    cast: &Cast,
    interval: Interval<WallTime>,
    nth: usize,
    dice: &mut Dice,
) -> Draft {
    let recorder = &cast.members[nth % 2];
    let mut copy = original.clone();
    let starts_at = interval.start - s(dice.within(MARGIN_S));
    for file in &mut copy.recordings {
        file.copy_of = Some(file.key.clone());
        file.key = crate::recording::key(recorder, starts_at, 1, file.container);
        file.device.clone_from(&recorder.device);
        file.badge.clone_from(&recorder.badge);
        // Its container still tells the original's time, where it tells any. That is no fault of a
        // clock: the copy explains it, and `reused` says so.
        file.starts_at = starts_at;
        if original.planted == Some(Planted::EncodedAnew) {
            // Whoever takes the trouble makes the container say the time, too.
            file.encoded_anew_from = Some(CUT_OFF);
            file.length_us = interval.end + s(MARGIN_S.0) - starts_at;
            file.container_says = Some(starts_at);
        }
    }
    Draft { crew: cast.crew, interval, officers: vec![recorder.badge.clone()], ..copy }
}

/// Spoils a file while `dead` lasts.
fn spoil(file: &mut PlannedRecording, how: Spoiling, dead: Interval<WallTime>) {
    file.spoilt = Some(Spoilt { how, from_us: dead.start - file.starts_at, length_us: dead.length() });
}

fn damage(draft: &mut Draft, damage: Damage, code: FindingCode) {
    for file in &mut draft.recordings {
        file.damage = damage;
    }
    if damage.makes_unreadable() {
        draft.status = Status::Partial;
    }
    draft.findings.push(ExpectedFinding::of_file(code));
}

fn excused(
    draft: &mut Draft,
    nth: usize,
    recorder: &Recorder,
    take: Take,
    span: Interval<WallTime>,
    dice: &mut Dice,
) {
    let stage = draft.interval;
    let hole = hole_in(stage, (40, 90), dice);
    let (reason, note, at) = match nth {
        0 => (ExcuseReason::ChangeOfVenue, "转移至后院继续检查", Some(hole)),
        1 => (ExcuseReason::Battery, "更换电池，重新开机时已语音说明", Some(hole)),
        2 => (ExcuseReason::Fault, "设备自动重启", Some(hole)),
        _ => (ExcuseReason::Privacy, "入户涉及未成年人，当事人要求不予录制", None),
    };
    match (nth, at) {
        (_, None) => {}
        (0, Some(hole)) => draft.recordings = take.film_with_hole(recorder, span, hole),
        (_, Some(hole)) => draft.recordings = take.film_around(recorder, span, hole),
    }
    let code = if at.is_some() { FindingCode::Gap } else { FindingCode::Missing };
    let finding = ExpectedFinding::at(code, at.unwrap_or(stage));
    draft.findings.push(ExpectedFinding { excused: Some(reason), ..finding });
    draft.status = Status::Excused;
    // Nobody remembers to the second when the battery ran out.
    draft.excuse = Some(DraftExcuse { reason, note, of: at.map(|hole| hole.widened(s(30))) });
}

/// Somewhere in the middle of `stage`, `length_s` seconds.
fn hole_in(stage: Interval<WallTime>, length_s: (i64, i64), dice: &mut Dice) -> Interval<WallTime> {
    let length_s = dice.within(length_s);
    let stage_s = stage.length().0 / catalog::time::US_PER_S;
    let start = stage.start + s(dice.within((HOLE_MARGIN_S, stage_s - HOLE_MARGIN_S - length_s)));
    Interval::new(start, start + s(length_s))
}
