//! What a policy says of drone coverage: the goal, the grid of cells, and what is assumed of a camera where
//! its telemetry does not say.

use serde::{Deserialize, Serialize};

use super::{Length, Source};

/// How much of the flyable area must be filmed in a month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// Per cent of the flyable area.
    pub percent: u32,
    /// Where it comes from.
    #[serde(flatten)]
    pub source: Source,
}

/// The grid in which the ground is watched.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Grid {
    /// A corner of the grid, and the centre of the map: longitude, WGS-84 degrees.
    pub origin_lon_deg: f64,
    /// The same: latitude.
    pub origin_lat_deg: f64,
    /// Length of a cell's side in metres.
    pub cell_m: u32,
    /// A cell was seen on a day on which this much of its flyable ground was filmed, in per cent.
    pub seen_percent: u32,
    /// After how many days unseen a cell is reported.
    pub unseen_days: u32,
    /// Where it comes from.
    #[serde(flatten)]
    pub source: Source,
}

/// How far a picture is worth something, and above what heights are reckoned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sight {
    /// Ground farther than this from the camera is not seen, metres.
    pub max_slant_m: f64,
    /// Height of the ground above the sea, metres: for tracks that only know their altitude.
    pub ground_m: f64,
    /// How far above the ground drones take off, metres: for tracks that know their height above it.
    pub take_off_m: f64,
    /// Positions farther apart than a drone flies in their time are no flight, metres a second.
    pub max_speed_mps: f64,
    /// Where it comes from.
    #[serde(flatten)]
    pub source: Source,
}

/// What is taken for seen where a track does not say which way the camera looked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StatedSwath {
    /// Across the track, metres.
    pub width_m: f64,
    /// Where it comes from.
    #[serde(flatten)]
    pub source: Source,
}

/// The field of view of one model of drone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Camera {
    /// The model.
    pub model: String,
    /// How the serial numbers of its drones begin; an empty text means all others.
    pub serials_begin: String,
    /// Horizontal field of view, degrees.
    pub horizontal_deg: f64,
    /// Vertical field of view, degrees.
    pub vertical_deg: f64,
    /// Where it comes from.
    #[serde(flatten)]
    pub source: Source,
}

/// How much of a flight may go without a picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlightVideo {
    /// From take-off to the first picture, and from the last one to landing.
    pub ends: Length,
    /// In between.
    pub gap: Length,
    /// How far a recording may lie outside a flight of its drone and still belong to it.
    pub belongs: Length,
}

/// The rules of drone coverage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DroneRules {
    /// The goal.
    pub target: Target,
    /// The grid.
    pub grid: Grid,
    /// How far one sees.
    pub sight: Sight,
    /// What is assumed without a direction of view.
    pub swath: StatedSwath,
    /// How much of a flight may go unrecorded.
    pub video: FlightVideo,
    /// Fields of view, by model.
    pub camera: Vec<Camera>,
}

impl DroneRules {
    /// The field of view of the drone of this serial number: of the entry with the longest beginning of it.
    pub fn camera_of(&self, serial: &str) -> Option<&Camera> {
        self.camera
            .iter()
            .filter(|camera| serial.starts_with(&camera.serials_begin))
            .max_by_key(|camera| camera.serials_begin.len())
    }

    /// What is wrong with the figures, if anything: which figure, below `drone_coverage`, and what to write.
    pub(super) fn check(&self) -> Result<(), (Vec<&'static str>, String)> {
        let within = |path: [&'static str; 2], value: f64, low: f64, high: f64| {
            if (low..=high).contains(&value) {
                return Ok(());
            }
            Err((path.to_vec(), format!("{} = {value}: write {low} to {high}", path[1])))
        };
        within(["target", "percent"], f64::from(self.target.percent), 1.0, 100.0)?;
        within(["grid", "origin_lon_deg"], self.grid.origin_lon_deg, -180.0, 180.0)?;
        within(["grid", "origin_lat_deg"], self.grid.origin_lat_deg, -85.0, 85.0)?;
        within(["grid", "cell_m"], f64::from(self.grid.cell_m), 50.0, 10_000.0)?;
        within(["grid", "seen_percent"], f64::from(self.grid.seen_percent), 1.0, 100.0)?;
        within(["grid", "unseen_days"], f64::from(self.grid.unseen_days), 1.0, 366.0)?;
        within(["sight", "max_slant_m"], self.sight.max_slant_m, 10.0, 20_000.0)?;
        within(["sight", "ground_m"], self.sight.ground_m, -500.0, 9_000.0)?;
        within(["sight", "take_off_m"], self.sight.take_off_m, 0.0, 1_000.0)?;
        within(["sight", "max_speed_mps"], self.sight.max_speed_mps, 1.0, 400.0)?;
        within(["swath", "width_m"], self.swath.width_m, 1.0, 5_000.0)?;
        for camera in &self.camera {
            within(["camera", "horizontal_deg"], camera.horizontal_deg, 1.0, 170.0)?;
            within(["camera", "vertical_deg"], camera.vertical_deg, 1.0, 170.0)?;
        }
        Ok(())
    }
}
