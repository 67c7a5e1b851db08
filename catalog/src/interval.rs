//! Half-open intervals `[start, end)` and sets of them.
//!
//! Half-open, so that two files that follow one another without a seam join without counting a
//! microsecond twice, and so that lengths add up. The algebra works over either clock: the type
//! parameter keeps media time and wall time apart.

use std::ops::{Add, Sub};

use serde::{Deserialize, Serialize};

use crate::time::{MediaTime, Micros, WallTime};

/// A point on one of the two clocks.
pub trait TimePoint: Copy + Ord + Sub<Output = Micros> + Add<Micros, Output = Self> {}
impl TimePoint for WallTime {}
impl TimePoint for MediaTime {}

/// The half-open interval `[start, end)`; empty where `end <= start`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Interval<T> {
    /// First point inside.
    pub start: T,
    /// First point after.
    pub end: T,
}

impl<T: TimePoint> Interval<T> {
    /// The interval from `start` up to, and without, `end`.
    pub fn new(start: T, end: T) -> Self {
        Self { start, end }
    }

    /// Whether `point` lies in it.
    pub fn contains(&self, point: T) -> bool {
        self.start <= point && point < self.end
    }

    /// Whether no point lies inside.
    pub fn is_empty(&self) -> bool {
        self.end <= self.start
    }

    /// How long it is; zero where it is empty.
    pub fn length(&self) -> Micros {
        if self.is_empty() { Micros::ZERO } else { self.end - self.start }
    }

    /// What both have in common; may be empty.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self { start: self.start.max(other.start), end: self.end.min(other.end) }
    }

    /// Whether they share a point.
    pub fn overlaps(&self, other: &Self) -> bool {
        !self.intersection(other).is_empty()
    }

    /// The interval with both ends moved outwards by `margin` (inwards where it is negative).
    #[must_use]
    pub fn widened(&self, margin: Micros) -> Self {
        Self { start: self.start + -margin, end: self.end + margin }
    }

    /// The interval moved by `offset`.
    #[must_use]
    pub fn shifted(&self, offset: Micros) -> Self {
        Self { start: self.start + offset, end: self.end + offset }
    }
}

/// A set of points, kept as intervals that are sorted, not empty, and neither overlap nor touch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IntervalSet<T>(Vec<Interval<T>>);

impl<T> Default for IntervalSet<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: TimePoint> FromIterator<Interval<T>> for IntervalSet<T> {
    fn from_iter<I: IntoIterator<Item = Interval<T>>>(intervals: I) -> Self {
        let mut sorted: Vec<_> = intervals.into_iter().filter(|interval| !interval.is_empty()).collect();
        sorted.sort_unstable();
        let mut merged: Vec<Interval<T>> = Vec::with_capacity(sorted.len());
        for interval in sorted {
            match merged.last_mut() {
                Some(last) if interval.start <= last.end => last.end = last.end.max(interval.end),
                _ => merged.push(interval),
            }
        }
        Self(merged)
    }
}

impl<T: TimePoint> From<Interval<T>> for IntervalSet<T> {
    fn from(interval: Interval<T>) -> Self {
        Self::from_iter([interval])
    }
}

impl<T: TimePoint> IntervalSet<T> {
    /// The intervals in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Interval<T>> + ExactSizeIterator {
        self.0.iter()
    }

    /// The intervals in order, as a slice.
    pub fn as_slice(&self) -> &[Interval<T>] {
        &self.0
    }

    /// Whether no point is in the set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How long all intervals are together.
    pub fn length(&self) -> Micros {
        self.0.iter().map(Interval::length).sum()
    }

    /// The points in either set.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.0.iter().chain(&other.0).copied().collect()
    }

    /// The points in both sets. Linear in the number of intervals of both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let (mut i, mut j) = (0, 0);
        let mut common = Vec::new();
        while let (Some(a), Some(b)) = (self.0.get(i), other.0.get(j)) {
            let both = a.intersection(b);
            if !both.is_empty() {
                common.push(both);
            }
            if a.end <= b.end {
                i += 1;
            } else {
                j += 1;
            }
        }
        Self(common)
    }

    /// The points of this set that are not in `other`. Linear in the number of intervals of both.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        let mut left = Vec::new();
        let mut j = 0;
        for interval in &self.0 {
            let mut start = interval.start;
            while j < other.0.len() && other.0[j].end <= start {
                j += 1;
            }
            let mut k = j;
            while k < other.0.len() && other.0[k].start < interval.end {
                if start < other.0[k].start {
                    left.push(Interval::new(start, other.0[k].start));
                }
                start = start.max(other.0[k].end);
                k += 1;
            }
            if start < interval.end {
                left.push(Interval::new(start, interval.end));
            }
        }
        Self(left)
    }

    /// The parts of `whole` that the set leaves open.
    #[must_use]
    pub fn gaps_in(&self, whole: Interval<T>) -> Self {
        Self::from(whole).difference(self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const POINTS: i64 = 64;

    fn interval() -> impl Strategy<Value = Interval<MediaTime>> {
        (0..POINTS, 0..POINTS).prop_map(|(a, b)| Interval::new(MediaTime(a), MediaTime(b)))
    }

    fn intervals() -> impl Strategy<Value = Vec<Interval<MediaTime>>> {
        prop::collection::vec(interval(), 0..12)
    }

    /// The oracle: one flag a point.
    fn points(intervals: &[Interval<MediaTime>]) -> Vec<bool> {
        let inside = |p| intervals.iter().any(|i| i.start <= p && p < i.end);
        (0..POINTS).map(|p| inside(MediaTime(p))).collect()
    }

    fn assert_canonical(set: &IntervalSet<MediaTime>) {
        assert!(set.iter().all(|i| !i.is_empty()));
        assert!(set.as_slice().windows(2).all(|pair| pair[0].end < pair[1].start));
    }

    proptest! {
        #[test]
        fn a_set_holds_the_points_of_its_intervals(a in intervals()) {
            let set: IntervalSet<_> = a.iter().copied().collect();
            assert_canonical(&set);
            let expected = points(&a);
            let count = expected.iter().map(|&inside| i64::from(inside)).sum::<i64>();
            prop_assert_eq!(points(set.as_slice()), expected);
            prop_assert_eq!(set.length(), Micros(count));
        }

        #[test]
        fn the_algebra_is_that_of_points(a in intervals(), b in intervals(), whole in interval()) {
            let (x, y): (IntervalSet<_>, IntervalSet<_>) = (a.iter().copied().collect(), b.iter().copied().collect());
            let (p, q, w) = (points(&a), points(&b), points(&[whole]));
            let each = |of: &dyn Fn(usize) -> bool| -> Vec<bool> { (0..p.len()).map(of).collect() };
            for (set, expected) in [
                (x.union(&y), each(&|i| p[i] || q[i])),
                (x.intersection(&y), each(&|i| p[i] && q[i])),
                (x.difference(&y), each(&|i| p[i] && !q[i])),
                (x.gaps_in(whole), each(&|i| w[i] && !p[i])),
            ] {
                assert_canonical(&set);
                prop_assert_eq!(points(set.as_slice()), expected);
            }
        }
    }

    #[test]
    fn intervals_that_touch_become_one() {
        let set: IntervalSet<MediaTime> =
            [Interval::new(MediaTime(5), MediaTime(9)), Interval::new(MediaTime(1), MediaTime(5))]
                .into_iter()
                .collect();
        assert_eq!(set.as_slice(), [Interval::new(MediaTime(1), MediaTime(9))]);
    }
}
