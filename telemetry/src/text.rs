//! From bytes to text, and from text to numbers.
//!
//! Sidecars are UTF-8, with or without a byte order mark, or UTF-16 with one, or GB18030 where a
//! Chinese tool touched them. Everything read from them is ASCII, so a wrong guess costs nothing but
//! the degree sign; what matters is that a two-byte character whose second byte looks like `]` does
//! not tear a field apart.

use std::borrow::Cow;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use crate::builder::Builder;
use crate::problem::{Fault, Place};
use crate::sample::LocalClock;

/// How much of a text is read. Subtitles of an hour at 60 Hz have 55 MB.
pub const MAX_TEXT_SIZE_BYTES: usize = 64 << 20;

/// The text of a file. What lies beyond [`MAX_TEXT_SIZE_BYTES`] is left out and said so.
pub(crate) fn decode<'a>(bytes: &'a [u8], builder: &mut Builder) -> Cow<'a, str> {
    let bytes = match bytes.get(..MAX_TEXT_SIZE_BYTES) {
        Some(head) if bytes.len() > head.len() => {
            let limit = u64::try_from(MAX_TEXT_SIZE_BYTES).unwrap_or(u64::MAX);
            let consequence = "the rest was not read".to_owned();
            builder
                .problem(Place::Byte(limit), Fault::Limit { what: "bytes".to_owned(), limit, consequence });
            head
        }
        _ => bytes,
    };
    decode_bounded(bytes)
}

/// [`decode`] without its bound, for callers that have one.
pub(crate) fn decode_bounded(bytes: &[u8]) -> Cow<'_, str> {
    if let Some((encoding, mark_bytes)) = encoding_rs::Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(bytes.get(mark_bytes..).unwrap_or_default()).0;
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    encoding_rs::GB18030
        .decode_without_bom_handling_and_without_replacement(bytes)
        .unwrap_or_else(|| String::from_utf8_lossy(bytes))
}

/// A finite number at the very start of a text, after white space, and what follows it. A unit may
/// follow at once (`0.0M`, `-7.0°`).
pub(crate) fn leading_number(text: &str) -> Option<(f64, &str)> {
    let text = text.trim_start();
    let mut end = 0;
    let mut digits = 0;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'0'..=b'9' => digits += 1,
            b'+' | b'-' if at == 0 => {}
            b'.' if !text.as_bytes()[..at].contains(&b'.') => {}
            _ => break,
        }
        end = at + 1;
    }
    // Twenty digits are more than any device writes, and keep the parse cheap.
    if digits == 0 || end > 40 {
        return None;
    }
    let (number, rest) = text.split_at_checked(end)?;
    let number: f64 = number.parse().ok()?;
    number.is_finite().then_some((number, rest))
}

/// A number that may have a decimal comma (`59,302335`) or commas between thousands (`1,234.5`).
pub(crate) fn number_with_commas(text: &str) -> Option<f64> {
    let text = text.trim();
    if !text.contains(',') {
        return leading_number(text).map(|(number, _)| number);
    }
    let plain = if text.contains('.') { text.replace(',', "") } else { text.replacen(',', ".", 1) };
    leading_number(&plain).map(|(number, _)| number)
}

/// The first date and time of day in a text: `2017.8.5 14:11:51`, `2018-02-19 08:04:51,265,847`,
/// `2021/12/25 12:27:52.373`. The groups after the seconds are milliseconds and microseconds, or a
/// decimal fraction if there is one group.
pub(crate) fn find_clock(text: &str) -> Option<LocalClock> {
    let bytes = text.as_bytes();
    for (colon, _) in text.match_indices(':') {
        // The hour ends at a colon; the date stands before it. 20 bytes hold both.
        let from = colon.saturating_sub(20);
        for start in from..colon {
            let digit_before = start > 0 && bytes[start - 1].is_ascii_digit();
            if digit_before || !bytes[start].is_ascii_digit() {
                continue;
            }
            if let Some(clock) = text.get(start..).and_then(clock_at_start) {
                return Some(clock);
            }
        }
    }
    None
}

/// A date and time of day at the very start of a text.
pub(crate) fn clock_at_start(text: &str) -> Option<LocalClock> {
    let mut rest = text;
    let year = digits(&mut rest, 4..=4)?;
    let separator = rest.chars().next().filter(|letter| matches!(letter, '-' | '.' | '/' | ':'))?;
    skip(&mut rest, separator)?;
    let month = digits(&mut rest, 1..=2)?;
    skip(&mut rest, separator)?;
    let day = digits(&mut rest, 1..=2)?;
    if !rest.starts_with(' ') && !rest.starts_with('T') {
        return None;
    }
    rest = rest.get(1..)?.trim_start_matches(' ');
    let hour = digits(&mut rest, 1..=2)?;
    skip(&mut rest, ':')?;
    let minute = digits(&mut rest, 2..=2)?;
    skip(&mut rest, ':')?;
    let second = digits(&mut rest, 2..=2)?;
    let micro = fraction_us(rest);
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    let time = NaiveTime::from_hms_micro_opt(hour, minute, second, micro)?;
    Some(LocalClock::new(NaiveDateTime::new(date, time)))
}

/// Microseconds in `,265,847` or `.373`; 0 where there is no fraction.
pub(crate) fn fraction_us(text: &str) -> u32 {
    let mut micro = 0;
    let mut weight = 100_000;
    for (at, letter) in text.char_indices() {
        match letter {
            '.' | ',' if at == 0 => {}
            // A second group continues the first only after exactly three digits.
            ',' | '.' if at == 4 => {}
            '0'..='9' if at > 0 && weight > 0 => {
                micro += letter.to_digit(10).unwrap_or(0) * weight;
                weight /= 10;
            }
            _ => break,
        }
    }
    micro
}

/// Takes as many digits as the range allows off the front.
pub(crate) fn digits(rest: &mut &str, how_many: std::ops::RangeInclusive<usize>) -> Option<u32> {
    let found = rest.bytes().take(*how_many.end()).take_while(u8::is_ascii_digit).count();
    if !how_many.contains(&found) {
        return None;
    }
    let (number, tail) = rest.split_at_checked(found)?;
    *rest = tail;
    number.parse().ok()
}

/// Takes one character off the front.
pub(crate) fn skip(rest: &mut &str, letter: char) -> Option<()> {
    *rest = rest.strip_prefix(letter)?;
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_encoding_of_a_sidecar_reads_alike() {
        let text = "F.PRY (2.7°, -7.0°)，高度";
        let utf16: Vec<u8> =
            [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let gbk = encoding_rs::GBK.encode(text).0.into_owned();
        let marked = [b"\xef\xbb\xbf".as_slice(), text.as_bytes()].concat();
        for bytes in [text.as_bytes(), &utf16, &gbk, &marked] {
            assert_eq!(decode_bounded(bytes), text);
        }
        assert_eq!(decode_bounded(b"H 1.0\xff\xffm"), "H 1.0\u{fffd}\u{fffd}m");
    }

    #[test]
    fn numbers_are_read_as_devices_write_them() {
        assert_eq!(leading_number(" -7.0°)"), Some((-7.0, "°)")));
        assert_eq!(leading_number("0.0M"), Some((0.0, "M")));
        assert_eq!(leading_number("1.2.3"), Some((1.2, ".3")));
        for none in ["", "n/a", "-", ".", "inf", "NaN"] {
            assert_eq!(leading_number(none), None, "{none}");
        }
        assert_eq!(number_with_commas("59,302335"), Some(59.302_335));
        assert_eq!(number_with_commas("1,234.5"), Some(1234.5));
        assert_eq!(number_with_commas("-3.5"), Some(-3.5));
    }

    #[test]
    fn clocks_are_found_in_every_generation() {
        for (text, shown) in [
            ("HOME(149.0251,-20.2532) 2017.08.05 14:11:51", "2017-08-05 14:11:51.000"),
            ("x 2017.8.5 14:11:51", "2017-08-05 14:11:51.000"),
            ("DiffTime : 39ms\n2018-02-19 08:04:51,265,847\n", "2018-02-19 08:04:51.265"),
            ("2021-12-25 12:27:52.373", "2021-12-25 12:27:52.373"),
            ("2024-01-01 12:00:00,033", "2024-01-01 12:00:00.033"),
            ("2024/1/1T12:00:00", "2024-01-01 12:00:00.000"),
        ] {
            assert_eq!(find_clock(text).unwrap().to_string(), shown, "{text}");
        }
        assert_eq!(find_clock("2018-02-19 08:04:51,265,847").unwrap().reading_us() % 1_000_000, 265_847);
        for none in ["2024-13-01 12:00:00", "2024-02-30 12:00:00", "24:00:00", "12024-01-01 12:00:00", "::::"]
        {
            assert_eq!(find_clock(none), None, "{none}");
        }
    }
}
