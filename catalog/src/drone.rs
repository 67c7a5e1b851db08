//! Where drones live and fly: docks, areas and sorties. Positions are WGS-84 degrees.

use serde::{Deserialize, Serialize};

use crate::code::coded;
use crate::time::WallTime;

/// A drone's dock (无人机机场).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Dock {
    /// Stable code, unique.
    pub code: String,
    /// Name.
    pub name: String,
    /// Code of the unit that runs it.
    pub unit: String,
    /// Longitude in degrees, WGS-84.
    pub lon: f64,
    /// Latitude in degrees, WGS-84.
    pub lat: f64,
    /// How far its drones reach, in metres.
    pub radius_m: f64,
}

coded! {
    /// Whether drones may fly in an area.
    pub enum AreaKind("kind of area") {
        /// 适航区域.
        Flyable = "flyable" / "适航区域",
        /// 禁飞区.
        NoFly = "no_fly" / "禁飞区",
    }
}

/// An area on the ground.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Area {
    /// Name, unique.
    pub name: String,
    /// Whether drones may fly there.
    pub kind: AreaKind,
    /// Polygons, each an outer ring followed by its holes; a ring is `[lon, lat]` points, closed.
    pub polygons: Vec<Vec<Vec<[f64; 2]>>>,
}

/// One flight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sortie {
    /// Name, unique.
    pub sortie: String,
    /// Code of the dock it flew from; `None` where flown by hand.
    pub dock: Option<String>,
    /// Serial number of the drone.
    pub device: String,
    /// Take-off.
    pub took_off_at: WallTime,
    /// Landing.
    pub landed_at: WallTime,
    /// Key of its recording; `None` where there is none.
    pub object_key: Option<String>,
    /// File of its track; `None` where there is none.
    pub track: Option<String>,
}
