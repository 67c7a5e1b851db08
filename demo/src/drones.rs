//! The month's drones: two docks, two areas and a no-fly zone, a handful of flights with footage, DJI's subtitle
//! files beside it, and what a correct coverage says.
//!
//! Flights go to and fro along parallels, farther apart than the swath is wide, and turn outside the area. So the
//! ground that they film is a sum of rectangles, which the truth works out on the ellipsoid without a map.
//! They lie in a store of their own, so that nothing else of the month is touched.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use catalog::drone_finding::DroneFindingCode as Code;
use catalog::import::ImportKind;
use catalog::interval::Interval;
use catalog::time::{Micros, WallTime};
use serde::Serialize;

use crate::bureau::Recorder;
use crate::calendar::at;
use crate::footage::Studio;
use crate::plan::Plan;
use crate::recording::{Container, PlannedRecording, Scene, Take};
use crate::tables;

/// Folder of the store.
pub(crate) const FOLDER: &str = "drones";

/// What their footage shows.
pub(crate) const SCENE: Scene = Scene::Street;

/// The policy under which the truth holds.
const POLICY: &str = "pudong-2023";

/// Swath that the policy states for tracks without a direction of view, metres.
const SWATH_M: f64 = 80.0;

/// Horizontal field of view that the policy states for these drones, degrees.
const FIELD_DEG: f64 = 70.0;

const SPEED_MPS: f64 = 15.0;
const LEGS_APART_DEG: f64 = 0.0009;
const SOUTH_DEG: f64 = 31.2;
const NORTH_DEG: f64 = 31.21;

/// West and east ends of the flyable ground of each area; the no-fly zone lies at the west end of the first.
const AREAS: [(&str, &str, [f64; 2]); 2] = [
    ("示例一街道适航区", "示例一街道", [121.5, 121.52]),
    ("示例二街道适航区", "示例二街道", [121.53, 121.545]),
];
const NO_FLY: [f64; 2] = [121.5, 121.504];

/// What one flight does.
struct Flight {
    name: &'static str,
    dock: usize,
    starts_at: WallTime,
    /// Area it flies over.
    area: usize,
    /// Numbers of its first leg and of the one after its last, from the south.
    legs: (u32, u32),
    /// Height from which it looks straight down; without, its subtitles say nothing of the camera.
    looks_from_m: Option<f64>,
    subtitles: bool,
    filmed: bool,
    /// Seconds of the flight without a picture.
    hole_s: Option<(i64, i64)>,
}

impl Flight {
    fn ends_deg(&self) -> [f64; 2] {
        let [west, east] = AREAS[self.area].2;
        [west - 0.001, east + 0.001]
    }

    fn recorder(&self) -> Recorder {
        Recorder {
            folder: format!("DOCK{}", self.dock),
            badge: "000000".to_owned(),
            device: device(self.dock),
            container: Container::Mp4,
            split_s: None,
        }
    }

    /// Corners of its way: longitude, latitude and metres from its start.
    fn way(&self) -> Vec<([f64; 2], f64)> {
        let [west, east] = self.ends_deg();
        let mut way: Vec<([f64; 2], f64)> = Vec::new();
        for leg in self.legs.0..self.legs.1 {
            let lat = leg_deg(leg);
            let ends = if (leg - self.legs.0).is_multiple_of(2) { [west, east] } else { [east, west] };
            for lon in ends {
                let so_far = way.last().map_or(0.0, |(from, so_far)| {
                    let east_m = (lon - from[0]) * east_m_per_deg(lat);
                    so_far + east_m.hypot((lat - from[1]) * north_m_per_deg(lat))
                });
                way.push(([lon, lat], so_far));
            }
        }
        way
    }

    fn length_s(&self) -> i64 {
        let metres = self.way().last().map_or(0.0, |(_, metres)| *metres);
        let mut seconds = 0_u32;
        while f64::from(seconds) * SPEED_MPS < metres {
            seconds += 1;
        }
        i64::from(seconds)
    }

    fn interval(&self) -> Interval<WallTime> {
        Interval::new(self.starts_at, self.starts_at + Micros::from_s(self.length_s()))
    }

    fn recordings(&self) -> Vec<PlannedRecording> {
        if !self.filmed {
            return Vec::new();
        }
        let recorder = self.recorder();
        let take = Take { sound: false, ..Take::by(&recorder, SCENE) };
        match self.hole_s {
            None => take.film(&recorder, self.interval(), 1),
            Some((from_s, until_s)) => {
                let moment = |s| self.starts_at + Micros::from_s(s);
                take.film_with_hole(
                    &recorder,
                    self.interval(),
                    Interval::new(moment(from_s), moment(until_s)),
                )
            }
        }
    }

    /// As DJI's firmware writes them, one a second.
    fn subtitle_file(&self) -> String {
        let way = self.way();
        let mut text = String::new();
        let mut place = 0;
        for second in 0..u32::try_from(self.length_s()).unwrap_or(0) {
            let metres = f64::from(second) * SPEED_MPS;
            while place + 2 < way.len() && way[place + 1].1 < metres {
                place += 1;
            }
            let ((from, from_m), (to, to_m)) = (way[place], way[place + 1]);
            let share = ((metres - from_m) / (to_m - from_m)).clamp(0.0, 1.0);
            let [lon, lat] = [0, 1].map(|axis| from[axis] + (to[axis] - from[axis]) * share);
            let clock = |s: u32| format!("{:02}:{:02}:{:02},000", s / 3600, s / 60 % 60, s % 60);
            let local = (self.starts_at + Micros::from_s(i64::from(second))).local().unwrap_or_default();
            // Writing to a String cannot fail.
            let _ = write!(
                text,
                "{}\n{} --> {}\n<font size=\"28\">FrameCnt: {}, DiffTime: 1000ms\n{}\n\
                 [latitude: {lat:.7}] [longitude: {lon:.7}] [rel_alt: {:.3} abs_alt: {:.3}]",
                second + 1,
                clock(second),
                clock(second + 1),
                second * 8 + 1,
                local.format("%Y-%m-%d %H:%M:%S.000"),
                self.looks_from_m.unwrap_or(60.0),
                self.looks_from_m.unwrap_or(60.0) + 4.0,
            );
            if self.looks_from_m.is_some() {
                text.push_str(" [gb_yaw: 90.0 gb_pitch: -90.0 gb_roll: 0.0]");
            }
            text.push_str(" </font>\n\n");
        }
        text
    }

    /// Flyable ground that it films, square metres.
    fn covered_m2(&self) -> f64 {
        if !self.filmed || !self.subtitles {
            return 0.0;
        }
        let [mut west, east] = AREAS[self.area].2;
        if self.area == 0 {
            west = NO_FLY[1];
        }
        let width_m = self.looks_from_m.map_or(SWATH_M, |m| 2.0 * m * (FIELD_DEG / 2.0).to_radians().tan());
        let legs: f64 = (self.legs.0..self.legs.1)
            .map(|leg| (east - west) * east_m_per_deg(leg_deg(leg)) * width_m)
            .sum();
        // The round ends of the swath reach into the hole from both sides.
        let hole = self.hole_s.map_or(0.0, |(from_s, until_s)| {
            let seconds = u32::try_from(until_s - from_s).map_or(0.0, f64::from);
            seconds * SPEED_MPS * SWATH_M - std::f64::consts::PI * (SWATH_M / 2.0).powi(2)
        });
        legs - hole
    }
}

fn device(dock: usize) -> String {
    format!("UAV01{dock:02}")
}

fn leg_deg(leg: u32) -> f64 {
    SOUTH_DEG + 0.0005 + f64::from(leg) * LEGS_APART_DEG
}

/// WGS-84's radius of curvature along a meridian and across it, metres.
fn radii_m(lat_deg: f64) -> (f64, f64) {
    let squared = 0.006_694_379_990_14;
    let w = 1.0 - squared * lat_deg.to_radians().sin().powi(2);
    (6_378_137.0 * (1.0 - squared) / w.powf(1.5), 6_378_137.0 / w.sqrt())
}

fn north_m_per_deg(lat_deg: f64) -> f64 {
    radii_m(lat_deg).0.to_radians()
}

fn east_m_per_deg(lat_deg: f64) -> f64 {
    radii_m(lat_deg).1.to_radians() * lat_deg.to_radians().cos()
}

fn strip_m2([west, east]: [f64; 2]) -> f64 {
    let middle = f64::midpoint(SOUTH_DEG, NORTH_DEG);
    (east - west) * east_m_per_deg(middle) * (NORTH_DEG - SOUTH_DEG) * north_m_per_deg(middle)
}

fn flights() -> Vec<Flight> {
    let flight = |name, dock, starts_at, area, legs| Flight {
        name,
        dock,
        starts_at,
        area,
        legs,
        looks_from_m: None,
        subtitles: true,
        filmed: true,
        hole_s: None,
    };
    vec![
        flight("JC-0503-1", 1, at(3, 10, 0), 0, (0, 4)),
        Flight { looks_from_m: Some(50.0), ..flight("JC-0510-1", 1, at(10, 10, 0), 0, (4, 9)) },
        Flight { subtitles: false, ..flight("JC-0517-1", 1, at(17, 10, 0), 0, (9, 11)) },
        Flight { filmed: false, ..flight("JC-0518-2", 2, at(18, 15, 0), 1, (6, 9)) },
        Flight { hole_s: Some((260, 300)), ..flight("JC-0520-2", 2, at(20, 10, 0), 1, (0, 6)) },
        // The same ground again: nothing is added to what was filmed.
        flight("JC-0524-1", 1, at(24, 10, 0), 0, (0, 4)),
    ]
}

/// What was planned and not flown: name, dock, when, status and note.
fn plans() -> [(&'static str, usize, WallTime, &'static str, &'static str); 2] {
    [
        ("JC-0527-1", 1, at(27, 10, 0), "cancelled", "大风，超出飞行限制"),
        ("JC-0528-2", 2, at(28, 10, 0), "planned", ""),
    ]
}

/// The docks' drones.
pub(crate) fn devices() -> [String; 2] {
    [1, 2].map(device)
}

/// Their import files, in the order in which they must be read.
pub(crate) fn tables(dir: &Path) -> Vec<(ImportKind, PathBuf)> {
    [
        (ImportKind::Docks, "docks.csv"),
        (ImportKind::Areas, "areas.geojson"),
        (ImportKind::Sorties, "sorties.csv"),
    ]
    .map(|(kind, name)| (kind, dir.join(name)))
    .to_vec()
}

/// Writes import files, footage and subtitle files.
pub(crate) fn execute(studio: &Studio, tables_dir: &Path, dir: &Path) -> Result<()> {
    let contents = [docks(), areas()?, sorties()];
    for ((_, path), text) in tables(tables_dir).into_iter().zip(contents) {
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    let root = dir.join(FOLDER);
    for flight in flights() {
        for recording in flight.recordings() {
            studio.film(&recording, &root)?;
            if flight.subtitles {
                let path = root.join(&recording.key).with_extension("SRT");
                fs::write(&path, flight.subtitle_file())
                    .with_context(|| format!("cannot write {}", path.display()))?;
            }
        }
    }
    Ok(())
}

fn docks() -> String {
    "code,name,unit,lon,lat,radius_m\n\
     DOCK1,示例一号机场,SQ1,121.51,31.205,2500\n\
     DOCK2,示例二号机场,SQ2,121.5375,31.205,700\n"
        .to_owned()
}

fn areas() -> Result<String> {
    let feature = |name: &str, kind: &str, sub_district: Option<&str>, [west, east]: [f64; 2]| {
        let (south, north) = (SOUTH_DEG, NORTH_DEG);
        let ring = [[west, south], [east, south], [east, north], [west, north], [west, south]];
        serde_json::json!({
            "type": "Feature",
            "properties": { "name": name, "kind": kind, "sub_district": sub_district },
            "geometry": { "type": "Polygon", "coordinates": [ring] },
        })
    };
    let mut features: Vec<_> = AREAS
        .iter()
        .map(|&(name, sub_district, span)| feature(name, "flyable", Some(sub_district), span))
        .collect();
    features.push(feature("示例禁飞区", "no_fly", None, NO_FLY));
    let collection = serde_json::json!({ "type": "FeatureCollection", "features": features });
    Ok(serde_json::to_string_pretty(&collection)? + "\n")
}

fn sorties() -> String {
    let mut text = "架次,机场编码,设备编号,起飞时间,降落时间,视频路径,状态,备注\n".to_owned();
    for flight in flights() {
        let span = flight.interval().widened(Micros::from_s(20));
        let key = flight.recordings().first().map(|file| file.key.clone()).unwrap_or_default();
        let (from, until) = (tables::time(span.start), tables::time(span.end));
        let _ = writeln!(
            text,
            "{},DOCK{},{},{from},{until},{key},已飞,",
            flight.name,
            flight.dock,
            device(flight.dock)
        );
    }
    for (name, dock, starts_at, status, note) in plans() {
        let (from, until) = (tables::time(starts_at), tables::time(starts_at + Micros::from_s(600)));
        let _ = writeln!(text, "{name},DOCK{dock},{},{from},{until},,{status},{note}", device(dock));
    }
    text
}

/// What a correct coverage says of the month.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DroneTruth {
    /// Name of the policy.
    pub policy: &'static str,
    /// By what share found areas may differ from these.
    pub tolerance: f64,
    /// Flyable ground, square metres.
    pub flyable_m2: f64,
    /// How much of it was filmed.
    pub covered_m2: f64,
    /// By area: name, flyable, filmed.
    pub areas: Vec<(&'static str, f64, f64)>,
    /// By flight: name, filmed.
    pub sorties: Vec<(&'static str, f64)>,
    /// Every finding but `not_seen`, as code and subject, sorted.
    pub findings: Vec<(Code, String)>,
}

impl DroneTruth {
    /// The truth about the drones of `plan`.
    pub(crate) fn about(plan: &Plan) -> Self {
        let flights = flights();
        // All flights but the last are over ground of their own.
        let new = || flights.iter().filter(|flight| flight.name != "JC-0524-1");
        let areas: Vec<(&'static str, f64, f64)> = AREAS
            .iter()
            .enumerate()
            .map(|(number, &(name, _, span))| {
                let no_fly = if number == 0 { strip_m2(NO_FLY) } else { 0.0 };
                let covered = new().filter(|flight| flight.area == number).map(Flight::covered_m2).sum();
                (name, strip_m2(span) - no_fly, covered)
            })
            .collect();
        let mut findings: Vec<(Code, String)> = [
            (Code::BelowTarget, "2024-05"),
            (Code::NoPosition, "JC-0517-1"),
            (Code::NoVideo, "JC-0518-2"),
            (Code::VideoGap, "JC-0520-2"),
            (Code::NotFlown, "JC-0527-1"),
            (Code::NotFlown, "JC-0528-2"),
        ]
        .map(|(code, subject)| (code, subject.to_owned()))
        .to_vec();
        // The detachment's own drones are flown by hand, and nobody lists their flights.
        let by_hand = plan.recordings.iter().filter(|file| file.device.starts_with("UAV00"));
        findings.extend(by_hand.map(|file| (Code::NoSortie, file.key.clone())));
        findings.sort();
        Self {
            policy: POLICY,
            tolerance: 0.005,
            flyable_m2: areas.iter().map(|(_, flyable, _)| flyable).sum(),
            covered_m2: areas.iter().map(|(.., covered)| covered).sum(),
            areas,
            sorties: flights.iter().map(|flight| (flight.name, flight.covered_m2())).collect(),
            findings,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn legs_lie_apart_and_inside_their_area() {
        for flight in flights() {
            let half_deg = SWATH_M / 2.0 / north_m_per_deg(SOUTH_DEG);
            assert!(leg_deg(flight.legs.0) - half_deg > SOUTH_DEG, "{}", flight.name);
            assert!(leg_deg(flight.legs.1 - 1) + half_deg < NORTH_DEG, "{}", flight.name);
        }
        assert!(LEGS_APART_DEG * north_m_per_deg(SOUTH_DEG) > SWATH_M);
    }

    #[test]
    fn subtitles_say_where_the_drone_is_each_second() {
        let flight = &flights()[1];
        let text = flight.subtitle_file();
        assert_eq!(text.matches("-->").count(), usize::try_from(flight.length_s()).unwrap());
        assert!(text.starts_with("1\n00:00:00,000 --> 00:00:01,000\n"), "{}", &text[..60]);
        assert!(text.contains("2024-05-10 10:00:00.000") && text.contains("gb_pitch: -90.0"));
        assert!(!flights()[0].subtitle_file().contains("gb_pitch"));
    }
}
