//! The queue over machines: NATS JetStream.
//!
//! Everything is in two streams. `NAME-WORK` is a work queue: what was acknowledged is gone. Its subjects are
//! `NAME.work.LANE.ID`, a lane being a kind of work and a share, and each lane has a durable pull consumer of its own,
//! so that workers can serve lanes in turn ([`lanes`]). A subject holds one message at most, so a task that waits, or is
//! worked on, is refused when it is handed in again, however long it takes; `Nats-Msg-Id` refuses a publisher's
//! repetition shortly after it was done, too. `NAME-BURIED` keeps what was set aside, for people.
//!
//! A worker holds a message by saying every third of the time in which it would be handed to another that it goes on
//! ([`delivery`]); one that was killed says nothing. Deliveries are counted by the server. A worker that *fails* (the
//! object store is away) puts the same task in anew and then acknowledges the old message, so that only workers which ended
//! without a word count towards setting it aside.

mod connect;
mod delivery;
mod lanes;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_nats::jetstream;
use async_nats::jetstream::consumer::{AckPolicy, Consumer, pull};
use async_nats::jetstream::context::PublishErrorKind;
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::{
    Config as StreamConfig, DiscardPolicy, RetentionPolicy, StorageType, Stream,
};
use async_trait::async_trait;
use futures::TryStreamExt as _;
use futures::stream::{FuturesUnordered, StreamExt as _};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

pub use self::connect::Address;
use self::delivery::NatsDelivery;
use self::lanes::{Lane, Resting, Ring, lane_name};
use crate::queue::{Buried, Delivery, LaneDepth, Queue, QueueError, Submitted};
use crate::task::Task;

/// How long an answer of the server is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long a worker with nothing to do waits before it asks again.
const IDLE: Duration = Duration::from_millis(500);

/// How long it waits before it asks a server again that does not answer.
const AWAY: Duration = Duration::from_secs(1);

/// How many messages may be on their way to the server unconfirmed.
const IN_FLIGHT: usize = 256;

/// How long the server remembers what was handed in, beyond what still waits.
const REMEMBERED: Duration = Duration::from_mins(2);

/// How many times a message that finds the stream full is tried again, a second apart, before that is an error.
const FULL_TRIES: u32 = 600;

/// Header that says how often a task failed.
const FAILURES: &str = "Reelproof-Failures";

/// Header that says why a task was set aside.
const REASON: &str = "Reelproof-Reason";

/// How the queue is reached, and how it is set up by whoever comes first.
#[derive(Debug, Clone)]
pub struct NatsOptions {
    /// Where it is.
    pub address: Address,
    /// What streams and subjects begin with: letters, digits, `-` and `_`.
    pub name: String,
    /// File with a user's JWT and key.
    pub creds_file: Option<PathBuf>,
    /// File with the seed of a user's key.
    pub nkey_file: Option<PathBuf>,
    /// File with a token.
    pub token_file: Option<PathBuf>,
    /// PEM file with the authority that vouches for the server.
    pub tls_ca: Option<PathBuf>,
    /// PEM file with our certificate.
    pub tls_cert: Option<PathBuf>,
    /// PEM file with its key.
    pub tls_key: Option<PathBuf>,
    /// The JetStream domain, where the server is a leaf of it.
    pub domain: Option<String>,
    /// On how many servers the streams are kept.
    pub replicas: usize,
    /// How long a worker may be silent before its task is handed to another.
    pub ack_wait: Duration,
    /// How many tasks may wait.
    pub max_waiting: u32,
    /// How many tasks of one lane may be held at a time, by all workers.
    pub max_held: u32,
    /// Only tasks of these shares are taken, and of shares below them; empty: of all.
    pub only: Vec<String>,
}

impl NatsOptions {
    /// As usual, at `address`.
    pub fn new(address: Address) -> Self {
        Self {
            address,
            name: "reelproof".to_owned(),
            creds_file: None,
            nkey_file: None,
            token_file: None,
            tls_ca: None,
            tls_cert: None,
            tls_key: None,
            domain: None,
            replicas: 1,
            ack_wait: Duration::from_secs(30),
            max_waiting: 5_000_000,
            max_held: 1000,
            only: Vec::new(),
        }
    }
}

/// What queue and deliveries share.
#[derive(Debug)]
struct Shared {
    context: jetstream::Context,
    options: NatsOptions,
    /// Lanes whose consumers were made, or seen.
    known: Mutex<BTreeSet<String>>,
    /// Held by the slot that looks for work; the others wait for it.
    ring: tokio::sync::Mutex<Ring>,
    resting: Mutex<Resting>,
}

/// A queue on NATS JetStream.
#[derive(Debug, Clone)]
pub struct NatsQueue(Arc<Shared>);

/// What became of one message that was handed in.
enum Published {
    Taken,
    Waiting,
    /// There is no room for it.
    Full,
}

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
            ring: tokio::sync::Mutex::default(),
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

    fn is_known(&self, lane: &str) -> bool {
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner).contains(lane)
    }

    /// Makes the consumer of a lane, if it is not known to be there. Before the first message of the lane: a work queue keeps what
    /// nobody consumes, so the order does not matter to it, but workers know of lanes by their consumers.
    async fn make_lane(&self, lane: &str, share: &str) -> Result<(), QueueError> {
        if self.is_known(lane) {
            return Ok(());
        }
        let NatsOptions { name, ack_wait, max_held, .. } = &self.0.options;
        let config = pull::Config {
            durable_name: Some(lane.to_owned()),
            description: Some(share.to_owned()),
            filter_subject: format!("{name}.work.{lane}.>"),
            ack_policy: AckPolicy::Explicit,
            ack_wait: *ack_wait,
            max_ack_pending: i64::from(*max_held),
            // Whoever takes it too often sets it aside; a limit here would leave it in the stream for good.
            max_deliver: -1,
            ..pull::Config::default()
        };
        let made =
            timeout(PATIENCE, self.0.context.create_consumer_on_stream(config, self.work_stream())).await;
        made.map_err(|_| refused("make a lane")("no answer".to_owned()))?
            .map_err(|error| refused("make a lane")(error.to_string()))?;
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner).insert(lane.to_owned());
        Ok(())
    }

    /// Hands in one message and waits until the server has it on disk.
    async fn publish(&self, subject: String, message: PublishMessage) -> Result<Published, QueueError> {
        let what = refused("take work in");
        let sent = self.0.context.send_publish(subject, message).await;
        let acknowledged = match sent {
            Ok(acknowledged) => acknowledged.await,
            Err(error) => Err(error),
        };
        match acknowledged {
            Ok(taken) if taken.duplicate => Ok(Published::Waiting),
            Ok(_) => Ok(Published::Taken),
            Err(error) if error.kind() == PublishErrorKind::Other => {
                let said = error.to_string();
                if said.contains("per subject exceeded") {
                    Ok(Published::Waiting)
                } else if said.contains("messages exceeded") || said.contains("bytes exceeded") {
                    Ok(Published::Full)
                } else {
                    Err(what(said))
                }
            }
            Err(error) => Err(what(error.to_string())),
        }
    }

    /// Hands in one message, waiting for room, and trying again where the server was away for a moment.
    async fn publish_patiently(
        &self,
        subject: String,
        message: impl Fn() -> PublishMessage,
    ) -> Result<Published, QueueError> {
        let mut tried = 0;
        loop {
            match self.publish(subject.clone(), message()).await {
                Ok(Published::Full) if tried < FULL_TRIES => {}
                Ok(Published::Full) => {
                    return Err(refused("take work in")("it is full; start more workers".to_owned()));
                }
                Ok(published) => return Ok(published),
                Err(error) if tried >= 30 => return Err(error),
                Err(error) => tracing::debug!(%error, tried, "the queue did not answer; trying again"),
            }
            tried += 1;
            tokio::time::sleep(AWAY).await;
        }
    }

    fn subject(&self, task: &Task, id: &str) -> String {
        format!("{}.work.{}.{id}", self.0.options.name, lane_name(task.kind, &task.share))
    }

    fn message(task: &Task, id: &str, failures: u32) -> PublishMessage {
        // A task is plain text and numbers.
        let json = serde_json::to_vec(task).unwrap_or_default();
        let message = PublishMessage::build().payload(json.into()).message_id(id);
        if failures > 0 { message.header(FAILURES, failures.to_string().as_str()) } else { message }
    }

    /// The lanes that workers of this queue serve, as the server knows them now.
    async fn lanes(&self) -> Result<Vec<Lane>, QueueError> {
        let what = refused("list its lanes");
        let stream = self.stream(self.work_stream()).await?;
        let infos = timeout(PATIENCE, stream.consumers().try_collect::<Vec<_>>()).await;
        let infos = infos.map_err(|_| what("no answer".to_owned()))?.map_err(|e| what(e.to_string()))?;
        let only = &self.0.options.only;
        let mut lanes = Vec::new();
        for info in infos {
            let Some((kind, share)) = lanes::of_consumer(&info) else { continue };
            if !only.is_empty() && !only.iter().any(|only| lanes::is_below(&share, only)) {
                continue;
            }
            lanes.push(Lane::new(kind, share, info));
        }
        lanes.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(lanes)
    }

    /// The next message of a lane, if there is one.
    async fn fetch(&self, lane: &Lane) -> Result<Option<jetstream::Message>, QueueError> {
        let what = refused("hand out work");
        let config = pull::Config { durable_name: Some(lane.name.clone()), ..pull::Config::default() };
        let consumer = Consumer::new(config, lane.info.clone(), self.0.context.clone());
        let asked = async {
            let mut batch = consumer.fetch().max_messages(1).expires(PATIENCE).messages().await?;
            batch.next().await.transpose()
        };
        match timeout(PATIENCE + AWAY, asked).await {
            Ok(Ok(message)) => Ok(message),
            // No more than so many may be held: others hold them.
            Ok(Err(error)) if error.to_string().contains("409") => Ok(None),
            Ok(Err(error)) => Err(what(error.to_string())),
            Err(_) => Err(what("no answer".to_owned())),
        }
    }

    /// A message as a delivery; one that is no task of ours is told of and thrown away.
    async fn delivery(&self, message: jetstream::Message) -> Option<NatsDelivery> {
        let deliveries = message.info().map_or(1, |info| u32::try_from(info.delivered).unwrap_or(1));
        let failures = message
            .headers
            .as_ref()
            .and_then(|headers| headers.get(FAILURES))
            .and_then(|value| value.as_str().parse().ok())
            .unwrap_or(0);
        match serde_json::from_slice::<Task>(&message.payload) {
            Ok(task) => Some(NatsDelivery::new(self.clone(), message, task, deliveries, failures)),
            Err(error) => {
                tracing::warn!(subject = %message.subject, %error, "a message that is no task is thrown away");
                if let Err(error) = message.ack_with(jetstream::AckKind::Term).await {
                    tracing::debug!(%error, "the queue did not hear it");
                }
                None
            }
        }
    }

    /// Shares that rest.
    fn resting(&self) -> MutexGuard<'_, Resting> {
        self.0.resting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Queue for NatsQueue {
    async fn submit(&self, tasks: Vec<Task>) -> Result<Submitted, QueueError> {
        let mut submitted = Submitted::default();
        let mut on_their_way = FuturesUnordered::new();
        let mut count = |published| match published {
            Published::Taken => submitted.taken += 1,
            // Of what is full there is an error.
            Published::Waiting | Published::Full => submitted.waiting += 1,
        };
        for task in tasks {
            self.make_lane(&lane_name(task.kind, &task.share), &task.share).await?;
            let id = task.id();
            let subject = self.subject(&task, &id);
            on_their_way
                .push(async move { self.publish_patiently(subject, || Self::message(&task, &id, 0)).await });
            if on_their_way.len() >= IN_FLIGHT
                && let Some(published) = on_their_way.next().await
            {
                count(published?);
            }
        }
        while let Some(published) = on_their_way.next().await {
            count(published?);
        }
        drop(on_their_way);
        Ok(submitted)
    }

    async fn take(&self, until: &CancellationToken) -> Result<Option<Box<dyn Delivery>>, QueueError> {
        let mut ring = tokio::select! {
            biased;
            () = until.cancelled() => return Ok(None),
            ring = self.0.ring.lock() => ring,
        };
        loop {
            if until.is_cancelled() {
                return Ok(None);
            }
            if ring.is_stale() {
                match self.lanes().await {
                    Ok(lanes) => ring.update(lanes),
                    Err(error) => {
                        ring.away(&error);
                        // It may have been started anew without its streams.
                        if let Err(error) = self.set_up().await {
                            tracing::debug!(%error, "the queue is still away");
                        }
                        self.0.known.lock().unwrap_or_else(PoisonError::into_inner).clear();
                        wait(AWAY, until).await;
                        continue;
                    }
                }
            }
            while let Some(lane) = ring.turn(&self.0.resting) {
                match self.fetch(lane).await {
                    Ok(Some(message)) => {
                        if let Some(delivery) = self.delivery(message).await {
                            ring.served();
                            return Ok(Some(Box::new(delivery)));
                        }
                    }
                    Ok(None) => ring.quiet(),
                    Err(error) => {
                        tracing::debug!(%error, lane = lane.name, "a lane gave nothing");
                        ring.quiet();
                    }
                }
                if until.is_cancelled() {
                    return Ok(None);
                }
            }
            wait(IDLE, until).await;
            ring.forget();
        }
    }

    async fn depth(&self) -> Result<Vec<LaneDepth>, QueueError> {
        let depth = |lane: Lane| LaneDepth {
            kind: lane.kind,
            share: lane.share,
            waiting: lane.info.num_pending,
            held: lane.info.num_ack_pending as u64,
        };
        Ok(self.lanes().await?.into_iter().map(depth).collect())
    }

    async fn buried(&self) -> Result<Vec<Buried>, QueueError> {
        let what = refused("name what was set aside");
        let stream = self.stream(self.buried_stream()).await?;
        let consumer = stream
            .create_consumer(pull::Config { ack_policy: AckPolicy::None, ..pull::Config::default() })
            .await
            .map_err(|error| what(error.to_string()))?;
        let waiting = usize::try_from(consumer.cached_info().num_pending).unwrap_or(usize::MAX);
        let mut buried = Vec::new();
        while buried.len() < waiting {
            let batch = consumer.fetch().max_messages(500).expires(PATIENCE).messages().await;
            let messages: Vec<_> = batch
                .map_err(|error| what(error.to_string()))?
                .try_collect()
                .await
                .map_err(|error| what(error.to_string()))?;
            if messages.is_empty() {
                break;
            }
            for message in &messages {
                let Ok(task) = serde_json::from_slice::<Task>(&message.payload) else { continue };
                let reason = message.headers.as_ref().and_then(|headers| headers.get(REASON));
                let reason = reason.map(|value| value.as_str().to_owned()).unwrap_or_default();
                buried.push(Buried { task, reason });
            }
        }
        let _ = stream.delete_consumer(&consumer.cached_info().name).await;
        buried.sort_by(|a, b| (&a.task.store, &a.task.object_key).cmp(&(&b.task.store, &b.task.object_key)));
        Ok(buried)
    }

    async fn dig_up(&self, id: &str) -> Result<bool, QueueError> {
        let what = refused("take back what was set aside");
        let stream = self.stream(self.buried_stream()).await?;
        let subject = format!("{}.buried.{id}", self.0.options.name);
        let purged = stream.purge().filter(subject).await.map_err(|error| what(error.to_string()))?;
        Ok(purged.purged > 0)
    }
}

/// Waits, but no longer than until `until` is cancelled.
async fn wait(time: Duration, until: &CancellationToken) {
    tokio::select! {
        () = until.cancelled() => {}
        () = tokio::time::sleep(time) => {}
    }
}
