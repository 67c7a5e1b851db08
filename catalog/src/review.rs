//! Review by people: who is to look at what until when, and what they and the squad said of it.
//!
//! Nothing here is ever rewritten. An assignment that has to change gets a next revision with a reason;
//! what somebody said of an item is an event with a number of its own, and a later event never removes
//! an earlier one. What an item comes to is worked out from its events (`analyzer::review`).
//!
//! The same holds of visits (现场督察): one that found nothing is kept like one that did (监督留痕).

use serde::{Deserialize, Serialize};

use crate::code::coded;
use crate::finding::FindingCode;
use crate::time::{MediaTime, WallTime};

coded! {
    /// What a supervisor says of an obligation.
    pub enum Outcome("verdict") {
        /// Recorded in full and as it should be.
        Regular = "regular" / "规范",
        /// Recorded, but not as it should be.
        Irregular = "irregular" / "不规范",
        /// Not recorded.
        Missing = "missing" / "缺失",
        /// Not recorded, or not as it should be, for a reason that is accepted.
        Excused = "excused" / "予以免责",
    }
}

coded! {
    /// What a squad says to a verdict.
    pub enum StatementKind("kind of statement") {
        /// It explains (说明); nothing has to be decided.
        Explanation = "explanation" / "情况说明",
        /// It disagrees (申诉); somebody else has to decide.
        Appeal = "appeal" / "申诉",
    }
}

/// One supervisor's task: look at one item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// Name of the round, `MONTH/POLICY`.
    pub round: String,
    /// Name of the obligation, `CASE/STAGE`.
    pub item: String,
    /// Code of the unit that answers for the item.
    pub unit: String,
    /// Place among the item's supervisors, from 1; the first leads.
    pub seat: u32,
    /// Number of the assignment of this seat, from 1; a later one replaces an earlier one.
    pub revision: u32,
    /// Badge of the supervisor.
    pub badge: String,
    /// Whether the item's supervisors judge apart, without seeing each other's verdict.
    pub blind: bool,
    /// When it was assigned.
    pub assigned_at: WallTime,
    /// Until when the verdict is due.
    pub due_at: WallTime,
    /// Who assigned it.
    pub assigned_by: String,
    /// Why it was assigned anew; `None` for the first assignment of a seat.
    pub reason: Option<String>,
}

/// A place in a recording that a verdict refers to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// Key of the recording.
    pub object_key: String,
    /// Where in it, in microseconds on the container's timeline.
    pub at_us: MediaTime,
}

/// What a person found an item to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// What it is.
    pub outcome: Outcome,
    /// In what it is irregular; in order, none twice; empty for other outcomes.
    pub codes: Vec<FindingCode>,
    /// Why, in words.
    pub note: String,
    /// Where to look.
    pub moments: Vec<Moment>,
}

/// What somebody did about an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum ReviewAct {
    /// A supervisor judged it.
    Verdict {
        /// The supervisor's seat.
        seat: u32,
        /// What it is.
        #[serde(flatten)]
        judgement: Judgement,
    },
    /// The squad said something.
    Statement {
        /// What it is.
        statement: StatementKind,
        /// Its words.
        text: String,
    },
    /// Somebody who took no part so far decided, on an appeal or between supervisors who disagree.
    Decision {
        /// Whether an appeal was granted; `None` where there was none to decide.
        granted: Option<bool>,
        /// What the item is from now on.
        #[serde(flatten)]
        judgement: Judgement,
    },
}

impl ReviewAct {
    /// The stable code.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Verdict { .. } => "verdict",
            Self::Statement { statement, .. } => statement.as_str(),
            Self::Decision { .. } => "decision",
        }
    }
}

/// One act about one item, as recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewEvent {
    /// Name of the round.
    pub round: String,
    /// Name of the obligation.
    pub item: String,
    /// Number among the item's events, from 1, without gaps.
    pub number: u32,
    /// When.
    pub at: WallTime,
    /// Badge of who did it.
    pub by: String,
    /// What was done.
    #[serde(flatten)]
    pub act: ReviewAct,
}

/// Everything on record about the review of a round.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ReviewFile {
    /// Assignments, by item, seat and revision.
    pub assignments: Vec<Assignment>,
    /// Events, by item and number.
    pub events: Vec<ReviewEvent>,
}

/// A visit of supervisors to a unit, on site or from the desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// Number, from 1; 0 where it is not recorded yet.
    pub number: u64,
    /// Code of the unit that was visited.
    pub unit: String,
    /// From when.
    pub starts_at: WallTime,
    /// Until when; not before `starts_at`.
    pub ends_at: WallTime,
    /// Badges of the supervisors, in order.
    pub supervisors: Vec<String>,
    /// Whether they were there in person.
    pub on_site: bool,
    /// What was looked at and what came of it.
    pub note: String,
    /// What was found wrong, one text each; empty where nothing was.
    pub found: Vec<String>,
    /// When it was recorded.
    pub recorded_at: WallTime,
    /// Badge of who recorded it.
    pub recorded_by: String,
}
