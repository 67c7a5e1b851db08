//! Assignments, review events and visits.

use serde_json::json;

use super::{Pool, Tx, numbered, unsigned};
use crate::review::{Assignment, ReviewAct, ReviewEvent, ReviewFile, Visit};
use crate::store::StoreError;
use crate::time::WallTime;

/// A document that the schema says is one of ours.
pub(super) fn document<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::UnknownValue(format!("{text}: {error}")))
}

/// A value as a document.
pub(super) fn to_document<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::UnknownValue(error.to_string()))
}

pub(super) async fn assign(tx: &mut Tx, assignments: &[Assignment]) -> Result<bool, StoreError> {
    let Some(first) = assignments.first() else { return Ok(true) };
    for one in assignments {
        let added = sqlx::query(
            "/* assign */ INSERT INTO review_assignment (round_id, item, seat, revision, unit, badge, blind,
                 assigned_at_us, due_at_us, assigned_by, reason)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
             ON CONFLICT (round_id, item, seat, revision) DO NOTHING",
        )
        .bind(&one.round)
        .bind(&one.item)
        .bind(i64::from(one.seat))
        .bind(i64::from(one.revision))
        .bind(&one.unit)
        .bind(&one.badge)
        .bind(one.blind)
        .bind(one.assigned_at.0)
        .bind(one.due_at.0)
        .bind(&one.assigned_by)
        .bind(&one.reason)
        .execute(&mut **tx)
        .await?
        .rows_affected();
        if added == 0 {
            return Ok(false);
        }
        let key = json!([one.round, one.item, one.seat, one.revision]);
        tx.wrote("review_assignment", &key, one.assigned_at);
    }
    let detail = json!({ "assignments": assignments.len(), "by": first.assigned_by });
    tx.happened(first.assigned_at, "assigned", &first.round, &detail);
    Ok(true)
}

#[derive(sqlx::FromRow)]
struct AssignmentRow {
    item: String,
    seat: i64,
    revision: i64,
    unit: String,
    badge: String,
    blind: bool,
    assigned_at_us: i64,
    due_at_us: i64,
    assigned_by: String,
    reason: Option<String>,
}

pub(super) async fn file(tx: &mut Tx, round: &str) -> Result<ReviewFile, StoreError> {
    let rows: Vec<AssignmentRow> = sqlx::query_as(
        "/* review_file */ SELECT item, seat, revision, unit, badge, blind, assigned_at_us, due_at_us, assigned_by,
                reason
         FROM review_assignment WHERE round_id = $1 ORDER BY item, seat, revision",
    )
    .bind(round)
    .fetch_all(&mut **tx)
    .await?;
    let assignments = rows
        .into_iter()
        .map(|row| {
            Ok(Assignment {
                round: round.to_owned(),
                item: row.item,
                unit: row.unit,
                seat: unsigned(row.seat)?,
                revision: unsigned(row.revision)?,
                badge: row.badge,
                blind: row.blind,
                assigned_at: WallTime(row.assigned_at_us),
                due_at: WallTime(row.due_at_us),
                assigned_by: row.assigned_by,
                reason: row.reason,
            })
        })
        .collect::<Result<_, StoreError>>()?;
    let rows: Vec<(String, i64, i64, String, String)> = sqlx::query_as(
        "/* review_file */ SELECT item, number, at_us, by_badge, act_json
         FROM review_event WHERE round_id = $1 ORDER BY item, number",
    )
    .bind(round)
    .fetch_all(&mut **tx)
    .await?;
    let events = rows
        .into_iter()
        .map(|(item, number, at_us, by, act)| {
            Ok(ReviewEvent {
                round: round.to_owned(),
                item,
                number: unsigned(number)?,
                at: WallTime(at_us),
                by,
                act: document::<ReviewAct>(&act)?,
            })
        })
        .collect::<Result<_, StoreError>>()?;
    Ok(ReviewFile { assignments, events })
}

pub(super) async fn add_event_of(tx: &mut Tx, event: &ReviewEvent) -> Result<bool, StoreError> {
    let added = sqlx::query(
        "/* add_review_event */ INSERT INTO review_event (round_id, item, number, at_us, by_badge, act, act_json)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (round_id, item, number) DO NOTHING",
    )
    .bind(&event.round)
    .bind(&event.item)
    .bind(i64::from(event.number))
    .bind(event.at.0)
    .bind(&event.by)
    .bind(event.act.as_str())
    .bind(to_document(&event.act)?)
    .execute(&mut **tx)
    .await?
    .rows_affected()
        > 0;
    if added {
        tx.wrote("review_event", &json!([event.round, event.item, event.number]), event.at);
        let detail =
            json!({ "item": event.item, "number": event.number, "act": event.act.as_str(), "by": event.by });
        tx.happened(event.at, "reviewed", &event.round, &detail);
    }
    Ok(added)
}

pub(super) async fn add_visit(tx: &mut Tx, visit: &Visit) -> Result<u64, StoreError> {
    let id: i64 = sqlx::query_scalar(
        "/* add_visit */ INSERT INTO visit (unit, starts_at_us, ends_at_us, on_site, supervisors_json, note,
             found_json, recorded_at_us, recorded_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING visit_id",
    )
    .bind(&visit.unit)
    .bind(visit.starts_at.0)
    .bind(visit.ends_at.0)
    .bind(visit.on_site)
    .bind(to_document(&visit.supervisors)?)
    .bind(&visit.note)
    .bind(to_document(&visit.found)?)
    .bind(visit.recorded_at.0)
    .bind(&visit.recorded_by)
    .fetch_one(&mut **tx)
    .await?;
    tx.wrote("visit", &numbered(id), visit.recorded_at);
    let detail = json!({ "visit": id, "found": visit.found.len() });
    tx.happened(visit.recorded_at, "visited", &visit.unit, &detail);
    unsigned(id)
}

#[derive(sqlx::FromRow)]
struct VisitRow {
    visit_id: i64,
    unit: String,
    starts_at_us: i64,
    ends_at_us: i64,
    on_site: bool,
    supervisors_json: String,
    note: String,
    found_json: String,
    recorded_at_us: i64,
    recorded_by: String,
}

pub(super) async fn visits(pool: &Pool) -> Result<Vec<Visit>, StoreError> {
    let rows: Vec<VisitRow> = sqlx::query_as(
        "/* visits */ SELECT visit_id, unit, starts_at_us, ends_at_us, on_site, supervisors_json, note, found_json,
                recorded_at_us, recorded_by
         FROM visit ORDER BY visit_id",
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Visit {
                number: unsigned(row.visit_id)?,
                unit: row.unit,
                starts_at: WallTime(row.starts_at_us),
                ends_at: WallTime(row.ends_at_us),
                supervisors: document(&row.supervisors_json)?,
                on_site: row.on_site,
                note: row.note,
                found: document(&row.found_json)?,
                recorded_at: WallTime(row.recorded_at_us),
                recorded_by: row.recorded_by,
            })
        })
        .collect()
}
