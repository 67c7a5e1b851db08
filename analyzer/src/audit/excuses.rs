//! Which parts of a stage are excused.
//!
//! An excuse counts if policy allows its reason. What is excused stays listed; it is only marked.
//! People note times to the minute rather than to the frame, so an excuse reaches as far beyond its
//! own ends as the tolerance of what it excuses.

use std::collections::HashMap;

use catalog::case::Stage;
use catalog::excuse::{Excuse, ExcuseReason};
use catalog::{Interval, IntervalSet, Micros, WallTime};

use crate::policy::Policy;

/// The excuses of one stage that policy allows, oldest first.
#[derive(Debug, Default)]
pub(super) struct StageExcuses(Vec<(ExcuseReason, Interval<WallTime>)>);

/// All excuses that policy allows, by stage.
#[derive(Debug)]
pub(super) struct Excuses<'a>(HashMap<(&'a str, u32), Vec<&'a Excuse>>);

impl<'a> Excuses<'a> {
    pub(super) fn new(excuses: &'a [Excuse], policy: &Policy) -> Self {
        let mut by_stage: HashMap<_, Vec<&Excuse>> = HashMap::new();
        for excuse in excuses.iter().filter(|excuse| policy.excuses.reasons.contains(&excuse.reason)) {
            by_stage.entry((excuse.case_no.as_str(), excuse.stage_no)).or_default().push(excuse);
        }
        for excuses in by_stage.values_mut() {
            excuses
                .sort_by_key(|excuse| (excuse.recorded_at, excuse.reason, excuse.starts_at, excuse.ends_at));
        }
        Self(by_stage)
    }

    pub(super) fn of(&self, stage: &Stage) -> StageExcuses {
        let excuses = self.0.get(&(stage.case_no.as_str(), stage.stage_no));
        StageExcuses(
            excuses
                .into_iter()
                .flatten()
                .map(|excuse| (excuse.reason, excuse.within(stage.interval())))
                .filter(|(_, interval)| !interval.is_empty())
                .collect(),
        )
    }
}

impl StageExcuses {
    /// The reason that excuses all of `part`, the oldest where several do so together; `None` if any
    /// of it is left unexcused.
    pub(super) fn reason_for(&self, part: Interval<WallTime>, tolerance_us: Micros) -> Option<ExcuseReason> {
        let widened = || self.0.iter().map(|&(reason, interval)| (reason, interval.widened(tolerance_us)));
        let excused: IntervalSet<WallTime> = widened().map(|(_, interval)| interval).collect();
        if !excused.gaps_in(part).is_empty() {
            return None;
        }
        widened().find(|(_, interval)| interval.overlaps(&part)).map(|(reason, _)| reason)
    }
}
