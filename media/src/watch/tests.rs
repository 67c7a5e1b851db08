use proptest::prelude::*;

use super::*;

/// What a watch sees of a file that arrives in pieces of this size.
fn see(container: Container, file: &[u8], piece: usize) -> Seen {
    let mut watch = watch_for(container, &file[..file.len().min(4096)]);
    let mut offset = 0;
    for bytes in file.chunks(piece) {
        watch.feed(offset, bytes);
        offset += bytes.len() as u64;
    }
    watch.finish(file.len() as u64)
}

fn codes(seen: &Seen) -> Vec<ProblemCode> {
    seen.problems.iter().map(|problem| problem.code).collect()
}

/// A transport packet of PID 0x100.
fn packet(counter: u8, unit: Option<u16>) -> Vec<u8> {
    let mut packet = vec![0x47, 0x01 | if unit.is_some() { 0x40 } else { 0 }, 0, 0x10 | counter & 0xf];
    if let Some(length) = unit {
        packet.extend([0, 0, 1, 0xe0]);
        packet.extend(length.to_be_bytes());
    }
    packet.resize(188, 0xab);
    packet
}

fn stream(count: u8) -> Vec<u8> {
    (0..count).flat_map(|i| packet(i, (i % 4 == 0).then_some(4 * 184 - 6))).collect()
}

#[test]
fn a_whole_transport_stream_has_no_problems() {
    for piece in [1, 187, 188, 1000, 100_000] {
        assert_eq!(see(Container::MpegTs, &stream(40), piece), Seen::default(), "{piece}");
    }
}

#[test]
fn a_transport_stream_cut_in_a_packet_or_in_a_unit_is_truncated() {
    let whole = stream(40);
    assert_eq!(codes(&see(Container::MpegTs, &whole[..188 * 39 + 50], 1000)), [ProblemCode::Truncated]);
    assert_eq!(codes(&see(Container::MpegTs, &whole[..188 * 38], 1000)), [ProblemCode::Truncated]);
}

#[test]
fn lost_steps_and_missing_packets_are_counted() {
    let mut zeroed = stream(60);
    zeroed[188 * 20..188 * 30].fill(0);
    assert!(codes(&see(Container::MpegTs, &zeroed, 1000)).contains(&ProblemCode::Damaged));
    let mut missing = stream(60);
    missing.drain(188 * 20..188 * 23);
    let breaks = see(Container::MpegTs, &missing, 1000).breaks.unwrap();
    assert_eq!((breaks.count, breaks.first_at), (1, 188 * 20));
}

#[test]
fn a_packet_sent_twice_is_no_break() {
    let mut twice = stream(40);
    let again = twice[188 * 7..188 * 8].to_vec();
    twice.splice(188 * 8..188 * 8, again);
    assert_eq!(see(Container::MpegTs, &twice, 1000), Seen::default());
}

#[test]
fn a_scrambled_stream_is_encrypted() {
    let mut scrambled = stream(40);
    for packet in scrambled.chunks_mut(188).skip(1) {
        packet[3] |= 0x80;
    }
    assert_eq!(codes(&see(Container::MpegTs, &scrambled, 500)), [ProblemCode::Encrypted]);
}

/// EBML head, a segment with two clusters of two blocks each.
fn matroska(known: bool) -> Vec<u8> {
    let block = [&[0xa3, 0x85][..], b"block"].concat();
    let cluster = |known: bool| {
        let body = [block.clone(), block.clone()].concat();
        let size = if known { 0x80 | u8::try_from(body.len()).unwrap() } else { 0xff };
        [&[0x1f, 0x43, 0xb6, 0x75, size][..], &body].concat()
    };
    let body = [cluster(known), cluster(known)].concat();
    let size = if known { 0x80 | u8::try_from(body.len()).unwrap() } else { 0xff };
    [&[0x1a, 0x45, 0xdf, 0xa3, 0x81, 0, 0x18, 0x53, 0x80, 0x67, size][..], &body].concat()
}

#[test]
fn matroska_is_truncated_wherever_what_it_announces_is_not_there() {
    for piece in [1, 3, 100] {
        for known in [true, false] {
            assert_eq!(see(Container::Matroska, &matroska(known), piece), Seen::default());
        }
        let whole = matroska(true);
        for length in 12..whole.len() {
            assert_eq!(
                codes(&see(Container::Matroska, &whole[..length], piece)),
                [ProblemCode::Truncated],
                "{length}"
            );
        }
        let live = matroska(false);
        assert_eq!(
            codes(&see(Container::Matroska, &live[..live.len() - 2], piece)),
            [ProblemCode::Truncated]
        );
        assert_eq!(see(Container::Matroska, &live[..live.len() - 7], piece), Seen::default());
    }
}

fn chunk(kind: [u8; 4], body: &[u8]) -> Vec<u8> {
    let mut bytes = [&kind[..], &u32::try_from(body.len()).unwrap().to_le_bytes(), body].concat();
    if body.len() % 2 == 1 {
        bytes.push(0);
    }
    bytes
}

#[test]
fn avi_is_truncated_wherever_it_is_cut() {
    let movi = chunk(*b"LIST", &[&b"movi"[..], &chunk(*b"00dc", b"odd"), &chunk(*b"JUNK", &[0; 9])].concat());
    let whole = chunk(
        *b"RIFF",
        &[&b"AVI "[..], &chunk(*b"LIST", b"hdrlxxxx"), &movi, &chunk(*b"idx1", &[1; 16])].concat(),
    );
    for piece in [1, 7, 1000] {
        let seen = see(Container::Avi, &whole, piece);
        assert_eq!((codes(&seen).len(), seen.padding.len()), (0, 1));
        for length in 30..whole.len() {
            assert_eq!(
                codes(&see(Container::Avi, &whole[..length], piece)),
                [ProblemCode::Truncated],
                "{length}"
            );
        }
    }
}

#[test]
fn a_program_stream_is_truncated_in_its_last_packet() {
    let pack = [&[0, 0, 1, 0xba, 0x44][..], &[0; 8], &[0xf8]].concat();
    let packet = [&[0, 0, 1, 0xe0, 0, 20][..], &[7; 20]].concat();
    let whole = [&pack[..], &packet, &pack, &packet, &[0, 0, 1, 0xb9]].concat();
    for piece in [1, 5, 1000] {
        assert_eq!(see(Container::MpegPs, &whole, piece), Seen::default());
        assert_eq!(
            codes(&see(Container::MpegPs, &whole[..whole.len() - 8], piece)),
            [ProblemCode::Truncated]
        );
    }
}

#[test]
fn a_fragmented_file_is_truncated_in_a_box_and_shows_its_movie_box() {
    let boxed = |kind: [u8; 4], body: &[u8]| {
        [&u32::try_from(body.len() + 8).unwrap().to_be_bytes()[..], &kind, body].concat()
    };
    let whole = [boxed(*b"ftyp", b"isom"), boxed(*b"moov", b"movie"), boxed(*b"mdat", &[1; 30])].concat();
    for piece in [1, 9, 1000] {
        let seen = see(Container::Mp4, &whole, piece);
        assert_eq!((seen.problems.len(), seen.moov.as_deref()), (0, Some(&b"movie"[..])));
        for length in whole.len() - 35..whole.len() {
            assert_eq!(
                codes(&see(Container::Mp4, &whole[..length], piece)),
                [ProblemCode::Truncated],
                "{length}"
            );
        }
    }
}

/// A head, and two tags with the lengths that follow them.
fn flash() -> Vec<u8> {
    let tag = |kind: u8, body: &[u8]| {
        let size = u32::try_from(body.len()).unwrap().to_be_bytes();
        let tag = [&[kind], &size[1..], &[0; 7], body].concat();
        let length = u32::try_from(tag.len()).unwrap().to_be_bytes();
        [&tag[..], &length].concat()
    };
    [&b"FLV\x01\x05\0\0\0\x09\0\0\0\0"[..], &tag(9, b"picture"), &tag(8, b"sound")].concat()
}

#[test]
fn flash_video_is_truncated_wherever_it_is_cut_but_between_tags() {
    let whole = flash();
    let between = [whole.len(), whole.len() - 4, whole.len() - 20, whole.len() - 24];
    for piece in [1, 6, 1000] {
        for length in 14..=whole.len() {
            let expected: &[_] = if between.contains(&length) { &[] } else { &[ProblemCode::Truncated] };
            // What is left of the length of a tag is no loss of footage; it is said all the same.
            assert_eq!(codes(&see(Container::Flv, &whole[..length], piece)), expected, "{length}");
        }
        let mut wiped = whole.clone();
        wiped[31..40].fill(0);
        assert_eq!(codes(&see(Container::Flv, &wiped, piece)), [ProblemCode::Damaged]);
    }
}

#[test]
fn ogg_is_truncated_without_the_last_page_of_each_stream() {
    let page = |flags: u8, body: &[u8]| {
        let mut page = b"OggS\0".to_vec();
        page.push(flags);
        page.extend([0; 8]);
        page.extend(7u32.to_le_bytes());
        page.extend([0; 8]);
        page.extend([1, u8::try_from(body.len()).unwrap()]);
        page.extend(body);
        page
    };
    let whole = [page(2, b"first"), page(0, b"second"), page(4, b"last")].concat();
    for piece in [1, 11, 1000] {
        assert_eq!(see(Container::Ogg, &whole, piece), Seen::default());
        for length in 1..whole.len() {
            assert_eq!(
                codes(&see(Container::Ogg, &whole[..length], piece)),
                [ProblemCode::Truncated],
                "{length}"
            );
        }
        let mut wiped = whole.clone();
        wiped[33..50].fill(0);
        assert_eq!(
            codes(&see(Container::Ogg, &wiped, piece)),
            [ProblemCode::Truncated, ProblemCode::Damaged]
        );
    }
}

#[test]
fn windows_media_is_truncated_where_its_head_announces_more_unless_it_was_a_broadcast() {
    let object = |id: &[u8; 16], size: u64, body: &[u8]| [&id[..], &size.to_le_bytes(), body].concat();
    let file = |announced: u64, flags: u8, data_bytes: u64| {
        let mut properties = vec![0; 80];
        properties[16..24].copy_from_slice(&announced.to_le_bytes());
        properties[64] = flags;
        let properties =
            object(b"\xa1\xdc\xab\x8c\x47\xa9\xcf\x11\x8e\xe4\x00\xc0\x0c\x20\x53\x65", 104, &properties);
        let header = b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c";
        let data = b"\x36\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c";
        [object(header, 30 + 104, &[1, 0, 0, 0, 1, 2]), properties, object(data, data_bytes, &[9; 40])]
            .concat()
    };
    let size = file(0, 0, 0).len() as u64;
    for piece in [1, 13, 1000] {
        let codes_of = |file: &[u8]| codes(&see(Container::Asf, file, piece));
        assert_eq!(codes_of(&file(size, 0, 64)), []);
        assert_eq!(codes_of(&file(size + 1, 0, 64)), [ProblemCode::Truncated]);
        assert_eq!(codes_of(&file(size + 1, 1, 64)), []);
        assert_eq!(codes_of(&file(size + 1, 1, 65)), [ProblemCode::Truncated]);
        assert_eq!(codes_of(&file(0, 0, 0)), []);
    }
}

#[test]
fn long_zeros_before_a_unit_are_stuffing_wherever_the_pieces_are_cut() {
    let unit = [1, 0x65, 9, 9, 9];
    let other = [1, 0xff, 9, 9, 9];
    for zeros in [100, 2047, 2048, 9000] {
        for piece in [1, 7, 2048, 4096, 100_000] {
            for before in [1, 2047, 5000] {
                let stuffed =
                    [&vec![7; before][..], &vec![0; zeros], &unit, &vec![0; zeros], &other].concat();
                let seen = see(Container::H264, &stuffed, piece);
                let found = ByteRange { start: before as u64, end: (before + zeros) as u64 };
                let expected = if zeros < 2048 { vec![] } else { vec![found] };
                assert_eq!(seen.padding, expected, "{zeros} {piece} {before}");
            }
        }
    }
}

#[test]
fn mxf_is_followed_from_key_to_key() {
    let item = |kind: [u8; 12], value: &[u8]| {
        let length = u32::try_from(value.len()).unwrap().to_be_bytes();
        [&[0x06, 0x0e, 0x2b, 0x34], &kind[..], &[0x84], &length, value].concat()
    };
    let pack = |kind: u8, footer: u64| {
        let value = [&[0; 24][..], &footer.to_be_bytes(), &[0; 56]].concat();
        item([2, 5, 1, 1, 0x0d, 1, 2, 1, 1, kind, 4, 0], &value)
    };
    let picture = [1, 2, 1, 1, 0x0d, 1, 3, 1, 0x15, 1, 5, 1];
    let fill = item([1, 1, 1, 2, 3, 1, 2, 0x10, 1, 0, 0, 0], &[0; 5000]);
    let filled_up = item(picture, &[&[9; 100][..], &[0; 5000]].concat());
    let body = [&fill[..], &filled_up, &item(picture, &vec![9; 70_000])].concat();
    let footer = (pack(2, 0).len() + body.len()) as u64;
    let whole = [&pack(2, footer)[..], &body, &pack(4, footer)].concat();
    let first = pack(2, 0).len() as u64;
    for piece in [1, 19, 1000, 100_000] {
        let seen = see(Container::Mxf, &whole, piece);
        assert_eq!(codes(&seen), []);
        let fill_end = first + fill.len() as u64;
        let padding = [
            ByteRange { start: first, end: fill_end },
            ByteRange { start: fill_end + 21 + 100, end: fill_end + filled_up.len() as u64 },
        ];
        assert_eq!(seen.padding, padding);
        // Cut in a value, in a key, and between two items.
        for length in [whole.len() - 1, whole.len() - 90, usize::try_from(footer).unwrap(), 200] {
            assert_eq!(
                codes(&see(Container::Mxf, &whole[..length], piece)),
                [ProblemCode::Truncated],
                "{length}"
            );
        }
        let mut wiped = whole.clone();
        let key = usize::try_from(first).unwrap() + fill.len();
        wiped[key - 500..key + 3000].fill(0);
        assert_eq!(codes(&see(Container::Mxf, &wiped, piece)), [ProblemCode::Damaged]);
        assert_eq!(codes(&see(Container::Mxf, &[&whole[..], &[0; 900]].concat(), piece)), []);
    }
}

proptest! {
    #[test]
    fn any_bytes_in_any_pieces_are_seen_alike(
        bytes in prop::collection::vec(prop_oneof![Just(0u8), Just(0x47), Just(1), any::<u8>()], 0..1500),
        piece in 1usize..400,
    ) {
        let containers = [
            Container::Mp4, Container::MpegTs, Container::Matroska, Container::Avi, Container::MpegPs, Container::Flv,
            Container::Ogg, Container::Asf, Container::Mxf, Container::H264, Container::Hevc,
        ];
        for container in containers {
            prop_assert_eq!(see(container, &bytes, piece), see(container, &bytes, 100_000));
        }
    }
}
