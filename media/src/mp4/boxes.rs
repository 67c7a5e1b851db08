//! Boxes within bytes at hand (14496-12, 4.2), and checked big-endian reads.

/// A big-endian number of 16 bits at `offset`; `None` past the end.
pub(crate) fn be_u16(bytes: &[u8], offset: usize) -> Option<u16> {
    let end = offset.checked_add(2)?;
    Some(u16::from_be_bytes(bytes.get(offset..end)?.try_into().ok()?))
}

/// A big-endian number of 32 bits at `offset`; `None` past the end.
pub(crate) fn be_u32(bytes: &[u8], offset: usize) -> Option<u32> {
    let end = offset.checked_add(4)?;
    Some(u32::from_be_bytes(bytes.get(offset..end)?.try_into().ok()?))
}

/// A big-endian number of 64 bits at `offset`; `None` past the end.
pub(crate) fn be_u64(bytes: &[u8], offset: usize) -> Option<u64> {
    let end = offset.checked_add(8)?;
    Some(u64::from_be_bytes(bytes.get(offset..end)?.try_into().ok()?))
}

/// A four-character code.
pub(crate) type FourCc = [u8; 4];

/// A four-character code for people: what is not ASCII becomes a dot.
pub(crate) fn show(code: FourCc) -> String {
    code.iter().map(|&b| if b.is_ascii_graphic() || b == b' ' { char::from(b) } else { '.' }).collect()
}

/// The boxes that follow one another in `bytes`: each one's type and body. A box that claims more
/// than there is ends with `bytes`; one that claims less than its own header ends the walk.
pub(crate) fn boxes(bytes: &[u8]) -> impl Iterator<Item = (FourCc, &[u8])> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let size = be_u32(rest, 0)?;
        let kind: FourCc = rest.get(4..8)?.try_into().ok()?;
        let (header, size) = match size {
            0 => (8, rest.len()),
            1 => (16, usize::try_from(be_u64(rest, 8)?).unwrap_or(usize::MAX)),
            size => (8, usize::try_from(size).unwrap_or(usize::MAX)),
        };
        let end = size.min(rest.len());
        let body = rest.get(header..end)?;
        rest = &rest[end..];
        Some((kind, body))
    })
}

/// The body of the first box of this type in `bytes`.
pub(crate) fn find(bytes: &[u8], kind: FourCc) -> Option<&[u8]> {
    boxes(bytes).find(|&(k, _)| k == kind).map(|(_, body)| body)
}

/// The body of the box at the end of this path.
pub(crate) fn descend<'a>(bytes: &'a [u8], path: &[&FourCc]) -> Option<&'a [u8]> {
    path.iter().try_fold(bytes, |body, &&kind| find(body, kind))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn boxed(kind: FourCc, body: &[u8]) -> Vec<u8> {
        let size = u32::try_from(body.len() + 8).unwrap();
        [&size.to_be_bytes()[..], &kind, body].concat()
    }

    #[test]
    fn boxes_are_found_along_a_path() {
        let bytes =
            boxed(*b"moov", &[boxed(*b"free", b"x"), boxed(*b"trak", &boxed(*b"mdia", b"here"))].concat());
        assert_eq!(descend(&bytes, &[b"moov", b"trak", b"mdia"]), Some(&b"here"[..]));
        assert_eq!(descend(&bytes, &[b"moov", b"mdia"]), None);
    }

    #[test]
    fn a_box_longer_than_its_parent_ends_with_it() {
        let mut bytes = boxed(*b"moov", b"abcd");
        bytes[3] = 200;
        assert_eq!(find(&bytes, *b"moov"), Some(&b"abcd"[..]));
    }

    #[test]
    fn a_box_of_sixty_four_bits_and_one_to_the_end_are_read() {
        let long = [&1u32.to_be_bytes()[..], b"mdat", &20u64.to_be_bytes(), b"body"].concat();
        assert_eq!(find(&long, *b"mdat"), Some(&b"body"[..]));
        let open = [&0u32.to_be_bytes()[..], b"mdat", b"to the end"].concat();
        assert_eq!(find(&open, *b"mdat"), Some(&b"to the end"[..]));
    }

    proptest! {
        #[test]
        fn any_bytes_are_walked_to_an_end(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            prop_assert!(boxes(&bytes).count() <= bytes.len() / 8 + 1);
        }
    }
}
