//! Tags of Flash video (Adobe's FLV specification 10.1, annex E): is the last one whole, and does each
//! begin where the one before it ends?

use catalog::observation::ProblemCode;

use super::Seen;
use super::walker::{Follow, Step, Walker};

/// The length of the tag before, and the head of a tag.
const HEAD_BYTES: usize = 4 + 11;

pub(super) fn watch() -> Walker<Tags> {
    Walker::new(Tags::default())
}

#[derive(Default)]
pub(super) struct Tags {
    /// Start, of its leading length, and announced end of the last tag.
    last: Option<(u64, u64)>,
    lost_at: Option<u64>,
}

impl Follow for Tags {
    fn step(&mut self, at: u64, bytes: &[u8]) -> Step {
        if at == 0 {
            let Some(&[a, b, c, d]) = bytes.get(5..).and_then(|rest| rest.first_chunk()) else {
                return Step::Need(9);
            };
            return Step::Skip(u64::from(u32::from_be_bytes([a, b, c, d]).max(9)));
        }
        let Some(head) = bytes.first_chunk::<HEAD_BYTES>() else { return Step::Need(HEAD_BYTES) };
        let body = u64::from(u32::from_be_bytes([0, head[5], head[6], head[7]]));
        // Audio, video and script; two bits are reserved, one says that the tag is encrypted.
        if head[4] & 0xc0 != 0 || !matches!(head[4] & 0x1f, 8 | 9 | 18) {
            self.lost_at = Some(at + 4);
            return Step::Stop;
        }
        let length = HEAD_BYTES as u64 + body;
        self.last = Some((at, at.saturating_add(length)));
        Step::Skip(length)
    }

    fn finish(&mut self, size_bytes: u64, next: Option<(u64, usize)>) -> Seen {
        let mut seen = Seen::default();
        if let Some((at, end)) = self.last.filter(|&(_, end)| end > size_bytes) {
            seen.note(
                ProblemCode::Truncated,
                format!(
                    "the tag at byte {} announces {} bytes beyond the end of the file",
                    at + 4,
                    end - size_bytes
                ),
            );
        } else if let Some((at, held @ (1..=3 | 5..))) = next.filter(|&(at, _)| at > 0) {
            // Four bytes are the length of the last tag, which ends the file.
            seen.note(
                ProblemCode::Truncated,
                format!("the file ends after {held} bytes of the head of the tag at byte {}", at + 4),
            );
        }
        if let Some(at) = self.lost_at {
            seen.note(ProblemCode::Damaged, format!("what stands at byte {at} is no tag"));
        }
        seen
    }
}
