//! Sources, readings, and objects that are to be read again.

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde_json::json;

use super::{SqlCatalog, unsigned};
use crate::store::StoreError;
use crate::store::custody::{Custody, Pass, ReadingEntry, SourceEntry};
use crate::time::{Micros, WallTime};

/// The number of an object in the name that lists give it.
fn number_of(id: &str) -> Option<i64> {
    id.strip_prefix('r').and_then(|number| number.parse().ok())
}

#[derive(sqlx::FromRow)]
struct SourceRow {
    store_id: i64,
    url: String,
    added_at_us: i64,
    objects: i64,
    quarantined: i64,
    gone: i64,
    size_bytes: i64,
}

#[derive(sqlx::FromRow)]
struct ReadingRow {
    version: i64,
    reading: i64,
    present: bool,
    observed_at_us: i64,
    written_at_us: Option<i64>,
    size_bytes: i64,
    sha256: String,
    sm3: Option<String>,
    container: Option<String>,
    started_at_us: Option<i64>,
    duration_us: Option<i64>,
    quarantined: bool,
}

#[async_trait]
impl Custody for SqlCatalog {
    async fn sources(&self) -> Result<Vec<SourceEntry>, StoreError> {
        let passes: Vec<(i64, String, i64, i64, i64)> = sqlx::query_as(
            "/* sources */ SELECT l.store_id, l.prefix, l.listed_at_us, l.recorded_at_us, l.objects
             FROM listing l
             WHERE l.listing_id = (SELECT m.listing_id FROM listing m WHERE m.store_id = l.store_id
                                   ORDER BY m.listed_at_us DESC, m.listing_id DESC LIMIT 1)",
        )
        .fetch_all(&self.pool)
        .await?;
        let mut last = BTreeMap::new();
        for (store, prefix, listed_at_us, recorded_at_us, objects) in passes {
            let pass = Pass {
                prefix,
                listed_at: WallTime(listed_at_us),
                recorded_at: WallTime(recorded_at_us),
                objects: unsigned(objects)?,
            };
            last.insert(store, pass);
        }
        let rows: Vec<SourceRow> = sqlx::query_as(
            "/* sources */ SELECT s.store_id, s.url, s.added_at_us,
                    count(*) FILTER (WHERE b.gone_at_us IS NULL AND NOT o.quarantined) AS objects,
                    count(*) FILTER (WHERE b.gone_at_us IS NULL AND o.quarantined) AS quarantined,
                    count(*) FILTER (WHERE b.gone_at_us IS NOT NULL) AS gone,
                    CAST(coalesce(sum(CASE WHEN b.gone_at_us IS NULL THEN o.size_bytes END), 0) AS BIGINT)
                        AS size_bytes
             FROM store s LEFT JOIN (object b JOIN observation o USING (object_id, version, reading)) USING (store_id)
             GROUP BY s.store_id ORDER BY s.url",
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(SourceEntry {
                    url: row.url,
                    added_at: WallTime(row.added_at_us),
                    last_pass: last.remove(&row.store_id),
                    objects: unsigned(row.objects)?,
                    quarantined: unsigned(row.quarantined)?,
                    gone: unsigned(row.gone)?,
                    size_bytes: unsigned(row.size_bytes)?,
                })
            })
            .collect()
    }

    async fn readings(&self, id: &str) -> Result<Vec<ReadingEntry>, StoreError> {
        let Some(object_id) = number_of(id) else { return Ok(Vec::new()) };
        let rows: Vec<ReadingRow> = sqlx::query_as(
            "/* readings */ SELECT o.version, o.reading, (o.version = b.version AND o.reading = b.reading) AS present,
                    o.observed_at_us, o.written_at_us, o.size_bytes, o.sha256, o.sm3, o.container, o.started_at_us,
                    o.duration_us, o.quarantined
             FROM observation o JOIN object b USING (object_id)
             WHERE object_id = $1 ORDER BY o.version, o.reading",
        )
        .bind(object_id)
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(ReadingEntry {
                    version: unsigned(row.version)?,
                    reading: unsigned(row.reading)?,
                    present: row.present,
                    observed_at: WallTime(row.observed_at_us),
                    written_at: row.written_at_us.map(WallTime),
                    size_bytes: unsigned(row.size_bytes)?,
                    sha256: row.sha256,
                    sm3: row.sm3,
                    container: row.container,
                    started_at: row.started_at_us.map(WallTime),
                    duration_us: row.duration_us.map(Micros),
                    quarantined: row.quarantined,
                })
            })
            .collect()
    }

    async fn ask_again(&self, id: &str, by: &str, at: WallTime) -> Result<bool, StoreError> {
        let Some(object_id) = number_of(id) else { return Ok(false) };
        let mut tx = self.write_beside().await?;
        // An object of no signature is none that the store says is unchanged.
        let key: Option<String> = sqlx::query_scalar(
            "/* ask_again */ UPDATE object SET signature = ''
             WHERE object_id = $1 AND signature <> '' AND gone_at_us IS NULL
               AND EXISTS (SELECT 1 FROM observation o
                           WHERE o.object_id = object.object_id AND o.version = object.version
                             AND o.reading = object.reading AND o.quarantined)
             RETURNING object_key",
        )
        .bind(object_id)
        .fetch_optional(&mut *tx)
        .await?;
        let Some(key) = key else { return Ok(false) };
        tx.happened(at, "asked_again", &key, &json!({ "id": id, "by": by }));
        tx.commit().await?;
        Ok(true)
    }

    async fn asked_again(&self) -> Result<Vec<String>, StoreError> {
        let ids: Vec<i64> = sqlx::query_scalar(
            "/* asked_again */ SELECT object_id FROM object WHERE signature = '' AND gone_at_us IS NULL
             ORDER BY object_id",
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(ids.into_iter().map(|id| format!("r{id}")).collect())
    }
}
