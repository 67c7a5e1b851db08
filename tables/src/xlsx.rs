//! XLSX (ISO/IEC 29500) to sheets of cells.
//!
//! A workbook is a ZIP archive of XML, and calamine reads it. Three things stand before that, because
//! the file may come from anywhere. The archive is unpacked once to nowhere, to know how large it
//! really is, whatever it declares. The string table's declared length is compared with its size,
//! because calamine reserves memory for it. And calamine computes with cell references unchecked, so a
//! panic there is caught and becomes a complaint about the file.
//!
//! Cells are taken one by one and never as a range, which would reserve room for every cell between
//! the first and the last.

use std::io::{Cursor, Read};
use std::panic::catch_unwind;

use calamine::{DataRef, Reader, SheetType, SheetVisible, Xlsx, XlsxError};
use catalog::{Micros, WallTime};
use zip::ZipArchive;

use crate::error::{Complaint, quoted};
use crate::sheet::{Cell, Row, Sheet};
use crate::{MAX_BYTES, MAX_COLUMNS, MAX_ROWS, sniff};

/// Entries that the archive may have; a workbook has some dozens.
const MAX_ENTRIES: usize = 10_000;

/// Bytes of the shortest string in a string table, `<si/>`.
const SHORTEST_STRING: usize = 5;

/// Memory that a cell takes besides its text.
const CELL_BYTES: u64 = 32;

const MS_PER_DAY: f64 = 86_400_000.0;

/// Days from the zero of the 1900 date system, counted back from March 1900, to 1970.
const DAYS_1900_TO_1970: i64 = 25_569;

/// Days from 1904-01-01 to 1970-01-01.
const DAYS_1904_TO_1970: i64 = 24_107;

/// Reads the visible worksheets.
pub(crate) fn read(bytes: &[u8]) -> Result<Vec<Sheet>, Complaint> {
    measure(bytes, MAX_BYTES)?;
    catch_unwind(|| sheets(bytes)).unwrap_or_else(|_| Err(damaged("its cells contradict one another")))
}

fn damaged(why: &str) -> Complaint {
    Complaint::new(
        format!("a damaged workbook ({why})"),
        "a whole one: open it in Excel or WPS and save it as a new .xlsx (另存为 .xlsx)",
    )
}

/// Unpacks every entry to nowhere, so that what is opened later is known to fit.
fn measure(bytes: &[u8], limit_bytes: u64) -> Result<(), Complaint> {
    let unreadable = |error: &dyn std::fmt::Display| damaged(&error.to_string());
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| unreadable(&error))?;
    let names: Vec<_> = archive.file_names().filter_map(Result::ok).collect();
    sniff::refuse_other_zip(&names.iter().map(|name| &**name).collect::<Vec<_>>())?;
    if archive.len() > MAX_ENTRIES {
        return Err(damaged("it has too many parts"));
    }
    let mut left = limit_bytes;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(|error| unreadable(&error))?;
        let is_string_table = entry
            .name()
            .map_err(|error| unreadable(&error))?
            .to_ascii_lowercase()
            .ends_with("sharedstrings.xml");
        let mut unpacked = Limited { left: &mut left, source: &mut entry };
        if is_string_table {
            let mut table = Vec::new();
            unpacked.read_to_end(&mut table).map_err(|error| unreadable(&error))?;
            check_string_table(&table)?;
        } else {
            std::io::copy(&mut unpacked, &mut std::io::sink()).map_err(|error| unreadable(&error))?;
        }
        if left == 0 {
            return Err(Complaint::new(
                format!("a workbook of {limit_bytes} bytes or more when unpacked"),
                "a smaller one: split it, and take pictures out",
            ));
        }
    }
    Ok(())
}

/// Reads from `source` until nothing is `left` of an allowance that several share.
struct Limited<'a, R> {
    left: &'a mut u64,
    source: &'a mut R,
}

impl<R: Read> Read for Limited<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let room = usize::try_from(*self.left).unwrap_or(usize::MAX).min(buffer.len());
        let read = self.source.read(&mut buffer[..room])?;
        *self.left -= u64::try_from(read).unwrap_or(u64::MAX).min(*self.left);
        Ok(read)
    }
}

/// Refuses a string table that declares more strings than it has room for.
///
/// The text is searched as bytes, so it must be what Excel writes: UTF-8 without control characters,
/// in which no other encoding can hide.
fn check_string_table(table: &[u8]) -> Result<(), Complaint> {
    let odd = || damaged("its string table is no UTF-8");
    let text = std::str::from_utf8(table).map_err(|_| odd())?;
    if text.contains(|c: char| c.is_ascii_control() && !matches!(c, '\t' | '\r' | '\n')) {
        return Err(odd());
    }
    for (at, name) in text.match_indices("uniqueCount") {
        let value = text[at + name.len()..]
            .trim_start_matches(|c: char| c.is_ascii_whitespace() || "='\"+".contains(c));
        let digits = value.split(|c: char| !c.is_ascii_digit()).next().unwrap_or("");
        let declared = digits.trim_start_matches('0');
        let fits = declared.is_empty()
            || declared.parse::<usize>().is_ok_and(|count| count <= table.len() / SHORTEST_STRING);
        if !fits {
            return Err(damaged("its string table declares more strings than it has room for"));
        }
    }
    Ok(())
}

/// The visible worksheets of a workbook that was measured.
fn sheets(bytes: &[u8]) -> Result<Vec<Sheet>, Complaint> {
    let explained = |error: XlsxError| match error {
        XlsxError::Password => Complaint::new("a workbook behind a password", "one without"),
        error => damaged(&error.to_string()),
    };
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(explained)?;
    let names: Vec<String> = workbook
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible)
        .map(|sheet| sheet.name.clone())
        .collect();
    let is_1904 = workbook.has_1904_epoch();
    let mut left = MAX_BYTES;
    names
        .into_iter()
        .map(|name| {
            let mut rows = RowsOfSheet { sheet: &name, rows: Vec::new(), left: &mut left };
            let mut cells = workbook.worksheet_cells_reader(&name).map_err(explained)?;
            while let Some(cell) = cells.next_cell().map_err(explained)? {
                rows.put(cell.get_position(), converted(cell.get_value(), is_1904))?;
            }
            let rows = rows.rows;
            Ok(Sheet { name: Some(name), rows })
        })
        .collect()
}

/// Puts cells that come in order into rows.
struct RowsOfSheet<'a> {
    sheet: &'a str,
    rows: Vec<Row>,
    left: &'a mut u64,
}

impl RowsOfSheet<'_> {
    fn put(&mut self, (row, column): (u32, u32), cell: Cell) -> Result<(), Complaint> {
        if cell.is_empty() {
            return Ok(());
        }
        let line = u64::from(row) + 1;
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        let limit = |found: String, expected: String| {
            Err(Complaint::at(line, format!("sheet {}: {found}", quoted(self.sheet)), expected))
        };
        if column >= MAX_COLUMNS {
            return limit("too many columns".to_owned(), format!("at most {MAX_COLUMNS}"));
        }
        let text_bytes = if let Cell::Text(text) = &cell { text.len() } else { 0 };
        let size_bytes = u64::try_from(text_bytes).unwrap_or(u64::MAX).saturating_add(CELL_BYTES);
        match self.left.checked_sub(size_bytes) {
            Some(left) => *self.left = left,
            None => {
                return limit(
                    format!("more than {MAX_BYTES} bytes of cells"),
                    "a smaller workbook".to_owned(),
                );
            }
        }
        if self.rows.last().is_none_or(|last| last.line < line) {
            if self.rows.len() == MAX_ROWS {
                return limit("one row too many".to_owned(), format!("at most {MAX_ROWS}: split the file"));
            }
            self.rows.push(Row { line, cells: Vec::new() });
        }
        match self.rows.last_mut() {
            Some(last) if last.line == line && last.cells.len() <= column => {
                last.cells.resize(column, Cell::Empty);
                last.cells.push(cell);
                Ok(())
            }
            _ => Err(damaged("its cells are not in order")),
        }
    }
}

fn converted(value: &DataRef<'_>, is_1904: bool) -> Cell {
    match value {
        DataRef::Empty => Cell::Empty,
        DataRef::Int(number) => Cell::Text(number.to_string()),
        DataRef::Float(number) => Cell::Number(*number),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            Cell::Text(text.clone())
        }
        DataRef::SharedString(text) => Cell::Text((*text).to_owned()),
        DataRef::Bool(value) => Cell::Bool(*value),
        DataRef::DateTime(time) if time.is_duration() => Cell::Fault("a length of time"),
        DataRef::DateTime(time) => {
            moment(time.as_f64(), is_1904).map_or(Cell::Fault("a time of day without its date"), Cell::Moment)
        }
        DataRef::Error(_) => Cell::Fault("an error of a formula (such as #N/A)"),
    }
}

/// The moment that a serial number of days means, in Shanghai; to the millisecond, which is as exact as
/// Excel is. `None` before March 1900 (before 1904-01-02 in the 1904 system), where a number is a mere
/// time of day or Excel's calendar is wrong, and after the year 9999.
fn moment(serial: f64, is_1904: bool) -> Option<WallTime> {
    let (first, days_to_1970) = if is_1904 { (1.0, DAYS_1904_TO_1970) } else { (61.0, DAYS_1900_TO_1970) };
    // False for a NaN, too.
    if !(first..2_958_466.0).contains(&serial) {
        return None;
    }
    // Within 2.6e14, so exact.
    #[allow(clippy::cast_possible_truncation)]
    let ms = (serial * MS_PER_DAY).round() as i64;
    let local = Micros::from_ms(ms - days_to_1970 * 86_400_000);
    Some(WallTime(0) + local - Micros::from_s(i64::from(catalog::time::LOCAL_OFFSET_S)))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn an_archive_that_unpacks_to_more_than_the_limit_is_refused() {
        let mut bomb = zip::ZipWriter::new(Cursor::new(Vec::new()));
        bomb.start_file("[Content_Types].xml", zip::write::SimpleFileOptions::default()).unwrap();
        bomb.write_all(&vec![b' '; 1 << 20]).unwrap();
        let bomb = bomb.finish().unwrap().into_inner();
        assert!(bomb.len() < 10_000);
        assert!(measure(&bomb, 2 << 20).is_ok());
        assert!(measure(&bomb, 1 << 20).unwrap_err().found.contains("when unpacked"));
        assert!(measure(&bomb, 1000).unwrap_err().found.contains("when unpacked"));
    }

    #[test]
    fn a_date_cell_is_a_moment_in_shanghai() {
        let at = |text: &str| WallTime::parse(text).ok();
        assert_eq!(moment(45_415.0 + 9.5 / 24.0, false), at("2024-05-03 09:30:00"));
        assert_eq!(moment(45_415.0 - 1_462.0 + 9.5 / 24.0, true), at("2024-05-03 09:30:00"));
        assert_eq!(moment(61.0, false), at("1900-03-01 00:00:00"));
        assert_eq!(moment(0.5, false), None);
        assert_eq!(moment(f64::NAN, false), None);
        assert_eq!(moment(3e6, false), None);
    }

    #[test]
    fn a_string_table_must_have_room_for_what_it_declares() {
        assert!(check_string_table(br#"<sst count="2" uniqueCount="2"><si/><si/></sst>"#).is_ok());
        for bad in [
            br#"<sst uniqueCount="99999999999"></sst>"#.as_slice(),
            br#"<sst uniqueCount = "99999999999999999999999999"></sst>"#,
            b"<sst unique\x1bCount='1'>",
            b"\xff\xfe<\0",
        ] {
            assert!(check_string_table(bad).is_err());
        }
    }
}
