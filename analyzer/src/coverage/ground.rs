//! The ground to be covered, row by row: where it is flyable, in which area, sub-district, reach of a dock and
//! cell of the grid.

use std::ops::Range;

use rayon::prelude::*;

use super::plane::Point;
use super::rows::{Bands, Turn, middle_m, rows_within};

/// What a polygon on the map stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// Drones must not fly there.
    NoFly,
    /// Part of the area of this number.
    Area(u16),
    /// Within reach of the dock of this number.
    Reach(u16),
}

/// A polygon of a layer: an outer ring and its holes, none of them closed. What lies inside an odd
/// number of rings belongs to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Patch {
    /// The layer.
    pub layer: Layer,
    /// The rings.
    pub rings: Vec<Vec<Point>>,
}

/// A stretch of a row that is flyable and lies in the same zones throughout.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Piece {
    /// Where it begins, metres along the row.
    pub start_m: f64,
    /// Where it ends.
    pub end_m: f64,
    /// Its cell of the grid.
    pub cell: Cell,
    /// Its layers, as a range of [`GroundRow::layers`].
    layers: (u32, u32),
}

/// A cell of the grid: numbers of its column eastwards and of its row northwards from the grid's origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell {
    /// Column.
    pub east: i32,
    /// Row.
    pub north: i32,
}

/// The flyable ground of one row, from its start to its end.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GroundRow {
    /// Stretches in order; they do not overlap.
    pub pieces: Vec<Piece>,
    layers: Vec<Layer>,
}

impl GroundRow {
    /// Areas and reaches in which a stretch lies.
    pub fn layers(&self, piece: &Piece) -> &[Layer] {
        &self.layers[piece.layers.0 as usize..piece.layers.1 as usize]
    }
}

struct Edge {
    patch: u32,
    low: Point,
    high: Point,
}

/// All ground, ready to be cut into rows.
pub struct Ground {
    layers: Vec<Layer>,
    edges: Vec<Edge>,
    rows: Range<i32>,
    turn: Turn,
    cell_m: f64,
}

impl Ground {
    /// Ground from patches on the north-up map, and the length of a cell's side.
    pub fn new(patches: &[Patch], cell_m: f64) -> Self {
        let turn = Turn::askew();
        let mut edges = Vec::new();
        for (number, patch) in (0_u32..).zip(patches) {
            for ring in &patch.rings {
                let next = ring.iter().cycle().skip(1);
                for (a, b) in
                    ring.iter().map(|&point| turn.there(point)).zip(next.map(|&point| turn.there(point)))
                {
                    let (low, high) = if a.y_m < b.y_m { (a, b) } else { (b, a) };
                    if low.y_m < high.y_m {
                        edges.push(Edge { patch: number, low, high });
                    }
                }
            }
        }
        let (mut first, mut end) = (i32::MAX, i32::MIN);
        for edge in &edges {
            let rows = rows_within(edge.low.y_m, edge.high.y_m);
            if !rows.is_empty()
                && !matches!(patches[edge.patch as usize].layer, Layer::NoFly | Layer::Reach(_))
            {
                (first, end) = (first.min(rows.start), end.max(rows.end));
            }
        }
        let rows = if first < end { first..end } else { 0..0 };
        Self { layers: patches.iter().map(|patch| patch.layer).collect(), edges, rows, turn, cell_m }
    }

    /// The rows that have flyable ground.
    pub fn rows(&self) -> Range<i32> {
        self.rows.clone()
    }

    /// The same turn as the shapes must have.
    pub fn turn(&self) -> Turn {
        self.turn
    }

    /// The ground of every row, band by band, as [`by_bands`](super::rows::by_bands) cuts them.
    pub(super) fn bands(&self) -> Vec<Vec<GroundRow>> {
        let reached: Vec<Range<i32>> =
            self.edges.par_iter().map(|edge| rows_within(edge.low.y_m, edge.high.y_m)).collect();
        let bands = Bands::new(self.rows(), &reached);
        (0..bands.len())
            .into_par_iter()
            .map(|band| {
                let rows = bands.rows(band);
                let mut crossings: Vec<Vec<(u32, f64)>> = vec![Vec::new(); rows.len()];
                for item in bands.items(band) {
                    let edge = &self.edges[item];
                    let slope = (edge.high.x_m - edge.low.x_m) / (edge.high.y_m - edge.low.y_m);
                    for row in reached[item].start.max(rows.start)..reached[item].end.min(rows.end) {
                        let x_m = edge.low.x_m + (middle_m(row) - edge.low.y_m) * slope;
                        if let Some(row) =
                            usize::try_from(row - rows.start).ok().and_then(|row| crossings.get_mut(row))
                        {
                            row.push((edge.patch, x_m));
                        }
                    }
                }
                rows.zip(crossings).map(|(row, crossings)| self.row(row, crossings)).collect()
            })
            .collect()
    }

    fn row(&self, row: i32, mut crossings: Vec<(u32, f64)>) -> GroundRow {
        crossings.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        // Every patch's crossings come in pairs: in, out.
        let mut events: Vec<(f64, Layer, i32)> = Vec::with_capacity(crossings.len());
        for pair in crossings.as_chunks::<2>().0 {
            let layer = self.layers[pair[0].0 as usize];
            events.push((pair[0].1, layer, 1));
            events.push((pair[1].1, layer, -1));
        }
        events.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
        let mut ground = GroundRow::default();
        let mut inside: Vec<(Layer, i32)> = Vec::new();
        let mut from_m = f64::NEG_INFINITY;
        for (at_m, layer, step) in events {
            let flyable = inside.iter().any(|(layer, _)| matches!(layer, Layer::Area(_)))
                && !inside.iter().any(|(layer, _)| *layer == Layer::NoFly);
            if flyable && from_m < at_m {
                let first = u32::try_from(ground.layers.len()).unwrap_or(u32::MAX);
                ground.layers.extend(inside.iter().map(|(layer, _)| *layer));
                let layers = (first, u32::try_from(ground.layers.len()).unwrap_or(u32::MAX));
                self.add_cells(row, from_m, at_m, layers, &mut ground.pieces);
            }
            from_m = at_m;
            match inside.binary_search_by_key(&layer, |(layer, _)| *layer) {
                Ok(place) => {
                    inside[place].1 += step;
                    if inside[place].1 == 0 {
                        inside.remove(place);
                    }
                }
                Err(place) => inside.insert(place, (layer, step)),
            }
        }
        ground
    }

    /// Adds a stretch of a row, cut where it goes from one cell to the next.
    fn add_cells(&self, row: i32, from_m: f64, to_m: f64, layers: (u32, u32), pieces: &mut Vec<Piece>) {
        let Turn { sin, cos } = self.turn;
        let y_m = middle_m(row);
        let mut start_m = from_m;
        while start_m < to_m {
            let here = self.turn.back(Point::new(start_m, y_m));
            // East and north both grow along a row; the cell is that of a point a little farther on.
            let (east, north) =
                (cell_of(here.x_m + 1e-6, self.cell_m), cell_of(here.y_m + 1e-6, self.cell_m));
            let next_east = (f64::from(east + 1) * self.cell_m + sin * y_m) / cos;
            let next_north = (f64::from(north + 1) * self.cell_m - cos * y_m) / sin;
            // A step always goes on, whatever rounding does.
            let end_m = next_east.min(next_north).max(start_m + 1e-6).min(to_m);
            pieces.push(Piece { start_m, end_m, cell: Cell { east, north }, layers });
            start_m = end_m;
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a cast of a float saturates, and maps reach 200 km")]
fn cell_of(at_m: f64, cell_m: f64) -> i32 {
    (at_m / cell_m).floor() as i32
}
