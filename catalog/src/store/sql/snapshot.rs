//! Loading one month as plain values.

use std::collections::BTreeMap;

use super::footage::{self, Wanted};
use super::{Connection, Pool, heard, inspections, unsigned};
use crate::case::{Case, Link, Stage};
use crate::device::{Device, ManifestEntry};
use crate::excuse::Excuse;
use crate::snapshot::{ShouldExist, Snapshot};
use crate::store::StoreError;
use crate::time::{Micros, Month, WallTime};
use crate::unit::{Officer, Unit};

/// Recordings that begin up to this long before a month, or after the last of its stages is over, may concern it.
const MARGIN: Micros = Micros::from_s(24 * 3600);

/// A stage that goes on for longer than this after its month is a slip of the pen: it must not load the recordings of years.
const LONGEST_AFTER: Micros = Micros::from_s(31 * 24 * 3600);

pub(super) async fn snapshot(
    connection: &mut Connection,
    month: Month,
    as_of: WallTime,
) -> Result<Snapshot, StoreError> {
    let span = month.interval();
    let stages = stages(connection, span.start, span.end).await?;
    let over = stages.iter().map(|stage| stage.ends_at).max().unwrap_or(span.end);
    let until = over.clamp(span.end, span.end + LONGEST_AFTER);
    let wanted = Wanted {
        from: span.start + -MARGIN,
        until: until + MARGIN,
        stages_from: span.start,
        stages_until: span.end,
        as_of,
    };
    let (recordings, observation_ids) = footage::recordings(connection, wanted).await?;
    let devices = devices(connection).await?;
    let links = links(connection, span.start, span.end).await?;
    let together = heard::together(&recordings, &stages, &links, &devices);
    let looks = inspections::looks(connection, observation_ids, as_of, &together).await?;
    Ok(Snapshot {
        month,
        as_of,
        units: units(connection).await?,
        officers: officers(connection).await?,
        devices,
        cases: cases(connection, span.start, span.end).await?,
        stages,
        links,
        excuses: excuses(connection, span.start, span.end, as_of).await?,
        manifest: manifest(connection, span.start, until).await?,
        recordings,
        looks,
    })
}

pub(super) async fn should_exist(
    connection: &mut Connection,
    from: WallTime,
    until: WallTime,
) -> Result<ShouldExist, StoreError> {
    let rows: Vec<CaseRow> = sqlx::query_as(
        "/* should_exist */ SELECT case_no, unit, procedure, filed_at_us, closed_at_us, title FROM enforcement_case
         WHERE filed_at_us >= $1 AND filed_at_us < $2
            OR closed_at_us >= $1 AND closed_at_us < $2
            OR case_no IN (SELECT case_no FROM stage WHERE starts_at_us >= $1 AND starts_at_us < $2)
         ORDER BY case_no",
    )
    .bind(from.0)
    .bind(until.0)
    .fetch_all(&mut *connection)
    .await?;
    let repeats: Vec<(String, i64)> =
        sqlx::query_as("/* should_exist */ SELECT case_no, repeats FROM complaint ORDER BY case_no")
            .fetch_all(&mut *connection)
            .await?;
    Ok(ShouldExist {
        units: units(connection).await?,
        officers: officers(connection).await?,
        cases: rows.into_iter().map(CaseRow::case).collect::<Result<_, _>>()?,
        stages: stages(connection, from, until).await?,
        repeats: repeats
            .into_iter()
            .map(|(case_no, repeats)| Ok((case_no, unsigned(repeats)?)))
            .collect::<Result<_, StoreError>>()?,
    })
}

/// One stage of each day, found by going from day to day along the index: months are local, and SQL does not know the
/// zone.
pub(in super::super) const DAYS: &str = "/* months */ WITH RECURSIVE day (starts_at_us) AS (
             SELECT min(starts_at_us) FROM stage
             UNION ALL
             SELECT (SELECT min(s.starts_at_us) FROM stage s
                     WHERE s.starts_at_us >= ((day.starts_at_us + 28800000000) / 86400000000 + 1) * 86400000000 - 28800000000)
             FROM day WHERE day.starts_at_us IS NOT NULL)
         SELECT starts_at_us FROM day WHERE starts_at_us IS NOT NULL";

pub(super) async fn months(pool: &Pool) -> Result<Vec<Month>, StoreError> {
    let days: Vec<i64> = sqlx::query_scalar(DAYS).fetch_all(pool).await?;
    let mut months: Vec<Month> = days.into_iter().filter_map(|at| WallTime(at).month()).collect();
    months.dedup();
    Ok(months)
}

pub(super) async fn units(connection: &mut Connection) -> Result<Vec<Unit>, StoreError> {
    let rows: Vec<(String, String, String, Option<String>)> =
        sqlx::query_as("/* units */ SELECT code, name, kind, parent FROM unit ORDER BY code")
            .fetch_all(connection)
            .await?;
    rows.into_iter()
        .map(|(code, name, kind, parent)| Ok(Unit { code, name, kind: kind.parse()?, parent }))
        .collect()
}

pub(super) async fn officers(connection: &mut Connection) -> Result<Vec<Officer>, StoreError> {
    let rows: Vec<(String, String, String, bool)> =
        sqlx::query_as("/* officers */ SELECT badge, name, unit, frontline FROM officer ORDER BY badge")
            .fetch_all(connection)
            .await?;
    Ok(rows
        .into_iter()
        .map(|(badge, name, unit, frontline)| Officer { badge, name, unit, frontline })
        .collect())
}

pub(super) async fn devices(connection: &mut Connection) -> Result<Vec<Device>, StoreError> {
    type Row = (String, String, String, Option<String>, Option<i64>, Option<i64>);
    let rows: Vec<Row> = sqlx::query_as(
        "/* devices */ SELECT serial, kind, unit, holder, synced_at_us, clock_error_us FROM device ORDER BY serial",
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|(serial, kind, unit, holder, synced_at, clock_error)| {
            Ok(Device {
                serial,
                kind: kind.parse()?,
                unit,
                holder,
                synced_at: synced_at.map(WallTime),
                clock_error_us: clock_error.map(Micros),
            })
        })
        .collect()
}

#[derive(sqlx::FromRow)]
struct CaseRow {
    case_no: String,
    unit: String,
    procedure: String,
    filed_at_us: i64,
    closed_at_us: Option<i64>,
    title: String,
}

impl CaseRow {
    fn case(self) -> Result<Case, StoreError> {
        Ok(Case {
            case_no: self.case_no,
            unit: self.unit,
            procedure: self.procedure.parse()?,
            filed_at: WallTime(self.filed_at_us),
            closed_at: self.closed_at_us.map(WallTime),
            title: self.title,
        })
    }
}

pub(super) async fn cases(
    connection: &mut Connection,
    from: WallTime,
    until: WallTime,
) -> Result<Vec<Case>, StoreError> {
    let rows: Vec<CaseRow> = sqlx::query_as(
        "/* cases */ SELECT case_no, unit, procedure, filed_at_us, closed_at_us, title FROM enforcement_case
         WHERE filed_at_us >= $1 AND filed_at_us < $2
            OR case_no IN (SELECT case_no FROM stage WHERE starts_at_us >= $1 AND starts_at_us < $2)
         ORDER BY case_no",
    )
    .bind(from.0)
    .bind(until.0)
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(CaseRow::case).collect()
}

#[derive(sqlx::FromRow)]
struct StageRow {
    case_no: String,
    stage_no: i64,
    kind: String,
    starts_at_us: i64,
    ends_at_us: i64,
    place: String,
}

impl StageRow {
    fn stage(self, officers: &mut BTreeMap<(String, i64), Vec<String>>) -> Result<Stage, StoreError> {
        let key = (self.case_no, self.stage_no);
        Ok(Stage {
            officers: officers.remove(&key).unwrap_or_default(),
            case_no: key.0,
            stage_no: unsigned(key.1)?,
            kind: self.kind.parse()?,
            starts_at: WallTime(self.starts_at_us),
            ends_at: WallTime(self.ends_at_us),
            place: self.place,
        })
    }
}

fn by_stage(rows: Vec<(String, i64, String)>) -> BTreeMap<(String, i64), Vec<String>> {
    let mut officers: BTreeMap<(String, i64), Vec<String>> = BTreeMap::new();
    for (case_no, stage_no, badge) in rows {
        officers.entry((case_no, stage_no)).or_default().push(badge);
    }
    officers
}

pub(super) async fn stages(
    connection: &mut Connection,
    from: WallTime,
    until: WallTime,
) -> Result<Vec<Stage>, StoreError> {
    let officers: Vec<(String, i64, String)> = sqlx::query_as(
        "/* stages */ SELECT case_no, stage_no, badge FROM stage_officer JOIN stage USING (case_no, stage_no)
         WHERE starts_at_us >= $1 AND starts_at_us < $2 ORDER BY case_no, stage_no, position",
    )
    .bind(from.0)
    .bind(until.0)
    .fetch_all(&mut *connection)
    .await?;
    let mut officers = by_stage(officers);
    let rows: Vec<StageRow> = sqlx::query_as(
        "/* stages */ SELECT case_no, stage_no, kind, starts_at_us, ends_at_us, place FROM stage
         WHERE starts_at_us >= $1 AND starts_at_us < $2 ORDER BY case_no, stage_no",
    )
    .bind(from.0)
    .bind(until.0)
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(|row| row.stage(&mut officers)).collect()
}

pub(super) async fn case(
    connection: &mut Connection,
    case_no: &str,
) -> Result<Option<(Case, Vec<Stage>)>, StoreError> {
    let row: Option<CaseRow> = sqlx::query_as(
        "/* case */ SELECT case_no, unit, procedure, filed_at_us, closed_at_us, title FROM enforcement_case
         WHERE case_no = $1",
    )
    .bind(case_no)
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let officers: Vec<(String, i64, String)> = sqlx::query_as(
        "/* case */ SELECT case_no, stage_no, badge FROM stage_officer WHERE case_no = $1
         ORDER BY stage_no, position",
    )
    .bind(case_no)
    .fetch_all(&mut *connection)
    .await?;
    let mut officers = by_stage(officers);
    let stages: Vec<StageRow> = sqlx::query_as(
        "/* case */ SELECT case_no, stage_no, kind, starts_at_us, ends_at_us, place FROM stage
         WHERE case_no = $1 ORDER BY stage_no",
    )
    .bind(case_no)
    .fetch_all(connection)
    .await?;
    let stages = stages.into_iter().map(|row| row.stage(&mut officers)).collect::<Result<_, _>>()?;
    Ok(Some((row.case()?, stages)))
}

/// The unit of each of these cases that is known.
pub(super) async fn units_of_cases(
    pool: &Pool,
    cases: &[String],
) -> Result<BTreeMap<String, String>, StoreError> {
    let rows: Vec<(String, String)> = sqlx::query_as(concat!(
        "/* units_of_cases */ SELECT case_no, unit FROM enforcement_case WHERE case_no IN ",
        texts!("$1")
    ))
    .bind(serde_json::json!(cases).to_string())
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().collect())
}

pub(super) async fn links(
    connection: &mut Connection,
    from: WallTime,
    until: WallTime,
) -> Result<Vec<Link>, StoreError> {
    let rows: Vec<(String, i64, String)> = sqlx::query_as(
        "/* links */ SELECT case_no, stage_no, object_key FROM link JOIN stage USING (case_no, stage_no)
         WHERE starts_at_us >= $1 AND starts_at_us < $2 ORDER BY case_no, stage_no, object_key",
    )
    .bind(from.0)
    .bind(until.0)
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|(case_no, stage_no, object_key)| {
            Ok(Link { case_no, stage_no: unsigned(stage_no)?, object_key })
        })
        .collect()
}

async fn excuses(
    connection: &mut Connection,
    from: WallTime,
    until: WallTime,
    as_of: WallTime,
) -> Result<Vec<Excuse>, StoreError> {
    type Row = (String, i64, String, String, String, i64, Option<i64>, Option<i64>);
    let rows: Vec<Row> = sqlx::query_as(
        "/* excuses */ SELECT case_no, stage_no, reason, note, recorded_by, recorded_at_us, e.starts_at_us,
                e.ends_at_us
         FROM excuse e JOIN stage s USING (case_no, stage_no)
         WHERE s.starts_at_us >= $1 AND s.starts_at_us < $2 AND recorded_at_us <= $3
           AND NOT EXISTS (
             SELECT 1 FROM excuse_withdrawal w
             WHERE w.case_no = e.case_no AND w.stage_no = e.stage_no AND w.reason = e.reason
               AND w.recorded_at_us = e.recorded_at_us AND w.withdrawn_at_us <= $3)
         ORDER BY recorded_at_us, case_no, stage_no, reason",
    )
    .bind(from.0)
    .bind(until.0)
    .bind(as_of.0)
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|(case_no, stage_no, reason, note, recorded_by, recorded_at, starts_at, ends_at)| {
            Ok(Excuse {
                case_no,
                stage_no: unsigned(stage_no)?,
                reason: reason.parse()?,
                note,
                recorded_by,
                recorded_at: WallTime(recorded_at),
                starts_at: starts_at.map(WallTime),
                ends_at: ends_at.map(WallTime),
            })
        })
        .collect()
}

async fn manifest(
    connection: &mut Connection,
    from: WallTime,
    until: WallTime,
) -> Result<Vec<ManifestEntry>, StoreError> {
    type Row = (String, String, Option<String>, i64, i64, i64);
    let rows: Vec<Row> = sqlx::query_as(
        "/* manifest */ SELECT device, file, badge, starts_at_us, ends_at_us, size_bytes FROM manifest_entry
         WHERE starts_at_us >= $1 AND starts_at_us < $2 ORDER BY device, file",
    )
    .bind((from + -MARGIN).0)
    .bind((until + MARGIN).0)
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|(device, file, badge, starts_at, ends_at, size_bytes)| {
            Ok(ManifestEntry {
                device,
                badge,
                file,
                starts_at: WallTime(starts_at),
                ends_at: WallTime(ends_at),
                size_bytes: unsigned(size_bytes)?,
            })
        })
        .collect()
}
