//! The same footage in two recordings, by the fingerprints of their pictures.
//!
//! A file that was encoded anew, made smaller or cut has another digest and shows the same pictures. Two
//! recordings are alike where, for a while, the pictures of one are those of the other at a *constant
//! distance in time*: not one picture that looks like another, but a run of them.
//!
//! # What does not match
//!
//! - **What stands still or comes again.** A picture that the same recording shows again at another time (a
//!   tripod before a wall, a test card, a loop) is no mark of a moment, and is left out. So two hearings in
//!   one room are not alike, however much they look it.
//! - **Pictures without features** (black, fog) have no fingerprint at all.
//! - **A run without variety**: of its matching pictures, [`VARIETY_MIN`] must differ from one another as
//!   much as those of different scenes do.
//!
//! # Cost
//!
//! With N fingerprints in all, sorting the index of three bands of 21 or 22 bits takes O(N log N) time and
//! 48 N bytes. A band's value that more than [`CROWD`] fingerprints have in common is passed over, so there
//! are at most 3 · [`CROWD`] · N / 2 pairs to look at, and usually far fewer: O(N) again. Verifying a pair of
//! recordings takes the sum of their lengths. Two fingerprints meet in the index if one of the bands is equal,
//! surely if they differ in two bits, and in more by chance; a run needs only [`SEEDS_MIN`] such pairs to be
//! looked at, and is judged by all its pictures then.
//!
//! # Limits
//!
//! Pictures are compared that lie up to [`NEAR_US`] apart. Fingerprints of footage with a key frame every
//! second or two are those of its key frames; a copy whose key frames all stand elsewhere, none of whose
//! other pictures was decoded, is missed. So is one that was mirrored, cropped, or played at another speed.

mod gallery;
mod index;

use std::collections::BTreeSet;

use catalog::trace::{Picture, SAME_PICTURE_BITS};
use catalog::{MediaTime, Micros};
use rayon::prelude::*;

pub(crate) use gallery::Gallery;

/// Pictures that lie so far from where they should be are still compared: half of the distance at which
/// fingerprints are kept, and some jitter.
pub const NEAR_US: i64 = 150_000;
/// A picture that comes again after so long is no mark of a moment.
const AGAIN_US: i64 = 3_000_000;
/// So many fingerprints with one value of a band say nothing any more.
const CROWD: usize = 64;
/// So many pairs from the index, at one distance in time, are looked at further.
const SEEDS_MIN: usize = 3;
/// So many pictures of a run must match at least.
const MATCHES_MIN: usize = 8;
/// So many of them must differ from one another.
const VARIETY_MIN: usize = 6;
/// So long must a run be.
const RUN_MIN_US: i64 = 8_000_000;
/// So many pictures that do not match, one after the other, end a run.
const MISSES_MAX: usize = 3;
/// So many in a hundred of a run's pictures must match.
const SHARE_MIN: usize = 70;

/// Two recordings that show the same for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Alike {
    /// Number of the one recording.
    pub one: usize,
    /// Number of the other; greater.
    pub other: usize,
    /// Where it begins in the one.
    pub one_start_us: MediaTime,
    /// Where it begins in the other.
    pub other_start_us: MediaTime,
    /// How long it is, from the first matching picture to the last.
    pub length_us: Micros,
    /// How many pictures match.
    pub matches: usize,
}

/// Finds all pairs of recordings that are alike, each at its longest run; in order. Fingerprints are by time.
///
/// The same recordings give the same pairs, on any number of threads. Of which of two the marks are looked for in the
/// other depends on their order: whoever wants the same pairs of the same recordings gives them in one order.
pub fn alike(recordings: &[&[Picture]]) -> Vec<Alike> {
    let marks: Vec<Vec<Picture>> = recordings.par_iter().map(|pictures| marks_of(pictures)).collect();
    let seeds = index::seeds(&marks);
    let pairs: Vec<&[index::Seed]> = seeds.chunk_by(|a, b| (a.one, a.other) == (b.one, b.other)).collect();
    pairs
        .into_par_iter()
        .filter_map(|seeds| {
            let (one, other) = (seeds[0].one, seeds[0].other);
            Some(Alike { one, other, ..best(seeds, &marks[one], recordings[other])? })
        })
        .collect()
}

/// The longest run that two recordings have in common, by the pairs that the index brought together; these are
/// sorted.
fn best(seeds: &[index::Seed], marks: &[Picture], other: &[Picture]) -> Option<Alike> {
    let candidates = offsets(seeds);
    let runs = candidates
        .into_iter()
        .filter_map(|offset_us| run(marks, other, offset_us).map(|run| (run, offset_us)));
    Some(runs.max_by_key(|(run, offset_us)| (run.matches, run.length_us, -offset_us))?.0)
}

/// The distances in time at which there are enough pairs, those with the most first; a few.
fn offsets(seeds: &[index::Seed]) -> Vec<i64> {
    // `seeds` are sorted by offset.
    let mut found: BTreeSet<(std::cmp::Reverse<usize>, i64)> = BTreeSet::new();
    let mut from = 0;
    for until in 1..=seeds.len() {
        while seeds[until - 1].offset_us.saturating_sub(seeds[from].offset_us) > 2 * NEAR_US {
            from += 1;
        }
        if until - from >= SEEDS_MIN {
            let middle = seeds[from + (until - from) / 2].offset_us;
            found.insert((std::cmp::Reverse(until - from), middle));
        }
    }
    let mut offsets: Vec<i64> = Vec::new();
    for (_, offset_us) in found {
        if offsets.iter().all(|known: &i64| known.abs_diff(offset_us) > NEAR_US.unsigned_abs()) {
            offsets.push(offset_us);
        }
        if offsets.len() == 8 {
            break;
        }
    }
    offsets
}

/// The pictures that the recording does not show again at another time.
fn marks_of(pictures: &[Picture]) -> Vec<Picture> {
    let again = index::again(pictures, AGAIN_US);
    pictures.iter().zip(again).filter(|(_, again)| !again).map(|(picture, _)| *picture).collect()
}

/// The longest run of marks that the other recording shows `offset_us` later.
fn run(marks: &[Picture], other: &[Picture], offset_us: i64) -> Option<Alike> {
    let mut best: Option<Alike> = None;
    let mut matched: Vec<(Picture, Picture)> = Vec::new();
    let (mut compared, mut compared_to_last, mut misses) = (0usize, 0usize, 0usize);
    let mut close = |matched: &mut Vec<(Picture, Picture)>, compared: usize| {
        if let Some(found) = judged(matched, compared)
            && best.is_none_or(|best| (found.matches, found.length_us) > (best.matches, best.length_us))
        {
            best = Some(found);
        }
        matched.clear();
    };
    for &mark in marks {
        let at_us = mark.at_us.0.saturating_add(offset_us);
        let Some(nearest) = nearest(other, at_us, mark) else { continue };
        compared += 1;
        if mark.distance(nearest) <= SAME_PICTURE_BITS {
            matched.push((mark, nearest));
            compared_to_last = compared;
            misses = 0;
        } else {
            misses += 1;
            if matched.is_empty() || misses > MISSES_MAX {
                close(&mut matched, compared_to_last);
                (compared, misses) = (0, 0);
            }
        }
    }
    close(&mut matched, compared_to_last);
    best
}

/// Of the pictures about `at_us`, the one most like `mark`.
fn nearest(pictures: &[Picture], at_us: i64, mark: Picture) -> Option<Picture> {
    let from = pictures.partition_point(|picture| picture.at_us.0 < at_us.saturating_sub(NEAR_US));
    pictures[from..]
        .iter()
        .take_while(|picture| picture.at_us.0 <= at_us.saturating_add(NEAR_US))
        .min_by_key(|picture| (mark.distance(**picture), picture.at_us))
        .copied()
}

/// A run of matches out of so many pictures, if it is long, dense and varied enough.
fn judged(matched: &[(Picture, Picture)], compared: usize) -> Option<Alike> {
    let (first, last) = (matched.first()?, matched.last()?);
    let length_us = last.0.at_us - first.0.at_us;
    let enough = matched.len() >= MATCHES_MIN
        && length_us.0 >= RUN_MIN_US
        && matched.len() * 100 >= compared * SHARE_MIN
        && variety(matched.iter().map(|(mark, _)| *mark)) >= VARIETY_MIN;
    enough.then_some(Alike {
        one: 0,
        other: 0,
        one_start_us: first.0.at_us,
        other_start_us: first.1.at_us,
        length_us,
        matches: matched.len(),
    })
}

/// How many of the pictures differ from one another, counted up to what is enough.
fn variety(pictures: impl Iterator<Item = Picture>) -> usize {
    let mut kinds: Vec<Picture> = Vec::new();
    for picture in pictures {
        if kinds.iter().all(|kind| kind.distance(picture) > SAME_PICTURE_BITS) {
            kinds.push(picture);
        }
        if kinds.len() >= VARIETY_MIN {
            break;
        }
    }
    kinds.len()
}

#[cfg(test)]
mod tests;
