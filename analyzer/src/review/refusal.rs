//! Why an act of review is not admitted, in both languages, and what to do.

use catalog::review::Outcome;

use super::recusal::Recusal;
use super::standing::ReviewState;

/// Why an act is not admitted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is somebody else's to judge.
    #[error(
        "{badge} holds no seat of {item}: its supervisors are {holders}; `reelproof review reassign` changes that"
    )]
    NoSeat {
        /// Who tried.
        badge: String,
        /// The item.
        item: String,
        /// Who holds its seats.
        holders: String,
    },
    /// They have to stand back.
    #[error("{badge} has to stand back from {item} (回避): {}; somebody else must do this", because.en())]
    Recused {
        /// Who tried.
        badge: String,
        /// The item.
        item: String,
        /// Why.
        because: Recusal,
    },
    /// An irregular verdict on a recording without a code.
    #[error("an irregular verdict names what is irregular: give --code, as often as needed")]
    NoCodes,
    /// An irregular verdict on something else without a word.
    #[error("an irregular verdict says what is irregular: give --note")]
    NoteOfWhat,
    /// Codes of a verdict that is not irregular.
    #[error("codes belong to an irregular verdict alone: leave --code away")]
    Codes,
    /// Missing, or excused, without a word.
    #[error("say in a note what was looked for, or why it is excused: give --note")]
    NoteOfLooking,
    /// A changed verdict without a word.
    #[error("a changed verdict says why: give --note; the earlier one stays on record")]
    NoteOfChange,
    /// A decision without a word.
    #[error("a decision says why: give --note")]
    NoteOfDecision,
    /// A statement without a word.
    #[error("the statement is empty: give its words with --text")]
    NoWords,
    /// It is too late for a change of verdict.
    #[error("{item} is {}: from then on only a decision changes what it is (`reelproof review decide`)", state.as_str())]
    PastVerdicts {
        /// The item.
        item: String,
        /// Its state.
        state: ReviewState,
    },
    /// There is nothing to explain or to appeal against.
    #[error("{item} is {}: a squad explains or appeals once it was found irregular or missing", state.as_str())]
    NothingAgainst {
        /// The item.
        item: String,
        /// Its state.
        state: ReviewState,
    },
    /// It is not their unit's.
    #[error("{badge} is of unit {theirs}, and {item} is of {unit}: its own unit speaks for it")]
    OtherUnit {
        /// Who tried.
        badge: String,
        /// Their unit.
        theirs: String,
        /// The item.
        item: String,
        /// Its unit.
        unit: String,
    },
    /// The days are over.
    #[error("the last day for this was {last_day}: policy gives {days} days from the settled verdict")]
    TooLate {
        /// The last day.
        last_day: String,
        /// How many days policy gives.
        days: u32,
    },
    /// A squad appeals once.
    #[error("{item} was appealed before: there is one appeal")]
    AppealedBefore {
        /// The item.
        item: String,
    },
    /// Somebody decided, and that is final.
    #[error("{item} was decided, and a decision is final: there is no appeal against it")]
    DecidedBefore {
        /// The item.
        item: String,
    },
    /// There is nothing to decide.
    #[error("{item} is {}: a decision takes an open appeal, or verdicts that differ", state.as_str())]
    NothingToDecide {
        /// The item.
        item: String,
        /// Its state.
        state: ReviewState,
    },
    /// They took part so far.
    #[error("{badge} took part in judging {item}: another person decides")]
    TookPart {
        /// Who tried.
        badge: String,
        /// The item.
        item: String,
    },
    /// An appeal is granted or rejected; a disagreement is neither.
    #[error("say whether the appeal is granted where there is one, and only there (--grant or --reject)")]
    GrantedOrNot,
    /// The appeal was rejected, and the outcome is another.
    #[error("a rejected appeal leaves the outcome as it was: {outcome}")]
    RejectedYetChanged {
        /// What it was.
        outcome: Outcome,
    },
}

impl Refusal {
    /// The same in Chinese.
    pub fn zh(&self) -> String {
        match self {
            Self::NoSeat { badge, item, holders } => format!(
                "{badge}不是{item}的复核人员，该件由{}复核；需要调整的，请用 reelproof review reassign",
                holders.replace(", ", "、")
            ),
            Self::Recused { badge, item, because } => {
                format!("{badge}应当回避{item}：{}，请由其他人员办理", because.zh())
            }
            Self::NoCodes => "认定不规范的，应当写明问题种类：请用 --code，可多次给出".into(),
            Self::NoteOfWhat => "认定不规范的，应当写明不规范之处：请用 --note".into(),
            Self::Codes => "问题种类只用于不规范的结论：请去掉 --code".into(),
            Self::NoteOfLooking => "认定缺失或予以免责的，应当写明查找情况或免责理由：请用 --note".into(),
            Self::NoteOfChange => "变更结论应当说明理由：请用 --note；原结论仍留存".into(),
            Self::NoteOfDecision => "裁定应当说明理由：请用 --note".into(),
            Self::NoWords => "内容为空：请用 --text 写明".into(),
            Self::PastVerdicts { item, state } => {
                format!("{item}{}，此后只能由裁定变更结论（reelproof review decide）", state.zh())
            }
            Self::NothingAgainst { item, state } => {
                format!("{item}{}：只有认定不规范或缺失后，中队才能说明或申诉", state.zh())
            }
            Self::OtherUnit { badge, theirs, item, unit } => {
                format!("{badge}所在单位为{theirs}，{item}属{unit}，应由该单位人员提出")
            }
            Self::TooLate { last_day, days } => {
                format!("期限已于{last_day}届满（自形成结论起{days}日内）")
            }
            Self::AppealedBefore { item } => format!("{item}已申诉过一次，不再受理"),
            Self::DecidedBefore { item } => format!("{item}已经裁定，裁定为最终结论，不再受理申诉"),
            Self::NothingToDecide { item, state } => {
                format!("{item}{}：只有申诉中或意见不一致的，才需裁定", state.zh())
            }
            Self::TookPart { badge, item } => format!("{badge}参加过{item}的复核，应由其他人员裁定"),
            Self::GrantedOrNot => {
                "有申诉的，请写明是否采纳（--grant 或 --reject）；没有申诉的，不要写".into()
            }
            Self::RejectedYetChanged { outcome } => {
                format!("不予采纳申诉的，结论应当维持“{}”", outcome.zh())
            }
        }
    }
}
