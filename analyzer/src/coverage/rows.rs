//! The union of many convex shapes, by rows.
//!
//! The map is cut into rows of [`ROW_M`]. On the middle line of a row every convex shape is one
//! interval, whose ends are computed exactly, so the union there is a union of intervals: sort them,
//! join what overlaps. The sum of lengths times the height of a row is the area. No polygon is ever
//! built, nothing depends on two edges crossing cleanly, and a flight that hovers, doubles back or
//! lies on top of another costs no more than any other.
//!
//! # How exact
//! Sideways, exact to rounding. Upwards it is the midpoint rule: off by at most half a row times how
//! much the width of the union varies from row to row ([`Variation`] keeps count, so that every figure
//! comes with its own bound), and far less where an edge crosses the rows at an angle, because the
//! errors of successive rows then cancel. Only an edge that runs *along* a row would show the whole
//! error, and streets, rivers and flight plans often run east or north: so the rows are laid at an
//! angle ([`Turn`]) that no street grid has.
//!
//! # Speed
//! Rows are worked off in bands, spread over threads; a band touches only the shapes that reach into
//! it. Shapes of one flight come one after the other and mostly overlap, so an interval is first held
//! against the row's last one and only extends it; what is left to be sorted is about one interval a
//! pass. With `n` shapes, `k` row intervals and `p` passes over a row: O(n + k + rows · p log p).

use std::ops::Range;

use rayon::prelude::*;

use super::plane::Point;
use super::shape::Shape;

/// Height of a row in metres.
pub const ROW_M: f64 = 0.25;

/// Rows that are worked off together.
pub(super) const BAND_ROWS: i32 = 128;

/// The turn of the map by which rows lie askew to north.
#[derive(Debug, Clone, Copy)]
pub struct Turn {
    /// Sine of the angle.
    pub sin: f64,
    /// Cosine of the angle.
    pub cos: f64,
}

impl Turn {
    /// By the golden ratio in radians, 35.4°: far from the multiples of 45° and 30° that plans have.
    pub fn askew() -> Self {
        let (sin, cos) = 0.618_033_988_749_895_f64.sin_cos();
        Self { sin, cos }
    }

    /// From north-up to askew.
    pub fn there(self, point: Point) -> Point {
        Point::new(self.cos * point.x_m + self.sin * point.y_m, self.cos * point.y_m - self.sin * point.x_m)
    }

    /// From askew to north-up.
    pub fn back(self, point: Point) -> Point {
        Point::new(self.cos * point.x_m - self.sin * point.y_m, self.cos * point.y_m + self.sin * point.x_m)
    }
}

/// What one shape covers of a row, along it in metres.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    /// Where it begins.
    pub start_m: f64,
    /// Where it ends.
    pub end_m: f64,
    /// Whose shape it is.
    pub tag: u32,
}

/// Neighbouring rows with what covers them.
#[derive(Debug)]
pub struct Band {
    /// Number of the first row.
    pub first_row: i32,
    /// Of each row, by start, what covers it: intervals of one tag may overlap, as may those of several.
    pub rows: Vec<Vec<Span>>,
}

/// Where the middle line of a row lies.
pub fn middle_m(row: i32) -> f64 {
    (f64::from(row) + 0.5) * ROW_M
}

/// The rows whose middle lines lie from `low_m` up to, and without, `high_m`.
#[expect(clippy::cast_possible_truncation, reason = "a cast of a float saturates, and maps reach 200 km")]
pub fn rows_within(low_m: f64, high_m: f64) -> Range<i32> {
    let row = |at_m: f64| (at_m / ROW_M - 0.5).ceil() as i32;
    row(low_m)..row(high_m)
}

/// Which items reach into which band of `rows`, in order; `rows_of` says which rows an item reaches.
pub(super) struct Bands {
    rows: Range<i32>,
    starts: Vec<usize>,
    items: Vec<u32>,
}

impl Bands {
    pub(super) fn new(rows: Range<i32>, reached: &[Range<i32>]) -> Self {
        let bands = usize::try_from((rows.len() as u64).div_ceil(BAND_ROWS as u64)).unwrap_or(0);
        let band_of = |row: i32| usize::try_from((row - rows.start) / BAND_ROWS).unwrap_or(0);
        let within = |reached: &Range<i32>| {
            let (first, last) = (reached.start.max(rows.start), reached.end.min(rows.end) - 1);
            if first <= last { band_of(first)..band_of(last) + 1 } else { 0..0 }
        };
        let mut starts = vec![0; bands + 1];
        for reached in reached {
            for band in within(reached) {
                starts[band + 1] += 1;
            }
        }
        for band in 0..bands {
            starts[band + 1] += starts[band];
        }
        let (mut next, mut items) = (starts.clone(), vec![0; starts[bands]]);
        for (item, reached) in (0_u32..).zip(reached) {
            for band in within(reached) {
                items[next[band]] = item;
                next[band] += 1;
            }
        }
        Self { rows, starts, items }
    }

    pub(super) fn len(&self) -> usize {
        self.starts.len() - 1
    }

    pub(super) fn rows(&self, band: usize) -> Range<i32> {
        let first = self.rows.start + i32::try_from(band).unwrap_or(i32::MAX).saturating_mul(BAND_ROWS);
        first..(first.saturating_add(BAND_ROWS)).min(self.rows.end)
    }

    pub(super) fn items(&self, band: usize) -> impl Iterator<Item = usize> {
        self.items[self.starts[band]..self.starts[band + 1]].iter().map(|&item| item as usize)
    }
}

/// Calls `work` for each band of rows, in parallel, and gives the results in order. `rows` are looked
/// at even where there is no shape. Shapes and tags go together.
pub fn by_bands<T: Send>(
    shapes: &[Shape],
    tags: &[u32],
    rows: Range<i32>,
    work: impl Fn(&Band) -> T + Sync,
) -> Vec<T> {
    let reached: Vec<Range<i32>> = shapes.par_iter().map(rows_of).collect();
    let bands = Bands::new(rows, &reached);
    (0..bands.len())
        .into_par_iter()
        .map(|number| {
            let rows = bands.rows(number);
            let mut band = Band { first_row: rows.start, rows: vec![Vec::new(); rows.len()] };
            for item in bands.items(number) {
                let within = reached[item].start.max(rows.start)..reached[item].end.min(rows.end);
                fill(&mut band, within, &shapes[item], tags.get(item).copied().unwrap_or(0));
            }
            for row in &mut band.rows {
                row.sort_unstable_by(|a, b| a.start_m.total_cmp(&b.start_m).then(a.tag.cmp(&b.tag)));
            }
            work(&band)
        })
        .collect()
}

fn rows_of(shape: &Shape) -> Range<i32> {
    shape.extent_m().map_or(0..0, |(low, high)| rows_within(low, high))
}

/// All rows that any of the shapes reaches.
pub fn rows_reached(shapes: &[Shape]) -> Range<i32> {
    let reached = shapes.par_iter().map(rows_of).filter(|rows| !rows.is_empty());
    let all = reached
        .map(|rows| (rows.start, rows.end))
        .reduce(|| (i32::MAX, i32::MIN), |a, b| (a.0.min(b.0), a.1.max(b.1)));
    if all.0 < all.1 { all.0..all.1 } else { 0..0 }
}

fn fill(band: &mut Band, rows: Range<i32>, shape: &Shape, tag: u32) {
    match shape {
        Shape::Swath { from, to, radius_m } => fill_swath(band, rows, *from, *to, *radius_m, tag),
        Shape::Polygon(corners) => fill_polygon(band, rows, corners, tag),
    }
}

/// Adds an interval to a row; one that touches the row's last one of the same tag only extends it.
fn add(row: &mut Vec<Span>, start_m: f64, end_m: f64, tag: u32) {
    match row.last_mut() {
        Some(last) if last.tag == tag && start_m <= last.end_m && end_m >= last.start_m => {
            last.start_m = last.start_m.min(start_m);
            last.end_m = last.end_m.max(end_m);
        }
        _ => row.push(Span { start_m, end_m, tag }),
    }
}

fn fill_swath(band: &mut Band, rows: Range<i32>, from: Point, to: Point, radius_m: f64, tag: u32) {
    let (dx, dy) = (to.x_m - from.x_m, to.y_m - from.y_m);
    let length = dx.hypot(dy);
    // The two long sides lie to the left and to the right of the line, at the radius.
    let (side_x, side_y) =
        if length > 0.0 { (-dy / length * radius_m, dx / length * radius_m) } else { (0.0, 0.0) };
    let slope = if dy == 0.0 { 0.0 } else { dx / dy };
    let side = |sign: f64| {
        let (x, y) = (from.x_m + sign * side_x, from.y_m + sign * side_y);
        (x, y, y.min(y + dy), y.max(y + dy))
    };
    let sides = [side(1.0), side(-1.0)];
    let squared = radius_m * radius_m;
    for row in rows {
        let y = middle_m(row);
        let (mut start, mut end) = (f64::INFINITY, f64::NEG_INFINITY);
        for centre in [from, to] {
            let above = y - centre.y_m;
            let left = squared - above * above;
            if left > 0.0 {
                let half = left.sqrt();
                start = start.min(centre.x_m - half);
                end = end.max(centre.x_m + half);
            }
        }
        for (x, side_from, low, high) in sides {
            if low <= y && y < high {
                let at = x + (y - side_from) * slope;
                start = start.min(at);
                end = end.max(at);
            }
        }
        if start < end
            && let Some(row) =
                usize::try_from(row - band.first_row).ok().and_then(|row| band.rows.get_mut(row))
        {
            add(row, start, end, tag);
        }
    }
}

fn fill_polygon(band: &mut Band, rows: Range<i32>, corners: &[Point], tag: u32) {
    let Some(&last) = corners.last() else { return };
    let count = rows.len();
    let mut spans = vec![(f64::INFINITY, f64::NEG_INFINITY); count];
    let mut before = last;
    for &corner in corners {
        let (low, high) = if before.y_m < corner.y_m { (before, corner) } else { (corner, before) };
        if low.y_m < high.y_m {
            let slope = (high.x_m - low.x_m) / (high.y_m - low.y_m);
            let crossed = rows_within(low.y_m, high.y_m);
            for row in crossed.start.max(rows.start)..crossed.end.min(rows.end) {
                let x = low.x_m + (middle_m(row) - low.y_m) * slope;
                if let Some(span) = usize::try_from(row - rows.start).ok().and_then(|row| spans.get_mut(row))
                {
                    *span = (span.0.min(x), span.1.max(x));
                }
            }
        }
        before = corner;
    }
    for (row, (start, end)) in rows.zip(spans) {
        if start < end
            && let Some(row) =
                usize::try_from(row - band.first_row).ok().and_then(|row| band.rows.get_mut(row))
        {
            add(row, start, end, tag);
        }
    }
}

/// Joins what overlaps; the spans must be sorted by start.
pub fn joined(spans: impl Iterator<Item = (f64, f64)>, into: &mut Vec<(f64, f64)>) {
    into.clear();
    for (start, end) in spans {
        match into.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => into.push((start, end)),
        }
    }
}

/// How much a width varies from row to row, which bounds the error of an area.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Variation {
    first_m: f64,
    last_m: f64,
    inside_m: f64,
    any: bool,
}

impl Variation {
    /// Takes in the next row's width.
    pub fn row(&mut self, width_m: f64) {
        if self.any {
            self.inside_m += (width_m - self.last_m).abs();
        } else {
            self.first_m = width_m;
        }
        (self.last_m, self.any) = (width_m, true);
    }

    /// Takes in the rows of the next band.
    pub fn then(&mut self, next: Self) {
        if !next.any {
            return;
        }
        if self.any {
            self.inside_m += (next.first_m - self.last_m).abs() + next.inside_m;
            self.last_m = next.last_m;
        } else {
            *self = next;
        }
    }

    /// By how much an area may be off, square metres.
    pub fn error_m2(&self) -> f64 {
        (self.first_m + self.inside_m + self.last_m) * ROW_M / 2.0
    }
}

/// An area with a bound of its error, both in square metres.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Area {
    /// The area.
    pub area_m2: f64,
    /// How far off it may be.
    pub error_m2: f64,
}

/// The area of the union of shapes.
pub fn union_area(shapes: &[Shape]) -> Area {
    let turn = Turn::askew();
    let shapes: Vec<Shape> = shapes.par_iter().map(|shape| shape.moved(|point| turn.there(point))).collect();
    let bands = by_bands(&shapes, &[], rows_reached(&shapes), |band| {
        let (mut sum_m, mut variation, mut union) = (0.0, Variation::default(), Vec::new());
        for row in &band.rows {
            joined(row.iter().map(|span| (span.start_m, span.end_m)), &mut union);
            let width_m: f64 = union.iter().map(|(start, end)| end - start).sum();
            variation.row(width_m);
            sum_m += width_m;
        }
        (sum_m, variation)
    });
    let (mut sum_m, mut variation) = (0.0, Variation::default());
    for (band_m, band) in bands {
        sum_m += band_m;
        variation.then(band);
    }
    Area { area_m2: sum_m * ROW_M, error_m2: variation.error_m2() }
}

#[cfg(test)]
mod tests;
