//! Rules of the way of a recording, from the officer's chest to the store: how many officers record, how
//! files follow one another, until when they are uploaded, and for how long a device holds them.
//!
//! A policy that leaves one of these sections out says nothing about it; the findings that rest on it are
//! then not made.

use catalog::Micros;
use catalog::device::DeviceKind;
use catalog::finding::Severity;
use serde::{Deserialize, Serialize};

use super::{Length, Source, within};

/// What is wrong with a figure: the path of its key within the block, and what to write.
type Wrong = (Vec<String>, String);

const DAY_MS: u64 = 86_400_000;

/// How many officers must record at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrewRule {
    /// How many.
    pub officers: u32,
    /// How grave it is if fewer do.
    pub severity: Severity,
    /// How long fewer may, and where it comes from.
    #[serde(flatten)]
    pub length: Length,
}

impl CrewRule {
    pub(super) fn check(&self) -> Result<(), Wrong> {
        within(&["officers"], u64::from(self.officers), (1, 20))?;
        within(&["milliseconds"], u64::from(self.length.milliseconds), (0, DAY_MS))
    }
}

/// How the files of one device follow one another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionRules {
    /// How long a device may take from one file to the next.
    pub seam: Length,
    /// How far the next file may reach back into the one before it.
    pub overlap: Length,
}

impl SessionRules {
    pub(super) fn check(&self) -> Result<(), Wrong> {
        within(&["seam", "milliseconds"], u64::from(self.seam.milliseconds), (0, 3_600_000))?;
        within(&["overlap", "milliseconds"], u64::from(self.overlap.milliseconds), (0, 3_600_000))
    }
}

/// Until when a recording must be stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UploadRules {
    /// How long after the end of duty.
    pub deadline: Length,
    /// How long after the end of a recording the duty it was made in may still last: who is on duty when is
    /// not known.
    pub duty: Length,
}

impl UploadRules {
    pub(super) fn check(&self) -> Result<(), Wrong> {
        within(&["deadline", "milliseconds"], u64::from(self.deadline.milliseconds), (1, 40 * DAY_MS))?;
        within(&["duty", "milliseconds"], u64::from(self.duty.milliseconds), (0, 7 * DAY_MS))
    }
}

/// A number of days that a rule sets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Days {
    /// How many.
    pub days: u16,
    /// Where it comes from.
    #[serde(flatten)]
    pub source: Source,
}

impl Days {
    /// How long that is.
    pub fn us(&self) -> Micros {
        Micros::from_s(i64::from(self.days) * 86_400)
    }
}

/// For how long a device surely holds what it recorded before it overwrites it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeldRules {
    /// Body-worn cameras.
    pub bodycam: Days,
    /// Drones.
    pub drone: Days,
    /// Cameras of vehicles.
    pub vehicle: Days,
    /// Docks of drones.
    pub dock: Days,
}

impl HeldRules {
    /// The rule for a kind of device.
    pub fn of(&self, kind: DeviceKind) -> &Days {
        match kind {
            DeviceKind::Bodycam => &self.bodycam,
            DeviceKind::Drone => &self.drone,
            DeviceKind::Vehicle => &self.vehicle,
            DeviceKind::Dock => &self.dock,
        }
    }
}

/// How what devices say is compared with what is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReconcileRules {
    /// By how much start or length may differ.
    pub differs: Length,
    /// For how long devices hold what is not uploaded.
    pub held: HeldRules,
}

impl ReconcileRules {
    pub(super) fn check(&self) -> Result<(), Wrong> {
        within(&["differs", "milliseconds"], u64::from(self.differs.milliseconds), (0, DAY_MS))?;
        let HeldRules { bodycam, drone, vehicle, dock } = &self.held;
        for (device, held) in [("bodycam", bodycam), ("drone", drone), ("vehicle", vehicle), ("dock", dock)] {
            within(&["held", device, "days"], u64::from(held.days), (1, 3_660))?;
        }
        Ok(())
    }
}
