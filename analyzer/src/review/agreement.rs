//! How far two people who judged apart agree: Cohen's κ (J. Cohen, *A coefficient of agreement for nominal
//! scales*, Educational and Psychological Measurement 20, 1960).
//!
//! Over the blind items that both first seats judged, and over the four outcomes: `p_o` is the share on
//! which both said the same; `p_e` is the share that two people would agree on by chance who use each
//! outcome as often as these did; κ = (p_o − p_e) / (1 − p_e). 1 is full agreement, 0 no more than chance.
//! Counted are *first* verdicts: what somebody says after seeing the other's is no agreement.
//!
//! κ is undefined, and no figure is shown, where there is no item, and where both used one and the same
//! outcome throughout (p_e = 1): then agreement by chance cannot be told from any other. `p_o` stands
//! beside it in any case.

use catalog::review::{Outcome, ReviewAct};
use serde::Serialize;

use super::standing::Standing;

/// Why there is no κ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NoKappa {
    /// Nothing was judged twice yet.
    NoItems,
    /// Both used one and the same outcome throughout.
    OneOutcome,
}

/// How far two people agree who judged apart.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Agreement {
    /// Blind items of the round.
    pub blind_items: u64,
    /// Those that both judged.
    pub judged_twice: u64,
    /// How often the first said the row and the second the column, in the order of `outcomes`.
    pub table: [[u64; 4]; 4],
    /// The outcomes, in the order of the table.
    pub outcomes: [Outcome; 4],
    /// Share on which both said the same; `None` without items.
    pub observed: Option<f64>,
    /// Share expected by chance; `None` without items.
    pub expected: Option<f64>,
    /// Cohen's κ, from −1 to 1.
    pub kappa: Option<f64>,
    /// Why there is none.
    pub undefined: Option<NoKappa>,
    /// All this in words.
    pub explanation: String,
    /// The same in Chinese.
    pub explanation_zh: String,
}

const OUTCOMES: [Outcome; 4] = [Outcome::Regular, Outcome::Irregular, Outcome::Missing, Outcome::Excused];

fn index(outcome: Outcome) -> usize {
    match outcome {
        Outcome::Regular => 0,
        Outcome::Irregular => 1,
        Outcome::Missing => 2,
        Outcome::Excused => 3,
    }
}

/// The first verdict that the holder of `seat` gave.
fn first_verdict(standing: &Standing, seat: u32) -> Option<Outcome> {
    let holder = standing.seats.iter().find(|held| held.seat == seat)?;
    standing.events.iter().find_map(|event| match &event.act {
        ReviewAct::Verdict { seat: of, judgement } if *of == seat && event.by == holder.badge => {
            Some(judgement.outcome)
        }
        _ => None,
    })
}

/// The agreement over the blind items of a round.
pub fn agreement<'a>(standings: impl IntoIterator<Item = &'a Standing>) -> Agreement {
    let (mut blind_items, mut table) = (0, [[0_u64; 4]; 4]);
    for standing in standings.into_iter().filter(|standing| standing.blind) {
        blind_items += 1;
        if let (Some(first), Some(second)) = (first_verdict(standing, 1), first_verdict(standing, 2)) {
            table[index(first)][index(second)] += 1;
        }
    }
    of_table(blind_items, table)
}

/// The agreement that a table of counts shows.
pub fn of_table(blind_items: u64, table: [[u64; 4]; 4]) -> Agreement {
    let judged_twice: u64 = table.iter().flatten().sum();
    let n = judged_twice as f64;
    let same: u64 = (0..4).map(|i| table[i][i]).sum();
    // In whole numbers, so that "expected by chance: 1" is exact.
    let chance: u128 = (0..4)
        .map(|i| {
            let row: u64 = table[i].iter().sum();
            let column: u64 = table.iter().map(|row| row[i]).sum();
            u128::from(row) * u128::from(column)
        })
        .sum();
    let certain = chance == u128::from(judged_twice) * u128::from(judged_twice);
    let observed = (judged_twice > 0).then(|| same as f64 / n);
    let expected = (judged_twice > 0).then(|| chance as f64 / (n * n));
    let undefined = match (judged_twice, certain) {
        (0, _) => Some(NoKappa::NoItems),
        (_, true) => Some(NoKappa::OneOutcome),
        _ => None,
    };
    let kappa = match (observed, expected, undefined) {
        (Some(observed), Some(expected), None) => Some((observed - expected) / (1.0 - expected)),
        _ => None,
    };
    let (explanation, explanation_zh) = explain(blind_items, judged_twice, same, kappa, undefined);
    Agreement {
        blind_items,
        judged_twice,
        table,
        outcomes: OUTCOMES,
        observed,
        expected,
        kappa,
        undefined,
        explanation,
        explanation_zh,
    }
}

fn explain(
    blind: u64,
    twice: u64,
    same: u64,
    kappa: Option<f64>,
    undefined: Option<NoKappa>,
) -> (String, String) {
    match (kappa, undefined) {
        (Some(kappa), _) => (
            format!(
                "{twice} of {blind} blind items were judged by both; they agree on {same}. Cohen's kappa is {kappa:.2} (1: full agreement, 0: no more than chance)."
            ),
            format!(
                "双人背靠背复核 {blind} 件，已完成 {twice} 件，结论一致 {same} 件，Cohen κ 系数为 {kappa:.2}（1 为完全一致，0 为与随机无异）。"
            ),
        ),
        (None, Some(NoKappa::OneOutcome)) => (
            format!(
                "{twice} of {blind} blind items were judged by both; they agree on all {same}, with one and the same outcome throughout, so kappa is undefined."
            ),
            format!(
                "双人背靠背复核 {blind} 件，已完成 {twice} 件，结论全部一致（{same} 件）；因结论均为同一类别，κ 系数无定义。"
            ),
        ),
        _ => (
            format!("None of {blind} blind items was judged by both yet; there is no kappa."),
            format!("双人背靠背复核 {blind} 件，尚无双方均完成的，κ 系数暂无。"),
        ),
    }
}
