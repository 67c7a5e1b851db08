//! `reelproof report`.

use std::process::ExitCode;

use api::casework::filing::{keep_return, return_document, return_file};
use catalog::filing::ReturnState;
use catalog::store::OpenMode;

use crate::args::ReportArgs;
use crate::commands::filing::format_of;
use crate::context::Context;
use crate::failure::Failure;
use crate::output;
use crate::show;

pub(crate) async fn run(context: &Context, args: &ReportArgs) -> Result<ExitCode, Failure> {
    let format = args.out.as_deref().map(format_of).transpose()?;
    let policy = context.policy(args.policy.as_deref())?;
    let catalog = context.catalog(OpenMode::Existing).await?;
    let now = context.clock.now();
    let document = return_document(catalog.as_ref(), policy, args.month, now).await?;
    if let (true, Some(by)) = (args.send, &args.by) {
        let (version, new) = keep_return(catalog.as_ref(), &document, ReturnState::Sent, by, now).await?;
        context.say(&match (new, context.lang) {
            (true, crate::args::Language::Zh) => format!("已按报送稿留存，第{version}版"),
            (true, crate::args::Language::En) => format!("kept as sent, version {version}"),
            (false, crate::args::Language::Zh) => {
                format!("数字与已报送的第{version}版一致，未另存新版")
            }
            (false, crate::args::Language::En) => {
                format!(
                    "the figures are those of version {version}, which was sent before; nothing new is kept"
                )
            }
        });
    }
    match (&args.out, format) {
        (Some(file), Some(format)) => {
            let bytes = return_file(&document, &format).await?;
            output::write(file, bytes)?;
            context.say(&format!("{} {}", context.tr("已写入", "written to"), file.display()));
        }
        _ => context.print(&document, || show::report::text(context.lang, &document))?,
    }
    Ok(ExitCode::SUCCESS)
}
