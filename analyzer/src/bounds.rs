//! What a sample proves about the whole, exactly.
//!
//! Of `frame_size` obligations, `sampled` are drawn without replacement and `found` of these are bad.
//! If `bad` of all are bad, the number found follows the hypergeometric distribution. The upper bound at
//! confidence 95 % is the largest `bad` under which finding as few as `found` still has a chance above
//! 5 %: any larger number would have shown itself. No normal approximation, no "infinite" population:
//! 30 of 300 checked and none bad still allows 27 bad ones, 9.0 %.
//!
//! The distribution assumes that every item has the same chance to be drawn. docs/sampling.md says what
//! that means for a sample that must also reach certain squads.
//!
//! Chances are computed with the saddle-point expansion of C. Loader, "Fast and Accurate Computation of
//! Binomial Probabilities" (2000), which keeps about 13 digits at a million items. Where a chance is so
//! close to the limit that these digits cannot tell, it is compared in whole numbers; where those would
//! be too large for 128 bits, the larger bound is given, which errs on the side of caution.

use std::cmp::Ordering;

mod stratified;

pub use stratified::{MAX_STRATUM_SIZE, Stratum, stratified_bad_upper};

/// Why there is no figure.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum BoundsError {
    /// More was drawn than there is.
    #[error("{sampled} sampled of {frame_size}: no more can be sampled than there are")]
    SampleLargerThanFrame {
        /// How many there are.
        frame_size: u64,
        /// How many were drawn.
        sampled: u64,
    },
    /// More bad ones than were looked at.
    #[error("{found} found among {sampled} sampled: no more can be found than were looked at")]
    FoundMoreThanSampled {
        /// How many were drawn.
        sampled: u64,
        /// How many were bad.
        found: u64,
    },
    /// No confidence.
    #[error("a confidence of {0}: expected a number above 0 and below 1, such as 0.95")]
    Confidence(f64),
    /// Too many for exact arithmetic.
    #[error("{0} items: exact figures are given up to {MAX_FRAME_SIZE}")]
    FrameTooLarge(u64),
}

/// The largest frame that is computed: beyond, whole numbers no longer fit a double.
pub const MAX_FRAME_SIZE: u64 = 1 << 52;

/// Parts of a billion: confidences are taken to nine decimals, so that 0.95 means just that.
const BILLION: u64 = 1_000_000_000;

/// Two chances closer than this part of one another are compared in whole numbers.
const DOUBT: f64 = 1e-9;

/// Upper bound, at the given confidence (one-sided, such as 0.95), of the share of bad items in the
/// frame, from 0 to 1. Where nothing was sampled nothing is known: 1.
pub fn missing_rate_upper(
    frame_size: u64,
    sampled: u64,
    found: u64,
    confidence: f64,
) -> Result<f64, BoundsError> {
    if frame_size == 0 && sampled == 0 && found == 0 {
        risk_in_billionths(confidence)?;
        return Ok(1.0);
    }
    let bad = bad_upper(frame_size, sampled, found, confidence)?;
    Ok(bad as f64 / frame_size as f64)
}

/// The same bound as a number of items.
pub fn bad_upper(frame_size: u64, sampled: u64, found: u64, confidence: f64) -> Result<u64, BoundsError> {
    let risk = risk_in_billionths(confidence)?;
    if frame_size > MAX_FRAME_SIZE {
        return Err(BoundsError::FrameTooLarge(frame_size));
    }
    if sampled > frame_size {
        return Err(BoundsError::SampleLargerThanFrame { frame_size, sampled });
    }
    if found > sampled {
        return Err(BoundsError::FoundMoreThanSampled { sampled, found });
    }
    // With as many bad ones as were found, finding no more is certain; with more, it gets ever less
    // likely. The largest number that is still likely enough lies in [low, high].
    let (mut low, mut high) = (found, frame_size - (sampled - found));
    while low < high {
        let middle = low + (high - low).div_ceil(2);
        if is_likelier(Tail { frame_size, bad: middle, sampled, found }, risk) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    Ok(low)
}

/// The chance that a sample holds at least one of `bad` bad items; `None` if there are not as many items.
pub fn catch_chance(frame_size: u64, sampled: u64, bad: u64) -> Option<f64> {
    (frame_size <= MAX_FRAME_SIZE && sampled <= frame_size && bad <= frame_size)
        .then(|| (1.0 - Tail { frame_size, bad, sampled, found: 0 }.chance()).clamp(0.0, 1.0))
}

/// How many must be sampled so that, with `found` bad ones among them, a share of at most `rate` can be
/// claimed at the given confidence; `None` if no sample would do.
pub fn sample_size_for(
    frame_size: u64,
    found: u64,
    rate: f64,
    confidence: f64,
) -> Result<Option<u64>, BoundsError> {
    let enough = |sampled| Ok(missing_rate_upper(frame_size, sampled, found, confidence)? <= rate);
    if found > frame_size || !enough(frame_size)? {
        return Ok(None);
    }
    // The bound falls as the sample grows.
    let (mut low, mut high) = (found, frame_size);
    while low < high {
        let middle = low + (high - low) / 2;
        if enough(middle)? {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    Ok(Some(low))
}

fn risk_in_billionths(confidence: f64) -> Result<u64, BoundsError> {
    if !(confidence > 0.0 && confidence < 1.0) {
        return Err(BoundsError::Confidence(confidence));
    }
    // Within 0 to 1e9, so the cast is exact.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let risk = ((1.0 - confidence) * BILLION as f64).round() as u64;
    if risk == 0 || risk == BILLION { Err(BoundsError::Confidence(confidence)) } else { Ok(risk) }
}

/// "At most `found` of the `sampled` are bad, if `bad` of `frame_size` are."
#[derive(Debug, Clone, Copy)]
struct Tail {
    frame_size: u64,
    bad: u64,
    sampled: u64,
    found: u64,
}

/// Whether the chance is above `risk` billionths.
fn is_likelier(tail: Tail, risk: u64) -> bool {
    let (chance, limit) = (tail.chance(), risk as f64 / BILLION as f64);
    if (chance - limit).abs() > DOUBT * limit {
        return chance > limit;
    }
    tail.compare_exactly(risk).is_none_or(|order| order == Ordering::Greater)
}

impl Tail {
    /// The chance, from 0 to 1.
    fn chance(self) -> f64 {
        let Self { frame_size, bad, sampled, found } = self;
        let lowest = (bad + sampled).saturating_sub(frame_size);
        let highest = bad.min(sampled);
        if found >= highest {
            return 1.0;
        }
        if found < lowest {
            return 0.0;
        }
        // Summed from the term nearest the distribution's middle outwards, so that terms shrink and
        // nothing of weight is lost.
        let middle = bad as f64 * sampled as f64 / frame_size as f64;
        let (n, b, s) = (frame_size as f64, bad as f64, sampled as f64);
        if (found as f64) < middle {
            let mut term = point_chance(found as f64, b, n - b, s);
            let mut sum = term;
            for x in (lowest + 1..=found).rev() {
                let x = x as f64;
                term *= x * (n - b - s + x) / ((b - x + 1.0) * (s - x + 1.0));
                sum += term;
                if term < sum * f64::EPSILON {
                    break;
                }
            }
            sum.min(1.0)
        } else {
            let mut term = point_chance(found as f64 + 1.0, b, n - b, s);
            let mut sum = term;
            for x in found + 2..=highest {
                let x = x as f64;
                term *= (b - x + 1.0) * (s - x + 1.0) / (x * (n - b - s + x));
                sum += term;
                if term < sum * f64::EPSILON {
                    break;
                }
            }
            (1.0 - sum).clamp(0.0, 1.0)
        }
    }

    /// Compares the chance with `risk` billionths in whole numbers; `None` if they get too large.
    ///
    /// Bad and sampled may change places, and either may be replaced by the rest, without a change of
    /// the chance: the smallest of the four gives the smallest numbers.
    fn compare_exactly(self, risk: u64) -> Option<Ordering> {
        let Self { frame_size, bad, sampled, found } = self;
        let ways = [
            (sampled, bad, 0, found),
            (bad, sampled, 0, found),
            (frame_size - sampled, bad, bad.checked_sub(found)?, bad),
            (frame_size - bad, sampled, sampled.checked_sub(found)?, sampled),
        ];
        let (drawn, marked, from, to) = ways.into_iter().min_by_key(|way| way.0)?;
        let all = choose(frame_size, drawn)?;
        let mut some: u128 = 0;
        for x in from..=to.min(drawn).min(marked) {
            if drawn - x <= frame_size - marked {
                let count = choose(marked, x)?.checked_mul(choose(frame_size - marked, drawn - x)?)?;
                some = some.checked_add(count)?;
            }
        }
        Some(some.checked_mul(u128::from(BILLION))?.cmp(&all.checked_mul(u128::from(risk))?))
    }
}

/// The number of ways to choose `k` of `n`; `None` beyond 128 bits.
fn choose(n: u64, k: u64) -> Option<u128> {
    let k = k.min(n.checked_sub(k)?);
    (0..k).try_fold(1_u128, |ways, i| Some(ways.checked_mul(u128::from(n - i))? / u128::from(i + 1)))
}

/// The chance of exactly `x` bad ones among `sampled`, of `bad` bad ones and `good` good ones.
///
/// Three binomial chances with one success rate, at which all three are as large as can be.
fn point_chance(x: f64, bad: f64, good: f64, sampled: f64) -> f64 {
    let rate = sampled / (bad + good);
    let rest = (bad + good - sampled) / (bad + good);
    let log = ln_binomial(x, bad, rate, rest) + ln_binomial(sampled - x, good, rate, rest)
        - ln_binomial(sampled, bad + good, rate, rest);
    log.exp()
}

/// Logarithm of the chance of `x` successes in `n` trials of success rate `p`, where `q` is `1 - p`.
fn ln_binomial(x: f64, n: f64, p: f64, q: f64) -> f64 {
    if x == 0.0 {
        return n * q.ln();
    }
    if x >= n {
        return n * p.ln();
    }
    let exponent = stirling_error(n)
        - stirling_error(x)
        - stirling_error(n - x)
        - deviance(x, n * p)
        - deviance(n - x, n * q);
    exponent + 0.5 * (n / (std::f64::consts::TAU * x * (n - x))).ln()
}

/// By how much Stirling's formula for `ln n!` is too small.
fn stirling_error(n: f64) -> f64 {
    if n > 15.0 {
        let nn = n * n;
        return (1.0 / 12.0
            - (1.0 / 360.0 - (1.0 / 1260.0 - (1.0 / 1680.0 - 1.0 / (1188.0 * nn)) / nn) / nn) / nn)
            / n;
    }
    let mut factorial = 1.0;
    let mut factor = 2.0;
    while factor <= n {
        factorial *= factor;
        factor += 1.0;
    }
    f64::ln(factorial) - ((n + 0.5) * n.ln() - n + 0.5 * std::f64::consts::TAU.ln())
}

/// `x ln(x/m) + m - x`, without the cancellation that the formula has near `x = m`.
fn deviance(x: f64, m: f64) -> f64 {
    let distance = x - m;
    if distance.abs() >= 0.1 * (x + m) {
        return x * (x / m).ln() + m - x;
    }
    let v = distance / (x + m);
    let mut sum = distance * v;
    let mut power = 2.0 * x * v;
    let mut odd = 3.0;
    loop {
        power *= v * v;
        let next = sum + power / odd;
        if next.to_bits() == sum.to_bits() {
            return sum;
        }
        sum = next;
        odd += 2.0;
    }
}

#[cfg(test)]
mod tests;
