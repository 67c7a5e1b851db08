//! The clock is passed in: nothing below the command line asks the machine what time it is, so
//! tests own time and an audit can be repeated "as of" any moment.

use std::sync::atomic::{AtomicI64, Ordering};

use crate::time::{Micros, WallTime};

/// Tells the time.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> WallTime;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine for the time")]
    fn now(&self) -> WallTime {
        chrono::Utc::now().into()
    }
}

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that shows `now`.
    pub fn new(now: WallTime) -> Self {
        Self(AtomicI64::new(now.0))
    }

    /// Moves the clock on.
    pub fn advance(&self, length: Micros) {
        self.0.fetch_add(length.0, Ordering::Relaxed);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> WallTime {
        WallTime(self.0.load(Ordering::Relaxed))
    }
}

/// The machine's clock, set to another moment: it runs on from there.
#[derive(Debug, Clone, Copy)]
pub struct ShiftedClock {
    ahead_us: Micros,
}

impl ShiftedClock {
    /// A clock that shows `moment` now.
    pub fn set_to(moment: WallTime) -> Self {
        Self { ahead_us: moment - SystemClock.now() }
    }
}

impl Clock for ShiftedClock {
    fn now(&self) -> WallTime {
        SystemClock.now() + self.ahead_us
    }
}
