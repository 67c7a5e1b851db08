use super::*;

/// A stream of numbers that looks random (splitmix64).
fn random(seed: u64) -> impl FnMut() -> u64 {
    let mut state = seed;
    move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }
}

/// A moving scene: every two seconds another picture.
fn scene(seed: u64, count: usize) -> Vec<Picture> {
    let mut next = random(seed);
    (0i64..).take(count).map(|n| Picture { at_us: MediaTime(n * 2_000_000), bits: next() }).collect()
}

/// The same encoded anew: a few bits flip in each picture, times move by some milliseconds.
fn encoded_anew(pictures: &[Picture], shift_us: i64, seed: u64) -> Vec<Picture> {
    let mut next = random(seed);
    let mut flip = |bits: u64| (0..next() % 6).fold(bits, |bits, _| bits ^ 1 << (next() % 64));
    pictures
        .iter()
        .map(|picture| Picture {
            at_us: MediaTime(picture.at_us.0 + shift_us + (picture.at_us.0 / 2_000_000 % 7) * 9_000),
            bits: flip(picture.bits),
        })
        .collect()
}

fn found(recordings: &[Vec<Picture>]) -> Vec<Alike> {
    let recordings: Vec<&[Picture]> = recordings.iter().map(Vec::as_slice).collect();
    alike(&recordings)
}

#[test]
fn a_part_that_was_cut_out_and_encoded_anew_is_found_where_it_stands() {
    let original = scene(1, 300);
    let copy = encoded_anew(&original[100..150], -195_000_000, 2);
    let [alike] = found(&[original, copy, scene(3, 300)]).try_into().unwrap();
    assert_eq!((alike.one, alike.other), (0, 1));
    assert!((alike.one_start_us.0 - 200_000_000).abs() <= 4_000_000, "{alike:?}");
    assert!((alike.other_start_us.0 - 5_000_000).abs() <= 4_100_000, "{alike:?}");
    assert!(alike.matches >= 45 && alike.length_us.0 >= 90_000_000, "{alike:?}");
}

#[test]
fn many_recordings_of_different_scenes_are_not_alike() {
    let recordings: Vec<_> = (0..200).map(|seed| scene(seed * 7 + 1, 300)).collect();
    assert_eq!(found(&recordings), []);
}

#[test]
fn a_scene_that_does_not_change_marks_no_moment() {
    // Two hearings in one room: all pictures are alike, within a recording and between the two.
    let room = |seed| {
        let mut next = random(seed);
        let still = (0i64..300).map(|n| Picture {
            at_us: MediaTime(n * 2_000_000),
            bits: 0x1234_5678_9abc_def0 ^ 1 << (next() % 64),
        });
        still.collect::<Vec<_>>()
    };
    assert_eq!(found(&[room(1), room(2)]), []);
    // A loop of a minute, in two files.
    let round = scene(5, 30);
    let turns = |count: i64| -> Vec<Picture> {
        let turn = |turn: i64| {
            round.iter().map(move |p| Picture { at_us: MediaTime(p.at_us.0 + turn * 60_000_000), ..*p })
        };
        (0..count).flat_map(turn).collect()
    };
    assert_eq!(found(&[turns(4), turns(7)]), []);
}

#[test]
fn a_short_run_and_one_without_variety_are_not_enough() {
    let original = scene(1, 300);
    let long = encoded_anew(&original[40..50], 0, 2);
    let short = encoded_anew(&original[60..64], 0, 2);
    assert_eq!(found(&[original.clone(), long]).len(), 1);
    assert_eq!(found(&[original.clone(), short]), []);
    // Four kinds of pictures, two seconds of each, none of which comes again.
    let few = |seed| -> Vec<Picture> {
        let kinds = scene(9, 4);
        let slow = (0i64..16).map(|n| Picture {
            at_us: MediaTime(n * 600_000),
            bits: kinds[usize::try_from(n / 4).unwrap()].bits,
        });
        slow.chain(scene(seed, 100).into_iter().map(|p| Picture { at_us: p.at_us + Micros::from_s(60), ..p }))
            .collect()
    };
    assert_eq!(found(&[few(11), few(12)]), []);
}

#[test]
fn the_order_of_the_same_pictures_matters() {
    let original = scene(1, 100);
    let mut backwards = original.clone();
    for (picture, other) in backwards.iter_mut().zip(original.iter().rev()) {
        picture.bits = other.bits;
    }
    assert_eq!(found(&[original, backwards]), []);
}
