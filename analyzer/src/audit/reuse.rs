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
//! cannot hide it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use catalog::case::{Stage, StageId};
use catalog::finding::FindingKind;
use catalog::trace::Picture;
use catalog::{Interval, MediaTime, Micros};
use rayon::prelude::*;

use super::clock_claims;
use super::footage::{Footage, Links, Piece};
use super::looks::Looks;
use super::take::{Standing, Take};
use crate::pictures::{self, Alike};
use crate::policy::ClockRules;

/// What stands for more than one thing, or might.
#[derive(Debug)]
pub(super) struct Reuse {
    /// Takes with the digest of another, with those others in order of key.
    twins: HashMap<usize, Vec<usize>>,
    /// Of twins and of linked takes: the stages they stand for.
    stands_for: HashMap<usize, BTreeSet<StageId>>,
    /// Takes that show the same as another, with those others in order of key.
    alike: HashMap<usize, Vec<SamePictures>>,
}

/// A stretch of a take that another shows, too.
#[derive(Debug, Clone, Copy)]
struct SamePictures {
    other: usize,
    start_us: MediaTime,
    other_start_us: MediaTime,
    length_us: Micros,
}

impl Reuse {
    pub(super) fn new(
        takes: &[Take<'_>],
        stages: &[&Stage],
        footage: &[Footage],
        links: &Links<'_>,
        pairs: &[(String, String, Alike)],
    ) -> Self {
        let (twins, alike) = (twins(takes), alike(takes, pairs));
        let mut stands_for: HashMap<usize, BTreeSet<StageId>> = twins
            .keys()
            .chain(alike.keys())
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
        Self { twins, stands_for, alike }
    }

    fn twins_of(&self, take: usize) -> &[usize] {
        self.twins.get(&take).map_or(&[], Vec::as_slice)
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
        let none = BTreeSet::new();
        let stands_for = |take: usize| self.stands_for.get(&take).unwrap_or(&none);
        let mut found = Vec::new();
        for &twin in self.twins_of(piece.take) {
            let others: Vec<StageId> = stands_for(twin).difference(stands_for(piece.take)).cloned().collect();
            if others.is_empty() && is_copy(take, &takes[twin], rules) {
                continue;
            }
            let other_key = takes[twin].recording.object_key.clone();
            let mut recordings = vec![key.clone(), other_key.clone()];
            recordings.sort_unstable();
            found.push((FindingKind::Reused { other_key, other_stages: others, alike_us: None }, recordings));
        }
        for same in self.alike.get(&piece.take).into_iter().flatten() {
            let other = &takes[same.other];
            let meets = take.at(same.start_us).is_some_and(|start| {
                Interval::new(start, start + same.length_us).overlaps(&stage.interval())
            });
            if !(meets || piece.linked) || is_same_moment(take, other, same, rules) {
                continue;
            }
            let other_stages = stands_for(same.other).difference(stands_for(piece.take)).cloned().collect();
            let other_key = other.recording.object_key.clone();
            let mut recordings = vec![key.clone(), other_key.clone()];
            recordings.sort_unstable();
            let alike_us = Some(same.length_us);
            found.push((FindingKind::Reused { other_key, other_stages, alike_us }, recordings));
        }
        if piece.linked && !piece.runs && take.standing == Standing::Readable && take.reach.is_some() {
            let id = stage.id();
            let others: Vec<StageId> =
                stands_for(piece.take).iter().filter(|other| **other != id).cloned().collect();
            if !others.is_empty() {
                let kind =
                    FindingKind::Reused { other_key: key.clone(), other_stages: others, alike_us: None };
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
        self.twins_of(take)
            .iter()
            .any(|&twin| clock_claims::agrees_with_start_of(contradiction, &takes[twin], rules))
    }
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

/// The takes that show the same, by number.
fn alike(takes: &[Take<'_>], pairs: &[(String, String, Alike)]) -> HashMap<usize, Vec<SamePictures>> {
    let mut found: HashMap<usize, Vec<SamePictures>> = HashMap::new();
    if pairs.is_empty() {
        return found;
    }
    let mut of_digest: HashMap<&str, Vec<usize>> =
        pairs.iter().flat_map(|(one, other, _)| [one, other]).map(|digest| (&**digest, Vec::new())).collect();
    for (number, take) in takes.iter().enumerate() {
        if take.standing == Standing::Readable
            && let Some(takes) = of_digest.get_mut(take.recording.sha256.as_str())
        {
            takes.push(number);
        }
    }
    let of = |digest: &String| of_digest.get(digest.as_str()).map_or(&[][..], Vec::as_slice);
    for (one, other, pair) in pairs {
        let length_us = pair.length_us;
        for (&one, &other) in of(one).iter().flat_map(|one| of(other).iter().map(move |other| (one, other))) {
            let (start_us, other_start_us) = (pair.one_start_us, pair.other_start_us);
            found.entry(one).or_default().push(SamePictures { other, start_us, other_start_us, length_us });
            let (start_us, other_start_us) = (other_start_us, start_us);
            let turned = SamePictures { other: one, start_us, other_start_us, length_us };
            found.entry(other).or_default().push(turned);
        }
    }
    for others in found.values_mut() {
        others.sort_unstable_by(|a, b| {
            let key = |same: &SamePictures| &takes[same.other].recording.object_key;
            key(a).cmp(key(b)).then(a.other.cmp(&b.other))
        });
    }
    found
}

/// Takes that are stored, readable and have the digest of another such take.
///
/// A sort by the first half of the digest brings equals together without hashing a million texts into
/// one table; whole digests decide. O(n log n), in parallel.
fn twins(takes: &[Take<'_>]) -> HashMap<usize, Vec<usize>> {
    let mut digests: Vec<([u8; 16], usize)> = takes
        .par_iter()
        .enumerate()
        .filter(|(_, take)| take.standing == Standing::Readable && take.recording.size_bytes > 0)
        .map(|(i, take)| {
            let mut half = [0; 16];
            half.iter_mut().zip(take.recording.sha256.bytes()).for_each(|(byte, digit)| *byte = digit);
            (half, i)
        })
        .collect();
    digests.par_sort_unstable();
    let mut twins = HashMap::new();
    for alike in digests.chunk_by(|a, b| a.0 == b.0).filter(|alike| alike.len() > 1) {
        for &(_, i) in alike {
            let mut others: Vec<usize> = alike
                .iter()
                .map(|&(_, other)| other)
                .filter(|&other| {
                    other != i
                        && takes[other].recording.sha256 == takes[i].recording.sha256
                        && takes[other].recording.object_key != takes[i].recording.object_key
                })
                .collect();
            if !others.is_empty() {
                others.sort_unstable_by_key(|&other| &takes[other].recording.object_key);
                twins.insert(i, others);
            }
        }
    }
    twins
}
