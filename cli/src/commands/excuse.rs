//! `reelproof excuse add|withdraw|list`.

use std::process::ExitCode;

use api::excuses::{self, ExcuseError, ExcuseRequest, WithdrawalRequest};
use catalog::store::OpenMode;

use crate::args::ExcuseCommand;
use crate::context::Context;
use crate::failure::Failure;
use crate::show;

pub(crate) async fn run(context: &Context, command: ExcuseCommand) -> Result<ExitCode, Failure> {
    let catalog = context.catalog(OpenMode::Existing).await?;
    let (catalog, now) = (catalog.as_ref(), context.clock.now());
    match command {
        ExcuseCommand::Add(args) => {
            let policy = context.policy(args.policy.as_deref())?;
            let request = ExcuseRequest {
                stage: args.stage,
                reason: args.reason,
                starts_at: args.from,
                ends_at: args.to,
                note: args.note,
                by: args.by,
            };
            let entry = excuses::add(catalog, &policy, request, now).await?;
            context.print(&entry, || show::excuse::line(context.lang, &entry))?;
        }
        ExcuseCommand::Withdraw(args) => {
            let request = WithdrawalRequest {
                stage: args.stage,
                reason: args.reason,
                recorded_at: args.recorded_at,
                note: args.note,
                by: args.by,
            };
            let entry = excuses::withdraw(catalog, request, now).await?;
            context.print(&entry, || show::excuse::line(context.lang, &entry))?;
        }
        ExcuseCommand::List(args) => {
            let list = excuses::list(catalog, args.month, args.stage.as_ref()).await?;
            context.print(&list, || show::excuse::text(context.lang, &list))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

impl From<ExcuseError> for Failure {
    fn from(error: ExcuseError) -> Self {
        match error {
            ExcuseError::Store(error) => error.into(),
            other => Self::Input(other.into()),
        }
    }
}
