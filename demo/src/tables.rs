//! Writes the import files, each as some office would have exported it: CSV as the contract has it,
//! one CSV from a Chinese Excel (Chinese headings and words, GB18030), one workbook.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use catalog::import::ImportKind;
use catalog::time::WallTime;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook};

use crate::plan::Plan;

/// The import files in the order in which they must be read, each with its name.
pub(crate) const FILES: [(ImportKind, &str); 8] = [
    (ImportKind::Units, "units.csv"),
    (ImportKind::Officers, "officers.csv"),
    (ImportKind::Devices, "devices.csv"),
    (ImportKind::Cases, "cases.xlsx"),
    (ImportKind::Stages, "stages.csv"),
    (ImportKind::Links, "links.csv"),
    (ImportKind::Excuses, "excuses.csv"),
    (ImportKind::Manifest, MANIFEST),
];

const MANIFEST: &str = "manifest.csv";

/// Writes all tables of `plan` but the manifest into `dir`, which is made.
pub(crate) fn write(plan: &Plan, dir: &Path) -> Result<()> {
    fs::create_dir_all(dir).with_context(|| format!("cannot make the folder {}", dir.display()))?;
    for (kind, name) in FILES.into_iter().filter(|(kind, _)| *kind != ImportKind::Manifest) {
        let path = dir.join(name);
        let bytes = match kind {
            ImportKind::Cases => workbook(&cases(plan)?)?,
            ImportKind::Officers => gb18030(&csv(&officers(plan))?)?,
            _ => csv(&plain(kind, plan))?,
        };
        fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// Writes what devices say they recorded: every file that one of the bureau's devices made and that lies in
/// `evidence`, with its size there, and what was never stored.
pub(crate) fn write_manifest(plan: &Plan, dir: &Path, evidence: &Path) -> Result<()> {
    let mut rows = head(&["device", "badge", "file", "starts_at", "ends_at", "size_bytes"]);
    let known = |serial: &String| plan.devices.iter().any(|device| device.serial == *serial);
    for file in plan.recordings.iter().filter(|file| file.copy_of.is_none() && known(&file.device)) {
        let path = evidence.join(&file.key);
        let size_bytes =
            fs::metadata(&path).with_context(|| format!("cannot read {}", path.display()))?.len();
        let ran = file.interval();
        let badge = if file.device.starts_with("UAV") { "" } else { &file.badge };
        let name = file.key.rsplit('/').next().unwrap_or(&file.key);
        rows.push(vec![
            file.device.clone(),
            badge.to_owned(),
            name.to_owned(),
            time(ran.start),
            time(ran.end),
            size_bytes.to_string(),
        ]);
    }
    rows.extend(plan.not_stored.iter().map(|file| {
        vec![
            file.device.clone(),
            file.badge.clone(),
            file.file.clone(),
            time(file.ran.start),
            time(file.ran.end),
            file.size_bytes.to_string(),
        ]
    }));
    let path = dir.join(MANIFEST);
    fs::write(&path, csv(&rows)?).with_context(|| format!("cannot write {}", path.display()))
}

/// Where the tables are, in the order in which they must be read.
pub(crate) fn paths(dir: &Path) -> Vec<(ImportKind, PathBuf)> {
    FILES.iter().map(|(kind, name)| (*kind, dir.join(name))).collect()
}

type Rows = Vec<Vec<String>>;

fn head(headings: &[&str]) -> Rows {
    vec![headings.iter().map(|&heading| heading.to_owned()).collect()]
}

/// Local time as civil servants write it.
pub(crate) fn time(moment: WallTime) -> String {
    moment.local().map(|local| local.format("%Y-%m-%d %H:%M:%S").to_string()).unwrap_or_default()
}

fn time_or_blank(moment: Option<WallTime>) -> String {
    moment.map(time).unwrap_or_default()
}

fn plain(kind: ImportKind, plan: &Plan) -> Rows {
    match kind {
        ImportKind::Units => units(plan),
        ImportKind::Devices => devices(plan),
        ImportKind::Stages => stages(plan),
        ImportKind::Links => links(plan),
        ImportKind::Excuses => excuses(plan),
        _ => Vec::new(),
    }
}

fn units(plan: &Plan) -> Rows {
    let mut rows = head(&["code", "name", "kind", "parent"]);
    rows.extend(plan.units.iter().map(|unit| {
        let parent = unit.parent.clone().unwrap_or_default();
        vec![unit.code.clone(), unit.name.clone(), unit.kind.to_string(), parent]
    }));
    rows
}

fn officers(plan: &Plan) -> Rows {
    let mut rows = head(&["执法证号", "姓名", "所属单位", "是否一线"]);
    rows.extend(plan.officers.iter().map(|officer| {
        let frontline = if officer.frontline { "是" } else { "否" };
        vec![officer.badge.clone(), officer.name.clone(), officer.unit.clone(), frontline.to_owned()]
    }));
    rows
}

fn devices(plan: &Plan) -> Rows {
    let mut rows = head(&["serial", "kind", "unit", "holder", "synced_at", "clock_error_ms"]);
    rows.extend(plan.devices.iter().map(|device| {
        vec![
            device.serial.clone(),
            device.kind.to_string(),
            device.unit.clone(),
            device.holder.clone().unwrap_or_default(),
            time_or_blank(device.synced_at),
            device.clock_error_us.map(|error| (error.0 / 1000).to_string()).unwrap_or_default(),
        ]
    }));
    rows
}

fn stages(plan: &Plan) -> Rows {
    let mut rows = head(&["case_no", "stage_no", "kind", "starts_at", "ends_at", "officers", "place"]);
    rows.extend(plan.stages.iter().map(|planned| {
        let stage = &planned.stage;
        vec![
            stage.case_no.clone(),
            stage.stage_no.to_string(),
            stage.kind.to_string(),
            time(stage.starts_at),
            time(stage.ends_at),
            stage.officers.join(";"),
            stage.place.clone(),
        ]
    }));
    rows
}

fn links(plan: &Plan) -> Rows {
    let mut rows = head(&["case_no", "stage_no", "object_key"]);
    rows.extend(
        plan.links
            .iter()
            .map(|link| vec![link.case_no.clone(), link.stage_no.to_string(), link.object_key.clone()]),
    );
    rows
}

fn excuses(plan: &Plan) -> Rows {
    let mut rows = head(&[
        "case_no",
        "stage_no",
        "reason",
        "note",
        "recorded_by",
        "recorded_at",
        "starts_at",
        "ends_at",
    ]);
    rows.extend(plan.excuses.iter().map(|excuse| {
        vec![
            excuse.case_no.clone(),
            excuse.stage_no.to_string(),
            excuse.reason.to_string(),
            excuse.note.clone(),
            excuse.recorded_by.clone(),
            time(excuse.recorded_at),
            time_or_blank(excuse.starts_at),
            time_or_blank(excuse.ends_at),
        ]
    }));
    rows
}

fn csv(rows: &Rows) -> Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(row)?;
    }
    writer.into_inner().context("cannot finish a table in memory")
}

fn gb18030(utf8: &[u8]) -> Result<Vec<u8>> {
    let text = std::str::from_utf8(utf8)?;
    let (bytes, _, _) = encoding_rs::GB18030.encode(text);
    Ok(bytes.into_owned())
}

/// A cell of the workbook.
enum Cell {
    Text(String),
    Time(ExcelDateTime),
    Blank,
}

impl Cell {
    fn time(moment: Option<WallTime>) -> Result<Self> {
        moment.map_or(Ok(Self::Blank), |moment| Ok(Self::Time(ExcelDateTime::parse_from_str(&time(moment))?)))
    }
}

fn cases(plan: &Plan) -> Result<Vec<[Cell; 6]>> {
    let text = |text: &str| Cell::Text(text.to_owned());
    let headings = ["case_no", "unit", "procedure", "filed_at", "closed_at", "title"].map(text);
    let rows = plan.cases.iter().map(|case| {
        Ok([
            text(&case.case_no),
            text(&case.unit),
            text(case.procedure.as_str()),
            Cell::time(Some(case.filed_at))?,
            Cell::time(case.closed_at)?,
            text(&case.title),
        ])
    });
    std::iter::once(Ok(headings)).chain(rows).collect()
}

fn workbook(rows: &[[Cell; 6]]) -> Result<Vec<u8>> {
    let mut workbook = Workbook::new();
    // A workbook notes when it was made; the demo has no clock.
    let made = ExcelDateTime::parse_from_str(&time(crate::month().start()))?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&made));
    let format = Format::new().set_num_format("yyyy-mm-dd hh:mm:ss");
    let sheet = workbook.add_worksheet();
    for (row, cells) in (0..).zip(rows) {
        for (column, cell) in (0..).zip(cells) {
            match cell {
                Cell::Text(text) => drop(sheet.write_string(row, column, text)?),
                Cell::Time(time) => drop(sheet.write_datetime_with_format(row, column, time, &format)?),
                Cell::Blank => {}
            }
        }
    }
    Ok(workbook.save_to_buffer()?)
}

#[cfg(test)]
mod tests;
