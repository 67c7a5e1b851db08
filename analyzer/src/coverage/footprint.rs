//! What a camera saw of the ground, moment by moment.
//!
//! A camera at height *h* sees the ground inside its field of view: a pyramid of four planes through the
//! lens, cut by the ground. Each plane cuts the ground along a straight line, so the footprint is what four
//! cuts leave of the circle within which anything can be made out (policy: the greatest slant distance).
//! That has no special case for a view towards the horizon, where the corners of a footprint would lie
//! at infinity.
//!
//! Between two points of a track everything is interpolated on its time. The way is cut into steps that
//! turn by at most [`STEP_DEG`]; what is seen in a step is the hull of the footprints at its ends, which is
//! exact where the drone flies straight on, and a little more than was seen where it turns.
//!
//! The ground is taken for flat. Shanghai is; elsewhere the height above the place of take-off is not
//! the height above what is filmed, and docs/coverage.md says so.

use catalog::drone_month::FoundTrack;
use catalog::track::{Track, TrackPoint};
use catalog::{Interval, IntervalSet, MediaTime, Micros, WallTime};

use super::plane::{Plane, Point};
use super::shape::{Shape, circle, cut};
use crate::policy::{DroneRules, Sight};

/// By how much a camera may turn in one step.
const STEP_DEG: f64 = 5.0;

/// Corners of the circle within which anything can be made out.
const CIRCLE: u32 = 48;

/// Which way a camera looks, and how wide.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct View {
    /// Above the ground, metres.
    pub height_m: f64,
    /// Clockwise from true north, degrees.
    pub yaw_deg: f64,
    /// Above the horizon, degrees: -90 looks straight down.
    pub pitch_deg: f64,
    /// Clockwise as the camera sees, degrees.
    pub roll_deg: f64,
    /// Horizontal and vertical field of view, degrees.
    pub field_deg: [f64; 2],
}

impl View {
    /// What is seen of flat ground from above `below`, up to a distance from the lens; empty where nothing is.
    pub fn footprint(&self, below: Point, max_slant_m: f64) -> Vec<Point> {
        if self.height_m <= 0.0 || self.height_m >= max_slant_m {
            return Vec::new();
        }
        let reach_m = (max_slant_m * max_slant_m - self.height_m * self.height_m).sqrt();
        let (sin_yaw, cos_yaw) = self.yaw_deg.to_radians().sin_cos();
        let (sin_pitch, cos_pitch) = self.pitch_deg.to_radians().sin_cos();
        let (sin_roll, cos_roll) = self.roll_deg.to_radians().sin_cos();
        // Ahead, to the right and up, as the camera sees it: east, north, up.
        let ahead = [sin_yaw * cos_pitch, cos_yaw * cos_pitch, sin_pitch];
        let level = [cos_yaw, -sin_yaw, 0.0];
        let above = [-sin_yaw * sin_pitch, -cos_yaw * sin_pitch, cos_pitch];
        let mix = |a: f64, b: f64| [0, 1, 2].map(|axis| a * level[axis] + b * above[axis]);
        let (right, up) = (mix(cos_roll, -sin_roll), mix(sin_roll, cos_roll));
        let mut seen = circle(below, reach_m, CIRCLE);
        for (side, field_deg) in [(right, self.field_deg[0]), (up, self.field_deg[1])] {
            let (sin_half, cos_half) = (field_deg / 2.0).to_radians().sin_cos();
            for sign in [1.0, -1.0] {
                // The inward normal of one side of the pyramid.
                let normal = [0, 1, 2].map(|axis| ahead[axis] * sin_half + sign * side[axis] * cos_half);
                seen = cut(&seen, |point| {
                    normal[0] * (point.x_m - below.x_m) + normal[1] * (point.y_m - below.y_m)
                        - normal[2] * self.height_m
                });
            }
        }
        seen
    }
}

/// One point of a track on the map.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Pose {
    at_us: i64,
    point: Point,
    view: Option<View>,
}

/// How what a camera saw came to be known, in time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Known {
    /// By position, height and direction of view.
    pub footprint_us: Micros,
    /// By position alone: the stated swath.
    pub swath_us: Micros,
    /// Video for which the track has no position.
    pub nowhere_us: Micros,
}

/// What the camera saw while a recording ran.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Seen {
    /// Shapes, in the order of time.
    pub shapes: Vec<Shape>,
    /// How they came to be known.
    pub known: Known,
    /// Where the drone was, in pieces, for drawing: longitude and latitude.
    pub path: Vec<Vec<[f64; 2]>>,
    /// Pairs of points farther apart than a drone flies, which were left out.
    pub jumps: u64,
    /// Positions too far from the map's centre.
    pub off_map: u64,
}

impl Seen {
    /// Whether there was one position at least while there was a picture.
    pub fn has_position(&self) -> bool {
        self.known.footprint_us.0 + self.known.swath_us.0 > 0
    }
}

/// How times of a track become times of a recording's container.
#[derive(Debug, Clone, Copy)]
pub enum Clock {
    /// The track has the recording's own times, moved by this much.
    Media(Micros),
    /// The track knows when; the recording's media time zero was at this moment.
    Wall(WallTime),
}

impl Clock {
    /// Places a track on a recording; `None` where nothing tells how.
    pub fn of(found: &FoundTrack, origin: MediaTime, started_at: Option<WallTime>) -> Option<Self> {
        let has_media = found.track.points.iter().any(|point| point.media_us.is_some());
        if has_media {
            // A file beside the recording counts from its first picture, a stream with its packets.
            let shift = if found.sidecar { origin - MediaTime::ZERO } else { Micros::ZERO };
            return Some(Self::Media(shift));
        }
        started_at.map(|started_at| Self::Wall(started_at + -(origin - MediaTime::ZERO)))
    }

    fn media_us(self, point: &TrackPoint) -> Option<i64> {
        match self {
            Self::Media(shift) => point.media_us.map(|at| at.0.saturating_add(shift.0)),
            Self::Wall(zero) => point.at.map(|at| at.0.saturating_sub(zero.0)),
        }
    }
}

/// What was seen by a camera whose track and pictures are these.
pub fn seen(
    track: &Track,
    clock: Clock,
    video: &IntervalSet<MediaTime>,
    serial: &str,
    plane: &Plane,
    rules: &DroneRules,
) -> Seen {
    let camera = rules.camera_of(serial).map(|camera| [camera.horizontal_deg, camera.vertical_deg]);
    // A MISB camera's yaw counts from the nose, all others' from north.
    let from_nose = track.kind == "misb_st0601";
    let mut seen = Seen::default();
    let mut before: Option<Pose> = None;
    let mut path: Vec<[f64; 2]> = Vec::new();
    for point in &track.points {
        let Some(at_us) = clock.media_us(point) else { continue };
        let place = point.lon_deg.zip(point.lat_deg).map(|(lon, lat)| [lon, lat]);
        let Some(degrees) = place else {
            // The track has lost its way here: no line over what nobody measured.
            before = None;
            seen.path.extend(finished(&mut path));
            continue;
        };
        let Some(point_on_map) = plane.point(degrees) else {
            seen.off_map += 1;
            before = None;
            continue;
        };
        let view = view(point, camera, from_nose, &rules.sight);
        let pose = Pose { at_us, point: point_on_map, view };
        if let Some(last) = before.filter(|last| last.at_us < pose.at_us) {
            let seconds = (pose.at_us - last.at_us) as f64 / 1e6;
            // A receiver's scatter is allowed for, so that a drone that hovers never jumps.
            if last.point.distance_m(pose.point) > rules.sight.max_speed_mps * seconds + 20.0 {
                seen.jumps += 1;
                seen.path.extend(finished(&mut path));
            } else {
                between(&last, &pose, video, rules, &mut seen);
            }
        }
        path.push(degrees);
        before = Some(pose);
    }
    seen.path.extend(finished(&mut path));
    let known = seen.known.footprint_us + seen.known.swath_us;
    seen.known.nowhere_us = Micros((video.length() - known).0.max(0));
    seen
}

fn finished(path: &mut Vec<[f64; 2]>) -> Option<Vec<[f64; 2]>> {
    let path = std::mem::take(path);
    (path.len() >= 2).then_some(path)
}

fn view(point: &TrackPoint, camera: Option<[f64; 2]>, from_nose: bool, sight: &Sight) -> Option<View> {
    let field_deg = point.field_of_view_deg.or(camera)?;
    let [yaw, pitch, roll] = point.gimbal_deg?;
    let nose = point.platform_deg.and_then(|platform| platform[0]);
    let yaw_deg = if from_nose { yaw? + nose? } else { yaw.or(nose)? };
    let above_sea = point.altitude_datum.as_deref() == Some("sea_level");
    let height_m = point
        .height_m
        .map(|height_m| height_m + sight.take_off_m)
        .or(point.altitude_m.filter(|_| above_sea).map(|altitude_m| altitude_m - sight.ground_m))?;
    // Beyond this a pyramid is no pyramid.
    let sane = field_deg.iter().all(|&deg| deg > 0.0 && deg < 180.0) && height_m.is_finite();
    sane.then_some(View { height_m, yaw_deg, pitch_deg: pitch?, roll_deg: roll.unwrap_or(0.0), field_deg })
}

/// Adds what was seen between two poses, while there was a picture.
fn between(from: &Pose, to: &Pose, video: &IntervalSet<MediaTime>, rules: &DroneRules, seen: &mut Seen) {
    let way = Interval::new(MediaTime(from.at_us), MediaTime(to.at_us));
    let share = |at: MediaTime| (at.0 - from.at_us) as f64 / (to.at_us - from.at_us) as f64;
    let first = video.as_slice().partition_point(|span| span.end <= way.start);
    for span in video.as_slice()[first..].iter().take_while(|span| span.start < way.end) {
        let filmed = span.intersection(&way);
        let (a, b) = (pose_at(from, to, share(filmed.start)), pose_at(from, to, share(filmed.end)));
        if let (Some(a_view), Some(b_view)) = (a.view, b.view) {
            seen.known.footprint_us += filmed.length();
            sweep((a.point, a_view), (b.point, b_view), rules.sight.max_slant_m, &mut seen.shapes);
        } else {
            seen.known.swath_us += filmed.length();
            let radius_m = rules.swath.width_m / 2.0;
            seen.shapes.push(Shape::Swath { from: a.point, to: b.point, radius_m });
        }
    }
}

fn pose_at(from: &Pose, to: &Pose, share: f64) -> Pose {
    let mix = |a: f64, b: f64| a + (b - a) * share;
    let view = from.view.zip(to.view).map(|(a, b)| View {
        height_m: mix(a.height_m, b.height_m),
        yaw_deg: a.yaw_deg + turn_deg(a.yaw_deg, b.yaw_deg) * share,
        pitch_deg: mix(a.pitch_deg, b.pitch_deg),
        roll_deg: a.roll_deg + turn_deg(a.roll_deg, b.roll_deg) * share,
        field_deg: [0, 1].map(|axis| mix(a.field_deg[axis], b.field_deg[axis])),
    });
    Pose { at_us: from.at_us, point: from.point.towards(to.point, share), view }
}

/// The shorter way round from one direction to another, degrees.
fn turn_deg(from: f64, to: f64) -> f64 {
    (to - from + 180.0).rem_euclid(360.0) - 180.0
}

fn sweep(from: (Point, View), to: (Point, View), max_slant_m: f64, shapes: &mut Vec<Shape>) {
    let ends = [from, to].map(|(point, view)| Pose { at_us: 0, point, view: Some(view) });
    let turned = turn_deg(from.1.yaw_deg, to.1.yaw_deg)
        .abs()
        .max((to.1.pitch_deg - from.1.pitch_deg).abs())
        .max(turn_deg(from.1.roll_deg, to.1.roll_deg).abs());
    let steps = (turned / STEP_DEG).ceil().clamp(1.0, 72.0);
    let footprint = |share: f64| {
        let pose = pose_at(&ends[0], &ends[1], share);
        pose.view.map_or_else(Vec::new, |view| view.footprint(pose.point, max_slant_m))
    };
    let (mut before, mut step) = (footprint(0.0), 1.0);
    while step <= steps {
        let after = footprint(step / steps);
        shapes.extend(Shape::hull([before, after.clone()].concat()));
        before = after;
        step += 1.0;
    }
}

#[cfg(test)]
mod tests;
