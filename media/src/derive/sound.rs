//! Sound as AAC.
//!
//! Samples come out of a decoder in frames of any length and of any kind, and go into the encoder in frames of 1024. They
//! are put end to end in between: small differences between the times of frames and their samples are rounding, and the
//! samples are the better clock. Where a frame comes later than that, silence is put in; after a minute of it the sound
//! begins anew at its time.

use std::collections::VecDeque;

use ffmpeg_next::codec::flag::Flags;
use ffmpeg_next::codec::{self, Parameters};
use ffmpeg_next::format::Sample;
use ffmpeg_next::format::sample::Type;
use ffmpeg_next::{ChannelLayout, Error, Packet, Rational, encoder, frame};

use crate::inspect::AudioDecoder;

/// Rates that AAC has (ISO/IEC 14496-3, 1.6.3.4) and browsers play.
const RATES: [u32; 9] = [8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000];
/// Two frames of sound may be so far apart before it counts as a hole, and so much on top of one another.
const JUMP_US: i64 = 100_000;
/// Holes up to this are filled with silence.
const SILENCE_MAX_US: i64 = 60_000_000;

/// Encodes one stream of sound.
pub(super) struct SoundEncoder {
    decoder: AudioDecoder,
    opened: encoder::audio::Encoder,
    line: Line,
    frame_samples: usize,
}

/// Samples end to end.
#[derive(Default)]
struct Line {
    rate: u32,
    channels: usize,
    waiting: VecDeque<f32>,
    /// Time of the first sample that waits, in samples; `None` before the first.
    at: Option<i64>,
    /// Where between two samples of the source the next one is taken, where rates differ.
    phase: f64,
}

impl SoundEncoder {
    /// `None` if the stream cannot be decoded, or FFmpeg has no encoder.
    pub(super) fn open(parameters: Parameters) -> Option<Self> {
        let said = codec::Context::from_parameters(parameters.clone()).ok()?.decoder().audio().ok()?;
        let channels = if said.channels() == 2 { 2 } else { 1 };
        let rate = nearest_rate(said.rate());
        let decoder = AudioDecoder::open(parameters)?;
        let opened = open_encoder(rate, channels)?;
        let frame_samples = usize::try_from(opened.frame_size()).ok().filter(|&samples| samples > 0)?;
        let line = Line { rate, channels, ..Line::default() };
        Some(Self { decoder, opened, line, frame_samples })
    }

    pub(super) fn context(&self) -> &codec::Context {
        self.opened.as_ref()
    }

    /// Ticks of the packets that come out.
    pub(super) fn base(&self) -> Rational {
        Rational(1, i32::try_from(self.line.rate).unwrap_or(48_000))
    }

    /// The next packet of the original; its times are microseconds after the preview's beginning.
    pub(super) fn packet(
        &mut self,
        packet: &Packet,
        each: &mut dyn FnMut(Packet) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let Self { decoder, opened, line, frame_samples } = self;
        let mut result = Ok(());
        // What cannot be decoded is missing, and silence will stand in its place.
        decoder.decode(packet, &mut |frame| {
            let Some(samples) = mixed(frame, line.channels) else { return };
            let at_us = frame.timestamp().or(packet.pts());
            let begins_anew = line.add(&samples, frame.rate(), at_us);
            if result.is_ok() && begins_anew {
                result = line.give(opened, *frame_samples, true, each);
                line.restart(&samples, frame.rate(), at_us);
            }
            if result.is_ok() {
                result = line.give(opened, *frame_samples, false, each);
            }
        });
        result
    }

    /// After the last packet.
    pub(super) fn finish(&mut self, each: &mut dyn FnMut(Packet) -> Result<(), Error>) -> Result<(), Error> {
        self.line.give(&mut self.opened, self.frame_samples, true, each)?;
        self.opened.send_eof()?;
        receive(&mut self.opened, each)
    }
}

impl Line {
    /// Where the samples so far end, in microseconds.
    fn end_us(&self) -> Option<i64> {
        let waiting = i64::try_from(self.waiting.len() / self.channels.max(1)).ok()?;
        let end = self.at?.saturating_add(waiting);
        Some(end.saturating_mul(1_000_000) / i64::from(self.rate.max(1)))
    }

    /// Puts samples behind what waits, with silence before them where they come later. Says whether they come so much
    /// later that the line has to be emptied and begun anew; nothing was added then.
    fn add(&mut self, samples: &[f32], rate: u32, at_us: Option<i64>) -> bool {
        match (self.end_us(), at_us) {
            (None, at_us) => self.restart(samples, rate, at_us),
            (Some(end_us), Some(at_us)) if at_us.saturating_sub(end_us) > SILENCE_MAX_US => return true,
            (Some(end_us), Some(at_us)) if at_us.saturating_sub(end_us) > JUMP_US => {
                let missing = (at_us - end_us).saturating_mul(i64::from(self.rate)) / 1_000_000;
                let missing = usize::try_from(missing).unwrap_or(0) * self.channels;
                self.waiting.extend(std::iter::repeat_n(0.0, missing));
                self.push(samples, rate);
            }
            // Said twice.
            (Some(end_us), Some(at_us)) if end_us.saturating_sub(at_us) > JUMP_US => {}
            _ => self.push(samples, rate),
        }
        false
    }

    /// Begins at a time.
    fn restart(&mut self, samples: &[f32], rate: u32, at_us: Option<i64>) {
        self.waiting.clear();
        self.phase = 0.0;
        let at = i128::from(at_us.unwrap_or(0)) * i128::from(self.rate) / 1_000_000;
        self.at = Some(i64::try_from(at).unwrap_or(0));
        self.push(samples, rate);
    }

    /// Appends samples, at the line's own rate.
    fn push(&mut self, samples: &[f32], rate: u32) {
        if rate == self.rate || rate == 0 {
            self.waiting.extend(samples);
            return;
        }
        let step = f64::from(rate) / f64::from(self.rate);
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the phase is not negative, and what is cut off is meant to be"
        )]
        let place = |phase: f64| (phase as usize, phase.fract() as f32);
        let frames: Vec<&[f32]> = samples.chunks_exact(self.channels.max(1)).collect();
        loop {
            let (number, share) = place(self.phase);
            let Some(here) = frames.get(number) else { break };
            let next = frames.get(number + 1).unwrap_or(here);
            self.waiting.extend(here.iter().zip(*next).map(|(a, b)| a + (b - a) * share));
            self.phase += step;
        }
        self.phase -= frames.len() as f64;
    }

    /// Encodes what is there in whole frames; `all` fills up the last one with silence.
    fn give(
        &mut self,
        encoder: &mut encoder::audio::Encoder,
        frame_samples: usize,
        all: bool,
        each: &mut dyn FnMut(Packet) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let whole = frame_samples * self.channels;
        while self.waiting.len() >= whole || (all && !self.waiting.is_empty()) {
            let Some(at) = self.at else { break };
            let layout = layout(self.channels);
            let mut frame = frame::Audio::new(Sample::F32(Type::Planar), frame_samples, layout);
            frame.set_rate(self.rate);
            frame.set_pts(Some(at));
            let mut taken: Vec<f32> = self.waiting.drain(..whole.min(self.waiting.len())).collect();
            taken.resize(whole, 0.0);
            for channel in 0..self.channels {
                let of_channel = taken.iter().skip(channel).step_by(self.channels);
                for (sample, &value) in frame.plane_mut::<f32>(channel).iter_mut().zip(of_channel) {
                    *sample = value;
                }
            }
            self.at = Some(at.saturating_add(i64::try_from(frame_samples).unwrap_or(0)));
            encoder.send_frame(&frame)?;
            receive(encoder, each)?;
        }
        Ok(())
    }
}

fn receive(
    encoder: &mut encoder::audio::Encoder,
    each: &mut dyn FnMut(Packet) -> Result<(), Error>,
) -> Result<(), Error> {
    loop {
        let mut packet = Packet::empty();
        match encoder.receive_packet(&mut packet) {
            Ok(()) => each(packet)?,
            Err(Error::Eof) => return Ok(()),
            Err(Error::Other { errno }) if errno == ffmpeg_next::error::EAGAIN => return Ok(()),
            Err(error) => return Err(error),
        }
    }
}

fn layout(channels: usize) -> ChannelLayout {
    if channels == 2 { ChannelLayout::STEREO } else { ChannelLayout::MONO }
}

/// The lowest rate of AAC that loses nothing, or the highest.
fn nearest_rate(rate: u32) -> u32 {
    RATES.into_iter().find(|&known| known >= rate).unwrap_or(48_000)
}

fn open_encoder(rate: u32, channels: usize) -> Option<encoder::audio::Encoder> {
    let codec = encoder::find(codec::Id::AAC)?;
    let mut context = codec::Context::new_with_codec(codec);
    context.set_threading(codec::threading::Config { count: 1, ..codec::threading::Config::default() });
    context.set_flags(Flags::GLOBAL_HEADER);
    context.set_time_base(Rational(1, i32::try_from(rate).ok()?));
    let mut encoder = context.encoder().audio().ok()?;
    encoder.set_rate(i32::try_from(rate).ok()?);
    encoder.set_format(Sample::F32(Type::Planar));
    encoder.set_channel_layout(layout(channels));
    encoder.set_bit_rate(if channels == 2 { 96_000 } else { 64_000 });
    encoder.open().ok()
}

/// The samples of a frame as numbers from -1 to 1, channels in turn; `None` of kinds that are not known. More than two
/// channels become one.
fn mixed(frame: &frame::Audio, channels: usize) -> Option<Vec<f32>> {
    let there = usize::from(frame.channels());
    let samples = frame.samples();
    if there == 0 || samples == 0 || frame.planes() == 0 {
        return None;
    }
    let planes: Vec<Vec<f32>> =
        (0..frame.planes()).map(|plane| numbers(frame, plane)).collect::<Option<_>>()?;
    let at = |sample: usize, channel: usize| {
        let value = if frame.is_planar() {
            planes.get(channel).and_then(|plane| plane.get(sample))
        } else {
            planes.first().and_then(|plane| plane.get(sample * there + channel))
        };
        value.copied().filter(|value| value.is_finite()).unwrap_or(0.0).clamp(-1.0, 1.0)
    };
    let mut mixed = Vec::with_capacity(samples * channels);
    for sample in 0..samples {
        if channels == there {
            mixed.extend((0..channels).map(|channel| at(sample, channel)));
        } else {
            let mean = (0..there).map(|channel| at(sample, channel)).sum::<f32>() / there as f32;
            mixed.extend(std::iter::repeat_n(mean, channels));
        }
    }
    Some(mixed)
}

fn numbers(frame: &frame::Audio, plane: usize) -> Option<Vec<f32>> {
    fn of<T: frame::audio::Sample + Copy>(
        frame: &frame::Audio,
        plane: usize,
        to: impl Fn(T) -> f32,
    ) -> Vec<f32> {
        frame.plane::<T>(plane).iter().map(|&sample| to(sample)).collect()
    }
    Some(match frame.format() {
        Sample::F32(_) => of::<f32>(frame, plane, |sample| sample),
        #[allow(clippy::cast_possible_truncation, reason = "24 bits are more than anybody hears")]
        Sample::F64(_) => of::<f64>(frame, plane, |sample| sample as f32),
        Sample::I16(_) => of::<i16>(frame, plane, |sample| f32::from(sample) / 32_768.0),
        Sample::I32(_) => of::<i32>(frame, plane, |sample| sample as f32 / 2_147_483_648.0),
        Sample::U8(_) => of::<u8>(frame, plane, |sample| (f32::from(sample) - 128.0) / 128.0),
        _ => return None,
    })
}

/// Opens the encoder once.
pub(super) fn prepare() {
    drop(open_encoder(48_000, 2));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(rate: u32) -> Line {
        Line { rate, channels: 1, ..Line::default() }
    }

    #[test]
    fn a_hole_becomes_silence_and_a_rounding_nothing() {
        let mut line = line(1000);
        assert!(!line.add(&[0.5; 100], 1000, Some(2_000_000)));
        assert!(!line.add(&[0.5; 100], 1000, Some(2_101_000)), "a rounding of a millisecond");
        assert_eq!((line.at, line.waiting.len(), line.end_us()), (Some(2000), 200, Some(2_200_000)));
        assert!(!line.add(&[0.5; 100], 1000, Some(2_500_000)));
        assert_eq!(line.end_us(), Some(2_600_000));
        assert_eq!(line.waiting.iter().filter(|sample| **sample == 0.0).count(), 300);
        assert!(!line.add(&[0.5; 100], 1000, Some(2_100_000)), "what was said already is not said again");
        assert_eq!(line.end_us(), Some(2_600_000));
        assert!(line.add(&[0.5; 100], 1000, Some(90_000_000)), "after more than a minute it begins anew");
    }

    #[test]
    fn another_rate_keeps_the_length_over_many_small_frames() {
        let mut line = line(8000);
        line.restart(&[], 6000, Some(0));
        for _ in 0..100 {
            line.push(&[0.25; 60], 6000);
        }
        assert!(line.waiting.len().abs_diff(8000) <= 2, "{}", line.waiting.len());
        assert!(line.waiting.iter().all(|sample| (sample - 0.25).abs() < 1e-6));
        assert_eq!([nearest_rate(6000), nearest_rate(44_100), nearest_rate(96_000)], [8000, 44_100, 48_000]);
    }
}
