//! What a check looks at: the list of things that should exist, made from cases and stages.
//!
//! Two choices are made here, once. **All cases** ("上月案件总数") are those, of whichever procedure, that
//! were filed in the time or have a stage that began in it: the larger of the readings one could defend, so
//! that a share is never too small under another. **An item answers for the unit of its case**, and its
//! officers are the frontline ones of the stage, or of all the case's stages.

use std::collections::{BTreeMap, BTreeSet};

use catalog::case::{Case, Procedure, Stage, StageKind};
use catalog::unit::Officer;
use catalog::{Interval, Month, WallTime};

use super::frame::{FrameItem, is_writable};
use super::freeze::FreezeError;
use crate::policy::{Check, Policy, Population};

/// What should exist, in any order.
#[derive(Debug, Clone, Copy)]
pub struct Sources<'a> {
    /// Cases.
    pub cases: &'a [Case],
    /// Their stages.
    pub stages: &'a [Stage],
    /// Officers; those of the street count.
    pub officers: &'a [Officer],
    /// How often complaints were made, by case number; 1 where nothing is known.
    pub repeats: &'a BTreeMap<String, u32>,
}

/// [`Sources`], checked and by name.
pub(super) struct Index<'a> {
    policy: &'a Policy,
    sources: Sources<'a>,
    cases: BTreeMap<&'a str, &'a Case>,
    stages_of: BTreeMap<&'a str, Vec<&'a Stage>>,
    frontline: BTreeSet<&'a str>,
}

/// The time from the first of `from` to the end of `to`.
pub(super) fn span(from: Month, to: Month) -> Interval<WallTime> {
    Interval { start: from.start(), end: to.next().start() }
}

impl<'a> Index<'a> {
    pub(super) fn new(policy: &'a Policy, sources: Sources<'a>) -> Result<Self, FreezeError> {
        let mut cases = BTreeMap::new();
        for case in sources.cases {
            if cases.insert(case.case_no.as_str(), case).is_some() {
                return Err(FreezeError::Duplicate { what: "case", name: case.case_no.clone() });
            }
        }
        let mut stages_of: BTreeMap<&str, Vec<&Stage>> = BTreeMap::new();
        let mut seen = BTreeSet::new();
        for stage in sources.stages {
            let id = stage.id();
            if !cases.contains_key(stage.case_no.as_str()) {
                return Err(FreezeError::NoSuchCase {
                    stage: id.to_string(),
                    case_no: stage.case_no.clone(),
                });
            }
            if !seen.insert(id.clone()) {
                return Err(FreezeError::Duplicate { what: "stage", name: id.to_string() });
            }
            stages_of.entry(&stage.case_no).or_default().push(stage);
        }
        let frontline =
            sources.officers.iter().filter(|officer| officer.frontline).map(|officer| officer.badge.as_str());
        Ok(Self { policy, sources, cases, stages_of, frontline: frontline.collect() })
    }

    /// The number of all cases of the time.
    pub(super) fn all_cases(&self, time: Interval<WallTime>) -> u64 {
        let within = |at: WallTime| time.start <= at && at < time.end;
        let begins = |case: &&&Case| {
            let stages = self.stages_of.get(case.case_no.as_str());
            within(case.filed_at) || stages.is_some_and(|all| all.iter().any(|stage| within(stage.starts_at)))
        };
        self.cases.values().filter(begins).count() as u64
    }

    /// The items of a kind and time, in order of their ids.
    pub(super) fn items(
        &self,
        kind: Population,
        time: Interval<WallTime>,
    ) -> Result<Vec<FrameItem>, FreezeError> {
        let within = |at: WallTime| time.start <= at && at < time.end;
        let is_case = |case: &Case| matches!(case.procedure, Procedure::Ordinary | Procedure::Simple);
        let mut items: Vec<FrameItem> = match kind {
            Population::Recordings => {
                self.stages(|stage| within(stage.starts_at) && self.is_obligation(stage))?
            }
            Population::LegalReviews | Population::LegalReviewRecordings => {
                self.stages(|stage| within(stage.starts_at) && stage.kind == StageKind::LegalReview)?
            }
            Population::Cases => self.cases(|case| is_case(case) && within(case.filed_at))?,
            Population::CaseFiles => {
                self.cases(|case| is_case(case) && case.closed_at.is_some_and(within))?
            }
            Population::Inspections => {
                self.cases(|case| case.procedure == Procedure::Inspection && within(case.filed_at))?
            }
            Population::Complaints => {
                self.cases(|case| case.procedure == Procedure::Complaint && within(case.filed_at))?
            }
        };
        items.sort();
        Ok(items)
    }

    fn is_obligation(&self, stage: &Stage) -> bool {
        self.policy.obligations.stages.contains(&stage.kind)
    }

    fn stages(&self, wanted: impl Fn(&Stage) -> bool) -> Result<Vec<FrameItem>, FreezeError> {
        self.sources
            .stages
            .iter()
            .filter(|stage| wanted(stage))
            .map(|stage| self.item(stage.id().to_string(), self.cases[stage.case_no.as_str()], &[stage]))
            .collect()
    }

    fn cases(&self, wanted: impl Fn(&Case) -> bool) -> Result<Vec<FrameItem>, FreezeError> {
        self.cases
            .values()
            .filter(|case| wanted(case))
            .map(|case| {
                let stages = self.stages_of.get(case.case_no.as_str()).map_or(&[][..], Vec::as_slice);
                self.item(case.case_no.clone(), case, stages)
            })
            .collect()
    }

    fn item(&self, id: String, case: &Case, stages: &[&Stage]) -> Result<FrameItem, FreezeError> {
        writable("the case number", &case.case_no)?;
        let officers: BTreeSet<&str> = stages
            .iter()
            .flat_map(|stage| stage.officers.iter().map(String::as_str))
            .filter(|badge| self.frontline.contains(badge))
            .collect();
        Ok(FrameItem {
            id,
            unit: writable("the unit's code", &case.unit)?.to_owned(),
            repeats: self.sources.repeats.get(&case.case_no).copied().unwrap_or(1).max(1),
            officers: officers
                .into_iter()
                .map(|badge| writable("the badge", badge).map(str::to_owned))
                .collect::<Result<_, _>>()?,
        })
    }
}

/// How many things a check would look at in a month's round, if it were frozen now.
///
/// # Errors
/// Where no frame can be made of the sources.
pub fn there_are(
    policy: &Policy,
    sources: Sources<'_>,
    check: &Check,
    month: Month,
) -> Result<u64, FreezeError> {
    let (from, to) = check.base.months(month);
    Ok(Index::new(policy, sources)?.items(check.kind, span(from, to))?.len() as u64)
}

pub(super) fn writable<'t>(what: &'static str, text: &'t str) -> Result<&'t str, FreezeError> {
    if is_writable(text) { Ok(text) } else { Err(FreezeError::Unwritable { what, text: text.to_owned() }) }
}
