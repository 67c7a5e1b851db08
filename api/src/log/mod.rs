//! The transparency log in use: signed checkpoints, proofs, and the check of a catalog against what its log says.
//!
//! The catalog adds a leaf for everything it writes ([`catalog::log`]). Here roots are signed ([`checkpoint()`], with a key
//! that stands outside of the catalog, [`signer`]), single rows are proven ([`proof`]), and a whole catalog is held
//! against its log ([`audit`]). What is found wrong is a finding and no error. docs/log.md describes every form.

pub mod audit;
pub mod bundle;
pub mod note;
pub mod proof;
pub mod signer;
pub mod stamp;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use catalog::WallTime;
use catalog::clock::Clock;
use catalog::log::Hash;
use catalog::log::tree::{Node, fold, range};
use catalog::store::{Catalog, CheckpointEntry, KeyEntry, StoreError};

use note::{Checkpoint, NoteError, VerifierKey, sign};
use signer::LogSigner;

/// We failed, or what was asked for is not there.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The catalog failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file could not be read or written.
    #[error("{}: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: std::io::Error,
    },
    /// The key file holds no key of this log.
    #[error("{} holds no key of this log ({reason}): restore the key file from its copy, or name the right one with log_key in the settings", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// The log was signed with a key that is not there any more.
    #[error("the log was signed with another key than that in {}: restore that key file. If it is lost, say so in public and keep the old checkpoints: nobody can continue that key's word", path.display())]
    KeyLost {
        /// Where the key was looked for.
        path: PathBuf,
    },
    /// The tree is no continuation of what was signed before.
    #[error(
        "nothing was signed: {0}. Run `reelproof log verify` to see what changed, and keep the catalog as it is"
    )]
    Forked(String),
    /// No random bytes.
    #[error("the operating system has no random bytes: {0}")]
    NoChance(String),
    /// There is no such leaf.
    #[error("the log has no entry {0}")]
    NoSuchEntry(u64),
    /// Nothing about this is in the log.
    #[error("the log says nothing of {0}")]
    NothingAbout(String),
    /// Sizes that no proof is between.
    #[error(
        "there is no proof from {from} to {to} leaves: the log has {size}, and the first number must not be the greater"
    )]
    NoSuchSizes {
        /// Leaves of the earlier tree.
        from: u64,
        /// Leaves of the later tree.
        to: u64,
        /// Leaves there are.
        size: u64,
    },
    /// A key or note that is none.
    #[error(transparent)]
    Note(#[from] NoteError),
}

impl LogError {
    pub(crate) fn file(path: &Path, reason: std::io::Error) -> Self {
        Self::File { path: path.to_owned(), reason }
    }
}

/// The name of a log, which its checkpoints and keys bear.
pub fn origin(log_id: &str) -> String {
    format!("reelproof/{log_id}")
}

/// The hashes of ranges of leaves.
pub(crate) async fn fold_plan(catalog: &dyn Catalog, plan: &[Vec<Node>]) -> Result<Vec<Hash>, StoreError> {
    let all: Vec<Node> = plan.iter().flatten().copied().collect();
    let hashes = catalog.log_nodes(&all).await?;
    let mut rest = hashes.as_slice();
    Ok(plan
        .iter()
        .map(|nodes| {
            let (these, others) = rest.split_at(nodes.len());
            rest = others;
            fold(these)
        })
        .collect())
}

/// The root of the first `size` leaves.
pub async fn root(catalog: &dyn Catalog, size: u64) -> Result<Hash, StoreError> {
    Ok(fold(&catalog.log_nodes(&range(0, size)).await?))
}

/// The key of this catalog's log: that in the file, or, where the log was never signed, a new one.
pub async fn key(catalog: &dyn Catalog, path: &Path) -> Result<LogSigner, LogError> {
    let name = origin(&catalog.log_state().await?.log_id);
    let known = catalog.log_keys().await?;
    let signer = match LogSigner::load(path)? {
        Some(signer) => signer,
        None if known.is_empty() => LogSigner::create(path, &name)?,
        None => return Err(LogError::KeyLost { path: path.to_owned() }),
    };
    let verifier = signer.verifier();
    if verifier.name() != name {
        let remembered = signer.remembered()?.map_or(String::new(), |_| {
            ": its holder signed another log before, so this catalog was replaced or its log was begun anew"
                .to_owned()
        });
        let reason = format!("it is the key of {}, and this log is {name}{remembered}", verifier.name());
        return Err(LogError::Key { path: path.to_owned(), reason });
    }
    match known.last() {
        Some(last) if last.vkey != verifier.to_string() => Err(LogError::KeyLost { path: path.to_owned() }),
        _ => Ok(signer),
    }
}

/// Signs the present root, unless it was signed already: then that checkpoint is given.
///
/// Nothing is signed where the tree does not continue what this key signed last.
pub async fn checkpoint(
    catalog: &dyn Catalog,
    signer: &LogSigner,
    at: WallTime,
) -> Result<CheckpointEntry, LogError> {
    let _alone = signer.alone().await?;
    let vkey = signer.verifier().to_string();
    if catalog.log_keys().await?.is_empty() {
        catalog.add_log_key(&KeyEntry { vkey, since: at, statement: None }).await?;
    }
    let state = catalog.log_state().await?;
    let origin = origin(&state.log_id);
    if let Some(note) = signer.remembered()? {
        let before: Checkpoint = note.parse()?;
        if let Some(why) = departs(catalog, &origin, state.size, &before).await? {
            return Err(LogError::Forked(why));
        }
    }
    let root = root(catalog, state.size).await?;
    if let Some(last) = catalog.last_checkpoint().await?
        && last.size == state.size
        && last.root == root
    {
        return Ok(last);
    }
    let text = Checkpoint { origin, size: state.size, root, at: Some(at) }.to_text();
    let note = sign(&text, &[signer.note_signer()]);
    let entry = CheckpointEntry { size: state.size, root, at, note };
    catalog.add_checkpoint(&entry).await?;
    signer.remember(&entry.note)?;
    Ok(entry)
}

/// Signs the present root if the log has grown since the last checkpoint; `None` if it has not.
pub async fn checkpoint_if_grown(
    catalog: &dyn Catalog,
    key_file: &Path,
    at: WallTime,
) -> Result<Option<CheckpointEntry>, LogError> {
    let last = catalog.last_checkpoint().await?.map(|entry| entry.size);
    if last == Some(catalog.log_state().await?.size) {
        return Ok(None);
    }
    let signer = key(catalog, key_file).await?;
    checkpoint(catalog, &signer, at).await.map(Some)
}

/// Signs the root every `every` for as long as the log grows. What stands in the way is logged as an error each time; the
/// service goes on, and `log verify` says how many entries nobody vouches for.
pub async fn keep_signing(
    catalog: Arc<dyn Catalog>,
    key_file: PathBuf,
    clock: Arc<dyn Clock>,
    every: Duration,
) {
    let mut ticks = tokio::time::interval(every);
    loop {
        ticks.tick().await;
        if let Err(error) = checkpoint_if_grown(catalog.as_ref(), &key_file, clock.now()).await {
            tracing::error!("the log's root was not signed: {error}");
        }
    }
}

/// Why a log is no continuation of a checkpoint; `None` if it is.
pub(crate) async fn departs(
    catalog: &dyn Catalog,
    origin: &str,
    size: u64,
    before: &Checkpoint,
) -> Result<Option<String>, StoreError> {
    if before.origin != origin {
        return Ok(Some(format!("{} was signed, and this is the log {origin}", before.origin)));
    }
    if before.size > size {
        return Ok(Some(format!(
            "{} leaves were signed and {size} are there: leaves were dropped, or the catalog was put back",
            before.size
        )));
    }
    let root = root(catalog, before.size).await?;
    Ok((root != before.root).then(|| {
        format!(
            "of the first {} leaves the root {} was signed, and they have the root {root} now",
            before.size, before.root
        )
    }))
}

/// Puts a new key into use: a note that names both is signed by both, kept, and logged. The old key file is kept
/// beside the new one, with `.retired-` and a number at its end.
pub async fn rotate(catalog: &dyn Catalog, path: &Path, at: WallTime) -> Result<KeyEntry, LogError> {
    let old = key(catalog, path).await?;
    // What the old key vouches for ends here.
    checkpoint(catalog, &old, at).await?;
    let number = catalog.log_keys().await?.len();
    let mut retired = path.as_os_str().to_owned();
    retired.push(format!(".retired-{number}"));
    let retired = PathBuf::from(retired);
    let mut fresh = path.as_os_str().to_owned();
    fresh.push(".new");
    let fresh = PathBuf::from(fresh);
    let name = old.verifier().name().to_owned();
    // One that was left behind by a rotation that was cut off is used: its statement may have been kept.
    let new = match LogSigner::load(&fresh)? {
        Some(new) => new,
        None => LogSigner::create(&fresh, &name)?,
    };
    let text = rotation_text(&name, &old.verifier(), &new.verifier(), at);
    let statement = sign(&text, &[old.note_signer(), new.note_signer()]);
    let entry = KeyEntry { vkey: new.verifier().to_string(), since: at, statement: Some(statement) };
    let failed = |error| LogError::file(path, error);
    std::fs::copy(path, &retired).map_err(failed)?;
    catalog.add_log_key(&entry).await?;
    std::fs::rename(&fresh, path).map_err(failed)?;
    let signer = key(catalog, path).await?;
    checkpoint(catalog, &signer, at).await?;
    Ok(entry)
}

/// What is signed when a key follows another.
fn rotation_text(name: &str, old: &VerifierKey, new: &VerifierKey, at: WallTime) -> String {
    format!("reelproof key rotation\n{name}\nold {old}\nnew {new}\nat {at}\n")
}

/// The keys of a log, the first trusted and each following one stated by the one before it; or which is not.
pub fn key_chain(keys: &[KeyEntry]) -> Result<Vec<VerifierKey>, NoteError> {
    let mut chain: Vec<VerifierKey> = Vec::new();
    for entry in keys {
        let key: VerifierKey = entry.vkey.parse()?;
        if let Some(before) = chain.last() {
            let statement = entry.statement.as_deref().unwrap_or_default();
            let text = note::verify(statement, &[before, &key])?;
            let mut lines = text.lines();
            let states = lines.next() == Some("reelproof key rotation")
                && lines.next() == Some(key.name())
                && lines.next() == Some(format!("old {before}").as_str())
                && lines.next() == Some(format!("new {key}").as_str());
            if !states || before.name() != key.name() {
                return Err(NoteError::Form("a key's statement names other keys"));
            }
        }
        chain.push(key);
    }
    Ok(chain)
}

#[cfg(test)]
mod tests;
