//! What a file is that was meant to be a table, by its bytes and never by its name: exports are
//! often named `.xls` and hold HTML, or named `.xlsx` and hold CSV.

use crate::error::Complaint;

/// Compound files (MS-CFB): Excel up to 2003, and workbooks behind a password.
const COMPOUND_FILE: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

/// Other formats that somebody may pick by mistake.
const OTHERS: &[(&[u8], &str)] = &[
    (b"%PDF", "a PDF document"),
    (b"{\\rtf", "an RTF document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"\x09\x08", "an Excel workbook of before 1997 (.xls)"),
    (b"SQLite format 3", "a database"),
];

const SAVE_AS: &str = "a table: open it in Excel or WPS and save it as .xlsx or as CSV UTF-8 \
                       (另存为 .xlsx 或 CSV UTF-8)";

/// Whether the bytes are a ZIP archive, as XLSX is.
pub(crate) fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

/// Complains about bytes that are known to be something else than text.
pub(crate) fn refuse_binary(bytes: &[u8]) -> Result<(), Complaint> {
    if bytes.starts_with(COMPOUND_FILE) {
        let holds = |name: &str| {
            let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
            bytes.windows(name.len()).any(|window| window == name)
        };
        return Err(if holds("EncryptedPackage") {
            Complaint::new(
                "a workbook behind a password",
                "one without: open it, take the password off (文件 → 信息 → 保护工作簿), save it as .xlsx",
            )
        } else if holds("WordDocument") {
            Complaint::new("an old Word document (.doc)", SAVE_AS)
        } else {
            Complaint::new("an old Excel workbook (.xls of 97–2003)", SAVE_AS)
        });
    }
    match OTHERS.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        Some((_, what)) => Err(Complaint::new(*what, SAVE_AS)),
        None => Ok(()),
    }
}

/// Complains about text that is known to be something else than a delimited table.
pub(crate) fn refuse_other_text(text: &str) -> Result<(), Complaint> {
    let start: String = text.trim_start().chars().take(4096).collect::<String>().to_ascii_lowercase();
    if start.starts_with("mime-version:") {
        return Err(Complaint::new("a web archive (.mht)", SAVE_AS));
    }
    if start.starts_with('<') {
        let what = if start.contains("urn:schemas-microsoft-com:office:spreadsheet") {
            "an \"XML Spreadsheet 2003\""
        } else if ["<html", "<!doctype html", "<table", "<body", "<meta"]
            .iter()
            .any(|tag| start.contains(tag))
        {
            "a web page (HTML), perhaps one named .xls"
        } else {
            "an XML document"
        };
        return Err(Complaint::new(what, SAVE_AS));
    }
    if start.starts_with('{') || start.starts_with("[{") || start.starts_with("[[") {
        return Err(Complaint::new("JSON", SAVE_AS));
    }
    Ok(())
}

/// Complains about a ZIP archive with these entries that is no XLSX.
pub(crate) fn refuse_other_zip(names: &[&str]) -> Result<(), Complaint> {
    let has = |wanted: &str| names.iter().any(|name| name.eq_ignore_ascii_case(wanted));
    let starts = |wanted: &str| names.iter().any(|name| name.starts_with(wanted));
    if has("xl/workbook.bin") {
        return Err(Complaint::new("a binary workbook (.xlsb)", SAVE_AS));
    }
    if starts("word/") {
        return Err(Complaint::new("a Word document (.docx)", SAVE_AS));
    }
    if starts("ppt/") {
        return Err(Complaint::new("a presentation (.pptx)", SAVE_AS));
    }
    if has("mimetype") && has("content.xml") {
        return Err(Complaint::new("an OpenDocument file (.ods or .odt)", SAVE_AS));
    }
    if !has("[Content_Types].xml") {
        return Err(Complaint::new("a ZIP archive", "the table inside it: unpack the archive first"));
    }
    Ok(())
}
