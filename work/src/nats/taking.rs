//! Taking: workers go round the lanes that have something, and take one message at a time.

use std::time::Duration;

use async_nats::jetstream;
use async_nats::jetstream::consumer::{Consumer, pull};
use futures::TryStreamExt as _;
use futures::stream::StreamExt as _;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::delivery::NatsDelivery;
use super::lanes::{self, Lane};
use super::{AWAY, FAILURES, NatsQueue, PATIENCE, refused};
use crate::queue::{Handed, QueueError};
use crate::task::Task;

/// How long a worker with nothing to do waits before it asks again.
const IDLE: Duration = Duration::from_millis(500);

impl NatsQueue {
    pub(super) async fn take_one(
        &self,
        until: &CancellationToken,
    ) -> Result<Option<NatsDelivery>, QueueError> {
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
                        self.known().clear();
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
