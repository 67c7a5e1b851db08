//! What every engine does with telemetry and with the files beside recordings.

use catalog::observation::{Observation, StartClaim, StartSource, TelemetrySummary};
use catalog::store::{Catalog, Reading, Recorded};
use catalog::track::{ClockKind, Thinning, Track, TrackClock, TrackPoint};
use catalog::{MediaTime, Micros};

use super::{at, may, observation, record, store_of};

pub(super) fn track() -> Track {
    Track {
        kind: "dji_srt".into(),
        stream_index: None,
        samples_read: 900,
        units_with_position: 880,
        clock: Some(TrackClock {
            kind: ClockKind::Local,
            zero_at: at("2024-05-03 09:30:00.100"),
            error_us: Micros::from_ms(2),
            samples: 900,
        }),
        first_at: Some(at("2024-05-03 09:30:00")),
        last_at: Some(at("2024-05-03 09:30:30")),
        thinning: Some(Thinning {
            position_m: 1.0,
            vertical_m: 1.0,
            angle_deg: 1.0,
            clock_us: Micros::from_s(1),
        }),
        points: vec![
            TrackPoint {
                media_us: Some(MediaTime(0)),
                lon_deg: Some(121.473_7),
                lat_deg: Some(31.230_4),
                height_m: Some(-0.3),
                gimbal_deg: Some([Some(12.5), Some(-90.0), None]),
                ..TrackPoint::default()
            },
            TrackPoint { local_clock: Some("2024-05-03 09:30:00.100".into()), ..TrackPoint::default() },
        ],
        notes: vec!["line 3: a subtitle's times cannot be read".into()],
    }
}

/// What ingest records of a subtitle file.
pub(super) fn sidecar(seed: u8) -> Observation {
    let summary = TelemetrySummary { kind: "dji_srt".into(), samples: 900, supported: true, key: None };
    let unread = TelemetrySummary {
        kind: "klv".into(),
        samples: 3,
        supported: false,
        key: Some("060e2b34 02010101 0e010102 00000000".into()),
    };
    Observation {
        container: Some("srt".into()),
        started_at: None,
        started_at_source: None,
        clock_error_us: None,
        start_claims: vec![],
        duration_us: None,
        streams: vec![],
        telemetry: vec![summary, unread],
        problems: vec![],
        key: catalog::observation::KeyFacts::default(),
        ..observation(seed, "2024-05-03 09:30")
    }
}

pub(super) async fn record_with(
    catalog: &dyn Catalog,
    key: &str,
    observation: &Observation,
    tracks: &[Track],
) {
    let store = store_of(catalog).await.id;
    let observed_at = at("2024-06-02 10:00");
    let reading = Reading {
        store,
        object_key: key,
        signature: "1",
        observed_at,
        written_at: None,
        observation,
        tracks,
        chunks: None,
        altered: &[],
    };
    catalog.record(&reading).await.unwrap();
}

pub(crate) async fn tracks_come_back_as_they_were_recorded(catalog: &dyn Catalog) {
    let bare = Track {
        clock: None,
        first_at: None,
        last_at: None,
        thinning: None,
        stream_index: Some(2),
        ..track()
    };
    record_with(catalog, "a.mp4", &observation(1, "2024-05-03 09:00"), &[track(), bare.clone()]).await;
    let found = catalog.tracks("a.mp4").await.unwrap();
    assert_eq!(found.iter().map(|entry| &entry.track).collect::<Vec<_>>(), [&track(), &bare]);
    assert_eq!(found[0].store, "file:///evidence");
    assert!(catalog.tracks("b.mp4").await.unwrap().is_empty());
    // A new version has tracks of its own, or none.
    record(catalog, "a.mp4", "2", &observation(2, "2024-05-03 09:00")).await;
    assert!(catalog.tracks("a.mp4").await.unwrap().is_empty());
}

pub(crate) async fn a_sidecar_is_kept_and_is_no_recording(catalog: &dyn Catalog) {
    record_with(catalog, "a.SRT", &sidecar(1), &[track()]).await;
    record(catalog, "a.mp4", "1", &observation(2, "2024-05-03 09:30")).await;
    let [entry] = catalog.recording("a.SRT").await.unwrap().try_into().unwrap();
    assert_eq!(entry.observation, sidecar(1));
    assert!(entry.observation.is_sidecar() && !entry.quarantined);
    let totals = catalog.totals().await.unwrap();
    assert_eq!((totals.recordings, totals.sidecars, totals.quarantined), (1, 1, 0));
    let snapshot = catalog.snapshot(may(), at("2024-06-03 00:00")).await.unwrap();
    let keys: Vec<_> = snapshot.recordings.iter().map(|recording| recording.object_key.as_str()).collect();
    assert_eq!(keys, ["a.mp4"]);

    let store = store_of(catalog).await;
    let [clock] = catalog.sidecar_clocks(store.id).await.unwrap().try_into().unwrap();
    assert_eq!((clock.object_key.as_str(), clock.clock), ("a.SRT", track().clock));
    assert_eq!((clock.first_at, clock.last_at), (track().first_at, track().last_at));
    catalog.mark_gone(store.id, &["a.SRT".to_owned()], at("2024-06-02 12:00")).await.unwrap();
    assert!(catalog.sidecar_clocks(store.id).await.unwrap().is_empty());
}

pub(crate) async fn footage_overwritten_by_a_sidecar_stays_in_the_snapshot(catalog: &dyn Catalog) {
    record(catalog, "a.mp4", "1", &observation(1, "2024-05-03 09:30")).await;
    record(catalog, "a.mp4", "2", &sidecar(2)).await;
    let snapshot = catalog.snapshot(may(), at("2024-06-03 00:00")).await.unwrap();
    let [recording] = snapshot.recordings.try_into().unwrap();
    assert_eq!((recording.version, recording.first_sha256), (2, Some("01".repeat(32))));
    assert!(recording.video.is_empty());
}

pub(crate) async fn a_reading_that_knows_more_of_the_start_is_a_new_reading(catalog: &dyn Catalog) {
    let alone = observation(1, "2024-05-03 09:30");
    record(catalog, "a.mp4", "1", &alone).await;
    let claim = StartClaim {
        source: StartSource::Sidecar,
        started_at: at("2024-05-03 09:30:02"),
        error_us: Micros::from_ms(5),
    };
    let mut joined = Observation {
        started_at: Some(claim.started_at),
        started_at_source: Some(StartSource::Sidecar),
        clock_error_us: Some(claim.error_us),
        ..alone.clone()
    };
    joined.start_claims.insert(0, claim);
    let store = store_of(catalog).await;
    let objects = catalog.objects(store.id).await.unwrap();
    assert!(!objects[0].sidecar_claim);
    assert_eq!(objects[0].duration_us, alone.duration_us);

    assert_eq!(record(catalog, "a.mp4", "1", &joined).await, Recorded::Reread);
    let [entry] = catalog.recording("a.mp4").await.unwrap().try_into().unwrap();
    assert_eq!((entry.version, entry.observation), (1, joined.clone()));
    assert!(catalog.objects(store.id).await.unwrap()[0].sidecar_claim);
    // The same again is nothing new, and neither is knowing less.
    assert_eq!(record(catalog, "a.mp4", "1", &joined).await, Recorded::SameBytes);
    assert_eq!(record(catalog, "a.mp4", "1", &alone).await, Recorded::SameBytes);
}
