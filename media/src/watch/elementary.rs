//! Bare H.264 and H.265 (Annex B of either standard). There is no structure to follow but start codes; zeros
//! before one are stuffing, and no damage.

use super::stuffing::Stuffing;
use super::{Seen, Watch};

pub(super) struct ElementaryWatch {
    stuffing: Stuffing,
    seen: Seen,
}

impl ElementaryWatch {
    pub(super) fn new(stuffing: Stuffing) -> Self {
        Self { stuffing, seen: Seen::default() }
    }
}

impl Watch for ElementaryWatch {
    fn feed(&mut self, offset: u64, bytes: &[u8]) {
        let seen = &mut self.seen;
        self.stuffing.feed(offset, bytes, &mut |start, end| seen.pad(start, end));
    }

    fn finish(&mut self, _size_bytes: u64) -> Seen {
        std::mem::take(&mut self.seen)
    }
}
