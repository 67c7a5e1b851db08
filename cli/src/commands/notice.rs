//! `reelproof notice …` and `reelproof score`.

use std::process::ExitCode;

use analyzer::notice::NoticeWish;
use api::casework::notice::{self, NoticeView};
use catalog::store::OpenMode;
use serde::Serialize;

use crate::args::notice::{
    EscalateArgs, NoticeArgs, NoticeCommand, NoticeDraftArgs, NoticeExportArgs, NoticeListArgs, ScoreArgs,
};
use crate::context::Context;
use crate::failure::Failure;
use crate::output;
use crate::show;

pub(crate) async fn run(context: &Context, command: NoticeCommand) -> Result<ExitCode, Failure> {
    match command {
        NoticeCommand::Draft(args) => draft(context, &args).await,
        NoticeCommand::Issue(args) => act(context, &args.notice, NoticeWish::Issue(args.approved)).await,
        NoticeCommand::Reply(args) => act(context, &args.notice, NoticeWish::Reply(args.text)).await,
        NoticeCommand::Close(args) => act(context, &args.notice, NoticeWish::Close(args.note)).await,
        NoticeCommand::Withdraw(args) => act(context, &args.notice, NoticeWish::Withdraw(args.reason)).await,
        NoticeCommand::Escalate(args) => escalate(context, &args).await,
        NoticeCommand::List(args) => list(context, &args).await,
        NoticeCommand::Export(args) => export(context, &args).await,
    }
}

/// Notices, as they are printed.
#[derive(Serialize)]
struct Notices {
    notices: Vec<NoticeView>,
}

/// Which notice follows which.
#[derive(Serialize)]
struct Escalated {
    notice: u64,
    followed_by: u64,
}

async fn draft(context: &Context, args: &NoticeDraftArgs) -> Result<ExitCode, Failure> {
    let policy = context.policy(args.policy.as_deref())?;
    let catalog = context.catalog(OpenMode::Existing).await?;
    let now = context.clock.now();
    let outcome = notice::draft_notices(catalog.as_ref(), &policy, &args.round, &args.by, now).await?;
    context.print(&outcome, || show::notice::drafted(context.lang, &outcome))?;
    Ok(ExitCode::SUCCESS)
}

async fn act(context: &Context, args: &NoticeArgs, wish: NoticeWish) -> Result<ExitCode, Failure> {
    let policy = context.policy(args.policy.as_deref())?;
    let catalog = context.catalog(OpenMode::Existing).await?;
    let now = context.clock.now();
    let view = notice::act_on_notice(catalog.as_ref(), &policy, args.id, &args.by, wish, now).await?;
    context.print(&view, || show::notice::list(context.lang, std::slice::from_ref(&view)))?;
    Ok(ExitCode::SUCCESS)
}

async fn escalate(context: &Context, args: &EscalateArgs) -> Result<ExitCode, Failure> {
    let policy = context.policy(args.policy.as_deref())?;
    let catalog = context.catalog(OpenMode::Existing).await?;
    let now = context.clock.now();
    let pairs = notice::escalate_notices(catalog.as_ref(), &policy, &args.by, now).await?;
    let document: Vec<Escalated> =
        pairs.iter().map(|&(notice, followed_by)| Escalated { notice, followed_by }).collect();
    context.print(&document, || show::notice::escalated(context.lang, &pairs))?;
    Ok(ExitCode::SUCCESS)
}

async fn list(context: &Context, args: &NoticeListArgs) -> Result<ExitCode, Failure> {
    let catalog = context.catalog(OpenMode::Existing).await?;
    let now = context.clock.now();
    let document = Notices { notices: notice::notices(catalog.as_ref(), args.month, now).await? };
    context.print(&document, || show::notice::list(context.lang, &document.notices))?;
    Ok(ExitCode::SUCCESS)
}

async fn export(context: &Context, args: &NoticeExportArgs) -> Result<ExitCode, Failure> {
    if args.out.extension().is_none_or(|ending| !ending.eq_ignore_ascii_case("docx")) {
        return Err(Failure::input(format!(
            "{}: a notice is written as .docx; give a file of that ending",
            args.out.display()
        )));
    }
    let catalog = context.catalog(OpenMode::Existing).await?;
    let bytes = notice::notice_paper(catalog.as_ref(), args.id, context.clock.now()).await?;
    output::write(&args.out, bytes)?;
    context.say(&format!("{} {}", context.tr("已写入", "written to"), args.out.display()));
    Ok(ExitCode::SUCCESS)
}

pub(crate) async fn score(context: &Context, args: &ScoreArgs) -> Result<ExitCode, Failure> {
    let policy = context.policy(args.policy.as_deref())?;
    let catalog = context.catalog(OpenMode::Existing).await?;
    let now = context.clock.now();
    let sheet = notice::month_scores(catalog.as_ref(), &policy, args.month, now).await?;
    context.print(&sheet, || show::notice::scores(context.lang, &sheet))?;
    Ok(ExitCode::SUCCESS)
}
