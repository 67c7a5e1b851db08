//! Loading the recordings of a month: the one part of a snapshot that is large.
//!
//! A city's month has a million of them, so nothing is looked up recording by recording. What begins in a month has numbers that
//! lie close together: it is read in ranges of these, in their order, and streams, gaps, claims and problems, which the
//! schema keeps in that order, are read beside it and put in their place. Nothing but the recordings themselves is
//! held for long, and only the columns that judging needs are read. Where looking an object up for each recording is
//! dear ([`engine::OBJECTS_APART`]), objects are read beside them as well.

use std::collections::HashSet;

use futures::TryStreamExt as _;
use serde::Deserialize;
use sqlx::{FromRow, Row as _};

use super::engine::Asked;
use super::listings::Listings;
use super::{Connection, EngineRow, engine, unsigned};
use crate::interval::{Interval, IntervalSet};
use crate::observation::{Problem, StartClaim, StreamKind};
use crate::snapshot::{Arrival, Recording};
use crate::store::{StoreError, StoreId};
use crate::time::{MediaTime, Micros, WallTime};

/// Observations whose numbers differ by at most this much are read as one range.
const CLOSE: i64 = 1024;

/// Readings that are looked up at once by their numbers.
const LOOKED_UP: usize = 8192;

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

/// A reading with what its object says of it.
#[derive(Deserialize)]
struct ReadingRow {
    observation_id: i64,
    object_id: i64,
    object_key: String,
    gone: i64,
    store_id: i64,
    reading: i64,
    first_sha256: Option<String>,
    version: i64,
    size_bytes: i64,
    sha256: String,
    device: Option<String>,
    badge: Option<String>,
    started_at_us: Option<i64>,
    started_at_source: Option<String>,
    clock_error_us: Option<i64>,
    seen_at_us: i64,
    written_at_us: Option<i64>,
}

impl FromRow<'_, EngineRow> for ReadingRow {
    fn from_row(row: &EngineRow) -> sqlx::Result<Self> {
        // The schema says what type a column is, and `readings!` in what order they come.
        Ok(Self {
            observation_id: row.try_get_unchecked(0)?,
            object_id: row.try_get_unchecked(1)?,
            object_key: row.try_get_unchecked(2)?,
            gone: row.try_get_unchecked(3)?,
            store_id: row.try_get_unchecked(4)?,
            reading: row.try_get_unchecked(5)?,
            first_sha256: row.try_get_unchecked(6)?,
            version: row.try_get_unchecked(7)?,
            size_bytes: row.try_get_unchecked(8)?,
            sha256: row.try_get_unchecked(9)?,
            device: row.try_get_unchecked(10)?,
            badge: row.try_get_unchecked(11)?,
            started_at_us: row.try_get_unchecked(12)?,
            started_at_source: row.try_get_unchecked(13)?,
            clock_error_us: row.try_get_unchecked(14)?,
            seen_at_us: row.try_get_unchecked(15)?,
            written_at_us: row.try_get_unchecked(16)?,
        })
    }
}

/// Those of the readings of which `$which` is so that were made by $1 and are footage, or were footage before they were
/// overwritten: `with objects` the last one of each by then, with what its object says of it; `alone` whatever came after
/// them, and nothing of their objects.
macro_rules! readings {
    (with objects, $which:expr) => {
        readings!(
            "b.object_key, CAST(CASE WHEN b.gone_at_us <= $1 THEN 1 ELSE 0 END AS BIGINT) AS gone, b.store_id",
            "JOIN object b USING (object_id)",
            "((o.version = b.version AND o.reading = b.reading) OR NOT EXISTS (
                SELECT 1 FROM observation n
                WHERE n.object_id = o.object_id AND n.observed_at_us <= $1
                  AND (n.version, n.reading) > (o.version, o.reading))) AND ",
            $which
        )
    };
    (alone, $which:expr) => {
        readings!("'' AS object_key, CAST(0 AS BIGINT) AS gone, CAST(0 AS BIGINT) AS store_id", "", "", $which)
    };
    ($object:literal, $join:literal, $last:literal, $which:expr) => {
        concat!(
            "/* footage::readings */ ",
            rows!(
                (
                    "observation_id", "object_id", "object_key", "gone", "store_id", "reading", "first_sha256",
                    "version", "size_bytes", "sha256", "device", "badge", "started_at_us", "started_at_source",
                    "clock_error_us", "seen_at_us", "written_at_us"
                );
                concat!(
                    "SELECT o.observation_id, o.object_id, ", $object, ", o.reading,
                            CASE WHEN o.version > 1 THEN (
                                SELECT f.sha256 FROM observation f
                                WHERE f.object_id = o.object_id AND f.version = 1 ORDER BY f.reading LIMIT 1)
                            END AS first_sha256,
                            o.version, o.size_bytes, o.sha256, o.device, o.badge, o.started_at_us, o.started_at_source,
                            o.clock_error_us,
                            CASE WHEN o.version = 1 AND o.reading = 1 THEN o.observed_at_us ELSE (
                                SELECT f.observed_at_us FROM observation f
                                WHERE f.object_id = o.object_id AND f.version = 1 AND f.reading = 1)
                            END AS seen_at_us,
                            CASE WHEN o.version = 1 AND o.reading = 1 THEN o.written_at_us ELSE (
                                SELECT f.written_at_us FROM observation f
                                WHERE f.object_id = o.object_id AND f.version = 1 AND f.reading = 1)
                            END AS written_at_us
                     FROM observation o ", $join, "
                     WHERE o.observed_at_us <= $1
                       AND (NOT o.sidecar OR EXISTS (
                            SELECT 1 FROM observation f
                            WHERE f.object_id = o.object_id AND NOT f.sidecar AND NOT f.quarantined)) AND ", $last, $which
                )
            )
        )
    };
}

/// Those from $2 to $3.
const RANGE: &str = if engine::OBJECTS_APART {
    readings!(alone, "o.observation_id BETWEEN $2 AND $3")
} else {
    readings!(with objects, "o.observation_id BETWEEN $2 AND $3")
};

/// Those with the numbers in $2, a JSON array.
const NUMBERED: &str = if engine::OBJECTS_APART {
    readings!(alone, concat!("o.observation_id IN ", integers!("$2")))
} else {
    readings!(with objects, concat!("o.observation_id IN ", integers!("$2")))
};

/// The recordings that are wanted, by key, and the numbers of their observations, in order.
pub(super) async fn recordings(
    connection: &mut Connection,
    wanted: Wanted,
) -> Result<(Vec<Recording>, Vec<i64>), StoreError> {
    let Wanted { from, until, stages_from, stages_until, as_of } = wanted;
    let listings = Listings::load(connection).await?;
    let near = numbers(connection, sqlx::query(BEGAN).bind(from.0).bind(until.0)).await?;
    let mut loaded = in_ranges(connection, as_of, &near, &listings).await?;
    let besides = sqlx::query(BESIDES).bind(stages_from.0).bind(stages_until.0);
    let mut besides = numbers(connection, besides).await?;
    besides.retain(|observation_id| near.binary_search(observation_id).is_err());
    loaded.extend(numbered(connection, as_of, &besides, &listings).await?);
    if engine::OBJECTS_APART {
        objects(connection, as_of, &listings, &mut loaded).await?;
    }
    alike(connection, as_of, &listings, &mut loaded).await?;
    loaded.sort_unstable_by_key(|loaded| loaded.observation_id);
    for run in runs(&mut loaded, |loaded| loaded.observation_id) {
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

/// The numbers that a statement gives, in order, each once.
async fn numbers(connection: &mut Connection, asked: Asked) -> Result<Vec<i64>, StoreError> {
    let rows: Vec<_> = engine::rows::<(i64,)>(connection, asked).try_collect().await?;
    let mut numbers: Vec<i64> = rows.into_iter().map(|row| row.0).collect();
    numbers.sort_unstable();
    numbers.dedup();
    Ok(numbers)
}

/// The readings that begin in the time that is asked for.
const BEGAN: &str = concat!(
    "/* footage::began */ ",
    rows!(
        ("observation_id");
        "SELECT observation_id FROM observation WHERE started_at_us >= $1 AND started_at_us < $2"
    )
);

/// Others that may concern the stages: those of unknown start, and those that are linked to one.
const BESIDES: &str = concat!(
    "/* footage::besides */ ",
    rows!(
        ("observation_id");
        "SELECT observation_id FROM observation WHERE started_at_us IS NULL
         UNION ALL
         SELECT m.observation_id
         FROM stage s JOIN link l USING (case_no, stage_no) JOIN object t USING (object_key)
              JOIN observation m USING (object_id)
         WHERE s.starts_at_us >= $1 AND s.starts_at_us < $2"
    )
);

/// The recordings among these readings, which lie close together for the most part, as they were known at `as_of`.
async fn in_ranges(
    connection: &mut Connection,
    as_of: WallTime,
    observation_ids: &[i64],
    listings: &Listings,
) -> Result<Vec<Loaded>, StoreError> {
    let mut loaded = Vec::with_capacity(observation_ids.len());
    let runs = observation_ids.chunk_by(|a, b| b - a <= CLOSE);
    for run in runs.flat_map(|run| run.chunks(engine::ROWS_AT_ONCE)) {
        let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
        let asked = sqlx::query(RANGE).bind(as_of.0).bind(*first).bind(*last);
        let mut rows = engine::rows::<ReadingRow>(connection, asked);
        while let Some(row) = rows.try_next().await? {
            if run.binary_search(&row.observation_id).is_ok() {
                loaded.push(of_row(row, listings)?);
            }
        }
    }
    Ok(loaded)
}

/// The recordings among these readings, wherever they lie, as they were known at `as_of`.
async fn numbered(
    connection: &mut Connection,
    as_of: WallTime,
    observation_ids: &[i64],
    listings: &Listings,
) -> Result<Vec<Loaded>, StoreError> {
    let mut loaded = Vec::with_capacity(observation_ids.len());
    for some in observation_ids.chunks(LOOKED_UP) {
        let asked = sqlx::query(NUMBERED).bind(as_of.0).bind(serde_json::json!(some).to_string());
        let mut rows = engine::rows::<ReadingRow>(connection, asked);
        while let Some(row) = rows.try_next().await? {
            loaded.push(of_row(row, listings)?);
        }
    }
    Ok(loaded)
}

/// Readings whose bytes are also those of another object.
pub(in super::super) const ALIKE: &str = concat!(
    "/* footage::alike */ ",
    rows!(
        ("observation_id");
        "SELECT observation_id FROM observation WHERE sha256 IN (SELECT sha256 FROM shared_digest)"
    )
);

/// Those that have the same bytes as one of these. Few digests are of more than one object, and triggers keep a list of
/// them.
async fn alike(
    connection: &mut Connection,
    as_of: WallTime,
    listings: &Listings,
    loaded: &mut Vec<Loaded>,
) -> Result<(), StoreError> {
    let there: HashSet<i64> = loaded.iter().map(|loaded| loaded.observation_id).collect();
    let mut others = numbers(connection, sqlx::query(ALIKE)).await?;
    others.retain(|observation_id| !there.contains(observation_id));
    let mut found = numbered(connection, as_of, &others, listings).await?;
    if engine::OBJECTS_APART {
        objects(connection, as_of, listings, &mut found).await?;
    }
    let in_question: HashSet<&str> = found.iter().map(|found| found.recording.sha256.as_str()).collect();
    let near: HashSet<String> = loaded
        .iter()
        .map(|loaded| loaded.recording.sha256.as_str())
        .filter(|sha256| in_question.contains(sha256))
        .map(str::to_owned)
        .collect();
    found.retain(|found| near.contains(&found.recording.sha256));
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
    for run in runs(loaded, |loaded| loaded.object_id) {
        let (first, last) = range(run, |loaded| loaded.object_id);
        let asked = sqlx::query(OBJECTS).bind(first).bind(last).bind(as_of.0);
        let mut left = run;
        let mut rows = engine::rows::<ObjectRow>(connection, asked);
        while let Some(row) = rows.try_next().await? {
            let (object_id, object_key, gone, store_id, version, reading) = row;
            let before = left.partition_point(|loaded| loaded.object_id < object_id);
            let of_it = left[before..].partition_point(|loaded| loaded.object_id == object_id);
            let (own, rest) = std::mem::take(&mut left)[before..].split_at_mut(of_it);
            left = rest;
            for loaded in own {
                let recording = &mut loaded.recording;
                recording.object_key.clone_from(&object_key);
                recording.gone = gone != 0;
                let arrival = &mut recording.arrival;
                arrival.absent_at = arrival
                    .seen_at
                    .and_then(|seen_at| listings.last_without(StoreId(store_id), &object_key, seen_at));
                if (version, reading) != (i64::from(recording.version), loaded.reading) {
                    earlier.push(loaded.observation_id);
                }
            }
        }
    }
    let mut replaced = HashSet::new();
    for ids in earlier.chunks(LOOKED_UP) {
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

/// An object: its number, key, whether it is gone, its store, and its present version and reading.
type ObjectRow = (i64, String, i64, i64, i64, i64);

/// The objects from $1 to $2 as they were known at $3.
const OBJECTS: &str = concat!(
    "/* footage::objects */ ",
    rows!(
        ("object_id", "object_key", "gone", "store_id", "version", "reading");
        "SELECT object_id, object_key, CAST(CASE WHEN gone_at_us <= $3 THEN 1 ELSE 0 END AS BIGINT) AS gone, store_id, version, reading
         FROM object WHERE object_id BETWEEN $1 AND $2 ORDER BY object_id"
    )
);

/// Which of the readings with the numbers in `$2`, a JSON array, others had come after by `$1`.
const REPLACED: &str = concat!(
    "/* footage::replaced */ SELECT o.observation_id FROM observation o
     WHERE o.observation_id IN ",
    integers!("$2"),
    " AND EXISTS (
         SELECT 1 FROM observation n
         WHERE n.object_id = o.object_id AND n.observed_at_us <= $1 AND (n.version, n.reading) > (o.version, o.reading))"
);

fn of_row(row: ReadingRow, listings: &Listings) -> Result<Loaded, StoreError> {
    let seen_at = WallTime(row.seen_at_us);
    let arrival = Arrival {
        seen_at: Some(seen_at),
        absent_at: listings.last_without(StoreId(row.store_id), &row.object_key, seen_at),
        written_at: row.written_at_us.map(WallTime),
    };
    Ok(Loaded {
        observation_id: row.observation_id,
        object_id: row.object_id,
        reading: row.reading,
        recording: Recording {
            object_key: row.object_key,
            arrival,
            gone: row.gone != 0,
            first_sha256: row.first_sha256,
            version: unsigned(row.version)?,
            size_bytes: unsigned(row.size_bytes)?,
            sha256: row.sha256,
            device: row.device,
            badge: row.badge,
            started_at: row.started_at_us.map(WallTime),
            started_at_source: row.started_at_source.as_deref().map(str::parse).transpose()?,
            clock_error_us: Micros(row.clock_error_us.unwrap_or_default()),
            start_claims: Vec::new(),
            origin_us: MediaTime::ZERO,
            video: IntervalSet::default(),
            audio: IntervalSet::default(),
            problems: Vec::new(),
        },
    })
}

/// Stretches of what lies close together by these numbers, by which it is sorted; a month's recordings do.
fn runs(loaded: &mut [Loaded], number: fn(&Loaded) -> i64) -> impl Iterator<Item = &mut [Loaded]> {
    loaded
        .chunk_by_mut(move |a, b| number(b) - number(a) <= CLOSE)
        .flat_map(|run| run.chunks_mut(engine::ROWS_AT_ONCE))
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

/// Where a stream is broken: observation, stream, start, end.
type GapRow = (i64, i64, i64, i64);

const GAPS: &str = concat!(
    "/* footage::gaps */ ",
    rows!(
        ("observation_id", "stream_index", "start_us", "end_us");
        "SELECT observation_id, stream_index, start_us, end_us FROM stream_gap
         WHERE observation_id BETWEEN $1 AND $2 ORDER BY observation_id, stream_index, start_us"
    )
);

/// A stream as an array: observation, stream, kind, start, end.
type StreamRow = (i64, i64, String, i64, i64);

const STREAMS: &str = concat!(
    "/* footage::streams */ ",
    rows!(
        ("observation_id", "stream_index", "kind", "start_us", "end_us");
        "SELECT observation_id, stream_index, kind, start_us, end_us FROM stream
         WHERE observation_id BETWEEN $1 AND $2 AND start_us IS NOT NULL AND kind IN ('video', 'audio')
         ORDER BY observation_id, stream_index"
    )
);

/// Where there is a picture and where there is sound.
async fn streams(connection: &mut Connection, run: &mut [Loaded]) -> Result<(), StoreError> {
    let (first, last) = range(run, |loaded| loaded.observation_id);
    let asked = sqlx::query(GAPS).bind(first).bind(last);
    let gaps: Vec<_> = engine::rows::<GapRow>(connection, asked).try_collect().await?;
    let mut gaps = gaps.as_slice();
    let mut cursor = Cursor(run);
    let mut before = None;
    let asked = sqlx::query(STREAMS).bind(first).bind(last);
    let mut rows = engine::rows::<StreamRow>(connection, asked);
    while let Some((observation_id, index, kind, start_us, end_us)) = rows.try_next().await? {
        let stream = (observation_id, index);
        let kind: StreamKind = kind.parse()?;
        let start = MediaTime(start_us);
        let whole = Interval::new(start, MediaTime(end_us));
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

/// What was said about when a recording began: observation, source, start, error.
type ClaimRow = (i64, String, i64, i64);

const CLAIMS: &str = concat!(
    "/* footage::claims */ ",
    rows!(
        ("observation_id", "source", "started_at_us", "error_us");
        "SELECT observation_id, source, started_at_us, error_us FROM start_claim
         WHERE observation_id BETWEEN $1 AND $2 ORDER BY observation_id"
    )
);

/// What was said about when they began, in the order of the sources.
async fn claims(connection: &mut Connection, run: &mut [Loaded]) -> Result<(), StoreError> {
    let (first, last) = range(run, |loaded| loaded.observation_id);
    let mut cursor = Cursor(run);
    let asked = sqlx::query(CLAIMS).bind(first).bind(last);
    let mut rows = engine::rows::<ClaimRow>(connection, asked);
    while let Some((observation_id, source, started_at_us, error_us)) = rows.try_next().await? {
        let Some(recording) = cursor.find(observation_id) else { continue };
        let claim = StartClaim {
            source: source.parse()?,
            started_at: WallTime(started_at_us),
            error_us: Micros(error_us),
        };
        let behind = recording.start_claims.partition_point(|earlier| earlier.source <= claim.source);
        recording.start_claims.insert(behind, claim);
    }
    Ok(())
}

/// What stood in the way of reading a recording: observation, code, detail.
type ProblemRow = (i64, String, String);

const PROBLEMS: &str = concat!(
    "/* footage::problems */ ",
    rows!(
        ("observation_id", "code", "detail");
        "SELECT observation_id, code, detail FROM problem
         WHERE observation_id BETWEEN $1 AND $2 ORDER BY observation_id, position"
    )
);

/// What stood in the way of reading them.
async fn problems(connection: &mut Connection, run: &mut [Loaded]) -> Result<(), StoreError> {
    let (first, last) = range(run, |loaded| loaded.observation_id);
    let mut cursor = Cursor(run);
    let asked = sqlx::query(PROBLEMS).bind(first).bind(last);
    let mut rows = engine::rows::<ProblemRow>(connection, asked);
    while let Some((observation_id, code, detail)) = rows.try_next().await? {
        let Some(recording) = cursor.find(observation_id) else { continue };
        recording.problems.push(Problem { code: code.parse()?, detail });
    }
    Ok(())
}
