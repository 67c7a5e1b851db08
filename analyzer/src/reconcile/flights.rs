//! The list of flights against what is stored: flights without a recording, files that the list names and nobody
//! stored, and recordings of drones of which no flight is listed.
//!
//! A recording belongs to a flight that names it, or during which its drone ran it. How much ground it shows is
//! for [`crate::coverage`] to say, which also judges gaps and clocks; here a row matches or does not.

use std::collections::{BTreeSet, HashMap, HashSet};

use catalog::drone::{Sortie, SortieStatus};
use catalog::drone_month::DroneMonth;
use catalog::snapshot::Recording;
use catalog::track::name;
use catalog::{Interval, WallTime};

use super::joins::{JoinIssue, JoinedTable, Rows};

/// Adds what did not match; `linked` are the keys that people tied to stages, which explains them.
pub(super) fn look_at(month: &DroneMonth, linked: &HashSet<&str>, rows: &mut Rows) -> JoinedTable {
    let span = month.month.interval();
    let flown: Vec<&Sortie> = month
        .sorties
        .iter()
        .filter(|sortie| sortie.status == SortieStatus::Flown && sortie.landed_at <= month.as_of)
        .collect();
    let stored: Vec<&Recording> = month.recordings.iter().filter(|recording| !recording.gone).collect();
    let keys: HashSet<&str> = stored.iter().map(|recording| recording.object_key.as_str()).collect();
    let mut of_device: HashMap<&str, Vec<(Interval<WallTime>, &str)>> = HashMap::new();
    for recording in &stored {
        if let (Some(device), Some(ran)) = (&recording.device, ran(recording)) {
            of_device.entry(device).or_default().push((ran, &recording.object_key));
        }
    }
    let tracks: HashSet<&str> = month.tracks.iter().map(|track| name(&track.object_key)).collect();
    let (mut all, mut unmatched) = (0_u64, 0_u64);
    let mut explained: BTreeSet<&str> = BTreeSet::new();
    for sortie in &flown {
        let flight = Interval::new(sortie.took_off_at, sortie.landed_at);
        let during = of_device.get(sortie.device.as_str()).into_iter().flatten();
        let mut files: Vec<&str> =
            during.filter(|(ran, _)| ran.overlaps(&flight)).map(|(_, key)| *key).collect();
        let named = sortie.object_key.as_deref();
        files.extend(named.filter(|key| keys.contains(key)));
        explained.extend(&files);
        if !span.contains(sortie.took_off_at) {
            continue;
        }
        all += 1;
        unmatched += u64::from(files.is_empty());
        match named.filter(|key| !keys.contains(key)) {
            Some(key) => rows.add(JoinIssue::SortieFileNotStored, key, Some(&sortie.sortie)),
            None if files.is_empty() => rows.add(JoinIssue::SortieWithoutRecording, &sortie.sortie, None),
            None => {}
        }
        if let Some(track) = sortie.track.as_deref().filter(|track| !tracks.contains(name(track))) {
            rows.add(JoinIssue::SortieFileNotStored, track, Some(&sortie.sortie));
        }
    }
    let drones: HashSet<&str> = month.drones.iter().map(|drone| drone.serial.as_str()).collect();
    for recording in stored {
        let key = recording.object_key.as_str();
        let by_drone = recording.device.as_deref().is_some_and(|serial| drones.contains(serial));
        let in_month = recording.started_at.is_none_or(|start| span.contains(start));
        if by_drone && in_month && !explained.contains(key) && !linked.contains(key) {
            rows.add(JoinIssue::DroneRecordingWithoutSortie, key, None);
        }
    }
    JoinedTable { table: "sorties", rows: all, matched: all - unmatched }
}

/// When it ran; what cannot be read began, at least.
fn ran(recording: &Recording) -> Option<Interval<WallTime>> {
    recording.ran().or_else(|| {
        let start = recording.started_at?;
        Some(Interval::new(start, start + catalog::Micros(1)))
    })
}
