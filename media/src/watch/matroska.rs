//! Elements of Matroska and WebM (RFC 8794, RFC 9559): does the segment, a cluster or a block end
//! beyond the file?
//!
//! Segments and clusters are entered, everything else is stepped over. Their sizes may be unknown,
//! as in live recordings: then only a cut block proves anything.

use catalog::observation::ProblemCode;

use super::Seen;
use super::walker::{Follow, Step, Walker};

const SEGMENT: u64 = 0x1853_8067;
const CLUSTER: u64 = 0x1f43_b675;
const VOID: u64 = 0xec;

pub(super) fn watch() -> Walker<Elements> {
    Walker::new(Elements::default())
}

#[derive(Default)]
pub(super) struct Elements {
    seen: Seen,
    /// The announced end of the segment.
    segment_end: Option<u64>,
    /// Start and announced end of the last cluster.
    cluster: Option<(u64, u64)>,
    /// Start and announced end of the last element that was stepped over.
    leaf: Option<(u64, u64)>,
    lost_at: Option<u64>,
}

impl Follow for Elements {
    fn step(&mut self, at: u64, bytes: &[u8]) -> Step {
        if self.segment_end.is_some_and(|end| at >= end) {
            // What stands behind the segment is none of the format's business.
            return Step::Stop;
        }
        let id_length = bytes[0].leading_zeros() as usize + 1;
        if id_length > 4 {
            // No element begins so: the structure is lost. The next cluster, if the demultiplexer
            // finds it, goes on from where its packets are.
            self.lost_at.get_or_insert(at);
            return Step::Stop;
        }
        let Some(&size_first) = bytes.get(id_length) else { return Step::Need(id_length + 1) };
        let size_length = size_first.leading_zeros() as usize + 1;
        let header_length = id_length + size_length;
        if size_length > 8 {
            self.lost_at.get_or_insert(at);
            return Step::Stop;
        }
        if bytes.len() < header_length {
            return Step::Need(header_length);
        }
        let id = number(&bytes[..id_length]);
        let mask = (1u64 << (7 * size_length)) - 1;
        let size = number(&bytes[id_length..header_length]) & mask;
        let known = size != mask;
        let end = at.saturating_add(header_length as u64).saturating_add(size);
        match id {
            SEGMENT => self.segment_end = known.then_some(end),
            CLUSTER => self.cluster = known.then_some((at, end)),
            _ if !known => {
                self.lost_at.get_or_insert(at);
                return Step::Stop;
            }
            _ => {
                if id == VOID {
                    self.seen.pad(at, end);
                }
                self.leaf = Some((at, end));
                return Step::Skip(end - at);
            }
        }
        Step::Skip(header_length as u64)
    }

    fn finish(&mut self, size_bytes: u64, next: Option<(u64, usize)>) -> Seen {
        let beyond = |end: u64| end.checked_sub(size_bytes).filter(|&missing| missing > 0);
        if let Some((at, missing)) = self.leaf.and_then(|(at, end)| Some((at, beyond(end)?))) {
            self.seen.note(
                ProblemCode::Truncated,
                format!("the element at byte {at} announces {missing} bytes beyond the end of the file"),
            );
        } else if let Some((at, 1..)) = next {
            self.seen.note(
                ProblemCode::Truncated,
                format!("the file ends inside the head of the element at byte {at}"),
            );
        } else if let Some((at, missing)) = self.cluster.and_then(|(at, end)| Some((at, beyond(end)?))) {
            self.seen.note(
                ProblemCode::Truncated,
                format!("the cluster at byte {at} announces {missing} bytes beyond the end of the file"),
            );
        } else if let Some(missing) = self.segment_end.and_then(beyond) {
            self.seen.note(
                ProblemCode::Truncated,
                format!("the segment announces {missing} bytes beyond the end of the file"),
            );
        }
        if let Some(at) = self.lost_at {
            self.seen.note(ProblemCode::Damaged, format!("what stands at byte {at} is no element"));
        }
        std::mem::take(&mut self.seen)
    }
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, &byte| number << 8 | u64::from(byte))
}
