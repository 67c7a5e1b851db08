//! All that is computed from an object's bytes in one pass: SHA-256, SM3, the chunk list, and where
//! zeros stand.
//!
//! **The chunk list costs nothing.** SHA-256 (FIPS 180-4, 6.2) folds one block after another into a
//! state of 32 bytes. At every multiple of 16 MiB that state is written down as it passes. Later,
//! chunk *k* can be tested alone: start from the state before it, fold in the chunk's bytes as they
//! are now, and compare with the state after it. So a change is located without a second hash, the
//! test is as strong as SHA-256 itself, and chunks can be tested in parallel. What is left
//! beyond the last multiple is the last chunk, and its entry is the digest itself.
//!
//! **SM3** (GB/T 32905) has no processor instructions and takes three to five times as long; where
//! it is wanted it runs on a thread of its own, over the same buffers.

use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use serde::{Deserialize, Serialize};
use sha2::digest::common::hazmat::SerializableState;
use sha2::{Digest, Sha256};
use sm3::Sm3;

use super::block::Block;
use super::zeros::ZeroScan;
use crate::child::ByteRange;

/// Bytes in a chunk of the chunk list.
pub const CHUNK_BYTES: u64 = 16 << 20;

/// SHA-256's running state after each 16 MiB of an object, and its digest at the end.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ChunkHashes(Vec<String>);

impl ChunkHashes {
    /// How many chunks there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no chunk, as for an object without bytes.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each chunk's entry, 64 hexadecimal digits.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether the chunk with this number still consists of `bytes`. `size_bytes` is the size of the
    /// object the list was made of. `None` if there is no such chunk or the list is malformed.
    pub fn matches(&self, index: usize, bytes: &[u8], size_bytes: u64) -> Option<bool> {
        let expected = self.0.get(index)?;
        let start = CHUNK_BYTES.checked_mul(index as u64)?;
        let chunk_bytes = size_bytes.checked_sub(start)?.min(CHUNK_BYTES);
        if bytes.len() as u64 != chunk_bytes {
            return Some(false);
        }
        let mut hasher = match index.checked_sub(1) {
            None => Sha256::new(),
            Some(before) => resume(self.0.get(before)?, start)?,
        };
        hasher.update(bytes);
        let found = if chunk_bytes == CHUNK_BYTES { state(&hasher) } else { hex::encode(hasher.finalize()) };
        Some(found == *expected)
    }
}

/// The running state, after a whole number of blocks, as 64 hexadecimal digits.
fn state(hasher: &Sha256) -> String {
    hex::encode(&hasher.serialize()[..32])
}

/// A hasher that has this running state after `pos` bytes.
fn resume(state: &str, pos: u64) -> Option<Sha256> {
    let mut serialized = Sha256::new().serialize();
    hex::decode_to_slice(state, &mut serialized[..32]).ok()?;
    serialized[32..40].copy_from_slice(&(pos / 64).to_le_bytes());
    Sha256::deserialize(&serialized).ok()
}

/// What came out of one pass over an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Digested {
    pub(crate) sha256: String,
    pub(crate) sm3: Option<String>,
    pub(crate) chunk_hashes: ChunkHashes,
    pub(crate) zero_runs: Vec<ByteRange>,
}

/// The pass itself.
#[derive(Debug)]
pub(crate) struct Digests {
    sha256: Sha256,
    pos: u64,
    chunks: Vec<String>,
    zeros: ZeroScan,
    sm3: Option<Sm3Thread>,
}

impl Digests {
    /// # Errors
    /// If a thread for SM3 is wanted and cannot be had.
    pub(crate) fn new(with_sm3: bool) -> std::io::Result<Self> {
        let sm3 = with_sm3.then(Sm3Thread::start).transpose()?;
        Ok(Self { sha256: Sha256::new(), pos: 0, chunks: Vec::new(), zeros: ZeroScan::default(), sm3 })
    }

    /// Takes in the next block.
    pub(crate) fn update(&mut self, block: &Block) {
        if let Some(sm3) = &self.sm3 {
            sm3.update(block.clone());
        }
        self.zeros.feed(block);
        let mut bytes = &block[..];
        while !bytes.is_empty() {
            let left = usize::try_from(CHUNK_BYTES - self.pos % CHUNK_BYTES).unwrap_or(usize::MAX);
            let (piece, rest) = bytes.split_at(bytes.len().min(left));
            self.sha256.update(piece);
            self.pos += piece.len() as u64;
            if self.pos.is_multiple_of(CHUNK_BYTES) {
                self.chunks.push(state(&self.sha256));
            }
            bytes = rest;
        }
    }

    pub(crate) fn finish(mut self) -> Digested {
        let sha256 = hex::encode(self.sha256.finalize());
        if !self.pos.is_multiple_of(CHUNK_BYTES) {
            self.chunks.push(sha256.clone());
        }
        Digested {
            sha256,
            sm3: self.sm3.map(Sm3Thread::finish),
            chunk_hashes: ChunkHashes(self.chunks),
            zero_runs: self.zeros.finish(),
        }
    }
}

/// How many blocks may wait for the slower digest.
const SM3_QUEUE: usize = 16;

#[derive(Debug)]
struct Sm3Thread {
    blocks: SyncSender<Block>,
    thread: JoinHandle<String>,
}

impl Sm3Thread {
    fn start() -> std::io::Result<Self> {
        let (blocks, queue) = sync_channel::<Block>(SM3_QUEUE);
        let thread = std::thread::Builder::new().name("sm3".to_owned()).spawn(move || {
            let mut hasher = Sm3::new();
            for block in queue {
                hasher.update(&block[..]);
            }
            hex::encode(hasher.finalize())
        })?;
        Ok(Self { blocks, thread })
    }

    fn update(&self, block: Block) {
        // The thread ends only when this end of the queue is dropped.
        let _ = self.blocks.send(block);
    }

    fn finish(self) -> String {
        drop(self.blocks);
        match self.thread.join() {
            Ok(digest) => digest,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use proptest::prelude::*;

    fn digest(object: &Bytes, cuts: &[usize], with_sm3: bool) -> Digested {
        let mut digests = Digests::new(with_sm3).unwrap();
        let mut start = 0;
        for end in cuts.iter().copied().chain([object.len()]) {
            let end = end.clamp(start, object.len());
            digests.update(&Block::from_bytes(start as u64, object.slice(start..end)));
            start = end;
        }
        digests.finish()
    }

    fn object(len: usize) -> Bytes {
        let mut state = 1u32;
        let next = std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        });
        next.take(len).collect()
    }

    #[test]
    fn digests_are_those_of_the_standards() {
        let abc = digest(&Bytes::from_static(b"abc"), &[], true);
        assert_eq!(abc.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(abc.sm3.unwrap(), "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
        let none = digest(&Bytes::new(), &[], true);
        assert_eq!(none.sha256, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert!(none.chunk_hashes.is_empty());
    }

    #[test]
    fn the_chunk_list_locates_a_change_and_nothing_else() {
        let chunk = usize::try_from(CHUNK_BYTES).unwrap();
        for tail in [0, 1, 12_345] {
            let object = object(3 * chunk + tail);
            let size_bytes = object.len() as u64;
            let list = digest(&object, &[], false).chunk_hashes;
            let mut changed = object.to_vec();
            changed[chunk + 5] ^= 1;
            let verdicts: Vec<_> = changed
                .chunks(chunk)
                .enumerate()
                .map(|(index, bytes)| list.matches(index, bytes, size_bytes).unwrap())
                .collect();
            assert_eq!(verdicts, [vec![true, false, true], vec![true; usize::from(tail > 0)]].concat());
            assert_eq!(list.matches(list.len(), &[], size_bytes), None);
            assert_eq!(list.matches(0, &object[..chunk - 1], size_bytes), Some(false));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn a_digest_over_any_cutting_is_the_digest_in_one_go(
            len in 0usize..300_000,
            mut cuts in prop::collection::vec(0usize..300_000, 0..20),
        ) {
            cuts.sort_unstable();
            let object = object(len);
            let found = digest(&object, &cuts, true);
            prop_assert_eq!(&found.sha256, &hex::encode(Sha256::digest(&object)));
            prop_assert_eq!(found.sm3.as_ref(), Some(&hex::encode(Sm3::digest(&object))));
            prop_assert_eq!(found, digest(&object, &[], true));
        }
    }

    #[test]
    fn the_chunk_list_does_not_depend_on_how_blocks_fall() {
        let object = object(2 * usize::try_from(CHUNK_BYTES).unwrap() + 77);
        let cuts: Vec<usize> = (1..400).map(|i| i * 99_991).collect();
        assert_eq!(digest(&object, &cuts, false), digest(&object, &[], false));
    }
}
