//! Random months on a grid of whole seconds, small enough that every way of getting them wrong comes
//! up: overlapping stages and files, shared and unknown devices, pauses, mute spans, unreadable and
//! vanished files, links, excuses, clock errors.

use analyzer::policy::Policy;
use catalog::case::{Link, Stage, StageKind};
use catalog::device::{Device, DeviceKind, ManifestEntry};
use catalog::excuse::{Excuse, ExcuseReason};
use catalog::observation::{Problem, ProblemCode, StartSource};
use catalog::snapshot::{Arrival, Recording, Snapshot};
use catalog::{Interval, IntervalSet, MediaTime, Micros, WallTime};

use crate::month::Month;

/// SplitMix64: a sequence that is the same on every machine.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }

    /// A whole number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        low + i64::try_from(self.below(u64::try_from(high - low + 1).unwrap())).unwrap()
    }

    pub(crate) fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    pub(crate) fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
        &from[usize::try_from(self.below(from.len() as u64)).unwrap()]
    }

    pub(crate) fn shuffle<T>(&mut self, list: &mut [T]) {
        for i in (1..list.len()).rev() {
            list.swap(i, usize::try_from(self.below(i as u64 + 1)).unwrap());
        }
    }
}

/// Second `s` of the grid.
pub(crate) fn wall(s: i64) -> WallTime {
    crate::month::at("10:00:00") + Micros::from_s(s)
}

/// The second of the grid that a moment is; panics between seconds.
pub(crate) fn second(moment: WallTime) -> i64 {
    let us = (moment - wall(0)).0;
    assert_eq!(us % 1_000_000, 0, "off the grid");
    us / 1_000_000
}

/// What the random months leave of the policy: tolerances of whole seconds, and clocks that do not
/// drift, so that every bound stays on the grid.
pub(crate) fn policy(dice: &mut Dice) -> Policy {
    let mut text = include_str!("../../../policies/jingan-2024.toml").to_owned();
    let figures = [
        ("[tolerances.late_start]", dice.between(0, 3)),
        ("[tolerances.early_stop]", dice.between(0, 3)),
        ("[tolerances.gap]", dice.between(0, 3)),
        ("[tolerances.no_audio]", dice.between(0, 3)),
        ("[tolerances.unreadable_reach]", dice.between(0, 20)),
        ("[reconcile.differs]", dice.between(0, 2)),
        ("[session.seam]", dice.between(0, 2)),
        ("[clock.drift_per_day]", 0),
        ("[clock.never_synced]", dice.between(0, 8)),
    ];
    for (heading, seconds) in figures {
        let line = text.find(heading).unwrap() + heading.len() + 1;
        let end = line + text[line..].find('\n').unwrap();
        text.replace_range(line..end, &format!("milliseconds = {}", seconds * 1000));
    }
    let mut policy = Policy::parse("random", &text).unwrap();
    let crew = policy.crew.as_mut().unwrap();
    crew.officers = u32::try_from(dice.between(1, 3)).unwrap();
    crew.length = policy.tolerances.gap.clone();
    policy
}

const BADGES: [&str; 4] = ["1001", "1002", "1003", "9999"];
pub(crate) const SERIALS: [&str; 5] = ["BWC1", "BWC2", "BWC3", "DRONE", "UNKNOWN"];

fn badge(dice: &mut Dice) -> Option<String> {
    (!dice.one_in(6)).then(|| (*dice.pick(&BADGES)).to_owned())
}

pub(crate) fn device(serial: &str, dice: &mut Dice) -> Device {
    Device {
        serial: serial.to_owned(),
        kind: if serial == "DRONE" { DeviceKind::Drone } else { DeviceKind::Bodycam },
        unit: "SQ1".to_owned(),
        holder: badge(dice),
        synced_at: (!dice.one_in(4)).then(|| wall(dice.between(-5, 60))),
        clock_error_us: (!dice.one_in(4)).then(|| Micros::from_s(dice.between(-6, 6))),
    }
}

fn media(start: i64, end: i64) -> Interval<MediaTime> {
    Interval::new(MediaTime(start * 1_000_000), MediaTime(end * 1_000_000))
}

/// Up to three spans in `[origin, origin + length)`, the first from its start.
fn spans(origin: i64, length: i64, dice: &mut Dice) -> IntervalSet<MediaTime> {
    let whole = IntervalSet::from(media(origin, origin + length));
    let pauses: IntervalSet<MediaTime> = (0..dice.below(3))
        .map(|_| {
            let at = origin + dice.between(1, length.max(1));
            media(at, at + dice.between(1, 6))
        })
        .collect();
    whole.difference(&pauses)
}

pub(crate) fn recording(i: u64, dice: &mut Dice) -> Recording {
    let (origin, length) = (dice.between(0, 2), dice.between(1, 30));
    let mut problems = Vec::new();
    let unreadable = dice.one_in(6);
    if unreadable {
        problems.push(Problem::new(*dice.pick(&[ProblemCode::NoIndex, ProblemCode::Empty]), "unreadable"));
    }
    let nothing = IntervalSet::default();
    let video = if unreadable || dice.one_in(12) { nothing.clone() } else { spans(origin, length, dice) };
    let audio = if unreadable || dice.one_in(4) { nothing } else { spans(origin, length, dice) };
    let satellite = dice.one_in(6);
    let started_at = (!dice.one_in(12)).then(|| wall(dice.between(-10, 60)));
    // Around the moment by which it must be stored.
    let absent_at = dice.one_in(4).then(|| wall(129_600 + dice.between(0, 90)));
    Recording {
        object_key: format!("key-{i}"),
        version: 1,
        sha256: format!("digest-{i}"),
        first_sha256: None,
        size_bytes: 1,
        device: (!dice.one_in(6)).then(|| (*dice.pick(&SERIALS)).to_owned()),
        badge: badge(dice),
        started_at,
        started_at_source: Some(if satellite { StartSource::Telemetry } else { StartSource::FileName }),
        clock_error_us: Micros::from_s(dice.between(0, 2)),
        start_claims: Vec::new(),
        origin_us: MediaTime(origin * 1_000_000),
        video,
        audio,
        problems,
        gone: dice.one_in(12),
        arrival: Arrival { seen_at: Some(wall(200_000)), absent_at, written_at: None },
    }
}

/// A file that one of the known devices says it recorded: some recording's name, or its times, or neither.
fn manifest_entry(i: u64, recordings: &[Recording], dice: &mut Dice) -> ManifestEntry {
    let like = (!recordings.is_empty() && !dice.one_in(3)).then(|| dice.pick(recordings));
    let start = like.and_then(|recording| recording.started_at).map_or(dice.between(-10, 60), second);
    let start = start + dice.between(-4, 4);
    let length = like
        .and_then(Recording::extent)
        .map_or(dice.between(1, 30), |extent| (extent.length().0 / 1_000_000 + dice.between(-2, 2)).max(1));
    let known = |serial: &&String| SERIALS[..4].contains(&serial.as_str());
    let device = like.and_then(|recording| recording.device.as_ref()).filter(known);
    ManifestEntry {
        device: device.map_or_else(|| (*dice.pick(&SERIALS[..4])).to_owned(), Clone::clone),
        badge: badge(dice),
        file: match like {
            Some(recording) if dice.one_in(2) => format!("dir{i}/{}", recording.object_key),
            _ => format!("file-{i}"),
        },
        starts_at: wall(start),
        ends_at: wall(start + length),
        size_bytes: dice.below(3),
    }
}

/// A random month with `most_recordings`, or as little as half as many.
pub(crate) fn month(dice: &mut Dice, most_recordings: u64) -> Month {
    let stage_count = 1 + dice.below(4);
    let stages: Vec<Stage> = (1..=stage_count)
        .map(|stage_no| {
            let start = dice.between(0, 50);
            let officers: Vec<String> =
                BADGES[..3].iter().filter(|_| !dice.one_in(3)).map(|&badge| badge.to_owned()).collect();
            Stage {
                case_no: "A-1".to_owned(),
                stage_no: u32::try_from(stage_no).unwrap(),
                kind: StageKind::Seizure,
                starts_at: wall(start),
                ends_at: wall(start + dice.between(1, 25)),
                officers,
                place: String::new(),
            }
        })
        .collect();
    let recordings: Vec<Recording> =
        (0..most_recordings / 2 + dice.below(most_recordings / 2 + 1)).map(|i| recording(i, dice)).collect();
    let stage_no = |dice: &mut Dice| dice.pick(&stages).stage_no;
    let linked: Vec<String> =
        recordings.iter().filter(|_| dice.one_in(6)).map(|recording| recording.object_key.clone()).collect();
    let links = linked
        .into_iter()
        .map(|object_key| Link { case_no: "A-1".to_owned(), stage_no: stage_no(dice), object_key })
        .collect();
    let excuses = (0..dice.below(3))
        .map(|i| Excuse {
            case_no: "A-1".to_owned(),
            stage_no: stage_no(dice),
            reason: *dice.pick(&[ExcuseReason::Fault, ExcuseReason::Battery, ExcuseReason::Urgency]),
            note: String::new(),
            recorded_by: String::new(),
            recorded_at: wall(100 + i64::try_from(i).unwrap()),
            starts_at: (!dice.one_in(2)).then(|| wall(dice.between(0, 60))),
            ends_at: (!dice.one_in(2)).then(|| wall(dice.between(0, 80))),
        })
        .collect();
    let mut policy = policy(dice);
    policy.excuses.reasons.remove(&ExcuseReason::Urgency);
    let devices = SERIALS[..4].iter().map(|serial| device(serial, dice)).collect();
    let manifest = (0..dice.below(2) * dice.below(4)).map(|i| manifest_entry(i, &recordings, dice)).collect();
    let mut as_of = Month::new().snapshot.as_of;
    if dice.one_in(2) {
        as_of = WallTime::parse("2024-05-09 12:00").unwrap();
    }
    let snapshot =
        Snapshot { as_of, stages, links, excuses, manifest, recordings, devices, ..Month::new().snapshot };
    Month { snapshot, policy }
}
