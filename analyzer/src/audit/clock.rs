//! How wrong a recording's place on the street's time may be.
//!
//! Two things add up. The *source* of the start has a resolution of its own: a file name says whole
//! seconds. Beneath it lies the *device's clock*, which was right to within a stated error when it
//! was last set and has drifted since, by at most what policy grants for a day (the recorder standard
//! GA/T 947.2 is the usual origin of that figure). Where nobody knows when the clock was set, policy
//! states a bound for that, too. Satellite time in the telemetry does not pass through the device's
//! clock, so only its own resolution counts.
//!
//! The error of *one* recording against the street is one question, that of *two* recordings against
//! each other is another: two files of one device were stamped by the same clock, whose error moves
//! both alike. Between them only their resolutions count, and what the clock can have drifted from
//! the one start to the other. That ends where the clock was set in between, and where one of them was dated by a
//! file beside it: that may be a log of satellite time, or of another device.
//!
//! Where a device's recordings carry satellite time beside its own, its clock is known better between them
//! ([`crate::clocks`]), and the narrower bound is taken.
//!
//! Everything is integer arithmetic and every division rounds up, so that a bound is never too small.

use catalog::device::Device;
use catalog::observation::StartSource;
use catalog::snapshot::Recording;
use catalog::{Micros, WallTime};

use crate::clocks::{Clocks, drift_over};
use crate::policy::ClockRules;

/// What stamped a recording, and how wrong the stamp may be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock<'a> {
    /// Serial number of the device; `None` if unknown.
    serial: Option<&'a str>,
    /// When the device's clock was last set, as far as is known.
    synced_at: Option<WallTime>,
    /// Whether the time is a satellite's rather than the device's.
    satellite: bool,
    /// Whether the stamp is the device's own, in the name of the file.
    named: bool,
    /// Whether the stamp is that of a file beside the recording.
    beside: bool,
    /// The stamp itself.
    started_at: Option<WallTime>,
    /// How wrong the stamp may be through its source's resolution alone.
    resolution_us: Micros,
    /// By how much the street can have been ahead of the device's clock, at least and at most.
    off_us: (Micros, Micros),
    /// How wrong it may be against the street, either way.
    pub(super) error_us: Micros,
    /// By how much a clock may drift in a day.
    drift_per_day_us: Micros,
}

impl<'a> Clock<'a> {
    /// The clock behind `recording`; `device` is what the catalog knows of its device.
    pub(super) fn of(recording: &'a Recording, device: Option<&Device>, rules: &ClockRules) -> Self {
        let satellite = recording.started_at_source == Some(StartSource::Telemetry);
        let resolution_us = recording.clock_error_us.abs();
        let drift_per_day_us = rules.drift_per_day.us();
        let synced_at = device.and_then(|device| device.synced_at);
        let device_error_us = match recording.started_at {
            _ if satellite => Micros::ZERO,
            Some(started_at) => device_error_us(device, started_at, rules),
            None => rules.never_synced.us(),
        };
        Self {
            serial: recording.device.as_deref(),
            synced_at,
            satellite,
            named: recording.started_at_source == Some(StartSource::FileName),
            beside: recording.started_at_source == Some(StartSource::Sidecar),
            started_at: recording.started_at,
            resolution_us,
            off_us: (-device_error_us, device_error_us),
            error_us: resolution_us + device_error_us,
            drift_per_day_us,
        }
    }

    /// Takes a narrower bound from what is known of the device's clock; says whether there was one.
    ///
    /// Only for stamps of the kind that the samples were taken of: another may be wrong in its own way. Where
    /// satellites contradict what is stated of the device, the statement stays.
    pub(super) fn tighten(&mut self, clocks: &Clocks) -> bool {
        let known = match (self.serial, self.started_at) {
            (Some(serial), Some(started_at)) if self.named => {
                clocks.offsets(serial, started_at, self.error_us)
            }
            _ => None,
        };
        let Some((low, high)) = known else { return false };
        let (low, high) = (low.max(self.off_us.0), high.min(self.off_us.1));
        if low > high || (low, high) == self.off_us {
            return false;
        }
        self.off_us = (low, high);
        self.error_us = self.resolution_us + low.abs().max(high.abs());
        true
    }

    /// How far the distance between the stamps of two recordings may be from the true one.
    pub(super) fn relative_error_us(&self, other: &Self) -> Micros {
        let (ours, theirs) = (self.off_us, other.off_us);
        let devices_us = (ours.1 - theirs.0).abs().max((theirs.1 - ours.0).abs());
        let apart = devices_us + self.resolutions_us(other);
        self.shared_error_us(other).map_or(apart, |together| together.min(apart))
    }

    /// The same where one clock stamped both: that of the device, not set in between, or the satellites'.
    pub(super) fn shared_error_us(&self, other: &Self) -> Option<Micros> {
        let (a, b) = (self.started_at?, other.started_at?);
        let resolutions_us = self.resolutions_us(other);
        if self.satellite && other.satellite {
            return Some(resolutions_us);
        }
        self.shares_clock_with(other, a, b).then(|| resolutions_us + drift_over(self.drift_per_day_us, a - b))
    }

    /// What two sources of one kind may differ by if they speak of one moment of one clock.
    pub(super) fn resolutions_us(&self, other: &Self) -> Micros {
        self.resolution_us + other.resolution_us
    }

    fn shares_clock_with(&self, other: &Self, a: WallTime, b: WallTime) -> bool {
        let set_in_between =
            self.synced_at.is_some_and(|synced_at| a.min(b) < synced_at && synced_at <= a.max(b));
        !self.satellite
            && !other.satellite
            && self.beside == other.beside
            && self.serial.is_some()
            && self.serial == other.serial
            && !set_in_between
    }
}

/// How wrong the clock of `device` may be at `moment`, either way.
pub(crate) fn device_error_us(device: Option<&Device>, moment: WallTime, rules: &ClockRules) -> Micros {
    match device.and_then(|device| Some((device, device.synced_at?))) {
        Some((device, synced_at)) => {
            device.clock_error_us.unwrap_or_default().abs()
                + drift_over(rules.drift_per_day.us(), moment - synced_at)
        }
        None => rules.never_synced.us(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drift_is_the_exact_fraction_of_a_day_rounded_up() {
        let three_s = Micros::from_s(3);
        assert_eq!(drift_over(three_s, Micros::ZERO), Micros::ZERO);
        assert_eq!(drift_over(three_s, Micros::from_s(86_400)), three_s);
        assert_eq!(drift_over(three_s, Micros::from_s(-43_200)), Micros::from_ms(1_500));
        assert_eq!(drift_over(three_s, Micros(1)), Micros(1));
        assert_eq!(drift_over(Micros(i64::MAX), Micros(i64::MAX)), Micros(i64::MAX));
    }
}
