//! Drone coverage of one month: how much of the flyable ground was filmed, where not, and what does not fit.
//!
//! # The way through
//!
//! 1. [`plane`]: positions in degrees become metres on a map on which areas are true.
//! 2. `flights`: recordings and tracks are joined with flights.
//! 3. [`footprint`]: what a camera saw of the ground, while there was a picture, as convex shapes ([`shape`]).
//! 4. [`ground`]: flyable areas without no-fly zones, reaches of docks and cells, cut into rows.
//! 5. [`measure`]: unions of what was seen on that ground, by [`rows`], for everything that is asked in one pass.
//! 6. `findings`: what has to be looked into. [`draw`]: all of it as GeoJSON.
//!
//! docs/coverage.md says what it means, what is assumed and how far off it may be. Nothing here reads a clock, a
//! file or the network; the same month and policy give the same bytes on any number of threads.

pub mod draw;
mod findings;
mod flights;
pub mod footprint;
pub mod ground;
pub mod measure;
pub mod plane;
mod report;
pub mod rows;
pub mod shape;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use catalog::drone::{AreaKind, SortieStatus};
use catalog::drone_month::DroneMonth;
use catalog::{Micros, Month, WallTime};
use geo::algorithm::Validation as _;
use geo::{LineString, Polygon};

pub use report::{
    AreaCoverage, Cells, Coverage, DayCoverage, DockCoverage, DroneFinding, Joins, Method, SortieCoverage,
    UnseenCell,
};

use crate::audit::UnconfirmedFigure;
use crate::policy::{DroneRules, Length, Policy, Source};
use draw::Drawing;
use findings::Units;
use flights::Joined;
use ground::{Cell, Ground, Layer, Patch};
use measure::{Groups, Measured, Share, measure};
use plane::{Plane, Point, REACH_M};

const DAY_US: i64 = 86_400 * 1_000_000;

/// Corners of the polygon that stands for the circle that a dock reaches.
const REACH_CORNERS: u32 = 360;

/// Cells of which less than this share is flyable are left out: slivers along a border.
const SLIVER: f64 = 0.01;

/// The first moment that has to be looked at for a month: for when ground was last seen.
pub fn since(month: Month, rules: &DroneRules) -> WallTime {
    month.start() + Micros(-i64::from(rules.grid.unseen_days) * DAY_US)
}

/// Measures one month; `None` where the policy has no goal for drones.
pub fn cover(month: &DroneMonth, policy: &Policy) -> Option<(Coverage, Drawing)> {
    let rules = policy.drone_coverage.as_ref()?;
    let plane = Plane::around(rules.grid.origin_lon_deg, rules.grid.origin_lat_deg);
    let units = Units::of(month);
    let (patches, sub_districts, mut findings) = patches(month, &plane);
    let joined = flights::join(month, &plane, rules);
    let groups = groups(month, &joined, &sub_districts);
    let ground = Ground::new(&patches, f64::from(rules.grid.cell_m));
    let turn = ground.turn();
    let (mut shapes, mut tags) = (Vec::new(), Vec::new());
    for (flight, tag) in joined.flights.iter().zip(0_u32..) {
        shapes.extend(flight.seen.shapes.iter().map(|shape| shape.moved(|point| turn.there(point))));
        tags.resize(shapes.len(), tag);
    }
    let measured = measure(&shapes, &tags, &ground, &groups);
    let mut coverage = report(month, policy, rules, &joined, &measured, &sub_districts, &plane, &units);
    findings.extend(findings::of_ground(&coverage, month, &units));
    findings.extend(findings::of_flights(month, &joined, &units, rules, &policy.clock));
    findings.sort_by(|a, b| {
        b.severity
            .cmp(&a.severity)
            .then(a.code.cmp(&b.code))
            .then(a.subject.cmp(&b.subject))
            .then(a.at.cmp(&b.at))
    });
    coverage.findings = findings;
    let drawing = Drawing::new(month, &coverage, &joined, &plane, rules);
    Some((coverage, drawing))
}

/// Sub-districts by name, and of each area its number in them.
struct SubDistricts {
    names: Vec<String>,
    of_area: Vec<Option<usize>>,
}

/// The polygons of all areas and reaches on the map, and what is wrong with them.
fn patches(month: &DroneMonth, plane: &Plane) -> (Vec<Patch>, SubDistricts, Vec<DroneFinding>) {
    let (mut patches, mut findings) = (Vec::new(), Vec::new());
    let flyable: Vec<_> = month.areas.iter().filter(|area| area.kind == AreaKind::Flyable).collect();
    let mut names: Vec<String> = flyable.iter().filter_map(|area| area.sub_district.clone()).collect();
    names.sort();
    names.dedup();
    let of_area = flyable
        .iter()
        .map(|area| names.iter().position(|name| Some(name) == area.sub_district.as_ref()))
        .collect();
    let mut number = 0_u16;
    for area in &month.areas {
        let layer = if area.kind == AreaKind::NoFly { Layer::NoFly } else { Layer::Area(number) };
        if area.kind == AreaKind::Flyable {
            number = number.saturating_add(1);
        }
        for polygon in &area.polygons {
            if !is_valid(polygon) {
                findings.push(findings::of_area(
                    &area.name,
                    [
                        "a ring crosses or touches itself, or lies outside its polygon".to_owned(),
                        "区域边界自相交、重叠或内环越界".to_owned(),
                    ],
                    [
                        "what lies inside an odd number of rings was taken for the area; have it drawn anew"
                            .to_owned(),
                        "暂按奇偶规则认定区域范围，请重新绘制后导入".to_owned(),
                    ],
                ));
            }
            let rings: Option<Vec<Vec<Point>>> = polygon.iter().map(|ring| plane.ring(ring)).collect();
            match rings {
                Some(rings) => patches.push(Patch { layer, rings }),
                None => findings.push(findings::of_area(
                    &area.name,
                    [
                        format!(
                            "some of it lies more than {:.0} km from the grid's origin and was left out",
                            REACH_M / 1e3
                        ),
                        format!("部分区域距方格原点超过{:.0}公里，未计入", REACH_M / 1e3),
                    ],
                    [
                        "check longitude and latitude, or set [drone_coverage.grid] origin_* in the policy"
                            .to_owned(),
                        "请核对经纬度，或在制度文件中修改方格原点".to_owned(),
                    ],
                )),
            }
        }
    }
    for (number, dock) in (0_u16..).zip(&month.docks) {
        if let Some(centre) = plane.point([dock.lon, dock.lat]) {
            let rings = vec![shape::circle(centre, dock.radius_m, REACH_CORNERS)];
            patches.push(Patch { layer: Layer::Reach(number), rings });
        }
    }
    (patches, SubDistricts { names, of_area }, findings)
}

fn is_valid(polygon: &[Vec<[f64; 2]>]) -> bool {
    let line = |ring: &Vec<[f64; 2]>| -> LineString { ring.iter().map(|&[x, y]| (x, y)).collect() };
    let mut rings = polygon.iter().map(line);
    rings.next().is_some_and(|outer| Polygon::new(outer, rings.collect()).is_valid())
}

fn groups(month: &DroneMonth, joined: &Joined<'_>, sub_districts: &SubDistricts) -> Groups {
    let span = month.month.interval();
    let sorties = || joined.flights.iter().map(|flight| flight.sortie);
    let dock = |code: &String| month.docks.iter().position(|dock| dock.code == *code);
    Groups {
        dock: sorties().map(|sortie| sortie.dock.as_ref().and_then(dock)).collect(),
        day: sorties().map(|sortie| day_of(month, sortie.took_off_at)).collect(),
        in_month: sorties()
            .map(|sortie| sortie.took_off_at >= span.start && sortie.took_off_at < span.end)
            .collect(),
        docks: month.docks.len(),
        days: day_of(month, span.end + Micros(-1)) + 1,
        sub_district: sub_districts.of_area.clone(),
        sub_districts: sub_districts.names.len(),
    }
}

/// Number of a day from the first one that is looked at; a flight belongs to the day on which it took off.
fn day_of(month: &DroneMonth, at: WallTime) -> usize {
    usize::try_from((at - month.since).0 / DAY_US).unwrap_or(0)
}

/// `2024-05-03`, local; empty far outside the calendar.
fn day_text(at: WallTime) -> String {
    at.local_date().map(|date| date.to_string()).unwrap_or_default()
}

fn day_name(month: &DroneMonth, day: usize) -> String {
    day_text(month.since + Micros(i64::try_from(day).unwrap_or(0) * DAY_US))
}

#[expect(clippy::too_many_arguments, reason = "everything that was found, once, to be laid out")]
fn report(
    month: &DroneMonth,
    policy: &Policy,
    rules: &DroneRules,
    joined: &Joined<'_>,
    measured: &Measured,
    sub_districts: &SubDistricts,
    plane: &Plane,
    units: &Units<'_>,
) -> Coverage {
    let span = month.month.interval();
    let in_month = |at: WallTime| span.start <= at && at < span.end;
    let flyable = month.areas.iter().filter(|area| area.kind == AreaKind::Flyable);
    let named = |name: &str, sub_district: Option<&String>, share: &Share| AreaCoverage {
        name: name.to_owned(),
        sub_district: sub_district.cloned(),
        flyable_m2: share.flyable_m2,
        covered_m2: share.covered_m2,
        ratio: share.ratio(),
    };
    let flights =
        || joined.flights.iter().zip(&measured.by_sortie_m2).filter(|(f, _)| in_month(f.sortie.took_off_at));
    let first_day = day_of(month, span.start);
    let days = (first_day..measured.by_day_m2.len()).map(|day| {
        let covered_m2 = measured.by_day_m2[day];
        DayCoverage {
            day: day_name(month, day),
            sorties: flights().filter(|(flight, _)| day_of(month, flight.sortie.took_off_at) == day).count()
                as u64,
            covered_m2,
            ratio: Share { flyable_m2: measured.all.flyable_m2, covered_m2 }.ratio(),
        }
    });
    let docks = month.docks.iter().enumerate().map(|(number, dock)| {
        let own = || flights().filter(|(flight, _)| flight.sortie.dock.as_ref() == Some(&dock.code));
        let reach = measured.reaches[number];
        DockCoverage {
            dock: dock.code.clone(),
            name: dock.name.clone(),
            unit: dock.unit.clone(),
            reach_flyable_m2: reach.flyable_m2,
            reach_covered_m2: reach.covered_m2,
            reach_ratio: reach.ratio(),
            covered_m2: measured.by_dock_m2[number],
            sorties: own().count() as u64,
            filmed_sorties: own().filter(|(flight, _)| flight.seen.has_position()).count() as u64,
        }
    });
    let target = f64::from(rules.target.percent) / 100.0;
    let ratio = measured.all.ratio();
    Coverage {
        month: month.month,
        policy: policy.name.clone(),
        as_of: month.as_of,
        flyable_m2: measured.all.flyable_m2,
        covered_m2: measured.all.covered_m2,
        ratio,
        target,
        target_met: ratio.is_some_and(|ratio| ratio >= target),
        areas: flyable
            .zip(&measured.areas)
            .map(|(area, share)| named(&area.name, area.sub_district.as_ref(), share))
            .collect(),
        sub_districts: sub_districts
            .names
            .iter()
            .zip(&measured.sub_districts)
            .map(|(name, share)| named(name, None, share))
            .collect(),
        docks: docks.collect(),
        days: days.collect(),
        sorties: sorties(month, joined, measured, units),
        cells: cells(month, rules, measured, plane),
        findings: Vec::new(),
        joins: Joins {
            sorties: flights().count() as u64,
            sorties_with_video: flights().filter(|(flight, _)| flight.usable().next().is_some()).count()
                as u64,
            sorties_with_position: flights().filter(|(flight, _)| flight.seen.has_position()).count() as u64,
            recordings: month.recordings.iter().filter(|r| r.started_at.is_none_or(in_month)).count() as u64,
            recordings_matched: (month
                .recordings
                .iter()
                .filter(|r| r.started_at.is_none_or(in_month))
                .count()
                - joined.strays.iter().filter(|r| r.started_at.is_none_or(in_month)).count())
                as u64,
            tracks: joined.tracks_found as u64,
            tracks_used: joined.tracks_used as u64,
        },
        method: Method {
            projection: "Lambert azimuthal equal-area, WGS-84",
            centre: [rules.grid.origin_lon_deg, rules.grid.origin_lat_deg],
            row_m: rows::ROW_M,
            covered_error_m2: measured.error_m2,
        },
        to_be_confirmed: unconfirmed(rules),
    }
}

fn sorties(
    month: &DroneMonth,
    joined: &Joined<'_>,
    measured: &Measured,
    units: &Units<'_>,
) -> Vec<SortieCoverage> {
    let span = month.month.interval();
    let mut flights: BTreeMap<&str, (usize, &flights::Flight<'_>)> = BTreeMap::new();
    for (number, flight) in joined.flights.iter().enumerate() {
        flights.insert(&flight.sortie.sortie, (number, flight));
    }
    let of_month = month
        .sorties
        .iter()
        .filter(|sortie| sortie.took_off_at >= span.start && sortie.took_off_at < span.end);
    of_month
        .map(|sortie| {
            let flight = flights.get(sortie.sortie.as_str());
            let known = flight.map(|(_, flight)| flight.seen.known).unwrap_or_default();
            let flown = sortie.status == SortieStatus::Flown;
            SortieCoverage {
                sortie: sortie.sortie.clone(),
                dock: sortie.dock.clone(),
                device: sortie.device.clone(),
                unit: units.of_sortie(sortie).map(str::to_owned),
                took_off_at: sortie.took_off_at,
                landed_at: sortie.landed_at,
                status: sortie.status,
                recordings: flight.map_or_else(Vec::new, |(_, flight)| {
                    flight.recordings.iter().map(|recording| recording.object_key.clone()).collect()
                }),
                tracks: flight.map_or_else(Vec::new, |(_, flight)| {
                    flight.tracks.iter().map(|&track| track.to_owned()).collect()
                }),
                flight_us: if flown { sortie.landed_at - sortie.took_off_at } else { Micros::ZERO },
                filmed_us: flight.map_or(Micros::ZERO, |(_, flight)| flight.filmed_us()),
                footprint_us: known.footprint_us,
                swath_us: known.swath_us,
                no_position_us: known.nowhere_us,
                covered_m2: flight.map_or(0.0, |(number, _)| measured.by_sortie_m2[*number]),
            }
        })
        .collect()
}

fn cells(month: &DroneMonth, rules: &DroneRules, measured: &Measured, plane: &Plane) -> Cells {
    let grid = &rules.grid;
    let cell_m = f64::from(grid.cell_m);
    let flyable: Vec<_> = month.areas.iter().filter(|area| area.kind == AreaKind::Flyable).collect();
    let last_moment = month.as_of.min(month.month.interval().end + Micros(-1));
    let today = i64::try_from(day_of(month, last_moment)).unwrap_or(0);
    let (mut cells, mut unseen) = (0_u64, Vec::new());
    for (cell, share) in &measured.cells {
        if share.flyable_m2 < SLIVER * cell_m * cell_m {
            continue;
        }
        cells += 1;
        let enough_m2 = share.flyable_m2 * f64::from(grid.seen_percent) / 100.0;
        let last =
            share.covered_m2.iter().filter(|(_, covered)| **covered >= enough_m2).map(|(day, _)| *day).max();
        // What was never seen was not seen since the day before the first.
        let unseen_days = today - last.map_or(-1, |day| i64::try_from(day).unwrap_or(0));
        if unseen_days < i64::from(grid.unseen_days) {
            continue;
        }
        let middle =
            Point::new((f64::from(cell.east) + 0.5) * cell_m, (f64::from(cell.north) + 0.5) * cell_m);
        unseen.push(UnseenCell {
            cell: cell_name(*cell),
            area: share.area().and_then(|area| flyable.get(usize::from(area))).map(|area| area.name.clone()),
            dock: nearest_dock(month, plane, middle),
            centre: plane.degrees(middle),
            flyable_m2: share.flyable_m2,
            last_seen: last.map(|day| day_name(month, day)),
            unseen_days,
        });
    }
    // To the square metre, so that cells that are flyable throughout come by name.
    unseen.sort_by(|a, b| b.flyable_m2.round().total_cmp(&a.flyable_m2.round()).then(a.cell.cmp(&b.cell)));
    Cells {
        cell_m: grid.cell_m,
        seen_percent: grid.seen_percent,
        unseen_days: grid.unseen_days,
        since: day_text(month.since),
        cells,
        seen: cells - unseen.len() as u64,
        unseen_m2: unseen.iter().map(|cell| cell.flyable_m2).sum(),
        unseen,
    }
}

/// `E3N-2`.
fn cell_name(cell: Cell) -> String {
    format!("E{}N{}", cell.east, cell.north)
}

fn nearest_dock(month: &DroneMonth, plane: &Plane, place: Point) -> Option<String> {
    month
        .docks
        .iter()
        .filter_map(|dock| {
            let away_m = plane.point([dock.lon, dock.lat])?.distance_m(place);
            (away_m <= dock.radius_m).then_some((away_m, dock))
        })
        .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.code.cmp(&b.1.code)))
        .map(|(_, dock)| dock.code.clone())
}

fn unconfirmed(rules: &DroneRules) -> Vec<UnconfirmedFigure> {
    let length = |figure, length: &Length| (figure, Some(length.us()), length.source.clone());
    let mut figures: Vec<(&'static str, Option<Micros>, Source)> = vec![
        ("drone_coverage.target", None, rules.target.source.clone()),
        ("drone_coverage.grid", None, rules.grid.source.clone()),
        ("drone_coverage.sight", None, rules.sight.source.clone()),
        ("drone_coverage.swath", None, rules.swath.source.clone()),
        length("drone_coverage.video.ends", &rules.video.ends),
        length("drone_coverage.video.gap", &rules.video.gap),
        length("drone_coverage.video.belongs", &rules.video.belongs),
    ];
    figures.extend(rules.camera.iter().map(|camera| ("drone_coverage.camera", None, camera.source.clone())));
    UnconfirmedFigure::among(figures)
}
