//! The preview of a whole recording.

use std::io::{Seek, Write};

use catalog::MediaTime;
use catalog::derivative::{Derived, Label, Treatment};
use catalog::observation::{ProblemCode, StreamKind};
use ffmpeg_next::{Error, Packet, Rational, codec};

use super::Unmade;
use super::muxer::{MICROSECONDS, Muxer};
use super::opened::{self, Packets};
use super::sound::SoundEncoder;
use super::stream::{Known, Pictures, look};
use crate::source::ByteSource;

/// So many key frames may be undecodable before the picture is given up.
const LOOKS_MAX: u32 = 100;
/// Packets of sound that wait for the first picture, at most; the oldest are dropped.
const SOUND_WAITING_MAX: usize = 4096;

/// Makes it.
pub(super) fn make<S: ByteSource, W: Write + Seek + Send + 'static>(
    source: S,
    size_bytes: u64,
    origin_us: MediaTime,
    label: &Label,
    sink: W,
) -> Result<Derived, Unmade> {
    let visit = opened::begin(source, size_bytes)?;
    let mut packets = visit.packets()?;
    let muxer = Muxer::new(sink, label).map_err(unwritten)?;
    let made = written(&mut packets, muxer, origin_us.0);
    // A source that failed explains whatever else went wrong.
    match visit.failure() {
        Some(failure) => Err(Unmade::Source(failure)),
        None => made,
    }
}

/// How the sound gets into the preview.
enum Sound {
    Copied { track: usize },
    Encoded { track: usize, encoder: Box<SoundEncoder> },
}

/// A preview whose tracks are known.
struct Begun {
    muxer: Muxer,
    pictures: Pictures,
    sound: Option<Sound>,
}

fn written(packets: &mut Packets, muxer: Muxer, origin_us: i64) -> Result<Derived, Unmade> {
    let mut muxer = Some(muxer);
    let mut begun: Option<Begun> = None;
    let (mut video, mut audio, mut met) = (None, None, 0);
    let mut waiting: Vec<Packet> = Vec::new();
    let mut looks = 0;
    while let Some(mut packet) = packets.next() {
        // All streams that the head names, and those that a stream container opens later.
        while met <= packet.stream() || met < packets.streams() {
            match packets.kind(met) {
                Some(StreamKind::Video) => video = video.or(Some(met)),
                Some(StreamKind::Audio) => audio = audio.or(Some(met)),
                _ => {}
            }
            met += 1;
        }
        let (seen, heard) = (video == Some(packet.stream()), audio == Some(packet.stream()));
        if !seen && !heard {
            continue;
        }
        let timed = packet.pts().is_some() && packet.dts().is_some();
        packet.set_pts(packet.pts().map(|pts| pts.saturating_sub(origin_us)));
        packet.set_dts(packet.dts().map(|dts| dts.saturating_sub(origin_us)));
        if let Some(begun) = &mut begun {
            begun.packet(packet, seen).map_err(unwritten)?;
            continue;
        }
        if heard {
            if waiting.len() == SOUND_WAITING_MAX {
                waiting.remove(0);
            }
            waiting.push(packet);
            continue;
        }
        // What comes before the first key frame cannot be decoded by anyone.
        if !packet.is_key() || packet.pts().or(packet.dts()).is_none() {
            continue;
        }
        let stream = packet.stream();
        let Some(like) = look(packets.parameters(stream), &packet) else {
            looks += 1;
            if looks >= LOOKS_MAX {
                break;
            }
            continue;
        };
        let Some(muxer) = muxer.take() else { break };
        let known = Known {
            parameters: packets.parameters(stream),
            turn: packets.turn(stream),
            rate: packets.rate(stream),
            timed,
        };
        let mut new = Begun::begin(muxer, known, &like, packets, audio)?;
        for packet in waiting.drain(..) {
            new.packet(packet, false).map_err(unwritten)?;
        }
        new.packet(packet, true).map_err(unwritten)?;
        begun = Some(new);
    }
    let Some(begun) = begun else {
        return Err(match video {
            None => Unmade::new(ProblemCode::NoVideo, "there is no picture in it"),
            Some(stream) => {
                let codec = packets.parameters(stream).id().name();
                Unmade::new(ProblemCode::Unreadable, format!("none of its pictures ({codec}) can be decoded"))
            }
        });
    };
    begun.finish().map_err(unwritten)
}

impl Begun {
    fn begin(
        mut muxer: Muxer,
        known: Known,
        like: &ffmpeg_next::frame::Video,
        packets: &Packets,
        audio: Option<usize>,
    ) -> Result<Self, Unmade> {
        let pictures = Pictures::open(&mut muxer, known, like).ok_or_else(|| {
            Unmade::new(ProblemCode::Unreadable, "its pictures can be decoded, but not be encoded here")
        })?;
        let sound = audio.and_then(|stream| Sound::open(&mut muxer, packets, stream));
        muxer.begin().map_err(unwritten)?;
        Ok(Self { muxer, pictures, sound })
    }

    fn packet(&mut self, mut packet: Packet, picture: bool) -> Result<(), Error> {
        let Self { muxer, pictures, sound } = self;
        if picture {
            return pictures.packet(muxer, packet);
        }
        match sound {
            None => Ok(()),
            Some(Sound::Copied { track }) => muxer.write(*track, &mut packet, MICROSECONDS),
            Some(Sound::Encoded { track, encoder }) => {
                let base = encoder.base();
                encoder.packet(&packet, &mut |mut packet| muxer.write(*track, &mut packet, base))
            }
        }
    }

    fn finish(mut self) -> Result<Derived, Error> {
        let Self { muxer, pictures, sound } = &mut self;
        pictures.finish(muxer)?;
        let audio = match sound {
            None => None,
            Some(Sound::Copied { .. }) => Some(Treatment::Copied),
            Some(Sound::Encoded { track, encoder }) => {
                let base = encoder.base();
                encoder.finish(&mut |mut packet| muxer.write(*track, &mut packet, base))?;
                Some(Treatment::Encoded)
            }
        };
        let video = Some(pictures.treatment());
        self.muxer.finish()?;
        Ok(Derived { video, audio, ..Derived::default() })
    }
}

impl Sound {
    /// Adds the track; `None` where the sound cannot be had, so that the picture is shown without it.
    fn open(muxer: &mut Muxer, packets: &Packets, stream: usize) -> Option<Self> {
        let parameters = packets.parameters(stream);
        let rate = codec::Context::from_parameters(parameters.clone())
            .ok()
            .and_then(|context| context.decoder().audio().ok())
            .map(|told| told.rate())
            .and_then(|rate| i32::try_from(rate).ok())
            .filter(|&rate| rate > 0);
        if let (codec::Id::AAC, Some(rate)) = (parameters.id(), rate) {
            let track = muxer.add_copied(parameters, Rational(1, rate)).ok()?;
            return Some(Self::Copied { track });
        }
        let encoder = SoundEncoder::open(parameters)?;
        let track = muxer.add_encoded(encoder.context(), encoder.base()).ok()?;
        Some(Self::Encoded { track, encoder: Box::new(encoder) })
    }
}

fn unwritten(error: Error) -> Unmade {
    Unmade::new(ProblemCode::Unreadable, format!("a preview of it cannot be written: {error}"))
}
