//! Memory does not grow with the object. Alone in its program, because the system counts the memory
//! of a whole process.

#![cfg(test)]

mod reading_support;

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use ingest::child::{ByteRange, ChildPool};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use reading_support::{noise, patient, read, sha256};

#[test]
fn a_test_started_as_a_child_behaves_as_told() {
    reading_support::become_a_child_if_told();
}

/// A file of 2 GiB that takes no room on the disk: the same code would read 100 GB, as nothing it
/// keeps depends on the size.
#[tokio::test]
async fn a_huge_sparse_file_is_read_in_bounded_memory() {
    let folder = tempfile::tempdir().unwrap();
    let size: u64 = 2 << 30;
    let file = File::create(folder.path().join("huge.mp4")).unwrap();
    file.set_len(size).unwrap();
    file.write_all_at(b"\0\0\0\x18ftypmp42", 0).unwrap();
    let tail = noise(60_000);
    file.write_all_at(&tail, size - 60_000).unwrap();
    let store: Arc<dyn ObjectStore> = Arc::new(LocalFileSystem::new_with_prefix(folder.path()).unwrap());
    let meta = store.head(&Path::from("huge.mp4")).await.unwrap();
    let options = reading_support::options("sparse", "a_test_started_as_a_child_behaves_as_told");
    let before = peak_memory_bytes();
    let reading = read(&ChildPool::new(options), &store, &meta, &patient()).await.unwrap();
    let grown = peak_memory_bytes() - before;
    assert!(grown < 64 << 20, "{grown} bytes more");
    assert_eq!(reading.bytes_read, size);
    let mut seen = vec![0; 151_000];
    seen[..12].copy_from_slice(b"\0\0\0\x18ftypmp42");
    seen[100_000..150_000].copy_from_slice(&tail[10_000..]);
    assert_eq!(reading.media.unwrap().sha256, sha256(&seen));
    let zero_runs = reading.digests.unwrap().zero_runs;
    assert_eq!(zero_runs, [ByteRange { start: 4096, end: (size - 60_000) / 4096 * 4096 }]);
}

/// The most memory this process has ever had resident (`proc(5)`, VmHWM).
fn peak_memory_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}
