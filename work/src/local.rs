//! The queue within one process: bounded, fair, and gone with the process.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::queue::{Buried, Delivery, Handed, LaneDepth, Queue, QueueError, Submitted};
use crate::task::{Kind, Task};

/// A lane: what waits of one kind and share.
type LaneKey = (Kind, String);

#[derive(Debug, Default)]
struct State {
    lanes: BTreeMap<LaneKey, VecDeque<Handed>>,
    /// How many wait in all lanes.
    waiting: usize,
    /// How many of each lane are held.
    held: BTreeMap<LaneKey, usize>,
    /// What waits or is held.
    ids: BTreeSet<String>,
    /// The lane that was served last.
    served: Option<LaneKey>,
    buried: Vec<Buried>,
    closed: bool,
}

impl State {
    /// The next of the lane whose turn it is.
    fn next(&mut self) -> Option<Handed> {
        use std::ops::Bound::{Excluded, Unbounded};
        let after = match &self.served {
            Some(served) => {
                self.lanes.range((Excluded(served), Unbounded)).next().map(|(lane, _)| lane.clone())
            }
            None => None,
        };
        let lane = after.or_else(|| self.lanes.keys().next().cloned())?;
        let queue = self.lanes.get_mut(&lane)?;
        let next = queue.pop_front()?;
        if queue.is_empty() {
            self.lanes.remove(&lane);
        }
        self.waiting -= 1;
        *self.held.entry(lane.clone()).or_default() += 1;
        self.served = Some(lane);
        Some(next)
    }

    fn push(&mut self, waiting: Handed) {
        self.waiting += 1;
        self.lanes.entry((waiting.task.kind, waiting.task.share.clone())).or_default().push_back(waiting);
    }

    fn let_go(&mut self, task: &Task) {
        let lane = (task.kind, task.share.clone());
        if let Some(held) = self.held.get_mut(&lane) {
            *held -= 1;
            if *held == 0 {
                self.held.remove(&lane);
            }
        }
    }
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    /// Something waits, or nothing will any more.
    changed: Notify,
    /// There is room.
    room: Notify,
    capacity: usize,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A queue within this process.
#[derive(Debug, Clone)]
pub struct LocalQueue(Arc<Shared>);

impl LocalQueue {
    /// A queue in which at most `capacity` tasks wait; whoever hands in more waits for room.
    pub fn bounded(capacity: usize) -> Self {
        let shared = Shared {
            state: Mutex::default(),
            changed: Notify::new(),
            room: Notify::new(),
            capacity: capacity.max(1),
        };
        Self(Arc::new(shared))
    }

    /// Nothing more will be handed in: once all is settled, there is nothing left to take.
    pub fn close(&self) {
        self.0.state().closed = true;
        self.0.changed.notify_waiters();
    }
}

#[async_trait]
impl Queue for LocalQueue {
    async fn submit(&self, tasks: Vec<Task>) -> Result<Submitted, QueueError> {
        let mut submitted = Submitted::default();
        for task in tasks {
            let id = task.id();
            loop {
                let room = self.0.room.notified();
                tokio::pin!(room);
                room.as_mut().enable();
                {
                    let mut state = self.0.state();
                    if state.ids.contains(&id) {
                        submitted.waiting += 1;
                        break;
                    }
                    if state.waiting < self.0.capacity {
                        state.ids.insert(id);
                        state.push(Handed { task, deliveries: 0, failures: 0 });
                        submitted.taken += 1;
                        drop(state);
                        self.0.changed.notify_one();
                        break;
                    }
                }
                room.await;
            }
        }
        Ok(submitted)
    }

    async fn take(&self, until: &CancellationToken) -> Result<Option<Box<dyn Delivery>>, QueueError> {
        loop {
            let changed = self.0.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if until.is_cancelled() {
                return Ok(None);
            }
            let next = {
                let mut state = self.0.state();
                let next = state.next();
                if next.is_none() && state.closed && state.held.is_empty() {
                    return Ok(None);
                }
                next
            };
            if let Some(mut handed) = next {
                self.0.room.notify_one();
                handed.deliveries += 1;
                return Ok(Some(Box::new(LocalDelivery {
                    shared: Arc::clone(&self.0),
                    handed,
                    settled: false,
                })));
            }
            tokio::select! {
                () = until.cancelled() => return Ok(None),
                () = changed => {}
            }
        }
    }

    async fn depth(&self) -> Result<Vec<LaneDepth>, QueueError> {
        let state = self.0.state();
        let lanes: BTreeSet<&LaneKey> = state.lanes.keys().chain(state.held.keys()).collect();
        let depth = |lane: &LaneKey| LaneDepth {
            kind: lane.0,
            share: lane.1.clone(),
            waiting: state.lanes.get(lane).map_or(0, |queue| queue.len() as u64),
            held: state.held.get(lane).map_or(0, |&held| held as u64),
        };
        Ok(lanes.into_iter().map(depth).collect())
    }

    async fn buried(&self) -> Result<Vec<Buried>, QueueError> {
        Ok(self.0.state().buried.clone())
    }

    async fn dig_up(&self, id: &str) -> Result<bool, QueueError> {
        let mut state = self.0.state();
        let before = state.buried.len();
        state.buried.retain(|buried| buried.task.id() != id);
        Ok(state.buried.len() < before)
    }
}

/// A task of a [`LocalQueue`] in the hands of a worker.
struct LocalDelivery {
    shared: Arc<Shared>,
    handed: Handed,
    settled: bool,
}

impl LocalDelivery {
    /// Lets go of the task; `again`, with its counts, if somebody is to have it.
    fn settle(&mut self, again: Option<(u32, u32)>, buried: Option<String>) {
        self.settled = true;
        let task = &self.handed.task;
        let mut state = self.shared.state();
        state.let_go(task);
        if let Some((deliveries, failures)) = again {
            state.push(Handed { task: task.clone(), deliveries, failures });
        } else {
            state.ids.remove(&task.id());
        }
        if let Some(reason) = buried {
            state.buried.push(Buried { task: task.clone(), reason });
        }
        let over = state.closed && state.held.is_empty();
        drop(state);
        if over {
            self.shared.changed.notify_waiters();
        } else if again.is_some() {
            self.shared.changed.notify_one();
        }
    }
}

#[async_trait]
impl Delivery for LocalDelivery {
    fn handed(&self) -> &Handed {
        &self.handed
    }

    async fn done(mut self: Box<Self>) -> Result<(), QueueError> {
        self.settle(None, None);
        Ok(())
    }

    async fn give_back(mut self: Box<Self>, failed: bool) -> Result<(), QueueError> {
        let failures = self.handed.failures + u32::from(failed);
        self.settle(Some((0, failures)), None);
        Ok(())
    }

    async fn bury(mut self: Box<Self>, reason: &str) -> Result<(), QueueError> {
        self.settle(None, Some(reason.to_owned()));
        Ok(())
    }
}

impl Drop for LocalDelivery {
    fn drop(&mut self) {
        if !self.settled {
            self.settle(Some((self.handed.deliveries, self.handed.failures)), None);
        }
    }
}
