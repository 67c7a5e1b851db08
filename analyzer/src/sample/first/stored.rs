//! Rounds of the first format as catalogs hold them: drawn by the rules they were frozen under, and shown as the
//! rounds of today are.
//!
//! What was published stays what it is: the frame, its digest and the draw are kept in the first format, and
//! exported in it. For everything that people do with a round afterwards, the frame is read as one of today's
//! with the same items and squads; its digest is the published one, and it is never computed from that reading.

use std::collections::BTreeMap;

use serde_json::Value;

use super::draw::{Draw, replay};
use super::frame::{FRAME_FORMAT, Frame};
use super::plan::Plan;
use crate::policy::{Population, ShareOf, Take, Within};
use crate::sample::draw::{DrawError, check_seed};
use crate::sample::plan::{Plan as PlanNow, Quota};
use crate::sample::{
    Draw as DrawNow, DrawnItem as ItemNow, Frame as FrameNow, FrameItem as FrameItemNow, FrameRule, Frozen,
    Squad as SquadNow,
};

/// Whether a stored document is of the first format: its frame does not name one.
pub(in super::super) fn is_first(document: &Value) -> bool {
    document.get("frame").is_some_and(|frame| frame.is_object() && frame.get("format").is_none())
}

/// The frame and digest that a stored document holds.
fn frame_of(document: &Value) -> serde_json::Result<(Frame, String)> {
    let frame = serde_json::from_value(document.get("frame").cloned().unwrap_or_default())?;
    let digest = serde_json::from_value(document.get("frame_sha256").cloned().unwrap_or_default())?;
    Ok((frame, digest))
}

/// The stored round, read as one of today's.
pub(in super::super) fn frozen(document: &Value) -> serde_json::Result<Frozen> {
    let (frame, frame_sha256) = frame_of(document)?;
    let plan = Plan::of(&frame);
    let text = |key: &str| document.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let list = |key: &str| -> serde_json::Result<Vec<String>> {
        document.get(key).cloned().map_or(Ok(Vec::new()), serde_json::from_value)
    };
    let months = document.get("months_missed").cloned().map_or(Ok(Vec::new()), serde_json::from_value)?;
    let due: Vec<String> = frame.due().map(str::to_owned).collect();
    let reached = (frame.squads.len() - due.len()) as u64;
    let rule = |id: &str, take, percent, of, within, there, done, rounds_left| FrameRule {
        id: id.to_owned(),
        take,
        percent: Some(percent),
        count: None,
        of,
        each: None,
        within,
        repeats_at_least: None,
        there,
        done,
        rounds_left,
    };
    let squads = frame.squads.len() as u64;
    let all = ShareOf::Population;
    let rules = vec![
        rule(
            "recordings",
            Take::Items,
            frame.items_percent,
            ShareOf::Cases,
            Within::Round,
            frame.cases,
            0,
            1,
        ),
        rule("squads", Take::Squads, frame.units_percent, all, Within::Round, squads, 0, 1),
        rule("all_squads", Take::Squads, 100, all, Within::HalfYear, squads, reached, plan.months_left),
    ];
    let mut sizes: BTreeMap<&str, u64> = BTreeMap::new();
    for item in &frame.items {
        *sizes.entry(item.unit.as_str()).or_default() += 1;
    }
    let quota = |rule: &str, need: u64, to_draw: u64| Quota {
        rule: rule.to_owned(),
        need,
        possible: to_draw,
        to_draw,
    };
    let now = FrameNow {
        format: FRAME_FORMAT.to_owned(),
        round: frame.round.clone(),
        month: frame.month,
        base_from: frame.base_month,
        base_to: frame.base_month,
        policy: frame.policy.clone(),
        kind: Population::Recordings,
        seed_source: String::new(),
        cases: frame.cases,
        rules,
        squads: frame
            .squads
            .iter()
            .map(|squad| {
                let there = sizes.get(squad.unit.as_str()).copied().unwrap_or(0);
                SquadNow {
                    unit: squad.unit.clone(),
                    name: squad.name.clone(),
                    there: vec![there; 3],
                    done: vec![0, 0, u64::from(!squad.due)],
                }
            })
            .collect(),
        officers: Vec::new(),
        items: frame
            .items
            .iter()
            .map(|item| FrameItemNow {
                id: item.id.clone(),
                unit: item.unit.clone(),
                repeats: 1,
                officers: Vec::new(),
            })
            .collect(),
    };
    Ok(Frozen {
        round: frame.round.clone(),
        month: frame.month,
        base_month: frame.base_month,
        policy: frame.policy.clone(),
        kind: Population::Recordings,
        seed_source: String::new(),
        cases: frame.cases,
        frame_size: frame.items.len() as u64,
        frame_sha256,
        items_required: plan.items_required,
        units_required: plan.units_required,
        units_due: due,
        units_unreachable: list("units_unreachable")?,
        months_missed: months,
        plan: PlanNow {
            // Its sample has no part that no rule chose.
            core: 0,
            quotas: vec![
                quota("recordings", plan.items_required, plan.items_to_draw),
                quota("squads", plan.units_required, plan.units_to_draw),
                quota("all_squads", plan.due_required, plan.due_to_draw),
            ],
        },
        feasible: document.get("feasible").and_then(Value::as_bool).unwrap_or(true),
        shortfalls: Vec::new(),
        outlook: Vec::new(),
        explanation: text("explanation"),
        explanation_zh: text("explanation_zh"),
        sources: BTreeMap::new(),
        counts_units: false,
        base_still_running: false,
        frame: now,
    })
}

/// Draws a stored round by the rules it was frozen under; the draw as it is stored.
///
/// # Errors
/// As for a round of today: the seed is none, or the frame is not the one that was frozen.
pub(in super::super) fn draw(document: &Value, seed: &str) -> Result<Value, StoredError> {
    check_seed(seed).map_err(DrawError::from)?;
    let (frame, expected) = frame_of(document)?;
    let found = frame.sha256();
    if found != expected {
        return Err(DrawError::FrameAltered { round: frame.round, expected, found }.into());
    }
    Ok(serde_json::to_value(replay(&frame, found, seed))?)
}

/// A stored draw, read as one of today's.
pub(in super::super) fn drawn(document: Value) -> serde_json::Result<DrawNow> {
    let draw: Draw = serde_json::from_value(document)?;
    Ok(DrawNow {
        round: draw.round,
        seed: draw.seed,
        frame_sha256: draw.frame_sha256,
        units: draw.units,
        items: draw
            .items
            .into_iter()
            .map(|item| ItemNow {
                order: item.order,
                id: item.id,
                unit: item.unit,
                ticket: item.ticket,
                reason: item.reason.as_str().to_owned(),
            })
            .collect(),
    })
}

/// A stored round that cannot be drawn.
#[derive(Debug, thiserror::Error)]
pub enum StoredError {
    /// Nothing can be drawn from it.
    #[error(transparent)]
    Draw(#[from] DrawError),
    /// It is no round.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}
