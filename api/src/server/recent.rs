//! Who was let in a moment ago.
//!
//! A player asks for one recording in hundreds of ranges, each of them a request. For a range, whoever was let in within
//! the last [`STANDS`] is let in without the catalog being asked again. What this process writes is seen at once: every
//! write makes it forget. What another process does to a session is seen after that time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use catalog::store::SignedIn;
use catalog::{Micros, WallTime};

/// For how long the catalog's answer stands.
const STANDS: Micros = Micros::from_s(1);

/// Sessions that are kept at most.
const MOST: usize = 1024;

/// By the digest of its secret, when the catalog was asked after a session, and what it said.
type Kept = HashMap<String, (WallTime, SignedIn)>;

/// Those who were let in.
#[derive(Debug, Clone, Default)]
pub(super) struct Recent(Arc<Mutex<Kept>>);

impl Recent {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        // Each is there as a whole or not at all.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who this session let in a moment before `now`.
    pub(super) fn find(&self, token_sha256: &str, now: WallTime) -> Option<SignedIn> {
        let kept = self.kept();
        let (asked_at, signed_in) = kept.get(token_sha256)?;
        (*asked_at <= now && now - *asked_at < STANDS).then(|| signed_in.clone())
    }

    /// Keeps what the catalog said at `now`.
    pub(super) fn keep(&self, token_sha256: &str, now: WallTime, signed_in: &SignedIn) {
        let mut kept = self.kept();
        if kept.len() >= MOST {
            kept.clear();
        }
        kept.insert(token_sha256.to_owned(), (now, signed_in.clone()));
    }

    /// From now on the catalog is asked: something was written.
    pub(super) fn forget(&self) {
        self.kept().clear();
    }
}
