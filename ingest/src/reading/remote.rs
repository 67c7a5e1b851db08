//! Bytes of an object that is not a file of this machine: one stream of it in order, pumped by a
//! task into a short queue so that the network works while we compute, and ranges out of order.
//!
//! One stream was found faster than parallel ranges where the store is near, and is kinder to it. A
//! stream that breaks is taken up again where it broke, on the same version of the object.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::{Buf, Bytes};
use futures::StreamExt;
use futures::stream::BoxStream;
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use super::block::{BLOCK_BYTES, Block};
use super::error::ReadError;
use super::source::Pinned;

/// How many pieces, as they come from the network, may wait.
const QUEUE: usize = 16;

type Piece = object_store::Result<Bytes>;

/// The stream that is being read.
#[derive(Debug)]
struct Stream {
    pieces: mpsc::Receiver<Piece>,
    /// What arrived and was not taken yet.
    rest: Bytes,
    /// Where `rest` begins.
    pos: u64,
    /// Where the stream ends.
    end: u64,
    _pump: AbortOnDropHandle<()>,
}

/// The bytes of a pinned object, from a store.
#[derive(Debug)]
pub(crate) struct Flow {
    pinned: Pinned,
    stream: Option<Stream>,
    received: Arc<AtomicU64>,
}

impl Flow {
    /// `first` are the bytes up to `end`.
    pub(crate) fn new(pinned: Pinned, first: BoxStream<'static, Piece>, end: u64) -> Self {
        let mut flow = Self { pinned, stream: None, received: Arc::default() };
        flow.start(first, 0, end);
        flow
    }

    fn start(&mut self, mut from: BoxStream<'static, Piece>, pos: u64, end: u64) {
        let (queue, pieces) = mpsc::channel(QUEUE);
        let received = Arc::clone(&self.received);
        let pump = self.pinned.spawn(async move {
            while let Some(piece) = from.next().await {
                if let Ok(bytes) = &piece {
                    received.fetch_add(bytes.len() as u64, Ordering::Relaxed);
                }
                if queue.send(piece).await.is_err() {
                    return;
                }
            }
        });
        let pump = AbortOnDropHandle::new(pump);
        self.stream = Some(Stream { pieces, rest: Bytes::new(), pos, end, _pump: pump });
    }

    pub(crate) fn next(&mut self, pos: u64, end: u64) -> Result<Block, ReadError> {
        let mut tried = 0;
        loop {
            self.pinned.check_cancelled()?;
            let error = match self.try_next(pos, end) {
                Ok(Some(block)) => return Ok(block),
                // An empty piece, or a new stream: go on.
                Ok(None) => continue,
                Err(error) => error,
            };
            self.stream = None;
            self.pinned.wait(self.pinned.pause(error, tried))?;
            tried += 1;
        }
    }

    fn try_next(&mut self, pos: u64, end: u64) -> Result<Option<Block>, ReadError> {
        let Some(stream) = self.stream.as_mut().filter(|stream| stream.pos == pos && pos < stream.end) else {
            self.stream = None;
            let got = self.pinned.wait(self.pinned.get(pos, end))?;
            self.start(got.into_stream(), pos, end);
            return Ok(None);
        };
        if stream.rest.is_empty() {
            let piece = self.pinned.wait(async { Ok(stream.pieces.recv().await) })?;
            let failed = |error| ReadError::from_store(self.pinned.key(), error);
            stream.rest = match piece {
                Some(piece) => piece.map_err(failed)?,
                None => return Err(failed(cut_short(pos))),
            };
        }
        let left = usize::try_from(end.min(stream.end) - pos).unwrap_or(BLOCK_BYTES);
        let taken = stream.rest.split_to(stream.rest.len().min(BLOCK_BYTES).min(left));
        if taken.is_empty() {
            return Ok(None);
        }
        stream.pos += taken.len() as u64;
        Ok(Some(Block::from_bytes(pos, taken)))
    }

    pub(crate) fn has_more(&self) -> bool {
        self.stream.as_ref().is_some_and(|stream| !stream.rest.is_empty() || !stream.pieces.is_empty())
    }

    pub(crate) fn is_sending(&self, pos: u64) -> bool {
        self.stream.as_ref().is_some_and(|stream| stream.pos <= pos && pos < stream.end)
    }

    /// Passes over the bytes before `pos`: goes on with the stream if they have all arrived, and
    /// otherwise leaves it, as a new one will bring fewer bytes twice.
    pub(crate) fn skip(&mut self, pos: u64) {
        let Some(stream) = &mut self.stream else { return };
        while stream.pos < pos {
            if stream.rest.is_empty() {
                let Ok(Ok(piece)) = stream.pieces.try_recv() else {
                    self.stream = None;
                    return;
                };
                stream.rest = piece;
            }
            let passed = usize::try_from(pos - stream.pos).unwrap_or(usize::MAX).min(stream.rest.len());
            stream.rest.advance(passed);
            stream.pos += passed as u64;
        }
    }

    pub(crate) fn range(&mut self, start: u64, end: u64) -> Result<Bytes, ReadError> {
        let mut tried = 0;
        loop {
            let fetched = self.pinned.wait(async {
                let got = self.pinned.get(start, end).await?;
                let bytes = got.bytes().await;
                bytes.map_err(|error| ReadError::from_store(self.pinned.key(), error))
            });
            let error = match fetched {
                Ok(bytes) => {
                    self.received.fetch_add(bytes.len() as u64, Ordering::Relaxed);
                    if bytes.len() as u64 == end - start {
                        return Ok(bytes);
                    }
                    ReadError::from_store(self.pinned.key(), cut_short(start + bytes.len() as u64))
                }
                Err(error) => error,
            };
            self.pinned.wait(self.pinned.pause(error, tried))?;
            tried += 1;
        }
    }

    pub(crate) fn bytes_read(&self) -> u64 {
        self.received.load(Ordering::Relaxed)
    }

    pub(crate) fn check_cancelled(&self) -> Result<(), ReadError> {
        self.pinned.check_cancelled()
    }
}

fn cut_short(pos: u64) -> object_store::Error {
    object_store::Error::Generic {
        store: "the store",
        source: format!("it stopped sending at byte {pos}").into(),
    }
}
