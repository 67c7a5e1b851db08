//! `reelproof catalog`: what is done with a catalog as a whole.

use std::process::ExitCode;

use api::log::audit;
use catalog::store::{CopiedTable, copy, shown_url};
use serde::Serialize;

use crate::args::{CatalogCommand, CopyArgs, Language};
use crate::context::Context;
use crate::failure::Failure;
use crate::show;

/// What a copy came to.
#[derive(Debug, Serialize)]
pub(crate) struct CopyReport {
    /// The catalog that was copied, without its password.
    pub from: String,
    /// The copy, without its password.
    pub to: String,
    /// Rows of all tables.
    pub rows: u64,
    /// Each table with its rows.
    pub tables: Vec<CopiedTable>,
    /// What the copy's log says.
    pub log: CopiedLog,
}

/// How the copy's log compares with the one that was copied.
#[derive(Debug, Serialize)]
pub(crate) struct CopiedLog {
    /// Entries.
    pub size: u64,
    /// The copy's root.
    pub root: String,
    /// The root of as many entries of the catalog that was copied.
    pub root_copied: String,
    /// Whether both are one, and the log explains every row of the copy.
    pub holds: bool,
    /// What of the copy does not hold. What did not hold before does not hold in the copy, either.
    pub faults: Vec<audit::LogFault>,
}

pub(crate) async fn run(context: &Context, command: CatalogCommand) -> Result<ExitCode, Failure> {
    match command {
        CatalogCommand::Copy(args) => copy_all(context, &args).await,
    }
}

async fn copy_all(context: &Context, args: &CopyArgs) -> Result<ExitCode, Failure> {
    let lang = context.lang;
    let quiet = context.quiet;
    let mut current = "";
    let mut told = |table: &'static str, rows: u64, total: u64| {
        // A line a table, and one for each tenth of a long one would say no more than that it goes on.
        if !quiet && (rows == total || table != current) && total > 0 {
            crate::stderr::tell(match lang {
                Language::Zh => format!("{table}：{rows}/{total} 行"),
                Language::En => format!("{table}: {rows} of {total} rows"),
            });
        }
        current = table;
    };
    let copied = copy(&args.from, &args.to, &mut told).await?;
    let found = audit::audit(copied.to.as_ref(), &[], None).await?;
    let root_copied = api::log::root(copied.from.as_ref(), found.size).await?;
    let report = CopyReport {
        from: shown_url(&args.from),
        to: shown_url(&args.to),
        rows: copied.tables.iter().map(|table| table.rows).sum(),
        tables: copied.tables,
        log: CopiedLog {
            size: found.size,
            root: found.root.to_string(),
            root_copied: root_copied.to_string(),
            holds: found.holds() && found.root == root_copied,
            faults: found.faults,
        },
    };
    context.print(&report, || show::catalog::copied(lang, &report))?;
    if report.log.holds { Ok(ExitCode::SUCCESS) } else { Err(Failure::Evidence) }
}
