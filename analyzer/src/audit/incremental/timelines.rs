//! The stages of a month with their links, excuses and cases, found by name, officer and linked key.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use catalog::WallTime;
use catalog::case::{Case, Link, Stage, StageId};
use catalog::excuse::Excuse;
use catalog::snapshot::Snapshot;

use super::Changes;
use crate::policy::Policy;

#[derive(Debug, Default)]
pub(super) struct Timelines {
    /// Only those that policy makes obligations of.
    stages: BTreeMap<StageId, Stage>,
    of_officer: HashMap<String, BTreeSet<StageId>>,
    links: BTreeMap<StageId, Vec<Link>>,
    linked_to: HashMap<String, BTreeSet<StageId>>,
    excuses: BTreeMap<StageId, Vec<Excuse>>,
    cases: BTreeMap<String, Case>,
}

impl Timelines {
    /// Takes stages, links, excuses and cases out of `snapshot`.
    pub(super) fn new(snapshot: &mut Snapshot, policy: &Policy) -> Self {
        let mut all = Self::default();
        for stage in std::mem::take(&mut snapshot.stages) {
            all.add_stage(stage, policy);
        }
        for link in std::mem::take(&mut snapshot.links) {
            let id = StageId { case_no: link.case_no.clone(), stage_no: link.stage_no };
            all.linked_to.entry(link.object_key.clone()).or_default().insert(id.clone());
            all.links.entry(id).or_default().push(link);
        }
        for excuse in std::mem::take(&mut snapshot.excuses) {
            let id = StageId { case_no: excuse.case_no.clone(), stage_no: excuse.stage_no };
            all.excuses.entry(id).or_default().push(excuse);
        }
        let cases = std::mem::take(&mut snapshot.cases).into_iter();
        all.cases = cases.map(|case| (case.case_no.clone(), case)).collect();
        all
    }

    pub(super) fn get(&self, id: &StageId) -> Option<&Stage> {
        self.stages.get(id)
    }

    /// How many stages there are.
    pub(super) fn len(&self) -> usize {
        self.stages.len()
    }

    pub(super) fn stages(&self) -> &BTreeMap<StageId, Stage> {
        &self.stages
    }

    pub(super) fn links(&self) -> &BTreeMap<StageId, Vec<Link>> {
        &self.links
    }

    pub(super) fn excuses(&self) -> &BTreeMap<StageId, Vec<Excuse>> {
        &self.excuses
    }

    pub(super) fn cases(&self) -> &BTreeMap<String, Case> {
        &self.cases
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &StageId> {
        self.stages.keys()
    }

    pub(super) fn of_officer(&self, badge: &str) -> impl Iterator<Item = &Stage> {
        self.of_officer.get(badge).into_iter().flatten().filter_map(|id| self.stages.get(id))
    }

    pub(super) fn of_case(&self, case_no: &str) -> impl Iterator<Item = StageId> {
        let id = |stage_no| StageId { case_no: case_no.to_owned(), stage_no };
        self.stages.range(id(0)..=id(u32::MAX)).map(|(id, _)| id.clone())
    }

    /// The keys that are linked to a stage.
    pub(super) fn links_of(&self, id: &StageId) -> impl Iterator<Item = &str> {
        self.links.get(id).into_iter().flatten().map(|link| link.object_key.as_str())
    }

    /// The stages that a key is linked to.
    pub(super) fn linked_to(&self, key: &str) -> impl Iterator<Item = &StageId> {
        self.linked_to.get(key).into_iter().flatten()
    }

    /// The stages that end after `from` and not after `until`.
    pub(super) fn ending(&self, from: WallTime, until: WallTime) -> Vec<StageId> {
        if from == until {
            return Vec::new();
        }
        let between = |stage: &&Stage| from < stage.ends_at && stage.ends_at <= until;
        self.stages.values().filter(between).map(Stage::id).collect()
    }

    /// Adds these stages, their excuses and cases, their links and those of the recordings that are
    /// there, to a small month.
    pub(super) fn fill(&self, stages: &BTreeSet<StageId>, small: &mut Snapshot) {
        small.stages = stages.iter().filter_map(|id| self.stages.get(id).cloned()).collect();
        small.excuses = stages.iter().filter_map(|id| self.excuses.get(id)).flatten().cloned().collect();
        let cases: BTreeSet<&str> = stages.iter().map(|id| id.case_no.as_str()).collect();
        small.cases = cases.into_iter().filter_map(|case_no| self.cases.get(case_no).cloned()).collect();
        let of_recordings =
            small.recordings.iter().flat_map(|recording| self.linked_to(&recording.object_key));
        let linked: BTreeSet<&StageId> = stages.iter().chain(of_recordings).collect();
        small.links = linked.into_iter().filter_map(|id| self.links.get(id)).flatten().cloned().collect();
    }

    pub(super) fn apply(&mut self, changes: &Changes, policy: &Policy) {
        for (id, stage) in &changes.stages {
            if let Some(before) = self.stages.remove(id) {
                for badge in &before.officers {
                    self.of_officer.entry(badge.clone()).and_modify(|stages| {
                        stages.remove(id);
                    });
                }
            }
            if let Some(stage) = stage {
                self.add_stage(stage.clone(), policy);
            }
        }
        for (id, links) in &changes.links {
            for link in self.links.remove(id).unwrap_or_default() {
                self.linked_to.entry(link.object_key).and_modify(|stages| {
                    stages.remove(id);
                });
            }
            for link in links {
                self.linked_to.entry(link.object_key.clone()).or_default().insert(id.clone());
            }
            self.links.insert(id.clone(), links.clone());
        }
        for (id, excuses) in &changes.excuses {
            self.excuses.insert(id.clone(), excuses.clone());
        }
        for (case_no, case) in &changes.cases {
            match case {
                Some(case) => self.cases.insert(case_no.clone(), case.clone()),
                None => self.cases.remove(case_no),
            };
        }
    }

    fn add_stage(&mut self, stage: Stage, policy: &Policy) {
        if !policy.obligations.stages.contains(&stage.kind) {
            return;
        }
        let id = stage.id();
        for badge in &stage.officers {
            self.of_officer.entry(badge.clone()).or_default().insert(id.clone());
        }
        self.stages.insert(id, stage);
    }
}
