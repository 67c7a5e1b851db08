//! One pass over an object that serves two: the digests, which want every byte once and in order,
//! and the child, which wants what it wants.
//!
//! The pass has a front, up to which bytes were fetched. The last few MiB behind the front stay in
//! memory (the window). What the child asks for is found
//!
//! 1. in the window, or at the front, which then moves on: this is how streams are read;
//! 2. far ahead of the front (an index at the end of the file): that stretch is fetched at once and
//!    kept as an *island*, and when the front arrives there it is taken from memory, not fetched
//!    again; when islands have used up their memory, or a stream is already on its way there, the
//!    front moves up to the wish instead;
//! 3. behind the window: fetched again, as long as such bytes stay within 1 % of the object. Beyond
//!    that the child is refused; no honest container needs it.
//!
//! So the bytes fetched are at most 1.01 times the object, whatever the child does, and memory is
//! bounded by the window and the islands, whatever the object's size.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;

use super::block::Block;
use super::digest::{Digested, Digests};
use super::error::ReadError;
use super::link::Link;
use super::source::{Pinned, Source};

/// Bytes behind the front that stay in memory.
const WINDOW_BYTES: u64 = 4 << 20;

/// Bytes in islands that may stay in memory.
const ISLANDS_BYTES: u64 = 16 << 20;

/// The largest single island.
const MAX_ISLAND_BYTES: u64 = 4 << 20;

/// Bytes that a store may have sent before it notices that nobody wants them any more.
const IN_FLIGHT_BYTES: u64 = 512 << 10;

/// How eagerly bytes are fetched.
#[derive(Debug, Clone, Copy)]
struct Eagerness {
    /// A wish so close ahead of the front moves the front.
    near_bytes: u64,
    /// The first island at a place; the next one, straight on, is twice as large.
    island_bytes: u64,
    /// How much is asked of the store first when reading in order. Small, because the child may be
    /// about to jump, and what the network has sent by then is wasted.
    first_bytes: u64,
    /// How many times as much is asked for next.
    growth: u64,
}

/// Every byte will be needed: fetching more than was asked for costs nothing.
const WHOLE: Eagerness = Eagerness {
    near_bytes: WINDOW_BYTES,
    island_bytes: 1 << 20,
    first_bytes: 1 << 20,
    // After the first MiB, all the rest.
    growth: u64::MAX,
};

/// Only the child's bytes are needed.
const FRUGAL: Eagerness =
    Eagerness { near_bytes: 256 << 10, island_bytes: 64 << 10, first_bytes: 64 << 10, growth: 2 };

/// Where the bytes are that answer a wish.
#[derive(Debug)]
pub(crate) enum Found {
    /// In blocks of the window, from the block with this index, from this byte of it, so many.
    Window { index: usize, offset: usize, len: usize },
    /// In one piece.
    Piece(Bytes),
    /// Nowhere: it would have to be fetched again, once too often.
    Refused,
}

/// The pass.
#[derive(Debug)]
pub(crate) struct Spine {
    source: Source,
    size_bytes: u64,
    front: u64,
    digests: Option<Digests>,
    eagerness: Eagerness,
    /// Until where the store is asked for bytes in order, and how many that were.
    asked_end: u64,
    asked_bytes: u64,
    window: VecDeque<Block>,
    window_bytes: u64,
    /// How many blocks at the end of the window are yet to be digested.
    undigested: usize,
    islands: BTreeMap<u64, Bytes>,
    islands_bytes: u64,
    /// The last stretch behind the window that was fetched again.
    again: Option<(u64, Bytes)>,
    again_left_bytes: u64,
    /// Whether a wish was refused.
    refused: bool,
    progress: Option<Arc<AtomicU64>>,
}

impl Spine {
    /// A pass with digests; without, only what the child asks for is fetched.
    ///
    /// # Errors
    /// If the object cannot be opened.
    pub(crate) fn open(
        pinned: Pinned,
        digests: Option<Digests>,
        link: &Arc<Link>,
        progress: Option<Arc<AtomicU64>>,
    ) -> Result<Self, ReadError> {
        let eagerness = if digests.is_some() { WHOLE } else { FRUGAL };
        let size_bytes = pinned.size_bytes();
        let link = digests.is_some().then(|| Arc::clone(link));
        let source = Source::open(pinned, link, eagerness.first_bytes)?;
        Ok(Self {
            source,
            size_bytes,
            front: 0,
            digests,
            eagerness,
            asked_end: eagerness.first_bytes,
            asked_bytes: eagerness.first_bytes,
            window: VecDeque::new(),
            window_bytes: WINDOW_BYTES,
            undigested: 0,
            islands: BTreeMap::new(),
            islands_bytes: 0,
            again: None,
            again_left_bytes: size_bytes / 100,
            refused: false,
            progress,
        })
    }

    /// Makes sure that the byte at `pos` (within the object) and, where handy, up to `len` bytes
    /// from there are in memory.
    pub(crate) fn find(&mut self, pos: u64, len: u32) -> Result<Found, ReadError> {
        let len = u64::from(len);
        if let Some(piece) = self.kept_piece(pos, len) {
            return Ok(Found::Piece(piece));
        }
        let window_start = self.window.front().map_or(self.front, |block| block.pos);
        if pos < window_start {
            return self.fetch_again(pos, len);
        }
        if pos >= self.front.saturating_add(self.eagerness.near_bytes)
            && let Some(piece) = self.fetch_island(pos, len)?
        {
            return Ok(Found::Piece(piece));
        }
        while self.front <= pos {
            self.digest()?;
            self.advance()?;
        }
        let wanted_end = pos.saturating_add(len).min(self.size_bytes);
        while self.front < wanted_end && self.source.has_more() {
            self.advance()?;
        }
        Ok(self.in_window(pos, len))
    }

    fn in_window(&self, pos: u64, len: u64) -> Found {
        let index = self.window.partition_point(|block| block.end() <= pos);
        let offset = self.window.get(index).map_or(0, |block| to_usize(pos - block.pos));
        Found::Window { index, offset, len: to_usize(len.min(self.front - pos)) }
    }

    /// The bytes of what was found, in pieces.
    pub(crate) fn pieces<'a>(&'a self, found: &'a Found) -> impl Iterator<Item = &'a [u8]> + Clone {
        let (mut skip, mut left, window, piece): (usize, usize, _, &[u8]) = match found {
            Found::Window { index, offset, len } => (*offset, *len, self.window.range(*index..), &[]),
            Found::Piece(bytes) => (0, bytes.len(), self.window.range(..0), bytes),
            Found::Refused => (0, 0, self.window.range(..0), &[]),
        };
        let pieces = std::iter::once(piece).chain(window.map(|block| &block[..]));
        pieces.map_while(move |bytes| {
            if bytes.is_empty() {
                return Some(bytes);
            }
            let bytes = bytes.get(skip..)?;
            let bytes = &bytes[..bytes.len().min(left)];
            (skip, left) = (0, left - bytes.len());
            (!bytes.is_empty()).then_some(bytes)
        })
    }

    /// Takes in what was fetched since: after it was served, so that both sides work at once.
    pub(crate) fn digest(&mut self) -> Result<(), ReadError> {
        self.source.check_cancelled()?;
        let first = self.window.len() - self.undigested;
        for block in self.window.range(first..) {
            if let Some(digests) = &mut self.digests {
                digests.update(block);
            }
            if let Some(progress) = &self.progress {
                progress.fetch_add(block.len() as u64, Ordering::Relaxed);
            }
        }
        self.undigested = 0;
        while let Some(oldest) = self.window.front()
            && self.front - oldest.end() >= self.window_bytes
        {
            if let Some(block) = self.window.pop_front() {
                self.source.recycle(block);
            }
        }
        Ok(())
    }

    /// Moves the front by one block.
    fn advance(&mut self) -> Result<(), ReadError> {
        let block = if let Some(island) = self.islands.remove(&self.front) {
            self.islands_bytes -= island.len() as u64;
            let block = Block::from_bytes(self.front, island);
            self.source.skip(block.end());
            block
        } else {
            if self.front >= self.asked_end {
                self.asked_bytes = self.asked_bytes.saturating_mul(self.eagerness.growth);
                self.asked_end = self.front.saturating_add(self.asked_bytes);
            }
            let island = self.islands.keys().next().copied().unwrap_or(self.size_bytes);
            self.source.next(self.front, island.min(self.asked_end).min(self.size_bytes))?
        };
        self.front = block.end();
        self.window.push_back(block);
        self.undigested += 1;
        Ok(())
    }

    /// What islands, or the last stretch fetched again, have from `pos` on.
    fn kept_piece(&self, pos: u64, len: u64) -> Option<Bytes> {
        let island = self.islands.range(..=pos).next_back().map(|(&start, bytes)| (start, bytes));
        let again = self.again.as_ref().map(|(start, bytes)| (*start, bytes));
        [island, again].into_iter().flatten().find_map(|(start, bytes)| {
            let offset = to_usize(pos.checked_sub(start)?);
            (offset < bytes.len()).then(|| bytes.slice(offset..bytes.len().min(offset + to_usize(len))))
        })
    }

    /// Fetches a stretch ahead of the front; `None` if the front had better move up.
    fn fetch_island(&mut self, pos: u64, len: u64) -> Result<Option<Bytes>, ReadError> {
        let before = self.islands.range(..pos).next_back();
        let straight_on = before.filter(|(start, bytes)| **start + bytes.len() as u64 == pos);
        let want = straight_on.map_or(self.eagerness.island_bytes, |(_, bytes)| bytes.len() as u64 * 2);
        let next = self.islands.range(pos..).next().map_or(self.size_bytes, |(&start, _)| start);
        let end = pos.saturating_add(want.max(len).min(MAX_ISLAND_BYTES)).min(next);
        if self.digests.is_some() && self.source.is_sending(pos) {
            // The stream is on its way there and will bring some of these bytes a second time.
            let Some(left) = self.again_left_bytes.checked_sub(end - pos + IN_FLIGHT_BYTES) else {
                return Ok(None);
            };
            self.again_left_bytes = left;
        }
        if self.islands_bytes + (end - pos) > ISLANDS_BYTES {
            if self.digests.is_some() {
                return Ok(None);
            }
            // Without digests nobody comes back for them in order.
            self.islands.clear();
            self.islands_bytes = 0;
        }
        let bytes = self.source.range(pos, end)?;
        self.islands_bytes += bytes.len() as u64;
        self.islands.insert(pos, bytes.clone());
        Ok(Some(bytes.slice(..bytes.len().min(to_usize(len)))))
    }

    /// Fetches once more what has left the window.
    fn fetch_again(&mut self, pos: u64, len: u64) -> Result<Found, ReadError> {
        let end = pos.saturating_add(len).min(self.size_bytes);
        let Some(left) = self.again_left_bytes.checked_sub(end - pos) else {
            self.refused = true;
            return Ok(Found::Refused);
        };
        self.again_left_bytes = left;
        let bytes = self.source.range(pos, end)?;
        self.again = Some((pos, bytes.clone()));
        Ok(Found::Piece(bytes))
    }

    /// Whether everything behind the front is still in memory, so that another child could begin.
    pub(crate) fn has_beginning(&self) -> bool {
        self.window.front().is_none_or(|block| block.pos == 0)
    }

    /// Whether every byte is fetched, whatever the child asks for.
    pub(crate) fn is_whole(&self) -> bool {
        self.digests.is_some()
    }

    /// Whether a wish was refused.
    pub(crate) fn has_refused(&self) -> bool {
        self.refused
    }

    /// Fetches and digests what is left, with no child to serve. Gives the digests, if there are to
    /// be any, and how many bytes were fetched in all.
    pub(crate) fn finish(mut self) -> Result<(Option<Digested>, u64), ReadError> {
        self.window_bytes = 0;
        self.again = None;
        if self.digests.is_some() {
            self.digest()?;
            while self.front < self.size_bytes {
                self.advance()?;
                self.digest()?;
            }
        }
        self.source.check_unchanged()?;
        Ok((self.digests.map(Digests::finish), self.source.bytes_read()))
    }
}

/// For lengths of what is in memory.
fn to_usize(len: u64) -> usize {
    usize::try_from(len).unwrap_or(usize::MAX)
}

#[cfg(test)]
#[path = "spine_tests.rs"]
mod tests;
