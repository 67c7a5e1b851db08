//! Setting apart: a task that was fetched together with others and comes again goes to the lane where each is fetched by
//! itself. Whoever fetched it may have ended because of any of them, or the link broke on their way: however often that
//! happened, it counts once. What happens to a task by itself counts each time.

use std::collections::VecDeque;

use super::handing_in::{Earlier, Published, message, number};
use super::lanes::Class;
use super::taking::Fetched;
use super::{NatsQueue, refused};
use crate::queue::{Handed, QueueError};

impl NatsQueue {
    /// What was fetched of a class, without what was set apart.
    pub(super) async fn without_set_apart(
        &self,
        class: Class,
        fetched: VecDeque<Fetched>,
    ) -> VecDeque<Fetched> {
        if class.at_once() == 1 {
            return fetched;
        }
        let kept = fetched.into_iter().map(async |fetched| {
            if fetched.handed.deliveries <= 1 {
                return Some(fetched);
            }
            let Err(error) = self.set_apart(&fetched).await else { return None };
            tracing::debug!(%error, "a task that came again stays where it is");
            Some(fetched)
        });
        futures::future::join_all(kept).await.into_iter().flatten().collect()
    }

    /// First the task is put where it is to be, then this message is acknowledged: between the two it is there twice, never not.
    async fn set_apart(&self, fetched: &Fetched) -> Result<(), QueueError> {
        let Fetched { message: before, handed: Handed { task, deliveries, failures } } = fetched;
        self.make_lane(Class::Read, &task.share).await?;
        let id = task.id();
        let subject = self.subject(Class::Read, &task.share, &id);
        // This time it was handed to nobody.
        let earlier = Earlier { deliveries: deliveries - 1, failures: *failures };
        let id = format!("{id}.{}", number(before));
        match self.publish(subject, message(task, &id, earlier)).await? {
            Published::Full => Err(refused("set a task apart")("it is full".to_owned())),
            Published::Taken | Published::Waiting => {
                before.ack().await.map_err(|error| refused("hear what was done")(error.to_string()))
            }
        }
    }
}
