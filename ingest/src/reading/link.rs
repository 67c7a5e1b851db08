//! How a store is best read: an object in one stream, or several ranges of it at a time.
//!
//! Neither is always right. On a near link one stream is as fast as we can hash, and kinder to the store;
//! over a long one a single connection is held to its window for each round trip, or to what the provider
//! grants it, and several carry several times as much. No figure in a configuration knows which it is, so the
//! link is *measured*, one for each store, with bytes that are needed anyway:
//!
//! 1. A part of the first object comes in one stream. If we hardly waited for it, the link is faster than we
//!    are, and that is that.
//! 2. Else the next part comes in four ranges at a time, and if that was faster by a quarter, the next in
//!    eight. The last that gained so much is kept, for this object and those that follow.
//! 3. After some GiB this is done anew, since links change.
//!
//! What counts is what the *link* carried meanwhile, for all readers of the store together: a reader with
//! eight ranges beside one with a single stream gets eight ninths of a full line, and nothing is won. One
//! part is on trial at a time.
//!
//! **Memory.** A range is [`RANGE_BYTES`]. Every reader may hold one; what it asks for ahead of that comes out
//! of an allowance that all readers of the store share.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bytes of one range.
pub const RANGE_BYTES: u64 = 4 << 20;

/// How many ranges at a time are tried, in this order; one is a stream.
const LADDER: [u32; 3] = [1, 4, 8];

/// A part on trial has at least so many bytes, and at least one range for each that is tried.
const TRIAL_BYTES: u64 = 16 << 20;

/// More at a time must be faster by so much to be worth its connections.
const GAIN: f64 = 1.25;

/// A reader that waited for less than this part of the time is held up by itself, not by the link.
const WAITING_PART: u32 = 10;

/// After so many bytes the link is measured anew.
const AGAIN_AFTER_BYTES: u64 = 8 << 30;

/// Ranges that all readers together may hold beyond the one that each is reading: 64 MiB.
const AHEAD_RANGES: usize = 16;

/// The way to a store, and what is known of it. Readings of one store share it.
#[derive(Debug)]
pub struct Link {
    state: Mutex<State>,
    received_bytes: AtomicU64,
    ahead: Arc<Semaphore>,
}

/// What is known, and what is tried next.
#[derive(Debug, Clone, PartialEq)]
struct State {
    /// How many ranges at a time were found best.
    ranges: u32,
    /// Which step of the ladder is tried next; beyond the last one where nothing is.
    step: usize,
    /// The best of the steps tried so far in this round: how many ranges, and bytes in a second.
    best: Option<(u32, f64)>,
    /// Whether some reader has a part on trial.
    on_trial: bool,
    /// Bytes planned since the link was measured.
    since_bytes: u64,
}

/// How the next part of an object is read.
#[derive(Debug)]
pub(super) struct Plan {
    /// How many ranges at a time.
    pub(super) ranges: u32,
    /// How many bytes; then another plan is made.
    pub(super) bytes: u64,
    /// To be told how it went.
    pub(super) trial: Option<Trial>,
}

impl Plan {
    /// All in one stream.
    pub(super) fn one_stream(bytes: u64) -> Self {
        Self { ranges: 1, bytes, trial: None }
    }
}

impl Default for Link {
    fn default() -> Self {
        Self::new(1, 0)
    }
}

impl Link {
    fn new(ranges: u32, step: usize) -> Self {
        Self {
            state: Mutex::new(State { ranges, step, best: None, on_trial: false, since_bytes: 0 }),
            received_bytes: AtomicU64::new(0),
            ahead: Arc::new(Semaphore::new(AHEAD_RANGES)),
        }
    }

    /// A link that is known: so many ranges at a time, at least one, and no trial for the next
    /// gibibytes.
    pub fn known(ranges: u32) -> Self {
        Self::new(ranges.max(1), LADDER.len())
    }

    /// How many ranges of an object are read at a time, as far as it is known by now; 1 is one stream.
    pub fn ranges(&self) -> u32 {
        self.lock().ranges
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing that can panic is done while the lock is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How the next part of an object is read that has so many bytes left.
    pub(super) fn plan(self: &Arc<Self>, left_bytes: u64) -> Plan {
        let (ranges, bytes, tries) = self.lock().plan(left_bytes);
        let trial = tries.then(|| Trial {
            link: Arc::clone(self),
            ranges,
            begun: None,
            waited: Duration::ZERO,
            is_told: false,
        });
        Plan { ranges, bytes, trial }
    }

    /// Bytes arrived over this link.
    pub(super) fn received(&self, bytes: u64) {
        self.received_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Leave to ask for one more range ahead; `None` where too much is on its way already.
    pub(super) fn one_more(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.ahead).try_acquire_owned().ok()
    }
}

impl State {
    /// How many ranges, how many bytes, and whether that is a trial.
    fn plan(&mut self, left_bytes: u64) -> (u32, u64, bool) {
        if self.step >= LADDER.len() && self.since_bytes >= AGAIN_AFTER_BYTES {
            (self.step, self.best, self.since_bytes) = (0, None, 0);
        }
        let Some(&tried) = LADDER.get(self.step) else {
            let bytes = left_bytes.min(AGAIN_AFTER_BYTES);
            self.since_bytes = self.since_bytes.saturating_add(bytes);
            return (self.worthwhile(bytes), bytes, false);
        };
        let trial_bytes = TRIAL_BYTES.max(u64::from(tried) * RANGE_BYTES);
        if self.on_trial || left_bytes < trial_bytes {
            // Soon more will be known.
            let bytes = left_bytes.min(TRIAL_BYTES);
            return (self.worthwhile(bytes), bytes, false);
        }
        self.on_trial = true;
        (tried, trial_bytes, true)
    }

    /// What is one range and little more comes in a stream.
    fn worthwhile(&self, bytes: u64) -> u32 {
        if bytes < 2 * RANGE_BYTES { 1 } else { self.ranges }
    }

    /// How a trial of so many ranges went.
    fn judge(&mut self, ranges: u32, bytes_in_s: f64, hardly_waited: bool) {
        self.on_trial = false;
        let gains = self.best.is_none_or(|(_, best)| bytes_in_s >= best * GAIN);
        if gains {
            self.best = Some((ranges, bytes_in_s));
        }
        self.step = if gains && !hardly_waited { self.step + 1 } else { LADDER.len() };
        if self.step >= LADDER.len() {
            self.ranges = self.best.map_or(1, |(ranges, _)| ranges);
            self.since_bytes = 0;
        }
    }
}

/// A part that is measured. Dropped before its end, it says nothing of the link.
#[derive(Debug)]
pub(super) struct Trial {
    link: Arc<Link>,
    ranges: u32,
    /// Since when, and how many bytes the link had carried by then.
    begun: Option<(Instant, u64)>,
    waited: Duration,
    is_told: bool,
}

impl Trial {
    /// The part was asked for. Ranges pay for each answer anew, so the first one counts.
    pub(super) fn asked(&mut self) {
        if self.ranges > 1 {
            self.begin();
        }
    }

    /// The first bytes are there. A stream pays for its answer once in an object, so that does not count.
    pub(super) fn arrived(&mut self) {
        if self.begun.is_none() {
            self.begin();
        }
    }

    fn begin(&mut self) {
        self.begun = Some((Instant::now(), self.link.received_bytes.load(Ordering::Relaxed)));
    }

    /// The reader had nothing to do for so long.
    pub(super) fn waited(&mut self, time: Duration) {
        if self.begun.is_some() {
            self.waited = self.waited.saturating_add(time);
        }
    }

    /// The last byte of the part was taken.
    pub(super) fn ended(mut self) {
        let Some((since, received_before)) = self.begun else { return };
        let took = since.elapsed().max(Duration::from_micros(1));
        let received = self.link.received_bytes.load(Ordering::Relaxed).saturating_sub(received_before);
        #[expect(clippy::cast_precision_loss, reason = "a speed needs no more than 52 bits")]
        let bytes_in_s = received as f64 / took.as_secs_f64();
        let hardly_waited = self.waited.saturating_mul(WAITING_PART) < took;
        self.is_told = true;
        let mut state = self.link.lock();
        state.judge(self.ranges, bytes_in_s, hardly_waited);
        tracing::debug!(
            ranges = self.ranges,
            mb_in_s = bytes_in_s / 1e6,
            waited_ms = self.waited.as_millis(),
            took_ms = took.as_millis(),
            kept = state.ranges,
            "measured the link"
        );
    }
}

impl Drop for Trial {
    fn drop(&mut self) {
        if !self.is_told {
            self.link.lock().on_trial = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LARGE: u64 = 1 << 40;

    /// What a link comes to that carries `speed` bytes in a second with so many ranges.
    fn settled(speed: impl Fn(u32) -> f64, hardly_waited: bool) -> (u32, Vec<u32>) {
        let mut state = Link::default().lock().clone();
        let mut tried = Vec::new();
        while let (ranges, _, true) = state.plan(LARGE) {
            tried.push(ranges);
            state.judge(ranges, speed(ranges), hardly_waited);
        }
        (state.ranges, tried)
    }

    #[test]
    fn a_link_that_is_faster_than_its_reader_is_not_tried_further() {
        assert_eq!(settled(|ranges| f64::from(ranges) * 1e9, true), (1, vec![1]));
    }

    #[test]
    fn what_gains_is_kept_and_what_gains_little_is_not() {
        assert_eq!(settled(|ranges| f64::from(ranges) * 8e6, false), (8, vec![1, 4, 8]));
        assert_eq!(settled(|ranges| f64::from(ranges.min(4)) * 8e6, false), (4, vec![1, 4, 8]));
        assert_eq!(settled(|ranges| 1e8 + f64::from(ranges), false), (1, vec![1, 4]));
        assert_eq!(settled(|ranges| 1e8 / f64::from(ranges), false), (1, vec![1, 4]));
    }

    #[test]
    fn one_part_is_on_trial_at_a_time_and_the_others_are_short_meanwhile() {
        let link = Arc::new(Link::default());
        let first = link.plan(LARGE);
        assert_eq!((first.ranges, first.bytes, first.trial.is_some()), (1, TRIAL_BYTES, true));
        let second = link.plan(LARGE);
        assert_eq!((second.ranges, second.bytes, second.trial.is_some()), (1, TRIAL_BYTES, false));
        // A trial that comes to no end makes room for the next one.
        drop(first);
        assert!(link.plan(LARGE).trial.is_some());
        // A small object is no trial.
        assert!(link.plan(TRIAL_BYTES - 1).trial.is_none());
    }

    #[test]
    fn a_link_is_measured_again_after_some_time_and_kept_as_it_was_until_then() {
        let mut state = Link::known(8).lock().clone();
        assert_eq!(state.plan(LARGE), (8, AGAIN_AFTER_BYTES, false));
        assert_eq!(state.plan(LARGE), (1, TRIAL_BYTES, true));
        assert_eq!(state.plan(LARGE), (8, TRIAL_BYTES, false));
        state.judge(1, 1e8, false);
        assert_eq!(state.ranges, 8);
        assert_eq!(state.plan(LARGE), (4, TRIAL_BYTES, true));
        state.judge(4, 1e8, false);
        assert_eq!(state.plan(LARGE), (1, AGAIN_AFTER_BYTES, false));
    }

    #[test]
    fn the_allowance_for_ranges_ahead_is_bounded_and_given_back() {
        let link = Link::known(8);
        let held: Vec<_> = std::iter::from_fn(|| link.one_more()).collect();
        assert_eq!(held.len(), AHEAD_RANGES);
        assert!(link.one_more().is_none());
        drop(held);
        assert!(link.one_more().is_some());
    }
}
