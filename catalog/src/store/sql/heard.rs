//! Which recordings can have been heard together: only of these the envelopes of sound are loaded.
//!
//! An envelope is the largest thing that is kept of a recording: 90 000 bytes an hour. All that a month needs them for
//! is to tie two devices' recordings of one stage to one another. So they are read of the recordings of stages of
//! which there are recordings of two devices, or more: by officer, by holder, or by a link. What was recorded on
//! patrol, or by one officer alone, stays where it is.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::case::{Link, Stage};
use crate::device::Device;
use crate::snapshot::Recording;
use crate::time::{Micros, WallTime};

/// So far a clock may be off for its recordings to be taken for those of a stage. One that is off by more is not heard
/// with others.
const CLOCK: Micros = Micros::from_s(3600);

/// The recordings of one officer.
#[derive(Default)]
struct Lane<'r> {
    /// By start.
    recordings: Vec<(WallTime, &'r Recording)>,
    /// The longest, beyond which nothing reaches.
    longest: Micros,
}

/// The digests of recordings that can have been heard together with others.
pub(super) fn together<'r>(
    recordings: &'r [Recording],
    stages: &[Stage],
    links: &[Link],
    devices: &[Device],
) -> HashSet<&'r str> {
    let holders: HashMap<&str, &str> = devices
        .iter()
        .filter_map(|device| Some((device.serial.as_str(), device.holder.as_deref()?)))
        .collect();
    let mut lanes: HashMap<&str, Lane<'_>> = HashMap::new();
    for recording in recordings.iter().filter(|recording| !recording.gone && recording.device.is_some()) {
        let Some(ran) = recording.ran() else { continue };
        let holder = recording.device.as_deref().and_then(|serial| holders.get(serial)).copied();
        let officers: BTreeSet<&str> = recording.badge.as_deref().into_iter().chain(holder).collect();
        for officer in officers {
            let lane = lanes.entry(officer).or_default();
            lane.recordings.push((ran.start, recording));
            lane.longest = ran.length().max(lane.longest);
        }
    }
    for lane in lanes.values_mut() {
        lane.recordings.sort_unstable_by_key(|(start, _)| *start);
    }
    let keys: HashSet<&str> = links.iter().map(|link| link.object_key.as_str()).collect();
    // A link names all objects of its key: two stores may have one each.
    let mut of_key: HashMap<&str, Vec<&Recording>> = HashMap::new();
    for recording in recordings.iter().filter(|recording| keys.contains(recording.object_key.as_str())) {
        of_key.entry(recording.object_key.as_str()).or_default().push(recording);
    }
    let mut linked: HashMap<(&str, u32), Vec<&Recording>> = HashMap::new();
    for link in links {
        if let Some(recordings) = of_key.get(link.object_key.as_str()) {
            linked.entry((&link.case_no, link.stage_no)).or_default().extend(recordings);
        }
    }
    let mut together = HashSet::new();
    for stage in stages {
        let (from, until) = (stage.starts_at - CLOCK, stage.ends_at + CLOCK);
        let of_links = linked.get(&(stage.case_no.as_str(), stage.stage_no));
        let mut all: Vec<&Recording> = of_links.into_iter().flatten().copied().collect();
        for lane in stage.officers.iter().filter_map(|officer| lanes.get(officer.as_str())) {
            let first = lane.recordings.partition_point(|(start, _)| *start + lane.longest <= from);
            let near = lane.recordings[first..].iter().take_while(|(start, _)| *start < until);
            all.extend(
                near.filter(|(_, one)| one.ran().is_some_and(|ran| ran.end > from)).map(|(_, one)| one),
            );
        }
        let devices: BTreeSet<&str> =
            all.iter().filter_map(|recording| recording.device.as_deref()).collect();
        if devices.len() > 1 {
            together.extend(all.iter().map(|recording| recording.sha256.as_str()));
        }
    }
    together
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::StageKind;
    use crate::interval::{Interval, IntervalSet};
    use crate::observation::StartSource;
    use crate::snapshot::Arrival;
    use crate::time::MediaTime;

    fn at(moment: &str) -> WallTime {
        WallTime::parse(moment).unwrap()
    }

    /// A minute of a device.
    fn minute(key: &str, sha256: &str, device: &str, badge: Option<&str>, started_at: &str) -> Recording {
        let whole = IntervalSet::from(Interval::new(MediaTime(0), MediaTime(60_000_000)));
        Recording {
            object_key: key.to_owned(),
            version: 1,
            sha256: sha256.to_owned(),
            first_sha256: None,
            size_bytes: 1_000_000,
            device: Some(device.to_owned()),
            badge: badge.map(str::to_owned),
            started_at: Some(at(started_at)),
            started_at_source: Some(StartSource::FileName),
            clock_error_us: Micros::from_ms(500),
            start_claims: Vec::new(),
            origin_us: MediaTime(0),
            video: whole.clone(),
            audio: whole,
            problems: Vec::new(),
            gone: false,
            arrival: Arrival::default(),
        }
    }

    #[test]
    fn a_link_brings_in_what_every_store_has_of_its_key() {
        let stage = Stage {
            case_no: "A-1".to_owned(),
            stage_no: 1,
            kind: StageKind::SiteInspection,
            starts_at: at("2024-05-05 09:00"),
            ends_at: at("2024-05-05 09:10"),
            officers: vec!["1001".to_owned()],
            place: String::new(),
        };
        let link = Link { case_no: "A-1".to_owned(), stage_no: 1, object_key: "DJI_0001.MP4".to_owned() };
        let mut recordings = [
            minute("own.mp4", "own", "BWC1", Some("1001"), "2024-05-05 09:00"),
            minute("DJI_0001.MP4", "of a stranger", "UAV9", None, "2024-05-10 20:00"),
            minute("DJI_0001.MP4", "of the same", "BWC1", None, "2024-05-10 20:00"),
        ];
        let expected = HashSet::from(["own", "of a stranger", "of the same"]);
        for _ in 0..2 {
            let stages = std::slice::from_ref(&stage);
            assert_eq!(together(&recordings, stages, std::slice::from_ref(&link), &[]), expected);
            recordings.reverse();
        }
    }
}
