//! Collecting a track in bounded memory.
//!
//! A file may hold more samples than anyone should keep. When [`MAX_SAMPLES`] are held, every second
//! one is let go and from then on only every second one is kept, and so on: the whole length stays
//! covered, at half the density, and the track says so.

use std::collections::BTreeMap;

use crate::dji_srt::CoordinateOrder;
use crate::problem::{Fault, Place, TelemetryProblem};
use crate::sample::Sample;
use crate::track::{Kind, Track, UnsupportedSet};

/// How many samples a track holds at most: half an hour at 60 Hz. They take some 40 MB.
pub const MAX_SAMPLES: usize = 1 << 17;

/// How many problems a track holds; more are only counted.
pub const MAX_PROBLEMS: usize = 32;

/// How many names of unread things, and how many unsupported sets, a track holds.
pub const MAX_NAMES: usize = 256;

/// A track in the making.
pub(crate) struct Builder {
    kind: Kind,
    samples: Vec<Sample>,
    samples_read: u64,
    kept_every: u64,
    units_with_position: u64,
    unsupported: BTreeMap<String, u64>,
    other: BTreeMap<String, u64>,
    problems: Vec<TelemetryProblem>,
    problems_total: u64,
    max_samples: usize,
}

impl Builder {
    pub(crate) fn new(kind: Kind) -> Self {
        Self::with_limit(kind, MAX_SAMPLES)
    }

    fn with_limit(kind: Kind, max_samples: usize) -> Self {
        Self {
            kind,
            samples: Vec::new(),
            samples_read: 0,
            kept_every: 1,
            units_with_position: 0,
            unsupported: BTreeMap::new(),
            other: BTreeMap::new(),
            problems: Vec::new(),
            problems_total: 0,
            max_samples,
        }
    }

    /// Takes one sample, in the order of the file.
    pub(crate) fn sample(&mut self, sample: Sample) {
        let number = self.samples_read;
        self.samples_read += 1;
        if !number.is_multiple_of(self.kept_every) {
            return;
        }
        if self.samples.len() >= self.max_samples {
            let mut keep = false;
            self.samples.retain(|_| {
                keep = !keep;
                keep
            });
            self.kept_every = self.kept_every.saturating_mul(2);
            if !number.is_multiple_of(self.kept_every) {
                return;
            }
        }
        self.samples.push(sample);
    }

    /// Notes that one unit of the format carried a position.
    pub(crate) fn unit_with_position(&mut self) {
        self.units_with_position += 1;
    }

    pub(crate) fn problem(&mut self, place: Place, fault: Fault) {
        self.problems_total += 1;
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(TelemetryProblem { place, fault });
        }
    }

    /// Counts something that is not read.
    pub(crate) fn other(&mut self, name: &str, count: u64) {
        add(&mut self.other, name, count);
    }

    /// Counts one packet of a set that is not understood.
    pub(crate) fn unsupported(&mut self, key: &str) {
        add(&mut self.unsupported, key, 1);
    }

    /// Whether nothing was wrong so far.
    pub(crate) fn is_sound(&self) -> bool {
        self.problems_total == 0
    }

    pub(crate) fn set_kind(&mut self, kind: Kind) {
        self.kind = kind;
    }

    pub(crate) fn samples_mut(&mut self) -> &mut [Sample] {
        &mut self.samples
    }

    pub(crate) fn set_units_with_position(&mut self, units: u64) {
        self.units_with_position = units;
    }

    pub(crate) fn finish(mut self, coordinate_order: Option<CoordinateOrder>) -> Track {
        if self.kept_every > 1 {
            let fault = Fault::Limit {
                what: "samples".to_owned(),
                limit: u64::try_from(self.max_samples).unwrap_or(u64::MAX),
                consequence: format!("one of {} was kept", self.kept_every),
            };
            // This one is always told, even where the list is full.
            self.problems_total += 1;
            self.problems.truncate(MAX_PROBLEMS - 1);
            self.problems.push(TelemetryProblem { place: Place::Byte(0), fault });
        }
        Track {
            kind: self.kind,
            samples: self.samples,
            samples_read: self.samples_read,
            kept_every: self.kept_every,
            units_with_position: self.units_with_position,
            coordinate_order,
            unsupported: self
                .unsupported
                .into_iter()
                .map(|(key, packets)| UnsupportedSet { key, packets })
                .collect(),
            other: self.other,
            problems: self.problems,
            problems_total: self.problems_total,
        }
    }
}

/// Counts by name; what has no room any more is counted together.
fn add(counts: &mut BTreeMap<String, u64>, name: &str, count: u64) {
    const REST: &str = "(others)";
    let name = if counts.len() < MAX_NAMES || counts.contains_key(name) { name } else { REST };
    let counted = counts.entry(name.to_owned()).or_default();
    *counted = counted.saturating_add(count);
}

#[cfg(test)]
mod tests {
    use super::*;
    use catalog::MediaTime;

    #[test]
    fn a_track_too_long_is_halved_evenly_and_says_so() {
        let mut builder = Builder::with_limit(Kind::Nmea, 8);
        for number in 0..100 {
            builder.sample(Sample { media_us: Some(MediaTime(number)), ..Sample::default() });
        }
        let track = builder.finish(None);
        let kept: Vec<i64> = track.samples.iter().filter_map(|sample| Some(sample.media_us?.0)).collect();
        assert_eq!(kept, [0, 16, 32, 48, 64, 80, 96]);
        assert_eq!((track.samples_read, track.kept_every), (100, 16));
        assert_eq!(track.problems[0].to_string(), "byte 0: more than 8 samples: one of 16 was kept");
    }

    #[test]
    fn names_and_problems_are_bounded_and_still_counted() {
        let mut builder = Builder::new(Kind::Nmea);
        for number in 0..1000_u64 {
            builder.other(&number.to_string(), 1);
            builder.problem(Place::Line(number), Fault::Empty);
        }
        let track = builder.finish(None);
        assert_eq!(track.other.len(), MAX_NAMES + 1);
        assert_eq!(track.other.values().sum::<u64>(), 1000);
        assert_eq!((track.problems.len(), track.problems_total), (MAX_PROBLEMS, 1000));
    }
}
