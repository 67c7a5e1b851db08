//! What stands in the way of a round, in Chinese; the English words stand with the errors themselves.

use super::draw::{DrawError, SeedError};
use super::freeze::FreezeError;
use super::trail::ActError;

impl FreezeError {
    /// In Chinese, with what to do.
    pub fn zh(&self) -> String {
        match self {
            Self::Duplicate { what, name } => {
                let what = match *what {
                    "case" => "案件",
                    "stage" => "环节",
                    "unit" => "单位",
                    "officer" => "执法人员",
                    other => other,
                };
                format!("{what}{name}出现两次，名单中每项只能有一个，请更正导入数据")
            }
            Self::NoSuchCase { stage, case_no } => {
                format!("环节{stage}所属案件不存在，请先导入案件{case_no}")
            }
            Self::Unwritable { text, .. } => {
                format!("名称{text:?}为空或含有控制字符（制表符、换行），请更正后重新导入")
            }
            Self::NoCheck { policy, kind, known } => {
                format!("方案{policy}没有{}（{kind}）这项抽查，现有：{known}", kind.zh())
            }
            Self::NoRoundInMonth { policy, kind, month, next } => {
                format!("方案{policy}每季度抽查一次{}，{month}没有批次，下一批次在{next}", kind.zh())
            }
        }
    }
}

impl SeedError {
    /// In Chinese, with what to do.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Empty => "种子为空：请填写公布的种子，例如 20240603-4-2-6",
            Self::Untrimmed => "种子首尾有空格，看不见也读不出：请去掉空格",
            Self::Control => "种子含有控制字符（制表符、换行）：请填写一行可见文字",
        }
    }
}

impl DrawError {
    /// In Chinese, with what to do.
    pub fn zh(&self) -> String {
        match self {
            Self::Seed(error) => error.zh().to_owned(),
            Self::FrameAltered { round, expected, found } => format!(
                "批次{round}的抽样框在冻结后被改动：现摘要为{found}，公布的是{expected}。请恢复原抽样框，或另行冻结"
            ),
        }
    }
}

impl ActError {
    /// In Chinese, with what to do.
    pub fn zh(&self) -> String {
        match self {
            Self::NotDrawn(id) => format!("{id}不在本批次抽中之列，请从抽中的条目中选择"),
            Self::Twice(id) => format!("{id}已经免查或替补过"),
            Self::NothingLeft(unit) => format!("单位{unit}在抽样框中已没有未抽中的条目"),
            Self::NoReason => "请写明何人决定、因何决定：两项均长期留存，不能为空".to_owned(),
        }
    }
}
