//! Tables of what should exist, taken in or tried out. The command line and the HTTP handlers call these.

use catalog::WallTime;
use catalog::import::{Import, ImportKind, ImportOutcome};
use catalog::store::{Catalog, ImportOrigin, StoreError};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tables::{ImportError, Table};
use tokio::task::JoinError;

/// Rows that a preview shows.
const SAMPLE_ROWS: usize = 10;

/// A table was not taken in.
#[derive(Debug, thiserror::Error)]
pub enum TakeInError {
    /// The catalog failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The table is wrong, row by row.
    #[error(transparent)]
    Table(#[from] ImportError),
    /// Reading it was cut off.
    #[error("reading the table was cut off: {0}")]
    CutOff(#[from] JoinError),
}

/// What taking in a table would do.
#[derive(Debug, Serialize)]
pub struct Preview {
    /// What it would change.
    #[serde(flatten)]
    pub outcome: ImportOutcome,
    /// The first rows as they were read, each as its fields.
    pub sample: Vec<Value>,
}

/// Reads a table off the async threads.
async fn read(
    catalog: &dyn Catalog,
    kind: ImportKind,
    file_name: &str,
    bytes: Vec<u8>,
) -> Result<(Table, String), TakeInError> {
    let known = catalog.known_names().await?;
    let file_name = file_name.to_owned();
    let reading = move || {
        let table = tables::read(kind, &file_name, &bytes, &known)?;
        Ok((table, hex::encode(Sha256::digest(&bytes))))
    };
    tokio::task::spawn_blocking(reading).await?
}

/// Takes in all rows of a table, or none. Of a column that it does not have, what the catalog knows stays as it is.
///
/// # Errors
/// [`TakeInError::Table`] lists every bad row.
pub async fn take_in(
    catalog: &dyn Catalog,
    kind: ImportKind,
    file_name: &str,
    bytes: Vec<u8>,
    now: WallTime,
) -> Result<ImportOutcome, TakeInError> {
    let (Table { import, absent }, sha256) = read(catalog, kind, file_name, bytes).await?;
    let origin = ImportOrigin { file_name, sha256: &sha256, absent: &absent };
    Ok(catalog.import(&import, &origin, now).await?)
}

/// Says what taking in a table would do, and changes nothing.
///
/// # Errors
/// As for [`take_in`].
pub async fn preview(
    catalog: &dyn Catalog,
    kind: ImportKind,
    file_name: &str,
    bytes: Vec<u8>,
    now: WallTime,
) -> Result<Preview, TakeInError> {
    let (Table { import, absent }, sha256) = read(catalog, kind, file_name, bytes).await?;
    let origin = ImportOrigin { file_name, sha256: &sha256, absent: &absent };
    let outcome = catalog.preview(&import, &origin, now).await?;
    Ok(Preview { outcome, sample: sample(&import) })
}

/// The first rows, each as its fields.
fn sample(import: &Import) -> Vec<Value> {
    fn first<T: Serialize>(rows: &[T]) -> Vec<Value> {
        // Plain fields always become JSON.
        rows.iter().take(SAMPLE_ROWS).filter_map(|row| serde_json::to_value(row).ok()).collect()
    }
    match import {
        Import::Units(rows) => first(rows),
        Import::Officers(rows) => first(rows),
        Import::Devices(rows) => first(rows),
        Import::Cases(rows) => first(rows),
        Import::Stages(rows) => first(rows),
        Import::Complaints(rows) => first(rows),
        Import::Links(rows) => first(rows),
        Import::Excuses(rows) => first(rows),
        Import::Manifest(rows) => first(rows),
        Import::Docks(rows) => first(rows),
        Import::Areas(rows) => first(rows),
        Import::Sorties(rows) => first(rows),
    }
}
