//! Copying a whole catalog from one engine to another: what a house does that outgrew one machine.
//!
//! Every row of every table is copied as it is, the log with its salts and signatures among them: the copy is the same
//! log, and its roots are those that were published. All of it is read as of one moment and written in one transaction, so
//! there is a whole copy or none, and a copy that was cut off is simply begun again.

use std::sync::Arc;

use tokio::sync::mpsc::{Receiver, Sender};

use super::{Catalog, OpenMode, StoreError, postgres, sqlite};

/// The tables, each after those that it refers to.
pub(super) const TABLES: &[&str] = &[
    "unit",
    "officer",
    "device",
    "enforcement_case",
    "complaint",
    "stage",
    "stage_officer",
    "link",
    "excuse",
    "excuse_withdrawal",
    "manifest_entry",
    "dock",
    "area",
    "sortie",
    "store",
    "object",
    "observation",
    "start_claim",
    "stream",
    "stream_gap",
    "problem",
    "telemetry",
    "track",
    "inspection",
    "inspection_span",
    "inspection_trace",
    "chunk_list",
    "altered_range",
    "listing",
    "fixity_run",
    "fixity_run_end",
    "fixity_check",
    "round",
    "round_draw",
    "round_act",
    "announced_seed",
    "review_assignment",
    "review_event",
    "visit",
    "notice",
    "notice_event",
    "notice_serial",
    "kept_return",
    "kept_return_file",
    "schedule_step",
    "user_account",
    "user_session",
    "api_token",
    "access_trail",
    "idempotency",
    "identity",
    "setting",
    "event",
    "log_identity",
    "log_leaf",
    "log_node",
    "log_checkpoint",
    "log_key",
];

/// Tables that follow from others and are made anew, or tell of the schema.
pub(super) const DERIVED: &[&str] = &["recording_facet", "shared_digest", "_sqlx_migrations"];

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Integer,
    Real,
    Text,
    Bytes,
    Boolean,
}

/// One value of one row.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
    Bytes(Vec<u8>),
    Boolean(bool),
}

impl Cell {
    /// About how much room it takes.
    pub(super) fn size_bytes(&self) -> usize {
        match self {
            Self::Null | Self::Boolean(_) => 1,
            Self::Integer(_) | Self::Real(_) => 8,
            Self::Text(text) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
        }
    }

    /// As a whole number: what one engine keeps as yes or no, another keeps as 1 or 0.
    pub(super) fn integer(&self) -> Option<i64> {
        match self {
            Self::Integer(integer) => Some(*integer),
            Self::Boolean(boolean) => Some(i64::from(*boolean)),
            _ => None,
        }
    }

    pub(super) fn real(&self) -> Option<f64> {
        match self {
            Self::Real(real) => Some(*real),
            _ => None,
        }
    }

    pub(super) fn text(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn bytes(self) -> Option<Vec<u8>> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }
}

/// Some rows of one table.
pub(super) struct Batch {
    /// Its place in [`TABLES`].
    pub(super) table: usize,
    /// What the columns are called.
    pub(super) columns: Vec<String>,
    /// Rows of the whole table.
    pub(super) total: u64,
    pub(super) rows: Vec<Vec<Cell>>,
}

/// What goes from one to the other.
pub(super) enum Sent {
    Rows(Batch),
    /// That was all: without it, a source that broke off would be taken for a small one.
    End,
}

/// How many rows of one table were copied.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct CopiedTable {
    /// Its name.
    pub table: &'static str,
    /// Rows.
    pub rows: u64,
}

/// What was copied, and both catalogs.
pub struct Copied {
    /// Each table with its rows.
    pub tables: Vec<CopiedTable>,
    /// The catalog that was copied.
    pub from: Arc<dyn Catalog>,
    /// The copy.
    pub to: Arc<dyn Catalog>,
}

/// Batches that are on their way between the two.
const ON_THE_WAY: usize = 4;

/// Copies the catalog that `from` names to `to`, where nothing was ever written. `told` hears of each table how many rows
/// of how many are there.
///
/// # Errors
/// [`StoreError::NotEmpty`] where something stands in the target already; otherwise what either engine says. Nothing was
/// written then.
pub async fn copy(
    from: &str,
    to: &str,
    told: &mut (dyn FnMut(&'static str, u64, u64) + Send),
) -> Result<Copied, StoreError> {
    let source = Engine::open_existing(from).await?;
    let target = Engine::open_unbegun(to).await?;
    if let Some(table) = target.first_filled().await? {
        return Err(StoreError::NotEmpty { table });
    }
    let mut named: Vec<&str> = TABLES.to_vec();
    named.sort_unstable();
    for tables in [source.tables().await?, target.tables().await?] {
        if tables != named {
            return Err(StoreError::UnknownValue(format!("the tables {tables:?} where {named:?} are known")));
        }
    }
    let (sender, receiver) = tokio::sync::mpsc::channel(ON_THE_WAY);
    let (sent, taken) = futures::join!(source.send_rows(sender), target.take_rows(receiver, told));
    sent?;
    let counts = taken?;
    let tables = TABLES.iter().zip(counts).map(|(table, rows)| CopiedTable { table, rows }).collect();
    Ok(Copied { tables, from: source.catalog(), to: target.catalog() })
}

/// A catalog of either engine.
enum Engine {
    Sqlite(Arc<sqlite::SqlCatalog>),
    Postgres(Arc<postgres::Patient>),
}

impl Engine {
    /// The catalog that is there.
    async fn open_existing(url: &str) -> Result<Self, StoreError> {
        Ok(if postgres::is_url(url) {
            Self::Postgres(Arc::new(postgres::open(url, OpenMode::Existing).await?))
        } else {
            Self::Sqlite(Arc::new(sqlite::open(url, OpenMode::Existing).await?))
        })
    }

    /// A catalog with its schema and nothing else: not even a log, which is to be the copy's.
    async fn open_unbegun(url: &str) -> Result<Self, StoreError> {
        Ok(if postgres::is_url(url) {
            Self::Postgres(Arc::new(postgres::open_unbegun(url, OpenMode::Create).await?))
        } else {
            Self::Sqlite(Arc::new(sqlite::open_unbegun(url, OpenMode::Create).await?))
        })
    }

    fn catalog(self) -> Arc<dyn Catalog> {
        match self {
            Self::Sqlite(catalog) => catalog,
            Self::Postgres(catalog) => catalog,
        }
    }

    async fn tables(&self) -> Result<Vec<String>, StoreError> {
        match self {
            Self::Sqlite(catalog) => catalog.tables().await,
            Self::Postgres(catalog) => catalog.catalog.tables().await,
        }
    }

    async fn first_filled(&self) -> Result<Option<&'static str>, StoreError> {
        match self {
            Self::Sqlite(catalog) => catalog.first_filled().await,
            Self::Postgres(catalog) => catalog.catalog.first_filled().await,
        }
    }

    async fn send_rows(&self, batches: Sender<Sent>) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(catalog) => catalog.send_rows(batches).await,
            Self::Postgres(catalog) => catalog.catalog.send_rows(batches).await,
        }
    }

    async fn take_rows(
        &self,
        batches: Receiver<Sent>,
        told: &mut (dyn FnMut(&'static str, u64, u64) + Send),
    ) -> Result<Vec<u64>, StoreError> {
        match self {
            Self::Sqlite(catalog) => catalog.take_rows(batches, told).await,
            Self::Postgres(catalog) => catalog.catalog.take_rows(batches, told).await,
        }
    }
}
