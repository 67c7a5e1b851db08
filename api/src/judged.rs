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
//! Questions of which the answer names its own moment ([`Judged::peek`]) share the month: any number of them read it at a
//! time, as long as nothing was written and no line was crossed since it was judged. Only loading and judging take it for
//! themselves, and wait for their turn, because that uses every core; what is then made of it is made beside others.
//!
//! A month of a city takes about as much memory as its snapshot, so only a few are kept: the last that were asked for.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use analyzer::audit::{Changes, Incremental};
use analyzer::policy::Policy;
use catalog::snapshot::Snapshot;
use catalog::store::{Catalog, Revision};
use catalog::{Month, WallTime};
use tokio::sync::{OwnedRwLockReadGuard, RwLock, Semaphore};

use crate::background;
use crate::case_lines::CaseLines;
use crate::operations::{OperationError, snapshot};

/// How many months, each under one policy, are kept.
const KEPT: usize = 3;

/// How many months are loaded and judged at a time; each uses every core.
const AT_ONCE: usize = 2;

/// Audited months, the last that were asked for.
#[derive(Debug)]
pub struct Judged {
    /// The one that was asked for last stands last.
    slots: Mutex<Vec<Arc<Slot>>>,
    turns: Semaphore,
    loaded: AtomicU64,
}

impl Default for Judged {
    fn default() -> Self {
        Self { slots: Mutex::default(), turns: Semaphore::new(AT_ONCE), loaded: AtomicU64::new(0) }
    }
}

#[derive(Debug)]
struct Slot {
    month: Month,
    policy: Arc<Policy>,
    /// Nothing until the month was audited, and while it is.
    kept: Arc<RwLock<Option<Kept>>>,
}

#[derive(Debug)]
struct Kept {
    seen: Box<Seen>,
    revision: Revision,
}

impl Kept {
    /// Whether it is of this revision of the catalog or, where somebody was quicker, of a later one.
    fn is_of(&self, revision: Revision, as_of: WallTime) -> bool {
        self.revision.evidence >= revision.evidence && !is_past(self.revision, as_of)
    }

    /// Whether a question as of this moment, of a catalog at this revision, is answered by what is there.
    fn answers(&self, revision: Revision, as_of: WallTime) -> bool {
        self.is_of(revision, as_of) && self.seen.month.is_the_same_at(as_of)
    }
}

/// A judged month, and what is made of it once.
#[derive(Debug)]
pub struct Seen {
    month: Incremental,
    lines: OnceLock<CaseLines>,
}

impl Seen {
    fn new(month: Incremental) -> Self {
        Self { month, lines: OnceLock::new() }
    }

    /// The month. Whoever was let in by [`Judged::peek`] finds everything as of the moment they asked for, but for
    /// `as_of` of the audit itself, which may be of an earlier one at which all else was the same.
    pub fn month(&self) -> &Incremental {
        &self.month
    }

    /// Its cases, a line each.
    pub fn lines(&self) -> &CaseLines {
        self.lines.get_or_init(|| CaseLines::new(&self.month))
    }
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
        self.show(catalog, policy, month, as_of, revision, |seen| look(&seen.month)).await
    }

    /// Shows `look` the month as it was at `as_of`, without keeping others from it where it is there already.
    ///
    /// # Errors
    /// As for [`Judged::look`].
    pub async fn peek<T: Send + 'static>(
        &self,
        catalog: &dyn Catalog,
        policy: Arc<Policy>,
        month: Month,
        as_of: WallTime,
        look: impl FnOnce(&Seen) -> T + Send + 'static,
    ) -> Result<T, OperationError> {
        let revision = catalog.revision().await?;
        self.peek_at(catalog, policy, month, as_of, revision, look).await
    }

    /// The same by whoever knows what was written already, which has to be no earlier than the question.
    ///
    /// # Errors
    /// As for [`Judged::look`].
    pub async fn peek_at<T: Send + 'static>(
        &self,
        catalog: &dyn Catalog,
        policy: Arc<Policy>,
        month: Month,
        as_of: WallTime,
        revision: Revision,
        look: impl FnOnce(&Seen) -> T + Send + 'static,
    ) -> Result<T, OperationError> {
        match self.at_hand(&policy, month, as_of, revision).await {
            Some(place) => {
                let looking = move || place.as_ref().map(|kept| look(&kept.seen));
                // It was there when the lock was taken, and is held since.
                Ok(tokio::task::spawn_blocking(looking).await?.expect("the month is there"))
            }
            None => self.show(catalog, policy, month, as_of, revision, look).await,
        }
    }

    /// The same for a `look` that takes its time, which nobody else should notice.
    ///
    /// # Errors
    /// As for [`Judged::look`].
    pub async fn survey<T: Send + 'static>(
        &self,
        catalog: &dyn Catalog,
        policy: Arc<Policy>,
        month: Month,
        as_of: WallTime,
        look: impl FnOnce(&Seen) -> T + Send + 'static,
    ) -> Result<T, OperationError> {
        let revision = catalog.revision().await?;
        match self.at_hand(&policy, month, as_of, revision).await {
            Some(place) => {
                let looking = move || place.as_ref().map(|kept| look(&kept.seen));
                Ok(background::run(looking).await?.expect("the month is there"))
            }
            None => self.show(catalog, policy, month, as_of, revision, look).await,
        }
    }

    /// The month, if it is there and answers the question as it stands.
    async fn at_hand(
        &self,
        policy: &Arc<Policy>,
        month: Month,
        as_of: WallTime,
        revision: Revision,
    ) -> Option<OwnedRwLockReadGuard<Option<Kept>>> {
        if is_past(revision, as_of) {
            return None;
        }
        let place = Arc::clone(&self.slot(month, policy).kept).read_owned().await;
        place.as_ref().is_some_and(|kept| kept.answers(revision, as_of)).then_some(place)
    }

    async fn show<T: Send + 'static>(
        &self,
        catalog: &dyn Catalog,
        policy: Arc<Policy>,
        month: Month,
        as_of: WallTime,
        revision: Revision,
        look: impl FnOnce(&Seen) -> T + Send + 'static,
    ) -> Result<T, OperationError> {
        if is_past(revision, as_of) {
            let _turn = self.turns.acquire().await;
            let snapshot = self.load(catalog, month, as_of).await?;
            let judging = move || look(&Seen::new(Incremental::new(*snapshot, (*policy).clone())));
            return Ok(background::run(judging).await?);
        }
        let mut place = Arc::clone(&self.slot(month, &policy).kept).write_owned().await;
        let before = place.as_ref().map(|kept| kept.revision);
        let nothing_new = place.as_ref().is_some_and(|kept| kept.answers(revision, as_of));
        let there = place.as_ref().is_some_and(|kept| kept.is_of(revision, as_of));
        // No turn is given only where the service ends.
        let _turn = if there { None } else { self.turns.acquire().await.ok() };
        let now = if there { None } else { Some(self.load(catalog, month, as_of).await?) };
        let judging = move || {
            // What is taken out and not put back, because judging was cut off, is judged anew the next time.
            let seen = match (place.take(), now) {
                (Some(kept), None) => later(kept.seen, as_of),
                (Some(kept), Some(now)) => {
                    let mut month = kept.seen.month;
                    month.refresh(*now);
                    Box::new(Seen::new(month))
                }
                (None, now) => Box::new(Seen::new(Incremental::new(*now?, (*policy).clone()))),
            };
            let revision = if there { before.unwrap_or(revision) } else { revision };
            *place = Some(Kept { seen, revision });
            Some(place.downgrade())
        };
        // What takes no time is not put behind what does: others wait for the month.
        let judging =
            if nothing_new { tokio::task::spawn_blocking(judging) } else { background::run(judging) };
        // It was loaded just now wherever there was none.
        let place = judging.await?.expect("a month is kept or loaded");
        // Whoever only wants to see it sees it meanwhile: making a document of a city's month takes a while.
        let looking = move || place.as_ref().map(|kept| look(&kept.seen));
        Ok(background::run(looking).await?.expect("a month is kept or loaded"))
    }

    /// Whether the month as it is kept says the same of both moments; `false` where that cannot be told at once.
    pub(crate) fn is_the_same(&self, policy: &Arc<Policy>, month: Month, moments: [WallTime; 2]) -> bool {
        let slot = {
            let slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
            slots.iter().find(|slot| slot.month == month && is_same(&slot.policy, policy)).cloned()
        };
        let place = slot.as_ref().and_then(|slot| slot.kept.try_read().ok());
        let Some(kept) = place.as_ref().and_then(|place| place.as_ref()) else { return false };
        moments.into_iter().all(|moment| kept.seen.month.is_the_same_at(moment))
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
        let known = slots.iter().position(|slot| slot.month == month && is_same(&slot.policy, policy));
        let slot = match known {
            Some(at) => slots.remove(at),
            None => Arc::new(Slot { month, policy: Arc::clone(policy), kept: Arc::default() }),
        };
        if slots.len() >= KEPT {
            slots.remove(0);
        }
        slots.push(Arc::clone(&slot));
        slot
    }
}

fn is_same(one: &Arc<Policy>, other: &Arc<Policy>) -> bool {
    Arc::ptr_eq(one, other) || one == other
}

/// Whether the catalog knew less at this moment than it does now. Such a question is answered by itself.
fn is_past(revision: Revision, as_of: WallTime) -> bool {
    revision.latest.is_some_and(|latest| as_of < latest)
}

/// The same month at another moment. Its lines stay where nothing was judged.
fn later(mut seen: Box<Seen>, as_of: WallTime) -> Box<Seen> {
    let (_, judged) = seen.month.update(&Changes { as_of: Some(as_of), ..Changes::default() });
    if judged > 0 {
        seen.lines = OnceLock::new();
    }
    seen
}
