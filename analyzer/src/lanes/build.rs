//! Building the index: a counting sort by lane, then a sort of each lane.
//!
//! Lanes are dealt out in contiguous groups of about as many entries each. A group's entries are one
//! stretch of every array, so groups are filled side by side without sharing anything: each looks
//! through all rows and takes its own. A lane is brought into a total order, so neither the order of the
//! rows nor the number of groups shows in the result.

use catalog::WallTime;
use rayon::prelude::*;

use super::{Entry, Head, Lanes, Span};

/// More groups than this would spend more on looking through the rows than they save.
const MOST_GROUPS: usize = 16;

/// Fewer entries than this are not worth a group of their own.
const LEAST_ENTRIES: usize = 16_384;

/// A group's share of the arrays.
struct Share<'a> {
    /// Number of its first lane.
    lane: usize,
    heads: &'a mut [Head],
    spans: &'a mut [Span],
    items: &'a mut [u32],
    buckets: &'a mut [u32],
}

impl Lanes {
    /// The index over `entries`, in any order.
    ///
    /// # Panics
    /// With 2³² entries or more: they would take 130 GB.
    pub fn new(entries: &[Entry]) -> Self {
        let total = u32::try_from(entries.len()).expect("a month has fewer than 2^32 recordings");
        let lanes = entries.par_iter().map(|entry| entry.lane as usize + 1).max().unwrap_or(0);
        let mut heads = heads(entries, lanes);
        heads.push(Head { first_start: WallTime(0), first: total, shift: 0 });
        let nothing = Span { start: WallTime(0), end: WallTime(0), latest_end: WallTime(0) };
        let mut spans = vec![nothing; entries.len()];
        let mut items = vec![0; entries.len()];
        let mut buckets = vec![0; entries.len() + lanes];
        shares(&mut heads, &mut spans, &mut items, &mut buckets)
            .into_par_iter()
            .for_each(|share| share.fill(entries));
        Self { spans, items, heads, buckets }
    }
}

/// The lanes with the number of their first entry; the rest is filled in later.
fn heads(entries: &[Entry], lanes: usize) -> Vec<Head> {
    let chunk = entries.len().div_ceil(rayon::current_num_threads()).max(LEAST_ENTRIES);
    let counts = entries
        .par_chunks(chunk)
        .map(|chunk| {
            let mut counts = vec![0_u32; lanes];
            for entry in chunk {
                counts[entry.lane as usize] += 1;
            }
            counts
        })
        .reduce(
            || vec![0; lanes],
            |mut sums, counts| {
                sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
                sums
            },
        );
    let mut first = 0;
    counts
        .into_iter()
        .map(|count| {
            let head = Head { first_start: WallTime(0), first, shift: 0 };
            first += count;
            head
        })
        .collect()
}

/// Cuts the arrays into groups of lanes; the last of `heads` only says where the last lane ends.
fn shares<'a>(
    heads: &'a mut [Head],
    mut spans: &'a mut [Span],
    mut items: &'a mut [u32],
    mut buckets: &'a mut [u32],
) -> Vec<Share<'a>> {
    let groups = rayon::current_num_threads().min(MOST_GROUPS).min(spans.len() / LEAST_ENTRIES + 1);
    let target = spans.len().div_ceil(groups).max(1);
    let firsts: Vec<usize> = heads.iter().map(|head| head.first as usize).collect();
    let (mut heads, _) = heads.split_at_mut(heads.len() - 1);
    let mut shares = Vec::with_capacity(groups);
    let mut lane = 0;
    while !heads.is_empty() {
        let least = firsts[lane] + target;
        let many = firsts[lane + 1..].iter().position(|&first| first >= least).map_or(heads.len(), |i| i + 1);
        let entries = firsts[lane + many] - firsts[lane];
        shares.push(Share {
            lane,
            heads: heads.split_off_mut(..many).unwrap_or_default(),
            spans: spans.split_off_mut(..entries).unwrap_or_default(),
            items: items.split_off_mut(..entries).unwrap_or_default(),
            buckets: buckets.split_off_mut(..entries + many).unwrap_or_default(),
        });
        lane += many;
    }
    shares
}

impl Share<'_> {
    fn fill(self, entries: &[Entry]) {
        let Self { lane, heads, spans, items, buckets } = self;
        let base = heads.first().map_or(0, |head| head.first);
        let mut rows = vec![(WallTime(0), WallTime(0), 0_u32); spans.len()];
        let mut next: Vec<u32> = heads.iter().map(|head| head.first - base).collect();
        for entry in entries {
            // Lanes before the group's wrap around and are as far off as those behind it.
            if let Some(next) = next.get_mut((entry.lane as usize).wrapping_sub(lane)) {
                rows[*next as usize] = (entry.interval.start, entry.interval.end, entry.item);
                *next += 1;
            }
        }
        let (mut from, mut directory) = (0, 0);
        for (head, end) in heads.iter_mut().zip(next) {
            let lane = from..end as usize;
            let rows = &mut rows[lane.clone()];
            rows.sort_unstable();
            let mut latest_end = WallTime(i64::MIN);
            for ((span, item), &(start, end, number)) in
                spans[lane.clone()].iter_mut().zip(&mut items[lane.clone()]).zip(&*rows)
            {
                latest_end = latest_end.max(end);
                *span = Span { start, end, latest_end };
                *item = number;
            }
            let words = directory..directory + rows.len() + 1;
            directory = words.end;
            from = lane.end;
            cut(head, &spans[lane], &mut buckets[words]);
        }
    }
}

/// Cuts the time of one lane into buckets, no more than it has entries, and counts.
fn cut(head: &mut Head, spans: &[Span], buckets: &mut [u32]) {
    let (Some(first), Some(last)) = (spans.first(), spans.last()) else { return };
    let range = last.start.0.wrapping_sub(first.start.0).cast_unsigned();
    head.first_start = first.start;
    // As many bits of the range as the number of entries has, less one: fewer buckets than entries.
    head.shift = (u64::BITS - range.leading_zeros()).saturating_sub(spans.len().ilog2());
    // A range of 64 bits in a lane of one entry cannot be: one entry has no range.
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
}
