//! What the fuzz targets reach that nobody else may: the packet index, built from packets that no demultiplexer would
//! hand out. Only built under `cfg(fuzzing)`.

use catalog::observation::{StreamIndex, StreamKind};

use super::timeline::{Stamp, TimeBase, Timeline};
use super::track::{Arrival, Identity, Tracks};

/// Bytes of one packet in the input of [`index`].
const PACKET_BYTES: usize = 12;

/// Builds an index from bytes: the first chooses clock and streams, each twelve after that are one packet.
pub fn index(bytes: &[u8]) -> (u64, Vec<StreamIndex>) {
    let Some((&shape, rest)) = bytes.split_first() else { return (0, Vec::new()) };
    let mut timeline = Timeline::new((shape & 1 != 0).then_some(33));
    let mut tracks = Tracks::default();
    for stream in 0..2 + usize::from(shape >> 6) {
        tracks.open(Identity {
            kind: [StreamKind::Video, StreamKind::Audio, StreamKind::Subtitle, StreamKind::Data][stream % 4],
            codec: "fuzz".to_owned(),
            uncompressed: stream == 1 && shape & 2 != 0,
            attached: stream == 0 && shape & 4 != 0,
            entry: (shape & 8 != 0).then_some(*b"gpmd"),
        });
    }
    let mut packets = 0;
    let mut clock = i64::from(shape) << 25;
    for packet in rest.chunks_exact(PACKET_BYTES) {
        let number =
            |at: usize| i32::from_le_bytes([packet[at], packet[at + 1], packet[at + 2], packet[at + 3]]);
        let flags = packet[0];
        let stream = usize::from(flags & 3);
        // A step of the clock: mostly small, at times by anything that 64 bits hold.
        let step = i64::from(number(4));
        clock = if flags & 4 != 0 { step.wrapping_mul(1 << 32) } else { clock.wrapping_add(step >> 8) };
        let dts = (flags & 8 == 0).then_some(clock);
        let pts = (flags & 16 == 0).then_some(clock.saturating_add(i64::from(number(8)) >> 16));
        let time_base = match flags >> 5 {
            0 => TimeBase { num: 1, den: 1_000 },
            1 => TimeBase { num: number(8), den: number(4) },
            2 => TimeBase { num: i32::MAX, den: 1 },
            _ => TimeBase { num: 1, den: 90_000 },
        };
        let position = (flags & 32 == 0).then_some(u64::from(packet[1]) << (packet[2] % 64));
        let stamp = Stamp { stream, dts, pts, time_base, position, steady: stream < 2 };
        if tracks.identity(stream).is_none() {
            continue;
        }
        let (pts_us, dts_us) = timeline.place(&stamp);
        let said_us = (packet[3] & 1 == 0).then(|| time_base.us(i64::from(packet[3]) << (packet[2] % 63)));
        let size_bytes = u64::from(packet[3]) << (packet[1] % 64);
        tracks.add(
            stream,
            &Arrival { pts_us, dts_us, said_us, keyframe: packet[3] & 2 != 0, size_bytes, position },
        );
        packets += 1;
    }
    (packets, tracks.finish().into_iter().map(|finished| finished.index).collect())
}
