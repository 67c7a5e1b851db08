//! Stores, objects, and the recording of readings.

use serde_json::json;

use super::{Pool, Tx, chunks, numbered, signed, tracks, unsigned};
use crate::observation::Observation;
use crate::store::{ObjectEntry, Reading, Recorded, StoreEntry, StoreError, StoreId};
use crate::time::{Micros, WallTime};

pub(super) async fn stores(pool: &Pool) -> Result<Vec<StoreEntry>, StoreError> {
    let rows: Vec<(i64, String)> =
        sqlx::query_as("/* stores */ SELECT store_id, url FROM store ORDER BY url").fetch_all(pool).await?;
    Ok(rows.into_iter().map(|(id, url)| StoreEntry { id: StoreId(id), url }).collect())
}

pub(super) async fn add_store(tx: &mut Tx, url: &str, at: WallTime) -> Result<StoreEntry, StoreError> {
    let known: Option<i64> = sqlx::query_scalar("/* add_store */ SELECT store_id FROM store WHERE url = $1")
        .bind(url)
        .fetch_optional(&mut **tx)
        .await?;
    if let Some(id) = known {
        return Ok(StoreEntry { id: StoreId(id), url: url.to_owned() });
    }
    let id: i64 = sqlx::query_scalar(
        "/* add_store */ INSERT INTO store (url, added_at_us) VALUES ($1, $2) RETURNING store_id",
    )
    .bind(url)
    .bind(at.0)
    .fetch_one(&mut **tx)
    .await?;
    tx.wrote("store", &numbered(id), at);
    Ok(StoreEntry { id: StoreId(id), url: url.to_owned() })
}

type EntryRow = (String, String, bool, bool, bool, Option<i64>);

fn entry(row: EntryRow) -> ObjectEntry {
    let (object_key, signature, gone, quarantined, sidecar_claim, duration_us) = row;
    let duration_us = duration_us.map(Micros);
    ObjectEntry { object_key, signature, gone, quarantined, sidecar_claim, duration_us }
}

/// What is known of the objects `b` of store $1, by their present readings.
macro_rules! entries {
    ($function:literal, $which:expr) => {
        concat!(
            "/* ",
            $function,
            " */ SELECT b.object_key, b.signature, b.gone_at_us IS NOT NULL, o.quarantined,
                EXISTS (SELECT 1 FROM start_claim c
                        WHERE c.observation_id = o.observation_id AND c.source = 'sidecar'),
                o.duration_us
         FROM object b JOIN observation o USING (object_id, version, reading)
         WHERE b.store_id = $1",
            $which
        )
    };
}

pub(super) async fn objects(pool: &Pool, store: StoreId) -> Result<Vec<ObjectEntry>, StoreError> {
    let rows: Vec<EntryRow> =
        sqlx::query_as(entries!("objects", " ORDER BY b.object_key")).bind(store.0).fetch_all(pool).await?;
    Ok(rows.into_iter().map(entry).collect())
}

pub(super) async fn objects_named(
    pool: &Pool,
    store: StoreId,
    object_keys: &[String],
) -> Result<Vec<ObjectEntry>, StoreError> {
    let named = entries!("objects_named", concat!(" AND b.object_key IN ", texts!("$2")));
    let rows: Vec<EntryRow> =
        sqlx::query_as(named).bind(store.0).bind(json!(object_keys).to_string()).fetch_all(pool).await?;
    Ok(rows.into_iter().map(entry).collect())
}

/// What the catalog knows of an object that is read again.
#[derive(sqlx::FromRow)]
struct Present {
    object_id: i64,
    observation_id: i64,
    version: i64,
    reading: i64,
    sha256: String,
    quarantined: bool,
    gone: bool,
}

pub(super) async fn record(tx: &mut Tx, reading: &Reading<'_>) -> Result<Recorded, StoreError> {
    let present: Option<Present> = sqlx::query_as(
        "/* record */ SELECT b.object_id, o.observation_id, b.version, b.reading, o.sha256, o.quarantined,
                b.gone_at_us IS NOT NULL AS gone
         FROM object b JOIN observation o USING (object_id, version, reading)
         WHERE b.store_id = $1 AND b.object_key = $2",
    )
    .bind(reading.store.0)
    .bind(reading.object_key)
    .fetch_optional(&mut **tx)
    .await?;
    let observation = reading.observation;
    let quarantined = observation.quarantine_reason().is_some();
    let Some(present) = present else {
        let object_id: i64 = sqlx::query_scalar(
            "/* record */ INSERT INTO object (store_id, object_key, signature, version, reading)
             VALUES ($1, $2, $3, 1, 1) RETURNING object_id",
        )
        .bind(reading.store.0)
        .bind(reading.object_key)
        .bind(reading.signature)
        .fetch_one(&mut **tx)
        .await?;
        add_observation(tx, object_id, 1, 1, reading, quarantined).await?;
        chunks::add_list(tx, object_id, 1, reading).await?;
        record_event(tx, "observed", reading, 1);
        return Ok(Recorded::New);
    };

    let same_bytes = present.sha256 == observation.sha256;
    let (recorded, version, number) = if !same_bytes {
        (Recorded::Altered { version: unsigned(present.version + 1)? }, present.version + 1, 1)
    } else if !quarantined
        && (present.quarantined || claims_more(tx, present.observation_id, observation).await?)
    {
        (Recorded::Reread, present.version, present.reading + 1)
    } else {
        (Recorded::SameBytes, present.version, present.reading)
    };
    sqlx::query(
        "/* record */ UPDATE object SET signature = $2, version = $3, reading = $4, gone_at_us = NULL
         WHERE object_id = $1",
    )
    .bind(present.object_id)
    .bind(reading.signature)
    .bind(version)
    .bind(number)
    .execute(&mut **tx)
    .await?;
    chunks::add_list(tx, present.object_id, version, reading).await?;
    if !same_bytes {
        chunks::add_altered(tx, present.object_id, version, reading).await?;
    }
    if recorded != Recorded::SameBytes {
        add_observation(tx, present.object_id, version, number, reading, quarantined).await?;
        let kind = if recorded == Recorded::Reread { "observed" } else { "altered" };
        record_event(tx, kind, reading, version);
    }
    if present.gone {
        record_event(tx, "returned", reading, version);
    }
    Ok(recorded)
}

/// Whether a new reading knows of a source of the start that the present one does not.
async fn claims_more(tx: &mut Tx, present: i64, observation: &Observation) -> Result<bool, StoreError> {
    let known: Vec<String> =
        sqlx::query_scalar("/* claims_more */ SELECT source FROM start_claim WHERE observation_id = $1")
            .bind(present)
            .fetch_all(&mut **tx)
            .await?;
    let is_new = |source: &str| known.iter().all(|known| known != source);
    Ok(observation.start_claims.iter().any(|claim| is_new(claim.source.as_str())))
}

fn record_event(tx: &mut Tx, kind: &str, reading: &Reading<'_>, version: i64) {
    let detail = json!({
        "store": reading.store.0,
        "version": version,
        "size_bytes": reading.observation.size_bytes,
        "sha256": reading.observation.sha256,
        "quarantined": reading.observation.quarantine_reason().map(|problem| problem.code.as_str()),
    });
    tx.happened(reading.observed_at, kind, reading.object_key, &detail);
}

async fn add_observation(
    tx: &mut Tx,
    object_id: i64,
    version: i64,
    number: i64,
    reading: &Reading<'_>,
    quarantined: bool,
) -> Result<(), StoreError> {
    let observation = reading.observation;
    let id: i64 = sqlx::query_scalar(
        "/* add_observation */ INSERT INTO observation
             (object_id, version, reading, signature, observed_at_us, size_bytes, sha256, sm3, container,
              device, badge, seq, started_at_us, started_at_source, clock_error_us, origin_us, duration_us,
              quarantined, sidecar, written_at_us)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
         RETURNING observation_id",
    )
    .bind(object_id)
    .bind(version)
    .bind(number)
    .bind(reading.signature)
    .bind(reading.observed_at.0)
    .bind(signed(observation.size_bytes)?)
    .bind(&observation.sha256)
    .bind(&observation.sm3)
    .bind(&observation.container)
    .bind(&observation.key.device)
    .bind(&observation.key.badge)
    .bind(&observation.key.seq)
    .bind(observation.started_at.map(|time| time.0))
    .bind(observation.started_at_source.map(crate::observation::StartSource::as_str))
    .bind(observation.clock_error_us.map(|error| error.0))
    .bind(observation.origin().map(|origin| origin.0))
    .bind(observation.duration_us.map(|duration| duration.0))
    .bind(quarantined)
    .bind(observation.is_sidecar())
    .bind(reading.written_at.map(|time| time.0))
    .fetch_one(&mut **tx)
    .await?;
    tx.wrote("observation", &numbered(id), reading.observed_at);
    add_parts(tx, id, observation).await?;
    tracks::add(tx, id, reading.tracks).await
}

async fn add_parts(tx: &mut Tx, id: i64, observation: &Observation) -> Result<(), StoreError> {
    for claim in &observation.start_claims {
        sqlx::query(
            "/* add_parts */ INSERT INTO start_claim (observation_id, source, started_at_us, error_us)
             VALUES ($1, $2, $3, $4)",
        )
        .bind(id)
        .bind(claim.source.as_str())
        .bind(claim.started_at.0)
        .bind(claim.error_us.0)
        .execute(&mut **tx)
        .await?;
    }
    for stream in &observation.streams {
        sqlx::query(
            "/* add_parts */ INSERT INTO stream (observation_id, stream_index, kind, codec, packets, keyframes,
                 size_bytes, start_us, end_us, interval_us)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(id)
        .bind(i64::from(stream.index))
        .bind(stream.kind.as_str())
        .bind(&stream.codec)
        .bind(signed(stream.packets)?)
        .bind(signed(stream.keyframes)?)
        .bind(signed(stream.size_bytes)?)
        .bind(stream.start_us.map(|start| start.0))
        .bind(stream.end_us.map(|end| end.0))
        .bind(stream.interval_us.map(|interval| interval.0))
        .execute(&mut **tx)
        .await?;
        for gap in &stream.gaps {
            sqlx::query(
                "/* add_parts */ INSERT INTO stream_gap (observation_id, stream_index, start_us, end_us)
                 VALUES ($1, $2, $3, $4)",
            )
            .bind(id)
            .bind(i64::from(stream.index))
            .bind(gap.start_us.0)
            .bind(gap.end_us.0)
            .execute(&mut **tx)
            .await?;
        }
    }
    for (position, problem) in (0_i64..).zip(&observation.problems) {
        sqlx::query(
            "/* add_parts */ INSERT INTO problem (observation_id, position, code, detail) VALUES ($1, $2, $3, $4)",
        )
        .bind(id)
        .bind(position)
        .bind(problem.code.as_str())
        // What a file says of itself may hold a zero, which PostgreSQL keeps in no text.
        .bind(problem.detail.replace('\0', "\u{fffd}"))
        .execute(&mut **tx)
        .await?;
    }
    for (position, track) in (0_i64..).zip(&observation.telemetry) {
        sqlx::query(
            "/* add_parts */ INSERT INTO telemetry (observation_id, position, kind, samples, supported, set_key)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(id)
        .bind(position)
        .bind(&track.kind)
        .bind(signed(track.samples)?)
        .bind(track.supported)
        .bind(&track.key)
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

pub(super) async fn mark_gone(
    tx: &mut Tx,
    store: StoreId,
    keys: &[String],
    at: WallTime,
) -> Result<u64, StoreError> {
    let mut marked = 0;
    for key in keys {
        let changed = sqlx::query(
            "/* mark_gone */ UPDATE object SET gone_at_us = $3
             WHERE store_id = $1 AND object_key = $2 AND gone_at_us IS NULL",
        )
        .bind(store.0)
        .bind(key)
        .bind(at.0)
        .execute(&mut **tx)
        .await?
        .rows_affected();
        if changed > 0 {
            tx.happened(at, "gone", key, &json!({ "store": store.0 }));
            marked += changed;
        }
    }
    Ok(marked)
}
