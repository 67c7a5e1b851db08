//! `reelproof notice …` and `reelproof score` on the command line.

use std::path::PathBuf;

use catalog::Month;
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum NoticeCommand {
    /// Draft notices for what a round found, once a squad's items are all settled
    Draft(NoticeDraftArgs),
    /// Issue a draft: it gets the next number of its district, year and kind
    Issue(IssueArgs),
    /// Record a unit's answer
    Reply(ReplyArgs),
    /// Close a notice whose answer does
    Close(CloseArgs),
    /// Withdraw a notice that no longer holds; an issued one keeps its number
    Withdraw(WithdrawArgs),
    /// Draft the next graver notice for each that is overdue
    Escalate(EscalateArgs),
    /// Show notices and where they stand
    List(NoticeListArgs),
    /// Write a notice as a Word document, ready to print
    Export(NoticeExportArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct NoticeDraftArgs {
    /// Round, as `sample freeze` names it: 2024-06/jingan-2024
    #[arg(long)]
    pub round: String,

    /// Badge of who drafts
    #[arg(long, value_name = "BADGE")]
    pub by: String,

    /// Policy: a built-in name, or a file [default: jingan-2024]
    #[arg(long, value_name = "NAME", env = "REELPROOF_POLICY")]
    pub policy: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct NoticeArgs {
    /// The notice's id, as `notice list` shows it
    #[arg(value_name = "ID")]
    pub id: u64,

    /// Badge of who records this
    #[arg(long, value_name = "BADGE")]
    pub by: String,

    /// Policy: a built-in name, or a file [default: jingan-2024]
    #[arg(long, value_name = "NAME", env = "REELPROOF_POLICY")]
    pub policy: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct IssueArgs {
    #[command(flatten)]
    pub notice: NoticeArgs,

    /// When and where the bureau's party committee agreed, where policy asks for that
    #[arg(long, value_name = "TEXT")]
    pub approved: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ReplyArgs {
    #[command(flatten)]
    pub notice: NoticeArgs,

    /// The answer's words
    #[arg(long, value_name = "TEXT")]
    pub text: String,
}

#[derive(Debug, clap::Args)]
pub(crate) struct CloseArgs {
    #[command(flatten)]
    pub notice: NoticeArgs,

    /// Why the answer does
    #[arg(long, value_name = "TEXT")]
    pub note: String,
}

#[derive(Debug, clap::Args)]
pub(crate) struct WithdrawArgs {
    #[command(flatten)]
    pub notice: NoticeArgs,

    /// Why it no longer holds
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
}

#[derive(Debug, clap::Args)]
pub(crate) struct EscalateArgs {
    /// Badge of who does it
    #[arg(long, value_name = "BADGE")]
    pub by: String,

    /// Policy: a built-in name, or a file [default: jingan-2024]
    #[arg(long, value_name = "NAME", env = "REELPROOF_POLICY")]
    pub policy: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct NoticeListArgs {
    /// Only those of this month's round
    #[arg(long, value_name = "YYYY-MM")]
    pub month: Option<Month>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct NoticeExportArgs {
    /// The notice's id, as `notice list` shows it
    #[arg(value_name = "ID")]
    pub id: u64,

    /// File to write, ending in .docx
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ScoreArgs {
    /// Month up to whose end points count
    #[arg(long, value_name = "YYYY-MM")]
    pub month: Month,

    /// Policy: a built-in name, or a file [default: jingan-2024]
    #[arg(long, value_name = "NAME", env = "REELPROOF_POLICY")]
    pub policy: Option<String>,
}
