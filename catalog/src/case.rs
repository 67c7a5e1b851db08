//! What should exist: cases, their dated stages, and the links that people made by hand.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::code::coded;
use crate::interval::Interval;
use crate::time::WallTime;

coded! {
    /// By which procedure a case is handled.
    pub enum Procedure("procedure") {
        /// 普通程序.
        Ordinary = "ordinary" / "普通程序",
        /// 简易程序.
        Simple = "simple" / "简易程序",
        /// A planned or "double random" inspection.
        Inspection = "inspection" / "检查",
        /// A complaint or petition.
        Complaint = "complaint" / "投诉",
    }
}

coded! {
    /// What is done in a stage. The first nine are those of Jing'an 2024, 三(二)1(2).
    pub enum StageKind("kind of stage") {
        /// Handling of a complaint or report.
        ComplaintHandling = "complaint_handling" / "投诉举报处置",
        /// Inspection on site.
        SiteInspection = "site_inspection" / "现场检查",
        /// Penalty by the simple procedure.
        SimplePenalty = "simple_penalty" / "简易处罚",
        /// Service of a document by leaving it.
        LienService = "lien_service" / "留置送达",
        /// Seizure of goods.
        Seizure = "seizure" / "实施扣押",
        /// Registration and preservation of evidence in advance.
        EvidenceRegistration = "evidence_registration" / "证据先行登记保存",
        /// Forced demolition.
        ForcedDemolition = "forced_demolition" / "强制拆除",
        /// Hearing.
        Hearing = "hearing" / "听证",
        /// Handling of an emergency.
        Emergency = "emergency" / "突发事件处置",
        /// Legal review of a major decision; done at a desk.
        LegalReview = "legal_review" / "法制审核",
    }
}

/// A case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// Case number, unique.
    pub case_no: String,
    /// Code of the unit that handles it.
    pub unit: String,
    /// By which procedure.
    pub procedure: Procedure,
    /// When it was filed.
    pub filed_at: WallTime,
    /// When it was closed; `None` while open.
    pub closed_at: Option<WallTime>,
    /// What it is about.
    pub title: String,
}

/// How often a complaint or petition was made; one that nobody repeated was made once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Complaint {
    /// Case number of the complaint.
    pub case_no: String,
    /// How often it was made, the first time included; at least 1.
    pub repeats: u32,
}

/// The name of a stage, `CASE/STAGE`; also the name of the obligation that policy makes of it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StageId {
    /// Case number.
    pub case_no: String,
    /// Number of the stage within its case.
    pub stage_no: u32,
}

impl fmt::Display for StageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.case_no, self.stage_no)
    }
}

impl fmt::Debug for StageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text is no name of a stage.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}`: expected CASE/STAGE, for example 沪静城管案〔2024〕0012/3")]
pub struct NoStageId {
    text: String,
}

impl FromStr for StageId {
    type Err = NoStageId;

    /// Reads `CASE/STAGE`; case numbers may have slashes of their own.
    fn from_str(text: &str) -> Result<Self, NoStageId> {
        let wrong = || NoStageId { text: text.to_owned() };
        let (case_no, stage_no) = text.rsplit_once('/').ok_or_else(wrong)?;
        let stage_no = stage_no.parse().map_err(|_| wrong())?;
        if case_no.is_empty() {
            return Err(wrong());
        }
        Ok(Self { case_no: case_no.to_owned(), stage_no })
    }
}

impl Serialize for StageId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// One dated entry of a case's timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    /// Case number.
    pub case_no: String,
    /// Number of the stage within its case, from 1.
    pub stage_no: u32,
    /// What was done.
    pub kind: StageKind,
    /// From when.
    pub starts_at: WallTime,
    /// Until when; after `starts_at`.
    pub ends_at: WallTime,
    /// Badges of the officers who did it; in order, none twice.
    pub officers: Vec<String>,
    /// Where.
    pub place: String,
}

impl Stage {
    /// The stage's name.
    pub fn id(&self) -> StageId {
        StageId { case_no: self.case_no.clone(), stage_no: self.stage_no }
    }

    /// The time that the stage took.
    pub fn interval(&self) -> Interval<WallTime> {
        Interval::new(self.starts_at, self.ends_at)
    }
}

/// A recording that a person tied to a stage.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Link {
    /// Case number.
    pub case_no: String,
    /// Number of the stage.
    pub stage_no: u32,
    /// Key of the object within its store.
    pub object_key: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_number_may_have_slashes_of_its_own() {
        let id: StageId = "沪/2024/0012/3".parse().unwrap();
        assert_eq!((id.case_no.as_str(), id.stage_no), ("沪/2024/0012", 3));
        assert_eq!(id.to_string().parse(), Ok(id));
        for wrong in ["", "3", "/3", "A-1/", "A-1/x", "A-1/-1"] {
            let error = wrong.parse::<StageId>().unwrap_err().to_string();
            assert!(error.contains("CASE/STAGE"), "{error}");
        }
    }
}
