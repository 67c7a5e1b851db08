//! A case as a reviewer reads it: its stages, what each had to have recorded, and every recording laid
//! beside the stage on the street's time.
//!
//! The audit names the recordings of an obligation; where each of them runs is in the snapshot that was
//! audited. Both are of one moment, so what is drawn is what was judged.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use analyzer::audit::{Audit, Evidence, Obligation};
use analyzer::policy::Policy;
use catalog::case::{Case, Stage};
use catalog::device::DeviceKind;
use catalog::excuse::Excuse;
use catalog::interval::{Interval, IntervalSet};
use catalog::observation::{Problem, StartSource};
use catalog::snapshot::{Recording, Snapshot};
use catalog::store::Catalog;
use catalog::{MediaTime, Month, WallTime};
use serde::Serialize;

use crate::operations::{OperationError, audit_with_snapshot};

/// A case with its stages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CaseFile {
    /// The case.
    #[serde(flatten)]
    pub case: Case,
    /// Name of its unit; `None` if the unit is not known.
    pub unit_name: Option<String>,
    /// The moment as of which the case was looked at.
    pub as_of: WallTime,
    /// Name of the policy under which it was judged.
    pub policy: String,
    /// Its stages, by number.
    pub stages: Vec<StageFile>,
}

/// One stage with what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StageFile {
    /// Number within the case.
    pub stage_no: u32,
    /// The stage.
    pub stage: Stage,
    /// What had to be recorded; `None` where policy asks for nothing, or the stage had not ended yet.
    pub obligation: Option<Obligation>,
    /// The recordings of the obligation, in its order.
    pub timeline: Vec<Lane>,
    /// The reasons that people recorded, in order of recording.
    pub excuses: Vec<Excuse>,
}

/// One recording on the street's time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lane {
    /// What it does for the obligation.
    #[serde(flatten)]
    pub evidence: Evidence,
    /// What its device is; `None` if the device is not known.
    pub device_kind: Option<DeviceKind>,
    /// Name of the officer; `None` if the badge is not known.
    pub officer: Option<String>,
    /// Where its start came from; `None` if nothing tells.
    pub started_at_source: Option<StartSource>,
    /// Where there is a picture; empty if the start is not known.
    pub video: Vec<Interval<WallTime>>,
    /// Where there is sound; likewise.
    pub audio: Vec<Interval<WallTime>>,
    /// What stood in the way of reading it.
    pub problems: Vec<Problem>,
}

/// The file of a case as the catalog knew it at `as_of`; `None` if there is no such case.
///
/// # Errors
/// Where the catalog fails.
pub async fn case_file(
    catalog: &dyn Catalog,
    policy: Arc<Policy>,
    case_no: &str,
    as_of: WallTime,
) -> Result<Option<CaseFile>, OperationError> {
    let Some((case, stages)) = catalog.case(case_no).await? else { return Ok(None) };
    let months: BTreeSet<Month> = stages.iter().filter_map(|stage| stage.starts_at.month()).collect();
    let mut judged: BTreeMap<u32, StageFile> = BTreeMap::new();
    for month in months {
        // The stage was taken out since it was read above.
        let (snapshot, audit) = match audit_with_snapshot(catalog, Arc::clone(&policy), month, as_of).await {
            Err(OperationError::EmptyMonth { .. }) => continue,
            other => other?,
        };
        judged.extend(stages_of(case_no, &snapshot, audit).into_iter().map(|stage| (stage.stage_no, stage)));
    }
    let unit = catalog.units().await?.into_iter().find(|unit| unit.code == case.unit);
    Ok(Some(CaseFile {
        unit_name: unit.map(|unit| unit.name),
        case,
        as_of,
        policy: policy.name.clone(),
        stages: judged.into_values().collect(),
    }))
}

/// The stages that a case has in a month.
fn stages_of(case_no: &str, snapshot: &Snapshot, audit: Audit) -> Vec<StageFile> {
    let mut obligations: HashMap<u32, Obligation> = audit
        .obligations
        .into_iter()
        .filter(|obligation| obligation.case_no == case_no)
        .map(|obligation| (obligation.stage_no, obligation))
        .collect();
    snapshot
        .stages
        .iter()
        .filter(|stage| stage.case_no == case_no)
        .map(|stage| {
            let obligation = obligations.remove(&stage.stage_no);
            let evidence = obligation.iter().flat_map(|obligation| &obligation.evidence);
            StageFile {
                stage_no: stage.stage_no,
                stage: stage.clone(),
                timeline: evidence.map(|evidence| lane(snapshot, evidence)).collect(),
                obligation,
                excuses: snapshot
                    .excuses
                    .iter()
                    .filter(|excuse| excuse.case_no == case_no && excuse.stage_no == stage.stage_no)
                    .cloned()
                    .collect(),
            }
        })
        .collect()
}

fn lane(snapshot: &Snapshot, evidence: &Evidence) -> Lane {
    // Two stores may hold the same key: then the one that began when the evidence did.
    let mut of_key =
        snapshot.recordings.iter().filter(|recording| recording.object_key == evidence.object_key).peekable();
    let first = of_key.peek().copied();
    let recording = of_key.find(|recording| recording.started_at == evidence.started_at).or(first);
    let device = evidence
        .device
        .as_deref()
        .and_then(|serial| snapshot.devices.iter().find(|device| device.serial == serial));
    let officer = evidence
        .badge
        .as_deref()
        .and_then(|badge| snapshot.officers.iter().find(|officer| officer.badge == badge));
    Lane {
        device_kind: device.map(|device| device.kind),
        officer: officer.map(|officer| officer.name.clone()),
        started_at_source: recording.and_then(|recording| recording.started_at_source),
        video: spans(recording, |recording| &recording.video),
        audio: spans(recording, |recording| &recording.audio),
        problems: recording.map(|recording| recording.problems.clone()).unwrap_or_default(),
        evidence: evidence.clone(),
    }
}

fn spans(
    recording: Option<&Recording>,
    media: impl Fn(&Recording) -> &IntervalSet<MediaTime>,
) -> Vec<Interval<WallTime>> {
    recording
        .and_then(|recording| recording.on_wall(media(recording)))
        .map(|spans| spans.as_slice().to_vec())
        .unwrap_or_default()
}
