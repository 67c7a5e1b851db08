//! Time, as three types that cannot be mixed up.
//!
//! A recorder's file has a time of its own that starts near zero ([`MediaTime`]); the street has
//! another ([`WallTime`]); the distance between two of either is a length ([`Micros`]). Adding two
//! wall times, or comparing a media time with a wall time, does not compile.
//!
//! All three are whole microseconds in an `i64`. Ninety-kilohertz ticks, 1/1000 s subtitles and
//! SQLite integers all fit without rounding errors that grow, and the range (±292,000 years) leaves
//! no room for overflow from honest data; what comes out of a file goes through the checked
//! constructors.
//!
//! Shanghai keeps UTC+8 without daylight saving since 1992, so "local time" is a fixed offset here.
//! A text without an offset is local time, because that is what a civil servant writes.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub};
use std::str::FromStr;

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, SecondsFormat, TimeZone, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Seconds that Shanghai's local time is ahead of UTC.
pub const LOCAL_OFFSET_S: i32 = 8 * 3600;

/// Microseconds in one second.
pub const US_PER_S: i64 = 1_000_000;

/// Shanghai's offset from UTC.
///
/// # Panics
/// Never: the offset is a constant within chrono's range of ±24 h.
pub fn local_offset() -> FixedOffset {
    FixedOffset::east_opt(LOCAL_OFFSET_S).expect("8 h is within chrono's range of offsets")
}

/// A length of time in microseconds; negative where something runs backwards.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Micros(pub i64);

impl Micros {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// Whole seconds as a length.
    pub const fn from_s(seconds: i64) -> Self {
        Self(seconds * US_PER_S)
    }

    /// Whole milliseconds as a length.
    pub const fn from_ms(milliseconds: i64) -> Self {
        Self(milliseconds * 1000)
    }

    /// The length in seconds, for showing and for ratios; never for comparing.
    pub fn as_s_f64(self) -> f64 {
        self.0 as f64 / US_PER_S as f64
    }

    /// The length without its sign.
    #[must_use]
    pub const fn abs(self) -> Self {
        Self(self.0.saturating_abs())
    }
}

impl Add for Micros {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Micros {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Micros {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Neg for Micros {
    type Output = Self;
    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}

impl Sum for Micros {
    fn sum<I: Iterator<Item = Self>>(lengths: I) -> Self {
        lengths.fold(Self::ZERO, Add::add)
    }
}

/// `7.000 s`, `1 min 03.500 s`, `2 h 00 min 00.000 s`.
impl fmt::Display for Micros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let total_ms = self.0.unsigned_abs() / 1000;
        let (s, ms) = (total_ms / 1000, total_ms % 1000);
        let (h, min, s) = (s / 3600, s / 60 % 60, s % 60);
        match (h, min) {
            (0, 0) => write!(f, "{sign}{s}.{ms:03} s"),
            (0, _) => write!(f, "{sign}{min} min {s:02}.{ms:03} s"),
            _ => write!(f, "{sign}{h} h {min:02} min {s:02}.{ms:03} s"),
        }
    }
}

impl fmt::Debug for Micros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} us /* {self} */", self.0)
    }
}

/// A position inside one recording, in microseconds from the zero of the container's own timeline.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MediaTime(pub i64);

impl MediaTime {
    /// The zero of the container's timeline, which need not be where its first packet stands.
    pub const ZERO: Self = Self(0);
}

impl Sub for MediaTime {
    type Output = Micros;
    fn sub(self, earlier: Self) -> Micros {
        Micros(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Micros> for MediaTime {
    type Output = Self;
    fn add(self, length: Micros) -> Self {
        Self(self.0.saturating_add(length.0))
    }
}

/// `00:03:12.480`, the way players show a position.
impl fmt::Display for MediaTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let ms = self.0.unsigned_abs() / 1000;
        let s = ms / 1000;
        write!(f, "{sign}{:02}:{:02}:{:02}.{:03}", s / 3600, s / 60 % 60, s % 60, ms % 1000)
    }
}

impl fmt::Debug for MediaTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} us /* {self} */", self.0)
    }
}

/// A moment of the street: microseconds since 1970-01-01T00:00:00Z.
///
/// In JSON it is an RFC 3339 text with Shanghai's offset.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WallTime(pub i64);

impl WallTime {
    /// The moment in Shanghai's local time, for showing. `None` outside chrono's years ±262,000.
    pub fn local(self) -> Option<DateTime<FixedOffset>> {
        DateTime::from_timestamp_micros(self.0).map(|utc| utc.with_timezone(&local_offset()))
    }

    /// A local date and time of day (Shanghai) as a moment.
    pub fn from_local(local: NaiveDateTime) -> Self {
        // A fixed offset maps every local time to exactly one moment.
        Self(local.and_utc().timestamp_micros().saturating_sub(i64::from(LOCAL_OFFSET_S) * US_PER_S))
    }

    /// The local calendar date (Shanghai). `None` outside chrono's range.
    pub fn local_date(self) -> Option<NaiveDate> {
        self.local().map(|local| local.date_naive())
    }

    /// The month in which this moment falls, local time. `None` outside chrono's range.
    pub fn month(self) -> Option<Month> {
        let date = self.local_date()?;
        Month::new(date.year(), date.month())
    }

    /// Reads a time as people and systems write it: RFC 3339, or a date and time of day separated
    /// by a space or `T`, with `-` or `/` between year, month and day; seconds may be left out. Without
    /// an offset it is Shanghai's local time.
    ///
    /// # Errors
    /// [`ParseTimeError`] says which forms are read.
    pub fn parse(text: &str) -> Result<Self, ParseTimeError> {
        let text = text.trim();
        for candidate in [text.to_owned(), text.replacen(' ', "T", 1)] {
            if let Ok(time) = DateTime::parse_from_rfc3339(&candidate) {
                return Ok(Self(time.timestamp_micros()));
            }
        }
        let plain = text.replace('/', "-").replacen('T', " ", 1);
        for format in ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M"] {
            if let Ok(local) = NaiveDateTime::parse_from_str(&plain, format) {
                return Ok(Self::from_local(local));
            }
        }
        Err(ParseTimeError(text.to_owned()))
    }
}

/// A text that is no time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no time: write 2024-05-03 09:30:00 (Shanghai time) or 2024-05-03T09:30:00+08:00")]
pub struct ParseTimeError(String);

impl Sub for WallTime {
    type Output = Micros;
    fn sub(self, earlier: Self) -> Micros {
        Micros(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Micros> for WallTime {
    type Output = Self;
    fn add(self, length: Micros) -> Self {
        Self(self.0.saturating_add(length.0))
    }
}

impl Sub<Micros> for WallTime {
    type Output = Self;
    fn sub(self, length: Micros) -> Self {
        Self(self.0.saturating_sub(length.0))
    }
}

/// RFC 3339 with Shanghai's offset; sub-seconds only where there are some.
impl fmt::Display for WallTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.local() {
            Some(local) => f.write_str(&local.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
            None => write!(f, "{} us since 1970", self.0),
        }
    }
}

impl fmt::Debug for WallTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} us /* {self} */", self.0)
    }
}

impl FromStr for WallTime {
    type Err = ParseTimeError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl Serialize for WallTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for WallTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// A calendar month of Shanghai's local time, written `2024-05`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    year: i32,
    month: u32,
}

impl Month {
    /// A month from its year (1970 to 9998) and number (1 to 12); `None` outside.
    pub fn new(year: i32, month: u32) -> Option<Self> {
        ((1970..=9998).contains(&year) && (1..=12).contains(&month)).then_some(Self { year, month })
    }

    /// The year.
    pub fn year(self) -> i32 {
        self.year
    }

    /// The number of the month, 1 to 12.
    pub fn number(self) -> u32 {
        self.month
    }

    /// The month before.
    #[must_use]
    pub fn previous(self) -> Self {
        if self.month == 1 {
            Self { year: self.year - 1, month: 12 }
        } else {
            Self { year: self.year, month: self.month - 1 }
        }
    }

    /// The month after.
    #[must_use]
    pub fn next(self) -> Self {
        if self.month == 12 {
            Self { year: self.year + 1, month: 1 }
        } else {
            Self { year: self.year, month: self.month + 1 }
        }
    }

    /// The months of the half-year (January to June, July to December) that this month lies in.
    pub fn half_year(self) -> [Self; 6] {
        let first = if self.month <= 6 { 1 } else { 7 };
        std::array::from_fn(|i| Self { year: self.year, month: first + u32::try_from(i).unwrap_or(0) })
    }

    /// The moment at which the month begins.
    pub fn start(self) -> WallTime {
        let day = NaiveDate::from_ymd_opt(self.year, self.month, 1).unwrap_or_default();
        WallTime::from_local(day.and_time(chrono::NaiveTime::MIN))
    }

    /// The whole month, half-open.
    pub fn interval(self) -> crate::Interval<WallTime> {
        crate::Interval { start: self.start(), end: self.next().start() }
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl fmt::Debug for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is no month.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no month: write the year, a hyphen and two digits, such as 2024-05")]
pub struct ParseMonthError(String);

impl FromStr for Month {
    type Err = ParseMonthError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parse = || {
            let (year, month) = text.split_once('-')?;
            let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
            if year.len() != 4 || month.len() != 2 || !digits(year) || !digits(month) {
                return None;
            }
            Self::new(year.parse().ok()?, month.parse().ok()?)
        };
        parse().ok_or_else(|| ParseMonthError(text.to_owned()))
    }
}

impl Serialize for Month {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Month {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl From<DateTime<Utc>> for WallTime {
    fn from(time: DateTime<Utc>) -> Self {
        Self(time.timestamp_micros())
    }
}

/// The moment that a local date and time of day name, from their parts; `None` where there is no
/// such date (31 February) or time (25:00).
pub fn local_moment(year: i32, month: u32, day: u32, hour: u32, min: u32, s: u32) -> Option<WallTime> {
    local_offset()
        .with_ymd_and_hms(year, month, day, hour, min, s)
        .single()
        .map(|time| WallTime(time.timestamp_micros()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_without_offset_is_shanghai_time() {
        let moment = WallTime::parse("2024-05-03T01:30:00Z").unwrap();
        for text in [
            "2024-05-03 09:30:00",
            "2024-05-03T09:30:00",
            "2024/05/03 09:30",
            "2024/5/3 9:30",
            "2024-05-03 09:30:00+08:00",
            " 2024-05-03T09:30:00.000+08:00 ",
        ] {
            assert_eq!(WallTime::parse(text), Ok(moment), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused_with_the_forms_that_are() {
        for text in ["", "soon", "2024-13-01 00:00", "2024-02-30 10:00", "45415.4", "2024-05-03"] {
            let error = WallTime::parse(text).unwrap_err().to_string();
            assert!(error.contains("2024-05-03 09:30:00"), "{error}");
        }
    }

    #[test]
    fn times_are_written_with_the_local_offset() {
        assert_eq!(WallTime::parse("2024-05-03T01:30:00Z").unwrap().to_string(), "2024-05-03T09:30:00+08:00");
        assert_eq!(
            WallTime::parse("2024-05-03T01:30:00.48Z").unwrap().to_string(),
            "2024-05-03T09:30:00.480+08:00"
        );
    }

    #[test]
    fn a_month_is_local_and_half_open() {
        let may: Month = "2024-05".parse().unwrap();
        assert_eq!(may.start().to_string(), "2024-05-01T00:00:00+08:00");
        assert_eq!(may.interval().end.to_string(), "2024-06-01T00:00:00+08:00");
        assert_eq!(WallTime::parse("2024-04-30T16:00:00Z").unwrap().month(), Some(may));
        assert_eq!(may.half_year()[0].to_string(), "2024-01");
        assert_eq!("2024-12".parse::<Month>().unwrap().next().to_string(), "2025-01");
        assert_eq!("2024-01".parse::<Month>().unwrap().previous().to_string(), "2023-12");
        for text in ["2024-5", "2024-13", "24-05", "2024", "2024-00", "2024-+5", ""] {
            assert!(text.parse::<Month>().is_err(), "{text}");
        }
    }

    #[test]
    fn lengths_read_as_people_say_them() {
        assert_eq!(Micros(7_000_000).to_string(), "7.000 s");
        assert_eq!(Micros(-63_500_000).to_string(), "-1 min 03.500 s");
        assert_eq!(Micros::from_s(7200).to_string(), "2 h 00 min 00.000 s");
        assert_eq!(MediaTime(192_480_000).to_string(), "00:03:12.480");
    }
}
