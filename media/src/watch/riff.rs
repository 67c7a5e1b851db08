//! Chunks of RIFF (AVI with its OpenDML parts, WAVE): is one cut, or the whole shorter than it says?

use catalog::observation::ProblemCode;

use super::super::mp4::boxes::{FourCc, show};
use super::Seen;
use super::walker::{Follow, Step, Walker};

pub(super) fn watch() -> Walker<Chunks> {
    Walker::new(Chunks::default())
}

#[derive(Default)]
pub(super) struct Chunks {
    seen: Seen,
    /// Announced ends of the chunks that were entered: their type and where they begin.
    entered: Vec<(FourCc, u64, u64)>,
    last: Option<(FourCc, u64, u64)>,
    lost_at: Option<u64>,
}

impl Follow for Chunks {
    fn step(&mut self, at: u64, bytes: &[u8]) -> Step {
        if bytes.len() < 8 {
            return Step::Need(8);
        }
        let kind: FourCc = [bytes[0], bytes[1], bytes[2], bytes[3]];
        let size = u32::from_le_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]);
        if !kind.iter().all(|b| (0x20..0x7f).contains(b)) {
            self.lost_at = Some(at);
            return Step::Stop;
        }
        let end = at.saturating_add(8).saturating_add(u64::from(size));
        let known = size != 0 && size != u32::MAX;
        if matches!(&kind, b"RIFF" | b"LIST" | b"RF64") {
            let Some(form) = bytes.get(8..12) else { return Step::Need(12) };
            if matches!(&kind, b"RIFF" | b"RF64") || matches!(form, b"movi" | b"rec ") {
                if known && form != b"rec " && self.entered.len() < 10_000 {
                    let form = [form[0], form[1], form[2], form[3]];
                    self.entered.push((form, at, end));
                }
                return Step::Skip(12);
            }
        }
        // The data of a WAVE beyond 4 GiB, or of one that was never closed, has no size here.
        if kind == *b"data" && !known {
            return Step::Stop;
        }
        if matches!(&kind, b"JUNK" | b"FLLR" | b"PAD ") {
            self.seen.pad(at, end);
        }
        self.last = Some((kind, at, end));
        Step::Skip(end - at + u64::from(size & 1))
    }

    fn finish(&mut self, size_bytes: u64, next: Option<(u64, usize)>) -> Seen {
        // The last chunk's padding byte may be left out.
        let cut = |&&(_, _, end): &&(FourCc, u64, u64)| end > size_bytes;
        let outer = self.entered.iter().filter(cut).max_by_key(|(_, at, _)| *at);
        if let Some((kind, at, end)) = self.last.as_ref().filter(cut).or(outer) {
            self.seen.note(
                ProblemCode::Truncated,
                format!(
                    "chunk `{}` at byte {at} announces {} bytes beyond the end of the file",
                    show(*kind).trim(),
                    end - size_bytes
                ),
            );
        } else if let Some((at, 1..)) = next {
            self.seen.note(
                ProblemCode::Truncated,
                format!("the file ends inside the head of the chunk at byte {at}"),
            );
        }
        // What stands behind the announced end is none of the format's business.
        let whole = self.entered.iter().map(|&(_, _, end)| end).max();
        if let Some(at) = self.lost_at.filter(|&at| whole.is_none_or(|whole| at < whole)) {
            self.seen.note(ProblemCode::Damaged, format!("what stands at byte {at} is no chunk"));
        }
        std::mem::take(&mut self.seen)
    }
}
