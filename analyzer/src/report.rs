//! The monthly return: what the bureau owes the city by the day that policy sets.
//!
//! It is made from a frozen round, its draw and what became of each obligation. There is no return
//! without a draw: the sentence speaks of recordings that were sampled, so [`monthly_return`] takes a
//! [`Draw`], and of the very frame. The figures say on which [`Basis`] they stand.
//!
//! An item that was drawn stays in the return and in every denominator whatever happened since. If its
//! obligation is no longer there (a stage was corrected or taken out after freezing), it counts as
//! sampled and not judged, and the bounds take it for missing.

use std::collections::{BTreeMap, BTreeSet};

use catalog::Month;
use serde::Serialize;

use crate::bounds::BoundsError;
use crate::policy::{Policy, Status};
use crate::sample::{Draw, Frozen, Standing};

pub mod checks;
pub mod document;
pub mod files;
mod proof;

pub use proof::{Bounds, Catch};

/// What an audit says of one obligation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckStatus {
    /// Recorded in full.
    Complete,
    /// Recorded in part.
    Partial,
    /// Not recorded at all.
    Missing,
    /// Not recorded in full, for a reason that policy allows.
    Excused,
}

/// What became of one obligation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Name of the obligation, `CASE/STAGE`.
    pub id: String,
    /// Code of its unit.
    pub unit: String,
    /// What the audit says.
    pub status: CheckStatus,
    /// Findings that it is not regular (不规范) and that nothing excuses.
    pub irregular: u32,
}

/// What the figures rest on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The audit by machine; nobody has looked yet.
    Machine,
    /// What people found.
    Human,
    /// Some of it what people found, the rest the machine's.
    Mixed,
}

/// One sampled obligation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReturnItem {
    /// Its place in the draw.
    pub order: u64,
    /// Its name.
    pub id: String,
    /// Code of its unit, as frozen.
    pub unit: String,
    /// Why it was drawn: `core`, or the rule that lacked it.
    pub reason: String,
    /// Whether people said that it is not looked at; it stays in every denominator, as not judged.
    pub skipped: bool,
    /// What the audit says; `None` if the obligation is no longer there, or was skipped.
    pub status: Option<CheckStatus>,
    /// Findings that it is not regular.
    pub irregular: u32,
}

/// Why an obligation is looked at that was not drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ApartReason {
    /// It takes the place of a skipped one.
    Substitute,
    /// Somebody wanted it because of a risk.
    Extra,
}

/// An obligation that is looked at and was not drawn: it is in no figure of the return and in no bound.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApartItem {
    /// Its name.
    pub id: String,
    /// Why.
    pub reason: ApartReason,
    /// What the audit says; `None` if the obligation is no longer there.
    pub status: Option<CheckStatus>,
    /// Findings that it is not regular.
    pub irregular: u32,
}

/// The figures of one unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReturnUnit {
    /// Its code.
    pub unit: String,
    /// Its name; `None` for a unit that is no squad.
    pub name: Option<String>,
    /// Recordings sampled.
    pub sampled: u64,
    /// Findings that they are not regular.
    pub irregular: u64,
    /// Recordings that are missing.
    pub missing: u64,
    /// Whether this round was the first of the period to reach it.
    pub newly_reached: bool,
}

/// What changed between freezing and now. It does not change the frame; it stands beside it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct FrameChanges {
    /// Obligations that came since.
    pub added: Vec<String>,
    /// Obligations that are no longer there.
    pub gone: Vec<String>,
}

/// The monthly return.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Return {
    /// Name of the round of recordings; `None`: the policy has none in this month.
    pub round: Option<String>,
    /// Month in which the checks take place, and in which the return is due.
    pub month: Month,
    /// First month whose obligations were checked; `None` without a round.
    pub base_from: Option<Month>,
    /// Last month whose obligations were checked; of a monthly round the only one.
    pub base_month: Option<Month>,
    /// Name of the policy.
    pub policy: String,
    /// Title of the return.
    pub title: String,
    /// Local date by which it is due, `2024-06-24`.
    pub due: String,
    /// Whether a public text confirms that date and the sentence.
    pub due_status: Status,
    /// What the figures rest on.
    pub basis: Basis,
    /// Cases of the base month.
    pub cases: u64,
    /// Obligations in the frame.
    pub frame_size: u64,
    /// Digest of the frame.
    pub frame_sha256: Option<String>,
    /// The seed of the draw.
    pub seed: Option<String>,
    /// Recordings sampled.
    pub recordings_sampled: u64,
    /// Findings that sampled recordings are not regular.
    pub irregular_found: u64,
    /// Sampled recordings that are missing.
    pub missing_found: u64,
    /// Sampled recordings that are excused.
    pub excused_found: u64,
    /// Sampled obligations that are no longer there, or were skipped.
    pub not_judged: u64,
    /// The sentence of the return.
    pub sentence: String,
    /// What the sample proves; `None` without a round.
    pub bounds: Option<Bounds>,
    /// Whether every quota could be met; `shortfalls` of the round says which could not.
    pub feasible: bool,
    /// Every squad, and every other unit with a sampled recording, by code.
    pub units: Vec<ReturnUnit>,
    /// The sampled obligations, in the order of drawing.
    pub items: Vec<ReturnItem>,
    /// Obligations that are looked at and were not drawn; in no figure above.
    pub apart: Vec<ApartItem>,
    /// What changed since freezing.
    pub frame_changes: FrameChanges,
}

/// Why there is no return.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ReportError {
    /// The draw is not of this round.
    #[error(
        "the draw is of round {draw_round} (frame {draw_frame}), not of {round} (frame {frame}): take the draw that belongs to the round"
    )]
    OtherRound {
        /// The round.
        round: String,
        /// Its frame's digest.
        frame: String,
        /// The draw's round.
        draw_round: String,
        /// The draw's frame's digest.
        draw_frame: String,
    },
    /// The policy is not that of the round.
    #[error("round {round} was frozen under the policy {frozen}, not {given}: report it under {frozen}")]
    OtherPolicy {
        /// The round.
        round: String,
        /// Its policy.
        frozen: String,
        /// The policy that was given.
        given: String,
    },
    /// One obligation was checked twice.
    #[error("obligation `{0}` was judged twice: each counts once")]
    Twice(String),
    /// A draw that is none.
    #[error("the figures of round {round} contradict themselves: {source}; verify the exported round")]
    Figures {
        /// The round.
        round: String,
        /// What is impossible.
        source: BoundsError,
    },
}

/// Fills in the monthly return; `checked` holds what became of each obligation of the base month.
pub fn monthly_return(
    frozen: &Frozen,
    draw: &Draw,
    standing: &Standing,
    checked: &[Checked],
    policy: &Policy,
) -> Result<Return, ReportError> {
    if draw.round != frozen.round || draw.frame_sha256 != frozen.frame_sha256 {
        return Err(ReportError::OtherRound {
            round: frozen.round.clone(),
            frame: frozen.frame_sha256.clone(),
            draw_round: draw.round.clone(),
            draw_frame: draw.frame_sha256.clone(),
        });
    }
    if policy.name != frozen.policy {
        return Err(ReportError::OtherPolicy {
            round: frozen.round.clone(),
            frozen: frozen.policy.clone(),
            given: policy.name.clone(),
        });
    }
    let mut by_id: BTreeMap<&str, &Checked> = BTreeMap::new();
    for one in checked {
        if by_id.insert(&one.id, one).is_some() {
            return Err(ReportError::Twice(one.id.clone()));
        }
    }

    let items: Vec<ReturnItem> = draw
        .items
        .iter()
        .map(|item| {
            let skipped = standing.skipped.contains(&item.id);
            let now = by_id.get(item.id.as_str()).filter(|_| !skipped);
            ReturnItem {
                order: item.order,
                id: item.id.clone(),
                unit: item.unit.clone(),
                reason: item.reason.clone(),
                skipped,
                status: now.map(|now| now.status),
                irregular: now.map_or(0, |now| now.irregular),
            }
        })
        .collect();
    let with_status = |status| items.iter().filter(|item| item.status == status).count() as u64;
    let recordings_sampled = items.len() as u64;
    let missing_found = with_status(Some(CheckStatus::Missing));
    let irregular_found: u64 = items.iter().map(|item| u64::from(item.irregular)).sum();
    Ok(Return {
        round: Some(frozen.round.clone()),
        month: frozen.month,
        base_from: Some(frozen.frame.base_from),
        base_month: Some(frozen.base_month),
        policy: policy.name.clone(),
        title: policy.monthly_return.title.clone(),
        due: due(policy, frozen.month),
        due_status: policy.monthly_return.source.status,
        basis: Basis::Machine,
        cases: frozen.cases,
        frame_size: frozen.frame_size,
        frame_sha256: Some(frozen.frame_sha256.clone()),
        seed: Some(draw.seed.clone()),
        recordings_sampled,
        irregular_found,
        missing_found,
        excused_found: with_status(Some(CheckStatus::Excused)),
        not_judged: with_status(None),
        sentence: sentence(policy, recordings_sampled, irregular_found, missing_found),
        bounds: proof::bounds_of(frozen, draw, &items)
            .map(Some)
            .map_err(|source| ReportError::Figures { round: frozen.round.clone(), source })?,
        feasible: frozen.feasible,
        units: units(frozen, &items, standing),
        apart: apart(standing, &by_id),
        frame_changes: changes(frozen, &by_id),
        items,
    })
}

/// The return of a month in which the policy has no round of recordings: its other checks are reported.
pub fn return_without_round(policy: &Policy, month: Month) -> Return {
    Return {
        round: None,
        month,
        base_from: None,
        base_month: None,
        policy: policy.name.clone(),
        title: policy.monthly_return.title.clone(),
        due: due(policy, month),
        due_status: policy.monthly_return.source.status,
        basis: Basis::Machine,
        cases: 0,
        frame_size: 0,
        frame_sha256: None,
        seed: None,
        recordings_sampled: 0,
        irregular_found: 0,
        missing_found: 0,
        excused_found: 0,
        not_judged: 0,
        sentence: sentence(policy, 0, 0, 0),
        bounds: None,
        feasible: true,
        units: Vec::new(),
        items: Vec::new(),
        apart: Vec::new(),
        frame_changes: FrameChanges::default(),
    }
}

fn due(policy: &Policy, month: Month) -> String {
    format!("{month}-{:02}", policy.monthly_return.due_day)
}

fn sentence(policy: &Policy, sampled: u64, irregular: u64, missing: u64) -> String {
    let sentence = &policy.monthly_return.sentence;
    sentence
        .replace("{sampled}", &sampled.to_string())
        .replace("{irregular}", &irregular.to_string())
        .replace("{missing}", &missing.to_string())
}

/// What is looked at and was not drawn.
fn apart(standing: &Standing, by_id: &BTreeMap<&str, &Checked>) -> Vec<ApartItem> {
    let item = |id: &String, reason| {
        let now = by_id.get(id.as_str());
        ApartItem {
            id: id.clone(),
            reason,
            status: now.map(|now| now.status),
            irregular: now.map_or(0, |now| now.irregular),
        }
    };
    let substitutes = standing.substitutes.iter().map(|id| item(id, ApartReason::Substitute));
    substitutes.chain(standing.extra.iter().map(|id| item(id, ApartReason::Extra))).collect()
}

/// The figures of every squad, and of every other unit that was sampled.
fn units(frozen: &Frozen, items: &[ReturnItem], standing: &Standing) -> Vec<ReturnUnit> {
    let none = |unit: &str, name: Option<&str>| ReturnUnit {
        unit: unit.to_owned(),
        name: name.map(str::to_owned),
        sampled: 0,
        irregular: 0,
        missing: 0,
        newly_reached: false,
    };
    let mut units: BTreeMap<&str, ReturnUnit> = frozen
        .frame
        .squads
        .iter()
        .map(|squad| (squad.unit.as_str(), none(&squad.unit, Some(&squad.name))))
        .collect();
    for item in items {
        let unit = units.entry(&item.unit).or_insert_with(|| none(&item.unit, None));
        unit.sampled += 1;
        unit.irregular += u64::from(item.irregular);
        unit.missing += u64::from(item.status == Some(CheckStatus::Missing));
    }
    // As the quotas of later rounds count: without what was skipped, with what took its place.
    let substitutes: BTreeSet<&str> = standing.substitutes.iter().map(String::as_str).collect();
    let took_a_place = frozen.frame.items.iter().filter(|item| substitutes.contains(item.id.as_str()));
    let looked_at: BTreeSet<&str> =
        (items.iter().filter(|item| !item.skipped).map(|item| item.unit.as_str()))
            .chain(took_a_place.map(|item| item.unit.as_str()))
            .collect();
    for due in &frozen.units_due {
        if let Some(unit) = units.get_mut(due.as_str()) {
            unit.newly_reached = looked_at.contains(due.as_str());
        }
    }
    units.into_values().collect()
}

/// What came and what went since the frame was frozen.
fn changes(frozen: &Frozen, now: &BTreeMap<&str, &Checked>) -> FrameChanges {
    let then: BTreeSet<&str> = frozen.frame.items.iter().map(|item| item.id.as_str()).collect();
    FrameChanges {
        added: now.keys().filter(|id| !then.contains(*id)).map(|id| (*id).to_owned()).collect(),
        gone: then.iter().filter(|id| !now.contains_key(*id)).map(|id| (*id).to_owned()).collect(),
    }
}
