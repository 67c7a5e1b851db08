//! `reelproof returns …` and `reelproof schedule …` on the command line.

use std::path::PathBuf;

use catalog::{Month, WallTime};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum ReturnsCommand {
    /// Show which returns were drafted and sent, with the digests of their files
    List,
    /// Write a kept return as it was, byte for byte
    Show(ReturnsShowArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct ReturnsShowArgs {
    /// Month of the return
    #[arg(long, value_name = "YYYY-MM")]
    pub month: Month,

    /// Policy: a built-in name, or a file [default: jingan-2024]
    #[arg(long, value_name = "NAME", env = "REELPROOF_POLICY")]
    pub policy: Option<String>,

    /// Its version [default: the last]
    #[arg(long, value_name = "N")]
    pub version: Option<u32>,

    /// A draft, not one that was sent
    #[arg(long)]
    pub draft: bool,

    /// File to write; the ending says which of its files: .json .xlsx .docx .csv [default: its JSON on stdout]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ScheduleCommand {
    /// Do what is due: freeze, draw, assign, remind, draft notices and the return; for cron or systemd
    Run(ScheduleRunArgs),
    /// Record the announced seed of a round, with which the schedule draws
    Seed(SeedArgs),
    /// Show what the schedule did, waits for, or failed at
    List(ScheduleListArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct ScheduleRunArgs {
    /// As of this time [default: now]
    #[arg(long, value_name = "TIME")]
    pub now: Option<WallTime>,

    /// Policy: a built-in name, or a file [default: jingan-2024]
    #[arg(long, value_name = "NAME", env = "REELPROOF_POLICY")]
    pub policy: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct SeedArgs {
    /// Round, as `sample freeze` names it: 2024-06/jingan-2024
    #[arg(long)]
    pub round: String,

    /// Seed, exactly as it was announced
    #[arg(long)]
    pub seed: String,

    /// Badge of who records it
    #[arg(long, value_name = "BADGE")]
    pub by: String,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ScheduleListArgs {
    /// Only the steps of this month
    #[arg(long, value_name = "YYYY-MM")]
    pub month: Option<Month>,
}
