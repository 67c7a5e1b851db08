//! KLV (SMPTE ST 336) from an MPEG-TS: MISB ST 0601 is read, every other set is named and counted.
//!
//! A set is a 16-byte universal key, a length and a value. In a transport stream it comes bare
//! (asynchronous KLV) or in cells with a header of five bytes (synchronous, ISO/IEC 13818-1 metadata
//! access units); it may be spread over several packets. All of that is undone here. Bytes between
//! two sets, and sets that end before their length, are problems, and reading goes on at the next key.
//!
//! **Checksums are law.** A packet of ST 0601 whose checksum is wrong or missing gives no sample.
//!
//! **Nothing is dropped in silence.** A set that is not understood stands in
//! [`Track::unsupported`] with its key; a tag that is not read is counted in [`Track::other`].

mod ber;
mod st0601;

use catalog::MediaTime;

use crate::builder::Builder;
use crate::problem::{Fault, Place};
use crate::track::{Kind, Packet, Track};
use ber::Ber;

/// How every universal key begins.
const PREFIX: [u8; 4] = [0x06, 0x0e, 0x2b, 0x34];

/// Bytes of a universal key.
const KEY_BYTES: usize = 16;

/// Bytes of a metadata access unit cell's header.
const CELL_HEADER_BYTES: usize = 5;

/// The longest set that is waited for. Real ones have a few kilobytes.
const MAX_SET_BYTES: usize = 1 << 20;

/// Reads sets that lie one after another, without media times.
pub fn parse(bytes: &[u8]) -> Track {
    let mut reader = Reader::new();
    reader.push(Packet::untimed(bytes));
    reader.finish()
}

/// Whether bytes begin with a universal key, bare or in a cell.
pub(crate) fn looks_like(bytes: &[u8]) -> bool {
    bytes.starts_with(&PREFIX) || starts_with_cell(bytes)
}

/// Whether the set that bytes begin with is ST 0601.
pub(crate) fn begins_with_st0601(bytes: &[u8]) -> bool {
    let bytes =
        if bytes.starts_with(&PREFIX) { bytes } else { bytes.get(CELL_HEADER_BYTES..).unwrap_or(&[]) };
    bytes.first_chunk::<KEY_BYTES>().is_some_and(st0601::is_key)
}

/// Reads packets one by one.
pub struct Reader {
    builder: Builder,
    offset: u64,
    sets: u64,
    st0601: bool,
    /// The beginning of a set that is not all there yet.
    carried: Vec<u8>,
    carried_media_us: Option<MediaTime>,
    /// How many bytes `carried` must have before it is worth looking at.
    needed_bytes: usize,
    /// Whether packets come in cells.
    in_cells: bool,
}

impl Default for Reader {
    fn default() -> Self {
        Self::new()
    }
}

impl Reader {
    /// A reader that has seen nothing.
    pub fn new() -> Self {
        Self {
            builder: Builder::new(Kind::Klv),
            offset: 0,
            sets: 0,
            st0601: false,
            carried: Vec::new(),
            carried_media_us: None,
            needed_bytes: 0,
            in_cells: false,
        }
    }

    /// Takes one packet.
    pub fn push(&mut self, packet: Packet<'_>) {
        let begins_anew = looks_like(packet.bytes);
        if begins_anew && !self.carried.is_empty() {
            self.give_up_carried();
        }
        let unwrapped = self.unwrap_cells(packet.bytes);
        let bytes = unwrapped.as_deref().unwrap_or(packet.bytes);
        if self.carried.is_empty() {
            self.sets(bytes, packet.media_us, false);
        } else {
            self.carried.extend_from_slice(bytes);
            if self.carried.len() >= self.needed_bytes {
                let carried = std::mem::take(&mut self.carried);
                self.offset -= (carried.len() - bytes.len()) as u64;
                self.sets(&carried, self.carried_media_us, false);
            } else {
                self.offset += bytes.len() as u64;
            }
        }
    }

    /// The track: `misb_st0601` if there was any of that set, else `klv`.
    pub fn finish(mut self) -> Track {
        self.give_up_carried();
        if self.offset == 0 {
            self.builder.problem(Place::Byte(0), Fault::Empty);
        } else if self.sets == 0 {
            let expected = "KLV: there is no universal key in it".to_owned();
            self.builder.problem(Place::Byte(0), Fault::NotThis { expected });
        }
        if self.st0601 {
            self.builder.set_kind(Kind::MisbSt0601);
        }
        self.builder.finish(None)
    }

    /// What was waited for does not come: looks for whole sets after its key.
    fn give_up_carried(&mut self) {
        let carried = std::mem::take(&mut self.carried);
        if !carried.is_empty() {
            self.offset -= carried.len() as u64;
            self.sets(&carried, self.carried_media_us, true);
        }
    }

    /// Reads all sets of some bytes. The last may be carried over to the next packet, unless it is
    /// known that no more comes (`is_final`).
    fn sets(&mut self, bytes: &[u8], media_us: Option<MediaTime>, is_final: bool) {
        let base = self.offset;
        self.offset += bytes.len() as u64;
        let mut at = 0;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let place = Place::Byte(base + at as u64);
            match Extent::of(rest) {
                Extent::Whole { value_at, total_bytes } => {
                    self.set(&rest[..total_bytes], value_at, media_us, place);
                    at += total_bytes;
                }
                Extent::Incomplete { needed_bytes } if !is_final && needed_bytes <= MAX_SET_BYTES as u64 => {
                    self.carried = rest.to_vec();
                    self.carried_media_us = media_us;
                    self.needed_bytes = usize::try_from(needed_bytes).unwrap_or(MAX_SET_BYTES);
                    return;
                }
                Extent::Incomplete { needed_bytes: announced_bytes } => {
                    let what = "a KLV set".to_owned();
                    let present_bytes = rest.len() as u64;
                    self.builder.problem(place, Fault::Truncated { what, announced_bytes, present_bytes });
                    at += PREFIX.len() + skipped(&rest[PREFIX.len().min(rest.len())..]);
                }
                Extent::None => {
                    let gap = 1 + skipped(&rest[1..]);
                    // Zeros fill up a packet.
                    if rest[..gap].iter().any(|&byte| byte != 0) {
                        self.builder.problem(place, Fault::Skipped { bytes: gap as u64 });
                    }
                    at += gap;
                }
            }
        }
    }

    fn set(&mut self, set: &[u8], value_at: usize, media_us: Option<MediaTime>, place: Place) {
        self.sets += 1;
        let Some(key) = set.first_chunk::<KEY_BYTES>() else { return };
        if !st0601::is_key(key) {
            self.builder.unsupported(&key_text(key));
            return;
        }
        self.st0601 = true;
        match st0601::read(set, value_at, &mut self.builder) {
            Ok(mut sample) => {
                sample.media_us = media_us;
                if sample.position.is_some() {
                    self.builder.unit_with_position();
                }
                self.builder.sample(sample);
            }
            Err(fault) => self.builder.problem(place, fault),
        }
    }

    /// The contents of cells without their headers; `None` if the packet has none.
    fn unwrap_cells(&mut self, bytes: &[u8]) -> Option<Vec<u8>> {
        let continues = self.in_cells && !self.carried.is_empty() && !bytes.starts_with(&PREFIX);
        self.in_cells = starts_with_cell(bytes) || continues;
        if !self.in_cells {
            return None;
        }
        let mut contents = Vec::with_capacity(bytes.len());
        let mut rest = bytes;
        while let Some((&[_service, _sequence, _flags, high, low], cell)) =
            rest.split_first_chunk::<CELL_HEADER_BYTES>()
        {
            let length = usize::from(u16::from_be_bytes([high, low])).min(cell.len());
            contents.extend_from_slice(&cell[..length]);
            rest = &cell[length..];
        }
        contents.extend_from_slice(rest);
        Some(contents)
    }
}

/// Where a set that begins here ends.
enum Extent {
    Whole { value_at: usize, total_bytes: usize },
    Incomplete { needed_bytes: u64 },
    None,
}

impl Extent {
    fn of(bytes: &[u8]) -> Self {
        let have = bytes.len() as u64;
        if bytes.len() < PREFIX.len() {
            let begins = PREFIX.starts_with(bytes);
            return if begins { Self::Incomplete { needed_bytes: have + 1 } } else { Self::None };
        }
        if !bytes.starts_with(&PREFIX) {
            return Self::None;
        }
        let Some(after_key) = bytes.get(KEY_BYTES..) else {
            return Self::Incomplete { needed_bytes: KEY_BYTES as u64 + 1 };
        };
        match ber::length(after_key) {
            Ber::Bad => Self::None,
            Ber::Incomplete => Self::Incomplete { needed_bytes: have + 1 },
            Ber::Read(length, length_bytes) => {
                let value_at = KEY_BYTES + length_bytes;
                let needed_bytes = length.saturating_add(value_at as u64);
                match usize::try_from(needed_bytes) {
                    Ok(total_bytes) if total_bytes <= bytes.len() => Self::Whole { value_at, total_bytes },
                    _ => Self::Incomplete { needed_bytes },
                }
            }
        }
    }
}

/// How many bytes come before the next key.
fn skipped(bytes: &[u8]) -> usize {
    bytes.windows(PREFIX.len()).position(|window| window == PREFIX).unwrap_or(bytes.len())
}

/// Whether bytes begin with the header of a cell that is whole, or the first of several, and holds a
/// key.
fn starts_with_cell(bytes: &[u8]) -> bool {
    let Some((&[_, _, flags, high, low], cell)) = bytes.split_first_chunk::<CELL_HEADER_BYTES>() else {
        return false;
    };
    // `cell_fragment_indication`: 11 whole, 10 first of several.
    let begins = flags & 0x80 != 0;
    let length = usize::from(u16::from_be_bytes([high, low]));
    begins && !bytes.starts_with(&PREFIX) && cell.starts_with(&PREFIX) && length <= cell.len()
}

/// `060e2b34 020b0101 0e010301 01000000`.
fn key_text(key: &[u8; KEY_BYTES]) -> String {
    let groups = key
        .chunks_exact(4)
        .map(|group| group.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}")));
    groups.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
