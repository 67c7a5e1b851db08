//! `reelproof review …`.

use std::process::ExitCode;

use api::casework::review::{self, Said};
use catalog::review::{Judgement, StatementKind, Visit};
use catalog::store::OpenMode;
use serde::Serialize;

use crate::args::review::{
    DecideArgs, ItemArgs, JudgementArgs, ReassignArgs, ReviewAssignArgs, ReviewCommand, ReviewListArgs,
    RoundOnlyArgs, VisitArgs,
};
use crate::context::Context;
use crate::failure::Failure;
use crate::show;

pub(crate) async fn run(context: &Context, command: ReviewCommand) -> Result<ExitCode, Failure> {
    match command {
        ReviewCommand::Assign(args) => assign(context, &args).await,
        ReviewCommand::Reassign(args) => reassign(context, &args).await,
        ReviewCommand::List(args) => list(context, &args).await,
        ReviewCommand::Verdict(args) => {
            record(context, &args.item, Said::Verdict(judgement(args.judgement))).await
        }
        ReviewCommand::Explain(args) => {
            record(context, &args.item, Said::Statement(StatementKind::Explanation, args.text)).await
        }
        ReviewCommand::Appeal(args) => {
            record(context, &args.item, Said::Statement(StatementKind::Appeal, args.text)).await
        }
        ReviewCommand::Decide(args) => decide(context, args).await,
        ReviewCommand::Agreement(args) => agreement(context, &args).await,
        ReviewCommand::Visit(args) => visit(context, args).await,
        ReviewCommand::Visits => visits(context).await,
    }
}

fn judgement(args: JudgementArgs) -> Judgement {
    let mut codes = args.codes;
    codes.sort_unstable();
    codes.dedup();
    Judgement { outcome: args.outcome, codes, note: args.note, moments: args.moments }
}

async fn assign(context: &Context, args: &ReviewAssignArgs) -> Result<ExitCode, Failure> {
    let policy = context.policy(args.policy.as_deref())?;
    let catalog = context.catalog(OpenMode::Existing).await?;
    let now = context.clock.now();
    let plan = review::assign_round(catalog.as_ref(), &policy, &args.round, &args.supervisors, &args.by, now)
        .await?;
    context.print(&plan, || show::review::assigned(context.lang, &plan))?;
    Ok(ExitCode::SUCCESS)
}

async fn reassign(context: &Context, args: &ReassignArgs) -> Result<ExitCode, Failure> {
    let policy = context.policy(args.item.policy.as_deref())?;
    let catalog = context.catalog(OpenMode::Existing).await?;
    let ItemArgs { round, item, by, .. } = &args.item;
    let (from, to, now) = (&args.from, &args.to, context.clock.now());
    let seat =
        review::reassign(catalog.as_ref(), &policy, round, item, from, to, &args.reason, by, now).await?;
    context.print(&seat, || show::review::reassigned(context.lang, &seat))?;
    Ok(ExitCode::SUCCESS)
}

async fn list(context: &Context, args: &ReviewListArgs) -> Result<ExitCode, Failure> {
    let policy = context.policy(args.policy.as_deref())?;
    let catalog = context.catalog(OpenMode::Existing).await?;
    let now = context.clock.now();
    let view = review::round_review(
        catalog.as_ref(),
        policy,
        &args.round,
        review::Sees::all(args.by.as_deref()),
        now,
    )
    .await?;
    context.print(&view, || show::review::list(context.lang, &view))?;
    Ok(ExitCode::SUCCESS)
}

async fn record(context: &Context, args: &ItemArgs, said: Said) -> Result<ExitCode, Failure> {
    let policy = context.policy(args.policy.as_deref())?;
    let catalog = context.catalog(OpenMode::Existing).await?;
    let ItemArgs { round, item, by, .. } = args;
    let now = context.clock.now();
    let standing = review::record(catalog.as_ref(), &policy, round, item, by, said, now).await?;
    context.print(&standing, || show::review::standing(context.lang, &standing))?;
    Ok(ExitCode::SUCCESS)
}

async fn decide(context: &Context, args: DecideArgs) -> Result<ExitCode, Failure> {
    let granted = match (args.grant, args.reject) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    };
    record(context, &args.item, Said::Decision(granted, judgement(args.judgement))).await
}

async fn agreement(context: &Context, args: &RoundOnlyArgs) -> Result<ExitCode, Failure> {
    let catalog = context.catalog(OpenMode::Existing).await?;
    let agreement = review::round_agreement(catalog.as_ref(), &args.round).await?;
    context.print(&agreement, || show::review::agreement(context.lang, &agreement))?;
    Ok(ExitCode::SUCCESS)
}

/// A recorded visit.
#[derive(Serialize)]
struct VisitDocument {
    visits: Vec<Visit>,
}

async fn visit(context: &Context, args: VisitArgs) -> Result<ExitCode, Failure> {
    let policy = context.policy(args.policy.as_deref())?;
    let catalog = context.catalog(OpenMode::Existing).await?;
    let mut supervisors = vec![args.by.clone()];
    supervisors.extend(args.with);
    let mut visit = Visit {
        number: 0,
        unit: args.unit,
        starts_at: args.from,
        ends_at: args.to,
        supervisors,
        on_site: !args.online,
        note: args.note,
        found: args.found,
        recorded_at: context.clock.now(),
        recorded_by: args.by,
    };
    visit.number = review::add_visit(catalog.as_ref(), &policy, &visit).await?;
    let document = VisitDocument { visits: vec![visit] };
    context.print(&document, || show::review::visits(context.lang, &document.visits))?;
    Ok(ExitCode::SUCCESS)
}

async fn visits(context: &Context) -> Result<ExitCode, Failure> {
    let catalog = context.catalog(OpenMode::Existing).await?;
    let document = VisitDocument { visits: catalog.visits().await? };
    context.print(&document, || show::review::visits(context.lang, &document.visits))?;
    Ok(ExitCode::SUCCESS)
}
