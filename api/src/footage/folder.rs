//! A store that is a folder of this machine, whose files are opened without waiting for its disk where that can be done.

use std::fs::{File, Metadata};
use std::os::unix::fs::MetadataExt as _;
use std::time::SystemTime;

use object_store::ObjectMeta;
use object_store::local::LocalFileSystem;
use object_store::path::Path as ObjectPath;
use url::Url;

/// The folder that a store's URL names; `None` if it names something else, or nothing that is there.
pub(super) fn of_url(url: &str) -> Option<LocalFileSystem> {
    let url = Url::parse(url).ok().filter(|url| url.scheme() == "file")?;
    LocalFileSystem::new_with_prefix(url.to_file_path().ok()?).ok()
}

/// A file that the system can open without reading from a disk, and what the store would say of it. `None` says nothing:
/// whoever asked then asks the store, which does it on a thread that may wait.
pub(super) fn at_hand(folder: &LocalFileSystem, key: &ObjectPath) -> Option<(File, ObjectMeta)> {
    let file = opened_at_hand(&folder.path_to_filesystem(key).ok()?)?;
    let metadata = file.metadata().ok().filter(Metadata::is_file)?;
    let changed = modified(&metadata)?;
    let changed_us = changed.duration_since(SystemTime::UNIX_EPOCH).ok()?.as_micros();
    let meta = ObjectMeta {
        location: key.clone(),
        last_modified: changed.into(),
        size: metadata.len(),
        // As the store makes it, so that both name one state of a file alike.
        e_tag: Some(format!("\"{:x}-{changed_us:x}-{:x}\"", metadata.ino(), metadata.len())),
        version: None,
    };
    Some((file, meta))
}

#[expect(
    clippy::disallowed_methods,
    reason = "it tells one state of a file from another; nothing is judged by it"
)]
fn modified(metadata: &Metadata) -> Option<SystemTime> {
    metadata.modified().ok()
}

#[cfg(target_os = "linux")]
fn opened_at_hand(path: &std::path::Path) -> Option<File> {
    use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, openat2};
    // What is no file, a pipe for one, must not hold this thread up before that is noticed.
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
    // Kernels before 5.12 refuse, and so do some containers.
    openat2(CWD, path, flags, Mode::empty(), ResolveFlags::CACHED).ok().map(File::from)
}

#[cfg(not(target_os = "linux"))]
fn opened_at_hand(_path: &std::path::Path) -> Option<File> {
    None
}

#[cfg(test)]
mod tests {
    use object_store::ObjectStoreExt as _;

    use super::*;

    #[tokio::test]
    async fn of_a_file_at_hand_is_said_what_the_store_says() {
        let parent = tempfile::tempdir().unwrap();
        let place = parent.path().join("执法 视频");
        std::fs::create_dir(&place).unwrap();
        let url = Url::from_directory_path(&place).unwrap();
        let folder = of_url(url.as_str()).unwrap();
        let key = ObjectPath::from("五月/a b.mp4");
        folder.put(&key, "footage".into()).await.unwrap();
        let said = folder.head(&key).await.unwrap();
        // Whether the system has it at hand is for the system to say; where it opens files so at all, it has this one.
        match at_hand(&folder, &key) {
            Some((_, meta)) => assert_eq!(meta, said),
            None => println!("skipped: this system opens no file without waiting"),
        }
        assert!(at_hand(&folder, &ObjectPath::from("五月")).is_none(), "a folder is no file");
        assert!(at_hand(&folder, &ObjectPath::from("gone.mp4")).is_none());
        for other in ["s3://bucket/folder", "file:///is/not/there", "none"] {
            assert!(of_url(other).is_none(), "{other}");
        }
    }
}
