//! What the criterion benches and the comparison with other tools share.
//!
//! Fixtures are made, never shipped: see [`fixtures`]. The benches live in `benches/benches`, the
//! comparison in `benches/peers.sh` and `benches/peers`.

pub mod coverage_rows;
pub mod fixtures;

use catalog::observation::StartSource;
use ingest::child::{ChildCommand, ChildError, ChildPool, PoolOptions};
use ingest::key_pattern::KeyPatterns;
use ingest::reading::ObjectReader;
use ingest::run::RunOptions;
use tokio::runtime::Handle;

/// How the benches read: one object at a time, nothing configured.
pub fn run_options() -> RunOptions {
    RunOptions {
        parallel: 1,
        key_patterns: KeyPatterns::default(),
        start_order: vec![StartSource::FileName, StartSource::Container],
        retry_quarantined: false,
        sm3: false,
        inspect: None,
    }
}

fn child() -> Result<ChildCommand, ChildError> {
    let running = std::env::current_exe().unwrap_or_default();
    let programs = running.ancestors().skip(1).take(2).map(|folder| folder.join(confined::PROGRAM));
    let found = programs.into_iter().find(|program| program.is_file());
    ChildCommand::find(found.as_deref())
}

/// A reader whose child is up. The child's program is in the folder of the build, beside this one or, where this
/// is a bench, above it.
///
/// # Errors
/// Where the child does not come up.
pub fn warm_reader(handle: &Handle) -> Result<ObjectReader, ChildError> {
    let pool = ChildPool::new(PoolOptions::new(child()?, 1));
    pool.sandbox()?;
    Ok(ObjectReader::new(pool, handle.clone()))
}
