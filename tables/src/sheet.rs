//! A table before it has a meaning: rows of cells, each row with the number a person sees.

use std::borrow::Cow;

use catalog::WallTime;

use crate::error::{Complaint, quoted};
use crate::heading::{self, Column};
use crate::{MAX_BYTES, decode, delimited, sniff, xlsx};

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    /// Nothing.
    Empty,
    /// Text, as it stands.
    Text(String),
    /// A number of a workbook.
    Number(f64),
    /// True or false of a workbook.
    Bool(bool),
    /// A date with its time of day, of a workbook.
    Moment(WallTime),
    /// Something that no column can use, in words.
    Fault(&'static str),
}

impl Cell {
    /// Whether there is nothing to read.
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) => trimmed(text).is_empty(),
            _ => false,
        }
    }

    /// The cell as text without the blanks around it.
    pub(crate) fn as_text(&self) -> Cow<'_, str> {
        match self {
            Self::Empty => Cow::Borrowed(""),
            Self::Text(text) => Cow::Borrowed(trimmed(text)),
            // Display of an f64 has neither an exponent nor a ".0"; "-0" is the one odd case.
            Self::Number(number) if *number == 0.0 => Cow::Borrowed("0"),
            Self::Number(number) => Cow::Owned(number.to_string()),
            Self::Bool(value) => Cow::Borrowed(if *value { "true" } else { "false" }),
            Self::Moment(moment) => Cow::Owned(moment.to_string()),
            Self::Fault(what) => Cow::Borrowed(what),
        }
    }

    /// The cell as a message repeats it.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Fault(what) => (*what).to_owned(),
            cell if cell.is_empty() => "an empty cell".to_owned(),
            cell => quoted(&cell.as_text()),
        }
    }
}

/// Text without the blanks around it, those included that no one sees.
pub(crate) fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}'))
}

/// One row that is not blank.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    /// The line of the file on which it begins, or the row of the sheet; from 1.
    pub(crate) line: u64,
    /// Its cells; those after the last that is filled may be absent.
    pub(crate) cells: Vec<Cell>,
}

/// A table.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sheet {
    /// Its name, in a workbook.
    pub(crate) name: Option<String>,
    /// Its rows, without the blank ones.
    pub(crate) rows: Vec<Row>,
}

/// Finds the table with these columns in a file.
pub(crate) fn read(bytes: &[u8], columns: &[Column]) -> Result<Sheet, Complaint> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(empty(columns));
    }
    if sniff::is_zip(bytes) {
        return choose(xlsx::read(bytes)?, columns);
    }
    sniff::refuse_binary(bytes)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > MAX_BYTES {
        return Err(Complaint::new(
            format!("{} bytes", bytes.len()),
            format!("at most {MAX_BYTES} bytes: split the file"),
        ));
    }
    let text = decode::text(bytes)?;
    sniff::refuse_other_text(&text)?;
    let sheet = Sheet { name: None, rows: delimited::read(&text, columns)? };
    if sheet.rows.is_empty() { Err(empty(columns)) } else { Ok(sheet) }
}

/// The one sheet of a workbook that is meant: the one whose headings are those of the columns, or the
/// only one that holds anything.
fn choose(sheets: Vec<Sheet>, columns: &[Column]) -> Result<Sheet, Complaint> {
    let mut filled: Vec<Sheet> = sheets.into_iter().filter(|sheet| !sheet.rows.is_empty()).collect();
    if filled.len() > 1 {
        let names = |sheets: &[Sheet]| {
            sheets.iter().filter_map(|sheet| sheet.name.as_deref()).map(quoted).collect::<Vec<_>>().join(", ")
        };
        let all = names(&filled);
        filled.retain(|sheet| heading::find(&sheet.rows, columns).is_some());
        if filled.is_empty() {
            return Err(Complaint::new(
                format!("no sheet with the headings, in {all}"),
                format!("one sheet with the headings {}", heading::listed(columns)),
            ));
        }
        if filled.len() > 1 {
            return Err(Complaint::new(
                format!("{} sheets that fit: {}", filled.len(), names(&filled)),
                "one: delete the others, or save each as a file of its own",
            ));
        }
    }
    filled.pop().ok_or_else(|| empty(columns))
}

fn empty(columns: &[Column]) -> Complaint {
    Complaint::new(
        "an empty file",
        format!("a row of headings ({}) and rows below it", heading::listed(columns)),
    )
}
