//! One packet of the UAS Datalink Local Set, MISB ST 0601.
//!
//! Numbers are integers mapped linearly onto a range. The most negative value of a signed integer
//! is set aside for "out of range" or "error" and is no value.

use catalog::WallTime;

use super::ber::{self, Ber};
use crate::builder::Builder;
use crate::problem::Fault;
use crate::sample::{Altitude, Attitude, Datum, Footprint, Position, Sample, moment};

/// The set's universal key; byte 7, the version of the registry, may differ.
const KEY: [u8; 16] =
    [0x06, 0x0e, 0x2b, 0x34, 0x02, 0x0b, 0x01, 0x01, 0x0e, 0x01, 0x03, 0x01, 0x01, 0x00, 0x00, 0x00];

/// Whether a packet's key is this set's.
pub(super) fn is_key(key: &[u8; 16]) -> bool {
    (0..KEY.len()).all(|at| at == 7 || key[at] == KEY[at])
}

/// The tags that become part of a sample, by number; a value is as wide as its tag says.
struct Tags<'a> {
    values: [Option<&'a [u8]>; 92],
}

/// Reads a whole packet, key and length included; `value_at` is where its items begin.
///
/// # Errors
/// A packet whose checksum is wrong or not there, or whose items do not fit, is no evidence.
pub(super) fn read(packet: &[u8], value_at: usize, builder: &mut Builder) -> Result<Sample, Fault> {
    let mut tags = Tags { values: [None; 92] };
    let mut names: Vec<u64> = Vec::new();
    let mut checksum = None;
    let mut at = value_at;
    while at < packet.len() {
        let (tag, value) = item(packet, &mut at)?;
        checksum = None;
        match usize::try_from(tag).ok().filter(|&tag| is_read(tag)) {
            Some(1) => checksum = Some((at - value.len(), value)),
            Some(number) => tags.values[number] = Some(value),
            None => names.push(tag),
        }
    }
    // The checksum is the last item and covers all bytes before its own value.
    let Some((checksum_at, &[high, low])) = checksum else {
        return Err(Fault::NoChecksum { what: "an ST 0601 packet".to_owned() });
    };
    let (stored, computed) = (u16::from_be_bytes([high, low]), sum(&packet[..checksum_at]));
    if stored != computed {
        return Err(Fault::Checksum { what: "an ST 0601 packet".to_owned(), stored, computed });
    }
    for tag in names {
        builder.other(&format!("tag {tag}"), 1);
    }
    Ok(tags.sample())
}

/// The next item; `at` moves behind it.
fn item<'a>(packet: &'a [u8], at: &mut usize) -> Result<(u64, &'a [u8]), Fault> {
    let truncated = |announced_bytes: u64, present: usize| Fault::Truncated {
        what: "an item of ST 0601".to_owned(),
        announced_bytes,
        present_bytes: present as u64,
    };
    let unreadable = || Fault::Unreadable {
        what: "a tag or length of ST 0601".to_owned(),
        found: format!("{:02x}", packet.get(*at).copied().unwrap_or_default()),
    };
    let rest = packet.get(*at..).unwrap_or_default();
    let (tag, tag_bytes) = match ber::tag(rest) {
        Ber::Read(tag, bytes) => (tag, bytes),
        Ber::Incomplete => return Err(truncated(1, rest.len())),
        Ber::Bad => return Err(unreadable()),
    };
    let rest = rest.get(tag_bytes..).unwrap_or_default();
    let (length, length_bytes) = match ber::length(rest) {
        Ber::Read(length, bytes) => (length, bytes),
        Ber::Incomplete => return Err(truncated(1, rest.len())),
        Ber::Bad => return Err(unreadable()),
    };
    let rest = rest.get(length_bytes..).unwrap_or_default();
    let value = usize::try_from(length).ok().and_then(|length| rest.get(..length));
    let value = value.ok_or_else(|| truncated(length, rest.len()))?;
    *at += tag_bytes + length_bytes + value.len();
    Ok((tag, value))
}

/// The 16-bit sum of ST 0601: bytes at even places count 256-fold.
pub(super) fn sum(bytes: &[u8]) -> u16 {
    bytes.iter().enumerate().fold(0_u16, |sum, (at, &byte)| {
        sum.wrapping_add(if at % 2 == 0 { u16::from(byte) << 8 } else { u16::from(byte) })
    })
}

fn is_read(tag: usize) -> bool {
    matches!(tag, 1 | 2 | 5..=7 | 13..=33 | 56 | 75 | 82..=91)
}

impl Tags<'_> {
    fn sample(&self) -> Sample {
        let centre = self.place(23, 24);
        let footprint = Footprint {
            slant_range_m: self.unsigned(21, 4, 0.0, 5e6),
            width_m: self.unsigned(22, 2, 0.0, 10_000.0),
            centre,
            centre_elevation_m: self.altitude(25),
            corners: self.corners(centre),
        };
        let sea_level = self.altitude(15).map(|altitude_m| Altitude { altitude_m, datum: Datum::SeaLevel });
        let ellipsoid = self.altitude(75).map(|altitude_m| Altitude { altitude_m, datum: Datum::Ellipsoid });
        Sample {
            at: self.time(),
            position: self.place(13, 14),
            altitude: sea_level.or(ellipsoid),
            speed_mps: self.unsigned(56, 1, 0.0, 255.0),
            platform: Attitude {
                yaw_deg: self.unsigned(5, 2, 0.0, 360.0),
                // The full-range tags are finer and go further where both are there.
                pitch_deg: self.signed(90, 4, 90.0).or(self.signed(6, 2, 20.0)),
                roll_deg: self.signed(91, 4, 90.0).or(self.signed(7, 2, 50.0)),
            }
            .known(),
            gimbal: Attitude {
                yaw_deg: self.unsigned(18, 4, 0.0, 360.0),
                pitch_deg: self.signed(19, 4, 180.0),
                roll_deg: self.unsigned(20, 4, 0.0, 360.0),
            }
            .known(),
            field_of_view_deg: self
                .unsigned(16, 2, 0.0, 180.0)
                .zip(self.unsigned(17, 2, 0.0, 180.0))
                .map(|(horizontal, vertical)| [horizontal, vertical]),
            footprint: (footprint != Footprint::default()).then(|| Box::new(footprint)),
            ..Sample::default()
        }
    }

    /// An unsigned integer of this width as a big number.
    fn raw(&self, tag: usize, width_bytes: usize) -> Option<u64> {
        let bytes = self.values.get(tag).copied().flatten().filter(|bytes| bytes.len() == width_bytes)?;
        Some(bytes.iter().fold(0, |value, &byte| value << 8 | u64::from(byte)))
    }

    /// Tag 2: microseconds since 1970 without leap seconds; 0 is a clock that was never set.
    fn time(&self) -> Option<WallTime> {
        i64::try_from(self.raw(2, 8)?).ok().and_then(moment)
    }

    /// 0 to the highest value, mapped onto `from` to `to`.
    fn unsigned(&self, tag: usize, width_bytes: usize, from: f64, to: f64) -> Option<f64> {
        let highest = (u64::MAX >> (64 - 8 * width_bytes)) as f64;
        Some(self.raw(tag, width_bytes)? as f64 * (to - from) / highest + from)
    }

    /// Plus and minus the highest value, mapped onto ± `range`; the lowest value is an error.
    fn signed(&self, tag: usize, width_bytes: usize, range: f64) -> Option<f64> {
        let unused_bits = 64 - 8 * width_bytes;
        let value = (self.raw(tag, width_bytes)? << unused_bits).cast_signed() >> unused_bits;
        let lowest = i64::MIN >> unused_bits;
        (value != lowest).then(|| value as f64 * range / (i64::MAX >> unused_bits) as f64)
    }

    fn altitude(&self, tag: usize) -> Option<f64> {
        self.unsigned(tag, 2, -900.0, 19_000.0)
    }

    fn place(&self, lat_tag: usize, lon_tag: usize) -> Option<Position> {
        Position::new(self.signed(lon_tag, 4, 180.0)?, self.signed(lat_tag, 4, 90.0)?)
    }

    /// The four corners: tags 82 to 89, else the offsets 26 to 33 from the centre.
    fn corners(&self, centre: Option<Position>) -> Option<[Position; 4]> {
        let mut corners = [Position { lon_deg: 0.0, lat_deg: 0.0 }; 4];
        for (number, corner) in corners.iter_mut().enumerate() {
            let by_offset = || {
                let centre = centre?;
                let [lat, lon] = [26, 27].map(|tag| self.signed(tag + 2 * number, 2, 0.075));
                Position::new(centre.lon_deg + lon?, centre.lat_deg + lat?)
            };
            *corner = self.place(82 + 2 * number, 83 + 2 * number).or_else(by_offset)?;
        }
        Some(corners)
    }
}
