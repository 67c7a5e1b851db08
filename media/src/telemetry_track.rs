//! From a parser's track to what the catalog keeps: thinned, rounded, with its clock.
//!
//! A track is thinned within [`TOLERANCE`] (1 m, 1°, 1 s). One that would keep more than
//! [`POINTS_MAX`] points that way is thinned again with twice the error, and so on; the error that
//! was needed is kept with it. Only a track that jumps all the time ends with points that were
//! picked evenly, and then states no error.

use catalog::observation::TelemetrySummary;
use catalog::track::{ClockKind, Thinning, Track, TrackClock, TrackPoint};
use catalog::{Micros, WallTime};
use serde::{Deserialize, Serialize};
use telemetry::{Attitude, ClockBasis, Datum, Sample, Tolerance, thin};

/// How far a thinned track may be off.
pub const TOLERANCE: Tolerance =
    Tolerance { position_m: 1.0, vertical_m: 1.0, angle_deg: 1.0, clock_us: Micros::from_s(1) };

/// Points that a track keeps at most: two hours at one in 1.5 s.
pub const POINTS_MAX: usize = 5000;

/// How often the tolerance is doubled: at 64 m and 64° a track says nothing any more.
const DOUBLINGS_MAX: u32 = 6;

/// Notes that a track keeps.
const NOTES_MAX: usize = 12;

/// What one stream or sidecar turned out to hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Found {
    /// Number of the stream; `None` where the object is nothing but telemetry.
    pub(super) stream: Option<u32>,
    /// Lines for the summary. Empty where nothing in it was telemetry.
    pub(super) summaries: Vec<TelemetrySummary>,
    /// The track, if any of it was understood.
    pub(super) track: Option<Track>,
}

impl Found {
    /// `borrowed_us` is how much further off the clock may be because times were borrowed from pictures.
    pub(super) fn new(
        stream: Option<u32>,
        read: &telemetry::Track,
        borrowed_us: Micros,
        mut notes: Vec<String>,
    ) -> Self {
        if read.samples_read == 0 && read.unsupported.is_empty() && read.kind == telemetry::Kind::DjiSrt {
            // Subtitles of a film.
            return Self { stream, summaries: Vec::new(), track: None };
        }
        let understood = read.kind != telemetry::Kind::Klv;
        notes.extend(read.problems.iter().map(ToString::to_string));
        let told = read.problems.len() as u64;
        if notes.len() > NOTES_MAX || read.problems_total > told {
            let more = (notes.len() as u64).saturating_sub(NOTES_MAX as u64) + (read.problems_total - told);
            notes.truncate(NOTES_MAX);
            notes.push(format!("and {more} more"));
        }
        let track = understood.then(|| track(stream, read, borrowed_us, notes));
        Self { stream, summaries: read.summaries(), track }
    }
}

fn track(
    stream_index: Option<u32>,
    read: &telemetry::Track,
    borrowed_us: Micros,
    notes: Vec<String>,
) -> Track {
    let satellite = || read.samples.iter().filter_map(|sample| sample.at);
    let (thinning, kept) = thinned(&read.samples);
    Track {
        kind: read.kind.to_string(),
        stream_index,
        samples_read: read.samples_read,
        units_with_position: read.units_with_position,
        clock: clock(read, borrowed_us),
        first_at: satellite().min(),
        last_at: satellite().max(),
        thinning,
        points: kept.iter().map(point).collect(),
        notes,
    }
}

fn clock(read: &telemetry::Track, borrowed_us: Micros) -> Option<TrackClock> {
    let estimate = read.start_estimate()?;
    let (kind, zero_at): (ClockKind, WallTime) = match estimate.zero {
        ClockBasis::Utc(zero) => (ClockKind::Satellite, zero),
        ClockBasis::Local(zero) => (ClockKind::Local, zero.in_shanghai()),
    };
    let samples = u64::try_from(estimate.samples).ok()?;
    Some(TrackClock { kind, zero_at, error_us: estimate.error_us + borrowed_us, samples })
}

/// The samples that are kept, and within which error they stand for all.
fn thinned(samples: &[Sample]) -> (Option<Thinning>, Vec<Sample>) {
    let mut kept = Vec::new();
    for doubling in 0..=DOUBLINGS_MAX {
        let factor = f64::from(1u32 << doubling);
        let tolerance = Tolerance {
            position_m: TOLERANCE.position_m * factor,
            vertical_m: TOLERANCE.vertical_m * factor,
            angle_deg: TOLERANCE.angle_deg * factor,
            // A clock that is wrong by more is worth nothing.
            clock_us: TOLERANCE.clock_us,
        };
        kept = thin(samples, &tolerance);
        if kept.len() <= POINTS_MAX {
            let Tolerance { position_m, vertical_m, angle_deg, clock_us } = tolerance;
            return (Some(Thinning { position_m, vertical_m, angle_deg, clock_us }), kept);
        }
    }
    let step = kept.len().div_ceil(POINTS_MAX);
    (None, kept.into_iter().step_by(step).collect())
}

fn point(sample: &Sample) -> TrackPoint {
    let datum = |datum| match datum {
        Datum::SeaLevel => "sea_level",
        Datum::Ellipsoid => "ellipsoid",
        Datum::Unstated => "unstated",
    };
    let angles = |attitude: Attitude| {
        [attitude.yaw_deg, attitude.pitch_deg, attitude.roll_deg].map(|angle| angle.map(hundredths))
    };
    TrackPoint {
        media_us: sample.media_us,
        at: sample.at,
        local_clock: sample.local_clock.map(|clock| clock.to_string()),
        lon_deg: sample.position.map(|position| rounded(position.lon_deg, 1e7)),
        lat_deg: sample.position.map(|position| rounded(position.lat_deg, 1e7)),
        altitude_m: sample.altitude.map(|altitude| hundredths(altitude.altitude_m)),
        altitude_datum: sample.altitude.map(|altitude| datum(altitude.datum).to_owned()),
        height_m: sample.height_m.map(hundredths),
        speed_mps: sample.speed_mps.map(hundredths),
        course_deg: sample.course_deg.map(hundredths),
        platform_deg: sample.platform.map(angles),
        gimbal_deg: sample.gimbal.map(angles),
        field_of_view_deg: sample.field_of_view_deg.map(|view| view.map(hundredths)),
    }
}

fn hundredths(value: f64) -> f64 {
    rounded(value, 100.0)
}

/// To the nearest of `parts` in one, so that the text of a number stays short.
fn rounded(value: f64, parts: f64) -> f64 {
    let rounded = (value * parts).round() / parts;
    if rounded.is_finite() { rounded } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use catalog::MediaTime;
    use telemetry::Position;

    fn sample(second: i64, lon_deg: f64) -> Sample {
        Sample {
            media_us: Some(MediaTime(second * 1_000_000)),
            position: Position::new(lon_deg, 31.2),
            ..Sample::default()
        }
    }

    fn read(samples: Vec<Sample>) -> telemetry::Track {
        let mut read = telemetry::parse(telemetry::Kind::DjiSrt, b"");
        (read.samples_read, read.samples) = (samples.len() as u64, samples);
        (read.problems, read.problems_total) = (Vec::new(), 0);
        read
    }

    #[test]
    fn a_straight_flight_keeps_its_ends_and_states_the_error() {
        let samples = (0..100).map(|second| sample(second, 121.0 + second as f64 * 1e-4)).collect();
        let found = Found::new(None, &read(samples), Micros::ZERO, Vec::new());
        let track = found.track.unwrap();
        assert_eq!((track.points.len(), track.thinning.unwrap().position_m), (2, 1.0));
        assert_eq!((track.samples_read, track.points[1].lon_deg), (100, Some(121.009_9)));
    }

    #[test]
    fn a_restless_track_is_kept_within_a_larger_error_or_says_that_there_is_none() {
        // Ten metres to and fro.
        let samples = (0..20_000).map(|at| sample(at, 121.0 + (at % 2) as f64 * 1e-4)).collect();
        let track = Found::new(None, &read(samples), Micros::ZERO, Vec::new()).track.unwrap();
        assert!((track.thinning.unwrap().position_m - 16.0).abs() < 1e-9);
        assert!(track.points.len() <= POINTS_MAX);
        // Known and unknown in turn can be thinned by no error.
        let lost = |at: i64| if at % 2 == 0 { sample(at, 121.0) } else { sample(at, 0.0) };
        let samples = (0..20_000)
            .map(|at| Sample { position: lost(at).position.filter(|_| at % 2 == 0), ..lost(at) })
            .collect();
        let track = Found::new(None, &read(samples), Micros::ZERO, Vec::new()).track.unwrap();
        assert!(track.thinning.is_none() && track.points.len() <= POINTS_MAX && track.points.len() > 1000);
    }

    #[test]
    fn subtitles_of_a_film_are_no_telemetry() {
        let film = telemetry::parse(telemetry::Kind::DjiSrt, b"1\n00:00:01,000 --> 00:00:02,000\nHello.\n");
        let found = Found::new(Some(1), &film, Micros::ZERO, Vec::new());
        assert!(found.summaries.is_empty() && found.track.is_none());
    }
}
