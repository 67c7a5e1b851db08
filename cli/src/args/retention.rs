//! Arguments of `reelproof retention`.

use analyzer::retention::Advice;
use catalog::{Month, WallTime};
use clap::ValueEnum;

#[derive(Debug, clap::Args)]
pub(crate) struct RetentionArgs {
    /// Name the recordings that began in this month, and those of which nobody knows when they did
    #[arg(long, value_name = "YYYY-MM")]
    pub month: Option<Month>,

    /// With --month: only those of which this is advised
    #[arg(long, value_name = "ADVICE", value_enum, requires = "month")]
    pub advice: Option<Wanted>,

    /// Advise as of this time [default: now]
    #[arg(long, value_name = "TIME")]
    pub at: Option<WallTime>,

    /// Policy that says for how long footage is kept: a built-in name, or a file [default: jingan-2024]
    #[arg(long, value_name = "NAME", env = "REELPROOF_POLICY")]
    pub policy: Option<String>,
}

/// [`Advice`] for the command line.
#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum Wanted {
    /// 锁定: something is open that it may be needed for
    Locked,
    /// 须保存: to be kept for longer
    Keep,
    /// 可清理: nothing on record asks for it any more
    MayGo,
}

impl From<Wanted> for Advice {
    fn from(wanted: Wanted) -> Self {
        match wanted {
            Wanted::Locked => Self::Locked,
            Wanted::Keep => Self::Keep,
            Wanted::MayGo => Self::MayGo,
        }
    }
}
