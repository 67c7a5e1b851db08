use catalog::observation::StreamIndex;

use super::*;

fn track(kind: StreamKind, packets: &[(u64, u64, i64)]) -> Finished {
    let extents = packets.iter().map(|&(start, end, start_us)| Extent {
        bytes: ByteRange { start, end },
        shown: Some(Shown { start_us, end_us: start_us + 40_000 }),
    });
    Finished {
        index: StreamIndex {
            index: 0,
            kind,
            codec: "h264".to_owned(),
            packets: packets.len() as u64,
            keyframes: 1,
            size_bytes: 0,
            start_us: Some(MediaTime(0)),
            end_us: Some(MediaTime(80_000)),
            interval_us: None,
            gaps: Vec::new(),
        },
        extents: extents.collect(),
        attached: false,
        telemetry: None,
    }
}

fn examination(container: Container) -> Examination {
    let mut examination = Examination::new(Some(container), Access::Sparse);
    examination.tracks = vec![track(StreamKind::Video, &[(1000, 9000, 0), (20_000, 60_000, 40_000)])];
    examination
}

fn damage(container: Container, start: u64, end: u64) -> Option<String> {
    let report = examination(container).report(&[ByteRange { start, end }]);
    report.problems.into_iter().find(|p| p.code == ProblemCode::Damaged).map(|p| p.detail)
}

#[test]
fn zeros_within_packets_are_damage_with_bytes_and_times() {
    assert_eq!(
        damage(Container::Mp4, 30_000, 40_000).as_deref(),
        Some("10000 bytes of packets from byte 30000 on are zeros, from 00:00:00.040 to 00:00:00.080")
    );
    assert_eq!(
        damage(Container::Mp4, 5000, 30_000).as_deref(),
        Some("14000 bytes of packets from byte 5000 on are zeros, from 00:00:00.000 to 00:00:00.080")
    );
}

#[test]
fn zeros_between_packets_are_none_but_in_a_stream_of_packets_throughout() {
    assert_eq!(damage(Container::Mp4, 10_000, 19_000), None);
    assert_eq!(damage(Container::Mp4, 8990, 20_010), None);
    assert!(damage(Container::MpegTs, 10_000, 19_000).is_some());
    assert_eq!(damage(Container::MpegTs, 0, 900), None);
}

#[test]
fn a_file_without_one_packet_cannot_be_used() {
    let mut empty = examination(Container::Mp4);
    empty.tracks = vec![track(StreamKind::Video, &[])];
    empty.conclude();
    assert!(empty.has(ProblemCode::Unreadable));
}

#[test]
fn missing_kinds_of_streams_are_told() {
    let mut mute = examination(Container::Mp4);
    mute.conclude();
    assert!(mute.has(ProblemCode::NoAudio) && !mute.has(ProblemCode::NoVideo));
}

#[test]
fn many_stretches_are_summed_up() {
    let mut examination = examination(Container::Mp4);
    let packets: Vec<_> = (0..100u64).map(|i| (i * 10_000, i * 10_000 + 9000, 0)).collect();
    examination.tracks = vec![track(StreamKind::Video, &packets)];
    let runs: Vec<_> = packets.iter().map(|&(start, end, _)| ByteRange { start, end }).collect();
    let problems = examination.report(&runs).problems;
    assert_eq!(problems.len(), STRETCHES_MAX + 1);
    assert!(problems.iter().any(|p| p.detail.starts_with("84 more")), "{problems:?}");
}
