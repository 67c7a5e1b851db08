//! The index that matching uses: one lane an officer, each sorted by start, with a running latest end.
//!
//! All lanes lie in one flat array, sorted by (lane, start). Beside each entry stands the latest end
//! of the entries of its lane up to and including itself. Whoever asks for what meets `[a, b)` finds
//! by binary search the first entry that starts at `b` or later, and walks back from there until the
//! latest end is `a` or earlier: nothing before that point can reach into the interval.
//!
//! With `n` entries and `k` answers, building costs O(n log n), sorted in parallel, and a question
//! O(log n + k + s), where `s` counts entries that lie behind a longer one without meeting the
//! interval themselves. One officer wears one recorder, so entries of a lane hardly overlap and `s`
//! stays near zero; a lane that holds one entry of a whole month degrades to a scan of that month's
//! lane, never of the others. Memory is five words an entry.
//!
//! A tree of intervals would bound `s`, at several times the memory and with a pointer to chase a
//! step; bucketing by the hour answers a little faster and needs a bucket width that suits the data.

use catalog::{Interval, WallTime};
use rayon::slice::ParallelSliceMut;

/// One thing that lasts, in one lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    pub(super) lane: usize,
    pub(super) interval: Interval<WallTime>,
    pub(super) item: usize,
}

/// Things that last, by lane and start.
#[derive(Debug)]
pub(super) struct Lanes {
    entries: Vec<Entry>,
    latest_end: Vec<WallTime>,
}

impl Lanes {
    pub(super) fn new(mut entries: Vec<Entry>) -> Self {
        entries.par_sort_unstable();
        let mut latest_end: Vec<WallTime> = Vec::with_capacity(entries.len());
        for (i, entry) in entries.iter().enumerate() {
            let end = entry.interval.end;
            latest_end.push(match latest_end.last() {
                Some(&before) if entries[i - 1].lane == entry.lane => end.max(before),
                _ => end,
            });
        }
        Self { entries, latest_end }
    }

    /// The items of `lane` that start before `interval` ends and end after it starts, last start first.
    pub(super) fn meeting(
        &self,
        lane: usize,
        interval: Interval<WallTime>,
    ) -> impl Iterator<Item = usize> + '_ {
        let behind =
            self.entries.partition_point(|entry| (entry.lane, entry.interval.start) < (lane, interval.end));
        (0..behind)
            .rev()
            .take_while(move |&i| self.entries[i].lane == lane && self.latest_end[i] > interval.start)
            .map(|i| &self.entries[i])
            .filter(move |entry| entry.interval.end > interval.start)
            .map(|entry| entry.item)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn interval(a: i64, b: i64) -> Interval<WallTime> {
        Interval::new(WallTime(a), WallTime(b))
    }

    proptest! {
        #[test]
        fn a_question_finds_what_a_look_at_every_entry_finds(
            rows in prop::collection::vec((0_usize..4, 0_i64..40, 1_i64..20), 0..60),
            lane in 0_usize..5,
            (start, length) in (0_i64..40, 1_i64..10),
        ) {
            let entries: Vec<_> = rows
                .iter()
                .enumerate()
                .map(|(item, &(lane, at, length))| Entry { lane, interval: interval(at, at + length), item })
                .collect();
            let asked = interval(start, start + length);
            let mut expected: Vec<_> = rows
                .iter()
                .enumerate()
                .filter(|(_, row)| row.0 == lane && row.1 < start + length && row.1 + row.2 > start)
                .map(|(item, _)| item)
                .collect();
            expected.sort_unstable();
            let mut found: Vec<_> = Lanes::new(entries).meeting(lane, asked).collect();
            found.sort_unstable();
            prop_assert_eq!(found, expected);
        }
    }
}
