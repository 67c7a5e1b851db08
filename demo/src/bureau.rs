//! The people and their cameras: one district detachment with six squads of four, the office that
//! reviews cases, a camera for every officer of a squad and two drones. All of it is plainly made
//! up: nobody is called 队员甲01.

use catalog::device::{Device, DeviceKind};
use catalog::time::Micros;
use catalog::unit::{Officer, Unit, UnitKind};

use crate::calendar::{Dice, at};
use crate::recording::Container;

/// Squads of the bureau.
pub const SQUADS: usize = 6;

/// Officers of a squad; two of them make a crew.
pub const OFFICERS_PER_SQUAD: usize = 4;

/// Crews of the bureau: pairs of officers who go out together.
pub(crate) const CREWS: usize = SQUADS * OFFICERS_PER_SQUAD / 2;

const STEMS: [char; SQUADS] = ['甲', '乙', '丙', '丁', '戊', '己'];
const ORDINALS: [char; SQUADS] = ['一', '二', '三', '四', '五', '六'];
const DISTRICT: &str = "D1";
const OFFICE: &str = "AJSL";
const DRONES: usize = 2;

/// Somebody, or something, that records: whom the object key names, and how the device stores.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Recorder {
    /// First folder of the key.
    pub(crate) folder: String,
    /// Badge in the key.
    pub(crate) badge: String,
    /// Serial number in the key.
    pub(crate) device: String,
    /// What the device writes.
    pub(crate) container: Container,
    /// After how many seconds the device begins a new file; `None`: never.
    pub(crate) split_s: Option<i64>,
}

/// Code of squad `squad`, counted from 0.
pub(crate) fn squad_code(squad: usize) -> String {
    format!("SQ{}", squad + 1)
}

/// The squad of crew `crew`.
pub(crate) fn squad_of(crew: usize) -> usize {
    crew / (OFFICERS_PER_SQUAD / 2)
}

/// The other crew of the same squad.
pub(crate) fn colleagues_of(crew: usize) -> usize {
    crew ^ 1
}

fn badge(squad: usize, number: usize) -> String {
    format!("31{}{number:02}", squad + 1)
}

fn serial(squad: usize, number: usize) -> String {
    format!("BWC{}{number:02}", squad + 1)
}

/// The two officers of a crew, with the habits of their cameras. Cameras differ, as bought in
/// different years: some write the index last, some first, some write other containers, and some
/// begin a new file every ten or fifteen minutes.
pub(crate) fn crew(crew: usize) -> [Recorder; 2] {
    let squad = squad_of(crew);
    [1, 2].map(|member| {
        let number = crew % 2 * 2 + member;
        let (container, split_s) = match number {
            1 => (Container::Mp4, None),
            2 => (Container::Mp4, Some(600)),
            3 => ([Container::MpegTs, Container::Matroska, Container::Avi][squad % 3], Some(900)),
            _ => (Container::Mp4FastStart, None),
        };
        Recorder {
            folder: squad_code(squad),
            badge: badge(squad, number),
            device: serial(squad, number),
            container,
            split_s,
        }
    })
}

/// Drone `number` of the detachment; flown by whoever is on duty, so no officer's badge stands in
/// its keys.
pub(crate) fn drone(number: usize) -> Recorder {
    Recorder {
        folder: "UAV".to_owned(),
        badge: "000000".to_owned(),
        device: format!("UAV{:04}", number % DRONES + 1),
        container: Container::Mp4,
        split_s: None,
    }
}

/// Badges of those who review cases at their desks.
pub(crate) fn reviewers() -> [String; 2] {
    ["31901", "31902"].map(str::to_owned)
}

/// Name of who records excuses: the head of the squad's office, so to speak.
pub(crate) fn excuse_recorder(squad: usize) -> String {
    badge(squad, 1)
}

/// All units, those above before those below.
pub(crate) fn units() -> Vec<Unit> {
    let unit = |code: &str, name: String, kind| Unit {
        code: code.to_owned(),
        name,
        kind,
        parent: (kind != UnitKind::Detachment).then(|| DISTRICT.to_owned()),
    };
    let mut units = vec![
        unit(DISTRICT, "示例区城管执法支队".to_owned(), UnitKind::Detachment),
        unit(OFFICE, "案件审理科".to_owned(), UnitKind::Office),
    ];
    units.extend(
        ORDINALS
            .iter()
            .enumerate()
            .map(|(squad, ordinal)| unit(&squad_code(squad), format!("第{ordinal}中队"), UnitKind::Squad)),
    );
    units
}

/// All officers: four a squad, and those who review cases.
pub(crate) fn officers() -> Vec<Officer> {
    let mut officers = Vec::new();
    for (squad, stem) in STEMS.iter().enumerate() {
        officers.extend((1..=OFFICERS_PER_SQUAD).map(|number| Officer {
            badge: badge(squad, number),
            name: format!("队员{stem}{number:02}"),
            unit: squad_code(squad),
            frontline: true,
        }));
    }
    officers.extend(reviewers().into_iter().zip(1..).map(|(badge, number)| Officer {
        badge,
        name: format!("审理员{number:02}"),
        unit: OFFICE.to_owned(),
        frontline: false,
    }));
    officers
}

/// All devices. Their clocks were set on the morning of the first, right to half a second or better.
pub(crate) fn devices(dice: &mut Dice) -> Vec<Device> {
    let mut device = |serial, kind, unit: String, holder| Device {
        serial,
        kind,
        unit,
        holder,
        synced_at: Some(at(1, 8, 0)),
        clock_error_us: Some(Micros::from_ms(dice.within((1, 5)) * 100)),
    };
    let mut devices = Vec::new();
    for squad in 0..SQUADS {
        for number in 1..=OFFICERS_PER_SQUAD {
            let holder = Some(badge(squad, number));
            devices.push(device(serial(squad, number), DeviceKind::Bodycam, squad_code(squad), holder));
        }
    }
    for number in 0..DRONES {
        devices.push(device(drone(number).device, DeviceKind::Drone, DISTRICT.to_owned(), None));
    }
    for (squad, serial) in crate::drones::devices().into_iter().enumerate() {
        devices.push(device(serial, DeviceKind::Drone, squad_code(squad), None));
    }
    devices
}
