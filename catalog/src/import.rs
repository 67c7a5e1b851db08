//! What an import file becomes once every row of it was found good.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::case::{Case, Complaint, Link, Stage};
use crate::code::coded;
use crate::device::{Device, ManifestEntry};
use crate::drone::{Area, Dock, Sortie};
use crate::excuse::Excuse;
use crate::unit::{Officer, Unit};

coded! {
    /// What an import file holds.
    pub enum ImportKind("kind of import") {
        /// Units.
        Units = "units" / "单位",
        /// Officers.
        Officers = "officers" / "执法人员",
        /// Devices.
        Devices = "devices" / "设备",
        /// Cases.
        Cases = "cases" / "案件",
        /// Stages of cases.
        Stages = "stages" / "执法环节",
        /// How often complaints and petitions were made.
        Complaints = "complaints" / "投诉件",
        /// Recordings tied to stages by a person.
        Links = "links" / "关联",
        /// Excuses for stops.
        Excuses = "excuses" / "免责情形",
        /// What devices say they recorded.
        Manifest = "manifest" / "设备清单",
        /// Drone docks.
        Docks = "docks" / "无人机机场",
        /// Flyable and no-fly areas.
        Areas = "areas" / "区域",
        /// Drone flights.
        Sorties = "sorties" / "架次",
    }
}

/// The rows of one import file, in the file's order.
#[derive(Debug, Clone, PartialEq)]
pub enum Import {
    /// Units.
    Units(Vec<Unit>),
    /// Officers.
    Officers(Vec<Officer>),
    /// Devices.
    Devices(Vec<Device>),
    /// Cases.
    Cases(Vec<Case>),
    /// Stages of cases.
    Stages(Vec<Stage>),
    /// How often complaints and petitions were made.
    Complaints(Vec<Complaint>),
    /// Recordings tied to stages.
    Links(Vec<Link>),
    /// Excuses for stops.
    Excuses(Vec<Excuse>),
    /// What devices say they recorded.
    Manifest(Vec<ManifestEntry>),
    /// Drone docks.
    Docks(Vec<Dock>),
    /// Flyable and no-fly areas.
    Areas(Vec<Area>),
    /// Drone flights.
    Sorties(Vec<Sortie>),
}

impl Import {
    /// What the rows are.
    pub fn kind(&self) -> ImportKind {
        match self {
            Self::Units(_) => ImportKind::Units,
            Self::Officers(_) => ImportKind::Officers,
            Self::Devices(_) => ImportKind::Devices,
            Self::Cases(_) => ImportKind::Cases,
            Self::Stages(_) => ImportKind::Stages,
            Self::Complaints(_) => ImportKind::Complaints,
            Self::Links(_) => ImportKind::Links,
            Self::Excuses(_) => ImportKind::Excuses,
            Self::Manifest(_) => ImportKind::Manifest,
            Self::Docks(_) => ImportKind::Docks,
            Self::Areas(_) => ImportKind::Areas,
            Self::Sorties(_) => ImportKind::Sorties,
        }
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        match self {
            Self::Units(rows) => rows.len(),
            Self::Officers(rows) => rows.len(),
            Self::Devices(rows) => rows.len(),
            Self::Cases(rows) => rows.len(),
            Self::Stages(rows) => rows.len(),
            Self::Complaints(rows) => rows.len(),
            Self::Links(rows) => rows.len(),
            Self::Excuses(rows) => rows.len(),
            Self::Manifest(rows) => rows.len(),
            Self::Docks(rows) => rows.len(),
            Self::Areas(rows) => rows.len(),
            Self::Sorties(rows) => rows.len(),
        }
    }
}

/// The names that the catalog holds already, which rows may refer to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownNames {
    /// Codes of units.
    pub units: BTreeSet<String>,
    /// Badges of officers.
    pub badges: BTreeSet<String>,
    /// Serial numbers of devices.
    pub devices: BTreeSet<String>,
    /// Case numbers.
    pub cases: BTreeSet<String>,
    /// Stages as (case number, number of the stage).
    pub stages: BTreeSet<(String, u32)>,
    /// Codes of docks.
    pub docks: BTreeSet<String>,
}

/// What an import did to the catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ImportOutcome {
    /// What the rows were.
    pub kind: ImportKind,
    /// Rows in the file.
    pub rows: u64,
    /// Rows that were not there before.
    pub new: u64,
    /// Rows that were there and said something else.
    pub changed: u64,
    /// Rows that were there just so.
    pub unchanged: u64,
}
