//! Which recordings belong to which stage, and how much of the stage their picture covers.
//!
//! A recording belongs to a stage because a person linked it by its key, which names every object of that key
//! where several stores have one, or because its officer (by the badge in
//! its key, or as holder of its device) took part and it ran, or within its clock's error could have
//! run, during the stage. Coverage is the union of the picture of all readable ones, cut to the stage:
//! seconds, not files, and a second filmed by two officers counts once. Coverage takes the clocks at
//! their word; what their errors mean is for [`super::certainty`] to say.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use catalog::case::{Link, Stage};
use catalog::snapshot::Recording;
use catalog::{Interval, IntervalSet, WallTime};
use rayon::prelude::*;

use super::take::{LaneOf, Standing, Take};
use crate::lanes::{Entry, Lanes};

/// One recording that belongs to a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece {
    /// Number of the take.
    pub(super) take: usize,
    /// Whether a person tied it to the stage.
    pub(super) linked: bool,
    /// Whether it ran during the stage, or within its clock's error could have.
    pub(super) runs: bool,
}

/// The recordings of one stage and what they cover.
#[derive(Debug)]
pub(super) struct Footage {
    /// The recordings, in the order of [`by_key`].
    pub(super) pieces: Vec<Piece>,
    /// What of the stage no picture covers.
    pub(super) uncovered: IntervalSet<WallTime>,
    /// Links to objects that are not known, in order.
    pub(super) unresolved_links: Vec<String>,
}

/// Links by stage and by recording.
#[derive(Debug)]
pub(super) struct Links<'a> {
    by_stage: HashMap<(&'a str, u32), Vec<&'a str>>,
    /// The takes of each linked key: two stores may have an object of one key.
    takes: HashMap<&'a str, Vec<usize>>,
    stages: HashMap<&'a str, Vec<(&'a str, u32)>>,
}

impl<'a> Links<'a> {
    pub(super) fn new(links: &'a [Link], recordings: &'a [Recording]) -> Self {
        let keys: HashSet<&str> = links.iter().map(|link| link.object_key.as_str()).collect();
        let mut takes: HashMap<&str, Vec<usize>> = HashMap::new();
        if !keys.is_empty() {
            let linked: Vec<(&str, usize)> = recordings
                .par_iter()
                .enumerate()
                .filter(|(_, recording)| keys.contains(recording.object_key.as_str()))
                .map(|(take, recording)| (recording.object_key.as_str(), take))
                .collect();
            for (key, take) in linked {
                takes.entry(key).or_default().push(take);
            }
        }
        let mut by_stage: HashMap<_, Vec<_>> = HashMap::new();
        let mut stages: HashMap<_, Vec<_>> = HashMap::new();
        for link in links {
            let stage = (link.case_no.as_str(), link.stage_no);
            by_stage.entry(stage).or_default().push(link.object_key.as_str());
            stages.entry(link.object_key.as_str()).or_default().push(stage);
        }
        Self { by_stage, takes, stages }
    }

    /// The keys that are tied to a stage.
    fn keys<'s>(&'s self, stage: &'s Stage) -> &'s [&'s str] {
        self.by_stage.get(&(stage.case_no.as_str(), stage.stage_no)).map_or(&[], Vec::as_slice)
    }

    /// The stages that a recording is tied to, as case number and number of the stage.
    pub(super) fn stages(&self, key: &str) -> &[(&'a str, u32)] {
        self.stages.get(key).map_or(&[], Vec::as_slice)
    }

    /// The numbers of the takes that are tied to any stage.
    pub(super) fn takes(&self) -> impl Iterator<Item = usize> {
        self.takes.values().flatten().copied()
    }
}

/// The index of all takes that have a reach, by officer.
pub(super) fn index(takes: &[Take<'_>]) -> Lanes {
    let entries: Vec<Entry> = takes
        .par_iter()
        .enumerate()
        .flat_map_iter(|(item, take)| {
            let entry = move |(lane, interval)| Entry { lane, interval, item: number(item) };
            take.lanes.into_iter().flatten().zip(std::iter::repeat_n(take.reach, 2).flatten()).map(entry)
        })
        .collect();
    Lanes::new(&entries)
}

/// The number of a take or a stage as the index keeps it.
pub(super) fn number(item: usize) -> u32 {
    u32::try_from(item).expect("a month has fewer than 2^32 recordings and stages")
}

/// The order of takes: by key, and those of one key by what else tells them apart, so that the order in which
/// they are listed says nothing; what is stored comes before what is gone.
pub(super) fn by_key(a: &Take<'_>, b: &Take<'_>) -> Ordering {
    let (a, b) = (a.recording, b.recording);
    let arrived = |one: &Recording| (one.arrival.seen_at, one.arrival.absent_at, one.arrival.written_at);
    a.object_key
        .cmp(&b.object_key)
        .then(a.gone.cmp(&b.gone))
        .then_with(|| a.sha256.cmp(&b.sha256))
        .then_with(|| a.started_at.cmp(&b.started_at))
        .then_with(|| (&a.device, &a.badge).cmp(&(&b.device, &b.badge)))
        .then_with(|| a.version.cmp(&b.version))
        .then_with(|| arrived(a).cmp(&arrived(b)))
}

/// Gathers the recordings of one stage and what they cover.
pub(super) fn gather(
    stage: &Stage,
    takes: &[Take<'_>],
    lanes: &Lanes,
    lane_of: &LaneOf<'_>,
    links: &Links<'_>,
) -> Footage {
    let whole = stage.interval();
    let mut pieces: Vec<Piece> = stage
        .officers
        .iter()
        .filter_map(|badge| lane_of.get(badge.as_str()))
        .flat_map(|&lane| lanes.meeting(lane, whole))
        .map(|take| take as usize)
        .filter(|&take| takes[take].could_run_during(whole))
        .map(|take| Piece { take, linked: false, runs: true })
        .collect();
    let mut unresolved_links = Vec::new();
    for &key in links.keys(stage) {
        let of_key = links.takes.get(key).map_or(&[][..], Vec::as_slice);
        if of_key.is_empty() {
            unresolved_links.push(key.to_owned());
        }
        let linked = |&take: &usize| Piece { take, linked: true, runs: takes[take].could_run_during(whole) };
        pieces.extend(of_key.iter().map(linked));
    }
    // A linked one before its unlinked double, so that the link is what remains.
    pieces.sort_unstable_by(|a, b| {
        by_key(&takes[a.take], &takes[b.take]).then(a.take.cmp(&b.take)).then(b.linked.cmp(&a.linked))
    });
    pieces.dedup_by_key(|piece| piece.take);
    unresolved_links.sort_unstable();
    unresolved_links.dedup();
    let covered: IntervalSet<WallTime> = pieces
        .iter()
        .map(|piece| &takes[piece.take])
        .filter(|take| take.standing == Standing::Readable)
        .flat_map(|take| take.video_in(whole))
        .collect();
    Footage { pieces, uncovered: covered.gaps_in(whole), unresolved_links }
}

impl Footage {
    /// The readable recordings that ran during the stage, or within their clocks' errors could have.
    pub(super) fn running<'t, 'a>(&self, takes: &'t [Take<'a>]) -> Vec<&'t Take<'a>> {
        self.pieces
            .iter()
            .filter(|piece| piece.runs)
            .map(|piece| &takes[piece.take])
            .filter(|take| take.standing == Standing::Readable)
            .collect()
    }
}

/// How long the parts of `whole` are that `spans` cover.
pub(super) fn covered_us(
    spans: impl Iterator<Item = Interval<WallTime>>,
    whole: Interval<WallTime>,
) -> catalog::Micros {
    let set: IntervalSet<WallTime> = spans.map(|span| span.intersection(&whole)).collect();
    set.length()
}
