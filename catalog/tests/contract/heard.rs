//! Of which recordings a snapshot has the sound.

use catalog::case::Link;
use catalog::inspection::{InspectOptions, Inspection};
use catalog::store::InspectionRecord;
use catalog::trace::{SoundEnvelope, Traces};

use super::*;

/// A minute of a device, looked at and listened to.
async fn hear(catalog: &dyn Catalog, key: &str, seed: u8, device: &str, started_at: &str) {
    let mut observation = observation(seed, started_at);
    observation.key.device = Some(device.to_owned());
    record(catalog, key, "1", &observation).await;
    let record = InspectionRecord {
        store: store_of(catalog).await.id,
        object_key: key,
        sha256: &observation.sha256,
        inspected_at: at("2024-06-02 12:00"),
        options: InspectOptions {
            black_min_us: Micros::from_s(2),
            black_level_ppm: 100_000,
            black_area_ppm: 980_000,
            frozen_min_us: Micros::from_s(2),
            frozen_noise_ppm: 1000,
            silent_min_us: Micros::from_s(2),
            silent_level_ppm: 3162,
        },
        inspection: &Inspection::default(),
        traces: &Traces {
            sound: Some(SoundEnvelope { start_us: MediaTime(0), levels: vec![seed; 100] }),
            pictures: Vec::new(),
        },
    };
    assert!(catalog.record_inspection(&record).await.unwrap());
}

pub(crate) async fn a_snapshot_has_the_sound_of_recordings_that_can_be_heard_together(catalog: &dyn Catalog) {
    people(catalog).await;
    take_in(catalog, Import::Cases(vec![case("A1", "2024-05-02 09:00")])).await;
    let stages = [("2024-05-03 09:00", 1), ("2024-05-04 09:00", 2), ("2024-05-05 09:00", 3)];
    let stages = stages.map(|(starts_at, number)| stage("A1", number, starts_at, &["310001"]));
    take_in(catalog, Import::Stages(stages.to_vec())).await;
    // Two devices at one stage, the one of them an hour off at most.
    hear(catalog, "one.mp4", 1, "BC001", "2024-05-03 09:00").await;
    hear(catalog, "other.mp4", 2, "BC002", "2024-05-03 08:30").await;
    // Two files of one device; and one on patrol, hours away from any stage.
    hear(catalog, "alone.mp4", 3, "BC001", "2024-05-04 09:00").await;
    hear(catalog, "alone-too.mp4", 4, "BC001", "2024-05-04 09:01").await;
    hear(catalog, "patrol.mp4", 5, "BC002", "2024-05-03 20:00").await;
    // A person tied what another device recorded at another time to a stage.
    hear(catalog, "own.mp4", 6, "BC001", "2024-05-05 09:00").await;
    hear(catalog, "tied.mp4", 7, "BC009", "2024-05-10 20:00").await;
    let link = Link { case_no: "A1".into(), stage_no: 3, object_key: "tied.mp4".into() };
    take_in(catalog, Import::Links(vec![link])).await;
    let snapshot = catalog.snapshot(may(), at("2024-06-03 00:00")).await.unwrap();
    let sounds: Vec<(String, Option<u8>)> = snapshot
        .looks
        .iter()
        .map(|look| (look.sha256[..2].to_owned(), look.sound.as_ref().map(|sound| sound.levels[0])))
        .collect();
    let expected = [
        ("01", Some(1)),
        ("02", Some(2)),
        ("03", None),
        ("04", None),
        ("05", None),
        ("06", Some(6)),
        ("07", Some(7)),
    ];
    assert_eq!(sounds, expected.map(|(digest, level)| (digest.to_owned(), level)));
}
