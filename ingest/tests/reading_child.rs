//! Children that crash, hang, flood and lie: each costs one child, and the object has a definite
//! verdict, with its digests complete.

#![cfg(test)]

mod reading_support;

use std::sync::Arc;
use std::time::Duration;

use ingest::child::{ChildCounts, ChildEnd, ChildPool, PoolOptions};
use ingest::reading::{ObjectReading, ReadError};
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt};
use reading_support::{Report, noise, patient, read, sha256};

const SIZE: usize = 1 << 20;

#[test]
fn a_test_started_as_a_child_behaves_as_told() {
    reading_support::become_a_child_if_told();
}

fn options(behaviour: &str) -> PoolOptions {
    reading_support::options(behaviour, "a_test_started_as_a_child_behaves_as_told")
}

async fn object(len: usize) -> (Arc<dyn ObjectStore>, ObjectMeta, String) {
    let bytes = noise(len);
    let sha256 = sha256(&bytes);
    let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    let path = Path::from("bodycam/a.mp4");
    store.put(&path, bytes.into()).await.unwrap();
    let meta = store.head(&path).await.unwrap();
    (store, meta, sha256)
}

/// Reads an object of 1 MiB with such a child; the digest must be right whatever the child does.
async fn reading_with(options: PoolOptions) -> (ObjectReading<Report>, ChildPool) {
    let pool = ChildPool::new(options);
    let (store, meta, sha256) = object(SIZE).await;
    let reading = read(&pool, &store, &meta, &patient()).await.unwrap();
    assert_eq!(reading.digests.as_ref().unwrap().sha256, sha256);
    assert_eq!(reading.bytes_read, SIZE as u64);
    (reading, pool)
}

#[tokio::test]
async fn a_child_that_ends_badly_leaves_a_verdict_that_says_how() {
    let cases = [
        ("aborts", "signal 6 (SIGABRT"),
        ("leaves", "exit status 3"),
        ("panics", "there is no such thing"),
        ("swells", "SIGABRT: it gave up, as it does when its memory limit is reached"),
        ("hangs-up", "exit status 0"),
        ("stops-mid-word", "exit status 0"),
        ("is-silent-about-it", "failed: no comment"),
    ];
    for (behaviour, said) in cases {
        let (reading, pool) = reading_with(options(behaviour)).await;
        let [problem] = &reading.problems[..] else { panic!("{behaviour}: {:?}", reading.problems) };
        assert_eq!(problem.code.as_str(), "unreadable");
        assert!(problem.detail.contains(said), "{behaviour}: {}", problem.detail);
        assert!(problem.detail.ends_with("`reelproof probe bodycam/a.mp4`"), "{}", problem.detail);
        assert!(reading.media.is_err());
        let expected = ChildCounts { started: 1, objects: 1, crashed: 1, ..ChildCounts::default() };
        assert_eq!(pool.counts(), expected, "{behaviour}");
    }
}

#[tokio::test]
async fn a_child_that_breaks_the_rules_is_stopped() {
    let cases = [
        ("babbles", "unknown kind 77"),
        ("threatens", "a Report message of 4294967295 bytes"),
        ("reads-beyond", "a request at byte 18446744073709551610"),
        ("reads-at-the-end", "a request at byte 1048576 of an object of 1048576 bytes"),
        ("reads-nothing", "a request for 0 bytes"),
        ("reads-too-much", "a request for 4294967295 bytes"),
        ("skips-ahead", "Report while an object was examined"),
        ("is-confused", "a report that cannot be read"),
        ("flood", "more requests than an object of 1048576 bytes can need"),
    ];
    for (behaviour, said) in cases {
        let (reading, pool) = reading_with(options(behaviour)).await;
        let end = reading.media.unwrap_err();
        assert!(end.is_breach() && end.to_string().contains(said), "{behaviour}: {end}");
        assert_eq!(pool.counts().misbehaved, 1, "{behaviour}");
    }
}

#[tokio::test]
async fn a_child_that_makes_no_progress_is_stopped() {
    for behaviour in ["hangs", "trickles"] {
        let options = PoolOptions { silence: Duration::from_millis(200), ..options(behaviour) };
        let (reading, pool) = reading_with(options).await;
        assert!(matches!(reading.media, Err(ChildEnd::Silent { .. })), "{behaviour}: {:?}", reading.media);
        assert_eq!(pool.counts().timed_out, 1, "{behaviour}");
    }
}

#[tokio::test]
async fn a_child_that_never_gets_ready_is_our_failure_and_not_the_objects() {
    let (store, meta, _) = object(10).await;
    let pool = ChildPool::new(options("is-never-ready"));
    let error = read(&pool, &store, &meta, &patient()).await.unwrap_err();
    assert!(matches!(error, ReadError::Child(_)), "{error}");
    assert!(error.to_string().contains("--self-test"), "{error}");

    let pool = ChildPool::new(options("is-of-yesterday"));
    let error = read(&pool, &store, &meta, &patient()).await.unwrap_err().to_string();
    assert!(error.contains("is of version 0.0.1/7 [2J and"), "{error}");

    let missing = ingest::child::ChildCommand::new("/nonexistent/reelproof-media");
    let pool = ChildPool::new(PoolOptions::new(missing, 1));
    let error = read(&pool, &store, &meta, &patient()).await.unwrap_err().to_string();
    assert!(error.contains("cannot start `/nonexistent/reelproof-media`"), "{error}");
    // The place of a child that did not come up is free again.
    read(&pool, &store, &meta, &patient()).await.unwrap_err();
}

#[tokio::test]
async fn a_child_is_used_again_until_it_is_worn_or_met_something_broken() {
    let (store, meta, _) = object(SIZE).await;
    let pool = ChildPool::new(PoolOptions { objects_per_child: 3, ..options("sequential") });
    for _ in 0..7 {
        read(&pool, &store, &meta, &patient()).await.unwrap().media.unwrap();
    }
    let counts = pool.counts();
    assert_eq!((counts.started, counts.objects, counts.retired), (3, 7, 2));

    let (store, meta, _) = object(20 << 20).await;
    let pool = ChildPool::new(options("backwards"));
    let reading = read(&pool, &store, &meta, &patient()).await.unwrap();
    assert!(reading.media.unwrap().error.is_some());
    assert_eq!(pool.counts().retired, 1);
}

#[tokio::test]
async fn a_child_that_died_between_two_objects_is_replaced_unnoticed() {
    let (store, meta, _) = object(SIZE).await;
    let pool = ChildPool::new(options("serves-one"));
    for _ in 0..3 {
        let reading = read(&pool, &store, &meta, &patient()).await.unwrap();
        assert_eq!(reading.media, Ok(Report::default()));
        assert_eq!(reading.problems, []);
        assert_eq!(reading.bytes_read, SIZE as u64);
    }
    assert_eq!(pool.counts().started, 3);
}

#[tokio::test]
async fn several_objects_share_a_few_children() {
    let (store, meta, sha256) = object(3 << 20).await;
    let pool = ChildPool::new(options("sequential"));
    let options = patient();
    let readings = futures::future::join_all((0..8).map(|_| read(&pool, &store, &meta, &options))).await;
    for reading in readings {
        assert_eq!(reading.unwrap().media.unwrap().sha256, sha256);
    }
    let counts = pool.counts();
    assert!((1..=2).contains(&counts.started), "{counts:?}");
    assert_eq!(counts.objects, 8);
}

#[tokio::test]
async fn nothing_of_our_environment_reaches_a_child() {
    assert!(std::env::var_os("PATH").is_some());
    let (reading, _) = reading_with(options("shows-its-environment")).await;
    let names = reading.media.unwrap().error.unwrap();
    // How its heap is kept is ours to say.
    let ours =
        ["LD_LIBRARY_PATH", "REELPROOF_TEST_CHILD", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"];
    let foreign = |name: &&str| !ours.contains(name);
    assert_eq!(names.split(' ').find(foreign), None);
}
