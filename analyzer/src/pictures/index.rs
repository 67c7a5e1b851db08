//! The index of fingerprints by bands of their bits.

use catalog::trace::{Picture, SAME_PICTURE_BITS};
use rayon::prelude::*;

use super::CROWD;

/// Two fingerprints of two recordings that differ in few bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Seed {
    /// Number of the one recording.
    pub(super) one: usize,
    /// Number of the other; greater.
    pub(super) other: usize,
    /// How much later it is in the other, by their own media times.
    pub(super) offset_us: i64,
}

/// First bit and number of bits of each band.
const BANDS: [(u32, u32); 3] = [(0, 22), (22, 21), (43, 21)];

/// The band with its value, as one number.
pub(super) fn bands(picture: Picture) -> impl Iterator<Item = u32> {
    (0u32..).zip(BANDS).map(move |(band, (first, bits))| {
        let value = picture.bits >> first & ((1 << bits) - 1);
        band << 22 | u32::try_from(value).unwrap_or(0)
    })
}

/// Whether a value of a band that so many fingerprints have in common says anything.
pub(super) fn counts(fingerprints: usize) -> bool {
    (2..=CROWD).contains(&fingerprints)
}

/// All pairs of fingerprints of two recordings that the index brings together and that are alike; sorted.
pub(super) fn seeds(recordings: &[Vec<Picture>]) -> Vec<Seed> {
    let mut entries: Vec<(u32, usize, Picture)> = recordings
        .par_iter()
        .enumerate()
        .flat_map_iter(|(number, pictures)| {
            pictures.iter().flat_map(move |&picture| bands(picture).map(move |band| (band, number, picture)))
        })
        .collect();
    entries.par_sort_unstable();
    let groups: Vec<&[(u32, usize, Picture)]> =
        entries.chunk_by(|a, b| a.0 == b.0).filter(|group| counts(group.len())).collect();
    let mut seeds: Vec<Seed> = groups
        .into_par_iter()
        .flat_map_iter(|group| {
            group.iter().enumerate().flat_map(move |(place, &(_, one, ours))| {
                // A group is sorted by number, so the later one is of the greater.
                group[place + 1..]
                    .iter()
                    .filter(move |(_, other, theirs)| {
                        *other != one && ours.distance(*theirs) <= SAME_PICTURE_BITS
                    })
                    .map(move |(_, other, theirs)| Seed {
                        one,
                        other: *other,
                        offset_us: theirs.at_us.0.saturating_sub(ours.at_us.0),
                    })
            })
        })
        .collect();
    seeds.par_sort_unstable();
    seeds
}

/// Of each picture of one recording, whether one like it comes at least `after_us` earlier or later.
pub(super) fn again(pictures: &[Picture], after_us: i64) -> Vec<bool> {
    let mut entries: Vec<(u32, usize)> = (0..)
        .zip(pictures)
        .flat_map(|(number, &picture)| bands(picture).map(move |band| (band, number)))
        .collect();
    entries.sort_unstable();
    let mut again = vec![false; pictures.len()];
    for group in entries.chunk_by(|a, b| a.0 == b.0) {
        for &(_, number) in group {
            let ours = pictures[number];
            // Of a large group a sample will do: what comes so often comes again among any of them.
            let step = group.len().div_ceil(CROWD).max(1);
            let like = |&&(_, other): &&(u32, usize)| {
                let theirs = pictures[other];
                ours.at_us.0.abs_diff(theirs.at_us.0) >= after_us.unsigned_abs()
                    && ours.distance(theirs) <= SAME_PICTURE_BITS
            };
            again[number] = again[number] || group.iter().step_by(step).any(|entry| like(&entry));
        }
    }
    again
}
