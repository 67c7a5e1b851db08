//! What decoding showed: looks at the bytes of one version.

use catalog::inspection::{Checked, InspectOptions, Inspection, Look};
use catalog::observation::{MediaSpan, Problem, ProblemCode};
use catalog::store::{Catalog, InspectionRecord};
use catalog::trace::{Picture, SoundEnvelope, Traces};
use catalog::{MediaTime, Micros};

use super::{at, observation, record, store_of};

pub(crate) async fn a_look_is_recorded_once_for_the_bytes_and_figures_it_was_made_with(
    catalog: &dyn Catalog,
) {
    let options = InspectOptions {
        black_min_us: Micros::from_s(2),
        black_level_ppm: 100_000,
        black_area_ppm: 980_000,
        frozen_min_us: Micros::from_s(2),
        frozen_noise_ppm: 1000,
        silent_min_us: Micros::from_s(2),
        silent_level_ppm: 3162,
    };
    let span = |start_us, end_us| MediaSpan { start_us: MediaTime(start_us), end_us: MediaTime(end_us) };
    let inspection = Inspection {
        video: Checked::Done,
        audio: Checked::NotDecodable,
        start_us: Some(MediaTime(-40_000)),
        duration_us: Some(Micros::from_s(60)),
        black: vec![span(-40_000, 3_000_000), span(5_000_000, 9_000_000)],
        frozen: vec![span(5_000_000, 9_000_000)],
        silent: Vec::new(),
        undecodable: vec![span(20_000_000, 21_000_000)],
        frames_decoded: 44,
        problems: vec![Problem::new(ProblemCode::Damaged, "3 packets of sound cannot be decoded")],
    };
    let seen = observation(1, "2024-05-06T09:00:00+08:00");
    record(catalog, "a.mp4", "s1", &seen).await;
    let traces = Traces {
        sound: Some(SoundEnvelope { start_us: MediaTime(-40_000), levels: vec![0, 128, 255] }),
        pictures: vec![
            Picture { at_us: MediaTime(-40_000), bits: u64::MAX },
            Picture { at_us: MediaTime(2_000_000), bits: 1 },
        ],
    };
    let look = InspectionRecord {
        store: store_of(catalog).await.id,
        object_key: "a.mp4",
        sha256: &seen.sha256,
        inspected_at: at("2024-06-01T00:00:00+08:00"),
        options,
        inspection: &inspection,
        traces: &traces,
    };
    let due = async || catalog.uninspected(look.store, &options).await.unwrap();
    let waiting = due().await;
    assert_eq!((waiting.len(), waiting[0].object_key.as_str()), (1, "a.mp4"));
    assert_eq!((waiting[0].signature.as_str(), &waiting[0].sha256), ("s1", &seen.sha256));
    assert!(catalog.record_inspection(&look).await.unwrap());
    assert!(due().await.is_empty(), "what was looked at is not due again");
    assert!(!catalog.record_inspection(&look).await.unwrap(), "the same look again is no news");
    let other = "cd".repeat(32);
    let elsewhere = InspectionRecord { sha256: &other, ..look.clone() };
    assert!(!catalog.record_inspection(&elsewhere).await.unwrap(), "these are not the bytes that are there");
    let stricter = InspectOptions { black_level_ppm: 50_000, ..options };
    assert_eq!(catalog.uninspected(look.store, &stricter).await.unwrap().len(), 1, "other figures are due");
    let stricter = InspectionRecord { options: stricter, ..look.clone() };
    assert!(catalog.record_inspection(&stricter).await.unwrap(), "other figures are another look");

    record(catalog, "a.mp4", "s2", &observation(2, "2024-05-06T09:00:00+08:00")).await;
    assert_eq!(due().await.len(), 1, "a new version is due");
    let month = "2024-05".parse().unwrap();
    let as_of = at("2024-06-03T00:00:00+08:00");
    let looks = catalog.snapshot(month, as_of).await.unwrap().looks;
    assert!(looks.is_empty(), "the bytes that are there now were not looked at");
    record(catalog, "b.mp4", "s1", &observation(3, "2024-05-06T09:00:00+08:00")).await;
    let sha256 = observation(3, "2024-05-06T09:00:00+08:00").sha256;
    let third = InspectionRecord { object_key: "b.mp4", sha256: &sha256, ..look.clone() };
    assert!(catalog.record_inspection(&third).await.unwrap());
    let seen = Look {
        sha256: sha256.clone(),
        options,
        inspection: inspection.clone(),
        pictures: traces.pictures.clone(),
        sound: None,
    };
    assert_eq!(catalog.snapshot(month, as_of).await.unwrap().looks, [seen], "nothing was heard with others");
    assert_eq!(catalog.sound(&sha256).await.unwrap(), traces.sound);
    assert_eq!(catalog.sound(&"cd".repeat(32)).await.unwrap(), None);
    let before = catalog.snapshot(month, at("2024-05-31T23:00:00+08:00")).await.unwrap();
    assert!(before.looks.is_empty(), "as of then nobody had looked");

    let looks = catalog.inspections("a.mp4").await.unwrap();
    assert_eq!(looks.len(), 2);
    assert_eq!((looks[0].version, looks[0].options, &looks[0].inspection), (1, options, &inspection));
    assert!(catalog.inspections("c.mp4").await.unwrap().is_empty());
}
