//! Reasons a person recorded for a stop or for not recording at all. An excuse never removes a
//! finding: it stands beside it, with who and when.

use serde::{Deserialize, Serialize};

use crate::code::coded;
use crate::interval::Interval;
use crate::time::WallTime;

coded! {
    /// Why recording stopped or never began. Which of them count is a matter of policy.
    pub enum ExcuseReason("reason") {
        /// The device failed.
        Fault = "fault" / "设备故障",
        /// The weather.
        Weather = "weather" / "恶劣天气",
        /// The battery was empty.
        Battery = "battery" / "电量不足",
        /// The storage was full.
        Storage = "storage" / "存储空间不足",
        /// The act went on elsewhere.
        ChangeOfVenue = "change_of_venue" / "变更地点",
        /// State or trade secrets.
        Secrecy = "secrecy" / "涉及秘密",
        /// Privacy.
        Privacy = "privacy" / "涉及隐私",
        /// There was no time to switch on.
        Urgency = "urgency" / "情况紧急",
    }
}

/// An excuse for a part, or the whole, of one stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excuse {
    /// Case number.
    pub case_no: String,
    /// Number of the stage.
    pub stage_no: u32,
    /// Why.
    pub reason: ExcuseReason,
    /// In the person's words; may be empty.
    pub note: String,
    /// Badge or name of the person who recorded it.
    pub recorded_by: String,
    /// When it was recorded.
    pub recorded_at: WallTime,
    /// From when it applies; `None`: from the stage's start.
    pub starts_at: Option<WallTime>,
    /// Until when it applies; `None`: to the stage's end.
    pub ends_at: Option<WallTime>,
}

/// That a person took an excuse back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawal {
    /// Badge or name of the person.
    pub withdrawn_by: String,
    /// When.
    pub withdrawn_at: WallTime,
    /// Why, in the person's words; may be empty.
    pub note: String,
}

/// An excuse as it stands on record, with what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExcuseEntry {
    /// The excuse.
    #[serde(flatten)]
    pub excuse: Excuse,
    /// That it was withdrawn; `None` while it stands.
    pub withdrawal: Option<Withdrawal>,
}

impl Excuse {
    /// The part of `stage` that the excuse speaks of; may be empty.
    pub fn within(&self, stage: Interval<WallTime>) -> Interval<WallTime> {
        stage.intersection(&Interval::new(
            self.starts_at.unwrap_or(stage.start),
            self.ends_at.unwrap_or(stage.end),
        ))
    }
}
