//! What is kept of footage so that it can be recognised: a coarse envelope of its sound, and
//! fingerprints of pictures.
//!
//! Both say little of what was seen and heard (no word can be understood, no face recognised) and are
//! small beside the footage: 90 000 bytes an hour for the sound, 16 bytes for each picture, of which
//! there are at most four a second and 20 000 a recording. They do not depend on what counts as black
//! or silent. docs/schema.md has the formats in which they are stored.

use serde::{Deserialize, Serialize};

use crate::time::{MediaTime, Micros};

/// Length of one step of an envelope. Steps stand on whole multiples of it, on the media timeline.
pub const ENVELOPE_STEP_US: i64 = 40_000;
/// An envelope has at most so many steps (24 hours); what follows is left out.
pub const ENVELOPE_STEPS_MAX: usize = 2_160_000;
/// Two fingerprints of one recording are at least so far apart.
pub const PICTURE_STEP_US: i64 = 250_000;
/// So many fingerprints are kept of one recording; where there would be more, they stand further apart.
pub const PICTURES_MAX: usize = 20_000;
/// So many bits of two fingerprints of one picture may differ when it was encoded anew.
pub const SAME_PICTURE_BITS: u32 = 10;

/// How loud the sound was, step by step.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SoundEnvelope {
    /// Start of the first step, a multiple of [`ENVELOPE_STEP_US`].
    pub start_us: MediaTime,
    /// Root of the mean square of the samples of a step, all channels together, on a logarithmic scale:
    /// 255 is full scale, each step down 0.375 dB, 0 is −95.6 dB and less, or no sound at all.
    #[serde(with = "hexadecimal")]
    pub levels: Vec<u8>,
}

impl SoundEnvelope {
    /// The level of a mean square, 1 being that of full scale.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "beyond both ends it is to saturate, as the conversion does"
    )]
    pub fn level(mean_square: f64) -> u8 {
        if mean_square <= 0.0 {
            return 0;
        }
        let decibels = 10.0 * mean_square.log10();
        (255.0 + decibels / 0.375).round() as u8
    }

    /// How long it is.
    pub fn length_us(&self) -> Micros {
        Micros(i64::try_from(self.levels.len()).unwrap_or(i64::MAX).saturating_mul(ENVELOPE_STEP_US))
    }

    /// Puts two envelopes of one recording together; where both have sound, the louder counts.
    #[must_use]
    pub fn joined(mut self, other: Self) -> Self {
        if self.levels.is_empty() {
            return other;
        }
        if other.levels.is_empty() {
            return self;
        }
        if other.start_us < self.start_us {
            return other.joined(self);
        }
        let ahead = (other.start_us - self.start_us).0 / ENVELOPE_STEP_US;
        let ahead = usize::try_from(ahead).unwrap_or(usize::MAX);
        let end = ahead.saturating_add(other.levels.len()).min(ENVELOPE_STEPS_MAX);
        if end > self.levels.len() {
            self.levels.resize(end, 0);
        }
        for (ours, theirs) in self.levels.iter_mut().skip(ahead).zip(other.levels) {
            *ours = (*ours).max(theirs);
        }
        self
    }
}

/// The fingerprint of one picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Picture {
    /// When it is shown.
    pub at_us: MediaTime,
    /// The signs of the 64 coarsest waves of its brightness about their median: equal pictures of another
    /// size or encoding differ in few bits, others in about half.
    #[serde(with = "bits")]
    pub bits: u64,
}

impl Picture {
    /// In how many bits two fingerprints differ.
    pub fn distance(self, other: Self) -> u32 {
        (self.bits ^ other.bits).count_ones()
    }
}

/// What is kept of one version of a recording.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traces {
    /// How loud it was; `None` where no sound was decoded.
    pub sound: Option<SoundEnvelope>,
    /// Fingerprints of pictures, in order of time; none of pictures without features.
    pub pictures: Vec<Picture>,
}

impl Traces {
    /// Puts the traces of two parts of one recording together.
    #[must_use]
    pub fn joined(mut self, other: Self) -> Self {
        self.sound = match (self.sound, other.sound) {
            (Some(ours), Some(theirs)) => Some(ours.joined(theirs)),
            (ours, theirs) => ours.or(theirs),
        };
        self.pictures.extend(other.pictures);
        self.pictures = thinned(self.pictures);
        self
    }
}

/// Brings fingerprints into order and lets go of those that stand too close, or are too many.
pub fn thinned(mut pictures: Vec<Picture>) -> Vec<Picture> {
    pictures.sort_unstable();
    let mut step_us = PICTURE_STEP_US;
    loop {
        pictures.dedup_by_key(|picture| picture.at_us.0.div_euclid(step_us));
        if pictures.len() <= PICTURES_MAX {
            return pictures;
        }
        step_us *= 2;
    }
}

/// Bytes as one text of hexadecimal digits, which JSON holds in half the space of a list of numbers.
mod hexadecimal {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let digit = |four: u8| char::from(DIGITS[usize::from(four & 15)]);
        let text: String = bytes.iter().flat_map(|&byte| [digit(byte >> 4), digit(byte)]).collect();
        serializer.serialize_str(&text)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
        text.as_bytes()
            .chunks(2)
            .map(|pair| match pair {
                &[high, low] => Some(digit(high)? << 4 | digit(low)?),
                _ => None,
            })
            .collect::<Option<_>>()
            .ok_or_else(|| D::Error::custom("expected pairs of hexadecimal digits"))
    }
}

/// 64 bits as 16 hexadecimal digits: not every reader of JSON has numbers so large.
mod bits {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands fields over by reference")]
    pub(super) fn serialize<S: Serializer>(bits: &u64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("{bits:016x}"))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
        u64::from_str_radix(&String::deserialize(deserializer)?, 16).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_three_eighths_of_a_decibel_and_saturate() {
        assert_eq!(SoundEnvelope::level(1.0), 255);
        assert_eq!(SoundEnvelope::level(4.0), 255);
        assert_eq!(SoundEnvelope::level(0.1), 255 - 27, "10 dB are 26.7 steps");
        assert_eq!(SoundEnvelope::level(1e-12), 0);
        assert_eq!(SoundEnvelope::level(0.0), 0);
    }

    #[test]
    fn envelopes_of_parts_are_put_together_on_one_grid() {
        let part = |steps: i64, levels: &[u8]| SoundEnvelope {
            start_us: MediaTime(steps * ENVELOPE_STEP_US),
            levels: levels.to_vec(),
        };
        let whole = part(3, &[7, 8, 9]).joined(part(-1, &[1, 2, 3, 4, 9]));
        assert_eq!(whole, part(-1, &[1, 2, 3, 4, 9, 8, 9]));
        assert_eq!(part(0, &[1]).joined(part(3, &[5])), part(0, &[1, 0, 0, 5]));
    }

    #[test]
    fn fingerprints_are_thinned_to_a_grid_and_to_a_number() {
        let picture = |at_us| Picture { at_us: MediaTime(at_us), bits: 1 };
        let close = vec![picture(-1), picture(0), picture(249_999), picture(250_000), picture(100)];
        assert_eq!(thinned(close), [picture(-1), picture(0), picture(250_000)]);
        let many = (0..50_000).map(|number| picture(number * PICTURE_STEP_US)).collect();
        let few = thinned(many);
        assert_eq!((few.len(), few[1].at_us.0), (12_500, 4 * PICTURE_STEP_US));
    }

    #[test]
    fn traces_go_through_json_unchanged() {
        let traces = Traces {
            sound: Some(SoundEnvelope { start_us: MediaTime(-40_000), levels: (0..=255).collect() }),
            pictures: vec![Picture { at_us: MediaTime(5), bits: u64::MAX - 1 }],
        };
        let text = serde_json::to_string(&traces).unwrap();
        assert!(text.contains("\"fffffffffffffffe\"") && text.contains("0a0b0c"), "{text}");
        assert_eq!(serde_json::from_str::<Traces>(&text).unwrap(), traces);
    }
}
