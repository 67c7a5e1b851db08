//! When things happen in the synthetic month: a seeded generator instead of a clock, and a calendar
//! that never gives one crew two acts within two hours.
//!
//! Every day has three slots. A slot begins up to twenty minutes after its nominal time and an act
//! takes 35 minutes at most, so that at least two hours lie between two acts of the same crew: the
//! recording of one act can never be taken for that of another, even by a clock that is wrong by
//! as much as policy allows.

use std::collections::BTreeSet;

use catalog::time::{Micros, Month, WallTime};

/// The month that is made.
///
/// # Panics
/// Never: May 2024 is a month.
pub fn month() -> Month {
    Month::new(2024, 5).expect("5 is the number of a month")
}

/// The moment of this month on day `day`, `hour`:`minute` local time.
pub(crate) fn at(day: i64, hour: i64, minute: i64) -> WallTime {
    month().start() + Micros::from_s((day - 1) * 86_400 + hour * 3600 + minute * 60)
}

/// A small generator (SplitMix64, Steele, Lea and Flood 2014): the same seed gives the same month on
/// every machine.
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    /// A generator that starts from `seed`.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A whole number from `low` to `high`, both included; `low` where `high` is not above it.
    pub(crate) fn within(&mut self, (low, high): (i64, i64)) -> i64 {
        let Ok(width) = u64::try_from(high - low) else { return low };
        // The remainder's bias over a few thousand values is far below what anybody could see.
        low + i64::try_from(self.next() % (width + 1)).unwrap_or(0)
    }
}

/// Nominal beginnings of a day's slots, in hours and minutes.
const SLOTS: [(i64, i64); 3] = [(8, 30), (11, 30), (14, 30)];

/// Which crew is busy when.
#[derive(Debug, Default)]
pub(crate) struct Calendar {
    taken: BTreeSet<(usize, i64, usize)>,
}

impl Calendar {
    /// A moment on one of `days` at which all `crews` are free, and from then on are not. `None`
    /// where the month is too full.
    pub(crate) fn book(&mut self, crews: &[usize], days: (i64, i64), dice: &mut Dice) -> Option<WallTime> {
        let all = (days.1 - days.0 + 1) * 3;
        let first = dice.within((0, all - 1));
        for step in 0..all {
            let choice = (first + step) % all;
            let (day, slot) = (days.0 + choice / 3, usize::try_from(choice % 3).unwrap_or(0));
            if crews.iter().any(|&crew| self.taken.contains(&(crew, day, slot))) {
                continue;
            }
            self.taken.extend(crews.iter().map(|&crew| (crew, day, slot)));
            let (hour, minute) = SLOTS[slot];
            return Some(at(day, hour, minute + dice.within((0, 20))));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_throws_the_same_numbers_within_their_bounds() {
        let throw = |seed| {
            let mut dice = Dice::new(seed);
            (0..1000).map(|_| dice.within((3, 9))).collect::<Vec<_>>()
        };
        assert_eq!(throw(1), throw(1));
        assert_ne!(throw(1), throw(2));
        assert!(throw(1).iter().all(|n| (3..=9).contains(n)));
        assert_eq!(Dice::new(1).within((4, 4)), 4);
    }

    #[test]
    fn a_full_calendar_gives_nothing_more() {
        let (mut calendar, mut dice) = (Calendar::default(), Dice::new(1));
        for _ in 0..6 {
            assert!(calendar.book(&[0], (1, 2), &mut dice).is_some());
        }
        assert_eq!(calendar.book(&[0], (1, 2), &mut dice), None);
        assert!(calendar.book(&[1], (1, 2), &mut dice).is_some());
        assert_eq!(calendar.book(&[1, 0], (1, 2), &mut dice), None);
    }
}
