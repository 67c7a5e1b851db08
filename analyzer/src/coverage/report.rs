//! The answer of drone coverage, as a document. Areas are square metres; ratios are shares of one.

use catalog::drone::SortieStatus;
use catalog::drone_finding::DroneFindingCode;
use catalog::finding::Severity;
use catalog::{Interval, Micros, Month, WallTime};
use serde::Serialize;

use crate::audit::UnconfirmedFigure;

/// Flyable and filmed ground of something with a name.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AreaCoverage {
    /// Its name.
    pub name: String,
    /// Its sub-district, if anybody said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub_district: Option<String>,
    /// Where drones may fly.
    pub flyable_m2: f64,
    /// How much of that was filmed.
    pub covered_m2: f64,
    /// Filmed over flyable; null where nothing is flyable.
    pub ratio: Option<f64>,
}

/// One dock.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DockCoverage {
    /// Its code.
    pub dock: String,
    /// Its name.
    pub name: String,
    /// Code of the unit that runs it.
    pub unit: String,
    /// Flyable ground within its reach.
    pub reach_flyable_m2: f64,
    /// How much of that was filmed, by whomever.
    pub reach_covered_m2: f64,
    /// Filmed over flyable within reach.
    pub reach_ratio: Option<f64>,
    /// Flyable ground that its own flights filmed, wherever it lies.
    pub covered_m2: f64,
    /// Its flights in the month.
    pub sorties: u64,
    /// Those of them with video that counts.
    pub filmed_sorties: u64,
}

/// One day.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DayCoverage {
    /// The day, `2024-05-03`.
    pub day: String,
    /// Flights that took off.
    pub sorties: u64,
    /// Flyable ground that they filmed.
    pub covered_m2: f64,
    /// Filmed over flyable.
    pub ratio: Option<f64>,
}

/// One flight.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SortieCoverage {
    /// Its name.
    pub sortie: String,
    /// Its dock; null where flown by hand.
    pub dock: Option<String>,
    /// Serial number of the drone.
    pub device: String,
    /// Code of the unit to ask: that of the dock, else that of the drone.
    pub unit: Option<String>,
    /// Take-off; the planned one unless flown.
    pub took_off_at: WallTime,
    /// Landing; the planned one unless flown.
    pub landed_at: WallTime,
    /// What it came to.
    pub status: SortieStatus,
    /// Keys of its recordings.
    pub recordings: Vec<String>,
    /// Keys of the objects whose tracks were used.
    pub tracks: Vec<String>,
    /// How long it flew.
    pub flight_us: Micros,
    /// How much of that there is a picture of.
    pub filmed_us: Micros,
    /// Picture placed by position and direction of view.
    pub footprint_us: Micros,
    /// Picture placed by position alone, with the stated swath.
    pub swath_us: Micros,
    /// Picture of which nothing says where it was taken.
    pub no_position_us: Micros,
    /// Flyable ground that it filmed.
    pub covered_m2: f64,
}

/// A cell that was not seen.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UnseenCell {
    /// `E3N-2`: columns east and rows north of the grid's origin.
    pub cell: String,
    /// The area it lies in.
    pub area: Option<String>,
    /// Code of the nearest dock within whose reach its middle lies.
    pub dock: Option<String>,
    /// Longitude and latitude of its middle.
    pub centre: [f64; 2],
    /// Where drones may fly in it.
    pub flyable_m2: f64,
    /// The last day on which enough of it was filmed; null if on none since the day in `since`.
    pub last_seen: Option<String>,
    /// For how many days it was not seen, at least.
    pub unseen_days: i64,
}

/// The grid.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cells {
    /// Length of a side.
    pub cell_m: u32,
    /// A cell was seen on a day on which so much of its flyable ground was filmed, per cent.
    pub seen_percent: u32,
    /// Longest time unseen, days.
    pub unseen_days: u32,
    /// The first day that was looked at.
    pub since: String,
    /// Cells with flyable ground.
    pub cells: u64,
    /// Those that were seen in time.
    pub seen: u64,
    /// Flyable ground of those that were not.
    pub unseen_m2: f64,
    /// Those that were not, by flyable ground, the most first.
    pub unseen: Vec<UnseenCell>,
}

/// Something that has to be looked into.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DroneFinding {
    /// What it is about.
    pub code: DroneFindingCode,
    /// How bad it is.
    pub severity: Severity,
    /// The flight, recording, dock, area or file concerned.
    pub subject: String,
    /// Code of the unit to ask, if known.
    pub unit: Option<String>,
    /// When, if it concerns a time.
    pub at: Option<Interval<WallTime>>,
    /// What was found, in English.
    pub observed: String,
    /// What was found, in Chinese.
    pub observed_zh: String,
    /// What to do next, in English.
    pub next: String,
    /// What to do next, in Chinese.
    pub next_zh: String,
}

/// How well the rows and files fit together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Joins {
    /// Flights that took place in the month.
    pub sorties: u64,
    /// Those with a recording.
    pub sorties_with_video: u64,
    /// Those with a recording whose place is known for some of it.
    pub sorties_with_position: u64,
    /// Drones' recordings of the month.
    pub recordings: u64,
    /// Those that belong to a flight.
    pub recordings_matched: u64,
    /// Tracks that were found.
    pub tracks: u64,
    /// Those that were used.
    pub tracks_used: u64,
}

/// How areas were measured.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Method {
    /// The projection.
    pub projection: &'static str,
    /// Its centre.
    pub centre: [f64; 2],
    /// Height of a row, metres.
    pub row_m: f64,
    /// By how much the filmed ground may be off through the rows, at most.
    pub covered_error_m2: f64,
}

/// Drone coverage of one month.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Coverage {
    /// The month.
    pub month: Month,
    /// Name of the policy.
    pub policy: String,
    /// As of when.
    pub as_of: WallTime,
    /// Where drones may fly: areas without no-fly zones, overlaps once.
    pub flyable_m2: f64,
    /// How much of that was filmed in the month.
    pub covered_m2: f64,
    /// Filmed over flyable; null where nothing is flyable.
    pub ratio: Option<f64>,
    /// The goal, as a share of one.
    pub target: f64,
    /// Whether it was reached.
    pub target_met: bool,
    /// By area.
    pub areas: Vec<AreaCoverage>,
    /// By sub-district.
    pub sub_districts: Vec<AreaCoverage>,
    /// By dock.
    pub docks: Vec<DockCoverage>,
    /// By day.
    pub days: Vec<DayCoverage>,
    /// By flight.
    pub sorties: Vec<SortieCoverage>,
    /// Cells.
    pub cells: Cells,
    /// What has to be looked into, by severity.
    pub findings: Vec<DroneFinding>,
    /// How well the rows and files fit together.
    pub joins: Joins,
    /// How it was measured.
    pub method: Method,
    /// Figures of the policy that no public text confirms.
    pub to_be_confirmed: Vec<UnconfirmedFigure>,
}
