//! What the quotas come to in figures, given a frame: how much must be drawn, how much can be.

use serde::{Deserialize, Serialize};

use super::frame::Frame;

/// The quotas in figures. All of it follows from the frame alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Plan {
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

impl Plan {
    /// The figures for a frame.
    pub(super) fn of(frame: &Frame) -> Self {
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
}

/// `percent` per cent of `count`, rounded up, in whole numbers.
fn percent_rounded_up(percent: u32, count: u64) -> u64 {
    let share = (u128::from(percent) * u128::from(count)).div_ceil(100);
    // Exports are refused unless percent is at most 100, and then the share fits.
    u64::try_from(share).unwrap_or(u64::MAX)
}
