//! What can be told of a stream of pictures from its packets alone: where it may stand still.
//!
//! A picture that does not change costs an encoder a few bits for each block that it leaves as it was.
//! So while the picture stands still, every packet that is no key frame is tiny. The reverse need not
//! be true (a wall filmed from a tripod costs little, too), which is why this only says where to look.

/// Up to this share of the last key frame's size a packet may be tiny.
const KEY_SHARE: u64 = 32;
/// A packet that leaves every block as it was has at most one bit for each of 16 × 16 pixels in any
/// codec, and some for its head.
const PIXELS_A_BYTE: u64 = 16 * 16 * 6;
/// So small is tiny in any case.
const TINY_BYTES: u64 = 256;

/// Follows the packets of one stream in the order in which they are stored.
#[derive(Debug, Default)]
pub(super) struct Survey {
    key_bytes: u64,
    pixels: u64,
    /// Times in which all packets are tiny, in order; the last one may go on.
    quiet: Vec<(i64, i64)>,
    goes_on: bool,
}

impl Survey {
    /// How large pictures are, as soon as one was decoded.
    pub(super) fn set_pixels(&mut self, pixels: u64) {
        self.pixels = pixels;
    }

    /// The next packet. Says whether it is tiny; key frames are neither tiny nor not.
    pub(super) fn packet(&mut self, at_us: i64, key: bool, size_bytes: u32) -> Option<bool> {
        let size_bytes = u64::from(size_bytes);
        if key {
            self.key_bytes = size_bytes;
            return None;
        }
        let tiny =
            size_bytes <= (self.key_bytes / KEY_SHARE).max(self.pixels / PIXELS_A_BYTE).max(TINY_BYTES);
        match self.quiet.last_mut() {
            Some((_, until_us)) if tiny && self.goes_on => *until_us = at_us.max(*until_us),
            _ if tiny => self.quiet.push((at_us, at_us)),
            _ => {}
        }
        self.goes_on = tiny;
        Some(tiny)
    }

    /// Whether a time of tiny packets that has lasted for `min_us` touches `start_us..end_us`.
    pub(super) fn is_quiet(&self, start_us: i64, end_us: i64, min_us: i64) -> bool {
        self.quiet.iter().any(|&(since_us, until_us)| {
            since_us < end_us && until_us >= start_us && until_us.saturating_sub(since_us) >= min_us
        })
    }

    /// Whether all packets in `start_us..end_us` are tiny, pictures being `usual_us` apart.
    pub(super) fn is_quiet_throughout(&self, start_us: i64, end_us: i64, usual_us: i64) -> bool {
        // Pictures may be stored out of order by a few.
        let slack_us = usual_us.saturating_mul(4);
        self.quiet.iter().any(|&(since_us, until_us)| {
            since_us <= start_us.saturating_add(slack_us) && until_us >= end_us.saturating_sub(slack_us)
        })
    }

    /// Nobody will ask about what ended before `at_us`.
    pub(super) fn forget(&mut self, at_us: i64) {
        self.quiet.retain(|&(_, until_us)| until_us >= at_us);
    }
}

/// Whether a stretch between two key frames `span_us` apart, with `packets` packets, is so short that
/// nothing of at least `min_us` fits between the two.
///
/// What is strictly between two pictures lasts one picture less than from the first to the second.
pub(super) fn nothing_fits(span_us: i64, packets: usize, min_us: i64) -> bool {
    let packets = i64::try_from(packets).unwrap_or(i64::MAX).max(1);
    span_us.saturating_sub(span_us / packets) < min_us
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quiet_time_is_counted_over_key_frames_and_ends_with_a_packet_of_some_size() {
        let mut survey = Survey::default();
        assert_eq!(survey.packet(0, true, 64_000), None);
        assert_eq!(survey.packet(1, false, 20_000), Some(false));
        assert_eq!(survey.packet(2, false, 2000), Some(true));
        survey.packet(3, true, 64_000);
        survey.packet(4, false, 100);
        survey.packet(6, false, 2001);
        survey.packet(7, false, 100);
        assert!(survey.is_quiet(3, 4, 2) && !survey.is_quiet(3, 4, 3), "from 2 to 4");
        assert!(!survey.is_quiet(0, 2, 0) && !survey.is_quiet(5, 7, 0));
        survey.forget(5);
        assert!(!survey.is_quiet(3, 4, 2));
    }

    #[test]
    fn ntsc_groups_of_sixty_pictures_hide_nothing_of_two_seconds() {
        assert!(nothing_fits(2_002_000, 60, 2_000_000));
        assert!(!nothing_fits(2_100_000, 60, 2_000_000));
        assert!(!nothing_fits(10_000_000, 300, 2_000_000));
    }
}
