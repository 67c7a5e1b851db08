//! What random recordings show and sound like: few scenes, so that recordings show and hear the same, in part.

use analyzer::policy::Policy;
use catalog::inspection::{Checked, Inspection, Look};
use catalog::observation::MediaSpan;
use catalog::trace::{ENVELOPE_STEP_US, Picture, SoundEnvelope};
use catalog::{MediaTime, Micros};

use crate::random_month::Dice;

/// A number that looks random, the same for the same two.
fn scramble(scene: u64, place: u64) -> u64 {
    Dice::new(scene.wrapping_mul(1_000_003).wrapping_add(place)).below(u64::MAX)
}

/// Two pictures a second of a scene, from a place on.
fn pictures(dice: &mut Dice) -> Vec<Picture> {
    let (scene, from, length) = (dice.below(3), dice.below(20), dice.below(60));
    let picture = |at: u64| Picture {
        at_us: MediaTime(i64::try_from(at).unwrap() * 500_000),
        bits: scramble(scene, from + at) ^ (1 << dice.below(64)),
    };
    (0..length).map(picture).collect()
}

/// Half a minute of a scene, from a place on, with noise of its own.
fn sound(dice: &mut Dice) -> SoundEnvelope {
    let (scene, from) = (10 + dice.below(2), dice.below(100));
    let start_us = MediaTime(i64::try_from(dice.below(3)).unwrap() * ENVELOPE_STEP_US);
    let level = |step: u64| {
        let event = scramble(scene, (from + step) / 7) % 120;
        u8::try_from(60 + event + dice.below(10)).unwrap()
    };
    SoundEnvelope { start_us, levels: (0..800).map(level).collect() }
}

fn spans(dice: &mut Dice) -> Vec<MediaSpan> {
    let mut spans = Vec::new();
    let mut at = dice.between(0, 20);
    while dice.one_in(2) {
        let end = at + dice.between(1, 10);
        spans.push(MediaSpan { start_us: MediaTime(at * 1_000_000), end_us: MediaTime(end * 1_000_000) });
        at = end + dice.between(1, 10);
    }
    spans
}

/// What was seen in the bytes of a digest; now and then with other figures than the policy's.
pub(crate) fn look(sha256: &str, policy: &Policy, dice: &mut Dice) -> Look {
    let mut options = policy.inspect.options();
    if dice.one_in(6) {
        options.black_min_us += Micros(1);
    }
    Look {
        sha256: sha256.to_owned(),
        options,
        inspection: Inspection {
            video: Checked::Done,
            audio: Checked::Done,
            black: spans(dice),
            frozen: spans(dice),
            silent: spans(dice),
            ..Inspection::default()
        },
        pictures: pictures(dice),
        sound: (!dice.one_in(3)).then(|| sound(dice)),
    }
}
