//! Whether the rest of a period can still meet its goal, said while something can be done about it.
//!
//! A rule *fails* when its last round lacks something. Before that nothing is certain, for nobody knows what
//! the months to come bring; so the outlook reckons with what this frame has, month for month, and calls a
//! goal *at risk* that would be missed at this pace.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::frame::{Frame, FrameRule};
use super::plan::{Plan, Quota};
use crate::policy::{Each, Take, Within};

/// How a goal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prospect {
    /// Earlier rounds reached it.
    Met,
    /// It can be met.
    Feasible,
    /// It would be missed if every round had what this one has.
    AtRisk,
    /// It can no longer be met.
    Fails,
}

/// How one rule over a period stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outlook {
    /// The rule's name.
    pub rule: String,
    /// What it counts.
    pub take: Take,
    /// Of whom.
    pub each: Option<Each>,
    /// Within which time.
    pub within: Within,
    /// How many are left to reach the goal.
    pub remaining: u64,
    /// Rounds that are left, this one included.
    pub rounds_left: u64,
    /// How it stands.
    pub prospect: Prospect,
    /// By how many it is, or would be, missed.
    pub short_by: u64,
    /// The squads or officers that it is about: those with nothing, or too little, in the frame.
    pub lacking: Vec<String>,
}

/// For each rule over a period how it stands.
pub(super) fn outlook(frame: &Frame, plan: &Plan) -> Vec<Outlook> {
    frame
        .rules
        .iter()
        .zip(&plan.quotas)
        .enumerate()
        .filter(|(_, (rule, _))| rule.within != Within::Round)
        .map(|(number, (rule, quota))| of_rule(frame, number, rule, quota))
        .collect()
}

fn of_rule(frame: &Frame, number: usize, rule: &FrameRule, quota: &Quota) -> Outlook {
    let counts = frame.items_by_unit();
    let has = |unit: &str| counts.get(unit).copied().unwrap_or(0);
    let (remaining, short_by, lacking) = match (rule.take, rule.each) {
        (Take::Items, None) => {
            let remaining = rule.remaining(rule.there, rule.done);
            let expected = (frame.items.len() as u64).saturating_mul(rounds_for(rule));
            (remaining, remaining.saturating_sub(expected), Vec::new())
        }
        (Take::Items, Some(_)) => {
            let mut sum = (0, 0, Vec::new());
            for squad in &frame.squads {
                let at = |list: &[u64]| list.get(number).copied().unwrap_or(0);
                let remaining = rule.remaining(at(&squad.there), at(&squad.done));
                let short = remaining.saturating_sub(has(&squad.unit).saturating_mul(rounds_for(rule)));
                sum.0 += remaining;
                sum.1 += short;
                if short > 0 {
                    sum.2.push(squad.unit.clone());
                }
            }
            sum
        }
        (Take::Squads, _) => {
            let remaining = rule.remaining(rule.there, rule.done);
            let lacking: Vec<String> = frame
                .squads_due(number)
                .filter(|squad| has(&squad.unit) == 0)
                .map(|squad| squad.unit.clone())
                .collect();
            (remaining, remaining.saturating_sub(quota.possible), lacking)
        }
        (Take::Officers, _) => {
            let remaining = rule.remaining(rule.there, rule.done);
            let there = frame.officers_with_items();
            let lacking: Vec<String> = frame
                .officers_due(number)
                .filter(|officer| !there.contains(officer.badge.as_str()))
                .map(|officer| officer.badge.clone())
                .collect();
            (remaining, remaining.saturating_sub(quota.possible), lacking)
        }
    };
    let prospect = match (remaining, short_by) {
        (0, _) => Prospect::Met,
        (_, 0) => Prospect::Feasible,
        _ if rule.rounds_left <= 1 => Prospect::Fails,
        _ => Prospect::AtRisk,
    };
    Outlook {
        rule: rule.id.clone(),
        take: rule.take,
        each: rule.each,
        within: rule.within,
        remaining,
        rounds_left: rule.rounds_left,
        prospect,
        short_by: if remaining == 0 { 0 } else { short_by },
        lacking: if short_by == 0 { Vec::new() } else { lacking },
    }
}

/// How many rounds may work off what is left: all of the period for a number; only this one for a share of
/// what came up so far, to which every later round adds its own.
fn rounds_for(rule: &FrameRule) -> u64 {
    if rule.percent.is_some() { 1 } else { rule.rounds_left }
}

/// Names, shortened: nobody reads forty of them in a sentence.
pub(super) fn some_of(names: &[String], separator: &str, and_more: impl Fn(usize) -> String) -> String {
    const SHOWN: usize = 8;
    let mut text = names.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(separator);
    if names.len() > SHOWN {
        text.push_str(&and_more(names.len() - SHOWN));
    }
    text
}

/// The names of units, for sentences.
pub(super) fn names_of(frame: &Frame, codes: &[String]) -> Vec<String> {
    let names: BTreeMap<&str, &str> =
        frame.squads.iter().map(|squad| (squad.unit.as_str(), squad.name.as_str())).collect();
    codes
        .iter()
        .map(|code| names.get(code.as_str()).map_or_else(|| code.clone(), |name| (*name).to_owned()))
        .collect()
}
