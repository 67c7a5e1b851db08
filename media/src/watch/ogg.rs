//! Pages of Ogg (RFC 3533): is the last one whole, and did every stream come to its last page?

use std::collections::BTreeMap;

use catalog::observation::ProblemCode;

use super::Seen;
use super::walker::{Follow, Step, Walker};

const HEAD_BYTES: usize = 27;
const LAST_PAGE: u8 = 4;
/// Logical streams beyond this number are not followed; no recorder writes so many.
const STREAMS_MAX: usize = 256;

pub(super) fn watch() -> Walker<Pages> {
    Walker::new(Pages::default())
}

#[derive(Default)]
pub(super) struct Pages {
    /// Of each logical stream, by serial number, whether its last page was seen.
    ended: BTreeMap<u32, bool>,
    last: Option<(u64, u64)>,
    lost_at: Option<u64>,
}

impl Follow for Pages {
    fn step(&mut self, at: u64, bytes: &[u8]) -> Step {
        let Some(head) = bytes.first_chunk::<HEAD_BYTES>() else { return Step::Need(HEAD_BYTES) };
        if !head.starts_with(b"OggS") {
            self.lost_at = Some(at);
            return Step::Stop;
        }
        let segments = usize::from(head[26]);
        let Some(lacing) = bytes.get(HEAD_BYTES..HEAD_BYTES + segments) else {
            return Step::Need(HEAD_BYTES + segments);
        };
        let body: u64 = lacing.iter().map(|&length| u64::from(length)).sum();
        let length = (HEAD_BYTES + segments) as u64 + body;
        let serial = u32::from_le_bytes([head[14], head[15], head[16], head[17]]);
        if self.ended.len() < STREAMS_MAX || self.ended.contains_key(&serial) {
            *self.ended.entry(serial).or_default() |= head[5] & LAST_PAGE != 0;
        }
        self.last = Some((at, at.saturating_add(length)));
        Step::Skip(length)
    }

    fn finish(&mut self, size_bytes: u64, next: Option<(u64, usize)>) -> Seen {
        let mut seen = Seen::default();
        if let Some((at, end)) = self.last.filter(|&(_, end)| end > size_bytes) {
            seen.note(
                ProblemCode::Truncated,
                format!(
                    "the page at byte {at} announces {} bytes beyond the end of the file",
                    end - size_bytes
                ),
            );
        } else if let Some((at, 1..)) = next {
            seen.note(
                ProblemCode::Truncated,
                format!("the file ends inside the head of the page at byte {at}"),
            );
        } else if let Some((serial, _)) = self.ended.iter().find(|&(_, &ended)| !ended) {
            seen.note(
                ProblemCode::Truncated,
                format!("stream {serial:#010x} does not come to its last page"),
            );
        }
        if let Some(at) = self.lost_at {
            seen.note(ProblemCode::Damaged, format!("what stands at byte {at} is no page"));
        }
        seen
    }
}
