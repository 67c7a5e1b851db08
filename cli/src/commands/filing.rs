//! `reelproof returns …` and `reelproof schedule …`.

use std::path::Path;
use std::process::ExitCode;

use api::casework::filing::NamedReturn;
use api::casework::{filing, schedule};
use catalog::filing::{ReturnState, ScheduleStep};
use catalog::store::OpenMode;
use serde::Serialize;

use crate::args::filing::{
    ReturnsCommand, ReturnsShowArgs, ScheduleCommand, ScheduleListArgs, ScheduleRunArgs, SeedArgs,
};
use crate::context::Context;
use crate::failure::Failure;
use crate::output;
use crate::show;

/// The ending of a return's file, which says its format.
pub(crate) fn format_of(file: &Path) -> Result<String, Failure> {
    let ending = file.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
    ending.filter(|ending| analyzer::report::files::FORMATS.contains(&ending.as_str())).ok_or_else(|| {
        Failure::input(format!(
            "{}: the return is written as .json, .xlsx, .docx or .csv; give a file of one of these endings",
            file.display()
        ))
    })
}

#[derive(Serialize)]
struct Returns {
    returns: Vec<NamedReturn>,
}

#[derive(Serialize)]
struct Steps {
    steps: Vec<ScheduleStep>,
}

pub(crate) async fn returns(context: &Context, command: ReturnsCommand) -> Result<ExitCode, Failure> {
    match command {
        ReturnsCommand::List => {
            let catalog = context.catalog(OpenMode::Existing).await?;
            let document = Returns { returns: filing::returns(catalog.as_ref()).await? };
            context.print(&document, || show::filing::returns(context.lang, &document.returns))?;
            Ok(ExitCode::SUCCESS)
        }
        ReturnsCommand::Show(args) => show_return(context, &args).await,
    }
}

async fn show_return(context: &Context, args: &ReturnsShowArgs) -> Result<ExitCode, Failure> {
    let format = args.out.as_deref().map(format_of).transpose()?.unwrap_or_else(|| "json".to_owned());
    let policy = context.policy(args.policy.as_deref())?;
    let catalog = context.catalog(OpenMode::Existing).await?;
    let state = if args.draft { ReturnState::Draft } else { ReturnState::Sent };
    let (entry, files) =
        filing::kept_return(catalog.as_ref(), args.month, &policy.name, state, args.version).await?;
    let file = files
        .iter()
        .find(|file| file.format == format)
        .ok_or_else(|| Failure::input(format!("version {} has no .{format}", entry.version)))?;
    match &args.out {
        Some(path) => {
            output::write(path, &file.bytes)?;
            context.say(&format!(
                "{} {}  SHA-256 {}",
                context.tr("已写入", "written to"),
                path.display(),
                file.sha256
            ));
        }
        None => print!("{}", String::from_utf8_lossy(&file.bytes)),
    }
    Ok(ExitCode::SUCCESS)
}

pub(crate) async fn schedule(context: &Context, command: ScheduleCommand) -> Result<ExitCode, Failure> {
    match command {
        ScheduleCommand::Run(args) => run(context, &args).await,
        ScheduleCommand::Seed(args) => seed(context, &args).await,
        ScheduleCommand::List(args) => list(context, &args).await,
    }
}

async fn run(context: &Context, args: &ScheduleRunArgs) -> Result<ExitCode, Failure> {
    let policy = context.policy(args.policy.as_deref())?;
    let catalog = context.catalog(OpenMode::Existing).await?;
    let now = args.now.unwrap_or_else(|| context.clock.now());
    let run = schedule::run(catalog.as_ref(), policy, now).await?;
    context.print(&run, || show::filing::run(context.lang, &run))?;
    if run.failed {
        let failed: Vec<_> = run
            .steps
            .iter()
            .filter(|step| step.outcome == catalog::filing::StepOutcome::Failed)
            .map(|step| {
                let of = step.round.clone().unwrap_or_else(|| step.month.to_string());
                context
                    .tr(
                        &format!("{}（{of}）：{}", step.step.zh(), step.detail_zh),
                        &format!("{} of {of}: {}", step.step, step.detail),
                    )
                    .to_owned()
            })
            .collect();
        let what = context.tr("自动任务有步骤失败：", "the schedule failed at ");
        return Err(Failure::Ours(anyhow::anyhow!("{what}{}", failed.join("; "))));
    }
    Ok(ExitCode::SUCCESS)
}

async fn seed(context: &Context, args: &SeedArgs) -> Result<ExitCode, Failure> {
    let catalog = context.catalog(OpenMode::Existing).await?;
    let now = context.clock.now();
    let seed = schedule::announce_seed(catalog.as_ref(), &args.round, &args.seed, &args.by, now).await?;
    context.print(&seed, || {
        format!("{} {}：{}\n", context.tr("已登记种子", "seed recorded"), seed.round, seed.seed)
    })?;
    Ok(ExitCode::SUCCESS)
}

async fn list(context: &Context, args: &ScheduleListArgs) -> Result<ExitCode, Failure> {
    let catalog = context.catalog(OpenMode::Existing).await?;
    let document = Steps { steps: catalog.steps(args.month).await? };
    context.print(&document, || show::filing::steps(context.lang, &document.steps))?;
    Ok(ExitCode::SUCCESS)
}
