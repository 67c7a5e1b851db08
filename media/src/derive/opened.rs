//! From a file to its packets, with times in microseconds as the index has them.

use catalog::observation::{ProblemCode, StreamKind};
use ffmpeg_next::codec::Parameters;
use ffmpeg_next::codec::packet::side_data;
use ffmpeg_next::format::context::Input;
use ffmpeg_next::{Packet, Rational};

use super::Unmade;
use super::picture::Turn;
use crate::container::{Access, Container, HEAD_BYTES, access, resembles, sniff};
use crate::source::{self, ByteSource, Once};
use crate::tables::Tables;
use crate::timeline::{Stamp, Timeline};
use crate::{MPEG_CLOCK_BITS, demux, watch};

/// Errors without a packet between them after which a file is given up.
const ERRORS_IN_A_ROW_MAX: u32 = 1000;

/// The beginning of a file, and how the rest is visited.
pub(super) enum Visit<S> {
    /// By its tables.
    Tables(Tables<S>),
    /// From the first byte to the last.
    InOrder(Container, Once<S>),
}

/// Looks at the first bytes.
pub(super) fn begin<S: ByteSource>(mut source: S, size_bytes: u64) -> Result<Visit<S>, Unmade> {
    let wanted = usize::try_from(size_bytes).unwrap_or(usize::MAX).min(HEAD_BYTES);
    let mut head = vec![0; wanted];
    match source::read_full(&mut source, &mut head) {
        Ok(length) if length == wanted => {}
        Ok(length) => {
            return Err(Unmade::Source(format!("the source ended after {length} of {size_bytes} bytes")));
        }
        Err(error) => return Err(Unmade::Source(error.to_string())),
    }
    match (sniff(&head), access(&head)) {
        (None, _) if size_bytes == 0 => Err(Unmade::new(ProblemCode::Empty, "there is not one byte in it")),
        (None, _) => Err(Unmade::new(
            ProblemCode::Unreadable,
            format!("it is no media file but looks like {}", resembles(&head)),
        )),
        (Some(_), Access::Sparse) => Ok(Visit::Tables(Tables::read(source, size_bytes, head)?)),
        (Some(container), Access::Sequential) => {
            let watch = watch::watch_for(container, &head);
            Ok(Visit::InOrder(container, Once::new(head, source, watch)))
        }
    }
}

impl<S: ByteSource> Visit<S> {
    /// Opens the file, to be read from its first packet to its last.
    pub(super) fn packets(&self) -> Result<Packets, Unmade> {
        match self {
            Self::Tables(tables) => Ok(Packets::of(tables.open_whole()?, Timeline::new(None))),
            Self::InOrder(container, once) => {
                let wraps =
                    matches!(container, Container::MpegTs | Container::MpegPs).then_some(MPEG_CLOCK_BITS);
                let input = demux::open_once_to_copy(once.clone(), *container).map_err(|error| {
                    let detail = format!("its head cannot be understood: {error}");
                    once.failure()
                        .map_or_else(|| Unmade::new(ProblemCode::Unreadable, detail), Unmade::Source)
                })?;
                Ok(Packets::of(input, Timeline::new(wraps)))
            }
        }
    }

    /// Why reading failed, if it did.
    pub(super) fn failure(&self) -> Option<String> {
        match self {
            Self::Tables(_) => None,
            Self::InOrder(_, once) => once.failure(),
        }
    }
}

/// The packets of a file, in its order.
pub(super) struct Packets {
    pub(super) input: Input,
    timeline: Timeline,
}

impl Packets {
    fn of(input: Input, timeline: Timeline) -> Self {
        Self { input, timeline }
    }

    /// The next packet, its times in microseconds; `None` at the end, and where nothing more can be read.
    pub(super) fn next(&mut self) -> Option<Packet> {
        let mut errors_in_a_row = 0;
        loop {
            let mut packet = Packet::empty();
            match packet.read(&mut self.input) {
                Ok(()) => errors_in_a_row = 0,
                Err(ffmpeg_next::Error::Eof | ffmpeg_next::Error::Exit) => return None,
                Err(_) if errors_in_a_row < ERRORS_IN_A_ROW_MAX => {
                    errors_in_a_row += 1;
                    continue;
                }
                Err(_) => return None,
            }
            let stream = packet.stream();
            let Some(time_base) = demux::time_base(&self.input, stream) else { continue };
            let stamp = Stamp {
                stream,
                dts: packet.dts(),
                pts: packet.pts(),
                time_base,
                position: u64::try_from(packet.position()).ok(),
                steady: matches!(self.kind(stream), Some(StreamKind::Video | StreamKind::Audio)),
            };
            let (pts_us, dts_us) = self.timeline.place(&stamp);
            packet.set_pts(pts_us);
            packet.set_dts(dts_us);
            packet.set_duration(time_base.us(packet.duration()));
            return Some(packet);
        }
    }

    /// How many streams there are so far.
    pub(super) fn streams(&self) -> usize {
        self.input.nb_streams() as usize
    }

    /// What stream number `stream` carries; `None` of pictures that are no footage.
    pub(super) fn kind(&self, stream: usize) -> Option<StreamKind> {
        kind(&self.input, stream)
    }

    pub(super) fn parameters(&self, stream: usize) -> Parameters {
        parameters(&self.input, stream)
    }

    /// How often a second pictures come, as far as the container tells.
    pub(super) fn rate(&self, stream: usize) -> Option<Rational> {
        let rate = self.input.stream(stream)?.avg_frame_rate();
        (rate.numerator() > 0 && rate.denominator() > 0).then_some(rate)
    }

    /// How the picture has to be turned to stand upright.
    pub(super) fn turn(&self, stream: usize) -> Turn {
        turn(&self.input, stream)
    }
}

/// What a stream carries; `None` of pictures that are no footage.
pub(super) fn kind(input: &Input, stream: usize) -> Option<StreamKind> {
    let identity = demux::identity(input, stream)?;
    (!identity.attached).then_some(identity.kind)
}

pub(super) fn parameters(input: &Input, stream: usize) -> Parameters {
    input.stream(stream).map_or_else(Parameters::new, |stream| stream.parameters())
}

pub(super) fn turn(input: &Input, stream: usize) -> Turn {
    let Some(stream) = input.stream(stream) else { return Turn::None };
    let matrix = stream.side_data().find(|data| data.kind() == side_data::Type::DisplayMatrix);
    matrix.map_or(Turn::None, |matrix| Turn::of_matrix(matrix.data()))
}
