//! One pass over an object: digests right, the child served the same bytes, every byte fetched once,
//! and a version that changes never mixed with another.

#![cfg(test)]

mod reading_support;
#[path = "reading_support/store.rs"]
mod store;

use std::fs::File;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures::FutureExt;
use ingest::child::{ByteRange, ChildPool};
use ingest::reading::{ObjectReader, ReadError, ReadOptions};
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt};
use reading_support::{Report, noise, patient, read, sha256};
use store::{Troubled, storm};
use tokio_util::sync::CancellationToken;

#[test]
fn a_test_started_as_a_child_behaves_as_told() {
    reading_support::become_a_child_if_told();
}

fn pool(behaviour: &str) -> ChildPool {
    ChildPool::new(reading_support::options(behaviour, "a_test_started_as_a_child_behaves_as_told"))
}

fn path() -> Path {
    Path::from("2024/05/a.mp4")
}

async fn put(store: &Arc<dyn ObjectStore>, bytes: &[u8]) -> ObjectMeta {
    store.put(&path(), bytes.to_vec().into()).await.unwrap();
    store.head(&path()).await.unwrap()
}

/// A folder, a store in memory and one far away, each with this object.
async fn stores(bytes: &[u8]) -> (tempfile::TempDir, Vec<(&'static str, Arc<dyn ObjectStore>, ObjectMeta)>) {
    let folder = tempfile::tempdir().unwrap();
    let local = LocalFileSystem::new_with_prefix(folder.path()).unwrap();
    let mut stores = Vec::new();
    let all: [(&str, Arc<dyn ObjectStore>); 3] = [
        ("folder", Arc::new(local)),
        ("memory", Arc::new(InMemory::new())),
        ("faraway", Arc::new(Troubled::new(Arc::new(InMemory::new())))),
    ];
    for (name, store) in all {
        let meta = put(&store, bytes).await;
        stores.push((name, store, meta));
    }
    (folder, stores)
}

#[tokio::test]
async fn every_byte_is_read_once_whatever_the_child_wants() {
    let mib = 1 << 20;
    for size in [0, 1, 4095, 100_000, 5 * mib + 17, 20 * mib, 45 * mib + 1] {
        let object = noise(size);
        let digest = sha256(&object);
        let (_folder, stores) = stores(&object).await;
        for behaviour in ["sequential", "sparse", "hopping"] {
            let pool = pool(behaviour);
            for (name, store, meta) in &stores {
                let case = format!("{behaviour} over {size} bytes in {name}");
                let reading = read(&pool, store, meta, &patient()).await.unwrap();
                assert_eq!(reading.digests.unwrap().sha256, digest, "{case}");
                assert_eq!(reading.problems, [], "{case}");
                let report = reading.media.unwrap();
                assert_eq!(report.error, None, "{case}");
                if behaviour == "sequential" {
                    assert_eq!((report.bytes, &report.sha256), (size as u64, &digest), "{case}");
                }
                if behaviour == "sparse" && size > 100_000 {
                    let seen = [&object[..100_000], &object[size - 50_000..], &object[1000..2000]].concat();
                    assert_eq!(report.sha256, sha256(&seen), "{case}");
                }
                let read = reading.bytes_read;
                assert!(read >= size as u64 && read <= size as u64 * 101 / 100, "{case}: {read}");
            }
        }
    }
}

#[tokio::test]
async fn without_digests_only_what_the_child_wants_is_fetched() {
    let size: usize = 64 << 20;
    let object = noise(size);
    let (_folder, stores) = stores(&object).await;
    let pool = pool("sparse");
    for (name, store, meta) in &stores {
        let reading = read(&pool, store, meta, &ReadOptions { hash: false, ..patient() }).await.unwrap();
        assert_eq!(reading.digests, None);
        assert_eq!(reading.media.unwrap().bytes, 151_000);
        assert!(reading.bytes_read < size as u64 / 200, "{name}: {}", reading.bytes_read);
    }
}

#[tokio::test]
async fn what_was_passed_long_ago_is_not_fetched_a_second_time() {
    let size: usize = 30 << 20;
    let object = noise(size);
    let (_folder, stores) = stores(&object).await;
    let pool = pool("backwards");
    for (name, store, meta) in &stores {
        let reading = read(&pool, store, meta, &patient()).await.unwrap();
        assert_eq!(reading.digests.unwrap().sha256, sha256(&object), "{name}");
        assert!(reading.bytes_read <= size as u64 * 101 / 100, "{name}: {}", reading.bytes_read);
        assert!(reading.media.unwrap().error.unwrap().contains("will not be fetched again"), "{name}");
        assert_eq!(reading.problems[0].code.as_str(), "damaged", "{name}");
    }
}

#[tokio::test]
async fn digests_zeros_and_progress_are_those_of_the_whole_object() {
    let mut object = noise(40 << 20);
    object[1 << 20..(1 << 20) + 20_000].fill(0);
    object[35 << 20..36 << 20].fill(0);
    let zero_runs = vec![
        ByteRange { start: 1 << 20, end: (1 << 20) + 16_384 },
        ByteRange { start: 35 << 20, end: 36 << 20 },
    ];
    let (_folder, stores) = stores(&object).await;
    for behaviour in ["sparse", "sequential"] {
        let pool = pool(behaviour);
        for (name, store, meta) in &stores {
            let progress = Arc::new(AtomicU64::new(0));
            let options = ReadOptions { sm3: true, progress: Some(Arc::clone(&progress)), ..patient() };
            let reading = read(&pool, store, meta, &options).await.unwrap();
            let digests = reading.digests.unwrap();
            assert_eq!(
                digests.sm3.unwrap(),
                hex::encode(<sm3::Sm3 as sm3::Digest>::digest(&object)),
                "{name}"
            );
            assert_eq!(digests.zero_runs, zero_runs, "{name}");
            assert_eq!(reading.media.unwrap().zero_runs, zero_runs, "{name}");
            assert_eq!(progress.load(Ordering::SeqCst), object.len() as u64, "{name}");
            assert_eq!((digests.chunks.len(), digests.changed), (10, None), "{name}");
        }
    }
}

#[tokio::test]
async fn where_an_object_is_not_what_it_was_is_told_and_the_child_is_asked_when_that_is() {
    let mut object = noise(21 << 20);
    let (_folder, stores) = stores(&object).await;
    let first = read(&pool("sparse"), &stores[0].1, &stores[0].2, &patient()).await.unwrap();
    let earlier = Some(Arc::new(first.digests.unwrap().chunks));
    let again = ReadOptions { earlier: earlier.clone(), ..patient() };
    for (name, store, meta) in &stores {
        let reading = read(&pool("sparse"), store, meta, &again).await.unwrap();
        assert_eq!(reading.digests.unwrap().changed, Some(Vec::new()), "{name}");
        assert_eq!(reading.media.unwrap().changes, [], "{name}");
    }
    for at in [5 << 20, (20 << 20) + 7] {
        object[at] ^= 1;
    }
    let changes = [ByteRange { start: 4 << 20, end: 8 << 20 }, ByteRange { start: 20 << 20, end: 21 << 20 }];
    let (_folder, altered) = self::stores(&object).await;
    for behaviour in ["sparse", "sequential"] {
        for (name, store, meta) in &altered {
            let reading = read(&pool(behaviour), store, meta, &again).await.unwrap();
            assert_eq!(reading.bytes_read, object.len() as u64, "{name}");
            let digests = reading.digests.unwrap();
            assert_eq!(digests.sha256, sha256(&object), "{name}");
            assert_eq!(digests.changed.as_deref(), Some(&changes[..]), "{name}");
            assert_eq!(reading.media.unwrap().changes, changes, "{name}");
        }
    }
}

#[tokio::test]
async fn a_store_that_fails_now_and_then_is_asked_again() {
    let object = noise(9 << 20);
    let memory: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    let meta = put(&memory, &object).await;
    let faraway = Arc::new(Troubled {
        before: Box::new(|request| (request % 3 == 1).then(storm)),
        breaks: vec![5000, 1_000_000, 300_000, 0].into(),
        ..Troubled::new(memory)
    });
    let store: Arc<dyn ObjectStore> = Arc::clone(&faraway) as _;
    for behaviour in ["sequential", "sparse"] {
        let reading = read(&pool(behaviour), &store, &meta, &patient()).await.unwrap();
        assert_eq!(reading.digests.unwrap().sha256, sha256(&object));
        assert!(reading.bytes_read <= object.len() as u64 * 101 / 100, "{}", reading.bytes_read);
    }
    assert!(faraway.requests.load(Ordering::SeqCst) > 8);
}

#[tokio::test]
async fn a_store_that_only_fails_is_named() {
    let memory: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    let meta = put(&memory, &noise(1000)).await;
    let store: Arc<dyn ObjectStore> =
        Arc::new(Troubled { before: Box::new(|_| Some(storm())), ..Troubled::new(memory) });
    let error = read(&pool("sparse"), &store, &meta, &patient()).await.unwrap_err();
    assert!(matches!(error, ReadError::Unreachable { .. }), "{error}");
    let text = error.to_string();
    assert!(text.contains("2024/05/a.mp4") && text.contains("connection reset"), "{text}");
}

#[tokio::test]
async fn an_object_that_is_gone_or_another_is_told_apart() {
    let (_folder, stores) = stores(&noise(1000)).await;
    let pool = pool("sparse");
    for (name, store, meta) in &stores {
        store.put(&path(), noise(999).into()).await.unwrap();
        let error = read(&pool, store, meta, &patient()).await.unwrap_err();
        assert!(matches!(error, ReadError::Changed { .. }), "{name}: {error}");
        store.delete(&path()).await.unwrap();
        let error = read(&pool, store, meta, &patient()).await.unwrap_err();
        assert!(matches!(error, ReadError::Vanished { .. }), "{name}: {error}");
    }
}

#[tokio::test]
async fn an_object_replaced_in_mid_read_is_never_mixed_with_its_successor() {
    let memory: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    let meta = put(&memory, &noise(8 << 20)).await;
    // The first answer breaks off; before the next request the object is another of the same size.
    let successor = Arc::clone(&memory);
    let before = move |request| {
        if request == 1 {
            let path = path();
            let put = successor.put(&path, vec![7; 8 << 20].into());
            put.now_or_never().unwrap().unwrap();
        }
        None
    };
    let store = Troubled { before: Box::new(before), breaks: vec![500_000].into(), ..Troubled::new(memory) };
    let store: Arc<dyn ObjectStore> = Arc::new(store);
    let error = read(&pool("sequential"), &store, &meta, &patient()).await.unwrap_err();
    assert!(matches!(error, ReadError::Changed { .. }), "{error}");
    assert!(error.to_string().contains("read it again later"), "{error}");
}

/// A folder with a file that is written to right after it was opened, so many times.
fn still_recording(folder: &tempfile::TempDir, writes: usize, cut: bool) -> Arc<dyn ObjectStore> {
    let file = folder.path().join("a.mp4");
    std::fs::write(&file, noise(5 << 20)).unwrap();
    let after = move |opened| {
        if opened < writes {
            let mut file = File::options().append(true).open(&file).unwrap();
            if cut {
                file.set_len(1_000_000).unwrap();
            } else {
                file.write_all(b"more").unwrap();
            }
        }
    };
    let inner = LocalFileSystem::new_with_prefix(folder.path()).unwrap();
    Arc::new(Troubled { after: Box::new(after), ..Troubled::new(Arc::new(inner)) })
}

#[tokio::test]
async fn a_file_that_is_still_written_to_is_an_error_and_not_a_mixture() {
    let folder = tempfile::tempdir().unwrap();
    for (behaviour, cut) in [("sparse", false), ("sparse", true), ("sequential", true)] {
        let store = still_recording(&folder, usize::MAX, cut);
        let meta = store.head(&Path::from("a.mp4")).await.unwrap();
        let error = read(&pool(behaviour), &store, &meta, &patient()).await.unwrap_err();
        assert!(matches!(error, ReadError::Changed { .. }), "{error}");
    }
}

#[tokio::test]
async fn reading_the_latest_version_starts_over_until_it_holds_still() {
    let folder = tempfile::tempdir().unwrap();
    for (writes, expected) in [(2, Some((5 << 20) + 8)), (3, None)] {
        let store = still_recording(&folder, writes, false);
        let reader = ObjectReader::new(pool("sparse"), tokio::runtime::Handle::current());
        let meta = store.head(&Path::from("a.mp4")).await.unwrap();
        let work = move || reader.read_latest::<Report>(&store, meta, &patient(), &CancellationToken::new());
        let (meta, result) = tokio::task::spawn_blocking(work).await.unwrap();
        assert_eq!(result.as_ref().ok().map(|_| meta.size), expected, "{result:?}");
    }
}

#[tokio::test]
async fn bytes_that_differ_from_before_without_a_word_of_the_store_are_believed_when_two_readings_agree() {
    let (object, altered) = (noise(100_000), noise(100_008)[8..].to_vec());
    let inner: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    let meta = put(&inner, &object).await;
    let pool = pool("sequential");
    let before = read(&pool, &inner, &meta, &patient()).await.unwrap().digests.unwrap();
    let latest = async |store: Troubled, said_the_same: bool| {
        let store: Arc<dyn ObjectStore> = Arc::new(store);
        let meta = store.head(&path()).await.unwrap();
        let earlier = Some(Arc::new(before.chunks.clone()));
        let options = ReadOptions { earlier, said_the_same, ..patient() };
        let reader = ObjectReader::new(pool.clone(), tokio::runtime::Handle::current());
        let work = move || reader.read_latest::<Report>(&store, meta, &options, &CancellationToken::new()).1;
        tokio::task::spawn_blocking(work).await.unwrap()
    };
    let turning = |answers: usize| Troubled { turns: answers.into(), ..Troubled::new(Arc::clone(&inner)) };

    // Turned once on the way: the second reading is as before.
    let reading = latest(turning(1), true).await.unwrap();
    let digests = reading.digests.unwrap();
    assert_eq!((digests.sha256, digests.changed), (sha256(&object), Some(Vec::new())));
    assert_eq!(reading.bytes_read, 200_000);
    // Turned each time, and never alike: nothing is believed.
    let error = latest(turning(2), true).await.unwrap_err();
    assert!(matches!(error, ReadError::Unsteady { .. }), "{error}");
    // Altered in fact: both readings say so; and where the store says so, one does.
    put(&inner, &altered).await;
    for (said_the_same, bytes_read) in [(true, 200_000), (false, 100_000)] {
        let reading = latest(turning(0), said_the_same).await.unwrap();
        let digests = reading.digests.unwrap();
        assert_eq!((digests.sha256, digests.changed.unwrap().len()), (sha256(&altered), 1));
        assert_eq!(reading.bytes_read, bytes_read);
    }
}

#[tokio::test]
async fn a_cancelled_reading_ends_soon_and_says_so() {
    let (_folder, stores) = stores(&noise(3 << 20)).await;
    for behaviour in ["hangs", "sequential"] {
        for (name, store, meta) in &stores {
            let reader = ObjectReader::new(pool(behaviour), tokio::runtime::Handle::current());
            let cancel = CancellationToken::new();
            let (store, meta, stop) = (Arc::clone(store), meta.clone(), cancel.clone());
            let work = move || reader.read::<Report>(&store, &meta, &patient(), &stop);
            let reading = tokio::task::spawn_blocking(work);
            cancel.cancel();
            let error = reading.await.unwrap().unwrap_err();
            assert!(matches!(error, ReadError::Cancelled), "{behaviour}, {name}: {error}");
        }
    }
}
