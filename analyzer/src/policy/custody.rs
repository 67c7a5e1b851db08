//! Rules of the way of a recording, from the officer's chest to the store: how many officers record, how
//! files follow one another, until when they are uploaded, and for how long a device holds them.
//!
//! A policy that leaves one of these sections out says nothing about it; the findings that rest on it are
//! then not made.

use catalog::Micros;
use catalog::device::DeviceKind;
use catalog::finding::Severity;
use serde::{Deserialize, Serialize};

use super::{Length, Source};

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

/// How the files of one device follow one another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionRules {
    /// How long a device may take from one file to the next.
    pub seam: Length,
    /// How far the next file may reach back into the one before it.
    pub overlap: Length,
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
