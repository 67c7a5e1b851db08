//! Taking: workers go round the lanes that have something, and take one message at a time.

use std::time::Duration;

use async_nats::{StatusCode, Subscriber, jetstream};
use futures::TryStreamExt as _;
use futures::stream::StreamExt as _;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::delivery::NatsDelivery;
use super::lanes::{self, Lane, Ring};
use super::{AWAY, FAILURES, NatsQueue, PATIENCE, refused};
use crate::queue::{Handed, QueueError};
use crate::task::Task;

/// How long a worker with nothing to do waits before it asks again.
const IDLE: Duration = Duration::from_millis(500);

/// What a server is asked for: one message, or word at once that there is none.
const ONE: &[u8] = br#"{"batch":1,"no_wait":true}"#;

/// What the slot that looks for work has to itself.
#[derive(Debug, Default)]
pub(super) struct Taker {
    ring: Ring,
    replies: Option<Replies>,
}

/// Where messages are sent to. One subscription serves all that are asked for, one after another: one for each would be two
/// more things to tell the server of every message.
#[derive(Debug)]
struct Replies {
    inbox: String,
    messages: Subscriber,
}

impl NatsQueue {
    pub(super) async fn take_one(
        &self,
        until: &CancellationToken,
    ) -> Result<Option<NatsDelivery>, QueueError> {
        let mut taker = tokio::select! {
            biased;
            () = until.cancelled() => return Ok(None),
            taker = self.0.taker.lock() => taker,
        };
        let Taker { ring, replies } = &mut *taker;
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
                        self.known().clear();
                        wait(AWAY, until).await;
                        continue;
                    }
                }
            }
            while let Some(lane) = ring.turn(&self.0.resting) {
                match self.fetch(replies, lane).await {
                    Ok(Some(message)) => {
                        if let Some(delivery) = self.delivery(message).await {
                            ring.served();
                            return Ok(Some(delivery));
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

    /// The lanes that workers of this queue serve, as the server knows them now.
    pub(super) async fn lanes(&self) -> Result<Vec<Lane>, QueueError> {
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
    async fn fetch(
        &self,
        replies: &mut Option<Replies>,
        lane: &Lane,
    ) -> Result<Option<jetstream::Message>, QueueError> {
        let what = refused("hand out work");
        let client = self.0.context.client();
        let asked = async {
            let mut from = match replies.take() {
                Some(replies) => replies,
                None => self.replies().await?,
            };
            let subject = self.api(&format!("CONSUMER.MSG.NEXT.{}.{}", self.work_stream(), lane.name));
            let sent = client.publish_with_reply(subject, from.inbox.clone(), ONE.into()).await;
            sent.map_err(|error| what(error.to_string()))?;
            let message = from.messages.next().await;
            // Where no answer came in time, what comes later must not be taken for that to the next question.
            *replies = message.is_some().then_some(from);
            message.ok_or_else(|| what("the connection was closed".to_owned()))
        };
        let message = timeout(PATIENCE, asked).await.map_err(|_| what("no answer".to_owned()))??;
        match message.status {
            None => Ok(Some(jetstream::Message { message, context: self.0.context.clone() })),
            // 409 (REQUEST_TERMINATED): no more than so many may be held, and others hold them.
            Some(StatusCode::NOT_FOUND | StatusCode::TIMEOUT | StatusCode::REQUEST_TERMINATED) => Ok(None),
            Some(status) => Err(what(format!("{status} {}", message.description.unwrap_or_default()))),
        }
    }

    async fn replies(&self) -> Result<Replies, QueueError> {
        let client = self.0.context.client();
        let inbox = client.new_inbox();
        let messages = client.subscribe(inbox.clone()).await;
        let messages = messages.map_err(|error| refused("answer")(error.to_string()))?;
        Ok(Replies { inbox, messages })
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
            Ok(task) => Some(NatsDelivery::new(self.clone(), message, Handed { task, deliveries, failures })),
            Err(error) => {
                tracing::warn!(subject = %message.subject, %error, "a message that is no task is thrown away");
                if let Err(error) = message.ack_with(jetstream::AckKind::Term).await {
                    tracing::debug!(%error, "the queue did not hear it");
                }
                None
            }
        }
    }
}

/// Waits, but no longer than until `until` is cancelled.
async fn wait(time: Duration, until: &CancellationToken) {
    tokio::select! {
        () = until.cancelled() => {}
        () = tokio::time::sleep(time) => {}
    }
}
