//! What a change of an object's bytes is located with.
//!
//! SHA-256 (FIPS 180-4, 6.2) folds one block after another into a state of 32 bytes. A [`ChunkList`] is that
//! state after each so many bytes, written down as it passed: it costs the reader nothing. With the bytes at
//! hand, each chunk can be tested alone, by starting from the state before it; so several changes are told apart,
//! and the test is as strong as SHA-256. Two lists without the bytes tell only the first change: all later states
//! differ.

use serde::{Deserialize, Serialize};

use crate::observation::MediaSpan;

/// Bytes of one state.
pub const STATE_BYTES: usize = 32;

/// SHA-256's running state after each chunk of an object, and after a last, shorter one its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChunkList {
    chunk_bytes: u64,
    states: Vec<u8>,
}

impl ChunkList {
    /// A list without an entry, of chunks of this size.
    pub fn new(chunk_bytes: u64) -> Self {
        Self { chunk_bytes, states: Vec::new() }
    }

    /// A list that was stored; `None` if it cannot have been one.
    pub fn from_states(chunk_bytes: u64, states: Vec<u8>) -> Option<Self> {
        let whole =
            states.len().is_multiple_of(STATE_BYTES) && chunk_bytes > 0 && chunk_bytes.is_multiple_of(64);
        whole.then_some(Self { chunk_bytes, states })
    }

    /// Bytes in a chunk; the last one may be shorter.
    pub fn chunk_bytes(&self) -> u64 {
        self.chunk_bytes
    }

    /// All states in a row, as they are stored.
    pub fn states(&self) -> &[u8] {
        &self.states
    }

    /// How many chunks there are.
    pub fn len(&self) -> usize {
        self.states.len() / STATE_BYTES
    }

    /// Whether there is no chunk, as for an object without bytes.
    pub fn is_empty(&self) -> bool {
        self.states.is_empty()
    }

    /// The state after the chunk with this number.
    pub fn state(&self, index: usize) -> Option<&[u8; STATE_BYTES]> {
        self.states.get(index.checked_mul(STATE_BYTES)?..)?.first_chunk()
    }

    /// Adds the state after the next chunk.
    pub fn push(&mut self, state: &[u8; STATE_BYTES]) {
        self.states.extend_from_slice(state);
    }
}

/// Bytes of an altered object that are not those of the version before, in whole chunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlteredRange {
    /// First byte inside, in the altered object.
    pub start_byte: u64,
    /// First byte after.
    pub end_byte: u64,
    /// When the footage in these bytes is shown, on the altered recording's own timeline; `None` where no
    /// packet of footage lies in them, or it could not be read.
    pub span: Option<MediaSpan>,
}
