//! Stretches of time in which something holds, gathered as time goes by.

use catalog::observation::MediaSpan;

use super::picture::Picture;
use super::span;

/// So many stretches of one kind are kept; a file with more is broken in a way of its own.
const STRETCHES_MAX: usize = 10_000;

/// Gathers the stretches in which a state holds.
#[derive(Debug, Default)]
pub(super) struct Stretches {
    since_us: Option<i64>,
    found: Vec<MediaSpan>,
}

impl Stretches {
    /// From `at_us` on the state holds, or it does not. Time does not run backwards: an earlier moment
    /// than one that was told before is taken for that one.
    pub(super) fn tell(&mut self, at_us: i64, holds: bool) {
        match (self.since_us, holds) {
            (None, true) => {
                let last_us = self.found.last().map_or(i64::MIN, |last| last.end_us.0);
                self.since_us = Some(at_us.max(last_us));
            }
            (Some(since_us), false) => {
                self.since_us = None;
                self.keep(since_us, at_us);
            }
            _ => {}
        }
    }

    /// A whole stretch.
    pub(super) fn keep(&mut self, start_us: i64, end_us: i64) {
        if end_us > start_us && self.found.len() < STRETCHES_MAX {
            self.found.push(span(start_us, end_us));
        }
    }

    /// All stretches, the last one up to `end_us`.
    pub(super) fn finish(mut self, end_us: i64) -> Vec<MediaSpan> {
        self.tell(end_us, false);
        self.found
    }
}

/// Finds where the picture stands still, from the pictures in their order.
#[derive(Debug, Default)]
pub(super) struct Stillness {
    /// The picture with which the present stretch began, and how often it came again.
    begun: Option<(i64, Picture, u32)>,
    /// The moment of the last picture; one that is shown again is no second one.
    last_us: Option<i64>,
    stretches: Stretches,
}

impl Stillness {
    /// The next picture; it equals the one before if they differ by `noise_ppm` at most.
    ///
    /// `anew`: it is coded without reference to the ones before, so that it may differ a little more
    /// ([`anew_ppm`]); from then on it is what others are compared with.
    pub(super) fn picture(&mut self, at_us: i64, picture: Picture, noise_ppm: u32, anew: bool) {
        if self.last_us.is_some_and(|last_us| at_us <= last_us) {
            return;
        }
        self.last_us = Some(at_us);
        let allowed = if anew { anew_ppm(noise_ppm) } else { noise_ppm };
        match &mut self.begun {
            Some((_, begun, again)) if begun.equals(&picture, allowed) => {
                *again = again.saturating_add(1);
                if anew {
                    *begun = picture;
                }
            }
            _ => {
                self.moves(at_us);
                self.begun = Some((at_us, picture, 0));
            }
        }
    }

    /// It is known to stand still from `at_us` on, where a picture was `seen`.
    pub(super) fn stands(&mut self, at_us: i64, seen: &Picture) {
        match &mut self.begun {
            Some((_, _, again)) => *again = again.saturating_add(1),
            None => self.begun = Some((at_us, seen.clone(), 1)),
        }
    }

    /// It is known to move from `at_us` on.
    pub(super) fn moves(&mut self, at_us: i64) {
        if let Some((since_us, _, 1..)) = self.begun.take() {
            self.stretches.keep(since_us, at_us);
        }
    }

    /// All stretches, the last one up to `end_us`.
    pub(super) fn finish(mut self, end_us: i64) -> Vec<MediaSpan> {
        self.moves(end_us);
        self.stretches.finish(end_us)
    }
}

/// How much two pictures of the same thing may differ when each was coded by itself: rounding falls
/// out differently, by a good deal more than the noise that is allowed within one group of pictures.
pub(super) fn anew_ppm(noise_ppm: u32) -> u32 {
    noise_ppm.saturating_mul(4)
}

/// The stretches that are at least `min_us` long, and those that touch `edges`.
pub(super) fn long_enough(
    mut stretches: Vec<MediaSpan>,
    min_us: i64,
    edges: (Option<i64>, Option<i64>),
) -> Vec<MediaSpan> {
    stretches.retain(|stretch| {
        let (start_us, end_us) = (stretch.start_us.0, stretch.end_us.0);
        end_us.saturating_sub(start_us) >= min_us
            || edges.0.is_some_and(|edge_us| start_us <= edge_us)
            || edges.1.is_some_and(|edge_us| end_us >= edge_us)
    });
    stretches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_are_half_open_and_in_order() {
        let mut stretches = Stretches::default();
        for (at_us, holds) in [(0, false), (10, true), (20, true), (30, false), (40, true)] {
            stretches.tell(at_us, holds);
        }
        let found = stretches.finish(55);
        assert_eq!(found, [span(10, 30), span(40, 55)]);
        assert_eq!(long_enough(found.clone(), 20, (None, None)), [span(10, 30)]);
        assert_eq!(long_enough(found, 20, (None, Some(55))).len(), 2);
    }
}
