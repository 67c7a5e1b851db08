//! Where recordings came from, every reading of them, and objects that are to be read again.

use catalog::Micros;
use catalog::observation::{Observation, Problem, ProblemCode};
use catalog::store::{Catalog, Listing, Pass, Reading};

use super::{at, observation, record, store_of};

/// What could not be read.
fn broken(seed: u8) -> Observation {
    Observation {
        streams: vec![],
        container: None,
        duration_us: None,
        problems: vec![Problem::new(ProblemCode::Unreadable, "the reader stopped")],
        ..observation(seed, "2024-05-03 09:00")
    }
}

async fn id_of(catalog: &dyn Catalog, key: &str) -> String {
    catalog.recording(key).await.unwrap()[0].id.clone()
}

pub(crate) async fn a_source_says_what_it_has_and_when_it_was_listed(catalog: &dyn Catalog) {
    assert_eq!(catalog.sources().await.unwrap(), []);
    let store = store_of(catalog).await.id;
    let [fresh] = catalog.sources().await.unwrap().try_into().unwrap();
    assert_eq!((fresh.url.as_str(), fresh.added_at), ("file:///evidence", at("2024-05-01 00:00")));
    assert_eq!((fresh.last_pass, fresh.objects, fresh.size_bytes), (None, 0, 0));
    // Before it by URL.
    catalog.add_store("file:///a", at("2024-05-02 00:00")).await.unwrap();
    record(catalog, "usable.mp4", "1", &observation(1, "2024-05-03 09:00")).await;
    record(catalog, "broken.mp4", "1", &broken(2)).await;
    record(catalog, "gone.mp4", "1", &observation(3, "2024-05-03 09:00")).await;
    record(catalog, "changed.mp4", "1", &observation(4, "2024-05-03 09:00")).await;
    record(catalog, "changed.mp4", "2", &observation(50, "2024-05-03 09:00")).await;
    catalog.mark_gone(store, &["gone.mp4".to_owned()], at("2024-06-02 12:00")).await.unwrap();
    for (prefix, listed_at, objects) in [("", "2024-06-02 11:00", 4), ("SQ1/", "2024-06-02 10:00", 1)] {
        let (listed_at, recorded_at) = (at(listed_at), at(listed_at) + Micros::from_s(60));
        let listing = Listing { store, prefix, listed_at, recorded_at, objects };
        catalog.record_listing(&listing).await.unwrap();
    }
    let [other, source] = catalog.sources().await.unwrap().try_into().unwrap();
    assert_eq!((other.url.as_str(), other.objects), ("file:///a", 0));
    assert_eq!((source.objects, source.quarantined, source.gone), (2, 1, 1));
    // Of each object that is there its present version: 1001 + 1002 + 1050.
    assert_eq!(source.size_bytes, 3053);
    // The listing that was begun last, not the one that was written down last.
    let listed_at = at("2024-06-02 11:00");
    let pass =
        Pass { prefix: String::new(), listed_at, recorded_at: listed_at + Micros::from_s(60), objects: 4 };
    assert_eq!(source.last_pass, Some(pass));
}

pub(crate) async fn every_reading_of_every_version_is_told_in_the_order_they_were_made(
    catalog: &dyn Catalog,
) {
    let store = store_of(catalog).await.id;
    let read = async |signature: &str, observation: &Observation, hour: &str, written_at| {
        let reading = Reading {
            store,
            object_key: "a.mp4",
            signature,
            observed_at: at(&format!("2024-06-02 {hour}")),
            written_at,
            observation,
            tracks: &[],
            chunks: None,
            altered: &[],
        };
        catalog.record(&reading).await.unwrap()
    };
    let good = observation(1, "2024-05-03 09:00");
    let mut bad = broken(1);
    (bad.sha256, bad.size_bytes) = (good.sha256.clone(), good.size_bytes);
    let mut other = observation(2, "2024-05-03 10:00");
    other.sm3 = None;
    read("1", &bad, "10:00", None).await;
    read("1", &good, "11:00", None).await;
    let written_at = Some(at("2024-06-01 08:00"));
    read("2", &other, "12:00", written_at).await;
    record(catalog, "b.mp4", "1", &observation(9, "2024-05-03 09:00")).await;
    let id = id_of(catalog, "a.mp4").await;
    let readings = catalog.readings(&id).await.unwrap();
    let numbers: Vec<_> =
        readings.iter().map(|one| (one.version, one.reading, one.present, one.quarantined)).collect();
    assert_eq!(numbers, [(1, 1, false, true), (1, 2, false, false), (2, 1, true, false)]);
    let moments: Vec<_> = readings.iter().map(|one| one.observed_at).collect();
    assert_eq!(moments, ["10:00", "11:00", "12:00"].map(|hour| at(&format!("2024-06-02 {hour}"))));
    let [first, second, last] = readings.try_into().unwrap();
    assert_eq!((first.container, first.duration_us, first.written_at), (None, None, None));
    assert_eq!(second.sha256, good.sha256);
    assert_eq!((second.sm3, second.size_bytes, second.duration_us), (good.sm3, 1001, good.duration_us));
    assert_eq!((last.sha256, last.sm3, last.written_at), (other.sha256, None, written_at));
    assert_eq!(last.started_at, Some(at("2024-05-03 10:00")));
    for none in ["r99", "99", "r", "rx", ""] {
        assert_eq!(catalog.readings(none).await.unwrap(), [], "{none}");
    }
}

pub(crate) async fn an_object_in_quarantine_is_asked_for_again_once(catalog: &dyn Catalog) {
    let now = at("2024-06-03 09:00");
    record(catalog, "fine.mp4", "1", &observation(1, "2024-05-03 09:00")).await;
    record(catalog, "broken.mp4", "1", &broken(2)).await;
    record(catalog, "gone.mp4", "1", &broken(3)).await;
    record(catalog, "waits.mp4", "1", &broken(4)).await;
    let store = store_of(catalog).await.id;
    catalog.mark_gone(store, &["gone.mp4".to_owned()], at("2024-06-02 12:00")).await.unwrap();
    let (broken_id, waits_id) = (id_of(catalog, "broken.mp4").await, id_of(catalog, "waits.mp4").await);
    for key in ["fine.mp4", "gone.mp4"] {
        let id = id_of(catalog, key).await;
        assert!(!catalog.ask_again(&id, "310001", now).await.unwrap(), "{key}");
    }
    for none in ["r99", "2", "rx", ""] {
        assert!(!catalog.ask_again(none, "310001", now).await.unwrap(), "{none}");
    }
    assert_eq!(catalog.asked_again().await.unwrap(), Vec::<String>::new());
    let before = catalog.revision().await.unwrap().number;
    assert!(catalog.ask_again(&waits_id, "310001", now).await.unwrap());
    assert!(catalog.ask_again(&broken_id, "310001", now).await.unwrap());
    assert!(!catalog.ask_again(&broken_id, "310002", now).await.unwrap(), "it waits already");
    assert!(catalog.revision().await.unwrap().number > before, "who asked is an event");
    assert_eq!(catalog.asked_again().await.unwrap(), [broken_id.clone(), waits_id.clone()]);
    // A pass finds that the store does not say what it said, and reads it: it waits no longer.
    let object = catalog.object(store, "broken.mp4").await.unwrap().unwrap();
    assert_eq!((object.signature.as_str(), object.quarantined), ("", true));
    record(catalog, "broken.mp4", "1", &broken(2)).await;
    assert_eq!(catalog.asked_again().await.unwrap(), [waits_id]);
    assert!(catalog.ask_again(&broken_id, "310002", now).await.unwrap(), "and can be asked for again");
}
