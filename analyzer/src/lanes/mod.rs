//! The index that matching uses: things that last, in one lane an officer, found by when they ran.
//!
//! Neighbouring lanes lie behind one another in blocks of some thousand entries, each lane sorted by start.
//! Beside start and end of every entry stands the latest end of its lane up to and including it, which never
//! falls from one entry to the next. Each lane has a directory as long as itself: it cuts the time from the lane's first start
//! to its last into equal buckets, a power of two microseconds wide, and says where each bucket's entries
//! begin.
//!
//! Whoever asks for what meets `[a, b)` looks up the bucket of `a`, finds in it the first entry that
//! starts at `a` or later, walks back while the latest end is after `a` (nothing before that point can
//! reach into the interval), and from there forwards until an entry starts at `b` or later.
//!
//! # Complexity
//!
//! With `n` entries in `l` lanes, and a question with `k` answers:
//!
//! - **Building** is a counting sort by block, then by lane, O(n + l), and a sort of each lane by start,
//!   O(n log(n / l)) in all; see [`build`].
//! - **A question** is O(1) for the bucket where starts are spread evenly, and never more than
//!   O(log n), because within a bucket the search is binary; then O(k + s). `s` counts entries that lie
//!   behind a longer one without meeting the interval themselves. One officer wears one recorder, so
//!   entries of a lane hardly overlap and `s` stays near zero; a lane that holds one entry of a whole
//!   month degrades to a scan of that lane, never of the others.
//! - **Memory** is 32 bytes an entry (start, end, latest end, number, a word of directory) and 16 a lane.
//!
//! What a question reads lies in a few neighbouring cache lines, and a whole lane fits the first-level
//! cache, so questions that come lane by lane are answered several times as fast as the same in any
//! order; [`Questions`] orders them so, and [`Lanes::covered`] reads the lanes of many questions ahead, in the
//! order of memory, instead of waiting for memory at each.
//!
//! Rejected: one binary search over everything (the first ten steps of each miss the cache), a tree of
//! intervals (bounds `s`, at several times the memory and a pointer to chase a step), buckets of one hour
//! (mostly empty, so that the directory outgrows the entries).

mod build;
mod coverage;

use std::ops::Range;

use catalog::{Interval, WallTime};

pub use coverage::{Answer, Question, Questions};

/// One thing that lasts, in one lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Number of the lane, from 0.
    pub lane: u32,
    /// From when to when it lasts.
    pub interval: Interval<WallTime>,
    /// The caller's number for it.
    pub item: u32,
}

/// Things that last, by lane and start.
#[derive(Debug)]
pub struct Lanes {
    blocks: Vec<Block>,
    /// Logarithm of how many lanes each block has; the last may have fewer.
    shift: u32,
}

/// Neighbouring lanes. Places in it are counted from its beginning.
#[derive(Debug)]
struct Block {
    /// By lane, then by start, end and number.
    spans: Vec<Span>,
    /// The numbers of the spans.
    items: Vec<u32>,
    /// One for each lane, and one that says where the last ends.
    heads: Vec<Head>,
    /// The directories, one after the other: of a lane with `n` entries `n + 1` counts, the b-th saying
    /// how many of its entries lie in buckets before `b`. They begin at the lane's first entry plus the
    /// lane's place.
    buckets: Vec<u32>,
}

#[derive(Debug, Clone, Copy)]
struct Span {
    start: WallTime,
    end: WallTime,
    /// The latest end in this lane up to here.
    latest_end: WallTime,
}

/// Where a lane begins, and how its directory is cut.
#[derive(Debug, Clone, Copy)]
struct Head {
    first_start: WallTime,
    /// Number of its first entry.
    first: u32,
    /// Logarithm of the width of its buckets in microseconds.
    shift: u32,
}

impl Head {
    /// The bucket of a moment that is not before the lane's first start.
    fn bucket(&self, moment: WallTime) -> u64 {
        // Wrapping, then unsigned: the true distance even where it is beyond an i64.
        moment.0.wrapping_sub(self.first_start.0).cast_unsigned() >> self.shift
    }
}

impl Lanes {
    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.blocks.iter().map(|block| block.spans.len()).sum()
    }

    /// Whether there is no entry at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The items of `lane` that start before `interval` ends and end after it starts, by start.
    pub fn meeting(&self, lane: u32, interval: Interval<WallTime>) -> impl Iterator<Item = u32> + '_ {
        let (spans, items) = self.place(lane).map_or((&[][..], &[][..]), |(block, lane)| {
            let reaching = block.reaching(lane, interval.start);
            (&block.spans[reaching.clone()], &block.items[reaching])
        });
        spans
            .iter()
            .zip(items)
            .take_while(move |(span, _)| span.start < interval.end)
            .filter(move |(span, _)| span.end > interval.start)
            .map(|(_, &item)| item)
    }

    /// The entries of `lane` from the first that may reach beyond `moment`, by start.
    fn reaching(&self, lane: u32, moment: WallTime) -> &[Span] {
        self.place(lane).map_or(&[], |(block, lane)| &block.spans[block.reaching(lane, moment)])
    }

    /// The entries of all lanes from `low` to `high`, as they lie in memory.
    fn stretch(&self, low: u32, high: u32) -> impl Iterator<Item = &[Span]> + Clone {
        let (low_block, high_block) = ((low >> self.shift) as usize, (high >> self.shift) as usize);
        let end = self.blocks.len().min(high_block.saturating_add(1));
        (low_block..end).map(move |number| {
            let block = &self.blocks[number];
            let lanes = block.heads.len() - 1;
            let from = if number == low_block { self.place_in_block(low).min(lanes) } else { 0 };
            let to = if number == high_block { lanes.min(self.place_in_block(high) + 1) } else { lanes };
            &block.spans[block.heads[from].first as usize..block.heads[to].first as usize]
        })
    }

    fn place_in_block(&self, lane: u32) -> usize {
        (lane & !(u32::MAX << self.shift)) as usize
    }

    /// The block of a lane and the lane's place in it.
    fn place(&self, lane: u32) -> Option<(&Block, usize)> {
        let block = self.blocks.get((lane >> self.shift) as usize)?;
        let place = self.place_in_block(lane);
        (place + 1 < block.heads.len()).then_some((block, place))
    }
}

impl Block {
    /// Where the entries of the lane at `lane` stand from the first that may reach beyond `moment`.
    fn reaching(&self, lane: usize, moment: WallTime) -> Range<usize> {
        let (head, next) = (&self.heads[lane], &self.heads[lane + 1]);
        let (first, end) = (head.first as usize, next.first as usize);
        if first == end || moment <= head.first_start {
            return first..end;
        }
        let spans = &self.spans[first..end];
        let bucket = usize::try_from(head.bucket(moment)).unwrap_or(usize::MAX);
        let mut from = if bucket < spans.len() {
            let at = first + lane + bucket;
            let (lo, hi) = (self.buckets[at] as usize, self.buckets[at + 1] as usize);
            lo + spans[lo..hi].partition_point(|span| span.start < moment)
        } else {
            spans.len()
        };
        while from > 0 && spans[from - 1].latest_end > moment {
            from -= 1;
        }
        first + from..end
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn interval(a: i64, b: i64) -> Interval<WallTime> {
        Interval::new(WallTime(a), WallTime(b))
    }

    fn entries(rows: &[(u32, i64, i64)]) -> Vec<Entry> {
        (0..)
            .zip(rows)
            .map(|(item, &(lane, at, length))| Entry { lane, interval: interval(at, at + length), item })
            .collect()
    }

    proptest! {
        #[test]
        fn a_question_finds_what_a_look_at_every_entry_finds(
            rows in prop::collection::vec((0_u32..4, 0_i64..400, 0_i64..20), 0..120),
            lane in 0_u32..5,
            (start, length) in (0_i64..400, 0_i64..100),
            scale in prop::sample::select(vec![1_i64, 3_600_000_000]),
        ) {
            let rows: Vec<_> = rows.iter().map(|&(lane, at, length)| (lane, at * scale, length * scale)).collect();
            let asked = interval(start * scale, (start + length) * scale);
            let mut expected: Vec<_> = entries(&rows)
                .into_iter()
                .filter(|entry| entry.lane == lane)
                .filter(|entry| entry.interval.start < asked.end && entry.interval.end > asked.start)
                .map(|entry| entry.item)
                .collect();
            expected.sort_unstable();
            let mut found: Vec<_> = Lanes::new(&entries(&rows)).meeting(lane, asked).collect();
            found.sort_unstable();
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn the_ends_of_time_can_be_asked_for() {
        let (first, last) = (i64::MIN, i64::MAX);
        let rows = [(0, 5, 5), (0, first, 1), (0, last - 1, 1), (2, 7, 1)];
        let lanes = Lanes::new(&entries(&rows));
        let meeting = |lane, a, b| lanes.meeting(lane, interval(a, b)).collect::<Vec<_>>();
        assert_eq!(meeting(0, first, last), [1, 0, 2]);
        assert_eq!(meeting(0, 9, last), [0, 2]);
        assert_eq!(meeting(0, last - 1, last), [2]);
        assert!(meeting(1, first, last).is_empty());
        assert_eq!(meeting(2, first, last), [3]);
        assert!(meeting(3, first, last).is_empty());
    }
}
