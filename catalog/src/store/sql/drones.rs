//! Loading one month of drones as plain values.

use std::collections::BTreeSet;

use super::observations::{ObservationRow, Parts};
use super::snapshot;
use super::{Connection, Pool, tracks, unsigned};
use crate::device::DeviceKind;
use crate::drone::{Area, Dock, Sortie};
use crate::drone_month::{DroneMonth, FoundTrack};
use crate::observation::StreamKind;
use crate::snapshot::{Arrival, Recording};
use crate::store::StoreError;
use crate::time::{MediaTime, Micros, Month, WallTime};
use crate::track::{name, stem};

/// Recordings that begin up to this long before or after may belong to a flight.
const MARGIN: Micros = Micros::from_s(24 * 3600);

pub(super) async fn month(
    connection: &mut Connection,
    month: Month,
    since: WallTime,
    as_of: WallTime,
) -> Result<DroneMonth, StoreError> {
    let until = month.interval().end;
    let sorties = sorties(connection, since, until).await?;
    let found = recordings(connection, since, until, as_of).await?;
    let tracks = tracks(connection, &found, &sorties, as_of).await?;
    let mut drones = snapshot::devices(connection).await?;
    drones.retain(|device| device.kind == DeviceKind::Drone);
    Ok(DroneMonth {
        month,
        as_of,
        since,
        units: snapshot::units(connection).await?,
        drones,
        docks: docks(connection).await?,
        areas: areas(connection).await?,
        sorties,
        recordings: found.into_iter().map(|(_, recording)| recording).collect(),
        tracks,
    })
}

pub(super) async fn months(pool: &Pool) -> Result<Vec<Month>, StoreError> {
    // As for stages: months are local, and SQL does not know the zone.
    let days: Vec<i64> = sqlx::query_scalar(
        "/* flown_months */ SELECT DISTINCT (took_off_at_us + 28800000000) / 86400000000 AS day FROM sortie
         ORDER BY day",
    )
    .fetch_all(pool)
    .await?;
    let mut months: Vec<Month> =
        days.into_iter().filter_map(|day| WallTime(day * 86_400_000_000 - 28_800_000_000).month()).collect();
    months.dedup();
    Ok(months)
}

async fn docks(connection: &mut Connection) -> Result<Vec<Dock>, StoreError> {
    let rows: Vec<(String, String, String, f64, f64, f64)> =
        sqlx::query_as("/* docks */ SELECT code, name, unit, lon, lat, radius_m FROM dock ORDER BY code")
            .fetch_all(connection)
            .await?;
    Ok(rows
        .into_iter()
        .map(|(code, name, unit, lon, lat, radius_m)| Dock { code, name, unit, lon, lat, radius_m })
        .collect())
}

async fn areas(connection: &mut Connection) -> Result<Vec<Area>, StoreError> {
    let rows: Vec<(String, String, Option<String>, String)> =
        sqlx::query_as("/* areas */ SELECT name, kind, sub_district, polygons_json FROM area ORDER BY name")
            .fetch_all(connection)
            .await?;
    rows.into_iter()
        .map(|(name, kind, sub_district, polygons_json)| {
            let polygons = serde_json::from_str(&polygons_json)
                .map_err(|error| StoreError::UnknownValue(format!("polygons of {name}: {error}")))?;
            Ok(Area { name, kind: kind.parse()?, sub_district, polygons })
        })
        .collect()
}

#[derive(sqlx::FromRow)]
struct SortieRow {
    sortie: String,
    dock: Option<String>,
    device: String,
    took_off_at_us: i64,
    landed_at_us: i64,
    object_key: Option<String>,
    track: Option<String>,
    status: String,
    note: Option<String>,
}

async fn sorties(
    connection: &mut Connection,
    since: WallTime,
    until: WallTime,
) -> Result<Vec<Sortie>, StoreError> {
    let rows: Vec<SortieRow> = sqlx::query_as(
        "/* sorties */ SELECT sortie, dock, device, took_off_at_us, landed_at_us, object_key, track, status, note
         FROM sortie WHERE took_off_at_us >= $1 AND took_off_at_us < $2 ORDER BY took_off_at_us, sortie",
    )
    .bind(since.0)
    .bind(until.0)
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Sortie {
                sortie: row.sortie,
                dock: row.dock,
                device: row.device,
                took_off_at: WallTime(row.took_off_at_us),
                landed_at: WallTime(row.landed_at_us),
                object_key: row.object_key,
                track: row.track,
                status: row.status.parse()?,
                note: row.note,
            })
        })
        .collect()
}

#[derive(sqlx::FromRow)]
struct RecordingRow {
    object_key: String,
    gone: bool,
    #[sqlx(flatten)]
    observation: ObservationRow,
}

/// The recordings, each with the number of its observation. Drones are few: their recordings are read whole.
async fn recordings(
    connection: &mut Connection,
    since: WallTime,
    until: WallTime,
    as_of: WallTime,
) -> Result<Vec<(i64, Recording)>, StoreError> {
    // `known`: of each object, the last reading as of the moment.
    let rows: Vec<RecordingRow> = sqlx::query_as(
        "/* drone_recordings */
         WITH known AS (
             SELECT o.* FROM observation o
             WHERE o.observed_at_us <= $3 AND NOT o.sidecar
               AND NOT EXISTS (
                 SELECT 1 FROM observation n
                 WHERE n.object_id = o.object_id AND n.observed_at_us <= $3
                   AND (n.version, n.reading) > (o.version, o.reading))
         )
         SELECT b.object_key, coalesce(b.gone_at_us <= $3, FALSE) AS gone,
                k.observation_id, k.version, k.observed_at_us, k.size_bytes, k.sha256, k.sm3, k.container,
                k.device, k.badge, k.seq, k.started_at_us, k.started_at_source, k.clock_error_us, k.duration_us,
                CAST(CASE WHEN k.quarantined THEN 1 ELSE 0 END AS BIGINT) AS quarantined
         FROM known k JOIN object b USING (object_id)
         WHERE (k.device IN (SELECT serial FROM device WHERE kind = 'drone')
                AND (k.started_at_us >= $1 AND k.started_at_us < $2 OR k.started_at_us IS NULL))
            OR b.object_key IN (
                 SELECT object_key FROM sortie WHERE took_off_at_us >= $4 AND took_off_at_us < $5)
         ORDER BY b.object_key, b.object_id",
    )
    .bind((since + -MARGIN).0)
    .bind((until + MARGIN).0)
    .bind(as_of.0)
    .bind(since.0)
    .bind(until.0)
    .fetch_all(&mut *connection)
    .await?;
    let mut parts = Parts::load(connection, rows.iter().map(|row| row.observation.observation_id)).await?;
    rows.into_iter()
        .map(|row| {
            let number = row.observation.observation_id;
            let version = unsigned(row.observation.version)?;
            let observation = parts.observation(row.observation)?;
            let recording = Recording {
                object_key: row.object_key,
                version,
                // Alterations are the audit's to find.
                first_sha256: None,
                origin_us: observation.origin().unwrap_or(MediaTime::ZERO),
                video: observation.spans(StreamKind::Video),
                audio: observation.spans(StreamKind::Audio),
                sha256: observation.sha256,
                size_bytes: observation.size_bytes,
                device: observation.key.device,
                badge: observation.key.badge,
                started_at: observation.started_at,
                started_at_source: observation.started_at_source,
                clock_error_us: observation.clock_error_us.unwrap_or(Micros::ZERO),
                start_claims: observation.start_claims,
                problems: observation.problems,
                gone: row.gone,
                arrival: Arrival::default(),
            };
            Ok((number, recording))
        })
        .collect()
}

async fn tracks(
    connection: &mut Connection,
    recordings: &[(i64, Recording)],
    sorties: &[Sortie],
    as_of: WallTime,
) -> Result<Vec<FoundTrack>, StoreError> {
    let sidecars: Vec<(String, i64)> = sqlx::query_as(
        "/* drone_sidecars */
         SELECT b.object_key, o.observation_id FROM observation o JOIN object b USING (object_id)
         WHERE o.observed_at_us <= $1 AND o.sidecar AND NOT o.quarantined
           AND (b.gone_at_us IS NULL OR b.gone_at_us > $1)
           AND NOT EXISTS (
             SELECT 1 FROM observation n
             WHERE n.object_id = o.object_id AND n.observed_at_us <= $1
               AND (n.version, n.reading) > (o.version, o.reading))
         ORDER BY b.object_key, b.object_id",
    )
    .bind(as_of.0)
    .fetch_all(&mut *connection)
    .await?;
    let beside: BTreeSet<String> =
        recordings.iter().map(|(_, recording)| stem(&recording.object_key)).collect();
    let named: BTreeSet<&str> = sorties.iter().filter_map(|sortie| sortie.track.as_deref()).collect();
    let wanted = |key: &str| beside.contains(&stem(key)) || named.contains(key) || named.contains(name(key));
    let mut of: Vec<(String, bool, i64)> =
        recordings.iter().map(|(number, recording)| (recording.object_key.clone(), false, *number)).collect();
    of.extend(sidecars.into_iter().filter(|(key, _)| wanted(key)).map(|(key, number)| (key, true, number)));
    of.sort();
    let mut found = Vec::new();
    for (object_key, sidecar, number) in of {
        for track in tracks::of_observation(connection, number).await? {
            found.push(FoundTrack { object_key: object_key.clone(), sidecar, track });
        }
    }
    Ok(found)
}
