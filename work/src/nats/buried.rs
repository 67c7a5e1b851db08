//! What was set aside, for people.

use async_nats::jetstream::consumer::{AckPolicy, pull};
use futures::TryStreamExt as _;

use super::{NatsQueue, PATIENCE, REASON, refused};
use crate::queue::{Buried, QueueError};
use crate::task::Task;

impl NatsQueue {
    pub(super) async fn set_aside(&self) -> Result<Vec<Buried>, QueueError> {
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

    pub(super) async fn take_back(&self, id: &str) -> Result<bool, QueueError> {
        let what = refused("take back what was set aside");
        let stream = self.stream(self.buried_stream()).await?;
        let subject = format!("{}.buried.{id}", self.0.options.name);
        let purged = stream.purge().filter(subject).await.map_err(|error| what(error.to_string()))?;
        Ok(purged.purged > 0)
    }
}
