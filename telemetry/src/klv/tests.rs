use super::*;
use crate::fixtures::{klv, st0601, st0601_items};
use crate::{Datum, Sample};

const OTHER: [u8; 12] = [0x02, 0x01, 0x01, 0x01, 0x0e, 0x01, 0x01, 0x02, 0x01, 0x01, 0, 0];

fn packet() -> Vec<u8> {
    st0601(&st0601_items())
}

/// Some bytes in one cell of a metadata access unit.
fn cell(flags: u8, contents: &[u8]) -> Vec<u8> {
    let length = u16::try_from(contents.len()).unwrap().to_be_bytes();
    [&[0xfc, 0x00, flags], length.as_slice(), contents].concat()
}

fn read(packets: &[&[u8]]) -> Track {
    let mut reader = Reader::new();
    for (bytes, number) in packets.iter().zip(0_i64..) {
        reader.push(Packet { media_us: Some(MediaTime(number * 33_333)), duration_us: None, bytes });
    }
    reader.finish()
}

fn problems(track: &Track) -> Vec<String> {
    track.problems.iter().map(ToString::to_string).collect()
}

#[test]
fn integers_are_mapped_onto_their_ranges_and_error_values_are_none() {
    let track = parse(&packet());
    assert_eq!(track.kind, Kind::MisbSt0601);
    assert_eq!(track.problems, []);
    let sample = &track.samples[0];
    assert_eq!(sample.at.unwrap().to_string(), "2024-05-03T09:30:00+08:00");
    let position = sample.position.unwrap();
    assert!(
        (position.lat_deg - 31.23).abs() < 0.01 && (position.lon_deg - 121.48).abs() < 0.01,
        "{position:?}"
    );
    let altitude = sample.altitude.unwrap();
    assert!((altitude.altitude_m - 32.8).abs() < 0.1);
    assert_eq!(altitude.datum, Datum::SeaLevel);
    let platform = sample.platform.unwrap();
    assert!((platform.yaw_deg.unwrap() - 180.0).abs() < 0.01);
    assert_eq!(platform.pitch_deg, None, "the error value");
    assert_eq!(sample.field_of_view_deg, Some([180.0, 0.0]));
    assert_eq!(sample.footprint, None, "a centre whose latitude is the error value");
    assert_eq!(track.other.keys().collect::<Vec<_>>(), ["tag 3", "tag 65"]);
}

#[test]
fn a_wrong_or_missing_checksum_gives_no_sample() {
    let mut wrong = packet();
    wrong[40] ^= 1;
    let track = read(&[&wrong, &packet()]);
    assert_eq!((track.kind, track.samples_read), (Kind::MisbSt0601, 1));
    let [said] = problems(&track).try_into().unwrap();
    let said: String = said;
    assert!(said.starts_with("byte 0: checksum of an ST 0601 packet is "), "{said}");
    assert!(track.other.values().all(|&count| count == 1), "nothing of the wrong packet counts");

    let none = klv(&[0x02, 0x0b, 0x01, 0x01, 0x0e, 0x01, 0x03, 0x01, 0x01, 0, 0, 0], &[65, 1, 17]);
    assert_eq!(problems(&parse(&none)), ["byte 0: an ST 0601 packet carries no checksum: left out"]);
    // A checksum that is not the last item does not cover what follows.
    let early =
        klv(&[0x02, 0x0b, 0x01, 0x01, 0x0e, 0x01, 0x03, 0x01, 0x01, 0, 0, 0], &[1, 2, 0, 0, 65, 1, 17]);
    assert_eq!(parse(&early).samples, []);
}

#[test]
fn sets_that_are_not_understood_are_named_and_counted() {
    let other = klv(&OTHER, b"who knows");
    let track = read(&[&other, &packet(), &other]);
    assert_eq!(track.kind, Kind::MisbSt0601);
    let key = "060e2b34 02010101 0e010102 01010000".to_owned();
    assert_eq!(track.unsupported, [crate::UnsupportedSet { key, packets: 2 }]);
    let summaries = serde_json::to_value(track.summaries()).unwrap();
    assert_eq!(
        summaries,
        serde_json::json!([
            {"kind": "misb_st0601", "samples": 1, "supported": true},
            {"kind": "klv", "key": "060e2b34 02010101 0e010102 01010000", "samples": 2, "supported": false},
        ])
    );

    let alone = parse(&other);
    assert_eq!((alone.kind, alone.samples_read), (Kind::Klv, 0));
    assert_eq!(alone.summaries().len(), 1);
    assert_eq!(alone.problems, []);
}

#[test]
fn a_set_may_be_spread_over_packets_and_packets_may_hold_several_sets() {
    let whole = packet();
    let expected = read(&[&whole]).samples;
    for cut in 1..whole.len() {
        let track = read(&[&whole[..cut], &whole[cut..]]);
        assert_eq!(track.samples, expected, "{cut}");
        assert_eq!(track.problems, [], "{cut}");
    }
    assert_eq!(read(&[&[whole.clone(), whole].concat()]).samples_read, 2);
}

#[test]
fn cells_of_access_units_are_unwrapped() {
    let whole = packet();
    let expected = read(&[&whole]).samples;
    let wrapped = cell(0xdf, &whole);
    assert_eq!(read(&[&wrapped]).samples, expected);
    assert_eq!(read(&[&[wrapped.clone(), wrapped.clone()].concat()]).samples_read, 2);
    assert_eq!(crate::recognise("", &wrapped), Some(Kind::MisbSt0601));
    let (head, tail) = whole.split_at(60);
    let (first, last) = (cell(0x9f, head), cell(0x5f, tail));
    let track = read(&[&first, &last, &wrapped]);
    assert_eq!((track.samples_read, track.problems.len()), (2, 0), "{:?}", track.problems);
    assert_eq!(track.samples[0], expected[0]);
}

#[test]
fn broken_sets_are_problems_and_reading_goes_on_at_the_next_key() {
    let whole = packet();
    let cut = &whole[..whole.len() - 10];
    let track = read(&[cut, &whole]);
    assert_eq!(track.samples_read, 1);
    assert_eq!(
        problems(&track),
        [format!("byte 0: a KLV set announces {} bytes, {} are there", whole.len(), cut.len())]
    );

    // A length set to the extreme swallows nothing.
    let mut greedy = whole.clone();
    greedy.splice(16..19, [0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
    let track = parse(&[greedy, whole.clone()].concat());
    assert_eq!((track.samples_read, track.problems_total), (1, 1));

    let track = parse(&[b"garbage".as_slice(), &whole, &[0; 20]].concat());
    assert_eq!(problems(&track), ["byte 0: 7 bytes belong to nothing"]);
    assert_eq!(track.samples_read, 1);

    assert_eq!(problems(&parse(b"")), ["byte 0: there is nothing in it"]);
    assert_eq!(
        parse(b"rubbish").problems[1].to_string(),
        "byte 0: this is no KLV: there is no universal key in it"
    );
}

#[test]
fn a_stream_that_never_delivers_is_held_to_a_bound() {
    let mut reader = Reader::new();
    let announces = [&klv(&OTHER, &[])[..16], &[0x84, 0x00, 0x0f, 0xff, 0x00]].concat();
    reader.push(Packet::untimed(&announces));
    for _ in 0..200 {
        reader.push(Packet::untimed(&[1; 8192]));
        assert!(reader.carried.len() <= MAX_SET_BYTES + 8192);
    }
    assert_eq!(reader.finish().unsupported.len(), 1);
}

#[test]
fn corners_come_from_offsets_where_they_are_not_given_whole() {
    let mut items = st0601_items();
    items.retain(|(tag, _)| !matches!(tag, 23 | 24));
    items.push((23, 0x2c6a_5a00_i32.to_be_bytes().to_vec()));
    items.push((24, 0x5663_5a00_i32.to_be_bytes().to_vec()));
    for tag in 26..=33 {
        items.push((tag, i16::MAX.to_be_bytes().to_vec()));
    }
    let sample: Sample = parse(&st0601(&items)).samples.remove(0);
    let footprint = sample.footprint.unwrap();
    let (centre, corners) = (footprint.centre.unwrap(), footprint.corners.unwrap());
    assert!((corners[3].lat_deg - centre.lat_deg - 0.075).abs() < 1e-9);
    assert!((corners[0].lon_deg - centre.lon_deg - 0.075).abs() < 1e-9);
}
