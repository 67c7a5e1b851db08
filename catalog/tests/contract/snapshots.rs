//! What a month was, as of a moment.

use catalog::case::{Link, Stage};
use catalog::device::{Device, DeviceKind, ManifestEntry};
use catalog::excuse::{Excuse, ExcuseReason};
use catalog::import::Import;
use catalog::observation::{Observation, ProblemCode};
use catalog::store::{Catalog, Reading};
use catalog::{MediaTime, Micros};

use super::{at, case, may, observation, people, record, stage, store_of, take_in};

pub(crate) async fn a_snapshot_holds_the_month_and_what_it_touches(catalog: &dyn Catalog) {
    people(catalog).await;
    let cases = vec![
        case("A1", "2024-04-20 09:00"),
        case("A2", "2024-05-02 09:00"),
        case("A3", "2024-06-01 00:00"),
        case("A4", "2024-04-30 23:59:59"),
    ];
    take_in(catalog, Import::Cases(cases)).await;
    let stages = vec![
        stage("A1", 1, "2024-04-30 23:59:59", &["310001"]),
        stage("A1", 2, "2024-05-01 00:00", &["310002", "310001"]),
        stage("A3", 1, "2024-06-01 00:00", &["310001"]),
    ];
    take_in(catalog, Import::Stages(stages.clone())).await;
    let link = |stage_no, key: &str| Link { case_no: "A1".into(), stage_no, object_key: key.into() };
    take_in(catalog, Import::Links(vec![link(1, "april.mp4"), link(2, "linked.mp4")])).await;
    let excuse = Excuse {
        case_no: "A1".into(),
        stage_no: 2,
        reason: ExcuseReason::Battery,
        note: String::new(),
        recorded_by: "310002".into(),
        recorded_at: at("2024-05-02 08:00"),
        starts_at: None,
        ends_at: Some(at("2024-05-01 00:05")),
    };
    take_in(catalog, Import::Excuses(vec![excuse.clone()])).await;
    for (seed, key, started_at) in [
        (1, "in.mp4", "2024-05-10 09:00"),
        (2, "day-before.mp4", "2024-04-30 08:00"),
        (3, "april.mp4", "2024-04-20 09:00"),
        (4, "linked.mp4", "2023-01-01 09:00"),
        (1, "same-bytes.mp4", "2022-01-01 09:00"),
    ] {
        record(catalog, key, "1", &observation(seed, started_at)).await;
    }
    let unknown =
        Observation { started_at: None, started_at_source: None, ..observation(6, "2024-05-01 09:00") };
    record(catalog, "unknown.mp4", "1", &unknown).await;

    let snapshot = catalog.snapshot(may(), at("2024-06-03 00:00")).await.unwrap();
    assert_eq!(snapshot.stages, stages[1..2]);
    assert_eq!(snapshot.cases.iter().map(|case| case.case_no.as_str()).collect::<Vec<_>>(), ["A1", "A2"]);
    assert_eq!(snapshot.links, [link(2, "linked.mp4")]);
    assert_eq!(snapshot.excuses, [excuse]);
    let keys: Vec<_> = snapshot.recordings.iter().map(|recording| recording.object_key.as_str()).collect();
    assert_eq!(keys, ["day-before.mp4", "in.mp4", "linked.mp4", "same-bytes.mp4", "unknown.mp4"]);
    let recording = &snapshot.recordings[1];
    assert_eq!(recording.origin_us, MediaTime(-40_000));
    assert_eq!(recording.video.length(), Micros(53_040_000));
    assert!(recording.audio.is_empty() && recording.has(ProblemCode::NoAudio));
    assert_eq!(recording.start_claims.len(), 2);
    assert_eq!(
        catalog.months().await.unwrap().iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["2024-04", "2024-05", "2024-06"]
    );
}

pub(crate) async fn a_stage_that_goes_on_after_its_month_has_its_recordings(catalog: &dyn Catalog) {
    people(catalog).await;
    take_in(catalog, Import::Cases(vec![case("A1", "2024-05-31 09:00")])).await;
    let days = |ends_at| Stage { ends_at: at(ends_at), ..stage("A1", 1, "2024-05-31 20:00", &["310001"]) };
    take_in(catalog, Import::Stages(vec![days("2024-06-02 18:00")])).await;
    let device = Device {
        serial: "BC001".into(),
        kind: DeviceKind::Bodycam,
        unit: "S1".into(),
        holder: None,
        synced_at: None,
        clock_error_us: None,
    };
    take_in(catalog, Import::Devices(vec![device])).await;
    let entry = |file: &str, starts_at, ends_at| ManifestEntry {
        device: "BC001".into(),
        file: file.into(),
        badge: None,
        starts_at: at(starts_at),
        ends_at: at(ends_at),
        size_bytes: 1,
    };
    let held = vec![
        entry("last.mp4", "2024-06-02 16:00", "2024-06-02 18:00"),
        entry("later.mp4", "2024-06-03 18:00", "2024-06-03 19:00"),
    ];
    take_in(catalog, Import::Manifest(held)).await;
    for (seed, key, started_at) in [
        (1, "second-day.mp4", "2024-06-01 21:00"),
        (2, "third-day.mp4", "2024-06-02 08:00"),
        (3, "later.mp4", "2024-06-03 18:00"),
    ] {
        record(catalog, key, "1", &observation(seed, started_at)).await;
    }
    let contents = async || {
        let snapshot = catalog.snapshot(may(), at("2024-06-05 00:00")).await.unwrap();
        let keys: Vec<_> = snapshot.recordings.into_iter().map(|recording| recording.object_key).collect();
        let files: Vec<_> = snapshot.manifest.into_iter().map(|entry| entry.file).collect();
        (keys, files)
    };
    let days_of = |keys: &[&str], files: &[&str]| {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        (owned(keys), owned(files))
    };
    assert_eq!(contents().await, days_of(&["second-day.mp4", "third-day.mp4"], &["last.mp4"]));

    // Somebody wrote another year: that does not load all there is.
    take_in(catalog, Import::Stages(vec![days("2034-06-02 18:00")])).await;
    record(catalog, "years-later.mp4", "1", &observation(4, "2025-01-01 09:00")).await;
    let (keys, _) = contents().await;
    assert_eq!(keys, ["later.mp4", "second-day.mp4", "third-day.mp4"]);
}

pub(crate) async fn a_snapshot_is_as_of_its_moment(catalog: &dyn Catalog) {
    let store = store_of(catalog).await;
    for (seed, signature, observed_at) in [(1, "1", "2024-06-02 10:00"), (2, "2", "2024-06-05 10:00")] {
        let reading = Reading {
            store: store.id,
            object_key: "a.mp4",
            signature,
            observed_at: at(observed_at),
            written_at: None,
            observation: &observation(seed, "2024-05-03 09:00"),
            tracks: &[],
            chunks: None,
            altered: &[],
        };
        catalog.record(&reading).await.unwrap();
    }
    let versions = async |moment: &str| -> Vec<u32> {
        let snapshot = catalog.snapshot(may(), at(moment)).await.unwrap();
        snapshot.recordings.iter().map(|recording| recording.version).collect()
    };
    assert!(versions("2024-06-01 00:00").await.is_empty());
    assert_eq!(versions("2024-06-03 00:00").await, [1]);
    assert_eq!(versions("2024-06-06 00:00").await, [2]);
}
