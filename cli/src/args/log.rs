//! Arguments of `reelproof log`.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

#[derive(Debug, Subcommand)]
pub(crate) enum LogCommand {
    /// Sign the present root of the log, and print it: copies of it elsewhere are what nobody here can change
    Checkpoint(CheckpointArgs),
    /// Prove that rows are in the log: one entry, or all that is logged about an object
    Prove(ProveArgs),
    /// Prove that an earlier state of the log is the beginning of a later one
    Consistency(ConsistencyArgs),
    /// Hold the whole catalog against its log; or check a proof file or an evidence bundle, without a catalog
    Verify(VerifyArgs),
    /// Write an evidence bundle about a case, a round or a recording: a folder that anybody can check offline
    Bundle(BundleArgs),
    /// Have a checkpoint time-stamped by an authority (RFC 3161): somebody else's word for when the root was there
    Stamp(StampArgs),
    /// Put a new signing key into use, stated by the old one
    Rotate(RotateArgs),
    /// Show the log: size, root, keys, last checkpoint
    Show,
}

#[derive(Debug, clap::Args)]
pub(crate) struct CheckpointArgs {
    /// Write the signed note to a file, too
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct StampArgs {
    /// Address of the time-stamping authority; it is sent a digest and nothing else
    #[arg(long, value_name = "URL", env = "REELPROOF_TSA", required_unless_present = "check")]
    pub tsa: Option<String>,

    /// Write the signed note to this file, and the authority's answer beside it, with .tsr at its end
    #[arg(long, value_name = "FILE", required_unless_present = "check", conflicts_with = "check")]
    pub out: Option<PathBuf>,

    /// Say what the time stamp beside this note says, and whether it is of this note
    #[arg(long, value_name = "FILE")]
    pub check: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ProveArgs {
    /// Number of the entry, from 0
    #[arg(long, value_name = "N", conflicts_with = "object", required_unless_present = "object")]
    pub entry: Option<u64>,

    /// Key of the object
    #[arg(long, value_name = "KEY")]
    pub object: Option<String>,

    /// Leave out what the rows say: digests alone, which name nobody
    #[arg(long)]
    pub without_rows: bool,

    /// Write the proof file here [default: stdout]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ConsistencyArgs {
    /// Leaves of the earlier state
    #[arg(long, value_name = "SIZE")]
    pub from: u64,

    /// Leaves of the later state [default: the present one]
    #[arg(long, value_name = "SIZE")]
    pub to: Option<u64>,
}

/// What a bundle can be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum BundleKind {
    /// A case, by its number
    Case,
    /// A sampling round, by its name
    Round,
    /// A recording, by its id (r12) or its key
    Recording,
}

#[derive(Debug, clap::Args)]
pub(crate) struct BundleArgs {
    /// What it is about
    #[arg(value_enum)]
    pub kind: BundleKind,

    /// Its number, name or key
    pub id: String,

    /// Folder to write, or a name ending in .zip for one file; not there yet
    #[arg(long, value_name = "DIR|FILE.zip")]
    pub out: PathBuf,

    /// Copy the recordings in, too, not only their digests
    #[arg(long)]
    pub with_originals: bool,

    /// Policy: a built-in name, or a file [default: jingan-2024]
    #[arg(long, value_name = "NAME", env = "REELPROOF_POLICY")]
    pub policy: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct VerifyArgs {
    /// Proof file, or evidence bundle (a folder); without one the catalog is held against its log
    pub file: Option<PathBuf>,

    /// Checkpoint that was kept elsewhere; may be given several times
    #[arg(long, value_name = "FILE")]
    pub checkpoint: Vec<PathBuf>,

    /// First key of the log as it was published (name+hash+key) [default: that which is found there]
    #[arg(long, value_name = "KEY")]
    pub key: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct RotateArgs {}
