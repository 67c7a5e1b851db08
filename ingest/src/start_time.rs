//! When did a recording begin? Several sources may say, each with its own way of being wrong.
//!
//! - **Telemetry** by satellites does not pass through the recorder's clock. Its error is what its own
//!   samples spread over.
//! - A **sidecar**, or the same text as subtitles, shows the device's clock for every picture, or was
//!   written by a logger; see [`crate::sidecar`].
//! - The **file name** is written by the recorder when it begins, to the second: it may be one second
//!   off, plus whatever the recorder's clock is off (which the analyzer adds).
//! - The **container's** creation time is written to the second, too, but some recorders write it when
//!   they begin and others when they end, and the file does not say which: taken for the start, it may
//!   be wrong by the whole length of the recording. Values before 2000 are a writer that has no clock.
//!
//! The order of trust is configuration. All claims are kept; whether they contradict one another is for
//! the analyzer to say.

use catalog::observation::{KeyFacts, StartClaim, StartSource};
use catalog::track::TrackClock;
use catalog::track::{ClockKind, Track};
use catalog::{MediaTime, Micros, WallTime};

/// How wrong a time is that is written to the second.
pub(crate) const RESOLUTION: Micros = Micros::from_s(1);

/// 2000-01-01T00:00:00Z. A creation time before it (1904 and 1970 are common) means "no clock".
const FIRST_CREDIBLE: WallTime = WallTime(946_684_800 * 1_000_000);

/// The sources in the default order of trust.
pub const DEFAULT_ORDER: [StartSource; 4] =
    [StartSource::Telemetry, StartSource::Sidecar, StartSource::FileName, StartSource::Container];

/// What there is to go by.
#[derive(Debug, Clone, Copy)]
pub struct Sources<'a> {
    /// What the object's key says.
    pub key: &'a KeyFacts,
    /// The container's creation time.
    pub created_at: Option<WallTime>,
    /// How long the recording is.
    pub duration: Option<Micros>,
    /// Where its first packet of video and audio stands: what a start refers to.
    pub origin: Option<MediaTime>,
    /// The tracks within it.
    pub tracks: &'a [Track],
    /// What a file beside it says of its start, and how wrong that may be.
    pub beside: Option<(WallTime, Micros)>,
}

/// Gathers what is said about the start, most trusted first by `order`; sources that are not in
/// `order` are left out.
pub fn claims(order: &[StartSource], sources: &Sources<'_>) -> Vec<StartClaim> {
    let claim = |source: &StartSource| {
        let (started_at, error_us) = match source {
            StartSource::Telemetry => sources.within(ClockKind::Satellite)?,
            // The subtitles within are of this recording for certain.
            StartSource::Sidecar => sources.within(ClockKind::Local).or(sources.beside)?,
            StartSource::FileName => (sources.key.started_at?, RESOLUTION),
            StartSource::Container => {
                (sources.created_at?, RESOLUTION + sources.duration.unwrap_or_default())
            }
        };
        let credible = *source == StartSource::FileName || started_at >= FIRST_CREDIBLE;
        credible.then_some(StartClaim { source: *source, started_at, error_us })
    };
    order.iter().filter_map(claim).collect()
}

impl Sources<'_> {
    /// The start by the clock of this kind within the recording that is least wrong.
    fn within(&self, kind: ClockKind) -> Option<(WallTime, Micros)> {
        let origin = self.origin?;
        let clocks = self.tracks.iter().filter_map(|track| track.clock).filter(|clock| clock.kind == kind);
        clocks
            .map(|clock| (at_origin(&clock, origin), clock.error_us))
            .min_by_key(|&(started_at, error_us)| (error_us, started_at))
    }
}

/// Media time zero of a file is where its first picture or sound is not: shifts a clock to `origin`.
fn at_origin(clock: &TrackClock, origin: MediaTime) -> WallTime {
    clock.zero_at + (origin - MediaTime::ZERO)
}

#[cfg(test)]
mod tests {

    use super::*;

    fn at(text: &str) -> WallTime {
        WallTime::parse(text).unwrap()
    }

    static NO_KEY: KeyFacts = KeyFacts { device: None, badge: None, started_at: None, seq: None };
    const NOTHING: Sources<'static> =
        Sources { key: &NO_KEY, created_at: None, duration: None, origin: None, tracks: &[], beside: None };

    fn track(kind: ClockKind, zero_at: &str, error_ms: i64) -> Track {
        let error_us = Micros::from_ms(error_ms);
        Track {
            kind: String::new(),
            stream_index: Some(2),
            samples_read: 9,
            units_with_position: 9,
            clock: Some(TrackClock { kind, zero_at: at(zero_at), error_us, samples: 9 }),
            first_at: None,
            last_at: None,
            thinning: None,
            points: vec![],
            notes: vec![],
        }
    }

    fn named(text: &str) -> KeyFacts {
        KeyFacts { started_at: Some(at(text)), ..KeyFacts::default() }
    }

    #[test]
    fn the_order_decides_which_source_comes_first() {
        let (key, created_at) = (named("2024-05-03 09:30:00"), Some(at("2024-05-03 09:30:02")));
        let duration = Some(Micros::from_s(60));
        let given = Sources { key: &key, created_at, duration, ..NOTHING };
        let sources = |order: &[StartSource]| -> Vec<_> {
            claims(order, &given).iter().map(|claim| claim.source).collect()
        };
        assert_eq!(sources(&DEFAULT_ORDER), [StartSource::FileName, StartSource::Container]);
        assert_eq!(
            sources(&[StartSource::Container, StartSource::FileName]),
            [StartSource::Container, StartSource::FileName]
        );
        assert_eq!(sources(&[StartSource::FileName]), [StartSource::FileName]);
    }

    #[test]
    fn a_creation_time_may_be_wrong_by_the_whole_length() {
        let (created_at, duration) = (Some(at("2024-05-03 09:30")), Some(Micros::from_s(60)));
        let found = claims(&DEFAULT_ORDER, &Sources { created_at, duration, ..NOTHING });
        assert_eq!(found[0].error_us, Micros::from_s(61));
    }

    #[test]
    fn a_writer_without_a_clock_claims_nothing() {
        for created_at in ["1904-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "1999-12-31T23:59:59Z"] {
            let given = Sources { created_at: Some(at(created_at)), ..NOTHING };
            assert!(claims(&DEFAULT_ORDER, &given).is_empty());
        }
    }

    #[test]
    fn telemetry_counts_from_media_time_zero_and_the_least_wrong_is_believed() {
        let tracks = [
            track(ClockKind::Satellite, "2024-05-03 09:30:10", 500),
            track(ClockKind::Satellite, "2024-05-03 09:30:00", 20),
        ];
        let origin = Some(MediaTime(1_400_000));
        let [found] =
            claims(&DEFAULT_ORDER, &Sources { tracks: &tracks, origin, ..NOTHING }).try_into().unwrap();
        let expected = (StartSource::Telemetry, at("2024-05-03 09:30:01.4"), Micros::from_ms(20));
        assert_eq!((found.source, found.started_at, found.error_us), expected);
        // Without a picture there is nothing that began.
        assert!(claims(&DEFAULT_ORDER, &Sources { tracks: &tracks, ..NOTHING }).is_empty());
    }

    #[test]
    fn a_devices_own_clock_is_no_satellite_and_what_is_within_goes_before_what_lies_beside() {
        let tracks = [track(ClockKind::Local, "2024-05-03 09:30:00", 2)];
        let beside = Some((at("2024-05-03 09:30:07"), Micros::from_ms(1)));
        let origin = Some(MediaTime::ZERO);
        let within = claims(&DEFAULT_ORDER, &Sources { tracks: &tracks, origin, beside, ..NOTHING });
        assert_eq!(
            (within[0].source, within[0].started_at),
            (StartSource::Sidecar, at("2024-05-03 09:30:00"))
        );
        let found = claims(&DEFAULT_ORDER, &Sources { beside, ..NOTHING });
        assert_eq!((found[0].source, found[0].started_at), (StartSource::Sidecar, at("2024-05-03 09:30:07")));
    }

    #[test]
    fn a_receiver_that_lost_count_of_the_weeks_claims_nothing() {
        let tracks = [track(ClockKind::Satellite, "1999-08-21 09:30:00", 20)];
        let given = Sources { tracks: &tracks, origin: Some(MediaTime::ZERO), ..NOTHING };
        assert!(claims(&DEFAULT_ORDER, &given).is_empty());
    }
}
