//! `reelproof report`.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use catalog::store::OpenMode;

use crate::args::ReportArgs;
use crate::context::Context;
use crate::failure::Failure;
use crate::show;

pub(crate) async fn run(context: &Context, args: &ReportArgs) -> Result<ExitCode, Failure> {
    if let Some(file) = &args.out {
        check_ending(file)?;
    }
    let policy = context.policy(args.policy.as_deref())?;
    let catalog = context.catalog(OpenMode::Existing).await?;
    let now = context.clock.now();
    let (report, _) = api::operations::monthly_return(catalog.as_ref(), policy, args.month, now).await?;
    match &args.out {
        None => context.print(&report, || show::report::text(context.lang, &report))?,
        Some(file) => {
            let mut text = serde_json::to_string_pretty(&report)?;
            text.push('\n');
            std::fs::write(file, text).with_context(|| format!("{} cannot be written", file.display()))?;
            context.say(&format!("{} {}", context.tr("已写入", "written to"), file.display()));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn check_ending(file: &Path) -> Result<(), Failure> {
    if file.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json")) {
        return Ok(());
    }
    Err(Failure::input(format!(
        "{}: the return is written as .json; give a file of that ending",
        file.display()
    )))
}
