//! Freezing: from what happened last month to a frame that no longer changes.
//!
//! Two choices are made here, once. **Cases**: "上月案件总数" counts every case, of whichever procedure,
//! that was filed in the base month or has a stage that began in it; that is the larger of the readings
//! one could defend, so the sample is never too small under another. **Obligations**: the stages that
//! began in the base month, of the kinds that policy names; each answers for the unit of its case.

use std::collections::{BTreeMap, BTreeSet};

use catalog::Month;
use catalog::case::{Case, Stage};
use catalog::unit::{Unit, UnitKind};
use serde::{Deserialize, Serialize};

use super::explain;
use super::frame::Period;
use super::frame::{Frame, FrameItem, Squad, is_writable};
use super::plan::{Plan, Shortfall};
use crate::policy::{Policy, Population, Source};

/// An earlier round of the same policy that was drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierRound {
    /// Its month.
    pub month: Month,
    /// Codes of the units it reached ([`super::Draw::units`]).
    pub units: BTreeSet<String>,
}

/// What a frame is made from, in any order.
#[derive(Debug, Clone, Copy)]
pub struct FreezeInput<'a> {
    /// Month in which the checks take place; the month before it is checked.
    pub month: Month,
    /// The policy.
    pub policy: &'a Policy,
    /// Cases; those that do not belong to the base month do not count.
    pub cases: &'a [Case],
    /// Stages; those that do not begin in the base month do not count.
    pub stages: &'a [Stage],
    /// All units there are now. A squad founded since is due; one dissolved since is not.
    pub units: &'a [Unit],
    /// Earlier rounds; those outside this round's period, or not before it, do not count.
    pub earlier: &'a [EarlierRound],
}

/// Where a quota comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sources {
    /// The share of recordings.
    pub recordings: Source,
    /// The share of squads, and that all are reached within the period.
    pub squads: Source,
}

/// A frozen round: the frame, its digest, the quotas in figures, and whether they can be met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frozen {
    /// Name of the round, `MONTH/POLICY`.
    pub round: String,
    /// Month in which the checks take place.
    pub month: Month,
    /// Month whose obligations are checked.
    pub base_month: Month,
    /// Name of the policy.
    pub policy: String,
    /// Cases of the base month.
    pub cases: u64,
    /// Obligations in the frame.
    pub frame_size: u64,
    /// SHA-256 of the frame's canonical text, lower-case hexadecimal: what is published.
    pub frame_sha256: String,
    /// Recordings that the policy asks for.
    pub items_required: u64,
    /// Squads that the policy asks for.
    pub units_required: u64,
    /// Codes of the squads that no round of this period has reached yet.
    pub units_due: Vec<String>,
    /// Codes of those due squads that have nothing in the frame: no recording of theirs can be drawn
    /// this month, and they stay due.
    pub units_unreachable: Vec<String>,
    /// Earlier months of the period without a round.
    pub months_missed: Vec<Month>,
    /// The quotas in figures.
    pub plan: Plan,
    /// Whether every rule can be met.
    pub feasible: bool,
    /// The rules that cannot, and by how much.
    pub shortfalls: Vec<Shortfall>,
    /// All this in words.
    pub explanation: String,
    /// The same in Chinese.
    pub explanation_zh: String,
    /// Where the quotas come from.
    pub sources: Sources,
    /// The frame itself.
    pub frame: Frame,
}

/// Why no frame can be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FreezeError {
    /// Two rows have one name.
    #[error("{what} `{name}` is there twice: a frame needs each once; correct the import")]
    Duplicate {
        /// What the row is.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// A stage belongs to a case that is not among the cases.
    #[error("stage `{stage}` belongs to a case that is not there: import case `{case_no}` first")]
    NoSuchCase {
        /// The stage.
        stage: String,
        /// The case it names.
        case_no: String,
    },
    /// The policy has no monthly share of recordings or squads.
    #[error("policy {policy} has no share `{rule}` among its rules for recordings: choose another policy")]
    NoQuota {
        /// The policy.
        policy: String,
        /// The rule.
        rule: String,
    },
    /// A name that cannot be written into the frame.
    #[error(
        "{what} {text:?} is empty or holds a control character (a tab, a line end): correct it and import it again"
    )]
    Unwritable {
        /// What it is the name of.
        what: &'static str,
        /// The name.
        text: String,
    },
}

/// Freezes a round.
pub fn freeze(input: FreezeInput<'_>) -> Result<Frozen, FreezeError> {
    let FreezeInput { month, policy, earlier, .. } = input;
    let base_month = month.previous();
    let quota = |id: &str| {
        let rules = policy.check_of(Population::Recordings).map_or(&[][..], |check| &check.rules);
        rules
            .iter()
            .find_map(|rule| Some((rule.percent.filter(|_| rule.id == id)?, rule.source.clone())))
            .ok_or_else(|| FreezeError::NoQuota { policy: policy.name.clone(), rule: id.to_owned() })
    };
    let period: BTreeSet<Month> = month.half_year().into_iter().filter(|other| *other < month).collect();
    let earlier: Vec<&EarlierRound> = earlier.iter().filter(|round| period.contains(&round.month)).collect();
    let months_missed: Vec<Month> =
        period.iter().copied().filter(|month| earlier.iter().all(|round| round.month != *month)).collect();

    let (cases, items) = obligations(base_month, policy, input.cases, input.stages)?;
    let frame = Frame {
        round: format!("{month}/{}", policy.name),
        month,
        base_month,
        policy: writable("the policy's name", &policy.name)?.to_owned(),
        cases,
        items_percent: quota("recordings")?.0,
        units_percent: quota("squads")?.0,
        all_within: Period::HalfYear,
        squads: squads(input.units, &earlier)?,
        items,
    };

    let plan = Plan::of(&frame);
    let shortfalls = plan.shortfalls(&frame);
    let reachable = frame.reachable();
    let units_due: Vec<String> = frame.due().map(str::to_owned).collect();
    let units_unreachable: Vec<String> =
        units_due.iter().filter(|unit| !reachable.contains(unit.as_str())).cloned().collect();
    let mut frozen = Frozen {
        round: frame.round.clone(),
        month,
        base_month,
        policy: frame.policy.clone(),
        cases,
        frame_size: frame.items.len() as u64,
        frame_sha256: frame.sha256(),
        items_required: plan.items_required,
        units_required: plan.units_required,
        units_due,
        units_unreachable,
        months_missed,
        plan,
        feasible: shortfalls.is_empty(),
        shortfalls,
        explanation: String::new(),
        explanation_zh: String::new(),
        sources: Sources { recordings: quota("recordings")?.1, squads: quota("squads")?.1 },
        frame,
    };
    frozen.explanation = explain::english(&frozen);
    frozen.explanation_zh = explain::chinese(&frozen);
    Ok(frozen)
}

/// The number of cases of the month, and its obligations in order of their ids.
fn obligations(
    base_month: Month,
    policy: &Policy,
    cases: &[Case],
    stages: &[Stage],
) -> Result<(u64, Vec<FrameItem>), FreezeError> {
    let mut by_number: BTreeMap<&str, &Case> = BTreeMap::new();
    for case in cases {
        if by_number.insert(&case.case_no, case).is_some() {
            return Err(FreezeError::Duplicate { what: "case", name: case.case_no.clone() });
        }
    }
    let span = base_month.interval();
    let within = |at| span.start <= at && at < span.end;
    let mut counted: BTreeSet<&str> =
        cases.iter().filter(|case| within(case.filed_at)).map(|case| case.case_no.as_str()).collect();

    let mut seen = BTreeSet::new();
    let mut items = Vec::new();
    for stage in stages.iter().filter(|stage| within(stage.starts_at)) {
        let id = stage.id();
        let Some(case) = by_number.get(stage.case_no.as_str()) else {
            return Err(FreezeError::NoSuchCase { stage: id.to_string(), case_no: stage.case_no.clone() });
        };
        if !seen.insert(id.clone()) {
            return Err(FreezeError::Duplicate { what: "stage", name: id.to_string() });
        }
        counted.insert(&case.case_no);
        if policy.obligations.stages.contains(&stage.kind) {
            writable("the case number", &case.case_no)?;
            let unit = writable("the unit's code", &case.unit)?.to_owned();
            items.push(FrameItem { id: id.to_string(), unit });
        }
    }
    items.sort();
    Ok((counted.len() as u64, items))
}

/// All squads in order of their codes, each with whether it is due.
fn squads(units: &[Unit], earlier: &[&EarlierRound]) -> Result<Vec<Squad>, FreezeError> {
    let mut squads = Vec::new();
    for unit in units.iter().filter(|unit| unit.kind == UnitKind::Squad) {
        squads.push(Squad {
            unit: writable("the unit's code", &unit.code)?.to_owned(),
            name: writable("the unit's name", &unit.name)?.to_owned(),
            due: !earlier.iter().any(|round| round.units.contains(&unit.code)),
        });
    }
    squads.sort();
    if let Some(pair) = squads.windows(2).find(|pair| pair[0].unit == pair[1].unit) {
        return Err(FreezeError::Duplicate { what: "unit", name: pair[0].unit.clone() });
    }
    Ok(squads)
}

fn writable<'a>(what: &'static str, text: &'a str) -> Result<&'a str, FreezeError> {
    if is_writable(text) { Ok(text) } else { Err(FreezeError::Unwritable { what, text: text.to_owned() }) }
}
