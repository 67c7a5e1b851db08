//! Reading the access trail.
//!
//! It is long, so every order and every filter has an index: lines are numbered as they are added, which is the order of
//! time, and each person's and each act's stand in that order, too. Only one person's lines in the order of acts, or the
//! lines of one act in the order of persons, may have to be sorted.

use super::{Pool, reviews};
use crate::account::{TrailLine, UserId};
use crate::store::{SortKey, StoreError, TrailQuery, TrailSort};
use crate::time::WallTime;

/// More than any login or act.
const LAST_TEXT: &str = "\u{10ffff}";

/// A page of $3 lines of which `$which` is so, after the line $1 that has $2.
macro_rules! lines {
    ($which:literal, $after:literal, $order:literal) => {
        concat!(
            "/* trail */ SELECT access_trail_id, at_us, user_id, login, act, subject, outcome, detail_json
             FROM access_trail WHERE ",
            $which,
            " AND ",
            $after,
            " ORDER BY ",
            $order,
            limit!("$3")
        )
    };
}

/// The statements by time, by person and by act, each forwards and backwards.
type Ways = [[&'static str; 2]; 3];

macro_rules! ways {
    ($which:literal) => {
        [
            [
                lines!($which, "access_trail_id > $1", "access_trail_id"),
                lines!($which, "access_trail_id < $1", "access_trail_id DESC"),
            ],
            [
                lines!($which, "(login, access_trail_id) > ($2, $1)", "login, access_trail_id"),
                lines!($which, "(login, access_trail_id) < ($2, $1)", "login DESC, access_trail_id DESC"),
            ],
            [
                lines!($which, "(act, access_trail_id) > ($2, $1)", "act, access_trail_id"),
                lines!($which, "(act, access_trail_id) < ($2, $1)", "act DESC, access_trail_id DESC"),
            ],
        ]
    };
}

/// All lines.
pub(in super::super) const ALL: Ways = ways!("TRUE");
/// Those of the person $4, and of the act $5 if one is asked for.
const OF_LOGIN: Ways = ways!("login = $4 AND ($5 IS NULL OR act = $5)");
/// Those of the act $5.
const OF_ACT: Ways = ways!("act = $5");

#[derive(sqlx::FromRow)]
struct TrailRow {
    access_trail_id: i64,
    at_us: i64,
    user_id: Option<i64>,
    login: String,
    act: String,
    subject: String,
    outcome: String,
    detail_json: String,
}

pub(super) async fn list(pool: &Pool, query: &TrailQuery) -> Result<Vec<TrailLine>, StoreError> {
    let ways = match (&query.login, &query.act) {
        (Some(_), _) => &OF_LOGIN,
        (None, Some(_)) => &OF_ACT,
        (None, None) => &ALL,
    };
    let order = &query.order;
    let by = match order.sort {
        TrailSort::At => 0,
        TrailSort::Login => 1,
        TrailSort::Act => 2,
    };
    let (key, number) = match &order.after {
        Some((SortKey::Text(text), number)) => (text.as_str(), *number),
        Some((_, number)) => ("", *number),
        None if order.backwards => (LAST_TEXT, i64::MAX),
        None => ("", i64::MIN),
    };
    let rows: Vec<TrailRow> = sqlx::query_as(ways[by][usize::from(order.backwards)])
        .bind(number)
        .bind(key)
        .bind(i64::from(query.limit))
        .bind(&query.login)
        .bind(&query.act)
        .fetch_all(pool)
        .await?;
    rows.into_iter()
        .map(|row| {
            Ok(TrailLine {
                id: row.access_trail_id,
                at: WallTime(row.at_us),
                user: row.user_id.map(UserId),
                login: row.login,
                act: row.act,
                subject: row.subject,
                outcome: row.outcome.parse()?,
                detail: reviews::document(&row.detail_json)?,
            })
        })
        .collect()
}
