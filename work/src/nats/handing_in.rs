//! Handing in: a lane is made before its first message, a message is confirmed when the server has it on disk, and
//! one that finds no room waits for it.

use async_nats::jetstream::Message;
use async_nats::jetstream::consumer::{AckPolicy, pull};
use async_nats::jetstream::context::PublishErrorKind;
use async_nats::jetstream::message::PublishMessage;
use futures::stream::{FuturesUnordered, StreamExt as _};
use tokio::time::timeout;

use super::lanes::{Class, lane_name};
use super::{AWAY, DELIVERIES, FAILURES, NatsOptions, NatsQueue, PATIENCE, refused};
use crate::queue::{QueueError, Submitted};
use crate::task::Task;

/// How many messages may be on their way to the server unconfirmed.
const IN_FLIGHT: usize = 256;

/// How many times a message that finds the stream full is tried again, a second apart, before that is an error.
const FULL_TRIES: u32 = 600;

/// How often a server that does not answer is asked again.
const AWAY_TRIES: u32 = 30;

/// What became of one message that was handed in.
pub(super) enum Published {
    Taken,
    Waiting,
    /// There is no room for it.
    Full,
}

/// What became of a task in messages before the one that it is in.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Earlier {
    pub(super) deliveries: u32,
    pub(super) failures: u32,
}

/// A task as a message, which is known by `id`.
pub(super) fn message(task: &Task, id: &str, earlier: Earlier) -> PublishMessage {
    // A task is plain text and numbers.
    let json = serde_json::to_vec(task).unwrap_or_default();
    let mut message = PublishMessage::build().payload(json.into()).message_id(id);
    for (header, count) in [(DELIVERIES, earlier.deliveries), (FAILURES, earlier.failures)] {
        if count > 0 {
            message = message.header(header, count.to_string().as_str());
        }
    }
    message
}

/// The number that the server gave a message.
pub(super) fn number(message: &Message) -> u64 {
    message.info().map_or(0, |info| info.stream_sequence)
}

impl NatsQueue {
    pub(super) async fn hand_in(&self, tasks: Vec<Task>) -> Result<Submitted, QueueError> {
        let mut submitted = Submitted::default();
        let mut on_their_way = FuturesUnordered::new();
        let mut count = |published| match published {
            Published::Taken => submitted.taken += 1,
            // Of what is full there is an error.
            Published::Waiting | Published::Full => submitted.waiting += 1,
        };
        for task in tasks {
            let class = Class::of(&task);
            self.make_lane(class, &task.share).await?;
            let id = task.id();
            let subject = self.subject(class, &task.share, &id);
            let message = move || message(&task, &id, Earlier::default());
            on_their_way.push(async move { self.publish_patiently(subject, message).await });
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

    fn is_known(&self, lane: &str) -> bool {
        self.known().contains(lane)
    }

    /// Makes the consumer of a lane, if it is not known to be there. Before the first message of the lane: a work queue keeps what
    /// nobody consumes, so the order does not matter to it, but workers know of lanes by their consumers.
    pub(super) async fn make_lane(&self, class: Class, share: &str) -> Result<(), QueueError> {
        let lane = lane_name(class, share);
        if self.is_known(&lane) {
            return Ok(());
        }
        let NatsOptions { name, ack_wait, max_held, .. } = &self.0.options;
        let config = pull::Config {
            durable_name: Some(lane.clone()),
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
        self.known().insert(lane);
        Ok(())
    }

    /// Hands in one message and waits until the server has it on disk.
    pub(super) async fn publish(
        &self,
        subject: String,
        message: PublishMessage,
    ) -> Result<Published, QueueError> {
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
                Err(error) if tried >= AWAY_TRIES => return Err(error),
                Err(error) => tracing::debug!(%error, tried, "the queue did not answer; trying again"),
            }
            tried += 1;
            tokio::time::sleep(AWAY).await;
        }
    }

    pub(super) fn subject(&self, class: Class, share: &str, id: &str) -> String {
        format!("{}.work.{}.{id}", self.0.options.name, lane_name(class, share))
    }
}
