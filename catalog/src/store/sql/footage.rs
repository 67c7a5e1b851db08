//! Loading the recordings of a month: the one part of a snapshot that is large.
//!
//! A city's month has a million of them, so nothing is looked up recording by recording. One statement
//! streams the recordings in the order of their numbers; streams, gaps, claims and problems, which the
//! schema keeps in that order, are streamed beside them and put in their place as they come. Nothing but
//! the recordings themselves is ever held, and only the columns that judging needs are read. Where looking an object up for
//! each recording is dear ([`engine::OBJECTS_APART`]), objects are streamed beside them as well.

use std::collections::HashSet;

use futures::TryStreamExt;
use sqlx::Row;

use super::listings::Listings;
use super::{Connection, EngineRow, engine, unsigned};
use crate::interval::{Interval, IntervalSet};
use crate::observation::{Problem, StartClaim, StreamKind};
use crate::snapshot::{Arrival, Recording};
use crate::store::{StoreError, StoreId};
use crate::time::{MediaTime, Micros, WallTime};

/// Observations whose numbers differ by at most this much are read as one range.
const CLOSE: i64 = 1024;

/// Readings that are looked up by their numbers at once.
const AT_ONCE: usize = 10_000;

/// What a recording's row says, before its parts are known.
struct Loaded {
    observation_id: i64,
    object_id: i64,
    reading: i64,
    recording: Recording,
}

/// Which recordings: those that begin from `from` until `until`, those of unknown start, those linked to
/// stages that begin from `stages_from` until `stages_until`, and those with the digest of one of these;
/// each as it was known at `as_of`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    pub(super) from: WallTime,
    pub(super) until: WallTime,
    pub(super) stages_from: WallTime,
    pub(super) stages_until: WallTime,
    pub(super) as_of: WallTime,
}

/// What a recording's row is, of the readings of its object that were made by `$1` the last one; no sidecars,
/// except what was footage once and was overwritten. `$filter` says of which observations.
macro_rules! known {
    ($function:literal, $($filter:tt)+) => {
        readings!(
            $function, "b.object_key, coalesce(b.gone_at_us <= $1, FALSE), b.store_id", object_of_each!(),
            "((o.version = b.version AND o.reading = b.reading) OR NOT EXISTS (
                SELECT 1 FROM observation n
                WHERE n.object_id = o.object_id AND n.observed_at_us <= $1
                  AND (n.version, n.reading) > (o.version, o.reading))) AND ",
            $($filter)+
        )
    };
}

/// The readings that were made by `$1` and of which `$which` is so, with `$object` of their objects, which `$join` joins to
/// them.
macro_rules! readings {
    ($function:literal, $object:literal, $join:expr, $($which:tt)+) => {
        concat!(
            "/* ", $function, " */
             SELECT o.observation_id, o.object_id, ", $object, ", o.reading,
                    CASE WHEN o.version > 1 THEN (
                        SELECT f.sha256 FROM observation f
                        WHERE f.object_id = o.object_id AND f.version = 1 ORDER BY f.reading LIMIT 1) END,
                    o.version, o.size_bytes, o.sha256, o.device, o.badge, o.started_at_us, o.started_at_source,
                    o.clock_error_us,
                    CASE WHEN o.version = 1 AND o.reading = 1 THEN o.observed_at_us ELSE (
                        SELECT f.observed_at_us FROM observation f
                        WHERE f.object_id = o.object_id AND f.version = 1 AND f.reading = 1) END,
                    CASE WHEN o.version = 1 AND o.reading = 1 THEN o.written_at_us ELSE (
                        SELECT f.written_at_us FROM observation f
                        WHERE f.object_id = o.object_id AND f.version = 1 AND f.reading = 1) END
             FROM observation o ", $join, "
             WHERE o.observed_at_us <= $1
               AND (NOT o.sidecar OR EXISTS (
                    SELECT 1 FROM observation f
                    WHERE f.object_id = o.object_id AND NOT f.sidecar AND NOT f.quarantined))
               AND ",
            $($which)+
        )
    };
}

/// The recordings that are wanted, by key, and the numbers of their observations, in order.
pub(super) async fn recordings(
    connection: &mut Connection,
    wanted: Wanted,
) -> Result<(Vec<Recording>, Vec<i64>), StoreError> {
    let listings = Listings::load(connection).await?;
    let mut loaded = Vec::new();
    near(connection, wanted, &listings, &mut loaded).await?;
    alike(connection, wanted, &listings, &mut loaded).await?;
    loaded.sort_unstable_by_key(|loaded| loaded.observation_id);
    for run in runs(&mut loaded) {
        streams(connection, run).await?;
        claims(connection, run).await?;
        problems(connection, run).await?;
    }
    let observation_ids = loaded.iter().map(|loaded| loaded.observation_id).collect();
    // Objects are mostly numbered in the order of their keys, which a stable sort makes use of.
    loaded.sort_by(|a, b| {
        a.recording.object_key.cmp(&b.recording.object_key).then(a.object_id.cmp(&b.object_id))
    });
    Ok((loaded.into_iter().map(|loaded| loaded.recording).collect(), observation_ids))
}

/// Those that begin in the time that is asked for.
const BEGAN: &str = known!("footage::began", began!());

/// The same readings, whatever came after them, and nothing of their objects.
const BEGAN_APART: &str = readings!("footage::began", "'', FALSE, CAST(0 AS BIGINT)", "", began!());

/// Others that may concern the stages: those of unknown start, and those that are linked to one.
const BESIDES: &str = known!(
    "footage::besides",
    "(o.started_at_us IS NULL OR o.started_at_us < $2 OR o.started_at_us >= $3)
     AND o.observation_id IN (
         SELECT observation_id FROM observation WHERE started_at_us IS NULL
         UNION ALL
         SELECT m.observation_id
         FROM stage s JOIN link l USING (case_no, stage_no) JOIN object t USING (object_key)
              JOIN observation m USING (object_id)
         WHERE s.starts_at_us >= $4 AND s.starts_at_us < $5)"
);

/// Those that may concern the stages by themselves.
async fn near(
    connection: &mut Connection,
    wanted: Wanted,
    listings: &Listings,
    loaded: &mut Vec<Loaded>,
) -> Result<(), StoreError> {
    let Wanted { from, until, stages_from, stages_until, as_of } = wanted;
    let began = if engine::OBJECTS_APART { BEGAN_APART } else { BEGAN };
    {
        let mut rows = sqlx::query(began).bind(as_of.0).bind(from.0).bind(until.0).fetch(&mut *connection);
        while let Some(row) = rows.try_next().await? {
            loaded.push(of_row(&row, listings)?);
        }
    }
    if engine::OBJECTS_APART {
        objects(connection, as_of, listings, loaded).await?;
    }
    let besides = sqlx::query(BESIDES).bind(as_of.0).bind(from.0).bind(until.0);
    let mut rows = besides.bind(stages_from.0).bind(stages_until.0).fetch(connection);
    while let Some(row) = rows.try_next().await? {
        loaded.push(of_row(&row, listings)?);
    }
    Ok(())
}

/// Those whose bytes are also those of another object.
pub(in super::super) const ALIKE: &str =
    known!("footage::alike", "o.sha256 IN (SELECT sha256 FROM shared_digest)");

/// Those that have the same bytes as one of these. Few digests are of more than one object, and triggers keep a list of
/// them.
async fn alike(
    connection: &mut Connection,
    wanted: Wanted,
    listings: &Listings,
    loaded: &mut Vec<Loaded>,
) -> Result<(), StoreError> {
    let mut found = Vec::new();
    {
        let mut rows = sqlx::query(ALIKE).bind(wanted.as_of.0).fetch(connection);
        while let Some(row) = rows.try_next().await? {
            found.push(of_row(&row, listings)?);
        }
    }
    let there: HashSet<i64> = loaded.iter().map(|loaded| loaded.observation_id).collect();
    let in_question: HashSet<&str> = found.iter().map(|found| found.recording.sha256.as_str()).collect();
    let near: HashSet<String> = loaded
        .iter()
        .map(|loaded| loaded.recording.sha256.as_str())
        .filter(|sha256| in_question.contains(sha256))
        .map(str::to_owned)
        .collect();
    found.retain(|found| !there.contains(&found.observation_id) && near.contains(&found.recording.sha256));
    loaded.append(&mut found);
    Ok(())
}

/// Adds to recordings what their objects say, and lets go of those that others had come after by `as_of`.
async fn objects(
    connection: &mut Connection,
    as_of: WallTime,
    listings: &Listings,
    loaded: &mut Vec<Loaded>,
) -> Result<(), StoreError> {
    loaded.sort_unstable_by_key(|loaded| loaded.object_id);
    // Those that are not the present reading of their object.
    let mut earlier = Vec::new();
    for run in loaded.chunk_by_mut(|a, b| b.object_id - a.object_id <= CLOSE) {
        let (first, last) = range(run, |loaded| loaded.object_id);
        let mut rows = sqlx::query(
            "/* footage::objects */ SELECT object_id, object_key, coalesce(gone_at_us <= $3, FALSE), store_id, version, reading
             FROM object WHERE object_id BETWEEN $1 AND $2 ORDER BY object_id",
        )
        .bind(first)
        .bind(last)
        .bind(as_of.0)
        .fetch(&mut *connection);
        let mut left = run;
        while let Some(row) = rows.try_next().await? {
            let object_id: i64 = row.try_get_unchecked(0)?;
            let before = left.partition_point(|loaded| loaded.object_id < object_id);
            let of_it = left[before..].partition_point(|loaded| loaded.object_id == object_id);
            let (own, rest) = std::mem::take(&mut left)[before..].split_at_mut(of_it);
            left = rest;
            let store = StoreId(row.try_get_unchecked(3)?);
            let present: (i64, i64) = (row.try_get_unchecked(4)?, row.try_get_unchecked(5)?);
            for Loaded { observation_id, reading, recording, .. } in own {
                recording.object_key = row.try_get_unchecked(1)?;
                recording.gone = row.try_get_unchecked(2)?;
                let arrival = &mut recording.arrival;
                arrival.absent_at = arrival
                    .seen_at
                    .and_then(|seen_at| listings.last_without(store, &recording.object_key, seen_at));
                if present != (i64::from(recording.version), *reading) {
                    earlier.push(*observation_id);
                }
            }
        }
    }
    let mut replaced = HashSet::new();
    for ids in earlier.chunks(AT_ONCE) {
        let found: Vec<i64> = sqlx::query_scalar(REPLACED)
            .bind(as_of.0)
            .bind(serde_json::json!(ids).to_string())
            .fetch_all(&mut *connection)
            .await?;
        replaced.extend(found);
    }
    loaded.retain(|loaded| !replaced.contains(&loaded.observation_id));
    Ok(())
}

/// Which of the readings with the numbers in `$2`, a JSON array, others had come after by `$1`.
const REPLACED: &str = concat!(
    "/* footage::replaced */ SELECT o.observation_id FROM observation o
     WHERE o.observation_id IN ",
    integers!("$2"),
    " AND EXISTS (
         SELECT 1 FROM observation n
         WHERE n.object_id = o.object_id AND n.observed_at_us <= $1 AND (n.version, n.reading) > (o.version, o.reading))"
);

fn of_row(row: &EngineRow, listings: &Listings) -> Result<Loaded, StoreError> {
    // The schema is STRICT, so a column holds what its declaration says.
    let object_key: String = row.try_get_unchecked(2)?;
    let source: Option<&str> = row.try_get_unchecked(13)?;
    let seen_at = WallTime(row.try_get_unchecked(15)?);
    let arrival = Arrival {
        seen_at: Some(seen_at),
        absent_at: listings.last_without(StoreId(row.try_get_unchecked(4)?), &object_key, seen_at),
        written_at: row.try_get_unchecked::<Option<i64>, _>(16)?.map(WallTime),
    };
    Ok(Loaded {
        observation_id: row.try_get_unchecked(0)?,
        object_id: row.try_get_unchecked(1)?,
        reading: row.try_get_unchecked(5)?,
        recording: Recording {
            object_key,
            arrival,
            gone: row.try_get_unchecked(3)?,
            first_sha256: row.try_get_unchecked(6)?,
            version: unsigned(row.try_get_unchecked(7)?)?,
            size_bytes: unsigned(row.try_get_unchecked(8)?)?,
            sha256: row.try_get_unchecked(9)?,
            device: row.try_get_unchecked(10)?,
            badge: row.try_get_unchecked(11)?,
            started_at: row.try_get_unchecked::<Option<i64>, _>(12)?.map(WallTime),
            started_at_source: source.map(str::parse).transpose()?,
            clock_error_us: Micros(row.try_get_unchecked::<Option<i64>, _>(14)?.unwrap_or_default()),
            start_claims: Vec::new(),
            origin_us: MediaTime::ZERO,
            video: IntervalSet::default(),
            audio: IntervalSet::default(),
            problems: Vec::new(),
        },
    })
}

/// Stretches of recordings whose observations' numbers lie close together; a month's do.
fn runs(loaded: &mut [Loaded]) -> impl Iterator<Item = &mut [Loaded]> {
    loaded.chunk_by_mut(|a, b| b.observation_id - a.observation_id <= CLOSE)
}

/// The numbers of the first and of the last of a run; runs are never empty.
fn range(run: &[Loaded], number: impl Fn(&Loaded) -> i64) -> (i64, i64) {
    (run.first().map_or(0, &number), run.last().map_or(0, &number))
}

/// Finds the recordings of parts that come in the order of their observations' numbers.
struct Cursor<'a>(&'a mut [Loaded]);

impl<'a> Cursor<'a> {
    /// The recording of this observation; `None` if it is not wanted. Numbers must not fall.
    fn find(&mut self, observation_id: i64) -> Option<&mut Recording> {
        let before = self.0.iter().take_while(|loaded| loaded.observation_id < observation_id).count();
        let run: &'a mut [Loaded] = std::mem::take(&mut self.0);
        self.0 = &mut run[before..];
        self.0
            .first_mut()
            .filter(|loaded| loaded.observation_id == observation_id)
            .map(|loaded| &mut loaded.recording)
    }
}

/// Where there is a picture and where there is sound.
async fn streams(connection: &mut Connection, run: &mut [Loaded]) -> Result<(), StoreError> {
    let (first, last) = range(run, |loaded| loaded.observation_id);
    let gaps: Vec<(i64, i64, i64, i64)> = sqlx::query_as(
        "/* footage::streams */ SELECT observation_id, stream_index, start_us, end_us FROM stream_gap
         WHERE observation_id BETWEEN $1 AND $2 ORDER BY observation_id, stream_index, start_us",
    )
    .bind(first)
    .bind(last)
    .fetch_all(&mut *connection)
    .await?;
    let mut gaps = gaps.as_slice();
    let mut rows = sqlx::query(
        "/* footage::streams */ SELECT observation_id, stream_index, kind, start_us, end_us FROM stream
         WHERE observation_id BETWEEN $1 AND $2 AND start_us IS NOT NULL AND kind IN ('video', 'audio')
         ORDER BY observation_id, stream_index",
    )
    .bind(first)
    .bind(last)
    .fetch(connection);
    let mut cursor = Cursor(run);
    let mut before = None;
    while let Some(row) = rows.try_next().await? {
        let observation_id: i64 = row.try_get_unchecked(0)?;
        let stream = (observation_id, row.try_get_unchecked::<i64, _>(1)?);
        let kind: StreamKind = row.try_get_unchecked::<&str, _>(2)?.parse()?;
        let start = MediaTime(row.try_get_unchecked(3)?);
        let whole = Interval::new(start, MediaTime(row.try_get_unchecked(4)?));
        let passed = gaps.iter().take_while(|gap| (gap.0, gap.1) < stream).count();
        let own = gaps[passed..].iter().take_while(|gap| (gap.0, gap.1) == stream).count();
        let broken: IntervalSet<MediaTime> = gaps[passed..passed + own]
            .iter()
            .map(|&(_, _, start_us, end_us)| Interval::new(MediaTime(start_us), MediaTime(end_us)))
            .collect();
        gaps = &gaps[passed + own..];
        let Some(recording) = cursor.find(observation_id) else { continue };
        let is_first = before.replace(observation_id) != Some(observation_id);
        recording.origin_us = if is_first { start } else { recording.origin_us.min(start) };
        let set = if kind == StreamKind::Video { &mut recording.video } else { &mut recording.audio };
        let spans = broken.gaps_in(whole);
        *set = if set.is_empty() { spans } else { set.union(&spans) };
    }
    Ok(())
}

/// What was said about when they began, in the order of the sources.
async fn claims(connection: &mut Connection, run: &mut [Loaded]) -> Result<(), StoreError> {
    let (first, last) = range(run, |loaded| loaded.observation_id);
    let mut rows = sqlx::query(
        "/* footage::claims */ SELECT observation_id, source, started_at_us, error_us FROM start_claim
         WHERE observation_id BETWEEN $1 AND $2 ORDER BY observation_id",
    )
    .bind(first)
    .bind(last)
    .fetch(connection);
    let mut cursor = Cursor(run);
    while let Some(row) = rows.try_next().await? {
        let Some(recording) = cursor.find(row.try_get_unchecked(0)?) else { continue };
        let claim = StartClaim {
            source: row.try_get_unchecked::<&str, _>(1)?.parse()?,
            started_at: WallTime(row.try_get_unchecked(2)?),
            error_us: Micros(row.try_get_unchecked(3)?),
        };
        let behind = recording.start_claims.partition_point(|earlier| earlier.source <= claim.source);
        recording.start_claims.insert(behind, claim);
    }
    Ok(())
}

/// What stood in the way of reading them.
async fn problems(connection: &mut Connection, run: &mut [Loaded]) -> Result<(), StoreError> {
    let (first, last) = range(run, |loaded| loaded.observation_id);
    let mut rows = sqlx::query(
        "/* footage::problems */ SELECT observation_id, code, detail FROM problem
         WHERE observation_id BETWEEN $1 AND $2 ORDER BY observation_id, position",
    )
    .bind(first)
    .bind(last)
    .fetch(connection);
    let mut cursor = Cursor(run);
    while let Some(row) = rows.try_next().await? {
        let Some(recording) = cursor.find(row.try_get_unchecked(0)?) else { continue };
        let code = row.try_get_unchecked::<&str, _>(1)?.parse()?;
        recording.problems.push(Problem { code, detail: row.try_get_unchecked(2)? });
    }
    Ok(())
}
