//! Which recordings and tracks belong to which flight, and what each flight saw.
//!
//! A flight names its recording (`object_key`), or its drone ran a recording during it: both count, because a drone
//! begins a new file every few minutes and the list of flights names one. A recording that nobody named belongs to the
//! flight of its drone with which it has the most time in common.
//!
//! Where the drone was comes from the recording's own telemetry, from a file beside it with the same name, or
//! from the file that the flight names as its track. Of several the one that places most of the picture is used.

use std::collections::{BTreeMap, BTreeSet};

use catalog::drone::{Sortie, SortieStatus};
use catalog::drone_month::{DroneMonth, FoundTrack};
use catalog::snapshot::Recording;
use catalog::track::{name, stem};
use catalog::{Interval, IntervalSet, MediaTime, Micros, WallTime};
use rayon::prelude::*;

use super::footprint::{Clock, Known, Seen, seen};
use super::plane::Plane;
use crate::policy::DroneRules;

/// One flight with what belongs to it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Flight<'a> {
    /// The flight.
    pub(super) sortie: &'a Sortie,
    /// Its recordings, by start and key.
    pub(super) recordings: Vec<&'a Recording>,
    /// Keys of the tracks that were used.
    pub(super) tracks: BTreeSet<&'a str>,
    /// What was seen, of all recordings.
    pub(super) seen: Seen,
    /// When there was a picture; recordings of unknown start are not in it.
    pub(super) picture: IntervalSet<WallTime>,
}

impl Flight<'_> {
    /// Recordings that are there and can be read.
    pub(super) fn usable(&self) -> impl Iterator<Item = &Recording> {
        self.recordings.iter().copied().filter(|recording| usable(recording))
    }

    /// When it flew.
    pub(super) fn interval(&self) -> Interval<WallTime> {
        Interval::new(self.sortie.took_off_at, self.sortie.landed_at)
    }

    /// For how long of the flight there is a picture; recordings of unknown start count in full.
    pub(super) fn filmed_us(&self) -> Micros {
        let placed = self.picture.intersection(&IntervalSet::from(self.interval())).length();
        let unplaced = self.usable().filter(|recording| recording.started_at.is_none());
        let unplaced: Micros = unplaced.map(|recording| recording.video.length()).sum();
        (placed + unplaced).min(self.interval().length())
    }
}

/// Whether anything of a recording can count.
pub(super) fn usable(recording: &Recording) -> bool {
    !recording.gone && recording.quarantine_reason().is_none() && !recording.video.is_empty()
}

/// When a recording ran, from its first picture to its last; `None` if its start is unknown.
pub(super) fn ran(recording: &Recording) -> Option<Interval<WallTime>> {
    let video = recording.on_wall(&recording.video)?;
    let (first, last) = (video.iter().next(), video.iter().next_back());
    match (first, last) {
        (Some(first), Some(last)) => Some(Interval::new(first.start, last.end)),
        // What cannot be read began, at least.
        _ => recording.started_at.map(|at| Interval::new(at, at + Micros::from_s(1))),
    }
}

/// All flights with what belongs to them, and the recordings that belong to none.
pub(super) struct Joined<'a> {
    /// Flights that took place, in the order of the month.
    pub(super) flights: Vec<Flight<'a>>,
    /// Recordings without a flight.
    pub(super) strays: Vec<&'a Recording>,
    /// Keys of the tracks that were found.
    pub(super) tracks_found: usize,
    /// Keys of those that were used.
    pub(super) tracks_used: usize,
}

/// Joins the month's rows and files.
pub(super) fn join<'a>(month: &'a DroneMonth, plane: &Plane, rules: &DroneRules) -> Joined<'a> {
    let flown: Vec<&Sortie> =
        month.sorties.iter().filter(|sortie| sortie.status == SortieStatus::Flown).collect();
    let (mut belongs, mut strays) = (vec![Vec::new(); flown.len()], Vec::new());
    let mut named: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut of_device: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (number, sortie) in flown.iter().enumerate() {
        if let Some(key) = &sortie.object_key {
            named.entry(key).or_default().push(number);
        }
        of_device.entry(&sortie.device).or_default().push(number);
    }
    for recording in &month.recordings {
        if let Some(numbers) = named.get(recording.object_key.as_str()) {
            for &number in numbers {
                belongs[number].push(recording);
            }
            continue;
        }
        let candidates = recording.device.as_deref().and_then(|device| of_device.get(device));
        let common = |number: usize| {
            let flight = Interval::new(flown[number].took_off_at, flown[number].landed_at);
            let common = ran(recording)?.intersection(&flight.widened(rules.video.belongs.us())).length();
            (common > Micros::ZERO).then_some(common)
        };
        let best = candidates.into_iter().flatten().filter_map(|&number| Some((common(number)?, number)));
        // The most time in common; of equals the earlier flight.
        match best.max_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1))) {
            Some((_, number)) => belongs[number].push(recording),
            None => strays.push(recording),
        }
    }
    let mut by_stem: BTreeMap<String, Vec<&FoundTrack>> = BTreeMap::new();
    for track in &month.tracks {
        by_stem.entry(stem(&track.object_key)).or_default().push(track);
    }
    let flights: Vec<Flight<'a>> = flown
        .into_par_iter()
        .zip(belongs)
        .map(|(sortie, recordings)| flight(sortie, recordings, month, &by_stem, plane, rules))
        .collect();
    let used: BTreeSet<&str> = flights.iter().flat_map(|flight| flight.tracks.iter().copied()).collect();
    let found: BTreeSet<&str> = month.tracks.iter().map(|track| track.object_key.as_str()).collect();
    Joined { flights, strays, tracks_found: found.len(), tracks_used: used.len() }
}

fn flight<'a>(
    sortie: &'a Sortie,
    mut recordings: Vec<&'a Recording>,
    month: &'a DroneMonth,
    by_stem: &BTreeMap<String, Vec<&'a FoundTrack>>,
    plane: &Plane,
    rules: &DroneRules,
) -> Flight<'a> {
    recordings.sort_by(|a, b| a.started_at.cmp(&b.started_at).then(a.object_key.cmp(&b.object_key)));
    let is_named = |track: &&FoundTrack| {
        let file = sortie.track.as_deref();
        file.is_some_and(|file| track.object_key == file || name(&track.object_key) == name(file))
    };
    let named: Vec<&FoundTrack> = month.tracks.iter().filter(is_named).collect();
    let mut all = Flight {
        sortie,
        recordings,
        tracks: BTreeSet::new(),
        seen: Seen::default(),
        picture: IntervalSet::default(),
    };
    for recording in all.recordings.clone() {
        if !usable(recording) {
            continue;
        }
        if let Some(picture) = recording.on_wall(&recording.video) {
            all.picture = all.picture.union(&picture);
        }
        let beside = by_stem.get(&stem(&recording.object_key)).into_iter().flatten().copied();
        let candidates = beside.map(|track| (track, true)).chain(named.iter().map(|&track| (track, false)));
        let placed = candidates.filter_map(|(track, beside)| {
            let clock = clock_of(track, beside, recording, sortie)?;
            let serial = &sortie.device;
            let seen = seen(&track.track, clock, &recording.video, serial, plane, rules);
            seen.has_position().then_some((track.object_key.as_str(), seen))
        });
        // `max_by_key` takes the last of equals: turned round, the first.
        let best = placed.collect::<Vec<_>>().into_iter().rev().max_by_key(|(_, seen)| {
            let Known { footprint_us, swath_us, .. } = seen.known;
            (footprint_us + swath_us, footprint_us)
        });
        match best {
            Some((key, seen)) => {
                all.tracks.insert(key);
                add(&mut all.seen, seen);
            }
            None => all.seen.known.nowhere_us += recording.video.length(),
        }
    }
    all
}

/// How a track's times become those of a recording.
fn clock_of(track: &FoundTrack, beside: bool, recording: &Recording, sortie: &Sortie) -> Option<Clock> {
    let its_own = beside || sortie.object_key.as_deref() == Some(recording.object_key.as_str());
    if its_own {
        return Clock::of(track, recording.origin_us, recording.started_at);
    }
    // A file of another name, and perhaps of another recording of the flight: only by its clock.
    match track.track.clock {
        Some(clock) => {
            let zero = recording.started_at? + -(recording.origin_us - MediaTime::ZERO);
            Some(Clock::Media(clock.zero_at - zero))
        }
        None => Clock::of(track, recording.origin_us, recording.started_at)
            .filter(|clock| matches!(clock, Clock::Wall(_))),
    }
}

fn add(all: &mut Seen, one: Seen) {
    all.shapes.extend(one.shapes);
    all.path.extend(one.path);
    all.known.footprint_us += one.known.footprint_us;
    all.known.swath_us += one.known.swath_us;
    all.known.nowhere_us += one.known.nowhere_us;
    all.jumps += one.jumps;
    all.off_map += one.off_map;
}
