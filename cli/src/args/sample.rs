//! Arguments of `reelproof sample`.

use std::path::PathBuf;

use ::catalog::{Month, WallTime};
use analyzer::policy::Population;
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum SampleCommand {
    /// Freeze a round: fix what can be drawn and publish its digest, before there is a seed
    Freeze(FreezeArgs),
    /// Draw a frozen round with a seed that was announced
    Draw(DrawArgs),
    /// Write a drawn round as one JSON document that anybody can check
    Export(ExportArgs),
    /// Replay an exported round; needs no catalog
    Verify(VerifyArgs),
    /// Show a round with all that stands beside it: acts of people, and what changed in the data since
    Show(ShowArgs),
    /// Draw a drawn round again with another seed; the first draw stays on record
    Redraw(RedrawArgs),
    /// Do not look at a drawn item; it stays in every denominator, as not judged
    Skip(ActArgs),
    /// Look at the next item of the same unit, by ticket, in the place of a drawn one
    Substitute(ActArgs),
    /// Take extra items of a unit because of a risk, by ticket; they are reported apart
    Extra(ExtraArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct FreezeArgs {
    /// Month in which the checks take place; the policy says of which time, as a rule the month before
    #[arg(long, value_name = "YYYY-MM")]
    pub month: Month,

    /// Policy: a built-in name, or a file [default: jingan-2024]
    #[arg(long, value_name = "NAME", env = "REELPROOF_POLICY")]
    pub policy: Option<String>,

    /// What is looked at: recordings cases case_files legal_reviews legal_review_recordings inspections
    /// complaints, as far as the policy has a check of it
    #[arg(long, value_name = "KIND", default_value = "recordings")]
    pub kind: Population,

    /// How the seed will come about, to be published with the digest: dice, a lottery's numbers, a
    /// beacon's round [default: as the policy says, else dice thrown in public by two supervisors]
    #[arg(long, value_name = "TEXT")]
    pub seed_source: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ShowArgs {
    /// Round, as `sample freeze` names it
    #[arg(long)]
    pub round: String,

    /// Policy that says what is looked at: a built-in name, or a file [default: the one it was frozen under]
    #[arg(long, value_name = "NAME", env = "REELPROOF_POLICY")]
    pub policy: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct RedrawArgs {
    /// Round, as `sample freeze` names it
    #[arg(long)]
    pub round: String,

    /// The new seed, exactly as it was announced
    #[arg(long)]
    pub seed: String,

    #[command(flatten)]
    pub reason: Reason,
}

/// Who decided something, and why: kept for good.
#[derive(Debug, clap::Args)]
pub(crate) struct Reason {
    /// Who decided it
    #[arg(long)]
    pub who: String,

    /// Why
    #[arg(long)]
    pub why: String,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ActArgs {
    /// Round, as `sample freeze` names it
    #[arg(long)]
    pub round: String,

    /// The drawn item
    #[arg(long, value_name = "ID")]
    pub item: String,

    #[command(flatten)]
    pub reason: Reason,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ExtraArgs {
    /// Round, as `sample freeze` names it
    #[arg(long)]
    pub round: String,

    /// Code of the unit
    #[arg(long, value_name = "CODE")]
    pub unit: String,

    /// How many
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub count: u32,

    #[command(flatten)]
    pub reason: Reason,
}

#[derive(Debug, clap::Args)]
pub(crate) struct DrawArgs {
    /// Round, as `sample freeze` names it: 2024-06/jingan-2024
    #[arg(long)]
    pub round: String,

    /// Seed, exactly as it was announced
    #[arg(long)]
    pub seed: String,

    /// When the seed came into being (the throw, the lottery's draw): refused if that is before freezing
    #[arg(long, value_name = "TIME")]
    pub seed_at: Option<WallTime>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ExportArgs {
    /// Round, as `sample freeze` names it
    #[arg(long)]
    pub round: String,

    /// File to write [default: stdout]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct VerifyArgs {
    /// An exported round
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}
