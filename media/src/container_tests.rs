use proptest::prelude::*;

use super::*;

fn boxed(kind: [u8; 4], body: &[u8]) -> Vec<u8> {
    [&u32::try_from(body.len() + 8).unwrap().to_be_bytes()[..], &kind, body].concat()
}

#[test]
fn containers_are_told_by_their_first_bytes() {
    let ts = |prefix: usize| {
        let packet = [vec![0; prefix], vec![0x47], vec![1; 187]].concat();
        packet.repeat(6)
    };
    let cases: &[(Vec<u8>, Container)] = &[
        (boxed(*b"ftyp", b"isom\0\0\0\0"), Container::Mp4),
        (boxed(*b"ftyp", b"qt  \0\0\0\0"), Container::Mov),
        (boxed(*b"ftyp", b"3gp4\0\0\0\0"), Container::ThreeGp),
        (boxed(*b"wide", b""), Container::Mov),
        (boxed(*b"moof", b"12345678"), Container::Mp4),
        (ts(0), Container::MpegTs),
        (ts(4), Container::MpegTs),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x88matroska".to_vec(), Container::Matroska),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm".to_vec(), Container::WebM),
        (b"RIFF\0\0\0\0AVI LIST".to_vec(), Container::Avi),
        (b"RIFF\0\0\0\0WAVEfmt ".to_vec(), Container::Wav),
        (b"\0\0\x01\xba\x44\0\x04".to_vec(), Container::MpegPs),
        (b"\0\0\x01\xba\x21\0\x01".to_vec(), Container::MpegPs),
        (b"FLV\x01\x05".to_vec(), Container::Flv),
        (b"#!AMR\n".to_vec(), Container::Amr),
        (b"\0\0\0\x01\x67\x64\0\x1f\0\0\x01\x68\xee\x3c\x80\0\0\x01\x65\x88".to_vec(), Container::H264),
        (b"\0\0\0\x01\x40\x01\x0c\x01\0\0\x01\x42\x01\x01\x01\0\0\x01\x44\x01\xc1".to_vec(), Container::Hevc),
        ([&b"\xff\xf1\x50\x80\x02\x1f\xfc"[..], &[0; 9]].concat().repeat(5), Container::Aac),
        ([&b"\xff\xfb\x90\0"[..], &[0; 413]].concat().repeat(5), Container::Mp3),
    ];
    for (head, expected) in cases {
        assert_eq!(sniff(head), Some(*expected), "{expected:?}");
    }
}

#[test]
fn what_is_no_container_is_named() {
    for (head, expected) in [
        (&b"DEVC\0\x01\0\x10"[..], "GPMF"),
        (b"1\r\n00:00:00,000 --> 00:00:01,000\r\n<font>", "SubRip"),
        (b"\xef\xbb\xbf{\"a\": 1}", "JSON"),
        (b"<?xml version=\"1.0\"?>\n<gpx version=\"1.1\">", "GPX"),
        (b"# Title\n\nSome words.", "a text"),
        (b"\0\0\0\0\0\0", "zero bytes"),
        (b"\xff\xd8\xff\xe0", "JPEG"),
    ] {
        assert_eq!(sniff(head), None, "{expected}");
        assert!(resembles(head).contains(expected), "{}", resembles(head));
    }
}

#[test]
fn files_with_sample_tables_are_visited_sparsely_and_others_in_order() {
    let ftyp = boxed(*b"ftyp", b"isom\0\0\0\0");
    let table = [ftyp.clone(), boxed(*b"moov", &boxed(*b"mvhd", b"x"))].concat();
    let fragments = [ftyp.clone(), boxed(*b"moov", &boxed(*b"mvex", b"x"))].concat();
    let segment = [boxed(*b"styp", b"msdh"), boxed(*b"moof", b"")].concat();
    let late = [ftyp, boxed(*b"mdat", &[7; 100])].concat();
    let seen = [table, late, fragments, segment].map(|head| access(&head));
    assert_eq!(seen, [Access::Sparse, Access::Sparse, Access::Sequential, Access::Sequential]);
    assert_eq!(access(b"FLV\x01"), Access::Sequential);
}

proptest! {
    #[test]
    fn any_head_is_looked_at(head in prop::collection::vec(any::<u8>(), 0..2000)) {
        let _ = (sniff(&head), access(&head), resembles(&head));
    }

    #[test]
    fn any_boxes_are_looked_at(sizes in prop::collection::vec(0u32..40, 1..20), kind in 0usize..4) {
        let kinds = [b"ftyp", b"moov", b"free", b"mdat"];
        let head: Vec<u8> = sizes
            .iter()
            .enumerate()
            .flat_map(|(i, size)| [&size.to_be_bytes()[..], &kinds[(i + kind) % 4][..], b"abcd"].concat())
            .collect();
        let _ = (sniff(&head), access(&head));
    }
}
