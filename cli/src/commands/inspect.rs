//! `reelproof inspect`.

use std::process::ExitCode;

use ingest::location::ObjectLocation;
use ingest::looking::MAX_CHILDREN;

use crate::args::InspectArgs;
use crate::commands::ingest::reader;
use crate::context::Context;
use crate::failure::Failure;
use crate::show;

pub(crate) async fn run(context: &Context, args: &InspectArgs) -> Result<ExitCode, Failure> {
    let object = ObjectLocation::open(&args.object)?;
    let policy = context.policy(args.policy.as_deref())?;
    let children = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(MAX_CHILDREN);
    let reader = reader(context, children)?;
    let found = ingest::inspect::inspect(
        &object,
        reader.pool(),
        policy.inspect.options(),
        u32::try_from(children).unwrap_or(1),
    )
    .await?;
    context.print(&found, || show::inspect::text(context.lang, &found))?;
    match found.quarantine_reason() {
        None => Ok(ExitCode::SUCCESS),
        Some(_) => Err(Failure::Evidence),
    }
}
