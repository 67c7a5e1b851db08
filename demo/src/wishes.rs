//! How much of what is planted: the list of acts that the month is made of.

use crate::faults::Planted;

/// One act to plan.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wish {
    /// What is planted; `None`: nothing.
    pub(crate) planted: Option<Planted>,
    /// Number among those of its kind, from 0; varies the details.
    pub(crate) nth: usize,
    /// How many officers of the crew record, if anybody does.
    pub(crate) recorders: usize,
    /// First and last day on which it may happen.
    pub(crate) days: (i64, i64),
    /// Least and greatest length in minutes.
    pub(crate) minutes: (i64, i64),
}

/// Any day of the month.
const MONTH: (i64, i64) = (1, 31);

/// The days whose footage is decoded and looked at: all of the month would take minutes.
pub(crate) const LOOKED_AT: (i64, i64) = (13, 14);

/// One line of the list.
struct Row {
    planted: Planted,
    /// For each time that it is planted, how many officers record.
    recorders: &'static [usize],
    days: (i64, i64),
    minutes: (i64, i64),
}

const fn row(planted: Planted, recorders: &'static [usize], days: (i64, i64), minutes: (i64, i64)) -> Row {
    Row { planted, recorders, days, minutes }
}

/// What is planted. Where two clocks bound a hole it stands in the first days, while the clocks are
/// still right to seconds; one hole inside a file stands at the month's end, because the file's own
/// clock bounds it, however wrong it is.
const PLANTED: &[Row] = &[
    row(Planted::Missing, &[2, 2, 2, 1, 2], MONTH, (5, 25)),
    row(Planted::LateStart, &[1, 2, 2, 1, 2], MONTH, (10, 25)),
    row(Planted::EarlyStop, &[2, 1, 2, 1], MONTH, (10, 25)),
    row(Planted::GapInFile, &[2, 2], (1, 3), (10, 16)),
    row(Planted::GapInFile, &[1, 1], MONTH, (10, 16)),
    row(Planted::GapInFile, &[1], (26, 31), (10, 16)),
    row(Planted::GapBetweenFiles, &[2], (1, 3), (10, 16)),
    row(Planted::GapBetweenFiles, &[1, 1, 1], MONTH, (8, 20)),
    row(Planted::Truncated, &[1, 1, 1, 1], MONTH, (5, 14)),
    row(Planted::ZeroLength, &[1, 1, 1], MONTH, (5, 12)),
    row(Planted::ZeroRun, &[1, 1, 1], MONTH, (10, 15)),
    row(Planted::NoAudio, &[1, 1, 1, 1], MONTH, (4, 12)),
    row(Planted::ClockOff, &[1, 1, 1, 1], MONTH, (4, 12)),
    row(Planted::Reused, &[1, 1, 1, 1], MONTH, (4, 10)),
    row(Planted::Altered, &[1, 1, 1, 1], MONTH, (6, 12)),
    row(Planted::Excused, &[1, 1, 1, 1], MONTH, (9, 16)),
    row(Planted::SlowClock, &[1, 2], (28, 31), (6, 10)),
    row(Planted::ExcuseElsewhere, &[1], MONTH, (9, 14)),
    row(Planted::BarelyLate, &[2], MONTH, (5, 10)),
    row(Planted::ShortSeam, &[1], MONTH, (8, 12)),
    row(Planted::OnePictureASecond, &[1], MONTH, (6, 10)),
    row(Planted::Relay, &[2, 2], MONTH, (10, 18)),
    row(Planted::CoveredByPartner, &[2], MONTH, (10, 18)),
    row(Planted::LinkedColleague, &[2, 2], MONTH, (6, 12)),
    row(Planted::LinkedDrone, &[2, 2, 2], MONTH, (15, 30)),
    row(Planted::Black, &[1, 1, 1], LOOKED_AT, (7, 9)),
    row(Planted::Frozen, &[1, 1, 1], LOOKED_AT, (7, 9)),
    row(Planted::Muted, &[1, 1, 1], LOOKED_AT, (8, 9)),
    row(Planted::EncodedAnew, &[1, 1, 1], LOOKED_AT, (3, 4)),
    row(Planted::BrieflyCovered, &[1], LOOKED_AT, (7, 9)),
    row(Planted::SeenByPartner, &[2], LOOKED_AT, (7, 9)),
];

/// Acts that are simply in order.
const IN_ORDER: usize = 38;

/// Everything that is planted, and as much that is in order.
pub(crate) fn wishes() -> Vec<Wish> {
    let mut wishes: Vec<Wish> = Vec::new();
    for &Row { planted, recorders, days, minutes } in PLANTED {
        for &recorders in recorders {
            let nth = wishes.iter().filter(|wish| wish.planted == Some(planted)).count();
            wishes.push(Wish { planted: Some(planted), nth, recorders, days, minutes });
        }
    }
    // Most of them short, a few long, a few recorded by one officer alone.
    wishes.extend((0..IN_ORDER).map(|nth| Wish {
        planted: None,
        nth,
        recorders: if nth % 9 == 4 { 1 } else { 2 },
        days: MONTH,
        minutes: match nth % 8 {
            0..=4 => (3, 8),
            5 | 6 => (8, 16),
            _ => (24, 35),
        },
    }));
    wishes
}
