//! Everything that drone coverage of one month looks at, as plain values: the catalog loads it, the analyzer
//! measures it.
//!
//! Docks, areas and flights are what was imported last; recordings and tracks are as of a moment.

use crate::device::Device;
use crate::drone::{Area, Dock, Sortie};
use crate::snapshot::Recording;
use crate::time::{Month, WallTime};
use crate::track::Track;
use crate::unit::Unit;

/// One track with where it was found.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundTrack {
    /// Key of the object: a recording, or a file of telemetry.
    pub object_key: String,
    /// Whether the object is nothing but telemetry.
    pub sidecar: bool,
    /// The track.
    pub track: Track,
}

/// One month of drones as the catalog knew it at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct DroneMonth {
    /// The month.
    pub month: Month,
    /// The moment as of which it is looked at.
    pub as_of: WallTime,
    /// The flights of this long before the month are there, too: for when ground was last seen.
    pub since: WallTime,
    /// All units, by code.
    pub units: Vec<Unit>,
    /// All drones, by serial number.
    pub drones: Vec<Device>,
    /// All docks, by code.
    pub docks: Vec<Dock>,
    /// All areas, by name.
    pub areas: Vec<Area>,
    /// The flights that begin from `since` to the month's end, by start and name.
    pub sorties: Vec<Sortie>,
    /// Recordings of drones that begin in that time or within a day of it, or at an unknown time, and those
    /// that a flight names; by key.
    pub recordings: Vec<Recording>,
    /// The tracks in these recordings, in the files beside them and in the files that a flight names, by key.
    pub tracks: Vec<FoundTrack>,
}
