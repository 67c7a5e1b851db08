//! When two microphones heard the same, by the envelopes of their sound.
//!
//! Two officers' recorders hear the same horns, doors and voices. How loud it is, step by step, rises and falls
//! alike in both, whatever the gain. So the changes of level from step to step are correlated at every distance
//! in time that the clocks' errors allow (by a Fourier transform: O(n log n)), each normalised by what both
//! have in it where they overlap. The greatest correlation is the distance, refined between steps by a
//! parabola, if it stands out: enough sound in common, far above what chance gives over as many tries, and far
//! above the second greatest. Otherwise it is unknown, which is the usual answer for two who were apart.
//!
//! The error that is stated is one step of the envelope and what sound takes for some 14 m: 80 ms.

use catalog::Micros;
use catalog::trace::{ENVELOPE_STEP_US, SoundEnvelope};
use rustfft::FftPlanner;
use rustfft::num_complex::Complex;

use super::rounded;

/// A change of level counts up to so many steps of 0.375 dB: a bang is one event, however loud.
const CHANGE_MAX: i32 = 40;
/// So many steps must overlap at least: 20 s.
const OVERLAP_MIN: usize = 500;
/// Correlation of at least so much.
const PEAK_MIN: f64 = 0.15;
/// Above chance by so many standard deviations: of a million tries none comes so far.
const SIGMAS_MIN: f64 = 7.0;
/// The second greatest correlation may reach so much of the greatest.
const SECOND_MAX: f64 = 0.6;
/// Within so many steps of the greatest, others belong to it.
const PEAK_STEPS: usize = 5;
/// How wrong a distance may be.
const ERROR_US: Micros = Micros(80_000);

/// How two recordings lie to one another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Aligned {
    /// The media time of a sound in the other recording less its media time in the one.
    pub offset_us: Micros,
    /// How wrong that may be, either way.
    pub error_us: Micros,
    /// The correlation there, 1 at most.
    pub peak: f64,
    /// The greatest correlation elsewhere.
    pub second: f64,
    /// How long both heard something.
    pub overlap_us: Micros,
}

/// Aligns two recordings whose distance in media time is known to lie from `least_us` to `most_us`; `None`
/// where they did not certainly hear the same.
pub fn align(
    one: &SoundEnvelope,
    other: &SoundEnvelope,
    least_us: Micros,
    most_us: Micros,
) -> Option<Aligned> {
    let (ours, theirs) = (Changes::of(one), Changes::of(other));
    // A lag of k steps: what is at step i of the one is at step i + k of the other.
    let start_us = other.start_us - one.start_us;
    let lag_of = |offset_us: Micros| (offset_us - start_us).0.div_euclid(ENVELOPE_STEP_US);
    let (longest_before, longest_after) = (
        i64::try_from(ours.values.len()).ok()? - i64::try_from(OVERLAP_MIN).ok()?,
        i64::try_from(theirs.values.len()).ok()? - i64::try_from(OVERLAP_MIN).ok()?,
    );
    let (least, most) =
        (lag_of(least_us).max(-longest_before), lag_of(most_us).saturating_add(1).min(longest_after));
    if least > most || longest_before < 0 || longest_after < 0 {
        return None;
    }
    let products = correlate(&ours.values, &theirs.values);
    let correlation = |lag: i64| ours.normalised(&theirs, lag, &products);
    let all: Vec<(i64, f64, usize)> =
        (least..=most).filter_map(|lag| correlation(lag).map(|(value, heard)| (lag, value, heard))).collect();
    let &(lag, peak, heard) = all.iter().max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))?;
    let apart = |other: i64| other.abs_diff(lag) > PEAK_STEPS as u64;
    let second =
        all.iter().filter(|(other, ..)| apart(*other)).map(|(_, value, _)| *value).fold(0.0, f64::max);
    let stands_out =
        peak >= PEAK_MIN && peak * (heard as f64).sqrt() >= SIGMAS_MIN && second <= SECOND_MAX * peak;
    if !stands_out || lag == least || lag == most {
        return None;
    }
    let beside = |lag: i64| correlation(lag).map_or(0.0, |(value, _)| value);
    let (before, after) = (beside(lag - 1), beside(lag + 1));
    let bend = before - 2.0 * peak + after;
    let between = if bend < 0.0 { ((before - after) / (2.0 * bend)).clamp(-0.5, 0.5) } else { 0.0 };
    let steps = (lag as f64 + between) * ENVELOPE_STEP_US as f64;
    Some(Aligned {
        offset_us: start_us + rounded(steps),
        error_us: ERROR_US,
        peak,
        second,
        overlap_us: Micros(i64::try_from(heard).ok()?.saturating_mul(ENVELOPE_STEP_US)),
    })
}

/// The changes of level from step to step, with sums from which the energy of any stretch follows.
struct Changes {
    values: Vec<f64>,
    /// The sum of squares, and the number of steps with sound, before each step.
    energy: Vec<f64>,
    heard: Vec<usize>,
}

impl Changes {
    fn of(envelope: &SoundEnvelope) -> Self {
        let pairs = envelope.levels.iter().zip(envelope.levels.iter().skip(1));
        // Where there is no sound there is no change either.
        let change = |(&a, &b): (&u8, &u8)| {
            (a > 0 && b > 0).then(|| (i32::from(b) - i32::from(a)).clamp(-CHANGE_MAX, CHANGE_MAX))
        };
        let changes: Vec<Option<i32>> = pairs.map(change).collect();
        let values: Vec<f64> = changes.iter().map(|change| f64::from(change.unwrap_or(0))).collect();
        let mut energy = vec![0.0];
        let mut heard = vec![0];
        for (value, change) in values.iter().zip(&changes) {
            energy.push(energy.last().copied().unwrap_or(0.0) + value * value);
            heard.push(heard.last().copied().unwrap_or(0) + usize::from(change.is_some()));
        }
        Self { values, energy, heard }
    }

    /// The correlation at a lag, and how many steps both have sound for at most; `None` where too few.
    fn normalised(&self, other: &Self, lag: i64, products: &[f64]) -> Option<(f64, usize)> {
        let from = usize::try_from((-lag).max(0)).ok()?;
        let there = usize::try_from(lag.max(0)).ok()?;
        let length = self.values.len().checked_sub(from)?.min(other.values.len().checked_sub(there)?);
        let ours = self.energy[from + length] - self.energy[from];
        let theirs = other.energy[there + length] - other.energy[there];
        let heard = (self.heard[from + length] - self.heard[from])
            .min(other.heard[there + length] - other.heard[there]);
        if heard < OVERLAP_MIN || ours <= 0.0 || theirs <= 0.0 {
            return None;
        }
        let place = usize::try_from(lag.rem_euclid(i64::try_from(products.len()).ok()?)).ok()?;
        Some((products[place] / (ours * theirs).sqrt(), heard))
    }
}

/// At each lag, modulo its own length, the sum of the products of both.
fn correlate(ours: &[f64], theirs: &[f64]) -> Vec<f64> {
    let length = (ours.len() + theirs.len()).next_power_of_two();
    let mut planner = FftPlanner::new();
    let forward = planner.plan_fft_forward(length);
    let spectrum = |values: &[f64]| {
        let mut spectrum: Vec<Complex<f64>> = values.iter().map(|&value| Complex::new(value, 0.0)).collect();
        spectrum.resize(length, Complex::default());
        forward.process(&mut spectrum);
        spectrum
    };
    let mut product: Vec<Complex<f64>> =
        spectrum(ours).iter().zip(spectrum(theirs)).map(|(a, b)| a.conj() * b).collect();
    planner.plan_fft_inverse(length).process(&mut product);
    product.into_iter().map(|value| value.re / length as f64).collect()
}

#[cfg(test)]
mod tests {
    use catalog::MediaTime;

    use super::*;

    /// A stream of numbers from 0 to 1 that looks random.
    fn random(seed: u64) -> impl FnMut() -> f64 {
        let mut state = seed;
        move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as f64 / f64::from(1u32 << 31)
        }
    }

    /// How loud a scene is at a moment, in steps of level: events that come and fade away.
    fn scene(seed: u64, seconds: usize) -> impl Fn(f64) -> f64 {
        let mut next = random(seed);
        let events: Vec<(f64, f64)> =
            (0..seconds * 2).map(|_| (next() * seconds as f64, 30.0 + 90.0 * next())).collect();
        move |at_s| {
            let loud = |(begin, loud): &(f64, f64)| {
                let age = at_s - begin;
                if (0.0..0.8).contains(&age) { loud * (1.0 - age / 0.8) } else { 0.0 }
            };
            60.0 + events.iter().map(loud).fold(0.0, f64::max)
        }
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a byte first")]
    fn level(level: f64) -> u8 {
        level.clamp(1.0, 255.0) as u8
    }

    /// What a microphone that starts at `start_s` of the scene writes, with noise of its own.
    fn heard(
        scene: impl Fn(f64) -> f64,
        start_s: f64,
        seconds: usize,
        noise: f64,
        seed: u64,
    ) -> SoundEnvelope {
        let mut next = random(seed);
        let levels = (0..seconds * 25)
            .map(|step| level(scene(start_s + step as f64 * 0.04) + noise * (next() - 0.5)))
            .collect();
        SoundEnvelope { start_us: MediaTime(0), levels }
    }

    const HOUR: Micros = Micros::from_s(3600);

    #[test]
    fn two_microphones_that_heard_the_same_are_aligned_to_less_than_a_step() {
        for (offset_s, noise) in [(37.013, 10.0), (-12.487, 25.0), (0.020, 0.0)] {
            let scene = scene(3, 900);
            let one = heard(&scene, 100.0, 400, noise, 5);
            let other = heard(&scene, 100.0 - offset_s, 300, noise, 6);
            let found = align(&one, &other, -HOUR, HOUR).unwrap();
            let off_us = (found.offset_us.0 as f64 - offset_s * 1e6).abs();
            assert!(off_us < 40_000.0, "{offset_s}: {found:?}");
            assert!(found.error_us < Micros::from_ms(100));
        }
    }

    #[test]
    fn microphones_at_two_places_are_not_aligned() {
        for seed in 10..18 {
            let one = heard(scene(seed, 300), 0.0, 300, 10.0, 1);
            let other = heard(scene(seed + 100, 300), 0.0, 300, 10.0, 2);
            assert_eq!(align(&one, &other, -HOUR, HOUR), None, "{seed}");
        }
    }

    #[test]
    fn what_comes_again_and_again_tells_no_moment() {
        let scene = scene(3, 20);
        let again = |at_s: f64| scene(at_s.rem_euclid(20.0));
        let (one, other) = (heard(again, 0.0, 300, 5.0, 1), heard(again, 7.0, 300, 5.0, 2));
        assert_eq!(align(&one, &other, -HOUR, HOUR), None);
        // But where the clocks leave only one of the turns, it does.
        let near = align(&one, &other, Micros::from_s(-14), Micros::from_s(-2)).unwrap();
        assert!((near.offset_us + Micros::from_s(7)).abs() < Micros::from_ms(40), "{near:?}");
    }

    #[test]
    fn silence_and_short_overlaps_tell_nothing() {
        let silent = SoundEnvelope { start_us: MediaTime(0), levels: vec![0; 10_000] };
        assert_eq!(align(&silent, &silent, -HOUR, HOUR), None);
        let scene = scene(3, 900);
        let short = heard(&scene, 0.0, 15, 0.0, 1);
        assert_eq!(align(&short, &heard(&scene, 0.0, 400, 0.0, 2), -HOUR, HOUR), None);
        assert_eq!(align(&SoundEnvelope::default(), &short, -HOUR, HOUR), None);
    }
}
