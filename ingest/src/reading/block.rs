//! Pieces of an object in memory: shared, never copied.
//!
//! Bytes of a local file stand in buffers of our own that are used again and again; bytes from a
//! store stand where the store's client put them. Both can be held by several (the window that
//! serves the child, the thread of a second digest) at no cost but a counter.

use std::ops::Deref;
use std::sync::Arc;

use bytes::Bytes;

/// How many bytes are read from a file at a time: large enough that the system call does not count,
/// small enough that they are still in the processor's cache when they are hashed.
pub(crate) const BLOCK_BYTES: usize = 256 * 1024;

/// Some consecutive bytes of an object.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    /// Where the first of them stands.
    pub(crate) pos: u64,
    data: Data,
}

#[derive(Debug, Clone)]
enum Data {
    Buffer { buffer: Arc<Vec<u8>>, len: usize },
    Bytes(Bytes),
}

impl Block {
    pub(crate) fn from_bytes(pos: u64, bytes: Bytes) -> Self {
        Self { pos, data: Data::Bytes(bytes) }
    }

    /// Position after the last byte.
    pub(crate) fn end(&self) -> u64 {
        self.pos.saturating_add(self.len() as u64)
    }
}

impl Deref for Block {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.data {
            // `len` is what was read into the buffer, so it is within.
            Data::Buffer { buffer, len } => &buffer[..*len],
            Data::Bytes(bytes) => bytes,
        }
    }
}

/// Buffers to be used again. The one given back last comes first: it is the one in the cache.
#[derive(Debug, Default)]
pub(crate) struct Buffers(Vec<Arc<Vec<u8>>>);

impl Buffers {
    /// Fills a buffer at `pos`; `read` gets the buffer and says how much of it is filled.
    pub(crate) fn fill<E>(
        &mut self,
        pos: u64,
        read: impl FnOnce(&mut [u8]) -> Result<usize, E>,
    ) -> Result<Block, E> {
        let free = self.0.iter().rposition(|buffer| Arc::strong_count(buffer) == 1);
        let mut buffer = free.map_or_else(|| Arc::new(vec![0; BLOCK_BYTES]), |index| self.0.remove(index));
        // Nobody else holds it, so this never copies.
        let len = read(Arc::<Vec<u8>>::make_mut(&mut buffer))?;
        Ok(Block { pos, data: Data::Buffer { buffer, len: len.min(BLOCK_BYTES) } })
    }

    /// Takes a block's buffer back; others may still hold it for a while.
    pub(crate) fn recycle(&mut self, block: Block) {
        if let Data::Buffer { buffer, .. } = block.data {
            self.0.push(buffer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_is_used_again_only_when_nobody_holds_it() {
        let mut buffers = Buffers::default();
        let fill = |buffers: &mut Buffers, byte: u8| {
            let filled = buffers.fill(0, |buffer| {
                buffer[..3].fill(byte);
                Ok::<_, ()>(3)
            });
            filled.unwrap()
        };
        let first = fill(&mut buffers, 1);
        let held = first.clone();
        buffers.recycle(first);
        let second = fill(&mut buffers, 2);
        assert_eq!((&held[..], &second[..]), (&[1, 1, 1][..], &[2, 2, 2][..]));
        drop(held);
        buffers.recycle(second);
        fill(&mut buffers, 3);
        assert_eq!(buffers.0.len(), 1);
    }
}
