//! Where the top-level boxes of a file lie, found by reading their headers alone (14496-12, 4.2).

use std::io;

use super::boxes::{FourCc, be_u32, be_u64};

/// No real recording has as many; a file of ten-byte boxes shall not keep the reader busy.
const BOXES_MAX: usize = 100_000;

/// One top-level box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TopBox {
    /// Its type.
    pub(crate) kind: FourCc,
    /// Where its header begins.
    pub(crate) offset: u64,
    /// Bytes of its header: 8, or 16 with a 64-bit size.
    pub(crate) header_bytes: u64,
    /// Where it says that it ends; the end of the file for one that is open-ended.
    pub(crate) end: u64,
}

impl TopBox {
    /// Where its body begins.
    pub(crate) fn body(&self) -> u64 {
        self.offset.saturating_add(self.header_bytes)
    }
}

/// All top-level boxes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Layout {
    /// In the order of the file.
    pub(crate) boxes: Vec<TopBox>,
    /// Padding boxes whose size is less than a header: read as a header alone.
    pub(crate) undersized: Vec<TopBox>,
    /// Where something stands that is no box, or the rest of a header.
    pub(crate) broken_at: Option<u64>,
}

impl Layout {
    /// The first box of this type.
    pub(crate) fn find(&self, kind: FourCc) -> Option<&TopBox> {
        self.boxes.iter().find(|b| b.kind == kind)
    }

    /// The box that says it ends beyond the end of the file.
    pub(crate) fn cut(&self, size_bytes: u64) -> Option<&TopBox> {
        self.boxes.iter().find(|b| b.end > size_bytes)
    }
}

/// What one header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Header {
    /// A box.
    Box(TopBox),
    /// A padding box with an impossible size.
    Undersized(TopBox),
    /// No box.
    Broken,
}

/// Reads the header in `bytes` (16 of them, or fewer at the end of the file), which stands at
/// `offset` of a file of `size_bytes`.
pub(crate) fn header(bytes: &[u8], offset: u64, size_bytes: u64) -> Header {
    let (Some(size), Some(Ok(kind))) = (be_u32(bytes, 0), bytes.get(4..8).map(FourCc::try_from)) else {
        return Header::Broken;
    };
    if !kind.iter().all(|&b| b == 0xa9 || (0x20..0x7f).contains(&b)) {
        return Header::Broken;
    }
    let (header_bytes, size) = match size {
        0 => (8, size_bytes.saturating_sub(offset)),
        1 => match be_u64(bytes, 8) {
            Some(size) if size >= 16 => (16, size),
            _ => return Header::Broken,
        },
        2..8 if matches!(&kind, b"free" | b"skip" | b"wide") => {
            let end = offset.saturating_add(8);
            return Header::Undersized(TopBox { kind, offset, header_bytes: 8, end });
        }
        2..8 => return Header::Broken,
        size => (8, u64::from(size)),
    };
    Header::Box(TopBox { kind, offset, header_bytes, end: offset.saturating_add(size) })
}

/// Walks from box to box. `read_at` fills as much of its buffer as the file has at the offset, and
/// says how much that was.
pub(crate) fn walk(
    size_bytes: u64,
    mut read_at: impl FnMut(u64, &mut [u8]) -> io::Result<usize>,
) -> io::Result<Layout> {
    let mut layout = Layout::default();
    let mut offset = 0u64;
    while offset < size_bytes && layout.boxes.len() < BOXES_MAX {
        let mut bytes = [0; 16];
        let length = read_at(offset, &mut bytes)?;
        match header(&bytes[..length], offset, size_bytes) {
            Header::Box(found) => {
                layout.boxes.push(found);
                offset = found.end;
            }
            Header::Undersized(found) => {
                layout.undersized.push(found);
                layout.boxes.push(found);
                offset = found.end;
            }
            Header::Broken => {
                layout.broken_at = Some(offset);
                break;
            }
        }
    }
    Ok(layout)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn walk_bytes(bytes: &[u8]) -> Layout {
        walk(bytes.len() as u64, |offset, buffer| {
            let rest = &bytes[usize::try_from(offset).unwrap()..];
            let length = rest.len().min(buffer.len());
            buffer[..length].copy_from_slice(&rest[..length]);
            Ok(length)
        })
        .unwrap()
    }

    fn boxed(kind: FourCc, size: u32, body: &[u8]) -> Vec<u8> {
        [&size.to_be_bytes()[..], &kind, body].concat()
    }

    #[test]
    fn boxes_follow_one_another() {
        let bytes =
            [boxed(*b"ftyp", 12, b"isom"), boxed(*b"mdat", 10, b"ab"), boxed(*b"moov", 0, b"tail")].concat();
        let layout = walk_bytes(&bytes);
        let kinds: Vec<_> = layout.boxes.iter().map(|b| (&b.kind, b.offset, b.end)).collect();
        assert_eq!(kinds, [(b"ftyp", 0, 12), (b"mdat", 12, 22), (b"moov", 22, 34)]);
        assert_eq!((layout.cut(34), layout.broken_at), (None, None));
    }

    #[test]
    fn a_box_that_ends_beyond_the_file_is_cut() {
        let layout = walk_bytes(&[boxed(*b"ftyp", 12, b"isom"), boxed(*b"mdat", 5000, b"ab")].concat());
        assert_eq!(layout.cut(22).map(|b| (b.kind, b.end)), Some((*b"mdat", 5012)));
    }

    #[test]
    fn padding_of_an_impossible_size_is_a_header_alone() {
        let layout = walk_bytes(&[boxed(*b"free", 3, b""), boxed(*b"moov", 12, b"body")].concat());
        assert_eq!(layout.undersized.len(), 1);
        assert_eq!(layout.find(*b"moov").map(|b| b.offset), Some(8));
    }

    #[test]
    fn what_is_no_box_ends_the_walk() {
        assert_eq!(walk_bytes(&[boxed(*b"ftyp", 12, b"isom"), vec![0; 40]].concat()).broken_at, Some(12));
        assert_eq!(walk_bytes(&[boxed(*b"ftyp", 12, b"isom"), vec![0, 0, 1]].concat()).broken_at, Some(12));
        assert_eq!(walk_bytes(&boxed(*b"moov", 4, b"")).broken_at, Some(0));
    }

    proptest! {
        #[test]
        fn any_bytes_have_a_layout(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let layout = walk_bytes(&bytes);
            prop_assert!(layout.boxes.windows(2).all(|pair| pair[0].end == pair[1].offset));
            prop_assert!(layout.boxes.iter().all(|b| b.end >= b.body()));
        }
    }
}
