//! What was sent, and what was done by itself: returns as they were sent, and the steps of the schedule.
//!
//! A return that was sent stays as it was, byte for byte. Should a figure come out otherwise later, that
//! is a next version beside it. A draft is kept the same way and counts its versions for itself.

use serde::{Deserialize, Serialize};

use crate::code::coded;
use crate::time::{Month, WallTime};

coded! {
    /// Whether a return has left the house.
    pub enum ReturnState("state of a return") {
        /// It was made before the due day, to be looked at.
        Draft = "draft" / "草稿",
        /// It was sent.
        Sent = "sent" / "已报送",
    }
}

/// One file of a kept return.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnFile {
    /// The ending of its name, which says the format: `json`, `xlsx`, `docx`, `csv`.
    pub format: String,
    /// Its bytes, as sent.
    pub bytes: Vec<u8>,
    /// Their SHA-256, lower-case hexadecimal.
    pub sha256: String,
}

/// A return to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnRecord {
    /// Month of the return.
    pub month: Month,
    /// Name of the policy.
    pub policy: String,
    /// Draft or sent.
    pub state: ReturnState,
    /// When.
    pub at: WallTime,
    /// Who.
    pub by: String,
    /// SHA-256 of its figures, lower-case hexadecimal: the same figures are the same version.
    pub figures_sha256: String,
    /// Its sentence.
    pub sentence: String,
    /// Its files, by format.
    pub files: Vec<ReturnFile>,
}

/// A kept return without its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReturnEntry {
    /// Month of the return.
    pub month: Month,
    /// Name of the policy.
    pub policy: String,
    /// Draft or sent.
    pub state: ReturnState,
    /// Number among the versions of this state, from 1.
    pub version: u32,
    /// When.
    pub at: WallTime,
    /// Who.
    pub by: String,
    /// SHA-256 of its figures.
    pub figures_sha256: String,
    /// Its sentence.
    pub sentence: String,
    /// Formats with the SHA-256 of their bytes, by format.
    pub files: Vec<(String, String)>,
}

coded! {
    /// The steps of a month, in their order.
    pub enum StepKind("step") {
        /// Freeze the round.
        Freeze = "freeze" / "冻结抽样框",
        /// Draw it, once the seed is there; remind of the seed until then.
        Draw = "draw" / "抽取",
        /// Assign what was drawn.
        Assign = "assign" / "分配复核任务",
        /// Remind reviewers.
        Remind = "remind" / "提醒复核人员",
        /// Draft notices from what was found.
        Notices = "notices" / "起草督察文书",
        /// Escalate notices that went unanswered.
        Escalate = "escalate" / "逾期升级",
        /// Draft the return.
        Return = "return" / "起草月报",
    }
}

coded! {
    /// How a step ended.
    pub enum StepOutcome("outcome of a step") {
        /// It was done now.
        Done = "done" / "已完成",
        /// It waits for something that a person has to do.
        Waiting = "waiting" / "等待",
        /// It could only be done in part.
        Incomplete = "incomplete" / "未全部完成",
        /// It failed.
        Failed = "failed" / "失败",
    }
}

/// One step of the schedule, as recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleStep {
    /// Month of the round.
    pub month: Month,
    /// Name of the policy.
    pub policy: String,
    /// Which step.
    pub step: StepKind,
    /// Name of the round that it is about; `None`: the whole month.
    #[serde(default)]
    pub round: Option<String>,
    /// When.
    pub at: WallTime,
    /// How it ended.
    pub outcome: StepOutcome,
    /// What was done, what is waited for, or what went wrong.
    pub detail: String,
    /// The same in Chinese.
    pub detail_zh: String,
}

/// The seed of a round as it was announced, for the schedule to draw with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnnouncedSeed {
    /// Name of the round.
    pub round: String,
    /// The seed, byte for byte.
    pub seed: String,
    /// When it was entered.
    pub at: WallTime,
    /// Who entered it.
    pub by: String,
}
