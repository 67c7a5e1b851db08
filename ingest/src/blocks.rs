//! The bytes of an object for a child that goes back and forth: fetched in blocks, of one pinned version.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use object_store::{GetOptions, GetRange, ObjectMeta, ObjectStore};
use tokio::runtime::Handle;

use crate::reading::ReadError;

/// Bytes are fetched in blocks of so many, more at a time when one follows the other.
const BLOCK_BYTES: u64 = 256 * 1024;
/// So many blocks are fetched at once at most.
const BLOCKS_AHEAD_MAX: u64 = 8;
/// So many blocks are kept.
const BLOCKS_KEPT: usize = 64;

/// The bytes of one version of an object, in blocks; those used last are kept.
pub(crate) struct Blocks {
    store: Arc<dyn ObjectStore>,
    pub(crate) meta: ObjectMeta,
    handle: Handle,
    kept: BTreeMap<u64, Bytes>,
    /// Numbers of the blocks that are kept, those fetched first in front.
    order: VecDeque<u64>,
    /// The block after the last one fetched, and how many were fetched at once.
    next: u64,
    ahead: u64,
    pub(crate) bytes_read: u64,
}

impl Blocks {
    pub(crate) fn new(store: Arc<dyn ObjectStore>, meta: ObjectMeta, handle: Handle) -> Self {
        Self {
            store,
            meta,
            handle,
            kept: BTreeMap::new(),
            order: VecDeque::new(),
            next: 0,
            ahead: 1,
            bytes_read: 0,
        }
    }

    /// Bytes from `pos` on: at least one, at most `len`, as many as are in one block.
    pub(crate) fn find(&mut self, pos: u64, len: u32) -> Result<Bytes, ReadError> {
        let number = pos / BLOCK_BYTES;
        if !self.kept.contains_key(&number) {
            self.fetch(number)?;
        }
        let block = self.kept.get(&number).cloned().unwrap_or_default();
        let offset = usize::try_from(pos % BLOCK_BYTES).unwrap_or(usize::MAX);
        if offset >= block.len() {
            return Err(self.changed(format!("it now ends before byte {pos}")));
        }
        Ok(block.slice(offset..block.len().min(offset + len as usize)))
    }

    fn fetch(&mut self, number: u64) -> Result<(), ReadError> {
        self.ahead = if number == self.next { (self.ahead * 2).min(BLOCKS_AHEAD_MAX) } else { 1 };
        let start = number * BLOCK_BYTES;
        let end = start.saturating_add(self.ahead * BLOCK_BYTES).min(self.meta.size);
        let if_match = self.meta.e_tag.clone().filter(|tag| !tag.starts_with("W/"));
        let options = GetOptions {
            if_match,
            version: self.meta.version.clone(),
            range: Some(GetRange::Bounded(start..end)),
            ..GetOptions::default()
        };
        let got = self.handle.block_on(async {
            let got = self.store.get_opts(&self.meta.location, options).await?;
            let size_bytes = got.meta.size;
            Ok((size_bytes, got.bytes().await?))
        });
        let (size_bytes, bytes) =
            got.map_err(|error| ReadError::from_store(self.meta.location.as_ref(), error))?;
        if size_bytes != self.meta.size {
            return Err(self.changed(format!("{size_bytes} bytes instead of {}", self.meta.size)));
        }
        self.bytes_read = self.bytes_read.saturating_add(bytes.len() as u64);
        self.next = number + self.ahead;
        let step = usize::try_from(BLOCK_BYTES).unwrap_or(usize::MAX);
        for (number, start) in (number..).zip((0..bytes.len()).step_by(step)) {
            let block = bytes.slice(start..bytes.len().min(start + step));
            if self.kept.insert(number, block).is_none() {
                self.order.push_back(number);
            }
        }
        while self.order.len() > BLOCKS_KEPT {
            if let Some(oldest) = self.order.pop_front() {
                self.kept.remove(&oldest);
            }
        }
        Ok(())
    }

    fn changed(&self, detail: String) -> ReadError {
        ReadError::Changed { key: self.meta.location.to_string(), detail }
    }
}
