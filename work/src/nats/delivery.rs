//! A message in the hands of a worker.

use std::time::Duration;

use async_nats::jetstream::AckKind;
use async_nats::jetstream::Message;
use async_nats::jetstream::message::PublishMessage;
use async_trait::async_trait;
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;

use super::handing_in::{Earlier, message, number};
use super::lanes::Class;
use super::taking::Fetched;
use super::{FAILURES, NatsQueue, REASON, refused};
use crate::queue::{Delivery, Handed, QueueError};

/// For how long a worker may hold any object, and for how long one more for each byte of it. Beyond that it is taken for
/// lost, although it says that it goes on.
const HELD_AT_MOST: Duration = Duration::from_hours(1);

/// The slowest that an object may be read, in bytes a second.
const SLOWEST_BYTES_IN_S: u64 = 100_000;

pub(super) struct NatsDelivery {
    queue: NatsQueue,
    message: Message,
    handed: Handed,
    following: Vec<String>,
    /// Says now and then that we go on; ends with the delivery.
    _pulse: AbortOnDropHandle<()>,
}

impl NatsDelivery {
    pub(super) fn new(queue: NatsQueue, fetched: Fetched, following: Vec<String>) -> Self {
        let Fetched { message, handed } = fetched;
        let every = queue.0.options.ack_wait / 3;
        let size_bytes = handed.task.listed.as_ref().map_or(0, |listed| listed.size_bytes);
        let at_most = HELD_AT_MOST + Duration::from_secs(size_bytes / SLOWEST_BYTES_IN_S);
        let beat = message.clone();
        let pulse = tokio::spawn(async move {
            let beating = async {
                loop {
                    tokio::time::sleep(every).await;
                    if let Err(error) = beat.ack_with(AckKind::Progress).await {
                        tracing::debug!(%error, "the queue did not hear that work goes on");
                    }
                }
            };
            let _: Result<(), _> = timeout(at_most, beating).await;
        });
        Self { queue, message, handed, following, _pulse: AbortOnDropHandle::new(pulse) }
    }

    async fn acknowledge(&self) -> Result<(), QueueError> {
        let acknowledged = self.message.ack().await;
        acknowledged.map_err(|error| refused("hear what was done")(error.to_string()))
    }
}

#[async_trait]
impl Delivery for NatsDelivery {
    fn handed(&self) -> &Handed {
        &self.handed
    }

    fn following(&self) -> &[String] {
        &self.following
    }

    async fn done(self: Box<Self>) -> Result<(), QueueError> {
        self.acknowledge().await?;
        self.queue.resting().went_well(&self.handed.task.share);
        Ok(())
    }

    /// First the task is put in anew, then this message is acknowledged: between the two it is there twice, never not.
    async fn give_back(self: Box<Self>, failed: bool) -> Result<(), QueueError> {
        let Handed { task, failures, .. } = &self.handed;
        let failures = failures + u32::from(failed);
        let id = format!("{}.{}", task.id(), number(&self.message));
        if failed {
            self.queue.resting().failed(&task.share);
        }
        let subject = self.queue.subject(Class::of(task), &task.share, &id);
        let earlier = Earlier { deliveries: 0, failures };
        self.queue.publish(subject, message(task, &id, earlier)).await?;
        self.acknowledge().await
    }

    async fn bury(self: Box<Self>, reason: &str) -> Result<(), QueueError> {
        let Handed { task, failures, .. } = &self.handed;
        let id = task.id();
        let subject = format!("{}.buried.{id}", self.queue.0.options.name);
        let json = serde_json::to_vec(task).unwrap_or_default();
        // A header is one line.
        let line: String =
            reason.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
        let message = PublishMessage::build()
            .payload(json.into())
            .header(REASON, line.as_str())
            .header(FAILURES, failures.to_string().as_str());
        self.queue.publish(subject, message).await?;
        self.acknowledge().await
    }
}
