//! Sampling rounds: frozen once, drawn once.

use serde_json::json;

use super::{Pool, Tx, numbered};
use crate::round::{Round, RoundAct, RoundBrief, RoundDraw};
use crate::store::StoreError;
use crate::time::{Month, WallTime};

pub(super) async fn freeze(tx: &mut Tx, round: &Round) -> Result<bool, StoreError> {
    let added = sqlx::query(
        "/* freeze_round */ INSERT INTO round (round_id, month, policy, frozen_at_us, frozen_json, frame_sha256)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (round_id) DO NOTHING",
    )
    .bind(&round.id)
    .bind(round.month.to_string())
    .bind(&round.policy)
    .bind(round.frozen_at.0)
    .bind(&round.frozen_json)
    .bind(&round.frame_sha256)
    .execute(&mut **tx)
    .await?
    .rows_affected()
        > 0;
    if added {
        tx.wrote("round", &json!([round.id]), round.frozen_at);
        tx.happened(round.frozen_at, "frozen", &round.id, &json!({ "frame_sha256": round.frame_sha256 }));
    }
    Ok(added)
}

pub(super) async fn draw(tx: &mut Tx, id: &str, draw: &RoundDraw) -> Result<bool, StoreError> {
    let added = sqlx::query(
        "/* draw_round */ INSERT INTO round_draw (round_id, seed, drawn_at_us, draw_json)
         VALUES ($1, $2, $3, $4) ON CONFLICT (round_id) DO NOTHING",
    )
    .bind(id)
    .bind(&draw.seed)
    .bind(draw.drawn_at.0)
    .bind(&draw.draw_json)
    .execute(&mut **tx)
    .await?
    .rows_affected()
        > 0;
    if added {
        tx.wrote("round_draw", &json!([id]), draw.drawn_at);
        tx.happened(draw.drawn_at, "drawn", id, &json!({ "seed": draw.seed }));
    }
    Ok(added)
}

#[derive(sqlx::FromRow)]
struct Row {
    round_id: String,
    month: String,
    policy: String,
    frozen_at_us: i64,
    frozen_json: String,
    frame_sha256: String,
    seed: Option<String>,
    drawn_at_us: Option<i64>,
    draw_json: Option<String>,
}

impl Row {
    fn round(self) -> Result<Round, StoreError> {
        let draw = match (self.seed, self.drawn_at_us, self.draw_json) {
            (Some(seed), Some(at), Some(draw_json)) => {
                Some(RoundDraw { seed, drawn_at: WallTime(at), draw_json })
            }
            _ => None,
        };
        Ok(Round {
            id: self.round_id,
            month: month(&self.month)?,
            policy: self.policy,
            frozen_at: WallTime(self.frozen_at_us),
            frozen_json: self.frozen_json,
            frame_sha256: self.frame_sha256,
            draw,
        })
    }
}

fn month(text: &str) -> Result<Month, StoreError> {
    text.parse().map_err(|error: crate::time::ParseMonthError| StoreError::UnknownValue(error.to_string()))
}

pub(super) async fn all(pool: &Pool) -> Result<Vec<Round>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(
        "/* rounds */ SELECT round_id, month, policy, frozen_at_us, frozen_json, frame_sha256, seed, drawn_at_us,
                draw_json
         FROM round LEFT JOIN round_draw USING (round_id) ORDER BY month, round_id",
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter().map(Row::round).collect()
}

pub(super) async fn one(pool: &Pool, id: &str) -> Result<Option<Round>, StoreError> {
    let row: Option<Row> = sqlx::query_as(
        "/* round */ SELECT round_id, month, policy, frozen_at_us, frozen_json, frame_sha256, seed, drawn_at_us,
                draw_json
         FROM round LEFT JOIN round_draw USING (round_id) WHERE round_id = $1",
    )
    .bind(id)
    .fetch_optional(pool)
    .await?;
    row.map(Row::round).transpose()
}

/// The documents of a round of a city are megabytes long: whoever lists rounds does not read them.
pub(super) async fn in_brief(pool: &Pool) -> Result<Vec<RoundBrief>, StoreError> {
    type Row = (String, String, String, i64, String, Option<String>, Option<i64>);
    let rows: Vec<Row> = sqlx::query_as(
        "/* rounds_in_brief */ SELECT round_id, month, policy, frozen_at_us, frame_sha256, seed, drawn_at_us
         FROM round LEFT JOIN round_draw USING (round_id) ORDER BY month, round_id",
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|(id, of, policy, frozen_at, frame_sha256, seed, drawn_at)| {
            Ok(RoundBrief {
                id,
                month: month(&of)?,
                policy,
                frozen_at: WallTime(frozen_at),
                frame_sha256,
                seed,
                drawn_at: drawn_at.map(WallTime),
            })
        })
        .collect()
}

pub(super) async fn add_act(tx: &mut Tx, id: &str, act: &RoundAct) -> Result<(), StoreError> {
    let number: i64 = sqlx::query_scalar(
        "/* add_round_act */ INSERT INTO round_act (round_id, kind, at_us, who, why, item, taken_json, seed, draw_json)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING round_act_id",
    )
    .bind(id)
    .bind(act.kind.as_str())
    .bind(act.at.0)
    .bind(&act.who)
    .bind(&act.why)
    .bind(&act.item)
    .bind(json!(act.taken).to_string())
    .bind(act.draw.as_ref().map(|draw| &draw.seed))
    .bind(act.draw.as_ref().map(|draw| &draw.draw_json))
    .fetch_one(&mut **tx)
    .await?;
    tx.wrote("round_act", &numbered(number), act.at);
    let seed = act.draw.as_ref().map(|draw| &draw.seed);
    let detail = json!({
        "act": act.kind, "who": act.who, "why": act.why, "item": act.item, "taken": act.taken, "seed": seed
    });
    tx.happened(act.at, "round_act", id, &detail);
    Ok(())
}

#[derive(sqlx::FromRow)]
struct ActRow {
    kind: String,
    at_us: i64,
    who: String,
    why: String,
    item: String,
    taken_json: String,
    seed: Option<String>,
    draw_json: Option<String>,
}

pub(super) async fn acts(pool: &Pool, id: &str) -> Result<Vec<RoundAct>, StoreError> {
    let rows: Vec<ActRow> = sqlx::query_as(
        "/* round_acts */ SELECT kind, at_us, who, why, item, taken_json, seed, draw_json FROM round_act
         WHERE round_id = $1 ORDER BY round_act_id",
    )
    .bind(id)
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            let at = WallTime(row.at_us);
            let taken = serde_json::from_str(&row.taken_json)
                .map_err(|error| StoreError::UnknownValue(format!("{}: {error}", row.taken_json)))?;
            let draw = match (row.seed, row.draw_json) {
                (Some(seed), Some(draw_json)) => Some(RoundDraw { seed, drawn_at: at, draw_json }),
                _ => None,
            };
            Ok(RoundAct {
                kind: row.kind.parse()?,
                at,
                who: row.who,
                why: row.why,
                item: row.item,
                taken,
                draw,
            })
        })
        .collect()
}
