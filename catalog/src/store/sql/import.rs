//! Taking in import files: every row is inserted, or updated where it says something else.
//!
//! One statement a row does it (`ON CONFLICT … DO UPDATE … WHERE … IS DISTINCT FROM …`): it touches
//! nothing where the row is there just so. New rows are told from changed ones by counting the table
//! before and after.

use std::sync::Arc;

use serde_json::json;
use sqlx::AssertSqlSafe;

use super::{Pool, Tx, excuses, signed, unsigned};
use crate::case::Stage;
use crate::import::{Import, ImportKind, ImportOutcome, KnownNames};
use crate::store::{ImportOrigin, StoreError};
use crate::time::WallTime;

/// One value to bind.
enum Value {
    Text(String),
    OptionalText(Option<String>),
    Integer(i64),
    Boolean(bool),
    OptionalInteger(Option<i64>),
    Real(f64),
}

impl Value {
    /// As a part of a key, which is text or a whole number.
    fn of_key(&self) -> serde_json::Value {
        match self {
            Self::Text(text) => json!(text),
            Self::OptionalText(text) => json!(text),
            Self::Integer(integer) => json!(integer),
            Self::Boolean(boolean) => json!(boolean),
            Self::OptionalInteger(integer) => json!(integer),
            Self::Real(real) => json!(real),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<&Option<String>> for Value {
    fn from(text: &Option<String>) -> Self {
        Self::OptionalText(text.clone())
    }
}

impl From<WallTime> for Value {
    fn from(time: WallTime) -> Self {
        Self::Integer(time.0)
    }
}

impl From<Option<WallTime>> for Value {
    fn from(time: Option<WallTime>) -> Self {
        Self::OptionalInteger(time.map(|time| time.0))
    }
}

const fn upsert_sql(kind: ImportKind) -> &'static str {
    match kind {
        ImportKind::Units => {
            "/* import */ INSERT INTO unit (code, name, kind, parent) VALUES ($1, $2, $3, $4)
             ON CONFLICT (code) DO UPDATE
             SET name = excluded.name, kind = excluded.kind, parent = excluded.parent
             WHERE (unit.name, unit.kind, unit.parent)
                IS DISTINCT FROM (excluded.name, excluded.kind, excluded.parent)"
        }
        ImportKind::Officers => {
            "/* import */ INSERT INTO officer (badge, name, unit, frontline) VALUES ($1, $2, $3, $4)
             ON CONFLICT (badge) DO UPDATE
             SET name = excluded.name, unit = excluded.unit, frontline = excluded.frontline
             WHERE (officer.name, officer.unit, officer.frontline)
                IS DISTINCT FROM (excluded.name, excluded.unit, excluded.frontline)"
        }
        ImportKind::Devices => {
            "/* import */ INSERT INTO device (serial, kind, unit, holder, synced_at_us, clock_error_us)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (serial) DO UPDATE
             SET kind = excluded.kind, unit = excluded.unit, holder = excluded.holder,
                 synced_at_us = excluded.synced_at_us, clock_error_us = excluded.clock_error_us
             WHERE (device.kind, device.unit, device.holder, device.synced_at_us, device.clock_error_us)
                IS DISTINCT FROM (excluded.kind, excluded.unit, excluded.holder, excluded.synced_at_us,
                                  excluded.clock_error_us)"
        }
        ImportKind::Cases => {
            "/* import */ INSERT INTO enforcement_case (case_no, unit, procedure, filed_at_us, closed_at_us, title)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (case_no) DO UPDATE
             SET unit = excluded.unit, procedure = excluded.procedure, filed_at_us = excluded.filed_at_us,
                 closed_at_us = excluded.closed_at_us, title = excluded.title
             WHERE (enforcement_case.unit, enforcement_case.procedure, enforcement_case.filed_at_us,
                    enforcement_case.closed_at_us, enforcement_case.title)
                IS DISTINCT FROM (excluded.unit, excluded.procedure, excluded.filed_at_us,
                                  excluded.closed_at_us, excluded.title)"
        }
        ImportKind::Stages => {
            "/* import */ INSERT INTO stage (case_no, stage_no, kind, starts_at_us, ends_at_us, place)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (case_no, stage_no) DO UPDATE
             SET kind = excluded.kind, starts_at_us = excluded.starts_at_us,
                 ends_at_us = excluded.ends_at_us, place = excluded.place
             WHERE (stage.kind, stage.starts_at_us, stage.ends_at_us, stage.place)
                IS DISTINCT FROM (excluded.kind, excluded.starts_at_us, excluded.ends_at_us, excluded.place)"
        }
        ImportKind::Complaints => {
            "/* import */ INSERT INTO complaint (case_no, repeats) VALUES ($1, $2)
             ON CONFLICT (case_no) DO UPDATE SET repeats = excluded.repeats
             WHERE complaint.repeats IS DISTINCT FROM excluded.repeats"
        }
        ImportKind::Links => {
            "/* import */ INSERT INTO link (case_no, stage_no, object_key) VALUES ($1, $2, $3)
             ON CONFLICT (case_no, stage_no, object_key) DO NOTHING"
        }
        ImportKind::Excuses => {
            "/* import */ INSERT INTO excuse (case_no, stage_no, reason, note, recorded_by, recorded_at_us,
                 starts_at_us, ends_at_us)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (case_no, stage_no, reason, recorded_at_us) DO NOTHING"
        }
        ImportKind::Manifest => {
            "/* import */ INSERT INTO manifest_entry (device, file, badge, starts_at_us, ends_at_us, size_bytes)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (device, file) DO UPDATE
             SET badge = excluded.badge, starts_at_us = excluded.starts_at_us,
                 ends_at_us = excluded.ends_at_us, size_bytes = excluded.size_bytes
             WHERE (manifest_entry.badge, manifest_entry.starts_at_us, manifest_entry.ends_at_us,
                    manifest_entry.size_bytes)
                IS DISTINCT FROM (excluded.badge, excluded.starts_at_us, excluded.ends_at_us, excluded.size_bytes)"
        }
        ImportKind::Docks => {
            "/* import */ INSERT INTO dock (code, name, unit, lon, lat, radius_m) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (code) DO UPDATE
             SET name = excluded.name, unit = excluded.unit, lon = excluded.lon, lat = excluded.lat,
                 radius_m = excluded.radius_m
             WHERE (dock.name, dock.unit, dock.lon, dock.lat, dock.radius_m)
                IS DISTINCT FROM (excluded.name, excluded.unit, excluded.lon, excluded.lat, excluded.radius_m)"
        }
        ImportKind::Areas => {
            "/* import */ INSERT INTO area (name, kind, sub_district, polygons_json) VALUES ($1, $2, $3, $4)
             ON CONFLICT (name) DO UPDATE
             SET kind = excluded.kind, sub_district = excluded.sub_district, polygons_json = excluded.polygons_json
             WHERE (area.kind, area.sub_district, area.polygons_json)
                IS DISTINCT FROM (excluded.kind, excluded.sub_district, excluded.polygons_json)"
        }
        ImportKind::Sorties => {
            "/* import */ INSERT INTO sortie (sortie, dock, device, took_off_at_us, landed_at_us, object_key, track,
                 status, note)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             ON CONFLICT (sortie) DO UPDATE
             SET dock = excluded.dock, device = excluded.device, took_off_at_us = excluded.took_off_at_us,
                 landed_at_us = excluded.landed_at_us, object_key = excluded.object_key, track = excluded.track,
                 status = excluded.status, note = excluded.note
             WHERE (sortie.dock, sortie.device, sortie.took_off_at_us, sortie.landed_at_us, sortie.object_key,
                    sortie.track, sortie.status, sortie.note)
                IS DISTINCT FROM (excluded.dock, excluded.device, excluded.took_off_at_us, excluded.landed_at_us,
                                  excluded.object_key, excluded.track, excluded.status,
                                  excluded.note)"
        }
    }
}

/// The statement that leaves alone what stands in these columns: they are set to what they are.
fn upsert_keeping(kind: ImportKind, absent: &[&'static str]) -> String {
    let (table, _) = logged(kind);
    absent.iter().fold(upsert_sql(kind).to_owned(), |sql, heading| {
        let column = match *heading {
            "synced_at" => "synced_at_us",
            "clock_error_ms" => "clock_error_us",
            "closed_at" => "closed_at_us",
            other => other,
        };
        sql.replace(&format!("excluded.{column}"), &format!("{table}.{column}"))
    })
}

const fn count_sql(kind: ImportKind) -> &'static str {
    match kind {
        ImportKind::Units => "/* import */ SELECT count(*) FROM unit",
        ImportKind::Officers => "/* import */ SELECT count(*) FROM officer",
        ImportKind::Devices => "/* import */ SELECT count(*) FROM device",
        ImportKind::Cases => "/* import */ SELECT count(*) FROM enforcement_case",
        ImportKind::Stages => "/* import */ SELECT count(*) FROM stage",
        ImportKind::Complaints => "/* import */ SELECT count(*) FROM complaint",
        ImportKind::Links => "/* import */ SELECT count(*) FROM link",
        ImportKind::Excuses => "/* import */ SELECT count(*) FROM excuse",
        ImportKind::Manifest => "/* import */ SELECT count(*) FROM manifest_entry",
        ImportKind::Docks => "/* import */ SELECT count(*) FROM dock",
        ImportKind::Areas => "/* import */ SELECT count(*) FROM area",
        ImportKind::Sorties => "/* import */ SELECT count(*) FROM sortie",
    }
}

/// The logged table that the rows of an import belong to, and which of the statement's values are its key.
const fn logged(kind: ImportKind) -> (&'static str, &'static [usize]) {
    match kind {
        ImportKind::Units => ("unit", &[0]),
        ImportKind::Officers => ("officer", &[0]),
        ImportKind::Devices => ("device", &[0]),
        ImportKind::Cases | ImportKind::Complaints => ("enforcement_case", &[0]),
        ImportKind::Stages => ("stage", &[0, 1]),
        ImportKind::Links => ("link", &[0, 1, 2]),
        ImportKind::Excuses => ("excuse", &[0, 1, 2, 5]),
        ImportKind::Manifest => ("manifest_entry", &[0, 1]),
        ImportKind::Docks => ("dock", &[0]),
        ImportKind::Areas => ("area", &[0]),
        ImportKind::Sorties => ("sortie", &[0]),
    }
}

/// The rows as values, in the order of the statement's placeholders.
fn rows(import: &Import) -> Result<Vec<Vec<Value>>, StoreError> {
    use Value::{Boolean, Integer, OptionalInteger, Real, Text};
    Ok(match import {
        Import::Units(units) => units
            .iter()
            .map(|unit| {
                vec![
                    (&unit.code).into(),
                    (&unit.name).into(),
                    unit.kind.as_str().into(),
                    (&unit.parent).into(),
                ]
            })
            .collect(),
        Import::Officers(officers) => officers
            .iter()
            .map(|officer| {
                let frontline = Boolean(officer.frontline);
                vec![(&officer.badge).into(), (&officer.name).into(), (&officer.unit).into(), frontline]
            })
            .collect(),
        Import::Devices(devices) => devices
            .iter()
            .map(|device| {
                vec![
                    (&device.serial).into(),
                    device.kind.as_str().into(),
                    (&device.unit).into(),
                    (&device.holder).into(),
                    device.synced_at.into(),
                    OptionalInteger(device.clock_error_us.map(|error| error.0)),
                ]
            })
            .collect(),
        Import::Cases(cases) => cases
            .iter()
            .map(|case| {
                vec![
                    (&case.case_no).into(),
                    (&case.unit).into(),
                    case.procedure.as_str().into(),
                    case.filed_at.into(),
                    case.closed_at.into(),
                    (&case.title).into(),
                ]
            })
            .collect(),
        Import::Stages(stages) => stages
            .iter()
            .map(|stage| {
                vec![
                    (&stage.case_no).into(),
                    Integer(stage.stage_no.into()),
                    stage.kind.as_str().into(),
                    stage.starts_at.into(),
                    stage.ends_at.into(),
                    (&stage.place).into(),
                ]
            })
            .collect(),
        Import::Complaints(complaints) => complaints
            .iter()
            .map(|complaint| vec![(&complaint.case_no).into(), Integer(complaint.repeats.into())])
            .collect(),
        Import::Links(links) => links
            .iter()
            .map(|link| {
                vec![(&link.case_no).into(), Integer(link.stage_no.into()), (&link.object_key).into()]
            })
            .collect(),
        Import::Excuses(excuses) => excuses
            .iter()
            .map(|excuse| {
                vec![
                    (&excuse.case_no).into(),
                    Integer(excuse.stage_no.into()),
                    excuse.reason.as_str().into(),
                    (&excuse.note).into(),
                    (&excuse.recorded_by).into(),
                    excuse.recorded_at.into(),
                    excuse.starts_at.into(),
                    excuse.ends_at.into(),
                ]
            })
            .collect(),
        Import::Manifest(entries) => entries
            .iter()
            .map(|entry| {
                Ok(vec![
                    (&entry.device).into(),
                    (&entry.file).into(),
                    (&entry.badge).into(),
                    entry.starts_at.into(),
                    entry.ends_at.into(),
                    Integer(signed(entry.size_bytes)?),
                ])
            })
            .collect::<Result<_, StoreError>>()?,
        Import::Docks(docks) => docks
            .iter()
            .map(|dock| {
                vec![
                    (&dock.code).into(),
                    (&dock.name).into(),
                    (&dock.unit).into(),
                    Real(dock.lon),
                    Real(dock.lat),
                    Real(dock.radius_m),
                ]
            })
            .collect(),
        Import::Areas(areas) => areas
            .iter()
            .map(|area| {
                let polygons = serde_json::json!(area.polygons).to_string();
                vec![
                    (&area.name).into(),
                    area.kind.as_str().into(),
                    (&area.sub_district).into(),
                    Text(polygons),
                ]
            })
            .collect(),
        Import::Sorties(sorties) => sorties
            .iter()
            .map(|sortie| {
                vec![
                    (&sortie.sortie).into(),
                    (&sortie.dock).into(),
                    (&sortie.device).into(),
                    sortie.took_off_at.into(),
                    sortie.landed_at.into(),
                    (&sortie.object_key).into(),
                    (&sortie.track).into(),
                    sortie.status.as_str().into(),
                    (&sortie.note).into(),
                ]
            })
            .collect(),
    })
}

pub(super) async fn import(
    tx: &mut Tx,
    import: &Import,
    origin: &ImportOrigin<'_>,
    at: WallTime,
) -> Result<ImportOutcome, StoreError> {
    let kind = import.kind();
    let before: i64 = sqlx::query_scalar(count_sql(kind)).fetch_one(&mut **tx).await?;
    let upsert: Arc<str> = upsert_keeping(kind, origin.absent).into();
    let mut touched = 0;
    for (position, values) in rows(import)?.into_iter().enumerate() {
        let (table, places) = logged(kind);
        let key: Vec<_> = places.iter().filter_map(|place| values.get(*place)).map(Value::of_key).collect();
        let mut query = sqlx::query(AssertSqlSafe(Arc::clone(&upsert)));
        for value in values {
            query = match value {
                Value::Text(text) => query.bind(text),
                Value::OptionalText(text) => query.bind(text),
                Value::Integer(integer) => query.bind(integer),
                Value::Boolean(boolean) => query.bind(boolean),
                Value::OptionalInteger(integer) => query.bind(integer),
                Value::Real(real) => query.bind(real),
            };
        }
        let mut row_touched = query.execute(&mut **tx).await?.rows_affected();
        if let Import::Stages(stages) = import
            && set_officers(tx, &stages[position]).await?
        {
            row_touched = 1;
        }
        if let Import::Excuses(rows) = import
            && row_touched == 0
        {
            excuses::require_same(tx, &rows[position]).await?;
        }
        if row_touched > 0 {
            tx.wrote(table, &json!(key), at);
        }
        touched += row_touched;
    }
    let after: i64 = sqlx::query_scalar(count_sql(kind)).fetch_one(&mut **tx).await?;
    let rows = import.rows() as u64;
    let new: u64 = unsigned(after - before)?;
    let outcome = ImportOutcome { kind, rows, new, changed: touched - new, unchanged: rows - touched };
    let detail = json!({
        "kind": kind, "file_sha256": origin.sha256,
        "rows": rows, "new": outcome.new, "changed": outcome.changed,
    });
    tx.happened(at, "imported", origin.file_name, &detail);
    Ok(outcome)
}

/// Makes the officers of a stage those named; `false` if they were so already.
async fn set_officers(tx: &mut Tx, stage: &Stage) -> Result<bool, StoreError> {
    let present: Vec<String> = sqlx::query_scalar(
        "/* set_officers */ SELECT badge FROM stage_officer WHERE case_no = $1 AND stage_no = $2 ORDER BY position",
    )
    .bind(&stage.case_no)
    .bind(i64::from(stage.stage_no))
    .fetch_all(&mut **tx)
    .await?;
    if present == stage.officers {
        return Ok(false);
    }
    sqlx::query("/* set_officers */ DELETE FROM stage_officer WHERE case_no = $1 AND stage_no = $2")
        .bind(&stage.case_no)
        .bind(i64::from(stage.stage_no))
        .execute(&mut **tx)
        .await?;
    for (position, badge) in (0_i64..).zip(&stage.officers) {
        sqlx::query(
            "/* set_officers */ INSERT INTO stage_officer (case_no, stage_no, position, badge)
             VALUES ($1, $2, $3, $4)",
        )
        .bind(&stage.case_no)
        .bind(i64::from(stage.stage_no))
        .bind(position)
        .bind(badge)
        .execute(&mut **tx)
        .await?;
    }
    Ok(true)
}

pub(super) async fn known_names(pool: &Pool) -> Result<KnownNames, StoreError> {
    let names = |sql| sqlx::query_scalar::<_, String>(sql).fetch_all(pool);
    let stages: Vec<(String, i64)> =
        sqlx::query_as("/* known_names */ SELECT case_no, stage_no FROM stage").fetch_all(pool).await?;
    Ok(KnownNames {
        units: names("/* known_names */ SELECT code FROM unit").await?.into_iter().collect(),
        badges: names("/* known_names */ SELECT badge FROM officer").await?.into_iter().collect(),
        devices: names("/* known_names */ SELECT serial FROM device").await?.into_iter().collect(),
        cases: names("/* known_names */ SELECT case_no FROM enforcement_case").await?.into_iter().collect(),
        stages: stages
            .into_iter()
            .map(|(case_no, stage_no)| Ok((case_no, unsigned(stage_no)?)))
            .collect::<Result<_, StoreError>>()?,
        docks: names("/* known_names */ SELECT code FROM dock").await?.into_iter().collect(),
    })
}
