//! A synthetic month as bare rows: who recorded from when to when, and what had to be recorded.
//!
//! The same rows go to our index and, as CSV, to the databases it is compared with. Everything follows
//! from a seed by SplitMix64, so the rows are the same on every machine.
//!
//! Each officer is on duty on 22 days from eight o'clock and records about nine files a day, of 5 to 30
//! minutes; the next file begins up to 30 s before the last one ends or up to 20 minutes after; one
//! file in a hundred goes on for four hours beside the others, as when a second recorder was left running. An
//! obligation takes 10 to 90 minutes and has one to three officers of one squad of ten.

use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use catalog::{Interval, WallTime};

/// One row of footage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordingRow {
    /// Badge number of the officer.
    pub badge: u32,
    /// From when to when there is a picture.
    pub interval: Interval<WallTime>,
}

/// One obligation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObligationRow {
    /// The time that has to be recorded.
    pub interval: Interval<WallTime>,
    /// Badge numbers of its officers, none twice.
    pub badges: Vec<u32>,
}

/// The rows of a month. The number of an obligation is its place in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows {
    /// In no order that would help anybody.
    pub recordings: Vec<RecordingRow>,
    /// In the order of their numbers.
    pub obligations: Vec<ObligationRow>,
}

/// 1 May 2024, 00:00 in Shanghai.
const MONTH_US: i64 = 1_714_492_800_000_000;
const MINUTE_US: i64 = 60_000_000;
const DAY_US: i64 = 24 * 60 * MINUTE_US;
const DUTY_DAYS: u64 = 22;
/// Files an officer and month; with 5,000 officers a million.
const FILES: u64 = 200;
const FIRST_BADGE: u32 = 310_000;

struct Dice(u64);

impl Dice {
    fn below(&mut self, n: i64) -> i64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        // The remainder is less than n, so it is an i64 again.
        ((z ^ (z >> 31)) % n.cast_unsigned()).cast_signed()
    }

    fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below(high - low)
    }
}

impl Rows {
    /// The month of `officers` officers, a whole number of squads: 200 recordings and 20 obligations each.
    pub fn made(officers: u32) -> Self {
        let mut dice = Dice(u64::from(officers));
        let mut recordings = Vec::with_capacity(officers as usize * 200);
        for badge in FIRST_BADGE..FIRST_BADGE + officers {
            let (mut day, mut at) = (u64::MAX, 0);
            for file in 0..FILES {
                if file * DUTY_DAYS / FILES != day {
                    day = file * DUTY_DAYS / FILES;
                    at = MONTH_US + day.cast_signed() * DAY_US + 8 * 60 * MINUTE_US + dice.below(MINUTE_US);
                }
                let length = if dice.below(100) == 0 {
                    240 * MINUTE_US
                } else {
                    dice.between(5 * MINUTE_US, 30 * MINUTE_US)
                };
                let interval = Interval::new(WallTime(at), WallTime(at + length));
                recordings.push(RecordingRow { badge, interval });
                at += length.min(30 * MINUTE_US) + dice.between(-MINUTE_US / 2, 20 * MINUTE_US);
            }
        }
        for i in (1..recordings.len()).rev() {
            let bound = i64::try_from(i + 1).unwrap_or(i64::MAX);
            let j = usize::try_from(dice.below(bound)).unwrap_or(i);
            recordings.swap(i, j);
        }
        let obligations = (0..officers * 20).map(|_| obligation(&mut dice, officers)).collect();
        Self { recordings, obligations }
    }

    /// Writes `recordings.csv`, `obligations.csv` and `officers.csv` into `folder`.
    ///
    /// # Errors
    /// Where a file cannot be written.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        let create =
            |name: &str| Ok::<_, io::Error>(BufWriter::new(std::fs::File::create(folder.join(name))?));
        let mut out = create("recordings.csv")?;
        writeln!(out, "badge,start_us,end_us")?;
        for RecordingRow { badge, interval } in &self.recordings {
            writeln!(out, "{badge},{},{}", interval.start.0, interval.end.0)?;
        }
        out.flush()?;
        let (mut out, mut officers) = (create("obligations.csv")?, create("officers.csv")?);
        writeln!(out, "id,start_us,end_us")?;
        writeln!(officers, "id,badge")?;
        for (id, ObligationRow { interval, badges }) in self.obligations.iter().enumerate() {
            writeln!(out, "{id},{},{}", interval.start.0, interval.end.0)?;
            for badge in badges {
                writeln!(officers, "{id},{badge}")?;
            }
        }
        out.flush()?;
        officers.flush()
    }

    /// Reads what [`Rows::write`] wrote.
    ///
    /// # Errors
    /// Where a file cannot be read or is not such a file.
    pub fn read(folder: &Path) -> io::Result<Self> {
        let recordings = numbers(&folder.join("recordings.csv"))?
            .into_iter()
            .map(|[badge, start, end]| {
                Ok(RecordingRow { badge: as_badge(badge)?, interval: interval(start, end) })
            })
            .collect::<io::Result<_>>()?;
        let mut obligations: Vec<ObligationRow> = numbers(&folder.join("obligations.csv"))?
            .into_iter()
            .map(|[_, start, end]| ObligationRow { interval: interval(start, end), badges: Vec::new() })
            .collect();
        for [id, badge] in numbers(&folder.join("officers.csv"))? {
            let obligation = usize::try_from(id).ok().and_then(|id| obligations.get_mut(id));
            obligation.ok_or_else(not_such_a_file)?.badges.push(as_badge(badge)?);
        }
        Ok(Self { recordings, obligations })
    }
}

fn obligation(dice: &mut Dice, officers: u32) -> ObligationRow {
    let officer = |dice: &mut Dice, n: u32| u32::try_from(dice.below(i64::from(n))).unwrap_or(0);
    let squad = officer(dice, officers / 10) * 10;
    let many = [1, 2, 2, 2, 3][usize::try_from(dice.below(5)).unwrap_or(0)];
    let mut badges = Vec::with_capacity(many);
    while badges.len() < many {
        let badge = FIRST_BADGE + squad + officer(dice, 10);
        if !badges.contains(&badge) {
            badges.push(badge);
        }
    }
    let day = dice.below(DUTY_DAYS.cast_signed());
    let start = MONTH_US + day * DAY_US + dice.between(8 * 60 * MINUTE_US, 17 * 60 * MINUTE_US);
    ObligationRow { interval: interval(start, start + dice.between(10 * MINUTE_US, 90 * MINUTE_US)), badges }
}

fn interval(start: i64, end: i64) -> Interval<WallTime> {
    Interval::new(WallTime(start), WallTime(end))
}

fn as_badge(number: i64) -> io::Result<u32> {
    u32::try_from(number).map_err(|_| not_such_a_file())
}

fn not_such_a_file() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "not the rows that `make` writes: make them again")
}

fn numbers<const N: usize>(path: &Path) -> io::Result<Vec<[i64; N]>> {
    let mut rows = Vec::new();
    for line in BufReader::new(std::fs::File::open(path)?).lines().skip(1) {
        let line = line?;
        let mut fields = line.split(',');
        let mut row = [0; N];
        for field in &mut row {
            *field = fields.next().and_then(|field| field.parse().ok()).ok_or_else(not_such_a_file)?;
        }
        rows.push(row);
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back_from_their_files() {
        let rows = Rows::made(20);
        assert_eq!((rows.recordings.len(), rows.obligations.len()), (4000, 400));
        let folder = tempfile::tempdir().unwrap();
        rows.write(folder.path()).unwrap();
        assert_eq!(Rows::read(folder.path()).unwrap(), rows);
        assert_eq!(Rows::made(20), rows);
    }
}
