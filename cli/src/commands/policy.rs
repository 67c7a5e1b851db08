//! `reelproof policy check|show`.

use std::process::ExitCode;

use analyzer::policy::Policy;
use anyhow::Context as _;

use crate::args::PolicyCommand;
use crate::context::Context;
use crate::failure::Failure;
use crate::show;

pub(crate) fn run(context: &Context, command: PolicyCommand) -> Result<ExitCode, Failure> {
    match command {
        PolicyCommand::Check { file } => {
            let text = std::fs::read_to_string(&file)
                .with_context(|| format!("{} cannot be read", file.display()))
                .map_err(Failure::Input)?;
            let policy = Policy::parse(&file.display().to_string(), &text)
                .map_err(|error| Failure::Input(error.into()))?;
            let summary = policy.summary();
            context.print(&summary, || show::policy::checked(context.lang, &summary))?;
        }
        PolicyCommand::Show { name } => {
            let summary = context.policy(Some(&name))?.summary();
            context.print(&summary, || show::policy::summary(context.lang, &summary))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
