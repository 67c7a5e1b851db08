//! Bytes to text: UTF-8 with or without a byte order mark, UTF-16 with one, and GB18030.
//!
//! Excel on a Chinese Windows saves "CSV" in the system's code page, which GB18030 contains, and
//! "Unicode text" as UTF-16 with a byte order mark. Text that is valid UTF-8 is UTF-8: Chinese text
//! in GB18030 hardly ever is.

use std::borrow::Cow;

use encoding_rs::{GB18030, UTF_16BE, UTF_16LE};

use crate::error::Complaint;

/// Reads `bytes` as text.
pub(crate) fn text(bytes: &[u8]) -> Result<Cow<'_, str>, Complaint> {
    if let Some(rest) = bytes.strip_prefix(b"\xef\xbb\xbf") {
        return std::str::from_utf8(rest).map(Cow::Borrowed).map_err(|error| {
            Complaint::at(
                line_of(rest, error.valid_up_to()),
                "bytes that are no UTF-8, though the file begins as UTF-8",
                "one encoding throughout: save the file again as CSV UTF-8 (另存为 CSV UTF-8)",
            )
        });
    }
    for (mark, encoding) in [(b"\xff\xfe", UTF_16LE), (b"\xfe\xff", UTF_16BE)] {
        if let Some(rest) = bytes.strip_prefix(mark) {
            return encoding.decode_without_bom_handling_and_without_replacement(rest).ok_or_else(|| {
                Complaint::new("damaged UTF-16 text", "a file saved again as CSV UTF-8 (另存为 CSV UTF-8)")
            });
        }
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(error) => {
            GB18030.decode_without_bom_handling_and_without_replacement(bytes).ok_or_else(|| {
                Complaint::at(
                    line_of(bytes, error.valid_up_to()),
                    "bytes that are neither UTF-8 nor GB18030",
                    "a text file: save the table as .xlsx or as CSV UTF-8 (另存为 .xlsx 或 CSV UTF-8)",
                )
            })?
        }
    };
    match text.find('\0') {
        None => Ok(text),
        Some(at) => Err(Complaint::at(
            line_of(text.as_bytes(), at),
            "zero bytes: this is no text, or UTF-16 without a byte order mark",
            "a table saved as .xlsx or as CSV UTF-8 (另存为 .xlsx 或 CSV UTF-8)",
        )),
    }
}

/// The line on which the byte at `offset` stands, from 1.
pub(crate) fn line_of(bytes: &[u8], offset: usize) -> u64 {
    let ends = bytes.iter().take(offset).filter(|&&byte| byte == b'\n').count();
    u64::try_from(ends).unwrap_or(u64::MAX).saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_encoding_gives_the_same_text() {
        let wanted = "执法证号,姓名\n";
        let (gb, _, _) = GB18030.encode(wanted);
        let utf16 = |order: fn(u16) -> [u8; 2]| -> Vec<u8> {
            std::iter::once(0xfeff).chain(wanted.encode_utf16()).flat_map(order).collect()
        };
        let files = [
            wanted.as_bytes().to_vec(),
            [b"\xef\xbb\xbf", wanted.as_bytes()].concat(),
            gb.into_owned(),
            utf16(u16::to_le_bytes),
            utf16(u16::to_be_bytes),
        ];
        for file in files {
            assert_eq!(text(&file).unwrap(), wanted);
        }
    }

    #[test]
    fn what_is_no_text_is_refused_at_its_line() {
        assert_eq!(text(b"a\nb\n\xff\xff\xff").unwrap_err().line, Some(3));
        assert_eq!(text(b"\xef\xbb\xbfa\n\xff").unwrap_err().line, Some(2));
        assert_eq!(text(b"a\n\0").unwrap_err().line, Some(2));
        assert!(text(b"\xff\xfe\x00").is_err());
    }
}
