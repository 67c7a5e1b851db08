//! The queue over machines: NATS JetStream.
//!
//! Everything is in two streams. `NAME-WORK` is a work queue: what was acknowledged is gone. Its subjects are
//! `NAME.work.LANE.ID`, a lane being a class of work and a share, and each lane has a durable pull consumer of its own,
//! so that workers can serve lanes in turn ([`lanes`]). A subject holds one message at most, so a task that waits, or is
//! worked on, is refused when it is handed in again, however long it takes; `Nats-Msg-Id` refuses a publisher's
//! repetition shortly after it was done, too. `NAME-BURIED` keeps what was set aside, for people.
//!
//! A worker holds a message by saying every third of the time in which it would be handed to another that it goes on
//! ([`delivery`]); one that was killed says nothing. Deliveries are counted by the server. A worker that *fails* (the
//! object store is away) puts the same task in anew and then acknowledges the old message, so that only workers which ended
//! without a word count towards setting it aside.

mod apart;
mod buried;
mod connect;
mod delivery;
mod handing_in;
mod lanes;
mod options;
mod taking;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_nats::jetstream;
use async_nats::jetstream::stream::{
    Config as StreamConfig, DiscardPolicy, RetentionPolicy, StorageType, Stream,
};
use async_trait::async_trait;
use futures::stream::StreamExt as _;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

pub use self::connect::Address;
use self::lanes::Resting;
pub use self::options::NatsOptions;
use self::taking::Taker;
use crate::queue::{Buried, Delivery, LaneDepth, Queue, QueueError, Submitted};
use crate::task::Task;

/// How long an answer of the server is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long it waits before it asks a server again that does not answer.
const AWAY: Duration = Duration::from_secs(1);

/// How long the server remembers what was handed in, beyond what still waits.
const REMEMBERED: Duration = Duration::from_mins(2);

/// Header that says how often a task was handed out in an earlier message.
const DELIVERIES: &str = "Reelproof-Deliveries";

/// Header that says how often a task failed.
const FAILURES: &str = "Reelproof-Failures";

/// Header that says why a task was set aside.
const REASON: &str = "Reelproof-Reason";

/// What queue and deliveries share.
#[derive(Debug)]
struct Shared {
    context: jetstream::Context,
    options: NatsOptions,
    /// Lanes whose consumers were made, or seen.
    known: Mutex<BTreeSet<String>>,
    /// Held by the slot that looks for work; the others wait for it.
    taker: tokio::sync::Mutex<Taker>,
    resting: Mutex<Resting>,
}

/// A queue on NATS JetStream.
#[derive(Debug, Clone)]
pub struct NatsQueue(Arc<Shared>);

fn refused(what: &'static str) -> impl Fn(String) -> QueueError {
    move |reason| QueueError::Refused { what, reason }
}

impl NatsQueue {
    /// Connects, and sets up the streams where they are not there.
    ///
    /// # Errors
    /// [`QueueError`] says what is wrong with address or credentials, or what the server refused.
    pub async fn open(options: NatsOptions) -> Result<Self, QueueError> {
        let client = connect::connect(&options).await?;
        let mut context = match &options.domain {
            Some(domain) => jetstream::with_domain(client, domain),
            None => jetstream::new(client),
        };
        context.set_timeout(PATIENCE);
        let shared = Shared {
            context,
            options,
            known: Mutex::default(),
            taker: tokio::sync::Mutex::default(),
            resting: Mutex::default(),
        };
        let queue = Self(Arc::new(shared));
        queue.set_up().await?;
        Ok(queue)
    }

    /// Where it is, without credentials.
    pub fn address(&self) -> &Address {
        &self.0.options.address
    }

    /// Whether the server can be heard at the moment.
    pub fn is_connected(&self) -> bool {
        self.0.context.client().connection_state() == async_nats::connection::State::Connected
    }

    /// Sends what was said and is still on its way.
    ///
    /// # Errors
    /// Where the server does not take it in time.
    pub async fn flush(&self) -> Result<(), QueueError> {
        let client = self.0.context.client();
        let flushed = timeout(PATIENCE, client.flush()).await;
        match flushed {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(refused("send the rest")(error.to_string())),
            Err(_) => Err(refused("send the rest")("no answer".to_owned())),
        }
    }

    /// What is told to `NAME.events.bucket`: documents about objects that somebody wrote. Of several workers, one gets
    /// each. What is told while nobody listens is lost; a listing finds what it told of.
    ///
    /// # Errors
    /// Where the server does not let us listen.
    pub async fn events(&self) -> Result<impl futures::Stream<Item = bytes::Bytes> + use<>, QueueError> {
        let subject = format!("{}.events.bucket", self.0.options.name);
        let group = format!("{}-workers", self.0.options.name);
        let subscriber = self.0.context.client().queue_subscribe(subject, group).await;
        let subscriber = subscriber.map_err(|error| refused("listen to events")(error.to_string()))?;
        Ok(subscriber.map(|message| message.payload))
    }

    /// The subject of a request to the server.
    fn api(&self, request: &str) -> String {
        match &self.0.options.domain {
            Some(domain) => format!("$JS.{domain}.API.{request}"),
            None => format!("$JS.API.{request}"),
        }
    }

    fn work_stream(&self) -> String {
        format!("{}-WORK", self.0.options.name)
    }

    fn buried_stream(&self) -> String {
        format!("{}-BURIED", self.0.options.name)
    }

    async fn set_up(&self) -> Result<(), QueueError> {
        let NatsOptions { name, replicas, max_waiting, .. } = &self.0.options;
        let work = StreamConfig {
            name: self.work_stream(),
            description: Some("objects to be read and looked at; the catalog is the truth".to_owned()),
            subjects: vec![format!("{name}.work.>")],
            retention: RetentionPolicy::WorkQueue,
            storage: StorageType::File,
            discard: DiscardPolicy::New,
            discard_new_per_subject: true,
            max_messages_per_subject: 1,
            max_messages: i64::from(*max_waiting),
            duplicate_window: REMEMBERED,
            num_replicas: *replicas,
            ..StreamConfig::default()
        };
        let buried = StreamConfig {
            name: self.buried_stream(),
            description: Some("what ended every worker that took it".to_owned()),
            subjects: vec![format!("{name}.buried.>")],
            storage: StorageType::File,
            max_messages_per_subject: 1,
            max_messages: 100_000,
            num_replicas: *replicas,
            allow_direct: false,
            ..StreamConfig::default()
        };
        for config in [work, buried] {
            let made = timeout(PATIENCE, self.0.context.get_or_create_stream(config)).await;
            let unreachable =
                |reason| QueueError::Unreachable { address: self.0.options.address.to_string(), reason };
            made.map_err(|_| unreachable("no answer".to_owned()))?
                .map_err(|error| unreachable(error.to_string()))?;
        }
        Ok(())
    }

    async fn stream(&self, name: String) -> Result<Stream<()>, QueueError> {
        let got = timeout(PATIENCE, self.0.context.get_stream_no_info(name)).await;
        let got = got.map_err(|_| refused("name its stream")("no answer".to_owned()))?;
        got.map_err(|error| refused("name its stream")(error.to_string()))
    }

    /// Lanes whose consumers were made, or seen.
    fn known(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Shares that rest.
    fn resting(&self) -> MutexGuard<'_, Resting> {
        self.0.resting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Queue for NatsQueue {
    async fn submit(&self, tasks: Vec<Task>) -> Result<Submitted, QueueError> {
        self.hand_in(tasks).await
    }

    async fn take(&self, until: &CancellationToken) -> Result<Option<Box<dyn Delivery>>, QueueError> {
        Ok(self.take_one(until).await?.map(|delivery| Box::new(delivery) as Box<dyn Delivery>))
    }

    async fn depth(&self) -> Result<Vec<LaneDepth>, QueueError> {
        let mut depths: BTreeMap<_, (u64, u64)> = BTreeMap::new();
        for lane in self.lanes().await? {
            let (waiting, held) = depths.entry((lane.kind(), lane.share)).or_default();
            *waiting += lane.info.num_pending;
            *held += lane.info.num_ack_pending as u64;
        }
        let depth = |((kind, share), (waiting, held))| LaneDepth { kind, share, waiting, held };
        Ok(depths.into_iter().map(depth).collect())
    }

    async fn buried(&self) -> Result<Vec<Buried>, QueueError> {
        self.set_aside().await
    }

    async fn dig_up(&self, id: &str) -> Result<bool, QueueError> {
        self.take_back(id).await
    }
}
