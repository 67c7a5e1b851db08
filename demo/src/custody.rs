//! What becomes of recordings on their way to the store: devices that hold what nobody uploaded, a file that
//! came late, footage that nobody explains. And how many officers recorded each act, which is no fault that
//! is planted but follows from who recorded it.

use std::collections::BTreeMap;

use catalog::case::StageId;
use catalog::device::Device;
use catalog::excuse::Excuse;
use catalog::finding::{Certainty, FindingCode};
use catalog::interval::{Interval, IntervalSet};
use catalog::time::{Micros, WallTime};

use crate::bureau::{self, Recorder};
use crate::calendar::at;
use crate::faults::{ExpectedFinding, Planted};
use crate::plan::PlannedStage;
use crate::recording::{Container, PlannedRecording, Scene, Take};

/// When the month is looked at: the moment at which the demo's clock starts.
pub fn as_of() -> WallTime {
    at(1, 9, 0) + Micros::from_s(33 * 86_400)
}

/// For how long the policy says that a recorder holds its files.
const HELD: Micros = Micros::from_s(7 * 86_400);

/// How long one officer may record alone under the policy.
const ALONE: Micros = Micros::from_s(60);

/// What the name of a file leaves open.
const NAME: Micros = Micros::from_s(1);

/// A file that a device says it recorded and that is not stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotStored {
    /// Serial number of the device.
    pub device: String,
    /// Badge of who wore it.
    pub badge: String,
    /// Name of the file.
    pub file: String,
    /// When it ran.
    pub ran: Interval<WallTime>,
    /// Size in bytes.
    pub size_bytes: u64,
    /// The act that it shows; `None`: no act.
    pub stage: Option<StageId>,
}

impl NotStored {
    fn by(recorder: &Recorder, ran: Interval<WallTime>, stage: Option<StageId>) -> Self {
        let key = crate::recording::key(recorder, ran.start, 1, recorder.container);
        Self {
            device: recorder.device.clone(),
            badge: recorder.badge.clone(),
            file: key.rsplit('/').next().unwrap_or(&key).to_owned(),
            ran,
            size_bytes: ran.length().0.unsigned_abs() / 4,
            stage,
        }
    }

    /// What an audit as of [`as_of`] says of it.
    pub fn code(&self) -> FindingCode {
        if self.ran.end + HELD > as_of() { FindingCode::NotUploaded } else { FindingCode::Lost }
    }

    pub(crate) fn finding(&self) -> ExpectedFinding {
        ExpectedFinding {
            code: self.code(),
            certainty: Certainty::Certain,
            at: Some(self.ran),
            excused: None,
        }
    }
}

/// What devices hold of the first and the last act that nobody recorded, as it seemed; and of no act, in the
/// month's last days.
pub(crate) fn not_stored(stages: &[PlannedStage]) -> Vec<NotStored> {
    let mut missing: Vec<&PlannedStage> =
        stages.iter().filter(|planned| planned.planted == Some(Planted::Missing)).collect();
    missing.sort_by_key(|planned| planned.stage.starts_at);
    let ends = [missing.first(), missing.last().filter(|_| missing.len() > 1)];
    let mut held: Vec<NotStored> = ends
        .into_iter()
        .flatten()
        .filter_map(|planned| {
            let stage = &planned.stage;
            let crews = (0..bureau::CREWS).flat_map(bureau::crew);
            let recorder = crews.into_iter().find(|recorder| stage.officers.contains(&recorder.badge))?;
            let ran = Interval::new(stage.starts_at - Micros::from_s(8), stage.ends_at + Micros::from_s(9));
            Some(NotStored::by(&recorder, ran, Some(stage.id())))
        })
        .collect();
    // Before anybody goes out.
    let early = Interval::new(at(30, 6, 0), at(30, 6, 5));
    held.push(NotStored::by(&bureau::crew(0)[0], early, None));
    held
}

/// Footage that nobody explains: of a device that nobody entered, and with a name that says nothing.
pub(crate) fn unexplained() -> Vec<PlannedRecording> {
    let stranger = Recorder {
        folder: bureau::squad_code(2),
        badge: "39999".to_owned(),
        device: "BWC999".to_owned(),
        container: Container::Mp4,
        split_s: None,
    };
    let film = |day, recorder: &Recorder| {
        let span = Interval::new(at(day, 6, 0), at(day, 6, 2));
        Take::by(recorder, Scene::Street).film(recorder, span, 1)
    };
    let mut nameless = film(15, &stranger);
    for file in &mut nameless {
        file.key = format!("{}/2024-05-15/现场补拍.mp4", bureau::squad_code(1));
    }
    [film(14, &stranger), nameless].concat()
}

/// The file that comes late: of the first act that is otherwise in order.
pub(crate) fn late(stages: &[PlannedStage]) -> Option<String> {
    let in_order = stages.iter().filter(|planned| planned.planted.is_none() && planned.is_obligation());
    in_order.min_by_key(|planned| planned.stage.starts_at)?.recordings.first().cloned()
}

/// What an audit says of how many officers recorded, from who recorded when.
pub(crate) fn crew(
    planned: &PlannedStage,
    recordings: &BTreeMap<&str, &PlannedRecording>,
    devices: &[Device],
    excuses: &[Excuse],
) -> Option<ExpectedFinding> {
    let stage = planned.stage.interval();
    let files: Vec<&PlannedRecording> =
        planned.recordings.iter().filter_map(|key| recordings.get(key.as_str()).copied()).collect();
    let drone = |file: &PlannedRecording| file.device.starts_with("UAV");
    let picture = |of: &dyn Fn(&PlannedRecording) -> bool, wider: &dyn Fn(&PlannedRecording) -> Micros| {
        files
            .iter()
            .filter(|file| of(file))
            .flat_map(|file| {
                let wider = wider(file);
                file.picture().iter().map(|span| span.widened(wider)).collect::<Vec<_>>()
            })
            .collect::<IntervalSet<WallTime>>()
    };
    let exact = |_: &PlannedRecording| Micros::ZERO;
    // Somebody's picture, while nobody else has one.
    let alone_in = |file: &PlannedRecording, wider: &dyn Fn(&PlannedRecording) -> Micros| {
        let others = |other: &PlannedRecording| !drone(other) && other.badge != file.badge;
        let own = picture(&|other| other.key == file.key, &exact);
        if drone(file) { own } else { own.difference(&picture(&others, wider)) }
    };
    let alone: IntervalSet<WallTime> = files
        .iter()
        .flat_map(|file| alone_in(file, &exact).iter().copied().collect::<Vec<_>>())
        .map(|span| span.intersection(&stage))
        .collect();
    let long: Vec<Interval<WallTime>> = alone.iter().copied().filter(|part| part.length() > ALONE).collect();
    let (first, last) = (long.first()?, long.last()?);
    let error = |file: &PlannedRecording| NAME + device_error(file, devices);
    let certain = files.iter().any(|frame| {
        let apart = |other: &PlannedRecording| error(frame) + error(other);
        alone_in(frame, &apart).iter().any(|part| {
            let inside = |shift| part.intersection(&stage.shifted(shift)).length();
            inside(error(frame)).min(inside(-error(frame))) > ALONE
        })
    });
    let of_stage = |excuse: &&Excuse| {
        excuse.case_no == planned.stage.case_no && excuse.stage_no == planned.stage.stage_no
    };
    let mut reasons = excuses.iter().filter(of_stage).filter(|excuse| {
        let of = excuse.within(stage).widened(ALONE);
        long.iter().all(|part| of.start <= part.start && part.end <= of.end)
    });
    Some(ExpectedFinding {
        code: FindingCode::OneRecorder,
        certainty: if certain { Certainty::Certain } else { Certainty::WithinClockError },
        at: Some(Interval::new(first.start, last.end)),
        excused: reasons.next().map(|excuse| excuse.reason),
    })
}

/// By how much the clock of a file's device may have been wrong: what it was when it was set, and three
/// seconds a day since.
fn device_error(file: &PlannedRecording, devices: &[Device]) -> Micros {
    let Some(device) = devices.iter().find(|device| device.serial == file.device) else {
        return Micros::from_s(90);
    };
    let set = device.clock_error_us.unwrap_or_default();
    let since = device.synced_at.map_or(Micros::ZERO, |synced_at| file.starts_at - synced_at);
    set + Micros(since.0 * 3 / 86_400)
}
