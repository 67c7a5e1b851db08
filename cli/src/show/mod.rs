//! Results as text for people, in Chinese and English. JSON needs nothing of this.

mod advice;
pub(crate) mod audit;
pub(crate) mod catalog;
pub(crate) mod coverage;
pub(crate) mod excuse;
pub(crate) mod filing;
pub(crate) mod ingest;
pub(crate) mod inspect;
pub(crate) mod log;
pub(crate) mod notice;
pub(crate) mod policy;
pub(crate) mod probe;
pub(crate) mod reconcile;
pub(crate) mod report;
pub(crate) mod retention;
pub(crate) mod review;
pub(crate) mod sample;
pub(crate) mod user;
pub(crate) mod verify;
pub(crate) mod worker;

use ::catalog::time::Micros;
use comfy_table::{CellAlignment, Table, presets};

use crate::args::Language;

/// A table without lines, its first column to the left and the others as `right` says.
fn table(heading: &[&str], right: &[usize]) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_header(heading.iter().copied());
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 2));
        if right.contains(&index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// The lines of a table without the blanks at their ends.
fn lines(table: &Table) -> String {
    let mut text = String::new();
    for line in table.lines() {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Whole seconds of a length with separators of thousands: `12,345`.
fn seconds(length: Micros) -> String {
    let digits = (length.0 / ::catalog::time::US_PER_S).to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A share in per cent with one digit, `–` of nothing. Never rounded up to 100 while something lacks.
fn percent(part: Micros, whole: Micros) -> String {
    if whole.0 <= 0 {
        return "–".to_owned();
    }
    let permille = i128::from(part.0) * 1000 / i128::from(whole.0);
    format!("{}.{} %", permille / 10, permille % 10)
}

/// Chooses the text of the language.
fn tr(lang: Language, zh: &'static str, en: &'static str) -> &'static str {
    match lang {
        Language::Zh => zh,
        Language::En => en,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_never_rounded_up_to_the_whole() {
        assert_eq!(percent(Micros(999_999), Micros(1_000_000)), "99.9 %");
        assert_eq!(percent(Micros(1_000_000), Micros(1_000_000)), "100.0 %");
        assert_eq!(percent(Micros(0), Micros(0)), "–");
    }

    #[test]
    fn seconds_have_separators() {
        assert_eq!(seconds(Micros::from_s(1_234_567)), "1,234,567");
        assert_eq!(seconds(Micros::from_s(12)), "12");
    }
}
