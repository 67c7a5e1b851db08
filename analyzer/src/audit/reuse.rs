//! The same footage standing for two things.
//!
//! Two ways of it can be told from digests and links alone, a third from what decoding saw:
//!
//! - **Two objects with one digest**, where the second stands for other stages than the first, or its
//!   key gives it another device, officer or start. A plain copy (same device, officer and start, same
//!   stages) is no reuse, nor is an object that was moved: of the two, one is gone. Files without a
//!   byte, and such as cannot be read, have digests in common without having footage in common.
//! - **One object linked to a stage at whose time it does not run**, while it stands for another stage,
//!   too. That it runs over two stages of one officer, one after the other, is as it should be.
//!
//! - **Two objects that show the same pictures** for a while ([`crate::pictures`]): one was encoded anew, or
//!   cut out of the other. Where both say that it was the same moment, device and officer, it is a copy.
//!
//! What stands for what is decided by time and by links, so a person's link can reveal reuse but
//! cannot hide it. A link names a key, and two stores may have an object of that key each: where one of these
//! runs during the stage, it is the one that is meant, and of the others nothing is said there.
//!
//! # Cost
//!
//! Whoever uploads can upload one clip ten thousand times. So the takes of one digest are listed once for all of
//! them, those of which the same is to be said are compared once, and of one recording only the first [`NAMED`]
//! others are named: each of these findings says how many others there are. With `n` takes of one digest, of `k`
//! kinds, memory is O(n), time O(n log n + n k), and there are O(n) findings.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use catalog::case::{Stage, StageId};
use catalog::finding::FindingKind;
use catalog::observation::StartSource;
use catalog::trace::Picture;
use catalog::{Interval, MediaTime, Micros, WallTime};
use rayon::prelude::*;

use super::clock_claims;
use super::footage::{Footage, Links, Piece, by_key};
use super::looks::Looks;
use super::take::{Standing, Take};
use crate::pictures::{self, Alike};
use crate::policy::ClockRules;

/// So many others with the bytes of one recording are named, and so many with its pictures.
const NAMED: usize = 8;

/// What stands for more than one thing, or might.
#[derive(Debug)]
pub(super) struct Reuse {
    /// Takes that have footage in common with others, by digest.
    groups: Vec<Group>,
    /// The number of a take's group.
    group_of: HashMap<usize, usize>,
    /// Of these and of linked takes: the stages they stand for.
    stands_for: HashMap<usize, BTreeSet<StageId>>,
    /// Linked takes of which nothing is said at a stage.
    set_aside: HashSet<(StageId, usize)>,
}

/// The takes of one digest.
#[derive(Debug)]
struct Group {
    /// In order of key.
    takes: Vec<usize>,
    /// Places in `takes` of those of which the same is to be said, in order; the kinds are in the order of their
    /// first places.
    kinds: Vec<Vec<usize>>,
    /// Groups that show the same.
    alike: Vec<SamePictures>,
}

/// A stretch that the takes of another group show, too.
#[derive(Debug, Clone, Copy)]
struct SamePictures {
    /// Number of the other group.
    other: usize,
    start_us: MediaTime,
    other_start_us: MediaTime,
    length_us: Micros,
}

/// All that is looked at of a take when another of the same or of alike footage is judged. Takes of one digest
/// that are equal in it are one to that judgement.
#[derive(PartialEq, Eq, Hash)]
struct Kind<'k> {
    device: Option<&'k str>,
    badge: Option<&'k str>,
    started_at: Option<WallTime>,
    source: Option<StartSource>,
    resolution_us: Micros,
    origin_us: MediaTime,
    duration_us: Micros,
    stands_for: Option<&'k BTreeSet<StageId>>,
}

impl Group {
    fn new(members: Vec<usize>, takes: &[Take<'_>], stands_for: &HashMap<usize, BTreeSet<StageId>>) -> Self {
        let mut kinds: HashMap<Kind<'_>, Vec<usize>> = HashMap::new();
        for (place, member) in members.iter().enumerate() {
            let take = &takes[*member];
            let kind = Kind {
                device: take.recording.device.as_deref(),
                badge: take.recording.badge.as_deref(),
                started_at: take.recording.started_at,
                source: take.recording.started_at_source,
                resolution_us: take.recording.clock_error_us,
                origin_us: take.recording.origin_us,
                duration_us: take.duration_us(),
                stands_for: stands_for.get(member),
            };
            kinds.entry(kind).or_default().push(place);
        }
        let mut kinds: Vec<Vec<usize>> = kinds.into_values().collect();
        // No place is in two of them, so the first ones decide.
        kinds.sort_unstable();
        Self { takes: members, kinds, alike: Vec::new() }
    }

    /// The first members of which something holds that holds of a kind as a whole, one more than are named; those
    /// of the key `but` are left out.
    fn first(&self, takes: &[Take<'_>], but: Option<&str>, holds: impl Fn(usize) -> bool) -> Vec<usize> {
        let left = |place: &usize| but != Some(takes[self.takes[*place]].recording.object_key.as_str());
        let mut places: Vec<usize> = Vec::new();
        for kind in &self.kinds {
            // What this kind and all after it could add would come after what is there.
            if places.get(NAMED).is_some_and(|last| *last < kind[0]) {
                break;
            }
            if holds(self.takes[kind[0]]) {
                places.extend(kind.iter().copied().filter(left).take(NAMED + 1));
                places.sort_unstable();
                places.truncate(NAMED + 1);
            }
        }
        places.into_iter().map(|place| self.takes[place]).collect()
    }

    /// How many members have another key.
    fn others(&self, takes: &[Take<'_>], key: &str) -> usize {
        let key_of = |member: usize| takes[member].recording.object_key.as_str();
        let before = self.takes.partition_point(|&member| key_of(member) < key);
        let until = self.takes.partition_point(|&member| key_of(member) <= key);
        self.takes.len() - (until - before)
    }
}

impl Reuse {
    pub(super) fn new(
        takes: &[Take<'_>],
        stages: &[&Stage],
        footage: &[Footage],
        links: &Links<'_>,
        pairs: &[(String, String, Alike)],
    ) -> Self {
        let together = together(takes, pairs);
        let mut stands_for: HashMap<usize, BTreeSet<StageId>> = together
            .iter()
            .flatten()
            .copied()
            .chain(links.takes())
            .map(|take| (take, BTreeSet::new()))
            .collect();
        for (take, stages) in &mut stands_for {
            let linked = links.stages(&takes[*take].recording.object_key);
            stages.extend(
                linked.iter().map(|&(case_no, stage_no)| StageId { case_no: case_no.to_owned(), stage_no }),
            );
        }
        for (stage, footage) in stages.iter().zip(footage) {
            for piece in footage.pieces.iter().filter(|piece| piece.runs) {
                if let Some(stands_for) = stands_for.get_mut(&piece.take) {
                    stands_for.insert(stage.id());
                }
            }
        }
        let set_aside = set_aside(takes, stages, footage, &mut stands_for);
        let group_of = together
            .iter()
            .enumerate()
            .flat_map(|(number, members)| members.iter().map(move |&take| (take, number)))
            .collect();
        let mut groups: Vec<Group> =
            together.into_par_iter().map(|members| Group::new(members, takes, &stands_for)).collect();
        compare(&mut groups, takes, pairs);
        Self { groups, group_of, stands_for, set_aside }
    }

    fn group(&self, take: usize) -> Option<&Group> {
        self.group_of.get(&take).map(|&number| &self.groups[number])
    }

    /// What one recording of a stage is reused for, with the keys of the recordings concerned.
    pub(super) fn judge(
        &self,
        stage: &Stage,
        piece: Piece,
        takes: &[Take<'_>],
        rules: &ClockRules,
    ) -> Vec<(FindingKind, Vec<String>)> {
        let take = &takes[piece.take];
        let key = &take.recording.object_key;
        if piece.linked && !piece.runs && self.set_aside.contains(&(stage.id(), piece.take)) {
            return Vec::new();
        }
        let none = BTreeSet::new();
        let stands_for = |take: usize| self.stands_for.get(&take).unwrap_or(&none);
        let own = stands_for(piece.take);
        let reused = |other: usize, alike_us: Option<Micros>, others: Option<u64>| {
            let other_stages = stands_for(other).difference(own).cloned().collect();
            let other_key = takes[other].recording.object_key.clone();
            let mut recordings = vec![key.clone(), other_key.clone()];
            recordings.sort_unstable();
            (FindingKind::Reused { other_key, other_stages, alike_us, others }, recordings)
        };
        let mut found = Vec::new();
        if let Some(group) = self.group(piece.take) {
            let is_reuse =
                |twin: usize| !is_copy(take, &takes[twin], rules) || !stands_for(twin).is_subset(own);
            let twins = group.first(takes, Some(key), is_reuse);
            let others = (twins.len() > NAMED).then(|| group.others(takes, key) as u64);
            found.extend(twins.into_iter().take(NAMED).map(|twin| reused(twin, None, others)));

            let (mut alike, mut in_all): (Vec<(usize, Micros)>, usize) = (Vec::new(), 0);
            for same in &group.alike {
                let meets = take.at(same.start_us).is_some_and(|start| {
                    Interval::new(start, start + same.length_us).overlaps(&stage.interval())
                });
                if !(meets || piece.linked) {
                    continue;
                }
                let other = &self.groups[same.other];
                let is_reuse = |other: usize| !is_same_moment(take, &takes[other], same, rules);
                let members = other.first(takes, None, is_reuse);
                if !members.is_empty() {
                    in_all += other.takes.len();
                }
                alike.extend(members.into_iter().map(|member| (member, same.length_us)));
            }
            alike.sort_unstable_by(|a, b| by_key(&takes[a.0], &takes[b.0]).then_with(|| a.cmp(b)));
            let others = (alike.len() > NAMED).then_some(in_all as u64);
            let named = alike.into_iter().take(NAMED);
            found.extend(named.map(|(other, length_us)| reused(other, Some(length_us), others)));
        }
        if piece.linked && !piece.runs && take.standing == Standing::Readable && take.reach.is_some() {
            let id = stage.id();
            let other_stages: Vec<StageId> = own.iter().filter(|other| **other != id).cloned().collect();
            if !other_stages.is_empty() {
                let other_key = key.clone();
                let kind = FindingKind::Reused { other_key, other_stages, alike_us: None, others: None };
                found.push((kind, vec![key.clone()]));
            }
        }
        found
    }

    /// Whether a start that contradicts the chosen one is that of a twin: then the object was given
    /// another time along with another key, and its clock is not to blame.
    pub(super) fn explains(
        &self,
        contradiction: &clock_claims::Contradiction,
        take: usize,
        takes: &[Take<'_>],
        rules: &ClockRules,
    ) -> bool {
        let key = &takes[take].recording.object_key;
        self.group(take).is_some_and(|group| {
            group.kinds.iter().any(|kind| {
                let mut members = kind.iter().map(|&place| &takes[group.takes[place]]);
                clock_claims::agrees_with_start_of(contradiction, &takes[group.takes[kind[0]]], rules)
                    && members.any(|member| member.recording.object_key != *key)
            })
        })
    }
}

/// Takes that are linked to a stage, do not run during it, and are not what the link speaks of, because another
/// object of their key runs then; and copies of one that does not run either, of which the same would be said
/// twice. What is not spoken of does not stand for the stage.
fn set_aside(
    takes: &[Take<'_>],
    stages: &[&Stage],
    footage: &[Footage],
    stands_for: &mut HashMap<usize, BTreeSet<StageId>>,
) -> HashSet<(StageId, usize)> {
    let key = |piece: &Piece| takes[piece.take].recording.object_key.as_str();
    let mut set_aside = HashSet::new();
    for (stage, footage) in stages.iter().zip(footage) {
        for of_key in footage.pieces.chunk_by(|a, b| key(a) == key(b)).filter(|of_key| of_key.len() > 1) {
            let another_runs = of_key.iter().any(|piece| piece.runs);
            for (number, piece) in of_key.iter().enumerate().filter(|(_, piece)| piece.linked && !piece.runs)
            {
                let sha256 = &takes[piece.take].recording.sha256;
                let is_copied = of_key[..number]
                    .iter()
                    .map(|other| &takes[other.take])
                    .any(|other| other.standing == Standing::Readable && other.recording.sha256 == *sha256);
                if another_runs && let Some(stands_for) = stands_for.get_mut(&piece.take) {
                    stands_for.remove(&stage.id());
                }
                if another_runs || is_copied {
                    set_aside.insert((stage.id(), piece.take));
                }
            }
        }
    }
    set_aside
}

/// Whether two objects of one digest say the same of themselves.
fn is_copy(take: &Take<'_>, twin: &Take<'_>, rules: &ClockRules) -> bool {
    let (one, other) = (take.recording, twin.recording);
    let starts_agree = match (one.started_at, other.started_at) {
        (Some(a), Some(b)) => {
            let apart_us = if one.started_at_source == other.started_at_source {
                take.clock.resolutions_us(&twin.clock)
            } else {
                // A container may give the end for the start.
                take.duration_us() + rules.disagreement.us()
            };
            (a - b).abs() <= apart_us
        }
        _ => true,
    };
    starts_agree && !name_others(take, twin)
}

/// Whether two objects name different devices or officers.
fn name_others(take: &Take<'_>, other: &Take<'_>) -> bool {
    let contradict = |a: &Option<String>, b: &Option<String>| a.is_some() && b.is_some() && a != b;
    let (one, other) = (take.recording, other.recording);
    contradict(&one.device, &other.device) || contradict(&one.badge, &other.badge)
}

/// Whether two objects say of what both show that it was one moment of one device.
fn is_same_moment(take: &Take<'_>, other: &Take<'_>, same: &SamePictures, rules: &ClockRules) -> bool {
    let agree = match (take.at(same.start_us), other.at(same.other_start_us)) {
        (Some(here), Some(there)) => {
            let apart_us = take.clock.relative_error_us(&other.clock) + rules.disagreement.us();
            (here - there).abs() <= apart_us
        }
        _ => true,
    };
    agree && !name_others(take, other)
}

/// The digests of takes that are stored and readable and show the same as another such take of other bytes: by
/// digest, the lesser first, in order.
pub(super) fn pairs(takes: &[Take<'_>], looks: &Looks<'_>) -> Vec<(String, String, Alike)> {
    let looked: BTreeMap<&str, &[Picture]> = takes
        .iter()
        .filter(|take| take.standing == Standing::Readable)
        .filter_map(|take| Some((take.recording.sha256.as_str(), looks.of(take)?.pictures.as_slice())))
        .filter(|(_, pictures)| !pictures.is_empty())
        .collect();
    let digests: Vec<&str> = looked.keys().copied().collect();
    let recordings: Vec<&[Picture]> = looked.values().copied().collect();
    let named = |alike: Alike| (digests[alike.one].to_owned(), digests[alike.other].to_owned(), alike);
    pictures::alike(&recordings).into_iter().map(named).collect()
}

/// Ties the groups that show the same.
fn compare(groups: &mut [Group], takes: &[Take<'_>], pairs: &[(String, String, Alike)]) {
    if pairs.is_empty() {
        return;
    }
    let digest = |group: &Group| takes[group.takes[0]].recording.sha256.as_str();
    let number_of: HashMap<&str, usize> =
        groups.iter().enumerate().map(|(number, group)| (digest(group), number)).collect();
    for (one, other, pair) in pairs {
        let (Some(&one), Some(&other)) = (number_of.get(one.as_str()), number_of.get(other.as_str())) else {
            continue;
        };
        let length_us = pair.length_us;
        let (start_us, other_start_us) = (pair.one_start_us, pair.other_start_us);
        groups[one].alike.push(SamePictures { other, start_us, other_start_us, length_us });
        let (start_us, other_start_us) = (other_start_us, start_us);
        groups[other].alike.push(SamePictures { other: one, start_us, other_start_us, length_us });
    }
}

/// The takes that are stored, readable and of one digest, in order of key: where they have several keys, and
/// where the digest is one of the pairs'.
///
/// A sort by the first half of the digest brings equals together without hashing a million texts into
/// one table; whole digests decide. O(n log n), in parallel.
fn together(takes: &[Take<'_>], pairs: &[(String, String, Alike)]) -> Vec<Vec<usize>> {
    let paired: HashSet<&str> =
        pairs.iter().flat_map(|(one, other, _)| [one.as_str(), other.as_str()]).collect();
    let mut halves: Vec<([u8; 16], usize)> = takes
        .par_iter()
        .enumerate()
        .filter(|(_, take)| take.standing == Standing::Readable && take.recording.size_bytes > 0)
        .map(|(i, take)| {
            let mut half = [0; 16];
            half.iter_mut().zip(take.recording.sha256.bytes()).for_each(|(byte, digit)| *byte = digit);
            (half, i)
        })
        .collect();
    halves.par_sort_unstable();
    let digest = |take: usize| takes[take].recording.sha256.as_str();
    let key = |take: usize| takes[take].recording.object_key.as_str();
    let mut groups = Vec::new();
    for of_half in halves.chunk_by(|a, b| a.0 == b.0) {
        if let &[(_, lone)] = of_half
            && !paired.contains(digest(lone))
        {
            continue;
        }
        let mut members: Vec<usize> = of_half.iter().map(|&(_, take)| take).collect();
        members.sort_unstable_by(|&a, &b| {
            digest(a).cmp(digest(b)).then_with(|| by_key(&takes[a], &takes[b])).then(a.cmp(&b))
        });
        for group in members.chunk_by(|&a, &b| digest(a) == digest(b)) {
            let (first, last) = (group[0], group[group.len() - 1]);
            if key(first) != key(last) || paired.contains(digest(first)) {
                groups.push(group.to_vec());
            }
        }
    }
    groups
}
