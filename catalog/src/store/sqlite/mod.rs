//! The catalog on SQLite: one file, no server.
//!
//! Write-ahead logging lets readers go on while one process writes; `synchronous = FULL` keeps what
//! was committed through a power cut, because a catalog of evidence is worth an fsync. Writing
//! transactions begin IMMEDIATE: they wait for the lock at their start instead of failing at their end.

mod accounts;
mod chunks;
mod custody;
mod drones;
mod excuses;
mod footage;
mod heard;
mod identities;
mod import;
mod inspections;
mod listings;
mod log;
mod notices;
mod objects;
mod observations;
#[cfg(test)]
mod plans;
mod recordings;
mod records;
mod returns;
mod reviews;
mod revision;
mod rounds;
mod snapshot;
mod traces;
mod tracks;

use std::collections::BTreeMap;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::json;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions as _, SqlitePool};

use log::{Tx, numbered};

use super::{
    Alteration, Catalog, ImportOrigin, InspectionEntry, InspectionRecord, Listing, ObjectEntry, OpenMode,
    Reading, Recorded, RecordingEntry, RecordingQuery, Revision, StoreEntry, StoreError, StoreId, Totals,
    Uninspected,
};
use crate::case::{Case, Stage};
use crate::chunks::ChunkList;
use crate::drone_month::DroneMonth;
use crate::excuse::{Excuse, ExcuseEntry, Withdrawal};
use crate::import::{Import, ImportOutcome, KnownNames};
use crate::inspection::InspectOptions;
use crate::interval::Interval;
use crate::round::{Round, RoundAct, RoundBrief, RoundDraw};
use crate::snapshot::{ShouldExist, Snapshot};
use crate::time::{Month, WallTime};
use crate::trace::SoundEnvelope;
use crate::track::{SidecarClock, TrackEntry};
use crate::unit::Unit;

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

pub(super) struct SqliteCatalog {
    pool: SqlitePool,
}

impl SqliteCatalog {
    pub(super) async fn open(url: &str, mode: OpenMode) -> Result<Self, StoreError> {
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
        let read_only = url.contains("mode=ro");
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
            .connect_with(options)
            .await
            .map_err(|error| at_path(error.into(), &path))?;
        let catalog = Self { pool };
        catalog.check_schema(&path).await.map_err(|error| at_path(error, &path))?;
        if !read_only {
            catalog.migrate(&path).await?;
            log::begin(&catalog).await.map_err(|error| at_path(error, &path))?;
        }
        Ok(catalog)
    }

    /// Refuses a file that another program, or a newer reelproof, wrote, before anything is changed.
    async fn check_schema(&self, path: &Path) -> Result<(), StoreError> {
        let tables: i64 =
            sqlx::query_scalar("/* check_schema */ SELECT count(*) FROM sqlite_master WHERE type = 'table'")
                .fetch_one(&self.pool)
                .await?;
        if tables == 0 {
            return Ok(());
        }
        let ours: i64 = sqlx::query_scalar(
            "/* check_schema */ SELECT count(*) FROM sqlite_master WHERE name IN ('_sqlx_migrations', 'observation')",
        )
        .fetch_one(&self.pool)
        .await?;
        if ours < 2 {
            return Err(StoreError::NotACatalog { path: path.display().to_string() });
        }
        let found: i64 =
            sqlx::query_scalar("/* check_schema */ SELECT coalesce(max(version), 0) FROM _sqlx_migrations")
                .fetch_one(&self.pool)
                .await?;
        let known = MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or(0);
        if found > known {
            return Err(StoreError::NewerSchema { path: path.display().to_string(), found, known });
        }
        Ok(())
    }

    async fn migrate(&self, path: &Path) -> Result<(), StoreError> {
        MIGRATIONS.run(&self.pool).await.map_err(|error| match error {
            MigrateError::VersionMismatch(version) => {
                StoreError::OtherSchema { path: path.display().to_string(), version }
            }
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
            other => StoreError::Engine(sqlx::Error::Migrate(Box::new(other))),
        })
    }

    /// A transaction that holds the write lock from its start.
    async fn write(&self) -> Result<Tx, StoreError> {
        Ok(Tx::new(self.pool.begin_with("BEGIN IMMEDIATE").await?))
    }

    /// A transaction that reads everything as of one moment.
    async fn read(&self) -> Result<Tx, StoreError> {
        Ok(Tx::new(self.pool.begin().await?))
    }
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

/// Adds one event to the trail, within the transaction of what it tells of.
async fn add_event(
    tx: &mut Tx,
    at: WallTime,
    kind: &str,
    subject: &str,
    detail: serde_json::Value,
) -> Result<(), StoreError> {
    let detail = detail.to_string();
    let id = sqlx::query(
        "/* add_event */ INSERT INTO event (at_us, kind, subject, detail_json) VALUES ($1, $2, $3, $4)",
    )
    .bind(at.0)
    .bind(kind)
    .bind(subject)
    .bind(&detail)
    .execute(&mut **tx)
    .await?
    .last_insert_rowid();
    let columns = [
        ("event_id", json!(id)),
        ("at_us", json!(at.0)),
        ("kind", json!(kind)),
        ("subject", json!(subject)),
        ("detail_json", json!(detail)),
    ];
    let columns = columns.map(|(name, value)| (name.to_owned(), value));
    tx.wrote_trail("event", &numbered(id), at, columns.into());
    Ok(())
}

/// A count or number that the schema keeps from being negative.
fn unsigned<T: TryFrom<i64>>(value: i64) -> Result<T, StoreError> {
    T::try_from(value).map_err(|_| StoreError::UnknownValue(format!("{value} where a count stands")))
}

/// A size or count as SQLite's signed integer.
fn signed(value: u64) -> Result<i64, StoreError> {
    i64::try_from(value)
        .map_err(|_| StoreError::UnknownValue(format!("{value} is more than the catalog can hold")))
}

#[async_trait]
impl Catalog for SqliteCatalog {
    async fn stores(&self) -> Result<Vec<StoreEntry>, StoreError> {
        objects::stores(&self.pool).await
    }

    async fn add_store(&self, url: &str, at: WallTime) -> Result<StoreEntry, StoreError> {
        let mut tx = self.write().await?;
        let store = objects::add_store(&mut tx, url, at).await?;
        tx.commit().await?;
        Ok(store)
    }

    async fn objects(&self, store: StoreId) -> Result<Vec<ObjectEntry>, StoreError> {
        objects::objects(&self.pool, store).await
    }

    async fn record(&self, reading: &Reading<'_>) -> Result<Recorded, StoreError> {
        let mut tx = self.write().await?;
        let recorded = objects::record(&mut tx, reading).await?;
        tx.commit().await?;
        Ok(recorded)
    }

    async fn record_inspection(&self, record: &InspectionRecord<'_>) -> Result<bool, StoreError> {
        let mut tx = self.write().await?;
        let recorded = inspections::record(&mut tx, record).await?;
        tx.commit().await?;
        Ok(recorded)
    }

    async fn uninspected(
        &self,
        store: StoreId,
        options: &InspectOptions,
    ) -> Result<Vec<Uninspected>, StoreError> {
        inspections::uninspected(&self.pool, store, options).await
    }

    async fn inspections(&self, object_key: &str) -> Result<Vec<InspectionEntry>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        inspections::of_key(&mut connection, object_key).await
    }

    async fn sound(&self, sha256: &str) -> Result<Option<SoundEnvelope>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        traces::sound(&mut connection, sha256).await
    }

    async fn chunk_list(&self, store: StoreId, object_key: &str) -> Result<Option<ChunkList>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        chunks::list(&mut connection, store, object_key).await
    }

    async fn alterations(&self, object_key: &str) -> Result<Vec<Alteration>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        chunks::alterations(&mut connection, object_key).await
    }

    async fn mark_gone(&self, store: StoreId, keys: &[String], at: WallTime) -> Result<u64, StoreError> {
        let mut tx = self.write().await?;
        let marked = objects::mark_gone(&mut tx, store, keys, at).await?;
        tx.commit().await?;
        Ok(marked)
    }

    async fn record_listing(&self, listing: &Listing<'_>) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        listings::record(&mut tx, listing).await?;
        tx.commit().await
    }

    async fn add_excuse(&self, excuse: &Excuse) -> Result<bool, StoreError> {
        let mut tx = self.write().await?;
        let added = excuses::add(&mut tx, excuse).await?;
        tx.commit().await?;
        Ok(added)
    }

    async fn withdraw_excuse(&self, excuse: &Excuse, withdrawal: &Withdrawal) -> Result<bool, StoreError> {
        let mut tx = self.write().await?;
        let withdrawn = excuses::withdraw(&mut tx, excuse, withdrawal).await?;
        tx.commit().await?;
        Ok(withdrawn)
    }

    async fn excuses(&self, interval: Interval<WallTime>) -> Result<Vec<ExcuseEntry>, StoreError> {
        excuses::of_stages_in(&self.pool, interval).await
    }

    async fn known_names(&self) -> Result<KnownNames, StoreError> {
        import::known_names(&self.pool).await
    }

    async fn import(
        &self,
        import: &Import,
        origin: &ImportOrigin<'_>,
        at: WallTime,
    ) -> Result<ImportOutcome, StoreError> {
        let mut tx = self.write().await?;
        let outcome = import::import(&mut tx, import, origin, at).await?;
        tx.commit().await?;
        Ok(outcome)
    }

    async fn preview(&self, import: &Import, at: WallTime) -> Result<ImportOutcome, StoreError> {
        let mut tx = self.write().await?;
        let origin = ImportOrigin { file_name: "preview", sha256: "" };
        let outcome = import::import(&mut tx, import, &origin, at).await?;
        tx.rollback().await?;
        Ok(outcome)
    }

    async fn snapshot(&self, month: Month, as_of: WallTime) -> Result<Snapshot, StoreError> {
        // One transaction, so that all parts are of one moment.
        let mut tx = self.read().await?;
        let snapshot = snapshot::snapshot(&mut tx, month, as_of).await?;
        tx.rollback().await?;
        Ok(snapshot)
    }

    async fn should_exist(&self, from: Month, to: Month) -> Result<ShouldExist, StoreError> {
        let mut tx = self.read().await?;
        let found = snapshot::should_exist(&mut tx, from.start(), to.next().start()).await?;
        tx.rollback().await?;
        Ok(found)
    }

    async fn drone_month(
        &self,
        month: Month,
        since: WallTime,
        as_of: WallTime,
    ) -> Result<DroneMonth, StoreError> {
        // One transaction, so that all parts are of one moment.
        let mut tx = self.read().await?;
        let month = drones::month(&mut tx, month, since, as_of).await?;
        tx.rollback().await?;
        Ok(month)
    }

    async fn flown_months(&self) -> Result<Vec<Month>, StoreError> {
        drones::months(&self.pool).await
    }

    async fn months(&self) -> Result<Vec<Month>, StoreError> {
        snapshot::months(&self.pool).await
    }

    async fn units(&self) -> Result<Vec<Unit>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        snapshot::units(&mut connection).await
    }

    async fn units_of_cases(&self, cases: &[String]) -> Result<BTreeMap<String, String>, StoreError> {
        snapshot::units_of_cases(&self.pool, cases).await
    }

    async fn case(&self, case_no: &str) -> Result<Option<(Case, Vec<Stage>)>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        snapshot::case(&mut connection, case_no).await
    }

    async fn recordings(&self, query: &RecordingQuery) -> Result<Vec<RecordingEntry>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        recordings::list(&mut connection, query).await
    }

    async fn recording(&self, object_key: &str) -> Result<Vec<RecordingEntry>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        recordings::of_key(&mut connection, object_key).await
    }

    async fn tracks(&self, object_key: &str) -> Result<Vec<TrackEntry>, StoreError> {
        tracks::of_key(&self.pool, object_key).await
    }

    async fn sidecar_clocks(&self, store: StoreId) -> Result<Vec<SidecarClock>, StoreError> {
        tracks::sidecar_clocks(&self.pool, store).await
    }

    async fn totals(&self) -> Result<Totals, StoreError> {
        recordings::totals(&self.pool, None).await
    }

    async fn totals_within(&self, unit: &str) -> Result<Totals, StoreError> {
        recordings::totals(&self.pool, Some(unit)).await
    }

    async fn recording_of_id(&self, id: &str) -> Result<Option<RecordingEntry>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        recordings::of_id(&mut connection, id).await
    }

    async fn revision(&self) -> Result<Revision, StoreError> {
        revision::revision(&self.pool).await
    }

    async fn freeze_round(&self, round: &Round) -> Result<bool, StoreError> {
        let mut tx = self.write().await?;
        let frozen = rounds::freeze(&mut tx, round).await?;
        tx.commit().await?;
        Ok(frozen)
    }

    async fn round(&self, id: &str) -> Result<Option<Round>, StoreError> {
        rounds::one(&self.pool, id).await
    }

    async fn rounds(&self) -> Result<Vec<Round>, StoreError> {
        rounds::all(&self.pool).await
    }

    async fn rounds_in_brief(&self) -> Result<Vec<RoundBrief>, StoreError> {
        rounds::in_brief(&self.pool).await
    }

    async fn draw_round(&self, id: &str, draw: &RoundDraw) -> Result<bool, StoreError> {
        let mut tx = self.write().await?;
        let drawn = rounds::draw(&mut tx, id, draw).await?;
        tx.commit().await?;
        Ok(drawn)
    }

    async fn add_round_act(&self, id: &str, act: &RoundAct) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        rounds::add_act(&mut tx, id, act).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn round_acts(&self, id: &str) -> Result<Vec<RoundAct>, StoreError> {
        rounds::acts(&self.pool, id).await
    }
}
