//! Zeros that belong where they stand: long stretches of them which end where the next unit begins.
//!
//! Any number of zero bytes may stand before a start code (ITU-T H.264 and H.265, Annex B, `trailing_zero_8bits`;
//! ISO/IEC 13818-2, 5.2.3), and encoders of a constant rate put many there. A wiped page of a card ends in
//! the middle of a unit instead: what follows it is no start code, but for one case in some hundreds.

/// Shorter stretches matter to nobody.
const LONG_BYTES: usize = 2048;

/// Whether a byte is the first one of a unit, after its start code.
type IsUnit = fn(u8) -> bool;

/// A unit of H.264: type 1 to 20 and no error marked.
pub(super) fn is_avc_unit(byte: u8) -> bool {
    byte & 0x80 == 0 && (1..=20).contains(&(byte & 0x1f))
}

/// A unit of H.265: slices of types 0 to 21, parameter sets and messages 32 to 40; the layer's first bit is zero.
pub(super) fn is_hevc_unit(byte: u8) -> bool {
    byte & 0x81 == 0 && matches!(byte >> 1, 0..=21 | 32..=40)
}

/// What of MPEG-2 stands after zeros: a slice, a picture or what is above one.
pub(super) fn is_mpeg_unit(byte: u8) -> bool {
    matches!(byte, 0x00..=0xaf | 0xb2..=0xb5 | 0xb7 | 0xb8)
}

/// Finds such stretches in bytes that pass by in order.
pub(super) struct Stuffing {
    is_unit: IsUnit,
    /// Since where there are only zeros.
    zeros_from: Option<u64>,
    /// A long stretch that a start code ended: the next byte decides.
    ended: Option<(u64, u64)>,
}

impl Stuffing {
    pub(super) fn before(is_unit: IsUnit) -> Self {
        Self { is_unit, zeros_from: None, ended: None }
    }

    /// Looks at the next bytes, which stand at `offset`; `found` is told of each stretch from its first to after its
    /// last zero.
    pub(super) fn feed(&mut self, offset: u64, bytes: &[u8], found: &mut dyn FnMut(u64, u64)) {
        let mut at = 0;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            if let Some((start, end)) = self.ended.take()
                && (self.is_unit)(rest[0])
            {
                found(start, end);
            }
            let Some(start) = self.zeros_from else {
                at = self.look_for_zeros(offset, bytes, at);
                continue;
            };
            let Some(zeros) = rest.iter().position(|&byte| byte != 0) else { return };
            let end = offset + (at + zeros) as u64;
            self.zeros_from = None;
            if rest[zeros] == 1 && end - start >= LONG_BYTES as u64 {
                self.ended = Some((start, end));
            }
            at += zeros + 1;
        }
    }

    /// Goes on to the next stretch that may be long, or to the end; gives where to look next.
    fn look_for_zeros(&mut self, offset: u64, bytes: &[u8], from: usize) -> usize {
        const STEP: usize = LONG_BYTES;
        let mut at = from;
        // A long stretch that begins at `at` or later has a byte at one of these places.
        while let Some(probe) = bytes.get(at + STEP - 1) {
            if *probe == 0 {
                let zeros = bytes[at..at + STEP].iter().rev().take_while(|&&byte| byte == 0).count();
                let start = at + STEP - zeros;
                self.zeros_from = Some(offset + start as u64);
                return at + STEP;
            }
            at += STEP;
        }
        let zeros = bytes[at..].iter().rev().take_while(|&&byte| byte == 0).count();
        if zeros > 0 {
            self.zeros_from = Some(offset + (bytes.len() - zeros) as u64);
        }
        bytes.len()
    }

    /// What the bytes belong to ends at `end`: since where there are only zeros, if that is long.
    pub(super) fn end(&mut self, end: u64) -> Option<u64> {
        self.ended = None;
        self.zeros_from.take().filter(|start| end - start >= LONG_BYTES as u64)
    }
}
