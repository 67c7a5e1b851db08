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
    /// Sub-district (街镇) it belongs to; `None` where nobody said.
    #[serde(default)]
    pub sub_district: Option<String>,
    /// Polygons, each an outer ring followed by its holes; a ring is `[lon, lat]` points, closed.
    pub polygons: Vec<Vec<Vec<[f64; 2]>>>,
}

coded! {
    /// What a flight came to.
    pub enum SortieStatus("status of a sortie") {
        /// It took place.
        Flown = "flown" / "已飞",
        /// It is to take place; its times are the planned ones.
        Planned = "planned" / "计划",
        /// It will not take place; its times are those that were planned.
        Cancelled = "cancelled" / "取消",
    }
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
    /// Take-off; the planned one unless it was flown.
    pub took_off_at: WallTime,
    /// Landing; the planned one unless it was flown.
    pub landed_at: WallTime,
    /// Key of its recording; `None` where there is none.
    pub object_key: Option<String>,
    /// File of its track; `None` where there is none.
    pub track: Option<String>,
    /// What it came to.
    pub status: SortieStatus,
    /// What a person wrote beside it, such as why it was cancelled.
    pub note: Option<String>,
}
