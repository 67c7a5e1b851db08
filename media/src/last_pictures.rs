//! Is the last picture of a stream whole?
//!
//! An MPEG stream has no end mark, and the units that carry pictures in a transport stream do not state
//! their length. A file that was cut between two packets, as any is whose recorder writes in multiples of
//! them, looks whole by its structure: what it lacks is the rest of a picture. Where the structure leaves
//! that open ([`super::watch::Seen::open_ends`]), and only there, the pictures from the last key frame on
//! are decoded, twice: all but the last, and all. If the last alone goes wrong, the file was cut inside it.
//! A stream whose earlier pictures do not decode either proves nothing.

use std::collections::BTreeMap;

use ffmpeg_next::Packet;
use ffmpeg_next::format::context::Input;

use super::inspect::{Care, VideoDecoder};

/// Packets of one group of pictures beyond this are not kept; their end is then not looked at.
const GROUP_BYTES_MAX: usize = 16 << 20;
/// Streams beyond this number are not looked at.
const STREAMS_MAX: usize = 4;

/// The packets of each stream of pictures since its last key frame.
#[derive(Default)]
pub(super) struct LastPictures {
    groups: BTreeMap<usize, Group>,
}

#[derive(Default)]
struct Group {
    packets: Vec<Packet>,
    bytes: usize,
    /// Whether it became too long to be kept.
    given_up: bool,
}

impl LastPictures {
    /// Keeps the next packet of a stream of pictures.
    pub(super) fn keep(&mut self, packet: Packet) {
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
            let id = input.stream(stream)?.id();
            let (_, before) = group.packets.split_last()?;
            let well = |packets: &[Packet]| decodes(input, stream, packets);
            (ids.contains(&id) && well(before)? && !well(&group.packets)?).then_some(id)
        })
    }
}

/// Whether these packets of a stream decode without a fault; `None` if there is no decoder for them.
fn decodes(input: &Input, stream: usize, packets: &[Packet]) -> Option<bool> {
    let mut decoder = VideoDecoder::open(input.stream(stream)?.parameters(), Care::Rough)?;
    let mut ignore = |_: &ffmpeg_next::frame::Video| {};
    Some(packets.iter().all(|packet| decoder.decode(packet, &mut ignore)) && decoder.finish(&mut ignore))
}
