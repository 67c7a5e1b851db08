//! Having something made of an object: the parent's side of `media::derive`.
//!
//! The child that decodes and encodes can write no file. What it makes comes back in pieces, and the parent puts them
//! into a file of its own, as long as they stay within the size that was allowed. The bytes that the child reads are of
//! one pinned version, so that a derivative is never made of two.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use catalog::derivative::{DeriveRequest, Derived};
use object_store::{ObjectMeta, ObjectStore};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use crate::blocks::Blocks;
use crate::child::{Broken, ChildEnd, ChildPool, Wish};
use crate::reading::ReadError;

/// Why nothing was made, where neither the object nor the child is to blame.
#[derive(Debug, thiserror::Error)]
pub enum DeriveError {
    /// The object could not be read, or there is no child.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// What was made could not be kept.
    #[error("what was made cannot be written: {0}; is there room on the disk?")]
    Write(#[source] io::Error),
}

/// Has `request` made of the version that `meta` describes, into `out`, in a child of `pool`; of at most `max_bytes`
/// bytes. Blocks: call it through `spawn_blocking`. The inner error says how the child came to a bad end.
///
/// # Errors
/// [`DeriveError`]; `out` then holds nothing of use, as after a bad end and where [`Derived::problem`] is set.
#[expect(clippy::too_many_arguments, reason = "the object is three of them, as for `inspect_version`")]
pub fn derive_version(
    store: &Arc<dyn ObjectStore>,
    meta: &ObjectMeta,
    pool: &ChildPool,
    handle: &Handle,
    request: &DeriveRequest,
    out: &File,
    max_bytes: u64,
    cancel: &CancellationToken,
) -> Result<Result<Derived, ChildEnd>, DeriveError> {
    let mut blocks = Blocks::new(Arc::clone(store), meta.clone(), handle.clone());
    let mut lease = pool.lease(cancel).map_err(ReadError::from)?;
    let json = serde_json::to_vec(request).unwrap_or_default();
    let mut unwritten = None;
    let mut conversation = || -> Result<Vec<u8>, Stopped> {
        lease.derive(meta.size, &json, max_bytes, cancel)?;
        loop {
            let mut take = |place: u64, bytes: &[u8]| {
                if unwritten.is_none() {
                    unwritten = out.write_all_at(bytes, place).err();
                }
            };
            let wish = lease.next_wish_making(&mut take, cancel)?;
            if let Some(error) = unwritten.take() {
                return Err(Stopped::Ours(DeriveError::Write(error)));
            }
            match wish {
                Wish::Done => return Ok(lease.report(&[], &[], cancel)?),
                Wish::Read { pos, len } => {
                    let piece = blocks.find(pos, len).map_err(|error| Stopped::Ours(error.into()))?;
                    lease.give(std::iter::once(&piece[..]), cancel)?;
                }
            }
        }
    };
    let talked = conversation();
    // What a file may have done inside must not reach the next one: one object, one child.
    lease.spoil();
    match talked {
        Ok(json) => match serde_json::from_slice::<Derived>(&json) {
            Ok(Derived { read_error: Some(detail), .. }) => Ok(Err(ChildEnd::Failed { detail })),
            Ok(derived) => Ok(Ok(derived)),
            Err(error) => Ok(Err(lease.misbehaved(format!("a report that cannot be read ({error})")))),
        },
        Err(Stopped::Child(Broken::Ended(end))) => Ok(Err(end)),
        Err(Stopped::Child(Broken::Cancelled)) => Err(ReadError::Cancelled.into()),
        Err(Stopped::Ours(error)) => Err(error),
    }
}

/// Why a conversation did not come to its end.
enum Stopped {
    Child(Broken),
    Ours(DeriveError),
}

impl From<Broken> for Stopped {
    fn from(broken: Broken) -> Self {
        Self::Child(broken)
    }
}
