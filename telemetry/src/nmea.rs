//! NMEA 0183: sentences of a satellite receiver, in `.nmea` and `.log` files.
//!
//! `GGA` (position, altitude above sea level, fix, precision) and `RMC` (date, position, speed and
//! course over ground) of every talker (GP, BD, GN …) are read; those of one time of day make one
//! sample. Other sentences are counted by name. What stands before the `$` of a line (a logger's own
//! time stamp) is passed over.
//!
//! **Checksums are law.** A sentence whose checksum is wrong or missing is left out, with a problem.
//!
//! **The date** stands in `RMC` only. A `GGA` takes it from the `RMC` sentences around it, counting
//! each passing of midnight. Years of two digits are 1980 to 2079.

use catalog::WallTime;
use chrono::{Days, NaiveDate, NaiveTime};

use crate::builder::Builder;
use crate::problem::{Fault, Place, shown};
use crate::sample::{Altitude, Datum, Fix, Position, Sample};
use crate::text;
use crate::track::{Kind, Track};

/// Metres a second in one knot.
const MPS_PER_KNOT: f64 = 1852.0 / 3600.0;

/// A time of day this much earlier than the one before is after midnight.
const MIDNIGHT_US: i64 = 12 * 3600 * catalog::time::US_PER_S;

/// Reads a whole file.
pub fn parse(bytes: &[u8]) -> Track {
    let mut builder = Builder::new(Kind::Nmea);
    let text = text::decode(bytes, &mut builder);
    let mut reader = Reader { builder, date: first_date(&text), last_us: None, epoch: None };
    let mut sentences = 0_u64;
    for (line, number) in text.lines().zip(1_u64..) {
        if line.trim().is_empty() {
            continue;
        }
        match Sentence::find(line) {
            Ok(sentence) => {
                sentences += 1;
                reader.sentence(&sentence, number);
            }
            Err(fault) => {
                sentences += u64::from(!matches!(fault, Fault::Unreadable { .. }));
                reader.builder.problem(Place::Line(number), fault);
            }
        }
    }
    reader.release();
    if text.trim().is_empty() {
        reader.builder.problem(Place::Line(1), Fault::Empty);
    } else if sentences == 0 {
        let expected = "NMEA 0183: no line holds a sentence".to_owned();
        reader.builder.problem(Place::Line(1), Fault::NotThis { expected });
    }
    reader.builder.finish(None)
}

/// Whether a text has a sentence with a right checksum among its first lines.
pub(crate) fn looks_like(text: &str) -> bool {
    text.lines().take(50).any(|line| Sentence::find(line).is_ok())
}

/// The fields of one sentence whose checksum is right.
struct Sentence<'a> {
    /// `GPRMC`.
    name: &'a str,
    fields: &'a str,
}

impl<'a> Sentence<'a> {
    fn find(line: &'a str) -> Result<Self, Fault> {
        let unreadable = || Fault::Unreadable { what: "a sentence".to_owned(), found: shown(line.trim()) };
        let (_, sentence) = line.split_once('$').ok_or_else(unreadable)?;
        let (name, _) = sentence.split_once(',').ok_or_else(unreadable)?;
        if !(3..=8).contains(&name.len()) || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(unreadable());
        }
        let (body, after) =
            sentence.split_once('*').ok_or_else(|| Fault::NoChecksum { what: name.to_owned() })?;
        let stored = after.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        let stored = stored.ok_or_else(|| Fault::NoChecksum { what: name.to_owned() })?;
        let computed = body.bytes().fold(0, |sum, byte| sum ^ byte);
        if stored != computed {
            let (stored, computed) = (stored.into(), computed.into());
            return Err(Fault::Checksum { what: name.to_owned(), stored, computed });
        }
        let (name, fields) = body.split_once(',').ok_or_else(unreadable)?;
        Ok(Self { name, fields })
    }

    /// The three letters that say what it is, whoever talks.
    fn kind(&self) -> &'a str {
        self.name.get(2..).unwrap_or_default()
    }

    fn field(&self, number: usize) -> &'a str {
        self.fields.split(',').nth(number).unwrap_or_default().trim()
    }

    fn number(&self, number: usize) -> Option<f64> {
        match text::leading_number(self.field(number)) {
            Some((value, "")) => Some(value),
            _ => None,
        }
    }

    /// Latitude and longitude from four fields: `3114.0000,N,12128.0000,E`.
    fn position(&self, first: usize) -> Option<Position> {
        let lat_deg = degrees(self.field(first), self.field(first + 1), ["N", "S"])?;
        let lon_deg = degrees(self.field(first + 2), self.field(first + 3), ["E", "W"])?;
        Position::new(lon_deg, lat_deg)
    }
}

/// What the sentences of one time of day said.
struct Epoch {
    time_us: i64,
    sample: Sample,
}

struct Reader {
    builder: Builder,
    date: Option<NaiveDate>,
    last_us: Option<i64>,
    epoch: Option<Epoch>,
}

impl Reader {
    fn sentence(&mut self, sentence: &Sentence<'_>, line: u64) {
        let is_gga = match sentence.kind() {
            "GGA" => true,
            "RMC" => false,
            _ => return self.builder.other(sentence.name, 1),
        };
        let Some(time_us) = time_of_day(sentence.field(0)) else {
            // A receiver that has not yet seen a satellite leaves the field empty.
            if sentence.field(0).is_empty() {
                self.builder.other(&format!("{} without a time", sentence.name), 1);
            } else {
                let what = format!("the time of {}", sentence.name);
                let found = shown(sentence.field(0));
                self.builder.problem(Place::Line(line), Fault::Unreadable { what, found });
            }
            return;
        };
        let mut epoch = match self.epoch.take() {
            Some(epoch) if epoch.time_us == time_us => epoch,
            earlier => {
                self.epoch = earlier;
                self.release();
                self.next_day_if_past_midnight(time_us);
                Epoch { time_us, sample: Sample::default() }
            }
        };
        if is_gga {
            gga(sentence, &mut epoch.sample);
        } else {
            if let Some(date) = date(sentence.field(8)) {
                self.date = Some(date);
            }
            rmc(sentence, &mut epoch.sample);
        }
        let sample = &epoch.sample;
        if sample.fix != Some(Fix::Absent) && sample.position.is_none() {
            let what = format!("the position of {}", sentence.name);
            let found = shown(sentence.fields);
            self.builder.problem(Place::Line(line), Fault::Unreadable { what, found });
        }
        self.epoch = Some(epoch);
    }

    fn next_day_if_past_midnight(&mut self, time_us: i64) {
        if self.last_us.is_some_and(|last_us| last_us - time_us > MIDNIGHT_US) {
            self.date = self.date.and_then(|date| date.checked_add_days(Days::new(1)));
        }
        self.last_us = Some(time_us);
    }

    /// Lets the finished epoch go.
    fn release(&mut self) {
        let Some(Epoch { time_us, mut sample }) = self.epoch.take() else { return };
        if sample.fix == Some(Fix::Absent) {
            // Without a fix a receiver repeats old places and runs on its own clock.
            sample = Sample { fix: sample.fix, dop: sample.dop, ..Sample::default() };
        } else {
            sample.at = self.date.map(|date| {
                let midnight = WallTime::from(date.and_time(NaiveTime::MIN).and_utc());
                midnight + catalog::Micros(time_us)
            });
        }
        if sample.position.is_some() {
            self.builder.unit_with_position();
        }
        self.builder.sample(sample);
    }
}

fn gga(sentence: &Sentence<'_>, sample: &mut Sample) {
    let has_fix = !matches!(sentence.field(5), "" | "0");
    note_fix(sample, has_fix);
    sample.position = sentence.position(1).or(sample.position);
    sample.dop = sentence.number(7);
    // Geoid separation stands in field 10; the altitude is above sea level by definition.
    sample.altitude = sentence.number(8).map(|altitude_m| Altitude { altitude_m, datum: Datum::SeaLevel });
}

fn rmc(sentence: &Sentence<'_>, sample: &mut Sample) {
    note_fix(sample, sentence.field(1) == "A");
    sample.position = sentence.position(2).or(sample.position);
    sample.speed_mps = sentence.number(6).map(|knots| knots * MPS_PER_KNOT);
    sample.course_deg = sentence.number(7).filter(|course| (0.0..=360.0).contains(course));
}

/// Two sentences of one time of day that disagree: there was no fix.
fn note_fix(sample: &mut Sample, has_fix: bool) {
    let before = sample.fix != Some(Fix::Absent);
    sample.fix = Some(if has_fix && before { Fix::Given } else { Fix::Absent });
}

/// `3114.5000` is 31° 14.5′.
fn degrees(text: &str, side: &str, sides: [&str; 2]) -> Option<f64> {
    let whole = text.find('.').unwrap_or(text.len());
    let (degrees, minutes) = text.split_at_checked(whole.checked_sub(2)?)?;
    let degrees: u16 = if degrees.is_empty() { 0 } else { degrees.parse().ok()? };
    let (minutes, "") = text::leading_number(minutes)? else { return None };
    if !(0.0..60.0).contains(&minutes) {
        return None;
    }
    let angle = f64::from(degrees) + minutes / 60.0;
    match sides.iter().position(|&letter| letter == side)? {
        0 => Some(angle),
        _ => Some(-angle),
    }
}

/// `093000.25` as microseconds since midnight; a leap second counts as the one before.
fn time_of_day(text: &str) -> Option<i64> {
    let mut rest = text;
    let [hours, minutes, seconds] = std::array::from_fn(|_| text::digits(&mut rest, 2..=2));
    let time = NaiveTime::from_hms_micro_opt(hours?, minutes?, seconds?.min(59), text::fraction_us(rest))?;
    Some((time - NaiveTime::MIN).num_microseconds().unwrap_or_default())
}

/// `030524` is 3 May 2024.
fn date(text: &str) -> Option<NaiveDate> {
    let mut rest = text;
    let [day, month, year] = std::array::from_fn(|_| text::digits(&mut rest, 2..=2));
    let year = i32::try_from(year?).ok()?;
    let year = if year < 80 { 2000 + year } else { 1900 + year };
    NaiveDate::from_ymd_opt(year, month?, day?)
}

/// The date of the first sentence: that of the first `RMC`, less the midnights passed before it.
fn first_date(text: &str) -> Option<NaiveDate> {
    let mut midnights = 0;
    let mut last_us = None;
    for sentence in text.lines().filter_map(|line| Sentence::find(line).ok()) {
        if !matches!(sentence.kind(), "GGA" | "RMC") {
            continue;
        }
        let Some(time_us) = time_of_day(sentence.field(0)) else { continue };
        midnights += u64::from(last_us.is_some_and(|last_us| last_us - time_us > MIDNIGHT_US));
        last_us = Some(time_us);
        if let Some(date) = date(sentence.field(8)).filter(|_| sentence.kind() == "RMC") {
            return date.checked_sub_days(Days::new(midnights));
        }
    }
    None
}

#[cfg(test)]
mod tests;
