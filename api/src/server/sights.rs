//! Who was written down as looking at what a moment ago, so that a player's many ranges make one line of the trail.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use catalog::account::UserId;
use catalog::{Micros, WallTime};

/// How long a line of the trail stands for further ranges of the same recording.
const FRESH: Micros = Micros::from_s(600);

/// Entries kept at most; beyond that the old ones are forgotten, and at worst a line is written once more.
const MOST: usize = 10_000;

/// What was written down lately.
#[derive(Debug, Clone, Default)]
pub(super) struct Sights(Arc<Mutex<HashMap<(UserId, String), WallTime>>>);

impl Sights {
    /// Whether it was written down within the last ten minutes.
    pub(super) fn is_fresh(&self, user: UserId, recording: &str, now: WallTime) -> bool {
        let sights = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sights.get(&(user, recording.to_owned())).is_some_and(|at| now - *at < FRESH)
    }

    /// It was written down just now.
    pub(super) fn keep(&self, user: UserId, recording: &str, now: WallTime) {
        let mut sights = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if sights.len() >= MOST {
            sights.retain(|_, at| now - *at < FRESH);
            if sights.len() >= MOST {
                sights.clear();
            }
        }
        sights.insert((user, recording.to_owned()), now);
    }
}
