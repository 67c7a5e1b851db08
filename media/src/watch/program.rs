//! Packets of an MPEG program stream (ISO/IEC 13818-1, 2.5; 11172-1): is the last one cut?

use std::collections::BTreeSet;

use catalog::observation::ProblemCode;

use super::Seen;
use super::walker::{Follow, Step, Walker};

pub(super) fn watch() -> Walker<Packets> {
    Walker::new(Packets::default())
}

#[derive(Default)]
pub(super) struct Packets {
    seen: Seen,
    last: Option<(u64, u64)>,
    /// Start codes of the streams of pictures that were seen.
    pictures: BTreeSet<u8>,
    /// Whether the stream was ended as the standard says.
    ended: bool,
    searching: bool,
    losses: u64,
    first_loss: Option<u64>,
}

impl Follow for Packets {
    fn step(&mut self, at: u64, bytes: &[u8]) -> Step {
        if bytes.len() < 4 {
            return Step::Need(4);
        }
        if bytes[..3] != [0, 0, 1] || bytes[3] < 0xb9 {
            // Zero bytes may stand between packets.
            if !self.searching && bytes[0] != 0 {
                self.losses += 1;
                self.first_loss.get_or_insert(at);
                self.searching = true;
            }
            return Step::Skip(1);
        }
        self.searching = false;
        match bytes[3] {
            0xb9 => {
                self.ended = true;
                Step::Skip(4)
            }
            0xba => {
                let Some(&marker) = bytes.get(4) else { return Step::Need(5) };
                if marker >> 6 == 0b01 {
                    match bytes.get(13) {
                        Some(stuffing) => Step::Skip(14 + u64::from(stuffing & 7)),
                        None => Step::Need(14),
                    }
                } else {
                    Step::Skip(12)
                }
            }
            id => {
                let Some(length) = bytes.get(4..6) else { return Step::Need(6) };
                let end = at + 6 + u64::from(u16::from_be_bytes([length[0], length[1]]));
                if id == 0xbe {
                    self.seen.pad(at, end);
                }
                if matches!(id, 0xe0..=0xef) {
                    self.pictures.insert(id);
                }
                self.ended = false;
                self.last = Some((at, end));
                Step::Skip(end - at)
            }
        }
    }

    fn finish(&mut self, size_bytes: u64, _next: Option<(u64, usize)>) -> Seen {
        if let Some((at, end)) = self.last.filter(|&(_, end)| end > size_bytes) {
            self.seen.note(
                ProblemCode::Truncated,
                format!(
                    "the packet at byte {at} announces {} bytes beyond the end of the file",
                    end - size_bytes
                ),
            );
        } else if !self.ended {
            // FFmpeg's number of a stream is its start code.
            self.seen.open_ends = self.pictures.iter().map(|&id| 0x100 | i32::from(id)).collect();
        }
        if let Some(at) = self.first_loss {
            let times = self.losses;
            self.seen.note(
                ProblemCode::Damaged,
                format!("no packet stands where one must, {times} times, first at byte {at}"),
            );
        }
        std::mem::take(&mut self.seen)
    }
}
