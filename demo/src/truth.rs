//! `truth.json`: what was planted, and what a correct audit therefore says.
//!
//! The file speaks of the month after [`Month::alter`](crate::Month::alter) and a second ingest; before,
//! the findings `altered` are not there yet. A finding that concerns a part of the act's time has `start`
//! and `end`; compare them to within `tolerance_us`. One that concerns a file as a whole has neither.

use std::collections::BTreeMap;

use catalog::case::{StageId, StageKind};
use catalog::excuse::ExcuseReason;
use catalog::finding::{Certainty, FindingCode};
use catalog::time::{Micros, Month, WallTime};
use serde::Serialize;

use crate::calendar::month;
use crate::custody;
use crate::drones::DroneTruth;
use crate::faults::{ExpectedFinding, Planted, Status};
use crate::plan::{Plan, PlannedStage};
use crate::recording::{Damage, PlannedRecording};

/// How far a found place may lie from the planted one: names of files say whole seconds.
const TOLERANCE_US: Micros = Micros::from_s(2);

/// The policy under which the truth holds.
const POLICY: &str = "jingan-2024";

/// The truth about a month.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Truth {
    /// Version of this document and of the month it speaks of.
    pub format_version: u32,
    /// The month.
    pub month: Month,
    /// Name of the policy.
    pub policy: &'static str,
    /// For comparing places.
    pub tolerance_us: Micros,
    /// How much there is of everything.
    pub counts: Counts,
    /// Where each thing is planted, by code; also what only looks like a fault.
    pub planted: BTreeMap<&'static str, Vec<Place>>,
    /// The moment as of which the month is looked at.
    pub as_of: WallTime,
    /// What an audit must say, by case and stage.
    pub obligations: Vec<Obligation>,
    /// What an audit must say of recordings and files that belong to no obligation, in its order.
    pub outside: Vec<Outside>,
    /// What a coverage of the month's drones must say.
    pub drones: DroneTruth,
}

/// How much there is of everything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Units of all kinds.
    pub units: usize,
    /// Units that are squads.
    pub squads: usize,
    /// Officers, with those at desks.
    pub officers: usize,
    /// Devices.
    pub devices: usize,
    /// Cases.
    pub cases: usize,
    /// Stages of all kinds.
    pub stages: usize,
    /// Stages that have to be recorded.
    pub obligations: usize,
    /// Objects in the store.
    pub recordings: usize,
    /// Objects of which nothing can be read.
    pub quarantined: usize,
    /// Objects that are altered later.
    pub altered: usize,
    /// Objects that come into the store after the first ingest.
    pub late: usize,
    /// Objects that are decoded and looked at; black, frozen and silent stretches and footage that was encoded
    /// anew are told of these alone.
    pub looked_at: usize,
    /// Files that devices say they began in the month.
    pub manifest: usize,
    /// Objects that no device says it recorded: those that were encoded anew.
    pub not_in_manifest: usize,
    /// Links that people made.
    pub links: usize,
    /// Excuses that people recorded.
    pub excuses: usize,
    /// Obligations by status.
    pub status: BTreeMap<Status, usize>,
    /// Findings by code.
    pub findings: BTreeMap<FindingCode, usize>,
    /// What had to be recorded.
    pub required_us: Micros,
    /// What was recorded of it.
    pub covered_us: Micros,
}

/// Where something is planted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The stage.
    pub stage: StageId,
    /// Keys of its recordings.
    pub recordings: Vec<String>,
}

/// What an audit must say of a recording, or a file of a device, that belongs to no obligation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outside {
    /// Key of the object; null where it is not stored.
    pub object_key: Option<String>,
    /// Name of the file on its device; null where it is stored.
    pub file: Option<String>,
    /// The finding.
    pub code: FindingCode,
}

/// What an audit must say of one obligation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Obligation {
    /// `CASE/STAGE`.
    pub id: StageId,
    /// Kind of stage.
    pub kind: StageKind,
    /// Code of the unit.
    pub unit: String,
    /// How it must be judged.
    pub status: Status,
    /// What had to be recorded.
    pub required_us: Micros,
    /// What was recorded of it.
    pub covered_us: Micros,
    /// What is planted in it.
    pub planted: Option<Planted>,
    /// What must be found, and nothing else.
    pub findings: Vec<Finding>,
}

/// A finding that an audit must make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Of what kind.
    pub code: FindingCode,
    /// How certain.
    pub certainty: Certainty,
    /// From when; null where it concerns a file as a whole.
    pub start: Option<WallTime>,
    /// Until when.
    pub end: Option<WallTime>,
    /// For comparing the place.
    pub tolerance_us: Micros,
    /// The reason that excuses it.
    pub excused: Option<ExcuseReason>,
}

impl From<&ExpectedFinding> for Finding {
    fn from(expected: &ExpectedFinding) -> Self {
        Self {
            code: expected.code,
            certainty: expected.certainty,
            start: expected.at.map(|at| at.start),
            end: expected.at.map(|at| at.end),
            tolerance_us: TOLERANCE_US,
            excused: expected.excused,
        }
    }
}

impl From<&PlannedStage> for Obligation {
    fn from(planned: &PlannedStage) -> Self {
        Self {
            id: planned.stage.id(),
            kind: planned.stage.kind,
            unit: planned.unit.clone(),
            status: planned.status,
            required_us: planned.stage.interval().length(),
            covered_us: planned.covered_us,
            planted: planned.planted,
            findings: planned.findings.iter().map(Finding::from).collect(),
        }
    }
}

impl Truth {
    /// The truth about `plan`.
    pub fn about(plan: &Plan) -> Self {
        let recordings: BTreeMap<&str, &PlannedRecording> =
            plan.recordings.iter().map(|file| (file.key.as_str(), file)).collect();
        let mut obligations: Vec<Obligation> = plan
            .stages
            .iter()
            .filter(|planned| planned.is_obligation())
            .map(|planned| {
                let mut obligation = Obligation::from(planned);
                obligation.findings.extend(on_the_way(plan, planned, &recordings).iter().map(Finding::from));
                obligation.findings.sort_by_key(|finding| (finding.code, finding.start, finding.end));
                obligation
            })
            .collect();
        obligations.sort_by(|a, b| a.id.cmp(&b.id));
        let mut planted: BTreeMap<&'static str, Vec<Place>> = BTreeMap::new();
        for stage in &plan.stages {
            if let Some(what) = stage.planted {
                let place = Place { stage: stage.stage.id(), recordings: stage.recordings.clone() };
                planted.entry(what.as_str()).or_default().push(place);
            }
        }
        Self {
            format_version: crate::FORMAT_VERSION,
            month: month(),
            policy: POLICY,
            tolerance_us: TOLERANCE_US,
            as_of: crate::as_of(),
            outside: outside(plan),
            counts: Counts::of(plan, &obligations),
            planted,
            obligations,
            drones: DroneTruth::about(plan),
        }
    }

    /// The document as it is written.
    ///
    /// # Errors
    /// Never in practice: nothing in it has no place in JSON.
    pub fn to_json(&self) -> serde_json::Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }
}

/// What must be found in an act beside what is planted in it: who recorded it, and what became of the files.
fn on_the_way(
    plan: &Plan,
    planned: &PlannedStage,
    recordings: &BTreeMap<&str, &PlannedRecording>,
) -> Vec<ExpectedFinding> {
    let mut findings: Vec<ExpectedFinding> =
        custody::crew(planned, recordings, &plan.devices, &plan.excuses).into_iter().collect();
    let id = planned.stage.id();
    let held = plan.not_stored.iter().filter(|file| file.stage.as_ref() == Some(&id));
    findings.extend(held.map(custody::NotStored::finding));
    let late = planned.recordings.iter().filter(|key| plan.late.contains(key));
    findings.extend(late.map(|_| ExpectedFinding::of_file(FindingCode::LateUpload)));
    findings
}

/// What belongs to no act: what is stored, by key, then what is not, by device and time.
fn outside(plan: &Plan) -> Vec<Outside> {
    let mut keys = plan.unexplained.clone();
    keys.sort();
    let stored = keys.into_iter().map(|key| Outside {
        object_key: Some(key),
        file: None,
        code: FindingCode::Unattributed,
    });
    let mut held: Vec<_> = plan.not_stored.iter().filter(|file| file.stage.is_none()).collect();
    held.sort_by_key(|file| (&file.device, file.ran.start, &file.file));
    let held = held.into_iter().map(|file| Outside {
        object_key: None,
        file: Some(file.file.clone()),
        code: file.code(),
    });
    stored.chain(held).collect()
}

/// The recordings that are decoded.
fn looked_at(plan: &Plan) -> impl Iterator<Item = &PlannedRecording> {
    let folders = plan.looked_at();
    let within = move |file: &&PlannedRecording| {
        file.key.rsplit_once('/').is_some_and(|(folder, _)| folders.contains(folder))
    };
    plan.recordings.iter().filter(within).filter(|file| !file.damage.makes_unreadable())
}

impl Counts {
    fn of(plan: &Plan, obligations: &[Obligation]) -> Self {
        let (mut status, mut findings) = (BTreeMap::new(), BTreeMap::new());
        for obligation in obligations {
            *status.entry(obligation.status).or_insert(0) += 1;
            for finding in &obligation.findings {
                *findings.entry(finding.code).or_insert(0) += 1;
            }
        }
        let recordings_with = |what: fn(Damage) -> bool| {
            plan.recordings.iter().filter(|recording| what(recording.damage)).count()
        };
        Self {
            units: plan.units.len(),
            squads: plan.units.iter().filter(|unit| unit.kind == catalog::unit::UnitKind::Squad).count(),
            officers: plan.officers.len(),
            devices: plan.devices.len(),
            cases: plan.cases.len(),
            stages: plan.stages.len(),
            obligations: obligations.len(),
            recordings: plan.recordings.len(),
            quarantined: recordings_with(Damage::makes_unreadable),
            altered: recordings_with(|damage| damage == Damage::AlteredLater),
            late: plan.late.len(),
            looked_at: looked_at(plan).count(),
            manifest: plan.not_stored.len()
                + plan
                    .recordings
                    .iter()
                    .filter(|file| file.copy_of.is_none() && file.starts_at.month() == Some(month()))
                    .filter(|file| plan.devices.iter().any(|device| device.serial == file.device))
                    .count(),
            not_in_manifest: plan.recordings.iter().filter(|file| file.encoded_anew_from.is_some()).count(),
            links: plan.links.len(),
            excuses: plan.excuses.len(),
            status,
            findings,
            required_us: obligations.iter().map(|obligation| obligation.required_us).sum(),
            covered_us: obligations.iter().map(|obligation| obligation.covered_us).sum(),
        }
    }
}
