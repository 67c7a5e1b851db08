//! The quality of the joins: rows of the imports, and names in keys, that matched nothing.
//!
//! Nothing of this is a fault of an officer. It is where the audit is blind: a recording whose key names a
//! badge that nobody entered stands for no stage, and the stage it belongs to may be called missing. Each row
//! says what did not match and what to do about it; a table of sums says how much of each list matched.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use catalog::snapshot::Recording;
use catalog::{Interval, WallTime};
use serde::Serialize;

use super::{Desk, flights};

/// Why a row matched nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum JoinIssue {
    /// A person tied an object to a stage that is not stored.
    LinkWithoutObject,
    /// Keys name a device that nobody entered.
    UnknownDevice,
    /// Keys name an officer that nobody entered.
    UnknownOfficer,
    /// A key names neither device nor officer.
    KeyWithoutNames,
    /// Nothing tells when a recording began.
    NoStart,
    /// Recordings of a shared device whose keys name no officer: only a link ties them to a stage.
    NobodysDevice,
    /// Nobody knows when the clock of a device was set.
    ClockNeverSet,
    /// A stage has no officer, so no recording can be found for it.
    StageWithoutOfficers,
    /// An officer of a stage has no device and no recording in the month.
    OfficerWithoutDevice,
    /// A case of the month has no stage in it.
    CaseWithoutStages,
    /// A device that was entered has neither recordings nor a manifest in the month.
    DeviceWithoutFootage,
    /// A flight to which no stored recording belongs.
    SortieWithoutRecording,
    /// The list of flights names a recording or a track that is not stored.
    SortieFileNotStored,
    /// A drone recorded, and neither a flight nor a person's link explains it.
    DroneRecordingWithoutSortie,
}

impl JoinIssue {
    /// Every issue, in order.
    pub const ALL: &'static [Self] = &[
        Self::LinkWithoutObject,
        Self::UnknownDevice,
        Self::UnknownOfficer,
        Self::KeyWithoutNames,
        Self::NoStart,
        Self::NobodysDevice,
        Self::ClockNeverSet,
        Self::StageWithoutOfficers,
        Self::OfficerWithoutDevice,
        Self::CaseWithoutStages,
        Self::DeviceWithoutFootage,
        Self::SortieWithoutRecording,
        Self::SortieFileNotStored,
        Self::DroneRecordingWithoutSortie,
    ];

    /// What did not match, in English.
    pub const fn en(self) -> &'static str {
        match self {
            Self::LinkWithoutObject => "linked to a stage, but not stored",
            Self::UnknownDevice => "device named in keys, but not entered",
            Self::UnknownOfficer => "officer named in keys, but not entered",
            Self::KeyWithoutNames => "key names neither device nor officer",
            Self::NoStart => "nothing tells when it began",
            Self::NobodysDevice => "shared device, and its keys name no officer",
            Self::ClockNeverSet => "nobody knows when its clock was set",
            Self::StageWithoutOfficers => "stage without officers",
            Self::OfficerWithoutDevice => "officer of stages without a device or a recording",
            Self::CaseWithoutStages => "case of the month without a stage in it",
            Self::DeviceWithoutFootage => "device without recordings or manifest",
            Self::SortieWithoutRecording => "flight without a recording",
            Self::SortieFileNotStored => "named in the list of flights, but not stored",
            Self::DroneRecordingWithoutSortie => "recorded by a drone, and no flight of it is listed",
        }
    }

    /// The same in Chinese.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::LinkWithoutObject => "已关联环节，但未入库",
            Self::UnknownDevice => "文件名所载设备未登记",
            Self::UnknownOfficer => "文件名所载人员未登记",
            Self::KeyWithoutNames => "文件名未载明设备和人员",
            Self::NoStart => "无从得知起始时间",
            Self::NobodysDevice => "共用设备，文件名未载明人员",
            Self::ClockNeverSet => "校时时间不明",
            Self::StageWithoutOfficers => "环节未登记执法人员",
            Self::OfficerWithoutDevice => "环节的执法人员名下无设备、当月无录像",
            Self::CaseWithoutStages => "当月立案但当月无环节",
            Self::DeviceWithoutFootage => "设备当月既无录像也无清单",
            Self::SortieWithoutRecording => "架次没有对应视频",
            Self::SortieFileNotStored => "架次表载明，但未入库",
            Self::DroneRecordingWithoutSortie => "无人机已录制，但架次表中没有对应架次",
        }
    }

    /// What to do, in English.
    pub const fn advice_en(self) -> &'static str {
        match self {
            Self::LinkWithoutObject => "correct the link, or upload the file",
            Self::UnknownDevice => "enter the device: reelproof import devices",
            Self::UnknownOfficer => "enter the officer: reelproof import officers",
            Self::KeyWithoutNames => {
                "add a key pattern to reelproof.toml, or link it: reelproof import links"
            }
            Self::NoStart => "add a key pattern with `start` to reelproof.toml",
            Self::NobodysDevice => "enter the holder, or link them: reelproof import links",
            Self::ClockNeverSet => "enter synced_at and clock_error_ms: reelproof import devices",
            Self::StageWithoutOfficers => "enter the officers: reelproof import stages",
            Self::OfficerWithoutDevice => "enter who holds which device: reelproof import devices",
            Self::CaseWithoutStages => "enter its timeline: reelproof import stages",
            Self::DeviceWithoutFootage => "ask the unit whether it is in use, and for its manifest",
            Self::SortieWithoutRecording => "ask the unit for it before the drone's card is overwritten",
            Self::SortieFileNotStored => "upload the file, or correct the list: reelproof import sorties",
            Self::DroneRecordingWithoutSortie => "enter the flight: reelproof import sorties",
        }
    }

    /// The same in Chinese.
    pub const fn advice_zh(self) -> &'static str {
        match self {
            Self::LinkWithoutObject => "更正关联，或补传文件",
            Self::UnknownDevice => "登记设备：reelproof import devices",
            Self::UnknownOfficer => "登记人员：reelproof import officers",
            Self::KeyWithoutNames => "在 reelproof.toml 中补充文件名规则，或予以关联：reelproof import links",
            Self::NoStart => "在 reelproof.toml 中补充含 start 的文件名规则",
            Self::NobodysDevice => "登记持有人，或予以关联：reelproof import links",
            Self::ClockNeverSet => "登记校时时间和误差：reelproof import devices",
            Self::StageWithoutOfficers => "补录执法人员：reelproof import stages",
            Self::OfficerWithoutDevice => "登记设备持有人：reelproof import devices",
            Self::CaseWithoutStages => "补录执法环节：reelproof import stages",
            Self::DeviceWithoutFootage => "向所属单位核实设备是否在用，并索取清单",
            Self::SortieWithoutRecording => "请所属单位在机载存储被覆盖前补传",
            Self::SortieFileNotStored => "补传文件，或更正架次表：reelproof import sorties",
            Self::DroneRecordingWithoutSortie => "补录架次：reelproof import sorties",
        }
    }
}

/// Rows that matched nothing, for one reason and of one name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JoinRow {
    /// Why.
    pub issue: JoinIssue,
    /// What: a key, a serial number, a badge, a stage, a case, a flight, a file.
    pub subject: String,
    /// How many rows or objects that concerns.
    pub rows: u64,
    /// One of them, where `subject` is not it.
    pub example: Option<String>,
}

/// How much of one list matched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JoinedTable {
    /// The list: `links`, `recordings`, `manifest`, `stages`, `cases`, `devices`; `sorties` where there are any.
    pub table: &'static str,
    /// Rows there are.
    pub rows: u64,
    /// Rows that matched.
    pub matched: u64,
}

/// Rows that matched nothing, and how much did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Joins {
    /// How much of each list matched.
    pub tables: Vec<JoinedTable>,
    /// What did not, by reason and name.
    pub rows: Vec<JoinRow>,
}

/// Collects rows of one reason and name.
#[derive(Default)]
pub(super) struct Rows(BTreeMap<(JoinIssue, String), (u64, Option<String>)>);

impl Rows {
    /// One more row, with an example of it.
    pub(super) fn add(&mut self, issue: JoinIssue, subject: &str, example: Option<&str>) {
        let (rows, first) = self.0.entry((issue, subject.to_owned())).or_default();
        *rows += 1;
        if let Some(example) = example
            && first.as_deref().is_none_or(|first| example < first)
        {
            *first = Some(example.to_owned());
        }
    }
}

pub(super) fn joins(desk: &Desk<'_>, month: Interval<WallTime>) -> Joins {
    let snapshot = desk.snapshot;
    let mut rows = Rows::default();
    let mut tables = Vec::new();
    let mut table = |table, all: usize, unmatched: usize| {
        tables.push(JoinedTable { table, rows: all as u64, matched: all.saturating_sub(unmatched) as u64 });
    };

    let keys: HashSet<&str> = desk.recordings().map(|recording| recording.object_key.as_str()).collect();
    let broken = snapshot.links.iter().filter(|link| !keys.contains(link.object_key.as_str()));
    let mut unmatched = 0;
    for link in broken {
        let stage = format!("{}/{}", link.case_no, link.stage_no);
        rows.add(JoinIssue::LinkWithoutObject, &link.object_key, Some(&stage));
        unmatched += 1;
    }
    table("links", snapshot.links.len(), unmatched);

    let linked: HashSet<&str> = snapshot.links.iter().map(|link| link.object_key.as_str()).collect();
    let in_month = |recording: &&Recording| {
        !recording.gone && recording.started_at.is_none_or(|start| month.contains(start))
    };
    let (mut all, mut unmatched) = (0, 0);
    for recording in desk.recordings().filter(in_month) {
        all += 1;
        unmatched += usize::from(!look_at(desk, recording, &linked, &mut rows));
    }
    table("recordings", all, unmatched);

    let entries = || {
        snapshot.manifest.iter().zip(&desk.matched.found).filter(|(entry, _)| month.contains(entry.starts_at))
    };
    table("manifest", entries().count(), entries().filter(|(_, found)| found.is_none()).count());

    let filming: HashSet<&str> =
        desk.recordings().filter_map(|recording| recording.badge.as_deref()).collect();
    let holders: HashSet<&str> =
        snapshot.devices.iter().filter_map(|device| device.holder.as_deref()).collect();
    let mut unmatched = 0;
    for stage in &snapshot.stages {
        let id = stage.id().to_string();
        if stage.officers.is_empty() {
            rows.add(JoinIssue::StageWithoutOfficers, &id, None);
            unmatched += 1;
        }
        for badge in &stage.officers {
            if !filming.contains(badge.as_str()) && !holders.contains(badge.as_str()) {
                rows.add(JoinIssue::OfficerWithoutDevice, badge, Some(&id));
            }
        }
    }
    table("stages", snapshot.stages.len(), unmatched);

    let with_stages: BTreeSet<&str> = snapshot.stages.iter().map(|stage| stage.case_no.as_str()).collect();
    let without = snapshot.cases.iter().filter(|case| !with_stages.contains(case.case_no.as_str()));
    let mut unmatched = 0;
    for case in without {
        rows.add(JoinIssue::CaseWithoutStages, &case.case_no, None);
        unmatched += 1;
    }
    table("cases", snapshot.cases.len(), unmatched);

    let filmed: HashSet<&str> =
        desk.recordings().filter_map(|recording| recording.device.as_deref()).collect();
    let told: HashSet<&str> = snapshot.manifest.iter().map(|entry| entry.device.as_str()).collect();
    let mut unmatched = 0;
    for device in &snapshot.devices {
        let serial = device.serial.as_str();
        if !filmed.contains(serial) && !told.contains(serial) {
            rows.add(JoinIssue::DeviceWithoutFootage, serial, None);
            unmatched += 1;
        } else if device.synced_at.is_none() {
            rows.add(JoinIssue::ClockNeverSet, serial, None);
        }
    }
    table("devices", snapshot.devices.len(), unmatched);
    if let Some(flown) = desk.flown.filter(|flown| !flown.sorties.is_empty()) {
        tables.push(flights::look_at(flown, &linked, &mut rows));
    }

    let rows = rows
        .0
        .into_iter()
        .map(|((issue, subject), (rows, example))| JoinRow { issue, subject, rows, example })
        .collect();
    Joins { tables, rows }
}

/// Whether a recording can be tied to somebody; what stands in the way is added.
fn look_at(desk: &Desk<'_>, recording: &Recording, linked: &HashSet<&str>, rows: &mut Rows) -> bool {
    let key = recording.object_key.as_str();
    if recording.started_at.is_none() {
        rows.add(JoinIssue::NoStart, key, None);
    }
    if recording.device.is_none() && recording.badge.is_none() {
        if linked.contains(key) {
            return true;
        }
        rows.add(JoinIssue::KeyWithoutNames, key, None);
        return false;
    }
    let device = recording.device.as_deref().and_then(|serial| desk.devices.get(serial));
    if let Some(serial) = recording.device.as_deref().filter(|_| device.is_none()) {
        rows.add(JoinIssue::UnknownDevice, serial, Some(key));
    }
    let badge = recording.badge.as_deref();
    let officer_known = badge.is_some_and(|badge| desk.officers.contains_key(badge));
    if let Some(badge) = badge.filter(|_| !officer_known) {
        rows.add(JoinIssue::UnknownOfficer, badge, Some(key));
    }
    let held = device.is_some_and(|device| device.holder.is_some());
    if let Some(device) = device
        && badge.is_none()
        && !held
        && !linked.contains(key)
    {
        rows.add(JoinIssue::NobodysDevice, &device.serial, Some(key));
    }
    officer_known || held || linked.contains(key)
}
