//! How much memory the parsers take at most, measured: a constant plus a multiple of the input, never
//! a length that the input announces.

use peak_alloc::PeakAlloc;
use telemetry::{Kind, MAX_SAMPLES, Sample, parse};

#[global_allocator]
static PEAK: PeakAlloc = PeakAlloc;

/// Bytes that reading takes at its peak, the input not counted.
fn peak_bytes(kind: Kind, bytes: &[u8]) -> usize {
    let before = PEAK.current_usage();
    PEAK.reset_peak_usage();
    let track = parse(kind, bytes);
    let peak = PEAK.peak_usage();
    drop(track);
    peak.saturating_sub(before)
}

/// One test, because the measure is of the whole process.
#[test]
fn memory_is_bounded_by_what_is_there_and_not_by_what_is_announced() {
    const SMALL: usize = 64 << 10;
    // Lengths set to the extreme on a few bytes.
    let greedy: [(Kind, &[u8]); 5] = [
        (Kind::Gpmf, b"DEVC\0\xff\xff\xffSTRM\0\xff\xff\xffGPS5l\xff\xff\xff"),
        (Kind::Gpmf, b"DEVC\0\x01\0\x18STRM\0\x01\0\x10TYPEc\x01\0\x08l[99999]"),
        (
            Kind::Klv,
            b"\x06\x0e\x2b\x34\x02\x0b\x01\x01\x0e\x01\x03\x01\x01\0\0\0\x88\x7f\xff\xff\xff\xff\xff\xff\xff",
        ),
        (Kind::Klv, b"\xfc\0\xdf\xff\xff\x06\x0e\x2b\x34\x02\x0b\x01\x01\x0e\x01\x03\x01\x01\0\0\0\x84\xff\xff\xff\xff"),
        (Kind::Gpx, b"<!DOCTYPE gpx [<!ENTITY a '&a;&a;'>]><gpx version='1.1'><trkpt lat='&a;'><ele>&a;"),
    ];
    for (kind, bytes) in greedy {
        let taken = peak_bytes(kind, bytes);
        assert!(taken < SMALL, "{kind}: {taken} bytes for {bytes:?}");
    }

    // A file made of nothing but samples: as many as a track holds, and four times as many.
    let ceiling = 3 * MAX_SAMPLES * size_of::<Sample>();
    assert!(ceiling < 160 << 20, "{ceiling}");
    let point = "<trkpt lat='1' lon='1'/>";
    for count in [MAX_SAMPLES, 4 * MAX_SAMPLES] {
        let bytes = format!("<gpx version='1.1'>{}</gpx>", point.repeat(count));
        let taken = peak_bytes(Kind::Gpx, bytes.as_bytes());
        assert!(taken < ceiling, "{taken} bytes for {count} points");
    }

    // A text that nests without end, and one subtitle without end.
    for (kind, piece) in
        [(Kind::Gpx, "<gpx version='1.1'>"), (Kind::DjiSrt, "[latitude: 1"), (Kind::Nmea, "$GPGGA,")]
    {
        let bytes = ["1\n00:00:01,000 --> 00:00:02,000\n", piece.repeat(50_000).as_str()].concat();
        let bytes = if kind == Kind::Gpx { &bytes.as_bytes()[32..] } else { bytes.as_bytes() };
        let taken = peak_bytes(kind, bytes);
        assert!(taken < SMALL + 8 * bytes.len(), "{kind}: {taken} bytes for {}", bytes.len());
    }
}
