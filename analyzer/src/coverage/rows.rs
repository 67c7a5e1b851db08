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
pub const ROW_M: f64 = 0.5;

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
            let mut covered = Covered::new(rows.start);
            for item in bands.items(number) {
                let within = reached[item].start.max(rows.start)..reached[item].end.min(rows.end);
                fill(&mut band, &mut covered, within, &shapes[item], tags.get(item).copied().unwrap_or(0));
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

fn fill(band: &mut Band, covered: &mut Covered, rows: Range<i32>, shape: &Shape, tag: u32) {
    match shape {
        Shape::Swath { from, to, radius_m } => {
            fill_swath(band, covered, &rows, [*from, *to], *radius_m, tag);
        }
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

/// First what the swath covers of each row, part by part, then the rows. The loops of the first half have no
/// branches, so that the compiler can do several rows at a time: a month of flights spends its time here.
fn fill_swath(
    band: &mut Band,
    covered: &mut Covered,
    rows: &Range<i32>,
    [from, to]: [Point; 2],
    radius_m: f64,
    tag: u32,
) {
    let (dx, dy) = (to.x_m - from.x_m, to.y_m - from.y_m);
    let length = dx.hypot(dy);
    covered.begin(rows);
    let squared = radius_m * radius_m;
    for centre in [from, to] {
        covered.widen(rows, &rows_within(centre.y_m - radius_m, centre.y_m + radius_m), |y_m| {
            let above = y_m - centre.y_m;
            // Below zero by rounding alone.
            let half = (squared - above * above).max(0.0).sqrt();
            (centre.x_m - half, centre.x_m + half)
        });
    }
    if length > 0.0 && dy != 0.0 {
        // The two long sides lie to the left and to the right of the line, at the radius.
        let (side_x, side_y, slope) = (-dy / length * radius_m, dx / length * radius_m, dx / dy);
        for sign in [1.0, -1.0] {
            let (x, y) = (from.x_m + sign * side_x, from.y_m + sign * side_y);
            covered.widen(rows, &rows_within(y.min(y + dy), y.max(y + dy)), |y_m| {
                let at = x + (y_m - y) * slope;
                (at, at)
            });
        }
    }
    let places = covered.places(rows);
    let spans = covered.starts_m[places.clone()].iter().zip(&covered.ends_m[places.clone()]);
    for (row, (&start, &end)) in band.rows[places].iter_mut().zip(spans) {
        if start < end {
            add(row, start, end, tag);
        }
    }
}

/// What one shape covers of the rows of a band, as far as is known.
struct Covered {
    first_row: i32,
    middles_m: [f64; BAND_ROWS as usize],
    starts_m: [f64; BAND_ROWS as usize],
    ends_m: [f64; BAND_ROWS as usize],
}

impl Covered {
    /// Of the band that begins with `first_row`.
    fn new(first_row: i32) -> Self {
        let mut middles_m = [0.0; BAND_ROWS as usize];
        (first_row..).zip(&mut middles_m).for_each(|(row, middle)| *middle = middle_m(row));
        Self { first_row, middles_m, starts_m: [0.0; BAND_ROWS as usize], ends_m: [0.0; BAND_ROWS as usize] }
    }

    /// Forgets what the shape before covered.
    fn begin(&mut self, rows: &Range<i32>) {
        let places = self.places(rows);
        self.starts_m[places.clone()].fill(f64::INFINITY);
        self.ends_m[places].fill(f64::NEG_INFINITY);
    }

    /// Takes in what a part of the shape covers of those of `rows` that lie within, by the heights of their
    /// middle lines.
    fn widen(&mut self, rows: &Range<i32>, within: &Range<i32>, part: impl Fn(f64) -> (f64, f64)) {
        let places = self.places(&(within.start.max(rows.start)..within.end.min(rows.end)));
        let spans = self.starts_m[places.clone()].iter_mut().zip(&mut self.ends_m[places.clone()]);
        for (&middle_m, (start_m, end_m)) in self.middles_m[places].iter().zip(spans) {
            let (from_m, to_m) = part(middle_m);
            // Nothing here is NaN, and processors have these comparisons.
            *start_m = if from_m < *start_m { from_m } else { *start_m };
            *end_m = if to_m > *end_m { to_m } else { *end_m };
        }
    }

    fn places(&self, rows: &Range<i32>) -> Range<usize> {
        let place = |row: i32| usize::try_from(row - self.first_row).unwrap_or(0);
        place(rows.start.min(rows.end))..place(rows.end)
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
