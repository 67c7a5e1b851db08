//! What parent and child say to one another over their socket.
//!
//! One frame is a kind (one byte), the length of what follows (four bytes, little endian) and that
//! many bytes. The child asks, the parent answers: the child never receives a byte that it did not
//! ask for, so neither side can fill the socket while the other is not listening.
//!
//! ```text
//! child                              parent
//! Ready { version, sandbox }    →
//!                               ←    Examine { size_bytes } | Inspect { size_bytes, request }
//! Read { pos, len }             →
//!                               ←    Bytes (at most len; none at the end) | Refused
//! …
//! Examined                      →
//!                               ←    Changes (where there are any)
//!                               ←    ZeroRuns
//! Report                        →
//! ```
//!
//! A request to make something (`Derive`) goes the same way. What is made comes back in `Piece`s while the object is
//! read, each with the place where it belongs; they are not answered, because the parent listens whenever the child may
//! speak.
//!
//! Both directions are checked as if the other side were hostile: lengths are bounded before a byte
//! of memory is taken for them, and an unknown kind ends the conversation.

use std::io::{self, Read};

use serde::{Deserialize, Serialize};

use crate::{ByteRange, SandboxReport};

/// Bytes before the payload of a frame.
pub const HEADER_BYTES: usize = 5;

/// The most bytes that one `Read` may ask for, and one `Bytes` may bring.
pub const MAX_READ_BYTES: u32 = 256 * 1024;

/// The most bytes of what is made that one `Piece` may bring, beside its place.
pub const MAX_PIECE_BYTES: u32 = 256 * 1024;

/// The most bytes in any frame but `Bytes`, `Piece` and `Report`.
pub const MAX_SMALL_BYTES: u32 = 64 * 1024;

/// The most stretches of zero bytes that are told to a child.
pub const MAX_ZERO_RUNS: usize = 1024;

/// The most altered stretches that are told to a child.
pub const MAX_CHANGES: usize = 1024;

/// The kinds of frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// Child: the lock-down is done; the payload is a [`Greeting`] as JSON.
    Ready = 1,
    /// Parent: here is an object; the payload is its size, and 1 where all of it is read anyway, else 0.
    Examine = 2,
    /// Child: bytes, please; the payload is position and length.
    Read = 3,
    /// Parent: the bytes; fewer than asked for where that is handier, none at the end of the object.
    Bytes = 4,
    /// Parent: these bytes will not be had; the payload says why.
    Refused = 5,
    /// Child: nothing more is needed from the object.
    Examined = 6,
    /// Parent: where zero bytes stand; pairs of start and end.
    ZeroRuns = 7,
    /// Child: the report, as JSON.
    Report = 8,
    /// Child: it could not be done; the payload says why.
    Failed = 9,
    /// Parent: here is an object to be decoded; the payload is its size, then the request as JSON.
    /// From here on it goes as with `Examine`.
    Inspect = 10,
    /// Parent, before `ZeroRuns`: where the bytes are not those of the version before; pairs of start and end.
    Changes = 11,
    /// Parent: here is an object to make something of; the payload is its size, then the request as JSON.
    /// From here on it goes as with `Inspect`, with `Piece`s in between.
    Derive = 12,
    /// Child: a piece of what it makes; the payload is the place of its first byte, then the bytes.
    Piece = 13,
}

impl Kind {
    fn from_byte(byte: u8) -> Option<Self> {
        const ALL: [Kind; 13] = [
            Kind::Ready,
            Kind::Examine,
            Kind::Read,
            Kind::Bytes,
            Kind::Refused,
            Kind::Examined,
            Kind::ZeroRuns,
            Kind::Report,
            Kind::Failed,
            Kind::Inspect,
            Kind::Changes,
            Kind::Derive,
            Kind::Piece,
        ];
        ALL.into_iter().find(|&kind| kind as u8 == byte)
    }
}

/// What a child says first: who it is, and which layers of the sandbox it is in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Greeting {
    /// [`crate::VERSION`] of the child.
    pub version: String,
    /// Its sandbox.
    pub sandbox: SandboxReport,
}

/// The first bytes of a frame, read and checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// What the frame is.
    pub kind: Kind,
    /// How many bytes follow.
    pub len: u32,
}

impl Header {
    /// Of a frame with `len` bytes of payload.
    pub fn new(kind: Kind, len: u32) -> Self {
        Self { kind, len }
    }

    /// As it goes over the socket.
    pub fn encode(self) -> [u8; HEADER_BYTES] {
        let [a, b, c, d] = self.len.to_le_bytes();
        [self.kind as u8, a, b, c, d]
    }

    /// Reads a header. `max_report_bytes` bounds a `Report`; the other kinds have fixed bounds.
    ///
    /// # Errors
    /// In words, what is wrong with it.
    pub fn decode(bytes: [u8; HEADER_BYTES], max_report_bytes: u32) -> Result<Self, String> {
        let [kind, len @ ..] = bytes;
        let len = u32::from_le_bytes(len);
        let kind = Kind::from_byte(kind).ok_or_else(|| format!("a message of the unknown kind {kind}"))?;
        let max = match kind {
            Kind::Bytes => MAX_READ_BYTES,
            Kind::Piece => MAX_PIECE_BYTES + PLACE_BYTES,
            Kind::Report => max_report_bytes,
            _ => MAX_SMALL_BYTES,
        };
        if len > max {
            return Err(format!("a {kind:?} message of {len} bytes, where {max} are allowed"));
        }
        Ok(Self { kind, len })
    }
}

/// A whole frame with a small payload, for one write.
pub fn frame(kind: Kind, payload: &[u8]) -> Vec<u8> {
    // Payloads are our own and far below 4 GiB; a longer one would be refused at the other side.
    let len = u32::try_from(payload.len()).unwrap_or(u32::MAX);
    let mut frame = Vec::with_capacity(HEADER_BYTES + payload.len());
    frame.extend_from_slice(&Header::new(kind, len).encode());
    frame.extend_from_slice(payload);
    frame
}

/// The payload of a `Read`.
pub fn encode_read(pos: u64, len: u32) -> [u8; 12] {
    let mut payload = [0; 12];
    payload[..8].copy_from_slice(&pos.to_le_bytes());
    payload[8..].copy_from_slice(&len.to_le_bytes());
    payload
}

/// Bytes of the place in a `Piece`.
pub const PLACE_BYTES: u32 = 8;

/// Place and bytes of a `Piece`; `None` if it has no place.
pub fn decode_piece(payload: &[u8]) -> Option<(u64, &[u8])> {
    let (place, bytes) = payload.split_first_chunk::<8>()?;
    Some((u64::from_le_bytes(*place), bytes))
}

/// Position and length of a `Read`; `None` if the payload has the wrong size.
pub fn decode_read(payload: &[u8]) -> Option<(u64, u32)> {
    let (pos, len) = payload.split_first_chunk::<8>()?;
    Some((u64::from_le_bytes(*pos), u32::from_le_bytes(len.try_into().ok()?)))
}

/// The payload of an `Examine`.
pub fn encode_examine(size_bytes: u64, whole: bool) -> [u8; 9] {
    let mut payload = [u8::from(whole); 9];
    payload[..8].copy_from_slice(&size_bytes.to_le_bytes());
    payload
}

/// Size of an object and whether all of it is read; `None` if the payload is malformed.
pub fn decode_examine(payload: &[u8]) -> Option<(u64, bool)> {
    let (size_bytes, whole) = payload.split_first_chunk::<8>()?;
    let whole = match whole {
        [0] => false,
        [1] => true,
        _ => return None,
    };
    Some((u64::from_le_bytes(*size_bytes), whole))
}

/// A number; `None` if it has the wrong size.
pub fn decode_u64(payload: &[u8]) -> Option<u64> {
    Some(u64::from_le_bytes(payload.try_into().ok()?))
}

/// The payload of `ZeroRuns` or `Changes`; runs beyond [`MAX_ZERO_RUNS`] are left out.
pub fn encode_ranges(ranges: &[ByteRange]) -> Vec<u8> {
    let told = ranges.iter().take(MAX_ZERO_RUNS);
    told.flat_map(|range| [range.start.to_le_bytes(), range.end.to_le_bytes()]).flatten().collect()
}

/// The ranges in the payload of `ZeroRuns` or `Changes`; `None` if it has the wrong size.
pub fn decode_ranges(payload: &[u8]) -> Option<Vec<ByteRange>> {
    let pairs = payload.chunks_exact(16);
    if !pairs.remainder().is_empty() {
        return None;
    }
    pairs
        .map(|pair| Some(ByteRange { start: decode_u64(&pair[..8])?, end: decode_u64(&pair[8..])? }))
        .collect()
}

/// Reads one frame whole; for the child, and for tests. `payload` is reused.
///
/// # Errors
/// Those of `from`; `InvalidData` where the frame is malformed.
pub fn read_frame(from: &mut impl Read, payload: &mut Vec<u8>) -> io::Result<Kind> {
    let mut header = [0; HEADER_BYTES];
    from.read_exact(&mut header)?;
    let header = Header::decode(header, MAX_SMALL_BYTES).map_err(invalid)?;
    payload.resize(header.len as usize, 0);
    from.read_exact(payload)?;
    Ok(header.kind)
}

/// The error for a message that no honest side sends.
pub(crate) fn invalid(detail: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, detail.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_read_as_it_was_written() {
        let bytes = frame(Kind::Read, &encode_read(u64::MAX - 1, 77));
        let mut payload = Vec::new();
        assert_eq!(read_frame(&mut bytes.as_slice(), &mut payload).unwrap(), Kind::Read);
        assert_eq!(decode_read(&payload), Some((u64::MAX - 1, 77)));

        let ranges = [ByteRange { start: 4096, end: 8192 }, ByteRange { start: 1 << 40, end: u64::MAX }];
        assert_eq!(decode_ranges(&encode_ranges(&ranges)), Some(ranges.to_vec()));
    }

    #[test]
    fn lengths_are_refused_before_memory_is_taken_for_them() {
        for kind in [Kind::Ready, Kind::Read, Kind::Examined, Kind::Failed, Kind::Report, Kind::Bytes] {
            let header = Header::new(kind, u32::MAX).encode();
            assert!(Header::decode(header, 1 << 20).unwrap_err().contains("are allowed"));
        }
        assert!(Header::decode(Header::new(Kind::Piece, MAX_PIECE_BYTES + 9).encode(), 1).is_err());
        assert!(Header::decode([200, 0, 0, 0, 0], 1).unwrap_err().contains("unknown kind 200"));
    }

    #[test]
    fn payloads_of_a_wrong_size_are_refused() {
        assert_eq!(decode_read(&[0; 11]), None);
        assert_eq!(decode_read(&[0; 13]), None);
        assert_eq!(decode_ranges(&[0; 17]), None);
        assert_eq!(decode_u64(&[0; 7]), None);
        assert_eq!(decode_piece(&[0; 7]), None);
        assert_eq!(decode_piece(&[1, 0, 0, 0, 0, 0, 0, 0, 9]), Some((1, &[9][..])));
        assert_eq!(decode_examine(&encode_examine(7, true)), Some((7, true)));
        for malformed in [&[0; 8][..], &[0, 0, 0, 0, 0, 0, 0, 0, 2], &[0; 10]] {
            assert_eq!(decode_examine(malformed), None);
        }
    }
}
