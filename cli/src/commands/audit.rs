//! `reelproof audit`.

use std::process::ExitCode;

use catalog::store::OpenMode;

use crate::args::AuditArgs;
use crate::context::Context;
use crate::failure::Failure;
use crate::show;

pub(crate) async fn run(context: &Context, args: &AuditArgs) -> Result<ExitCode, Failure> {
    let policy = context.policy(args.policy.as_deref())?;
    let catalog = context.catalog(OpenMode::Existing).await?;
    let as_of = args.as_of.unwrap_or_else(|| context.clock.now());
    let audit = api::operations::audit(catalog.as_ref(), policy, args.month, as_of).await?;
    context.print(&audit, || show::audit::text(context.lang, &audit, args.all))?;
    Ok(ExitCode::SUCCESS)
}
