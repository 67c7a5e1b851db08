//! The catalog on PostgreSQL: many writers, on many machines.
//!
//! `postgres://USER@HOST/DATABASE` names a database that is there; the schema is made in it. What the URL may say beside
//! that stands in `settings`, who writes beside whom in `engine`, how an outage is waited out in `patient`. TLS is the
//! URL's `sslmode`: `verify-full` is the one that means something, with `sslrootcert` where the authority is the
//! house's own.

#[macro_use]
mod dialect;
mod engine;
mod patient;
mod settings;
#[allow(
    clippy::duplicate_mod,
    reason = "the statements are compiled once for each engine, against its driver"
)]
#[path = "../sql/mod.rs"]
mod sql;

use std::time::Duration;

use sqlx::ConnectOptions;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::PgPoolOptions;

use patient::Patience;
use settings::Settings;
use sql::SqlCatalog;

pub(super) use patient::Patient;
pub use settings::shown_url;

use super::{OpenMode, StoreError};

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");

/// How long a server that does not answer is waited for when a catalog is opened: somebody may be waiting who wrote
/// the wrong name.
const OPENING: Duration = Duration::from_secs(10);

/// From how long on a statement is told of, to whoever asks for such details.
const SLOW: Duration = Duration::from_secs(1);

/// How long a connection is used: after a fail-over, all of them are with the new server by then.
const LIFETIME: Duration = Duration::from_mins(30);

/// Whether a URL names a database of PostgreSQL.
pub(super) fn is_url(url: &str) -> bool {
    url.starts_with("postgres:") || url.starts_with("postgresql:")
}

/// Opens the catalog of a database, bringing its schema up to date.
pub(super) async fn open(url: &str, mode: OpenMode) -> Result<Patient, StoreError> {
    let opened = open_unbegun(url, mode).await?;
    sql::begin_log(&opened.catalog).await?;
    Ok(opened)
}

/// The same, without beginning its log.
pub(super) async fn open_unbegun(url: &str, mode: OpenMode) -> Result<Patient, StoreError> {
    let settings = Settings::of(url)?;
    let shown = settings.shown.clone();
    connected(settings, mode).await.map_err(|error| at_server(error, &shown))
}

async fn connected(settings: Settings, mode: OpenMode) -> Result<Patient, StoreError> {
    let Settings { options, patience, connections, shown } = settings;
    let mut opening = Patience::of(OPENING.min(patience));
    while let Err(error) = options.connect().await {
        opening.rest(error.into()).await?;
    }
    // By default each that takes a second is a warning with its whole text, and loading a month takes several.
    let options = options.log_slow_statements(::log::LevelFilter::Debug, SLOW);
    let pool = PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(patience)
        .max_lifetime(LIFETIME)
        .connect_lazy_with(options);
    let catalog = SqlCatalog { pool };
    let found = schema(&catalog, &shown).await?;
    if found.is_none() && mode == OpenMode::Existing {
        return Err(StoreError::NotFound { path: shown });
    }
    let known = MIGRATIONS.iter().map(|migration| migration.version).max();
    if found < known {
        MIGRATIONS.run(&catalog.pool).await.map_err(|error| match error {
            MigrateError::VersionMismatch(version) => StoreError::OtherSchema { path: shown, version },
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
            other => StoreError::Engine(sqlx::Error::Migrate(Box::new(other))),
        })?;
    }
    Ok(Patient { catalog, patience })
}

/// The version of the schema that is there; `None` in a database without tables. Refuses what another program, or a newer
/// reelproof, made, before anything is changed.
async fn schema(catalog: &SqlCatalog, shown: &str) -> Result<Option<i64>, StoreError> {
    let (tables, ours): (i64, i64) = sqlx::query_as(
        "/* schema */ SELECT count(*), count(*) FILTER (WHERE tablename IN ('_sqlx_migrations', 'observation'))
         FROM pg_tables WHERE schemaname = current_schema()",
    )
    .fetch_one(&catalog.pool)
    .await?;
    match (tables, ours) {
        (0, _) => return Ok(None),
        (_, 2) => {}
        _ => return Err(StoreError::NotACatalog { path: shown.to_owned() }),
    }
    let applied: Vec<(i64, Vec<u8>)> =
        sqlx::query_as("/* schema */ SELECT version, checksum FROM _sqlx_migrations ORDER BY version")
            .fetch_all(&catalog.pool)
            .await?;
    let known = MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or(0);
    for (version, checksum) in &applied {
        match MIGRATIONS.iter().find(|migration| migration.version == *version) {
            None if *version > known => {
                return Err(StoreError::NewerSchema { path: shown.to_owned(), found: *version, known });
            }
            Some(migration) if *migration.checksum == **checksum => {}
            _ => return Err(StoreError::OtherSchema { path: shown.to_owned(), version: *version }),
        }
    }
    Ok(applied.last().map(|(version, _)| *version))
}

/// Names the server in errors that the driver gave without it.
fn at_server(error: StoreError, shown: &str) -> StoreError {
    match error {
        StoreError::Unreachable { reason } => {
            StoreError::Unreachable { reason: format!("{shown}: {reason}") }
        }
        StoreError::Refused { reason } => StoreError::Refused { reason: format!("{shown}: {reason}") },
        other => other,
    }
}
