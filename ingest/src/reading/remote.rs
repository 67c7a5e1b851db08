//! Bytes of an object that is not a file of this machine: parts of it in order, pumped by tasks into
//! queues so that the network works while we compute, and ranges out of order.
//!
//! A part comes as one stream or as several ranges at a time ([`super::link`] says which is better), each
//! of which is a *lane*: a task that asks for its bytes, puts them into a queue, and asks again from where
//! an answer broke off, on the same version of the object. Lanes are emptied in order.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use bytes::{Buf, Bytes};
use futures::StreamExt;
use futures::stream::BoxStream;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio_util::task::AbortOnDropHandle;

use super::block::{BLOCK_BYTES, Block};
use super::error::ReadError;
use super::link::{Link, Plan, RANGE_BYTES, Trial};
use super::source::Pinned;

/// How many pieces of a stream, as they come from the network, may wait.
const STREAM_QUEUE: usize = 16;

/// How many pieces of a range may wait: all of it, where the network does not cut it up beyond measure.
const RANGE_QUEUE: usize = 4096;

/// What the store's client gives.
type Answer = BoxStream<'static, object_store::Result<Bytes>>;

/// Consecutive bytes that a task fetches.
#[derive(Debug)]
struct Lane {
    /// Where it ends.
    end: u64,
    pieces: mpsc::Receiver<Result<Bytes, ReadError>>,
    _pump: AbortOnDropHandle<()>,
    _leave: Option<OwnedSemaphorePermit>,
}

/// The part that is being read.
#[derive(Debug)]
struct Part {
    lanes: VecDeque<Lane>,
    /// How many lanes there are to be at a time, and how long each is.
    ranges: usize,
    lane_bytes: u64,
    /// Where the next lane begins.
    next_lane: u64,
    /// What arrived in the first lane and was not taken yet.
    rest: Bytes,
    /// Where `rest` begins.
    pos: u64,
    /// Where the part ends.
    end: u64,
    trial: Option<Trial>,
}

/// The bytes of a pinned object, from a store.
#[derive(Debug)]
pub(crate) struct Flow {
    pinned: Pinned,
    /// What is known of the way to the store; `None` where only some bytes of the object are wanted.
    link: Option<Arc<Link>>,
    part: Option<Part>,
    received: Arc<AtomicU64>,
}

impl Flow {
    /// `first` are the bytes up to `end`.
    pub(crate) fn new(pinned: Pinned, link: Option<Arc<Link>>, first: Answer, end: u64) -> Self {
        let mut flow = Self { pinned, link, part: None, received: Arc::default() };
        let lane = flow.lane(Some(first), 0, end, STREAM_QUEUE, None);
        flow.part = Some(Part {
            lanes: VecDeque::from([lane]),
            ranges: 1,
            lane_bytes: end,
            next_lane: end,
            rest: Bytes::new(),
            pos: 0,
            end,
            trial: None,
        });
        flow
    }

    /// Begins a part at `pos` that goes no farther than `end`.
    fn begin(&mut self, pos: u64, end: u64) {
        // What is still on trial is let go of first, so that this part can be.
        self.part = None;
        let left = end - pos;
        let Plan { ranges, bytes, mut trial } =
            self.link.as_ref().map_or_else(|| Plan::one_stream(left), |link| link.plan(left));
        if let Some(trial) = &mut trial {
            trial.asked();
        }
        let (ranges, lane_bytes) = if ranges > 1 { (ranges as usize, RANGE_BYTES) } else { (1, bytes) };
        let end = pos + bytes;
        let mut part = Part {
            lanes: VecDeque::new(),
            ranges,
            lane_bytes,
            next_lane: pos,
            rest: Bytes::new(),
            pos,
            end,
            trial,
        };
        self.fill(&mut part);
        self.part = Some(part);
    }

    /// Starts the lanes that there are to be: the one that is read first in any case, others as the
    /// allowance for them lasts.
    fn fill(&self, part: &mut Part) {
        while part.lanes.len() < part.ranges && part.next_lane < part.end {
            let leave = if part.lanes.is_empty() {
                None
            } else {
                let Some(leave) = self.link.as_ref().and_then(|link| link.one_more()) else { return };
                Some(leave)
            };
            let end = part.next_lane.saturating_add(part.lane_bytes).min(part.end);
            let queue = if part.ranges > 1 { RANGE_QUEUE } else { STREAM_QUEUE };
            part.lanes.push_back(self.lane(None, part.next_lane, end, queue, leave));
            part.next_lane = end;
        }
    }

    fn lane(
        &self,
        first: Option<Answer>,
        start: u64,
        end: u64,
        queue: usize,
        leave: Option<OwnedSemaphorePermit>,
    ) -> Lane {
        let (queue, pieces) = mpsc::channel(queue);
        let pump = Pump {
            pinned: self.pinned.clone(),
            link: self.link.clone(),
            received: Arc::clone(&self.received),
            queue,
            pos: start,
            end,
        };
        let pump = AbortOnDropHandle::new(self.pinned.spawn(pump.run(first)));
        Lane { end, pieces, _pump: pump, _leave: leave }
    }

    pub(crate) fn next(&mut self, pos: u64, end: u64) -> Result<Block, ReadError> {
        loop {
            self.pinned.check_cancelled()?;
            match self.try_next(pos, end) {
                Ok(Some(block)) => return Ok(block),
                // An empty piece, the end of a lane, or a new part: go on.
                Ok(None) => {}
                Err(error) => {
                    self.part = None;
                    return Err(error);
                }
            }
        }
    }

    fn try_next(&mut self, pos: u64, end: u64) -> Result<Option<Block>, ReadError> {
        let Some(mut part) = self.part.take().filter(|part| part.pos <= pos && pos < part.end) else {
            self.begin(pos, end);
            return Ok(None);
        };
        self.receive(&mut part)?;
        // What was passed over in the meantime.
        part.drop_until(pos);
        let left = usize::try_from(end.min(part.end) - pos).unwrap_or(BLOCK_BYTES);
        let taken = part.rest.split_to(part.rest.len().min(BLOCK_BYTES).min(left));
        part.pos += taken.len() as u64;
        if part.pos < part.end {
            self.part = Some(part);
        } else if let Some(trial) = part.trial.take() {
            trial.ended();
        }
        Ok((!taken.is_empty()).then(|| Block::from_bytes(pos, taken)))
    }

    /// Waits until there is something in `rest`, or a lane has ended.
    fn receive(&self, part: &mut Part) -> Result<(), ReadError> {
        if !part.rest.is_empty() {
            return Ok(());
        }
        let Some(lane) = part.lanes.front_mut() else {
            return Err(ReadError::from_store(self.pinned.key(), cut_short(part.pos)));
        };
        let piece = match lane.pieces.try_recv() {
            Ok(piece) => Some(piece),
            Err(mpsc::error::TryRecvError::Disconnected) => None,
            Err(mpsc::error::TryRecvError::Empty) => {
                let since = Instant::now();
                let piece = self.pinned.wait(async { Ok(lane.pieces.recv().await) })?;
                if let Some(trial) = &mut part.trial {
                    trial.waited(since.elapsed());
                }
                piece
            }
        };
        match piece {
            Some(piece) => {
                part.rest = piece?;
                if let Some(trial) = &mut part.trial {
                    trial.arrived();
                }
            }
            None if part.pos != lane.end => {
                return Err(ReadError::from_store(self.pinned.key(), cut_short(part.pos)));
            }
            None => {
                part.lanes.pop_front();
                self.fill(part);
            }
        }
        Ok(())
    }

    pub(crate) fn has_more(&self) -> bool {
        self.part.as_ref().is_some_and(|part| {
            !part.rest.is_empty() || part.lanes.front().is_some_and(|lane| !lane.pieces.is_empty())
        })
    }

    pub(crate) fn is_sending(&self, pos: u64) -> bool {
        self.part.as_ref().is_some_and(|part| part.pos <= pos && pos < part.end)
    }

    /// Passes over the bytes before `pos`. Ranges are on their way, so they are waited for and dropped. A
    /// stream is gone on with if they have all arrived, and otherwise left, as a new one will bring fewer
    /// bytes twice.
    pub(crate) fn skip(&mut self, pos: u64) {
        let Some(part) = self.part.as_mut().filter(|part| part.pos < pos) else { return };
        if part.end <= pos {
            self.part = None;
            return;
        }
        while part.pos < pos && part.ranges == 1 {
            if part.rest.is_empty() {
                let piece = part.lanes.front_mut().and_then(|lane| lane.pieces.try_recv().ok());
                let Some(Ok(piece)) = piece else {
                    self.part = None;
                    return;
                };
                part.rest = piece;
            }
            part.drop_until(pos);
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
                    count(bytes.len(), &self.received, self.link.as_deref());
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

impl Part {
    /// Drops what has arrived before `pos`.
    fn drop_until(&mut self, pos: u64) {
        let before = usize::try_from(pos.saturating_sub(self.pos)).unwrap_or(usize::MAX);
        let dropped = before.min(self.rest.len());
        self.rest.advance(dropped);
        self.pos += dropped as u64;
    }
}

/// The task of a lane.
struct Pump {
    pinned: Pinned,
    link: Option<Arc<Link>>,
    received: Arc<AtomicU64>,
    queue: mpsc::Sender<Result<Bytes, ReadError>>,
    /// Where the next byte stands.
    pos: u64,
    end: u64,
}

impl Pump {
    /// Fetches the lane's bytes, as often anew as it takes; `first` is an answer that is there already.
    async fn run(mut self, mut first: Option<Answer>) {
        let mut tried = 0;
        while self.pos < self.end {
            let before = self.pos;
            let Err(error) = self.fetch(first.take()).await else { return };
            if self.pos > before {
                tried = 0;
            }
            if let Err(error) = self.pinned.pause(error, tried).await {
                // Nobody may want to know any more.
                let _ = self.queue.send(Err(error)).await;
                return;
            }
            tried += 1;
        }
    }

    /// Asks once, and passes on what comes; done, too, when nobody wants it any more.
    async fn fetch(&mut self, answer: Option<Answer>) -> Result<(), ReadError> {
        let mut answer = match answer {
            Some(answer) => answer,
            None => self.pinned.get(self.pos, self.end).await?.into_stream(),
        };
        while self.pos < self.end {
            let Some(piece) = answer.next().await else {
                return Err(ReadError::from_store(self.pinned.key(), cut_short(self.pos)));
            };
            let mut piece = piece.map_err(|error| ReadError::from_store(self.pinned.key(), error))?;
            count(piece.len(), &self.received, self.link.as_deref());
            // A store may send more than it was asked for.
            piece.truncate(usize::try_from(self.end - self.pos).unwrap_or(usize::MAX));
            self.pos += piece.len() as u64;
            if self.queue.send(Ok(piece)).await.is_err() {
                return Ok(());
            }
        }
        Ok(())
    }
}

/// Counts bytes that arrived, for the object and for the link.
fn count(bytes: usize, received: &AtomicU64, link: Option<&Link>) {
    received.fetch_add(bytes as u64, Ordering::Relaxed);
    if let Some(link) = link {
        link.received(bytes as u64);
    }
}

fn cut_short(pos: u64) -> object_store::Error {
    object_store::Error::Generic {
        store: "the store",
        source: format!("it stopped sending at byte {pos}").into(),
    }
}
