//! All of it as GeoJSON (RFC 7946), for a GIS: flyable areas, no-fly zones, what was filmed, cells that were not
//! seen, tracks and docks. Every feature says what it is in the property `layer`.

use catalog::drone::AreaKind;
use catalog::drone_month::DroneMonth;
use geo::orient::{Direction, Orient as _};
use geo::{Coord, LineString, MultiPolygon, Polygon, unary_union};
use rayon::prelude::*;
use serde_json::{Value, json};

use super::flights::Joined;
use super::plane::{Plane, Point};
use super::report::Coverage;
use super::shape::{Shape, circle};
use crate::policy::DroneRules;

/// Corners of an arc that goes all the way round.
const AROUND: u32 = 32;

/// What can be drawn of a month.
#[derive(Debug, Clone)]
pub struct Drawing {
    plane: Plane,
    /// Features that need no work.
    features: Vec<Value>,
    /// What each flight saw.
    seen: Vec<Vec<Shape>>,
}

impl Drawing {
    pub(super) fn new(
        month: &DroneMonth,
        coverage: &Coverage,
        joined: &Joined<'_>,
        plane: &Plane,
        rules: &DroneRules,
    ) -> Self {
        let span = month.month.interval();
        let mut features = Vec::new();
        for area in &month.areas {
            let layer = if area.kind == AreaKind::NoFly { "no_fly" } else { "flyable" };
            let found = coverage.areas.iter().find(|found| layer == "flyable" && found.name == area.name);
            let polygons = area.polygons.iter().map(|rings| {
                let mut rings =
                    rings.iter().map(|ring| -> LineString { ring.iter().map(|&[x, y]| (x, y)).collect() });
                let outer = rings.next().unwrap_or(LineString::new(vec![]));
                Polygon::new(outer, rings.collect())
            });
            let polygons: MultiPolygon = MultiPolygon::new(polygons.collect()).orient(Direction::Default);
            let properties = json!({
                "layer": layer, "name": area.name, "sub_district": area.sub_district,
                "flyable_m2": found.map(|found| found.flyable_m2), "covered_m2": found.map(|found| found.covered_m2),
                "ratio": found.and_then(|found| found.ratio),
            });
            features.push(feature(&properties, &polygon_json(&polygons, |coord| [coord.x, coord.y])));
        }
        let cell_m = f64::from(rules.grid.cell_m);
        for cell in &coverage.cells.unseen {
            let Some(middle) = plane.point(cell.centre) else { continue };
            let half = cell_m / 2.0;
            let corner = |x: f64, y: f64| Point::new(middle.x_m + x * half, middle.y_m + y * half);
            let ring = [corner(-1.0, -1.0), corner(1.0, -1.0), corner(1.0, 1.0), corner(-1.0, 1.0)];
            let properties = json!({
                "layer": "unseen", "cell": cell.cell, "area": cell.area, "dock": cell.dock,
                "flyable_m2": cell.flyable_m2, "last_seen": cell.last_seen, "unseen_days": cell.unseen_days,
            });
            let polygons = MultiPolygon::new(vec![polygon(&ring)]);
            features.push(feature(&properties, &polygon_json(&polygons, |coord| back(plane, coord))));
        }
        let in_month = joined
            .flights
            .iter()
            .filter(|flight| span.start <= flight.sortie.took_off_at && flight.sortie.took_off_at < span.end);
        for flight in in_month.clone().filter(|flight| !flight.seen.path.is_empty()) {
            let lines: Vec<Vec<[f64; 2]>> =
                flight.seen.path.iter().map(|line| line.iter().map(|&at| rounded(at)).collect()).collect();
            let properties = json!({
                "layer": "track", "sortie": flight.sortie.sortie, "dock": flight.sortie.dock,
                "device": flight.sortie.device, "took_off_at": flight.sortie.took_off_at,
            });
            features.push(feature(&properties, &json!({ "type": "MultiLineString", "coordinates": lines })));
        }
        for dock in &month.docks {
            let properties = json!({
                "layer": "dock", "code": dock.code, "name": dock.name, "unit": dock.unit, "radius_m": dock.radius_m,
            });
            let place = rounded([dock.lon, dock.lat]);
            features.push(feature(&properties, &json!({ "type": "Point", "coordinates": place })));
            if let Some(centre) = plane.point([dock.lon, dock.lat]) {
                let reach = MultiPolygon::new(vec![polygon(&circle(centre, dock.radius_m, 96))]);
                let properties = json!({ "layer": "reach", "code": dock.code, "name": dock.name });
                features.push(feature(&properties, &polygon_json(&reach, |coord| back(plane, coord))));
            }
        }
        let seen = in_month.map(|flight| flight.seen.shapes.clone()).collect();
        Self { plane: *plane, features, seen }
    }

    /// One feature collection. What was filmed is one multipolygon, footprints and swaths together, also outside
    /// flyable areas.
    pub fn geojson(&self) -> Value {
        // A flight at a time, then all of them: most shapes lie on others of their own flight.
        let flights: Vec<MultiPolygon> = self
            .seen
            .par_iter()
            .map(|shapes| {
                let outlines: Vec<Polygon> =
                    shapes.iter().map(|shape| polygon(&shape.outline(AROUND))).collect();
                unary_union(&outlines)
            })
            .collect();
        let union = unary_union(&flights).orient(Direction::Default);
        let filmed = polygon_json(&union, |coord| back(&self.plane, coord));
        let mut features = self.features.clone();
        features.push(feature(&json!({ "layer": "filmed" }), &filmed));
        json!({ "type": "FeatureCollection", "features": features })
    }
}

fn polygon(corners: &[Point]) -> Polygon {
    Polygon::new(corners.iter().map(|corner| (corner.x_m, corner.y_m)).collect(), vec![])
}

fn back(plane: &Plane, coord: Coord) -> [f64; 2] {
    plane.degrees(Point::new(coord.x, coord.y))
}

/// To a centimetre.
fn rounded(degrees: [f64; 2]) -> [f64; 2] {
    degrees.map(|degrees| (degrees * 1e7).round() / 1e7)
}

fn polygon_json(polygons: &MultiPolygon, degrees: impl Fn(Coord) -> [f64; 2]) -> Value {
    let ring = |line: &LineString| -> Vec<[f64; 2]> {
        line.coords().map(|&coord| rounded(degrees(coord))).collect()
    };
    let coordinates: Vec<Vec<Vec<[f64; 2]>>> = polygons
        .iter()
        .map(|polygon| std::iter::once(polygon.exterior()).chain(polygon.interiors()).map(ring).collect())
        .collect();
    json!({ "type": "MultiPolygon", "coordinates": coordinates })
}

fn feature(properties: &Value, geometry: &Value) -> Value {
    json!({ "type": "Feature", "properties": properties, "geometry": geometry })
}
