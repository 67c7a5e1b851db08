//! Makes a small month of a plainly synthetic bureau: import files, real encoded footage with planted
//! faults, and `truth.json`, which says what a correct audit finds. It is what `reelproof demo` shows and
//! what the whole-system tests run on.
//!
//! - [`plan()`] decides everything, as a value: [`bureau`] who there is, [`faults`] what goes wrong;
//! - [`execute()`] makes it, calling the `ffmpeg` program for the footage;
//! - [`truth`] is the answer sheet;
//! - [`make`] does all of it, in a folder that is either whole or not there.
//!
//! The month is the same on every machine as to people, times, faults and truth. The bytes of the
//! footage depend on the version of FFmpeg.

pub mod bureau;
mod calendar;
mod cases;
mod custody;
pub mod drones;
mod execute;
pub mod faults;
mod folder;
mod footage;
pub mod plan;
pub mod recording;
mod tables;
#[cfg(test)]
mod testing;
pub mod truth;
mod wishes;

use std::path::{Path, PathBuf};

use anyhow::Result;
use catalog::import::ImportKind;
use catalog::time::Month as CalendarMonth;

pub use calendar::month;
pub use custody::{NotStored, as_of};
pub use execute::execute;
pub use folder::WrongFolder;
pub use plan::{Plan, plan};

/// Version of the month and of its folder: counts up when either changes.
pub const FORMAT_VERSION: u32 = 4;

const EVIDENCE: &str = "evidence";
/// Where what comes late lies until then.
const LATE: &str = "late";
const TABLES: &str = "tables";
const TRUTH: &str = "truth.json";

/// A finished month on disk.
#[derive(Debug, Clone)]
pub struct Month {
    /// Its folder.
    pub dir: PathBuf,
    /// The store: what `reelproof ingest` takes.
    pub evidence_dir: PathBuf,
    /// The store of the docks' drones: what a further `reelproof ingest` takes.
    pub drones_dir: PathBuf,
    /// Where the import files are.
    pub tables_dir: PathBuf,
    /// Which month it is.
    pub month: CalendarMonth,
    /// The answer sheet.
    pub truth_path: PathBuf,
    /// Whether it was there already.
    pub reused: bool,
    /// Keys of the objects that [`Month::alter`] changes.
    altered_keys: Vec<String>,
    /// Keys of the objects that [`Month::alter`] brings into the store.
    late_keys: Vec<String>,
    /// Folders whose footage is to be decoded, below [`Self::evidence_dir`].
    looked_at: Vec<String>,
}

impl Month {
    fn at(dir: &Path, plan: &Plan, reused: bool) -> Self {
        Self {
            dir: dir.to_owned(),
            evidence_dir: dir.join(EVIDENCE),
            drones_dir: dir.join(drones::FOLDER),
            tables_dir: dir.join(TABLES),
            month: month(),
            truth_path: dir.join(TRUTH),
            reused,
            altered_keys: folder::altered_keys(plan),
            late_keys: plan.late.clone(),
            looked_at: plan.looked_at().into_iter().collect(),
        }
    }

    /// The import files in the order in which they must be read.
    pub fn tables(&self) -> Vec<(ImportKind, PathBuf)> {
        let mut tables = tables::paths(&self.tables_dir);
        tables.extend(drones::tables(&self.tables_dir));
        tables
    }

    /// The folders whose footage is to be decoded and looked at, once everything is taken in: the faults of
    /// picture and sound are planted there, and looking at all of the month would take minutes.
    pub fn looked_at(&self) -> impl Iterator<Item = PathBuf> + '_ {
        self.looked_at.iter().map(|folder| self.evidence_dir.join(folder))
    }

    /// Keys of the objects that [`Month::alter`] changes.
    pub fn altered_keys(&self) -> &[String] {
        &self.altered_keys
    }

    /// Changes the recordings that are planted as altered: same size, other content; and brings those into
    /// the store that are planted as late. Call it after a first ingest; a second one must then find them.
    /// Doing it again changes nothing.
    ///
    /// # Errors
    /// If a file cannot be read or written, or is not the one that was made.
    pub fn alter(&self) -> Result<()> {
        self.altered_keys.iter().try_for_each(|key| footage::alter(&self.evidence_dir.join(key)))?;
        let late = self.dir.join(LATE);
        self.late_keys.iter().try_for_each(|key| folder::deliver(key, &late, &self.evidence_dir))
    }

    /// Undoes [`Month::alter`]; recordings that were not altered or brought are left alone.
    fn restore(&self) -> Result<()> {
        self.altered_keys.iter().try_for_each(|key| footage::restore(&self.evidence_dir.join(key)))?;
        let late = self.dir.join(LATE);
        self.late_keys.iter().try_for_each(|key| folder::deliver(key, &self.evidence_dir, &late))
    }
}

/// Makes the month in `dir`, or takes it as it was once [`Month::alter`] is undone if it is there
/// already. It is built beside `dir`, in `dir` with `.partial` at its end, and moved into place when it
/// is whole; what an interrupted run left is cleared away. Two runs at once wait for each other.
///
/// `progress` is told what is being done.
///
/// # Errors
/// If `dir` holds something else, `ffmpeg` is not there or fails, or the disk does.
pub fn make(dir: &Path, progress: &dyn Fn(&str)) -> Result<Month> {
    folder::make(&plan(), dir, progress)
}
