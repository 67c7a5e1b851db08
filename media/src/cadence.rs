//! Where packets fail to come: gaps, told from the times of packets alone.
//!
//! Declared frame rates and container durations are not trusted. A stream's own **usual interval**
//! is the median distance between two consecutive presentation times; a **gap** is a distance that
//! is out of the ordinary for this stream:
//!
//! - video: more than three usual intervals, and more than 500 ms;
//! - audio: the silence between the end of a packet and the next one is more than three usual
//!   intervals, and more than 100 ms.
//!
//! So a camera at one frame a second has no gaps, and neither has a telephone that falls from 30 to
//! 10 frames in the dark. A late first packet is no gap: nothing came before it. Where some packets
//! of a stream carry no time (program streams), a distance is shared out among the packets in it.
//!
//! A gap is `[end of the last packet, start of the next)`, and a packet lasts as long as it says or
//! as the usual interval, whichever is less: sample tables stretch the packet before a hole over the
//! whole of it. The stream ends one usual interval after its last presentation time, for the same
//! reason.
//!
//! Packets arrive in decoding order. They are put in order within a window, which takes a bounded
//! amount of memory however long the file is; distances are counted, not kept.

use std::collections::{HashMap, VecDeque};

use catalog::observation::MediaSpan;
use catalog::{MediaTime, Micros};

/// Packets that are held back until the order of their times is certain. H.264 and H.265 allow 16
/// pictures of reordering.
const WINDOW: usize = 36;
/// Distinct distances that are counted; a steady stream has a handful.
const DISTANCES_MAX: usize = 1 << 16;
/// Wide distances that are remembered as possible gaps.
const CANDIDATES_MAX: usize = 1 << 17;

/// What counts as a gap in one kind of stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// Distance between packets.
    Video,
    /// Silence between packets.
    Audio,
    /// Nothing: packets come when there is something to say.
    Sparse,
}

impl Rule {
    fn floor_us(self) -> i64 {
        match self {
            Self::Video => 500_000,
            Self::Audio => 100_000,
            Self::Sparse => i64::MAX,
        }
    }

    fn is_gap(self, candidate: &Candidate, usual_us: i64) -> bool {
        let share_us = candidate.distance_us() / candidate.packets;
        let wide_us = self.floor_us().max(usual_us.saturating_mul(3));
        match self {
            Self::Video => share_us > wide_us,
            Self::Audio => share_us.saturating_sub(candidate.length_us(usual_us)) > wide_us,
            Self::Sparse => false,
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Candidate {
    from_us: i64,
    to_us: i64,
    /// What the packet before says that it lasts.
    said_us: Option<i64>,
    /// Among how many packets the distance is shared.
    packets: i64,
}

impl Candidate {
    fn distance_us(&self) -> i64 {
        self.to_us.saturating_sub(self.from_us)
    }

    fn length_us(&self, usual_us: i64) -> i64 {
        self.said_us.filter(|&said| said > 0).map_or(usual_us, |said| said.min(usual_us))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Waiting {
    pts_us: i64,
    said_us: Option<i64>,
    untimed_before: i64,
}

/// Listens to one stream's packets.
#[derive(Debug)]
pub(super) struct Cadence {
    rule: Rule,
    /// In order of time. Packets come nearly in order, so they are put in from the back.
    waiting: VecDeque<Waiting>,
    untimed: i64,
    last: Option<Waiting>,
    first_us: Option<i64>,
    distances: HashMap<i64, u64>,
    same: (i64, u64),
    candidates: Vec<Candidate>,
}

/// What was heard.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Heard {
    pub(super) start_us: Option<MediaTime>,
    pub(super) end_us: Option<MediaTime>,
    pub(super) interval_us: Option<Micros>,
    pub(super) gaps: Vec<MediaSpan>,
}

impl Cadence {
    pub(super) fn new(rule: Rule) -> Self {
        Self {
            rule,
            waiting: VecDeque::with_capacity(WINDOW + 1),
            untimed: 0,
            last: None,
            first_us: None,
            distances: HashMap::new(),
            same: (0, 0),
            candidates: Vec::new(),
        }
    }

    /// The next packet in the order of the file.
    pub(super) fn hear(&mut self, pts_us: Option<i64>, said_us: Option<i64>) {
        let Some(pts_us) = pts_us else {
            self.untimed += 1;
            return;
        };
        let packet = Waiting { pts_us, said_us, untimed_before: self.untimed };
        let before = self.waiting.iter().rposition(|earlier| *earlier <= packet);
        self.waiting.insert(before.map_or(0, |before| before + 1), packet);
        self.untimed = 0;
        if self.waiting.len() > WINDOW {
            self.take_earliest();
        }
    }

    fn take_earliest(&mut self) {
        let Some(next) = self.waiting.pop_front() else { return };
        let first_us = self.first_us.get_or_insert(next.pts_us);
        *first_us = next.pts_us.min(*first_us);
        let Some(last) = self.last else {
            self.last = Some(next);
            return;
        };
        let distance_us = next.pts_us.saturating_sub(last.pts_us);
        if distance_us <= 0 {
            // The other field of a picture, or a packet that an edit list shows again.
            return;
        }
        let packets = next.untimed_before.saturating_add(1);
        let share_us = distance_us / packets;
        self.count(share_us, packets);
        if share_us > self.rule.floor_us() {
            if self.candidates.len() >= CANDIDATES_MAX {
                let usual_us = self.median_us().unwrap_or(0);
                let rule = self.rule;
                self.candidates.retain(|candidate| rule.is_gap(candidate, usual_us));
            }
            if self.candidates.len() < CANDIDATES_MAX {
                self.candidates.push(Candidate {
                    from_us: last.pts_us,
                    to_us: next.pts_us,
                    said_us: last.said_us,
                    packets,
                });
            }
        }
        self.last = Some(next);
    }

    fn count(&mut self, share_us: i64, packets: i64) {
        let packets = packets.unsigned_abs();
        if self.same.0 == share_us {
            self.same.1 += packets;
            return;
        }
        let (distance_us, count) = std::mem::replace(&mut self.same, (share_us, packets));
        if count > 0 && (self.distances.len() < DISTANCES_MAX || self.distances.contains_key(&distance_us)) {
            *self.distances.entry(distance_us).or_default() += count;
        }
    }

    fn median_us(&self) -> Option<i64> {
        let mut counted: Vec<(i64, u64)> = self.distances.iter().map(|(&d, &n)| (d, n)).collect();
        if self.same.1 > 0 {
            counted.push(self.same);
        }
        counted.sort_unstable();
        let total: u64 = counted.iter().map(|(_, count)| count).sum();
        let mut below = 0;
        counted.into_iter().find_map(|(distance_us, count)| {
            below += count;
            (below * 2 >= total).then_some(distance_us)
        })
    }

    /// After the last packet.
    pub(super) fn finish(mut self) -> Heard {
        while !self.waiting.is_empty() {
            self.take_earliest();
        }
        let Some(last) = self.last else { return Heard::default() };
        let median_us = self.median_us();
        let usual_us = median_us.or(last.said_us).unwrap_or(0).max(0);
        let gaps = self.candidates.iter().filter(|candidate| self.rule.is_gap(candidate, usual_us));
        Heard {
            start_us: self.first_us.map(MediaTime),
            end_us: Some(MediaTime(last.pts_us.saturating_add(usual_us))),
            interval_us: median_us.map(Micros),
            gaps: gaps
                .map(|gap| MediaSpan {
                    start_us: MediaTime(gap.from_us.saturating_add(gap.length_us(usual_us))),
                    end_us: MediaTime(gap.to_us),
                })
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn heard(rule: Rule, packets: impl IntoIterator<Item = (i64, i64)>) -> Heard {
        let mut cadence = Cadence::new(rule);
        for (pts_ms, said_ms) in packets {
            cadence.hear(Some(pts_ms * 1000), Some(said_ms * 1000));
        }
        cadence.finish()
    }

    fn gaps_ms(heard: &Heard) -> Vec<(i64, i64)> {
        heard.gaps.iter().map(|gap| (gap.start_us.0 / 1000, gap.end_us.0 / 1000)).collect()
    }

    #[test]
    fn a_gap_begins_where_the_usual_packet_ends_not_the_stretched_one() {
        let packets = (0..50)
            .map(|i| (i * 40, if i == 49 { 7000 } else { 40 }))
            .chain((0..50).map(|i| (9000 + i * 40, 40)));
        let heard = heard(Rule::Video, packets);
        assert_eq!(gaps_ms(&heard), [(2000, 9000)]);
        assert_eq!(heard.end_us, Some(MediaTime(11_000_000)));
        assert_eq!(heard.interval_us, Some(Micros(40_000)));
    }

    #[test]
    fn low_and_falling_frame_rates_are_no_gaps() {
        assert!(heard(Rule::Video, (0..310).map(|i| (i * 1000, 1000))).gaps.is_empty());
        assert!(heard(Rule::Video, (0..6000).map(|i| (i * 200, 200))).gaps.is_empty());
        let dark = (0..100).map(|i| (i * 33, 33)).chain((0..100).map(|i| (3300 + i * 100, 100)));
        assert!(heard(Rule::Video, dark).gaps.is_empty());
    }

    #[test]
    fn a_late_start_is_no_gap() {
        let heard = heard(Rule::Video, (0..100).map(|i| (10_000 + i * 33, 33)));
        assert_eq!((heard.start_us, heard.gaps.len()), (Some(MediaTime(10_000_000)), 0));
    }

    #[test]
    fn sound_is_held_to_its_packets_length() {
        let sound = |hole_ms| (0..100).map(move |i| (i * 21 + if i >= 50 { hole_ms } else { 0 }, 21));
        assert!(heard(Rule::Audio, sound(90)).gaps.is_empty());
        assert_eq!(gaps_ms(&heard(Rule::Audio, sound(150))), [(1050, 1200)]);
        // AVI holds half a second of sound in each packet.
        assert!(heard(Rule::Audio, (0..40).map(|i| (i * 500, 500))).gaps.is_empty());
    }

    #[test]
    fn packets_without_times_share_the_distance() {
        let mut cadence = Cadence::new(Rule::Video);
        for i in 0..200i64 {
            // The times of every twelfth picture only, in the second half.
            let timed = i < 100 || i % 12 == 0;
            cadence.hear(timed.then_some(i * 67_000), None);
        }
        assert!(cadence.finish().gaps.is_empty());
    }

    #[test]
    fn a_lone_packet_lasts_as_long_as_it_says() {
        let heard = heard(Rule::Video, [(100, 40)]);
        assert_eq!((heard.start_us, heard.end_us), (Some(MediaTime(100_000)), Some(MediaTime(140_000))));
        assert_eq!(heard.interval_us, None);
        assert_eq!(super::Cadence::new(Rule::Video).finish(), Heard::default());
    }

    proptest! {
        #[test]
        fn order_within_the_window_does_not_matter(seed in prop::collection::vec(0usize..16, 120), hole in 40i64..80) {
            let times: Vec<i64> = (0..120).map(|i| i * 40 + if i >= hole { 5000 } else { 0 }).collect();
            let mut shuffled = times.clone();
            for (i, j) in seed.iter().enumerate() {
                let j = (i / 16 * 16 + j).min(119);
                shuffled.swap(i, j);
            }
            let hear = |times: &[i64]| heard(Rule::Video, times.iter().map(|&t| (t, 40)));
            prop_assert_eq!(hear(&shuffled), hear(&times));
        }

        #[test]
        fn any_times_are_heard(times in prop::collection::vec(any::<Option<i64>>(), 0..200)) {
            let mut cadence = Cadence::new(Rule::Audio);
            for pts in times {
                cadence.hear(pts, pts);
            }
            let heard = cadence.finish();
            prop_assert!(heard.gaps.iter().all(|gap| gap.start_us <= gap.end_us));
        }
    }
}
