//! Steps from header to header through bytes that arrive in pieces of any size.

use super::{Seen, Watch};

/// What to do after looking at a header.
pub(super) enum Step {
    /// Show at least so many bytes from the header's start.
    Need(usize),
    /// The next header stands so many bytes behind the start of this one; at least one.
    Skip(u64),
    /// There is nothing more to follow.
    Stop,
}

/// Knows one container's headers.
pub(super) trait Follow: Send {
    /// Looks at the bytes from a header's start at `at`: as many as were asked for, at least one.
    fn step(&mut self, at: u64, bytes: &[u8]) -> Step;

    /// After the last byte. `next` is where the next header was expected, `rest` how many bytes of
    /// it there were; `None` where nothing was expected any more.
    fn finish(&mut self, size_bytes: u64, next: Option<(u64, usize)>) -> Seen;
}

/// Carries a [`Follow`] through the bytes.
pub(super) struct Walker<F> {
    follow: F,
    /// Where the next header stands; `None` once there is nothing to follow.
    next: Option<u64>,
    /// Its bytes, as far as they have come.
    held: Vec<u8>,
    need: usize,
}

impl<F: Follow> Walker<F> {
    pub(super) fn new(follow: F) -> Self {
        Self { follow, next: Some(0), held: Vec::new(), need: 1 }
    }
}

impl<F: Follow> Watch for Walker<F> {
    fn feed(&mut self, offset: u64, bytes: &[u8]) {
        while let Some(next) = self.next {
            if self.held.len() < self.need {
                let wanted_at = next.saturating_add(self.held.len() as u64);
                let from = usize::try_from(wanted_at.saturating_sub(offset)).unwrap_or(usize::MAX);
                let Some(new) = bytes.get(from..).filter(|new| !new.is_empty()) else { return };
                let wanted = self.need - self.held.len();
                self.held.extend_from_slice(&new[..wanted.min(new.len())]);
                continue;
            }
            match self.follow.step(next, &self.held) {
                Step::Need(need) => self.need = need.max(self.held.len() + 1),
                Step::Skip(length) => {
                    let length = length.max(1);
                    self.next = Some(next.saturating_add(length));
                    // More may have been looked at than was skipped.
                    let skipped = usize::try_from(length).unwrap_or(usize::MAX).min(self.held.len());
                    self.held.drain(..skipped);
                    self.need = 1;
                }
                Step::Stop => {
                    self.next = None;
                    self.held = Vec::new();
                }
            }
        }
    }

    fn finish(&mut self, size_bytes: u64) -> Seen {
        let next = self.next.map(|next| (next, self.held.len()));
        self.follow.finish(size_bytes, next)
    }
}
