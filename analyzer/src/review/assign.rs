//! Who looks at what: a pure function of the draw, the people and the rules, so that anyone can replay it.
//!
//! Ties are broken by tickets, SHA-256 over the round's seed, the word `review`, the item and the badge
//! (parts separated by 0x1F), in the manner of the draw itself. So nobody picks a reviewer for an item.
//!
//! Items that few may judge are given out first. Each goes to those of the eligible who have the least to
//! do, counting what they still have open; where nobody has to stand back, no two supervisors end up more
//! than one item apart. Leads are spread the same way. An item that fewer than the required number may
//! judge is not given to one person alone: it is listed as lacking, with who stood back and why.

use std::collections::{BTreeMap, BTreeSet};

use catalog::WallTime;
use catalog::review::Assignment;
use catalog::unit::{Officer, Unit};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::recusal::{Recusal, UnitTree, recusal};
use super::rules::ReviewRules;
use crate::deadline::end_of_day_after;

/// What stands between the parts of a ticket's text.
const SEPARATOR: u8 = 0x1F;

/// An item that was drawn and has to be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewItem {
    /// Name of the obligation.
    pub id: String,
    /// Code of its unit, as frozen.
    pub unit: String,
    /// Badges of everyone who took part in its case.
    pub case_officers: BTreeSet<String>,
}

/// What is given out, to whom, under which rules. The order of items and people does not matter.
#[derive(Debug, Clone, Copy)]
pub struct AssignInput<'a> {
    /// Name of the round.
    pub round: &'a str,
    /// Its seed.
    pub seed: &'a str,
    /// All items of the draw: the blind part is a part of these.
    pub items: &'a [ReviewItem],
    /// Names of the items that have their supervisors already.
    pub assigned: &'a BTreeSet<String>,
    /// Who may review.
    pub supervisors: &'a [Officer],
    /// All units.
    pub units: &'a [Unit],
    /// How much each has open already, by badge.
    pub load: &'a BTreeMap<String, u64>,
    /// The rules.
    pub rules: &'a ReviewRules,
    /// Now.
    pub at: WallTime,
    /// No verdict is due later than this, whatever the rule's days.
    pub latest_due: Option<WallTime>,
    /// Who assigns.
    pub by: &'a str,
}

/// Somebody who has to stand back from an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StoodBack {
    /// The badge.
    pub badge: String,
    /// Why.
    pub because: Recusal,
}

/// An item that too few may judge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lacking {
    /// The item.
    pub item: String,
    /// How many may judge it.
    pub eligible: u64,
    /// How many it needs.
    pub needed: u32,
    /// Who has to stand back.
    pub stood_back: Vec<StoodBack>,
}

/// What is to be given out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AssignPlan {
    /// The assignments, by item and seat.
    pub assignments: Vec<Assignment>,
    /// The items that cannot be given out, by name.
    pub lacking: Vec<Lacking>,
    /// What each supervisor then has open, by badge.
    pub load: BTreeMap<String, u64>,
}

fn ticket(seed: &str, parts: &[&str]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(seed.as_bytes());
    for part in parts {
        hash.update([SEPARATOR]);
        hash.update(part.as_bytes());
    }
    hash.finalize().into()
}

/// The items that two people judge apart: the share that the rules ask for, rounded up, by lowest ticket.
pub fn blind_items<'a>(seed: &str, items: &'a [ReviewItem], rules: &ReviewRules) -> BTreeSet<&'a str> {
    let count = (items.len() * rules.blind.percent as usize).div_ceil(100);
    let mut tickets: Vec<_> =
        items.iter().map(|item| (ticket(seed, &["blind", &item.id]), item.id.as_str())).collect();
    tickets.sort_unstable();
    tickets.into_iter().take(count).map(|(_, id)| id).collect()
}

/// Plans who looks at what.
pub fn assign(input: AssignInput<'_>) -> AssignPlan {
    let rules = input.rules;
    let tree = UnitTree::of(input.units);
    let supervisors: BTreeMap<&str, &Officer> =
        input.supervisors.iter().map(|officer| (officer.badge.as_str(), officer)).collect();
    let blind = blind_items(input.seed, input.items, rules);
    let mut due_at = end_of_day_after(input.at, rules.deadlines.verdict_days);
    // A deadline that has passed already would help nobody.
    if let Some(latest) = input.latest_due.filter(|latest| *latest > input.at) {
        due_at = due_at.min(latest);
    }

    let mut open: Vec<(usize, [u8; 32], &ReviewItem, Vec<&str>)> = Vec::new();
    let mut lacking = Vec::new();
    for item in input.items.iter().filter(|item| !input.assigned.contains(&item.id)) {
        let mut stood_back = Vec::new();
        let mut eligible = Vec::new();
        for (badge, officer) in &supervisors {
            match recusal(officer, &item.unit, &item.case_officers, &tree, &rules.recusal) {
                Some(because) => stood_back.push(StoodBack { badge: (*badge).to_owned(), because }),
                None => eligible.push(*badge),
            }
        }
        if eligible.len() < rules.teams.per_item as usize {
            lacking.push(Lacking {
                item: item.id.clone(),
                eligible: eligible.len() as u64,
                needed: rules.teams.per_item,
                stood_back,
            });
        } else {
            open.push((eligible.len(), ticket(input.seed, &["review", &item.id]), item, eligible));
        }
    }
    open.sort_by(|a, b| (a.0, a.1, &a.2.id).cmp(&(b.0, b.1, &b.2.id)));
    lacking.sort_by(|a, b| a.item.cmp(&b.item));

    let mut load: BTreeMap<String, u64> = supervisors
        .keys()
        .map(|badge| ((*badge).to_owned(), input.load.get(*badge).copied().unwrap_or(0)))
        .collect();
    let mut leads: BTreeMap<&str, u64> = BTreeMap::new();
    let mut assignments = Vec::new();
    for (_, _, item, mut eligible) in open {
        let order = |badge: &str| ticket(input.seed, &["review", &item.id, badge]);
        eligible.sort_by_key(|badge| (load.get(*badge).copied().unwrap_or(0), order(badge)));
        eligible.truncate(rules.teams.per_item as usize);
        eligible.sort_by_key(|badge| (leads.get(badge).copied().unwrap_or(0), order(badge)));
        if let Some(lead) = eligible.first() {
            *leads.entry(lead).or_default() += 1;
        }
        for (seat, badge) in (1..).zip(eligible) {
            *load.entry(badge.to_owned()).or_default() += 1;
            assignments.push(Assignment {
                round: input.round.to_owned(),
                item: item.id.clone(),
                unit: item.unit.clone(),
                seat,
                revision: 1,
                badge: badge.to_owned(),
                blind: blind.contains(item.id.as_str()),
                assigned_at: input.at,
                due_at,
                assigned_by: input.by.to_owned(),
                reason: None,
            });
        }
    }
    assignments.sort_by(|a, b| (&a.item, a.seat).cmp(&(&b.item, b.seat)));
    AssignPlan { assignments, lacking, load }
}
