//! `reelproof import KIND FILE`.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use api::imports::{self, TakeInError};
use catalog::import::{ImportKind, ImportOutcome};
use catalog::store::{Catalog, OpenMode};

use crate::args::{ImportArgs, Language};
use crate::context::Context;
use crate::failure::Failure;

pub(crate) async fn run(context: &Context, args: &ImportArgs) -> Result<ExitCode, Failure> {
    let kind = args.kind.0;
    let Some(file) = &args.file else {
        print!("{}", tables::template(kind, context.lang == Language::Zh));
        return Ok(ExitCode::SUCCESS);
    };
    // Read before the catalog is opened, so that a wrong path does not leave an empty catalog behind.
    let bytes = read(file)?;
    let catalog = context.catalog(OpenMode::Create).await?;
    let outcome = take_in(catalog.as_ref(), context, kind, file, bytes).await?;
    context.print(&outcome, || text(context.lang, &outcome))?;
    Ok(ExitCode::SUCCESS)
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(file).with_context(|| format!("{} cannot be read", file.display())).map_err(Failure::Input)
}

/// Takes in one file; `demo` uses it, too.
pub(crate) async fn take_in_file(
    catalog: &dyn Catalog,
    context: &Context,
    kind: ImportKind,
    file: &Path,
) -> Result<ImportOutcome, Failure> {
    take_in(catalog, context, kind, file, read(file)?).await
}

async fn take_in(
    catalog: &dyn Catalog,
    context: &Context,
    kind: ImportKind,
    file: &Path,
    bytes: Vec<u8>,
) -> Result<ImportOutcome, Failure> {
    let name = file.display().to_string();
    imports::take_in(catalog, kind, &name, bytes, context.clock.now()).await.map_err(|error| match error {
        TakeInError::Store(error) => error.into(),
        TakeInError::Table(error) => {
            // Whoever asked for JSON has every problem in it; the message shows the first of many.
            if context.json
                && let Err(error) = context.print(&error, String::new)
            {
                return error;
            }
            Failure::Input(error.into())
        }
        TakeInError::CutOff(error) => Failure::Ours(error.into()),
    })
}

pub(crate) fn text(lang: Language, outcome: &ImportOutcome) -> String {
    let ImportOutcome { kind, rows, new, changed, unchanged } = outcome;
    match lang {
        Language::Zh => {
            format!("{}：共 {rows} 行，新增 {new}，更新 {changed}，未变 {unchanged}\n", kind.zh())
        }
        Language::En => format!("{kind}: {rows} rows, {new} new, {changed} changed, {unchanged} unchanged\n"),
    }
}
