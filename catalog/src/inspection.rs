//! What footage shows and says, once it was decoded: black, frozen, silent, undecodable.
//!
//! An [`Inspection`] belongs to one version of an object's bytes and to the figures it was made with
//! ([`InspectOptions`], which come from a policy): another policy may need another look, and both stay.

use serde::{Deserialize, Serialize};

use crate::code::coded;
use crate::observation::{MediaSpan, Problem};
use crate::time::{MediaTime, Micros};
use crate::trace::{Picture, SoundEnvelope};

coded! {
    /// Whether a recording's picture or sound was looked at.
    pub enum Checked("state of a check") {
        /// It was.
        Done = "done" / "已检查",
        /// There is none.
        Absent = "absent" / "不存在",
        /// There is, but it could not be decoded at all.
        NotDecodable = "not_decodable" / "无法解码",
    }
}

/// What counts as black, frozen, silent. Shares are in parts per million, so that equal figures are
/// equal numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InspectOptions {
    /// Shorter stretches of black do not count.
    pub black_min_us: Micros,
    /// A pixel is black up to this share of the range from black to white.
    pub black_level_ppm: u32,
    /// A picture is black when at least this share of its pixels is.
    pub black_area_ppm: u32,
    /// Shorter stretches of a frozen picture do not count.
    pub frozen_min_us: Micros,
    /// Pictures are equal when their pixels differ by at most this share of the range on average.
    pub frozen_noise_ppm: u32,
    /// Shorter silences do not count.
    pub silent_min_us: Micros,
    /// A sample is silent up to this share of full scale.
    pub silent_level_ppm: u32,
}

/// What was found in one version of an object.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inspection {
    /// Whether the picture was looked at.
    pub video: Checked,
    /// Whether the sound was listened to.
    pub audio: Checked,
    /// The first moment of picture and sound; `None` without packets.
    pub start_us: Option<MediaTime>,
    /// From the first to the end of the last packet of picture and sound; `None` without packets.
    pub duration_us: Option<Micros>,
    /// Where the picture is black, or the lens covered.
    pub black: Vec<MediaSpan>,
    /// Where the picture stands still.
    pub frozen: Vec<MediaSpan>,
    /// Where there is sound to be decoded, and nothing to be heard.
    pub silent: Vec<MediaSpan>,
    /// Where packets of the picture are there but cannot be decoded.
    pub undecodable: Vec<MediaSpan>,
    /// How many pictures were decoded to know this.
    pub frames_decoded: u64,
    /// What stood in the way.
    pub problems: Vec<Problem>,
}

/// A look at all bytes with one digest, as an audit needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// SHA-256 of the bytes, lower-case hexadecimal.
    pub sha256: String,
    /// With which figures.
    pub options: InspectOptions,
    /// What was found.
    pub inspection: Inspection,
    /// Fingerprints of its pictures, in order of time.
    pub pictures: Vec<Picture>,
    /// How loud it was; `None` where no sound was decoded.
    pub sound: Option<SoundEnvelope>,
}

impl Default for Checked {
    /// As long as nothing was met.
    fn default() -> Self {
        Self::Absent
    }
}

impl Inspection {
    /// How long these stretches are together.
    pub fn length(spans: &[MediaSpan]) -> Micros {
        let total = spans.iter().fold(0i64, |sum, span| sum.saturating_add((span.end_us - span.start_us).0));
        Micros(total)
    }
}
