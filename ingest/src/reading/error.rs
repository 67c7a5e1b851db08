//! Why an object could not be read. All of these are failures of ours or of the store; what is wrong
//! with the bytes themselves is a problem in the reading, never an error.

use crate::child::ChildError;

/// Why an object could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The store does not answer, or answers with errors, also after several tries.
    #[error(
        "cannot read `{key}`: {source}; check that the store can be reached, then run the same command again"
    )]
    Unreachable {
        /// Key of the object.
        key: String,
        /// What the store's client says.
        source: object_store::Error,
    },
    /// The store lets us list the object, but not read it.
    #[error("not allowed to read `{key}`: {source}; give these credentials the right to read objects")]
    Denied {
        /// Key of the object.
        key: String,
        /// What the store's client says.
        source: object_store::Error,
    },
    /// The object is gone.
    #[error("`{key}` is no longer in the store: it was there when the store was listed")]
    Vanished {
        /// Key of the object.
        key: String,
    },
    /// The object is not, or no longer, the version that was to be read.
    #[error("`{key}` changed while it was read ({detail}): it may still be uploading; read it again later")]
    Changed {
        /// Key of the object.
        key: String,
        /// What was expected and what was found.
        detail: String,
    },
    /// Each time it was read its bytes were others, and the store says that it is the same.
    #[error(
        "`{key}` came with other bytes each time it was read, of which its store says nothing: the way to the store or its disk changes bytes; use an https endpoint, and check the store"
    )]
    Unsteady {
        /// Key of the object.
        key: String,
    },
    /// A local file could not be read.
    #[error("cannot read the file of `{key}`: {source}; check the disk and the file's permissions")]
    Io {
        /// Key of the object.
        key: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// There is no child to examine the object in.
    #[error(transparent)]
    Child(ChildError),
    /// We were asked to stop.
    #[error("stopped on request")]
    Cancelled,
}

impl From<ChildError> for ReadError {
    fn from(error: ChildError) -> Self {
        match error {
            ChildError::Cancelled => Self::Cancelled,
            error => Self::Child(error),
        }
    }
}

impl ReadError {
    /// Sorts out what a store's client says.
    pub(crate) fn from_store(key: &str, source: object_store::Error) -> Self {
        use object_store::Error::{NotFound, PermissionDenied, Precondition, Unauthenticated};
        let key = key.to_owned();
        match source {
            NotFound { .. } => Self::Vanished { key },
            Precondition { .. } => Self::Changed {
                key,
                detail: "the store no longer has the version that was listed".to_owned(),
            },
            PermissionDenied { .. } | Unauthenticated { .. } => Self::Denied { key, source },
            source => Self::Unreachable { key, source },
        }
    }

    /// Whether another try may help.
    pub(super) fn is_transient(&self) -> bool {
        matches!(self, Self::Unreachable { .. })
    }
}
