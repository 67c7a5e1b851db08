//! Makes a plan real: tables, footage, truth. Several files of footage are made at a time.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use anyhow::{Context, Result};

use crate::footage::{Stock, Studio, stocks_of};
use crate::plan::Plan;
use crate::recording::PlannedRecording;
use crate::truth::Truth;
use crate::{EVIDENCE, LATE, TABLES, TRUTH, drones, folder, tables};

/// Folder for clips, inside the month's while it is made.
const STUDIO: &str = "studio";

/// How many programs run at a time at most.
const MOST_AT_A_TIME: usize = 4;

/// How often progress is told, in recordings.
const TOLD_EVERY: usize = 20;

/// Makes everything that `plan` plans inside `dir`, which must exist.
///
/// # Errors
/// If `ffmpeg` is not there or fails, or the disk does; what was made by then is left lying in `dir`.
pub fn execute(plan: &Plan, dir: &Path, progress: &dyn Fn(&str)) -> Result<()> {
    tables::write(plan, &dir.join(TABLES))?;
    let evidence = dir.join(EVIDENCE);
    fs::create_dir_all(&evidence)
        .with_context(|| format!("cannot make the folder {}", evidence.display()))?;
    let stocks: BTreeSet<Stock> =
        plan.recordings.iter().flat_map(stocks_of).chain([(drones::SCENE, None)]).collect();
    let stocks: Vec<Stock> = stocks.into_iter().collect();
    progress("encoding the clips that footage is made of");
    let studio = Studio::open(&dir.join(STUDIO), &stocks)?;
    let (copies, originals): (Vec<_>, Vec<_>) =
        plan.recordings.iter().partition(|file| file.copy_of.is_some());
    film(&studio, &originals, &evidence, progress)?;
    for copy in copies {
        studio.film(copy, &evidence)?;
    }
    tables::write_manifest(plan, &dir.join(TABLES), &evidence)?;
    plan.late.iter().try_for_each(|key| folder::deliver(key, &evidence, &dir.join(LATE)))?;
    drones::execute(&studio, &dir.join(TABLES), dir)?;
    fs::remove_dir_all(dir.join(STUDIO)).context("cannot clear the clips away")?;
    let truth = dir.join(TRUTH);
    fs::write(&truth, Truth::about(plan).to_json()?)
        .with_context(|| format!("cannot write {}", truth.display()))?;
    Ok(())
}

/// Films everything, two to four files at a time; the first failure ends it.
fn film(
    studio: &Studio,
    recordings: &[&PlannedRecording],
    root: &Path,
    progress: &dyn Fn(&str),
) -> Result<()> {
    let workers = thread::available_parallelism().map_or(2, usize::from).clamp(2, MOST_AT_A_TIME);
    let next = AtomicUsize::new(0);
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..workers {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || {
                while let Some(recording) = recordings.get(next.fetch_add(1, Ordering::Relaxed)) {
                    // Nobody listens any more once something failed.
                    if sender.send(studio.film(recording, root)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        for (done, made) in (1_usize..).zip(receiver) {
            made?;
            if done % TOLD_EVERY == 0 || done == recordings.len() {
                progress(&format!("made {done} of {} recordings", recordings.len()));
            }
        }
        Ok(())
    })
}
