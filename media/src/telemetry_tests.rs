use std::io::Cursor;

use super::super::source::Sparse;
use super::*;

fn identity(kind: StreamKind, codec: &str, entry: Option<[u8; 4]>) -> Identity {
    Identity { kind, codec: codec.to_owned(), uncompressed: false, attached: false, entry }
}

fn klv() -> Identity {
    identity(StreamKind::Data, "klv", None)
}

/// A set that nobody supports.
fn set(value: u8) -> Vec<u8> {
    [&[0x06, 0x0e, 0x2b, 0x34, 2, 1, 1, 1, 14, 1, 1, 2, 1, 1, 0, 0][..], &[1, value]].concat()
}

fn heard(telemetry: &mut Telemetry, position: u64, bytes: &[u8]) {
    let packet = Passing { stream: 1, position: Some(position), pts_us: None, duration_us: None, bytes };
    telemetry.hear(&klv(), &packet);
}

fn picture(telemetry: &mut Telemetry, position: u64, pts_us: i64) {
    let video = identity(StreamKind::Video, "h264", None);
    let packet =
        Passing { stream: 0, position: Some(position), pts_us: Some(pts_us), duration_us: None, bytes: &[] };
    telemetry.hear(&video, &packet);
}

#[test]
fn a_packet_without_a_time_waits_for_the_pictures_around_it() {
    let mut telemetry = Telemetry::default();
    // The demultiplexer hands a picture over only when the next one begins.
    heard(&mut telemetry, 500, &set(1));
    assert_eq!(telemetry.waiting.len(), 1);
    picture(&mut telemetry, 100, 1_000_000);
    assert_eq!(telemetry.waiting.len(), 1, "it stands behind that picture, perhaps behind the next");
    picture(&mut telemetry, 900, 1_040_000);
    assert!(telemetry.waiting.is_empty());
    assert!(telemetry.streams[&1].borrowed_times);
    heard(&mut telemetry, 1000, &set(2));
    let found = telemetry.finish([].iter());
    assert_eq!(found[0].summaries[0].samples, 2);
    assert_eq!(found[0].summaries[0].key.as_deref(), Some("060e2b34 02010101 0e010102 01010000"));
}

#[test]
fn a_data_stream_without_a_name_is_known_by_its_first_packet() {
    let mut telemetry = Telemetry::default();
    let unnamed = identity(StreamKind::Data, "bin_data", None);
    for (stream, bytes) in [(1, set(1)), (2, b"rubbish".to_vec()), (2, set(1))] {
        let packet = Passing { stream, position: None, pts_us: Some(0), duration_us: None, bytes: &bytes };
        telemetry.hear(&unnamed, &packet);
    }
    let found = telemetry.finish([].iter());
    assert_eq!(found.iter().map(|found| found.stream).collect::<Vec<_>>(), [Some(1)]);
}

#[test]
fn streams_and_bytes_are_bounded_and_what_is_left_out_is_said() {
    let mut telemetry = Telemetry::default();
    let gpmd = identity(StreamKind::Data, "bin_data", Some(*b"gpmd"));
    let wanted: Vec<bool> = (0..STREAMS_MAX + 2).map(|stream| telemetry.wants(stream, &gpmd)).collect();
    assert_eq!(wanted.iter().filter(|&&wanted| wanted).count(), STREAMS_MAX);
    telemetry.left_bytes = 100;
    for _ in 0..3 {
        let packet = Passing { stream: 0, position: None, pts_us: None, duration_us: None, bytes: &[0; 60] };
        telemetry.push(&packet);
    }
    let found = telemetry.finish([].iter());
    let notes = &found[0].track.as_ref().unwrap().notes;
    assert!(notes.iter().any(|note| note.contains("more than 4 streams")), "{notes:?}");
    assert!(notes.iter().any(|note| note.starts_with("2 of 3 packets were not read")), "{notes:?}");
}

/// A source that counts what is asked of it.
struct Counted(Cursor<Vec<u8>>, std::sync::Arc<std::sync::Mutex<Vec<(u64, usize)>>>);

impl std::io::Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.1.lock().unwrap().push((self.0.position(), buffer.len()));
        self.0.read(buffer)
    }
}

impl std::io::Seek for Counted {
    fn seek(&mut self, to: std::io::SeekFrom) -> std::io::Result<u64> {
        self.0.seek(to)
    }
}

fn fetched(effort: Effort) -> Vec<(u64, usize)> {
    let asked = std::sync::Arc::default();
    let size_bytes = 20u64 << 20;
    let source = Counted(Cursor::new(vec![0; 20 << 20]), std::sync::Arc::clone(&asked));
    let skim = Skim::new(Sparse::new(source, size_bytes, Vec::new()), Vec::new());
    let mut telemetry = Telemetry::default();
    assert!(telemetry.wants(3, &identity(StreamKind::Data, "bin_data", Some(*b"gpmd"))));
    // Listed out of order, one of them beyond the end.
    let wanted = [9 << 20, 1 << 20, 2 << 20, size_bytes].map(|position| Wanted {
        stream: 3,
        position,
        size_bytes: 100,
        pts_us: Some(0),
        duration_us: None,
    });
    telemetry.fetch(&skim, wanted.to_vec(), size_bytes, effort).unwrap();
    let asked = asked.lock().unwrap();
    asked.clone()
}

#[test]
fn packets_are_fetched_in_order_and_on_the_way_the_reading_is_kept_going() {
    let near = [(1 << 20, 100), (2 << 20, 100)];
    let strides = [1u64, 2, 3].map(|stride| ((2 << 20) + 100 + stride * STRIDE_BYTES, 1));
    let whole = fetched(Effort::Whole);
    assert_eq!(whole[..2], near);
    assert_eq!(whole[2..5], strides);
    assert_eq!(whole[5..], [(9 << 20, 100)]);
    assert_eq!(fetched(Effort::Frugal), [], "not one is worth it");
}

#[test]
fn where_little_may_be_read_scattered_packets_stand_for_all() {
    let packets = |count: u64| -> Vec<Wanted> {
        let wanted = |number| Wanted {
            stream: 0,
            position: number * 1_000_000,
            size_bytes: 200,
            pts_us: None,
            duration_us: None,
        };
        (0..count).map(wanted).collect()
    };
    assert_eq!(frugal_step(&packets(1), 27_000_000), Some(1));
    assert_eq!(frugal_step(&packets(16), 16_000_000), None);
    // 3600 packets in 3.6 GB: 9 MB may be read, 64 KiB are fetched for each.
    let step = frugal_step(&packets(3600), 3_600_000_000).unwrap();
    assert!((26..=28).contains(&step), "{step}");
}
