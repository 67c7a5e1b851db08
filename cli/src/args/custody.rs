//! Arguments of `reelproof reconcile` and `reelproof excuse`.

use catalog::case::StageId;
use catalog::excuse::ExcuseReason;
use catalog::{Month, WallTime};
use clap::Subcommand;

#[derive(Debug, clap::Args)]
pub(crate) struct ReconcileArgs {
    /// Month in which the recordings began [default: that of --as-of]
    #[arg(long, value_name = "YYYY-MM")]
    pub month: Option<Month>,

    /// Policy: a built-in name, or a file [default: jingan-2024]
    #[arg(long, value_name = "NAME", env = "REELPROOF_POLICY")]
    pub policy: Option<String>,

    /// Compare as the catalog was at this time [default: now]
    #[arg(long, value_name = "TIME")]
    pub as_of: Option<WallTime>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ExcuseCommand {
    /// Record why a stage, or a part of it, was not recorded
    Add(AddArgs),
    /// Take an excuse back; it stays on record
    Withdraw(WithdrawArgs),
    /// List excuses, withdrawn ones too
    List(ListArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct AddArgs {
    /// Stage: CASE/STAGE
    #[arg(long, value_name = "CASE/STAGE")]
    pub stage: StageId,

    /// Reason: fault weather battery storage change_of_venue secrecy privacy urgency, or its Chinese word
    #[arg(long, value_name = "REASON")]
    pub reason: ExcuseReason,

    /// From when it applies [default: the stage's start]
    #[arg(long, value_name = "TIME")]
    pub from: Option<WallTime>,

    /// Until when it applies [default: the stage's end]
    #[arg(long, value_name = "TIME")]
    pub to: Option<WallTime>,

    /// In your words
    #[arg(long, default_value = "")]
    pub note: String,

    /// Your badge or name
    #[arg(long, value_name = "WHO")]
    pub by: String,

    /// Policy that says which reasons count: a built-in name, or a file [default: jingan-2024]
    #[arg(long, value_name = "NAME", env = "REELPROOF_POLICY")]
    pub policy: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct WithdrawArgs {
    /// Stage: CASE/STAGE
    #[arg(long, value_name = "CASE/STAGE")]
    pub stage: StageId,

    /// Reason of the excuse; needed where several stand
    #[arg(long, value_name = "REASON")]
    pub reason: Option<ExcuseReason>,

    /// When the excuse was recorded; needed where several of one reason stand
    #[arg(long, value_name = "TIME")]
    pub recorded_at: Option<WallTime>,

    /// In your words
    #[arg(long, default_value = "")]
    pub note: String,

    /// Your badge or name
    #[arg(long, value_name = "WHO")]
    pub by: String,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ListArgs {
    /// Only those of stages that begin in this month
    #[arg(long, value_name = "YYYY-MM")]
    pub month: Option<Month>,

    /// Only those of this stage
    #[arg(long, value_name = "CASE/STAGE")]
    pub stage: Option<StageId>,
}
