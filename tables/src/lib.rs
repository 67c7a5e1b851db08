//! Tables in, rows of the catalog out.
//!
//! What should exist — units, officers, devices, cases, stages — is kept by the bureaus in
//! spreadsheets. This crate reads what they export: CSV in whichever encoding and with whichever
//! delimiter Excel chose, XLSX, and GeoJSON for areas. It is pure: bytes in, values out, no file
//! and no database. Either every row of a file is good, or nothing is returned but the list of all
//! that is wrong, each with its line, its column, what was found and what is expected.
//!
//! One mechanism serves all kinds. A kind is a list of columns and a function from a row to a
//! value ([`record`]); everything else is shared and stands in the order in which bytes become
//! rows: [`sniff`] and [`decode`] say what the bytes are, [`delimited`] and [`xlsx`] make a
//! [`sheet`] of them, [`heading`] finds the columns, [`cell`] and [`row`] read the values. Areas are
//! no table and have a module of their own, [`areas`].
//!
//! # Limits
//! A file may hold [`MAX_BYTES`] of text (unpacked, for XLSX), [`MAX_ROWS`] rows and [`MAX_COLUMNS`]
//! columns; what goes beyond is refused, not cut.

mod areas;
mod cell;
mod decode;
mod delimited;
mod error;
mod heading;
mod near;
mod record;
mod records;
mod row;
mod sheet;
mod sniff;
mod xlsx;
mod zh;

use catalog::case::{Case, Complaint, Link, Stage};
use catalog::device::{Device, ManifestEntry};
use catalog::drone::{Dock, Sortie};
use catalog::excuse::Excuse;
use catalog::import::{Import, ImportKind, KnownNames};
use catalog::unit::{Officer, Unit};

use error::Problems;
pub use error::{ImportError, MAX_KEPT, MAX_SHOWN, ProblemColumn, RowProblem};
use record::Record;

/// Bytes that a file may hold, an XLSX when unpacked: 512 MiB.
pub const MAX_BYTES: u64 = 512 << 20;

/// Rows that a file may hold, blank ones not counted.
pub const MAX_ROWS: usize = 2_000_000;

/// Columns that a table may have.
pub const MAX_COLUMNS: usize = 256;

/// A table that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Its rows.
    pub import: Import,
    /// The columns that it does not have, by their English headings: it says nothing of them.
    pub absent: Vec<&'static str>,
}

/// Reads a whole file. What it holds is decided by its bytes; its name is only repeated in errors.
///
/// A row may refer to what `known` holds; a unit's parent may stand in the same file. Times without
/// an offset, and date cells of a workbook, are Shanghai's local time.
///
/// # Errors
/// [`ImportError`] lists every bad row.
pub fn read(
    kind: ImportKind,
    file_name: &str,
    bytes: &[u8],
    known: &KnownNames,
) -> Result<Table, ImportError> {
    fn table<R: Record>(
        of: fn(Vec<R>) -> Import,
        bytes: &[u8],
        known: &KnownNames,
        problems: &mut Problems,
    ) -> Option<Table> {
        let (rows, absent) = record::read_all::<R>(bytes, known, problems)?;
        Some(Table { import: of(rows), absent })
    }
    let mut problems = Problems::default();
    let found = &mut problems;
    let table = match kind {
        ImportKind::Units => table::<Unit>(Import::Units, bytes, known, found),
        ImportKind::Officers => table::<Officer>(Import::Officers, bytes, known, found),
        ImportKind::Devices => table::<Device>(Import::Devices, bytes, known, found),
        ImportKind::Cases => table::<Case>(Import::Cases, bytes, known, found),
        ImportKind::Stages => table::<Stage>(Import::Stages, bytes, known, found),
        ImportKind::Complaints => table::<Complaint>(Import::Complaints, bytes, known, found),
        ImportKind::Links => table::<Link>(Import::Links, bytes, known, found),
        ImportKind::Excuses => table::<Excuse>(Import::Excuses, bytes, known, found),
        ImportKind::Manifest => table::<ManifestEntry>(Import::Manifest, bytes, known, found),
        ImportKind::Docks => table::<Dock>(Import::Docks, bytes, known, found),
        ImportKind::Areas => {
            let areas = areas::read_all(bytes, found);
            areas.map(|areas| Table { import: Import::Areas(areas), absent: Vec::new() })
        }
        ImportKind::Sorties => table::<Sortie>(Import::Sorties, bytes, known, found),
    };
    match table {
        Some(table) if problems.is_empty() => Ok(table),
        _ => Err(problems.into_error(file_name, kind)),
    }
}

/// A file to start from: the headings of a kind and one made-up row. CSV with a byte order mark, so
/// that Excel shows Chinese; GeoJSON for areas.
pub fn template(kind: ImportKind, chinese: bool) -> String {
    match kind {
        ImportKind::Units => record::template::<Unit>(chinese),
        ImportKind::Officers => record::template::<Officer>(chinese),
        ImportKind::Devices => record::template::<Device>(chinese),
        ImportKind::Cases => record::template::<Case>(chinese),
        ImportKind::Stages => record::template::<Stage>(chinese),
        ImportKind::Complaints => record::template::<Complaint>(chinese),
        ImportKind::Links => record::template::<Link>(chinese),
        ImportKind::Excuses => record::template::<Excuse>(chinese),
        ImportKind::Manifest => record::template::<ManifestEntry>(chinese),
        ImportKind::Docks => record::template::<Dock>(chinese),
        ImportKind::Areas => areas::template(chinese),
        ImportKind::Sorties => record::template::<Sortie>(chinese),
    }
}

/// Writes rows the way [`read`] takes them: CSV with English headings and a byte order mark, GeoJSON
/// for areas.
///
/// Text that a spreadsheet would take for a formula gets an apostrophe before it, which [`read`]
/// takes away again. A bound of a clock's error is rounded up to whole milliseconds.
pub fn write_csv(import: &Import) -> String {
    match import {
        Import::Units(rows) => record::write_all(rows),
        Import::Officers(rows) => record::write_all(rows),
        Import::Devices(rows) => record::write_all(rows),
        Import::Cases(rows) => record::write_all(rows),
        Import::Stages(rows) => record::write_all(rows),
        Import::Complaints(rows) => record::write_all(rows),
        Import::Links(rows) => record::write_all(rows),
        Import::Excuses(rows) => record::write_all(rows),
        Import::Manifest(rows) => record::write_all(rows),
        Import::Docks(rows) => record::write_all(rows),
        Import::Areas(rows) => areas::write_all(rows),
        Import::Sorties(rows) => record::write_all(rows),
    }
}

/// The headings of a kind, each as its English name and its first Chinese one; none for areas, which
/// are no table.
pub fn headings(kind: ImportKind) -> Vec<(&'static str, &'static str)> {
    let columns = match kind {
        ImportKind::Units => Unit::COLUMNS,
        ImportKind::Officers => Officer::COLUMNS,
        ImportKind::Devices => Device::COLUMNS,
        ImportKind::Cases => Case::COLUMNS,
        ImportKind::Stages => Stage::COLUMNS,
        ImportKind::Complaints => Complaint::COLUMNS,
        ImportKind::Links => Link::COLUMNS,
        ImportKind::Excuses => Excuse::COLUMNS,
        ImportKind::Manifest => ManifestEntry::COLUMNS,
        ImportKind::Docks => Dock::COLUMNS,
        ImportKind::Areas => &[],
        ImportKind::Sorties => Sortie::COLUMNS,
    };
    columns.iter().map(|column| (column.name, column.chinese())).collect()
}
