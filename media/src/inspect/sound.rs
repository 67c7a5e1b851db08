//! Sound: where nothing is to be heard.
//!
//! Every packet is decoded. A frame of sound (some 20 ms) is silent when no sample of any channel is
//! above the level; that is the resolution of the edges.

use catalog::observation::MediaSpan;
use catalog::trace::SoundEnvelope;
use ffmpeg_next::codec::Parameters;
use ffmpeg_next::format::Sample;
use ffmpeg_next::{Packet, frame};

use super::decoder::AudioDecoder;
use super::envelope::Loudness;
use super::stretches::Stretches;

/// Between two frames of sound there may be so much of a jump before it counts as a hole.
const JUMP_US: i64 = 200_000;

/// Listens to one stream.
pub(super) struct Listener {
    decoder: AudioDecoder,
    level: f64,
    silence: Stretches,
    loudness: Loudness,
    /// Where the sound so far ends.
    pub(super) end_us: Option<i64>,
    /// Packets that were decoded, and those that could not be.
    pub(super) decoded: u64,
    pub(super) failed: u64,
}

impl Listener {
    /// `None` if it cannot be decoded.
    pub(super) fn open(parameters: Parameters, level_ppm: u32) -> Option<Self> {
        Some(Self {
            decoder: AudioDecoder::open(parameters)?,
            level: f64::from(level_ppm) / 1e6,
            silence: Stretches::default(),
            loudness: Loudness::default(),
            end_us: None,
            decoded: 0,
            failed: 0,
        })
    }

    /// The next packet; its times are microseconds.
    pub(super) fn packet(&mut self, packet: &Packet) {
        let Self { decoder, level, silence, loudness, end_us, .. } = self;
        let well = decoder.decode(packet, &mut |frame| {
            let rate = i64::from(frame.rate());
            if rate == 0 {
                return;
            }
            let said_us = frame.timestamp().or(packet.pts());
            let start_us = match (said_us, *end_us) {
                // Small differences are rounding; the samples themselves are the better clock.
                (Some(said_us), Some(end_us)) if said_us.abs_diff(end_us) <= JUMP_US.unsigned_abs() => end_us,
                (Some(said_us), Some(end_us)) => {
                    silence.tell(end_us, false);
                    said_us
                }
                (said_us, end_us) => said_us.or(end_us).unwrap_or(0),
            };
            let samples = i64::try_from(frame.samples()).unwrap_or(0);
            loudness.frame(frame, start_us);
            silence.tell(start_us, is_silent(frame, *level));
            *end_us = Some(start_us.saturating_add(samples.saturating_mul(1_000_000) / rate));
        });
        if well {
            self.decoded += 1;
        } else {
            self.failed += 1;
            // What cannot be heard is not known to be silent.
            if let Some(end_us) = self.end_us {
                self.silence.tell(end_us, false);
            }
        }
    }

    /// The silences, and how loud the rest is.
    pub(super) fn finish(self) -> (Vec<MediaSpan>, Option<SoundEnvelope>) {
        (self.silence.finish(self.end_us.unwrap_or(0)), self.loudness.finish())
    }
}

/// Whether no sample is above the level. Unknown formats of samples are taken for sound.
fn is_silent(frame: &frame::Audio, level: f64) -> bool {
    let planes = frame.planes();
    planes > 0
        && (0..planes).all(|plane| match frame.format() {
            Sample::F32(_) => quiet::<f32>(frame, plane, |sample| f64::from(sample.abs()) <= level),
            Sample::F64(_) => quiet::<f64>(frame, plane, |sample| sample.abs() <= level),
            Sample::I16(_) => {
                let limit = level * 32_768.0;
                quiet::<i16>(frame, plane, |sample| f64::from(sample.unsigned_abs()) <= limit)
            }
            Sample::I32(_) => {
                let limit = level * 2_147_483_648.0;
                quiet::<i32>(frame, plane, |sample| f64::from(sample.unsigned_abs()) <= limit)
            }
            Sample::U8(_) => {
                let limit = level * 128.0;
                quiet::<u8>(frame, plane, |sample| f64::from(sample.abs_diff(128)) <= limit)
            }
            _ => false,
        })
}

fn quiet<T: frame::audio::Sample + Copy>(
    frame: &frame::Audio,
    plane: usize,
    is_quiet: impl Fn(T) -> bool,
) -> bool {
    frame.plane::<T>(plane).iter().all(|&sample| is_quiet(sample))
}
