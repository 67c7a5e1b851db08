//! Reading observations back, with their streams, gaps, claims and problems.

use std::collections::BTreeMap;

use super::{Connection, unsigned};
use crate::observation::{
    KeyFacts, MediaSpan, Observation, Problem, StartClaim, StartSource, StreamIndex, TelemetrySummary,
};
use crate::store::StoreError;
use crate::time::{MediaTime, Micros, WallTime};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

/// The columns of an observation that queries select, by name or as an array in the order of its fields.
#[derive(Deserialize, sqlx::FromRow)]
pub(super) struct ObservationRow {
    pub(super) observation_id: i64,
    pub(super) version: i64,
    pub(super) observed_at_us: i64,
    size_bytes: i64,
    sha256: String,
    sm3: Option<String>,
    container: Option<String>,
    device: Option<String>,
    badge: Option<String>,
    seq: Option<String>,
    started_at_us: Option<i64>,
    started_at_source: Option<String>,
    clock_error_us: Option<i64>,
    duration_us: Option<i64>,
    /// 0 or 1.
    pub(super) quarantined: i64,
}

/// The parts of the observations in `$1`, a JSON array of numbers: a column a table, each a JSON array of arrays.
const PARTS: &str = concat!(
    "/* Parts::load */ WITH asked (id) AS ",
    integers!("$1"),
    " SELECT ",
    list!(array!("observation_id", "source", "started_at_us", "error_us");
        concat!("start_claim WHERE ", one_of_asked!("observation_id")); "observation_id, source"),
    ", ",
    list!(array!("observation_id", "stream_index", "kind", "codec", "packets", "keyframes", "size_bytes", "start_us",
            "end_us", "interval_us");
        concat!("stream WHERE ", one_of_asked!("observation_id")); "observation_id, stream_index"),
    ", ",
    list!(array!("observation_id", "stream_index", "start_us", "end_us");
        concat!("stream_gap WHERE ", one_of_asked!("observation_id")); "observation_id, stream_index, start_us"),
    ", ",
    list!(array!("observation_id", "code", "detail");
        concat!("problem WHERE ", one_of_asked!("observation_id")); "observation_id, position"),
    ", ",
    list!(array!("observation_id", "kind", "samples", "CASE WHEN supported THEN 1 ELSE 0 END", "set_key");
        concat!("telemetry WHERE ", one_of_asked!("observation_id")); "observation_id, position")
);

/// The parts of observations, by the number of the observation.
#[derive(Default)]
pub(super) struct Parts {
    claims: BTreeMap<i64, Vec<StartClaim>>,
    streams: BTreeMap<i64, Vec<StreamIndex>>,
    problems: BTreeMap<i64, Vec<Problem>>,
    telemetry: BTreeMap<i64, Vec<TelemetrySummary>>,
}

impl Parts {
    /// Loads the parts of these observations, however many there are and wherever they stand: with one statement and in one
    /// row. A statement or a row is handed from thread to thread, which costs more than reading a few of them.
    pub(super) async fn load(
        connection: &mut Connection,
        ids: impl Iterator<Item = i64>,
    ) -> Result<Self, StoreError> {
        let ids: Vec<i64> = ids.collect();
        let mut parts = Self::default();
        if ids.is_empty() {
            return Ok(parts);
        }
        let (claims, streams, gaps, problems, telemetry): (String, String, String, String, String) =
            sqlx::query_as(PARTS).bind(json!(ids).to_string()).fetch_one(connection).await?;
        for (id, source, started_at_us, error_us) in of_json::<(i64, String, i64, i64)>(&claims)? {
            parts.claims.entry(id).or_default().push(StartClaim {
                source: source.parse()?,
                started_at: WallTime(started_at_us),
                error_us: Micros(error_us),
            });
        }
        parts.take_streams(&streams, &gaps)?;
        for (id, code, detail) in of_json::<(i64, String, String)>(&problems)? {
            parts.problems.entry(id).or_default().push(Problem { code: code.parse()?, detail });
        }
        for (id, kind, samples, supported, key) in of_json::<TelemetryRow>(&telemetry)? {
            let supported = supported != 0;
            let track = TelemetrySummary { kind, samples: unsigned(samples)?, supported, key };
            parts.telemetry.entry(id).or_default().push(track);
        }
        Ok(parts)
    }

    fn take_streams(&mut self, streams: &str, spans: &str) -> Result<(), StoreError> {
        let mut gaps: BTreeMap<(i64, i64), Vec<MediaSpan>> = BTreeMap::new();
        for (id, index, start_us, end_us) in of_json::<(i64, i64, i64, i64)>(spans)? {
            let gap = MediaSpan { start_us: MediaTime(start_us), end_us: MediaTime(end_us) };
            gaps.entry((id, index)).or_default().push(gap);
        }
        for row in of_json::<StreamRow>(streams)? {
            self.streams.entry(row.observation_id).or_default().push(StreamIndex {
                index: unsigned(row.stream_index)?,
                kind: row.kind.parse()?,
                codec: row.codec,
                packets: unsigned(row.packets)?,
                keyframes: unsigned(row.keyframes)?,
                size_bytes: unsigned(row.size_bytes)?,
                start_us: row.start_us.map(MediaTime),
                end_us: row.end_us.map(MediaTime),
                interval_us: row.interval_us.map(Micros),
                gaps: gaps.remove(&(row.observation_id, row.stream_index)).unwrap_or_default(),
            });
        }
        Ok(())
    }

    /// Puts an observation together; its parts are taken out.
    pub(super) fn observation(&mut self, row: ObservationRow) -> Result<Observation, StoreError> {
        let id = row.observation_id;
        let start_claims = self.claims.remove(&id).unwrap_or_default();
        let named_at = start_claims.iter().find(|claim| claim.source == StartSource::FileName);
        Ok(Observation {
            size_bytes: unsigned(row.size_bytes)?,
            sha256: row.sha256,
            sm3: row.sm3,
            container: row.container,
            key: KeyFacts {
                device: row.device,
                badge: row.badge,
                started_at: named_at.map(|claim| claim.started_at),
                seq: row.seq,
            },
            started_at: row.started_at_us.map(WallTime),
            started_at_source: row.started_at_source.as_deref().map(str::parse).transpose()?,
            clock_error_us: row.clock_error_us.map(Micros),
            start_claims: by_trust(start_claims),
            duration_us: row.duration_us.map(Micros),
            streams: self.streams.remove(&id).unwrap_or_default(),
            telemetry: self.telemetry.remove(&id).unwrap_or_default(),
            problems: self.problems.remove(&id).unwrap_or_default(),
        })
    }
}

/// Claims in the order of their sources.
fn by_trust(mut claims: Vec<StartClaim>) -> Vec<StartClaim> {
    claims.sort_by_key(|claim| claim.source);
    claims
}

/// Rows that a statement gave as one JSON array.
pub(in super::super) fn of_json<T: DeserializeOwned>(text: &str) -> Result<Vec<T>, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::UnknownValue(format!("rows as JSON: {error}")))
}

/// A telemetry stream as an array: observation, kind, samples, whether it is supported, key of its set.
type TelemetryRow = (i64, String, i64, i64, Option<String>);

/// A stream as an array in the order of its fields.
#[derive(Deserialize)]
struct StreamRow {
    observation_id: i64,
    stream_index: i64,
    kind: String,
    codec: String,
    packets: i64,
    keyframes: i64,
    size_bytes: i64,
    start_us: Option<i64>,
    end_us: Option<i64>,
    interval_us: Option<i64>,
}
