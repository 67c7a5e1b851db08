//! What the schedule does when: the block `[schedule]`, and the days of a month that follow from it.
//!
//! Everything that needs nobody's judgement is done by itself: freezing on its day, drawing once the
//! announced seed is there, assigning, reminding, drafting notices and the return. What needs a judgement
//! (a seed, a verdict, the issue of a notice, the sending of the return) is waited for, visibly.

use catalog::time::local_moment;
use catalog::{Month, WallTime};
use serde::{Deserialize, Serialize};

use crate::deadline::end_of_day_after;
use crate::policy::Source;

/// The block `[schedule]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleRules {
    /// Day of the month on which the round is frozen.
    pub freeze_day: u32,
    /// How many days before a verdict is due its supervisor is reminded for the first time.
    pub remind_days_before: u32,
    /// How many days before the return is due it is drafted.
    pub draft_days_before: u32,
    /// Where it comes from.
    #[serde(flatten)]
    pub source: Source,
}

impl ScheduleRules {
    /// What is wrong with the figures, if anything; the return is due on `due_day`.
    pub(crate) fn check(&self, due_day: u32) -> Result<(), String> {
        let Self { freeze_day, draft_days_before, .. } = *self;
        if freeze_day == 0 || draft_days_before == 0 || freeze_day + draft_days_before >= due_day {
            return Err(format!(
                "[schedule] freeze_day = {freeze_day}, draft_days_before = {draft_days_before}: expected 1 or more each, and both to fit before the return's due day, {due_day}"
            ));
        }
        Ok(())
    }

    /// When the round of a month may be frozen.
    pub fn freezes_at(&self, month: Month) -> WallTime {
        day(month, self.freeze_day)
    }

    /// When the return of a month, due on `due_day`, is drafted.
    pub fn drafts_at(&self, month: Month, due_day: u32) -> WallTime {
        day(month, due_day.saturating_sub(self.draft_days_before).max(1))
    }

    /// Whether the supervisor whose verdict is due at `due_at` is to be reminded at `now`.
    pub fn reminds(&self, due_at: WallTime, now: WallTime) -> bool {
        end_of_day_after(now, self.remind_days_before) >= due_at
    }
}

/// When a day of a month begins; policies name days that every month has.
fn day(month: Month, day: u32) -> WallTime {
    local_moment(month.year(), month.number(), day, 0, 0, 0).unwrap_or(month.start())
}
