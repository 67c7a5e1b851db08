//! How far each device's clock was off, from what its recordings and its docking say.
//!
//! Where a recording has satellite time and the device's own claim (its file name), the difference is the
//! error of the device's clock at that moment, to within both resolutions: a *sample*. The moment at which the
//! clock was last set is a sample, too, for what comes after it. `sound` aligns two devices by what both heard.
//!
//! # The estimate
//!
//! A clock drifts slowly and is set now and then. Samples that contradict one another, whatever drift policy
//! grants between them, tell that it was set in between; they are cut into *stretches* there. Within the last
//! stretch the drift is the median of the slopes between all pairs of samples (Theil and Sen), and the offset the
//! median of what the samples say once the drift is taken out: a few that are wildly wrong move neither by
//! much. The bound that goes with it is what all samples of the stretch allow together, which assumes that the
//! clock was not set within the stretch. The estimate is for people to read; nothing is judged by it.
//!
//! # The bound for a recording
//!
//! [`Clocks::offsets`] answers what an audit may rest on, and assumes less: that the clock was set at most once
//! between two samples that follow one another. Then what it said at a moment between them follows from the one
//! before (if it was set later, or not at all) or from the one after (if it was set earlier), each give or take
//! its error and the drift granted since. Both are admitted. Where the moment itself is known only to within an
//! error, samples that may lie on either side of it are admitted, too. What a dock says holds for what comes
//! after it alone. Before the first sample and after the last nothing is known.

pub mod sound;

use std::collections::BTreeMap;

use catalog::device::Device;
use catalog::observation::StartSource;
use catalog::snapshot::Recording;
use catalog::{Micros, WallTime};
use serde::Serialize;

use crate::policy::ClockRules;

/// Microseconds in one day.
const US_PER_DAY: i128 = 86_400_000_000;
/// Two samples are so far apart before their slope means anything.
const SLOPE_MIN_US: i64 = 3_600_000_000;
/// Slopes are taken between at most so many samples.
const SLOPE_SAMPLES_MAX: usize = 400;

/// Where samples of a clock came from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct SampleCounts {
    /// Recordings with satellite time and the device's own.
    pub satellite: u64,
    /// Settings of the clock at a dock.
    pub docking: u64,
}

/// What is known of one device's clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeviceClock {
    /// Serial number.
    pub device: String,
    /// By how much the street was ahead of the clock (behind: negative) at `at`.
    pub offset_us: Micros,
    /// How wrong that may be, either way.
    pub bound_us: Micros,
    /// The moment of the last sample.
    pub at: WallTime,
    /// The moment of the first sample of the stretch that ends there.
    pub since: WallTime,
    /// By how much the street gets ahead of the clock in a day; `None` where samples lie too close.
    pub drift_us_per_day: Option<Micros>,
    /// How many times the samples of all time show that it was set.
    pub settings: u64,
    /// What it rests on.
    pub from: SampleCounts,
}

/// The street's time less the device's, at one moment of the street.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Sample {
    at: WallTime,
    offset_us: Micros,
    error_us: Micros,
    docking: bool,
}

/// The clocks of all devices that there are samples of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Clocks {
    /// By serial number: the samples, in order of time.
    samples: BTreeMap<String, Vec<Sample>>,
    drift_per_day_us: Micros,
}

impl Clocks {
    /// From the recordings of any devices, in any order.
    pub fn new<'a>(
        recordings: impl Iterator<Item = &'a Recording>,
        devices: impl Iterator<Item = &'a Device>,
        rules: &ClockRules,
    ) -> Self {
        let mut samples: BTreeMap<String, Vec<Sample>> = BTreeMap::new();
        for recording in recordings {
            let Some((serial, sample)) = recording.device.as_ref().zip(satellite_sample(recording)) else {
                continue;
            };
            samples.entry(serial.clone()).or_default().push(sample);
        }
        // Without a satellite's word there is nothing that the stated error does not say already.
        for device in devices {
            if let Some(samples) = samples.get_mut(&device.serial)
                && let (Some(at), Some(error_us)) = (device.synced_at, device.clock_error_us)
            {
                samples.push(Sample { at, offset_us: Micros::ZERO, error_us: error_us.abs(), docking: true });
            }
        }
        for samples in samples.values_mut() {
            samples.sort_unstable();
            samples.dedup();
        }
        Self { samples, drift_per_day_us: rules.drift_per_day.us() }
    }

    /// What is known of each clock, by serial number.
    pub fn report(&self) -> Vec<DeviceClock> {
        let of = |(device, samples): (&String, &Vec<Sample>)| {
            let stretches = cut(samples, self.drift_per_day_us);
            let last = stretches.last()?;
            let (first, at) = (last.first()?.at, last.last()?.at);
            let drift = drift(last);
            let (low, high) = self.allowed(last, at)?;
            // What the samples allow together, the estimate may not leave.
            let offset_us = offset_at(last, at, drift).clamp(low, high);
            let docking = samples.iter().filter(|sample| sample.docking).count() as u64;
            Some(DeviceClock {
                device: device.clone(),
                offset_us,
                bound_us: (high - offset_us).max(offset_us - low),
                at,
                since: first,
                drift_us_per_day: drift.map(rounded),
                settings: stretches.len().saturating_sub(1) as u64,
                from: SampleCounts { satellite: samples.len() as u64 - docking, docking },
            })
        };
        self.samples.iter().filter_map(of).collect()
    }

    /// By how much the street can have been ahead of a device's clock, at least and at most, at a moment that
    /// is known to within `within_us` either way; `None` where that is not between two samples.
    pub fn offsets(&self, serial: &str, at: WallTime, within_us: Micros) -> Option<(Micros, Micros)> {
        let samples = self.samples.get(serial)?;
        let before = samples.partition_point(|sample| sample.at < at - within_us);
        let after = samples.partition_point(|sample| sample.at <= at + within_us);
        let admitted = samples.get(before.checked_sub(1)?..=after)?;
        if admitted.iter().skip(1).any(|sample| sample.docking) {
            return None;
        }
        let bounds = admitted.iter().map(|sample| {
            let apart_us = (at - sample.at).abs() + within_us;
            sample.reach(drift_over(self.drift_per_day_us, apart_us))
        });
        bounds.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    }

    /// The offsets at a moment that all samples of a stretch allow together; `None` if they contradict
    /// one another.
    fn allowed(&self, stretch: &[Sample], at: WallTime) -> Option<(Micros, Micros)> {
        let mut allowed = (Micros(i64::MIN), Micros(i64::MAX));
        for sample in stretch {
            let (low, high) = sample.reach(drift_over(self.drift_per_day_us, at - sample.at));
            allowed = (allowed.0.max(low), allowed.1.min(high));
        }
        (allowed.0 <= allowed.1).then_some(allowed)
    }
}

impl Sample {
    /// The offsets that it admits where the clock may have drifted so far since.
    fn reach(&self, drift_us: Micros) -> (Micros, Micros) {
        let reach_us = self.error_us + drift_us;
        (self.offset_us - reach_us, self.offset_us + reach_us)
    }
}

/// What a recording says of its device's clock, if it has satellite time and a file name with a time.
fn satellite_sample(recording: &Recording) -> Option<Sample> {
    let claim = |source| recording.start_claims.iter().find(|claim| claim.source == source);
    let (satellite, own) = (claim(StartSource::Telemetry)?, claim(StartSource::FileName)?);
    Some(Sample {
        at: satellite.started_at,
        offset_us: satellite.started_at - own.started_at,
        error_us: satellite.error_us.abs() + own.error_us.abs(),
        docking: false,
    })
}

/// Cuts samples where one contradicts what those before it allow, and where a dock set the clock.
fn cut(samples: &[Sample], drift_per_day_us: Micros) -> Vec<&[Sample]> {
    let mut stretches = Vec::new();
    let (mut begin, mut allowed) = (0, None::<(Micros, Micros)>);
    for (number, sample) in samples.iter().enumerate() {
        let said = sample.reach(Micros::ZERO);
        let since = number.checked_sub(1).map_or(Micros::ZERO, |before| sample.at - samples[before].at);
        let drift_us = drift_over(drift_per_day_us, since);
        let together = allowed
            .filter(|_| !sample.docking)
            .map(|(low, high)| (said.0.max(low - drift_us), said.1.min(high + drift_us)))
            .filter(|(low, high)| low <= high);
        if together.is_none() && number > begin {
            stretches.push(&samples[begin..number]);
            begin = number;
        }
        allowed = Some(together.unwrap_or(said));
    }
    stretches.push(&samples[begin..]);
    stretches
}

/// The median of the slopes between samples, in microseconds a day.
fn drift(stretch: &[Sample]) -> Option<f64> {
    let step = stretch.len().div_ceil(SLOPE_SAMPLES_MAX).max(1);
    let few: Vec<&Sample> = stretch.iter().step_by(step).collect();
    let mut slopes: Vec<f64> = few
        .iter()
        .enumerate()
        .flat_map(|(i, a)| few[i + 1..].iter().map(move |b| (a, b)))
        .filter(|(a, b)| (b.at - a.at).0 >= SLOPE_MIN_US)
        .map(|(a, b)| (b.offset_us - a.offset_us).0 as f64 * US_PER_DAY as f64 / (b.at - a.at).0 as f64)
        .collect();
    median(&mut slopes)
}

/// The median of what the samples say of a moment, the drift taken out.
fn offset_at(stretch: &[Sample], at: WallTime, drift: Option<f64>) -> Micros {
    let drift = drift.unwrap_or_default() / US_PER_DAY as f64;
    let mut offsets: Vec<f64> = stretch
        .iter()
        .map(|sample| drift.mul_add((at - sample.at).0 as f64, sample.offset_us.0 as f64))
        .collect();
    rounded(median(&mut offsets).unwrap_or_default())
}

fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = *values.get(middle)?;
    if values.len() % 2 == 1 { Some(upper) } else { Some(f64::midpoint(values[middle - 1], upper)) }
}

/// To the nearest microsecond.
#[expect(clippy::cast_possible_truncation, reason = "a cast of a float saturates, and so does time")]
pub(crate) fn rounded(us: f64) -> Micros {
    Micros(us.round() as i64)
}

/// How far a clock that drifts `drift_per_day_us` may drift in `length`, rounded up.
pub(crate) fn drift_over(drift_per_day_us: Micros, length: Micros) -> Micros {
    let product = i128::from(drift_per_day_us.0.unsigned_abs()) * i128::from(length.0.unsigned_abs());
    let drift = (product + US_PER_DAY - 1) / US_PER_DAY;
    Micros(i64::try_from(drift).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests;
