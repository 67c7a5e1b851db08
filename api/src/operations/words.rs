//! What stands in the way of an operation, in Chinese; the English words stand with the errors themselves.
//! Where the machine itself fails (the catalog, a disk), its own words stay as they are.

use super::OperationError;

impl OperationError {
    /// In Chinese, with what to do.
    pub fn zh(&self) -> String {
        match self {
            Self::EmptyMonth { month, .. } => format!("{month}没有开始的环节：请导入该月数据，或另选月份"),
            Self::EmptyBaseMonth { month, base_month, .. } => format!(
                "{month}批次核查{base_month}应录环节，而{base_month}没有开始的环节：请先导入该月案件和环节"
            ),
            Self::EmptyFrame { month, kind, base_from, base_to } => {
                let time = if base_from == base_to {
                    base_to.to_string()
                } else {
                    format!("{base_from}至{base_to}")
                };
                format!(
                    "{time}没有{}：请先导入；确无可抽查的，请冻结空名单：reelproof sample freeze --month {month} --kind {kind}",
                    kind.zh()
                )
            }
            Self::NoDroneGoal { policy } => format!(
                "方案{policy}未规定无人机覆盖目标：请用 --policy 指定有此规定的方案（如 pudong-2023），或在方案中增加 [drone_coverage]"
            ),
            Self::NoFlyableArea => {
                "未导入适航区域：请用 reelproof import areas FILE 导入 GeoJSON（kind = flyable、no_fly）"
                    .to_owned()
            }
            Self::NoSorties { month, .. } => format!("{month}没有架次：请导入架次，或另选月份"),
            Self::Freeze(error) => error.zh(),
            Self::Draw(error) => error.zh(),
            Self::NoRound { round, .. } => {
                format!(
                    "没有批次{round}：请先冻结（reelproof sample freeze --month YYYY-MM），或核对批次名称"
                )
            }
            Self::NotDrawn { round } => format!(
                "批次{round}已冻结、未抽取：请公布种子后执行 reelproof sample draw --round {round} --seed 种子"
            ),
            Self::DrawnBefore { round, seed } => {
                format!(
                    "批次{round}已用种子“{seed}”抽取，不得换种子再抽；确需重抽的，请用 sample redraw 并写明理由"
                )
            }
            Self::SeedKnown { seed, other, drawn_at, frozen_at } => format!(
                "种子“{seed}”已于{drawn_at}用于抽取{other}，早于本批次冻结时间{frozen_at}：冻结人当时已知该种子，请按公布的方式另行产生"
            ),
            Self::SeedTooEarly { seed_at, frozen_at } => format!(
                "种子产生于{seed_at}，早于批次冻结时间{frozen_at}：冻结时无人知晓的种子才有效，请按公布的方式另行产生"
            ),
            Self::Act(error) => error.zh(),
            Self::StoredRound { round, source } => {
                format!("批次{round}的留存内容无法读取（{source}）：可能由其他版本写入，或被人工改动")
            }
            Self::CutOff(error) => format!("计算中断：{error}"),
            Self::Store(_) | Self::Report(_) => self.to_string(),
        }
    }
}
