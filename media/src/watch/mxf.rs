//! MXF (SMPTE ST 377-1): keys, lengths and values (ST 336) from the first byte to the last. Does a key stand
//! where one must, does the last value end within the file, and is the footer there that the header announces?
//!
//! Zeros are at home in fill items, at the end of values (pictures of a fixed size are filled up), and before
//! start codes of MPEG-2. Elsewhere in a value they are damage, which the report tells from the packets.

use catalog::observation::ProblemCode;

use super::stuffing::{Stuffing, is_mpeg_unit};
use super::{Seen, Watch};

/// What every key of SMPTE begins with.
const LABEL: [u8; 4] = [0x06, 0x0e, 0x2b, 0x34];
/// A partition pack, but for its registry version and what follows its kind.
const PARTITION: [u8; 9] = [0x02, 0x05, 0x01, 0x00, 0x0d, 0x01, 0x02, 0x01, 0x01];
/// A fill item, likewise.
const FILL: [u8; 9] = [0x01, 0x01, 0x01, 0x00, 0x03, 0x01, 0x02, 0x10, 0x01];
/// Key, and the longest form of a length.
const HEADER_MAX: usize = 16 + 9;
/// As much of a partition pack's value as tells where the footer is.
const PACK_BYTES: usize = 32;

/// Where in the file we are.
enum Place {
    /// In a key or length, of which these bytes have come; it began there.
    Header { at: u64, held: Vec<u8> },
    /// In a value.
    Value { header_at: u64, end: u64, fill: bool, pack: Option<Vec<u8>> },
    /// Where a key should have been, until the next one is met.
    Lost { held: Vec<u8> },
}

pub(super) struct MxfWatch {
    place: Place,
    stuffing: Stuffing,
    /// Zeros at the end of the last value, which are stuffing if a key follows.
    zero_tail: Option<(u64, u64)>,
    footer_at: Option<u64>,
    losses: u64,
    first_loss: u64,
    /// Whether anything but zeros stood where a key should have been.
    lost_more_than_zeros: bool,
    seen: Seen,
}

impl MxfWatch {
    pub(super) fn new() -> Self {
        Self {
            place: Place::Header { at: 0, held: Vec::new() },
            stuffing: Stuffing::before(is_mpeg_unit),
            zero_tail: None,
            footer_at: None,
            losses: 0,
            first_loss: 0,
            lost_more_than_zeros: false,
            seen: Seen::default(),
        }
    }

    /// Looks at a header as far as it has come: how many bytes it has, and of how many its value is; `None` while
    /// more must come, an error if it is none.
    fn header(held: &[u8]) -> Option<Result<(usize, u64), ()>> {
        let known = held.len().min(LABEL.len());
        if held[..known] != LABEL[..known] {
            return Some(Err(()));
        }
        let &first = held.get(16)?;
        if first < 0x80 {
            return Some(Ok((17, u64::from(first))));
        }
        let digits = usize::from(first & 0x7f);
        if !(1..=8).contains(&digits) {
            return Some(Err(()));
        }
        let length =
            held.get(17..17 + digits)?.iter().fold(0u64, |length, &byte| length << 8 | u64::from(byte));
        Some(Ok((17 + digits, length)))
    }

    /// Takes one byte of a header; gives the place to go on from, if the header is complete or none.
    fn take_header(&mut self, at: u64, held: &[u8]) -> Option<Place> {
        let Ok((bytes, length)) = Self::header(held)? else { return Some(self.lose(at, held)) };
        if let Some((start, end)) = self.zero_tail.take() {
            self.seen.pad(start, end);
        }
        let body = at + bytes as u64;
        let is = |kind: &[u8; 9]| {
            let key = &held[4..13];
            // The version of the registry does not matter.
            key[..3] == kind[..3] && key[4..] == kind[4..]
        };
        let fill = is(&FILL);
        if fill {
            self.seen.pad(at, body.saturating_add(length));
        }
        // A header or body partition; where the footer is, the footer itself need not say.
        let is_pack = is(&PARTITION) && matches!(held[13], 2..=4);
        let pack = is_pack.then(Vec::new);
        Some(Place::Value { header_at: at, end: body.saturating_add(length), fill, pack })
    }

    /// What stands at `at` is no key.
    fn lose(&mut self, at: u64, held: &[u8]) -> Place {
        if self.losses == 0 {
            self.first_loss = at;
        }
        self.losses += 1;
        self.zero_tail = None;
        self.lost_more_than_zeros |= held.iter().any(|&byte| byte != 0);
        let keep = held.len().min(LABEL.len() - 1);
        Place::Lost { held: held[held.len() - keep..].to_vec() }
    }
}

impl Watch for MxfWatch {
    fn feed(&mut self, offset: u64, bytes: &[u8]) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let here = offset + (bytes.len() - rest.len()) as u64;
            match &mut self.place {
                Place::Header { at, held } => {
                    held.push(rest[0]);
                    rest = &rest[1..];
                    let (at, held) = (*at, std::mem::take(held));
                    debug_assert!(held.len() <= HEADER_MAX);
                    self.place = self.take_header(at, &held).unwrap_or(Place::Header { at, held });
                    if let Place::Value { end, .. } = self.place
                        && end <= here + 1
                    {
                        self.place = Place::Header { at: here + 1, held: Vec::new() };
                    }
                }
                Place::Value { end, fill, pack, .. } => {
                    let left = usize::try_from(*end - here).unwrap_or(usize::MAX).min(rest.len());
                    let (value, after) = rest.split_at(left);
                    rest = after;
                    if let Some(pack) = pack {
                        let wanted = PACK_BYTES - pack.len().min(PACK_BYTES);
                        pack.extend_from_slice(&value[..wanted.min(value.len())]);
                        if let Some(footer) = pack.get(24..32).and_then(|bytes| bytes.try_into().ok()) {
                            let footer = u64::from_be_bytes(footer);
                            self.footer_at = self.footer_at.max(Some(footer).filter(|&footer| footer > 0));
                        }
                    }
                    if !*fill {
                        let seen = &mut self.seen;
                        self.stuffing.feed(here, value, &mut |start, end| seen.pad(start, end));
                    }
                    let end = *end;
                    if here + left as u64 == end {
                        self.zero_tail = self.stuffing.end(end).map(|start| (start, end));
                        self.place = Place::Header { at: end, held: Vec::new() };
                    }
                }
                Place::Lost { held } => {
                    // Byte by byte: a file that lost its step is rare.
                    self.lost_more_than_zeros |= rest[0] != 0;
                    held.push(rest[0]);
                    rest = &rest[1..];
                    if held.len() > LABEL.len() {
                        held.remove(0);
                    }
                    if held[..] == LABEL {
                        let held = std::mem::take(held);
                        self.place = Place::Header { at: here + 1 - LABEL.len() as u64, held };
                    }
                }
            }
        }
    }

    fn finish(&mut self, size_bytes: u64) -> Seen {
        match self.place {
            Place::Value { header_at, end, .. } if end > size_bytes => self.seen.note(
                ProblemCode::Truncated,
                format!(
                    "the value at byte {header_at} ends {} bytes beyond the end of the file",
                    end - size_bytes
                ),
            ),
            Place::Header { at, ref held } if !held.is_empty() => {
                self.seen.note(ProblemCode::Truncated, format!("the file ends in the key at byte {at}"));
            }
            _ => {
                if let Some(footer) = self.footer_at.filter(|&footer| footer >= size_bytes) {
                    self.seen.note(
                        ProblemCode::Truncated,
                        format!("its footer is to stand at byte {footer}, and the file has {size_bytes}"),
                    );
                }
            }
        }
        // Zeros behind the last value fill up a block of the card.
        if self.losses > 0 && self.lost_more_than_zeros {
            self.seen.note(
                ProblemCode::Damaged,
                format!(
                    "no key stands where one must, {} times, first at byte {}",
                    self.losses, self.first_loss
                ),
            );
        }
        std::mem::take(&mut self.seen)
    }
}
