//! Telemetry tracks: written with their observation, read by key.

use super::{Connection, Pool, Tx, signed, unsigned};
use crate::store::{StoreError, StoreId};
use crate::time::{Micros, WallTime};
use crate::track::{SidecarClock, Thinning, Track, TrackClock, TrackEntry};

pub(super) async fn add(tx: &mut Tx, observation_id: i64, tracks: &[Track]) -> Result<(), StoreError> {
    for (position, track) in (0_i64..).zip(tracks) {
        let clock = track.clock;
        let span = track.first_at.zip(track.last_at);
        sqlx::query(
            "/* tracks::add */ INSERT INTO track (observation_id, position, kind, stream_index, samples_read,
                 units_with_position, clock_kind, zero_at_us, zero_error_us, zero_samples, first_at_us, last_at_us,
                 position_error_m, vertical_error_m, angle_error_deg, clock_error_us, points_json, notes_json)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
        )
        .bind(observation_id)
        .bind(position)
        .bind(&track.kind)
        .bind(track.stream_index.map(i64::from))
        .bind(signed(track.samples_read)?)
        .bind(signed(track.units_with_position)?)
        .bind(clock.map(|clock| clock.kind.as_str()))
        .bind(clock.map(|clock| clock.zero_at.0))
        .bind(clock.map(|clock| clock.error_us.0))
        .bind(clock.map(|clock| signed(clock.samples)).transpose()?)
        .bind(span.map(|(first, _)| first.0))
        .bind(span.map(|(_, last)| last.0))
        .bind(track.thinning.map(|thinning| thinning.position_m))
        .bind(track.thinning.map(|thinning| thinning.vertical_m))
        .bind(track.thinning.map(|thinning| thinning.angle_deg))
        .bind(track.thinning.map(|thinning| thinning.clock_us.0))
        .bind(json_text(&track.points)?)
        .bind(json_text(&track.notes)?)
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

/// The columns of a clock, a span and what a store says beside them.
#[derive(sqlx::FromRow)]
struct ClockRow {
    clock_kind: Option<String>,
    zero_at_us: Option<i64>,
    zero_error_us: Option<i64>,
    zero_samples: Option<i64>,
    first_at_us: Option<i64>,
    last_at_us: Option<i64>,
}

impl ClockRow {
    fn clock(&self) -> Result<Option<TrackClock>, StoreError> {
        let (Some(kind), Some(zero_at_us)) = (&self.clock_kind, self.zero_at_us) else { return Ok(None) };
        Ok(Some(TrackClock {
            kind: kind.parse()?,
            zero_at: WallTime(zero_at_us),
            error_us: Micros(self.zero_error_us.unwrap_or(0)),
            samples: unsigned(self.zero_samples.unwrap_or(0))?,
        }))
    }
}

#[derive(sqlx::FromRow)]
struct TrackRow {
    kind: String,
    stream_index: Option<i64>,
    samples_read: i64,
    units_with_position: i64,
    #[sqlx(flatten)]
    clock: ClockRow,
    position_error_m: Option<f64>,
    vertical_error_m: Option<f64>,
    angle_error_deg: Option<f64>,
    clock_error_us: Option<i64>,
    points_json: String,
    notes_json: String,
}

impl TrackRow {
    fn thinning(&self) -> Option<Thinning> {
        Some(Thinning {
            position_m: self.position_error_m?,
            vertical_m: self.vertical_error_m?,
            angle_deg: self.angle_error_deg?,
            clock_us: Micros(self.clock_error_us?),
        })
    }

    fn track(self) -> Result<Track, StoreError> {
        Ok(Track {
            clock: self.clock.clock()?,
            thinning: self.thinning(),
            points: from_json(&self.points_json)?,
            notes: from_json(&self.notes_json)?,
            kind: self.kind,
            stream_index: self.stream_index.map(unsigned).transpose()?,
            samples_read: unsigned(self.samples_read)?,
            units_with_position: unsigned(self.units_with_position)?,
            first_at: self.clock.first_at_us.map(WallTime),
            last_at: self.clock.last_at_us.map(WallTime),
        })
    }
}

#[derive(sqlx::FromRow)]
struct EntryRow {
    url: String,
    #[sqlx(flatten)]
    track: TrackRow,
}

/// The tracks of one observation, in order.
pub(super) async fn of_observation(
    connection: &mut Connection,
    observation_id: i64,
) -> Result<Vec<Track>, StoreError> {
    let rows: Vec<TrackRow> = sqlx::query_as(
        "/* tracks::of_observation */
         SELECT t.kind, t.stream_index, t.samples_read, t.units_with_position, t.clock_kind, t.zero_at_us,
                t.zero_error_us, t.zero_samples, t.first_at_us, t.last_at_us, t.position_error_m,
                t.vertical_error_m, t.angle_error_deg, t.clock_error_us, t.points_json, t.notes_json
         FROM track t WHERE t.observation_id = $1 ORDER BY t.position",
    )
    .bind(observation_id)
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(TrackRow::track).collect()
}

pub(super) async fn of_key(pool: &Pool, object_key: &str) -> Result<Vec<TrackEntry>, StoreError> {
    let rows: Vec<EntryRow> = sqlx::query_as(
        "/* tracks::of_key */
         SELECT s.url, t.kind, t.stream_index, t.samples_read, t.units_with_position, t.clock_kind, t.zero_at_us,
                t.zero_error_us, t.zero_samples, t.first_at_us, t.last_at_us, t.position_error_m,
                t.vertical_error_m, t.angle_error_deg, t.clock_error_us, t.points_json, t.notes_json
         FROM object b JOIN observation o USING (object_id, version, reading) JOIN store s USING (store_id)
         JOIN track t USING (observation_id)
         WHERE b.object_key = $1 ORDER BY s.url, t.position",
    )
    .bind(object_key)
    .fetch_all(pool)
    .await?;
    rows.into_iter().map(|row| Ok(TrackEntry { store: row.url, track: row.track.track()? })).collect()
}

#[derive(sqlx::FromRow)]
struct SidecarRow {
    object_key: String,
    #[sqlx(flatten)]
    clock: ClockRow,
}

pub(super) async fn sidecar_clocks(pool: &Pool, store: StoreId) -> Result<Vec<SidecarClock>, StoreError> {
    let rows: Vec<SidecarRow> = sqlx::query_as(
        "/* sidecar_clocks */
         SELECT b.object_key, t.clock_kind, t.zero_at_us, t.zero_error_us, t.zero_samples, t.first_at_us,
                t.last_at_us
         FROM object b JOIN observation o USING (object_id, version, reading) JOIN track t USING (observation_id)
         WHERE b.store_id = $1 AND b.gone_at_us IS NULL AND o.sidecar AND NOT o.quarantined
         ORDER BY b.object_key, t.position",
    )
    .bind(store.0)
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(SidecarClock {
                clock: row.clock.clock()?,
                first_at: row.clock.first_at_us.map(WallTime),
                last_at: row.clock.last_at_us.map(WallTime),
                object_key: row.object_key,
            })
        })
        .collect()
}

fn json_text<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::UnknownValue(error.to_string()))
}

fn from_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::UnknownValue(error.to_string()))
}
