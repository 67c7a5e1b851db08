//! The transparency log on SQLite: a transaction that logs what it wrote when it commits.
//!
//! Whoever writes a row of a logged table says so to its transaction ([`Tx::wrote`]). [`Tx::commit`] then reads those
//! rows back, all of a table at once, and adds their leaves in one statement, so that row and leaf are kept or lost together.
//! Inner nodes of the tree are not touched by that: they follow from the leaves, and are added by the block when
//! somebody asks for a root (`nodes`). So logging an object costs two statements, whatever the size of the log.

mod content;
mod nodes;
mod read;
mod tables;

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};

use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, QueryBuilder, Sqlite, SqliteConnection, Transaction};

use super::super::StoreError;
use super::SqliteCatalog;
use crate::clock::{Clock, SystemClock};
use crate::log::leaf::{LeafOrigin, LeafRecord, SALT_BYTES, content_digest, id_digest};
use crate::time::WallTime;

/// Rows of one statement: SQLite takes 32,766 values.
const BATCH: usize = 500;

/// A transaction that logs what was written in it.
pub(super) struct Tx {
    inner: Transaction<'static, Sqlite>,
    written: Vec<Written>,
}

/// A row that is to become a leaf.
struct Written {
    kind: &'static str,
    row_key: String,
    at: WallTime,
    /// What it says, where that is known without reading it back.
    content: Option<String>,
}

impl Deref for Tx {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        &self.inner
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.inner
    }
}

impl Tx {
    pub(super) fn new(inner: Transaction<'static, Sqlite>) -> Self {
        Self { inner, written: Vec::new() }
    }

    /// Notes that the row of a logged table with this key (a JSON array of its key columns) was added or changed. `at` is
    /// the moment that it speaks of.
    pub(super) fn wrote(&mut self, kind: &'static str, key: &Value, at: WallTime) {
        let row_key = key.to_string();
        if !self.written.iter().rev().take(BATCH).any(|one| one.kind == kind && one.row_key == row_key) {
            self.written.push(Written { kind, row_key, at, content: None });
        }
    }

    /// Notes a row of a trail, whose columns are all known.
    pub(super) fn wrote_trail(
        &mut self,
        kind: &'static str,
        key: &Value,
        at: WallTime,
        columns: BTreeMap<String, Value>,
    ) {
        let content = Some(content::canonical(columns));
        self.written.push(Written { kind, row_key: key.to_string(), at, content });
    }

    /// Logs what was written, and commits both.
    pub(super) async fn commit(mut self) -> Result<(), StoreError> {
        let written = std::mem::take(&mut self.written);
        let leaves = self.leaves(written).await?;
        append(&mut self.inner, LeafOrigin::Written, &leaves).await?;
        Ok(self.inner.commit().await?)
    }

    /// Leaves everything as it was.
    pub(super) async fn rollback(self) -> Result<(), StoreError> {
        Ok(self.inner.rollback().await?)
    }

    /// The contents of what was written, in the order in which it was.
    async fn leaves(&mut self, written: Vec<Written>) -> Result<Vec<NewLeaf>, StoreError> {
        let mut keys: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
        for one in written.iter().filter(|one| one.content.is_none()) {
            keys.entry(one.kind).or_default().push(one.row_key.clone());
        }
        let mut contents: BTreeMap<&'static str, BTreeMap<String, String>> = BTreeMap::new();
        for (kind, keys) in keys {
            contents.insert(kind, rows(&mut self.inner, kind, &keys).await?);
        }
        written
            .into_iter()
            .map(|Written { kind, row_key, at, content }| {
                let content =
                    content.or_else(|| contents.get_mut(kind)?.remove(&row_key)).ok_or_else(|| {
                        StoreError::UnknownValue(format!(
                            "{kind} {row_key}, which was written and is not there"
                        ))
                    })?;
                Ok(NewLeaf { kind, row_key, at, content })
            })
            .collect()
    }
}

/// A leaf to be added.
struct NewLeaf {
    kind: &'static str,
    row_key: String,
    at: WallTime,
    content: String,
}

/// Rows as they stand, by key.
async fn rows(
    connection: &mut SqliteConnection,
    kind: &str,
    keys: &[String],
) -> Result<BTreeMap<String, String>, StoreError> {
    let mut found = BTreeMap::new();
    let Some((_, statements)) = tables::of(kind) else { return Ok(found) };
    for keys in keys.chunks(BATCH) {
        let list = format!("[{}]", keys.join(","));
        // The statement is put together from constants of ours.
        let rows = sqlx::query(AssertSqlSafe(statements.of_keys.as_str()))
            .bind(list)
            .fetch_all(&mut *connection)
            .await?;
        for row in rows {
            let (key, content) = content::of_row(&row, row_width(&row))?;
            found.insert(key, content);
        }
    }
    Ok(found)
}

fn row_width(row: &sqlx::sqlite::SqliteRow) -> usize {
    sqlx::Row::len(row)
}

async fn append(
    connection: &mut SqliteConnection,
    origin: LeafOrigin,
    leaves: &[NewLeaf],
) -> Result<(), StoreError> {
    for leaves in leaves.chunks(BATCH) {
        let mut salts = vec![0; leaves.len() * SALT_BYTES];
        getrandom::fill(&mut salts).map_err(|error| {
            StoreError::UnknownValue(format!("the operating system has no random bytes: {error}"))
        })?;
        let mut insert: QueryBuilder<Sqlite> = QueryBuilder::new(
            "/* log_append */ INSERT INTO log_leaf
                 (kind, row_key, at_us, origin, salt, content_sha256, content, leaf_sha256) ",
        );
        insert.push_values(leaves.iter().zip(salts.chunks(SALT_BYTES)), |mut row, (leaf, salt)| {
            let record = LeafRecord {
                at: leaf.at,
                content: content_digest(salt, &leaf.content),
                id: id_digest(salt, &leaf.row_key),
                kind: leaf.kind.to_owned(),
                origin,
            };
            let keeps = tables::of(leaf.kind).is_none_or(|(table, _)| table.keeps_content);
            row.push_bind(leaf.kind)
                .push_bind(leaf.row_key.clone())
                .push_bind(leaf.at.0)
                .push_bind(origin.as_str())
                .push_bind(salt.to_vec())
                .push_bind(record.content.0.to_vec())
                .push_bind(keeps.then(|| leaf.content.clone()))
                .push_bind(record.hash().0.to_vec());
        });
        insert.build().execute(&mut *connection).await?;
    }
    Ok(())
}

/// Begins the log of a catalog that has none: everything that is there becomes a leaf of origin `found`.
///
/// It is done in pieces, each a transaction of its own, and goes on where it was cut off; rows that others write
/// meanwhile are logged by them.
pub(super) async fn begin(catalog: &SqliteCatalog) -> Result<(), StoreError> {
    let complete: Option<bool> =
        sqlx::query_scalar("/* log_begin */ SELECT complete_at_us IS NOT NULL FROM log_identity")
            .fetch_optional(&catalog.pool)
            .await?;
    if complete == Some(true) {
        return Ok(());
    }
    let clock = SystemClock;
    let mut id = [0; 16];
    getrandom::fill(&mut id).map_err(|error| {
        StoreError::UnknownValue(format!("the operating system has no random bytes: {error}"))
    })?;
    sqlx::query(
        "/* log_begin */ INSERT INTO log_identity (one, log_id, begun_at_us) VALUES (1, $1, $2)
         ON CONFLICT (one) DO NOTHING",
    )
    .bind(hex::encode(id))
    .bind(clock.now().0)
    .execute(&catalog.pool)
    .await?;
    for (table, statements) in tables::all() {
        let mut after = i64::MIN;
        loop {
            let mut tx = catalog.write().await?;
            let rows = sqlx::query(AssertSqlSafe(statements.unlogged.as_str()))
                .bind(after)
                .bind(i64::try_from(BATCH).unwrap_or(i64::MAX))
                .fetch_all(&mut *tx)
                .await?;
            let Some(last) = rows.last() else { break };
            after = sqlx::Row::try_get(last, "row_number")?;
            let at = clock.now();
            let leaves = rows
                .iter()
                .map(|row| {
                    let (row_key, content) = content::of_row(row, row_width(row) - 1)?;
                    Ok(NewLeaf { kind: table.kind, row_key, at, content })
                })
                .collect::<Result<Vec<_>, StoreError>>()?;
            append(&mut tx, LeafOrigin::Found, &leaves).await?;
            tx.commit().await?;
        }
    }
    sqlx::query("/* log_begin */ UPDATE log_identity SET complete_at_us = $1 WHERE complete_at_us IS NULL")
        .bind(clock.now().0)
        .execute(&catalog.pool)
        .await?;
    Ok(())
}

/// The key of a row with one numbered column.
pub(super) fn numbered(id: i64) -> Value {
    json!([id])
}
