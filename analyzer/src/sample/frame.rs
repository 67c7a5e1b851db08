//! The frame: everything that decides a draw except the seed, in one canonical text with one digest.
//!
//! The digest binds more than the list of items. The quotas, what earlier rounds drew of each squad and
//! officer, how many rounds are left, how the seed will come about: whoever could change one of these after
//! the seed is known could steer the draw as well as by striking an item out. So all of it stands in the
//! text, and figures that follow from it ([`super::Plan`]) do not: a verifier computes them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use catalog::Month;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::policy::{Each, Population, ShareOf, Take, Within};

/// First line of the canonical text.
pub const FRAME_FORMAT: &str = "reelproof-frame/2";

/// One thing that may be drawn.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrameItem {
    /// Its name: `CASE/STAGE` of a stage, the case number of a case.
    pub id: String,
    /// Code of the unit that answers for it: the case's.
    pub unit: String,
    /// How often a complaint was made; 1 of everything else.
    pub repeats: u32,
    /// Badges of the frontline officers who took part, each once, in order of bytes.
    pub officers: Vec<String>,
}

/// One squad, as the quotas count it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Squad {
    /// Code of the unit.
    pub unit: String,
    /// Its name, as people write it.
    pub name: String,
    /// For each rule: how many items of the squad there were in the rule's period, this frame included.
    pub there: Vec<u64>,
    /// For each rule: how many of them earlier rounds of that period drew.
    pub done: Vec<u64>,
}

/// One frontline officer, as the quotas count them. Only frames with a rule for officers list any.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrameOfficer {
    /// Badge.
    pub badge: String,
    /// Code of the officer's unit.
    pub unit: String,
    /// For each rule: how many items that the officer took part in earlier rounds of its period drew.
    pub done: Vec<u64>,
}

/// One quota, with where it stood when the frame was frozen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrameRule {
    /// Its name within the check.
    pub id: String,
    /// What is counted.
    pub take: Take,
    /// At least this share, per cent, rounded up.
    pub percent: Option<u32>,
    /// At least this many.
    pub count: Option<u32>,
    /// What a share of items is a share of.
    pub of: ShareOf,
    /// Of whom; `None`: of the whole bureau.
    pub each: Option<Each>,
    /// Within which time.
    pub within: Within,
    /// Only complaints made at least this many times.
    pub repeats_at_least: Option<u32>,
    /// What a share refers to: items of the period up to this frame, cases, squads or officers.
    pub there: u64,
    /// How many of what the rule counts earlier rounds of the period drew.
    pub done: u64,
    /// Rounds of the period that are left, this one included.
    pub rounds_left: u64,
}

/// Everything that decides a draw except the seed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Frame {
    /// [`FRAME_FORMAT`].
    pub format: String,
    /// Name of the round, `MONTH/POLICY` or `MONTH/POLICY:KIND`.
    pub round: String,
    /// Month in which the checks take place.
    pub month: Month,
    /// First month of the time that is checked.
    pub base_from: Month,
    /// Last month of it.
    pub base_to: Month,
    /// Name of the policy.
    pub policy: String,
    /// What is looked at.
    pub kind: Population,
    /// How the seed will come about, as it was announced with the frame.
    pub seed_source: String,
    /// Cases of the base time.
    pub cases: u64,
    /// The quotas, in the order of the policy.
    pub rules: Vec<FrameRule>,
    /// All squads, by code.
    pub squads: Vec<Squad>,
    /// All frontline officers, by badge, where a rule counts them.
    pub officers: Vec<FrameOfficer>,
    /// All that may be drawn, by id.
    pub items: Vec<FrameItem>,
}

impl Frame {
    /// The canonical text, as docs/sampling.md defines it; UTF-8, lines end in LF.
    ///
    /// Lists are written in the order in which they stand. A frame that was frozen has them in order of
    /// their bytes; a list that was reordered has another text, and so another digest.
    pub fn canonical(&self) -> String {
        let mut text = String::new();
        let mut line = |parts: &[&str]| {
            text.push_str(&parts.join("\t"));
            text.push('\n');
        };
        line(&["format", &self.format]);
        line(&["round", &self.round]);
        line(&["month", &self.month.to_string()]);
        line(&["base", &self.base_from.to_string(), &self.base_to.to_string()]);
        line(&["policy", &self.policy]);
        line(&["kind", self.kind.as_str()]);
        line(&["seed_source", &self.seed_source]);
        line(&["cases", &self.cases.to_string()]);
        line(&["rules", &self.rules.len().to_string()]);
        for rule in &self.rules {
            let amount = match (rule.percent, rule.count) {
                (Some(percent), _) => format!("{percent}%"),
                (None, count) => count.unwrap_or(0).to_string(),
            };
            line(&[
                &rule.id,
                rule.take.as_str(),
                &amount,
                rule.of.as_str(),
                rule.each.map_or("-", Each::as_str),
                rule.within.as_str(),
                &rule.repeats_at_least.unwrap_or(0).to_string(),
                &rule.there.to_string(),
                &rule.done.to_string(),
                &rule.rounds_left.to_string(),
            ]);
        }
        line(&["squads", &self.squads.len().to_string()]);
        for squad in &self.squads {
            line(&[&squad.unit, &squad.name, &numbers(&squad.there), &numbers(&squad.done)]);
        }
        line(&["officers", &self.officers.len().to_string()]);
        for officer in &self.officers {
            line(&[&officer.badge, &officer.unit, &numbers(&officer.done)]);
        }
        line(&["items", &self.items.len().to_string()]);
        for item in &self.items {
            let mut text = format!("{}\t{}\t{}", item.id, item.unit, item.repeats);
            for badge in &item.officers {
                // Writing into a String cannot fail.
                let _ = write!(text, "\t{badge}");
            }
            line(&[&text]);
        }
        text
    }

    /// SHA-256 of the canonical text, lower-case hexadecimal.
    pub fn sha256(&self) -> String {
        hex::encode(Sha256::digest(self.canonical().as_bytes()))
    }

    /// How many items each unit has in the frame.
    pub fn items_by_unit(&self) -> BTreeMap<&str, u64> {
        let mut counts = BTreeMap::new();
        for item in &self.items {
            *counts.entry(item.unit.as_str()).or_insert(0) += 1;
        }
        counts
    }

    /// Officers with an item in the frame.
    pub(super) fn officers_with_items(&self) -> BTreeSet<&str> {
        self.items.iter().flat_map(|item| item.officers.iter().map(String::as_str)).collect()
    }

    /// Codes of the squads that the rule of this number still has to reach in its period.
    pub(super) fn squads_due(&self, rule: usize) -> impl Iterator<Item = &Squad> {
        self.squads.iter().filter(move |squad| squad.done.get(rule).is_none_or(|done| *done == 0))
    }

    /// Officers that the rule of this number still has to reach in its period.
    pub(super) fn officers_due(&self, rule: usize) -> impl Iterator<Item = &FrameOfficer> {
        self.officers.iter().filter(move |officer| officer.done.get(rule).is_none_or(|done| *done == 0))
    }
}

impl FrameItem {
    /// Whether a rule counts the item.
    pub(super) fn counts_for(&self, rule: &FrameRule) -> bool {
        rule.repeats_at_least.is_none_or(|repeats| self.repeats >= repeats)
    }
}

fn numbers(numbers: &[u64]) -> String {
    numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(",")
}

/// Whether a text can stand in a line of the canonical text, and in a ticket, as it is: a tab, a line
/// end or a unit separator within it would let two different frames have one text.
pub(super) fn is_writable(text: &str) -> bool {
    !text.is_empty() && !text.chars().any(char::is_control)
}
