//! All that is computed from an object's bytes in one pass: SHA-256, SM3, the chunk list, and where
//! zeros stand.
//!
//! **The chunk list costs nothing.** SHA-256's running state is written down at every multiple of 4 MiB as it
//! passes ([`catalog::chunks`]). When an object that was read before is read again, its earlier list is at
//! hand, and each chunk is tested as it passes: the state before it and its bytes must give the state after it. As long
//! as nothing has changed that is the digest's own state, and the test is a comparison of 32 bytes. From the first
//! change on, a second SHA-256 goes on from the earlier list's states: only altered objects pay for it. So
//! several changes are told apart, and the test is as strong as SHA-256 itself. What is left beyond the last multiple
//! is the last chunk, and its entry is the digest.
//!
//! An independent hash for each chunk was rejected: even one that runs at 20 GB/s costs a twelfth of SHA-256's time
//! on every read, and the reading is to be as fast as SHA-256 alone. 4 MiB are four seconds of footage at 8 Mbit/s,
//! and the list has 8 bytes for each MiB.
//!
//! **SM3** (GB/T 32905) has no processor instructions and takes three to five times as long; where
//! it is wanted it runs on a thread of its own, over the same buffers.

use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use catalog::chunks::{ChunkList, STATE_BYTES};
use sha2::digest::common::hazmat::SerializableState;
use sha2::{Digest, Sha256};
use sm3::Sm3;

use super::block::Block;
use super::zeros::ZeroScan;
use crate::child::{ByteRange, MAX_CHANGES};

/// Bytes in a chunk of the chunk list.
pub const CHUNK_BYTES: u64 = 4 << 20;

/// The running state, after a whole number of blocks.
fn state(hasher: &Sha256) -> [u8; STATE_BYTES] {
    let mut state = [0; STATE_BYTES];
    // The first field that is serialized; what follows are the count of blocks and the unfinished one.
    state.copy_from_slice(&hasher.serialize()[..STATE_BYTES]);
    state
}

/// A hasher that has this running state after `pos` bytes.
fn resume(state: &[u8; STATE_BYTES], pos: u64) -> Option<Sha256> {
    let mut serialized = Sha256::new().serialize();
    serialized[..STATE_BYTES].copy_from_slice(state);
    serialized[STATE_BYTES..STATE_BYTES + 8].copy_from_slice(&(pos / 64).to_le_bytes());
    Sha256::deserialize(&serialized).ok()
}

/// Finds the chunks that are not what an earlier list says of them.
#[derive(Debug)]
struct Comparison {
    earlier: Arc<ChunkList>,
    /// Goes on from the earlier list's states; `None` as long as the digest's own hasher does.
    fork: Option<Sha256>,
    changed: Vec<ByteRange>,
}

impl Comparison {
    /// `None` where the lists are of chunks of different sizes.
    fn new(earlier: Arc<ChunkList>) -> Option<Self> {
        (earlier.chunk_bytes() == CHUNK_BYTES).then_some(Self { earlier, fork: None, changed: Vec::new() })
    }

    fn update(&mut self, piece: &[u8]) {
        if let Some(fork) = &mut self.fork {
            fork.update(piece);
        }
    }

    /// A whole chunk ended at `end`, with which the digest's hasher is in `own` state.
    fn end_chunk(&mut self, end: u64, own: &[u8; STATE_BYTES]) {
        let index = usize::try_from(end / CHUNK_BYTES - 1).unwrap_or(usize::MAX);
        let Some(expected) = self.earlier.state(index) else {
            // Beyond the earlier object's end there is nothing to compare with.
            self.mark(end - CHUNK_BYTES, end);
            return;
        };
        let found = self.fork.as_ref().map_or(*own, state);
        if found != *expected {
            self.fork = resume(expected, end);
            self.mark(end - CHUNK_BYTES, end);
        }
    }

    /// The object ended at `end` with this digest; says where it was changed.
    fn finish(mut self, end: u64, sha256: &[u8; STATE_BYTES]) -> Vec<ByteRange> {
        let start = end - end % CHUNK_BYTES;
        if start < end {
            let index = usize::try_from(start / CHUNK_BYTES).unwrap_or(usize::MAX);
            let found = self.fork.take().map_or(*sha256, |fork| fork.finalize().into());
            if self.earlier.state(index) != Some(&found) {
                self.mark(start, end);
            }
        }
        self.changed
    }

    fn mark(&mut self, start: u64, end: u64) {
        let full = self.changed.len() >= MAX_CHANGES;
        match self.changed.last_mut() {
            // Beyond so many places the rest is told as one.
            Some(last) if last.end == start || full => last.end = end,
            _ => self.changed.push(ByteRange { start, end }),
        }
    }
}

/// What came out of one pass over an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Digested {
    pub(crate) sha256: String,
    pub(crate) sm3: Option<String>,
    pub(crate) chunks: ChunkList,
    /// Where the bytes are not those of the earlier list; `None` where there was none to compare with.
    pub(crate) changed: Option<Vec<ByteRange>>,
    pub(crate) zero_runs: Vec<ByteRange>,
}

/// The pass itself.
#[derive(Debug)]
pub(crate) struct Digests {
    sha256: Sha256,
    pos: u64,
    chunks: ChunkList,
    comparison: Option<Comparison>,
    zeros: ZeroScan,
    sm3: Option<Sm3Thread>,
}

impl Digests {
    /// `earlier` is the list of the version that was read before, if there was one.
    ///
    /// # Errors
    /// If a thread for SM3 is wanted and cannot be had.
    pub(crate) fn new(with_sm3: bool, earlier: Option<Arc<ChunkList>>) -> std::io::Result<Self> {
        Ok(Self {
            sha256: Sha256::new(),
            pos: 0,
            chunks: ChunkList::new(CHUNK_BYTES),
            comparison: earlier.and_then(Comparison::new),
            zeros: ZeroScan::default(),
            sm3: with_sm3.then(Sm3Thread::start).transpose()?,
        })
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
            if let Some(comparison) = &mut self.comparison {
                comparison.update(piece);
            }
            if self.pos.is_multiple_of(CHUNK_BYTES) {
                let state = state(&self.sha256);
                self.chunks.push(&state);
                if let Some(comparison) = &mut self.comparison {
                    comparison.end_chunk(self.pos, &state);
                }
            }
            bytes = rest;
        }
    }

    pub(crate) fn finish(mut self) -> Digested {
        let sha256: [u8; STATE_BYTES] = self.sha256.finalize().into();
        if !self.pos.is_multiple_of(CHUNK_BYTES) {
            self.chunks.push(&sha256);
        }
        Digested {
            sha256: hex::encode(sha256),
            sm3: self.sm3.map(Sm3Thread::finish),
            chunks: self.chunks,
            changed: self.comparison.map(|comparison| comparison.finish(self.pos, &sha256)),
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
        digest_after(object, cuts, with_sm3, None)
    }

    fn digest_after(object: &Bytes, cuts: &[usize], with_sm3: bool, earlier: Option<&ChunkList>) -> Digested {
        let mut digests = Digests::new(with_sm3, earlier.cloned().map(Arc::new)).unwrap();
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
        assert!(none.chunks.is_empty());
    }

    const CHUNK: usize = 4 << 20;

    /// Where the second object is not the first, in chunks: first and last, and whether it is whole.
    fn changes(before: &Bytes, now: &[u8]) -> Vec<(u64, u64)> {
        let earlier = digest(before, &[], false).chunks;
        let now = Bytes::copy_from_slice(now);
        let found = digest_after(&now, &[1, CHUNK + 77, 2 * CHUNK], false, Some(&earlier));
        assert_eq!(found.sha256, hex::encode(Sha256::digest(&now)));
        // The comparison leaves the list as it is.
        assert_eq!(found.chunks, digest(&now, &[], false).chunks);
        found.changed.unwrap().into_iter().map(|range| (range.start, range.end)).collect()
    }

    #[test]
    fn each_of_several_changes_is_located_and_nothing_else() {
        for tail in [0, 1, 12_345] {
            let before = object(4 * CHUNK + tail);
            assert_eq!(changes(&before, &before), []);
            let mut now = before.to_vec();
            now[CHUNK + 5] ^= 1;
            now[3 * CHUNK] ^= 1;
            let chunk = |index: u64| (index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES);
            assert_eq!(changes(&before, &now), [chunk(1), chunk(3)]);
            now[2 * CHUNK] ^= 1;
            assert_eq!(changes(&before, &now), [(CHUNK_BYTES, 4 * CHUNK_BYTES)]);
            if tail > 0 {
                let mut now = before.to_vec();
                now[0] ^= 1;
                now[4 * CHUNK] ^= 1;
                assert_eq!(changes(&before, &now), [chunk(0), (4 * CHUNK_BYTES, now.len() as u64)]);
            }
        }
    }

    #[test]
    fn bytes_that_were_cut_out_or_put_in_change_all_that_follows() {
        let before = object(3 * CHUNK + 100);
        let cut = [&before[..CHUNK + 9], &before[CHUNK + 10..]].concat();
        assert_eq!(changes(&before, &cut), [(CHUNK_BYTES, cut.len() as u64)]);
        let longer = [&before[..CHUNK + 9], &[7], &before[CHUNK + 9..]].concat();
        assert_eq!(changes(&before, &longer), [(CHUNK_BYTES, longer.len() as u64)]);
        // More at the end: the last chunk and what follows.
        let grown = [&before[..], &object(2 * CHUNK)[..]].concat();
        assert_eq!(changes(&before, &grown), [(3 * CHUNK_BYTES, grown.len() as u64)]);
        // Less at the end leaves what is there as it was, but for a chunk that was cut.
        assert_eq!(changes(&before, &before[..2 * CHUNK]), []);
        assert_eq!(changes(&before, &before[..2 * CHUNK + 5]), [(2 * CHUNK_BYTES, 2 * CHUNK_BYTES + 5)]);
        assert_eq!(changes(&before, &[]), []);
        assert_eq!(changes(&Bytes::new(), &before[..9]), [(0, 9)]);
    }

    #[test]
    fn a_list_of_other_chunks_is_not_compared() {
        let other = ChunkList::new(64);
        assert_eq!(digest_after(&object(9), &[], false, Some(&other)).changed, None);
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
        let object = object(2 * CHUNK + 77);
        let cuts: Vec<usize> = (1..400).map(|i| i * 99_991).collect();
        assert_eq!(digest(&object, &cuts, false), digest(&object, &[], false));
    }
}
