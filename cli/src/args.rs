//! The command line.

mod catalog;
mod custody;

use std::path::PathBuf;

use ::catalog::import::ImportKind;
use ::catalog::{Month, WallTime};
use clap::builder::PossibleValue;
use clap::{Parser, Subcommand, ValueEnum};

pub(crate) mod filing;
pub(crate) mod log;
pub(crate) mod notice;
mod retention;
pub(crate) mod review;
mod sample;
pub(crate) mod user;
mod verify;
pub(crate) use self::catalog::{CatalogCommand, CopyArgs};
pub(crate) mod worker;
pub(crate) use custody::{ExcuseCommand, ReconcileArgs};
pub(crate) use retention::RetentionArgs;
pub(crate) use sample::{
    DrawArgs, ExportArgs, FreezeArgs, Reason, RedrawArgs, SampleCommand, ShowArgs, VerifyArgs,
};
pub(crate) use verify::FixityArgs;

use crate::log::LogFormat;

/// Audits that the whole of an enforcement process was recorded on video.
///
/// Counts the seconds that recordings cover of the seconds that had to be recorded, says where they are
/// lacking and how certain that is, draws the monthly sample from what should exist, and fills in the
/// monthly return.
#[derive(Debug, Parser)]
#[command(name = "reelproof", version, after_help = AFTER_HELP)]
pub(crate) struct Args {
    /// Catalog to work on: sqlite://FILE or postgres://USER@HOST/DATABASE [default: sqlite://reelproof.db]
    #[arg(long, global = true, value_name = "URL", env = "REELPROOF_CATALOG")]
    pub catalog: Option<String>,

    /// File with settings [default: reelproof.toml, where there is one]
    #[arg(long, global = true, value_name = "FILE", env = "REELPROOF_CONFIG")]
    pub config: Option<PathBuf>,

    /// Write one JSON document to stdout instead of text
    #[arg(long, global = true)]
    pub json: bool,

    /// Say nothing but the result and what went wrong
    #[arg(short, long, global = true)]
    pub quiet: bool,

    /// Language of the text: Chinese or English [default: from LANG]
    #[arg(long, global = true, value_name = "LANG", env = "REELPROOF_LANG", value_enum)]
    pub lang: Option<Language>,

    /// How log lines look; they go to stderr [default: text]
    #[arg(long, global = true, value_name = "FORMAT", env = "REELPROOF_LOG_FORMAT", value_enum)]
    pub log_format: Option<LogFormat>,

    #[command(subcommand)]
    pub command: Command,
}

const AFTER_HELP: &str = "\
A first look, with a small month made on the spot:
  reelproof demo

The way of a month:
  reelproof import units units.csv        what should exist: units, officers, devices, cases, stages
  reelproof ingest /mnt/evidence          what was recorded
  reelproof audit --month 2024-05         what is complete, what is lacking, and where
  reelproof reconcile --month 2024-05     what devices recorded and nobody uploaded, and whom to call
  reelproof coverage --month 2024-05      what drones filmed of the ground they may fly over
  reelproof sample freeze --month 2024-06 the round of June checks what had to be recorded in May
  reelproof sample draw --round 2024-06/jingan-2024 --seed 20240603-4-2-6
  reelproof review assign --round 2024-06/jingan-2024 --by 31901
  reelproof notice draft --round 2024-06/jingan-2024 --by 31901
  reelproof report --month 2024-06        the monthly return

Exit status: 0 done, 1 reelproof failed, 2 wrong usage or bad input, 3 the evidence did not hold.";

/// Language of texts for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    /// 中文
    Zh,
    /// English
    En,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a small month with known faults, then take it in, audit, draw and report it, and serve it
    Demo(DemoArgs),
    /// Take in footage: a folder, file:///…, s3://bucket/prefix, az://… or gs://…
    Ingest(IngestArgs),
    /// Take in what should exist: units, officers, devices, cases, stages, …
    Import(ImportArgs),
    /// Look at one file or object: digests, packet index, gaps, problems
    Probe(ProbeArgs),
    /// Look at what one file or object shows: black, frozen, silent and undecodable stretches. Of pictures the key frames are decoded
    Inspect(InspectArgs),
    /// Audit the obligations of one month: seconds covered of seconds required
    Audit(AuditArgs),
    /// Compare what devices say they recorded with what is stored: not uploaded, lost, gone, altered
    Reconcile(ReconcileArgs),
    /// Read stored footage again, the riskiest first: is it still what was recorded?
    Verify(FixityArgs),
    /// What of the footage must be kept, what is locked, and what may go; nothing is deleted
    Retention(RetentionArgs),
    /// Reasons why something was not recorded: add, withdraw, list
    #[command(subcommand)]
    Excuse(ExcuseCommand),
    /// Drone coverage of one month: ground filmed of ground that may be flown over
    Coverage(CoverageArgs),
    /// The monthly sample: freeze, draw, export, verify
    #[command(subcommand)]
    Sample(SampleCommand),
    /// Review of what was drawn: assign, verdict, explain, appeal, decide, agreement
    #[command(subcommand)]
    Review(review::ReviewCommand),
    /// Notices (三单两书): draft, issue, reply, close, withdraw, escalate, list, export
    #[command(subcommand)]
    Notice(notice::NoticeCommand),
    /// Red, yellow and blue: the points of each squad, each with its origin
    Score(notice::ScoreArgs),
    /// The monthly return
    Report(ReportArgs),
    /// Returns as they were drafted and sent
    #[command(subcommand)]
    Returns(filing::ReturnsCommand),
    /// Do what is due in a month, record an announced seed, show the steps
    #[command(subcommand)]
    Schedule(filing::ScheduleCommand),
    /// The rules of a district, as data: check a file, show every figure with its clause
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Accounts of the service: add, list, reset, disable, enable
    #[command(subcommand)]
    User(user::UserCommand),
    /// The transparency log: checkpoint, prove, consistency, verify, rotate, show
    #[command(subcommand)]
    Log(log::LogCommand),
    /// The catalog as a whole: copy
    #[command(subcommand)]
    Catalog(CatalogCommand),
    /// Serve the API and the pages
    Serve(ServeArgs),
    /// Take work from a queue until told to stop: read and look at what `ingest --queue` hands out
    Worker(worker::WorkerArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct DemoArgs {
    /// Folder for the month. Footage that was made before is used again; the catalog is made anew, and the earlier one kept in DIR/earlier
    #[arg(long, default_value = "demo-month")]
    pub dir: PathBuf,

    /// Stop after printing; do not serve
    #[arg(long)]
    pub no_serve: bool,

    /// Port to serve on, at 127.0.0.1
    #[arg(long, default_value_t = 8040)]
    pub port: u16,
}

#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub(crate) struct IngestArgs {
    /// Folders or URLs
    #[arg(required = true, value_name = "URL")]
    pub urls: Vec<String>,

    /// Objects read at the same time [default: one a processor]
    #[arg(long, value_name = "N", env = "REELPROOF_INGEST_PARALLEL", value_parser = clap::value_parser!(u32).range(1..=256))]
    pub parallel: Option<u32>,

    /// Read quarantined objects again, even if they did not change
    #[arg(long)]
    pub retry_quarantined: bool,

    /// Then look at what each new or changed recording shows (black, frozen, silent) and keep it for the audit
    #[arg(long)]
    pub inspect: bool,

    /// Policy whose figures say what black, frozen and silent are: a built-in name or a file
    #[arg(long, value_name = "NAME")]
    pub policy: Option<String>,

    /// Read nothing here: list, compare, and hand what is new or changed to workers over this queue (nats://HOST:PORT)
    #[arg(long, value_name = "QUEUE")]
    pub queue: Option<String>,

    /// With --queue: wait until the workers have recorded all that was listed
    #[arg(long, requires = "queue")]
    pub wait: bool,

    /// Go on: list again every --every seconds and take in what is new, until told to stop (Ctrl-C, SIGTERM)
    #[arg(long)]
    pub watch: bool,

    /// With --watch: seconds from the end of one listing to the next
    #[arg(long, value_name = "S", requires = "watch", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub every: u64,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ImportArgs {
    /// What the file holds
    #[arg(value_name = "KIND")]
    pub kind: Kind,

    /// CSV (UTF-8 or GB18030) or XLSX, with English or Chinese headings; GeoJSON for areas
    #[arg(value_name = "FILE", required_unless_present = "template")]
    pub file: Option<PathBuf>,

    /// Print an empty file of this kind, with headings and one example row, and do nothing else
    #[arg(long, conflicts_with = "file")]
    pub template: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ProbeArgs {
    /// File or URL of one object
    #[arg(value_name = "PATH_OR_URL")]
    pub object: String,

    /// Read only what the index needs, and compute no digest
    #[arg(long)]
    pub no_hash: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct InspectArgs {
    /// File or URL of one object
    #[arg(value_name = "PATH_OR_URL")]
    pub object: String,

    /// Policy whose figures say what is black, frozen, silent: a built-in name, or a file [default: jingan-2024]
    #[arg(long, value_name = "NAME", env = "REELPROOF_POLICY")]
    pub policy: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct AuditArgs {
    /// Month whose stages are audited
    #[arg(long, value_name = "YYYY-MM")]
    pub month: Month,

    /// Policy: a built-in name, or a file [default: jingan-2024]
    #[arg(long, value_name = "NAME", env = "REELPROOF_POLICY")]
    pub policy: Option<String>,

    /// Audit as the catalog was at this time [default: now]
    #[arg(long, value_name = "TIME")]
    pub as_of: Option<WallTime>,

    /// List the complete obligations, too
    #[arg(long)]
    pub all: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct CoverageArgs {
    /// Month whose sorties are measured
    #[arg(long, value_name = "YYYY-MM")]
    pub month: Month,

    /// Policy with a goal for drones: a built-in name, or a file [default: the one in the settings if it has one, else pudong-2023]
    #[arg(long, value_name = "NAME")]
    pub policy: Option<String>,

    /// Measure as the catalog was at this time [default: now]
    #[arg(long, value_name = "TIME")]
    pub as_of: Option<WallTime>,

    /// Also draw areas, filmed ground, unseen cells, tracks and docks into this file, as GeoJSON
    #[arg(long, value_name = "FILE")]
    pub geojson: Option<PathBuf>,

    /// List every sortie and every unseen cell, too
    #[arg(long)]
    pub all: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ReportArgs {
    /// Month of the return; its round checked the month before
    #[arg(long, value_name = "YYYY-MM")]
    pub month: Month,

    /// Policy: a built-in name, or a file [default: jingan-2024]
    #[arg(long, value_name = "NAME", env = "REELPROOF_POLICY")]
    pub policy: Option<String>,

    /// File to write; the ending says the format: .json .xlsx .docx .csv [default: text on stdout]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,

    /// Keep it as sent, in all formats; other figures than those last sent become a next version
    #[arg(long, requires = "by")]
    pub send: bool,

    /// Badge of who sends it
    #[arg(long, value_name = "BADGE")]
    pub by: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// Read a policy file and say what is wrong with it, with line and column
    Check {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Show every figure of a policy with its clause, its words and whether a public text confirms it
    Show {
        /// A built-in name, or a file
        #[arg(value_name = "NAME")]
        name: String,
    },
}

#[derive(Debug, clap::Args)]
pub(crate) struct ServeArgs {
    /// Address and port to listen on [default: 127.0.0.1:8040]
    #[arg(long, value_name = "ADDR:PORT", env = "REELPROOF_SERVE_LISTEN")]
    pub listen: Option<std::net::SocketAddr>,

    /// Do what `reelproof schedule run` does, at once and every so often
    #[arg(long, env = "REELPROOF_SERVE_SCHEDULE")]
    pub schedule: bool,

    /// PEM file with the certificate and its chain; serves https
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,

    /// PEM file with the certificate's private key
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,

    /// A proxy in front takes TLS and says in X-Forwarded-For who asks
    #[arg(long)]
    pub behind_proxy: bool,

    /// How browsers reach the service, for the links it prints (https://audit.example.gov.cn)
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,

    /// How often, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub schedule_every_s: u64,
}

/// [`ImportKind`] for the command line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kind(pub ImportKind);

/// One [`Kind`] for each [`ImportKind`], in the same order.
static KINDS: [Kind; 12] = [
    Kind(ImportKind::Units),
    Kind(ImportKind::Officers),
    Kind(ImportKind::Devices),
    Kind(ImportKind::Cases),
    Kind(ImportKind::Stages),
    Kind(ImportKind::Complaints),
    Kind(ImportKind::Links),
    Kind(ImportKind::Excuses),
    Kind(ImportKind::Manifest),
    Kind(ImportKind::Docks),
    Kind(ImportKind::Areas),
    Kind(ImportKind::Sorties),
];

impl ValueEnum for Kind {
    fn value_variants<'a>() -> &'a [Self] {
        &KINDS
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.0.as_str()).alias(self.0.zh()))
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn every_kind_of_import_can_be_named() {
        assert_eq!(KINDS.map(|kind| kind.0).as_slice(), ImportKind::ALL);
    }
}
