//! A case as a reviewer reads it: its stages, what each had to have recorded, and every recording laid
//! beside the stage on the street's time.
//!
//! The audit names the recordings of an obligation; where each of them runs is in the month that was
//! audited. Both are of one moment, so what is drawn is what was judged. The month is the one that is kept
//! ([`crate::judged`]): of it only what concerns the case is looked up.

use std::collections::BTreeMap;
use std::sync::Arc;

use analyzer::audit::{Evidence, Incremental, Obligation};
use analyzer::policy::Policy;
use catalog::case::{Case, Stage};
use catalog::device::DeviceKind;
use catalog::excuse::Excuse;
use catalog::interval::{Interval, IntervalSet};
use catalog::observation::{Problem, StartSource};
use catalog::snapshot::Recording;
use catalog::store::{Catalog, Revision};
use catalog::unit::Unit;
use catalog::{MediaTime, Month, WallTime};
use serde::Serialize;

use crate::judged::{Judged, Seen};
use crate::operations::OperationError;

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

/// The file of a case as the catalog knew it at `as_of`; `None` if there is no such case. `known` are the catalog's
/// revision and units.
///
/// # Errors
/// Where the catalog fails.
pub async fn case_file(
    catalog: &dyn Catalog,
    judged: &Judged,
    policy: Arc<Policy>,
    case_no: &str,
    as_of: WallTime,
    (revision, units): (Revision, &[Unit]),
) -> Result<Option<CaseFile>, OperationError> {
    let Some((case, stages)) = catalog.case(case_no).await? else { return Ok(None) };
    let mut by_month: BTreeMap<Month, Vec<Stage>> = BTreeMap::new();
    for stage in stages {
        if let Some(month) = stage.starts_at.month() {
            by_month.entry(month).or_default().push(stage);
        }
    }
    let mut files: BTreeMap<u32, StageFile> = BTreeMap::new();
    for (month, stages) in by_month {
        let look = move |seen: &Seen| {
            stages.into_iter().map(|stage| stage_file(seen.month(), stage)).collect::<Vec<_>>()
        };
        match judged.peek_at(catalog, Arc::clone(&policy), month, as_of, revision, look).await {
            Ok(found) => files.extend(found.into_iter().map(|file| (file.stage_no, file))),
            // The stage was taken out since it was read above.
            Err(OperationError::EmptyMonth { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    let unit = units.iter().find(|unit| unit.code == case.unit);
    Ok(Some(CaseFile {
        unit_name: unit.map(|unit| unit.name.clone()),
        case,
        as_of,
        policy: policy.name.clone(),
        stages: files.into_values().collect(),
    }))
}

fn stage_file(month: &Incremental, stage: Stage) -> StageFile {
    let id = stage.id();
    let obligation = month.obligation(&id).cloned();
    let evidence = obligation.iter().flat_map(|obligation| &obligation.evidence);
    StageFile {
        stage_no: stage.stage_no,
        timeline: evidence.map(|evidence| lane(month, evidence)).collect(),
        excuses: month.excuses_of(&id).to_vec(),
        obligation,
        stage,
    }
}

fn lane(month: &Incremental, evidence: &Evidence) -> Lane {
    // Two stores may hold the same key: then the one that began when the evidence did.
    let mut of_key = month.recordings_of(&evidence.object_key).peekable();
    let first = of_key.peek().copied();
    let recording = of_key.find(|recording| recording.started_at == evidence.started_at).or(first);
    let device = evidence.device.as_deref().and_then(|serial| month.device(serial));
    let officer = evidence.badge.as_deref().and_then(|badge| month.officer(badge));
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
