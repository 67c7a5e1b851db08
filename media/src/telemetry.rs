//! Telemetry within footage: which streams hold it, and their packets on the way to the parsers.
//!
//! | stream | read by |
//! | --- | --- |
//! | sample entry `gpmd` | [`telemetry::gpmf`] |
//! | text (`tx3g`, `text`, SubRip in Matroska) | [`telemetry::dji_srt`]; other subtitles stay subtitles |
//! | KLV, on each program identifier of its own | [`telemetry::klv`] |
//!
//! Containers that are read in order hand their packets over as they pass ([`Telemetry::hear`]). Of a
//! file with sample tables only the packets of these streams are fetched ([`Telemetry::fetch`]).
//!
//! **KLV without a time of its own** (asynchronous, as MISB ST 1402 calls it) gets that of the picture
//! that follows it in the file; for packets behind the last picture, that one's. It may belong to the
//! picture before as well, so the clock's error grows by the distance of two.
//!
//! **Bounds.** At most [`BYTES_MAX`] bytes of [`STREAMS_MAX`] streams are parsed; what is beyond is
//! said in the track's notes. A sample table that lies costs no more than that.

use std::collections::{BTreeMap, VecDeque};

use catalog::observation::{StreamIndex, StreamKind};
use catalog::{MediaTime, Micros};
use telemetry::{Kind, Packet, dji_srt, gpmf, klv};

use super::source::{ByteSource, Skim};
use super::telemetry_track::Found;
use super::track::Identity;

/// Bytes of telemetry that are parsed of one object: an hour of the busiest device there is.
pub(super) const BYTES_MAX: u64 = 64 << 20;
/// Streams of telemetry that are read of one object.
pub(super) const STREAMS_MAX: usize = 4;
/// The largest single packet.
const PACKET_BYTES_MAX: u32 = 8 << 20;
/// Packets that wait for their picture.
const WAITING_MAX: usize = 256;
/// Every so many bytes something is asked for on the way to a packet, where every byte is read anyway:
/// then the reading goes on in order, and nothing is fetched twice.
const STRIDE_BYTES: u64 = 2 << 20;
/// What a packet by itself costs where only what is asked for is fetched.
const JUMP_BYTES: u64 = 64 << 10;
/// Which part of a file telemetry may cost there. Where that is less than one jump, it is only named.
const FRUGAL_PART: u64 = 400;

/// How much of an object is read besides what its index needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// All of it, in order: whoever hashes it reads every byte anyway, and telemetry costs nothing.
    Whole,
    /// As little as possible: where telemetry is scattered over the file, some packets stand for all.
    Frugal,
}

enum Reader {
    Gpmf(gpmf::Reader),
    Subtitles(dji_srt::Reader),
    Klv(klv::Reader),
}

impl Reader {
    /// The parser for a stream, by what the container says of it.
    fn of(identity: &Identity) -> Option<Self> {
        if identity.attached || !matches!(identity.kind, StreamKind::Data | StreamKind::Subtitle) {
            return None;
        }
        match (identity.entry.as_ref(), identity.codec.as_str()) {
            (Some(b"gpmd"), _) => Some(Self::Gpmf(gpmf::Reader::new())),
            (_, "klv") => Some(Self::Klv(klv::Reader::new())),
            (_, "mov_text" | "subrip" | "text") if identity.kind == StreamKind::Subtitle => {
                Some(Self::Subtitles(dji_srt::Reader::new()))
            }
            _ => None,
        }
    }

    /// The parser for a stream that the container does not name, by its first packet.
    fn recognised(bytes: &[u8]) -> Option<Self> {
        matches!(telemetry::recognise("", bytes), Some(Kind::Klv | Kind::MisbSt0601))
            .then(|| Self::Klv(klv::Reader::new()))
    }

    fn push(&mut self, packet: Packet<'_>) {
        match self {
            Self::Gpmf(reader) => reader.push(packet),
            Self::Subtitles(reader) => reader.push(packet),
            Self::Klv(reader) => reader.push(packet),
        }
    }

    fn finish(self) -> telemetry::Track {
        match self {
            Self::Gpmf(reader) => reader.finish(),
            Self::Subtitles(reader) => reader.finish(),
            Self::Klv(reader) => reader.finish(),
        }
    }
}

/// One stream of telemetry; `reader` is `None` where it turned out to be something else.
struct Stream {
    reader: Option<Reader>,
    /// Whether some packets had no time of their own.
    borrowed_times: bool,
    packets: u64,
    /// Packets that were not parsed.
    left_out: u64,
}

/// A packet as it passes by, its times on the continuous timeline.
#[derive(Debug, Clone, Copy)]
pub(super) struct Passing<'a> {
    pub(super) stream: usize,
    pub(super) position: Option<u64>,
    pub(super) pts_us: Option<i64>,
    pub(super) duration_us: Option<i64>,
    pub(super) bytes: &'a [u8],
}

/// A packet without a time, until the next picture shows which one stands before it.
struct Waiting {
    stream: usize,
    position: Option<u64>,
    bytes: Vec<u8>,
}

/// Where a packet of a file with sample tables lies.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    pub(super) stream: usize,
    pub(super) position: u64,
    pub(super) size_bytes: u32,
    pub(super) pts_us: Option<i64>,
    pub(super) duration_us: Option<i64>,
}

/// All telemetry of a file.
pub(super) struct Telemetry {
    streams: BTreeMap<usize, Stream>,
    waiting: VecDeque<Waiting>,
    /// Time of the last picture.
    picture_us: Option<i64>,
    left_bytes: u64,
    notes: Vec<String>,
}

impl Default for Telemetry {
    fn default() -> Self {
        Self {
            streams: BTreeMap::new(),
            waiting: VecDeque::new(),
            picture_us: None,
            left_bytes: BYTES_MAX,
            notes: Vec::new(),
        }
    }
}

impl Telemetry {
    /// A packet of any stream of a container that is read in order.
    pub(super) fn hear(&mut self, identity: &Identity, packet: &Passing<'_>) {
        match identity.kind {
            StreamKind::Video if !identity.attached => {
                if let Some(pts_us) = packet.pts_us {
                    self.see(packet.position, pts_us);
                }
            }
            StreamKind::Data | StreamKind::Subtitle => self.take(identity, packet),
            _ => {}
        }
    }

    /// Whether packets of this stream are to be fetched.
    pub(super) fn wants(&mut self, stream: usize, identity: &Identity) -> bool {
        let reader = Reader::of(identity);
        let wanted = reader.is_some();
        self.open(stream, reader);
        wanted && self.streams.contains_key(&stream)
    }

    fn open(&mut self, stream: usize, reader: Option<Reader>) {
        let open = self.streams.values().filter(|stream| stream.reader.is_some()).count();
        if reader.is_some() && open >= STREAMS_MAX {
            let note =
                format!("there are more than {STREAMS_MAX} streams of telemetry: the others were not read");
            if !self.notes.contains(&note) {
                self.notes.push(note);
            }
            return;
        }
        let stream_of = Stream { reader, borrowed_times: false, packets: 0, left_out: 0 };
        self.streams.insert(stream, stream_of);
    }

    fn take(&mut self, identity: &Identity, packet: &Passing<'_>) {
        if !self.streams.contains_key(&packet.stream) {
            let unnamed = matches!(identity.codec.as_str(), "none" | "bin_data" | "unknown");
            let content = || Reader::recognised(packet.bytes).filter(|_| unnamed);
            self.open(packet.stream, Reader::of(identity).or_else(content));
        }
        let Some(stream) = self.streams.get_mut(&packet.stream) else { return };
        if stream.reader.is_none() {
            return;
        }
        if packet.pts_us.is_some() || !matches!(stream.reader, Some(Reader::Klv(_))) {
            self.push(packet);
            return;
        }
        stream.borrowed_times = true;
        let waiting =
            Waiting { stream: packet.stream, position: packet.position, bytes: packet.bytes.to_vec() };
        self.waiting.push_back(waiting);
        if self.waiting.len() > WAITING_MAX {
            self.release_first(None);
        }
    }

    /// A picture: packets that stand before it in the file are given its time.
    fn see(&mut self, position: Option<u64>, pts_us: i64) {
        while self.waiting.front().is_some_and(|waiting| waiting.position < position) {
            self.release_first(Some(pts_us));
        }
        self.picture_us = Some(pts_us);
    }

    fn release_first(&mut self, next_pts_us: Option<i64>) {
        let Some(Waiting { stream, position, bytes }) = self.waiting.pop_front() else { return };
        let pts_us = next_pts_us.or(self.picture_us);
        self.push(&Passing { stream, position, pts_us, duration_us: None, bytes: &bytes });
    }

    fn push(&mut self, packet: &Passing<'_>) {
        let Some(stream) = self.streams.get_mut(&packet.stream) else { return };
        stream.packets += 1;
        let Some(left_bytes) = self.left_bytes.checked_sub(packet.bytes.len() as u64) else {
            stream.left_out += 1;
            return;
        };
        self.left_bytes = left_bytes;
        if let Some(reader) = &mut stream.reader {
            reader.push(Packet {
                media_us: packet.pts_us.map(MediaTime),
                duration_us: packet.duration_us.filter(|&us| us > 0).map(Micros),
                bytes: packet.bytes,
            });
        }
    }

    /// Fetches packets of a file with sample tables, in the order of their places.
    ///
    /// # Errors
    /// If the source fails; what was read before stays.
    pub(super) fn fetch<S: ByteSource>(
        &mut self,
        skim: &Skim<S>,
        mut wanted: Vec<Wanted>,
        size_bytes: u64,
        effort: Effort,
    ) -> std::io::Result<()> {
        wanted.retain(|packet| {
            packet.size_bytes <= PACKET_BYTES_MAX
                && packet.position.saturating_add(packet.size_bytes.into()) <= size_bytes
        });
        wanted.sort_by_key(|packet| (packet.position, packet.stream));
        let step = if effort == Effort::Frugal { frugal_step(&wanted, size_bytes) } else { Some(1) };
        let Some(step) = step else {
            // Streams without a parser are named by their index alone.
            self.streams.clear();
            return Ok(());
        };
        if step > 1 {
            self.notes.push(format!(
                "one telemetry packet of every {step} was read, because the whole file was not to be read"
            ));
        }
        let mut at = None;
        let mut buffer = Vec::new();
        for packet in wanted.iter().step_by(step) {
            while effort == Effort::Whole
                && let Some(from) = at
                && packet.position.saturating_sub(from) > STRIDE_BYTES
            {
                let next = from + STRIDE_BYTES;
                skim.read_at(next, &mut [0])?;
                at = Some(next);
            }
            let length = usize::try_from(packet.size_bytes).unwrap_or(0);
            if self.left_bytes < u64::from(packet.size_bytes) {
                // Not even fetched; counted by `push`.
                self.left_bytes = 0;
                self.count_left_out(packet.stream);
                continue;
            }
            buffer.resize(length, 0);
            let read = skim.read_at(packet.position, &mut buffer)?;
            at = Some(packet.position.saturating_add(read as u64));
            let &Wanted { stream, position, pts_us, duration_us, .. } = packet;
            let bytes = &buffer[..read];
            self.push(&Passing { stream, position: Some(position), pts_us, duration_us, bytes });
        }
        Ok(())
    }

    fn count_left_out(&mut self, stream: usize) {
        if let Some(stream) = self.streams.get_mut(&stream) {
            stream.packets += 1;
            stream.left_out += 1;
        }
    }

    /// What was found, by stream. `streams` is the finished index.
    pub(super) fn finish<'a>(mut self, streams: impl Iterator<Item = &'a StreamIndex>) -> Vec<Found> {
        while !self.waiting.is_empty() {
            self.release_first(None);
        }
        let video = streams.filter(|stream| stream.kind == StreamKind::Video);
        let picture_us = video.filter_map(|stream| stream.interval_us).max().unwrap_or(Micros::ZERO);
        let mut found = Vec::new();
        for (index, stream) in self.streams {
            let (Some(reader), Ok(index)) = (stream.reader, u32::try_from(index)) else { continue };
            let mut notes = self.notes.clone();
            if stream.left_out > 0 {
                let (left_out, packets) = (stream.left_out, stream.packets);
                notes.push(format!(
                    "{left_out} of {packets} packets were not read: {BYTES_MAX} bytes of telemetry are read of one object"
                ));
            }
            let borrowed_us = if stream.borrowed_times { picture_us } else { Micros::ZERO };
            found.push(Found::new(Some(index), &reader.finish(), borrowed_us, notes));
        }
        found
    }
}

/// Every how many packets one may be read; `None` if not even one.
fn frugal_step(wanted: &[Wanted], size_bytes: u64) -> Option<usize> {
    let mut end = 0u64;
    let mut cost_bytes = 0u64;
    for packet in wanted {
        let near = packet.position.saturating_sub(end) <= JUMP_BYTES && end > 0;
        cost_bytes +=
            if near { u64::from(packet.size_bytes) } else { JUMP_BYTES.max(packet.size_bytes.into()) };
        end = packet.position.saturating_add(packet.size_bytes.into());
    }
    let allowed_bytes = size_bytes / FRUGAL_PART;
    if cost_bytes > 0 && allowed_bytes < JUMP_BYTES {
        return None;
    }
    usize::try_from(cost_bytes.div_ceil(allowed_bytes.max(1)).max(1)).ok()
}

#[cfg(test)]
#[path = "telemetry_tests.rs"]
mod tests;
