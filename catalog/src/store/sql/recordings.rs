//! Listing recordings for people.
//!
//! A page is found along an index, whatever it is filtered by: the objects by key, or the facets of recordings
//! (`recording_facet`), which are in the order of keys for each device, officer, problem and for quarantine. Of several
//! filters the narrowest has the index, and the others are asked of its rows. Who sees a squad gets a page from each of
//! its devices and officers, of which the first are taken; who sees a large part of all units walks the keys, because one
//! in a few is theirs. Only a text within the key has no index.

use serde::Deserialize;

use super::observations::{ObservationRow, Parts, of_json};
use super::{Connection, Pool, unsigned};
use crate::store::{RecordingEntry, RecordingQuery, StoreError, Totals};
use crate::time::WallTime;

/// Of so many devices and officers at most a page each is taken.
const MOST_OWNERS: i64 = 96;

/// What a list says of a recording, of the latest reading of its object. `$with` goes before it, `$from` is where the
/// objects `b` come from, `$which` says of which recordings, and how many. All of it comes as one row, a JSON array of
/// arrays ([`Row`]): that a row is handed over to our thread costs more than that it is read.
macro_rules! entries {
    ($function:literal, $with:expr, $from:expr, $which:expr) => {
        concat!(
            "/* recordings::", $function, " */
             ", $with, "
             SELECT ",
            page_list!(
                array!(
                    "object_id", "store", "object_key", "signature", "gone_at_us", "device_unit", "officer_unit";
                    array!(
                        "observation_id", "version", "observed_at_us", "size_bytes", "sha256", "sm3", "container",
                        "device", "badge", "seq", "started_at_us", "started_at_source", "clock_error_us",
                        "duration_us", "quarantined"
                    )
                );
                concat!(
                    "SELECT b.object_id, s.url AS store, b.object_key, b.signature, b.gone_at_us,
                    (SELECT d.unit FROM device d WHERE d.serial = o.device) AS device_unit,
                    (SELECT f.unit FROM officer f WHERE f.badge = o.badge) AS officer_unit,
                    o.observation_id, o.version, o.observed_at_us, o.size_bytes, o.sha256, o.sm3, o.container,
                    o.device, o.badge, o.seq, o.started_at_us, o.started_at_source, o.clock_error_us, o.duration_us,
                    CASE WHEN o.quarantined THEN 1 ELSE 0 END AS quarantined
             FROM ", $from, "
             JOIN observation o ON o.object_id = b.object_id AND o.version = b.version AND o.reading = b.reading
             JOIN store s ON s.store_id = b.store_id
             WHERE ",
                    $which
                )
            )
        )
    };
}

/// What a query asks of each row, beside that along which it is looked for. `$unless` says when a row is known to be one
/// that the person sees.
macro_rules! filters {
    () => {
        filters!("")
    };
    ($unless:literal) => {
        concat!(
            " AND ($2 IS NULL OR ",
            contains!("b.object_key", "$2"),
            ")
              AND ($3 IS NULL OR o.device = $3)
              AND ($4 IS NULL OR o.badge = $4)
              AND ($5 IS NULL OR o.quarantined = $5)
              AND ($6 IS NULL OR EXISTS (
                  SELECT 1 FROM problem p WHERE p.observation_id = o.observation_id AND p.code = $6))
              AND ($8 IS NULL", $unless, "
                  OR EXISTS (SELECT 1 FROM device d JOIN seen n ON n.code = d.unit WHERE d.serial = o.device)
                  OR EXISTS (SELECT 1 FROM officer f JOIN seen n ON n.code = f.unit WHERE f.badge = o.badge))"
        )
    };
}

/// A page of a list: `$from` and `$which` say along which index. What the query asks for beyond that is asked of each
/// row.
macro_rules! page {
    ($function:literal, $with:expr, $from:expr, $which:literal, $order:literal) => {
        entries!($function, $with, $from, concat!($which, filters!(), " ORDER BY ", $order, limit!("$7")))
    };
}

mod sorted;
#[cfg(test)]
pub(in super::super) use sorted::WALKS;

/// All recordings along their keys.
pub(in super::super) const BY_KEY: &str = page!(
    "by_key",
    "WITH RECURSIVE seen (code) AS (
         SELECT code FROM unit WHERE code = $8
         UNION SELECT u.code FROM unit u JOIN seen s ON u.parent = s.code)",
    "object b",
    "b.object_key > coalesce($1, '')",
    "b.object_key, b.object_id"
);

/// Those with the value $10 of the facet $9.
pub(in super::super) const BY_FACET: &str = page!(
    "by_facet",
    "WITH RECURSIVE seen (code) AS (
         SELECT code FROM unit WHERE code = $8
         UNION SELECT u.code FROM unit u JOIN seen s ON u.parent = s.code)",
    concat!("recording_facet t ", in_order!(), " object b ON b.object_id = t.object_id"),
    "t.facet = $9 AND t.value = $10 AND t.object_key > coalesce($1, '')",
    "t.object_key, t.object_id"
);

/// Those of a few devices and officers: of each no more than a page.
pub(in super::super) const BY_OWNERS: &str = page!(
    "by_owners",
    concat!(
        "WITH RECURSIVE seen (code) AS (
             SELECT code FROM unit WHERE code = $8
             UNION SELECT u.code FROM unit u JOIN seen s ON u.parent = s.code),
         owner (facet, value) AS (
             SELECT 'device', serial FROM seen ",
        in_order!(),
        " device ON unit = code
             UNION ALL SELECT 'badge', badge FROM seen ",
        in_order!(),
        " officer ON unit = code),
         near (object_key, object_id) AS (
             SELECT DISTINCT t.object_key, t.object_id FROM owner w ",
        page_of_owner!(),
        " ORDER BY 1, 2",
        limit!("$7"),
        ")"
    ),
    concat!("near t ", in_order!(), " object b ON b.object_id = t.object_id"),
    "TRUE",
    "t.object_key, t.object_id"
);

/// A recording as an array in the order of its fields.
#[derive(Deserialize)]
struct Row {
    object_id: i64,
    store: String,
    object_key: String,
    signature: String,
    gone_at_us: Option<i64>,
    device_unit: Option<String>,
    officer_unit: Option<String>,
    observation: ObservationRow,
}

pub(super) async fn list(
    connection: &mut Connection,
    query: &RecordingQuery,
) -> Result<Vec<RecordingEntry>, StoreError> {
    if let Some(order) = &query.order {
        return sorted::list(connection, query, order).await;
    }
    let problem = query.problem.map(crate::observation::ProblemCode::as_str);
    let facet = facet(query);
    let unfiltered = facet.is_none() && query.key_contains.is_none() && query.quarantined.is_none();
    let statement = match (&query.within, facet) {
        (_, Some(_)) => BY_FACET,
        (Some(unit), None) if unfiltered && owners(connection, unit).await? <= MOST_OWNERS => BY_OWNERS,
        _ => BY_KEY,
    };
    let mut asked = sqlx::query_scalar(statement)
        .bind(&query.after_key)
        .bind(&query.key_contains)
        .bind(&query.device)
        .bind(&query.badge)
        .bind(query.quarantined)
        .bind(problem)
        .bind(i64::from(query.limit))
        .bind(&query.within);
    if let Some((facet, value)) = facet {
        asked = asked.bind(facet).bind(value);
    }
    let page: String = asked.fetch_one(&mut *connection).await?;
    entries(connection, &page).await
}

/// The facet that lets the least through of those that a query asks for, and its value.
fn facet(query: &RecordingQuery) -> Option<(&'static str, &str)> {
    let facets = [
        ("device", query.device.as_deref()),
        ("badge", query.badge.as_deref()),
        ("problem", query.problem.map(crate::observation::ProblemCode::as_str)),
        ("quarantined", (query.quarantined == Some(true)).then_some("yes")),
    ];
    facets.into_iter().find_map(|(facet, value)| Some((facet, value?)))
}

/// How many devices and officers a unit and those below it have.
async fn owners(connection: &mut Connection, unit: &str) -> Result<i64, StoreError> {
    let count = sqlx::query_scalar(concat!(
        "/* owners */ WITH RECURSIVE seen (code) AS (
                 SELECT code FROM unit WHERE code = $1
                 UNION SELECT u.code FROM unit u JOIN seen s ON u.parent = s.code)
             SELECT (SELECT count(*) FROM seen ",
        in_order!(),
        " device ON unit = code) + (SELECT count(*) FROM seen ",
        in_order!(),
        " officer ON unit = code)"
    ))
    .bind(unit)
    .fetch_one(connection)
    .await?;
    Ok(count)
}

pub(super) async fn of_key(
    connection: &mut Connection,
    object_key: &str,
) -> Result<Vec<RecordingEntry>, StoreError> {
    let page: String =
        sqlx::query_scalar(entries!("of_key", "", "object b", "b.object_key = $1 ORDER BY s.url"))
            .bind(object_key)
            .fetch_one(&mut *connection)
            .await?;
    entries(connection, &page).await
}

pub(super) async fn of_id(
    connection: &mut Connection,
    id: &str,
) -> Result<Option<RecordingEntry>, StoreError> {
    let Some(id) = id.strip_prefix('r').and_then(|number| number.parse::<i64>().ok()) else {
        return Ok(None);
    };
    let page: String = sqlx::query_scalar(entries!("of_id", "", "object b", "b.object_id = $1"))
        .bind(id)
        .fetch_one(&mut *connection)
        .await?;
    Ok(entries(connection, &page).await?.pop())
}

/// The recordings of a page as `entries!` gives it, with their parts.
async fn entries(connection: &mut Connection, page: &str) -> Result<Vec<RecordingEntry>, StoreError> {
    let rows: Vec<Row> = of_json(page)?;
    let mut parts = Parts::load(connection, rows.iter().map(|row| row.observation.observation_id)).await?;
    rows.into_iter()
        .map(|row| {
            Ok(RecordingEntry {
                id: format!("r{}", row.object_id),
                device_unit: row.device_unit,
                officer_unit: row.officer_unit,
                store: row.store,
                object_key: row.object_key,
                version: unsigned(row.observation.version)?,
                observed_at: WallTime(row.observation.observed_at_us),
                gone_at: row.gone_at_us.map(WallTime),
                quarantined: row.observation.quarantined != 0,
                signature: row.signature,
                observation: parts.observation(row.observation)?,
            })
        })
        .collect()
}

pub(super) async fn totals(pool: &Pool, within: Option<&str>) -> Result<Totals, StoreError> {
    let (units, officers, devices, cases, stages): (i64, i64, i64, i64, i64) = sqlx::query_as(
        "/* totals */
         WITH RECURSIVE seen (code) AS (
             SELECT code FROM unit WHERE code = $1 OR $1 IS NULL
             UNION SELECT u.code FROM unit u JOIN seen s ON u.parent = s.code)
         SELECT (SELECT count(*) FROM seen),
                (SELECT count(*) FROM officer WHERE $1 IS NULL OR unit IN (SELECT code FROM seen)),
                (SELECT count(*) FROM device WHERE $1 IS NULL OR unit IN (SELECT code FROM seen)),
                (SELECT count(*) FROM enforcement_case WHERE $1 IS NULL OR unit IN (SELECT code FROM seen)),
                (SELECT count(*) FROM stage JOIN enforcement_case USING (case_no)
                 WHERE $1 IS NULL OR unit IN (SELECT code FROM seen))",
    )
    .bind(within)
    .fetch_one(pool)
    .await?;
    let (recordings, sidecars, quarantined, gone, size_bytes): (i64, i64, i64, i64, i64) = sqlx::query_as(
        "/* totals */
         WITH RECURSIVE seen (code) AS (
             SELECT code FROM unit WHERE code = $1
             UNION SELECT u.code FROM unit u JOIN seen s ON u.parent = s.code)
         SELECT
                count(*) FILTER (WHERE b.gone_at_us IS NULL AND NOT o.quarantined AND NOT o.sidecar),
                count(*) FILTER (WHERE b.gone_at_us IS NULL AND NOT o.quarantined AND o.sidecar),
                count(*) FILTER (WHERE b.gone_at_us IS NULL AND o.quarantined),
                count(*) FILTER (WHERE b.gone_at_us IS NOT NULL),
                CAST(coalesce(sum(CASE WHEN b.gone_at_us IS NULL THEN o.size_bytes END), 0) AS BIGINT)
         FROM object b JOIN observation o USING (object_id, version, reading)
         WHERE $1 IS NULL
            OR EXISTS (SELECT 1 FROM device d JOIN seen n ON n.code = d.unit WHERE d.serial = o.device)
            OR EXISTS (SELECT 1 FROM officer f JOIN seen n ON n.code = f.unit WHERE f.badge = o.badge)",
    )
    .bind(within)
    .fetch_one(pool)
    .await?;
    Ok(Totals {
        units: unsigned(units)?,
        officers: unsigned(officers)?,
        devices: unsigned(devices)?,
        cases: unsigned(cases)?,
        stages: unsigned(stages)?,
        recordings: unsigned(recordings)?,
        sidecars: unsigned(sidecars)?,
        quarantined: unsigned(quarantined)?,
        gone: unsigned(gone)?,
        size_bytes: unsigned(size_bytes)?,
    })
}
