//! The key that signs checkpoints, and what its holder remembers.
//!
//! The key stands in a file of its own (mode 0600), outside of the catalog: whoever can write the catalog cannot sign.
//! Beside it stands the last checkpoint it signed. A catalog whose tree is not a continuation of that one (it was put
//! back to an earlier state, replaced, or rewritten) gets no signature, and `log verify` names it.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use super::LogError;
use super::note::{NoteSigner, VerifierKey};

/// A key with the file it stands in.
#[derive(Debug)]
pub struct LogSigner {
    path: PathBuf,
    signer: NoteSigner,
}

/// Where the last checkpoint is remembered.
pub fn memory_of(key_file: &Path) -> PathBuf {
    let mut name = key_file.as_os_str().to_owned();
    name.push(".last");
    PathBuf::from(name)
}

impl LogSigner {
    /// The key in this file; `None` if there is no file.
    pub fn load(path: &Path) -> Result<Option<Self>, LogError> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(LogError::file(path, error)),
        };
        let signer = NoteSigner::from_secret(&text)
            .map_err(|error| LogError::Key { path: path.to_owned(), reason: error.to_string() })?;
        Ok(Some(Self { path: path.to_owned(), signer }))
    }

    /// Makes a key for the log of this name; a file that is there is never overwritten.
    pub fn create(path: &Path, name: &str) -> Result<Self, LogError> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|error| LogError::NoChance(error.to_string()))?;
        let signer = NoteSigner::new(name, seed)
            .map_err(|error| LogError::Key { path: path.to_owned(), reason: error.to_string() })?;
        let file = new_secret_file(path).map_err(|error| LogError::file(path, error))?;
        write_all(file, &format!("{}\n", signer.to_secret())).map_err(|error| LogError::file(path, error))?;
        Ok(Self { path: path.to_owned(), signer })
    }

    /// What others verify with.
    pub fn verifier(&self) -> VerifierKey {
        self.signer.verifier()
    }

    /// The key itself.
    pub fn note_signer(&self) -> &NoteSigner {
        &self.signer
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Waits until nobody else, in this program or another, signs with this key; for as long as what it gives is kept.
    ///
    /// Without it two who sign at a time would each compare what the other just remembered with the smaller tree they read
    /// before, and find a log that lost leaves where nothing is wrong.
    pub(super) async fn alone(&self) -> Result<File, LogError> {
        let path = self.path.clone();
        let waiting = tokio::task::spawn_blocking(move || {
            let file = File::open(path)?;
            match file.lock() {
                // Where the file system has no locks, the last to write wins.
                Err(error) if error.kind() != ErrorKind::Unsupported => Err(error),
                _ => Ok(file),
            }
        });
        let waited = waiting.await.unwrap_or_else(|error| Err(error.into()));
        waited.map_err(|error| LogError::file(&self.path, error))
    }

    /// The checkpoint that was signed last, as a note; `None` if none was.
    pub fn remembered(&self) -> Result<Option<String>, LogError> {
        let path = memory_of(&self.path);
        match std::fs::read_to_string(&path) {
            Ok(note) => Ok(Some(note)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(LogError::file(&path, error)),
        }
    }

    /// Remembers a checkpoint in the place of the one before it, wholly or not at all.
    pub fn remember(&self, note: &str) -> Result<(), LogError> {
        let path = memory_of(&self.path);
        let failed = |error| LogError::file(&path, error);
        let mut temporary = path.clone().into_os_string();
        temporary.push(format!(".{}", std::process::id()));
        let temporary = PathBuf::from(temporary);
        let file = File::create(&temporary).map_err(failed)?;
        write_all(file, note).and_then(|()| std::fs::rename(&temporary, &path)).map_err(failed)
    }
}

/// A file that nobody else may read, and that was not there.
pub(super) fn new_secret_file(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn write_all(mut file: File, text: &str) -> std::io::Result<()> {
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
