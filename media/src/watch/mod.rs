//! What FFmpeg does not tell: whether a stream container is whole.
//!
//! A cut transport stream or Matroska file ends with a clean end of file in FFmpeg, and a broken
//! stretch is skipped without a word. These watchers see the same bytes, once, as they pass by on
//! their way to the demultiplexer, and follow the container's own structure: what it announces, where
//! it breaks off, where it lost step. They report only what the bytes prove: a transport stream has
//! no end mark, so whether one that stops between two packets is whole is left open (`open_ends`).

use catalog::observation::{Problem, ProblemCode};

use self::elementary::ElementaryWatch;
use self::stuffing::Stuffing;
use super::container::{Container, ts_packet_bytes};
use confined::ByteRange;

mod asf;
mod elementary;
mod flv;
mod iso;
mod matroska;
mod mxf;
mod ogg;
mod program;
mod riff;
mod stuffing;
mod transport;
mod walker;

/// Ranges of padding beyond this number are not remembered.
const PADDING_MAX: usize = 4096;

/// What was seen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// What is wrong with the structure.
    pub(super) problems: Vec<Problem>,
    /// Places where the recorder broke a counter that goes on in an unbroken recording, with how
    /// many there were in all. A clock started anew explains one a stream.
    pub(super) breaks: Option<Breaks>,
    /// Ids, as FFmpeg gives them, of the streams of pictures of which the structure does not tell whether
    /// their last picture is whole.
    pub(super) open_ends: Vec<i32>,
    /// Stretches that hold nothing, by design.
    pub(super) padding: Vec<ByteRange>,
    /// The body of the movie box, in ISO media.
    pub(super) moov: Option<Vec<u8>>,
}

/// Broken counters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Breaks {
    pub(super) count: u64,
    pub(super) streams: u64,
    pub(super) first_at: u64,
    pub(super) last_at: u64,
}

impl Seen {
    pub(super) fn note(&mut self, code: ProblemCode, detail: impl Into<String>) {
        self.problems.push(Problem::new(code, detail));
    }

    fn pad(&mut self, start: u64, end: u64) {
        if self.padding.len() < PADDING_MAX {
            self.padding.push(ByteRange { start, end });
        }
    }
}

/// Follows a container's structure.
pub(super) trait Watch: Send {
    /// The next bytes, which stand at `offset`; every byte of the file comes once, in order.
    fn feed(&mut self, offset: u64, bytes: &[u8]);

    /// After the last byte of a file of `size_bytes`.
    fn finish(&mut self, size_bytes: u64) -> Seen;
}

/// The watch for a container that begins with `head`.
pub(super) fn watch_for(container: Container, head: &[u8]) -> Box<dyn Watch> {
    match container {
        Container::Mp4 | Container::Mov | Container::ThreeGp => Box::new(iso::watch()),
        Container::MpegTs => {
            let (packet_bytes, sync_at) = ts_packet_bytes(head).unwrap_or((188, 0));
            Box::new(transport::TransportWatch::new(packet_bytes, sync_at))
        }
        Container::Matroska | Container::WebM => Box::new(matroska::watch()),
        Container::Avi | Container::Wav => Box::new(riff::watch()),
        Container::MpegPs => Box::new(program::watch()),
        Container::Flv => Box::new(flv::watch()),
        Container::Asf => Box::new(asf::watch()),
        Container::Ogg => Box::new(ogg::watch()),
        Container::Mxf => Box::new(mxf::MxfWatch::new()),
        Container::H264 => Box::new(ElementaryWatch::new(Stuffing::before(stuffing::is_avc_unit))),
        Container::Hevc => Box::new(ElementaryWatch::new(Stuffing::before(stuffing::is_hevc_unit))),
        _ => Box::new(Unwatched),
    }
}

/// A container without a structure that could prove anything.
struct Unwatched;

impl Watch for Unwatched {
    fn feed(&mut self, _offset: u64, _bytes: &[u8]) {}

    fn finish(&mut self, _size_bytes: u64) -> Seen {
        Seen::default()
    }
}

#[cfg(test)]
mod tests;
