//! What a policy says about review: the block `[review]`.

use std::collections::BTreeSet;

use catalog::unit::UnitKind;
use serde::{Deserialize, Serialize};

use crate::policy::{Source, within};

/// Who reviews, and how many look at one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamRules {
    /// Supervisors of one sampled item.
    pub per_item: u32,
    /// Supervisors of one visit, at least.
    pub per_visit: u32,
    /// Officers of units of these kinds review, unless others are named.
    pub unit_kinds: BTreeSet<UnitKind>,
    /// Where it comes from.
    #[serde(flatten)]
    pub source: Source,
}

/// How far recusal (回避) reaches. One's own unit and one's own case are always out of bounds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecusalRules {
    /// Whether whoever belongs to a unit above the item's is out of bounds, too.
    pub above: bool,
    /// Whether whoever belongs to a unit below the item's is.
    pub below: bool,
    /// Where it comes from.
    #[serde(flatten)]
    pub source: Source,
}

/// The part of a round that two people judge apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlindRules {
    /// Per cent of the items, rounded up.
    pub percent: u32,
    /// Whether what the machine found is hidden from a supervisor until the verdict.
    pub hide_findings: bool,
    /// Where it comes from.
    #[serde(flatten)]
    pub source: Source,
}

/// Deadlines, in days after the day on which each begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewDeadlines {
    /// From assignment to verdict.
    pub verdict_days: u32,
    /// From the settled verdict to the squad's explanation.
    pub explanation_days: u32,
    /// From the settled verdict to the squad's appeal.
    pub appeal_days: u32,
    /// From the appeal to the decision.
    pub decision_days: u32,
    /// Where it comes from.
    #[serde(flatten)]
    pub source: Source,
}

/// The block `[review]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReviewRules {
    /// Who reviews.
    pub teams: TeamRules,
    /// Who must not.
    pub recusal: RecusalRules,
    /// What is judged twice, apart.
    pub blind: BlindRules,
    /// Until when.
    pub deadlines: ReviewDeadlines,
}

impl ReviewRules {
    /// What is wrong with the figures, if anything: the path of the key, and what to write.
    pub(crate) fn check(&self) -> Result<(), (Vec<String>, String)> {
        let at = |block: &str, key: &str| vec![block.to_owned(), key.to_owned()];
        for (key, people) in [("per_item", self.teams.per_item), ("per_visit", self.teams.per_visit)] {
            if people < 2 {
                let message = format!(
                    "{key} = {people}: write 2 or more, for a check by one person is none (监督人员不得少于两人)"
                );
                return Err((at("teams", key), message));
            }
            within(&["teams", key], u64::from(people), (2, 20))?;
        }
        if self.teams.unit_kinds.is_empty() {
            let message = "no kind of unit: then nobody would review; write [\"office\"]";
            return Err((at("teams", "unit_kinds"), message.into()));
        }
        within(&["blind", "percent"], u64::from(self.blind.percent), (0, 100))?;
        let days = &self.deadlines;
        for (key, days) in [
            ("verdict_days", days.verdict_days),
            ("explanation_days", days.explanation_days),
            ("appeal_days", days.appeal_days),
            ("decision_days", days.decision_days),
        ] {
            within(&["deadlines", key], u64::from(days), (1, 365))?;
        }
        Ok(())
    }
}
