//! Composition offsets: from the decoding times of an index to presentation times.
//!
//! FFmpeg's sample index has each sample's decoding time, already moved by edit lists, but not its
//! composition offset (14496-12, 8.6.1.3). The offsets are read here, in the order of the track's
//! samples, and laid beside the index. An edit list may leave samples out or repeat them, so entries
//! are matched by where their bytes lie, which the chunk tables tell (8.7). Offsets may be negative;
//! like FFmpeg, the whole track is then shifted by the most negative one that is not among the
//! table's last two, so that no sample is presented before it is decoded.

use super::boxes::{be_u32, be_u64, find};

/// Steps that matching may take in all, beyond one for each entry: an edit list made to cost time
/// is left to the packet-by-packet reader.
const STEPS_MAX: u64 = 64_000_000;

/// Offsets beyond this are taken by FFmpeg as a sign that the table is no table.
const OFFSET_MAX: i64 = 1 << 28;

/// One sample as the chunk tables place it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Placed {
    position: u64,
    size_bytes: u32,
    /// Its composition offset; `None` past the end of the offset table.
    offset: Option<i64>,
}

/// Tells the distance from decoding to presentation time of a track's index entries, one after the
/// other.
pub(crate) struct Offsets<'a> {
    tables: Option<Tables<'a>>,
    samples: Samples<'a>,
    shift: i64,
    steps_left: u64,
}

impl<'a> Offsets<'a> {
    /// From the body of a track's sample table box.
    pub(crate) fn new(stbl: &'a [u8]) -> Self {
        let tables = Tables::parse(stbl);
        let shift = tables.as_ref().map_or(0, |tables| tables.shift);
        let samples = tables.as_ref().map_or_else(Samples::default, |&tables| Samples::new(tables));
        Self { tables, samples, shift, steps_left: STEPS_MAX }
    }

    /// Whether the track has composition offsets at all.
    pub(crate) fn matter(&self) -> bool {
        self.tables.is_some()
    }

    /// Presentation minus decoding time of the next entry, whose bytes lie at `position`.
    /// `None` where the tables do not know such a sample: they are not to be trusted then.
    pub(crate) fn next(&mut self, position: u64, size_bytes: u32) -> Option<i64> {
        let Some(tables) = self.tables else { return Some(0) };
        let matches = |sample: &Placed| sample.position == position && sample.size_bytes == size_bytes;
        let mut found = self.samples.next().filter(matches);
        if found.is_none() {
            // An edit begins elsewhere: look from the start.
            self.samples = Samples::new(tables);
            while found.is_none() {
                let chunk = self.samples.chunk;
                found = Some(self.samples.next()?).filter(matches);
                let chunks_entered = self.samples.chunk.saturating_sub(chunk) as u64;
                self.steps_left = self.steps_left.checked_sub(1 + chunks_entered)?;
            }
        }
        // Past the end of the offset table FFmpeg neither offsets nor shifts.
        found.map(|sample| sample.offset.map_or(0, |offset| offset.saturating_add(self.shift)))
    }
}

/// The tables that place samples.
#[derive(Debug, Clone, Copy)]
struct Tables<'a> {
    ctts: &'a [u8],
    shift: i64,
    /// Size that all samples have; 0 where each has its own.
    same_size: u32,
    sample_count: u32,
    sizes: &'a [u8],
    sizes_compact: Option<u8>,
    chunks: &'a [u8],
    chunks_wide: bool,
    runs: &'a [u8],
}

impl<'a> Tables<'a> {
    /// `None` where a track has no composition offsets that count.
    fn parse(stbl: &'a [u8]) -> Option<Self> {
        let ctts = entries(find(stbl, *b"ctts")?, 4, 8)?;
        if ctts.is_empty() {
            return None;
        }
        let last = ctts.len() / 8;
        let mut shift = 0;
        for (i, entry) in ctts.chunks_exact(8).enumerate() {
            let (count, offset) = ctts_entry(entry);
            if count > 0 && i + 2 < last {
                if offset.abs() > OFFSET_MAX {
                    return None;
                }
                shift = shift.max(-offset);
            }
        }
        let (same_size, sample_count, sizes, sizes_compact) = if let Some(stsz) = find(stbl, *b"stsz") {
            (be_u32(stsz, 4)?, be_u32(stsz, 8)?, stsz.get(12..)?, None)
        } else {
            let stz2 = find(stbl, *b"stz2")?;
            (0, be_u32(stz2, 8)?, stz2.get(12..)?, Some(*stz2.get(7)?))
        };
        let (chunks, chunks_wide) = match find(stbl, *b"stco") {
            Some(stco) => (entries(stco, 4, 4)?, false),
            None => (entries(find(stbl, *b"co64")?, 4, 8)?, true),
        };
        let runs = entries(find(stbl, *b"stsc")?, 4, 12)?;
        Some(Self { ctts, shift, same_size, sample_count, sizes, sizes_compact, chunks, chunks_wide, runs })
    }

    fn size(&self, sample: u32) -> Option<u32> {
        let sample = usize::try_from(sample).ok()?;
        if self.same_size > 0 {
            return Some(self.same_size);
        }
        match self.sizes_compact {
            None => be_u32(self.sizes, sample.checked_mul(4)?),
            Some(16) => super::boxes::be_u16(self.sizes, sample.checked_mul(2)?).map(u32::from),
            Some(8) => self.sizes.get(sample).map(|&size| u32::from(size)),
            Some(4) => {
                let pair = *self.sizes.get(sample / 2)?;
                Some(u32::from(if sample % 2 == 0 { pair >> 4 } else { pair & 0xf }))
            }
            Some(_) => None,
        }
    }

    fn chunk(&self, chunk: usize) -> Option<u64> {
        if self.chunks_wide {
            be_u64(self.chunks, chunk.checked_mul(8)?)
        } else {
            be_u32(self.chunks, chunk.checked_mul(4)?).map(u64::from)
        }
    }
}

/// The entries of a full box that counts them: as many as it says and really has.
fn entries(body: &[u8], count_at: usize, entry_bytes: usize) -> Option<&[u8]> {
    let stated = usize::try_from(be_u32(body, count_at)?).ok()?;
    let rest = body.get(count_at + 4..)?;
    let count = stated.min(rest.len() / entry_bytes);
    rest.get(..count * entry_bytes)
}

fn ctts_entry(entry: &[u8]) -> (i64, i64) {
    let count = be_u32(entry, 0).unwrap_or(0);
    let offset = be_u32(entry, 4).unwrap_or(0);
    (i64::from(count.cast_signed()), i64::from(offset.cast_signed()))
}

/// A track's samples in decoding order, one at a time: nothing is allocated for them.
#[derive(Default)]
struct Samples<'a> {
    tables: Option<Tables<'a>>,
    sample: u32,
    chunk: usize,
    run: usize,
    left_in_chunk: u32,
    position: u64,
    offset_entry: usize,
    left_in_offset: i64,
    offset: i64,
}

impl<'a> Samples<'a> {
    fn new(tables: Tables<'a>) -> Self {
        Self { tables: Some(tables), ..Self::default() }
    }

    fn enter_chunk(&mut self, tables: &Tables<'a>) -> Option<()> {
        while self.left_in_chunk == 0 {
            self.position = tables.chunk(self.chunk)?;
            let next_first = be_u32(tables.runs, (self.run + 1).checked_mul(12)?);
            if next_first.is_some_and(|first| usize::try_from(first) == Ok(self.chunk + 1)) {
                self.run += 1;
            }
            self.left_in_chunk = be_u32(tables.runs, self.run.checked_mul(12)?.checked_add(4)?)?;
            self.chunk += 1;
        }
        Some(())
    }

    fn next_offset(&mut self, tables: &Tables<'a>) -> Option<i64> {
        while self.left_in_offset <= 0 {
            let at = self.offset_entry.checked_mul(8)?;
            (self.left_in_offset, self.offset) = ctts_entry(tables.ctts.get(at..at.checked_add(8)?)?);
            self.offset_entry += 1;
        }
        self.left_in_offset -= 1;
        Some(self.offset)
    }
}

impl Iterator for Samples<'_> {
    type Item = Placed;

    fn next(&mut self) -> Option<Placed> {
        let tables = self.tables?;
        if self.sample >= tables.sample_count {
            return None;
        }
        self.enter_chunk(&tables)?;
        let size_bytes = tables.size(self.sample)?;
        let offset = self.next_offset(&tables);
        let placed = Placed { position: self.position, size_bytes, offset };
        self.position = self.position.checked_add(u64::from(size_bytes))?;
        self.left_in_chunk -= 1;
        self.sample += 1;
        Some(placed)
    }
}

#[cfg(test)]
#[path = "offsets_tests.rs"]
mod tests;
