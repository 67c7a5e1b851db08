//! The interface of every queue.

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use crate::task::{Kind, Task};

/// Why a queue could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// The address is none.
    #[error("`{address}` is no queue: write nats://HOST:PORT (or tls://HOST:PORT): {reason}")]
    BadAddress {
        /// What was given, without what stands before the `@`.
        address: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A file of credentials cannot be used.
    #[error("the queue's {what} cannot be used: {path}: {source}")]
    Credentials {
        /// What it is for.
        what: &'static str,
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The server does not answer, or does not let us in.
    #[error(
        "the queue at {address} cannot be used: {reason}; check that the server runs, with JetStream, and the credentials"
    )]
    Unreachable {
        /// Where it is, without credentials.
        address: String,
        /// What the client said.
        reason: String,
    },
    /// The server refused what was asked of it.
    #[error("the queue refused to {what}: {reason}")]
    Refused {
        /// What was asked.
        what: &'static str,
        /// What the server said.
        reason: String,
    },
}

/// What became of tasks that were handed in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Submitted {
    /// Taken in.
    pub taken: u64,
    /// Not taken in, because they wait already, or are being worked on.
    pub waiting: u64,
}

impl std::ops::AddAssign for Submitted {
    fn add_assign(&mut self, other: Self) {
        self.taken += other.taken;
        self.waiting += other.waiting;
    }
}

/// How much there is to do of one kind and share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaneDepth {
    /// What is to be done.
    pub kind: Kind,
    /// Whose it is.
    pub share: String,
    /// Tasks that nobody has taken.
    pub waiting: u64,
    /// Tasks that somebody has taken, or fetched ahead, and not settled.
    pub held: u64,
}

/// A task that was set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Buried {
    /// The task.
    pub task: Task,
    /// Why.
    pub reason: String,
}

/// Hands out tasks.
#[async_trait]
pub trait Queue: Send + Sync {
    /// Takes tasks in, waiting for room if there is none. Those that wait or are worked on already are not taken in again.
    ///
    /// # Errors
    /// Where the queue cannot be used. Some of the tasks may have been taken in; handing in all of them again is harmless.
    async fn submit(&self, tasks: Vec<Task>) -> Result<Submitted, QueueError>;

    /// The next task, of the share whose turn it is. Waits until there is one; `None` once there will be none any more,
    /// or once `until` is cancelled.
    ///
    /// # Errors
    /// Where no task will ever be had. A server that is away for a time is waited for.
    async fn take(&self, until: &CancellationToken) -> Result<Option<Box<dyn Delivery>>, QueueError>;

    /// How much there is to do, by kind and share; what there is nothing of may be left out.
    ///
    /// # Errors
    /// Where the queue cannot be used.
    async fn depth(&self) -> Result<Vec<LaneDepth>, QueueError>;

    /// The tasks that were set aside and not taken back.
    ///
    /// # Errors
    /// Where the queue cannot be used.
    async fn buried(&self) -> Result<Vec<Buried>, QueueError>;

    /// Takes a task back that was set aside, so that it can be handed in again; `false` if it is not there.
    ///
    /// # Errors
    /// Where the queue cannot be used.
    async fn dig_up(&self, id: &str) -> Result<bool, QueueError>;
}

/// What is handed out, and what became of it before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handed {
    /// The task.
    pub task: Task,
    /// How often it was handed out, this time included, since it was last given back.
    pub deliveries: u32,
    /// How often somebody tried it and gave it back, having failed.
    pub failures: u32,
}

/// A task in the hands of a worker. To let go of it without settling it is to end without a word: it comes again.
#[async_trait]
pub trait Delivery: Send {
    /// What was handed out.
    fn handed(&self) -> &Handed;

    /// Keys of objects in the same store whose tasks were fetched together with this one. They are handed out after it,
    /// unless they go to others: what is asked of something else about each can be asked about all of them at once.
    fn following(&self) -> &[String] {
        &[]
    }

    /// The task.
    fn task(&self) -> &Task {
        &self.handed().task
    }

    /// How often it was handed out ([`Handed::deliveries`]).
    fn deliveries(&self) -> u32 {
        self.handed().deliveries
    }

    /// How often it failed ([`Handed::failures`]).
    fn failures(&self) -> u32 {
        self.handed().failures
    }

    /// It is done.
    ///
    /// # Errors
    /// Where the queue does not hear it; the task comes again.
    async fn done(self: Box<Self>) -> Result<(), QueueError>;

    /// It is handed back at once, for anybody to take; its deliveries are counted from nothing again. Over machines, the
    /// share of what failed rests for a moment, longer after each failure.
    ///
    /// # Errors
    /// Where the queue does not hear it; the task comes again.
    async fn give_back(self: Box<Self>, failed: bool) -> Result<(), QueueError>;

    /// It is set aside: nobody gets it any more.
    ///
    /// # Errors
    /// Where the queue does not hear it; the task comes again.
    async fn bury(self: Box<Self>, reason: &str) -> Result<(), QueueError>;
}
