//! Boxes of a fragmented MP4 as they pass by: is one cut, and what does the movie box say?

use catalog::observation::ProblemCode;

use super::super::mp4::boxes::{FourCc, show};
use super::super::mp4::layout::{Header, header};
use super::Seen;
use super::walker::{Follow, Step, Walker};

/// A movie box beyond this is not kept; that of a fragmented file is a few kilobytes.
const MOOV_MAX: u64 = 16 << 20;

pub(super) fn watch() -> Walker<Boxes> {
    Walker::new(Boxes::default())
}

#[derive(Default)]
pub(super) struct Boxes {
    seen: Seen,
    last: Option<(FourCc, u64, u64)>,
    broken_at: Option<u64>,
}

impl Follow for Boxes {
    fn step(&mut self, at: u64, bytes: &[u8]) -> Step {
        if bytes.len() < 8 {
            return Step::Need(8);
        }
        if bytes[..4] == [0, 0, 0, 1] && bytes.len() < 16 {
            return Step::Need(16);
        }
        let found = match header(bytes, at, u64::MAX) {
            Header::Box(found) | Header::Undersized(found) => found,
            Header::Broken => {
                self.broken_at = Some(at);
                return Step::Stop;
            }
        };
        if bytes[..4] == [0; 4] {
            // Open-ended: to the end of the file, wherever that is.
            self.last = Some((found.kind, at, at));
            return Step::Stop;
        }
        let length = found.end.saturating_sub(at);
        if found.kind == *b"moov" && self.seen.moov.is_none() && length <= MOOV_MAX {
            match usize::try_from(length) {
                Ok(length) if bytes.len() < length => {
                    self.last = Some((found.kind, at, found.end));
                    return Step::Need(length);
                }
                Ok(length) => self.seen.moov = bytes.get(8..length).map(<[u8]>::to_vec),
                Err(_) => {}
            }
        }
        if matches!(&found.kind, b"free" | b"skip" | b"wide") {
            self.seen.pad(at, found.end);
        }
        self.last = Some((found.kind, at, found.end));
        Step::Skip(length)
    }

    fn finish(&mut self, size_bytes: u64, next: Option<(u64, usize)>) -> Seen {
        if let Some((kind, at, end)) = self.last.filter(|&(_, _, end)| end > size_bytes) {
            let detail = format!(
                "box `{}` at byte {at} announces {} bytes beyond the end of the file",
                show(kind),
                end - size_bytes
            );
            self.seen.note(ProblemCode::Truncated, detail);
        } else if let Some((at, 1..)) = next {
            self.seen.note(
                ProblemCode::Truncated,
                format!("the file ends inside the header of a box at byte {at}"),
            );
        }
        if let Some(at) = self.broken_at {
            self.seen.note(
                ProblemCode::Damaged,
                format!("what stands at byte {at} is no box; what follows cannot be reached"),
            );
        }
        std::mem::take(&mut self.seen)
    }
}
