//! Lengths and tags as SMPTE ST 336 and MISB ST 0107 write them.

/// What came of reading a length or a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ber {
    /// The value, and how many bytes it took.
    Read(u64, usize),
    /// The bytes end within it.
    Incomplete,
    /// Not a length or tag that anyone writes.
    Bad,
}

/// A length: one byte below 128, or a byte that says how many follow.
pub(super) fn length(bytes: &[u8]) -> Ber {
    match *bytes {
        [] => Ber::Incomplete,
        [short, ..] if short < 0x80 => Ber::Read(u64::from(short), 1),
        [long, ref rest @ ..] => {
            let count = usize::from(long & 0x7f);
            // 0 is the indefinite form, which KLV forbids; more than eight bytes are no length.
            if count == 0 || count > 8 {
                return Ber::Bad;
            }
            let Some(digits) = rest.get(..count) else { return Ber::Incomplete };
            Ber::Read(digits.iter().fold(0, |value, &digit| value << 8 | u64::from(digit)), 1 + count)
        }
    }
}

/// A tag: seven bits a byte, the highest bit set in all but the last.
pub(super) fn tag(bytes: &[u8]) -> Ber {
    let mut value = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        // Four bytes are 28 bits; registered tags have two bytes at most.
        if at == 4 {
            return Ber::Bad;
        }
        value = value << 7 | u64::from(byte & 0x7f);
        if byte < 0x80 {
            return Ber::Read(value, at + 1);
        }
    }
    Ber::Incomplete
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_come_in_a_short_and_a_long_form() {
        assert_eq!(length(&[0x7f, 9]), Ber::Read(127, 1));
        assert_eq!(length(&[0x82, 0x09, 0x63]), Ber::Read(0x963, 3));
        assert_eq!(length(&[0x84, 0, 0, 0, 1]), Ber::Read(1, 5));
        assert_eq!(length(&[0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), Ber::Read(u64::MAX, 9));
        assert_eq!(length(&[0x82, 0x09]), Ber::Incomplete);
        assert_eq!(length(&[]), Ber::Incomplete);
        assert_eq!(length(&[0x80]), Ber::Bad);
        assert_eq!(length(&[0xff]), Ber::Bad);
    }

    #[test]
    fn tags_above_127_take_two_bytes() {
        assert_eq!(tag(&[65]), Ber::Read(65, 1));
        assert_eq!(tag(&[0x81, 0x0e]), Ber::Read(142, 2));
        assert_eq!(tag(&[0x81]), Ber::Incomplete);
        assert_eq!(tag(&[0xff; 5]), Ber::Bad);
    }
}
