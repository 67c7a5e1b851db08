//! Where a device was, and which way it looked, as the catalog keeps it.
//!
//! A track comes out of a recording's own telemetry or of a file beside it. What is kept is a thinned
//! one: join neighbouring points by straight lines on their time, and what was measured in between is
//! read back within [`Thinning`]. A quantity that a device does not give is absent, never zero.

use serde::{Deserialize, Serialize};

use crate::code::coded;
use crate::time::{MediaTime, Micros, WallTime};

coded! {
    /// What a track's clock is.
    pub enum ClockKind("kind of clock") {
        /// UTC from satellites.
        Satellite = "satellite" / "卫星",
        /// The device's own clock, which names no zone and is taken for Shanghai's time.
        Local = "local" / "本地",
    }
}

/// When a track's media time zero was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackClock {
    /// What kind of clock says so.
    pub kind: ClockKind,
    /// The moment of media time zero.
    pub zero_at: WallTime,
    /// How far off that may be by the track's own spread and resolution, either way.
    pub error_us: Micros,
    /// How many samples it rests on.
    pub samples: u64,
}

/// How far what is read from a thinned track may be from what was measured.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Thinning {
    /// Over the ground, metres.
    pub position_m: f64,
    /// In altitude and in height, metres.
    pub vertical_m: f64,
    /// In each angle and in the course, degrees.
    pub angle_deg: f64,
    /// In the clock against media time.
    pub clock_us: Micros,
}

/// One point. Degrees are rounded to seven decimals, which is a centimetre, other numbers to two.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TrackPoint {
    /// Where in the recording.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_us: Option<MediaTime>,
    /// When, by satellites.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<WallTime>,
    /// What a clock of unknown zone showed, `2024-05-03 09:30:00.100`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local_clock: Option<String>,
    /// Longitude, WGS-84 degrees, east positive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lon_deg: Option<f64>,
    /// Latitude, WGS-84 degrees, north positive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lat_deg: Option<f64>,
    /// Above `altitude_datum`, metres.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub altitude_m: Option<f64>,
    /// `sea_level`, `ellipsoid` or `unstated`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub altitude_datum: Option<String>,
    /// Above the place of take-off, metres.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height_m: Option<f64>,
    /// Over ground, metres a second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub speed_mps: Option<f64>,
    /// Over ground, degrees clockwise from true north.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub course_deg: Option<f64>,
    /// Aircraft or vehicle: yaw, pitch, roll in degrees.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform_deg: Option<[Option<f64>; 3]>,
    /// Camera: yaw, pitch, roll in degrees.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gimbal_deg: Option<[Option<f64>; 3]>,
    /// Horizontal and vertical field of view, degrees.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field_of_view_deg: Option<[f64; 2]>,
}

/// The track of one telemetry stream, or of a file beside a recording.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Track {
    /// What it was read from: `dji_srt`, `gpmf`, `misb_st0601`, `nmea`, `gpx`.
    pub kind: String,
    /// Number of the stream in its container; `None` where the object is nothing but the track.
    pub stream_index: Option<u32>,
    /// How many samples were read.
    pub samples_read: u64,
    /// How many units of the format (subtitles, payloads, packets, epochs, points) have a position.
    pub units_with_position: u64,
    /// When media time zero was; `None` if no sample has both a media time and a clock.
    pub clock: Option<TrackClock>,
    /// The earliest satellite time in it.
    pub first_at: Option<WallTime>,
    /// The latest satellite time in it.
    pub last_at: Option<WallTime>,
    /// How far the points may be off; `None` where there were too many to keep within any error, and
    /// only some were kept.
    pub thinning: Option<Thinning>,
    /// What was kept, in the order of the file.
    pub points: Vec<TrackPoint>,
    /// What was wrong or left out, in words.
    pub notes: Vec<String>,
}

/// What the catalog knows of a track without its points: enough to place a recording by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SidecarClock {
    /// Key of the sidecar.
    pub object_key: String,
    /// As [`Track::clock`].
    pub clock: Option<TrackClock>,
    /// As [`Track::first_at`].
    pub first_at: Option<WallTime>,
    /// As [`Track::last_at`].
    pub last_at: Option<WallTime>,
}

/// A track of the catalog, with where it was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TrackEntry {
    /// URL of the store.
    pub store: String,
    /// The track.
    #[serde(flatten)]
    pub track: Track,
}

/// Folder and name without extension, the name in lower case: what a recording and the telemetry beside it
/// share. `DJI_0001.SRT` belongs to `DJI_0001.MP4`.
pub fn stem(object_key: &str) -> String {
    let name = name(object_key);
    let without = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let folder = &object_key[..object_key.len() - name.len()];
    // Folders are as they are: only one of them can hold both.
    format!("{folder}{}", without.to_lowercase())
}

/// The last part of an object's key.
pub fn name(object_key: &str) -> &str {
    object_key.rsplit_once('/').map_or(object_key, |(_, name)| name)
}
