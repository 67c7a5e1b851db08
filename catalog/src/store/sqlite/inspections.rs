//! What footage shows: recording it, and reading it back.

use serde_json::json;
use sqlx::SqliteConnection;

use super::super::{InspectionEntry, InspectionRecord, StoreError};
use super::{Tx, add_event, signed, unsigned};
use crate::inspection::Inspection;
use crate::observation::MediaSpan;
use crate::time::{MediaTime, Micros, WallTime};

pub(super) async fn record(tx: &mut Tx, record: &InspectionRecord<'_>) -> Result<bool, StoreError> {
    let present: Option<(i64, i64)> = sqlx::query_as(
        "/* record_inspection */ SELECT b.object_id, b.version
         FROM object b JOIN observation o USING (object_id, version, reading)
         WHERE b.store_id = $1 AND b.object_key = $2 AND o.sha256 = $3",
    )
    .bind(record.store.0)
    .bind(record.object_key)
    .bind(record.sha256)
    .fetch_optional(&mut **tx)
    .await?;
    let Some((object_id, version)) = present else { return Ok(false) };
    let found = record.inspection;
    let id: Option<i64> = sqlx::query_scalar(
        "/* record_inspection */ INSERT INTO inspection
             (object_id, version, inspected_at_us, options_json, video, audio, start_us, duration_us,
              frames_decoded, problems_json)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT (object_id, version, options_json) DO NOTHING RETURNING inspection_id",
    )
    .bind(object_id)
    .bind(version)
    .bind(record.inspected_at.0)
    .bind(json!(record.options).to_string())
    .bind(found.video.as_str())
    .bind(found.audio.as_str())
    .bind(found.start_us.map(|start| start.0))
    .bind(found.duration_us.map(|duration| duration.0))
    .bind(signed(found.frames_decoded)?)
    .bind(json!(found.problems).to_string())
    .fetch_optional(&mut **tx)
    .await?;
    let Some(id) = id else { return Ok(false) };
    for (kind, spans) in [
        ("black", &found.black),
        ("frozen", &found.frozen),
        ("silent", &found.silent),
        ("undecodable", &found.undecodable),
    ] {
        for span in spans {
            sqlx::query(
                "/* record_inspection */ INSERT INTO inspection_span (inspection_id, kind, start_us, end_us)
                 VALUES ($1, $2, $3, $4)",
            )
            .bind(id)
            .bind(kind)
            .bind(span.start_us.0)
            .bind(span.end_us.0)
            .execute(&mut **tx)
            .await?;
        }
    }
    let detail = json!({
        "store": record.store.0,
        "version": version,
        "sha256": record.sha256,
        "black": found.black.len(),
        "frozen": found.frozen.len(),
        "silent": found.silent.len(),
        "undecodable": found.undecodable.len(),
    });
    add_event(tx, record.inspected_at, "inspected", record.object_key, detail).await?;
    Ok(true)
}

#[derive(sqlx::FromRow)]
struct Row {
    inspection_id: i64,
    store: String,
    version: i64,
    inspected_at_us: i64,
    options_json: String,
    video: String,
    audio: String,
    start_us: Option<i64>,
    duration_us: Option<i64>,
    frames_decoded: i64,
    problems_json: String,
}

pub(super) async fn of_key(
    connection: &mut SqliteConnection,
    object_key: &str,
) -> Result<Vec<InspectionEntry>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(
        "/* inspections */ SELECT i.inspection_id, s.url AS store, i.version, i.inspected_at_us, i.options_json,
                i.video, i.audio, i.start_us, i.duration_us, i.frames_decoded, i.problems_json
         FROM inspection i JOIN object b USING (object_id) JOIN store s USING (store_id)
         WHERE b.object_key = $1 ORDER BY s.url, i.version, i.inspection_id",
    )
    .bind(object_key)
    .fetch_all(&mut *connection)
    .await?;
    let mut entries = Vec::with_capacity(rows.len());
    for row in rows {
        let mut inspection = Inspection {
            video: row.video.parse()?,
            audio: row.audio.parse()?,
            start_us: row.start_us.map(MediaTime),
            duration_us: row.duration_us.map(Micros),
            frames_decoded: unsigned(row.frames_decoded)?,
            problems: parsed(&row.problems_json)?,
            ..Inspection::default()
        };
        let spans: Vec<(String, i64, i64)> = sqlx::query_as(
            "/* inspections */ SELECT kind, start_us, end_us FROM inspection_span
             WHERE inspection_id = $1 ORDER BY kind, start_us",
        )
        .bind(row.inspection_id)
        .fetch_all(&mut *connection)
        .await?;
        for (kind, start_us, end_us) in spans {
            let of_kind = match kind.as_str() {
                "black" => &mut inspection.black,
                "frozen" => &mut inspection.frozen,
                "silent" => &mut inspection.silent,
                "undecodable" => &mut inspection.undecodable,
                _ => return Err(StoreError::UnknownValue(kind)),
            };
            of_kind.push(MediaSpan { start_us: MediaTime(start_us), end_us: MediaTime(end_us) });
        }
        entries.push(InspectionEntry {
            store: row.store,
            version: unsigned(row.version)?,
            inspected_at: WallTime(row.inspected_at_us),
            options: parsed(&row.options_json)?,
            inspection,
        });
    }
    Ok(entries)
}

fn parsed<T: serde::de::DeserializeOwned>(json: &str) -> Result<T, StoreError> {
    serde_json::from_str(json).map_err(|error| StoreError::UnknownValue(error.to_string()))
}
