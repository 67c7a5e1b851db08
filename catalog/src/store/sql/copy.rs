//! Copying a catalog: its tables as rows of plain values, out of one engine and into another.

use futures::TryStreamExt as _;
use sqlx::{AssertSqlSafe, Column as _, QueryBuilder, Row as _, TypeInfo as _, ValueRef as _};
use tokio::sync::mpsc::{Receiver, Sender};

use super::{Connection, Db, EngineRow, SqlCatalog, engine, unsigned};
use crate::store::StoreError;
use crate::store::copy::{Batch, Cell, DERIVED, Kind, Sent, TABLES};

/// Rows of one statement at most, and about how many bytes.
const ROWS: usize = 500;
const BYTES: usize = 8 << 20;
/// Values of one statement at most: SQLite takes 32,766.
const VALUES: usize = 30_000;

/// The names of a table's columns and what they hold, in order.
async fn columns(connection: &mut Connection, table: &str) -> Result<Vec<(String, Kind)>, StoreError> {
    let columns: Vec<(String, String)> =
        sqlx::query_as(engine::COLUMNS).bind(table).fetch_all(connection).await?;
    columns
        .into_iter()
        .map(|(name, holds)| {
            let kind = match holds.as_str() {
                "INTEGER" | "bigint" => Kind::Integer,
                "REAL" | "double precision" => Kind::Real,
                "TEXT" | "text" => Kind::Text,
                "BLOB" | "bytea" => Kind::Bytes,
                "boolean" => Kind::Boolean,
                other => {
                    return Err(StoreError::UnknownValue(format!(
                        "a column {table}.{name} of the type {other}"
                    )));
                }
            };
            Ok((name, kind))
        })
        .collect()
}

fn names(columns: &[(String, Kind)]) -> String {
    columns.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ")
}

async fn count(connection: &mut Connection, table: &str) -> Result<u64, StoreError> {
    let count: i64 = sqlx::query_scalar(AssertSqlSafe(format!("/* copy */ SELECT count(*) FROM {table}")))
        .fetch_one(connection)
        .await?;
    unsigned(count)
}

fn cell(row: &EngineRow, place: usize) -> Result<Cell, StoreError> {
    let raw = row.try_get_raw(place)?;
    if raw.is_null() {
        return Ok(Cell::Null);
    }
    Ok(match raw.type_info().name() {
        "INTEGER" | "INT8" => Cell::Integer(row.try_get_unchecked(place)?),
        "REAL" | "FLOAT8" => Cell::Real(row.try_get_unchecked(place)?),
        "TEXT" => Cell::Text(row.try_get_unchecked(place)?),
        "BLOB" | "BYTEA" => Cell::Bytes(row.try_get_unchecked(place)?),
        "BOOL" => Cell::Boolean(row.try_get_unchecked(place)?),
        other => {
            let name = row.column(place).name();
            return Err(StoreError::UnknownValue(format!("a {other} in the column {name}")));
        }
    })
}

impl SqlCatalog {
    /// The tables that are there but for those that follow from others, by name.
    pub(in crate::store) async fn tables(&self) -> Result<Vec<String>, StoreError> {
        let mut tables: Vec<String> = sqlx::query_scalar(engine::TABLES).fetch_all(&self.pool).await?;
        tables.retain(|table| !DERIVED.contains(&table.as_str()));
        tables.sort_unstable();
        Ok(tables)
    }

    /// The first table that has a row; `None` in a catalog that nothing was ever written to.
    pub(in crate::store) async fn first_filled(&self) -> Result<Option<&'static str>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        for table in TABLES {
            if count(&mut connection, table).await? > 0 {
                return Ok(Some(table));
            }
        }
        Ok(None)
    }

    /// Hands over every row of every table, in the order of [`TABLES`], as all of it was at one moment.
    pub(in crate::store) async fn send_rows(&self, batches: Sender<Sent>) -> Result<(), StoreError> {
        let mut transaction = engine::begin_reading(&self.pool).await?;
        engine::unhurried(&mut transaction).await?;
        for (table, name) in TABLES.iter().enumerate() {
            let columns = columns(&mut transaction, name).await?;
            let total = count(&mut transaction, name).await?;
            let column_names: Vec<String> = columns.iter().map(|(name, _)| name.clone()).collect();
            // Keys come first in every table, so that readings come in their order.
            let statement = format!("/* copy */ SELECT {} FROM {name} ORDER BY 1", names(&columns));
            let at_once = ROWS.min(VALUES / columns.len().max(1));
            let batch = |rows| Batch { table, columns: column_names.clone(), total, rows };
            let mut rows = sqlx::query(AssertSqlSafe(statement)).fetch(&mut *transaction);
            let (mut pending, mut bytes) = (Vec::new(), 0);
            while let Some(row) = rows.try_next().await? {
                let cells =
                    (0..columns.len()).map(|place| cell(&row, place)).collect::<Result<Vec<_>, _>>()?;
                bytes += cells.iter().map(Cell::size_bytes).sum::<usize>();
                pending.push(cells);
                if pending.len() >= at_once || bytes >= BYTES {
                    bytes = 0;
                    if batches.send(Sent::Rows(batch(std::mem::take(&mut pending)))).await.is_err() {
                        // Whoever takes them failed, and says why.
                        return Ok(());
                    }
                }
            }
            drop(rows);
            if batches.send(Sent::Rows(batch(pending))).await.is_err() {
                return Ok(());
            }
        }
        transaction.rollback().await?;
        // Whoever takes them says what became of them.
        let _ = batches.send(Sent::End).await;
        Ok(())
    }

    /// Takes all rows over in one transaction; gives how many there are of each table then.
    pub(in crate::store) async fn take_rows(
        &self,
        mut batches: Receiver<Sent>,
        told: &mut (dyn FnMut(&'static str, u64, u64) + Send),
    ) -> Result<Vec<u64>, StoreError> {
        let mut transaction = engine::begin_alone(&self.pool).await?;
        engine::unhurried(&mut transaction).await?;
        let mut taken = vec![0; TABLES.len()];
        let mut of_table: Option<(usize, Vec<(String, Kind)>)> = None;
        loop {
            let Batch { table, columns: theirs, total, rows } = match batches.recv().await {
                Some(Sent::Rows(batch)) => batch,
                Some(Sent::End) => break,
                // Nothing is committed: the transaction goes with us.
                None => return Err(StoreError::UnknownValue("a copy that broke off".to_owned())),
            };
            let name = TABLES[table];
            if of_table.as_ref().is_none_or(|(current, _)| *current != table) {
                let ours = columns(&mut transaction, name).await?;
                let mut ordered = Vec::with_capacity(theirs.len());
                for column in &theirs {
                    let same = ours.iter().find(|(name, _)| name == column);
                    ordered.extend(same.cloned());
                }
                if ordered.len() != ours.len() || ordered.len() != theirs.len() {
                    return Err(StoreError::UnknownValue(format!("other columns of {name} than the copy's")));
                }
                of_table = Some((table, ordered));
            }
            if let Some((_, columns)) = &of_table {
                taken[table] += rows.len() as u64;
                insert(&mut transaction, name, columns, rows).await?;
                told(name, taken[table], total);
            }
        }
        for statement in REFILL {
            sqlx::query(*statement).execute(&mut *transaction).await?;
        }
        engine::number_on(&mut transaction).await?;
        let mut counts = Vec::with_capacity(TABLES.len());
        for table in TABLES {
            counts.push(count(&mut transaction, table).await?);
        }
        if counts != taken {
            return Err(StoreError::UnknownValue(format!("{counts:?} rows where {taken:?} were written")));
        }
        engine::commit(transaction, &self.pool, None).await?;
        engine::bring_home(&self.pool).await?;
        Ok(counts)
    }
}

async fn insert(
    connection: &mut Connection,
    table: &str,
    columns: &[(String, Kind)],
    rows: Vec<Vec<Cell>>,
) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut insert: QueryBuilder<Db> =
        QueryBuilder::new(format!("/* copy */ INSERT INTO {table} ({}) ", names(columns)));
    insert.push_values(rows, |mut values, row| {
        for (cell, (_, kind)) in row.into_iter().zip(columns) {
            match kind {
                Kind::Integer => values.push_bind(cell.integer()),
                Kind::Real => values.push_bind(cell.real()),
                Kind::Text => values.push_bind(cell.text()),
                Kind::Bytes => values.push_bind(cell.bytes()),
                Kind::Boolean => values.push_bind(cell.integer().map(|value| value != 0)),
            };
        }
    });
    insert.build().persistent(false).execute(connection).await?;
    Ok(())
}

/// The facets of recordings and the digests that several objects had follow from other tables. Triggers made some while the
/// rows came in, in an order that is not that in which they happened.
const REFILL: &[&str] = &[
    "/* copy */ DELETE FROM shared_digest",
    "/* copy */ INSERT INTO shared_digest (sha256)
     SELECT sha256 FROM observation GROUP BY sha256 HAVING min(object_id) <> max(object_id)",
    "/* copy */ DELETE FROM recording_facet",
    "/* copy */ INSERT INTO recording_facet
         (facet, value, object_key, object_id, started_at_us, duration_us, size_bytes, observed_at_us)
     SELECT 'device', o.device, b.object_key, b.object_id,
         o.started_at_us, o.duration_us, o.size_bytes, o.observed_at_us
     FROM object b JOIN observation o USING (object_id, version, reading) WHERE o.device IS NOT NULL",
    "/* copy */ INSERT INTO recording_facet
         (facet, value, object_key, object_id, started_at_us, duration_us, size_bytes, observed_at_us)
     SELECT 'badge', o.badge, b.object_key, b.object_id,
         o.started_at_us, o.duration_us, o.size_bytes, o.observed_at_us
     FROM object b JOIN observation o USING (object_id, version, reading) WHERE o.badge IS NOT NULL",
    "/* copy */ INSERT INTO recording_facet
         (facet, value, object_key, object_id, started_at_us, duration_us, size_bytes, observed_at_us)
     SELECT 'quarantined', 'yes', b.object_key, b.object_id,
         o.started_at_us, o.duration_us, o.size_bytes, o.observed_at_us
     FROM object b JOIN observation o USING (object_id, version, reading) WHERE o.quarantined",
    "/* copy */ INSERT INTO recording_facet
         (facet, value, object_key, object_id, started_at_us, duration_us, size_bytes, observed_at_us)
     SELECT DISTINCT 'problem', p.code, b.object_key, b.object_id,
         o.started_at_us, o.duration_us, o.size_bytes, o.observed_at_us
     FROM object b JOIN observation o USING (object_id, version, reading) JOIN problem p USING (observation_id)",
];
