//! Is the last picture of a stream whole?
//!
//! An MPEG stream has no end mark, and the units that carry pictures in a transport stream do not state
//! their length. A file that was cut between two packets, as any is whose recorder writes in multiples of
//! them, looks whole by its structure: what it lacks is the rest of a picture. Where the structure leaves
//! that open ([`super::watch::Seen::open_ends`]), and only there, the pictures from the last key frame on
//! are decoded, twice: all but the last, and all. If the last alone goes wrong, the file was cut inside it.
//! A stream whose earlier pictures do not decode either proves nothing.
//!
//! FFmpeg's decoder of H.265 complains of nothing when the bytes run out: it decodes on in what follows them in
//! memory. So there the last picture is decoded with different bytes put behind it. The slices of H.265 say
//! themselves where they end (ITU-T H.265, 9.3.2.5), and a whole one does not depend on what follows; if the
//! pictures differ, its end was not among its bytes. Nothing of the kind can be done where the end of a slice is
//! told by the next start code (H.264 with variable-length codes, MPEG-2); there the decoders complain.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hasher as _};

use ffmpeg_next::codec::{self, Parameters};
use ffmpeg_next::format::context::Input;
use ffmpeg_next::{Packet, frame};

use super::inspect::{Care, VideoDecoder};

/// What is put behind a last picture: no start code, and nothing that zeros would do as well.
const BEHIND: [u8; 64] = [0xb5; 64];

/// Packets of one group of pictures beyond this are not kept; their end is then not looked at.
const GROUP_BYTES_MAX: usize = 16 << 20;
/// Streams beyond this number are not looked at.
const STREAMS_MAX: usize = 4;

/// The packets of each stream of pictures since its last key frame.
pub(super) struct LastPictures {
    groups: BTreeMap<usize, Group>,
    /// Packets that begin before this byte cannot be of the last group.
    from_byte: u64,
}

#[derive(Default)]
struct Group {
    packets: Vec<Packet>,
    bytes: usize,
    /// Whether it became too long to be kept.
    given_up: bool,
}

impl LastPictures {
    /// For a file of so many bytes.
    pub(super) fn of(size_bytes: u64) -> Self {
        Self { groups: BTreeMap::new(), from_byte: size_bytes.saturating_sub(2 * GROUP_BYTES_MAX as u64) }
    }

    /// Keeps the next packet of a stream of pictures.
    pub(super) fn keep(&mut self, packet: Packet) {
        // No group that is still open at the end can begin here: let the demultiplexer use the memory again.
        if u64::try_from(packet.position()).is_ok_and(|position| position < self.from_byte) {
            return;
        }
        let stream = packet.stream();
        if self.groups.len() >= STREAMS_MAX && !self.groups.contains_key(&stream) {
            return;
        }
        let group = self.groups.entry(stream).or_default();
        if packet.is_key() {
            *group = Group::default();
        } else if group.packets.is_empty() {
            // Nothing before the first key frame can be decoded, nor what follows a group that was given up.
            return;
        }
        group.bytes = group.bytes.saturating_add(packet.size());
        if group.bytes > GROUP_BYTES_MAX {
            *group = Group { given_up: true, ..Group::default() };
        }
        if !group.given_up {
            group.packets.push(packet);
        }
    }

    /// Of the streams with these ids, the first whose last picture is cut.
    pub(super) fn cut(&self, input: &Input, ids: &[i32]) -> Option<i32> {
        self.groups.iter().find_map(|(&stream, group)| {
            let id = Some(input.stream(stream)?.id()).filter(|id| ids.contains(id))?;
            let (last, before) = group.packets.split_last()?;
            let parameters = || Some(input.stream(stream)?.parameters());
            let as_it_is = decode(parameters()?, group.packets.iter())?;
            let mut is_cut = !as_it_is.well;
            if !is_cut && parameters()?.id() == codec::Id::HEVC {
                let longer = with_bytes_behind(last);
                is_cut = decode(parameters()?, before.iter().chain([&longer]))?.pictures != as_it_is.pictures;
            }
            (is_cut && decode(parameters()?, before.iter())?.well).then_some(id)
        })
    }
}

/// What came out of a decoder.
struct Decoded {
    /// Whether nothing was wrong.
    well: bool,
    /// A digest of all pictures.
    pictures: u64,
}

/// Decodes these packets; `None` if there is no decoder for them.
fn decode<'a>(parameters: Parameters, mut packets: impl Iterator<Item = &'a Packet>) -> Option<Decoded> {
    let mut decoder = VideoDecoder::open(parameters, Care::Rough)?;
    let mut pictures = DefaultHasher::new();
    let mut digest = |frame: &frame::Video| {
        for plane in 0..frame.planes() {
            let stride = frame.stride(plane).max(1);
            // Lines are longer in memory than they are wide; what is behind them is nobody's.
            let width = plane_bytes(frame, plane).min(stride);
            frame.data(plane).chunks(stride).for_each(|line| pictures.write(&line[..width.min(line.len())]));
        }
    };
    let well = packets.all(|packet| decoder.decode(packet, &mut digest));
    let well = decoder.finish(&mut digest) && well;
    Some(Decoded { well, pictures: pictures.finish() })
}

/// How many bytes wide a plane is. The pictures of H.265 are planes of one or two bytes a sample.
fn plane_bytes(frame: &frame::Video, plane: usize) -> usize {
    let name = frame.format().descriptor().map_or("", |descriptor| descriptor.name());
    let sample_bytes = if name.ends_with("le") || name.ends_with("be") { 2 } else { 1 };
    usize::try_from(frame.plane_width(plane)).unwrap_or(0) * sample_bytes
}

fn with_bytes_behind(packet: &Packet) -> Packet {
    let mut longer = Packet::copy(&[packet.data().unwrap_or_default(), &BEHIND].concat());
    longer.set_pts(packet.pts());
    longer.set_dts(packet.dts());
    longer.set_flags(packet.flags());
    longer
}
