//! No bytes make a parser panic, and what a track holds is bounded by what was there to read.

use catalog::{MediaTime, Micros};
use proptest::prelude::*;

use crate::builder::{MAX_NAMES, MAX_PROBLEMS};
use crate::{Kind, Packet, Tolerance, Track, dji_srt, fixtures, gpmf, klv, parse, recognise, thin};

const KINDS: [Kind; 5] = [Kind::DjiSrt, Kind::Gpmf, Kind::Klv, Kind::Nmea, Kind::Gpx];

/// A whole file of each kind.
fn whole(kind: Kind) -> Vec<u8> {
    match kind {
        Kind::DjiSrt => [fixtures::BRACKETED, fixtures::MAVIC_PRO, fixtures::MATRICE, fixtures::PHANTOM]
            .join("\n")
            .into_bytes(),
        Kind::Gpmf => {
            [fixtures::gps5_payload("240503013000.000", 3), fixtures::gps5_payload("240503013001.000", 3)]
                .concat()
        }
        Kind::MisbSt0601 | Kind::Klv => {
            let set = fixtures::st0601(&fixtures::st0601_items());
            [set.clone(), fixtures::klv(&[9; 12], b"other"), set].concat()
        }
        Kind::Nmea => fixtures::NMEA.as_bytes().to_vec(),
        Kind::Gpx => fixtures::GPX.as_bytes().to_vec(),
    }
}

/// What must hold of every track, whatever it was read from.
fn check(track: &Track, size_bytes: usize) {
    let size_bytes = size_bytes as u64;
    // The shortest sample of any format takes four bytes.
    assert!(track.samples_read <= size_bytes / 4 + 1);
    assert!(track.samples.len() as u64 <= track.samples_read);
    assert!(track.units_with_position <= track.samples_read);
    assert!(track.problems.len() <= MAX_PROBLEMS && track.problems.len() as u64 <= track.problems_total);
    assert!(track.other.len() <= MAX_NAMES + 1 && track.unsupported.len() <= MAX_NAMES + 1);
    for problem in &track.problems {
        assert!(problem.to_string().len() < 500, "{problem}");
    }
    for sample in &track.samples {
        if let Some(position) = sample.position {
            assert!(position.lon_deg.abs() <= 180.0 && position.lat_deg.abs() <= 90.0);
        }
    }
    // What is no finite number does not survive JSON.
    let json = serde_json::to_string(track).unwrap();
    assert!(serde_json::from_str::<Track>(&json).is_ok());
    assert!(thin(&track.samples, &Tolerance::default()).len() <= track.samples.len());
    let _ = (track.start_estimate(), track.summaries());
}

fn check_all(bytes: &[u8]) {
    let _ = recognise("a.srt", bytes);
    for kind in KINDS {
        check(&parse(kind, bytes), bytes.len());
    }
}

/// One way of damaging a file.
#[derive(Debug, Clone)]
enum Damage {
    Flip(prop::sample::Index, u8),
    Cut(prop::sample::Index),
    Fill(prop::sample::Index, u8, usize),
    Splice(prop::sample::Index, prop::sample::Index, usize),
}

fn damages() -> impl Strategy<Value = Vec<Damage>> {
    let at = any::<prop::sample::Index>;
    let one = prop_oneof![
        4 => (at(), 1_u8..).prop_map(|(at, bits)| Damage::Flip(at, bits)),
        1 => at().prop_map(Damage::Cut),
        2 => (at(), prop::sample::select(vec![0, 0x7f, 0x80, 0xff, b'[', b':']), 1..9_usize)
            .prop_map(|(at, byte, count)| Damage::Fill(at, byte, count)),
        2 => (at(), at(), 1..200_usize).prop_map(|(from, to, count)| Damage::Splice(from, to, count)),
    ];
    prop::collection::vec(one, 1..8)
}

fn damaged(mut bytes: Vec<u8>, damages: &[Damage]) -> Vec<u8> {
    for damage in damages {
        if bytes.is_empty() {
            break;
        }
        let length = bytes.len();
        match damage {
            Damage::Flip(at, bits) => bytes[at.index(length)] ^= bits,
            Damage::Cut(at) => bytes.truncate(at.index(length)),
            Damage::Fill(at, byte, count) => {
                let at = at.index(length);
                bytes[at..(at + count).min(length)].fill(*byte);
            }
            Damage::Splice(from, to, count) => {
                let from = from.index(length);
                let piece = bytes[from..(from + count).min(length)].to_vec();
                let to = to.index(length);
                bytes.splice(to..to, piece);
            }
        }
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        check_all(&bytes);
    }

    #[test]
    fn arbitrary_letters_that_formats_use_never_panic(
        text in "([0-9.,:;\\-> \\[\\]()<>/$*&\n]|GPS|HOME|D |H |-->|latitude: |<trkpt |lat='|GPGGA,|\u{b0}|高){0,200}",
    ) {
        check_all(text.as_bytes());
    }

    #[test]
    fn damaged_files_never_panic(kind in prop::sample::select(KINDS.to_vec()), damages in damages()) {
        let bytes = damaged(whole(kind), &damages);
        check_all(&bytes);
    }

    #[test]
    fn damaged_packets_never_panic(
        kind in prop::sample::select(vec![Kind::DjiSrt, Kind::Gpmf, Kind::Klv]),
        damages in damages(),
        cuts in prop::collection::vec(1..300_usize, 1..20),
        start_us in any::<i64>(),
        step_us in any::<i64>(),
    ) {
        let bytes = damaged(whole(kind), &damages);
        let mut rest = bytes.as_slice();
        let mut packets = Vec::new();
        let mut media_us = MediaTime(start_us);
        for cut in cuts.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (bytes, after) = rest.split_at((*cut).min(rest.len()));
            packets.push(Packet { media_us: Some(media_us), duration_us: Some(Micros(step_us)), bytes });
            media_us = media_us + Micros(step_us);
            rest = after;
        }
        let track = match kind {
            Kind::DjiSrt => packets.into_iter().fold(dji_srt::Reader::new(), |mut reader, packet| {
                reader.push(packet);
                reader
            }).finish(),
            Kind::Gpmf => packets.into_iter().fold(gpmf::Reader::new(), |mut reader, packet| {
                reader.push(packet);
                reader
            }).finish(),
            _ => packets.into_iter().fold(klv::Reader::new(), |mut reader, packet| {
                reader.push(packet);
                reader
            }).finish(),
        };
        check(&track, bytes.len());
    }
}
