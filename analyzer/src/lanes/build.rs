//! Building the index: rows are dealt out to blocks of neighbouring lanes, then each block is sorted.
//!
//! Dealing cuts the rows into chunks and brings each into the order of the blocks. Blocks are few enough for
//! the places at which a chunk writes to stay in the cache, and small enough to be sorted there; sorting rows
//! straight into many thousand lanes would miss it at every row. Then each block gathers its share of every
//! chunk. Neither step shares anything between threads, and every lane is brought into a total order, so
//! neither the order of the rows nor the number of threads shows in the result.

use std::ops::Range;

use catalog::{Interval, WallTime};
use rayon::prelude::*;

use super::{Block, Entry, Head, Lanes, Span};

/// About as many entries as the second-level cache holds of a block while it is sorted.
const BLOCK_ENTRIES: usize = 8192;

/// More blocks than this, and dealing would write to more places than the cache has lines for.
const MOST_BLOCKS: usize = 1024;

/// Fewer rows than this are not worth a thread's while.
const LEAST_CHUNK: usize = 16_384;

/// Chunks a thread, so that one that is late does not keep the others waiting for long.
const CHUNKS_A_THREAD: usize = 4;

/// What an entry's place holds before the entry.
const NOTHING: Entry =
    Entry { lane: 0, interval: Interval { start: WallTime(0), end: WallTime(0) }, item: 0 };

/// The rows of one chunk by block.
struct Dealt {
    entries: Vec<Entry>,
    /// Where each block's entries end.
    ends: Vec<u32>,
}

impl Lanes {
    /// The index over `entries`, in any order.
    ///
    /// # Panics
    /// With 2³² entries or more: they would take 130 GB. With a lane of the number 2³² − 1.
    pub fn new(entries: &[Entry]) -> Self {
        let lanes = entries
            .par_iter()
            .map(|entry| entry.lane.checked_add(1).expect("lanes are numbered from 0"))
            .max()
            .unwrap_or(0);
        Self::of_rows(lanes, entries, |_, entry| Some(*entry))
    }

    /// The index over what `entry` makes of each row and its number, `lanes` lanes of it. A row of which it
    /// makes nothing, or something of a lane that there is not, is left out. It is called twice for a row
    /// and must say the same both times.
    ///
    /// # Panics
    /// With 2³² rows or more.
    pub fn of_rows<T: Sync>(lanes: u32, rows: &[T], entry: impl Fn(u32, &T) -> Option<Entry> + Sync) -> Self {
        u32::try_from(rows.len()).expect("a month has fewer than 2^32 recordings");
        let many = (rows.len() / BLOCK_ENTRIES).clamp(1, MOST_BLOCKS);
        let shift = (lanes as usize).div_ceil(many).next_power_of_two().ilog2();
        let blocks = (lanes as usize).div_ceil(1 << shift);
        let chunk = rows.len().div_ceil(rayon::current_num_threads() * CHUNKS_A_THREAD).max(LEAST_CHUNK);
        let dealt: Vec<Dealt> = rows
            .par_chunks(chunk)
            .enumerate()
            .map(|(number, rows)| {
                let entries = || {
                    let numbered = (number * chunk..).zip(rows);
                    // There are fewer than 2^32 rows.
                    let made = numbered.filter_map(|(row, value)| entry(u32::try_from(row).ok()?, value));
                    made.filter(|entry| entry.lane < lanes)
                };
                deal(blocks, |entry| (entry.lane >> shift) as usize, entries)
            })
            .collect();
        let blocks: Vec<Block> = (0..blocks)
            .into_par_iter()
            .map_init(Vec::new, |rows, block| {
                let shares = dealt.iter().map(|dealt| dealt.of(block));
                let first_lane = block << shift;
                Block::sorted(first_lane..(first_lane + (1 << shift)).min(lanes as usize), &shares, rows)
            })
            .collect();
        Self { blocks, shift }
    }
}

/// Brings entries into the order of their blocks: a counting sort.
fn deal<I: Iterator<Item = Entry>>(
    blocks: usize,
    block: impl Fn(&Entry) -> usize,
    entries: impl Fn() -> I,
) -> Dealt {
    let mut next = vec![0_u32; blocks + 1];
    for entry in entries() {
        next[block(&entry) + 1] += 1;
    }
    for i in 1..next.len() {
        next[i] += next[i - 1];
    }
    let mut dealt = vec![NOTHING; next[blocks] as usize];
    for entry in entries() {
        let next = &mut next[block(&entry)];
        dealt[*next as usize] = entry;
        *next += 1;
    }
    next.pop();
    Dealt { entries: dealt, ends: next }
}

impl Dealt {
    fn of(&self, block: usize) -> &[Entry] {
        let from = block.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        &self.entries[from..self.ends[block] as usize]
    }
}

impl Block {
    /// The block of the lanes in `lanes`. `rows` is room to work in.
    fn sorted<'a>(
        lanes: Range<usize>,
        shares: &(impl Iterator<Item = &'a [Entry]> + Clone),
        rows: &mut Vec<(WallTime, WallTime, u32)>,
    ) -> Self {
        let entries = || shares.clone().flatten();
        let place = |entry: &Entry| entry.lane as usize - lanes.start;
        let mut ends = vec![0_u32; lanes.len() + 1];
        for entry in entries() {
            ends[place(entry) + 1] += 1;
        }
        for i in 1..ends.len() {
            ends[i] += ends[i - 1];
        }
        let total = ends[lanes.len()] as usize;
        rows.clear();
        rows.resize(total, (WallTime(0), WallTime(0), 0));
        for entry in entries() {
            let next = &mut ends[place(entry)];
            rows[*next as usize] = (entry.interval.start, entry.interval.end, entry.item);
            *next += 1;
        }
        ends.pop();
        let mut block = Self {
            spans: Vec::with_capacity(total),
            items: Vec::with_capacity(total),
            heads: Vec::with_capacity(lanes.len() + 1),
            buckets: vec![0; total + lanes.len()],
        };
        for (lane, end) in ends.into_iter().enumerate() {
            let from = block.spans.len();
            let rows = &mut rows[from..end as usize];
            rows.sort_unstable();
            let mut latest_end = WallTime(i64::MIN);
            for &mut (start, end, item) in rows {
                latest_end = latest_end.max(end);
                block.spans.push(Span { start, end, latest_end });
                block.items.push(item);
            }
            let spans = &block.spans[from..];
            // Fewer than the rows, of which there are fewer than 2^32.
            let first = u32::try_from(from).unwrap_or(u32::MAX);
            block.heads.push(cut(first, spans, &mut block.buckets[from + lane..=from + lane + spans.len()]));
        }
        let total = u32::try_from(total).unwrap_or(u32::MAX);
        block.heads.push(Head { first_start: WallTime(0), first: total, shift: 0 });
        block
    }
}

/// Cuts the time of one lane into buckets, no more than it has entries, and counts.
fn cut(first: u32, spans: &[Span], buckets: &mut [u32]) -> Head {
    let (Some(earliest), Some(last)) = (spans.first(), spans.last()) else {
        return Head { first_start: WallTime(0), first, shift: 0 };
    };
    let range = last.start.0.wrapping_sub(earliest.start.0).cast_unsigned();
    // As many bits of the range as the number of entries has, less one: fewer buckets than entries.
    // A range of 64 bits in a lane of one entry cannot be: one entry has no range.
    let shift = (u64::BITS - range.leading_zeros()).saturating_sub(spans.len().ilog2());
    let head = Head { first_start: earliest.start, first, shift };
    let (mut counted, mut bucket) = (0_u32, 0);
    for span in spans {
        let own = head.bucket(span.start);
        while bucket < own {
            bucket += 1;
            buckets[usize::try_from(bucket).unwrap_or(usize::MAX)] = counted;
        }
        counted += 1;
    }
    for rest in buckets.iter_mut().skip(usize::try_from(bucket).unwrap_or(usize::MAX).saturating_add(1)) {
        *rest = counted;
    }
    head
}
