//! Retention: what must be kept and until when, what may go, and what is locked whatever its age.
//!
//! The service advises and never deletes. So this concludes from what is on record, and where that leaves a doubt, footage stays:
//!
//! - What may be evidence of a case (`evidence`, more generous than an audit) is kept as case evidence, counted from the
//!   closing of the case; everything else as routine footage, counted from its own end. The policy says for how long.
//! - A **lock** beats every date: a case that is open; a draw, for as long as the policy says; a review or an appeal that is not
//!   settled; a notice that is not closed; an excuse that stands; a stage of which one officer's recording is lacking, so that
//!   what is there is all there is; footage that nobody is known to have made, or whose time is not known, because it may be
//!   just that recording.
//!
//! Two passes: the first learns which officers of a stage have a recording of it, the second advises. Both see objects one by one.

mod rules;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use catalog::held::{Ground, HeldObject};
use catalog::{WallTime, coded};
use serde::Serialize;

use crate::evidence::Evidence;
pub use rules::{Keep, RetentionRules};

coded! {
    /// What is advised of a recording.
    pub enum Advice("advice") {
        /// Something is open that it may be needed for.
        Locked = "locked" / "锁定" / "locked",
        /// It is to be kept for longer.
        Keep = "keep" / "须保存" / "to be kept",
        /// Nothing on record asks for it any more.
        MayGo = "may_go" / "可清理" / "may go",
    }
}

coded! {
    /// Why a recording is locked.
    pub enum Lock("lock") {
        /// A case that it may be evidence of is open.
        OpenCase = "open_case" / "案件未办结" / "its case is open",
        /// It was drawn in a round, not long enough ago.
        Sampled = "sampled" / "已被抽中" / "drawn in a round",
        /// It was drawn, and its review is not settled.
        UnderReview = "under_review" / "复核未结" / "its review is not settled",
        /// An appeal is open.
        Appealed = "appealed" / "申诉中" / "under appeal",
        /// A notice about it is not closed.
        Notice = "notice" / "督察文书未办结" / "a notice about it is open",
        /// An excuse for its stage stands on record.
        Excused = "excused" / "已登记事由" / "an excuse stands for its stage",
        /// Another officer's recording of the same stage is lacking.
        LacksPair = "lacks_pair" / "缺少另一路录像" / "the other officer's recording is lacking",
        /// Nobody is known to have made it.
        Unattributed = "unattributed" / "无归属" / "nobody is known to have made it",
        /// Nobody knows when it was made.
        Undated = "undated" / "时间不明" / "its time is not known",
    }
}

/// What is disputed, by the name of the item: a stage, or a case with all its stages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Disputes {
    /// Drawn, and not settled.
    pub under_review: BTreeSet<String>,
    /// Under appeal.
    pub appealed: BTreeSet<String>,
    /// Of notices that are not closed.
    pub noticed: BTreeSet<String>,
    /// Stages with an excuse that was not withdrawn.
    pub excused: BTreeSet<String>,
}

/// What is advised of one recording, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Advised {
    /// Its name in this catalog.
    pub id: String,
    /// Its key.
    pub object_key: String,
    /// Bytes.
    pub size_bytes: u64,
    /// When it began; `None` if not known.
    pub began_at: Option<WallTime>,
    /// Whether it may be evidence of a case.
    pub evidence: bool,
    /// The cases it may be evidence of.
    pub cases: Vec<String>,
    /// What is advised.
    pub advice: Advice,
    /// Until when it is to be kept, whatever locks it; `None`: for good, or not known as long as the case is open.
    pub keep_until: Option<WallTime>,
    /// What locks it; empty unless it is locked.
    pub locks: Vec<Lock>,
}

/// Advises on recordings.
pub struct Retention<'a> {
    rules: &'a RetentionRules,
    /// How many officers must record at a time; `None` where the policy does not say.
    crew: Option<usize>,
    evidence: Evidence<'a>,
    disputes: &'a Disputes,
    /// Badges that are known.
    officers: HashSet<&'a str>,
    /// Serial numbers that are known.
    devices: HashSet<&'a str>,
    /// When cases were closed; `None` while they are open.
    closed_at: BTreeMap<&'a str, Option<WallTime>>,
    /// Of each stage, the officers with a recording that runs during it or is tied to it: a bit for each place.
    recorded: Vec<u64>,
    at: WallTime,
}

impl<'a> Retention<'a> {
    /// Before the first pass. `crew` is how many officers must record at a time.
    pub fn new(
        rules: &'a RetentionRules,
        crew: Option<u32>,
        ground: &'a Ground,
        officers: impl Iterator<Item = &'a str>,
        disputes: &'a Disputes,
        at: WallTime,
    ) -> Self {
        Self {
            rules,
            crew: crew.map(|officers| officers as usize),
            evidence: Evidence::new(ground),
            disputes,
            officers: officers.collect(),
            devices: ground.devices.iter().map(|device| device.serial.as_str()).collect(),
            closed_at: ground.cases.iter().map(|case| (case.case_no.as_str(), case.closed_at)).collect(),
            recorded: vec![0; ground.stages.len()],
            at,
        }
    }

    /// The first pass: whose recordings there are of each stage. Unlike evidence, a pair is not presumed: what does not run during
    /// the stage by its own clock, and nobody tied to it, is no pair of anything.
    pub fn see(&mut self, object: &HeldObject) {
        for place in self.evidence.stages_of(object) {
            let Some(stage) = self.evidence.stage(place) else { continue };
            let runs = object.ran.is_some_and(|ran| ran.overlaps(&stage.interval()));
            if !runs && !self.evidence.is_linked(object, place) {
                continue;
            }
            let badges: Vec<&str> = self.evidence.officers(object).collect();
            for (bit, officer) in (0..u64::BITS).zip(&stage.officers) {
                if badges.contains(&officer.as_str()) {
                    self.recorded[place] |= 1 << bit;
                }
            }
        }
    }

    /// What is advised of an object, once all of them were seen.
    pub fn advise(&self, object: &HeldObject) -> Advised {
        let stages = self.evidence.stages_of(object);
        let mut locks: BTreeSet<Lock> = stages.iter().flat_map(|&place| self.locks_of(place)).collect();
        let known = self.evidence.officers(object).any(|badge| self.officers.contains(badge))
            || object.device.as_deref().is_some_and(|serial| self.devices.contains(serial));
        if stages.is_empty() && !known {
            locks.insert(Lock::Unattributed);
        }
        if object.ran.is_none() {
            locks.insert(Lock::Undated);
        }
        let mut cases: Vec<&str> = stages
            .iter()
            .filter_map(|&place| self.evidence.stage(place))
            .map(|stage| stage.case_no.as_str())
            .collect();
        cases.dedup();
        let keep_until = self.keep_until(object, &cases);
        let advice = if !locks.is_empty() {
            Advice::Locked
        } else if keep_until.is_some_and(|until| until <= self.at) {
            Advice::MayGo
        } else {
            Advice::Keep
        };
        Advised {
            id: object.id.name(),
            object_key: object.object_key.clone(),
            size_bytes: object.size_bytes,
            began_at: object.ran.map(|ran| ran.start),
            evidence: !stages.is_empty(),
            cases: cases.into_iter().map(str::to_owned).collect(),
            advice,
            keep_until,
            locks: locks.into_iter().collect(),
        }
    }

    /// Until when an object is kept by the policy's figures alone; `None`: for good, or nobody knows yet.
    fn keep_until(&self, object: &HeldObject, cases: &[&str]) -> Option<WallTime> {
        let end = object.ran?.end;
        if cases.is_empty() {
            return Some(end + self.rules.routine.length()?);
        }
        let length = self.rules.case.length()?;
        // Of several cases the one that was closed last counts, and one that is open has no date.
        let mut last = end;
        for case in cases {
            last = last.max(self.closed_at.get(case).copied().flatten()?);
        }
        // Whatever it is evidence of, it is never kept for less time than if it were of nothing.
        let routine = self.rules.routine.length().map(|length| end + length)?;
        Some(routine.max(last + length))
    }

    /// What locks the footage of a stage.
    fn locks_of(&self, place: usize) -> Vec<Lock> {
        let mut locks = Vec::new();
        let Some(stage) = self.evidence.stage(place) else { return locks };
        let id = stage.id().to_string();
        let named = |set: &BTreeSet<String>| set.contains(&id) || set.contains(stage.case_no.as_str());
        if self.closed_at.get(stage.case_no.as_str()).copied().flatten().is_none() {
            locks.push(Lock::OpenCase);
        }
        if self.evidence.drawn_at(place).is_some_and(|drawn| self.at < drawn + self.rules.sampled.us()) {
            locks.push(Lock::Sampled);
        }
        for (lock, set) in [
            (Lock::UnderReview, &self.disputes.under_review),
            (Lock::Appealed, &self.disputes.appealed),
            (Lock::Notice, &self.disputes.noticed),
            (Lock::Excused, &self.disputes.excused),
        ] {
            if named(set) {
                locks.push(lock);
            }
        }
        let needed = self.crew.unwrap_or(1).min(stage.officers.len());
        let recorded = self.recorded.get(place).copied().unwrap_or_default().count_ones() as usize;
        if needed > 1 && recorded < needed {
            locks.push(Lock::LacksPair);
        }
        locks
    }
}
