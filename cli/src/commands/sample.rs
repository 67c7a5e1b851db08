//! `reelproof sample freeze|draw|export|verify|show|redraw|skip|substitute|extra`.

use std::process::ExitCode;

use analyzer::sample::{Verification, verify};
use anyhow::Context as _;
use api::operations::{self, FreezeOrder};
use catalog::round::RoundActKind;
use catalog::store::OpenMode;

use crate::args::{
    DrawArgs, ExportArgs, FreezeArgs, Reason, RedrawArgs, SampleCommand, ShowArgs, VerifyArgs,
};
use crate::context::Context;
use crate::failure::Failure;
use crate::output;
use crate::show;

pub(crate) async fn run(context: &Context, command: SampleCommand) -> Result<ExitCode, Failure> {
    match command {
        SampleCommand::Freeze(args) => freeze(context, &args).await,
        SampleCommand::Draw(args) => draw(context, &args).await,
        SampleCommand::Export(args) => export(context, &args).await,
        SampleCommand::Verify(args) => verify_file(context, &args),
        SampleCommand::Show(args) => show(context, &args).await,
        SampleCommand::Redraw(args) => redraw(context, &args).await,
        SampleCommand::Skip(args) => {
            act(context, &args.round, (RoundActKind::Skip, &args.item, 0), &args.reason).await
        }
        SampleCommand::Substitute(args) => {
            act(context, &args.round, (RoundActKind::Substitute, &args.item, 1), &args.reason).await
        }
        SampleCommand::Extra(args) => {
            act(context, &args.round, (RoundActKind::Extra, &args.unit, args.count), &args.reason).await
        }
    }
}

async fn freeze(context: &Context, args: &FreezeArgs) -> Result<ExitCode, Failure> {
    let policy = context.policy(args.policy.as_deref())?;
    let catalog = context.catalog(OpenMode::Existing).await?;
    let now = context.clock.now();
    let seed_source = args.seed_source.as_deref().unwrap_or_else(|| policy.seed_source(args.kind));
    let order = FreezeOrder { month: args.month, kind: args.kind, seed_source, even_if_empty: true };
    let round = operations::freeze_round(catalog.as_ref(), &policy, order, now).await?;
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
    let drawn = operations::draw_round(catalog.as_ref(), &args.round, &args.seed, args.seed_at, now).await?;
    context.print(&drawn.draw, || show::sample::drawn(context.lang, &drawn.frozen, &drawn.draw))?;
    Ok(ExitCode::SUCCESS)
}

async fn redraw(context: &Context, args: &RedrawArgs) -> Result<ExitCode, Failure> {
    let catalog = context.catalog(OpenMode::Existing).await?;
    let (who, why) = (args.reason.who.as_str(), args.reason.why.as_str());
    let now = context.clock.now();
    let drawn = operations::redraw_round(catalog.as_ref(), &args.round, &args.seed, (who, why), now).await?;
    context.print(&drawn.draw, || show::sample::drawn(context.lang, &drawn.frozen, &drawn.draw))?;
    Ok(ExitCode::SUCCESS)
}

async fn act(
    context: &Context,
    round: &str,
    what: (RoundActKind, &str, u32),
    reason: &Reason,
) -> Result<ExitCode, Failure> {
    let catalog = context.catalog(OpenMode::Existing).await?;
    let (who, why) = (reason.who.as_str(), reason.why.as_str());
    let now = context.clock.now();
    let act = operations::act_on_round(catalog.as_ref(), round, what, (who, why), now).await?;
    context.print(&act, || show::sample::act(context.lang, &act))?;
    Ok(ExitCode::SUCCESS)
}

async fn show(context: &Context, args: &ShowArgs) -> Result<ExitCode, Failure> {
    let catalog = context.catalog(OpenMode::Existing).await?;
    let named = match &args.policy {
        Some(named) => named.clone(),
        None => operations::require_round(catalog.as_ref(), &args.round).await?.policy,
    };
    let policy = context.policy(Some(&named))?;
    let overview = operations::round_overview(catalog.as_ref(), &policy, &args.round).await?;
    context.print(&overview, || show::sample::overview(context.lang, &overview))?;
    Ok(ExitCode::SUCCESS)
}

async fn export(context: &Context, args: &ExportArgs) -> Result<ExitCode, Failure> {
    let catalog = context.catalog(OpenMode::Existing).await?;
    let export = operations::export_round(catalog.as_ref(), &args.round).await?;
    let mut text = serde_json::to_string_pretty(&export)?;
    text.push('\n');
    match &args.out {
        Some(file) => {
            output::write(file, text)?;
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
