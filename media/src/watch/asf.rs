//! Objects of Windows Media (Advanced Systems Format 1.20): is the file as long as its head says?
//!
//! The head's file properties state the size of the whole file, unless it was written as a broadcast; the
//! data object states its own size, unless it was never closed.

use catalog::observation::ProblemCode;

use super::Seen;
use super::walker::{Follow, Step, Walker};

/// Identifier and size of an object.
const HEAD_BYTES: usize = 24;
const HEADER: &[u8; 16] = b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c";
const FILE_PROPERTIES: &[u8; 16] = b"\xa1\xdc\xab\x8c\x47\xa9\xcf\x11\x8e\xe4\x00\xc0\x0c\x20\x53\x65";
const DATA: &[u8; 16] = b"\x36\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c";
/// Up to and including the flags of the file properties.
const PROPERTIES_BYTES: usize = 92;
const BROADCAST: u8 = 1;

pub(super) fn watch() -> Walker<Objects> {
    Walker::new(Objects::default())
}

#[derive(Default)]
pub(super) struct Objects {
    /// What the head says of the size of the file.
    announced_bytes: Option<u64>,
    /// Start and announced end of the last object.
    last: Option<(u64, u64)>,
}

impl Follow for Objects {
    fn step(&mut self, at: u64, bytes: &[u8]) -> Step {
        let Some(head) = bytes.first_chunk::<HEAD_BYTES>() else { return Step::Need(HEAD_BYTES) };
        let size = number(&head[16..]);
        if head.starts_with(HEADER) {
            // Its objects follow six bytes further on.
            return Step::Skip(HEAD_BYTES as u64 + 6);
        }
        if head.starts_with(FILE_PROPERTIES) {
            let Some(properties) = bytes.first_chunk::<PROPERTIES_BYTES>() else {
                return Step::Need(PROPERTIES_BYTES);
            };
            let announced = number(&properties[40..48]);
            if properties[88] & BROADCAST == 0 && announced > 0 {
                self.announced_bytes = Some(announced);
            }
        }
        if size < HEAD_BYTES as u64 {
            // A data object that was never closed; or nothing that could be followed.
            return Step::Stop;
        }
        self.last = Some((at, at.saturating_add(size)));
        // Behind the footage stand indexes, of which not all writers state the size rightly.
        if head.starts_with(DATA) { Step::Stop } else { Step::Skip(size) }
    }

    fn finish(&mut self, size_bytes: u64, _next: Option<(u64, usize)>) -> Seen {
        let mut seen = Seen::default();
        let beyond = |end: u64| end.checked_sub(size_bytes).filter(|&missing| missing > 0);
        if let Some(missing) = self.announced_bytes.and_then(beyond) {
            seen.note(
                ProblemCode::Truncated,
                format!("the head announces {missing} bytes beyond the end of the file"),
            );
        } else if let Some((at, missing)) = self.last.and_then(|(at, end)| Some((at, beyond(end)?))) {
            seen.note(
                ProblemCode::Truncated,
                format!("the object at byte {at} announces {missing} bytes beyond the end of the file"),
            );
        }
        seen
    }
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().take(8).rev().fold(0, |number, &byte| number << 8 | u64::from(byte))
}
