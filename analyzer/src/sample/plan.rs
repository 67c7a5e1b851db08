//! What the quotas come to in figures, given a frame: how much each rule needs of this round, and how much
//! the frame can give.
//!
//! One formula serves all rules. The *goal* of a rule is its count, or its share of what there is, rounded
//! up. What earlier rounds of the period drew is taken off. What *remains* is spread evenly over the rounds
//! that are left, rounded up, so that a missed round is made up for by the others; only a share of items is
//! not spread, for it refers to what came up so far and is met by each round for itself.

use serde::{Deserialize, Serialize};

use super::frame::{Frame, FrameRule, Squad};
use crate::policy::{Take, Within};

/// What a rule needs of this round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// The rule's name.
    pub rule: String,
    /// How many of what it counts this round should draw.
    pub need: u64,
    /// How many the frame can give.
    pub possible: u64,
    /// How many are drawn at least: the smaller of the two.
    pub to_draw: u64,
}

/// The quotas in figures. All of it follows from the frame alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// How many of the lowest tickets of the whole frame are drawn before anything else: as many as the
    /// largest quota of items of the whole bureau.
    pub core: u64,
    /// The rules, in order.
    pub quotas: Vec<Quota>,
}

/// A rule that can no longer be met in its period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shortfall {
    /// Which.
    pub rule: String,
    /// How many it asks for.
    pub required: u64,
    /// How many there can be.
    pub possible: u64,
    /// How many are lacking.
    pub short_by: u64,
}

impl FrameRule {
    /// The goal of the whole period, of so many.
    pub(super) fn goal(&self, there: u64) -> u64 {
        match self.percent {
            Some(percent) => percent_rounded_up(percent, there),
            None => u64::from(self.count.unwrap_or(0)),
        }
    }

    /// What is left of the goal.
    pub(super) fn remaining(&self, there: u64, done: u64) -> u64 {
        self.goal(there).saturating_sub(done)
    }

    /// What falls to this round.
    pub(super) fn need(&self, there: u64, done: u64) -> u64 {
        let a_share_of_items = self.take == Take::Items && self.percent.is_some();
        let spread = if a_share_of_items { 1 } else { self.rounds_left.max(1) };
        self.remaining(there, done).div_ceil(spread)
    }

    /// What falls to this round of one squad, for a rule that counts each by itself.
    pub(super) fn need_of(&self, squad: &Squad, number: usize) -> u64 {
        let at = |list: &[u64]| list.get(number).copied().unwrap_or(0);
        self.need(at(&squad.there), at(&squad.done))
    }

    /// Whether nothing can be made up for later.
    fn is_last(&self) -> bool {
        self.within == Within::Round || self.rounds_left <= 1
    }
}

impl Plan {
    /// The figures for a frame.
    pub fn of(frame: &Frame) -> Self {
        let quotas: Vec<Quota> =
            frame.rules.iter().enumerate().map(|(number, rule)| quota(frame, number, rule)).collect();
        let core = frame
            .rules
            .iter()
            .zip(&quotas)
            .filter(|(rule, _)| {
                rule.take == Take::Items && rule.each.is_none() && rule.repeats_at_least.is_none()
            })
            .map(|(_, quota)| quota.to_draw)
            .max()
            .unwrap_or(0);
        Self { core, quotas }
    }

    /// The rules that can no longer be met, in order; none if all can. What is lacking in a round while
    /// others are left in the period is no shortfall yet.
    pub fn shortfalls(&self, frame: &Frame) -> Vec<Shortfall> {
        frame
            .rules
            .iter()
            .zip(&self.quotas)
            .filter(|(rule, quota)| rule.is_last() && quota.need > quota.possible)
            .map(|(_, quota)| Shortfall {
                rule: quota.rule.clone(),
                required: quota.need,
                possible: quota.possible,
                short_by: quota.need - quota.possible,
            })
            .collect()
    }
}

fn quota(frame: &Frame, number: usize, rule: &FrameRule) -> Quota {
    let counts = frame.items_by_unit();
    let (need, possible) = match (rule.take, rule.each) {
        (Take::Items, None) => {
            let possible = frame.items.iter().filter(|item| item.counts_for(rule)).count() as u64;
            (rule.need(rule.there, rule.done), possible)
        }
        (Take::Items, Some(_)) => frame.squads.iter().fold((0, 0), |(need, possible), squad| {
            let of_this = rule.need_of(squad, number);
            let has = counts.get(squad.unit.as_str()).copied().unwrap_or(0);
            (need + of_this, possible + of_this.min(has))
        }),
        (Take::Squads, _) => {
            let possible = open_squads(frame, number).count() as u64;
            (rule.need(rule.there, rule.done), possible)
        }
        (Take::Officers, _) => {
            let possible = open_officers(frame, number).len() as u64;
            (rule.need(rule.there, rule.done), possible)
        }
    };
    Quota { rule: rule.id.clone(), need, possible, to_draw: need.min(possible) }
}

/// The squads that count for a rule if they are drawn: with something in the frame, and, where the rule
/// goes over a period, not reached in it yet.
pub(super) fn open_squads(frame: &Frame, number: usize) -> impl Iterator<Item = &Squad> {
    let counts = frame.items_by_unit();
    frame.squads_due(number).filter(move |squad| counts.contains_key(squad.unit.as_str()))
}

/// The same of officers, by badge.
pub(super) fn open_officers(frame: &Frame, number: usize) -> Vec<&str> {
    let there = frame.officers_with_items();
    let due = frame.officers_due(number).map(|officer| officer.badge.as_str());
    due.filter(|badge| there.contains(badge)).collect()
}

/// `percent` per cent of `count`, rounded up, in whole numbers.
fn percent_rounded_up(percent: u32, count: u64) -> u64 {
    let share = (u128::from(percent) * u128::from(count)).div_ceil(100);
    // Policies and exports are refused unless percent is at most 100, and then the share fits.
    u64::try_from(share).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::percent_rounded_up;

    #[test]
    fn a_share_is_rounded_up_and_never_through_a_fraction() {
        for (percent, count, share) in [
            (10, 0, 0),
            (10, 1, 1),
            (10, 60, 6),
            (10, 61, 7),
            (20, 14, 3),
            (20, 15, 3),
            (100, 7, 7),
            (29, 100, 29),
        ] {
            assert_eq!(percent_rounded_up(percent, count), share, "{percent} % of {count}");
        }
        assert_eq!(percent_rounded_up(100, u64::MAX), u64::MAX);
    }
}
