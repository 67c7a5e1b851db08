//! The frame: everything that decides a draw except the seed, in one canonical text with one digest.
//!
//! The digest binds more than the list of items. Who is due, what the quotas are, how many cases they
//! refer to: whoever could change one of these after the seed is known could steer the draw as well as
//! by striking an item out. So all of it stands in the text, and figures that follow from it
//! ([`super::Plan`]) do not: a verifier computes them.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use catalog::Month;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// First line of the canonical text.
pub(super) const FRAME_FORMAT: &str = "reelproof-frame/1";

/// Within which time every squad must have been sampled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Period {
    /// January to June, July to December.
    HalfYear,
}

/// One thing that may be drawn.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FrameItem {
    /// Name of the obligation, `CASE/STAGE`.
    pub id: String,
    /// Code of the unit that answers for it: the case's.
    pub unit: String,
}

/// One squad, as the quotas count them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Squad {
    /// Code of the unit.
    pub unit: String,
    /// Its name, as people write it.
    pub name: String,
    /// Whether no earlier round of the period reached it.
    pub due: bool,
}

/// Everything that decides a draw except the seed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Frame {
    /// Name of the round, `MONTH/POLICY`.
    pub round: String,
    /// Month in which the checks take place.
    pub month: Month,
    /// Month whose obligations are checked: the one before.
    pub base_month: Month,
    /// Name of the policy.
    pub policy: String,
    /// Cases of the base month: the number that the share of recordings refers to.
    pub cases: u64,
    /// Recordings to draw, per cent of `cases`.
    pub items_percent: u32,
    /// Squads to reach, per cent of all squads.
    pub units_percent: u32,
    /// Within which time every squad must be reached.
    pub all_within: Period,
    /// All squads, by code.
    pub squads: Vec<Squad>,
    /// All obligations of the base month, by id.
    pub items: Vec<FrameItem>,
}

impl Frame {
    /// The canonical text, as docs/sampling.md defines it; UTF-8, lines end in LF.
    ///
    /// Squads and items are written in the order in which they stand. A frame that was frozen has them
    /// in order of their bytes; a list that was reordered has another text, and so another digest.
    pub(super) fn canonical(&self) -> String {
        let mut text = String::new();
        // Writing into a String cannot fail.
        let mut line = |key: &str, value: &dyn std::fmt::Display| _ = writeln!(text, "{key}\t{value}");
        line("format", &FRAME_FORMAT);
        line("round", &self.round);
        line("month", &self.month);
        line("base_month", &self.base_month);
        line("policy", &self.policy);
        line("cases", &self.cases);
        line("items_percent", &self.items_percent);
        line("units_percent", &self.units_percent);
        line("all_within", &self.all_within_code());
        line("squads", &self.squads.len());
        for squad in &self.squads {
            let standing = if squad.due { "due" } else { "reached" };
            line(&squad.unit, &format_args!("{standing}\t{}", squad.name));
        }
        line("items", &self.items.len());
        for item in &self.items {
            line(&item.id, &item.unit);
        }
        text
    }

    /// SHA-256 of the canonical text, lower-case hexadecimal.
    pub(super) fn sha256(&self) -> String {
        hex::encode(Sha256::digest(self.canonical().as_bytes()))
    }

    fn all_within_code(&self) -> &'static str {
        match self.all_within {
            Period::HalfYear => "half_year",
        }
    }

    /// Months of the period that are left, this one included.
    pub(super) fn months_left(&self) -> u64 {
        match self.all_within {
            Period::HalfYear => {
                self.month.half_year().into_iter().filter(|month| *month >= self.month).count() as u64
            }
        }
    }

    /// Codes of the squads that have something in the frame; only these can be reached.
    pub(super) fn reachable(&self) -> BTreeSet<&str> {
        let with_items: BTreeSet<&str> = self.items.iter().map(|item| item.unit.as_str()).collect();
        self.squads.iter().map(|squad| squad.unit.as_str()).filter(|unit| with_items.contains(unit)).collect()
    }

    /// Codes of the squads that no earlier round of the period reached.
    pub(super) fn due(&self) -> impl Iterator<Item = &str> {
        self.squads.iter().filter(|squad| squad.due).map(|squad| squad.unit.as_str())
    }
}
