//! How much of the ground was filmed: by area, dock, flight, day and cell, in one pass over the rows.

use std::collections::BTreeMap;

use super::ground::{Cell, Ground, GroundRow, Layer};
use super::rows::{BAND_ROWS, Band, ROW_M, Span, Variation, by_bands, joined};
use super::shape::Shape;

/// Which flights count for what; by number of the flight, which is the tag of its shapes.
#[derive(Debug, Clone, Default)]
pub struct Groups {
    /// Number of the flight's dock, if it has one.
    pub dock: Vec<Option<usize>>,
    /// Number of the day on which it took off, from the first one that is looked at.
    pub day: Vec<usize>,
    /// Whether it took off in the month; the others only count for when cells were last seen.
    pub in_month: Vec<bool>,
    /// How many docks there are.
    pub docks: usize,
    /// How many days are looked at.
    pub days: usize,
    /// Number of the area's sub-district, by number of the area.
    pub sub_district: Vec<Option<usize>>,
    /// How many sub-districts there are.
    pub sub_districts: usize,
}

/// Flyable and filmed ground of one thing, square metres.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Share {
    /// Where drones may fly.
    pub flyable_m2: f64,
    /// How much of that was filmed.
    pub covered_m2: f64,
}

impl Share {
    /// Filmed over flyable; `None` where there is nothing to film.
    pub fn ratio(&self) -> Option<f64> {
        (self.flyable_m2 > 0.0).then(|| self.covered_m2 / self.flyable_m2)
    }
}

/// What was measured. All lists are by number; filmed ground counts once in each entry.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Measured {
    /// All areas together.
    pub all: Share,
    /// By how much the filmed ground may be off.
    pub error_m2: f64,
    /// By area.
    pub areas: Vec<Share>,
    /// By sub-district.
    pub sub_districts: Vec<Share>,
    /// Within reach of each dock, by whomever it was filmed.
    pub reaches: Vec<Share>,
    /// Flyable ground filmed by each dock's own flights, wherever it lies.
    pub by_dock_m2: Vec<f64>,
    /// Flyable ground filmed on each day.
    pub by_day_m2: Vec<f64>,
    /// Flyable ground filmed by each flight.
    pub by_sortie_m2: Vec<f64>,
    /// Flyable ground of each cell, and what was filmed of it on each day on which something was.
    pub cells: BTreeMap<Cell, CellShare>,
}

/// One cell.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CellShare {
    /// Where drones may fly.
    pub flyable_m2: f64,
    /// What of it lies in each area, by number of the area.
    pub area_m2: BTreeMap<u16, f64>,
    /// What was filmed, by number of the day.
    pub covered_m2: BTreeMap<usize, f64>,
}

impl CellShare {
    /// Number of the area that most of it lies in; of several equal ones, the first.
    pub fn area(&self) -> Option<u16> {
        let larger = |a: &(&u16, &f64), b: &(&u16, &f64)| a.1.total_cmp(b.1).then(b.0.cmp(a.0));
        self.area_m2.iter().max_by(larger).map(|(&area, _)| area)
    }
}

/// Sums of one band, in metres along its rows.
struct Sums {
    measured: Measured,
    variation: Variation,
}

/// Measures; `tags` says of each shape which flight it is of.
pub fn measure(shapes: &[Shape], tags: &[u32], ground: &Ground, groups: &Groups) -> Measured {
    let grounds = ground.bands();
    let first_row = ground.rows().start;
    let bands = by_bands(shapes, tags, ground.rows(), |band| {
        let number = usize::try_from((band.first_row - first_row) / BAND_ROWS).unwrap_or(usize::MAX);
        grounds.get(number).map(|ground| band_sums(band, ground, groups))
    });
    let mut total = empty(groups);
    let mut variation = Variation::default();
    // In the order of the rows, so that the sums are the same on any number of threads.
    for sums in bands.into_iter().flatten() {
        variation.then(sums.variation);
        add(&mut total, sums.measured);
    }
    scale(&mut total);
    total.error_m2 = variation.error_m2();
    total
}

fn empty(groups: &Groups) -> Measured {
    Measured {
        areas: vec![Share::default(); groups.sub_district.len()],
        sub_districts: vec![Share::default(); groups.sub_districts],
        reaches: vec![Share::default(); groups.docks],
        by_dock_m2: vec![0.0; groups.docks],
        by_day_m2: vec![0.0; groups.days],
        by_sortie_m2: vec![0.0; groups.day.len()],
        ..Measured::default()
    }
}

/// Calls for each entry that a stretch of ground counts for; a sub-district once, however many of its areas
/// lie there.
fn shares(measured: &mut Measured, layers: &[Layer], groups: &Groups, mut count: impl FnMut(&mut Share)) {
    count(&mut measured.all);
    let mut done: Vec<usize> = Vec::new();
    for layer in layers {
        match layer {
            Layer::NoFly => {}
            Layer::Area(area) => {
                count(&mut measured.areas[usize::from(*area)]);
                if let Some(sub_district) = groups.sub_district[usize::from(*area)]
                    && !done.contains(&sub_district)
                {
                    done.push(sub_district);
                    count(&mut measured.sub_districts[sub_district]);
                }
            }
            Layer::Reach(dock) => count(&mut measured.reaches[usize::from(*dock)]),
        }
    }
}

fn band_sums(band: &Band, ground: &[GroundRow], groups: &Groups) -> Sums {
    let mut measured = empty(groups);
    let mut variation = Variation::default();
    let mut in_month = Vec::new();
    let mut reach = Reach::default();
    for (spans, ground) in band.rows.iter().zip(ground) {
        for piece in &ground.pieces {
            let length_m = piece.end_m - piece.start_m;
            shares(&mut measured, ground.layers(piece), groups, |share| share.flyable_m2 += length_m);
            let cell = measured.cells.entry(piece.cell).or_default();
            cell.flyable_m2 += length_m;
            for layer in ground.layers(piece) {
                if let Layer::Area(area) = layer {
                    *cell.area_m2.entry(*area).or_insert(0.0) += length_m;
                }
            }
        }
        let of_month = spans.iter().filter(|span| groups.in_month[span.tag as usize]);
        joined(of_month.clone().map(|span| (span.start_m, span.end_m)), &mut in_month);
        let mut width_m = 0.0;
        for &(start_m, end_m) in &in_month {
            overlaps(ground, start_m, end_m, |piece, length_m| {
                width_m += length_m;
                shares(&mut measured, ground.layers(piece), groups, |share| share.covered_m2 += length_m);
            });
        }
        variation.row(width_m);
        reach.start(groups.docks);
        for span in of_month.clone() {
            if let Some(dock) = groups.dock[span.tag as usize] {
                reach.new_part(dock, span, |start_m, end_m| {
                    overlaps(ground, start_m, end_m, |_, length_m| measured.by_dock_m2[dock] += length_m);
                });
            }
        }
        reach.start(groups.day.len());
        for span in of_month {
            reach.new_part(span.tag as usize, span, |start_m, end_m| {
                overlaps(ground, start_m, end_m, |_, length_m| {
                    measured.by_sortie_m2[span.tag as usize] += length_m;
                });
            });
        }
        reach.start(groups.days);
        for span in spans {
            let day = groups.day[span.tag as usize];
            reach.new_part(day, span, |start_m, end_m| {
                overlaps(ground, start_m, end_m, |piece, length_m| {
                    measured.by_day_m2[day] += length_m;
                    let cell = measured.cells.entry(piece.cell).or_default();
                    *cell.covered_m2.entry(day).or_insert(0.0) += length_m;
                });
            });
        }
    }
    Sums { measured, variation }
}

/// How far along a row each group has come; what lies behind was counted.
#[derive(Default)]
struct Reach {
    end_m: Vec<f64>,
}

impl Reach {
    fn start(&mut self, groups: usize) {
        self.end_m.clear();
        self.end_m.resize(groups, f64::NEG_INFINITY);
    }

    /// Calls for what a span adds to its group; spans come by start.
    fn new_part(&mut self, group: usize, span: &Span, mut count: impl FnMut(f64, f64)) {
        let start_m = span.start_m.max(self.end_m[group]);
        if start_m < span.end_m {
            self.end_m[group] = span.end_m;
            count(start_m, span.end_m);
        }
    }
}

fn overlaps(ground: &GroundRow, start_m: f64, end_m: f64, mut count: impl FnMut(&super::ground::Piece, f64)) {
    let first = ground.pieces.partition_point(|piece| piece.end_m <= start_m);
    for piece in ground.pieces[first..].iter().take_while(|piece| piece.start_m < end_m) {
        let length_m = piece.end_m.min(end_m) - piece.start_m.max(start_m);
        if length_m > 0.0 {
            count(piece, length_m);
        }
    }
}

fn add(total: &mut Measured, band: Measured) {
    let share = |total: &mut Share, band: Share| {
        total.flyable_m2 += band.flyable_m2;
        total.covered_m2 += band.covered_m2;
    };
    share(&mut total.all, band.all);
    for (total, band) in [
        (&mut total.areas, band.areas),
        (&mut total.sub_districts, band.sub_districts),
        (&mut total.reaches, band.reaches),
    ] {
        total.iter_mut().zip(band).for_each(|(total, band)| share(total, band));
    }
    for (total, band) in [
        (&mut total.by_dock_m2, band.by_dock_m2),
        (&mut total.by_day_m2, band.by_day_m2),
        (&mut total.by_sortie_m2, band.by_sortie_m2),
    ] {
        total.iter_mut().zip(band).for_each(|(total, band)| *total += band);
    }
    for (cell, band) in band.cells {
        let total = total.cells.entry(cell).or_default();
        total.flyable_m2 += band.flyable_m2;
        for (area, length_m) in band.area_m2 {
            *total.area_m2.entry(area).or_insert(0.0) += length_m;
        }
        for (day, covered) in band.covered_m2 {
            *total.covered_m2.entry(day).or_insert(0.0) += covered;
        }
    }
}

/// From metres along rows to square metres.
fn scale(total: &mut Measured) {
    let share = |share: &mut Share| {
        share.flyable_m2 *= ROW_M;
        share.covered_m2 *= ROW_M;
    };
    share(&mut total.all);
    [&mut total.areas, &mut total.sub_districts, &mut total.reaches].into_iter().flatten().for_each(share);
    [&mut total.by_dock_m2, &mut total.by_day_m2, &mut total.by_sortie_m2]
        .into_iter()
        .flatten()
        .for_each(|sum| *sum *= ROW_M);
    for cell in total.cells.values_mut() {
        cell.flyable_m2 *= ROW_M;
        cell.area_m2.values_mut().for_each(|sum| *sum *= ROW_M);
        cell.covered_m2.values_mut().for_each(|sum| *sum *= ROW_M);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_called_by_the_area_that_most_of_it_lies_in() {
        let of = |areas: &[(u16, f64)]| CellShare {
            area_m2: areas.iter().copied().collect(),
            ..CellShare::default()
        };
        assert_eq!(of(&[]).area(), None);
        assert_eq!(of(&[(0, 100.0), (1, 9_900.0)]).area(), Some(1));
        assert_eq!(of(&[(3, 5_000.0), (7, 5_000.0)]).area(), Some(3));
    }
}
