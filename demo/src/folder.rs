//! The month's folder: whole or not there.
//!
//! A month is built in `DIR.partial`, which is renamed to `DIR` when everything is in it. A marker file
//! names the folder as ours: what it does not stand in is never deleted. While it builds, a run holds
//! a lock on the marker; a second run waits for it and then finds the month made.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use crate::plan::Plan;
use crate::recording::Damage;
use crate::truth::Truth;
use crate::{EVIDENCE, FORMAT_VERSION, LATE, Month, TRUTH, execute};

/// Name of the file by which a folder is known as the demo's.
const MARKER: &str = "reelproof-demo.json";

/// The folder that was named is none for the demo; says why, and what to do.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct WrongFolder(String);

/// What the marker says of a finished month.
#[derive(Debug, Serialize, Deserialize)]
struct Marker {
    /// Version of the month and of its folder.
    format_version: u32,
    /// Sizes in bytes of all objects, by key.
    size_bytes: BTreeMap<String, u64>,
}

/// Keys of the objects that are altered after a first ingest.
pub(crate) fn altered_keys(plan: &Plan) -> Vec<String> {
    let altered = plan.recordings.iter().filter(|file| file.damage == Damage::AlteredLater);
    altered.map(|file| file.key.clone()).collect()
}

/// Makes the month of `plan` in `dir`, or takes the one that is there.
pub(crate) fn make(plan: &Plan, dir: &Path, progress: &dyn Fn(&str)) -> Result<Month> {
    if let Some(month) = finished(plan, dir)? {
        return Ok(month);
    }
    let partial = partial(dir)?;
    let Some(mut marker) = claim(&partial, dir, progress)? else {
        return finished(plan, dir)?.with_context(|| {
            format!("{} vanished while another run made it: run the command again", dir.display())
        });
    };
    clear(&partial)?;
    execute(plan, &partial, progress)?;
    let note = Marker { format_version: FORMAT_VERSION, size_bytes: sizes(plan, &partial)? };
    marker.set_len(0)?;
    marker.write_all(serde_json::to_string_pretty(&note)?.as_bytes())?;
    marker.sync_all()?;
    fs::rename(&partial, dir)
        .with_context(|| format!("cannot move {} to {}", partial.display(), dir.display()))?;
    Ok(Month::at(dir, plan, false))
}

/// The finished month in `dir`, in its first state; `None` if there is nothing yet.
fn finished(plan: &Plan, dir: &Path) -> Result<Option<Month>> {
    let refuse = |why: &str| {
        let message = format!("{} {why}: delete it, or name another folder for the demo", dir.display());
        anyhow::Error::new(WrongFolder(message))
    };
    let is_empty = match fs::read_dir(dir) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) if error.kind() == ErrorKind::NotFound => true,
        Err(error) if error.kind() == ErrorKind::NotADirectory => return Err(refuse("is no folder")),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", dir.display())),
    };
    if is_empty {
        return Ok(None);
    }
    let Ok(text) = fs::read_to_string(dir.join(MARKER)) else {
        return Err(refuse("holds something that the demo did not make"));
    };
    let other_version = "holds a month that another version of the program made";
    let marker: Marker = serde_json::from_str(&text).map_err(|_| refuse(other_version))?;
    let truth = fs::read_to_string(dir.join(TRUTH)).unwrap_or_default();
    if marker.format_version != FORMAT_VERSION || truth != Truth::about(plan).to_json()? {
        return Err(refuse(other_version));
    }
    if sizes(plan, dir).ok().as_ref() != Some(&marker.size_bytes) {
        return Err(refuse("holds a month of which recordings are gone or were changed"));
    }
    let month = Month::at(dir, plan, true);
    month.restore()?;
    Ok(Some(month))
}

fn sizes(plan: &Plan, dir: &Path) -> Result<BTreeMap<String, u64>> {
    let size = |key: &String| -> Result<(String, u64)> {
        let waiting = dir.join(LATE).join(key);
        let path = if waiting.exists() { waiting } else { dir.join(EVIDENCE).join(key) };
        let metadata = fs::metadata(&path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok((key.clone(), metadata.len()))
    };
    plan.recordings.iter().map(|file| size(&file.key)).collect()
}

/// Moves the file of a key from one folder to the other, if it is there.
pub(crate) fn deliver(key: &str, from: &Path, to: &Path) -> Result<()> {
    let (from, to) = (from.join(key), to.join(key));
    if !from.exists() {
        return Ok(());
    }
    let context = || format!("cannot move {} to {}", from.display(), to.display());
    to.parent().map_or(Ok(()), fs::create_dir_all).with_context(context)?;
    fs::rename(&from, &to).with_context(context)
}

fn partial(dir: &Path) -> Result<PathBuf> {
    let Some(name) = dir.file_name() else {
        bail!(WrongFolder(format!("{} has no name of its own: name a folder for the demo", dir.display())));
    };
    let mut partial = OsString::from(name);
    partial.push(".partial");
    Ok(dir.with_file_name(partial))
}

/// Takes `partial` for this run alone; `None` if another run finished `dir` meanwhile.
fn claim(partial: &Path, dir: &Path, progress: &dyn Fn(&str)) -> Result<Option<File>> {
    let context = || format!("cannot make the folder {}", partial.display());
    loop {
        fs::create_dir_all(partial).with_context(context)?;
        let path = partial.join(MARKER);
        // The marker is made first, so a folder of ours that holds anything holds it; looked for last,
        // because another run may make it, or move the finished folder away, at this very moment.
        let holds_something = match fs::read_dir(partial) {
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            opened => opened.with_context(context)?.next().is_some(),
        };
        if holds_something && !path.exists() && !dir.join(MARKER).exists() {
            let why = "holds something that the demo did not make: move it away, or name another folder";
            bail!(WrongFolder(format!("{} {why}", partial.display())));
        }
        let marker = match File::options().create(true).append(true).open(&path) {
            // Another run moved its finished folder away at this very moment.
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            opened => opened.with_context(context)?,
        };
        if marker.try_lock().is_err() {
            progress("another run makes this month: waiting for it");
            marker.lock().with_context(|| format!("cannot lock {}", path.display()))?;
        }
        if dir.join(MARKER).exists() {
            // The lock may be on a folder that this run has just begun beside the finished one.
            if path.exists() && fs::metadata(&path).with_context(context)?.len() == 0 {
                fs::remove_dir_all(partial).with_context(context)?;
            }
            return Ok(None);
        }
        if path.exists() {
            return Ok(Some(marker));
        }
    }
}

/// Removes what an interrupted run left, all but the marker.
fn clear(partial: &Path) -> Result<()> {
    let context = || format!("cannot clear {}", partial.display());
    for entry in fs::read_dir(partial).with_context(context)? {
        let entry = entry.with_context(context)?;
        if entry.file_name() == MARKER {
            continue;
        }
        let removed = if entry.file_type().with_context(context)?.is_dir() {
            fs::remove_dir_all(entry.path())
        } else {
            fs::remove_file(entry.path())
        };
        removed.with_context(context)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
