//! FFmpeg's decoders, as few of them as footage needs.
//!
//! Every decoder is a parser of hostile bytes written in C, so those that no recorder uses are not
//! asked. They run on one thread: a child may not start others, and work is divided among children.

use ffmpeg_next::codec::{self, Id, Parameters};
use ffmpeg_next::{Discard, Error, Packet, codec::flag::Flags, decoder, frame};

/// Codecs of pictures that are decoded.
const VIDEO: &[Id] = &[
    Id::H264,
    Id::HEVC,
    Id::MPEG4,
    Id::MPEG2VIDEO,
    Id::MPEG1VIDEO,
    Id::MJPEG,
    Id::H263,
    Id::VP8,
    Id::VP9,
    Id::PRORES,
    Id::DVVIDEO,
    Id::MSMPEG4V2,
    Id::MSMPEG4V3,
    Id::WMV1,
    Id::WMV2,
    Id::WMV3,
    Id::VC1,
    Id::FLV1,
];

/// Codecs of sound that are decoded, beside plain samples.
const AUDIO: &[Id] = &[
    Id::AAC,
    Id::AAC_LATM,
    Id::AC3,
    Id::EAC3,
    Id::MP2,
    Id::MP3,
    Id::AMR_NB,
    Id::AMR_WB,
    Id::OPUS,
    Id::VORBIS,
    Id::FLAC,
    Id::ALAC,
    Id::ADPCM_IMA_WAV,
    Id::ADPCM_IMA_QT,
    Id::ADPCM_MS,
    Id::ADPCM_G726,
    Id::ADPCM_G726LE,
    Id::ADPCM_G722,
    Id::WMAV1,
    Id::WMAV2,
];

fn is_on_the_list(id: Id) -> bool {
    VIDEO.contains(&id) || AUDIO.contains(&id) || is_plain_samples(id)
}

fn is_plain_samples(id: Id) -> bool {
    matches!(
        id,
        Id::PCM_S16LE
            | Id::PCM_S16BE
            | Id::PCM_U8
            | Id::PCM_S8
            | Id::PCM_S24LE
            | Id::PCM_S24BE
            | Id::PCM_S32LE
            | Id::PCM_S32BE
            | Id::PCM_F32LE
            | Id::PCM_F32BE
            | Id::PCM_ALAW
            | Id::PCM_MULAW
            | Id::PCM_BLURAY
    )
}

/// Lets each decoder set up the tables it shares with all others of its kind.
pub(super) fn prepare() {
    ffmpeg_next::log::set_level(ffmpeg_next::log::Level::Quiet);
    for &id in VIDEO.iter().chain(AUDIO) {
        let mut context = codec::Context::new().decoder();
        if let Some(found) = decoder::find(id) {
            context.set_packet_time_base((1, 1_000_000));
            // Most want to know more than that; some set up their tables even so.
            drop(context.open_as(found));
        }
    }
}

/// Which pictures a decoder is to give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Care {
    /// As they are meant to be shown.
    Full,
    /// Good enough to tell black from a scene: without the filter that smooths the edges of blocks.
    Rough,
}

/// A decoder of pictures, fed with packets whose times are microseconds.
pub(crate) struct VideoDecoder {
    opened: decoder::Video,
}

impl VideoDecoder {
    /// `None` if there is no decoder on the list for it, or it does not open.
    pub(crate) fn open(parameters: Parameters, care: Care) -> Option<Self> {
        let mut context = context(parameters)?;
        if care == Care::Rough {
            context.skip_loop_filter(Discard::All);
        }
        context.video().ok().map(|opened| Self { opened })
    }

    /// Decodes a packet; `each` sees the frames that come out of it. Says whether all went well.
    pub(crate) fn decode(&mut self, packet: &Packet, each: &mut dyn FnMut(&frame::Video)) -> bool {
        let sent = self.opened.send_packet(packet).is_ok();
        self.receive(each) && sent
    }

    /// Whether pictures may come out in another order than their packets went in, as far as the stream said so far.
    pub(crate) fn reorders(&self) -> bool {
        self.opened.has_b_frames()
    }

    /// Gives out what is still inside, and makes the decoder forget what was before.
    pub(crate) fn finish(&mut self, each: &mut dyn FnMut(&frame::Video)) -> bool {
        let sent = self.opened.send_eof().is_ok();
        let well = self.receive(each) && sent;
        self.opened.flush();
        well
    }

    fn receive(&mut self, each: &mut dyn FnMut(&frame::Video)) -> bool {
        let mut well = true;
        loop {
            let mut frame = frame::Video::empty();
            match self.opened.receive_frame(&mut frame) {
                Ok(()) if frame.has_decode_errors() => well = false,
                Ok(()) => each(&frame),
                Err(Error::Eof) => return well,
                Err(Error::Other { errno }) if errno == ffmpeg_next::error::EAGAIN => return well,
                Err(_) => return false,
            }
        }
    }
}

/// A decoder of sound, fed with packets whose times are microseconds.
pub(crate) struct AudioDecoder {
    opened: decoder::Audio,
}

impl AudioDecoder {
    /// `None` if there is no decoder on the list for it, or it does not open.
    pub(crate) fn open(parameters: Parameters) -> Option<Self> {
        context(parameters)?.audio().ok().map(|opened| Self { opened })
    }

    /// Decodes a packet; `each` sees what comes out of it. Says whether all went well.
    pub(crate) fn decode(&mut self, packet: &Packet, each: &mut dyn FnMut(&frame::Audio)) -> bool {
        let well = self.opened.send_packet(packet).is_ok();
        let mut frame = frame::Audio::empty();
        loop {
            match self.opened.receive_frame(&mut frame) {
                Ok(()) => each(&frame),
                Err(Error::Eof) => return well,
                Err(Error::Other { errno }) if errno == ffmpeg_next::error::EAGAIN => return well,
                Err(_) => return false,
            }
        }
    }
}

fn context(parameters: Parameters) -> Option<decoder::Decoder> {
    if !is_on_the_list(parameters.id()) {
        return None;
    }
    let mut context = codec::Context::from_parameters(parameters).ok()?;
    // One thread is the default, but the default may change.
    context.set_threading(codec::threading::Config { count: 1, ..codec::threading::Config::default() });
    context.set_flags(Flags::OUTPUT_CORRUPT);
    let mut decoder = context.decoder();
    decoder.set_packet_time_base((1, 1_000_000));
    Some(decoder)
}
