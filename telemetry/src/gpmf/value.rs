//! The numbers of one GPMF item: simple types, and rows of mixed types described by a `TYPE` item.

use super::walk::Item;

/// More columns than any camera writes.
const MAX_COLUMNS: usize = 64;

/// Bytes of one value of a type.
fn width(kind: u8) -> Option<usize> {
    Some(match kind {
        b'b' | b'B' | b'c' => 1,
        b's' | b'S' => 2,
        b'f' | b'F' | b'l' | b'L' | b'q' => 4,
        b'd' | b'j' | b'J' | b'Q' => 8,
        b'G' | b'U' => 16,
        _ => return None,
    })
}

/// One value as a number; `None` for types that hold none, and for infinities.
fn number(kind: u8, bytes: &[u8]) -> Option<f64> {
    let value = match (kind, bytes) {
        (b'b', &[a]) => f64::from(i8::from_be_bytes([a])),
        (b'B', &[a]) => f64::from(a),
        (b's', &[a, b]) => f64::from(i16::from_be_bytes([a, b])),
        (b'S', &[a, b]) => f64::from(u16::from_be_bytes([a, b])),
        (b'l', &[a, b, c, d]) => f64::from(i32::from_be_bytes([a, b, c, d])),
        (b'L', &[a, b, c, d]) => f64::from(u32::from_be_bytes([a, b, c, d])),
        (b'f', &[a, b, c, d]) => f64::from(f32::from_be_bytes([a, b, c, d])),
        (b'q', &[a, b, c, d]) => f64::from(i32::from_be_bytes([a, b, c, d])) / 65_536.0,
        (b'd', _) => f64::from_be_bytes(bytes.try_into().ok()?),
        (b'j', _) => i64::from_be_bytes(bytes.try_into().ok()?) as f64,
        (b'J', _) => u64::from_be_bytes(bytes.try_into().ok()?) as f64,
        (b'Q', _) => i64::from_be_bytes(bytes.try_into().ok()?) as f64 / 4_294_967_296.0,
        _ => return None,
    };
    value.is_finite().then_some(value)
}

/// The types of a row from the text of a `TYPE` item: a letter each, `f[8]` for eight of them.
/// `None` if it makes no sense or is too long.
pub(super) fn columns(text: &[u8]) -> Option<Vec<u8>> {
    let mut columns: Vec<u8> = Vec::new();
    let mut rest = text.iter().copied().take_while(|&byte| byte != 0).peekable();
    while let Some(kind) = rest.next() {
        width(kind)?;
        let mut repeats = 1_usize;
        if rest.next_if_eq(&b'[').is_some() {
            repeats = 0;
            while let Some(digit) = rest.next_if(u8::is_ascii_digit) {
                repeats = repeats.checked_mul(10)?.checked_add(usize::from(digit - b'0'))?;
            }
            rest.next_if_eq(&b']')?;
        }
        if repeats > MAX_COLUMNS - columns.len() {
            return None;
        }
        columns.extend(std::iter::repeat_n(kind, repeats));
    }
    (!columns.is_empty()).then_some(columns)
}

/// The numbers of an item in one flat list, at most [`MAX_COLUMNS`]: a `SCAL`, a `GPSF`.
pub(super) fn flat(item: &Item<'_>) -> Vec<Option<f64>> {
    let Some(width) = width(item.kind) else { return Vec::new() };
    item.data.chunks_exact(width).take(MAX_COLUMNS).map(|bytes| number(item.kind, bytes)).collect()
}

/// The rows of an item, each scaled; a value that is no number, or whose scale is zero, is `None`.
///
/// `None` if the item's element size does not fit its types.
pub(super) fn rows<'a>(
    item: &Item<'a>,
    complex: Option<&[u8]>,
    scale: &'a [Option<f64>],
) -> Option<impl Iterator<Item = Vec<Option<f64>>> + use<'a>> {
    let kinds = if item.kind == b'?' {
        complex?.to_vec()
    } else {
        let width = width(item.kind)?;
        if item.size_bytes == 0 || !item.size_bytes.is_multiple_of(width) {
            return None;
        }
        vec![item.kind; item.size_bytes / width]
    };
    let row_bytes: usize = kinds.iter().filter_map(|&kind| width(kind)).sum();
    if row_bytes == 0 || row_bytes != item.size_bytes {
        return None;
    }
    Some(item.data.chunks_exact(row_bytes).map(move |row| {
        let mut at = 0;
        kinds
            .iter()
            .enumerate()
            .map(|(column, &kind)| {
                let width = width(kind)?;
                let bytes = row.get(at..at + width)?;
                at += width;
                let scale = match scale {
                    [] => 1.0,
                    [one] => (*one)?,
                    many => (*many.get(column)?)?,
                };
                Some(number(kind, bytes)? / scale).filter(|scaled| scaled.is_finite())
            })
            .collect()
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_type_may_repeat_a_letter() {
        assert_eq!(columns(b"LffB\0"), Some(b"LffB".to_vec()));
        assert_eq!(columns(b"f[3]L"), Some(b"fffL".to_vec()));
        for bad in [&b"f[9999999999999999999999]"[..], b"f[65]", b"f[", b"x", b"", b"\0"] {
            assert_eq!(columns(bad), None);
        }
    }

    #[test]
    fn a_scale_of_zero_gives_no_number() {
        let data = 5_i32.to_be_bytes();
        let item = Item { code: *b"TEST", kind: b'l', size_bytes: 4, count: 1, data: &data, offset: 0 };
        let read = |scale: &[Option<f64>]| rows(&item, None, scale).unwrap().collect::<Vec<_>>();
        assert_eq!(read(&[Some(0.0)]), [[None]]);
        assert_eq!(read(&[Some(10.0)]), [[Some(0.5)]]);
        assert_eq!(read(&[]), [[Some(5.0)]]);
    }
}
