//! Which column of a file is which: headings in English and Chinese, as the contract has them and as
//! exports of other systems write them.
//!
//! A heading is compared without regard to case, blanks, hyphens, underscores, the width of its
//! letters and parentheses, and a star that marks it as mandatory. A title above the headings, as
//! Chinese tables often have one, is passed over. A column that is not known is an error, because a
//! misspelt heading would otherwise lose a column without a word; only running numbers (序号) are
//! ignored.

use crate::cell::half_width;
use crate::error::{ProblemColumn, Problems, quoted};
use crate::near;
use crate::sheet::{Cell, Row, trimmed};

/// Rows, from the first that is filled, in which the headings are looked for.
pub(crate) const SEARCHED_ROWS: usize = 10;

/// Headings that must be recognised in a row for it to be the row of headings.
const ENOUGH: usize = 2;

/// Headings of columns that only number the rows of a table.
const RUNNING_NUMBERS: &[&str] = &["序号", "行号", "no.", "#"];

/// A column that a kind of table has.
#[derive(Debug)]
pub(crate) struct Column {
    /// Its heading as the contract has it, and its name in messages.
    pub(crate) name: &'static str,
    /// Its Chinese headings, the first of which is the one that we write.
    pub(crate) zh: &'static [&'static str],
    /// Whether every row must fill it.
    pub(crate) required: bool,
    /// Made-up contents, for templates: with English headings, with Chinese ones.
    pub(crate) example: [&'static str; 2],
}

impl Column {
    /// A column that every row must fill.
    pub(crate) const fn required(
        name: &'static str,
        zh: &'static [&'static str],
        example: [&'static str; 2],
    ) -> Self {
        Self { name, zh, required: true, example }
    }

    /// A column that may be empty or absent.
    pub(crate) const fn optional(
        name: &'static str,
        zh: &'static [&'static str],
        example: [&'static str; 2],
    ) -> Self {
        Self { name, zh, required: false, example }
    }

    /// The Chinese heading that we write.
    pub(crate) fn chinese(&self) -> &'static str {
        self.zh.first().copied().unwrap_or(self.name)
    }

    fn is_called(&self, key: &str) -> bool {
        key_of(self.name) == key || self.zh.iter().any(|zh| key_of(zh) == key)
    }
}

/// What is compared of a heading.
fn key_of(heading: &str) -> String {
    half_width(heading)
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '_' | '-' | '*' | ':' | '\u{feff}' | '\u{200b}'))
        .flat_map(char::to_lowercase)
        .collect()
}

fn position_of(cell: &Cell, columns: &[Column]) -> Option<usize> {
    let Cell::Text(text) = cell else { return None };
    let key = key_of(text);
    columns.iter().position(|column| column.is_called(&key))
}

/// How many of the columns a row has as headings.
pub(crate) fn recognised(row: &Row, columns: &[Column]) -> usize {
    let mut found = vec![false; columns.len()];
    for position in row.cells.iter().filter_map(|cell| position_of(cell, columns)) {
        found[position] = true;
    }
    found.into_iter().filter(|&found| found).count()
}

/// The index of the row of headings.
pub(crate) fn find(rows: &[Row], columns: &[Column]) -> Option<usize> {
    rows.iter().take(SEARCHED_ROWS).position(|row| recognised(row, columns) >= ENOUGH)
}

/// The headings as a message lists them.
pub(crate) fn listed(columns: &[Column]) -> String {
    columns
        .iter()
        .map(|column| format!("{} ({})", column.name, column.chinese()))
        .collect::<Vec<_>>()
        .join(", ")
}

/// Where in the file each column stands.
#[derive(Debug)]
pub(crate) struct Heading {
    columns: &'static [Column],
    /// For each of `columns`, its index in the file and its heading there.
    found: Vec<Option<(usize, String)>>,
    /// How many columns of the file have a heading, those between included.
    pub(crate) width: usize,
}

impl Heading {
    /// Reads the row of headings and notes what is wrong with it.
    pub(crate) fn read(row: &Row, columns: &'static [Column], problems: &mut Problems) -> Self {
        let mut heading = Self { columns, found: vec![None; columns.len()], width: 0 };
        let line = Some(row.line);
        for (index, cell) in row.cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
            heading.width = index + 1;
            let text = cell.as_text();
            match position_of(cell, columns) {
                Some(position) => match &heading.found[position] {
                    None => heading.found[position] = Some((index, text.into_owned())),
                    Some((first, _)) => problems.note(
                        line,
                        Some(ProblemColumn::at(Some(columns[position].name), &text, index)),
                        format!("a second column for it; column {} is the first", first + 1),
                        "each column once: delete or rename one of them",
                    ),
                },
                None if RUNNING_NUMBERS.contains(&key_of(&text).as_str()) => {}
                None => {
                    let names = columns.iter().flat_map(|column| column.zh.iter().chain([&column.name]));
                    let hint = near::nearest(&text, names.copied())
                        .map_or(String::new(), |near| format!(" (did you mean {}?)", quoted(near)));
                    problems.note(
                        line,
                        Some(ProblemColumn::at(None, &text, index)),
                        format!("an unknown column{hint}"),
                        format!("one of {}, or no such column: delete it", listed(columns)),
                    );
                }
            }
        }
        for (column, found) in columns.iter().zip(&heading.found) {
            if column.required && found.is_none() {
                problems.note(
                    line,
                    Some(ProblemColumn::missing(column.name, column.chinese())),
                    "no such column",
                    format!(
                        "a column with the heading {} or {}",
                        quoted(column.name),
                        quoted(column.chinese())
                    ),
                );
            }
        }
        heading
    }

    /// The column of that name, if the file has it, and its index in the file.
    pub(crate) fn column(&self, name: &str) -> Option<(&'static Column, usize)> {
        let position = self.columns.iter().position(|column| column.name == name)?;
        let (index, _) = self.found[position].as_ref()?;
        Some((&self.columns[position], *index))
    }

    /// The column of that name as a problem names it.
    pub(crate) fn for_problem(&self, name: &str) -> Option<ProblemColumn> {
        let position = self.columns.iter().position(|column| column.name == name)?;
        let column = &self.columns[position];
        Some(match &self.found[position] {
            Some((index, text)) => {
                // Beside an English heading, the Chinese one helps more than its repetition.
                let text = if trimmed(text).is_ascii() { column.chinese() } else { text };
                ProblemColumn::at(Some(column.name), text, *index)
            }
            None => ProblemColumn::missing(column.name, column.chinese()),
        })
    }
}
