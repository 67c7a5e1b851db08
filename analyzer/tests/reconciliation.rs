//! What devices say they recorded against what is stored, from outside.
#![allow(clippy::unwrap_used, reason = "in a test, what cannot be unwrapped is a failure")]

#[path = "audit/month.rs"]
#[expect(dead_code, reason = "the audit's tests use the rest of the builder")]
mod month;

use analyzer::reconcile::{JoinIssue, MatchedBy, ReconcileError, Reconciliation, reconcile};
use catalog::device::DeviceKind;
use catalog::drone::{Sortie, SortieStatus};
use catalog::drone_month::DroneMonth;
use catalog::{Micros, WallTime};

use month::{Film, Month, at, device};

fn of(month: &Month) -> Reconciliation {
    reconcile(&month.snapshot, None, &month.policy).unwrap()
}

fn issues(month: &Month) -> Vec<(JoinIssue, String, u64)> {
    of(month).joins.rows.into_iter().map(|row| (row.issue, row.subject, row.rows)).collect()
}

/// Two files of BWC1 and one of BWC2 that are not stored, on 9 May at noon.
fn three_lacking() -> Month {
    Month::with_inspection()
        .manifest("BWC1", "0008.MP4", "15:00:00", "15:30:00")
        .manifest("BWC1", "0007.MP4", "09:59:57", "10:10:03")
        .manifest("BWC2", "0001.MP4", "11:00:00", "11:01:00")
        .looked_at("2024-05-09 12:00")
}

#[test]
fn what_is_not_uploaded_is_told_with_the_time_left_and_whom_to_call_first() {
    let found = of(&three_lacking());
    let files: Vec<&str> = found.not_uploaded.iter().map(|row| row.file.as_str()).collect();
    assert_eq!(files, ["0007.MP4", "0001.MP4", "0008.MP4"], "the most urgent first");
    let first = &found.not_uploaded[0];
    assert_eq!(first.held_until, WallTime::parse("2024-05-13 10:10:03").unwrap());
    assert_eq!(first.left_us, Some(first.held_until - found.as_of));
    assert_eq!(first.stages.iter().map(ToString::to_string).collect::<Vec<_>>(), ["A-1/1"]);
    let calls: Vec<_> = found
        .calls
        .iter()
        .map(|call| (call.device.as_str(), call.officer.as_deref(), call.unit_name.as_deref(), call.files))
        .collect();
    assert_eq!(
        calls,
        [
            ("BWC1", Some("officer 1001"), Some("一中队"), 2),
            ("BWC2", Some("officer 1002"), Some("一中队"), 1)
        ]
    );
    assert_eq!(found.calls[0].first_held_until, first.held_until);
    assert_eq!(found.totals.not_uploaded_us, Micros::from_s(606 + 60 + 1800));
    assert_eq!((found.totals.manifest_entries, found.totals.lost), (3, 0));
}

#[test]
fn once_the_time_is_over_it_is_lost() {
    let found = of(&three_lacking().looked_at("2024-05-13 12:00"));
    let lost: Vec<&str> = found.lost.iter().map(|row| row.file.as_str()).collect();
    assert_eq!(lost, ["0007.MP4", "0001.MP4"]);
    assert_eq!(found.not_uploaded.len(), 1);
    assert_eq!(found.lost[0].left_us, None);
}

#[test]
fn a_vehicle_holds_its_files_longer_than_a_recorder() {
    let mut month = three_lacking().looked_at("2024-05-13 12:00");
    month.snapshot.devices[0].kind = DeviceKind::Vehicle;
    let found = of(&month);
    assert_eq!(found.lost.iter().map(|row| row.device.as_str()).collect::<Vec<_>>(), ["BWC2"]);
}

#[test]
fn an_entry_that_is_still_to_come_is_not_judged() {
    let month = Month::with_inspection()
        .manifest("BWC1", "0008.MP4", "15:00:00", "15:30:00")
        .looked_at("2024-05-06 15:29:59");
    assert_eq!(of(&month).totals.manifest_entries, 0);
}

#[test]
fn files_are_matched_by_name_first_and_by_time_else() {
    let month = Month::with_inspection()
        .film(Film::first("x/BWC1_1001_20240506095957_0007.mp4", "09:59:57", "10:10:03"))
        .film(Film::second("x/0009.mp4", "12:00:30", "12:01:30"))
        .manifest("BWC1", "0007.MP4", "09:59:58", "10:10:03")
        .manifest("BWC2", r"DCIM\100\0009.MP4", "12:00:30", "12:01:30");
    let found = of(&month);
    assert_eq!((found.totals.not_uploaded, found.totals.lost, found.totals.differing), (0, 0, 0));
    assert_eq!((found.totals.not_in_manifest, found.silent_devices.len()), (0, 0));
}

#[test]
fn a_start_that_no_clock_explains_is_another_file() {
    // The name's half second, the manifest's second, and two of policy.
    let month = |start| {
        Month::with_inspection()
            .film(Film::first("a", "09:59:57", "10:10:03"))
            .manifest("BWC1", "0007.MP4", start, "10:10:03")
            .looked_at("2024-05-09 12:00")
    };
    assert_eq!(of(&month("10:00:00.500000")).totals.not_uploaded, 0);
    let found = of(&month("10:00:00.500001"));
    assert_eq!((found.totals.not_uploaded, found.totals.not_in_manifest), (1, 1));
}

#[test]
fn of_two_objects_the_nearer_is_the_file() {
    let month = Month::with_inspection()
        .film(Film::first("a", "10:00:01", "10:01:01"))
        .film(Film::first("b", "10:00:02", "10:01:02"))
        .manifest("BWC1", "one", "10:00:02", "10:01:02")
        .looked_at("2024-05-09 12:00");
    let found = of(&month);
    assert_eq!(found.not_in_manifest.iter().map(|row| row.object_key.as_str()).collect::<Vec<_>>(), ["a"]);
}

#[test]
fn what_is_stored_otherwise_than_the_device_says_is_told() {
    let mut short = Film::first("x/0007.mp4", "09:59:57", "10:05:00");
    short.0.size_bytes = 400_000;
    let month = Month::with_inspection()
        .film(short)
        .manifest("BWC1", "0007.MP4", "09:59:58", "10:10:03")
        .looked_at("2024-05-09 12:00");
    let found = of(&month);
    let [row] = found.differing.as_slice() else { panic!("{:?}", found.differing) };
    assert_eq!(
        (row.matched_by, row.manifest_size_bytes, row.size_bytes),
        (MatchedBy::Name, 1_000_000, 400_000)
    );
    assert_eq!(row.start_off_us, None);
    assert_eq!(row.length_off_us, Some(Micros::from_s(303 - 605)));
    assert!(row.left_us.is_some(), "the device may still hold the whole of it");
    assert_eq!((found.totals.not_uploaded, found.totals.lost), (0, 0));
}

#[test]
fn a_file_whose_clock_was_wrong_by_hours_is_known_by_its_size() {
    let month = Month::with_inspection()
        .film(Film::first("x/0007.mp4", "17:59:57", "18:10:03"))
        .manifest("BWC1", "0007.MP4", "09:59:57", "10:10:03")
        .looked_at("2024-05-09 12:00");
    let found = of(&month);
    let [row] = found.differing.as_slice() else { panic!("{:?}", found.differing) };
    assert_eq!((row.matched_by, row.start_off_us), (MatchedBy::Name, Some(Micros::from_s(8 * 3600))));
    assert_eq!((found.totals.not_uploaded, found.totals.lost), (0, 0));
}

/// A drone's file of 3 May, and another of the same name that its list has of 6 May at 14:00.
fn numbered_anew() -> Month {
    let mut stored = Film::new("UAV/DRONE1/DJI_0001.MP4", "DRONE1", "1001", "09:00:00", "09:10:00");
    stored.0.size_bytes = 2_000_000;
    stored.0.started_at = Some(WallTime::parse("2024-05-03 09:00:00").unwrap());
    Month::with_inspection()
        .film(stored)
        .manifest("DRONE1", "DJI_0001.MP4", "14:00:00", "14:10:00")
        .looked_at("2024-05-06 18:00")
}

#[test]
fn a_name_that_comes_back_after_a_format_does_not_hide_what_was_never_uploaded() {
    let month = numbered_anew();
    let found = of(&month);
    assert_eq!(found.not_uploaded.iter().map(|row| row.file.as_str()).collect::<Vec<_>>(), ["DJI_0001.MP4"]);
    assert_eq!((found.totals.differing, found.totals.lost), (0, 0));
    assert_eq!(found.not_in_manifest[0].object_key, "UAV/DRONE1/DJI_0001.MP4");
    assert!(month.told_outside().contains("not_uploaded"), "{}", month.told_outside());
}

#[test]
fn a_name_and_a_device_do_where_there_is_nothing_to_compare() {
    let mut month = numbered_anew();
    month.snapshot.recordings[0].started_at = None;
    month.snapshot.recordings[0].started_at_source = None;
    assert_eq!(of(&month).totals.not_uploaded, 1, "the sizes say that it is another file");
    month.snapshot.manifest[0].size_bytes = 0;
    assert_eq!(of(&month).totals.not_uploaded, 0);
    month.snapshot.recordings[0].device = None;
    assert_eq!(of(&month).totals.not_uploaded, 1, "nothing but a number ties it to the drone");
}

#[test]
fn a_file_that_was_altered_or_is_gone_is_found_on_every_pass() {
    let mut altered = Film::first("x/0007.mp4", "09:59:57", "10:10:03");
    altered.0.version = 2;
    altered.0.first_sha256 = Some("first".into());
    let month = Month::with_inspection()
        .film(altered)
        .film(Film::second("x/0001.mp4", "11:00:00", "11:01:00").gone())
        .manifest("BWC2", "0001.MP4", "11:00:00", "11:01:00")
        .looked_at("2024-05-09 12:00");
    let found = of(&month);
    assert_eq!(found.altered[0].object_key, "x/0007.mp4");
    assert_eq!(found.gone[0].object_key, "x/0001.mp4");
    assert_eq!(found.not_uploaded[0].gone_key.as_deref(), Some("x/0001.mp4"), "the device may still hold it");
}

#[test]
fn a_device_that_lists_nothing_is_told_apart_from_a_file_that_it_does_not_list() {
    let month = Month::with_inspection()
        .film(Film::first("a", "10:00:00", "10:01:00"))
        .film(Film::second("b", "10:00:00", "10:01:00"))
        .film(Film::second("c", "10:02:00", "10:03:00"))
        .manifest("BWC1", "other", "12:00:00", "12:01:00");
    let found = of(&month);
    assert_eq!(found.not_in_manifest.iter().map(|row| row.object_key.as_str()).collect::<Vec<_>>(), ["a"]);
    let [silent] = found.silent_devices.as_slice() else { panic!("{:?}", found.silent_devices) };
    assert_eq!((silent.device.as_str(), silent.objects), ("BWC2", 2));
}

#[test]
fn rows_that_match_nothing_are_named_with_the_reason() {
    let mut month = Month::with_inspection()
        .film(Film::first("a", "10:00:00", "10:01:00").named(Some("X9"), Some("7777")))
        .film(Film::first("b", "10:00:00", "10:01:00").named(Some("X9"), Some("1001")))
        .film(Film::first("c", "10:00:00", "10:01:00").named(None, None))
        .film(Film::first("d", "10:00:00", "10:01:00").named(Some("CAR1"), None))
        .link(1, "never-stored.mp4");
    let mut unstarted = Film::second("e", "10:00:00", "10:01:00");
    unstarted.0.started_at = None;
    month = month.film(unstarted);
    let mut car = device("CAR1", DeviceKind::Vehicle, "1001");
    car.holder = None;
    car.synced_at = None;
    month.snapshot.devices.push(car);
    month
        .snapshot
        .cases
        .push(catalog::case::Case { case_no: "A-2".into(), ..month.snapshot.cases[0].clone() });
    month.snapshot.stages[0].officers.push("1003".into());
    let told = issues(&month);
    let expected = [
        (JoinIssue::LinkWithoutObject, "never-stored.mp4", 1),
        (JoinIssue::UnknownDevice, "X9", 2),
        (JoinIssue::UnknownOfficer, "7777", 1),
        (JoinIssue::KeyWithoutNames, "c", 1),
        (JoinIssue::NoStart, "e", 1),
        (JoinIssue::NobodysDevice, "CAR1", 1),
        (JoinIssue::ClockNeverSet, "CAR1", 1),
        (JoinIssue::OfficerWithoutDevice, "1003", 1),
        (JoinIssue::CaseWithoutStages, "A-2", 1),
        (JoinIssue::DeviceWithoutFootage, "BWC1", 1),
        (JoinIssue::DeviceWithoutFootage, "DRONE1", 1),
    ];
    assert_eq!(told, expected.map(|(issue, subject, rows)| (issue, subject.to_owned(), rows)));
    let joins = of(&month).joins;
    let recordings = joins.tables.iter().find(|table| table.table == "recordings").unwrap();
    assert_eq!((recordings.rows, recordings.matched), (5, 2));
    assert_eq!(joins.rows[1].example.as_deref(), Some("a"));
}

#[test]
fn what_matches_is_no_row() {
    let month = Month::with_inspection()
        .film(Film::first("a", "09:59:00", "10:11:00"))
        .film(Film::second("b", "09:59:00", "10:11:00"))
        .film(Film::new("d", "DRONE1", "1001", "12:00:00", "12:01:00"))
        .link(1, "a");
    assert_eq!(issues(&month), []);
}

/// A flight's number, from when to when it lasted, its recording and its track.
type FlightRow<'a> = (&'a str, &'a str, &'a str, Option<&'a str>, Option<&'a str>);

/// A month of the drone's flights: which recording and track each names.
fn flown(month: &Month, flights: &[FlightRow<'_>]) -> DroneMonth {
    let snapshot = &month.snapshot;
    let sortie = |&(name, from, to, key, track): &FlightRow<'_>| Sortie {
        sortie: name.to_owned(),
        dock: None,
        device: "DRONE1".to_owned(),
        took_off_at: at(from),
        landed_at: at(to),
        object_key: key.map(str::to_owned),
        track: track.map(str::to_owned),
        status: SortieStatus::Flown,
        note: None,
    };
    let of_drone = |recording: &&catalog::snapshot::Recording| recording.device.as_deref() == Some("DRONE1");
    DroneMonth {
        month: snapshot.month,
        as_of: snapshot.as_of,
        since: snapshot.month.start(),
        units: snapshot.units.clone(),
        drones: snapshot.devices.iter().filter(|device| device.kind == DeviceKind::Drone).cloned().collect(),
        docks: Vec::new(),
        areas: Vec::new(),
        sorties: flights.iter().map(sortie).collect(),
        recordings: snapshot.recordings.iter().filter(of_drone).cloned().collect(),
        tracks: Vec::new(),
    }
}

#[test]
fn flights_are_matched_with_recordings_and_the_files_that_the_list_names() {
    let film = |key, from, to| Film::new(key, "DRONE1", "1001", from, to);
    let month = Month::with_inspection()
        .film(Film::first("a", "09:59:00", "10:11:00"))
        .film(film("matched", "12:01:00", "12:09:00"))
        .film(film("named", "15:00:00", "15:01:00"))
        .film(film("stray", "16:00:00", "16:01:00"))
        .film(film("tied", "17:00:00", "17:01:00"))
        .link(1, "tied");
    let flights = [
        ("F1", "12:00:00", "12:10:00", None, Some("F1.gpx")),
        ("F2", "13:00:00", "13:10:00", None, None),
        ("F3", "13:20:00", "13:30:00", Some("nowhere"), None),
        ("F4", "14:00:00", "14:10:00", Some("named"), None),
    ];
    let flown = flown(&month, &flights);
    let joins = reconcile(&month.snapshot, Some(&flown), &month.policy).unwrap().joins;
    let told: Vec<(JoinIssue, &str, Option<&str>)> = joins
        .rows
        .iter()
        .filter(|row| row.issue >= JoinIssue::SortieWithoutRecording)
        .map(|row| (row.issue, row.subject.as_str(), row.example.as_deref()))
        .collect();
    let expected = [
        (JoinIssue::SortieWithoutRecording, "F2", None),
        (JoinIssue::SortieFileNotStored, "F1.gpx", Some("F1")),
        (JoinIssue::SortieFileNotStored, "nowhere", Some("F3")),
        (JoinIssue::DroneRecordingWithoutSortie, "stray", None),
    ];
    assert_eq!(told, expected);
    let sorties = joins.tables.iter().find(|table| table.table == "sorties").unwrap();
    assert_eq!((sorties.rows, sorties.matched), (4, 2));
}

#[test]
fn a_policy_that_says_nothing_of_it_is_refused_with_what_to_add() {
    let mut month = three_lacking();
    month.policy.reconcile = None;
    let refused = reconcile(&month.snapshot, None, &month.policy).unwrap_err();
    assert!(matches!(refused, ReconcileError::NoRules { .. }));
    assert!(refused.to_string().contains("[reconcile.held.*]"));
}

#[test]
fn the_order_of_the_lists_does_not_matter() {
    let month = || {
        three_lacking()
            .film(Film::first("a", "10:00:01", "10:01:01"))
            .film(Film::first("b", "10:00:02", "10:01:02"))
            .manifest("BWC1", "one", "10:00:02", "10:01:02")
            .manifest("BWC1", "two", "10:00:01", "10:01:01")
    };
    let mut turned = month();
    turned.snapshot.manifest.reverse();
    turned.snapshot.recordings.reverse();
    turned.snapshot.devices.reverse();
    let (one, other) = (of(&month()), of(&turned));
    assert_eq!(one.not_uploaded, other.not_uploaded);
    assert_eq!(one.totals, other.totals);
    assert_eq!(one.joins, other.joins);
    assert_eq!(at("10:00:01"), month().snapshot.recordings[0].started_at.unwrap());
}
