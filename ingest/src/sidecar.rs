//! Telemetry beside a recording: `DJI_0001.SRT` belongs to `DJI_0001.MP4`.
//!
//! A sidecar is an object of the store like any other: read, digested, recorded, listed. It is no
//! recording. What it says of *when* is claimed for the recordings that share its folder and its name
//! up to the extension, whatever the case of the letters.
//!
//! - **Subtitles** count from the first picture, so the clock at their zero is the recording's start.
//! - **A log without media time** (GPX, NMEA, bare GPMF) says when *it* began. That is taken for the
//!   recording's start only if both are equally long, to within [`LENGTH_TOLERANCE`]; what they differ
//!   by is added to the error.
//!
//! # Which comes first
//! Within one run, objects named like sidecars are recorded before all others, so a recording finds
//! its sidecar whichever was listed first. A sidecar that arrives in a later run makes the recordings
//! beside it be read once more ([`late`]): the reading that joins the two is a new one, made of bytes
//! that were read again and found the same, and the earlier reading stays. A sidecar that changes or
//! goes away later takes nothing back: what was claimed was known then.

use std::collections::BTreeMap;

use catalog::observation::SIDECAR_CONTAINERS;
use catalog::store::ObjectEntry;
use catalog::track::{SidecarClock, TrackClock, name, stem};
use catalog::{Micros, WallTime};

use crate::start_time::RESOLUTION;

/// By how much the length of a log and of the recording beside it may differ.
pub const LENGTH_TOLERANCE: Micros = Micros::from_s(10);

/// Extensions, in lower case, that files beside recordings have.
pub const EXTENSIONS: [&str; 8] = ["srt", "gpx", "nmea", "log", "gpmf", "raw", "klv", "txt"];

/// Whether an object is named like a sidecar. Its content decides; the name only says what is worth
/// reading first.
pub fn is_named_like_one(object_key: &str) -> bool {
    let extension = name(object_key).rsplit_once('.').map(|(_, extension)| extension.to_lowercase());
    extension.is_some_and(|extension| EXTENSIONS.contains(&extension.as_str()))
}

/// The clocks of a store's sidecars, by stem.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sidecars(BTreeMap<String, Vec<SidecarClock>>);

impl Sidecars {
    /// Sorts sidecars by what they lie beside.
    pub fn new(clocks: impl IntoIterator<Item = SidecarClock>) -> Self {
        let mut by_stem: BTreeMap<String, Vec<SidecarClock>> = BTreeMap::new();
        for clock in clocks {
            by_stem.entry(stem(&clock.object_key)).or_default().push(clock);
        }
        Self(by_stem)
    }

    /// When the recording of this key and length began, as the files beside it say, and how wrong that
    /// may be. Where several say so, the one that is least wrong.
    pub fn start_of(&self, object_key: &str, duration: Option<Micros>) -> Option<(WallTime, Micros)> {
        let beside = self.0.get(&stem(object_key))?;
        let others = beside.iter().filter(|clock| clock.object_key != object_key);
        others.filter_map(|clock| start(clock, duration?)).min_by_key(|&(at, error)| (error, at))
    }
}

/// The start that one sidecar claims.
fn start(sidecar: &SidecarClock, duration: Micros) -> Option<(WallTime, Micros)> {
    if let Some(TrackClock { zero_at, error_us, .. }) = sidecar.clock {
        return Some((zero_at, error_us));
    }
    let (first, last) = sidecar.first_at.zip(sidecar.last_at)?;
    let differ = ((last - first) - duration).abs();
    (differ <= LENGTH_TOLERANCE).then_some((first, differ + RESOLUTION))
}

/// Of objects that need not be read: the keys of those that a sidecar has something to say of, and
/// that have not been joined with one.
pub fn late<'a>(
    sidecars: &Sidecars,
    unchanged: impl IntoIterator<Item = &'a ObjectEntry>,
) -> Vec<&'a ObjectEntry> {
    let is_late = |entry: &&ObjectEntry| {
        !entry.gone
            && !entry.quarantined
            && !entry.sidecar_claim
            && sidecars.start_of(&entry.object_key, entry.duration_us).is_some()
    };
    unchanged.into_iter().filter(is_late).collect()
}

/// Whether a container is that of an object that is nothing but telemetry.
pub fn is_sidecar_container(container: Option<&str>) -> bool {
    container.is_some_and(|container| SIDECAR_CONTAINERS.contains(&container))
}

#[cfg(test)]
mod tests {
    use super::*;
    use catalog::track::ClockKind;

    fn at(text: &str) -> WallTime {
        WallTime::parse(text).unwrap()
    }

    fn subtitles(key: &str, zero_at: &str) -> SidecarClock {
        let (kind, zero_at, error_us) = (ClockKind::Local, at(zero_at), Micros::from_ms(2));
        let clock = Some(TrackClock { kind, zero_at, error_us, samples: 9 });
        SidecarClock { object_key: key.into(), clock, first_at: None, last_at: None }
    }

    fn log(key: &str, first_at: &str, last_at: &str) -> SidecarClock {
        let (first_at, last_at) = (Some(at(first_at)), Some(at(last_at)));
        SidecarClock { object_key: key.into(), clock: None, first_at, last_at }
    }

    #[test]
    fn a_sidecar_has_its_recordings_folder_and_stem_in_any_case() {
        assert_eq!(stem("a/DJI_0001.SRT"), stem("a/dji_0001.mp4"));
        assert_ne!(stem("a/DJI_0001.SRT"), stem("b/DJI_0001.MP4"));
        assert_ne!(stem("DJI_0001.SRT"), stem("DJI_0001.A.MP4"));
        assert_eq!(stem("a.b/现场.gpx"), "a.b/现场");
        assert_eq!(stem("noextension"), "noextension");
        assert!(is_named_like_one("x/DJI_0001.SRT") && is_named_like_one("a.Gpx"));
        assert!(!is_named_like_one("x.srt/DJI_0001.MP4") && !is_named_like_one("srt"));
    }

    #[test]
    fn subtitles_say_when_the_first_picture_was() {
        let sidecars = Sidecars::new([subtitles("d/DJI_0001.SRT", "2024-05-03 09:30:00.1")]);
        let found = sidecars.start_of("d/dji_0001.MP4", Some(Micros::from_s(60)));
        assert_eq!(found, Some((at("2024-05-03 09:30:00.1"), Micros::from_ms(2))));
        assert_eq!(sidecars.start_of("d/DJI_0002.MP4", Some(Micros::from_s(60))), None);
        // What has no footage did not begin.
        assert_eq!(sidecars.start_of("d/dji_0001.JPG", None), None);
        assert_eq!(sidecars.start_of("d/DJI_0001.SRT", Some(Micros::from_s(60))), None, "itself");
    }

    #[test]
    fn a_log_is_believed_where_it_is_as_long_as_the_recording() {
        let sidecars = Sidecars::new([log("a.gpx", "2024-05-03 09:30", "2024-05-03 09:31")]);
        let start = |seconds| sidecars.start_of("a.mp4", Some(Micros::from_s(seconds)));
        assert_eq!(start(58), Some((at("2024-05-03 09:30"), Micros::from_s(3))));
        assert_eq!(start(49), None);
        assert_eq!(start(600), None);
    }

    #[test]
    fn of_several_the_least_wrong_is_believed() {
        let sidecars = Sidecars::new([
            log("a.gpx", "2024-05-03 09:30", "2024-05-03 09:31"),
            subtitles("a.srt", "2024-05-03 09:30:01"),
        ]);
        let found = sidecars.start_of("a.mp4", Some(Micros::from_s(60))).unwrap();
        assert_eq!(found.0, at("2024-05-03 09:30:01"));
    }

    #[test]
    fn only_recordings_that_were_not_joined_are_late() {
        let sidecars =
            Sidecars::new([subtitles("a.srt", "2024-05-03 09:30"), subtitles("b.srt", "2024-05-03 09:30")]);
        let entry = |key: &str, sidecar_claim, duration_us| ObjectEntry {
            object_key: key.into(),
            signature: String::new(),
            gone: false,
            quarantined: false,
            sidecar_claim,
            duration_us,
        };
        let film = Some(Micros::from_s(60));
        let entries = [entry("a.mp4", false, film), entry("a.srt", false, None), entry("b.mp4", true, film)];
        let keys: Vec<_> = late(&sidecars, &entries).iter().map(|entry| entry.object_key.as_str()).collect();
        assert_eq!(keys, ["a.mp4"]);
    }
}
