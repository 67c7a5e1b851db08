//! Kept returns, announced seeds, and the steps of the schedule.

use serde_json::json;

use super::{Pool, Tx, numbered, unsigned};
use crate::filing::{AnnouncedSeed, ReturnEntry, ReturnFile, ReturnRecord, ReturnState, ScheduleStep};
use crate::store::StoreError;
use crate::time::{Month, ParseMonthError, WallTime};

fn month_of(text: &str) -> Result<Month, StoreError> {
    text.parse().map_err(|error: ParseMonthError| StoreError::UnknownValue(error.to_string()))
}

pub(super) async fn keep(tx: &mut Tx, record: &ReturnRecord) -> Result<(u32, bool), StoreError> {
    let month = record.month.to_string();
    let last: Option<(i64, String)> = sqlx::query_as(
        "/* keep_return */ SELECT version, figures_sha256 FROM kept_return
         WHERE month = $1 AND policy = $2 AND state = $3 ORDER BY version DESC LIMIT 1",
    )
    .bind(&month)
    .bind(&record.policy)
    .bind(record.state.as_str())
    .fetch_optional(&mut **tx)
    .await?;
    let version = match &last {
        Some((version, figures)) if *figures == record.figures_sha256 => {
            return Ok((unsigned(*version)?, false));
        }
        Some((version, _)) => version + 1,
        None => 1,
    };
    sqlx::query(
        "/* keep_return */ INSERT INTO kept_return (month, policy, state, version, at_us, by_whom, figures_sha256,
             sentence)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(&month)
    .bind(&record.policy)
    .bind(record.state.as_str())
    .bind(version)
    .bind(record.at.0)
    .bind(&record.by)
    .bind(&record.figures_sha256)
    .bind(&record.sentence)
    .execute(&mut **tx)
    .await?;
    tx.wrote("kept_return", &json!([month, record.policy, record.state.as_str(), version]), record.at);
    for file in &record.files {
        sqlx::query(
            "/* keep_return */ INSERT INTO kept_return_file (month, policy, state, version, format, sha256, bytes)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(&month)
        .bind(&record.policy)
        .bind(record.state.as_str())
        .bind(version)
        .bind(&file.format)
        .bind(&file.sha256)
        .bind(&file.bytes)
        .execute(&mut **tx)
        .await?;
        let key = json!([month, record.policy, record.state.as_str(), version, file.format]);
        tx.wrote("kept_return_file", &key, record.at);
    }
    let detail = json!({
        "state": record.state, "version": version, "figures_sha256": record.figures_sha256, "by": record.by,
    });
    tx.happened(record.at, "return", &format!("{month}/{}", record.policy), &detail);
    Ok((unsigned(version)?, true))
}

#[derive(sqlx::FromRow)]
struct Row {
    month: String,
    policy: String,
    state: String,
    version: i64,
    at_us: i64,
    by_whom: String,
    figures_sha256: String,
    sentence: String,
}

pub(super) async fn all(tx: &mut Tx) -> Result<Vec<ReturnEntry>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(
        "/* returns */ SELECT month, policy, state, version, at_us, by_whom, figures_sha256, sentence
         FROM kept_return ORDER BY month, policy, state, version",
    )
    .fetch_all(&mut **tx)
    .await?;
    let mut entries = Vec::with_capacity(rows.len());
    for row in rows {
        let files: Vec<(String, String)> = sqlx::query_as(
            "/* returns */ SELECT format, sha256 FROM kept_return_file
             WHERE month = $1 AND policy = $2 AND state = $3 AND version = $4 ORDER BY format",
        )
        .bind(&row.month)
        .bind(&row.policy)
        .bind(&row.state)
        .bind(row.version)
        .fetch_all(&mut **tx)
        .await?;
        entries.push(ReturnEntry {
            month: month_of(&row.month)?,
            policy: row.policy,
            state: row.state.parse()?,
            version: unsigned(row.version)?,
            at: WallTime(row.at_us),
            by: row.by_whom,
            figures_sha256: row.figures_sha256,
            sentence: row.sentence,
            files,
        });
    }
    Ok(entries)
}

pub(super) async fn files(
    pool: &Pool,
    month: Month,
    policy: &str,
    state: ReturnState,
    version: u32,
) -> Result<Vec<ReturnFile>, StoreError> {
    let rows: Vec<(String, Vec<u8>, String)> = sqlx::query_as(
        "/* return_files */ SELECT format, bytes, sha256 FROM kept_return_file
         WHERE month = $1 AND policy = $2 AND state = $3 AND version = $4 ORDER BY format",
    )
    .bind(month.to_string())
    .bind(policy)
    .bind(state.as_str())
    .bind(i64::from(version))
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(|(format, bytes, sha256)| ReturnFile { format, bytes, sha256 }).collect())
}

pub(super) async fn announce_seed(tx: &mut Tx, seed: &AnnouncedSeed) -> Result<bool, StoreError> {
    let added = sqlx::query(
        "/* announce_seed */ INSERT INTO announced_seed (round_id, seed, at_us, by_whom)
         VALUES ($1, $2, $3, $4) ON CONFLICT (round_id) DO NOTHING",
    )
    .bind(&seed.round)
    .bind(&seed.seed)
    .bind(seed.at.0)
    .bind(&seed.by)
    .execute(&mut **tx)
    .await?
    .rows_affected()
        > 0;
    if added {
        tx.wrote("announced_seed", &json!([seed.round]), seed.at);
        let detail = json!({ "seed": seed.seed, "by": seed.by });
        tx.happened(seed.at, "seed", &seed.round, &detail);
    }
    Ok(added)
}

pub(super) async fn announced_seed(pool: &Pool, round: &str) -> Result<Option<AnnouncedSeed>, StoreError> {
    let row: Option<(String, i64, String)> = sqlx::query_as(
        "/* announced_seed */ SELECT seed, at_us, by_whom FROM announced_seed WHERE round_id = $1",
    )
    .bind(round)
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|(seed, at_us, by)| AnnouncedSeed { round: round.to_owned(), seed, at: WallTime(at_us), by }))
}

pub(super) async fn add_step(tx: &mut Tx, step: &ScheduleStep) -> Result<(), StoreError> {
    let id: i64 = sqlx::query_scalar(
        "/* add_step */ INSERT INTO schedule_step (month, policy, step, round, at_us, outcome, detail, detail_zh)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING step_id",
    )
    .bind(step.month.to_string())
    .bind(&step.policy)
    .bind(step.step.as_str())
    .bind(&step.round)
    .bind(step.at.0)
    .bind(step.outcome.as_str())
    .bind(&step.detail)
    .bind(&step.detail_zh)
    .fetch_one(&mut **tx)
    .await?;
    tx.wrote("schedule_step", &numbered(id), step.at);
    Ok(())
}

#[derive(sqlx::FromRow)]
struct StepRow {
    month: String,
    policy: String,
    step: String,
    round: Option<String>,
    at_us: i64,
    outcome: String,
    detail: String,
    detail_zh: String,
}

pub(super) async fn steps(pool: &Pool, month: Option<Month>) -> Result<Vec<ScheduleStep>, StoreError> {
    let rows: Vec<StepRow> = sqlx::query_as(
        "/* steps */ SELECT month, policy, step, round, at_us, outcome, detail, detail_zh FROM schedule_step
         WHERE $1 IS NULL OR month = $1 ORDER BY step_id",
    )
    .bind(month.map(|month| month.to_string()))
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(ScheduleStep {
                month: month_of(&row.month)?,
                policy: row.policy,
                step: row.step.parse()?,
                round: row.round,
                at: WallTime(row.at_us),
                outcome: row.outcome.parse()?,
                detail: row.detail,
                detail_zh: row.detail_zh,
            })
        })
        .collect()
}
