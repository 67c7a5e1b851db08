//! Fingerprints of pictures: what stays when a picture is encoded anew, made smaller or a little
//! brighter, and is another in every other picture.
//!
//! The picture is averaged to 32 × 32 points of brightness, of which the two-dimensional cosine transform
//! (DCT-II) is taken. Of its coarsest waves, 8 × 8 without the constant one (the ninth of the first row
//! takes its place), each gives one bit: whether it is above their median.

use std::collections::BTreeMap;
use std::f32::consts::PI;

use catalog::MediaTime;
use catalog::trace::{PICTURE_STEP_US, PICTURES_MAX, Picture as Fingerprint, thinned};

use super::picture::Picture;

/// Points each way.
const SIDE: usize = 32;
/// Waves each way, and the one that takes the constant one's place.
const WAVES: usize = 8;
/// A picture whose brightness deviates by less (root of the mean square, of 255) has no features.
const CONTRAST_MIN: f32 = 6.0;

/// Gathers fingerprints, thinned as they come.
pub(super) struct Fingerprints {
    found: BTreeMap<i64, Fingerprint>,
    step_us: i64,
    cosines: [[f32; SIDE]; WAVES + 1],
}

impl Default for Fingerprints {
    fn default() -> Self {
        let cosine =
            |wave: usize, point: usize| (PI / SIDE as f32 * (point as f32 + 0.5) * wave as f32).cos();
        let cosines = std::array::from_fn(|wave| std::array::from_fn(|point| cosine(wave, point)));
        Self { found: BTreeMap::new(), step_us: PICTURE_STEP_US, cosines }
    }
}

impl Fingerprints {
    /// The next picture that was decoded; in any order.
    pub(super) fn see(&mut self, at_us: i64, picture: &Picture) {
        let place = at_us.div_euclid(self.step_us);
        if self.found.contains_key(&place) {
            return;
        }
        let Some(bits) = picture.averaged::<SIDE>().and_then(|points| self.bits(&points)) else { return };
        self.found.insert(place, Fingerprint { at_us: MediaTime(at_us), bits });
        if self.found.len() > PICTURES_MAX {
            self.step_us = self.step_us.saturating_mul(2);
            let all = std::mem::take(&mut self.found);
            for (_, fingerprint) in all {
                self.found.entry(fingerprint.at_us.0.div_euclid(self.step_us)).or_insert(fingerprint);
            }
        }
    }

    /// All of them, in order of time.
    pub(super) fn finish(self) -> Vec<Fingerprint> {
        thinned(self.found.into_values().collect())
    }

    /// `None` if there are no features.
    fn bits(&self, points: &[[f32; SIDE]; SIDE]) -> Option<u64> {
        let count = (SIDE * SIDE) as f32;
        let mean = points.iter().flatten().sum::<f32>() / count;
        let variance = points.iter().flatten().map(|point| (point - mean).powi(2)).sum::<f32>() / count;
        if variance < CONTRAST_MIN * CONTRAST_MIN {
            return None;
        }
        let dot = |a: &[f32; SIDE], b: &[f32; SIDE]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
        let rows: [[f32; WAVES + 1]; SIDE] = points.map(|row| self.cosines.map(|wave| dot(&wave, &row)));
        let wave = |across: usize, down: usize| {
            let column: [f32; SIDE] = std::array::from_fn(|row| rows[row][across]);
            dot(&self.cosines[down], &column)
        };
        let mut waves = [0f32; WAVES * WAVES];
        for (number, value) in waves.iter_mut().enumerate() {
            *value = match (number % WAVES, number / WAVES) {
                (0, 0) => wave(WAVES, 0),
                (across, down) => wave(across, down),
            };
        }
        let mut sorted = waves;
        sorted.sort_unstable_by(f32::total_cmp);
        let median = f32::midpoint(sorted[WAVES * WAVES / 2 - 1], sorted[WAVES * WAVES / 2]);
        Some(
            waves
                .iter()
                .enumerate()
                .fold(0, |bits, (number, &value)| bits | u64::from(value > median) << number),
        )
    }
}
