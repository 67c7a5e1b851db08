use proptest::prelude::*;

use super::*;

fn full_box(kind: [u8; 4], words: &[u32]) -> Vec<u8> {
    let size = u32::try_from(12 + words.len() * 4).unwrap();
    let mut bytes = [&size.to_be_bytes()[..], &kind, &[0; 4]].concat();
    bytes.extend(words.iter().flat_map(|word| word.to_be_bytes()));
    bytes
}

/// Five samples of 10, 20, 30, 40 and 50 bytes in two chunks, at 100 and at 1000.
fn tables(ctts: &[u32]) -> Vec<u8> {
    [
        full_box(*b"ctts", ctts),
        full_box(*b"stsz", &[0, 5, 10, 20, 30, 40, 50]),
        full_box(*b"stsc", &[2, 1, 3, 1, 2, 2, 1]),
        full_box(*b"stco", &[2, 100, 1000]),
    ]
    .concat()
}

const PLACES: [(u64, u32); 5] = [(100, 10), (110, 20), (130, 30), (1000, 40), (1040, 50)];

#[test]
fn each_sample_has_its_offset() {
    let stbl = tables(&[3, 1, 7, 2, 9, 2, 4]);
    let mut offsets = Offsets::new(&stbl);
    let got = PLACES.map(|(position, size)| offsets.next(position, size));
    assert_eq!(got, [Some(7), Some(9), Some(9), Some(4), Some(4)]);
}

#[test]
fn negative_offsets_shift_the_track_but_for_the_last_two_entries() {
    let minus = |n: i32| n.cast_unsigned();
    let stbl = tables(&[4, 1, 0, 1, minus(-6), 1, minus(-50), 2, 3]);
    let mut offsets = Offsets::new(&stbl);
    let got = PLACES.map(|(position, size)| offsets.next(position, size));
    assert_eq!(got, [Some(6), Some(0), Some(-44), Some(9), Some(9)]);
}

#[test]
fn an_edit_that_leaves_out_or_repeats_samples_is_followed() {
    let stbl = tables(&[5, 1, 1, 1, 2, 1, 3, 1, 4, 1, 5]);
    let mut offsets = Offsets::new(&stbl);
    let order = [2usize, 3, 4, 1, 2];
    let got = order.map(|i| offsets.next(PLACES[i].0, PLACES[i].1));
    assert_eq!(got, [Some(3), Some(4), Some(5), Some(2), Some(3)]);
}

#[test]
fn a_place_that_no_sample_has_is_not_made_up() {
    let stbl = tables(&[1, 5, 1]);
    assert_eq!(Offsets::new(&stbl).next(105, 10), None);
}

#[test]
fn samples_past_the_offset_table_are_presented_when_decoded() {
    let stbl = tables(&[1, 2, 9]);
    let mut offsets = Offsets::new(&stbl);
    let got = PLACES.map(|(position, size)| offsets.next(position, size));
    assert_eq!(got, [Some(9), Some(9), Some(0), Some(0), Some(0)]);
}

#[test]
fn a_track_without_offsets_needs_no_tables() {
    assert_eq!(Offsets::new(&full_box(*b"stsz", &[1, 1])).next(12345, 6), Some(0));
}

#[test]
fn counts_in_the_billions_cost_nothing() {
    let stbl = [
        full_box(*b"ctts", &[u32::MAX, u32::MAX >> 1, 1]),
        full_box(*b"stsz", &[1, u32::MAX]),
        full_box(*b"stsc", &[1, 1, u32::MAX, 1]),
        full_box(*b"stco", &[1, 0]),
    ]
    .concat();
    let mut offsets = Offsets::new(&stbl);
    offsets.steps_left = 1000;
    assert_eq!(offsets.next(u64::MAX, 1), None);
}

proptest! {
    #[test]
    fn any_tables_give_an_answer(
        ctts in prop::collection::vec(any::<u32>(), 0..12),
        stsz in prop::collection::vec(0u32..60, 0..12),
        stsc in prop::collection::vec(0u32..6, 0..12),
        stco in prop::collection::vec(0u32..3000, 0..6),
        places in prop::collection::vec((0u64..4000, 0u32..60), 0..20),
    ) {
        let stbl = [full_box(*b"ctts", &ctts), full_box(*b"stsz", &stsz), full_box(*b"stsc", &stsc), full_box(*b"stco", &stco)]
            .concat();
        let mut offsets = Offsets::new(&stbl);
        offsets.steps_left = 10_000;
        for (position, size) in places {
            let _ = offsets.next(position, size);
        }
    }
}
