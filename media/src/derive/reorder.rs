//! When pictures are decoded, where a file only says when they are shown.
//!
//! Matroska keeps one time for each packet, that of showing. An MP4 file needs that of decoding, too: it has to grow from
//! packet to packet, and must not be after that of showing. Packets stand in the order of decoding, so the times of
//! showing, sorted, are times of decoding for them, if only they are taken late enough: a picture that is shown as the
//! *r*-th and stands in *k*-th place needs *k* − *r* to be no more than the *depth*, and its time of decoding is then the
//! (*k* − depth)-th of the sorted times. So much is held by whoever encoded it, in as many pictures as a decoder has
//! to keep; H.264 (ITU-T H.264, A.3.1) has 16 at most.
//!
//! The depth is found from the first pictures. A file that reorders more later on than it did at its beginning has a few
//! pictures there that are shown a little late.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// So many pictures are looked at before the first is written: twice what a decoder keeps, so that groups of both kinds,
/// with pictures that are shown first and with those that are decoded first, are among them.
pub(super) const LOOKED_AT: usize = 40;
/// What a decoder keeps at most.
const DEPTH_MAX: usize = 16;
/// What encoders use where they use it at all: pictures that lean on pictures that lean on others.
const DEPTH_USUAL: usize = 2;

/// Times of decoding, one after another.
#[derive(Debug)]
pub(super) struct DecodeTimes {
    depth: usize,
    /// The first time of showing, and the usual distance between two.
    first_us: i64,
    step_us: i64,
    given: usize,
    /// Times of showing that no picture was given as its time of decoding yet.
    held: BinaryHeap<Reverse<i64>>,
}

impl DecodeTimes {
    /// From when the first pictures are shown, in the order of their packets; `reorders`: whether the stream's own head
    /// says that it may. `None` where no times of decoding follow from them: two pictures at one time, or more out of
    /// order than a decoder keeps.
    pub(super) fn of(shown_us: &[i64], reorders: bool) -> Option<Self> {
        let mut sorted = shown_us.to_vec();
        sorted.sort_unstable();
        let mut steps_us: Vec<i64> = sorted.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).collect();
        if steps_us.contains(&0) {
            return None;
        }
        let late = |(place, shown): (usize, &i64)| {
            place.saturating_sub(sorted.binary_search(shown).unwrap_or_default())
        };
        let seen = shown_us.iter().enumerate().map(late).max().unwrap_or_default();
        let depth = if reorders { seen.max(DEPTH_USUAL) } else { seen };
        if depth > DEPTH_MAX {
            return None;
        }
        steps_us.sort_unstable();
        // A single picture is decoded whenever one likes.
        let step_us = steps_us.get(steps_us.len() / 2).copied().unwrap_or(1);
        Some(Self { depth, first_us: *sorted.first()?, step_us, given: 0, held: BinaryHeap::new() })
    }

    /// When the next packet is decoded, which is shown at `shown_us`.
    pub(super) fn next(&mut self, shown_us: i64) -> i64 {
        self.held.push(Reverse(shown_us));
        let place = self.given;
        self.given = self.given.saturating_add(1);
        let before = i64::try_from(self.depth.saturating_sub(place)).unwrap_or_default();
        if before > 0 {
            return self.first_us.saturating_sub(self.step_us.saturating_mul(before));
        }
        // There is one: it was just put in.
        self.held.pop().map_or(shown_us, |Reverse(least)| least)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Times of decoding of all of these.
    fn decoded(shown: &[i64], reorders: bool) -> Option<Vec<i64>> {
        let mut times = DecodeTimes::of(shown, reorders)?;
        Some(shown.iter().map(|&one| times.next(one)).collect())
    }

    /// Whether an MP4 file takes them: they grow, and nothing is decoded after it is shown.
    fn can_be_written(shown: &[i64], decoded: &[i64]) -> bool {
        decoded.windows(2).all(|pair| pair[0] < pair[1])
            && shown.iter().zip(decoded).all(|(shown, decoded)| decoded <= shown)
    }

    #[test]
    fn what_is_shown_as_it_is_decoded_is_decoded_when_it_is_shown() {
        assert_eq!(decoded(&[40, 80, 120, 160], false).unwrap(), [40, 80, 120, 160]);
        assert_eq!(decoded(&[40], false).unwrap(), [40]);
    }

    #[test]
    fn pictures_out_of_order_are_decoded_so_much_earlier_that_all_are_in_time() {
        // I P B B P B B
        let plain = [0, 120, 40, 80, 240, 160, 200];
        assert_eq!(decoded(&plain, false).unwrap(), [-40, 0, 40, 80, 120, 160, 200]);
        // I P B b b, a pyramid, after which the group begins anew; and one that opens with pictures shown before its key.
        for shown in [
            vec![0, 160, 80, 40, 120, 320, 240, 200, 280, 400, 560, 480, 440, 520],
            vec![80, 0, 40, 200, 120, 160, 320, 240, 280],
            vec![0, 480, 240, 120, 60, 180, 360, 300, 420],
        ] {
            let decoded = decoded(&shown, false).unwrap();
            assert!(can_be_written(&shown, &decoded), "{shown:?}: {decoded:?}");
        }
    }

    #[test]
    fn a_gap_stays_where_it_is() {
        let shown = [0, 120, 40, 80, 7000, 7120, 7040, 7080, 7240, 7160, 7200];
        let decoded = decoded(&shown, false).unwrap();
        assert!(can_be_written(&shown, &decoded), "{decoded:?}");
        assert_eq!(decoded[6..], [7040, 7080, 7120, 7160, 7200]);
    }

    #[test]
    fn a_stream_that_may_reorder_is_decoded_early_even_if_it_begins_in_order() {
        assert_eq!(decoded(&[0, 40, 80, 120], true).unwrap(), [-80, -40, 0, 40]);
        let mut times = DecodeTimes::of(&[0, 40, 80], true).unwrap();
        let shown = [0, 40, 80, 200, 120, 160, 320, 240, 280];
        let decoded: Vec<i64> = shown.iter().map(|&one| times.next(one)).collect();
        assert!(can_be_written(&shown, &decoded), "{decoded:?}");
    }

    #[test]
    fn times_from_which_none_follow_are_refused() {
        assert!(DecodeTimes::of(&[], false).is_none());
        assert!(DecodeTimes::of(&[0, 40, 40], false).is_none(), "two pictures at one time");
        let mut backwards: Vec<i64> = (0..18).map(|place| 1000 - place * 40).collect();
        assert!(DecodeTimes::of(&backwards, false).is_none(), "more than a decoder keeps");
        backwards.truncate(17);
        assert!(DecodeTimes::of(&backwards, false).is_some());
    }
}
