//! Fewer samples, within a stated error.
//!
//! A track of 60 samples a second is mostly repetition. [`thin`] keeps a subset such that everything
//! that was let go can be had back: put each kept sample on its time, join neighbours by straight
//! lines, read the lines at the time of a sample that was let go, and what is read there is within
//! the [`Tolerance`] of what was measured, in each quantity on its own.
//!
//! It is Douglas and Peucker's division with the *synchronised* distance: a point is compared with
//! where the line is at the point's own time, not with the nearest place on the line, so that a stop
//! on a straight road stays a stop. A track is worked off in blocks of 128 samples whose ends are
//! always kept; that bounds the time at 128 steps a sample whatever a hostile track looks like, and
//! costs one sample in 128.
//!
//! Where something begins or ceases to be known, the samples on both sides are kept: a line is never
//! drawn over what nobody measured, and nothing known is lost between two unknowns.

use catalog::Micros;

use crate::sample::{Attitude, Position, Sample, distance_m};

/// How far apart what was measured and what is read from the thinned track may be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tolerance {
    /// Over the ground, metres.
    pub position_m: f64,
    /// In altitude and in height, metres.
    pub vertical_m: f64,
    /// In each angle of platform and camera, and in the course, degrees.
    pub angle_deg: f64,
    /// In each clock, against media time.
    pub clock_us: Micros,
}

impl Default for Tolerance {
    /// 2 m, 2 m, 5° and 0.5 s: better than a receiver without corrections knows where it is.
    fn default() -> Self {
        Self { position_m: 2.0, vertical_m: 2.0, angle_deg: 5.0, clock_us: Micros::from_ms(500) }
    }
}

/// Samples of one block.
const BLOCK: usize = 128;

/// A subset of the samples that stands for all of them within the tolerance: the first, the last, and
/// those in between without which the error would be too large. Quantities that [`Tolerance`] does
/// not name (speed, field of view, footprint, fix, precision) are those of the kept samples.
pub fn thin(samples: &[Sample], tolerance: &Tolerance) -> Vec<Sample> {
    let axis = Axis::of(samples);
    let mut keep = vec![false; samples.len()];
    let mut work: Vec<(usize, usize)> = Vec::new();
    let Some(last) = samples.len().checked_sub(1) else { return Vec::new() };
    keep[0] = true;
    keep[last] = true;
    for start in (0..last).step_by(BLOCK) {
        let end = (start + BLOCK).min(last);
        keep[end] = true;
        work.push((start, end));
        while let Some((from, to)) = work.pop() {
            let worst = (from + 1..to)
                .map(|at| (at, axis.error(samples, from, to, at, tolerance)))
                .max_by(|(_, a), (_, b)| a.total_cmp(b));
            if let Some((at, error)) = worst.filter(|(_, error)| *error > 1.0) {
                // What breaks off is split in the middle of the equals, or one end would be nibbled
                // away sample by sample.
                let at = if error.is_infinite() { Axis::edge(samples, from, to).unwrap_or(at) } else { at };
                keep[at] = true;
                work.extend([(from, at), (at, to)]);
            }
        }
    }
    let kept = samples.iter().zip(keep).filter(|(_, keep)| *keep);
    kept.map(|(sample, _)| sample.clone()).collect()
}

/// The time that samples are put on: the first of media time, UTC, local clock that all of them
/// have; else their number.
#[derive(Clone, Copy)]
enum Axis {
    Media,
    Utc,
    Local,
    Number,
}

impl Axis {
    fn of(samples: &[Sample]) -> Self {
        if samples.iter().all(|sample| sample.media_us.is_some()) {
            Self::Media
        } else if samples.iter().all(|sample| sample.at.is_some()) {
            Self::Utc
        } else if samples.iter().all(|sample| sample.local_clock.is_some()) {
            Self::Local
        } else {
            Self::Number
        }
    }

    fn time_us(self, samples: &[Sample], at: usize) -> i64 {
        let sample = &samples[at];
        let time = match self {
            Self::Media => sample.media_us.map(|time| time.0),
            Self::Utc => sample.at.map(|time| time.0),
            Self::Local => sample.local_clock.map(crate::LocalClock::reading_us),
            Self::Number => i64::try_from(at).ok(),
        };
        time.unwrap_or_default()
    }

    /// How far between two samples a third lies in time, 0 to 1.
    fn fraction(self, samples: &[Sample], from: usize, to: usize, at: usize) -> f64 {
        let [from_us, to_us, at_us] = [from, to, at].map(|at| i128::from(self.time_us(samples, at)));
        let length_us = to_us - from_us;
        if length_us == 0 { 0.0 } else { ((at_us - from_us) as f64 / length_us as f64).clamp(0.0, 1.0) }
    }

    /// The largest of the errors of one sample, in multiples of what is tolerated; infinite where
    /// something is known on the line and not in the sample, or the other way round.
    fn error(self, samples: &[Sample], from: usize, to: usize, at: usize, tolerance: &Tolerance) -> f64 {
        let fraction = self.fraction(samples, from, to, at);
        let [a, b, sample] = [&samples[from], &samples[to], &samples[at]];
        let line = |value: &dyn Fn(&Sample) -> Option<f64>| -> (Option<[f64; 2]>, Option<f64>) {
            (value(a).zip(value(b)).map(|(a, b)| [a, b]), value(sample))
        };
        let straight = |value: &dyn Fn(&Sample) -> Option<f64>, limit: f64| {
            let (ends, measured) = line(value);
            ratio(ends.map(|[a, b]| a + (b - a) * fraction), measured, |read, was| (read - was).abs(), limit)
        };
        let turned = |value: &dyn Fn(&Sample) -> Option<f64>| {
            let (ends, measured) = line(value);
            let read = ends.map(|[a, b]| a + turn_deg(a, b) * fraction);
            ratio(read, measured, |read, was| turn_deg(was, read).abs(), tolerance.angle_deg)
        };
        let placed = a.position.zip(b.position).map(|(a, b)| between(a, b, fraction));
        let clock_limit = tolerance.clock_us.0 as f64;
        // Differences from the first end, because an f64 does not hold microseconds since 1970 with
        // room to spare.
        let since = |time: Option<i64>, origin: Option<i64>| {
            time.map(|time| time.wrapping_sub(origin.unwrap_or_default()) as f64)
        };
        let utc = |sample: &Sample| since(sample.at.map(|at| at.0), a.at.map(|at| at.0));
        let reading = |sample: &Sample| sample.local_clock.map(crate::LocalClock::reading_us);
        let local = |sample: &Sample| since(reading(sample), reading(a));
        let mut worst = ratio(placed, sample.position, distance_m, tolerance.position_m)
            .max(straight(
                &|sample| sample.altitude.map(|altitude| altitude.altitude_m),
                tolerance.vertical_m,
            ))
            .max(straight(&|sample| sample.height_m, tolerance.vertical_m))
            .max(straight(&utc, clock_limit))
            .max(straight(&local, clock_limit))
            .max(turned(&|sample| sample.course_deg));
        for attitude in [|sample: &Sample| sample.platform, |sample: &Sample| sample.gimbal] {
            for angle in [
                |attitude: Attitude| attitude.yaw_deg,
                |attitude: Attitude| attitude.pitch_deg,
                |attitude: Attitude| attitude.roll_deg,
            ] {
                worst = worst.max(turned(&|sample| attitude(sample).and_then(angle)));
            }
        }
        worst
    }

    /// Where knowledge changes nearest to the middle of a stretch: a sample that does not know the
    /// same quantities as the one before it.
    fn edge(samples: &[Sample], from: usize, to: usize) -> Option<usize> {
        let middle = usize::midpoint(from, to);
        (from + 1..to)
            .filter(|&at| {
                known(&samples[at]) != known(&samples[at - 1])
                    || known(&samples[at]) != known(&samples[at + 1])
            })
            .min_by_key(|at| at.abs_diff(middle))
    }
}

/// Which of the quantities that a tolerance names a sample knows.
fn known(sample: &Sample) -> [bool; 12] {
    let angles = |attitude: Option<Attitude>| {
        let Attitude { yaw_deg, pitch_deg, roll_deg } = attitude.unwrap_or_default();
        [yaw_deg, pitch_deg, roll_deg].map(|angle| angle.is_some())
    };
    let [platform, gimbal] = [angles(sample.platform), angles(sample.gimbal)];
    [
        sample.position.is_some(),
        sample.altitude.is_some(),
        sample.height_m.is_some(),
        sample.at.is_some(),
        sample.local_clock.is_some(),
        sample.course_deg.is_some(),
        platform[0],
        platform[1],
        platform[2],
        gimbal[0],
        gimbal[1],
        gimbal[2],
    ]
}

fn ratio<T>(read: Option<T>, measured: Option<T>, error: impl Fn(T, T) -> f64, limit: f64) -> f64 {
    match (read, measured) {
        (None, None) => 0.0,
        (Some(read), Some(measured)) => {
            let error = error(read, measured);
            // Written so that a NaN counts as an error.
            if error <= limit {
                0.0
            } else if limit > 0.0 {
                (error / limit).max(1.0 + f64::EPSILON)
            } else {
                f64::MAX
            }
        }
        _ => f64::INFINITY,
    }
}

/// The place on the line between two places, the short way round the globe.
pub(crate) fn between(a: Position, b: Position, fraction: f64) -> Position {
    let lon_deg = a.lon_deg + turn_deg(a.lon_deg, b.lon_deg) * fraction;
    Position { lon_deg: turn_deg(0.0, lon_deg), lat_deg: a.lat_deg + (b.lat_deg - a.lat_deg) * fraction }
}

/// From one direction to another the short way: more than −180°, at most 180°.
pub(crate) fn turn_deg(from: f64, to: f64) -> f64 {
    let turn = (to - from).rem_euclid(360.0);
    if turn > 180.0 { turn - 360.0 } else { turn }
}

#[cfg(test)]
mod tests;
