//! How far each device's clock was off, from what its recordings and its docking say.
//!
//! Where a recording has satellite time and the device's own claim (its file name), the difference is the
//! error of the device's clock at that moment, to within both resolutions: a *sample*. The moment at which the
//! clock was last set is a sample, too, for what comes after it. `sound` aligns two devices by what both heard.
//!
//! # The estimate
//!
//! A clock drifts slowly and is set now and then. Samples that are further apart than both errors and the
//! drift that policy grants between them tell that it was set in between; they are cut into *stretches* there.
//! Within the last stretch the drift is the median of the slopes between all pairs of samples (Theil and Sen),
//! and the offset the median of what the samples say once the drift is taken out: a few that are wildly wrong
//! move neither by much. The bound is no statistic. Each sample says that at another moment the clock was off
//! by what it is there, give or take its error and the drift granted since; what all samples of the stretch
//! allow together is an interval, and the bound reaches from the estimate to its farther end.
//!
//! # The bound for a recording
//!
//! [`Clocks::bound_us`] answers for a moment between two samples of one stretch, and for no other: that a clock
//! was not set, and set back, between two samples that agree is assumed, as it is between two files of one
//! device; beyond the samples nothing is. An audit may replace a wider bound by it, never a narrower one.

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

/// The street's time less the device's, at one moment of the device's clock.
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
    /// By serial number: the stretches, in order of time.
    stretches: BTreeMap<String, Vec<Vec<Sample>>>,
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
        let drift_per_day_us = rules.drift_per_day.us();
        let stretches = samples
            .into_iter()
            .map(|(serial, mut samples)| {
                samples.sort_unstable();
                samples.dedup();
                (serial, cut(samples, drift_per_day_us))
            })
            .collect();
        Self { stretches, drift_per_day_us }
    }

    /// What is known of each clock, by serial number.
    pub fn report(&self) -> Vec<DeviceClock> {
        let of = |(device, stretches): (&String, &Vec<Vec<Sample>>)| {
            let last = stretches.last()?;
            let (first, at) = (last.first()?.at, last.last()?.at);
            let drift = drift(last);
            let offset_us = offset_at(last, at, drift);
            let (low, high) = self.allowed(last, at)?;
            // What the samples allow together, the estimate may not leave.
            let offset_us = offset_us.clamp(low, high);
            let docking = stretches.iter().flatten().filter(|sample| sample.docking).count() as u64;
            let all = stretches.iter().map(Vec::len).sum::<usize>() as u64;
            Some(DeviceClock {
                device: device.clone(),
                offset_us,
                bound_us: (high - offset_us).max(offset_us - low),
                at,
                since: first,
                drift_us_per_day: drift.map(|drift| Micros(drift.round() as i64)),
                settings: stretches.len().saturating_sub(1) as u64,
                from: SampleCounts { satellite: all - docking, docking },
            })
        };
        self.stretches.iter().filter_map(of).collect()
    }

    /// How far the street can have been from the clock of a device at a moment that lies between two
    /// samples, either way; `None` where nothing is known.
    pub fn bound_us(&self, serial: &str, at: WallTime) -> Option<Micros> {
        let stretches = self.stretches.get(serial)?;
        let between = |stretch: &&Vec<Sample>| {
            stretch.first().is_some_and(|first| first.at <= at)
                && stretch.last().is_some_and(|last| at <= last.at)
        };
        let (low, high) = self.allowed(stretches.iter().find(between)?, at)?;
        Some(low.abs().max(high.abs()))
    }

    /// The offsets at a moment that all samples of a stretch allow together; `None` if they contradict
    /// one another.
    fn allowed(&self, stretch: &[Sample], at: WallTime) -> Option<(Micros, Micros)> {
        let mut allowed = (Micros(i64::MIN), Micros(i64::MAX));
        for sample in stretch {
            let reach_us = sample.error_us + drift_over(self.drift_per_day_us, at - sample.at);
            allowed.0 = allowed.0.max(sample.offset_us - reach_us);
            allowed.1 = allowed.1.min(sample.offset_us + reach_us);
        }
        (allowed.0 <= allowed.1).then_some(allowed)
    }
}

/// What a recording says of its device's clock, if it has satellite time and a file name with a time.
fn satellite_sample(recording: &Recording) -> Option<Sample> {
    let claim = |source| recording.start_claims.iter().find(|claim| claim.source == source);
    let (satellite, own) = (claim(StartSource::Telemetry)?, claim(StartSource::FileName)?);
    Some(Sample {
        at: own.started_at,
        offset_us: satellite.started_at - own.started_at,
        error_us: satellite.error_us.abs() + own.error_us.abs(),
        docking: false,
    })
}

/// Cuts samples where two neighbours tell that the clock was set in between.
fn cut(samples: Vec<Sample>, drift_per_day_us: Micros) -> Vec<Vec<Sample>> {
    let mut stretches: Vec<Vec<Sample>> = Vec::new();
    for sample in samples {
        let goes_on = stretches.last().and_then(|stretch| stretch.last()).is_some_and(|before| {
            let reach_us =
                before.error_us + sample.error_us + drift_over(drift_per_day_us, sample.at - before.at);
            // What a dock says holds for what comes after it.
            !sample.docking && (sample.offset_us - before.offset_us).abs() <= reach_us
        });
        match stretches.last_mut() {
            Some(stretch) if goes_on => stretch.push(sample),
            _ => stretches.push(vec![sample]),
        }
    }
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
    Micros(median(&mut offsets).unwrap_or_default().round() as i64)
}

fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = *values.get(middle)?;
    if values.len() % 2 == 1 { Some(upper) } else { Some((values[middle - 1] + upper) / 2.0) }
}

/// How far a clock that drifts `drift_per_day_us` may drift in `length`, rounded up.
pub(crate) fn drift_over(drift_per_day_us: Micros, length: Micros) -> Micros {
    let product = i128::from(drift_per_day_us.0.unsigned_abs()) * i128::from(length.0.unsigned_abs());
    let drift = (product + US_PER_DAY - 1) / US_PER_DAY;
    Micros(i64::try_from(drift).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests;
