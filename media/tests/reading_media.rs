//! Real footage through the real, locked-down child.

#![cfg(test)]

use std::collections::BTreeMap;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use ingest::child::{ChildCommand, ChildPool, PoolOptions};
use ingest::reading::{ObjectReader, ReadOptions};
use media::{ByteRange, MediaReport};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt};
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

fn media_folder() -> Option<PathBuf> {
    let folder = std::env::var_os("REELPROOF_TEST_MEDIA")
        .map_or_else(|| concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/media").into(), PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: there is no folder {}; set REELPROOF_TEST_MEDIA", folder.display());
    None
}

fn pool() -> ChildPool {
    ChildPool::new(PoolOptions::new(ChildCommand::new(env!("CARGO_BIN_EXE_reelproof-media")), 2))
}

async fn list(store: &Arc<dyn ObjectStore>) -> Vec<ObjectMeta> {
    let mut objects: Vec<ObjectMeta> = futures::TryStreamExt::try_collect(store.list(None)).await.unwrap();
    objects.sort_by(|a, b| a.location.cmp(&b.location));
    objects
}

#[tokio::test]
async fn a_child_reports_of_every_file_what_the_library_says_of_it() {
    let Some(folder) = media_folder() else { return };
    let store: Arc<dyn ObjectStore> = Arc::new(LocalFileSystem::new_with_prefix(&folder).unwrap());
    let reader = ObjectReader::new(pool(), tokio::runtime::Handle::current());
    let mut ended = BTreeMap::new();
    for meta in list(&store).await {
        let key = meta.location.to_string();
        let (at, from, object) = (reader.clone(), Arc::clone(&store), meta.clone());
        let work = move || at.read(&from, &object, &ReadOptions::default(), &CancellationToken::new());
        let reading = tokio::task::spawn_blocking(work).await.unwrap().unwrap();
        let bytes = std::fs::read(folder.join(&key)).unwrap();
        let digests = reading.digests.unwrap();
        assert_eq!(digests.sha256, hex::encode(Sha256::digest(&bytes)), "{key}");
        assert!(
            reading.bytes_read <= meta.size + meta.size / 100,
            "{key}: {} of {}",
            reading.bytes_read,
            meta.size
        );
        let report: MediaReport = match reading.media {
            Ok(report) => report,
            Err(end) => {
                ended.insert(key, end.to_string());
                continue;
            }
        };
        let examination = media::examine(File::open(folder.join(&key)).unwrap(), meta.size);
        let zero_runs = digests.zero_runs.iter().map(|run| ByteRange { start: run.start, end: run.end });
        assert_eq!(report, examination.report(&zero_runs.collect::<Vec<_>>()), "{key}");
        assert_eq!((report.read_error, reading.problems), (None, Vec::new()), "{key}");
    }
    assert_eq!(ended, BTreeMap::new());
}

#[tokio::test]
async fn without_digests_little_of_a_recording_with_tables_is_fetched() {
    let Some(folder) = media_folder() else { return };
    let store: Arc<dyn ObjectStore> = Arc::new(LocalFileSystem::new_with_prefix(&folder).unwrap());
    let meta = store.head(&Path::from("gopro/karma.mp4")).await.unwrap();
    let reader = ObjectReader::new(pool(), tokio::runtime::Handle::current());
    let options = ReadOptions { hash: false, ..ReadOptions::default() };
    let object = meta.clone();
    let work = move || reader.read::<MediaReport>(&store, &object, &options, &CancellationToken::new());
    let reading = tokio::task::spawn_blocking(work).await.unwrap().unwrap();
    let report = reading.media.unwrap();
    assert!(report.streams.iter().any(|stream| stream.codec == "h264"));
    assert!(reading.bytes_read < meta.size / 10, "{} of {}", reading.bytes_read, meta.size);
}
