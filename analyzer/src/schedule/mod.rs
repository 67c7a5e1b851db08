//! What the schedule does when: the block `[schedule]`, and the days of a month that follow from it.
//!
//! Everything that needs nobody's judgement is done by itself: freezing on its day, drawing once the
//! announced seed is there, assigning, reminding, drafting notices and the return. What needs a judgement
//! (a seed, a verdict, the issue of a notice, the sending of the return) is waited for, visibly.

use catalog::time::local_moment;
use catalog::{Month, WallTime};
use serde::{Deserialize, Serialize};

use crate::deadline::end_of_day_after;
use crate::policy::{Check, Source};

/// The block `[schedule]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleRules {
    /// Day of the month on which the round is frozen.
    pub freeze_day: u32,
    /// How many days before a verdict is due its supervisor is reminded for the first time.
    pub remind_days_before: u32,
    /// How many days before the return is due it is drafted.
    pub draft_days_before: u32,
    /// How the seeds of the rounds come about, unless a check says otherwise; `None`: dice of two supervisors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed_source: Option<String>,
    /// Where it comes from.
    #[serde(flatten)]
    pub source: Source,
}

impl ScheduleRules {
    /// What is wrong with the figures, if anything: the key, and what to write instead. The return is due on
    /// `due_day`.
    pub(crate) fn check(&self, due_day: u32) -> Result<(), (&'static str, String)> {
        let Self { freeze_day, draft_days_before, .. } = *self;
        if freeze_day == 0 {
            return Err(("freeze_day", "freeze_day = 0: write a day of the month, from 1".into()));
        }
        if draft_days_before == 0 {
            return Err(("draft_days_before", "draft_days_before = 0: write 1 or more".into()));
        }
        self.check_day("freeze_day", freeze_day, due_day)?;
        let unwritable = |text: &String| text.trim().is_empty() || text.chars().any(char::is_control);
        if self.seed_source.as_ref().is_some_and(unwritable) {
            let message = "write in one line how the seed comes about: it is published with the frame";
            return Err(("seed_source", message.into()));
        }
        Ok(())
    }

    /// Whether a round frozen on `freeze_day` can be drawn before the return is drafted.
    pub(crate) fn check_day<'a>(
        &self,
        key: &'a str,
        freeze_day: u32,
        due_day: u32,
    ) -> Result<(), (&'a str, String)> {
        let drafted = due_day.saturating_sub(self.draft_days_before);
        if freeze_day >= drafted {
            return Err((
                key,
                format!(
                    "{key} = {freeze_day}, and the return, due on day {due_day}, is drafted on day {drafted} \
                     (draft_days_before = {}): write a day before that",
                    self.draft_days_before
                ),
            ));
        }
        Ok(())
    }

    /// When the round of a check is frozen: on the day that the check names, or on `freeze_day`.
    pub fn freezes_at(&self, month: Month, check: &Check) -> WallTime {
        day(month, check.freeze_day.unwrap_or(self.freeze_day))
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
