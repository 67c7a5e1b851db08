//! What is written is read as it was, as CSV and as a workbook.

use std::collections::BTreeSet;

use catalog::case::{Case, Complaint, Link, Procedure, Stage, StageKind};
use catalog::device::{Device, DeviceKind, ManifestEntry};
use catalog::drone::{Area, AreaKind, Dock, Sortie, SortieStatus};
use catalog::excuse::{Excuse, ExcuseReason};
use catalog::import::{Import, ImportKind, KnownNames};
use catalog::unit::{Officer, Unit, UnitKind};
use catalog::{Micros, WallTime};
use proptest::prelude::*;
use proptest::sample::select;
use rust_xlsxwriter::Workbook;
use tables::{read, template, write_csv};

/// Free text: quotes, delimiters, formulas, lines, Chinese; no blanks around it.
fn text() -> impl Strategy<Value = String> {
    "[a-z0-9=+@'\"-]([a-z0-9;,\t\n '\"=中队（）－]{0,8}[a-z0-9'\"中])?"
}

fn maybe_text() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), text()]
}

fn code() -> impl Strategy<Value = String> {
    "['=+A-Z0-9-][A-Z0-9'_-]{0,6}"
}

fn file() -> impl Strategy<Value = String> {
    "[=+a-z0-9/中-]{1,12}"
}

fn time() -> impl Strategy<Value = WallTime> {
    (0_i64..4_000_000_000_000_000).prop_map(WallTime)
}

/// A start and a later end.
fn span() -> impl Strategy<Value = (WallTime, WallTime)> {
    (time(), 1_i64..100_000_000_000).prop_map(|(start, length)| (start, start + Micros(length)))
}

fn any_of<T: Copy + std::fmt::Debug + 'static>(all: &'static [T]) -> impl Strategy<Value = T> {
    select(all)
}

/// Some rows, no two with the same key.
fn rows<T: std::fmt::Debug, K: Ord>(
    row: impl Strategy<Value = T>,
    key: impl Fn(&T) -> K,
) -> impl Strategy<Value = Vec<T>> {
    prop::collection::vec(row, 1..6).prop_map(move |mut rows| {
        let mut seen = BTreeSet::new();
        rows.retain(|row| seen.insert(key(row)));
        rows
    })
}

fn units() -> impl Strategy<Value = Import> {
    rows((code(), text(), any_of(UnitKind::ALL), any::<bool>()), |row| row.0.clone()).prop_map(|rows| {
        // A parent stands below its child, which must not matter.
        let codes: Vec<String> = rows.iter().skip(1).map(|row| row.0.clone()).collect();
        let unit = |(place, (code, name, kind, has_parent)): (usize, (String, String, UnitKind, bool))| {
            Unit { code, name, kind, parent: codes.get(place).filter(|_| has_parent).cloned() }
        };
        Import::Units(rows.into_iter().enumerate().map(unit).collect())
    })
}

fn officers() -> impl Strategy<Value = Import> {
    let officer = (code(), text(), code(), any::<bool>())
        .prop_map(|(badge, name, unit, frontline)| Officer { badge, name, unit, frontline });
    rows(officer, |officer| officer.badge.clone()).prop_map(Import::Officers)
}

fn devices() -> impl Strategy<Value = Import> {
    let device = (
        code(),
        any_of(DeviceKind::ALL),
        code(),
        prop::option::of(code()),
        prop::option::of(time()),
        prop::option::of((0_i64..1_000_000).prop_map(Micros::from_ms)),
    )
        .prop_map(|(serial, kind, unit, holder, synced_at, clock_error_us)| Device {
            serial,
            kind,
            unit,
            holder,
            synced_at,
            clock_error_us,
        });
    rows(device, |device| device.serial.clone()).prop_map(Import::Devices)
}

fn cases() -> impl Strategy<Value = Import> {
    let case = (text_of_one_line(), code(), any_of(Procedure::ALL), span(), any::<bool>(), maybe_text())
        .prop_map(|(case_no, unit, procedure, (filed_at, end), closed, title)| Case {
            case_no,
            unit,
            procedure,
            filed_at,
            closed_at: closed.then_some(end),
            title,
        });
    rows(case, |case| case.case_no.clone()).prop_map(Import::Cases)
}

fn text_of_one_line() -> impl Strategy<Value = String> {
    "[a-z0-9=+@'〔-]([a-z0-9;, '\"=号（）－]{0,8}[a-z0-9'号])?"
}

fn stages() -> impl Strategy<Value = Import> {
    let badges = prop::collection::btree_set("[=+A-Z0-9-]{1,5}", 1..4);
    let stage = (text_of_one_line(), 1_u32.., any_of(StageKind::ALL), span(), badges, maybe_text()).prop_map(
        |(case_no, stage_no, kind, (starts_at, ends_at), officers, place)| Stage {
            case_no,
            stage_no,
            kind,
            starts_at,
            ends_at,
            officers: officers.into_iter().rev().collect(),
            place,
        },
    );
    rows(stage, |stage| (stage.case_no.clone(), stage.stage_no)).prop_map(Import::Stages)
}

fn links() -> impl Strategy<Value = Import> {
    let link = (text_of_one_line(), 1_u32.., file()).prop_map(|(case_no, stage_no, object_key)| Link {
        case_no,
        stage_no,
        object_key,
    });
    rows(link, Clone::clone).prop_map(Import::Links)
}

fn complaints() -> impl Strategy<Value = Import> {
    let complaint =
        (text_of_one_line(), 1_u32..).prop_map(|(case_no, repeats)| Complaint { case_no, repeats });
    rows(complaint, |complaint| complaint.case_no.clone()).prop_map(Import::Complaints)
}

fn excuses() -> impl Strategy<Value = Import> {
    let excuse = (
        text_of_one_line(),
        1_u32..,
        any_of(ExcuseReason::ALL),
        maybe_text(),
        text_of_one_line(),
        time(),
        span(),
        any::<[bool; 2]>(),
    )
        .prop_map(|(case_no, stage_no, reason, note, recorded_by, recorded_at, (start, end), given)| {
            Excuse {
                case_no,
                stage_no,
                reason,
                note,
                recorded_by,
                recorded_at,
                starts_at: given[0].then_some(start),
                ends_at: given[1].then_some(end),
            }
        });
    rows(excuse, |excuse| (excuse.case_no.clone(), excuse.stage_no, excuse.reason, excuse.recorded_at))
        .prop_map(Import::Excuses)
}

fn manifest() -> impl Strategy<Value = Import> {
    // A workbook keeps 15 digits of a number.
    let entry = (code(), prop::option::of(code()), file(), span(), 0_u64..1_000_000_000_000_000).prop_map(
        |(device, badge, file, (starts_at, ends_at), size_bytes)| ManifestEntry {
            device,
            badge,
            file,
            starts_at,
            ends_at,
            size_bytes,
        },
    );
    rows(entry, |entry| (entry.device.clone(), entry.file.clone())).prop_map(Import::Manifest)
}

fn docks() -> impl Strategy<Value = Import> {
    let dock = (code(), text(), code(), -180.0..=180.0, -90.0..=90.0, 0.001..=100_000.0)
        .prop_map(|(code, name, unit, lon, lat, radius_m)| Dock { code, name, unit, lon, lat, radius_m });
    rows(dock, |dock| dock.code.clone()).prop_map(Import::Docks)
}

fn areas() -> impl Strategy<Value = Import> {
    // No edge may be longer than half the way around the earth.
    let point = (-90.0..=90.0, -90.0..=90.0).prop_map(|(lon, lat)| [lon, lat]);
    let ring = prop::collection::vec(point, 3..6).prop_map(|mut ring| {
        ring.push(ring[0]);
        ring
    });
    let polygons = prop::collection::vec(prop::collection::vec(ring, 1..3), 1..3);
    let area = (text_of_one_line(), any_of(AreaKind::ALL), prop::option::of(text_of_one_line()), polygons)
        .prop_map(|(name, kind, sub_district, polygons)| Area { name, kind, sub_district, polygons });
    rows(area, |area| area.name.clone()).prop_map(Import::Areas)
}

fn sorties() -> impl Strategy<Value = Import> {
    let sortie = (
        code(),
        prop::option::of(code()),
        code(),
        span(),
        prop::option::of(file()),
        prop::option::of(file()),
        any_of(SortieStatus::ALL),
        prop::option::of(text_of_one_line()),
    )
        .prop_map(|(sortie, dock, device, (took_off_at, landed_at), object_key, track, status, note)| {
            Sortie { sortie, dock, device, took_off_at, landed_at, object_key, track, status, note }
        });
    rows(sortie, |sortie| sortie.sortie.clone()).prop_map(Import::Sorties)
}

/// A catalog that knows everything the rows refer to, and nothing else.
fn known_for(import: &Import) -> KnownNames {
    let mut known = KnownNames::default();
    match import {
        Import::Units(_) | Import::Areas(_) => {}
        Import::Officers(rows) => known.units.extend(rows.iter().map(|row| row.unit.clone())),
        Import::Devices(rows) => {
            known.units.extend(rows.iter().map(|row| row.unit.clone()));
            known.badges.extend(rows.iter().filter_map(|row| row.holder.clone()));
        }
        Import::Cases(rows) => known.units.extend(rows.iter().map(|row| row.unit.clone())),
        Import::Stages(rows) => {
            known.cases.extend(rows.iter().map(|row| row.case_no.clone()));
            known.badges.extend(rows.iter().flat_map(|row| row.officers.clone()));
        }
        Import::Complaints(rows) => known.cases.extend(rows.iter().map(|row| row.case_no.clone())),
        Import::Links(rows) => {
            known.stages.extend(rows.iter().map(|row| (row.case_no.clone(), row.stage_no)));
        }
        Import::Excuses(rows) => {
            known.stages.extend(rows.iter().map(|row| (row.case_no.clone(), row.stage_no)));
        }
        Import::Manifest(rows) => {
            known.devices.extend(rows.iter().map(|row| row.device.clone()));
            known.badges.extend(rows.iter().filter_map(|row| row.badge.clone()));
        }
        Import::Docks(rows) => known.units.extend(rows.iter().map(|row| row.unit.clone())),
        Import::Sorties(rows) => {
            known.devices.extend(rows.iter().map(|row| row.device.clone()));
            known.docks.extend(rows.iter().filter_map(|row| row.dock.clone()));
        }
    }
    known
}

/// The same table as a workbook: text as text, without the apostrophes that guard it in CSV.
fn workbook_of(csv_text: &str) -> Vec<u8> {
    const NUMBERS: [&str; 6] = ["stage_no", "size_bytes", "clock_error_ms", "lon", "lat", "radius_m"];
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    let text = csv_text.strip_prefix('\u{feff}').unwrap_or(csv_text);
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    let table: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    for (row, record) in (0..).zip(&table) {
        for (column, field) in (0..).zip(record) {
            let guarded = field
                .strip_prefix('\'')
                .filter(|rest| rest.starts_with(|c: char| "=+-@'".contains(c) || c.is_ascii_digit()));
            let is_number = NUMBERS.contains(&&table[0][usize::from(column)]);
            match field.parse::<f64>() {
                Ok(number) if is_number && row > 0 => sheet.write_number(row, column, number).unwrap(),
                _ => sheet.write_string(row, column, guarded.unwrap_or(field)).unwrap(),
            };
        }
    }
    workbook.save_to_buffer().unwrap()
}

fn any_import() -> impl Strategy<Value = Import> {
    prop_oneof![
        units(),
        officers(),
        devices(),
        cases(),
        stages(),
        links(),
        complaints(),
        excuses(),
        manifest(),
        docks(),
        sorties()
    ]
}

// A workbook takes a while to pack.
proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_workbook_holds_what_the_csv_held(import in any_import()) {
        let written = workbook_of(&write_csv(&import));
        prop_assert_eq!(read(import.kind(), "a.xlsx", &written, &known_for(&import)).unwrap().import, import);
    }
}

proptest! {
    #[test]
    fn csv_is_read_as_it_was_written(import in any_import()) {
        let written = write_csv(&import);
        prop_assert_eq!(read(import.kind(), "a.csv", written.as_bytes(), &known_for(&import)).unwrap().import, import);
    }

    #[test]
    fn areas_are_read_as_they_were_written(import in areas()) {
        let written = write_csv(&import);
        prop_assert_eq!(read(ImportKind::Areas, "a.geojson", written.as_bytes(), &KnownNames::default()).unwrap().import, import);
    }

    #[test]
    fn no_cell_of_an_export_is_a_formula(import in any_import()) {
        let written = write_csv(&import);
        let mut reader = csv::Reader::from_reader(written.as_bytes());
        for record in reader.records() {
            for field in &record.unwrap() {
                let formula = field.starts_with(['=', '+', '@']) || field.starts_with('-') && field.parse::<f64>().is_err();
                prop_assert!(!formula, "{}", field);
            }
        }
    }
}

#[test]
fn every_template_is_a_file_that_can_be_imported() {
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<BTreeSet<_>>();
    let cases = names(&["EXAMPLE-2024-001", "示例〔2024〕第001号"]);
    let known = KnownNames {
        units: names(&["SQ-EXAMPLE"]),
        badges: names(&["D00001", "D00002"]),
        devices: names(&["BWC-EXAMPLE", "UAV-EXAMPLE"]),
        stages: cases.iter().map(|case_no| (case_no.clone(), 1)).collect(),
        cases,
        docks: names(&["DOCK-EXAMPLE"]),
    };
    for &kind in ImportKind::ALL {
        for chinese in [false, true] {
            let text = template(kind, chinese);
            let import = read(kind, "template", text.as_bytes(), &known)
                .unwrap_or_else(|error| panic!("{error}"))
                .import;
            assert_eq!((import.kind(), import.rows()), (kind, 1));
            assert_eq!(text.chars().any(|c| ('一'..='鿿').contains(&c)), chinese, "{text}");
        }
    }
}
