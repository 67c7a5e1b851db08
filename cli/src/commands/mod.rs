//! One file a command.

mod audit;
pub(crate) mod catalog;
mod coverage;
mod demo;
mod excuse;
mod filing;
mod import;
mod ingest;
mod inspect;
pub(crate) mod log;
pub(crate) mod log_key;
mod notice;
mod policy;
mod previews;
mod probe;
mod reconcile;
mod report;
mod retention;
mod review;
mod sample;
mod serve;
mod user;
pub(crate) mod verify;
mod worker;

use std::process::ExitCode;

use crate::args::{Args, Command};
use crate::context::Context;
use crate::failure::Failure;

/// Runs the command that was given.
pub(crate) async fn run(args: Args) -> Result<ExitCode, Failure> {
    let context = Context::new(&args)?;
    let vouch =
        writes(&args.command).then(|| (context.catalog_url.clone(), context.settings.log_key.clone()));
    let clock = std::sync::Arc::clone(&context.clock);
    let judged_by = std::sync::Arc::clone(&context.judged_by);
    let code = Box::pin(run_command(context, args)).await?;
    if let Some((url, key_file)) = vouch {
        let policies = judged_by.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        log::vouch(&url, key_file.as_deref(), &policies, clock.as_ref()).await;
    }
    Ok(code)
}

/// Whether a command writes to the catalog, so that the log has grown when it ends. The service and the demo sign by
/// themselves as they go.
fn writes(command: &Command) -> bool {
    matches!(
        command,
        Command::Ingest(_)
            | Command::Import(_)
            | Command::Verify(_)
            | Command::Excuse(_)
            | Command::Sample(_)
            | Command::Review(_)
            | Command::Notice(_)
            | Command::Report(_)
            | Command::Returns(_)
            | Command::Schedule(_)
            | Command::User(_)
    )
}

async fn run_command(context: Context, args: Args) -> Result<ExitCode, Failure> {
    match args.command {
        Command::Demo(args) => demo::run(context, args).await,
        Command::Ingest(args) => ingest::run(&context, &args).await,
        Command::Import(args) => import::run(&context, &args).await,
        Command::Probe(args) => probe::run(&context, &args).await,
        Command::Inspect(args) => inspect::run(&context, &args).await,
        Command::Audit(args) => audit::run(&context, &args).await,
        Command::Reconcile(args) => reconcile::run(&context, &args).await,
        Command::Retention(args) => retention::run(&context, &args).await,
        Command::Verify(args) => verify::run(&context, &args).await,
        Command::Excuse(command) => excuse::run(&context, command).await,
        Command::Coverage(args) => coverage::run(&context, &args).await,
        Command::Sample(command) => sample::run(&context, command).await,
        Command::Review(command) => review::run(&context, command).await,
        Command::Notice(command) => notice::run(&context, command).await,
        Command::Score(args) => notice::score(&context, &args).await,
        Command::Report(args) => report::run(&context, &args).await,
        Command::Returns(command) => filing::returns(&context, command).await,
        Command::Schedule(command) => filing::schedule(&context, command).await,
        Command::Policy(command) => policy::run(&context, command),
        Command::User(command) => user::run(&context, command).await,
        Command::Catalog(command) => catalog::run(&context, command).await,
        Command::Log(command) => log::run(&context, command).await,
        Command::Serve(args) => serve::run(&context, &args).await,
        Command::Worker(args) => worker::run(&context, &args).await,
    }
}
