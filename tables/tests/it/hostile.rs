//! Bytes from anywhere end in rows or in a message, never in a panic, and never in all the memory.

use std::io::{Cursor, Write};

use catalog::import::ImportKind;
use proptest::prelude::*;
use rust_xlsxwriter::Workbook;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::{import, refusal};

fn any_kind() -> impl Strategy<Value = ImportKind> {
    prop::sample::select(ImportKind::ALL)
}

fn workbook() -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (column, heading) in (0..).zip(["badge", "name", "unit", "frontline"]) {
        sheet.write_string(0, column, heading).unwrap();
        sheet.write_string(1, column, ["D1", "甲", "SQ-01", "是"][usize::from(column)]).unwrap();
    }
    workbook.save_to_buffer().unwrap()
}

/// The same archive with one part rewritten.
fn with_part(archive: &[u8], part: &str, rewrite: impl Fn(Vec<u8>) -> Vec<u8>) -> Vec<u8> {
    let mut source = ZipArchive::new(Cursor::new(archive)).unwrap();
    let mut target = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..source.len() {
        let mut entry = source.by_index(index).unwrap();
        let name = entry.name().unwrap().into_owned();
        let mut bytes = Vec::new();
        std::io::copy(&mut entry, &mut bytes).unwrap();
        target.start_file(&*name, SimpleFileOptions::default()).unwrap();
        target.write_all(&if name == part { rewrite(bytes) } else { bytes }).unwrap();
    }
    target.finish().unwrap().into_inner()
}

fn replaced(archive: &[u8], part: &str, from: &str, to: &str) -> Vec<u8> {
    with_part(archive, part, |bytes| {
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.contains(from), "{text}");
        text.replacen(from, to, 1).into_bytes()
    })
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(kind in any_kind(), bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Err(error) = import(kind, bytes) {
            prop_assert!(error.total() > 0);
            prop_assert!(!error.to_string().is_empty());
        }
    }

    #[test]
    fn any_table_is_read_or_refused(
        kind in any_kind(),
        cells in prop::collection::vec("[-0-9a-z=\"'\n\u{7f}－中;, ]{0,12}", 0..40),
    ) {
        let headings = tables::headings(kind);
        let mut text: String = headings.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(",");
        for row in cells.chunks(headings.len().max(1)) {
            text.push('\n');
            text.push_str(&row.join(","));
        }
        if let Err(error) = import(kind, text) {
            prop_assert_eq!(error.total(), error.problems().len());
        }
    }

    #[test]
    fn any_json_is_read_or_refused(inner in "[\\[\\]{}:,\"a-z0-9.-]{0,40}") {
        let _ = import(ImportKind::Areas, format!(
            "{{\"features\":[{{\"properties\":{{\"name\":\"a\",\"kind\":\"flyable\"}},\"geometry\":{{\"type\":\"Polygon\",\"coordinates\":{inner}}}}}]}}"
        ));
    }
}

// A workbook takes a while to pack.
proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_workbook_with_changed_bytes_is_read_or_refused(
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut bytes = workbook();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let _ = import(ImportKind::Officers, &bytes);
        bytes.truncate(at);
        prop_assert!(import(ImportKind::Officers, &bytes).is_err());
    }

    #[test]
    fn a_sheet_with_changed_text_is_read_or_refused(
        at in any::<prop::sample::Index>(),
        insert in "[<>/cvr=\"0-9A-Z&;: ]{0,6}",
        part in prop::sample::select(&["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml", "xl/styles.xml"]),
    ) {
        let bytes = with_part(&workbook(), part, |bytes| {
            let at = at.index(bytes.len());
            [&bytes[..at], insert.as_bytes(), &bytes[at..]].concat()
        });
        let _ = import(ImportKind::Officers, bytes);
    }
}

const SHEET: &str = "xl/worksheets/sheet1.xml";

#[test]
fn a_cell_at_the_far_end_of_a_sheet_does_not_reserve_the_way_there() {
    let far = replaced(
        &workbook(),
        SHEET,
        "</sheetData>",
        "<row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row></sheetData>",
    );
    assert!(refusal(ImportKind::Officers, far).contains("too many columns"));
}

#[test]
fn a_string_table_that_boasts_is_refused_before_memory_is_reserved_for_it() {
    let boasting = with_part(&workbook(), "xl/sharedStrings.xml", |bytes| {
        String::from_utf8(bytes)
            .unwrap()
            .replace("uniqueCount=\"8\"", "uniqueCount=\"99999999999999\"")
            .into_bytes()
    });
    let refusal = refusal(ImportKind::Officers, boasting);
    assert!(refusal.contains("more strings than it has room for"), "{refusal}");
}

#[test]
fn references_that_no_sheet_can_have_are_a_damaged_workbook() {
    let refusal =
        refusal(ImportKind::Officers, replaced(&workbook(), SHEET, "r=\"A1\"", "r=\"ZZZZZZZZZZZZ1\""));
    assert!(refusal.contains("damaged workbook"), "{refusal}");
}

#[test]
fn cells_out_of_order_are_refused_rather_than_taken_for_another_column() {
    let refusal = refusal(ImportKind::Officers, replaced(&workbook(), SHEET, "r=\"B2\"", "r=\"A2\""));
    assert!(refusal.contains("not in order"), "{refusal}");
}

#[test]
fn deep_json_is_refused() {
    let deep = format!("{{\"features\":[{}1{}]}}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(import(ImportKind::Areas, deep).is_err());
}
