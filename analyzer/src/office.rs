//! Papers for an office, as bytes: a Word document in the layout of official letters, and the cells of a
//! table for Excel. No file is written here.
//!
//! The layout follows GB/T 9704-2012 (党政机关公文格式) as far as an internal paper needs it: A4, the
//! text 156 mm wide between margins of 37, 35, 28 and 26 mm, title in 小标宋 of size 2 (22 pt), text in
//! 仿宋 of size 3 (16 pt) with lines of 28 pt, first lines two characters in. A computer without
//! 方正小标宋 shows 宋体 in its place.

use std::io::Cursor;

use docx_rs::{
    AlignmentType, Docx, LineSpacing, LineSpacingType, PageMargin, Paragraph, Run, RunFonts,
    SpecialIndentType, Table, TableCell, TableRow, WidthType,
};

/// Sizes of type in half points.
const TITLE: usize = 44;
const TEXT: usize = 32;
const CELL: usize = 24;

/// 56.7 twentieths of a point are a millimetre.
const fn mm(length: u32) -> u32 {
    length * 567 / 10
}

/// Width of the text in twentieths of a point.
const TEXT_WIDTH: usize = mm(156) as usize;

/// A paper could not be written.
#[derive(Debug, thiserror::Error)]
#[error("the paper cannot be put together: {0}")]
pub struct PaperError(pub String);

/// The text without what XML cannot hold: control characters that an import may have brought along.
fn printable(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control() || *c == '\t')
        .filter(|c| !matches!(c, '\u{fffe}' | '\u{ffff}'))
        .collect()
}

/// A document that grows by paragraphs.
#[derive(Debug)]
pub struct Paper {
    docx: Docx,
}

impl Default for Paper {
    fn default() -> Self {
        Self::new()
    }
}

impl Paper {
    /// An empty sheet.
    pub fn new() -> Self {
        let margin = |length: u32| i32::try_from(mm(length)).unwrap_or(0);
        let margins = PageMargin::new()
            .top(margin(37))
            .bottom(margin(35))
            .left(margin(28))
            .right(margin(26))
            .header(margin(15))
            .footer(margin(25));
        let docx = Docx::new()
            .page_size(mm(210), mm(297))
            .page_margin(margins)
            .default_fonts(fonts("仿宋"))
            .default_size(TEXT);
        Self { docx }
    }

    fn add(mut self, paragraph: Paragraph) -> Self {
        self.docx = self.docx.add_paragraph(paragraph);
        self
    }

    /// A line of the title.
    #[must_use]
    pub fn title(self, text: &str) -> Self {
        let run = Run::new().add_text(printable(text)).size(TITLE).fonts(fonts("方正小标宋简体"));
        self.add(spaced(Paragraph::new().add_run(run).align(AlignmentType::Center), 700))
    }

    /// A line in the middle.
    #[must_use]
    pub fn centred(self, text: &str) -> Self {
        self.add(spaced(Paragraph::new().add_run(run(text)).align(AlignmentType::Center), 560))
    }

    /// A line at the left edge: to whom it goes.
    #[must_use]
    pub fn flush(self, text: &str) -> Self {
        self.add(spaced(Paragraph::new().add_run(run(text)), 560))
    }

    /// A heading within the text.
    #[must_use]
    pub fn heading(self, text: &str) -> Self {
        let run = Run::new().add_text(printable(text)).size(TEXT).fonts(fonts("黑体"));
        let paragraph = Paragraph::new().add_run(run).keep_next(true);
        self.add(spaced(indented(paragraph), 560))
    }

    /// A paragraph.
    #[must_use]
    pub fn text(self, text: &str) -> Self {
        self.add(spaced(indented(Paragraph::new().add_run(run(text))), 560))
    }

    /// A line at the right edge, four characters in: signature and date.
    #[must_use]
    pub fn signature(self, text: &str) -> Self {
        let paragraph = Paragraph::new()
            .add_run(run(text))
            .align(AlignmentType::Right)
            .indent(None, None, Some(1280), None)
            .keep_lines(true);
        self.add(spaced(paragraph, 560))
    }

    /// An empty line.
    #[must_use]
    pub fn blank(self) -> Self {
        self.flush("")
    }

    /// The title of a part that begins on a new page.
    #[must_use]
    pub fn new_page(self, title: &str) -> Self {
        let run = Run::new().add_text(printable(title)).size(TITLE).fonts(fonts("方正小标宋简体"));
        let paragraph = Paragraph::new().add_run(run).align(AlignmentType::Center).page_break_before(true);
        self.add(spaced(paragraph, 700))
    }

    /// A table; `widths` are parts of the text's width, and a row that is shorter has its last cell span
    /// the rest.
    #[must_use]
    pub fn table(mut self, widths: &[usize], rows: &[Vec<String>]) -> Self {
        let all: usize = widths.iter().sum::<usize>().max(1);
        let grid: Vec<usize> = widths.iter().map(|width| width * TEXT_WIDTH / all).collect();
        let rows = rows
            .iter()
            .map(|row| {
                let cells = row
                    .iter()
                    .enumerate()
                    .map(|(column, text)| {
                        let last = column + 1 == row.len();
                        let span = if last { grid.len().saturating_sub(column).max(1) } else { 1 };
                        let width = grid.iter().skip(column).take(span).sum();
                        let mut cell = TableCell::new().width(width, WidthType::Dxa);
                        if span > 1 {
                            cell = cell.grid_span(span);
                        }
                        for line in text.split('\n') {
                            let run = Run::new().add_text(printable(line)).size(CELL).fonts(fonts("仿宋"));
                            cell = cell.add_paragraph(Paragraph::new().add_run(run));
                        }
                        cell
                    })
                    .collect();
                TableRow::new(cells).cant_split()
            })
            .collect();
        self.docx = self.docx.add_table(Table::new(rows).set_grid(grid).width(TEXT_WIDTH, WidthType::Dxa));
        self.blank()
    }

    /// The document's bytes.
    ///
    /// # Errors
    /// If the archive cannot be put together.
    pub fn finish(self) -> Result<Vec<u8>, PaperError> {
        let mut bytes = Cursor::new(Vec::new());
        self.docx.pack(&mut bytes).map_err(|error| PaperError(error.to_string()))?;
        Ok(bytes.into_inner())
    }
}

fn fonts(name: &str) -> RunFonts {
    RunFonts::new().east_asia(name).ascii("Times New Roman").hi_ansi("Times New Roman").hint("eastAsia")
}

fn run(text: &str) -> Run {
    Run::new().add_text(printable(text)).size(TEXT).fonts(fonts("仿宋"))
}

fn indented(paragraph: Paragraph) -> Paragraph {
    // Two characters of 16 pt.
    paragraph.indent(None, Some(SpecialIndentType::FirstLine(640)), None, None)
}

fn spaced(paragraph: Paragraph, line: i32) -> Paragraph {
    paragraph.line_spacing(LineSpacing::new().before(0).after(0).line_rule(LineSpacingType::Exact).line(line))
}

/// A cell for a CSV file that Excel or WPS may open: what they would take for a formula gets an
/// apostrophe in front, so that nothing that came from an import is ever carried out.
pub fn neutral(text: &str) -> String {
    let begins_formula = text
        .trim_start_matches([' ', '\u{3000}'])
        .starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    if begins_formula { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_excel_would_carry_out_is_made_a_text() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =cmd", "＝1+1", "　=1"] {
            assert!(neutral(formula).starts_with('\''), "{formula:?}");
        }
        assert_eq!(neutral("SQ1 = 一中队"), "SQ1 = 一中队");
        assert_eq!(neutral(""), "");
    }

    #[test]
    fn a_control_character_does_not_break_the_document() {
        let bytes = Paper::new().title("甲\u{1}乙").text("a\u{0}b\u{b}c").finish().unwrap();
        assert!(bytes.starts_with(b"PK"));
        assert_eq!(printable("a\u{0}b\u{b}c\u{ffff}"), "abc");
    }
}
