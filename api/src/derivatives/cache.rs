//! A folder of derivatives whose size is bounded.
//!
//! A derivative is written under a name that begins with a dot and gets its own name once it is whole, after a file beside
//! it that says what was made; so whatever bears its own name is complete, also after a crash, and leftovers are
//! known by their dot. When the folder grows beyond its size, what was not looked at for the longest time goes first;
//! the time of change of a file is when it was last looked at. A file that is being sent while it goes is sent to its
//! end: its name goes, and its bytes when nobody reads them any more.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use catalog::derivative::Derived;

/// What the smallest file takes on a disk.
const BLOCK_BYTES: u64 = 4096;

/// A folder of derivatives; clones share it.
#[derive(Debug, Clone)]
pub struct Cache(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    folder: PathBuf,
    max_bytes: u64,
    kept: Mutex<Kept>,
    drafts: AtomicU64,
}

#[derive(Debug, Default)]
struct Kept {
    /// Size on disk, and number of the last look at it.
    files: HashMap<String, (u64, u64)>,
    looks: u64,
    bytes: u64,
}

/// A derivative that is there.
#[derive(Debug)]
pub struct Entry {
    /// The file, opened.
    pub file: File,
    /// Its size.
    pub size_bytes: u64,
    /// What was made.
    pub derived: Derived,
}

impl Cache {
    /// The cache in `folder`, which is made if it is not there, for the owner's eyes only: it holds pictures of evidence.
    ///
    /// # Errors
    /// Where the folder cannot be made or read.
    pub fn open(folder: &Path, max_bytes: u64) -> io::Result<Self> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let mut found = Vec::new();
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            if name.starts_with('.') {
                // Left behind by a run that ended in the middle.
                fs::remove_file(entry.path())?;
            } else if entry.path().extension().is_none_or(|extension| extension != "json") {
                let metadata = entry.metadata()?;
                #[allow(
                    clippy::disallowed_methods,
                    reason = "it says when a copy was looked at last, and is no evidence"
                )]
                let looked_at = metadata.modified()?;
                found.push((looked_at, name, on_disk(metadata.len())));
            }
        }
        found.sort();
        let mut kept = Kept::default();
        for (_, name, bytes) in found {
            kept.looks += 1;
            kept.bytes += bytes;
            kept.files.insert(name, (bytes, kept.looks));
        }
        let inner =
            Inner { folder: folder.to_owned(), max_bytes, kept: Mutex::new(kept), drafts: AtomicU64::new(0) };
        inner.shrink(&mut inner.kept())?;
        Ok(Self(Arc::new(inner)))
    }

    /// The derivative of this name, if it is there.
    ///
    /// # Errors
    /// Where it is there and cannot be read.
    pub fn find(&self, name: &str) -> io::Result<Option<Entry>> {
        let inner = &self.0;
        let mut kept = inner.kept();
        if !kept.files.contains_key(name) {
            return Ok(None);
        }
        let opened = File::open(inner.folder.join(name))
            .and_then(|file| Ok((file, fs::read(inner.folder.join(beside(name)))?)));
        let (file, told) = match opened {
            Ok(opened) => opened,
            // Somebody cleared the folder: it is made again.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                inner.forget(&mut kept, name)?;
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        kept.looks += 1;
        let look = kept.looks;
        if let Some((_, last)) = kept.files.get_mut(name) {
            *last = look;
        }
        drop(kept);
        // Only for the order after a restart.
        let _ = file.set_modified(filetime());
        let derived = serde_json::from_slice(&told).map_err(io::Error::other)?;
        Ok(Some(Entry { size_bytes: file.metadata()?.len(), file, derived }))
    }

    /// The largest derivative that is kept: a quarter of the cache, so that one does not push out all others.
    pub fn largest_bytes(&self) -> u64 {
        self.0.max_bytes / 4
    }

    /// How many bytes are kept.
    pub fn bytes(&self) -> u64 {
        self.0.kept().bytes
    }

    /// A file for a derivative of this name, which is not there until it is kept.
    ///
    /// # Errors
    /// Where the file cannot be made.
    pub fn draft(&self, name: &str) -> io::Result<Draft> {
        let number = self.0.drafts.fetch_add(1, Ordering::Relaxed);
        let path = self.0.folder.join(format!(".{number}.{name}"));
        let file = private(&path)?;
        Ok(Draft { cache: self.clone(), name: name.to_owned(), path, file })
    }
}

/// A derivative in the making; dropped, it leaves nothing behind.
#[derive(Debug)]
pub struct Draft {
    cache: Cache,
    name: String,
    path: PathBuf,
    file: File,
}

impl Draft {
    /// Where it is written.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// It is whole: from now on it is there.
    ///
    /// # Errors
    /// Where the disk is full, and the like.
    pub fn keep(self, derived: &Derived) -> io::Result<()> {
        let inner = &self.cache.0;
        let bytes = on_disk(self.file.metadata()?.len());
        let told = self.path.with_extension("told");
        let mut file = private(&told)?;
        let written =
            serde_json::to_vec(derived).map_err(io::Error::other).and_then(|json| file.write_all(&json));
        let beside = inner.folder.join(beside(&self.name));
        if let Err(error) = written.and_then(|()| fs::rename(&told, beside)) {
            let _ = fs::remove_file(&told);
            return Err(error);
        }
        let mut kept = inner.kept();
        fs::rename(&self.path, inner.folder.join(&self.name))?;
        kept.looks += 1;
        let look = kept.looks;
        if let Some((before, _)) = kept.files.insert(self.name.clone(), (bytes, look)) {
            kept.bytes -= before;
        }
        kept.bytes += bytes;
        inner.shrink(&mut kept)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // Gone already where it was kept.
        let _ = fs::remove_file(&self.path);
    }
}

impl Inner {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        // At worst a file is counted that is no longer there, which the next look at it finds.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets go of what was not looked at for the longest time, until the rest fits.
    fn shrink(&self, kept: &mut Kept) -> io::Result<()> {
        while kept.bytes > self.max_bytes {
            let oldest = kept.files.iter().min_by_key(|(_, (_, look))| *look).map(|(name, _)| name.clone());
            let Some(oldest) = oldest else { break };
            self.forget(kept, &oldest)?;
        }
        Ok(())
    }

    fn forget(&self, kept: &mut Kept, name: &str) -> io::Result<()> {
        // First what says that it is there.
        for name in [name.to_owned(), beside(name)] {
            match fs::remove_file(self.folder.join(name)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        if let Some((bytes, _)) = kept.files.remove(name) {
            kept.bytes -= bytes;
        }
        Ok(())
    }
}

fn private(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(true).mode(0o600).open(path)
}

fn beside(name: &str) -> String {
    format!("{name}.json")
}

/// The machine's time: it orders files and is never shown.
#[expect(clippy::disallowed_methods, reason = "the order of files on a disk is by the disk's own clock")]
fn filetime() -> std::time::SystemTime {
    std::time::SystemTime::now()
}

/// What a derivative and what is said of it take.
fn on_disk(bytes: u64) -> u64 {
    bytes.div_ceil(BLOCK_BYTES).saturating_add(1).saturating_mul(BLOCK_BYTES)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn put(cache: &Cache, name: &str, bytes: usize) {
        let draft = cache.draft(name).unwrap();
        draft.file().write_all(&vec![7; bytes]).unwrap();
        draft.keep(&Derived::default()).unwrap();
    }

    fn there(cache: &Cache, name: &str) -> bool {
        cache.find(name).unwrap().is_some()
    }

    #[test]
    fn what_was_not_looked_at_for_the_longest_time_goes_first() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(&folder.path().join("cache"), 100_000).unwrap();
        put(&cache, "a", 30_000);
        put(&cache, "b", 30_000);
        assert!(there(&cache, "a"), "this makes `b` the one that was not looked at for the longest time");
        put(&cache, "c", 30_000);
        assert!(there(&cache, "a") && !there(&cache, "b") && there(&cache, "c"));
        assert!(cache.bytes() <= 100_000);
        let mut entry = cache.find("a").unwrap().unwrap();
        put(&cache, "d", 60_000);
        let mut bytes = Vec::new();
        entry.file.read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes.len(), 30_000, "what is being sent is sent to its end");
        let files = fs::read_dir(folder.path().join("cache")).unwrap().count();
        assert!(files <= 4, "what went took along what was said of it: {files}");
    }

    #[test]
    fn after_a_restart_it_is_what_it_was_without_the_leftovers() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(folder.path(), 100_000).unwrap();
        put(&cache, "a", 10_000);
        std::mem::forget(cache.draft("b").unwrap());
        drop(cache.draft("c").unwrap());
        let cache = Cache::open(folder.path(), 100_000).unwrap();
        assert!(there(&cache, "a") && !there(&cache, "b") && !there(&cache, "c"));
        let names: Vec<_> =
            fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names.len(), 2, "{names:?}");
        let small = Cache::open(folder.path(), 5_000).unwrap();
        assert!(!there(&small, "a") && small.bytes() == 0, "a smaller cache lets go at once");
    }

    #[test]
    fn what_somebody_removed_is_not_there_and_nobody_else_reads_what_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cache");
        let cache = Cache::open(&path, 100_000).unwrap();
        put(&cache, "a", 10_000);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(&path.join("a"))), (0o700, 0o600));
        fs::remove_file(path.join("a")).unwrap();
        assert!(!there(&cache, "a"));
        assert_eq!(cache.bytes(), 0);
        put(&cache, "a", 10);
        assert!(there(&cache, "a"));
    }
}
