//! Fixity: reading stored footage again to see whether its bytes are still those that were recorded.
//!
//! What is said here is what a check found and how a run of checks went. How risky it is to leave an object unread is for the
//! analyzer to say, by the policy's figures.

use crate::code::coded;

coded! {
    /// What reading an object again came to.
    pub enum CheckOutcome("outcome of a check") {
        /// All bytes are those that were recorded.
        Intact = "intact" / "一致",
        /// They are not; what is there now is a new version.
        Altered = "altered" / "内容被改动",
        /// The object is not in its store any more.
        Missing = "missing" / "已不存在",
        /// It could not be read: nothing is known of its bytes.
        Unreadable = "unreadable" / "读取失败",
    }
}

coded! {
    /// Why an object is read again, most pressing first: of several reasons the first counts.
    pub enum RiskClass("reason to read an object again") {
        /// It was moved, copied or restored since all of it was last read.
        Moved = "moved" / "迁移后未核验" / "moved since it was last read",
        /// It stands for an obligation that was drawn in a round.
        Sampled = "sampled" / "已被抽中" / "drawn in a round",
        /// It stands for a stage of a case.
        Case = "case" / "案件证据" / "evidence of a case",
        /// Nothing is known that it stands for.
        Other = "other" / "其他" / "everything else",
    }
}

coded! {
    /// How a run of checks ended.
    pub enum FixityEnd("end of a fixity run") {
        /// Everything that was due was read.
        Done = "done" / "应核尽核" / "all that was due was read",
        /// The budget was used up before that.
        Budget = "budget" / "额度用完" / "the budget was used up",
        /// Somebody stopped it.
        Stopped = "stopped" / "中途停止" / "it was stopped",
    }
}
