//! What the quotas come to in figures, given a frame: how much must be drawn, how much can be.

use serde::{Deserialize, Serialize};

use super::frame::Frame;

/// The quotas in figures. All of it follows from the frame alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Recordings that the policy asks for: the share of the cases, rounded up.
    pub items_required: u64,
    /// Squads that the policy asks for: the share of all squads, rounded up.
    pub units_required: u64,
    /// Months of the period that are left, this one included.
    pub months_left: u64,
    /// Due squads that this round should reach so that the period can be completed at an even pace:
    /// those due, divided by the months left, rounded up.
    pub due_required: u64,
    /// Due squads that are picked as such: no more than there are with something in the frame.
    pub due_to_draw: u64,
    /// Squads that are picked in all.
    pub units_to_draw: u64,
    /// Recordings that are drawn in all; at least one a picked squad.
    pub items_to_draw: u64,
}

/// A rule of the sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Recordings: a share of the cases.
    Recordings,
    /// Squads: a share of all squads.
    Squads,
    /// Every squad within the period.
    AllSquads,
}

impl Rule {
    /// The stable code.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Recordings => "recordings",
            Self::Squads => "squads",
            Self::AllSquads => "all_squads",
        }
    }

    /// The Chinese words for it.
    pub fn zh(self) -> &'static str {
        match self {
            Self::Recordings => "视音频抽查数",
            Self::Squads => "抽查中队数",
            Self::AllSquads => "每半年覆盖所有中队",
        }
    }
}

/// A rule that this round cannot meet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shortfall {
    /// Which.
    pub rule: Rule,
    /// How many it asks for.
    pub required: u64,
    /// How many there can be.
    pub possible: u64,
    /// How many are lacking.
    pub short_by: u64,
}

impl Plan {
    /// The figures for a frame.
    pub fn of(frame: &Frame) -> Self {
        let reachable = frame.reachable();
        let reachable_count = reachable.len() as u64;
        let due_count = frame.due().count() as u64;
        let due_reachable = frame.due().filter(|unit| reachable.contains(unit)).count() as u64;
        let frame_size = frame.items.len() as u64;

        let items_required = percent_rounded_up(frame.items_percent, frame.cases);
        let units_required = percent_rounded_up(frame.units_percent, frame.squads.len() as u64);
        let months_left = frame.months_left();
        let due_required = due_count.div_ceil(months_left);
        let due_to_draw = due_required.min(due_reachable);
        let units_to_draw = units_required.max(due_to_draw).min(reachable_count);
        let items_to_draw = items_required.min(frame_size).max(units_to_draw);
        Self {
            items_required,
            units_required,
            months_left,
            due_required,
            due_to_draw,
            units_to_draw,
            items_to_draw,
        }
    }

    /// The rules that cannot be met, in order; none if all can.
    ///
    /// A due squad without anything in the frame is no shortfall while months are left in which it may
    /// have something; in the last one it is.
    pub fn shortfalls(&self, frame: &Frame) -> Vec<Shortfall> {
        let reachable = frame.reachable();
        let due = frame.due().count() as u64;
        let due_reachable = frame.due().filter(|unit| reachable.contains(unit)).count() as u64;
        let mut rules = vec![
            (Rule::Recordings, self.items_required, frame.items.len() as u64),
            (Rule::Squads, self.units_required, reachable.len() as u64),
        ];
        if self.months_left <= 1 {
            rules.push((Rule::AllSquads, due, due_reachable));
        }
        rules
            .into_iter()
            .filter(|(_, required, possible)| required > possible)
            .map(|(rule, required, possible)| Shortfall {
                rule,
                required,
                possible,
                short_by: required - possible,
            })
            .collect()
    }
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
