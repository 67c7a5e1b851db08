//! `reelproof reconcile`.

use std::process::ExitCode;

use anyhow::Context as _;
use api::reconciliation::{ReconciliationError, reconcile};
use catalog::store::OpenMode;

use crate::args::ReconcileArgs;
use crate::context::Context;
use crate::failure::Failure;
use crate::show;

pub(crate) async fn run(context: &Context, args: &ReconcileArgs) -> Result<ExitCode, Failure> {
    let policy = context.policy(args.policy.as_deref())?;
    let catalog = context.catalog(OpenMode::Existing).await?;
    let as_of = args.as_of.unwrap_or_else(|| context.clock.now());
    let month =
        args.month.or_else(|| as_of.month()).context("the time is out of range").map_err(Failure::Input)?;
    let found = reconcile(catalog.as_ref(), policy, month, as_of).await?;
    context.print(&found, || show::reconcile::text(context.lang, &found))?;
    Ok(ExitCode::SUCCESS)
}

impl From<ReconciliationError> for Failure {
    fn from(error: ReconciliationError) -> Self {
        match error {
            ReconciliationError::Store(error) => error.into(),
            ReconciliationError::Month(error) => error.into(),
            ReconciliationError::Policy(error) => Self::Input(error.into()),
            ReconciliationError::CutOff(_) => Self::Ours(error.into()),
        }
    }
}
