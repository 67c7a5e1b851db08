//! What every fuzz target does with its bytes.

use catalog::observation::StreamIndex;
use catalog::{MediaTime, Micros};
use telemetry::{Kind, Packet, Tolerance, Track, parse, recognise, thin};

/// Reads the bytes as a whole file of a kind, and does with the track what the project does.
pub fn whole(kind: Kind, bytes: &[u8]) {
    let _ = recognise("fuzz", bytes);
    used(&parse(kind, bytes));
}

/// Cuts the bytes into packets: the first of each piece says how many bytes follow.
pub fn packets(bytes: &[u8]) -> Vec<Packet<'_>> {
    let mut packets = Vec::new();
    let mut rest = bytes;
    while let Some((&length, after)) = rest.split_first() {
        let (bytes, after) = after.split_at(after.len().min(usize::from(length) * 4));
        let number = packets.len() as i64;
        let media_us = (length % 7 != 0).then_some(MediaTime(number * 1_001_000));
        let duration_us = (length % 5 != 0).then_some(Micros(1_001_000));
        packets.push(Packet { media_us, duration_us, bytes });
        rest = after;
    }
    packets
}

/// What must hold of every track.
pub fn used(track: &Track) {
    assert!(track.samples.len() <= telemetry::MAX_SAMPLES);
    assert!(track.problems.len() <= telemetry::MAX_PROBLEMS);
    assert!(track.other.len() <= telemetry::MAX_NAMES + 1);
    for position in track.samples.iter().filter_map(|sample| sample.position) {
        assert!(position.lon_deg.abs() <= 180.0 && position.lat_deg.abs() <= 90.0);
    }
    let _ = (track.start_estimate(), track.summaries());
    assert!(thin(&track.samples, &Tolerance::default()).len() <= track.samples.len());
}

/// What must hold of the index of every file.
pub fn indexed(streams: &[StreamIndex]) {
    for stream in streams {
        assert!(stream.keyframes <= stream.packets);
        assert_eq!(stream.start_us.is_some(), stream.end_us.is_some());
        let mut until_us = stream.start_us;
        for gap in &stream.gaps {
            assert!(gap.start_us < gap.end_us, "a gap lasts");
            assert!(until_us <= Some(gap.start_us) && Some(gap.end_us) <= stream.end_us, "in order, and inside");
            until_us = Some(gap.end_us);
        }
    }
}
