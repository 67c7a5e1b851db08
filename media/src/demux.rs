//! FFmpeg's demultiplexers, opened with as little trust as possible: the one that fits the container
//! and no other, no protocols, and no decoder but those of sound, which stream containers cannot do
//! without.

use std::io::Read;

use catalog::observation::StreamKind;
use ffmpeg::format::context::{Input, StreamIo};
use ffmpeg::format::stream::Disposition;
use ffmpeg::{Dictionary, Packet, codec, media};
use ffmpeg_next as ffmpeg;

use super::container::Container;
use super::in_words::in_words;
use super::last_pictures::LastPictures;
use super::source::{Once, Skim};
use super::telemetry::{Passing, Telemetry};
use super::timeline::{Stamp, TimeBase, Timeline};
use super::track::{Arrival, Identity, Tracks};

/// What is read from the source at once when every byte is read.
const BUFFER_BYTES: usize = 256 * 1024;
/// Errors without a packet between them after which a file is given up.
const ERRORS_IN_A_ROW_MAX: u32 = 1000;

/// Why FFmpeg could not open a file, in its words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct OpenError(String);

impl From<ffmpeg::Error> for OpenError {
    fn from(e: ffmpeg::Error) -> Self {
        Self(in_words(e))
    }
}

/// Opens a file whose payload is not read.
pub(super) fn open_skimming<S>(skim: Skim<S>) -> Result<Input, OpenError>
where
    Skim<S>: super::source::ByteSource,
{
    let io = StreamIo::from_read_seek(skim)?;
    // Nothing is to be learnt from packets of zeros: do not parse them, and stop after the first.
    let options =
        options(Container::Mp4, &[("probesize", "32"), ("fflags", "noparse"), ("fpsprobesize", "0")]);
    open(io, options)
}

/// Opens a file that is read once in order.
pub(super) fn open_once<S: Read + Send + 'static>(
    source: Once<S>,
    container: Container,
) -> Result<Input, OpenError> {
    let io = StreamIo::from_read_with_capacity(source, BUFFER_BYTES)?;
    let mut options = options(container, in_order(container));
    // How long a frame of sound lasts, and so the times of the frames that share one time, is known
    // to its decoder alone. Nothing else is decoded, and no more than a few frames of it.
    options.set("codec_whitelist", SOUND_DECODERS);
    open(io, options)
}

/// Decoders of sound that may look at a stream's first frames.
const SOUND_DECODERS: &str = "aac,aac_latm,ac3,eac3,mp1float,mp2float,mp3float,opus,vorbis,flac,dca,alac";

/// Opens a file that is read once in order and whose packets are to be copied: for that the size of an H.264 picture
/// must be known, which its decoder alone can tell.
pub(super) fn open_once_to_copy<S: Read + Send + 'static>(
    source: Once<S>,
    container: Container,
) -> Result<Input, OpenError> {
    let io = StreamIo::from_read_with_capacity(source, BUFFER_BYTES)?;
    let mut options = options(container, in_order(container));
    options.set("codec_whitelist", &format!("{SOUND_DECODERS},h264"));
    open(io, options)
}

/// What a demultiplexer is told that reads in order.
fn in_order(container: Container) -> &'static [(&'static str, &'static str)] {
    match container {
        // Wraps are undone in `timeline`, which can tell them from a clock that was started anew.
        Container::MpegTs => &[("scan_all_pmts", "1"), ("correct_ts_overflow", "0")],
        Container::MpegPs => &[("correct_ts_overflow", "0")],
        _ => &[],
    }
}

fn options(container: Container, own: &[(&str, &str)]) -> Dictionary<'static> {
    let mut options = Dictionary::new();
    options.set("format_whitelist", container.demuxer());
    options.set("protocol_whitelist", "none");
    options.set("codec_whitelist", "none");
    for (name, value) in own {
        options.set(name, value);
    }
    options
}

fn open(io: StreamIo, options: Dictionary<'static>) -> Result<Input, OpenError> {
    ffmpeg::log::set_level(ffmpeg::log::Level::Quiet);
    Ok(ffmpeg::format::input_from_stream(io, None, Some(options))?)
}

/// What stream number `stream` is.
pub(super) fn identity(input: &Input, stream: usize) -> Option<Identity> {
    let stream = input.stream(stream)?;
    let parameters = stream.parameters();
    let kind = match parameters.medium() {
        media::Type::Video => StreamKind::Video,
        media::Type::Audio => StreamKind::Audio,
        media::Type::Subtitle => StreamKind::Subtitle,
        _ => StreamKind::Data,
    };
    let codec = parameters.id();
    Some(Identity {
        kind,
        codec: codec.name().to_owned(),
        uncompressed: is_uncompressed(codec),
        attached: stream.disposition().contains(Disposition::ATTACHED_PIC),
        entry: None,
    })
}

fn is_uncompressed(codec: codec::Id) -> bool {
    let name = codec.name();
    name.starts_with("pcm_") || matches!(name, "rawvideo" | "none" | "v210" | "v410" | "yuv4" | "y41p")
}

/// The time base of stream number `stream`.
pub(super) fn time_base(input: &Input, stream: usize) -> Option<TimeBase> {
    let base = input.stream(stream)?.time_base();
    Some(TimeBase { num: base.numerator(), den: base.denominator() })
}

/// What went wrong while packets were read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Trouble {
    /// How many times the demultiplexer met something it could not read.
    pub(super) errors: u64,
    /// Byte position of the last packet before the first error.
    pub(super) first_error_after: Option<u64>,
    /// Packets that the demultiplexer marked as corrupt, and where the first and the last begin.
    pub(super) corrupt: u64,
    pub(super) first_corrupt_at: Option<u64>,
    /// Whether the very last packet of a stream is the corrupt one.
    pub(super) only_last_corrupt: bool,
    /// Whether reading was given up.
    pub(super) gave_up: bool,
}

/// Who sees the packets as they pass; none where their bytes are not there.
#[derive(Default)]
pub(super) struct Listeners<'a> {
    pub(super) telemetry: Option<&'a mut Telemetry>,
    pub(super) last_pictures: Option<&'a mut LastPictures>,
}

/// Reads all packets, one by one, and enters them. `entry` tells a stream's sample entry, where known.
pub(super) fn read_packets(
    input: &mut Input,
    tracks: &mut Tracks,
    timeline: &mut Timeline,
    mut listeners: Listeners<'_>,
    mut entry: impl FnMut(i32) -> Option<super::mp4::boxes::FourCc>,
) -> Trouble {
    let mut trouble = Trouble::default();
    let mut errors_in_a_row = 0;
    let mut last_position = None;
    let mut after_corrupt = 0u64;
    loop {
        let mut packet = Packet::empty();
        match packet.read(input) {
            Ok(()) => errors_in_a_row = 0,
            Err(ffmpeg::Error::Eof | ffmpeg::Error::Exit) => break,
            Err(_) => {
                trouble.errors += 1;
                trouble.first_error_after = trouble.first_error_after.or(last_position);
                errors_in_a_row += 1;
                if errors_in_a_row >= ERRORS_IN_A_ROW_MAX {
                    trouble.gave_up = true;
                    break;
                }
                continue;
            }
        }
        let stream = packet.stream();
        // A stream container may open streams at any time.
        while tracks.len() <= stream {
            let Some(mut identity) = identity(input, tracks.len()) else { break };
            identity.entry = input.stream(tracks.len()).and_then(|stream| entry(stream.id()));
            tracks.open(identity);
        }
        let (Some(identity), Some(time_base)) = (tracks.identity(stream), time_base(input, stream)) else {
            continue;
        };
        let position = u64::try_from(packet.position()).ok();
        last_position = position.or(last_position);
        if packet.is_corrupt() {
            trouble.corrupt += 1;
            trouble.first_corrupt_at = trouble.first_corrupt_at.or(position);
            after_corrupt = 0;
        } else {
            after_corrupt += 1;
        }
        let steady = matches!(identity.kind, StreamKind::Video | StreamKind::Audio) && !identity.attached;
        let stamp = Stamp { stream, dts: packet.dts(), pts: packet.pts(), time_base, position, steady };
        let (pts_us, dts_us) = timeline.place(&stamp);
        let said_us = (packet.duration() > 0).then(|| time_base.us(packet.duration()));
        if let Some(telemetry) = &mut listeners.telemetry {
            let bytes = packet.data().unwrap_or_default();
            telemetry.hear(identity, &Passing { stream, position, pts_us, duration_us: said_us, bytes });
        }
        let arrival = Arrival {
            pts_us,
            dts_us,
            said_us,
            keyframe: packet.is_key(),
            size_bytes: packet.size() as u64,
            position,
        };
        let picture = identity.kind == StreamKind::Video;
        tracks.add(stream, &arrival);
        if let Some(last_pictures) = listeners.last_pictures.as_mut().filter(|_| picture) {
            last_pictures.keep(packet);
        }
    }
    // Streams without a single packet are streams, too.
    while tracks.len() < input.nb_streams() as usize {
        let Some(mut identity) = identity(input, tracks.len()) else { break };
        identity.entry = input.stream(tracks.len()).and_then(|stream| entry(stream.id()));
        tracks.open(identity);
    }
    trouble.only_last_corrupt = trouble.corrupt == 1 && after_corrupt < 50;
    trouble
}
