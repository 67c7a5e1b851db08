//! What the sample of a return proves of the whole frame.
//!
//! Three bounds stand side by side, because rules for squads and officers make some items likelier than
//! others. The plain one takes the whole sample and is exact if what is missing is spread without regard to
//! squads. The one for any spread rests on the core alone: the lowest tickets of the whole frame, their number
//! fixed before the seed, a simple random sample. The one by squad takes the sample of each squad by itself,
//! where no rule looked at anything but squads. docs/sampling.md gives the arguments, and says which of them to
//! quote.

use serde::Serialize;

use super::{CheckStatus, ReturnItem};
use crate::bounds::{self, BoundsError, MAX_STRATUM_SIZE, Stratum, stratified_bad_upper};
use crate::policy::{CORE, Take};
use crate::sample::{Draw, Frozen};

/// The confidence of the bounds, as their names say: 95 %, one-sided.
const CONFIDENCE: f64 = 0.95;

/// The share that people ask about: "can we claim at most 5 %?"
const CLAIM: f64 = 0.05;

/// The chance that this sample would have caught at least one of some bad ones.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Catch {
    /// How many bad ones.
    pub bad: u64,
    /// The chance, from 0 to 1.
    pub chance: f64,
}

/// What the sample proves of the whole frame. Shares are from 0 to 1.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bounds {
    /// At most this share is missing; exact if what is missing is spread without regard to squads.
    pub missing_rate_upper_95: f64,
    /// At most this share has something irregular; likewise.
    pub irregular_rate_upper_95: f64,
    /// At most this share is missing, however it is spread: from the core alone, the
    /// [`Self::core_size`] lowest tickets of the whole frame, which no rule chose.
    pub missing_rate_upper_95_any_spread: f64,
    /// The same for irregular ones.
    pub irregular_rate_upper_95_any_spread: f64,
    /// At most this share is missing, however it is spread: from each squad's sample by itself. `None` where
    /// a rule looked at officers or repeats, so that a squad's sample is no simple random one.
    pub missing_rate_upper_95_by_squad: Option<f64>,
    /// The same for irregular ones.
    pub irregular_rate_upper_95_by_squad: Option<f64>,
    /// Obligations in the frame.
    pub frame_size: u64,
    /// Obligations sampled.
    pub sampled: u64,
    /// Sampled ones that no rule chose.
    pub core_size: u64,
    /// The chance to catch at least one of 1, 3 and 10 bad ones; none for more than there are.
    pub chance_to_catch: Vec<Catch>,
    /// How many must be sampled so that, without a missing one among them, at most 5 % can be claimed.
    pub sample_size_for_5_percent: Option<u64>,
    /// This in words.
    pub explanation: String,
    /// The same in Chinese.
    pub explanation_zh: String,
}

/// What the sample proves. What could not be judged counts as bad.
pub(super) fn bounds_of(frozen: &Frozen, draw: &Draw, items: &[ReturnItem]) -> Result<Bounds, BoundsError> {
    let is_missing = |item: &&ReturnItem| matches!(item.status, None | Some(CheckStatus::Missing));
    let is_irregular = |item: &&ReturnItem| item.status.is_none() || item.irregular > 0;
    let (frame_size, sampled) = (frozen.frame_size, items.len() as u64);

    let core_size = draw.items.iter().filter(|item| item.reason == CORE).count();
    let core: Vec<&ReturnItem> =
        draw.items.iter().zip(items).filter(|(item, _)| item.reason == CORE).map(|(_, now)| now).collect();

    let upper = |sampled: usize, found: usize| {
        bounds::missing_rate_upper(frame_size, sampled as u64, found as u64, CONFIDENCE)
    };
    // What was seen to be good is good, whichever rule drew it.
    let capped = |rate: f64, bad: usize| {
        let seen_good = items.len().saturating_sub(bad) as u64;
        if frame_size == 0 {
            rate
        } else {
            rate.min((frame_size - seen_good.min(frame_size)) as f64 / frame_size as f64)
        }
    };
    let missing = items.iter().filter(is_missing).count();
    let irregular = items.iter().filter(is_irregular).count();
    let missing_rate_upper_95 = upper(items.len(), missing)?;
    let core_missing = core.iter().copied().filter(is_missing).count();
    let missing_rate_upper_95_any_spread = capped(upper(core_size, core_missing)?, missing);
    let sample_size_for_5_percent = bounds::sample_size_for(frame_size, 0, CLAIM, CONFIDENCE)?;
    let chance_to_catch: Vec<Catch> = [1, 3, 10]
        .into_iter()
        .filter_map(|bad| Some(Catch { bad, chance: bounds::catch_chance(frame_size, sampled, bad)? }))
        .collect();

    let missing_by_squad = by_squad(frozen, items, is_missing)?;
    let (rate, any) = (per_cent(missing_rate_upper_95), per_cent(missing_rate_upper_95_any_spread));
    let (squads, squads_zh) = missing_by_squad.map_or_else(Default::default, |rate| {
        let rate = per_cent(rate);
        (
            format!(" Squad by squad: at most {rate} % however it is spread."),
            format!("按中队分层计算，无论如何分布，不超过{rate}%。"),
        )
    });
    let chances: Vec<String> =
        chance_to_catch.iter().map(|one| format!("{}: {:.1} %", one.bad, one.chance * 100.0)).collect();
    let (caught, caught_zh) = if chances.is_empty() {
        Default::default()
    } else {
        (
            format!(
                " The chance that this sample holds at least one of so many bad ones is {}.",
                chances.join(", ")
            ),
            format!(
                "若全部条目中有若干条有问题，本次抽查至少抽中其中一条的概率为：{}。",
                chances.join("，").replace(':', "条")
            ),
        )
    };
    let gone = items.iter().filter(|item| item.status.is_none()).count();
    let (of_these, of_these_zh) = match gone {
        0 => (String::new(), String::new()),
        _ => (
            format!(", and {gone} that could not be judged count as missing"),
            format!("，另有{gone}条未能核查、按缺失计"),
        ),
    };
    let found = missing - gone;
    let needed = sample_size_for_5_percent;
    Ok(Bounds {
        missing_rate_upper_95,
        irregular_rate_upper_95: upper(items.len(), irregular)?,
        missing_rate_upper_95_any_spread,
        irregular_rate_upper_95_any_spread: capped(
            upper(core_size, core.iter().copied().filter(is_irregular).count())?,
            irregular,
        ),
        missing_rate_upper_95_by_squad: missing_by_squad,
        irregular_rate_upper_95_by_squad: by_squad(frozen, items, is_irregular)?,
        frame_size,
        sampled,
        core_size: core_size as u64,
        chance_to_catch,
        sample_size_for_5_percent,
        explanation: format!(
            "{sampled} of {frame_size} were sampled and {found} found missing{of_these}: with 95 % confidence at most {rate} % \
             are missing if that is unrelated to the squad, at most {any} % however it is spread.{squads}{}{caught}",
            needed.map_or_else(String::new, |n| format!(
                " To claim at most 5 %, sample {n} without a missing one."
            ))
        ),
        explanation_zh: format!(
            "抽查{frame_size}条中的{sampled}条，缺失{found}条{of_these_zh}：以95%的把握，若缺失与中队无关，缺失率不超过{rate}%；\
             无论如何分布，不超过{any}%。{squads_zh}{}{caught_zh}",
            needed.map_or_else(String::new, |n| format!("若要断言缺失率不超过5%，须抽查{n}条且无一缺失。"))
        ),
    })
}

/// The bound that takes each unit's sample by itself.
///
/// Within a unit the drawn items are the lowest tickets, and their number depends on where the tickets of
/// the unit lie and not on whose they are: given the numbers, a simple random sample of each. That is so as
/// long as rules look at units alone.
fn by_squad(
    frozen: &Frozen,
    items: &[ReturnItem],
    is_bad: impl Fn(&&ReturnItem) -> bool,
) -> Result<Option<f64>, BoundsError> {
    let by_units =
        frozen.frame.rules.iter().all(|rule| rule.take != Take::Officers && rule.repeats_at_least.is_none());
    let strata: Vec<Stratum> = frozen
        .frame
        .items_by_unit()
        .into_iter()
        .map(|(unit, size)| {
            let drawn = || items.iter().filter(|item| item.unit == unit);
            Stratum { size, sampled: drawn().count() as u64, found: drawn().filter(&is_bad).count() as u64 }
        })
        .collect();
    if !by_units || strata.is_empty() || strata.iter().any(|stratum| stratum.size > MAX_STRATUM_SIZE) {
        return Ok(None);
    }
    let bad = stratified_bad_upper(&strata, CONFIDENCE)?;
    Ok(Some(bad as f64 / frozen.frame_size.max(1) as f64))
}

/// A share in per cent with one decimal, rounded up: "at most" must not promise too much.
pub(super) fn per_cent(share: f64) -> String {
    // A hair less, so that 9.0 % that is not quite representable does not become 9.1 %.
    format!("{:.1}", (share * 1000.0 - 1e-9).max(0.0).ceil() / 10.0)
}

#[cfg(test)]
mod tests {
    use super::per_cent;

    #[test]
    fn an_upper_bound_is_rounded_up() {
        for (share, text) in
            [(0.0, "0.0"), (0.09, "9.0"), (27.0 / 300.0, "9.0"), (0.0901, "9.1"), (1.0, "100.0")]
        {
            assert_eq!(per_cent(share), text);
        }
    }
}
