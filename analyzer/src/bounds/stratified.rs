//! The bound for a sample that was drawn squad by squad, where some squads gave a larger share than others.
//!
//! Each stratum (squad) of `size` items gave `sampled`, a simple random sample of it, independent of the
//! others. If `bad_i` are bad in stratum *i*, the chance to find as few as were found in all is that of a
//! sum of independent hypergeometric numbers. The upper bound is the largest total of bad ones under which
//! that chance may still be above 5 %, however they are spread over the strata: in the worst case all of
//! them hide where the smallest share was looked at.
//!
//! That chance is bounded from above by `E[s^X] / s^found`, for any `s` from 0 to 1 (Markov's inequality);
//! with none found and `s = 0` it is that chance itself. So the bound is *exact* where none is found, and
//! otherwise conservative, for every `s`; the smallest over a fixed list of `s` is taken. `E[s^X]` of one
//! stratum is log-concave in its number of bad ones (Newton's inequalities for elementary symmetric
//! polynomials), so putting the next bad one where it costs least, one after the other, finds the largest
//! total for each `s`.

use std::collections::BinaryHeap;

use super::BoundsError;

/// One squad, or whatever was sampled by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stratum {
    /// Items in it.
    pub size: u64,
    /// How many were drawn.
    pub sampled: u64,
    /// How many of these were bad.
    pub found: u64,
}

/// The values of `s`, besides 0 where nothing was found.
const STEPS: [f64; 19] = [
    0.001, 0.003, 0.01, 0.02, 0.04, 0.07, 0.1, 0.14, 0.18, 0.22, 0.27, 0.32, 0.38, 0.45, 0.52, 0.6, 0.7, 0.8,
    0.9,
];

/// The largest stratum that is computed: the time grows with its square.
pub const MAX_STRATUM_SIZE: u64 = 4000;

/// Two logarithms closer than this are taken for equal, to the side of caution.
const DOUBT: f64 = 1e-9;

/// Upper bound, at the given confidence (one-sided), of the number of bad items in all strata.
///
/// # Errors
/// [`BoundsError`] where a stratum contradicts itself or is too large.
pub fn stratified_bad_upper(strata: &[Stratum], confidence: f64) -> Result<u64, BoundsError> {
    if !(confidence > 0.0 && confidence < 1.0) {
        return Err(BoundsError::Confidence(confidence));
    }
    for Stratum { size, sampled, found } in strata.iter().copied() {
        if size > MAX_STRATUM_SIZE {
            return Err(BoundsError::FrameTooLarge(size));
        }
        if sampled > size {
            return Err(BoundsError::SampleLargerThanFrame { frame_size: size, sampled });
        }
        if found > sampled {
            return Err(BoundsError::FoundMoreThanSampled { sampled, found });
        }
    }
    let found: u64 = strata.iter().map(|stratum| stratum.found).sum();
    // What was seen to be good is good.
    let possible: u64 = strata.iter().map(|stratum| stratum.size - (stratum.sampled - stratum.found)).sum();
    let mut steps = STEPS.to_vec();
    if found == 0 {
        steps.push(0.0);
    }
    let bound = steps
        .into_iter()
        .map(|s| {
            let slack = if s > 0.0 { -(found as f64) * s.ln() } else { 0.0 };
            largest_total(strata, s, slack - (1.0 - confidence).ln())
        })
        .min()
        .unwrap_or(possible);
    Ok(bound.clamp(found, possible))
}

/// The largest number of bad ones, spread as it costs least, whose cost stays below `budget`: the cost is
/// `-ln E[s^X]`.
fn largest_total(strata: &[Stratum], s: f64, budget: f64) -> u64 {
    let mut costs: Vec<Costs> = strata.iter().map(|stratum| Costs::new(*stratum, s)).collect();
    let mut next: BinaryHeap<Next> = costs
        .iter_mut()
        .enumerate()
        .filter_map(|(index, costs)| costs.next().map(|cost| Next { cost, index }))
        .collect();
    let (mut total, mut spent) = (0, 0.0);
    while let Some(Next { cost, index }) = next.pop() {
        if spent + cost >= budget + DOUBT {
            break;
        }
        spent += cost;
        total += 1;
        if let Some(cost) = costs[index].next() {
            next.push(Next { cost, index });
        }
    }
    total
}

/// What one more bad item costs in a stratum.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Next {
    cost: f64,
    index: usize,
}

impl Eq for Next {}

impl PartialOrd for Next {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Next {
    /// The cheapest comes out of the heap first.
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        other.cost.total_cmp(&self.cost).then(other.index.cmp(&self.index))
    }
}

/// The costs of one bad item after the other in one stratum.
struct Costs {
    size: u64,
    bad: u64,
    s: f64,
    /// `chances[x]`: the chance of `x` bad ones in the sample with `bad` bad ones in the stratum.
    chances: Vec<f64>,
    log: f64,
}

impl Costs {
    fn new(stratum: Stratum, s: f64) -> Self {
        let mut chances = vec![0.0; usize::try_from(stratum.sampled).unwrap_or(0) + 1];
        chances[0] = 1.0;
        Self { size: stratum.size, bad: 0, s, chances, log: 0.0 }
    }

    /// The cost of one more; `None` if there is no room for one.
    ///
    /// One of the good items turns bad, each with the same chance: it is in the sample with the chance
    /// (sampled − x) / (size − bad).
    fn next(&mut self) -> Option<f64> {
        if self.bad >= self.size {
            return None;
        }
        let good = (self.size - self.bad) as f64;
        let sampled = self.chances.len() - 1;
        for x in (0..=sampled).rev() {
            let stays = 1.0 - (sampled - x) as f64 / good;
            let comes = if x == 0 { 0.0 } else { self.chances[x - 1] * ((sampled - x + 1) as f64 / good) };
            self.chances[x] = self.chances[x] * stays.max(0.0) + comes;
        }
        self.bad += 1;
        let expected =
            self.chances.iter().rev().fold(0.0, |sum, chance| sum * self.s + chance).max(f64::MIN_POSITIVE);
        let log = -expected.ln();
        let cost = (log - self.log).max(0.0);
        self.log = log;
        Some(cost)
    }
}

#[cfg(test)]
mod tests {
    use super::super::bad_upper;
    use super::*;

    fn stratum(size: u64, sampled: u64, found: u64) -> Stratum {
        Stratum { size, sampled, found }
    }

    /// The chance of at most `found` in all, by adding up every outcome.
    fn chance(strata: &[Stratum], bad: &[u64], found: u64) -> f64 {
        let choose = |n: u64, k: u64| {
            if k > n { 0.0 } else { (0..k).fold(1.0, |ways, i| ways * (n - i) as f64 / (i + 1) as f64) }
        };
        let mut sums = vec![1.0];
        for (stratum, bad) in strata.iter().zip(bad) {
            let mut next = vec![0.0; sums.len() + usize::try_from(stratum.sampled).unwrap()];
            for (already, chance) in sums.iter().enumerate() {
                for x in 0..=stratum.sampled {
                    let here = choose(*bad, x) * choose(stratum.size - bad, stratum.sampled - x)
                        / choose(stratum.size, stratum.sampled);
                    next[already + usize::try_from(x).unwrap()] += chance * here;
                }
            }
            sums = next;
        }
        sums.iter().take(usize::try_from(found).unwrap() + 1).sum()
    }

    /// The largest total under which finding as few has a chance of 5 % or more, over every spread. (A chance
    /// of 5 % to the last digit is still allowed here: floating point cannot tell, so caution decides.)
    fn by_brute_force(strata: &[Stratum]) -> u64 {
        let found = strata.iter().map(|stratum| stratum.found).sum();
        let mut spreads = vec![Vec::new()];
        for stratum in strata {
            spreads = spreads
                .into_iter()
                .flat_map(|spread: Vec<u64>| {
                    (stratum.found..=stratum.size - (stratum.sampled - stratum.found)).map(move |bad| {
                        let mut spread = spread.clone();
                        spread.push(bad);
                        spread
                    })
                })
                .collect();
        }
        spreads
            .into_iter()
            .filter(|bad| chance(strata, bad, found) > 0.05 - 1e-12)
            .map(|bad| bad.iter().sum())
            .max()
            .unwrap_or(found)
    }

    #[test]
    fn without_a_bad_one_the_bound_is_that_of_every_spread() {
        for sizes in [[9, 5, 3], [12, 12, 12], [20, 4, 1], [7, 7, 2]] {
            for sampled in [[3, 3, 1], [1, 1, 1], [4, 0, 1], [6, 2, 0]] {
                let strata: Vec<Stratum> =
                    sizes.iter().zip(sampled).map(|(size, n)| stratum(*size, n.min(*size), 0)).collect();
                let exact = by_brute_force(&strata);
                assert_eq!(stratified_bad_upper(&strata, 0.95).unwrap(), exact, "{strata:?}");
            }
        }
    }

    #[test]
    fn with_bad_ones_the_bound_is_never_below_that_of_every_spread() {
        for (sizes, sampled, found) in [
            ([9, 5, 3], [3, 3, 1], [1, 0, 0]),
            ([12, 12, 6], [6, 6, 3], [0, 1, 0]),
            ([12, 12, 6], [6, 6, 3], [2, 1, 0]),
            ([20, 4, 1], [10, 2, 1], [1, 1, 1]),
            ([10, 10, 10], [5, 8, 2], [0, 3, 1]),
        ] {
            let strata: Vec<Stratum> = (0..3).map(|i| stratum(sizes[i], sampled[i], found[i])).collect();
            let (exact, bound) = (by_brute_force(&strata), stratified_bad_upper(&strata, 0.95).unwrap());
            assert!(bound >= exact && bound <= exact + 8, "{strata:?}: {bound}, every spread {exact}");
        }
    }

    #[test]
    fn one_stratum_without_a_bad_one_has_the_plain_bound() {
        for (size, sampled) in [(300, 30), (60, 6), (1000, 59), (20, 18), (5, 0), (131, 131)] {
            assert_eq!(
                stratified_bad_upper(&[stratum(size, sampled, 0)], 0.95).unwrap(),
                bad_upper(size, sampled, 0, 0.95).unwrap(),
                "{sampled} of {size}"
            );
        }
        assert_eq!(stratified_bad_upper(&[stratum(300, 30, 0)], 0.95).unwrap(), 27);
    }

    #[test]
    fn a_squad_that_nobody_looked_at_may_be_bad_throughout() {
        let strata = [stratum(50, 50, 0), stratum(7, 0, 0)];
        assert_eq!(stratified_bad_upper(&strata, 0.95).unwrap(), 7);
        assert_eq!(stratified_bad_upper(&[], 0.95).unwrap(), 0);
    }

    #[test]
    fn impossible_strata_are_refused() {
        assert!(stratified_bad_upper(&[stratum(3, 4, 0)], 0.95).is_err());
        assert!(stratified_bad_upper(&[stratum(4, 3, 4)], 0.95).is_err());
        assert!(stratified_bad_upper(&[stratum(4, 3, 1)], 1.5).is_err());
        assert!(stratified_bad_upper(&[stratum(MAX_STRATUM_SIZE + 1, 3, 1)], 0.95).is_err());
    }
}
