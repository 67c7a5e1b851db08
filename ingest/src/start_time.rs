//! When did a recording begin? Several sources may say, each with its own way of being wrong.
//!
//! - The **file name** is written by the recorder when it begins, to the second: it may be one second
//!   off, plus whatever the recorder's clock is off (which the analyzer adds).
//! - The **container's** creation time is written to the second, too, but some recorders write it when
//!   they begin and others when they end, and the file does not say which: taken for the start, it may
//!   be wrong by the whole length of the recording. Values before 2000 are a writer that has no clock.
//!
//! The order of trust is configuration. All claims are kept; whether they contradict one another is for
//! the analyzer to say.

use catalog::observation::{KeyFacts, StartClaim, StartSource};
use catalog::{Micros, WallTime};

/// How wrong a time is that is written to the second.
const RESOLUTION: Micros = Micros::from_s(1);

/// 2000-01-01T00:00:00Z. A creation time before it (1904 and 1970 are common) means "no clock".
const FIRST_CREDIBLE: WallTime = WallTime(946_684_800 * 1_000_000);

/// The sources in the default order of trust.
pub const DEFAULT_ORDER: [StartSource; 4] =
    [StartSource::Telemetry, StartSource::Sidecar, StartSource::FileName, StartSource::Container];

/// Gathers what is said about the start, most trusted first by `order`; sources that are not in
/// `order` are left out.
pub fn claims(
    order: &[StartSource],
    key: &KeyFacts,
    created_at: Option<WallTime>,
    duration: Option<Micros>,
) -> Vec<StartClaim> {
    let claim = |source: &StartSource| {
        let (started_at, error_us) = match source {
            StartSource::FileName => (key.started_at?, RESOLUTION),
            StartSource::Container => {
                let created_at = created_at.filter(|&time| time >= FIRST_CREDIBLE)?;
                (created_at, RESOLUTION + duration.unwrap_or_default())
            }
            StartSource::Telemetry | StartSource::Sidecar => return None,
        };
        Some(StartClaim { source: *source, started_at, error_us })
    };
    order.iter().filter_map(claim).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> WallTime {
        WallTime::parse(text).unwrap()
    }

    fn named(text: &str) -> KeyFacts {
        KeyFacts { started_at: Some(at(text)), ..KeyFacts::default() }
    }

    #[test]
    fn the_order_decides_which_source_comes_first() {
        let (key, created_at) = (named("2024-05-03 09:30:00"), Some(at("2024-05-03 09:30:02")));
        let duration = Some(Micros::from_s(60));
        let sources = |order: &[StartSource]| -> Vec<_> {
            claims(order, &key, created_at, duration).iter().map(|claim| claim.source).collect()
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
        let found = claims(
            &DEFAULT_ORDER,
            &KeyFacts::default(),
            Some(at("2024-05-03 09:30")),
            Some(Micros::from_s(60)),
        );
        assert_eq!(found[0].error_us, Micros::from_s(61));
    }

    #[test]
    fn a_writer_without_a_clock_claims_nothing() {
        for created_at in ["1904-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "1999-12-31T23:59:59Z"] {
            assert!(claims(&DEFAULT_ORDER, &KeyFacts::default(), Some(at(created_at)), None).is_empty());
        }
    }
}
