//! Chunk lists, and where alterations were found.

use super::{Connection, Tx, signed, unsigned};
use crate::chunks::{AlteredRange, ChunkList};
use crate::observation::MediaSpan;
use crate::store::{Alteration, Reading, StoreError, StoreId};
use crate::time::MediaTime;

/// Keeps the list of a version, unless there is one already.
pub(super) async fn add_list(
    tx: &mut Tx,
    object_id: i64,
    version: i64,
    reading: &Reading<'_>,
) -> Result<(), StoreError> {
    let Some(chunks) = reading.chunks else { return Ok(()) };
    sqlx::query(
        "/* add_list */ INSERT INTO chunk_list (object_id, version, chunk_bytes, states)
         VALUES ($1, $2, $3, $4) ON CONFLICT (object_id, version) DO NOTHING",
    )
    .bind(object_id)
    .bind(version)
    .bind(signed(chunks.chunk_bytes())?)
    .bind(chunks.states())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Keeps where a new version is not what the one before it was.
pub(super) async fn add_altered(
    tx: &mut Tx,
    object_id: i64,
    version: i64,
    reading: &Reading<'_>,
) -> Result<(), StoreError> {
    for range in reading.altered {
        sqlx::query(
            "/* add_altered */ INSERT INTO altered_range
                 (object_id, version, start_byte, end_byte, start_us, end_us) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(object_id)
        .bind(version)
        .bind(signed(range.start_byte)?)
        .bind(signed(range.end_byte)?)
        .bind(range.span.map(|span| span.start_us.0))
        .bind(range.span.map(|span| span.end_us.0))
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

pub(super) async fn list(
    connection: &mut Connection,
    store: StoreId,
    object_key: &str,
) -> Result<Option<ChunkList>, StoreError> {
    let row: Option<(i64, Vec<u8>)> = sqlx::query_as(
        "/* chunk_list */ SELECT c.chunk_bytes, c.states FROM object b JOIN chunk_list c USING (object_id, version)
         WHERE b.store_id = $1 AND b.object_key = $2",
    )
    .bind(store.0)
    .bind(object_key)
    .fetch_optional(connection)
    .await?;
    let Some((chunk_bytes, states)) = row else { return Ok(None) };
    Ok(ChunkList::from_states(unsigned(chunk_bytes)?, states))
}

pub(super) async fn alterations(
    connection: &mut Connection,
    object_key: &str,
) -> Result<Vec<Alteration>, StoreError> {
    type Row = (String, i64, i64, i64, Option<i64>, Option<i64>);
    let rows: Vec<Row> = sqlx::query_as(
        "/* alterations */ SELECT s.url, a.version, a.start_byte, a.end_byte, a.start_us, a.end_us
         FROM object b JOIN store s USING (store_id) JOIN altered_range a USING (object_id)
         WHERE b.object_key = $1 ORDER BY s.url, a.version, a.start_byte",
    )
    .bind(object_key)
    .fetch_all(connection)
    .await?;
    let mut alterations: Vec<Alteration> = Vec::new();
    for (store, version, start_byte, end_byte, start_us, end_us) in rows {
        let version = unsigned(version)?;
        let span = start_us.zip(end_us);
        let range = AlteredRange {
            start_byte: unsigned(start_byte)?,
            end_byte: unsigned(end_byte)?,
            span: span.map(|(start, end)| MediaSpan { start_us: MediaTime(start), end_us: MediaTime(end) }),
        };
        match alterations.last_mut() {
            Some(last) if last.store == store && last.version == version => last.ranges.push(range),
            _ => alterations.push(Alteration { store, version, ranges: vec![range] }),
        }
    }
    Ok(alterations)
}
