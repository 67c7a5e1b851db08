//! What every engine does with chunk lists and with the places of alterations.

use catalog::MediaTime;
use catalog::chunks::{AlteredRange, ChunkList};
use catalog::observation::{MediaSpan, Observation};
use catalog::store::{Alteration, Catalog, Reading, Recorded};

use super::{at, observation, store_of};

fn list(seed: u8, chunks: usize) -> ChunkList {
    let mut list = ChunkList::new(4 << 20);
    (0..chunks).for_each(|_| list.push(&[seed; 32]));
    list
}

async fn record(
    catalog: &dyn Catalog,
    observation: &Observation,
    chunks: Option<&ChunkList>,
    altered: &[AlteredRange],
) -> Recorded {
    let reading = Reading {
        store: store_of(catalog).await.id,
        object_key: "a.mp4",
        signature: "s",
        observed_at: at("2024-06-02 10:00"),
        written_at: None,
        observation,
        tracks: &[],
        chunks,
        altered,
    };
    catalog.record(&reading).await.unwrap()
}

pub(crate) async fn a_chunk_list_is_kept_for_each_version_and_never_replaced(catalog: &dyn Catalog) {
    let store = store_of(catalog).await.id;
    assert_eq!(catalog.chunk_list(store, "a.mp4").await.unwrap(), None);
    let first = observation(1, "2024-05-03 09:00");
    // A version of an earlier release has none, and gets one when it is read again.
    record(catalog, &first, None, &[]).await;
    assert_eq!(catalog.chunk_list(store, "a.mp4").await.unwrap(), None);
    assert_eq!(record(catalog, &first, Some(&list(1, 3)), &[]).await, Recorded::SameBytes);
    record(catalog, &first, Some(&list(9, 3)), &[]).await;
    assert_eq!(catalog.chunk_list(store, "a.mp4").await.unwrap(), Some(list(1, 3)));

    record(catalog, &observation(2, "2024-05-03 09:00"), Some(&list(2, 0)), &[]).await;
    assert_eq!(catalog.chunk_list(store, "a.mp4").await.unwrap(), Some(list(2, 0)));
    assert_eq!(catalog.chunk_list(store, "b.mp4").await.unwrap(), None);
}

pub(crate) async fn where_an_object_was_altered_is_kept_with_the_version(catalog: &dyn Catalog) {
    let span = MediaSpan { start_us: MediaTime(1), end_us: MediaTime(5_000_000) };
    let ranges = [
        AlteredRange { start_byte: 0, end_byte: 4 << 20, span: Some(span) },
        AlteredRange { start_byte: 8 << 20, end_byte: 9 << 20, span: None },
    ];
    // What is new was not altered, and what was read twice has not changed.
    for seed in [1, 1] {
        record(catalog, &observation(seed, "2024-05-03 09:00"), Some(&list(seed, 3)), &ranges).await;
    }
    assert_eq!(catalog.alterations("a.mp4").await.unwrap(), []);
    let altered = record(catalog, &observation(2, "2024-05-03 09:00"), Some(&list(2, 3)), &ranges).await;
    assert_eq!(altered, Recorded::Altered { version: 2 });
    record(catalog, &observation(3, "2024-05-03 09:00"), Some(&list(3, 3)), &ranges[..1]).await;
    let store = store_of(catalog).await.url;
    let entry = |version, ranges: &[AlteredRange]| Alteration {
        store: store.clone(),
        version,
        ranges: ranges.to_vec(),
    };
    let found = catalog.alterations("a.mp4").await.unwrap();
    assert_eq!(found, [entry(2, &ranges), entry(3, &ranges[..1])]);
}
