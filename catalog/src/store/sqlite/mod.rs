//! The catalog on SQLite: one file, no server.
//!
//! Write-ahead logging lets readers go on while one process writes; `synchronous = FULL` keeps what
//! was committed through a power cut, because a catalog of evidence is worth an fsync. Writing
//! transactions begin IMMEDIATE: they wait for the lock at their start instead of failing at their end.

#[macro_use]
mod dialect;
mod engine;
#[cfg(test)]
mod plans;
#[allow(
    clippy::duplicate_mod,
    reason = "the statements are compiled once for each engine, against its driver"
)]
#[path = "../sql/mod.rs"]
mod sql;

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use sqlx::ConnectOptions as _;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

pub(super) use sql::SqlCatalog;

use super::{OpenMode, StoreError};

/// How many rows the connection's thread reads ahead of whoever takes them. A month has millions, and with few
/// ahead the two threads wake one another for every handful.
const ROWS_AHEAD: usize = 1024;

/// How much of the file each connection keeps in memory; negative, in KiB, as SQLite wants it.
const CACHE_KIB: &str = "-32768";

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");

/// How much of the file is read as memory that all connections share, the most SQLite takes. The rows of a list lie
/// scattered over a city's file, and asking the system for each page costs four times what reading it does.
const MAPPED_BYTES: &str = "2147418112";

/// From how long on a statement is told of, to whoever asks for such details.
const SLOW: Duration = Duration::from_secs(1);

/// How long a writer waits for another to finish.
const BUSY_TIMEOUT: Duration = Duration::from_mins(1);

/// How many connections at most. Readers do not keep each other waiting, so a month that is being loaded, or a sum over
/// all recordings, must not take the last one from those who ask for a line.
const MOST_CONNECTIONS: u32 = 8;

/// Opens the catalog of a file, bringing its schema up to date.
///
/// One that may not be written, such as a copy that an auditor was given, is opened for reading alone.
pub(super) async fn open(url: &str, mode: OpenMode) -> Result<SqlCatalog, StoreError> {
    let begun = async {
        let catalog = open_unbegun(url, mode).await?;
        if !is_for_reading(url) {
            sql::begin_log(&catalog).await.map_err(|error| match path_of(url) {
                Ok(path) => at_path(error, &path),
                Err(_) => error,
            })?;
        }
        Ok(catalog)
    };
    match begun.await {
        Err(error @ StoreError::ReadOnly { .. }) if mode == OpenMode::Existing && !is_for_reading(url) => {
            let found = open_unbegun(&for_reading(url)?, mode).await;
            // Why it cannot be written is what the person has to know where it cannot be read, either.
            found.map_err(|second| if matches!(second, StoreError::ReadOnly { .. }) { error } else { second })
        }
        other => other,
    }
}

fn is_for_reading(url: &str) -> bool {
    url.contains("mode=ro")
}

/// The URL, for reading alone. Reading a file with a write-ahead log makes files beside it; where there is no such log, and
/// nobody here can write one, the file is read as it is.
fn for_reading(url: &str) -> Result<String, StoreError> {
    let path = path_of(url)?;
    let log = PathBuf::from(format!("{}-wal", path.display()));
    let has_log = log.metadata().is_ok_and(|log| log.len() > 0);
    let separator = if url.contains('?') { '&' } else { '?' };
    Ok(format!("{url}{separator}mode=ro{}", if has_log { "" } else { "&immutable=1" }))
}

fn path_of(url: &str) -> Result<PathBuf, StoreError> {
    let options =
        SqliteConnectOptions::from_str(url).map_err(|_| StoreError::BadUrl { url: url.to_owned() })?;
    Ok(options.get_filename().to_path_buf())
}

/// The same, without beginning its log.
pub(super) async fn open_unbegun(url: &str, mode: OpenMode) -> Result<SqlCatalog, StoreError> {
    let bad_url = || StoreError::BadUrl { url: url.to_owned() };
    let options = SqliteConnectOptions::from_str(url).map_err(|_| bad_url())?;
    let path = options.get_filename().to_path_buf();
    let in_memory = url.contains(":memory:") || url.contains("mode=memory");
    if path.as_os_str().is_empty() && !in_memory {
        return Err(bad_url());
    }
    if mode == OpenMode::Existing && !in_memory && !path.exists() {
        return Err(StoreError::NotFound { path: path.display().to_string() });
    }
    if path.is_dir() {
        return Err(StoreError::NotACatalog { path: path.display().to_string() });
    }
    let read_only = is_for_reading(url);
    let mut options = options
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .row_buffer_size(ROWS_AHEAD)
        // By default each that takes a second is a warning with its whole text, and loading a month takes several.
        .log_slow_statements(::log::LevelFilter::Debug, SLOW)
        .pragma("cache_size", CACHE_KIB)
        .pragma("mmap_size", MAPPED_BYTES);
    if !read_only {
        options = options
            .create_if_missing(mode == OpenMode::Create)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full);
    }
    let pool = SqlitePoolOptions::new()
        // An in-memory catalog is one connection's own.
        .max_connections(if in_memory { 1 } else { MOST_CONNECTIONS })
        .acquire_timeout(BUSY_TIMEOUT)
        // A file does not hang up, and asking each time whether it did costs as much as what is asked then.
        .test_before_acquire(false)
        .connect_with(options)
        .await
        .map_err(|error| at_path(error.into(), &path))?;
    let catalog = SqlCatalog { pool };
    check_schema(&catalog, &path).await.map_err(|error| at_path(error, &path))?;
    if read_only {
        is_up_to_date(&catalog, &path).await?;
    } else {
        migrate(&catalog, &path).await?;
    }
    Ok(catalog)
}

/// Refuses a file that another program, or a newer reelproof, wrote, before anything is changed.
async fn check_schema(catalog: &SqlCatalog, path: &Path) -> Result<(), StoreError> {
    let tables: i64 =
        sqlx::query_scalar("/* check_schema */ SELECT count(*) FROM sqlite_master WHERE type = 'table'")
            .fetch_one(&catalog.pool)
            .await?;
    if tables == 0 {
        return Ok(());
    }
    let ours: i64 = sqlx::query_scalar(
        "/* check_schema */ SELECT count(*) FROM sqlite_master WHERE name IN ('_sqlx_migrations', 'observation')",
    )
    .fetch_one(&catalog.pool)
    .await?;
    if ours < 2 {
        return Err(StoreError::NotACatalog { path: path.display().to_string() });
    }
    let found: i64 =
        sqlx::query_scalar("/* check_schema */ SELECT coalesce(max(version), 0) FROM _sqlx_migrations")
            .fetch_one(&catalog.pool)
            .await?;
    let known = MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or(0);
    if found > known {
        return Err(StoreError::NewerSchema { path: path.display().to_string(), found, known });
    }
    Ok(())
}

/// Refuses a catalog that would have to be brought up to date, where it may not be written.
async fn is_up_to_date(catalog: &SqlCatalog, path: &Path) -> Result<(), StoreError> {
    let found: i64 =
        sqlx::query_scalar("/* is_up_to_date */ SELECT coalesce(max(version), 0) FROM _sqlx_migrations")
            .fetch_one(&catalog.pool)
            .await?;
    let known = MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or(0);
    if found == known {
        return Ok(());
    }
    let path = path.display();
    Err(StoreError::ReadOnly {
        reason: format!("{path} is of an older version and has to be brought up to date first"),
    })
}

async fn migrate(catalog: &SqlCatalog, path: &Path) -> Result<(), StoreError> {
    MIGRATIONS.run(&catalog.pool).await.map_err(|error| match error {
        MigrateError::VersionMismatch(version) => {
            StoreError::OtherSchema { path: path.display().to_string(), version }
        }
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
        other => StoreError::Engine(sqlx::Error::Migrate(Box::new(other))),
    })
}

/// Names the file in errors that the engine gave without it.
fn at_path(error: StoreError, path: &Path) -> StoreError {
    match error {
        StoreError::NotACatalog { .. } => StoreError::NotACatalog { path: path.display().to_string() },
        StoreError::ReadOnly { reason } => {
            StoreError::ReadOnly { reason: format!("{}: {reason}", path.display()) }
        }
        other => other,
    }
}
