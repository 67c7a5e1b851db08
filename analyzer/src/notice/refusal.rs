//! Why something cannot be done with a notice, in both languages, and what to do.

use catalog::notice::NoticeKind;

use super::standing::NoticeState;

/// What was to become of a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// To be issued.
    Issued,
    /// To be answered.
    Answered,
    /// To be closed.
    Closed,
    /// To be withdrawn.
    Withdrawn,
}

impl Wanted {
    const fn en(self) -> &'static str {
        match self {
            Self::Issued => "issued",
            Self::Answered => "answered",
            Self::Closed => "closed",
            Self::Withdrawn => "withdrawn",
        }
    }

    const fn zh(self) -> &'static str {
        match self {
            Self::Issued => "签发",
            Self::Answered => "回复",
            Self::Closed => "办结",
            Self::Withdrawn => "撤销",
        }
    }
}

/// Why something cannot be done with a notice.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoticeRefusal {
    /// It is not in a state for this.
    #[error("notice {id} is {}: it cannot be {} now", state.as_str(), wanted.en())]
    State {
        /// The notice.
        id: u64,
        /// Its state.
        state: NoticeState,
        /// What was wanted.
        wanted: Wanted,
    },
    /// The party committee has to agree first.
    #[error(
        "a {} is issued once the bureau's party committee agreed (经局党组研究同意): say when, and at which meeting",
        kind.zh()
    )]
    Approval {
        /// The kind.
        kind: NoticeKind,
    },
    /// The receiving unit speaks for itself.
    #[error("{badge} is of unit {theirs}; the notice went to {unit}, which answers itself")]
    OtherUnit {
        /// Who tried.
        badge: String,
        /// Their unit.
        theirs: String,
        /// The receiving unit.
        unit: String,
    },
    /// Nobody issues or closes what went to their own unit.
    #[error("{badge} is of the unit that the notice goes to: somebody else does this (回避)")]
    OwnUnit {
        /// Who tried.
        badge: String,
    },
    /// An answer without a word.
    #[error("the answer is empty: give its words with --text")]
    NoAnswer,
    /// A notice that is closed without a word.
    #[error("say why the answer does: give --note")]
    NoteOfClosing,
    /// A notice that is withdrawn without a reason.
    #[error("say why it no longer holds: give --reason")]
    NoReason,
}

impl NoticeRefusal {
    /// The same in Chinese.
    pub fn zh(&self) -> String {
        match self {
            Self::State { id, state, wanted } => {
                format!("文书{id}{}，现在不能{}", state.zh(), wanted.zh())
            }
            Self::Approval { kind } => {
                format!("《{}》须经局党组研究同意后签发：请写明何时、经何会议研究同意", kind.zh())
            }
            Self::OtherUnit { badge, theirs, unit } => {
                format!("{badge}所在单位为{theirs}，该文书发给{unit}，应由该单位回复")
            }
            Self::OwnUnit { badge } => format!("{badge}系收文单位人员，应当回避，请由其他人员办理"),
            Self::NoAnswer => "回复内容为空：请用 --text 写明".into(),
            Self::NoteOfClosing => "请用 --note 写明整改到位的情况".into(),
            Self::NoReason => "请用 --reason 写明撤销理由".into(),
        }
    }
}
