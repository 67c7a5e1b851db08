//! The command: reads the command line and the settings, wires the crates together, prints. What it
//! does with the catalog stands in `api::operations`, so that the service gives the same figures.
//!
//! Exit status: 0 done · 1 we failed · 2 wrong usage or bad input · 3 the evidence did not hold.

mod args;
mod chinese;
mod commands;
mod context;
mod failure;
mod log;
mod output;
mod progress;
mod settings;
mod show;
mod stderr;

use std::process::ExitCode;

use clap::Parser;

use crate::args::Args;

fn main() -> ExitCode {
    let args = Args::parse();
    let quiet = args.quiet;
    let lang = args.lang.unwrap_or_else(context::language_of_environment);
    match run(args) {
        Ok(code) => code,
        Err(failure) => {
            if !quiet || failure.is_ours() {
                failure.print(lang);
            }
            failure.exit_code()
        }
    }
}

fn run(args: Args) -> Result<ExitCode, failure::Failure> {
    let log = log::Log::start(&args)?;
    let done = run_command(args);
    log.end();
    done
}

fn run_command(args: Args) -> Result<ExitCode, failure::Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| failure::Failure::Ours(anyhow::Error::new(error).context("starting the runtime")))?;
    runtime.block_on(commands::run(args))
}
