//! The picture of a preview: taken over as it is, or decoded and encoded anew.

use std::collections::VecDeque;

use catalog::derivative::Treatment;
use ffmpeg_next::codec::{self, Parameters};
use ffmpeg_next::format::Pixel;
use ffmpeg_next::frame::Video;
use ffmpeg_next::{Error, Packet, Rational};

use super::muxer::{MICROSECONDS, Muxer, PICTURE_TICKS};
use super::picture::{PictureEncoder, Shrink, Turn};
use super::reorder::DecodeTimes;
use crate::inspect::{Care, VideoDecoder};

/// The box that an encoded picture fits in.
const BOX: (u32, u32) = (1280, 720);

/// Ticks of the picture's times.
pub(super) const TICKS: Rational = Rational(1, PICTURE_TICKS);

/// How the picture gets into the preview.
pub(super) enum Pictures {
    /// Bit by bit; with times of decoding where the original has none.
    Copied { track: usize, times: Option<DecodeTimes> },
    /// Anew.
    Encoded(Box<Encoded>),
}

/// A picture that is encoded anew.
pub(super) struct Encoded {
    track: usize,
    decoder: VideoDecoder,
    shrink: Shrink,
    encoder: PictureEncoder,
    untimed: Untimed,
}

/// Times of pictures whose packets only say when they are decoded, as in MXF. Pictures come out of a decoder in the order
/// in which they are shown, some packets late: the first out is shown at the first of these times, as in the index.
#[derive(Default)]
struct Untimed(VecDeque<i64>);

impl Untimed {
    /// Pictures that a decoder holds back at most; beyond that, one could not be decoded.
    const HELD_MAX: usize = 17;

    fn heard(&mut self, packet: &Packet) {
        if let (None, Some(decoded_us)) = (packet.pts(), packet.dts()) {
            self.0.push_back(decoded_us);
            if self.0.len() > Self::HELD_MAX {
                self.0.pop_front();
            }
        }
    }

    /// When `frame` is shown.
    fn shown(&mut self, frame: &Video) -> Option<i64> {
        frame.pts().or_else(|| self.0.pop_front()).or(frame.timestamp())
    }
}

/// What is known of a stream of pictures before its first packet is written.
pub(super) struct Known {
    pub(super) parameters: Parameters,
    pub(super) turn: Turn,
    pub(super) rate: Option<Rational>,
    /// What packets say of when they are shown and decoded.
    pub(super) times: Times,
}

/// What packets say of their times.
pub(super) enum Times {
    /// When they are shown and when they are decoded.
    Both,
    /// When they are shown; when they are decoded follows from it.
    Shown(DecodeTimes),
    /// Less.
    Lacking,
}

/// What can be seen of a stream in its first key frame.
pub(super) struct Look {
    /// Its picture.
    pub(super) like: Video,
    /// Whether pictures may be shown in another order than they are decoded in.
    pub(super) reorders: bool,
}

/// The first picture of a key frame; `None` if it cannot be decoded.
pub(super) fn look(parameters: Parameters, key: &Packet) -> Option<Look> {
    let mut decoder = VideoDecoder::open(parameters, Care::Rough)?;
    let mut seen = None;
    let mut see = |frame: &Video| {
        if seen.is_none() {
            seen = Some(frame.clone());
        }
    };
    decoder.decode(key, &mut see);
    decoder.finish(&mut see);
    seen.map(|like| Look { like, reorders: decoder.reorders() })
}

/// Whether browsers play pictures of this codec as they are.
pub(super) fn is_played(parameters: &Parameters) -> bool {
    parameters.id() == codec::Id::H264
}

/// Whether browsers play it as it is, once it stands in an MP4 file.
fn can_be_copied(known: &Known, like: &Video) -> bool {
    let plain = matches!(like.format(), Pixel::YUV420P | Pixel::YUVJ420P);
    // The muxer has to know the size; it is told only where the demuxer met the head that a decoder needs, too.
    let told = codec::Context::from_parameters(known.parameters.clone())
        .ok()
        .and_then(|context| context.decoder().video().ok())
        .is_some_and(|told| (told.width(), told.height()) == (like.width(), like.height()));
    let timed = !matches!(known.times, Times::Lacking);
    is_played(&known.parameters) && plain && told && timed && known.turn == Turn::None
}

impl Pictures {
    /// Adds the track; `like` is the first picture. `None` if it can neither be copied nor encoded.
    pub(super) fn open(muxer: &mut Muxer, known: Known, like: &Video) -> Option<Self> {
        if can_be_copied(&known, like) {
            let track = muxer.add_copied(known.parameters, TICKS).ok()?;
            let times = match known.times {
                Times::Shown(times) => Some(times),
                Times::Both | Times::Lacking => None,
            };
            return Some(Self::Copied { track, times });
        }
        let decoder = VideoDecoder::open(known.parameters, Care::Full)?;
        let shrink = Shrink::to_fit(like, known.turn, BOX.0, BOX.1, Pixel::YUV420P)?;
        let encoder = PictureEncoder::open(shrink.shown(), known.rate, like)?;
        let track = muxer.add_encoded(encoder.context(), TICKS).ok()?;
        let untimed = Untimed::default();
        Some(Self::Encoded(Box::new(Encoded { track, decoder, shrink, encoder, untimed })))
    }

    pub(super) fn treatment(&self) -> Treatment {
        match self {
            Self::Copied { .. } => Treatment::Copied,
            Self::Encoded(_) => Treatment::Encoded,
        }
    }

    /// The next packet of the original; its times are microseconds after the preview's beginning.
    pub(super) fn packet(&mut self, muxer: &mut Muxer, mut packet: Packet) -> Result<(), Error> {
        match self {
            Self::Copied { track, times } => {
                if let (Some(times), Some(shown_us)) = (times, packet.pts()) {
                    packet.set_dts(Some(times.next(shown_us)));
                }
                muxer.write(*track, &mut packet, MICROSECONDS)
            }
            Self::Encoded(encoded) => {
                let Encoded { track, decoder, shrink, encoder, untimed } = &mut **encoded;
                untimed.heard(&packet);
                let mut result = Ok(());
                // What cannot be decoded is missing in the preview, as it is in the original.
                decoder.decode(&packet, &mut |frame| {
                    if result.is_ok() {
                        result = encode(frame, untimed.shown(frame), shrink, encoder, muxer, *track);
                    }
                });
                result
            }
        }
    }

    /// After the last packet.
    pub(super) fn finish(&mut self, muxer: &mut Muxer) -> Result<(), Error> {
        let Self::Encoded(encoded) = self else { return Ok(()) };
        let Encoded { track, decoder, shrink, encoder, untimed } = &mut **encoded;
        let mut result = Ok(());
        decoder.finish(&mut |frame| {
            if result.is_ok() {
                result = encode(frame, untimed.shown(frame), shrink, encoder, muxer, *track);
            }
        });
        result?;
        encoder.finish(&mut |mut packet| muxer.write(*track, &mut packet, TICKS))
    }
}

fn encode(
    frame: &Video,
    shown_us: Option<i64>,
    shrink: &mut Shrink,
    encoder: &mut PictureEncoder,
    muxer: &mut Muxer,
    track: usize,
) -> Result<(), Error> {
    let Some(at_us) = shown_us.filter(|&at_us| at_us >= 0 && encoder.wants(at_us)) else { return Ok(()) };
    let Some(small) = shrink.run(frame) else { return Ok(()) };
    encoder.encode(small, at_us, &mut |mut packet| muxer.write(track, &mut packet, TICKS))
}
