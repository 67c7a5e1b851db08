//! One device of a payload (`DEVC`): its streams (`STRM`), and the GPS points made of them.
//!
//! Cameras write `GPS5` (HERO5 to HERO10: five columns; time, fix and precision stand beside it once a
//! payload) or `GPS9` (HERO11 and later: all in the row). HERO11 writes both, the one at 18 Hz and the other at
//! 10 Hz: they are two readings of one receiver and no sequence. Of a payload that has both, `GPS9` is taken,
//! because its points have times of their own. A Karma drone writes what its autopilot
//! says: `GPRI` (raw GPS), `GLPI` (filtered position with height above take-off and heading),
//! `ATTD` (attitude) and `SYST` (which UTC belongs to which time since boot).

use catalog::WallTime;
use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use super::value::{columns, flat, rows};
use super::walk::{Item, Items};
use crate::builder::Builder;
use crate::problem::{Fault, Place};
use crate::sample::{Altitude, Attitude, Datum, Fix, Position, Sample, moment};

/// How deep containers are followed; cameras nest two deep.
const MAX_DEPTH: usize = 8;

/// What a device said in one payload.
#[derive(Default)]
pub(super) struct Device {
    /// GPS points in order, without media time; all of one stream.
    pub(super) samples: Vec<Sample>,
    /// Points of `GPS9`, until all streams are read.
    with_times: Vec<Sample>,
    /// UTC of the first point, where the rows have none of their own.
    pub(super) first_at: Option<WallTime>,
    /// How long the payload took by the device's own clock, microseconds.
    pub(super) ticks_us: Option<i64>,
    autopilot: Autopilot,
}

/// What an autopilot said: each row with its time since boot in microseconds.
#[derive(Default)]
struct Autopilot {
    raw: Vec<(i64, Sample)>,
    filtered: Vec<(i64, Sample)>,
    attitude: Vec<(i64, Attitude)>,
    /// UTC minus time since boot, microseconds.
    boot_us: Option<i64>,
}

/// What the items before the data of a stream say about it.
#[derive(Default)]
struct Context {
    scale: Vec<Option<f64>>,
    columns: Option<Vec<u8>>,
    fix: Option<Fix>,
    dop: Option<f64>,
    at: Option<WallTime>,
    datum: Option<Datum>,
    tick_ms: Option<f64>,
    tock_ms: Option<f64>,
}

impl Device {
    /// Reads one `DEVC`. `boot_us` is UTC minus time since boot as last known, and is renewed.
    pub(super) fn read(bytes: &[u8], base: u64, boot_us: &mut Option<i64>, builder: &mut Builder) -> Self {
        let mut device = Self::default();
        for item in Items::new(bytes) {
            match item {
                Ok(item) if item.code == *b"STRM" && item.kind == 0 => {
                    device.stream(item.data, base + item.offset as u64 + 8, builder);
                }
                Ok(item) => count(&item, 0, builder),
                Err((offset, fault)) => builder.problem(Place::Byte(base + offset as u64), fault),
            }
        }
        *boot_us = device.autopilot.boot_us.or(*boot_us);
        if !device.with_times.is_empty() {
            device.samples = std::mem::take(&mut device.with_times);
            // These were said of the points of `GPS5`, of which there may be more or fewer.
            (device.first_at, device.ticks_us) = (None, None);
        }
        if device.samples.is_empty() {
            let autopilot = std::mem::take(&mut device.autopilot);
            device.samples = autopilot.samples(*boot_us);
        }
        device
    }

    fn stream(&mut self, bytes: &[u8], base: u64, builder: &mut Builder) {
        let mut context = Context::default();
        for item in Items::new(bytes) {
            let item = match item {
                Ok(item) => item,
                Err((offset, fault)) => {
                    builder.problem(Place::Byte(base + offset as u64), fault);
                    continue;
                }
            };
            if context.take(&item) {
                continue;
            }
            let understood = match &item.code {
                b"GPS5" => self.gps5(&item, &context),
                b"GPS9" => self.gps9(&item, &context),
                b"GPRI" | b"GLPI" | b"ATTD" | b"SYST" => self.autopilot.take(&item, &context),
                _ => {
                    count(&item, 0, builder);
                    continue;
                }
            };
            if understood.is_none() && item.count > 0 {
                let found = format!("{} × {} bytes", item.count, item.size_bytes);
                let what = item.name();
                builder.problem(Place::Byte(base + item.offset as u64), Fault::Unreadable { what, found });
            }
        }
    }

    fn gps5(&mut self, item: &Item<'_>, context: &Context) -> Option<()> {
        let has_fix = context.fix != Some(Fix::Absent);
        for row in rows(item, context.columns.as_deref(), &context.scale)? {
            let &[lat, lon, altitude_m, speed_2d, _speed_3d] = row.as_slice() else { return None };
            let mut sample = gps_sample(lat, lon, altitude_m, speed_2d, context.datum);
            sample.fix = context.fix;
            sample.dop = context.dop;
            self.samples.push(if has_fix { sample } else { without_fix(&sample) });
        }
        if has_fix {
            self.first_at = context.at;
        }
        self.ticks_us = context.ticks_us();
        Some(())
    }

    fn gps9(&mut self, item: &Item<'_>, context: &Context) -> Option<()> {
        for row in rows(item, context.columns.as_deref(), &context.scale)? {
            let &[lat, lon, altitude_m, speed_2d, _speed_3d, days, seconds, dop, fix] = row.as_slice() else {
                return None;
            };
            let mut sample = gps_sample(lat, lon, altitude_m, speed_2d, context.datum);
            sample.fix = fix.map(fix_of);
            sample.dop = dop;
            sample.at = days.zip(seconds).and_then(|(days, seconds)| since_2000(days, seconds));
            self.with_times.push(if sample.fix == Some(Fix::Absent) { without_fix(&sample) } else { sample });
        }
        Some(())
    }
}

impl Context {
    /// Takes an item that describes the stream; `false` if it is data.
    fn take(&mut self, item: &Item<'_>) -> bool {
        let first = || flat(item).first().copied().flatten();
        match &item.code {
            b"SCAL" => self.scale = flat(item),
            b"TYPE" => self.columns = columns(item.data),
            b"GPSF" => self.fix = first().map(fix_of),
            // Hundredths; 9999 is what a receiver without a fix writes.
            b"GPSP" => self.dop = first().filter(|&dop| dop < 9999.0).map(|dop| dop / 100.0),
            b"GPSU" => self.at = utc(item.data),
            b"GPSA" => {
                self.datum = Some(if item.data == b"MSLV" { Datum::SeaLevel } else { Datum::Ellipsoid });
            }
            b"TICK" => self.tick_ms = first(),
            b"TOCK" => self.tock_ms = first(),
            b"STNM" | b"SIUN" | b"UNIT" | b"TSMP" | b"STMP" | b"TMPC" | b"EMPT" | b"TIMO" | b"RMRK"
            | b"ORIN" | b"ORIO" | b"MTRX" => {}
            _ => return false,
        }
        true
    }

    fn ticks_us(&self) -> Option<i64> {
        let length_ms = self.tock_ms? - self.tick_ms?;
        whole(length_ms * 1000.0).filter(|&length_us| length_us > 0)
    }
}

impl Autopilot {
    fn take(&mut self, item: &Item<'_>, context: &Context) -> Option<()> {
        for row in rows(item, context.columns.as_deref(), &context.scale)? {
            let time_us = row.first().copied().flatten().and_then(|time_s| whole(time_s * 1e6));
            let time_us = time_us.unwrap_or_default();
            match (&item.code, row.as_slice()) {
                (b"GPRI", &[_, lat, lon, altitude_m, _, _, speed, course, fix, _]) => {
                    let mut sample = gps_sample(lat, lon, altitude_m, speed, Some(Datum::SeaLevel));
                    sample.course_deg = course.filter(|course| (0.0..=360.0).contains(course));
                    sample.fix = fix.map(fix_of);
                    let sample = if sample.fix == Some(Fix::Absent) { without_fix(&sample) } else { sample };
                    self.raw.push((time_us, sample));
                }
                (b"GLPI", &[_, lat, lon, altitude_m, height_m, north, east, _, _]) => {
                    let speed = north.zip(east).map(|(north, east)| north.hypot(east));
                    let mut sample = gps_sample(lat, lon, altitude_m, speed, Some(Datum::SeaLevel));
                    sample.height_m = height_m;
                    self.filtered.push((time_us, sample));
                }
                (b"ATTD", &[_, roll, pitch, yaw, _, _, _, _]) => {
                    let [yaw_deg, pitch_deg, roll_deg] =
                        [yaw, pitch, roll].map(|angle| angle.map(f64::to_degrees));
                    self.attitude.push((time_us, Attitude { yaw_deg, pitch_deg, roll_deg }));
                }
                (b"SYST", &[_, unix_s]) => {
                    let unix_us = unix_s.and_then(|unix_s| whole(unix_s * 1e6));
                    // Zero is what it writes before it knows.
                    self.boot_us = unix_us.filter(|&us| us > 0).and_then(|us| us.checked_sub(time_us));
                }
                _ => return None,
            }
        }
        Some(())
    }

    /// Raw points (filtered ones if there are no raw ones) with height and attitude from the rows
    /// nearest in time, not more than a second away.
    fn samples(self, boot_us: Option<i64>) -> Vec<Sample> {
        let Self { raw, filtered, attitude, .. } = self;
        let points = if raw.is_empty() { filtered.clone() } else { raw };
        points
            .into_iter()
            .map(|(time_us, mut sample)| {
                sample.height_m = nearest(&filtered, time_us).and_then(|sample| sample.height_m);
                sample.platform = nearest(&attitude, time_us).copied().and_then(Attitude::known);
                if sample.fix != Some(Fix::Absent) {
                    sample.at = boot_us.and_then(|boot_us| boot_us.checked_add(time_us)).and_then(moment);
                }
                sample
            })
            .collect()
    }
}

/// The row nearest in time, within a second. Rows are in order of time, or nothing sensible is found.
fn nearest<T>(rows: &[(i64, T)], time_us: i64) -> Option<&T> {
    let after = rows.partition_point(|(row_us, _)| *row_us < time_us);
    let candidates = rows.get(after.saturating_sub(1)..)?.iter().take(2);
    candidates
        .map(|(row_us, row)| (row_us.abs_diff(time_us), row))
        .filter(|(distance_us, _)| *distance_us <= 1_000_000)
        .min_by_key(|(distance_us, _)| *distance_us)
        .map(|(_, row)| row)
}

fn gps_sample(
    lat: Option<f64>,
    lon: Option<f64>,
    altitude_m: Option<f64>,
    speed_mps: Option<f64>,
    datum: Option<Datum>,
) -> Sample {
    let datum = datum.unwrap_or(Datum::Ellipsoid);
    Sample {
        position: lon.zip(lat).and_then(|(lon, lat)| Position::new(lon, lat)),
        altitude: altitude_m.map(|altitude_m| Altitude { altitude_m, datum }),
        speed_mps,
        ..Sample::default()
    }
}

/// What is left of a point whose receiver had no fix: it repeats an old place, or zeros.
fn without_fix(sample: &Sample) -> Sample {
    Sample { fix: sample.fix, dop: sample.dop, ..Sample::default() }
}

fn fix_of(code: f64) -> Fix {
    if code >= 3.0 {
        Fix::ThreeD
    } else if code >= 2.0 {
        Fix::TwoD
    } else {
        Fix::Absent
    }
}

/// Whole numbers that an `f64` holds exactly.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked first")]
fn whole(value: f64) -> Option<i64> {
    (value.abs() < 9e15).then(|| value.round() as i64)
}

/// `yymmddhhmmss.sss`, UTC, years from 2000.
fn utc(text: &[u8]) -> Option<WallTime> {
    let text = std::str::from_utf8(text).ok()?.trim_end_matches('\0');
    let parsed = NaiveDateTime::parse_from_str(&format!("20{text}"), "%Y%m%d%H%M%S%.f").ok()?;
    moment(parsed.and_utc().timestamp_micros())
}

/// Days since 2000-01-01 and seconds since midnight, UTC.
fn since_2000(days: f64, seconds: f64) -> Option<WallTime> {
    let day = NaiveDate::from_ymd_opt(2000, 1, 1)?.checked_add_signed(TimeDelta::try_days(whole(days)?)?)?;
    let time = TimeDelta::microseconds(whole(seconds * 1e6)?);
    moment(day.and_time(NaiveTime::MIN).checked_add_signed(time)?.and_utc().timestamp_micros())
}

/// Counts what is not read, the items of containers each for itself.
fn count(item: &Item<'_>, depth: usize, builder: &mut Builder) {
    if item.kind == 0 && depth < MAX_DEPTH {
        for inner in Items::new(item.data).flatten() {
            count(&inner, depth + 1, builder);
        }
    } else if !matches!(&item.code, b"DVID" | b"DVNM" | b"TICK" | b"TOCK") {
        builder.other(&item.name(), item.count as u64);
    }
}
