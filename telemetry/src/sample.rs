//! One moment of a track, and the quantities it is made of.

use std::fmt;

use catalog::time::LOCAL_OFFSET_S;
use catalog::{MediaTime, Micros, WallTime};
use chrono::{DateTime, NaiveDateTime};
use serde::{Deserialize, Serialize};

/// Mean radius of the Earth in metres (IUGG).
const EARTH_RADIUS_M: f64 = 6_371_008.8;

/// A place on the ground, WGS-84.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// Longitude in degrees, east positive, −180 to 180.
    pub lon_deg: f64,
    /// Latitude in degrees, north positive, −90 to 90.
    pub lat_deg: f64,
}

impl Position {
    /// A position, if both are numbers within their range and it is not the point 0, 0, which is in
    /// the Atlantic and is what receivers write that have no fix.
    pub fn new(lon_deg: f64, lat_deg: f64) -> Option<Self> {
        let in_range = lon_deg.abs() <= 180.0 && lat_deg.abs() <= 90.0;
        let no_fix = lon_deg == 0.0 && lat_deg == 0.0;
        (in_range && !no_fix).then_some(Self { lon_deg, lat_deg })
    }
}

/// Distance over the ground between two places in metres, on a sphere (within 0.6 % of the
/// ellipsoid).
pub fn distance_m(from: Position, to: Position) -> f64 {
    let (lat_from, lat_to) = (from.lat_deg.to_radians(), to.lat_deg.to_radians());
    let half_lat = ((to.lat_deg - from.lat_deg).to_radians() / 2.0).sin();
    let half_lon = ((to.lon_deg - from.lon_deg).to_radians() / 2.0).sin();
    let haversine = half_lat * half_lat + lat_from.cos() * lat_to.cos() * half_lon * half_lon;
    2.0 * EARTH_RADIUS_M * haversine.clamp(0.0, 1.0).sqrt().asin()
}

/// What an altitude is measured from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Datum {
    /// Mean sea level.
    SeaLevel,
    /// The WGS-84 ellipsoid.
    Ellipsoid,
    /// The format does not say; makers differ.
    Unstated,
}

/// A height above a datum.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Altitude {
    /// In metres, up positive.
    pub altitude_m: f64,
    /// Measured from here.
    pub datum: Datum,
}

/// Which way something points. An angle that is not given is `None`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Attitude {
    /// Clockwise from true north for a platform or a DJI gimbal; relative to the platform's nose for
    /// a sensor of ST 0601. Degrees, as given (some formats use −180 to 180, some 0 to 360).
    pub yaw_deg: Option<f64>,
    /// Nose up positive, degrees.
    pub pitch_deg: Option<f64>,
    /// Right wing down positive, degrees.
    pub roll_deg: Option<f64>,
}

impl Attitude {
    /// The attitude, unless none of its angles is known.
    pub(crate) fn known(self) -> Option<Self> {
        (self != Self::default()).then_some(self)
    }
}

/// What a receiver says about its own solution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fix {
    /// It had none: position and time of the sample were left out.
    Absent,
    /// Horizontal position only.
    #[serde(rename = "2d")]
    TwoD,
    /// Position and altitude.
    #[serde(rename = "3d")]
    ThreeD,
    /// It had one; the format does not say which.
    Given,
}

/// What the sensor saw of the ground.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Footprint {
    /// From the sensor to the frame's centre, metres.
    pub slant_range_m: Option<f64>,
    /// Across the frame at its centre, metres.
    pub width_m: Option<f64>,
    /// Centre of the frame on the ground.
    pub centre: Option<Position>,
    /// Elevation of that centre above mean sea level, metres.
    pub centre_elevation_m: Option<f64>,
    /// The four corners: upper left, upper right, lower right, lower left of the picture.
    pub corners: Option<[Position; 4]>,
}

/// A date and time of day from a device that does not say in which zone.
///
/// It is not a moment. Whoever knows the zone makes it one: [`LocalClock::in_shanghai`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LocalClock(i64);

impl LocalClock {
    /// What a clock showed.
    pub fn new(shown: NaiveDateTime) -> Self {
        Self(shown.and_utc().timestamp_micros())
    }

    /// The clock's reading; `None` outside chrono's range of years.
    pub fn shown(self) -> Option<NaiveDateTime> {
        DateTime::from_timestamp_micros(self.0).map(|time| time.naive_utc())
    }

    /// The moment, if the clock was set to Shanghai's time.
    pub fn in_shanghai(self) -> WallTime {
        self.at_offset(Micros::from_s(i64::from(LOCAL_OFFSET_S)))
    }

    /// The moment, if the clock was set to UTC.
    pub fn in_utc(self) -> WallTime {
        self.at_offset(Micros::ZERO)
    }

    /// The moment, if the clock ran this much ahead of UTC.
    pub fn at_offset(self, ahead_of_utc: Micros) -> WallTime {
        WallTime(self.0.saturating_sub(ahead_of_utc.0))
    }

    /// A reading as [`Self::reading_us`] gives it.
    pub(crate) fn from_reading_us(reading_us: i64) -> Self {
        Self(reading_us)
    }

    /// Microseconds of the reading since the reading 1970-01-01 00:00:00.
    pub(crate) fn reading_us(self) -> i64 {
        self.0
    }
}

/// `2017-08-05 14:11:51.000`, without a zone.
impl fmt::Display for LocalClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.shown() {
            Some(shown) => write!(f, "{}", shown.format("%Y-%m-%d %H:%M:%S%.3f")),
            None => write!(f, "{} us since 1970, zone unknown", self.0),
        }
    }
}

impl fmt::Debug for LocalClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} us /* {self}, zone unknown */", self.0)
    }
}

/// A number of microseconds since 1970 as a moment, if it lies in the years 1970 to 9999: what comes
/// out of a file and lies elsewhere is no time, and could not be written as one.
pub(crate) fn moment(us: i64) -> Option<WallTime> {
    const YEAR_10000_US: i64 = 253_402_300_800 * catalog::time::US_PER_S;
    // A day less, for the zones.
    let last_us = YEAR_10000_US - 24 * 3600 * catalog::time::US_PER_S;
    (us > 0 && us < last_us).then_some(WallTime(us))
}

/// One moment of a track. Every number is finite.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// Where in the recording; `None` in a sidecar that does not refer to it.
    pub media_us: Option<MediaTime>,
    /// When, if the format gives UTC and the receiver had a fix.
    pub at: Option<WallTime>,
    /// What a clock of unknown zone showed.
    pub local_clock: Option<LocalClock>,
    /// Where the device was.
    pub position: Option<Position>,
    /// How high above sea level or the ellipsoid.
    pub altitude: Option<Altitude>,
    /// How high above the place of take-off, metres.
    pub height_m: Option<f64>,
    /// Speed over ground, metres a second.
    pub speed_mps: Option<f64>,
    /// Course over ground, degrees clockwise from true north.
    pub course_deg: Option<f64>,
    /// Attitude of the aircraft or vehicle.
    pub platform: Option<Attitude>,
    /// Attitude of the camera.
    pub gimbal: Option<Attitude>,
    /// Horizontal and vertical field of view, degrees.
    pub field_of_view_deg: Option<[f64; 2]>,
    /// What the camera saw of the ground.
    pub footprint: Option<Box<Footprint>>,
    /// What the receiver says of its solution.
    pub fix: Option<Fix>,
    /// Dilution of precision, as given (horizontal where the format has several).
    pub dop: Option<f64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_in_range_and_not_the_point_without_a_fix() {
        assert!(Position::new(121.47, 31.23).is_some());
        assert!(Position::new(0.0, 51.48).is_some());
        for (lon, lat) in [(0.0, 0.0), (31.0, 121.0), (181.0, 0.0), (f64::NAN, 1.0), (1.0, f64::INFINITY)] {
            assert_eq!(Position::new(lon, lat), None, "{lon} {lat}");
        }
    }

    #[test]
    fn a_degree_of_latitude_is_111_km() {
        let [from, to] = [31.0, 32.0].map(|lat| Position::new(121.0, lat).unwrap());
        assert!((distance_m(from, to) - 111_195.0).abs() < 1.0);
        assert!(distance_m(from, from) < f64::EPSILON);
    }

    #[test]
    fn a_local_clock_becomes_a_moment_only_with_a_zone() {
        let clock = LocalClock::new("2024-05-03T09:30:00".parse().unwrap());
        assert_eq!(clock.in_shanghai(), WallTime::parse("2024-05-03T01:30:00Z").unwrap());
        assert_eq!(clock.in_utc(), WallTime::parse("2024-05-03T09:30:00Z").unwrap());
        assert_eq!(clock.to_string(), "2024-05-03 09:30:00.000");
    }
}
