//! Mutations of whole files: what bad cards, bad links and bad people do to footage.
//!
//! Everything follows from a seed and a number, so that a mutant can be made again by its number.

use std::fs;
use std::path::Path;

/// A file to mutate.
pub(crate) struct Source {
    name: String,
    bytes: Vec<u8>,
    is_container: bool,
}

/// Endings of files that FFmpeg gets to see; the others are sidecars and such.
const CONTAINERS: [&str; 8] = ["mp4", "mov", "3gp", "ts", "m2ts", "mkv", "avi", "mpeg"];

impl Source {
    pub(crate) fn read(path: &Path) -> Self {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let ending = path.extension().unwrap_or_default().to_ascii_lowercase();
        let is_container = CONTAINERS.iter().any(|container| ending == *container);
        Self { name, bytes: fs::read(path).unwrap(), is_container }
    }
}

/// SplitMix64: small, and the same on every machine.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64, number: u64) -> Self {
        let mut random = Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ number);
        random.next();
        random
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `bound`, or 0.
    fn below(&mut self, bound: usize) -> usize {
        let below = self.next() % (bound as u64).max(1);
        usize::try_from(below).unwrap()
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// A place in a file. Half of them in its first or last 4 KiB, where containers keep what they
    /// know about themselves.
    fn place(&mut self, len: usize) -> usize {
        let edge = len.min(4096);
        match self.below(4) {
            0 => self.below(edge),
            1 => len - 1 - self.below(edge),
            _ => self.below(len),
        }
        .min(len.saturating_sub(1))
    }
}

/// One to three mutations of one file, nine times in ten of a container. Gives a name that says which,
/// and the bytes.
pub(crate) fn mutant(sources: &[Source], random: &mut Random) -> (String, Vec<u8>) {
    let wants_container = random.below(10) > 0;
    let fits = |source: &&Source| source.is_container == wants_container;
    let fitting: Vec<&Source> = sources.iter().filter(fits).collect();
    let source = if fitting.is_empty() { random.pick(sources) } else { random.pick(&fitting) };
    let mut bytes = source.bytes.clone();
    let mut done = Vec::new();
    for _ in 0..=random.below(3) {
        if bytes.is_empty() {
            break;
        }
        let (name, mutation) = *random.pick(&MUTATIONS);
        match mutation {
            Mutation::InPlace(mutate) => mutate(&mut bytes, random),
            Mutation::Resizing(mutate) => mutate(&mut bytes, random, sources),
        }
        done.push(name);
    }
    (format!("{}-{}", done.join("-"), source.name), bytes)
}

#[derive(Clone, Copy)]
enum Mutation {
    InPlace(fn(&mut [u8], &mut Random)),
    Resizing(fn(&mut Vec<u8>, &mut Random, &[Source])),
}

/// Lengths come up most often: they are what parsers trust.
const MUTATIONS: [(&str, Mutation); 9] = [
    ("flip", Mutation::InPlace(flip)),
    ("cut", Mutation::Resizing(cut)),
    ("splice", Mutation::Resizing(splice)),
    ("length", Mutation::InPlace(extreme_beside_name)),
    ("length", Mutation::InPlace(extreme_beside_name)),
    ("number", Mutation::InPlace(extreme_anywhere)),
    ("zeros", Mutation::InPlace(zeros)),
    ("drop", Mutation::Resizing(drop_range)),
    ("repeat", Mutation::Resizing(repeat_range)),
];

/// Changes up to 64 bits, together or apart.
fn flip(bytes: &mut [u8], random: &mut Random) {
    let len = bytes.len();
    let together = random.below(2) == 0;
    let start = random.place(len);
    for _ in 0..=random.below(64) {
        let at = if together { (start + random.below(64)).min(len - 1) } else { random.place(len) };
        bytes[at] ^= 1 << random.below(8);
    }
}

/// Ends the file early.
fn cut(bytes: &mut Vec<u8>, random: &mut Random, _: &[Source]) {
    let at = random.place(bytes.len());
    bytes.truncate(at);
}

/// The beginning of this file and the end of another.
fn splice(bytes: &mut Vec<u8>, random: &mut Random, sources: &[Source]) {
    let other = &random.pick(sources).bytes;
    let at = random.place(bytes.len());
    bytes.truncate(at);
    bytes.extend_from_slice(&other[random.place(other.len())..]);
}

/// Names of four bytes that stand beside a length or a count.
const NAMES: &[u8] =
    b"ftypmoovmvhdtraktkhdedtselstmdiamdhdhdlrminfdinfdrefstblstsdsttscttsstssstscstszstcoco64\
    mdatmooftraftfhdtrunsidxudtametaavcCesdsRIFFLISTstrfidx1movi\x1a\x45\xdf\xa3";

const EXTREMES: [u64; 10] = [
    0,
    1,
    7,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    0xffff_fff0,
    0x7fff_ffff_ffff_ffff,
    0x8000_0000_0000_0000,
    0xffff_ffff_ffff_ffff,
];

/// Sets a number beside a name that containers use: the length before it, or one of the fields after.
fn extreme_beside_name(bytes: &mut [u8], random: &mut Random) {
    let mut begins = [false; 256];
    NAMES.iter().step_by(4).for_each(|&first| begins[usize::from(first)] = true);
    let candidates = bytes.windows(4).enumerate().filter(|(_, window)| begins[usize::from(window[0])]);
    let names = candidates.filter(|(_, window)| NAMES.chunks_exact(4).any(|name| name == *window));
    let places: Vec<usize> = names.map(|(at, _)| at).take(4096).collect();
    if places.is_empty() {
        return extreme_anywhere(bytes, random);
    }
    let name = *random.pick(&places);
    let at = if random.below(2) == 0 { name.saturating_sub(4) } else { name + 4 + 4 * random.below(5) };
    set_extreme(bytes, at, random);
}

/// Sets a number anywhere.
fn extreme_anywhere(bytes: &mut [u8], random: &mut Random) {
    let at = random.place(bytes.len());
    set_extreme(bytes, at, random);
}

fn set_extreme(bytes: &mut [u8], at: usize, random: &mut Random) {
    let value = *random.pick(&EXTREMES);
    let four = u32::try_from(value & 0xffff_ffff).unwrap();
    let new: Vec<u8> = match random.below(4) {
        0 => four.to_le_bytes().to_vec(),
        1 => value.to_be_bytes().to_vec(),
        _ => four.to_be_bytes().to_vec(),
    };
    for (old, new) in bytes.iter_mut().skip(at).zip(new) {
        *old = new;
    }
}

/// Zeros in place of up to 64 KiB, as a worn card leaves them.
fn zeros(bytes: &mut [u8], random: &mut Random) {
    let range = range(bytes, random);
    bytes[range].fill(0);
}

/// Leaves out a stretch.
fn drop_range(bytes: &mut Vec<u8>, random: &mut Random, _: &[Source]) {
    let range = range(bytes, random);
    bytes.drain(range);
}

/// Has a stretch twice.
fn repeat_range(bytes: &mut Vec<u8>, random: &mut Random, _: &[Source]) {
    let range = range(bytes, random);
    let again = bytes[range.clone()].to_vec();
    bytes.splice(range.start..range.start, again);
}

fn range(bytes: &[u8], random: &mut Random) -> std::ops::Range<usize> {
    let start = random.place(bytes.len());
    let longest = 1 << random.below(17);
    start..bytes.len().min(start + 1 + random.below(longest))
}
