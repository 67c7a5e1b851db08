//! `coverage-union FILE RADIUS_M [RUNS]`: the area of what drones saw of the ground, as `reelproof
//! coverage` computes it, without reading a catalog. FILE holds flights as little-endian 64-bit floats: how many
//! points a flight has, then of each flight x and y of each point, metres on a map. Prints a JSON document;
//! `make peers` reads it.

use std::process::ExitCode;
use std::time::Instant;

use analyzer::coverage::plane::Point;
use analyzer::coverage::rows::union_area;
use analyzer::coverage::shape::Shape;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (Some(file), Some(Ok(radius_m))) = (args.first(), args.get(1).map(|radius| radius.parse())) else {
        eprintln!("usage: coverage-union FILE RADIUS_M [RUNS]");
        return ExitCode::from(2);
    };
    let runs = args.get(2).and_then(|runs| runs.parse().ok()).unwrap_or(3);
    match measure(file, radius_m, runs) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("coverage-union: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(file: &str, radius_m: f64, runs: u32) -> Result<(), Box<dyn std::error::Error>> {
    let bytes = std::fs::read(file)?;
    let mut numbers = bytes.as_chunks::<8>().0.iter().map(|bytes| f64::from_le_bytes(*bytes));
    let points_per_flight = numbers.next().filter(|count| *count >= 2.0).ok_or("no flight of two points")?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of our own making")]
    let points_per_flight = points_per_flight as usize;
    let numbers: Vec<f64> = numbers.collect();
    let points: Vec<Point> =
        numbers.as_chunks::<2>().0.iter().map(|[x_m, y_m]| Point::new(*x_m, *y_m)).collect();
    let flights: Vec<&[Point]> = points.chunks(points_per_flight).collect();
    let mut took_s = Vec::new();
    let mut area = None;
    for _ in 0..runs.max(1) {
        let began = Instant::now();
        let shapes: Vec<Shape> = flights
            .iter()
            .flat_map(|flight| flight.windows(2))
            .map(|pair| Shape::Swath { from: pair[0], to: pair[1], radius_m })
            .collect();
        area = Some(union_area(&shapes));
        took_s.push(began.elapsed().as_secs_f64());
    }
    let area = area.unwrap_or_default();
    took_s.sort_by(f64::total_cmp);
    let document = serde_json::json!({
        "flights": flights.len(),
        "points": points.len(),
        "runs": took_s.len(),
        "min_s": took_s[0],
        "area_m2": area.area_m2,
        "error_m2": area.error_m2,
    });
    println!("{document}");
    Ok(())
}
