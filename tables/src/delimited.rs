//! CSV as Excel, WPS and databases write it (RFC 4180 and what goes beyond): a delimiter that may be
//! a comma, a semicolon or a tab, an optional first line `sep=;`, lines that end in CR, LF or both.
//!
//! Reading is done here and not by the `csv` crate, for two reasons. A quote that is never closed
//! makes that crate take the rest of the file for one field, without a word: thousands of rows would
//! vanish inside a title. And a message must name the line that the user sees, also after fields of
//! several lines. Writing has neither problem, and is left to that crate.

use crate::error::Complaint;
use crate::heading::{self, Column};
use crate::sheet::{Cell, Row};
use crate::{MAX_COLUMNS, MAX_ROWS};

/// In the order of preference, where the headings do not tell.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// Rows in which the headings are looked for to tell the delimiter.
const SAMPLE_ROWS: usize = heading::SEARCHED_ROWS;

/// Reads the rows of a text that are not blank.
pub(crate) fn read(text: &str, columns: &[Column]) -> Result<Vec<Row>, Complaint> {
    let mut rows = Vec::new();
    for row in Records::new(text, columns) {
        let row = row?;
        if row.cells.iter().all(Cell::is_empty) {
            continue;
        }
        if rows.len() == MAX_ROWS {
            return Err(Complaint::at(
                row.line,
                "one row too many",
                format!("at most {MAX_ROWS}: split the file"),
            ));
        }
        rows.push(row);
    }
    Ok(rows)
}

/// The delimiter under which most headings are recognised; without any, the commonest of the first line.
fn delimiter(text: &str, columns: &[Column]) -> u8 {
    let score = |delimiter: u8| {
        let sample = Records::with(text, 1, delimiter);
        let rows: Vec<Row> = sample.take(SAMPLE_ROWS).map_while(Result::ok).collect();
        let recognised = rows.iter().map(|row| heading::recognised(row, columns)).max().unwrap_or(0);
        (recognised, rows.first().map_or(0, |row| row.cells.len()))
    };
    // The first of equals wins, and `max_by_key` gives the last.
    DELIMITERS.into_iter().rev().max_by_key(|&delimiter| score(delimiter)).unwrap_or(b',')
}

/// Goes through a text record by record.
struct Records<'a> {
    text: &'a str,
    at: usize,
    line: u64,
    delimiter: u8,
    broken: bool,
}

impl<'a> Records<'a> {
    fn new(text: &'a str, columns: &[Column]) -> Self {
        let first = text.lines().next().unwrap_or("");
        if let Some(&[delimiter]) =
            first.strip_prefix("sep=").map(|rest| rest.trim_end_matches('\r').as_bytes())
        {
            let rest = &text[first.len()..];
            let rest = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix('\n')).unwrap_or(rest);
            return Self::with(rest, 2, delimiter);
        }
        Self::with(text, 1, delimiter(text, columns))
    }

    fn with(text: &'a str, line: u64, delimiter: u8) -> Self {
        Self { text, at: 0, line, delimiter, broken: false }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Steps over the end of a line, if one stands here.
    fn end_of_line(&mut self) -> bool {
        match self.peek() {
            Some(b'\r') => self.at += if self.text[self.at..].starts_with("\r\n") { 2 } else { 1 },
            Some(b'\n') => self.at += 1,
            _ => return false,
        }
        self.line = self.line.saturating_add(1);
        true
    }

    /// Reads a field between quotes; the first of them stands here.
    fn quoted_field(&mut self) -> Result<String, Complaint> {
        let opened = self.line;
        let mut field = String::new();
        self.at += 1;
        loop {
            let start = self.at;
            while self.peek().is_some_and(|byte| !matches!(byte, b'"' | b'\r' | b'\n')) {
                self.at += 1;
            }
            // Both ends stand next to an ASCII byte or the end, so on boundaries of characters.
            field.push_str(&self.text[start..self.at]);
            let end = self.at;
            if self.end_of_line() {
                field.push_str(&self.text[end..self.at]);
                continue;
            }
            if self.peek().is_none() {
                return Err(Complaint::at(
                    opened,
                    "a quotation mark (\") that is never closed",
                    "a second one where the field ends; a quotation mark inside a field is doubled (\"\")",
                ));
            }
            self.at += 1;
            if self.peek() != Some(b'"') {
                return Ok(field);
            }
            field.push('"');
            self.at += 1;
        }
    }

    fn plain_field(&mut self) -> String {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte != self.delimiter && !matches!(byte, b'\r' | b'\n')) {
            self.at += 1;
        }
        self.text[start..self.at].to_owned()
    }

    fn record(&mut self) -> Result<Row, Complaint> {
        let line = self.line;
        let mut cells = Vec::new();
        loop {
            let field = if self.peek() == Some(b'"') { self.quoted_field()? } else { self.plain_field() };
            if cells.len() == MAX_COLUMNS {
                return Err(Complaint::at(line, "too many columns", format!("at most {MAX_COLUMNS}")));
            }
            cells.push(if field.is_empty() { Cell::Empty } else { Cell::Text(unguarded(field)) });
            if self.peek().is_none() || self.end_of_line() {
                return Ok(Row { line, cells });
            }
            if self.peek() != Some(self.delimiter) {
                return Err(Complaint::at(
                    self.line,
                    "text after a closing quotation mark (\")",
                    format!(
                        "`{}` or the end of the line there; a quotation mark inside a field is doubled (\"\")",
                        char::from(self.delimiter).escape_default()
                    ),
                ));
            }
            self.at += 1;
        }
    }
}

impl Iterator for Records<'_> {
    type Item = Result<Row, Complaint>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.broken || self.at >= self.text.len() {
            return None;
        }
        let record = self.record();
        self.broken = record.is_err();
        Some(record)
    }
}

/// Whether a spreadsheet may take text that begins so for a formula, or we would take it for guarded.
fn needs_guard(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@']) || text.strip_prefix('\'').is_some_and(looks_guarded)
}

fn looks_guarded(text: &str) -> bool {
    text.starts_with(|c: char| matches!(c, '=' | '+' | '-' | '@' | '\'') || c.is_ascii_digit())
}

/// Text that no spreadsheet takes for a formula; [`unguarded`] is the way back.
pub(crate) fn guarded(text: &str) -> String {
    if needs_guard(text) { format!("'{text}") } else { text.to_owned() }
}

/// Takes off what keeps a spreadsheet from changing a text: `'00123` and `="00123"` are 00123.
fn unguarded(field: String) -> String {
    let text = crate::sheet::trimmed(&field);
    if let Some(rest) = text.strip_prefix('\'').filter(|rest| looks_guarded(rest)) {
        return rest.to_owned();
    }
    if let Some(inner) = text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')) {
        return inner.replace("\"\"", "\"");
    }
    field
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn table(text: &str, delimiter: u8) -> Result<Vec<(u64, Vec<String>)>, Complaint> {
        Records::with(text, 1, delimiter)
            .map(|row| {
                let row = row?;
                Ok((row.line, row.cells.iter().map(|cell| cell.as_text().into_owned()).collect()))
            })
            .collect()
    }

    #[test]
    fn lines_are_counted_as_an_editor_counts_them() {
        let text = "a,b\r\n\"1\r\n2\",x\n\ny,\"p\nq\nr\"\rz,\"\"\"\"\n";
        let lines: Vec<_> = table(text, b',').unwrap();
        assert_eq!(lines.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 2, 4, 5, 8]);
        assert_eq!(lines[1].1, ["1\r\n2", "x"]);
        assert_eq!(lines[4].1, ["z", "\""]);
    }

    #[test]
    fn a_quote_that_is_never_closed_is_named_by_the_line_on_which_it_opened() {
        let error = table("a,b\n1,\"x\n2,y\n3,z\n", b',').unwrap_err();
        assert_eq!(error.line, Some(2));
        assert!(error.found.contains("never closed"));
        assert_eq!(table("a,b\n1,\"x\"y\n", b',').unwrap_err().line, Some(2));
    }

    #[test]
    fn guards_of_a_spreadsheet_are_taken_off() {
        for (field, text) in [
            ("'00123", "00123"),
            ("=\"00123\"", "00123"),
            ("\"=\"\"00123\"\"\"", "00123"),
            ("'=1+1", "=1+1"),
            ("'tis", "'tis"),
        ] {
            assert_eq!(table(field, b',').unwrap()[0].1, [text], "{field}");
        }
    }

    proptest! {
        #[test]
        fn a_guard_comes_off_as_it_went_on(text in "['=+@0-9a-z\"-]{0,6}") {
            let field = guarded(&text);
            prop_assert!(!field.starts_with(['=', '+', '-', '@']));
            prop_assert_eq!(unguarded(field), text);
        }

        #[test]
        fn what_the_csv_crate_writes_is_read_as_it_was(
            rows in prop::collection::vec(prop::collection::vec("[a-z,;\"\r\n中 ]{0,5}", 2..4), 0..6)
        ) {
            let mut writer = ::csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
            for row in &rows {
                writer.write_record(row).unwrap();
            }
            let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            let read: Vec<Vec<String>> = table(&text, b',').unwrap().into_iter().map(|(_, cells)| cells).collect();
            let wanted: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|cell| crate::sheet::trimmed(cell).to_owned()).collect()).collect();
            prop_assert_eq!(read, wanted);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[a,\"\r\n;'=中]{0,40}") {
            let _ = table(&text, b',');
        }
    }
}
