//! What people do with what was drawn: review it, send notices, send the return; and the schedule that
//! does by itself what needs nobody's judgement. The command line and the HTTP handlers call these.

pub mod filing;
mod moments;
pub mod notice;
pub mod review;
pub mod schedule;

use std::collections::BTreeMap;

use analyzer::notice::NoticeRefusal;
use analyzer::office::PaperError;
use analyzer::policy::Policy;
use analyzer::report::files::FileError;
use analyzer::review::{Refusal, ReviewRules};
use catalog::store::{Catalog, StoreError};
use catalog::unit::Officer;

use crate::operations::OperationError;

/// Under whose name the schedule does things.
pub const SCHEDULE: &str = "schedule";

/// Something that people do did not come about.
#[derive(Debug, thiserror::Error)]
pub enum CaseworkError {
    /// An operation on rounds or audits.
    #[error(transparent)]
    Operation(#[from] OperationError),
    /// Who may do what, when.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Who may do what with a notice, when.
    #[error(transparent)]
    Notice(NoticeRefusal),
    /// A paper could not be put together.
    #[error(transparent)]
    Paper(#[from] PaperError),
    /// A file of the return could not be put together.
    #[error(transparent)]
    File(#[from] FileError),
    /// A kept file is not what was kept.
    #[error(
        "the kept return {file} has the SHA-256 {found}, and {recorded} was recorded: the catalog was changed by hand"
    )]
    KeptChanged {
        /// Which file.
        file: String,
        /// The recorded digest.
        recorded: String,
        /// The digest of what is there.
        found: String,
    },
    /// The policy says nothing about it.
    #[error(
        "the policy {policy} has no block [{block}]: add it to the policy's file (policies/jingan-2024.toml shows one)"
    )]
    NoRules {
        /// The policy.
        policy: String,
        /// The block.
        block: &'static str,
    },
    /// The round is another policy's.
    #[error("round {round} is of the policy {of}, not of {given}: give --policy {of}")]
    OtherPolicy {
        /// The round.
        round: String,
        /// Its policy.
        of: String,
        /// The policy that was given.
        given: String,
    },
    /// There is nobody of this badge.
    #[error("there is no officer of badge {0}: take the officers in with `reelproof import officers FILE`")]
    NoOfficer(String),
    /// There is no such unit.
    #[error("there is no unit {0}: take the units in with `reelproof import units FILE`")]
    NoUnit(String),
    /// The item is nobody's to review.
    #[error(
        "{item} is not assigned in round {round}: `reelproof review list --round {round}` shows what is; assign with `reelproof review assign --round {round}`"
    )]
    NotAssigned {
        /// The round.
        round: String,
        /// The item.
        item: String,
    },
    /// Somebody else was quicker.
    #[error("somebody else recorded something about {0} just now: look at it again, then repeat the command")]
    Raced(Words),
    /// What was given does not do.
    #[error("{0}")]
    Input(Words),
}

/// Words in both languages, for what is said in one place only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// In English.
    pub en: String,
    /// In Chinese.
    pub zh: String,
}

impl std::fmt::Display for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.en)
    }
}

impl CaseworkError {
    /// Wrong input, in both languages.
    pub(crate) fn input(en: impl Into<String>, zh: impl Into<String>) -> Self {
        Self::Input(Words { en: en.into(), zh: zh.into() })
    }

    /// Somebody else was quicker with this.
    pub(crate) fn raced(en: impl Into<String>, zh: impl Into<String>) -> Self {
        Self::Raced(Words { en: en.into(), zh: zh.into() })
    }

    /// In Chinese, with what to do; where the machine itself fails, its own words.
    pub fn zh(&self) -> String {
        match self {
            Self::Operation(error) => error.zh(),
            Self::Refused(refusal) => refusal.zh(),
            Self::Notice(refusal) => refusal.zh(),
            Self::Paper(_) | Self::File(_) => self.to_string(),
            Self::KeptChanged { file, recorded, found } => {
                format!("留存的月报{file}摘要为{found}，而登记的是{recorded}：数据库被人工改动")
            }
            Self::NoRules { policy, block } => {
                format!(
                    "方案{policy}没有[{block}]部分：请在方案文件中增加（可参照 policies/jingan-2024.toml）"
                )
            }
            Self::OtherPolicy { round, of, given } => {
                format!("{round}属方案{of}，不属{given}：请用 --policy {of}")
            }
            Self::NoOfficer(badge) => {
                format!("没有警号为{badge}的执法人员：请先导入（reelproof import officers FILE）")
            }
            Self::NoUnit(unit) => format!("没有单位{unit}：请先导入（reelproof import units FILE）"),
            Self::NotAssigned { round, item } => format!(
                "{item}在批次{round}中尚未分配复核：reelproof review list --round {round} 查看，reelproof review assign --round {round} 分配"
            ),
            Self::Raced(what) => format!("刚刚有人就{}作了登记：请重新查看后再试", what.zh),
            Self::Input(words) => words.zh.clone(),
        }
    }
}

impl From<StoreError> for CaseworkError {
    fn from(error: StoreError) -> Self {
        Self::Operation(error.into())
    }
}

/// The policy's rules of review.
pub(crate) fn review_rules(policy: &Policy) -> Result<&ReviewRules, CaseworkError> {
    policy
        .review
        .as_ref()
        .ok_or_else(|| CaseworkError::NoRules { policy: policy.name.clone(), block: "review" })
}

/// All officers, by badge.
pub(crate) async fn officers(catalog: &dyn Catalog) -> Result<BTreeMap<String, Officer>, CaseworkError> {
    Ok(catalog.officers().await?.into_iter().map(|officer| (officer.badge.clone(), officer)).collect())
}

/// The officer of this badge.
pub(crate) async fn officer(catalog: &dyn Catalog, badge: &str) -> Result<Officer, CaseworkError> {
    officers(catalog).await?.remove(badge).ok_or_else(|| CaseworkError::NoOfficer(badge.to_owned()))
}
