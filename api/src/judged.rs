//! Audits that are kept, so that a question to a month that did not change costs no new audit.
//!
//! For each month and policy that was asked for lately, an [`Incremental`] is kept with the revision of the catalog it
//! is of. At the same revision nothing is loaded, and only what the passing of time touches is judged; at
//! another the month is loaded and what is different is judged again. What comes out is the audit as of the moment that
//! was asked for, the same as of a snapshot loaded for it alone: the revision is asked for before the snapshot, so what
//! is written meanwhile is seen at the next question, at the latest.
//!
//! Of a moment that lies before something that the catalog speaks of (an observation, an excuse), the catalog knows
//! less than it does now. Such a question is rare, and is answered by itself.
//!
//! A month of a city takes about as much memory as its snapshot, so only a few are kept: the last that were asked for.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use analyzer::audit::{Changes, Incremental};
use analyzer::policy::Policy;
use catalog::snapshot::Snapshot;
use catalog::store::{Catalog, Revision};
use catalog::{Month, WallTime};

use crate::operations::{OperationError, snapshot};

/// How many months, each under one policy, are kept.
const KEPT: usize = 3;

/// Audited months, the last that were asked for.
#[derive(Debug, Default)]
pub struct Judged {
    /// The one that was asked for last stands last.
    slots: Mutex<Vec<Arc<Slot>>>,
    loaded: AtomicU64,
}

#[derive(Debug)]
struct Slot {
    month: Month,
    policy: Arc<Policy>,
    /// One question at a time; nothing until the month was audited, and while it is.
    kept: tokio::sync::Mutex<Option<Kept>>,
}

#[derive(Debug)]
struct Kept {
    month: Box<Incremental>,
    revision: Revision,
}

impl Judged {
    /// Shows `look` the month as it was at `as_of`, audited.
    ///
    /// # Errors
    /// Where the catalog fails, or the month has no stage at all.
    pub async fn look<T: Send + 'static>(
        &self,
        catalog: &dyn Catalog,
        policy: Arc<Policy>,
        month: Month,
        as_of: WallTime,
        look: impl FnOnce(&Incremental) -> T + Send + 'static,
    ) -> Result<T, OperationError> {
        let revision = catalog.revision().await?;
        if revision.latest.is_some_and(|latest| as_of < latest) {
            let snapshot = self.load(catalog, month, as_of).await?;
            let judging = move || look(&Incremental::new(*snapshot, (*policy).clone()));
            return Ok(tokio::task::spawn_blocking(judging).await?);
        }
        let slot = self.slot(month, &policy);
        let mut place = slot.kept.lock().await;
        // What is taken out and not put back, because judging was cut off, is judged anew the next time.
        let work = match place.take() {
            Some(kept) if kept.revision == revision => Work::Later(kept.month),
            Some(kept) => Work::Changed(kept.month, self.load(catalog, month, as_of).await?),
            None => Work::New(self.load(catalog, month, as_of).await?),
        };
        let judging = move || {
            let month = work.done(as_of, &policy);
            let seen = look(&month);
            (month, seen)
        };
        let (month, seen) = tokio::task::spawn_blocking(judging).await?;
        *place = Some(Kept { month, revision });
        Ok(seen)
    }

    /// How many times a month was loaded from the catalog to answer.
    pub fn loaded(&self) -> u64 {
        self.loaded.load(Ordering::Relaxed)
    }

    async fn load(
        &self,
        catalog: &dyn Catalog,
        month: Month,
        as_of: WallTime,
    ) -> Result<Box<Snapshot>, OperationError> {
        self.loaded.fetch_add(1, Ordering::Relaxed);
        snapshot(catalog, month, as_of).await.map(Box::new)
    }

    fn slot(&self, month: Month, policy: &Arc<Policy>) -> Arc<Slot> {
        // A list of pointers is whole whatever panicked while it was held.
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let known = slots.iter().position(|slot| slot.month == month && slot.policy == *policy);
        let slot = match known {
            Some(at) => slots.remove(at),
            None => Arc::new(Slot { month, policy: Arc::clone(policy), kept: tokio::sync::Mutex::default() }),
        };
        if slots.len() >= KEPT {
            slots.remove(0);
        }
        slots.push(Arc::clone(&slot));
        slot
    }
}

/// What is to be done before a month can be shown.
enum Work {
    /// Nothing was written since.
    Later(Box<Incremental>),
    /// Something was, and this is the month now.
    Changed(Box<Incremental>, Box<Snapshot>),
    /// It was never audited, or not lately.
    New(Box<Snapshot>),
}

impl Work {
    fn done(self, as_of: WallTime, policy: &Policy) -> Box<Incremental> {
        match self {
            Self::Later(mut month) => {
                month.update(&Changes { as_of: Some(as_of), ..Changes::default() });
                month
            }
            Self::Changed(mut month, now) => {
                month.refresh(*now);
                month
            }
            Self::New(now) => Box::new(Incremental::new(*now, policy.clone())),
        }
    }
}
