use geo::{Area as _, Coord, LineString, MultiPolygon, Polygon, unary_union};
use proptest::prelude::*;

use super::*;

fn at(x_m: f64, y_m: f64) -> Point {
    Point::new(x_m, y_m)
}

fn polygon(corners: &[Point]) -> Polygon {
    let ring: LineString = corners.iter().map(|corner| Coord { x: corner.x_m, y: corner.y_m }).collect();
    Polygon::new(ring, vec![])
}

/// The union by exact polygon operations of another library; arcs have 512 corners.
fn exact_m2(shapes: &[Shape]) -> f64 {
    let polygons: Vec<Polygon> = shapes.iter().map(|shape| polygon(&shape.outline(512))).collect();
    let union: MultiPolygon = unary_union(&polygons);
    union.unsigned_area()
}

fn square(x: f64, y: f64, side: f64) -> Shape {
    Shape::Polygon(vec![at(x, y), at(x + side, y), at(x + side, y + side), at(x, y + side)])
}

#[test]
fn nothing_covers_nothing() {
    assert_eq!(union_area(&[]), Area::default());
    let nothing = Shape::Swath { from: at(0.0, 0.0), to: at(10.0, 0.0), radius_m: 0.0 };
    assert!(union_area(&[nothing]).area_m2.abs() < f64::EPSILON);
    let nowhere = Shape::Swath { from: at(f64::NAN, 0.0), to: at(10.0, 0.0), radius_m: 5.0 };
    assert!(union_area(&[nowhere]).area_m2.abs() < f64::EPSILON);
}

#[test]
fn what_lies_on_top_of_one_another_counts_once() {
    let one = union_area(&[square(0.0, 0.0, 100.0)]);
    assert!((one.area_m2 - 10_000.0).abs() < 1.0, "{one:?}");
    let thrice = union_area(&[square(0.0, 0.0, 100.0), square(0.0, 0.0, 100.0), square(10.0, 10.0, 50.0)]);
    assert!((thrice.area_m2 - one.area_m2).abs() < 1e-6);
    let apart = union_area(&[square(0.0, 0.0, 100.0), square(100.0, 0.0, 100.0)]);
    assert!((apart.area_m2 - 20_000.0).abs() < 2.0, "{apart:?}");
}

#[test]
fn a_drone_that_hovers_sees_a_circle() {
    let here = Shape::Swath { from: at(3.0, 4.0), to: at(3.0, 4.0), radius_m: 40.0 };
    let seen = union_area(&vec![here; 50]);
    assert!((seen.area_m2 / (std::f64::consts::PI * 1600.0) - 1.0).abs() < 5e-4, "{seen:?}");
}

#[test]
fn a_leg_along_a_row_is_off_by_no_more_than_its_bound() {
    let turn = Turn::askew();
    for shift in 0..8 {
        // Exactly along a row, its sides anywhere within one: the worst there is.
        let y = f64::from(shift) * ROW_M / 8.0;
        let leg = Shape::Swath { from: at(0.0, y), to: at(2000.0, y), radius_m: 20.1 };
        let seen = union_area(&[leg.moved(|point| turn.back(point))]);
        let exact = 2000.0 * 40.2 + std::f64::consts::PI * 20.1 * 20.1;
        assert!((seen.area_m2 - exact).abs() <= seen.error_m2 + 1.0, "{seen:?}");
        assert!((seen.area_m2 / exact - 1.0).abs() < 0.0125, "{seen:?}");
        // Along a parallel it is right to a ten-thousandth or two.
        let seen = union_area(&[leg]);
        assert!((seen.area_m2 / exact - 1.0).abs() < 2e-4, "{seen:?}");
    }
}

#[test]
fn threads_do_not_change_a_bit() {
    let shapes: Vec<Shape> = (0..500)
        .map(|n| {
            let n = f64::from(n);
            Shape::Swath {
                from: at((n * 37.3) % 1000.0, (n * 91.7) % 1000.0),
                to: at((n * 53.9) % 1000.0, (n * 17.1) % 1000.0),
                radius_m: 10.0 + n % 7.0,
            }
        })
        .collect();
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let area = pool.install(|| union_area(&shapes));
        (area.area_m2.to_bits(), area.error_m2.to_bits())
    };
    assert_eq!(with(1), with(2));
    assert_eq!(with(1), with(7));
}

fn shape() -> impl Strategy<Value = Shape> {
    let point = || (0.0..600.0_f64, 0.0..600.0_f64).prop_map(|(x, y)| at(x, y));
    prop_oneof![
        (point(), point(), 15.0..80.0_f64).prop_map(|(from, to, radius_m)| Shape::Swath {
            from,
            to,
            radius_m
        }),
        (point(), point(), 5.0..60.0_f64).prop_map(|(from, to, radius_m)| {
            let to = from.towards(to, 0.05);
            Shape::Swath { from, to, radius_m }
        }),
        (point(), prop::collection::vec((-90.0..90.0_f64, -90.0..90.0_f64), 3..9)).prop_map(
            |(centre, corners)| {
                let corners = corners.into_iter().map(|(x, y)| at(centre.x_m + x, centre.y_m + y)).collect();
                Shape::hull(corners).unwrap_or(square(centre.x_m, centre.y_m, 20.0))
            }
        ),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_area_is_that_of_the_exact_union(shapes in prop::collection::vec(shape(), 1..25)) {
        let (ours, exact) = (union_area(&shapes), exact_m2(&shapes));
        prop_assume!(exact > 400.0);
        // Half of the goal is left to the corners of the other side's arcs.
        prop_assert!((ours.area_m2 / exact - 1.0).abs() < 1e-3, "{ours:?} instead of {exact}");
    }

    #[test]
    fn a_grid_of_points_agrees(shapes in prop::collection::vec(shape(), 1..12)) {
        // Every second metre, whether any shape holds the point: no code in common with the rows.
        let step = 2.0;
        let mut hits = 0.0;
        for row in -50..=350 {
            for column in -50..=350 {
                let point = at(f64::from(column) * step + 0.7, f64::from(row) * step + 0.3);
                if shapes.iter().any(|shape| holds(shape, point)) {
                    hits += step * step;
                }
            }
        }
        let ours = union_area(&shapes);
        prop_assume!(hits > 2_000.0);
        prop_assert!((ours.area_m2 - hits).abs() < 0.02 * hits + 60.0, "{ours:?} instead of {hits}");
    }
}

fn holds(shape: &Shape, point: Point) -> bool {
    match shape {
        Shape::Swath { from, to, radius_m } => {
            let (dx, dy) = (to.x_m - from.x_m, to.y_m - from.y_m);
            let squared = dx * dx + dy * dy;
            let along = ((point.x_m - from.x_m) * dx + (point.y_m - from.y_m) * dy) / squared.max(1e-12);
            from.towards(*to, along.clamp(0.0, 1.0)).distance_m(point) < *radius_m
        }
        Shape::Polygon(corners) => corners.iter().zip(corners.iter().cycle().skip(1)).all(|(a, b)| {
            (b.x_m - a.x_m) * (point.y_m - a.y_m) - (b.y_m - a.y_m) * (point.x_m - a.x_m) > 0.0
        }),
    }
}
