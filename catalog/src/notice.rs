//! Notices (三单两书): what a bureau sends to a unit when something was found, and what became of it.
//!
//! A notice is drafted, and says from then on the same; its number is given when it is issued, so a
//! draft that is discarded leaves no gap in the numbers. Everything after drafting is an event.

use serde::{Deserialize, Serialize};

use crate::code::coded;
use crate::time::{Month, WallTime};

coded! {
    /// The kinds of notices, gravest last.
    pub enum NoticeKind("kind of notice") {
        /// Reminds.
        Reminder = "reminder" / "督察提醒单",
        /// Informs of what was found and asks for its correction.
        Inform = "inform" / "督察告知单",
        /// Supervises that something is done.
        Supervise = "supervise" / "督办通知单",
        /// Proposes, to the head of a unit.
        Proposal = "proposal" / "执法监督建议书",
        /// Decides.
        Decision = "decision" / "执法监督决定书",
    }
}

/// One fact that a notice rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// Name of the round.
    pub round: String,
    /// Name of the obligation, `CASE/STAGE`.
    pub item: String,
    /// Number of the last review event that it rests on.
    pub event: u32,
    /// The fact, in Chinese, as the notice says it.
    pub text: String,
}

/// What a notice says. It never changes once it is drafted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeBody {
    /// Of what kind.
    pub kind: NoticeKind,
    /// Month whose round it comes from.
    pub month: Month,
    /// Name of the policy.
    pub policy: String,
    /// What it comes from, unique: one cause gives one notice.
    pub cause: String,
    /// The district, as in the number.
    pub district: String,
    /// Name of the bureau that sends it.
    pub issuer: String,
    /// Code of the unit that receives it.
    pub unit: String,
    /// That unit's name.
    pub unit_name: String,
    /// Who gets a copy.
    pub copies: Vec<String>,
    /// The clause it rests on, with its document.
    pub clause: String,
    /// What was found.
    pub facts: Vec<Fact>,
    /// What is asked for.
    pub demand: String,
    /// Days to answer, from the day of issue.
    pub reply_days: u32,
    /// Whether a public text confirms these days.
    pub reply_days_confirmed: bool,
    /// Whether it may only be issued once the bureau's party committee agreed.
    pub needs_approval: bool,
    /// Number (in the catalog) of the notice that went unanswered, where this one follows it.
    pub follows: Option<u64>,
}

/// What happened to a notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum NoticeAct {
    /// It was drafted.
    Drafted,
    /// It was issued under its number.
    Issued {
        /// Year of the number.
        year: i32,
        /// Number within district, year and kind, from 1, without gaps.
        serial: u32,
        /// The whole number, as printed.
        number: String,
        /// Until when an answer is due.
        due_at: WallTime,
        /// Who agreed, where that is asked for.
        approval: Option<String>,
    },
    /// The unit answered.
    Replied {
        /// Its words.
        text: String,
    },
    /// The answer does for the bureau.
    Closed {
        /// Why.
        note: String,
    },
    /// It went unanswered, and a graver one was drafted.
    Escalated {
        /// That one's id.
        to: u64,
    },
    /// It no longer holds. An issued one keeps its number.
    Withdrawn {
        /// Why.
        reason: String,
    },
}

impl NoticeAct {
    /// The stable code.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Drafted => "drafted",
            Self::Issued { .. } => "issued",
            Self::Replied { .. } => "replied",
            Self::Closed { .. } => "closed",
            Self::Escalated { .. } => "escalated",
            Self::Withdrawn { .. } => "withdrawn",
        }
    }
}

/// One event of a notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeEvent {
    /// Number among the notice's events, from 1.
    pub number: u32,
    /// When.
    pub at: WallTime,
    /// Badge of who did it, or the name of the program's schedule.
    pub by: String,
    /// What happened.
    #[serde(flatten)]
    pub act: NoticeAct,
}

/// A notice with everything that happened to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Its id in the catalog, from 1.
    pub id: u64,
    /// What it says.
    #[serde(flatten)]
    pub body: NoticeBody,
    /// What happened, by number.
    pub events: Vec<NoticeEvent>,
}
