//! How loud the sound is, in steps of 40 ms: enough to tell when two microphones heard the same, too
//! little to understand a word.

use catalog::MediaTime;
use catalog::trace::{ENVELOPE_STEP_US, ENVELOPE_STEPS_MAX, SoundEnvelope};
use ffmpeg_next::format::Sample;
use ffmpeg_next::frame;

/// Follows the sound of one stream.
#[derive(Debug, Default)]
pub(super) struct Loudness {
    /// Number of the first step; `None` before the first sound.
    first: Option<i64>,
    levels: Vec<u8>,
    /// The step that is being filled: its number, the sum of squares, and the number of samples.
    present: (i64, f64, u64),
}

impl Loudness {
    /// The next frame of sound, which begins at `start_us`.
    pub(super) fn frame(&mut self, frame: &frame::Audio, start_us: i64) {
        let planes = if frame.is_planar() { frame.planes() } else { 1 };
        let (samples, rate) = (frame.samples(), i64::from(frame.rate()));
        let channels = if frame.is_planar() { 1 } else { usize::from(frame.channels()).max(1) };
        if rate <= 0 || samples == 0 {
            return;
        }
        // From sample to sample, up to the end of each step.
        let mut from = 0usize;
        while from < samples {
            let at_us = start_us.saturating_add(samples_us(from, rate));
            let step = at_us.div_euclid(ENVELOPE_STEP_US);
            let left_us = (step + 1).saturating_mul(ENVELOPE_STEP_US).saturating_sub(at_us).max(1);
            let left =
                usize::try_from((left_us.saturating_mul(rate) + 999_999) / 1_000_000).unwrap_or(1).max(1);
            let until = from.saturating_add(left).min(samples);
            let mut sum = 0.0;
            for plane in 0..planes {
                sum += squares(frame, plane, from * channels..until * channels);
            }
            self.add(step, sum, ((until - from) * channels * planes) as u64);
            from = until;
        }
    }

    fn add(&mut self, step: i64, sum: f64, count: u64) {
        let (present, present_sum, present_count) = &mut self.present;
        if self.first.is_some() && step <= *present {
            // Times that run backwards by a rounding stay in the step that is being filled.
            *present_sum += sum;
            *present_count += count;
            return;
        }
        self.close();
        self.first.get_or_insert(step);
        self.present = (step, sum, count);
    }

    /// Keeps the step that is being filled.
    fn close(&mut self) {
        let (step, sum, count) = self.present;
        let Some(first) = self.first.filter(|_| count > 0) else { return };
        let place = usize::try_from(step.saturating_sub(first)).unwrap_or(usize::MAX);
        if place < ENVELOPE_STEPS_MAX {
            // Where there is no sound in between, it is silent.
            self.levels.resize(place + 1, 0);
            self.levels[place] = SoundEnvelope::level(sum / count as f64);
        }
    }

    /// The envelope; `None` if no sound was heard.
    pub(super) fn finish(mut self) -> Option<SoundEnvelope> {
        self.close();
        let first = self.first?;
        Some(SoundEnvelope {
            start_us: MediaTime(first.saturating_mul(ENVELOPE_STEP_US)),
            levels: self.levels,
        })
    }
}

fn samples_us(samples: usize, rate: i64) -> i64 {
    i64::try_from(samples).unwrap_or(i64::MAX).saturating_mul(1_000_000) / rate
}

/// The sum of the squares of a range of samples, full scale being 1. Formats that are not understood
/// make no sound.
fn squares(frame: &frame::Audio, plane: usize, range: std::ops::Range<usize>) -> f64 {
    match frame.format() {
        Sample::F32(_) => sum::<f32>(frame, plane, range, f64::from),
        Sample::F64(_) => sum::<f64>(frame, plane, range, |sample| sample),
        Sample::I16(_) => sum::<i16>(frame, plane, range, |sample| f64::from(sample) / 32_768.0),
        Sample::I32(_) => sum::<i32>(frame, plane, range, |sample| f64::from(sample) / 2_147_483_648.0),
        Sample::U8(_) => sum::<u8>(frame, plane, range, |sample| (f64::from(sample) - 128.0) / 128.0),
        _ => 0.0,
    }
}

fn sum<T: frame::audio::Sample + Copy>(
    frame: &frame::Audio,
    plane: usize,
    range: std::ops::Range<usize>,
    value: impl Fn(T) -> f64,
) -> f64 {
    let total: f64 = frame
        .plane::<T>(plane)
        .get(range)
        .unwrap_or_default()
        .iter()
        .map(|&sample| value(sample).powi(2))
        .sum();
    // What a broken float says is nothing.
    if total.is_finite() { total } else { 0.0 }
}
