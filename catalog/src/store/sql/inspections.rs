//! What footage shows: recording it, and reading it back.

use std::collections::{BTreeMap, HashSet};

use serde_json::json;

use super::{Connection, Pool, Tx, numbered, signed, traces, unsigned};
use crate::inspection::{InspectOptions, Inspection, Look};
use crate::observation::MediaSpan;
use crate::store::{InspectionEntry, InspectionRecord, StoreError, StoreId, Uninspected};
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
    traces::record(tx, id, record.traces).await?;
    tx.wrote("inspection", &numbered(id), record.inspected_at);
    let detail = json!({
        "store": record.store.0,
        "version": version,
        "sha256": record.sha256,
        "black": found.black.len(),
        "frozen": found.frozen.len(),
        "silent": found.silent.len(),
        "undecodable": found.undecodable.len(),
    });
    tx.happened(record.inspected_at, "inspected", record.object_key, &detail);
    Ok(true)
}

pub(super) async fn uninspected(
    pool: &Pool,
    store: StoreId,
    options: &InspectOptions,
) -> Result<Vec<Uninspected>, StoreError> {
    let rows: Vec<(String, String, String)> = sqlx::query_as(
        "/* uninspected */ SELECT b.object_key, b.signature, o.sha256
         FROM object b JOIN observation o USING (object_id, version, reading)
         WHERE b.store_id = $1 AND b.gone_at_us IS NULL AND NOT o.quarantined AND NOT o.sidecar
           AND NOT EXISTS (SELECT 1 FROM inspection i
                           WHERE i.object_id = b.object_id AND i.version = b.version AND i.options_json = $2)
         ORDER BY b.object_key",
    )
    .bind(store.0)
    .bind(json!(options).to_string())
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(object_key, signature, sha256)| Uninspected { object_key, signature, sha256 })
        .collect())
}

#[derive(sqlx::FromRow)]
struct Row {
    store: String,
    version: i64,
    inspected_at_us: i64,
    #[sqlx(flatten)]
    look: LookRow,
}

#[derive(sqlx::FromRow)]
struct LookOfDigest {
    observation_id: i64,
    sha256: String,
    #[sqlx(flatten)]
    look: LookRow,
}

#[derive(sqlx::FromRow)]
struct LookRow {
    inspection_id: i64,
    options_json: String,
    video: String,
    audio: String,
    start_us: Option<i64>,
    duration_us: Option<i64>,
    frames_decoded: i64,
    problems_json: String,
}

impl LookRow {
    /// Without its stretches.
    fn inspection(self) -> Result<Inspection, StoreError> {
        Ok(Inspection {
            video: self.video.parse()?,
            audio: self.audio.parse()?,
            start_us: self.start_us.map(MediaTime),
            duration_us: self.duration_us.map(Micros),
            frames_decoded: unsigned(self.frames_decoded)?,
            problems: parsed(&self.problems_json)?,
            ..Inspection::default()
        })
    }
}

pub(super) async fn of_key(
    connection: &mut Connection,
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
        let (store, version, inspected_at) =
            (row.store, unsigned(row.version)?, WallTime(row.inspected_at_us));
        let options = parsed(&row.look.options_json)?;
        let id = row.look.inspection_id;
        let mut inspection = row.look.inspection()?;
        let spans = spans(connection, id, id).await?;
        fill_in(&mut inspection, spans.get(&id))?;
        entries.push(InspectionEntry { store, version, inspected_at, options, inspection });
    }
    Ok(entries)
}

/// Numbers of observations and inspections that are so close are read as one range.
const CLOSE: i64 = 64;

/// What was found, up to a moment, in the versions of these observations; by digest and figures. How loud it was is
/// read of the digests in `heard` alone.
pub(super) async fn looks(
    connection: &mut Connection,
    mut observation_ids: Vec<i64>,
    as_of: WallTime,
    heard: &HashSet<&str>,
) -> Result<Vec<Look>, StoreError> {
    observation_ids.sort_unstable();
    let mut found: BTreeMap<(String, String), LookRow> = BTreeMap::new();
    for run in observation_ids.chunk_by(|a, b| b - a <= CLOSE) {
        let (Some(&first), Some(&last)) = (run.first(), run.last()) else { continue };
        let rows: Vec<LookOfDigest> = sqlx::query_as(
            "/* looks */ SELECT o.observation_id, o.sha256, i.inspection_id, i.options_json, i.video, i.audio,
                    i.start_us, i.duration_us, i.frames_decoded, i.problems_json
             FROM observation o JOIN inspection i USING (object_id, version)
             WHERE o.observation_id BETWEEN $1 AND $2 AND i.inspected_at_us <= $3
             ORDER BY i.inspection_id",
        )
        .bind(first)
        .bind(last)
        .bind(as_of.0)
        .fetch_all(&mut *connection)
        .await?;
        for LookOfDigest { observation_id, sha256, look } in rows {
            if run.binary_search(&observation_id).is_ok() {
                // Bytes that stand under two keys may have been looked at twice; one of the two will do.
                found.entry((sha256, look.options_json.clone())).or_insert(look);
            }
        }
    }
    let mut ids: Vec<i64> = found.values().map(|look| look.inspection_id).collect();
    ids.sort_unstable();
    let of_heard = found.iter().filter(|((sha256, _), _)| heard.contains(sha256.as_str()));
    let mut of_heard: Vec<i64> = of_heard.map(|(_, look)| look.inspection_id).collect();
    of_heard.sort_unstable();
    let mut all_sounds = traces::sounds(connection, &of_heard).await?;
    let (mut all_spans, mut all_pictures) = (BTreeMap::new(), BTreeMap::new());
    for run in ids.chunk_by(|a, b| b - a <= CLOSE) {
        if let (Some(&first), Some(&last)) = (run.first(), run.last()) {
            all_spans.append(&mut spans(connection, first, last).await?);
            all_pictures.append(&mut traces::pictures(connection, first, last).await?);
        }
    }
    let mut looks = Vec::with_capacity(found.len());
    for ((sha256, options_json), row) in found {
        let id = row.inspection_id;
        let mut inspection = row.inspection()?;
        fill_in(&mut inspection, all_spans.get(&id))?;
        let pictures = all_pictures.remove(&id).unwrap_or_default();
        let sound = all_sounds.remove(&id);
        looks.push(Look { sha256, options: parsed(&options_json)?, inspection, pictures, sound });
    }
    Ok(looks)
}

/// Stretches of one inspection with their kinds, in order.
type Spans = Vec<(String, MediaSpan)>;

async fn spans(
    connection: &mut Connection,
    first: i64,
    last: i64,
) -> Result<BTreeMap<i64, Spans>, StoreError> {
    let rows: Vec<(i64, String, i64, i64)> = sqlx::query_as(
        "/* spans */ SELECT inspection_id, kind, start_us, end_us FROM inspection_span
         WHERE inspection_id BETWEEN $1 AND $2 ORDER BY inspection_id, kind, start_us",
    )
    .bind(first)
    .bind(last)
    .fetch_all(connection)
    .await?;
    let mut spans: BTreeMap<i64, Spans> = BTreeMap::new();
    for (id, kind, start_us, end_us) in rows {
        let span = MediaSpan { start_us: MediaTime(start_us), end_us: MediaTime(end_us) };
        spans.entry(id).or_default().push((kind, span));
    }
    Ok(spans)
}

fn fill_in(inspection: &mut Inspection, spans: Option<&Spans>) -> Result<(), StoreError> {
    for (kind, span) in spans.into_iter().flatten() {
        let of_kind = match kind.as_str() {
            "black" => &mut inspection.black,
            "frozen" => &mut inspection.frozen,
            "silent" => &mut inspection.silent,
            "undecodable" => &mut inspection.undecodable,
            _ => return Err(StoreError::UnknownValue(kind.clone())),
        };
        of_kind.push(*span);
    }
    Ok(())
}

fn parsed<T: serde::de::DeserializeOwned>(json: &str) -> Result<T, StoreError> {
    serde_json::from_str(json).map_err(|error| StoreError::UnknownValue(error.to_string()))
}
