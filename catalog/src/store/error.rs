//! Why the catalog could not do what it was asked: one enumeration, one place that maps the
//! engine's codes onto it, and messages that say what to do.

/// The catalog failed. Nothing of the operation was kept.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The URL is none that a catalog can have.
    #[error("`{url}` is no catalog: write sqlite://FILE (for example sqlite://reelproof.db)")]
    BadUrl {
        /// The URL as given.
        url: String,
    },
    /// There is no catalog there, and the operation does not make one.
    #[error(
        "there is no catalog at {path}: `reelproof import` and `reelproof ingest` make one; \
         or name another with --catalog or REELPROOF_CATALOG"
    )]
    NotFound {
        /// Where it was looked for.
        path: String,
    },
    /// The file is something else.
    #[error("{path} is no reelproof catalog: name another file with --catalog")]
    NotACatalog {
        /// The file.
        path: String,
    },
    /// A newer program wrote it.
    #[error(
        "the catalog {path} has schema {found}, this program knows up to {known}: use the newer \
         reelproof that wrote it; nothing was changed"
    )]
    NewerSchema {
        /// The file.
        path: String,
        /// Schema version of the catalog.
        found: i64,
        /// Newest schema version this program knows.
        known: i64,
    },
    /// The applied schema is not the one this program's version has.
    #[error(
        "the catalog {path} has a schema {version} of other text than this program's: it was not made by a release of reelproof"
    )]
    OtherSchema {
        /// The file.
        path: String,
        /// The version that differs.
        version: i64,
    },
    /// It may not be written.
    #[error(
        "the catalog cannot be written ({reason}): check the rights of the file and its folder; nothing was changed"
    )]
    ReadOnly {
        /// What the engine said.
        reason: String,
    },
    /// The disk is full.
    #[error(
        "the disk that holds the catalog is full: free some space and repeat the command; what was committed before is kept"
    )]
    DiskFull,
    /// The disk failed.
    #[error(
        "the disk that holds the catalog failed ({reason}): see whether it is full or faulty, then repeat the command; what was committed before is kept"
    )]
    Disk {
        /// What the engine said.
        reason: String,
    },
    /// Another process kept it locked.
    #[error(
        "the catalog is being written by another process and did not come free: wait for that one to end and repeat the command"
    )]
    Busy,
    /// Its file is damaged.
    #[error("the catalog's file is damaged ({reason}): restore the last backup; footage is not affected")]
    Corrupt {
        /// What the engine said.
        reason: String,
    },
    /// Rows refer to something that is not there, or contradict one another.
    #[error("the catalog refused the rows ({reason}); nothing was changed")]
    Constraint {
        /// What the engine said.
        reason: String,
    },
    /// An excuse that stands on record says something else.
    #[error(
        "the excuse `{reason}` for {stage}, recorded at {recorded_at}, stands on record with other words: an \
         excuse is never rewritten. Withdraw it with `reelproof excuse withdraw`, and record the new one \
         with a time of its own; nothing was changed"
    )]
    ExcuseOnRecord {
        /// The stage.
        stage: crate::case::StageId,
        /// The reason.
        reason: crate::excuse::ExcuseReason,
        /// When it was recorded.
        recorded_at: crate::time::WallTime,
    },
    /// A stored value is outside what this program knows.
    #[error("the catalog holds a value that this program does not know: {0}")]
    UnknownValue(String),
    /// Anything else the engine said.
    #[error("the catalog failed: {0}")]
    Engine(#[source] sqlx::Error),
}

impl From<crate::code::UnknownCode> for StoreError {
    fn from(error: crate::code::UnknownCode) -> Self {
        Self::UnknownValue(error.to_string())
    }
}

/// SQLite's primary result codes; extended codes carry these in their low byte.
mod sqlite_code {
    pub(super) const BUSY: u32 = 5;
    pub(super) const LOCKED: u32 = 6;
    pub(super) const READONLY: u32 = 8;
    pub(super) const IOERR: u32 = 10;
    pub(super) const CORRUPT: u32 = 11;
    pub(super) const FULL: u32 = 13;
    pub(super) const CANTOPEN: u32 = 14;
    pub(super) const CONSTRAINT: u32 = 19;
    pub(super) const NOTADB: u32 = 26;
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let sqlx::Error::Database(database) = &error else {
            return match error {
                sqlx::Error::PoolTimedOut => Self::Busy,
                other => Self::Engine(other),
            };
        };
        let reason = database.message().to_owned();
        match database.code().and_then(|code| code.parse::<u32>().ok()).map(|code| code & 0xff) {
            Some(sqlite_code::BUSY | sqlite_code::LOCKED) => Self::Busy,
            Some(sqlite_code::READONLY | sqlite_code::CANTOPEN) => Self::ReadOnly { reason },
            Some(sqlite_code::IOERR) => Self::Disk { reason },
            Some(sqlite_code::FULL) => Self::DiskFull,
            Some(sqlite_code::CORRUPT) => Self::Corrupt { reason },
            Some(sqlite_code::NOTADB) => Self::NotACatalog { path: "the file".to_owned() },
            Some(sqlite_code::CONSTRAINT) => Self::Constraint { reason },
            _ => Self::Engine(error),
        }
    }
}
