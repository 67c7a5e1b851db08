//! Lists as tables for Excel and WPS, for whoever wants to go on with them elsewhere: `format=xlsx` at the address of a
//! list gives all that its filters find, in the order that is asked for, under the headings that the pages use.
//!
//! Every text is stored as a text, and what a table program would take for a formula if the table were saved as CSV gets
//! an apostrophe in front ([`neutral`]): much of it was taken in from elsewhere. Times are Shanghai's, lengths whole
//! seconds never rounded up, shares are of what had to be.

use analyzer::office::neutral;
use axum::response::Response;
use catalog::{Micros, WallTime};
use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, XlsxError,
};

use super::download::{self, Kind};
use super::params::Params;
use super::problem::Problem;

/// Rows of a table at most; more is no table that anybody reads, and a filter is at hand.
pub(super) const MOST_ROWS: usize = 100_000;

/// The language of headings and words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    Zh,
    En,
}

impl Language {
    /// Of two texts, the one in this language.
    pub(super) fn of<'t>(self, zh: &'t str, en: &'t str) -> &'t str {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }
}

/// Whether a list is asked for as a table, and in which language: the parameters `format` and `lang`.
pub(super) fn asked(params: &Params) -> Result<Option<Language>, Problem> {
    let language = params.one_of("lang", &[("zh", Language::Zh), ("en", Language::En)])?;
    let table = params.one_of("format", &[("xlsx", ())])?;
    Ok(table.map(|()| language.unwrap_or(Language::Zh)))
}

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    Text(String),
    Number(i64),
    /// A moment, to the second.
    Time(WallTime),
    /// A length, in seconds.
    Length(Micros),
    /// A part of a whole; nothing where there is no whole.
    Share(Micros, Micros),
    Nothing,
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<WallTime> for Cell {
    fn from(time: WallTime) -> Self {
        Self::Time(time)
    }
}

impl From<u64> for Cell {
    fn from(number: u64) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Nothing, Into::into)
    }
}

/// A heading in both languages, and how wide its column is, in digits.
pub(super) type Heading = (&'static str, &'static str, f64);

/// A table.
#[derive(Debug)]
pub(super) struct Sheet {
    pub(super) title: (&'static str, &'static str),
    pub(super) headings: Vec<Heading>,
    pub(super) rows: Vec<Vec<Cell>>,
}

impl Sheet {
    /// The table as an answer, made `at` a moment, named after its title and what it is `of`.
    pub(super) async fn answer(
        self,
        language: Language,
        of: &str,
        at: WallTime,
    ) -> Result<Response, Problem> {
        if self.rows.len() > MOST_ROWS {
            return Err(too_many());
        }
        let title = language.of(self.title.0, self.title.1);
        let of = if of.is_empty() { String::new() } else { format!("-{of}") };
        let name = format!("{title}{of}.xlsx");
        let bytes = tokio::task::spawn_blocking(move || self.write(language, at))
            .await
            .map_err(|error| Problem::internal(&error))?
            .map_err(|error| Problem::internal(&error))?;
        Ok(download::file(bytes, Kind::Xlsx, &name))
    }

    fn write(&self, language: Language, at: WallTime) -> Result<Vec<u8>, XlsxError> {
        let title = language.of(self.title.0, self.title.1);
        let mut workbook = Workbook::new();
        let mut properties = DocProperties::new().set_title(title);
        if let Some(made) = moment(at) {
            properties = properties.set_creation_datetime(&made);
        }
        workbook.set_properties(&properties);
        let heading = Format::new()
            .set_bold()
            .set_align(FormatAlign::Center)
            .set_background_color(Color::RGB(0x00E9_EEF8))
            .set_border_bottom(FormatBorder::Thin);
        let time = Format::new().set_num_format("yyyy-mm-dd hh:mm:ss").set_align(FormatAlign::Left);
        let share = Format::new().set_num_format("0.0%");
        let whole = Format::new().set_num_format("#,##0");
        let sheet = workbook.add_worksheet().set_name(title)?;
        for (column, (zh, en, width)) in (0..).zip(&self.headings) {
            sheet.set_column_width(column, *width)?;
            sheet.write_string_with_format(0, column, language.of(zh, en), &heading)?;
        }
        for (row, cells) in (1..).zip(&self.rows) {
            for (column, cell) in (0..).zip(cells) {
                match cell {
                    Cell::Text(text) => sheet.write_string(row, column, cut(&neutral(text)))?,
                    Cell::Number(number) => {
                        sheet.write_number_with_format(row, column, *number as f64, &whole)?
                    }
                    Cell::Time(at) => match moment(*at) {
                        Some(at) => sheet.write_datetime_with_format(row, column, &at, &time)?,
                        None => continue,
                    },
                    Cell::Length(length) => {
                        let seconds = length.0.div_euclid(1_000_000);
                        sheet.write_number_with_format(row, column, seconds as f64, &whole)?
                    }
                    Cell::Share(part, of) if of.0 > 0 => {
                        // In thousandths and never rounded up, as the pages have it.
                        let permille = (i128::from(part.0) * 1000).div_euclid(i128::from(of.0));
                        sheet.write_number_with_format(row, column, permille as f64 / 1000.0, &share)?
                    }
                    Cell::Share(..) | Cell::Nothing => continue,
                };
            }
        }
        sheet.set_freeze_panes(1, 0)?;
        let last = (u32::try_from(self.rows.len()), u16::try_from(self.headings.len()));
        if let (Ok(row), Ok(columns @ 1..)) = last {
            sheet.autofilter(0, 0, row, columns - 1)?;
        }
        sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0).set_repeat_rows(0, 0)?;
        workbook.save_to_buffer()
    }
}

/// A cell holds 32,767 characters at most.
fn cut(text: &str) -> String {
    text.chars().take(32_767).collect()
}

/// A moment as table programs keep it: Shanghai's clock, without a zone.
fn moment(at: WallTime) -> Option<ExcelDateTime> {
    let local = at.local()?.format("%Y-%m-%dT%H:%M:%S").to_string();
    ExcelDateTime::parse_from_str(&local).ok()
}

/// More than a table holds.
pub(super) fn too_many() -> Problem {
    Problem::parameter(
        "format",
        format!("A table holds {MOST_ROWS} rows at most, and this finds more: narrow it down by a filter."),
        format!("导出表格至多 {MOST_ROWS} 行，当前条件查得的记录超出此数，请先筛选再导出。"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_holds_what_it_was_given_and_no_formula() {
        let sheet = Sheet {
            title: ("案件", "Cases"),
            headings: vec![("案号", "Case number", 20.0), ("时间", "At", 20.0), ("占比", "Share", 10.0)],
            rows: vec![
                vec!["=1+1".into(), WallTime::parse("2024-05-13 09:00").unwrap().into(), Cell::Nothing],
                vec!["罚一".into(), Cell::Nothing, Cell::Share(Micros(999_999), Micros(1_000_000))],
            ],
        };
        let bytes = sheet.write(Language::Zh, WallTime(0)).unwrap();
        let again = sheet.write(Language::Zh, WallTime(0)).unwrap();
        assert_eq!(bytes, again, "the same table gives the same file");
        assert!(bytes.starts_with(b"PK"));
        let english = sheet.write(Language::En, WallTime(0)).unwrap();
        assert_ne!(bytes, english);
    }
}
