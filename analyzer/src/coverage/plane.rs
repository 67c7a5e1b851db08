//! A flat map on which areas are true: WGS-84 degrees in, metres out.
//!
//! Lambert's azimuthal equal-area projection of the ellipsoid (Snyder, *Map Projections: A Working
//! Manual*, USGS Professional Paper 1395, §24, equations 3-12, 24-14 to 24-17 and, backwards, 24-26 to
//! 24-30 with the series 3-18). Areas on it are those on the ellipsoid, at any distance from the
//! centre; that is why it was chosen over a transverse Mercator, whose areas grow with the distance.
//! Distances are true at the centre and off by at most (d / 2R)² / 2 at `d` from it: 8 parts in a
//! million at 50 km, which is what a city needs, and 0.01 % at [`REACH_M`], beyond which nothing is
//! measured.
//!
//! Two smaller errors belong to whoever draws on it. A straight edge in degrees is not quite straight
//! in metres: edges are cut into pieces of a kilometre at most, which leaves 2 cm. The series back to
//! degrees is good to two millimetres.

/// How far from the centre positions are taken.
pub const REACH_M: f64 = 200_000.0;

/// WGS-84: semi-major axis in metres, and flattening.
const AXIS_M: f64 = 6_378_137.0;
const FLATTENING: f64 = 1.0 / 298.257_223_563;

/// Longest piece of an edge in degrees that is drawn as a straight line, in metres.
const STRAIGHT_M: f64 = 1_000.0;

/// A place on the map, metres east and north of its centre.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Point {
    /// Metres east.
    pub x_m: f64,
    /// Metres north.
    pub y_m: f64,
}

impl Point {
    /// The place at these metres east and north.
    pub const fn new(x_m: f64, y_m: f64) -> Self {
        Self { x_m, y_m }
    }

    /// How far it is to another place.
    pub fn distance_m(self, other: Self) -> f64 {
        (self.x_m - other.x_m).hypot(self.y_m - other.y_m)
    }

    /// The place at this share of the way to another.
    #[must_use]
    pub fn towards(self, other: Self, share: f64) -> Self {
        Self::new(self.x_m + (other.x_m - self.x_m) * share, self.y_m + (other.y_m - self.y_m) * share)
    }
}

/// The map around one centre.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plane {
    centre_lon_deg: f64,
    squared_eccentricity: f64,
    eccentricity: f64,
    /// Radius of the sphere with the ellipsoid's area.
    authalic_radius_m: f64,
    /// q at the pole, Snyder 3-12.
    q_pole: f64,
    sin_centre: f64,
    cos_centre: f64,
    /// D, Snyder 24-20.
    stretch: f64,
}

impl Plane {
    /// The map around a centre, in degrees.
    pub fn around(lon_deg: f64, lat_deg: f64) -> Self {
        let squared_eccentricity = FLATTENING * (2.0 - FLATTENING);
        let eccentricity = squared_eccentricity.sqrt();
        let q_pole = q(1.0, eccentricity, squared_eccentricity);
        let (sin_lat, cos_lat) = lat_deg.to_radians().sin_cos();
        let sin_centre = q(sin_lat, eccentricity, squared_eccentricity) / q_pole;
        let cos_centre = (1.0 - sin_centre * sin_centre).max(0.0).sqrt();
        let authalic_radius_m = AXIS_M * (q_pole / 2.0).sqrt();
        let across = AXIS_M * cos_lat / (1.0 - squared_eccentricity * sin_lat * sin_lat).sqrt();
        Self {
            centre_lon_deg: lon_deg,
            squared_eccentricity,
            eccentricity,
            authalic_radius_m,
            q_pole,
            sin_centre,
            cos_centre,
            stretch: across / (authalic_radius_m * cos_centre),
        }
    }

    /// Where a position stands on the map; `None` farther than [`REACH_M`] from the centre.
    pub fn point(&self, [lon_deg, lat_deg]: [f64; 2]) -> Option<Point> {
        let (sin_lon, cos_lon) = (lon_deg - self.centre_lon_deg).to_radians().sin_cos();
        let sin_lat = lat_deg.to_radians().sin();
        let sin_beta = q(sin_lat, self.eccentricity, self.squared_eccentricity) / self.q_pole;
        let cos_beta = (1.0 - sin_beta * sin_beta).max(0.0).sqrt();
        let cosine = self.sin_centre * sin_beta + self.cos_centre * cos_beta * cos_lon;
        let scale = self.authalic_radius_m * (2.0 / (1.0 + cosine)).sqrt();
        let x_m = scale * self.stretch * cos_beta * sin_lon;
        let y_m = scale / self.stretch * (self.cos_centre * sin_beta - self.sin_centre * cos_beta * cos_lon);
        // Written so that what is no number is refused, too.
        (x_m.hypot(y_m) <= REACH_M).then_some(Point::new(x_m, y_m))
    }

    /// Longitude and latitude of a place on the map, degrees.
    pub fn degrees(&self, point: Point) -> [f64; 2] {
        let (x, y) = (point.x_m / self.stretch, point.y_m * self.stretch);
        let rho = x.hypot(y);
        if rho == 0.0 {
            return [self.centre_lon_deg, self.latitude(self.sin_centre)];
        }
        let (sin_c, cos_c) = (2.0 * (rho / (2.0 * self.authalic_radius_m)).min(1.0).asin()).sin_cos();
        let sin_beta = cos_c * self.sin_centre + y * sin_c * self.cos_centre / rho;
        let lon = (x * sin_c).atan2(rho * self.cos_centre * cos_c - y * self.sin_centre * sin_c);
        [self.centre_lon_deg + lon.to_degrees(), self.latitude(sin_beta)]
    }

    /// The latitude of this authalic latitude's sine, degrees; Snyder 3-18.
    fn latitude(&self, sin_beta: f64) -> f64 {
        let beta = sin_beta.clamp(-1.0, 1.0).asin();
        let e2 = self.squared_eccentricity;
        let (e4, e6) = (e2 * e2, e2 * e2 * e2);
        let latitude = beta
            + (e2 / 3.0 + 31.0 * e4 / 180.0 + 517.0 * e6 / 5040.0) * (2.0 * beta).sin()
            + (23.0 * e4 / 360.0 + 251.0 * e6 / 3780.0) * (4.0 * beta).sin()
            + (761.0 * e6 / 45360.0) * (6.0 * beta).sin();
        latitude.to_degrees()
    }

    /// A closed ring of degrees on the map, without its last point, long edges cut up; `None` if some of it lies
    /// farther than [`REACH_M`] from the centre.
    pub fn ring(&self, degrees: &[[f64; 2]]) -> Option<Vec<Point>> {
        let mut ring = Vec::with_capacity(degrees.len());
        for pair in degrees.windows(2) {
            let (from, to) = (self.point(pair[0])?, self.point(pair[1])?);
            ring.push(from);
            // At most 400 pieces: both ends lie within reach.
            let pieces = (from.distance_m(to) / STRAIGHT_M).ceil();
            let mut piece = 1.0;
            while piece < pieces {
                let share = piece / pieces;
                let at = |axis: usize| pair[0][axis] + (pair[1][axis] - pair[0][axis]) * share;
                ring.push(self.point([at(0), at(1)])?);
                piece += 1.0;
            }
        }
        Some(ring)
    }
}

/// Snyder 3-12.
fn q(sin_lat: f64, eccentricity: f64, squared_eccentricity: f64) -> f64 {
    let part = eccentricity * sin_lat;
    (1.0 - squared_eccentricity)
        * (sin_lat / (1.0 - part * part) - ((1.0 - part) / (1.0 + part)).ln() / (2.0 * eccentricity))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CENTRE: [f64; 2] = [121.47, 31.23];

    fn area_m2(ring: &[Point]) -> f64 {
        let next = ring.iter().cycle().skip(1);
        ring.iter().zip(next).map(|(a, b)| a.x_m * b.y_m - b.x_m * a.y_m).sum::<f64>().abs() / 2.0
    }

    /// The area between two meridians and two parallels on the ellipsoid, in closed form.
    fn quadrangle_m2(lon_deg: [f64; 2], lat_deg: [f64; 2]) -> f64 {
        let squared = FLATTENING * (2.0 - FLATTENING);
        let zone = |lat: f64| q(lat.to_radians().sin(), squared.sqrt(), squared);
        AXIS_M * AXIS_M / 2.0 * (lon_deg[1] - lon_deg[0]).to_radians() * (zone(lat_deg[1]) - zone(lat_deg[0]))
    }

    #[test]
    fn the_whole_ellipsoid_has_its_known_area() {
        let whole = quadrangle_m2([-180.0, 180.0], [-90.0, 90.0]);
        assert!((whole / 5.100_656_217_24e14 - 1.0).abs() < 1e-9, "{whole}");
    }

    #[test]
    fn areas_are_right_to_a_ten_thousandth_over_a_city_and_its_surroundings() {
        let plane = Plane::around(CENTRE[0], CENTRE[1]);
        for (lon, lat, size) in
            [(121.47, 31.23, 0.01), (121.8, 31.0, 0.2), (120.9, 30.8, 0.5), (122.4, 31.9, 0.3)]
        {
            let (lons, lats) = ([lon, lon + size], [lat, lat + size]);
            let ring = [
                [lons[0], lats[0]],
                [lons[1], lats[0]],
                [lons[1], lats[1]],
                [lons[0], lats[1]],
                [lons[0], lats[0]],
            ];
            let drawn = area_m2(&plane.ring(&ring).unwrap());
            let exact = quadrangle_m2(lons, lats);
            assert!((drawn / exact - 1.0).abs() < 1e-6, "{lon} {lat}: {drawn} instead of {exact}");
        }
    }

    #[test]
    fn distances_are_those_of_the_ground() {
        let plane = Plane::around(CENTRE[0], CENTRE[1]);
        // A minute of latitude at 31° is 1847.9 m, a minute of longitude 1588 m.
        let origin = plane.point(CENTRE).unwrap();
        assert!(origin.distance_m(Point::default()) < 1e-6);
        let north = plane.point([CENTRE[0], CENTRE[1] + 1.0 / 60.0]).unwrap();
        assert!((north.y_m - 1847.7).abs() < 0.5, "{north:?}");
        let east = plane.point([CENTRE[0] + 1.0 / 60.0, CENTRE[1]]).unwrap();
        assert!((east.x_m - 1588.0).abs() < 1.0, "{east:?}");
    }

    #[test]
    fn there_and_back_is_the_same_place() {
        let plane = Plane::around(CENTRE[0], CENTRE[1]);
        for degrees in [CENTRE, [121.9, 30.7], [120.6, 32.1], [121.470_001, 31.23]] {
            let [lon, lat] = plane.degrees(plane.point(degrees).unwrap());
            assert!((lon - degrees[0]).abs() < 2e-8 && (lat - degrees[1]).abs() < 2e-8, "{lon} {lat}");
        }
    }

    #[test]
    fn what_is_far_away_is_on_no_map() {
        let plane = Plane::around(CENTRE[0], CENTRE[1]);
        for far in [[116.4, 39.9], [-58.5, -31.2], [f64::NAN, 31.0], [0.0, 90.0]] {
            assert_eq!(plane.point(far), None, "{far:?}");
        }
    }
}
