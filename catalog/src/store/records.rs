//! What people did, as every engine keeps it: reviews, notices, returns, and the schedule's steps.
//!
//! All of it is only ever added. A call that adds says whether it did; `false` means that somebody was
//! quicker, or that it was there already, and that nothing was changed.

use async_trait::async_trait;

use super::StoreError;
use crate::filing::{AnnouncedSeed, ReturnEntry, ReturnFile, ReturnRecord, ReturnState, ScheduleStep};
use crate::notice::{Notice, NoticeBody, NoticeEvent};
use crate::review::{Assignment, ReviewEvent, ReviewFile, Visit};
use crate::time::{Month, WallTime};
use crate::unit::Officer;

/// The number that a notice is to be issued under, but for its serial.
#[derive(Debug, Clone)]
pub struct Issue<'a> {
    /// The notice.
    pub notice: u64,
    /// Number of the event that issuing it will be.
    pub event_number: u32,
    /// When.
    pub at: WallTime,
    /// Who.
    pub by: &'a str,
    /// Year of the number.
    pub year: i32,
    /// The printed number with `{serial}` where the serial goes.
    pub pattern: &'a str,
    /// Until when an answer is due.
    pub due_at: WallTime,
    /// Who agreed, where that is asked for.
    pub approval: Option<&'a str>,
}

/// The part of the catalog's interface that keeps what people did.
#[async_trait]
pub trait Records: Send + Sync {
    /// All officers, by badge.
    async fn officers(&self) -> Result<Vec<Officer>, StoreError>;

    /// Stores all of these assignments with an event, or, if one of them is there, none: `false`.
    async fn assign(&self, assignments: &[Assignment]) -> Result<bool, StoreError>;

    /// Everything on record about the review of a round.
    async fn review_file(&self, round: &str) -> Result<ReviewFile, StoreError>;

    /// Adds one act about one item; `false` if its number is taken.
    async fn add_review_event(&self, event: &ReviewEvent) -> Result<bool, StoreError>;

    /// Records a visit; its number is given here and returned.
    async fn add_visit(&self, visit: &Visit) -> Result<u64, StoreError>;

    /// All visits, by number.
    async fn visits(&self) -> Result<Vec<Visit>, StoreError>;

    /// Drafts a notice; gives its id, and whether it is new: one cause gives one notice.
    async fn draft_notice(
        &self,
        body: &NoticeBody,
        by: &str,
        at: WallTime,
    ) -> Result<(u64, bool), StoreError>;

    /// Gives a notice its number, the next of its district, year and kind, and adds the event that says
    /// so; `None`, and nothing is changed, if it has a number or the event's number is taken.
    async fn issue_notice(&self, issue: &Issue<'_>) -> Result<Option<NoticeEvent>, StoreError>;

    /// Adds what happened to a notice; `false` if the event's number is taken.
    async fn add_notice_event(&self, notice: u64, event: &NoticeEvent) -> Result<bool, StoreError>;

    /// All notices, by id.
    async fn notices(&self) -> Result<Vec<Notice>, StoreError>;

    /// Keeps a return; gives its version, and whether it is new: figures that are those of the last
    /// version of this state are that version.
    async fn keep_return(&self, record: &ReturnRecord) -> Result<(u32, bool), StoreError>;

    /// All kept returns, by month, policy, state and version.
    async fn returns(&self) -> Result<Vec<ReturnEntry>, StoreError>;

    /// The files of a kept return, by format; none if there is no such return.
    async fn return_files(
        &self,
        month: Month,
        policy: &str,
        state: ReturnState,
        version: u32,
    ) -> Result<Vec<ReturnFile>, StoreError>;

    /// Stores an announced seed; `false` if the round has one.
    async fn announce_seed(&self, seed: &AnnouncedSeed) -> Result<bool, StoreError>;

    /// The announced seed of a round.
    async fn announced_seed(&self, round: &str) -> Result<Option<AnnouncedSeed>, StoreError>;

    /// Adds a step of the schedule.
    async fn add_step(&self, step: &ScheduleStep) -> Result<(), StoreError>;

    /// The steps of a month, or of all months, in the order in which they were recorded.
    async fn steps(&self, month: Option<Month>) -> Result<Vec<ScheduleStep>, StoreError>;
}
