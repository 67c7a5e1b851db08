//! Why the catalog could not do what it was asked: one enumeration, one place that maps the
//! engine's codes onto it, and messages that say what to do.

/// The catalog failed. Nothing of the operation was kept.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The URL is none that a catalog can have.
    #[error(
        "`{url}` is no catalog: write sqlite://FILE (for example sqlite://reelproof.db) or postgres://USER@HOST/DATABASE"
    )]
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
        "the catalog cannot be written ({reason}): check the rights of the file and its folder, or of the database's role; \
         nothing was changed"
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
    /// Another process kept it locked, or its server had no connection to give.
    #[error(
        "the catalog is being written by another process and did not come free: wait for that one to end and repeat the command"
    )]
    Busy,
    /// Two transactions of PostgreSQL got in each other's way, and this one was given up.
    #[error(
        "the catalog is being written by too many at once ({reason}): repeat the command; nothing was changed"
    )]
    Again {
        /// What the engine said.
        reason: String,
    },
    /// The server of the catalog does not answer, or went away.
    #[error(
        "the catalog's server does not answer ({reason}): see that it runs and can be reached, and repeat the command; what \
         was committed before is kept"
    )]
    Unreachable {
        /// What the driver said.
        reason: String,
    },
    /// The server of the catalog does not let us in.
    #[error(
        "the catalog's server refuses us ({reason}): check role, password and database (createdb makes one), and sslmode"
    )]
    Refused {
        /// What the engine said.
        reason: String,
    },
    /// A catalog was to be copied to where something is already.
    #[error(
        "the catalog to copy to is not empty: its table `{table}` has rows. A copy is made into a new file, or into a \
         database that was just made (createdb) and that no other command opened; nothing was changed"
    )]
    NotEmpty {
        /// The first table that has a row.
        table: &'static str,
    },
    /// A statement took longer than the server lets it.
    #[error(
        "the catalog's server gave up a statement ({reason}): if it was not cancelled by a person, give it more time with \
         ?options[statement_timeout]=30min in the URL; nothing was changed"
    )]
    Cancelled {
        /// What the engine said.
        reason: String,
    },
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

impl StoreError {
    /// Whether it may be gone by itself after a while.
    pub fn passes(&self) -> bool {
        matches!(self, Self::Again { .. } | Self::Unreachable { .. })
    }

    /// Whether it may be what was to be written that failed, and other rows would be taken; whatever else fails, fails for
    /// all of them.
    pub fn may_be_of_the_rows(&self) -> bool {
        matches!(self, Self::Constraint { .. } | Self::UnknownValue(_) | Self::Engine(_))
    }

    /// What an SQLSTATE of PostgreSQL means; `None` if it means nothing in particular. See its manual, appendix A.
    fn of_sqlstate(state: &str, reason: String) -> Option<Self> {
        Some(match state {
            "40001" | "40P01" => Self::Again { reason },
            // Connections that broke, a server that shuts down, crashed, is starting up, has no connection left, or
            // took us for idle.
            "57P01" | "57P02" | "57P03" | "57P05" | "25P03" | "53300" => Self::Unreachable { reason },
            "57014" => Self::Cancelled { reason },
            "55P03" => Self::Busy,
            "25006" | "42501" => Self::ReadOnly { reason },
            "3D000" => Self::Refused { reason },
            "53100" => Self::DiskFull,
            "58030" => Self::Disk { reason },
            _ => match state.get(..2)? {
                "08" => Self::Unreachable { reason },
                "23" => Self::Constraint { reason },
                "28" => Self::Refused { reason },
                "XX" if state != "XX000" => Self::Corrupt { reason },
                _ => return None,
            },
        })
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let sqlx::Error::Database(database) = &error else {
            return match error {
                sqlx::Error::PoolTimedOut => Self::Busy,
                // A certificate that is not believed comes as data that make no sense.
                sqlx::Error::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => {
                    Self::Refused { reason: error.to_string() }
                }
                sqlx::Error::Io(error) => Self::Unreachable { reason: error.to_string() },
                sqlx::Error::Tls(error) => Self::Refused { reason: error.to_string() },
                other => Self::Engine(other),
            };
        };
        if let Some(postgres) = database.try_downcast_ref::<sqlx::postgres::PgDatabaseError>() {
            let reason = match postgres.detail() {
                Some(detail) => format!("{}: {detail}", postgres.message()),
                None => postgres.message().to_owned(),
            };
            return Self::of_sqlstate(postgres.code(), reason).unwrap_or(Self::Engine(error));
        }
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
