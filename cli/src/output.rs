//! Files that people asked to be written.

use std::io::ErrorKind;
use std::path::Path;

use crate::failure::Failure;

/// Writes a file whole. A path that cannot be one is the person's to mend; a full disk is not.
pub(crate) fn write(path: &Path, bytes: impl AsRef<[u8]>) -> Result<(), Failure> {
    std::fs::write(path, bytes).map_err(|error| {
        let is_path = matches!(
            error.kind(),
            ErrorKind::NotFound
                | ErrorKind::NotADirectory
                | ErrorKind::IsADirectory
                | ErrorKind::PermissionDenied
                | ErrorKind::InvalidFilename
        );
        let error = anyhow::Error::new(error).context(format!("{} cannot be written", path.display()));
        if is_path { Failure::Input(error) } else { Failure::Ours(error) }
    })
}
