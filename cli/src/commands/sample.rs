//! `reelproof sample freeze|draw|export|verify`.

use std::process::ExitCode;

use analyzer::sample::{Verification, verify};
use anyhow::Context as _;
use catalog::store::OpenMode;

use crate::args::{DrawArgs, ExportArgs, FreezeArgs, SampleCommand, VerifyArgs};
use crate::context::Context;
use crate::failure::Failure;
use crate::show;

pub(crate) async fn run(context: &Context, command: SampleCommand) -> Result<ExitCode, Failure> {
    match command {
        SampleCommand::Freeze(args) => freeze(context, &args).await,
        SampleCommand::Draw(args) => draw(context, &args).await,
        SampleCommand::Export(args) => export(context, &args).await,
        SampleCommand::Verify(args) => verify_file(context, &args),
    }
}

async fn freeze(context: &Context, args: &FreezeArgs) -> Result<ExitCode, Failure> {
    let policy = context.policy(args.policy.as_deref())?;
    let catalog = context.catalog(OpenMode::Existing).await?;
    let now = context.clock.now();
    let round = api::operations::freeze_round(catalog.as_ref(), &policy, args.month, now).await?;
    if !round.new {
        context.say(&format!(
            "{} {}",
            context.tr("该批次此前已冻结，未作改动：", "this round was frozen before and is unchanged:"),
            round.frozen_at
        ));
    }
    context.print(&round.frozen, || show::sample::frozen(context.lang, &round.frozen))?;
    Ok(ExitCode::SUCCESS)
}

async fn draw(context: &Context, args: &DrawArgs) -> Result<ExitCode, Failure> {
    let catalog = context.catalog(OpenMode::Existing).await?;
    let now = context.clock.now();
    let (frozen, draw) = api::operations::draw_round(catalog.as_ref(), &args.round, &args.seed, now).await?;
    context.print(&draw, || show::sample::drawn(context.lang, &frozen, &draw))?;
    Ok(ExitCode::SUCCESS)
}

async fn export(context: &Context, args: &ExportArgs) -> Result<ExitCode, Failure> {
    let catalog = context.catalog(OpenMode::Existing).await?;
    let export = api::operations::export_round(catalog.as_ref(), &args.round).await?;
    let mut text = serde_json::to_string_pretty(&export)?;
    text.push('\n');
    match &args.out {
        Some(file) => {
            std::fs::write(file, text).with_context(|| format!("{} cannot be written", file.display()))?;
            context.say(&format!("{} {}", context.tr("已写入", "written to"), file.display()));
        }
        None => print!("{text}"),
    }
    Ok(ExitCode::SUCCESS)
}

fn verify_file(context: &Context, args: &VerifyArgs) -> Result<ExitCode, Failure> {
    let text = std::fs::read_to_string(&args.file)
        .with_context(|| format!("{} cannot be read", args.file.display()))
        .map_err(Failure::Input)?;
    let verification =
        verify(&text).map_err(|error| Failure::input(format!("{}: {error}", args.file.display())))?;
    context.print(&verification, || show::sample::verified(context.lang, &verification))?;
    match verification {
        Verification::Holds(_) => Ok(ExitCode::SUCCESS),
        Verification::DoesNotHold { .. } => Err(Failure::Evidence),
    }
}
