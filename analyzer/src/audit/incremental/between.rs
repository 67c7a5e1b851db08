//! What is different between a month that is kept and one that was loaded anew.

use std::collections::BTreeMap;

use catalog::case::{Stage, StageId};
use catalog::inspection::Look;
use catalog::snapshot::{Recording, Snapshot};

use super::{Changes, Incremental};

impl Incremental {
    /// Brings what is kept to a month that was loaded anew, and judges what is different; gives how many obligations
    /// were judged for it. Recordings are listed by key, as the catalog lists them.
    pub fn refresh(&mut self, now: Snapshot) -> usize {
        // Officers explain recordings of any stage and of none.
        if now.month != self.rest.month || now.officers != self.rest.officers {
            let policy = self.policy.clone();
            *self = Self::new(now, policy);
            return self.audit.obligations.len();
        }
        let changes = self.changes_to(now);
        self.update(&changes).1
    }

    fn changes_to(&self, now: Snapshot) -> Changes {
        let stages = now.stages.into_iter().map(|stage| (stage.id(), stage)).collect();
        let links = by_stage(now.links, |link| (&link.case_no, link.stage_no));
        let excuses = by_stage(now.excuses, |excuse| (&excuse.case_no, excuse.stage_no));
        let devices = now.devices.into_iter().map(|device| (device.serial.clone(), device)).collect();
        let cases = now.cases.into_iter().map(|case| (case.case_no.clone(), case)).collect();
        let mut looks: BTreeMap<String, Vec<Look>> = BTreeMap::new();
        for look in now.looks {
            looks.entry(look.sha256.clone()).or_default().push(look);
        }
        Changes {
            as_of: (now.as_of != self.rest.as_of).then_some(now.as_of),
            recordings: self.recordings_to(&now.recordings),
            stages: self.stages_to(stages),
            links: lists_to(self.timelines.links(), links),
            excuses: lists_to(self.timelines.excuses(), excuses),
            devices: single_to(self.shelf.devices_by_serial(), devices),
            cases: single_to(self.timelines.cases(), cases),
            manifest: (now.manifest != self.rest.manifest).then_some(now.manifest),
            looks: lists_to(&self.looks, looks),
            units: (now.units != self.rest.units).then_some(now.units),
        }
    }

    /// By key, the recordings that are different. A key is looked up, so nothing is sorted or copied.
    fn recordings_to(&self, now: &[Recording]) -> BTreeMap<String, Vec<Recording>> {
        let keys_now =
            |key: &str| now.binary_search_by(|recording| recording.object_key.as_str().cmp(key)).is_ok();
        let mut changed: BTreeMap<String, Vec<Recording>> = self
            .shelf
            .recordings()
            .filter(|recording| !keys_now(&recording.object_key))
            .map(|recording| (recording.object_key.clone(), Vec::new()))
            .collect();
        for of_key in now.chunk_by(|a, b| a.object_key == b.object_key) {
            let Some(first) = of_key.first() else { continue };
            let before: Vec<&Recording> =
                self.shelf.of_key(&first.object_key).map(|no| self.shelf.get(no)).collect();
            if !before.into_iter().eq(of_key) {
                changed.insert(first.object_key.clone(), of_key.to_vec());
            }
        }
        changed
    }

    /// The stages that are different, as far as policy makes obligations of them, before or now.
    fn stages_to(&self, now: BTreeMap<StageId, Stage>) -> BTreeMap<StageId, Option<Stage>> {
        let is_kept = |stage: &Stage| self.policy.obligations.stages.contains(&stage.kind);
        let mut now: BTreeMap<StageId, Stage> = now;
        now.retain(|_, stage| is_kept(stage));
        single_to(self.timelines.stages(), now)
    }
}

fn by_stage<T>(all: Vec<T>, of: impl Fn(&T) -> (&String, u32)) -> BTreeMap<StageId, Vec<T>> {
    let mut by_stage: BTreeMap<StageId, Vec<T>> = BTreeMap::new();
    for one in all {
        let (case_no, stage_no) = of(&one);
        let id = StageId { case_no: case_no.clone(), stage_no };
        by_stage.entry(id).or_default().push(one);
    }
    by_stage
}

/// The lists that are different; an empty one is none.
fn lists_to<K: Ord + Clone, T: PartialEq>(
    before: &BTreeMap<K, Vec<T>>,
    mut now: BTreeMap<K, Vec<T>>,
) -> BTreeMap<K, Vec<T>> {
    let gone = before.iter().filter(|(key, list)| !list.is_empty() && !now.contains_key(*key));
    let gone: Vec<K> = gone.map(|(key, _)| key.clone()).collect();
    now.retain(|key, list| before.get(key) != Some(list));
    now.extend(gone.into_iter().map(|key| (key, Vec::new())));
    now
}

/// What is different, or no longer there.
fn single_to<K: Ord + Clone, T: PartialEq>(
    before: &BTreeMap<K, T>,
    now: BTreeMap<K, T>,
) -> BTreeMap<K, Option<T>> {
    let gone: Vec<K> = before.keys().filter(|key| !now.contains_key(*key)).cloned().collect();
    let different = now.into_iter().filter(|(key, one)| before.get(key) != Some(one));
    different.map(|(key, one)| (key, Some(one))).chain(gone.into_iter().map(|key| (key, None))).collect()
}
