//! Notices, their events and their numbers.

use std::collections::BTreeMap;

use serde_json::json;

use super::reviews::{document, to_document};
use super::{Tx, numbered, signed, unsigned};
use crate::notice::{Notice, NoticeAct, NoticeBody, NoticeEvent};
use crate::store::{Issue, StoreError};
use crate::time::WallTime;

pub(super) async fn draft(
    tx: &mut Tx,
    body: &NoticeBody,
    by: &str,
    at: WallTime,
) -> Result<(u64, bool), StoreError> {
    let known: Option<i64> =
        sqlx::query_scalar("/* draft_notice */ SELECT notice_id FROM notice WHERE cause = $1")
            .bind(&body.cause)
            .fetch_optional(&mut **tx)
            .await?;
    if let Some(id) = known {
        return Ok((unsigned(id)?, false));
    }
    let id: i64 = sqlx::query_scalar(
        "/* draft_notice */ INSERT INTO notice (kind, month, unit, cause, body_json)
         VALUES ($1, $2, $3, $4, $5) RETURNING notice_id",
    )
    .bind(body.kind.as_str())
    .bind(body.month.to_string())
    .bind(&body.unit)
    .bind(&body.cause)
    .bind(to_document(body)?)
    .fetch_one(&mut **tx)
    .await?;
    tx.wrote("notice", &numbered(id), at);
    let id = unsigned(id)?;
    let event = NoticeEvent { number: 1, at, by: by.to_owned(), act: NoticeAct::Drafted };
    add_event_of(tx, id, &event).await?;
    Ok((id, true))
}

pub(super) async fn add_event_of(tx: &mut Tx, notice: u64, event: &NoticeEvent) -> Result<bool, StoreError> {
    let added = sqlx::query(
        "/* add_notice_event */ INSERT INTO notice_event (notice_id, number, at_us, by_whom, act, act_json)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (notice_id, number) DO NOTHING",
    )
    .bind(signed(notice)?)
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
        tx.wrote("notice_event", &json!([notice, event.number]), event.at);
        let detail = json!({ "number": event.number, "by": event.by, "act": event.act });
        tx.happened(event.at, "notice", &notice.to_string(), &detail);
    }
    Ok(added)
}

pub(super) async fn issue(tx: &mut Tx, issue: &Issue<'_>) -> Result<Option<NoticeEvent>, StoreError> {
    let id = signed(issue.notice)?;
    let body: Option<String> =
        sqlx::query_scalar("/* issue_notice */ SELECT body_json FROM notice WHERE notice_id = $1")
            .bind(id)
            .fetch_optional(&mut **tx)
            .await?;
    let Some(body) = body else { return Ok(None) };
    let body: NoticeBody = document(&body)?;
    // The write lock is held, so nobody takes the same number.
    let serial: i64 = sqlx::query_scalar(
        "/* issue_notice */ SELECT coalesce(max(serial), 0) + 1 FROM notice_serial
         WHERE district = $1 AND year = $2 AND kind = $3",
    )
    .bind(&body.district)
    .bind(i64::from(issue.year))
    .bind(body.kind.as_str())
    .fetch_one(&mut **tx)
    .await?;
    let added = sqlx::query(
        "/* issue_notice */ INSERT INTO notice_serial (district, year, kind, serial, notice_id)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (notice_id) DO NOTHING",
    )
    .bind(&body.district)
    .bind(i64::from(issue.year))
    .bind(body.kind.as_str())
    .bind(serial)
    .bind(id)
    .execute(&mut **tx)
    .await?
    .rows_affected()
        > 0;
    if !added {
        return Ok(None);
    }
    tx.wrote("notice_serial", &json!([body.district, issue.year, body.kind.as_str(), serial]), issue.at);
    let serial: u32 = unsigned(serial)?;
    let event = NoticeEvent {
        number: issue.event_number,
        at: issue.at,
        by: issue.by.to_owned(),
        act: NoticeAct::Issued {
            year: issue.year,
            serial,
            number: issue.pattern.replace("{serial}", &serial.to_string()),
            due_at: issue.due_at,
            approval: issue.approval.map(str::to_owned),
        },
    };
    Ok(add_event_of(tx, issue.notice, &event).await?.then_some(event))
}

pub(super) async fn all(tx: &mut Tx) -> Result<Vec<Notice>, StoreError> {
    let rows: Vec<(i64, i64, i64, String, String)> = sqlx::query_as(
        "/* notices */ SELECT notice_id, number, at_us, by_whom, act_json FROM notice_event
         ORDER BY notice_id, number",
    )
    .fetch_all(&mut **tx)
    .await?;
    let mut events: BTreeMap<u64, Vec<NoticeEvent>> = BTreeMap::new();
    for (id, number, at_us, by, act) in rows {
        let event = NoticeEvent { number: unsigned(number)?, at: WallTime(at_us), by, act: document(&act)? };
        events.entry(unsigned(id)?).or_default().push(event);
    }
    let rows: Vec<(i64, String)> =
        sqlx::query_as("/* notices */ SELECT notice_id, body_json FROM notice ORDER BY notice_id")
            .fetch_all(&mut **tx)
            .await?;
    rows.into_iter()
        .map(|(id, body)| {
            let id = unsigned(id)?;
            Ok(Notice { id, body: document(&body)?, events: events.remove(&id).unwrap_or_default() })
        })
        .collect()
}
