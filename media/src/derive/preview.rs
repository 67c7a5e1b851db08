//! The preview of a whole recording.

use std::io::{Seek, Write};

use catalog::MediaTime;
use catalog::derivative::{Derived, Label, Treatment};
use catalog::observation::{ProblemCode, StreamKind};
use ffmpeg_next::{Error, Packet, Rational, codec};

use super::Unmade;
use super::muxer::{MICROSECONDS, Muxer};
use super::opened::{self, Packets};
use super::reorder::{DecodeTimes, LOOKED_AT};
use super::sound::SoundEncoder;
use super::stream::{Known, Look, Pictures, Times, is_played, look};
use crate::in_words::in_words;
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

/// What is on its way to a preview: packets wait until its tracks are known.
enum Stage {
    /// No key frame was met that can be decoded; sound waits.
    Looking { muxer: Box<Muxer>, sound: Vec<Packet> },
    /// The times of decoding are to be found from when the first pictures are shown.
    Timing(Box<Timing>),
    /// The tracks are there.
    Begun(Box<Begun>),
}

/// A stream of pictures that only say when they are shown.
struct Timing {
    muxer: Muxer,
    look: Look,
    /// Pictures and sound, in their order.
    waiting: Vec<Packet>,
    shown_us: Vec<i64>,
}

/// The streams that are shown.
struct Shown {
    video: Option<usize>,
    audio: Option<usize>,
    met: usize,
}

impl Shown {
    /// All streams that the head names, and those that a stream container opens later.
    fn meet(&mut self, packets: &Packets, stream: usize) {
        while self.met <= stream || self.met < packets.streams() {
            match packets.kind(self.met) {
                Some(StreamKind::Video) => self.video = self.video.or(Some(self.met)),
                Some(StreamKind::Audio) => self.audio = self.audio.or(Some(self.met)),
                _ => {}
            }
            self.met += 1;
        }
    }
}

fn written(packets: &mut Packets, muxer: Muxer, origin_us: i64) -> Result<Derived, Unmade> {
    let mut stage = Stage::Looking { muxer: Box::new(muxer), sound: Vec::new() };
    let mut streams = Shown { video: None, audio: None, met: 0 };
    let mut looks = 0;
    while let Some(mut packet) = packets.next() {
        streams.meet(packets, packet.stream());
        let seen = streams.video == Some(packet.stream());
        if !seen && streams.audio != Some(packet.stream()) {
            continue;
        }
        packet.set_pts(packet.pts().map(|pts| pts.saturating_sub(origin_us)));
        packet.set_dts(packet.dts().map(|dts| dts.saturating_sub(origin_us)));
        stage = match stage {
            Stage::Begun(mut begun) => {
                begun.packet(packet, seen).map_err(unwritten)?;
                Stage::Begun(begun)
            }
            Stage::Timing(mut timing) => {
                timing.hold(packet, seen);
                if timing.shown_us.len() < LOOKED_AT {
                    Stage::Timing(timing)
                } else {
                    Stage::Begun(timing.begin(packets, &streams)?)
                }
            }
            Stage::Looking { muxer, mut sound } if !seen => {
                if sound.len() == SOUND_WAITING_MAX {
                    sound.remove(0);
                }
                sound.push(packet);
                Stage::Looking { muxer, sound }
            }
            // What comes before the first key frame cannot be decoded by anyone.
            Stage::Looking { muxer, sound }
                if !packet.is_key() || packet.pts().or(packet.dts()).is_none() =>
            {
                Stage::Looking { muxer, sound }
            }
            Stage::Looking { muxer, sound } => {
                let parameters = packets.parameters(packet.stream());
                let to_be_timed = is_played(&parameters) && packet.pts().is_some() && packet.dts().is_none();
                match look(parameters, &packet) {
                    None => {
                        looks += 1;
                        if looks >= LOOKS_MAX {
                            stage = Stage::Looking { muxer, sound };
                            break;
                        }
                        Stage::Looking { muxer, sound }
                    }
                    Some(look) => {
                        let mut timing =
                            Box::new(Timing { muxer: *muxer, look, waiting: sound, shown_us: Vec::new() });
                        timing.hold(packet, true);
                        if to_be_timed {
                            Stage::Timing(timing)
                        } else {
                            Stage::Begun(timing.begin(packets, &streams)?)
                        }
                    }
                }
            }
        };
    }
    let begun = match stage {
        Stage::Begun(begun) => begun,
        Stage::Timing(timing) => timing.begin(packets, &streams)?,
        Stage::Looking { .. } => {
            return Err(match streams.video {
                None => Unmade::new(ProblemCode::NoVideo, "there is no picture in it"),
                Some(stream) => {
                    let codec = packets.parameters(stream).id().name();
                    Unmade::new(
                        ProblemCode::Unreadable,
                        format!("none of its pictures ({codec}) can be decoded"),
                    )
                }
            });
        }
    };
    begun.finish().map_err(unwritten)
}

impl Timing {
    fn hold(&mut self, packet: Packet, seen: bool) {
        if seen {
            self.shown_us.extend(packet.pts());
        }
        self.waiting.push(packet);
    }

    /// Opens the tracks, and writes what waited.
    fn begin(self, packets: &Packets, streams: &Shown) -> Result<Box<Begun>, Unmade> {
        let Self { muxer, look, waiting, shown_us } = self;
        let stream = streams.video.unwrap_or_default();
        let of_pictures = || waiting.iter().filter(|packet| packet.stream() == stream);
        let all_shown = of_pictures().all(|packet| packet.pts().is_some());
        let times = if all_shown && of_pictures().all(|packet| packet.dts().is_some()) {
            Times::Both
        } else {
            let times = DecodeTimes::of(&shown_us, look.reorders).filter(|_| all_shown);
            times.map_or(Times::Lacking, Times::Shown)
        };
        let known = Known {
            parameters: packets.parameters(stream),
            turn: packets.turn(stream),
            rate: packets.rate(stream),
            times,
        };
        let mut begun = Box::new(Begun::begin(muxer, known, &look.like, packets, streams.audio)?);
        for packet in waiting {
            let seen = packet.stream() == stream;
            begun.packet(packet, seen).map_err(unwritten)?;
        }
        Ok(begun)
    }
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
    Unmade::new(ProblemCode::Unreadable, format!("a preview of it cannot be written: {}", in_words(error)))
}
