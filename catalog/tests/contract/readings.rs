//! What was read of an object: recorded once, read anew, altered, gone, listed.

use catalog::device::{Device, DeviceKind};
use catalog::import::Import;
use catalog::observation::{Observation, Problem, ProblemCode};
use catalog::store::{Catalog, Recorded, RecordingQuery};

use super::{at, may, observation, people, reading, record, store_of, take_in, unit};

pub(crate) async fn record_one(catalog: &dyn Catalog) {
    assert_eq!(record(catalog, "a.mp4", "1", &observation(1, "2024-05-03 09:00")).await, Recorded::New);
}

pub(crate) async fn a_reading_comes_back_as_it_was_recorded(catalog: &dyn Catalog) {
    let given = observation(1, "2024-05-03 09:00");
    assert_eq!(record(catalog, "a.mp4", "1", &given).await, Recorded::New);
    let [entry] = catalog.recording("a.mp4").await.unwrap().try_into().unwrap();
    assert_eq!(entry.observation, given);
    assert_eq!((entry.version, entry.quarantined, entry.gone_at), (1, false, None));
    assert_eq!(entry.store, "file:///evidence");
}

pub(crate) async fn recording_twice_changes_nothing(catalog: &dyn Catalog) {
    let given = observation(1, "2024-05-03 09:00");
    record(catalog, "a.mp4", "1", &given).await;
    assert_eq!(record(catalog, "a.mp4", "2", &given).await, Recorded::SameBytes);
    let store = store_of(catalog).await;
    let [object] = catalog.objects(store.id).await.unwrap().try_into().unwrap();
    assert_eq!((object.signature.as_str(), object.gone, object.quarantined), ("2", false, false));
    assert_eq!(catalog.object(store.id, "a.mp4").await.unwrap(), Some(object));
    assert_eq!(catalog.object(store.id, "b.mp4").await.unwrap(), None);
    record(catalog, "c'\"执法.mp4", "1", &given).await;
    let named = ["c'\"执法.mp4", "b.mp4", "a.mp4"].map(str::to_owned);
    let mut named = catalog.objects_named(store.id, &named).await.unwrap();
    named.sort_by(|a, b| a.object_key.cmp(&b.object_key));
    assert_eq!(named, catalog.objects(store.id).await.unwrap());
    assert_eq!(catalog.objects_named(store.id, &[]).await.unwrap(), []);
    assert_eq!(catalog.totals().await.unwrap().recordings, 2);
}

pub(crate) async fn readings_are_recorded_together_as_they_are_one_by_one(catalog: &dyn Catalog) {
    let store = store_of(catalog).await.id;
    let [one, two, three] = [1, 2, 3].map(|seed| observation(seed, "2024-05-03 09:00"));
    let readings = [
        reading(store, "b.mp4", "1", &one),
        reading(store, "a.mp4", "1", &two),
        reading(store, "b.mp4", "2", &three),
        reading(store, "a.mp4", "2", &two),
    ];
    let recorded = catalog.record_all(&readings).await.unwrap();
    assert_eq!(
        recorded,
        [Recorded::New, Recorded::New, Recorded::Altered { version: 2 }, Recorded::SameBytes]
    );
    let [entry] = catalog.recording("b.mp4").await.unwrap().try_into().unwrap();
    assert_eq!((entry.version, entry.observation), (2, three));
    let [entry] = catalog.recording("a.mp4").await.unwrap().try_into().unwrap();
    assert_eq!((entry.version, entry.signature.as_str(), entry.observation), (1, "2", two));
}

pub(crate) async fn of_readings_that_cannot_all_be_recorded_none_is(catalog: &dyn Catalog) {
    let store = store_of(catalog).await.id;
    let given = observation(1, "2024-05-03 09:00");
    let too_large = Observation { size_bytes: u64::MAX, ..given.clone() };
    let readings = [reading(store, "a.mp4", "1", &given), reading(store, "b.mp4", "1", &too_large)];
    let error = catalog.record_all(&readings).await.unwrap_err();
    assert!(!error.passes(), "{error}");
    assert_eq!(catalog.totals().await.unwrap().recordings, 0);
    record_one(catalog).await;
}

pub(crate) async fn changed_bytes_become_a_new_version(catalog: &dyn Catalog) {
    record(catalog, "a.mp4", "1", &observation(1, "2024-05-03 09:00")).await;
    let changed = observation(2, "2024-05-03 09:00");
    assert_eq!(record(catalog, "a.mp4", "2", &changed).await, Recorded::Altered { version: 2 });
    let [entry] = catalog.recording("a.mp4").await.unwrap().try_into().unwrap();
    assert_eq!((entry.version, entry.observation), (2, changed));
    let snapshot = catalog.snapshot(may(), at("2024-06-03 00:00")).await.unwrap();
    assert_eq!(snapshot.recordings[0].first_sha256, Some("01".repeat(32)));
    // Back to the first bytes is a third version, not the first again.
    let back = observation(1, "2024-05-03 09:00");
    assert_eq!(record(catalog, "a.mp4", "3", &back).await, Recorded::Altered { version: 3 });
}

pub(crate) async fn a_quarantined_object_read_better_is_read_anew(catalog: &dyn Catalog) {
    let good = observation(1, "2024-05-03 09:00");
    let bad = Observation {
        streams: vec![],
        duration_us: None,
        problems: vec![Problem::new(ProblemCode::Unreadable, "the reader stopped")],
        ..good.clone()
    };
    record(catalog, "a.mp4", "1", &bad).await;
    assert_eq!(catalog.totals().await.unwrap().quarantined, 1);
    assert_eq!(record(catalog, "a.mp4", "1", &good).await, Recorded::Reread);
    // Worse is not better: what could be read once stays.
    assert_eq!(record(catalog, "a.mp4", "1", &bad).await, Recorded::SameBytes);
    let [entry] = catalog.recording("a.mp4").await.unwrap().try_into().unwrap();
    assert_eq!((entry.version, entry.observation), (1, good));
}

pub(crate) async fn what_is_gone_is_marked_once_and_can_return(catalog: &dyn Catalog) {
    let given = observation(1, "2024-05-03 09:00");
    record(catalog, "a.mp4", "1", &given).await;
    let store = store_of(catalog).await;
    let keys = ["a.mp4".to_owned(), "never.mp4".to_owned()];
    let when = at("2024-06-02 12:00");
    assert_eq!(catalog.mark_gone(store.id, &keys, when).await.unwrap(), 1);
    assert_eq!(catalog.mark_gone(store.id, &keys, when).await.unwrap(), 0);
    assert_eq!(catalog.recording("a.mp4").await.unwrap()[0].gone_at, Some(when));
    assert!(catalog.snapshot(may(), at("2024-06-03 00:00")).await.unwrap().recordings[0].gone);
    assert!(!catalog.snapshot(may(), at("2024-06-02 11:00")).await.unwrap().recordings[0].gone);
    assert_eq!(record(catalog, "a.mp4", "1", &given).await, Recorded::SameBytes);
    assert_eq!(catalog.recording("a.mp4").await.unwrap()[0].gone_at, None);
}

pub(crate) async fn recordings_are_listed_by_key_and_filtered(catalog: &dyn Catalog) {
    for (seed, key) in (1..).zip(["b/2.mp4", "a/1.mp4", "c/3.mp4"]) {
        record(catalog, key, "1", &observation(seed, "2024-05-03 09:00")).await;
    }
    let keys = async |query: RecordingQuery| -> Vec<String> {
        let entries = catalog.recordings(&query).await.unwrap();
        entries.into_iter().map(|entry| entry.object_key).collect()
    };
    let all = RecordingQuery { limit: 10, ..RecordingQuery::default() };
    assert_eq!(keys(all.clone()).await, ["a/1.mp4", "b/2.mp4", "c/3.mp4"]);
    assert_eq!(keys(RecordingQuery { limit: 1, ..all.clone() }).await, ["a/1.mp4"]);
    let after = RecordingQuery { after_key: Some("a/1.mp4".into()), ..all.clone() };
    assert_eq!(keys(after).await, ["b/2.mp4", "c/3.mp4"]);
    let named = RecordingQuery { key_contains: Some("/3".into()), ..all.clone() };
    assert_eq!(keys(named).await, ["c/3.mp4"]);
    let quiet = RecordingQuery { problem: Some(ProblemCode::NoAudio), ..all.clone() };
    assert_eq!(keys(quiet).await.len(), 3);
    let quarantined = RecordingQuery { quarantined: Some(true), ..all.clone() };
    assert_eq!(keys(quarantined).await.len(), 0);
    assert_eq!(keys(RecordingQuery { badge: Some("nobody".into()), ..all }).await.len(), 0);
}

pub(crate) async fn recordings_are_seen_by_the_units_of_device_and_officer(catalog: &dyn Catalog) {
    people(catalog).await;
    take_in(catalog, Import::Units(vec![unit("S2", Some("D"))])).await;
    let device = Device {
        serial: "BC001".into(),
        kind: DeviceKind::Bodycam,
        unit: "S2".into(),
        holder: None,
        synced_at: None,
        clock_error_us: None,
    };
    take_in(catalog, Import::Devices(vec![device])).await;
    record(catalog, "a/1.mp4", "1", &observation(1, "2024-05-03 09:00")).await;
    let mut strangers = observation(2, "2024-05-03 09:00");
    strangers.key.device = None;
    strangers.key.badge = Some("999999".into());
    record(catalog, "b/2.mp4", "1", &strangers).await;
    let seen = async |within: Option<&str>| -> usize {
        let within = within.map(str::to_owned);
        catalog
            .recordings(&RecordingQuery { within, limit: 10, ..RecordingQuery::default() })
            .await
            .unwrap()
            .len()
    };
    // S1 by its officer, S2 by its device, D by both below it; the stranger's nobody but who sees all.
    assert_eq!(
        [seen(None).await, seen(Some("D")).await, seen(Some("S1")).await, seen(Some("S2")).await],
        [2, 1, 1, 1]
    );
    assert_eq!(seen(Some("NONE")).await, 0);
    let listed = &catalog.recording("a/1.mp4").await.unwrap()[0];
    assert_eq!((listed.device_unit.as_deref(), listed.officer_unit.as_deref()), (Some("S2"), Some("S1")));
    assert_eq!(catalog.recording_of_id(&listed.id).await.unwrap().as_ref(), Some(listed));
    for none in ["r99", "99", "r", "rx", ""] {
        assert_eq!(catalog.recording_of_id(none).await.unwrap(), None, "{none}");
    }
    let totals = catalog.totals_within("S2").await.unwrap();
    assert_eq!((totals.units, totals.officers, totals.devices, totals.recordings), (1, 0, 1, 1));
    assert_eq!(catalog.totals_within("NONE").await.unwrap().recordings, 0);
    let all = catalog.totals().await.unwrap();
    assert_eq!((all.units, all.officers, all.devices, all.recordings), (3, 2, 1, 2));
}

/// Every filter, alone and with others, finds what walking all recordings finds, page by page: each has an index of its
/// own, which readings and alterations keep up to date.
pub(crate) async fn whatever_a_list_is_filtered_by_it_has_what_walking_all_has(catalog: &dyn Catalog) {
    people(catalog).await;
    take_in(catalog, Import::Units(vec![unit("S2", Some("D"))])).await;
    let holder = |serial: &str, unit: &str| Device {
        serial: serial.into(),
        kind: DeviceKind::Bodycam,
        unit: unit.into(),
        holder: None,
        synced_at: None,
        clock_error_us: None,
    };
    take_in(catalog, Import::Devices(vec![holder("BC1", "S1"), holder("BC2", "S2")])).await;
    for number in 0..30_u8 {
        let mut one = observation(number + 1, "2024-05-03 09:00");
        one.key.device = [None, Some("BC1"), Some("BC2")][usize::from(number) % 3].map(str::to_owned);
        one.key.badge =
            [Some("310001"), Some("999999"), None, None][usize::from(number) % 4].map(str::to_owned);
        if number % 5 == 0 {
            one.streams.clear();
            one.problems = vec![
                Problem::new(ProblemCode::Unreadable, "the reader stopped"),
                Problem::new(ProblemCode::NoIndex, "no moov"),
                Problem::new(ProblemCode::NoIndex, "nor a second one"),
            ];
        }
        let key = format!("{}/{number:02}.mp4", ["x", "y"][usize::from(number) % 2]);
        record(catalog, &key, "1", &one).await;
        if number % 7 == 0 {
            // Read again as something else: of the first reading no index knows any more.
            let mut other = observation(number + 100, "2024-05-04 09:00");
            other.key.device = Some("BC2".to_owned());
            record(catalog, &key, "2", &other).await;
        }
    }
    let all = catalog.recordings(&RecordingQuery { limit: 100, ..RecordingQuery::default() }).await.unwrap();
    assert_eq!(all.len(), 30);
    for combination in 0..(3 * 3 * 3 * 3 * 2 * 3_usize) {
        let mut rest = combination;
        let mut choose = |of: usize| {
            let chosen = rest % of;
            rest /= of;
            chosen
        };
        let query = RecordingQuery {
            device: [None, Some("BC1"), Some("BC2")][choose(3)].map(str::to_owned),
            badge: [None, Some("310001"), Some("nobody")][choose(3)].map(str::to_owned),
            quarantined: [None, Some(true), Some(false)][choose(3)],
            problem: [None, Some(ProblemCode::NoIndex), Some(ProblemCode::Unreadable)][choose(3)],
            key_contains: [None, Some("y/")][choose(2)].map(str::to_owned),
            within: [None, Some("S1"), Some("D")][choose(3)].map(str::to_owned),
            ..RecordingQuery::default()
        };
        let units: &[&str] = match query.within.as_deref() {
            Some("S1") => &["S1"],
            _ => &["D", "S1", "S2"],
        };
        let mine = |unit: &Option<String>| unit.as_deref().is_some_and(|unit| units.contains(&unit));
        let expected: Vec<&str> = all
            .iter()
            .filter(|entry| query.device.is_none() || entry.observation.key.device == query.device)
            .filter(|entry| query.badge.is_none() || entry.observation.key.badge == query.badge)
            .filter(|entry| query.quarantined.is_none_or(|yes| entry.quarantined == yes))
            .filter(|entry| {
                query.problem.is_none_or(|code| entry.observation.problems.iter().any(|one| one.code == code))
            })
            .filter(|entry| query.key_contains.as_ref().is_none_or(|text| entry.object_key.contains(text)))
            .filter(|entry| query.within.is_none() || mine(&entry.device_unit) || mine(&entry.officer_unit))
            .map(|entry| entry.object_key.as_str())
            .collect();
        let mut found = Vec::new();
        let mut page = RecordingQuery { limit: 4, ..query.clone() };
        loop {
            let entries = catalog.recordings(&page).await.unwrap();
            page.after_key = entries.last().map(|last| last.object_key.clone());
            found.extend(entries.into_iter().map(|entry| entry.object_key));
            if page.after_key.is_none() {
                break;
            }
        }
        assert_eq!(found, expected, "{query:?}");
    }
}
