//! A bundle as one file: a ZIP archive of its folder, which everybody can open and a browser can send.
//!
//! An archive that somebody hands in is hostile: names that lead out of the folder, a few bytes that unpack to a disk
//! full of zeros, a million empty files. Each of these is refused before it does harm; nothing but plain files and
//! folders comes out.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::check::files_below;
use crate::log::LogError;

/// Files of an archive at most.
const MOST_FILES: usize = 10_000;

/// Why an archive was not packed or unpacked.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// It is none, or it is broken.
    #[error("this is no ZIP archive that can be read: {0}")]
    Zip(#[from] zip::result::ZipError),
    /// It would unpack to more than anybody wants.
    #[error(
        "the archive holds more than {most_bytes} bytes or {MOST_FILES} files: unpack it, and have the folder checked with `reelproof log verify`"
    )]
    TooLarge {
        /// Bytes that are allowed.
        most_bytes: u64,
    },
    /// A name in it leads elsewhere.
    #[error("the archive has the name `{0}`, which leads out of its folder")]
    Name(String),
    /// There is no bag in it.
    #[error("there is no bundle in the archive: it has no bagit.txt")]
    NoBag,
    /// Our own folder failed.
    #[error(transparent)]
    Folder(#[from] io::Error),
    /// So did reading it.
    #[error(transparent)]
    Log(#[from] Box<LogError>),
}

/// Writes the folder of a bundle as an archive, below a folder called `name`.
///
/// # Errors
/// Where the folder cannot be read or `to` not be written.
pub fn pack<W: Write + Seek>(dir: &Path, name: &str, to: W) -> Result<W, ArchiveError> {
    let mut archive = ZipWriter::new(to);
    // Of the same bundle the same archive: nothing in it tells of this machine or moment.
    let plain = SimpleFileOptions::default().unix_permissions(0o644).large_file(true);
    for (below, path) in files_below(dir).map_err(Box::new)? {
        // Footage does not become smaller.
        let original = below.starts_with("data/originals/");
        let method = if original { CompressionMethod::Stored } else { CompressionMethod::Deflated };
        archive.start_file(format!("{name}/{below}"), plain.compression_method(method))?;
        io::copy(&mut File::open(path)?, &mut archive)?;
    }
    Ok(archive.finish()?)
}

/// Unpacks an archive into an empty folder, no more than `most_bytes`, and gives the bag in it: the folder itself, or the
/// one folder in that.
///
/// # Errors
/// [`ArchiveError`] says what is wrong with it.
pub fn unpack<R: Read + Seek>(from: R, into: &Path, most_bytes: u64) -> Result<PathBuf, ArchiveError> {
    let mut archive = ZipArchive::new(from)?;
    let too_large = || ArchiveError::TooLarge { most_bytes };
    if archive.len() > MOST_FILES {
        return Err(too_large());
    }
    let mut left = most_bytes;
    let mut bag = None;
    for number in 0..archive.len() {
        let entry = archive.by_index(number)?;
        let name = entry.enclosed_name().filter(|_| !entry.is_symlink());
        let said = || String::from_utf8_lossy(entry.name_raw()).into_owned();
        let name = name.ok_or_else(|| ArchiveError::Name(said()))?;
        if entry.is_dir() {
            continue;
        }
        if name.file_name().is_some_and(|name| name == "bagit.txt") && name.components().count() <= 2 {
            bag = name.parent().map(|parent| into.join(parent));
        }
        let path = into.join(&name);
        path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
        // What it says of its size is not believed.
        let written = io::copy(&mut entry.take(left + 1), &mut File::create_new(&path)?)?;
        left = left.checked_sub(written).ok_or_else(too_large)?;
    }
    bag.ok_or(ArchiveError::NoBag)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn archive(files: &[(&str, &[u8])]) -> Cursor<Vec<u8>> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in files {
            archive.start_file(*name, SimpleFileOptions::default()).unwrap();
            archive.write_all(bytes).unwrap();
        }
        archive.finish().unwrap()
    }

    fn contents(dir: &Path) -> Vec<(String, Vec<u8>)> {
        let files = files_below(dir).unwrap();
        files.into_iter().map(|(name, path)| (name, std::fs::read(path).unwrap())).collect()
    }

    #[test]
    fn what_was_packed_comes_out_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let bag = folder.path().join("bag");
        std::fs::create_dir_all(bag.join("data/originals")).unwrap();
        let files = [("bagit.txt", "BagIt"), ("data/说明.json", "{}"), ("data/originals/1.mp4", "mp4")];
        for (name, bytes) in files {
            std::fs::write(bag.join(name), bytes).unwrap();
        }
        let packed = pack(&bag, "case-1", Cursor::new(Vec::new())).unwrap().into_inner();
        assert_eq!(packed, pack(&bag, "case-1", Cursor::new(Vec::new())).unwrap().into_inner());
        let into = tempfile::tempdir().unwrap();
        let found = unpack(Cursor::new(packed), into.path(), 1000).unwrap();
        assert_eq!(found, into.path().join("case-1"));
        assert_eq!(contents(&found), contents(&bag));
    }

    #[test]
    fn a_hostile_archive_does_no_harm() {
        let outside = tempfile::tempdir().unwrap();
        let refused = |archive: Cursor<Vec<u8>>| {
            let into = outside.path().join("into");
            std::fs::create_dir(&into).unwrap();
            let error = unpack(archive, &into, 1_000_000).unwrap_err();
            std::fs::remove_dir_all(&into).unwrap();
            assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 0, "{error}");
            error
        };
        let leads_out = refused(archive(&[("../evil", b"x"), ("bagit.txt", b"")]));
        assert!(matches!(leads_out, ArchiveError::Name(name) if name == "../evil"));
        let zeros = vec![0; 2_000_000];
        assert!(matches!(refused(archive(&[("bagit.txt", &zeros)])), ArchiveError::TooLarge { .. }));
        let names: Vec<String> = (0..=MOST_FILES).map(|number| number.to_string()).collect();
        let files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), b"".as_slice())).collect();
        assert!(matches!(refused(archive(&files)), ArchiveError::TooLarge { .. }));
        assert!(matches!(refused(archive(&[("a/b/bagit.txt", b"")])), ArchiveError::NoBag));
        assert!(matches!(refused(Cursor::new(b"no archive".to_vec())), ArchiveError::Zip(_)));
    }
}
