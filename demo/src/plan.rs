//! The whole month as a value, before a byte of it is written. [`plan`] is a pure function: no clock,
//! no disk, one fixed seed. [`execute`](crate::execute) makes it real.

use std::collections::BTreeSet;

use catalog::case::{Case, Link, Stage, StageKind};
use catalog::device::Device;
use catalog::excuse::Excuse;
use catalog::interval::Interval;
use catalog::time::Micros;
use catalog::unit::{Officer, Unit};

use crate::bureau;
use crate::calendar::{Calendar, Dice, at, month};
use crate::cases;
use crate::custody::{self, NotStored};
use crate::faults::{self, Cast, Draft, ExpectedFinding, Planted, Status};
use crate::recording::{PlannedRecording, Scene, Take};
use crate::wishes::{LOOKED_AT, Wish, wishes};

/// Where the generator starts.
const SEED: u64 = 20_240_501;

/// Files that belong to no act: patrols, and drone flights that nobody tied to a case.
const PATROLS: usize = 8;

/// A stage, its footage and what an audit must say of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedStage {
    /// The stage.
    pub stage: Stage,
    /// Code of the squad.
    pub unit: String,
    /// What is planted in it; `None`: nothing.
    pub planted: Option<Planted>,
    /// Keys of its recordings.
    pub recordings: Vec<String>,
    /// How much of it is to be seen.
    pub covered_us: Micros,
    /// How it must be judged.
    pub status: Status,
    /// What must be found.
    pub findings: Vec<ExpectedFinding>,
}

impl PlannedStage {
    /// A stage at a desk that nobody has to record.
    pub(crate) fn desk_work(unit: String, stage: Stage) -> Self {
        Self {
            stage,
            unit,
            planted: None,
            recordings: Vec::new(),
            covered_us: Micros::ZERO,
            status: Status::Complete,
            findings: Vec::new(),
        }
    }

    /// Whether it has to be recorded.
    pub fn is_obligation(&self) -> bool {
        self.stage.kind != StageKind::LegalReview
    }
}

/// The month before it is made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Units, those above first.
    pub units: Vec<Unit>,
    /// Officers.
    pub officers: Vec<Officer>,
    /// Devices.
    pub devices: Vec<Device>,
    /// Cases.
    pub cases: Vec<Case>,
    /// Stages with what is planted in them.
    pub stages: Vec<PlannedStage>,
    /// Recordings that a person tied to stages.
    pub links: Vec<Link>,
    /// Excuses that a person recorded.
    pub excuses: Vec<Excuse>,
    /// Footage, by key.
    pub recordings: Vec<PlannedRecording>,
    /// What devices say they recorded and nobody stored.
    pub not_stored: Vec<NotStored>,
    /// Keys of the footage that comes into the store after the first ingest.
    pub late: Vec<String>,
    /// Keys of the footage that nobody explains.
    pub unexplained: Vec<String>,
}

impl Plan {
    /// The folders whose footage is looked at: those of the days of which that is said, in order.
    pub fn looked_at(&self) -> BTreeSet<String> {
        let days: Vec<String> =
            (LOOKED_AT.0..=LOOKED_AT.1).map(|day| format!("{}-{day:02}", month())).collect();
        let folder = |file: &PlannedRecording| {
            let (folder, _) = file.key.rsplit_once('/')?;
            let (_, day) = folder.rsplit_once('/')?;
            days.iter().any(|known| known == day).then(|| folder.to_owned())
        };
        self.recordings.iter().filter_map(folder).collect()
    }
}

/// Plans the month.
pub fn plan() -> Plan {
    let mut dice = Dice::new(SEED);
    let mut calendar = Calendar::default();
    let mut drafts: Vec<Draft> = Vec::new();
    for (number, wish) in wishes().iter().enumerate() {
        // 5 and 12 have no common divisor: every crew has its turn before one has it again.
        book(wish, number * 5 % bureau::CREWS, number, &mut calendar, &mut dice, &mut drafts);
    }
    drafts.push(over_midnight(&mut dice));
    let mut recordings: Vec<PlannedRecording> =
        drafts.iter().flat_map(|draft| draft.recordings.clone()).collect();
    for number in 0..PATROLS {
        recordings.extend(patrol(number, &mut calendar, &mut dice));
    }
    let unexplained = custody::unexplained();
    let unexplained_keys = unexplained.iter().map(|file| file.key.clone()).collect();
    recordings.extend(unexplained);
    recordings.sort_by(|a, b| a.key.cmp(&b.key));
    let docket = cases::group(drafts, &mut dice);
    Plan {
        units: bureau::units(),
        officers: bureau::officers(),
        devices: bureau::devices(&mut dice),
        cases: docket.cases,
        not_stored: custody::not_stored(&docket.stages),
        late: custody::late(&docket.stages).into_iter().collect(),
        unexplained: unexplained_keys,
        stages: docket.stages,
        links: docket.links,
        excuses: docket.excuses,
        recordings,
    }
}

fn cast(crew: usize, nth: usize) -> Cast {
    let [_, colleague] = bureau::crew(bureau::colleagues_of(crew));
    Cast { crew, members: bureau::crew(crew), colleague, drone: bureau::drone(nth) }
}

fn scene(number: usize) -> Scene {
    [Scene::Street, Scene::Market, Scene::Indoors][number % 3]
}

/// Books what `wish` asks for, with `crew` or the next that has time.
fn book(
    wish: &Wish,
    crew: usize,
    number: usize,
    calendar: &mut Calendar,
    dice: &mut Dice,
    drafts: &mut Vec<Draft>,
) {
    let length = Micros::from_s(dice.within(wish.minutes) * 60);
    for crew in (crew..crew + bureau::CREWS).map(|crew| crew % bureau::CREWS) {
        let colleagues = [crew, bureau::colleagues_of(crew)];
        let busy =
            if wish.planted == Some(Planted::LinkedColleague) { &colleagues[..] } else { &colleagues[..1] };
        let Some(start) = calendar.book(busy, wish.days, dice) else { continue };
        let interval = Interval::new(start, start + length);
        let draft = faults::draft(wish, &cast(crew, wish.nth), interval, scene(number), dice);
        if matches!(wish.planted, Some(Planted::Reused | Planted::EncodedAnew)) {
            // Whoever passes it off works in another squad.
            let other = (crew + bureau::CREWS / 2) % bureau::CREWS;
            if let Some(start) = calendar.book(&[other], wish.days, dice) {
                let interval = Interval::new(start, start + length);
                drafts.push(faults::pass_off(&draft, &cast(other, wish.nth), interval, wish.nth, dice));
            }
        }
        drafts.push(draft);
        return;
    }
}

/// An emergency in the month's last night; by the crew that nothing keeps from it.
fn over_midnight(dice: &mut Dice) -> Draft {
    let wish = Wish {
        planted: Some(Planted::OverMidnight),
        nth: 0,
        recorders: 2,
        days: (31, 31),
        minutes: (26, 26),
    };
    let interval = Interval::new(at(31, 23, 47), at(31, 23, 47 + 26));
    faults::draft(&wish, &cast(4, 0), interval, Scene::Street, dice)
}

/// Footage of no act.
fn patrol(number: usize, calendar: &mut Calendar, dice: &mut Dice) -> Vec<PlannedRecording> {
    let crew = number * 7 % bureau::CREWS;
    let Some(start) = calendar.book(&[crew], (1, 31), dice) else { return Vec::new() };
    let span = Interval::new(start, start + Micros::from_s(dice.within((60, 240))));
    let recorder =
        if number % 4 == 3 { bureau::drone(number) } else { bureau::crew(crew)[number % 2].clone() };
    let sound = number % 4 != 3;
    Take { sound, ..Take::by(&recorder, scene(number)) }.film(&recorder, span, 1)
}

#[cfg(test)]
mod tests;
