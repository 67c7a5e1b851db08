//! The return as files: JSON for programs, CSV for any table program, XLSX and DOCX for the office.
//!
//! All four say the same. CSV begins with a byte-order mark, so that Excel reads its Chinese, and what
//! Excel would take for a formula is made a text ([`crate::office::neutral`]); in XLSX every text is
//! stored as a text.

use std::collections::BTreeSet;

use catalog::review::Judgement;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError};

use super::document::{ItemDetail, ReturnDocument};
use super::{ApartReason, Basis, CheckStatus, ReturnItem};
use crate::office::{Paper, PaperError, neutral};
use crate::policy::{CORE, Status};

/// The formats in which a return is written.
pub const FORMATS: [&str; 4] = ["csv", "docx", "json", "xlsx"];

/// A file could not be put together.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// There is no such format.
    #[error("the return is written as .json, .xlsx, .docx or .csv, not as .{0}")]
    Format(String),
    /// As JSON.
    #[error("the return cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// As CSV.
    #[error("the return cannot be written as CSV: {0}")]
    Csv(String),
    /// As XLSX.
    #[error("the return cannot be written as XLSX: {0}")]
    Xlsx(#[from] XlsxError),
    /// As DOCX.
    #[error(transparent)]
    Docx(#[from] PaperError),
}

/// The return in one format, named by the ending of a file.
///
/// # Errors
/// For another ending, or if the file cannot be put together.
pub fn file(document: &ReturnDocument, format: &str) -> Result<Vec<u8>, FileError> {
    match format.to_ascii_lowercase().as_str() {
        "json" => {
            let mut bytes = serde_json::to_vec_pretty(document)?;
            bytes.push(b'\n');
            Ok(bytes)
        }
        "csv" => csv_file(document),
        "xlsx" => xlsx_file(document),
        "docx" => docx_file(document),
        other => Err(FileError::Format(other.to_owned())),
    }
}

fn status_zh(status: Option<CheckStatus>) -> &'static str {
    match status {
        Some(CheckStatus::Complete) => "完整",
        Some(CheckStatus::Partial) => "不完整",
        Some(CheckStatus::Missing) => "缺失",
        Some(CheckStatus::Excused) => "已说明",
        None => "环节已不存在",
    }
}

/// What became of an item.
fn outcome_zh(item: &ReturnItem) -> &'static str {
    if item.skipped { "免查（仍计入抽查数）" } else { status_zh(item.status) }
}

/// What an item's figure rests on; of one that nobody looked at there is none.
fn basis_of(item: &ReturnItem, detail: &ItemDetail) -> &'static str {
    if item.skipped { "" } else { basis_zh(detail.basis) }
}

fn basis_zh(basis: Basis) -> &'static str {
    match basis {
        Basis::Machine => "机器初核",
        Basis::Human => "人工复核",
        Basis::Mixed => "人工与机器",
    }
}

fn verdict_zh(verdict: Option<&Judgement>) -> String {
    let Some(verdict) = verdict else { return String::new() };
    let mut text = verdict.outcome.zh().to_owned();
    if !verdict.codes.is_empty() {
        let codes: Vec<_> = verdict.codes.iter().map(|code| code.zh()).collect();
        text.push_str(&format!("：{}", codes.join("、")));
    }
    if !verdict.note.is_empty() {
        text.push_str(&format!("。{}", verdict.note));
    }
    text
}

fn evidence_text(detail: &ItemDetail) -> String {
    let links: Vec<String> = detail
        .evidence
        .iter()
        .map(|link| {
            format!(
                "{}（版本{}，SHA-256 {}）",
                link.object_key,
                link.version,
                link.sha256.get(..16).unwrap_or(&link.sha256)
            )
        })
        .collect();
    links.join("；")
}

fn unconfirmed(document: &ReturnDocument) -> &'static str {
    match document.report.due_status {
        Status::Confirmed => "",
        Status::ToBeConfirmed => "（待核）",
    }
}

/// The lines of the summary: a heading and what it says.
fn summary(document: &ReturnDocument) -> Vec<(String, String)> {
    let report = &document.report;
    let mut lines: Vec<(String, String)> = [
        ("单位", document.district.clone()),
        ("月报", report.title.clone()),
        ("月份", report.month.to_string()),
        ("核查月份", document.base_time_zh()),
        ("报送期限", format!("{}{}", report.due, unconfirmed(document))),
        ("填报内容", report.sentence.clone()),
        ("结论依据", document.basis_zh()),
        ("可信程度", report.bounds.as_ref().map_or_else(String::new, |bounds| bounds.explanation_zh.clone())),
        ("复核一致性", document.agreement.explanation_zh.clone()),
        ("实地检查", format!("区局实地检查中队{}个。", document.units_visited)),
        ("文书开具", document.notices.sentence.clone()),
    ]
    .into_iter()
    .filter(|(_, text)| !text.is_empty())
    .map(|(heading, text)| (heading.to_owned(), text))
    .collect();
    for row in &document.other_checks {
        lines.push((format!("其他抽查：{}", row.kind.zh()), row.sentence.clone()));
    }
    for (heading, text) in [
        ("批次", &report.round),
        ("抽样框摘要", &report.frame_sha256),
        ("随机种子", &report.seed),
        ("核查编号", &document.audit_id),
    ] {
        lines.extend(text.clone().map(|text| (heading.to_owned(), text)));
    }
    lines
}

const ITEM_HEADINGS: [&str; 9] =
    ["序号", "环节", "单位", "结果", "不规范（个）", "依据", "复核结论", "机器初核", "证据"];

fn item_cells(item: &ReturnItem, detail: &ItemDetail) -> [String; 9] {
    [
        item.order.to_string(),
        item.id.clone(),
        item.unit.clone(),
        outcome_zh(item).to_owned(),
        item.irregular.to_string(),
        basis_of(item, detail).to_owned(),
        verdict_zh(detail.verdict.as_ref()),
        format!("{}，不规范{}个", status_zh(detail.machine_status), detail.machine_irregular),
        evidence_text(detail),
    ]
}

const OTHER_HEADINGS: [&str; 6] = ["抽查事项", "对象", "单位", "抽取缘由", "复核结论", "复核意见"];

/// The items of the other checks, one a row.
fn other_rows(document: &ReturnDocument) -> Vec<[String; 6]> {
    let rows =
        document.other_checks.iter().flat_map(|row| row.items.iter().map(move |item| (row.kind, item)));
    rows.map(|(kind, item)| {
        let why = match (item.apart, item.skipped) {
            (Some(ApartReason::Substitute), _) => "替补（不计入数量）".to_owned(),
            (Some(ApartReason::Extra), _) => "加抽（不计入数量）".to_owned(),
            (None, true) => "免查（仍计入抽查数）".to_owned(),
            (None, false) => match item.reason.as_deref() {
                Some(CORE) | None => "随机抽取".to_owned(),
                Some(rule) => format!("按要求补抽（{rule}）"),
            },
        };
        let outcome = match (item.outcome, item.review) {
            (Some(outcome), _) => outcome.zh(),
            (None, Some(state)) => state.zh(),
            (None, None) => "",
        };
        let note = item.note.clone().unwrap_or_default();
        [kind.zh().to_owned(), item.id.clone(), item.unit.clone(), why, outcome.to_owned(), note]
    })
    .collect()
}

fn csv_file(document: &ReturnDocument) -> Result<Vec<u8>, FileError> {
    let failed = |error: csv::Error| FileError::Csv(error.to_string());
    let mut writer = csv::WriterBuilder::new()
        .flexible(true)
        .terminator(csv::Terminator::CRLF)
        .from_writer("\u{feff}".as_bytes().to_vec());
    let mut row = |cells: &[String]| {
        let safe: Vec<String> = cells.iter().map(|cell| neutral(cell)).collect();
        writer.write_record(&safe).map_err(failed)
    };
    for (heading, text) in summary(document) {
        row(&["汇总".to_owned(), heading, text])?;
    }
    let titles = ["单位", "代码", "名称", "抽查（条）", "不规范（个）", "缺失（条）"];
    row(&titles.map(str::to_owned))?;
    for unit in &document.report.units {
        row(&[
            "单位".to_owned(),
            unit.unit.clone(),
            unit.name.clone().unwrap_or_default(),
            unit.sampled.to_string(),
            unit.irregular.to_string(),
            unit.missing.to_string(),
        ])?;
    }
    let mut titles = vec!["明细".to_owned()];
    titles.extend(ITEM_HEADINGS.map(str::to_owned));
    row(&titles)?;
    for (item, detail) in document.report.items.iter().zip(&document.details) {
        let mut cells = vec!["明细".to_owned()];
        cells.extend(item_cells(item, detail));
        row(&cells)?;
    }
    let mut titles = vec!["其他抽查".to_owned()];
    titles.extend(OTHER_HEADINGS.map(str::to_owned));
    row(&titles)?;
    for cells in other_rows(document) {
        row(&[&["其他抽查".to_owned()][..], &cells].concat())?;
    }
    row(&["趋势", "月份", "抽查（条）", "不规范（个）", "缺失（条）"].map(str::to_owned))?;
    for point in &document.trend {
        row(&[
            "趋势".to_owned(),
            point.month.to_string(),
            point.recordings_sampled.to_string(),
            point.irregular_found.to_string(),
            point.missing_found.to_string(),
        ])?;
    }
    writer.into_inner().map_err(|error| FileError::Csv(error.to_string()))
}

/// A name that Excel takes for a sheet: at most 31 characters, without `[]:*?/\`, none twice.
fn sheet_name(wanted: &str, taken: &mut BTreeSet<String>) -> String {
    let clean: String = wanted
        .chars()
        .filter(|c| !c.is_control())
        .map(|c| if "[]:*?/\\'".contains(c) { '_' } else { c })
        .take(26)
        .collect();
    let clean = if clean.is_empty() { "单位".to_owned() } else { clean };
    let mut name = clean.clone();
    let mut number = 2;
    while !taken.insert(name.to_lowercase()) {
        name = format!("{clean}_{number}");
        number += 1;
    }
    name
}

fn count(sheet: &mut Worksheet, row: u32, column: u16, value: u64) -> Result<(), XlsxError> {
    // Counts of recordings are far below 2^53, where a double is exact.
    sheet.write_number(row, column, value as f64).map(|_| ())
}

fn headings(sheet: &mut Worksheet, row: u32, titles: &[&str]) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold().set_align(FormatAlign::Center).set_text_wrap();
    for (column, title) in (0..).zip(titles) {
        sheet.write_string_with_format(row, column, *title, &bold)?;
    }
    Ok(())
}

fn items_sheet<'a>(
    sheet: &mut Worksheet,
    rows: impl Iterator<Item = (&'a ReturnItem, &'a ItemDetail)>,
) -> Result<(), XlsxError> {
    headings(sheet, 0, &ITEM_HEADINGS)?;
    for (column, width) in (0..).zip([6, 22, 10, 10, 10, 10, 40, 20, 60]) {
        sheet.set_column_width(column, width)?;
    }
    for (row, (item, detail)) in (1..).zip(rows) {
        let cells = item_cells(item, detail);
        for (column, cell) in (0..).zip(&cells) {
            match column {
                0 => count(sheet, row, column, item.order)?,
                4 => count(sheet, row, column, u64::from(item.irregular))?,
                _ => {
                    sheet.write_string(row, column, cell)?;
                }
            }
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    Ok(())
}

fn xlsx_file(document: &ReturnDocument) -> Result<Vec<u8>, FileError> {
    let report = &document.report;
    let mut workbook = Workbook::new();
    // The month, not the clock: the same figures give the same file.
    let made = ExcelDateTime::parse_from_str(&format!("{}-01", report.month))?;
    workbook.set_properties(&DocProperties::new().set_title(&report.title).set_creation_datetime(&made));
    let mut taken: BTreeSet<String> =
        ["汇总", "各单位", "明细", "其他抽查", "趋势"].into_iter().map(str::to_owned).collect();

    let wrap = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    let sheet = workbook.add_worksheet().set_name("汇总")?;
    sheet.set_column_width(0, 30)?.set_column_width(1, 90)?;
    for (row, (heading, text)) in (0..).zip(summary(document)) {
        sheet.write_string_with_format(row, 0, &heading, &wrap)?;
        sheet.write_string_with_format(row, 1, &text, &wrap)?;
    }

    let sheet = workbook.add_worksheet().set_name("各单位")?;
    headings(sheet, 0, &["代码", "名称", "抽查（条）", "不规范（个）", "缺失（条）", "本期首次抽到"])?;
    sheet.set_column_width(1, 24)?;
    for (row, unit) in (1..).zip(&report.units) {
        sheet.write_string(row, 0, &unit.unit)?;
        sheet.write_string(row, 1, unit.name.as_deref().unwrap_or(""))?;
        count(sheet, row, 2, unit.sampled)?;
        count(sheet, row, 3, unit.irregular)?;
        count(sheet, row, 4, unit.missing)?;
        sheet.write_string(row, 5, if unit.newly_reached { "是" } else { "" })?;
    }

    let rows = || report.items.iter().zip(&document.details);
    items_sheet(workbook.add_worksheet().set_name("明细")?, rows())?;

    let sheet = workbook.add_worksheet().set_name("其他抽查")?;
    headings(sheet, 0, &OTHER_HEADINGS)?;
    for (column, width) in (0..).zip([28, 22, 10, 24, 12, 40]) {
        sheet.set_column_width(column, width)?;
    }
    for (row, cells) in (1..).zip(other_rows(document)) {
        for (column, cell) in (0..).zip(&cells) {
            sheet.write_string(row, column, cell)?;
        }
    }
    sheet.set_freeze_panes(1, 0)?;

    let sheet = workbook.add_worksheet().set_name("趋势")?;
    headings(sheet, 0, &["月份", "抽查（条）", "不规范（个）", "缺失（条）"])?;
    for (row, point) in (1..).zip(&document.trend) {
        sheet.write_string(row, 0, point.month.to_string())?;
        count(sheet, row, 1, point.recordings_sampled)?;
        count(sheet, row, 2, point.irregular_found)?;
        count(sheet, row, 3, point.missing_found)?;
    }

    for unit in report.units.iter().filter(|unit| unit.sampled > 0) {
        let name = sheet_name(unit.name.as_deref().unwrap_or(&unit.unit), &mut taken);
        let sheet = workbook.add_worksheet().set_name(name)?;
        items_sheet(sheet, rows().filter(|(item, _)| item.unit == unit.unit))?;
    }
    Ok(workbook.save_to_buffer()?)
}

fn docx_file(document: &ReturnDocument) -> Result<Vec<u8>, FileError> {
    let report = &document.report;
    let mut paper = Paper::new()
        .title(&report.title)
        .centred(&format!(
            "（{}年{}月，{}前报送{}）",
            report.month.year(),
            report.month.number(),
            report.due,
            unconfirmed(document)
        ))
        .blank()
        .heading("一、重要制度方面")
        .text(&report.sentence)
        .text(&document.basis_zh());
    if let Some(bounds) = &report.bounds {
        paper = paper.text(&bounds.explanation_zh).text(&document.agreement.explanation_zh);
    }
    paper = paper.heading("二、其他抽查情况");
    if document.other_checks.is_empty() {
        paper = paper.text("本方案未列其他抽查事项。");
    }
    for row in &document.other_checks {
        paper = paper.text(&row.sentence);
    }
    paper = paper
        .heading("三、队伍建设方面")
        .text(&format!("区局实地检查中队{}个。", document.units_visited))
        .heading("四、文书开具情况")
        .text(&document.notices.sentence)
        .heading("五、各单位情况");
    let mut rows = vec![["单位", "抽查（条）", "不规范（个）", "缺失（条）"].map(str::to_owned).to_vec()];
    for unit in &report.units {
        rows.push(vec![
            unit.name.clone().unwrap_or_else(|| unit.unit.clone()),
            unit.sampled.to_string(),
            unit.irregular.to_string(),
            unit.missing.to_string(),
        ]);
    }
    paper = paper.table(&[4, 2, 2, 2], &rows).heading("六、趋势");
    let mut rows = vec![["月份", "抽查（条）", "不规范（个）", "缺失（条）"].map(str::to_owned).to_vec()];
    for point in &document.trend {
        rows.push(vec![
            point.month.to_string(),
            point.recordings_sampled.to_string(),
            point.irregular_found.to_string(),
            point.missing_found.to_string(),
        ]);
    }
    paper = paper.table(&[4, 2, 2, 2], &rows).new_page("附：抽查明细").blank();
    let mut rows = vec![["环节", "单位", "结果", "依据", "复核结论及证据"].map(str::to_owned).to_vec()];
    for (item, detail) in report.items.iter().zip(&document.details) {
        let mut says = verdict_zh(detail.verdict.as_ref());
        for link in &detail.evidence {
            if !says.is_empty() {
                says.push('\n');
            }
            says.push_str(&link.object_key);
        }
        let result = match item.irregular {
            0 => outcome_zh(item).to_owned(),
            count => format!("{}，不规范{count}个", outcome_zh(item)),
        };
        rows.push(vec![item.id.clone(), item.unit.clone(), result, basis_of(item, detail).to_owned(), says]);
    }
    paper = paper.table(&[4, 2, 3, 2, 6], &rows);
    if let (Some(round), Some(frame), Some(seed)) = (&report.round, &report.frame_sha256, &report.seed) {
        paper = paper.text(&format!("批次{round}，抽样框摘要{frame}，随机种子{seed}。"));
    }
    if let Some(audit) = &document.audit_id {
        paper = paper.text(&format!("核查编号{audit}。"));
    }
    Ok(paper.finish()?)
}
