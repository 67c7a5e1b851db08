//! The index that matching uses: things that last, in one lane an officer, found by when they ran.
//!
//! All lanes lie behind one another in one flat array, each sorted by start. Beside start and end of
//! every entry stands the latest end of its lane up to and including it, which never falls from one entry
//! to the next. Each lane has a directory as long as itself: it cuts the time from the lane's first start
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
//! - **Building** is a counting sort by lane, O(n + l), and a sort of each lane by start, O(n log(n / l))
//!   in all; lanes are dealt out to threads in contiguous groups.
//! - **A question** is O(1) for the bucket where starts are spread evenly, and never more than
//!   O(log n), because within a bucket the search is binary; then O(k + s). `s` counts entries that lie
//!   behind a longer one without meeting the interval themselves. One officer wears one recorder, so
//!   entries of a lane hardly overlap and `s` stays near zero; a lane that holds one entry of a whole
//!   month degrades to a scan of that lane, never of the others.
//! - **Memory** is 32 bytes an entry (start, end, latest end, number, a word of directory) and 16 a lane.
//!
//! What a question reads lies in a few neighbouring cache lines, and a whole lane fits the first-level
//! cache, so questions that come lane by lane are answered several times as fast as the same in any
//! order; [`Lanes::covered`] orders them so.
//!
//! Rejected: one binary search over everything (the first ten steps of each miss the cache), a tree of
//! intervals (bounds `s`, at several times the memory and a pointer to chase a step), buckets of one hour
//! (mostly empty, so that the directory outgrows the entries).

mod build;
mod coverage;

use catalog::{Interval, WallTime};

pub use coverage::Question;

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
    /// By lane, then by start, end and number.
    spans: Vec<Span>,
    /// The numbers of the spans.
    items: Vec<u32>,
    /// One for each lane, and one that says where the last ends.
    heads: Vec<Head>,
    /// The directories, one after the other: of a lane with `n` entries `n + 1` counts, the b-th saying
    /// how many of its entries lie in buckets before `b`. They begin at the lane's first entry plus the
    /// lane's number.
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
        self.spans.len()
    }

    /// Whether there is no entry at all.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// The items of `lane` that start before `interval` ends and end after it starts, by start.
    pub fn meeting(&self, lane: u32, interval: Interval<WallTime>) -> impl Iterator<Item = u32> + '_ {
        let (from, spans) = self.reaching(lane, interval.start);
        spans
            .iter()
            .zip(&self.items[from..])
            .take_while(move |(span, _)| span.start < interval.end)
            .filter(move |(span, _)| span.end > interval.start)
            .map(|(_, &item)| item)
    }

    /// The number of the first entry of `lane` that may reach beyond `moment`, and the entries from
    /// there to the lane's end.
    fn reaching(&self, lane: u32, moment: WallTime) -> (usize, &[Span]) {
        let lane = lane as usize;
        let Some([head, next]) = self.heads.get(lane..lane + 2) else { return (0, &[]) };
        let (first, end) = (head.first as usize, next.first as usize);
        let spans = &self.spans[first..end];
        if spans.is_empty() || moment <= head.first_start {
            return (first, spans);
        }
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
        (first + from, &spans[from..])
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
