//! The one mechanism behind all kinds of tables: a kind is a list of columns, a function from a row
//! to a value and one back.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use catalog::WallTime;
use catalog::import::KnownNames;

use crate::delimited::guarded;
use crate::error::{Complaint, ProblemColumn, Problems, quoted};
use crate::heading::{self, Column, Heading};
use crate::row::{Noted, RowReader};
use crate::sheet;

/// What a field is when written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Field {
    /// Text, which a spreadsheet must not take for a formula.
    Text(String),
    /// A number.
    Number(String),
}

impl Field {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub(crate) fn optional(text: Option<&String>) -> Self {
        Self::Text(text.cloned().unwrap_or_default())
    }

    pub(crate) fn time(time: WallTime) -> Self {
        Self::Text(time.to_string())
    }

    pub(crate) fn optional_time(time: Option<WallTime>) -> Self {
        Self::Text(time.map(|time| time.to_string()).unwrap_or_default())
    }

    pub(crate) fn number(number: &impl ToString) -> Self {
        Self::Number(number.to_string())
    }

    fn written(&self) -> String {
        match self {
            Self::Text(text) => guarded(text),
            Self::Number(text) => text.clone(),
        }
    }
}

/// What names each row of a file, with the line of the first row of that name.
pub(crate) type Keys = HashMap<Vec<String>, u64>;

/// What a row of a table stands for.
pub(crate) trait Record: Sized {
    /// The columns of the table.
    const COLUMNS: &'static [Column];

    /// The columns in all of which no two rows may agree; every row fills them.
    const KEY: &'static [&'static str];

    /// Reads a row, all fields of it, so that all that is wrong is noted at once.
    fn read(row: &mut RowReader<'_>) -> Result<Self, Noted>;

    /// The fields, in the order of `COLUMNS`.
    fn fields(&self) -> Vec<Field>;

    /// What can be checked only when all rows, each with its line, are there; `keys` are those of all
    /// rows, also of the bad ones, which are not among `rows`.
    fn check_all(
        _rows: &[(u64, Self)],
        _keys: &Keys,
        _known: &KnownNames,
        _heading: &Heading,
        _problems: &mut Problems,
    ) {
    }
}

/// Reads a whole file: its rows, and the columns that it lacks; `None` where there is nothing to go on with. Whether the
/// rows are good, the problems tell.
pub(crate) fn read_all<R: Record>(
    bytes: &[u8],
    known: &KnownNames,
    problems: &mut Problems,
) -> Option<(Vec<R>, Vec<&'static str>)> {
    let sheet = match sheet::read(bytes, R::COLUMNS) {
        Ok(sheet) => sheet,
        Err(complaint) => {
            problems.note_file(complaint);
            return None;
        }
    };
    problems.set_sheet(sheet.name);
    let at = heading::find(&sheet.rows, R::COLUMNS).unwrap_or(0);
    let (first, rows) = sheet.rows.get(at..)?.split_first()?;
    if heading::recognised(first, R::COLUMNS) == 0 {
        let cells: Vec<String> = first.cells.iter().take(8).map(|cell| quoted(&cell.as_text())).collect();
        problems.note_file(Complaint::at(
            first.line,
            format!("no headings, but {}", cells.join(", ")),
            format!("the headings {}", heading::listed(R::COLUMNS)),
        ));
        return None;
    }
    let heading = Heading::read(first, R::COLUMNS, problems);
    if rows.is_empty() {
        problems.note_file(Complaint::at(first.line, "headings and nothing below them", "at least one row"));
        return None;
    }
    let mut records = Vec::with_capacity(rows.len());
    let mut keys = Keys::new();
    for row in rows {
        check_width(&heading, row, problems);
        let mut reader =
            RowReader { heading: &heading, row, known, problems, key_columns: R::KEY, key: Vec::new() };
        let record = R::read(&mut reader);
        check_key(&mut reader, &mut keys);
        records.extend(record.map(|record| (row.line, record)).ok());
    }
    R::check_all(&records, &keys, known, &heading, problems);
    let absent = R::COLUMNS.iter().map(|column| column.name).filter(|name| heading.column(name).is_none());
    Some((records.into_iter().map(|(_, record)| record).collect(), absent.collect()))
}

/// Notes cells beyond the headings: mostly the rest of a text with a comma in it.
fn check_width(heading: &Heading, row: &sheet::Row, problems: &mut Problems) {
    let beyond = row.cells.iter().enumerate().skip(heading.width).find(|(_, cell)| !cell.is_empty());
    if let Some((index, cell)) = beyond {
        let expected = if problems.in_sheet() {
            "a heading above it, or nothing there".to_owned()
        } else {
            format!(
                "{} columns; a text that contains the delimiter stands between quotation marks (\")",
                heading.width
            )
        };
        let column = ProblemColumn::at(None, "", index);
        problems.note(
            Some(row.line),
            Some(column),
            format!("{} beyond the last heading", cell.shown()),
            expected,
        );
    }
}

/// Notes that an earlier row has the name of this one.
fn check_key(row: &mut RowReader<'_>, keys: &mut Keys) {
    let key = std::mem::take(&mut row.key);
    let [first_column, ..] = row.key_columns else { return };
    // Of a part that could not be read, the problem is noted already.
    if key.len() != row.key_columns.len() {
        return;
    }
    match keys.entry(key) {
        Entry::Vacant(free) => {
            free.insert(row.row.line);
        }
        Entry::Occupied(taken) => {
            let values: Vec<String> = row.key_columns.iter().map(|column| row.shown(column)).collect();
            let line_word = row.problems.line_word();
            row.note(
                first_column,
                format!("{}, which {line_word} {} has already", values.join(", "), taken.get()),
                format!("no two rows of the same {}", row.key_columns.join(", ")),
            );
        }
    }
}

/// A table of headings and rows as CSV, with the byte order mark without which Excel garbles Chinese.
fn csv_text(headings: Vec<&'static str>, rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut writer = ::csv::Writer::from_writer(vec![0xef, 0xbb, 0xbf]);
    let write = || {
        writer.write_record(headings)?;
        rows.into_iter().try_for_each(|row| writer.write_record(row))?;
        writer.into_inner().map_err(|error| ::csv::Error::from(error.into_error()))
    };
    // Memory takes every byte, all rows have the length of the headings, and their bytes are UTF-8.
    let bytes = write().expect("writing to memory does not fail");
    String::from_utf8(bytes).expect("what was written is UTF-8")
}

/// Writes rows with English headings.
pub(crate) fn write_all<R: Record>(records: &[R]) -> String {
    csv_text(
        R::COLUMNS.iter().map(|column| column.name).collect(),
        records.iter().map(|record| record.fields().iter().map(Field::written).collect()),
    )
}

/// The headings and one made-up row.
pub(crate) fn template<R: Record>(chinese: bool) -> String {
    csv_text(
        R::COLUMNS.iter().map(|column| if chinese { column.chinese() } else { column.name }).collect(),
        std::iter::once(
            R::COLUMNS.iter().map(|column| column.example[usize::from(chinese)].to_owned()).collect(),
        ),
    )
}
