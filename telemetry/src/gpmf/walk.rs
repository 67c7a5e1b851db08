//! The items of GPMF: a four-character code, a type, a size, a count, then the data, padded to four
//! bytes. Type 0 holds further items.

use crate::problem::Fault;

/// One item whose data is all there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item<'a> {
    pub(super) code: [u8; 4],
    /// Letter of the type; 0 for a container.
    pub(super) kind: u8,
    /// Bytes of one element.
    pub(super) size_bytes: usize,
    /// Number of elements.
    pub(super) count: usize,
    pub(super) data: &'a [u8],
    /// Where the item begins, from the start of what is walked.
    pub(super) offset: usize,
}

impl Item<'_> {
    /// The code as text; what is not printable in hexadecimal.
    pub(super) fn name(&self) -> String {
        if self.code.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ') {
            self.code.iter().map(|&byte| char::from(byte)).collect()
        } else {
            format!("{:08x}", u32::from_be_bytes(self.code))
        }
    }
}

/// Walks the items that lie one after another; ends at the first that is broken, with its offset.
pub(super) struct Items<'a> {
    bytes: &'a [u8],
    offset: usize,
}

impl<'a> Items<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, offset: 0 }
    }

    fn end(&mut self) {
        self.offset = self.bytes.len();
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = Result<Item<'a>, (usize, Fault)>;

    fn next(&mut self) -> Option<Self::Item> {
        let offset = self.offset;
        let rest = self.bytes.get(offset..).filter(|rest| !rest.is_empty())?;
        let Some((header, body)) = rest.split_first_chunk::<8>() else {
            self.end();
            // A few zeros after the last item are padding.
            return rest.iter().any(|&byte| byte != 0).then(|| Err((offset, truncated("an item", 8, rest))));
        };
        let &[a, b, c, d, kind, size, count_high, count_low] = header;
        let code = [a, b, c, d];
        if code == [0; 4] {
            self.end();
            let bytes = rest.len() as u64;
            return rest.iter().any(|&byte| byte != 0).then_some(Err((offset, Fault::Skipped { bytes })));
        }
        let count = usize::from(u16::from_be_bytes([count_high, count_low]));
        let size_bytes = usize::from(size);
        // At most 255 × 65535: no overflow.
        let length = size_bytes * count;
        let Some(data) = body.get(..length) else {
            self.end();
            let what = Item { code, kind, size_bytes, count, data: &[], offset }.name();
            return Some(Err((offset, truncated(&what, length, body))));
        };
        self.offset = offset + 8 + length.next_multiple_of(4);
        Some(Ok(Item { code, kind, size_bytes, count, data, offset }))
    }
}

fn truncated(what: &str, announced: usize, present: &[u8]) -> Fault {
    Fault::Truncated {
        what: what.to_owned(),
        announced_bytes: announced as u64,
        present_bytes: present.len() as u64,
    }
}
