//! When media time zero was, as a track's clocks tell it.
//!
//! Every sample that has both a media time and a clock reading says when media time zero was. They
//! disagree by jitter, and by a second where the clock shows whole seconds only. The median is what
//! to believe, the spread how far.

use catalog::{Micros, WallTime};
use serde::{Deserialize, Serialize};

use crate::sample::{LocalClock, Sample};
use crate::track::Track;

/// What kind of clock an estimate rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockBasis {
    /// UTC from satellites.
    Utc(WallTime),
    /// A clock whose zone is not known.
    Local(LocalClock),
}

/// When media time zero was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartEstimate {
    /// The clock at media time zero.
    pub zero: ClockBasis,
    /// How far off that may be: half of what nine tenths of the samples spread over, and not less
    /// than half the clock's own resolution.
    pub error_us: Micros,
    /// How many samples it rests on.
    pub samples: usize,
}

impl Track {
    /// When media time zero was; `None` where no sample has both a media time and a clock reading.
    /// Satellite time is preferred to a clock of unknown zone.
    pub fn start_estimate(&self) -> Option<StartEstimate> {
        let utc = estimate(&self.samples, |sample| sample.at.map(|at| at.0));
        let local = || estimate(&self.samples, |sample| sample.local_clock.map(LocalClock::reading_us));
        let utc = utc.map(|found| (ClockBasis::Utc(WallTime(found.zero_us)), found));
        let (zero, found) = utc.or_else(|| {
            let found = local()?;
            Some((ClockBasis::Local(LocalClock::from_reading_us(found.zero_us)), found))
        })?;
        Some(StartEstimate { zero, error_us: Micros(found.error_us), samples: found.samples })
    }
}

struct Found {
    zero_us: i64,
    error_us: i64,
    samples: usize,
}

fn estimate(samples: &[Sample], reading_us: impl Fn(&Sample) -> Option<i64>) -> Option<Found> {
    let mut zeros: Vec<i64> = Vec::new();
    // A clock that shows whole seconds stands anywhere within the second that it shows.
    let mut resolution_us = catalog::time::US_PER_S;
    for sample in samples {
        let (Some(reading), Some(media)) = (reading_us(sample), sample.media_us) else { continue };
        if reading % catalog::time::US_PER_S != 0 {
            resolution_us = 1000;
        }
        zeros.extend(reading.checked_sub(media.0));
    }
    zeros.sort_unstable();
    let at = |percent: usize| zeros.get((zeros.len().checked_sub(1)?) * percent / 100).copied();
    let (low, middle, high) = (at(5)?, at(50)?, at(95)?);
    // Readings are rounded down, so the middle of what they may mean is half a step later.
    let zero_us = middle.checked_add(resolution_us / 2)?;
    let error_us = high.saturating_sub(low).max(resolution_us) / 2;
    Some(Found { zero_us, error_us, samples: zeros.len() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    #[test]
    fn the_start_comes_from_the_median_of_what_the_samples_say() {
        let estimate = crate::dji_srt::parse(fixtures::BRACKETED.as_bytes()).start_estimate().unwrap();
        let ClockBasis::Local(zero) = estimate.zero else { panic!("{estimate:?}") };
        assert_eq!(zero.to_string(), "2024-05-03 09:30:00.100");
        assert!(estimate.error_us <= Micros::from_ms(2), "{estimate:?}");
    }

    #[test]
    fn a_clock_of_whole_seconds_is_known_to_half_a_second() {
        let estimate = crate::dji_srt::parse(fixtures::MAVIC_PRO.as_bytes()).start_estimate().unwrap();
        assert!(estimate.error_us >= Micros::from_ms(500), "{estimate:?}");
        assert_eq!(crate::nmea::parse(fixtures::NMEA.as_bytes()).start_estimate(), None);
    }
}
