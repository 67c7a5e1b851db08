//! Excuses: recording one, taking it back, reading them. Neither changes what was recorded before.

use serde_json::json;

use super::{Pool, Tx, unsigned};
use crate::case::StageId;
use crate::excuse::{Excuse, ExcuseEntry, Withdrawal};
use crate::interval::Interval;
use crate::store::StoreError;
use crate::time::WallTime;

/// The key of an excuse's row, and of that of its withdrawal.
pub(super) fn key(excuse: &Excuse) -> serde_json::Value {
    json!([excuse.case_no, excuse.stage_no, excuse.reason.as_str(), excuse.recorded_at.0])
}

fn stage_id(excuse: &Excuse) -> StageId {
    StageId { case_no: excuse.case_no.clone(), stage_no: excuse.stage_no }
}

pub(super) async fn add(tx: &mut Tx, excuse: &Excuse) -> Result<bool, StoreError> {
    let added = sqlx::query(
        "/* add_excuse */ INSERT INTO excuse (case_no, stage_no, reason, note, recorded_by, recorded_at_us,
             starts_at_us, ends_at_us)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (case_no, stage_no, reason, recorded_at_us) DO NOTHING",
    )
    .bind(&excuse.case_no)
    .bind(i64::from(excuse.stage_no))
    .bind(excuse.reason.as_str())
    .bind(&excuse.note)
    .bind(&excuse.recorded_by)
    .bind(excuse.recorded_at.0)
    .bind(excuse.starts_at.map(|time| time.0))
    .bind(excuse.ends_at.map(|time| time.0))
    .execute(&mut **tx)
    .await?
    .rows_affected();
    if added == 0 {
        return Ok(false);
    }
    let detail = json!({
        "reason": excuse.reason, "by": excuse.recorded_by, "note": excuse.note,
        "starts_at": excuse.starts_at, "ends_at": excuse.ends_at,
    });
    tx.wrote("excuse", &key(excuse), excuse.recorded_at);
    tx.happened(excuse.recorded_at, "excused", &stage_id(excuse).to_string(), &detail);
    Ok(true)
}

pub(super) async fn withdraw(
    tx: &mut Tx,
    excuse: &Excuse,
    withdrawal: &Withdrawal,
) -> Result<bool, StoreError> {
    let withdrawn = sqlx::query(
        "/* withdraw_excuse */ INSERT INTO excuse_withdrawal
             (case_no, stage_no, reason, recorded_at_us, withdrawn_by, withdrawn_at_us, note)
         SELECT case_no, stage_no, reason, recorded_at_us, $5, $6, $7 FROM excuse
         WHERE case_no = $1 AND stage_no = $2 AND reason = $3 AND recorded_at_us = $4
         ON CONFLICT (case_no, stage_no, reason, recorded_at_us) DO NOTHING",
    )
    .bind(&excuse.case_no)
    .bind(i64::from(excuse.stage_no))
    .bind(excuse.reason.as_str())
    .bind(excuse.recorded_at.0)
    .bind(&withdrawal.withdrawn_by)
    .bind(withdrawal.withdrawn_at.0)
    .bind(&withdrawal.note)
    .execute(&mut **tx)
    .await?
    .rows_affected();
    if withdrawn == 0 {
        return Ok(false);
    }
    let detail = json!({
        "reason": excuse.reason, "recorded_at": excuse.recorded_at,
        "by": withdrawal.withdrawn_by, "note": withdrawal.note,
    });
    let subject = stage_id(excuse).to_string();
    tx.wrote("excuse_withdrawal", &key(excuse), withdrawal.withdrawn_at);
    tx.happened(withdrawal.withdrawn_at, "excuse_withdrawn", &subject, &detail);
    Ok(true)
}

#[derive(sqlx::FromRow)]
struct Row {
    case_no: String,
    stage_no: i64,
    reason: String,
    note: String,
    recorded_by: String,
    recorded_at_us: i64,
    starts_at_us: Option<i64>,
    ends_at_us: Option<i64>,
    withdrawn_by: Option<String>,
    withdrawn_at_us: Option<i64>,
    withdrawal_note: Option<String>,
}

impl Row {
    fn entry(self) -> Result<ExcuseEntry, StoreError> {
        let withdrawal = match (self.withdrawn_by, self.withdrawn_at_us, self.withdrawal_note) {
            (Some(withdrawn_by), Some(at), Some(note)) => {
                Some(Withdrawal { withdrawn_by, withdrawn_at: WallTime(at), note })
            }
            _ => None,
        };
        let excuse = Excuse {
            case_no: self.case_no,
            stage_no: unsigned(self.stage_no)?,
            reason: self.reason.parse()?,
            note: self.note,
            recorded_by: self.recorded_by,
            recorded_at: WallTime(self.recorded_at_us),
            starts_at: self.starts_at_us.map(WallTime),
            ends_at: self.ends_at_us.map(WallTime),
        };
        Ok(ExcuseEntry { excuse, withdrawal })
    }
}

// The sign before `starts_at_us` keeps its index out: there are few excuses, and many stages in a month.
pub(super) async fn of_stages_in(
    pool: &Pool,
    interval: Interval<WallTime>,
) -> Result<Vec<ExcuseEntry>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(
        "/* excuses */ SELECT e.case_no, e.stage_no, e.reason, e.note, e.recorded_by, e.recorded_at_us,
                e.starts_at_us, e.ends_at_us, w.withdrawn_by, w.withdrawn_at_us, w.note AS withdrawal_note
         FROM excuse e
         JOIN stage s ON s.case_no = e.case_no AND s.stage_no = e.stage_no
         LEFT JOIN excuse_withdrawal w
             ON w.case_no = e.case_no AND w.stage_no = e.stage_no AND w.reason = e.reason
            AND w.recorded_at_us = e.recorded_at_us
         WHERE +s.starts_at_us >= $1 AND +s.starts_at_us < $2
         ORDER BY e.case_no, e.stage_no, e.recorded_at_us, e.reason",
    )
    .bind(interval.start.0)
    .bind(interval.end.0)
    .fetch_all(pool)
    .await?;
    rows.into_iter().map(Row::entry).collect()
}

/// Refuses an excuse that stands on record with other words.
pub(super) async fn require_same(tx: &mut Tx, excuse: &Excuse) -> Result<(), StoreError> {
    let same: bool = sqlx::query_scalar(
        "/* require_same */ SELECT EXISTS (
             SELECT 1 FROM excuse
             WHERE case_no = $1 AND stage_no = $2 AND reason = $3 AND recorded_at_us = $4
               AND note = $5 AND recorded_by = $6
               AND starts_at_us IS NOT DISTINCT FROM $7 AND ends_at_us IS NOT DISTINCT FROM $8)",
    )
    .bind(&excuse.case_no)
    .bind(i64::from(excuse.stage_no))
    .bind(excuse.reason.as_str())
    .bind(excuse.recorded_at.0)
    .bind(&excuse.note)
    .bind(&excuse.recorded_by)
    .bind(excuse.starts_at.map(|time| time.0))
    .bind(excuse.ends_at.map(|time| time.0))
    .fetch_one(&mut **tx)
    .await?;
    if same {
        return Ok(());
    }
    Err(StoreError::ExcuseOnRecord {
        stage: stage_id(excuse),
        reason: excuse.reason,
        recorded_at: excuse.recorded_at,
    })
}
