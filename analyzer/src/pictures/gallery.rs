//! The fingerprints of a month, kept so that a recording that comes or goes is compared alone.
//!
//! [`super::alike`] compares all with all. Here the index of bands stays, and a change looks up only the bands of
//! what changed. Which pairs that can touch follows from how the index is used:
//!
//! - a pair of which one side changed, if a band brings or brought the two together;
//! - any two that a band brings together which became too crowded to count by the change, or no longer is.
//!
//! These pairs are judged again, as [`super::alike`] judges them. A property test says that what is kept is what
//! comparing all with all finds.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use catalog::trace::{Picture, SAME_PICTURE_BITS};

use super::index::{Seed, bands, counts};
use super::{Alike, alike, best, marks_of};

/// What a recording is known by: the digest of its bytes.
type Digest = Arc<str>;

/// What one recording shows.
#[derive(Debug)]
struct Shown {
    pictures: Vec<Picture>,
    /// Those of them that come once only.
    marks: Vec<Picture>,
}

/// Fingerprints by digest, and which recordings are alike.
#[derive(Debug, Default)]
pub(crate) struct Gallery {
    shown: BTreeMap<Digest, Shown>,
    /// Marks by band and value.
    groups: HashMap<u32, Vec<(Digest, Picture)>>,
    /// Pairs by their digests, the lesser first.
    pairs: BTreeMap<(Digest, Digest), Alike>,
}

impl Gallery {
    /// Of these recordings, by digest.
    pub(crate) fn new(of: &BTreeMap<&str, &[Picture]>) -> Self {
        let mut gallery = Self::default();
        for (digest, pictures) in of {
            gallery.hang(&Digest::from(*digest), pictures.to_vec());
        }
        let slices: Vec<&[Picture]> = of.values().copied().collect();
        let digests: Vec<Digest> = gallery.shown.keys().cloned().collect();
        gallery.pairs = alike(&slices)
            .into_iter()
            .map(|alike| ((digests[alike.one].clone(), digests[alike.other].clone()), alike))
            .collect();
        gallery
    }

    /// The pairs that are alike, by their digests, the lesser first; in order.
    pub(crate) fn pairs(&self) -> Vec<(String, String, Alike)> {
        let pair =
            |((one, other), alike): (&(Digest, Digest), &Alike)| (one.to_string(), other.to_string(), *alike);
        self.pairs.iter().map(pair).collect()
    }

    /// The digests of what is alike to a recording.
    pub(crate) fn partners<'g>(&'g self, digest: &'g str) -> impl Iterator<Item = &'g str> {
        let other = move |(one, other): &'g (Digest, Digest)| match () {
            () if &**one == digest => Some(&**other),
            () if &**other == digest => Some(&**one),
            () => None,
        };
        self.pairs.keys().filter_map(other)
    }

    /// Takes in what these recordings show now (nothing: they are no longer there), and gives the digests of those
    /// that are alike to others than before, or otherwise.
    pub(crate) fn update(&mut self, changed: BTreeMap<String, Vec<Picture>>) -> BTreeSet<String> {
        let changed: BTreeMap<Digest, Vec<Picture>> = changed
            .into_iter()
            .filter(|(digest, pictures)| match self.shown.get(digest.as_str()) {
                Some(shown) => shown.pictures != *pictures,
                None => !pictures.is_empty(),
            })
            .map(|(digest, pictures)| (Digest::from(digest), pictures))
            .collect();
        let marks: BTreeMap<&Digest, Vec<Picture>> =
            changed.iter().map(|(digest, pictures)| (digest, marks_of(pictures))).collect();
        let old = changed.keys().filter_map(|digest| self.shown.get(digest)).flat_map(|shown| &shown.marks);
        let touched: BTreeSet<u32> =
            old.chain(marks.values().flatten()).flat_map(|&picture| bands(picture)).collect();
        let members = |gallery: &Self, band: u32| -> (bool, BTreeSet<Digest>) {
            let group = gallery.groups.get(&band).map_or(&[][..], Vec::as_slice);
            (counts(group.len()), group.iter().map(|(digest, _)| digest.clone()).collect())
        };
        let before: BTreeMap<u32, _> = touched.iter().map(|&band| (band, members(self, band))).collect();
        for (digest, pictures) in &changed {
            self.take_down(digest);
            if !pictures.is_empty() {
                self.hang(digest, pictures.clone());
            }
        }
        let mut in_question: BTreeSet<(Digest, Digest)> = BTreeSet::new();
        for (band, (counted, mut all)) in before {
            let (counts_now, mut now) = members(self, band);
            all.append(&mut now);
            if !counted && !counts_now {
                continue;
            }
            for (one, other) in all.iter().flat_map(|one| {
                all.range::<Digest, _>((std::ops::Bound::Excluded(one), std::ops::Bound::Unbounded))
                    .map(move |other| (one, other))
            }) {
                if counted != counts_now || changed.contains_key(one) || changed.contains_key(other) {
                    in_question.insert((one.clone(), other.clone()));
                }
            }
        }
        let mut others = BTreeSet::new();
        for pair in in_question {
            let found = self.judged(&pair.0, &pair.1);
            let earlier = match found {
                Some(found) => self.pairs.insert(pair.clone(), found),
                None => self.pairs.remove(&pair),
            };
            if earlier.map(unnumbered) != found.map(unnumbered) {
                others.extend([pair.0.to_string(), pair.1.to_string()]);
            }
        }
        others
    }

    fn hang(&mut self, digest: &Digest, pictures: Vec<Picture>) {
        let marks = marks_of(&pictures);
        for &mark in &marks {
            for band in bands(mark) {
                self.groups.entry(band).or_default().push((digest.clone(), mark));
            }
        }
        self.shown.insert(digest.clone(), Shown { pictures, marks });
    }

    fn take_down(&mut self, digest: &Digest) {
        let Some(shown) = self.shown.remove(digest) else { return };
        let touched: BTreeSet<u32> = shown.marks.iter().flat_map(|&mark| bands(mark)).collect();
        for band in touched {
            if let Some(group) = self.groups.get_mut(&band) {
                group.retain(|(other, _)| other != digest);
                if group.is_empty() {
                    self.groups.remove(&band);
                }
            }
        }
    }

    /// What two recordings have in common, if they are there.
    fn judged(&self, one: &Digest, other: &Digest) -> Option<Alike> {
        let (marks, pictures) = (&self.shown.get(one)?.marks, &self.shown.get(other)?.pictures);
        let mut seeds: Vec<Seed> = Vec::new();
        for &ours in marks {
            for group in bands(ours).filter_map(|band| self.groups.get(&band)) {
                if !counts(group.len()) {
                    continue;
                }
                let theirs = group.iter().filter(|(digest, theirs)| {
                    digest == other && ours.distance(*theirs) <= SAME_PICTURE_BITS
                });
                seeds.extend(theirs.map(|(_, theirs)| Seed {
                    one: 0,
                    other: 1,
                    offset_us: theirs.at_us.0.saturating_sub(ours.at_us.0),
                }));
            }
        }
        seeds.sort_unstable();
        best(&seeds, marks, pictures)
    }
}

/// Without the numbers, which say nothing here.
fn unnumbered(alike: Alike) -> Alike {
    Alike { one: 0, other: 0, ..alike }
}

#[cfg(test)]
mod tests {
    use catalog::MediaTime;
    use proptest::prelude::*;

    use super::*;

    /// A film of so many pictures, one every second, that shows what another shows from a place on, in a few bits
    /// otherwise; of few values, so that bands become crowded.
    fn film(of: u64, from: usize, length: usize, noise: u64) -> Vec<Picture> {
        let scene = |number: usize| {
            let mut state =
                of.wrapping_mul(977).wrapping_add(number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            state ^= state >> 31;
            state.wrapping_mul(0xbf58_476d_1ce4_e5b9)
        };
        (0..length)
            .map(|at| Picture {
                at_us: MediaTime(i64::try_from(at).unwrap() * 1_000_000),
                bits: scene(from + at) ^ (1 << (noise % 64)),
            })
            .collect()
    }

    fn from_scratch(shown: &BTreeMap<String, Vec<Picture>>) -> Vec<(String, String, Alike)> {
        let of: BTreeMap<&str, &[Picture]> = shown
            .iter()
            .filter(|(_, pictures)| !pictures.is_empty())
            .map(|(digest, pictures)| (digest.as_str(), pictures.as_slice()))
            .collect();
        Gallery::new(&of).pairs()
    }

    fn plain(pairs: Vec<(String, String, Alike)>) -> Vec<(String, String, Alike)> {
        pairs.into_iter().map(|(one, other, alike)| (one, other, unnumbered(alike))).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        #[test]
        fn what_is_kept_is_what_comparing_all_with_all_finds(
            steps in prop::collection::vec(
                prop::collection::vec((0_u8..90, 0_u64..3, 0_usize..12, 0_usize..30, 0_u64..64), 1..40), 1..5),
        ) {
            let mut shown: BTreeMap<String, Vec<Picture>> = BTreeMap::new();
            let mut gallery = Gallery::default();
            for step in steps {
                let mut changed = BTreeMap::new();
                for (name, of, from, length, noise) in step {
                    // Shorter than a run: taken away.
                    let pictures = if length < 9 { Vec::new() } else { film(of, from, length, noise) };
                    changed.insert(format!("{name:02}"), pictures);
                }
                let before = plain(gallery.pairs());
                let others = gallery.update(changed.clone());
                shown.extend(changed);
                let after = plain(gallery.pairs());
                prop_assert_eq!(&after, &plain(from_scratch(&shown)));
                let of = |pairs: &[(String, String, Alike)], name: &str| -> Vec<(String, String, Alike)> {
                    pairs.iter().filter(|pair| pair.0 == name || pair.1 == name).cloned().collect()
                };
                for name in shown.keys() {
                    let same = of(&before, name) == of(&after, name);
                    prop_assert_eq!(same, !others.contains(name), "{}", name);
                }
            }
        }
    }

    #[test]
    fn a_band_that_became_crowded_counts_no_more_for_those_that_were_there() {
        let mut gallery = Gallery::default();
        let name = |number: usize| format!("{number:03}");
        let same = || film(1, 0, 20, 5);
        gallery.update(BTreeMap::from([(name(0), same()), (name(1), same())]));
        assert_eq!(gallery.pairs().len(), 1);
        let crowd: BTreeMap<String, Vec<Picture>> = (2..80).map(|number| (name(number), same())).collect();
        let others = gallery.update(crowd.clone());
        assert_eq!((gallery.pairs().len(), others.len()), (0, 2), "{others:?}");
        let gone = crowd.into_keys().map(|name| (name, Vec::new())).collect();
        gallery.update(gone);
        assert_eq!(gallery.pairs().len(), 1);
        assert_eq!(gallery.partners(&name(1)).collect::<Vec<_>>(), [name(0)]);
    }
}
