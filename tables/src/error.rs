//! What is wrong with a file, complete and in the words of the person who has to mend it.
//!
//! A problem has a place (sheet, line, column), what stood there and what should have stood there.
//! The same values serve the command line, as text, and a user interface, as JSON.

use std::fmt;

use catalog::import::ImportKind;
use serde::Serialize;

use crate::zh;

/// Problems that the text of an [`ImportError`] shows; the rest is counted.
pub const MAX_SHOWN: usize = 50;

/// Problems of one file that are kept in detail; the rest is counted.
pub const MAX_KEPT: usize = 100_000;

/// Characters of a cell that a problem repeats.
const MAX_QUOTED: usize = 80;

/// A column, as far as a problem needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProblemColumn {
    /// The column's English name; `None` where the heading is not known.
    pub name: Option<&'static str>,
    /// The heading: as it stands in the file or, if it is missing there, in Chinese.
    pub heading: String,
    /// Number of the column in the file, from 1; `None` where it is missing.
    pub number: Option<usize>,
    /// The letters that a spreadsheet shows above that column.
    pub letters: Option<String>,
}

impl ProblemColumn {
    /// A column that stands at `index`, from 0.
    pub(crate) fn at(name: Option<&'static str>, heading: &str, index: usize) -> Self {
        Self {
            name,
            heading: shortened(heading),
            number: Some(index + 1),
            letters: Some(column_letters(index)),
        }
    }

    /// A column that is not there.
    pub(crate) fn missing(name: &'static str, heading: &str) -> Self {
        Self { name: Some(name), heading: heading.to_owned(), number: None, letters: None }
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowProblem {
    /// Name of the sheet; `None` where the file has none.
    pub sheet: Option<String>,
    /// The line of the file, or the row of the sheet, from 1, as an editor or Excel numbers it; a row
    /// of several lines is named by its first. `None` where the whole file is meant.
    pub line: Option<u64>,
    /// The column; `None` where the whole row is meant.
    pub column: Option<ProblemColumn>,
    /// What stands there.
    pub found: String,
    /// What is expected there.
    pub expected: String,
}

impl RowProblem {
    /// The same in Chinese, without the name of the sheet.
    pub fn zh(&self) -> String {
        let line = self.line.map(|line| format!("第{line}行")).unwrap_or_default();
        let column = match &self.column {
            Some(column) if !column.heading.is_empty() => format!("“{}”列", escaped(&column.heading)),
            Some(ProblemColumn { number: Some(number), .. }) => format!("第{number}列"),
            _ => String::new(),
        };
        let place =
            if line.is_empty() && column.is_empty() { String::new() } else { format!("{line}{column}：") };
        format!("{place}现为 {}；应为 {}", zh::of(&self.found), zh::of(&self.expected))
    }

    /// What stands there, in Chinese.
    pub fn found_zh(&self) -> String {
        zh::of(&self.found)
    }

    /// What is expected there, in Chinese.
    pub fn expected_zh(&self) -> String {
        zh::of(&self.expected)
    }
}

impl fmt::Display for RowProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(sheet) = &self.sheet {
            write!(f, "sheet {}, ", quoted(sheet))?;
        }
        if let Some(line) = self.line {
            write!(f, "{} {line}, ", if self.sheet.is_some() { "row" } else { "line" })?;
        }
        if let Some(column) = &self.column {
            f.write_str("column")?;
            match (&self.sheet, column.number, &column.letters) {
                (Some(_), _, Some(letters)) => write!(f, " {letters}")?,
                (_, Some(number), _) => write!(f, " {number}")?,
                _ => {}
            }
            let name = column.name.unwrap_or(&column.heading);
            if !name.is_empty() {
                write!(f, " {}", quoted(name))?;
            }
            if column.name.is_some_and(|name| name != column.heading) {
                write!(f, " ({})", escaped(&column.heading))?;
            }
            f.write_str(", ")?;
        }
        write!(f, "found {}; expected {}", self.found, self.expected)
    }
}

/// Why a file was not imported: everything that is wrong with it.
///
/// As JSON: `file, kind, total, problems[{sheet, line, column{name, heading, number, letters}, found,
/// expected}]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImportError {
    file: String,
    kind: ImportKind,
    total: usize,
    problems: Vec<RowProblem>,
}

impl ImportError {
    /// The file's name, as it was given.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// What the file was to hold.
    pub fn kind(&self) -> ImportKind {
        self.kind
    }

    /// How many problems there are.
    pub fn total(&self) -> usize {
        self.total
    }

    /// The same in Chinese: the file, then a line for each of up to [`MAX_SHOWN`] problems, then how many more there are.
    pub fn zh(&self) -> String {
        let (file, kind) = (escaped(&self.file), self.kind.zh());
        let mut text = format!("{file}未能作为“{kind}”导入，共有{}处问题，全部未导入：", self.total);
        for problem in self.problems.iter().take(MAX_SHOWN) {
            let sheet =
                problem.sheet.as_ref().map_or_else(String::new, |sheet| format!("工作表{}，", quoted(sheet)));
            text.push_str(&format!("\n  {sheet}{}", problem.zh()));
        }
        if self.total > MAX_SHOWN {
            text.push_str(&format!("\n  ……其余{}处从略", self.total - MAX_SHOWN));
        }
        text
    }

    /// The problems in the file's order, up to [`MAX_KEPT`] of them.
    pub fn problems(&self) -> &[RowProblem] {
        &self.problems
    }
}

/// The file, then a line for each of up to [`MAX_SHOWN`] problems, then how many more there are.
impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let things = if self.total == 1 { "1 problem" } else { &format!("{} problems", self.total) };
        write!(
            f,
            "{} was not imported as {} ({}): {things}",
            escaped(&self.file),
            self.kind.as_str(),
            self.kind.zh(),
        )?;
        for problem in self.problems.iter().take(MAX_SHOWN) {
            write!(f, "\n  {problem}")?;
        }
        if self.total > MAX_SHOWN {
            write!(f, "\n  … and {} more", self.total - MAX_SHOWN)?;
        }
        Ok(())
    }
}

impl std::error::Error for ImportError {}

/// Collects the problems of one file.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    sheet: Option<String>,
    total: usize,
    kept: Vec<RowProblem>,
}

impl Problems {
    /// Names the sheet in which the problems from here on stand.
    pub(crate) fn set_sheet(&mut self, sheet: Option<String>) {
        self.sheet = sheet;
    }

    /// Notes a problem.
    pub(crate) fn note(
        &mut self,
        line: Option<u64>,
        column: Option<ProblemColumn>,
        found: impl Into<String>,
        expected: impl Into<String>,
    ) {
        self.total += 1;
        if self.kept.len() < MAX_KEPT {
            let sheet = self.sheet.clone();
            self.kept.push(RowProblem {
                sheet,
                line,
                column,
                found: found.into(),
                expected: expected.into(),
            });
        }
    }

    /// Notes a problem of the whole file.
    pub(crate) fn note_file(&mut self, complaint: Complaint) {
        self.note(complaint.line, None, complaint.found, complaint.expected);
    }

    /// What a line is called: a sheet has rows.
    pub(crate) fn line_word(&self) -> &'static str {
        if self.in_sheet() { "row" } else { "line" }
    }

    /// Whether the rows are those of a workbook's sheet.
    pub(crate) fn in_sheet(&self) -> bool {
        self.sheet.is_some()
    }

    /// Whether nothing is wrong so far.
    pub(crate) fn is_empty(&self) -> bool {
        self.total == 0
    }

    /// Whether a further problem will be shown, so that a hint is worth its time.
    pub(crate) fn worth_a_hint(&self) -> bool {
        self.total < MAX_SHOWN
    }

    /// All of them, in the order in which a reader meets them.
    pub(crate) fn into_error(mut self, file: &str, kind: ImportKind) -> ImportError {
        self.kept.sort_by_key(|problem| {
            (problem.line, problem.column.as_ref().map(|column| column.number.unwrap_or(usize::MAX)))
        });
        ImportError { file: file.to_owned(), kind, total: self.total, problems: self.kept }
    }
}

/// A problem that ends the reading of a file, before there is a sheet to speak of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Complaint {
    pub(crate) line: Option<u64>,
    pub(crate) found: String,
    pub(crate) expected: String,
}

impl Complaint {
    pub(crate) fn new(found: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { line: None, found: found.into(), expected: expected.into() }
    }

    pub(crate) fn at(line: u64, found: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { line: Some(line), ..Self::new(found, expected) }
    }
}

/// Text of a file, safe to print on a terminal.
fn escaped(text: &str) -> String {
    text.chars()
        .flat_map(|c| if c.is_control() { c.escape_default().collect::<Vec<_>>() } else { vec![c] })
        .collect()
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(MAX_QUOTED) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Text of a file as a message repeats it: shortened, without control characters, between backticks.
pub(crate) fn quoted(text: &str) -> String {
    format!("`{}`", escaped(&shortened(text)))
}

/// The letters that a spreadsheet shows above the column at `index`, from 0: A to Z, AA, AB …
fn column_letters(index: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = index;
    loop {
        // Below 26, so it fits a byte.
        letters.push(b'A' + u8::try_from(rest % 26).unwrap_or(0));
        match (rest / 26).checked_sub(1) {
            Some(next) => rest = next,
            None => break,
        }
    }
    letters.iter().rev().map(|&letter| char::from(letter)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_lettered_as_spreadsheets_do() {
        for (index, letters) in
            [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ"), (702, "AAA")]
        {
            assert_eq!(column_letters(index), letters);
        }
    }

    #[test]
    fn what_a_file_holds_cannot_command_a_terminal() {
        assert_eq!(quoted("a\u{1b}[31mb"), "`a\\u{1b}[31mb`");
        assert_eq!(quoted(&"长".repeat(200)).chars().count(), MAX_QUOTED + 3);
    }

    #[test]
    fn fifty_problems_are_shown_and_the_rest_counted() {
        let mut problems = Problems::default();
        for line in 1..=60 {
            problems.note(Some(line), None, "nothing", "something");
        }
        let error = problems.into_error("a.csv", ImportKind::Units);
        let text = error.to_string();
        assert_eq!(error.problems().len(), 60);
        assert_eq!(text.lines().count(), 52);
        assert!(text.ends_with("… and 10 more"), "{text}");
    }
}
