//! `reelproof retention`: what of the footage must be kept, what is locked, and what may go. Nothing is deleted.

use std::process::ExitCode;

use analyzer::retention::Advice;
use api::retention::{RetentionError, survey};
use catalog::store::OpenMode;

use crate::args::RetentionArgs;
use crate::context::Context;
use crate::failure::Failure;
use crate::show;

pub(crate) async fn run(context: &Context, args: &RetentionArgs) -> Result<ExitCode, Failure> {
    let policy = context.policy(args.policy.as_deref())?;
    let catalog = context.catalog(OpenMode::Existing).await?;
    let at = args.at.unwrap_or_else(|| context.clock.now());
    let mut found = survey(catalog.as_ref(), &policy, args.month, at).await?;
    if let Some(wanted) = args.advice {
        found.recordings.retain(|advised| advised.advice == Advice::from(wanted));
    }
    context.print(&found, || show::retention::text(context.lang, &found))?;
    Ok(ExitCode::SUCCESS)
}

impl From<RetentionError> for Failure {
    fn from(error: RetentionError) -> Self {
        match error {
            RetentionError::Store(error) => error.into(),
            RetentionError::NoRules { .. } => Self::Input(error.into()),
        }
    }
}
