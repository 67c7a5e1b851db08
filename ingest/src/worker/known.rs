//! What the catalog says of objects before they are read. About those whose tasks were fetched together it is asked once: for
//! an object that is read in a moment, asking takes a good part of what the queue costs.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use catalog::store::{Catalog, ObjectEntry, StoreError, StoreId};
use work::Delivery;

/// How long an answer holds. Nobody else is handed these tasks meanwhile, but the same object may be in another.
const HOLDS: Duration = Duration::from_secs(2);

/// Answers to come, each of which is used once.
#[derive(Debug, Default)]
pub(super) struct Known(Mutex<HashMap<(StoreId, String), Answer>>);

#[derive(Debug)]
struct Answer {
    /// `None` if the catalog did not know the object.
    entry: Option<ObjectEntry>,
    asked: Instant,
}

impl Known {
    /// What the catalog says, or said a moment ago, of the object of a task in this store.
    pub(super) async fn object(
        &self,
        catalog: &dyn Catalog,
        store: StoreId,
        delivery: &dyn Delivery,
    ) -> Result<Option<ObjectEntry>, StoreError> {
        let own = &delivery.task().object_key;
        if let Some(answer) = self.take(store, own) {
            return Ok(answer.entry);
        }
        let following = delivery.following();
        if following.is_empty() {
            return catalog.object(store, own).await;
        }
        let asked = Instant::now();
        let keys: Vec<_> = std::iter::once(own).chain(following).cloned().collect();
        let entries = catalog.objects_named(store, &keys).await?;
        let mut entries: HashMap<_, _> =
            entries.into_iter().map(|entry| (entry.object_key.clone(), entry)).collect();
        let entry = entries.remove(own);
        let answers = following.iter().map(|key| {
            let entry = entries.remove(key);
            ((store, key.clone()), Answer { entry, asked })
        });
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, answer| answer.asked.elapsed() < HOLDS);
        known.extend(answers);
        Ok(entry)
    }

    fn take(&self, store: StoreId, key: &str) -> Option<Answer> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = known.remove(&(store, key.to_owned()))?;
        (answer.asked.elapsed() < HOLDS).then_some(answer)
    }
}
