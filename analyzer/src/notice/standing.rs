//! Where a notice stands, and who may do what with it next.

use catalog::WallTime;
use catalog::notice::{Notice, NoticeAct};
use catalog::unit::{Officer, Unit};
use serde::Serialize;

use super::refusal::{NoticeRefusal, Wanted};
use crate::review::UnitTree;

/// How far a notice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeState {
    /// Drafted, not issued.
    Draft,
    /// Issued, and not answered.
    Issued,
    /// Answered.
    Replied,
    /// The answer does.
    Closed,
    /// A graver one follows it.
    Escalated,
    /// It no longer holds.
    Withdrawn,
}

impl NoticeState {
    /// The stable code, as in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Issued => "issued",
            Self::Replied => "replied",
            Self::Closed => "closed",
            Self::Escalated => "escalated",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// In Chinese.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Draft => "待签发",
            Self::Issued => "已签发",
            Self::Replied => "已回复",
            Self::Closed => "已办结",
            Self::Escalated => "已升级",
            Self::Withdrawn => "已撤销",
        }
    }
}

/// Where a notice stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NoticeStanding {
    /// How far it is.
    pub state: NoticeState,
    /// Its whole number, once issued.
    pub number: Option<String>,
    /// When it was issued.
    pub issued_at: Option<WallTime>,
    /// Until when an answer is due.
    pub due_at: Option<WallTime>,
    /// When it was answered first.
    pub replied_at: Option<WallTime>,
    /// Whether the answer came late, or is overdue now.
    pub late: bool,
    /// Whether it is overdue now.
    pub overdue: bool,
}

/// Where `notice` stands at `now`.
pub fn notice_standing(notice: &Notice, now: WallTime) -> NoticeStanding {
    let mut standing = NoticeStanding {
        state: NoticeState::Draft,
        number: None,
        issued_at: None,
        due_at: None,
        replied_at: None,
        late: false,
        overdue: false,
    };
    for event in &notice.events {
        match &event.act {
            NoticeAct::Drafted => {}
            NoticeAct::Issued { number, due_at, .. } => {
                standing.state = NoticeState::Issued;
                standing.number = Some(number.clone());
                standing.issued_at = Some(event.at);
                standing.due_at = Some(*due_at);
            }
            NoticeAct::Replied { .. } => {
                // An answer to one that was escalated is kept, and leaves it escalated.
                if standing.state == NoticeState::Issued {
                    standing.state = NoticeState::Replied;
                }
                standing.replied_at = standing.replied_at.or(Some(event.at));
            }
            NoticeAct::Closed { .. } => standing.state = NoticeState::Closed,
            NoticeAct::Escalated { .. } => standing.state = NoticeState::Escalated,
            NoticeAct::Withdrawn { .. } => standing.state = NoticeState::Withdrawn,
        }
    }
    if let Some(due_at) = standing.due_at {
        standing.late = standing.replied_at.unwrap_or(now) >= due_at;
        standing.overdue = standing.state == NoticeState::Issued && now >= due_at;
    }
    standing
}

/// What somebody wants to do with a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoticeWish {
    /// Issue it; who agreed, where that is asked for.
    Issue(Option<String>),
    /// Answer it.
    Reply(String),
    /// Close it.
    Close(String),
    /// Withdraw it.
    Withdraw(String),
}

/// Whether `by` may do this with a notice.
///
/// # Errors
/// Says why not.
pub fn admit_notice(
    notice: &Notice,
    by: &Officer,
    units: &[Unit],
    wish: &NoticeWish,
    now: WallTime,
) -> Result<(), NoticeRefusal> {
    let state = notice_standing(notice, now).state;
    let unit = &notice.body.unit;
    let of_unit = by.unit == *unit || UnitTree::of(units).is_above(unit, &by.unit);
    let wrong_state = |wanted| NoticeRefusal::State { id: notice.id, state, wanted };
    let empty = |text: &str| text.trim().is_empty();
    if !matches!(wish, NoticeWish::Reply(_)) && of_unit {
        return Err(NoticeRefusal::OwnUnit { badge: by.badge.clone() });
    }
    match wish {
        NoticeWish::Issue(_) if state != NoticeState::Draft => Err(wrong_state(Wanted::Issued)),
        NoticeWish::Issue(approval)
            if notice.body.needs_approval && approval.as_deref().is_none_or(empty) =>
        {
            Err(NoticeRefusal::Approval { kind: notice.body.kind })
        }
        NoticeWish::Reply(_) if !of_unit => Err(NoticeRefusal::OtherUnit {
            badge: by.badge.clone(),
            theirs: by.unit.clone(),
            unit: unit.clone(),
        }),
        NoticeWish::Reply(_)
            if !matches!(state, NoticeState::Issued | NoticeState::Replied | NoticeState::Escalated) =>
        {
            Err(wrong_state(Wanted::Answered))
        }
        NoticeWish::Reply(text) if empty(text) => Err(NoticeRefusal::NoAnswer),
        NoticeWish::Close(_) if !matches!(state, NoticeState::Replied | NoticeState::Escalated) => {
            Err(wrong_state(Wanted::Closed))
        }
        NoticeWish::Close(note) if empty(note) => Err(NoticeRefusal::NoteOfClosing),
        NoticeWish::Withdraw(_) if matches!(state, NoticeState::Closed | NoticeState::Withdrawn) => {
            Err(wrong_state(Wanted::Withdrawn))
        }
        NoticeWish::Withdraw(reason) if empty(reason) => Err(NoticeRefusal::NoReason),
        _ => Ok(()),
    }
}
