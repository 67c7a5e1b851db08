//! Where an object holds nothing but zero bytes.
//!
//! A memory card that was pulled out or wore out leaves whole pages of zeros in a file whose
//! container is intact. They are found while the bytes pass by for hashing: of each page of 4 KiB
//! the first eight bytes are looked at, and only where these are zero is the page compared whole.

use crate::child::{ByteRange, MAX_ZERO_RUNS};

/// The unit in which zeros are looked for; runs begin at its multiples.
pub const PAGE_BYTES: usize = 4096;

static ZERO_PAGE: [u8; PAGE_BYTES] = [0; PAGE_BYTES];

/// Finds runs of zero pages in bytes that pass by in order, cut up in any way.
#[derive(Debug, Default)]
pub(crate) struct ZeroScan {
    pos: u64,
    /// Whether the page that `pos` lies in has only zeros so far.
    page_is_zero: bool,
    /// Where the run began that reaches to the start of the current page.
    open: Option<u64>,
    runs: Vec<ByteRange>,
}

impl ZeroScan {
    /// Looks at the next bytes.
    pub(crate) fn feed(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let offset = usize::try_from(self.pos % PAGE_BYTES as u64).unwrap_or(0);
            let (piece, rest) = bytes.split_at(bytes.len().min(PAGE_BYTES - offset));
            let is_zero = is_zero(piece) && (offset == 0 || self.page_is_zero);
            self.pos += piece.len() as u64;
            self.page_is_zero = is_zero;
            if offset + piece.len() == PAGE_BYTES {
                self.end_page(is_zero);
            }
            bytes = rest;
        }
    }

    /// A page ended at `pos`.
    fn end_page(&mut self, is_zero: bool) {
        if is_zero {
            self.open.get_or_insert(self.pos - PAGE_BYTES as u64);
        } else if let Some(start) = self.open.take() {
            self.close(start, self.pos - PAGE_BYTES as u64);
        }
    }

    fn close(&mut self, start: u64, end: u64) {
        if self.runs.len() < MAX_ZERO_RUNS {
            self.runs.push(ByteRange { start, end });
        }
    }

    /// The runs, in order; at most [`MAX_ZERO_RUNS`], the first ones. A run that reaches the last,
    /// incomplete page takes it in if that is zero, too.
    pub(crate) fn finish(mut self) -> Vec<ByteRange> {
        if let Some(start) = self.open.take() {
            let beyond = self.pos % PAGE_BYTES as u64;
            let end = if self.page_is_zero { self.pos } else { self.pos - beyond };
            self.close(start, end);
        }
        self.runs
    }
}

fn is_zero(piece: &[u8]) -> bool {
    let head = &piece[..piece.len().min(8)];
    head == &ZERO_PAGE[..head.len()] && piece == &ZERO_PAGE[..piece.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn runs(object: &[u8], piece_bytes: usize) -> Vec<(u64, u64)> {
        let mut scan = ZeroScan::default();
        object.chunks(piece_bytes).for_each(|piece| scan.feed(piece));
        scan.finish().into_iter().map(|run| (run.start, run.end)).collect()
    }

    #[test]
    fn pages_of_zeros_are_found_and_scattered_zeros_are_not() {
        let mut object = vec![1; 10 * PAGE_BYTES];
        object[2 * PAGE_BYTES..5 * PAGE_BYTES].fill(0);
        object[6 * PAGE_BYTES + 1..8 * PAGE_BYTES - 1].fill(0);
        assert_eq!(runs(&object, 1000), [(8192, 20480)]);
        object.extend_from_slice(&[0; 5000]);
        assert_eq!(runs(&object, 1 << 20), [(8192, 20480), (40960, 45960)]);
        assert_eq!(runs(&[0; 100], 7), []);
    }

    #[test]
    fn the_list_is_bounded() {
        let mut object = vec![1; 2 * PAGE_BYTES * (MAX_ZERO_RUNS + 9)];
        object.chunks_mut(2 * PAGE_BYTES).for_each(|pair| pair[..PAGE_BYTES].fill(0));
        assert_eq!(runs(&object, 1 << 20).len(), MAX_ZERO_RUNS);
    }

    proptest! {
        #[test]
        fn how_the_bytes_are_cut_up_makes_no_difference(
            pages in prop::collection::vec(prop::bool::ANY, 0..12),
            tail in 0usize..5000,
            piece_bytes in 1usize..9000,
        ) {
            let mut object: Vec<u8> = pages.iter().flat_map(|&zero| [u8::from(!zero); PAGE_BYTES]).collect();
            object.resize(object.len() + tail, 0);
            prop_assert_eq!(runs(&object, piece_bytes), runs(&object, usize::MAX));
        }
    }
}
