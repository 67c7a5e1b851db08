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
//! 3. for one that has the bytes of another or shows what another shows ([`crate::pictures`]), or is linked: the
//!    stages to which any of these belong (`reuse`), what the others say of their start, and when they were first
//!    seen (`arrival`).
//!
//! So a change of one recording touches, by what it was before and by what it is after, the stages to
//! which it may belong, those to which the unreadable recordings of these may belong, and those to which
//! its doubles may belong: others of its bytes, and what it matches or matched. A change of what was seen in a
//! recording is a change of the recording. A change of a stage or its links touches what a change of each recording
//! that may belong to it would touch; a change of a device is one of all its recordings.
//!
//! Which recordings match is kept in a gallery of fingerprints, which says after a change whose matches are others
//! now; that may be two that did not change themselves, where what they have in common became too common.
//!
//! What belongs to no obligation is asked of the recordings that changed or are near a stage that was touched.
//!
//! # How
//!
//! The stages that are touched, those that items 2 and 3 speak of, and all recordings that may belong to any
//! of them make a small month. The ordinary audit judges it, and the verdicts on what was touched are
//! taken over. There is no second way of judging that could differ from the first: what could be wrong is
//! only which stages are touched, and a property test over random changes says that it is not.
//!
//! What devices say they recorded is matched with all recordings of the month: a month with a manifest is
//! judged in full, unless nothing is different but the moment and that decides nothing (no stage ended meanwhile,
//! no file of a device came to its end). So is one of whose stages a change touches a large part.
//!
//! With `t` stages touched, `r` recordings a month of their officers and `m` obligations in all, an update
//! takes O(t·r) to find the recordings and O(m) to add up the sums; nothing depends on the number of all
//! recordings. Where satellite time or a device changed, the clocks of all are estimated anew from all recordings,
//! and everything is judged again if they are others now. Beside the month itself the indexes take 64 bytes a
//! recording, and the gallery some 100 for each fingerprint.

mod between;
mod lookup;
mod moment;
mod shelf;
mod timelines;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use catalog::WallTime;
use catalog::case::{Case, Link, Stage, StageId};
use catalog::device::{Device, ManifestEntry};
use catalog::excuse::Excuse;
use catalog::inspection::Look;
use catalog::observation::StartSource;
use catalog::snapshot::{Recording, Snapshot};
use catalog::trace::Picture;
use catalog::unit::Unit;

use super::{Audit, Known, Obligation, Outside, audit_with, count_outside, outside, sum_up};
use crate::clocks::Clocks;
use crate::pictures::Gallery;
use crate::policy::Policy;
use moment::Steady;
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
    /// By digest: what was seen in these bytes, with whatever figures; none where nothing is known any more.
    pub looks: BTreeMap<String, Vec<Look>>,
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
    /// By digest.
    looks: BTreeMap<String, Vec<Look>>,
    gallery: Gallery,
    /// Digests of the recordings that the last changes replaced, until they are compared.
    taken_away: Vec<String>,
    clocks: Clocks,
    audit: Arc<Audit>,
    /// Between which moments nothing is judged differently.
    steady: Steady,
}

/// What a change can have a part in.
#[derive(Debug, Default)]
struct Touched {
    stages: BTreeSet<StageId>,
    /// Keys of the recordings of which to ask again what is said of them outside of obligations.
    keys: BTreeSet<String>,
}

/// So many stages may be touched before the share of them is looked at.
const FEW: usize = 64;

impl Incremental {
    /// Audits `snapshot` in full and keeps both. Keys of stages, devices and cases are unique, as the
    /// catalog has them.
    pub fn new(mut snapshot: Snapshot, policy: Policy) -> Self {
        let clocks = Clocks::new(snapshot.recordings.iter(), snapshot.devices.iter(), &policy.clock);
        let gallery = Gallery::new(&shown(&snapshot.recordings, &snapshot.looks, &policy));
        let audit = audit_with(&snapshot, &policy, &Known { clocks: &clocks, alike: Some(&gallery.pairs()) });
        let shelf =
            Shelf::new(std::mem::take(&mut snapshot.recordings), std::mem::take(&mut snapshot.devices));
        let mut looks: BTreeMap<String, Vec<Look>> = BTreeMap::new();
        for look in std::mem::take(&mut snapshot.looks) {
            looks.entry(look.sha256.clone()).or_default().push(look);
        }
        let timelines = Timelines::new(&mut snapshot, &policy);
        // As the catalog lists them, and as they are looked up.
        snapshot.officers.sort_by(|a, b| a.badge.cmp(&b.badge));
        let mut month = Self {
            policy,
            rest: snapshot,
            shelf,
            timelines,
            looks,
            gallery,
            taken_away: Vec::new(),
            clocks,
            audit: Arc::new(audit),
            steady: Steady::default(),
        };
        month.steady = month.steady_around();
        month
    }

    /// The audit of the month as it is now.
    pub fn audit(&self) -> &Audit {
        &self.audit
    }

    /// The same, to be held on to while the month goes on.
    pub fn shared(&self) -> Arc<Audit> {
        Arc::clone(&self.audit)
    }

    /// The cases of the month, by number.
    pub fn cases(&self) -> impl Iterator<Item = &Case> {
        self.timelines.cases().values()
    }

    /// Takes the changes in and judges what they touch; gives the audit, and how many obligations were
    /// judged for it.
    pub fn update(&mut self, changes: &Changes) -> (&Audit, usize) {
        if self.only_the_moment(changes) {
            return (&self.audit, 0);
        }
        let judged = self.judge_changes(changes);
        self.steady = self.steady_around();
        (&self.audit, judged)
    }

    /// Takes the changes in, and says how many obligations were judged for it.
    fn judge_changes(&mut self, changes: &Changes) -> usize {
        let mut touched = self.touched_by(changes);
        let mut clocks_may_change = self.tells_of_clocks(changes);
        self.apply(changes);
        let now = self.touched_by(changes);
        touched.stages.extend(now.stages);
        touched.keys.extend(now.keys);
        clocks_may_change |= self.tells_of_clocks(changes);
        for digest in self.compare(changes) {
            for recording in self.shelf.of_digest(&digest) {
                touched.stages.extend(self.stages_of(recording));
            }
        }
        let mut whole = changes.manifest.is_some() || !self.rest.manifest.is_empty();
        if clocks_may_change {
            let clocks = self.shelf.clocks(&self.policy);
            // A device's clock has a part in all that it recorded.
            whole |= clocks != self.clocks;
            self.clocks = clocks;
        }
        let many = self.timelines.len();
        whole |= touched.stages.len() > FEW && touched.stages.len() * 4 > many;
        if whole {
            let known = Known { clocks: &self.clocks, alike: Some(&self.gallery.pairs()) };
            self.audit = Arc::new(audit_with(&self.whole(), &self.policy, &known));
            return self.audit.obligations.len();
        }
        touched.keys.extend(
            touched
                .stages
                .iter()
                .flat_map(|id| self.near(id))
                .map(|no| self.shelf.get(no).object_key.clone()),
        );
        let small = self.judge(&touched);
        let judged = small.obligations.len();
        let audit = Arc::make_mut(&mut self.audit);
        take_over(&mut audit.obligations, &touched.stages, small.obligations);
        let (totals, units) = sum_up(&audit.obligations, &self.rest.units);
        (audit.as_of, audit.totals, audit.units) = (self.rest.as_of, totals, units);
        let asked =
            |outside: &Outside| outside.object_key.as_ref().is_some_and(|key| touched.keys.contains(key));
        audit.outside.retain(|outside| !asked(outside));
        audit.outside.extend(small.outside.into_iter().filter(asked));
        outside::sort(&mut audit.outside);
        audit.outside_findings = count_outside(&audit.outside);
        judged
    }

    /// The whole month as it is now.
    fn whole(&self) -> Snapshot {
        Snapshot { looks: self.looks.values().flatten().cloned().collect(), ..self.without_looks() }
    }

    /// The whole month as it is now, but for what was seen in recordings. It is copied.
    pub fn without_looks(&self) -> Snapshot {
        let mut whole = Snapshot {
            recordings: self.shelf.recordings().cloned().collect(),
            devices: self.shelf.devices().cloned().collect(),
            ..self.rest.clone()
        };
        self.timelines.fill(&self.timelines.all().cloned().collect(), &mut whole);
        whole
    }

    /// Compares anew what changed recordings show, and gives the digests whose matches are others now.
    fn compare(&mut self, changes: &Changes) -> BTreeSet<String> {
        let before = changes.recordings.values().flatten().map(|recording| recording.sha256.clone());
        let digests: BTreeSet<String> =
            before.chain(changes.looks.keys().cloned()).chain(self.taken_away.drain(..)).collect();
        let options = self.policy.inspect.options();
        let shows = |sha256: String| {
            let look = self.looks.get(&sha256).into_iter().flatten().find(|look| look.options == options);
            let pictures = look.filter(|_| self.shelf.is_readable(&sha256)).map(|look| look.pictures.clone());
            (sha256, pictures.unwrap_or_default())
        };
        let shown = digests.into_iter().map(shows).collect();
        self.gallery.update(shown)
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

    /// What the changes touch, by what there is now: asked before they are made, and after.
    fn touched_by(&self, changes: &Changes) -> Touched {
        let mut touched = BTreeSet::new();
        let mut recordings: BTreeSet<RecordingNo> = BTreeSet::new();
        recordings.extend(changes.recordings.keys().flat_map(|key| self.shelf.of_key(key)));
        recordings.extend(changes.devices.keys().flat_map(|serial| self.shelf.of_device(serial)));
        recordings.extend(changes.looks.keys().flat_map(|sha256| self.shelf.of_digest(sha256)));
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
        let mut keys: BTreeSet<String> = changes.recordings.keys().cloned().collect();
        for recording in recordings {
            keys.insert(self.shelf.get(recording).object_key.clone());
            // When the same bytes were first seen decides whether the others came late.
            keys.extend(self.shelf.same_bytes(recording).map(|no| self.shelf.get(no).object_key.clone()));
            self.spread(recording, &mut touched);
        }
        Touched { stages: touched, keys }
    }

    /// Others of the bytes of a recording, and those that show what it shows.
    fn doubles(&self, recording: RecordingNo) -> BTreeSet<RecordingNo> {
        let sha256 = &self.shelf.get(recording).sha256;
        let alike = self.gallery.partners(sha256).flat_map(|digest| self.shelf.of_digest(digest));
        self.shelf.same_bytes(recording).chain(alike).collect()
    }

    /// The stages whose judgement a recording can have a part in.
    fn spread(&self, recording: RecordingNo, touched: &mut BTreeSet<StageId>) {
        for double in self.doubles(recording) {
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
        for (sha256, looks) in &changes.looks {
            match looks.as_slice() {
                [] => self.looks.remove(sha256),
                looks => self.looks.insert(sha256.clone(), looks.to_vec()),
            };
        }
        let replaced = changes.recordings.keys().flat_map(|key| self.shelf.of_key(key));
        self.taken_away = replaced.map(|no| self.shelf.get(no).sha256.clone()).collect();
        self.shelf.apply(changes);
        self.timelines.apply(changes, &self.policy);
    }

    /// The ordinary audit of a small month, of which only what was touched counts: its obligations, and of what is
    /// outside of them what is of the keys.
    fn judge(&self, touched: &Touched) -> Audit {
        let mut stages = touched.stages.clone();
        let mut recordings: BTreeSet<RecordingNo> =
            touched.keys.iter().flat_map(|key| self.shelf.of_key(key)).collect();
        // Whether something belongs to no obligation, all those tell to which it could.
        stages.extend(recordings.iter().flat_map(|&recording| self.stages_of(recording)));
        for recording in touched.stages.iter().flat_map(|stage| self.near(stage)) {
            let doubles = self.doubles(recording);
            let linked = self.timelines.linked_to(&self.shelf.get(recording).object_key).next().is_some();
            if linked || !doubles.is_empty() || self.shelf.is_unreadable(recording) {
                stages.extend(self.stages_of(recording));
                stages.extend(doubles.iter().flat_map(|&double| self.stages_of(double)));
                recordings.extend(doubles);
            }
        }
        recordings.extend(stages.iter().flat_map(|stage| self.near(stage)));
        // When the same bytes were first seen.
        let same: Vec<RecordingNo> =
            recordings.iter().flat_map(|&recording| self.shelf.same_bytes(recording)).collect();
        recordings.extend(same);
        let mut small = Snapshot {
            month: self.rest.month,
            as_of: self.rest.as_of,
            units: Vec::new(),
            officers: self.rest.officers.clone(),
            devices: self.shelf.devices_of(&recordings),
            cases: Vec::new(),
            stages: Vec::new(),
            links: Vec::new(),
            excuses: Vec::new(),
            manifest: Vec::new(),
            looks: Vec::new(),
            recordings: recordings.iter().map(|&recording| self.shelf.get(recording).clone()).collect(),
        };
        let digests: BTreeSet<&str> =
            small.recordings.iter().map(|recording| recording.sha256.as_str()).collect();
        small.looks =
            digests.into_iter().filter_map(|sha256| self.looks.get(sha256)).flatten().cloned().collect();
        self.timelines.fill(&stages, &mut small);
        let known = Known { clocks: &self.clocks, alike: Some(&self.gallery.pairs()) };
        let mut audit = audit_with(&small, &self.policy, &known);
        audit.obligations.retain(|obligation| touched.stages.contains(&id_of(obligation)));
        audit
    }
}

/// Puts the verdicts on what was touched in the place of the earlier ones.
fn take_over(obligations: &mut Vec<Obligation>, touched: &BTreeSet<StageId>, judged: Vec<Obligation>) {
    let place = |obligations: &[Obligation], name: (&str, u32)| {
        obligations.binary_search_by(|old| order(old).cmp(&name))
    };
    let same = judged.iter().all(|new| place(obligations, order(new)).is_ok());
    let there = touched.iter().filter(|id| place(obligations, (id.case_no.as_str(), id.stage_no)).is_ok());
    if same && there.count() == judged.len() {
        for new in judged {
            if let Ok(at) = place(obligations, order(&new)) {
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

/// What readable recordings show, by digest, as far as it was looked at with the policy's figures.
fn shown<'s>(
    recordings: &[Recording],
    looks: &'s [Look],
    policy: &Policy,
) -> BTreeMap<&'s str, &'s [Picture]> {
    let readable: BTreeSet<&str> = recordings
        .iter()
        .filter(|recording| !recording.gone && recording.quarantine_reason().is_none())
        .map(|recording| recording.sha256.as_str())
        .collect();
    let options = policy.inspect.options();
    looks
        .iter()
        .filter(|look| look.options == options && !look.pictures.is_empty())
        .filter(|look| readable.contains(look.sha256.as_str()))
        .map(|look| (look.sha256.as_str(), look.pictures.as_slice()))
        .collect()
}

fn order(obligation: &Obligation) -> (&str, u32) {
    (&obligation.case_no, obligation.stage_no)
}

fn id_of(obligation: &Obligation) -> StageId {
    StageId { case_no: obligation.case_no.clone(), stage_no: obligation.stage_no }
}
