//! What one camera saw of the ground between two moments: a convex shape on the map.
//!
//! Convex, so that a row of the map meets it in one interval at most. That is all the union
//! ([`rows`](super::rows)) asks of a shape.

use super::plane::Point;

/// A convex shape.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// Everything within `radius_m` of the line from `from` to `to`.
    Swath {
        /// Where it begins.
        from: Point,
        /// Where it ends.
        to: Point,
        /// How far it reaches to every side.
        radius_m: f64,
    },
    /// A convex polygon, its corners anticlockwise.
    Polygon(Vec<Point>),
}

impl Shape {
    /// The smallest convex polygon around all points; `None` where they have no area.
    pub fn hull(mut points: Vec<Point>) -> Option<Self> {
        points.retain(|point| point.x_m.is_finite() && point.y_m.is_finite());
        points.sort_by(|a, b| a.x_m.total_cmp(&b.x_m).then(a.y_m.total_cmp(&b.y_m)));
        // Andrew's monotone chain: the lower side from left to right, the upper one back.
        let mut corners: Vec<Point> = Vec::with_capacity(points.len() + 1);
        for upper in [false, true] {
            let first = corners.len();
            let mut add = |point: Point| {
                while corners.len() >= first + 2
                    && turn(corners[corners.len() - 2], corners[corners.len() - 1], point) <= 0.0
                {
                    corners.pop();
                }
                corners.push(point);
            };
            if upper {
                points.iter().rev().copied().for_each(&mut add);
            } else {
                points.iter().copied().for_each(&mut add);
            }
            corners.pop();
        }
        (corners.len() >= 3).then_some(Self::Polygon(corners))
    }

    /// From where to where it reaches northwards; `None` where it is empty or no shape.
    pub fn extent_m(&self) -> Option<(f64, f64)> {
        let (low, high) = match self {
            Self::Swath { from, to, radius_m } => {
                (from.y_m.min(to.y_m) - radius_m, from.y_m.max(to.y_m) + radius_m)
            }
            Self::Polygon(corners) => {
                corners.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), corner| {
                    (low.min(corner.y_m), high.max(corner.y_m))
                })
            }
        };
        let finite = |point: &Point| point.x_m.is_finite() && point.y_m.is_finite();
        let known = match self {
            Self::Swath { from, to, radius_m } => finite(from) && finite(to) && radius_m.is_finite(),
            Self::Polygon(corners) => corners.iter().all(finite),
        };
        (known && low < high).then_some((low, high))
    }

    /// The shape with every point moved by `to`, which keeps shapes and sizes (a turn, say).
    #[must_use]
    pub fn moved(&self, to: impl Fn(Point) -> Point) -> Self {
        match self {
            Self::Swath { from, to: end, radius_m } => {
                Self::Swath { from: to(*from), to: to(*end), radius_m: *radius_m }
            }
            Self::Polygon(corners) => Self::Polygon(corners.iter().copied().map(to).collect()),
        }
    }

    /// Its outline as a polygon, anticlockwise, for drawing: an arc of a swath has `around` / 2 pieces.
    pub fn outline(&self, around: u32) -> Vec<Point> {
        let (from, to, radius_m) = match self {
            Self::Polygon(corners) => return corners.clone(),
            Self::Swath { from, to, radius_m } => (*from, *to, *radius_m),
        };
        let heading = (to.y_m - from.y_m).atan2(to.x_m - from.x_m);
        let half = around.max(8) / 2;
        let mut outline = Vec::new();
        for (centre, start) in [(to, -0.5), (from, 0.5)] {
            for step in 0..=half {
                let angle = heading + std::f64::consts::PI * (start + f64::from(step) / f64::from(half));
                let (sin, cos) = angle.sin_cos();
                outline.push(Point::new(centre.x_m + radius_m * cos, centre.y_m + radius_m * sin));
            }
        }
        outline
    }
}

/// Whether the way from `a` over `b` to `c` turns left (positive) or right.
fn turn(a: Point, b: Point, c: Point) -> f64 {
    (b.x_m - a.x_m) * (c.y_m - a.y_m) - (b.y_m - a.y_m) * (c.x_m - a.x_m)
}

/// The polygon of a circle with `corners` corners and the circle's area.
pub fn circle(centre: Point, radius_m: f64, corners: u32) -> Vec<Point> {
    let step = std::f64::consts::TAU / f64::from(corners);
    let radius_m = radius_m * (step / step.sin()).sqrt();
    (0..corners)
        .map(|corner| {
            let (sin, cos) = (step * f64::from(corner)).sin_cos();
            Point::new(centre.x_m + radius_m * cos, centre.y_m + radius_m * sin)
        })
        .collect()
}

/// What is left of a convex polygon where `inside` is not negative; `inside` is linear.
pub fn cut(polygon: &[Point], inside: impl Fn(Point) -> f64) -> Vec<Point> {
    let mut left = Vec::with_capacity(polygon.len() + 1);
    let Some(&last) = polygon.last() else { return left };
    let (mut before, mut value_before) = (last, inside(last));
    for &corner in polygon {
        let value = inside(corner);
        if (value < 0.0) != (value_before < 0.0) {
            left.push(before.towards(corner, value_before / (value_before - value)));
        }
        if value >= 0.0 {
            left.push(corner);
        }
        (before, value_before) = (corner, value);
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(x_m: f64, y_m: f64) -> Point {
        Point::new(x_m, y_m)
    }

    #[test]
    fn a_hull_has_only_corners_anticlockwise() {
        let points = vec![at(2.0, 2.0), at(0.0, 0.0), at(1.0, 1.0), at(2.0, 0.0), at(1.0, 0.0), at(0.0, 2.0)];
        let square = vec![at(0.0, 0.0), at(2.0, 0.0), at(2.0, 2.0), at(0.0, 2.0)];
        assert_eq!(Shape::hull(points), Some(Shape::Polygon(square)));
        assert_eq!(Shape::hull(vec![at(0.0, 0.0), at(1.0, 1.0), at(2.0, 2.0)]), None, "a line");
        assert_eq!(Shape::hull(vec![at(f64::NAN, 0.0), at(1.0, 1.0), at(2.0, 3.0)]), None);
        assert_eq!(Shape::hull(vec![]), None);
    }

    #[test]
    fn a_cut_leaves_one_side() {
        let square = [at(0.0, 0.0), at(2.0, 0.0), at(2.0, 2.0), at(0.0, 2.0)];
        let left = cut(&square, |point| 1.0 - point.x_m);
        assert!(left.iter().all(|point| point.x_m <= 1.0) && left.len() == 4, "{left:?}");
        assert_eq!(cut(&square, |_| -1.0), []);
        assert_eq!(cut(&square, |_| 1.0), square);
        assert_eq!(cut(&[], |_| 1.0), []);
    }

    #[test]
    fn a_circle_of_corners_has_the_circles_area() {
        let corners = circle(at(5.0, -3.0), 100.0, 64);
        let next = corners.iter().cycle().skip(1);
        let twice: f64 = corners.iter().zip(next).map(|(a, b)| a.x_m * b.y_m - b.x_m * a.y_m).sum();
        assert!((twice / 2.0 / (std::f64::consts::PI * 1e4) - 1.0).abs() < 1e-12);
    }
}
