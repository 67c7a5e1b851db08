//! The transparency log: a transaction that logs what it wrote when it commits.
//!
//! Whoever writes a row of a logged table says so to its transaction ([`Tx::wrote`]), and what happened
//! ([`Tx::happened`]). [`Tx::commit`] then reads those rows back, all of a table at once, and adds events and leaves in
//! one statement each, so that row and leaf are kept or lost together. Inner nodes of the tree are not touched by that:
//! they follow from the leaves, and are added by the block when somebody asks for a root (`nodes`). So logging an object
//! costs a handful of statements, whatever the size of the log.
//!
//! Events and leaves are numbered from 1 without gaps, in the order in which their transactions commit: the tree needs
//! it, and so does whoever asks what is new since an event. So they are numbered last of all, by
//! [`engine::numbers`], after which nobody else gets a number until this transaction is over. Where no transaction writes
//! beside another, the last numbers come with the rows that are read back ([`engine::NUMBERS_BESIDE`]).

mod content;
mod nodes;
mod read;
mod tables;

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};

use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, QueryBuilder, Transaction};

use super::{Connection, Db, EngineRow, Pool, SqlCatalog, engine};
use crate::clock::{Clock, SystemClock};
use crate::log::leaf::{LeafOrigin, LeafRecord, SALT_BYTES, content_digest, id_digest};
use crate::log::tree::Hash;
use crate::store::StoreError;
use crate::time::WallTime;

/// Rows of one statement: SQLite takes 32,766 values.
const BATCH: usize = 500;

/// A transaction that logs what was written in it.
pub(super) struct Tx {
    inner: Transaction<'static, Db>,
    pool: Pool,
    written: Vec<Written>,
}

/// A row that is to become a leaf.
struct Written {
    kind: &'static str,
    row_key: String,
    at: WallTime,
    is: Said,
}

/// What a row that is to become a leaf says.
enum Said {
    /// What stands there: it is read back.
    Stands,
    /// Known without reading it back.
    Known(String),
    /// An event, which is not there yet.
    Event(Event),
}

/// What happened to the catalog.
struct Event {
    kind: String,
    subject: String,
    /// Particulars as a JSON object.
    detail: String,
}

impl Deref for Tx {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.inner
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.inner
    }
}

impl Tx {
    pub(super) fn new(inner: Transaction<'static, Db>, pool: &Pool) -> Self {
        Self { inner, pool: pool.clone(), written: Vec::new() }
    }

    /// Notes that the row of a logged table with this key (a JSON array of its key columns) was added or changed. `at` is
    /// the moment that it speaks of.
    pub(super) fn wrote(&mut self, kind: &'static str, key: &Value, at: WallTime) {
        let row_key = key.to_string();
        if !self.written.iter().rev().take(BATCH).any(|one| one.kind == kind && one.row_key == row_key) {
            self.written.push(Written { kind, row_key, at, is: Said::Stands });
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
        let is = Said::Known(content::canonical(columns));
        self.written.push(Written { kind, row_key: key.to_string(), at, is });
    }

    /// Adds one event to the trail, within the transaction of what it tells of.
    pub(super) fn happened(&mut self, at: WallTime, kind: &str, subject: &str, detail: &Value) {
        let event = Event { kind: kind.to_owned(), subject: subject.to_owned(), detail: detail.to_string() };
        self.written.push(Written { kind: "event", row_key: String::new(), at, is: Said::Event(event) });
    }

    /// Logs what was written, and commits both.
    pub(super) async fn commit(mut self) -> Result<(), StoreError> {
        let written = std::mem::take(&mut self.written);
        if written.is_empty() {
            return engine::commit(self.inner, &self.pool, None).await;
        }
        let Standing { mut contents, numbers } = self.standing(&written).await?;
        let numbers = match numbers {
            Some(numbers) => numbers,
            None => engine::numbers(&mut self.inner).await?,
        };
        let mut events = Vec::new();
        let mut leaves = Vec::with_capacity(written.len());
        for Written { kind, row_key, at, is } in written {
            let (row_key, content) = match is {
                Said::Known(content) => (row_key, content),
                Said::Stands => {
                    let content =
                        contents.get_mut(kind).and_then(|rows| rows.remove(&row_key)).ok_or_else(|| {
                            StoreError::UnknownValue(format!(
                                "{kind} {row_key}, which was written and is not there"
                            ))
                        })?;
                    (row_key, content)
                }
                Said::Event(event) => {
                    let id = numbers.last_event + 1 + i64::try_from(events.len()).unwrap_or(i64::MAX);
                    let content = event.content(id, at);
                    events.push((id, at, event));
                    (numbered(id).to_string(), content)
                }
            };
            leaves.push(NewLeaf { kind, row_key, at, content });
        }
        add_events(&mut self.inner, &events).await?;
        let last = append(&mut self.inner, LeafOrigin::Written, numbers.last_leaf, &leaves).await?;
        engine::commit(self.inner, &self.pool, last).await
    }

    /// Leaves everything as it was.
    pub(super) async fn rollback(self) -> Result<(), StoreError> {
        Ok(self.inner.rollback().await?)
    }

    /// What stands in the rows that were written.
    async fn standing(&mut self, written: &[Written]) -> Result<Standing, StoreError> {
        let mut keys: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
        for one in written.iter().filter(|one| matches!(one.is, Said::Stands)) {
            keys.entry(one.kind).or_default().push(one.row_key.clone());
        }
        let mut standing = Standing { contents: BTreeMap::new(), numbers: None };
        for (kind, keys) in keys {
            let (contents, numbers) = rows(&mut self.inner, kind, &keys).await?;
            standing.contents.insert(kind, contents);
            standing.numbers = numbers.or(standing.numbers);
        }
        Ok(standing)
    }
}

/// What was read back.
struct Standing {
    /// Contents of rows, by table and key.
    contents: BTreeMap<&'static str, BTreeMap<String, String>>,
    /// The last numbers, where the engine gives them beside rows.
    numbers: Option<Numbers>,
}

impl Event {
    fn content(&self, id: i64, at: WallTime) -> String {
        let columns = [
            ("event_id", json!(id)),
            ("at_us", json!(at.0)),
            ("kind", json!(self.kind)),
            ("subject", json!(self.subject)),
            ("detail_json", json!(self.detail)),
        ];
        content::canonical(columns.map(|(name, value)| (name.to_owned(), value)).into())
    }
}

/// The last numbers that were given.
pub(in super::super) struct Numbers {
    pub(in super::super) last_event: i64,
    pub(in super::super) last_leaf: i64,
}

impl Numbers {
    /// From the columns `last_event` and `last_leaf` of a row.
    pub(in super::super) fn of(row: &EngineRow) -> Result<Self, StoreError> {
        use sqlx::Row as _;
        Ok(Self { last_event: row.try_get("last_event")?, last_leaf: row.try_get("last_leaf")? })
    }
}

/// The last leaf of a transaction: where it stands in the log, the transaction was committed.
#[allow(dead_code, reason = "one engine of the two has to look")]
pub(in super::super) struct LastLeaf {
    pub(in super::super) leaf_no: i64,
    pub(in super::super) hash: Hash,
}

async fn add_events(
    connection: &mut Connection,
    events: &[(i64, WallTime, Event)],
) -> Result<(), StoreError> {
    for events in events.chunks(BATCH) {
        let mut insert: QueryBuilder<Db> = QueryBuilder::new(
            "/* add_events */ INSERT INTO event (event_id, at_us, kind, subject, detail_json) ",
        );
        insert.push_values(events, |mut row, (id, at, event)| {
            row.push_bind(*id)
                .push_bind(at.0)
                .push_bind(event.kind.clone())
                .push_bind(event.subject.clone())
                .push_bind(event.detail.clone());
        });
        insert.build().execute(&mut *connection).await?;
    }
    Ok(())
}

/// A leaf to be added.
struct NewLeaf {
    kind: &'static str,
    row_key: String,
    at: WallTime,
    content: String,
}

/// Rows as they stand, by key, and the last numbers where the engine gives them beside rows.
async fn rows(
    connection: &mut Connection,
    kind: &str,
    keys: &[String],
) -> Result<(BTreeMap<String, String>, Option<Numbers>), StoreError> {
    let (mut found, mut numbers) = (BTreeMap::new(), None);
    let Some((_, statements)) = tables::of(kind) else { return Ok((found, numbers)) };
    for keys in keys.chunks(BATCH) {
        let list = format!("[{}]", keys.join(","));
        // The statement is put together from constants of ours.
        let rows = sqlx::query(AssertSqlSafe(statements.of_keys.as_str()))
            .bind(list)
            .fetch_all(&mut *connection)
            .await?;
        for row in &rows {
            let (key, content) = content::of_row(row, row_width(row) - engine::NUMBERS_BESIDE.len())?;
            found.insert(key, content);
        }
        if let Some(row) = rows.last().filter(|_| !engine::NUMBERS_BESIDE.is_empty()) {
            numbers = Some(Numbers::of(row)?);
        }
    }
    Ok((found, numbers))
}

fn row_width(row: &EngineRow) -> usize {
    sqlx::Row::len(row)
}

async fn append(
    connection: &mut Connection,
    origin: LeafOrigin,
    mut last_leaf: i64,
    leaves: &[NewLeaf],
) -> Result<Option<LastLeaf>, StoreError> {
    let mut last = None;
    for leaves in leaves.chunks(BATCH) {
        let mut salts = vec![0; leaves.len() * SALT_BYTES];
        getrandom::fill(&mut salts).map_err(|error| {
            StoreError::UnknownValue(format!("the operating system has no random bytes: {error}"))
        })?;
        let mut insert: QueryBuilder<Db> = QueryBuilder::new(
            "/* log_append */ INSERT INTO log_leaf
                 (leaf_no, kind, row_key, at_us, origin, salt, content_sha256, content, leaf_sha256) ",
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
            last_leaf += 1;
            let hash = record.hash();
            last = Some(LastLeaf { leaf_no: last_leaf, hash });
            row.push_bind(last_leaf)
                .push_bind(leaf.kind)
                .push_bind(leaf.row_key.clone())
                .push_bind(leaf.at.0)
                .push_bind(origin.as_str())
                .push_bind(salt.to_vec())
                .push_bind(record.content.0.to_vec())
                .push_bind(keeps.then(|| leaf.content.clone()))
                .push_bind(hash.0.to_vec());
        });
        insert.build().execute(&mut *connection).await?;
    }
    Ok(last)
}

/// Begins the log of a catalog that has none: everything that is there becomes a leaf of origin `found`.
///
/// It is done in pieces, each a transaction of its own, and goes on where it was cut off; rows that others write
/// meanwhile are logged by them.
pub(in super::super) async fn begin(catalog: &SqlCatalog) -> Result<(), StoreError> {
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
            let numbers = engine::numbers(&mut tx).await?;
            append(&mut tx, LeafOrigin::Found, numbers.last_leaf, &leaves).await?;
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
