//! Judging again only what a change touches.
//!
//! A day's footage concerns a few of a month's obligations. [`Incremental`] keeps a month with its audit;
//! told what changed, it judges the obligations that the change can have touched and leaves the others as
//! they stand. What comes out equals a full audit of the changed month, byte for byte.
//!
//! # What can touch what
//!
//! A recording *may belong to* a stage because it is linked to it, or because its officer or its device's
//! holder took part and it ran, within its clock's error, during the stage; one that cannot be read, because
//! the stage was going on when it began or began within policy's reach after. The judgement of a stage
//! looks at
//!
//! 1. the stage, its links, excuses and case, and the recordings that may belong to it, with their devices;
//! 2. for one of these that cannot be read: the other stages to which that may belong, and what their
//!    recordings leave open, because it is attributed to one of them (`unreadable`);
//! 3. for one that has the digest of another, or is linked: the stages to which any of these belong
//!    (`reuse`), and what the others say of their start.
//!
//! So a change of one recording touches, by what it was before and by what it is after, the stages to
//! which it may belong, those to which the unreadable recordings of these may belong, and those to which
//! its doubles may belong. A change of a stage or its links touches what a change of each recording that
//! may belong to it would touch; a change of a device is one of all its recordings.
//!
//! # How
//!
//! The stages that are touched, those that items 2 and 3 speak of, and all recordings that may belong to any
//! of them make a small month. The ordinary audit judges it, and the verdicts on what was touched are
//! taken over. There is no second way of judging that could differ from the first: what could be wrong is
//! only which stages are touched, and a property test over random changes says that it is not.
//!
//! What devices say they recorded is matched with all recordings of the month: a month with a manifest is
//! judged in full.
//!
//! With `t` stages touched, `r` recordings a month of their officers and `m` obligations in all, an update
//! takes O(t·r) to find the recordings and O(m) to add up the sums; nothing depends on the number of all
//! recordings. Where fingerprints of pictures were kept, any recording may show what any other shows: then
//! the small month is the whole one, and an update costs what a full audit does. Where satellite time or a
//! device changed, the clocks of all are estimated anew from all recordings, and everything is judged again
//! if they are others now. Beside the month itself the indexes take 64 bytes a recording.

mod shelf;
mod timelines;

use std::collections::{BTreeMap, BTreeSet};

use catalog::WallTime;
use catalog::case::{Case, Link, Stage, StageId};
use catalog::device::{Device, ManifestEntry};
use catalog::excuse::Excuse;
use catalog::inspection::Look;
use catalog::observation::StartSource;
use catalog::snapshot::{Recording, Snapshot};
use catalog::unit::Unit;

use super::{Audit, Obligation, audit_with, count_outside, outside, sum_up};
use crate::clocks::Clocks;
use crate::policy::Policy;
use shelf::{RecordingNo, Shelf};
use timelines::Timelines;

/// What is different, as what there is now. What is not named stays as it was.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// The moment as of which the month is looked at.
    pub as_of: Option<WallTime>,
    /// By key: the recordings of that key, one a store that has it; none where there are none any more.
    pub recordings: BTreeMap<String, Vec<Recording>>,
    /// By name: the stage; `None` where there is none any more.
    pub stages: BTreeMap<StageId, Option<Stage>>,
    /// By name of the stage: its links.
    pub links: BTreeMap<StageId, Vec<Link>>,
    /// By name of the stage: its excuses.
    pub excuses: BTreeMap<StageId, Vec<Excuse>>,
    /// By serial number: the device.
    pub devices: BTreeMap<String, Option<Device>>,
    /// By case number: the case.
    pub cases: BTreeMap<String, Option<Case>>,
    /// What devices say they recorded, all of it; everything is judged again.
    pub manifest: Option<Vec<ManifestEntry>>,
    /// What recordings show, all of it; everything is judged again.
    pub looks: Option<Vec<Look>>,
    /// All units.
    pub units: Option<Vec<Unit>>,
}

/// A month with its audit, kept up to date.
#[derive(Debug)]
pub struct Incremental {
    policy: Policy,
    /// The month without what the shelf and the timelines hold.
    rest: Snapshot,
    shelf: Shelf,
    timelines: Timelines,
    clocks: Clocks,
    audit: Audit,
}

impl Incremental {
    /// Audits `snapshot` in full and keeps both. Keys of stages, devices and cases are unique, as the
    /// catalog has them.
    pub fn new(mut snapshot: Snapshot, policy: Policy) -> Self {
        let clocks = Clocks::new(snapshot.recordings.iter(), snapshot.devices.iter(), &policy.clock);
        let audit = audit_with(&snapshot, &policy, &clocks);
        let shelf =
            Shelf::new(std::mem::take(&mut snapshot.recordings), std::mem::take(&mut snapshot.devices));
        let timelines = Timelines::new(&mut snapshot, &policy);
        Self { policy, rest: snapshot, shelf, timelines, clocks, audit }
    }

    /// The audit of the month as it is now.
    pub fn audit(&self) -> &Audit {
        &self.audit
    }

    /// Takes the changes in and judges what they touch; gives the audit, and how many obligations were
    /// judged for it.
    pub fn update(&mut self, changes: &Changes) -> (&Audit, usize) {
        if changes.manifest.is_some() || !self.rest.manifest.is_empty() {
            self.apply(changes);
            self.clocks = self.shelf.clocks(&self.policy);
            self.audit = audit_with(&self.whole(), &self.policy, &self.clocks);
            return (&self.audit, self.audit.obligations.len());
        }
        let mut unexplained = self.unexplained_before(changes);
        let mut touched = self.touched_by(changes);
        let mut clocks_may_change = self.tells_of_clocks(changes);
        self.apply(changes);
        touched.append(&mut self.touched_by(changes));
        clocks_may_change |= self.tells_of_clocks(changes);
        if clocks_may_change {
            let clocks = self.shelf.clocks(&self.policy);
            if clocks != self.clocks {
                // A device's clock has a part in all that it recorded.
                touched.extend(self.timelines.all().cloned());
                self.clocks = clocks;
                self.audit.clocks = self.clocks.report();
            }
        }
        let judged = self.judge(&touched);
        let many = judged.len();
        self.take_over(&touched, judged);
        let (totals, units) = sum_up(&self.audit.obligations, &self.rest.units);
        (self.audit.as_of, self.audit.totals, self.audit.units) = (self.rest.as_of, totals, units);
        unexplained.extend(self.unexplained_before(changes));
        self.look_at_outside(&unexplained);
        (&self.audit, many)
    }

    /// The whole month as it is now.
    fn whole(&self) -> Snapshot {
        let mut whole = Snapshot {
            recordings: self.shelf.recordings().cloned().collect(),
            devices: self.shelf.devices().cloned().collect(),
            ..self.rest.clone()
        };
        self.timelines.fill(&self.timelines.all().cloned().collect(), &mut whole);
        whole
    }

    /// Keys of the recordings of which it may have changed whether anybody explains them.
    fn unexplained_before(&self, changes: &Changes) -> BTreeSet<String> {
        let mut keys: BTreeSet<String> = changes.recordings.keys().cloned().collect();
        for serial in changes.devices.keys() {
            keys.extend(self.shelf.of_device(serial).map(|no| self.shelf.get(no).object_key.clone()));
        }
        for (id, links) in &changes.links {
            keys.extend(self.timelines.links_of(id).map(str::to_owned));
            keys.extend(links.iter().map(|link| link.object_key.clone()));
        }
        keys
    }

    /// Asks again of the recordings of these keys whether anybody explains them.
    fn look_at_outside(&mut self, keys: &BTreeSet<String>) {
        let month = self.rest.month.interval();
        let mut found = std::mem::take(&mut self.audit.outside);
        found.retain(|outside| outside.object_key.as_ref().is_none_or(|key| !keys.contains(key)));
        for key in keys.iter().filter(|key| self.timelines.linked_to(key).next().is_none()) {
            let unexplained = self.shelf.of_key(key).map(|no| self.shelf.get(no)).filter(|recording| {
                let device =
                    recording.device.as_deref().is_some_and(|serial| self.shelf.knows_device(serial));
                let badge = |badge: &str| self.rest.officers.iter().any(|officer| officer.badge == badge);
                !device && !recording.badge.as_deref().is_some_and(badge)
            });
            found.extend(unexplained.filter_map(|recording| outside::unattributed(recording, month)));
        }
        outside::sort(&mut found);
        self.audit.outside_findings = count_outside(&found);
        self.audit.outside = found;
    }

    /// Whether a change is of a device, or of a recording with satellite time, by what there is now.
    fn tells_of_clocks(&self, changes: &Changes) -> bool {
        let mut of_recordings = changes.recordings.keys().flat_map(|key| self.shelf.of_key(key));
        !changes.devices.is_empty()
            || of_recordings.any(|recording| {
                let claims = &self.shelf.get(recording).start_claims;
                claims.iter().any(|claim| claim.source == StartSource::Telemetry)
            })
    }

    /// The stages that the changes touch, by what they replace.
    fn touched_by(&self, changes: &Changes) -> BTreeSet<StageId> {
        let mut touched = BTreeSet::new();
        let mut recordings: BTreeSet<RecordingNo> = BTreeSet::new();
        recordings.extend(changes.recordings.keys().flat_map(|key| self.shelf.of_key(key)));
        recordings.extend(changes.devices.keys().flat_map(|serial| self.shelf.of_device(serial)));
        touched.extend(changes.excuses.keys().cloned());
        touched.extend(changes.cases.keys().flat_map(|case_no| self.timelines.of_case(case_no)));
        let (from, until) = changes.as_of.map_or((self.rest.as_of, self.rest.as_of), |as_of| {
            (as_of.min(self.rest.as_of), as_of.max(self.rest.as_of))
        });
        let ended_between = self.timelines.ending(from, until);
        let of_stages = changes.stages.keys().chain(changes.links.keys()).cloned().chain(ended_between);
        for id in of_stages {
            recordings.extend(self.near(&id));
            // Keys of links that are about to come or to go.
            let links = changes.links.get(&id).into_iter().flatten();
            recordings.extend(links.flat_map(|link| self.shelf.of_key(&link.object_key)));
            touched.insert(id);
        }
        // Which recordings show the same pictures is a question to all of them at once.
        let compared = !recordings.is_empty() && self.compares_pictures();
        if changes.manifest.is_some() || changes.looks.is_some() || compared {
            touched.extend(self.timelines.all().cloned());
        }
        for recording in recordings {
            self.spread(recording, &mut touched);
        }
        touched
    }

    /// Whether pictures were kept to be compared, so that any recording may show what any other shows.
    fn compares_pictures(&self) -> bool {
        self.rest.looks.iter().any(|look| !look.pictures.is_empty())
    }

    /// The stages whose judgement a recording can have a part in.
    fn spread(&self, recording: RecordingNo, touched: &mut BTreeSet<StageId>) {
        for double in self.shelf.doubles(recording) {
            touched.extend(self.stages_of(double));
        }
        for stage in self.stages_of(recording) {
            for near in self.near(&stage) {
                if self.shelf.is_unreadable(near) {
                    touched.extend(self.stages_of(near));
                }
            }
            touched.insert(stage);
        }
    }

    /// The recordings that may belong to a stage.
    fn near(&self, id: &StageId) -> BTreeSet<RecordingNo> {
        let mut near: BTreeSet<RecordingNo> =
            self.timelines.links_of(id).flat_map(|key| self.shelf.of_key(key)).collect();
        if let Some(stage) = self.timelines.get(id) {
            let of_officers = stage.officers.iter().flat_map(|badge| self.shelf.of_officer(badge));
            near.extend(of_officers.filter(|&recording| {
                let window = self.shelf.window(recording, &self.policy);
                window.is_some_and(|window| window.overlaps(&stage.interval()))
            }));
        }
        near
    }

    /// The stages to which a recording may belong.
    fn stages_of(&self, recording: RecordingNo) -> BTreeSet<StageId> {
        let key = &self.shelf.get(recording).object_key;
        let mut stages: BTreeSet<StageId> = self.timelines.linked_to(key).cloned().collect();
        if let Some(window) = self.shelf.window(recording, &self.policy) {
            let officers = self.shelf.officers(recording);
            let of_officers = officers.into_iter().flat_map(|badge| self.timelines.of_officer(badge));
            stages.extend(of_officers.filter(|stage| window.overlaps(&stage.interval())).map(Stage::id));
        }
        stages
    }

    fn apply(&mut self, changes: &Changes) {
        self.rest.as_of = changes.as_of.unwrap_or(self.rest.as_of);
        if let Some(units) = &changes.units {
            self.rest.units.clone_from(units);
        }
        if let Some(manifest) = &changes.manifest {
            self.rest.manifest.clone_from(manifest);
        }
        if let Some(looks) = &changes.looks {
            self.rest.looks.clone_from(looks);
        }
        self.shelf.apply(changes);
        self.timelines.apply(changes, &self.policy);
    }

    /// The obligations among the touched stages, judged by the ordinary audit of a small month.
    fn judge(&mut self, touched: &BTreeSet<StageId>) -> Vec<Obligation> {
        let mut stages = touched.clone();
        let mut doubles = BTreeSet::new();
        for recording in touched.iter().flat_map(|stage| self.near(stage)) {
            let alike = self.shelf.doubles(recording);
            let linked = self.timelines.linked_to(&self.shelf.get(recording).object_key).next().is_some();
            if linked || !alike.is_empty() || self.shelf.is_unreadable(recording) {
                stages.extend(self.stages_of(recording));
                stages.extend(alike.iter().flat_map(|&double| self.stages_of(double)));
                doubles.extend(alike);
            }
        }
        let recordings: BTreeSet<RecordingNo> = if self.compares_pictures() {
            stages.extend(self.timelines.all().cloned());
            self.shelf.all().collect()
        } else {
            stages.iter().flat_map(|stage| self.near(stage)).chain(doubles).collect()
        };
        let mut small = Snapshot {
            month: self.rest.month,
            as_of: self.rest.as_of,
            units: Vec::new(),
            officers: Vec::new(),
            devices: self.shelf.devices_of(&recordings),
            cases: Vec::new(),
            stages: Vec::new(),
            links: Vec::new(),
            excuses: Vec::new(),
            manifest: std::mem::take(&mut self.rest.manifest),
            looks: std::mem::take(&mut self.rest.looks),
            recordings: recordings.iter().map(|&recording| self.shelf.get(recording).clone()).collect(),
        };
        self.timelines.fill(&stages, &mut small);
        let mut judged = audit_with(&small, &self.policy, &self.clocks).obligations;
        self.rest.manifest = small.manifest;
        self.rest.looks = small.looks;
        judged.retain(|obligation| touched.contains(&id_of(obligation)));
        judged
    }

    /// Puts the verdicts on what was touched in the place of the earlier ones.
    fn take_over(&mut self, touched: &BTreeSet<StageId>, judged: Vec<Obligation>) {
        let obligations = &mut self.audit.obligations;
        let same = judged.iter().all(|new| {
            let found = obligations.binary_search_by(|old| order(old).cmp(&order(new)));
            found.is_ok()
        });
        let there = touched.iter().filter(|id| {
            obligations.binary_search_by(|old| order(old).cmp(&(id.case_no.as_str(), id.stage_no))).is_ok()
        });
        if same && there.count() == judged.len() {
            for new in judged {
                if let Ok(at) = obligations.binary_search_by(|old| order(old).cmp(&order(&new))) {
                    obligations[at] = new;
                }
            }
            return;
        }
        obligations.retain(|old| !touched.contains(&id_of(old)));
        obligations.extend(judged);
        // Two sorted stretches: what a stable sort merges in one pass.
        obligations.sort_by(|a, b| order(a).cmp(&order(b)));
    }
}

fn order(obligation: &Obligation) -> (&str, u32) {
    (&obligation.case_no, obligation.stage_no)
}

fn id_of(obligation: &Obligation) -> StageId {
    StageId { case_no: obligation.case_no.clone(), stage_no: obligation.stage_no }
}
