//! `reelproof coverage`.

use std::process::ExitCode;
use std::sync::Arc;

use analyzer::policy::Policy;
use api::operations::drone_policy;
use catalog::store::OpenMode;

use crate::args::CoverageArgs;
use crate::context::Context;
use crate::failure::Failure;
use crate::output;
use crate::show;

pub(crate) async fn run(context: &Context, args: &CoverageArgs) -> Result<ExitCode, Failure> {
    let policy = policy(context, args.policy.as_deref())?;
    let catalog = context.catalog(OpenMode::Existing).await?;
    let as_of = args.as_of.unwrap_or_else(|| context.clock.now());
    let (coverage, drawing) = api::operations::coverage(catalog.as_ref(), policy, args.month, as_of).await?;
    if let Some(file) = &args.geojson {
        let text = serde_json::to_string(&drawing.geojson())? + "\n";
        output::write(file, text)?;
        let wrote = context.tr("已写入地图文件：", "wrote the map: ");
        context.say(&format!("{wrote}{}", file.display()));
    }
    context.print(&coverage, || show::coverage::text(context.lang, &coverage, args.all))?;
    Ok(ExitCode::SUCCESS)
}

fn policy(context: &Context, named: Option<&str>) -> Result<Arc<Policy>, Failure> {
    match named {
        Some(named) => context.policy(Some(named)),
        None => drone_policy(&context.policy(None)?).map_err(|error| Failure::Input(error.into())),
    }
}
