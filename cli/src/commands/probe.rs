//! `reelproof probe`.

use std::process::ExitCode;

use ingest::location::ObjectLocation;

use crate::args::ProbeArgs;
use crate::commands::ingest::{reader, run_options};
use crate::context::Context;
use crate::failure::Failure;
use crate::show;

pub(crate) async fn run(context: &Context, args: &ProbeArgs) -> Result<ExitCode, Failure> {
    let object = ObjectLocation::open(&args.object)?;
    let options = run_options(context, Some(1), false)?;
    let probe = ingest::probe::probe(&object, reader(context, 1)?, &options, !args.no_hash).await?;
    context.print(&probe, || show::probe::text(context.lang, &probe))?;
    match probe.quarantine_reason() {
        None => Ok(ExitCode::SUCCESS),
        Some(_) => Err(Failure::Evidence),
    }
}
