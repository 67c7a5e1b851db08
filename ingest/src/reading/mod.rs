//! The reading of one object: every byte once, for the digests and for the index alike.
//!
//! [`ObjectReader::read`] runs on a thread that may block (`tokio::task::spawn_blocking`): it pulls
//! the object through SHA-256, SM3 and the search for zeros ([`digest`], [`zeros`]) while it answers
//! the sandboxed child that builds the packet index from the same bytes (`spine`). Local files are
//! read with plain system calls, everything else as one stream or in several ranges at a time of one
//! pinned version (`source`, `remote`), whichever the link to the store was found to carry faster ([`link`]).
//!
//! What is promised: at most 1.01 times the object's bytes are fetched; memory does not grow with the
//! object; an object that changes while it is read is an error, never a mixture; whatever its bytes
//! do to the child, the digests are complete and the verdict is definite.

mod block;
pub mod digest;
mod error;
pub mod link;
mod remote;
mod source;
mod spine;
pub mod zeros;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use catalog::chunks::ChunkList;
use catalog::observation::{Problem, ProblemCode};
use confined::MediaReport;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt};
use serde::de::DeserializeOwned;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use self::digest::Digests;
pub use self::error::ReadError;
use self::link::Link;
use self::source::Pinned;
pub use self::source::RetryOptions;
use self::spine::{Found, Spine};
use crate::child::{Broken, ByteRange, ChildEnd, ChildPool, Lease, Wish};

/// How objects are read.
#[derive(Debug, Clone)]
pub struct ReadOptions {
    /// Whether the object is digested. Without, only what the index needs is fetched.
    pub hash: bool,
    /// Whether SM3 is computed beside SHA-256.
    pub sm3: bool,
    /// How often a failing store is asked again.
    pub retry: RetryOptions,
    /// The way to the store, where that is not this machine; readings of one store share it.
    pub link: Arc<Link>,
    /// What is known of the version that was read before: where the bytes differ is told.
    pub earlier: Option<Arc<ChunkList>>,
    /// Whether the store says of the object what it said then. If it does and the bytes differ all the same,
    /// [`ObjectReader::read_latest`] reads them once more before they are believed.
    pub said_the_same: bool,
    /// Counts the bytes that have been digested, for a progress bar.
    pub progress: Option<Arc<AtomicU64>>,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            hash: true,
            sm3: false,
            retry: RetryOptions::default(),
            link: Arc::default(),
            earlier: None,
            said_the_same: false,
            progress: None,
        }
    }
}

/// What reading one version of one object brought to light. `M` is the child's report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectReading<M> {
    /// Size in bytes.
    pub size_bytes: u64,
    /// Digests; `None` where none were asked for.
    pub digests: Option<ObjectDigests>,
    /// Bytes that were fetched, those fetched twice counted twice.
    pub bytes_read: u64,
    /// What the child reported, or how it ended without.
    pub media: Result<M, ChildEnd>,
    /// What reading itself has to complain of: a child that came to a bad end, a file that could
    /// not be followed.
    pub problems: Vec<Problem>,
}

/// Digests of all bytes of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectDigests {
    /// SHA-256, lower-case hexadecimal.
    pub sha256: String,
    /// SM3, lower-case hexadecimal; `None` where not asked for.
    pub sm3: Option<String>,
    /// What a later change is located with.
    pub chunks: ChunkList,
    /// Where the bytes are not those of [`ReadOptions::earlier`]; `None` where that was not asked for.
    pub changed: Option<Vec<ByteRange>>,
    /// Where at least 4 KiB of zero bytes stand; the first thousand places.
    pub zero_runs: Vec<ByteRange>,
}

impl From<digest::Digested> for ObjectDigests {
    fn from(digested: digest::Digested) -> Self {
        let digest::Digested { sha256, sm3, chunks, changed, zero_runs } = digested;
        Self { sha256, sm3, chunks, changed, zero_runs }
    }
}

/// Whether a report speaks of an object that was broken, so that the child which read it is let go.
pub trait ReportVerdict {
    /// Whether it does.
    fn is_suspicious(&self) -> bool;
}

impl ReportVerdict for MediaReport {
    fn is_suspicious(&self) -> bool {
        !self.problems.is_empty()
    }
}

/// Reads objects.
#[derive(Debug, Clone)]
pub struct ObjectReader {
    pool: ChildPool,
    handle: Handle,
}

/// How often an object that changes while it is read is begun.
const STARTS: u32 = 3;

impl ObjectReader {
    /// A reader that examines objects in children of `pool` and talks to stores on `handle`.
    pub fn new(pool: ChildPool, handle: Handle) -> Self {
        Self { pool, handle }
    }

    /// The pool, for its counts and its sandbox.
    pub fn pool(&self) -> &ChildPool {
        &self.pool
    }

    /// Where stores are talked to.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Reads exactly the version that `meta` describes, as a listing gave it. Blocks: call it
    /// through `spawn_blocking`.
    ///
    /// # Errors
    /// [`ReadError::Changed`] if the store has another version by now: list or `head` it again.
    /// The others if the object cannot be had, or no child to examine it in.
    pub fn read<M: DeserializeOwned + ReportVerdict>(
        &self,
        store: &Arc<dyn ObjectStore>,
        meta: &ObjectMeta,
        options: &ReadOptions,
        cancel: &CancellationToken,
    ) -> Result<ObjectReading<M>, ReadError> {
        let pinned =
            Pinned::new(Arc::clone(store), meta.clone(), self.handle.clone(), options.retry, cancel.clone());
        let digests = options.hash.then(|| Digests::new(options.sm3, options.earlier.clone())).transpose();
        let digests = digests.map_err(|source| ReadError::Io { key: meta.location.to_string(), source })?;
        let mut spine = Spine::open(pinned, digests, &options.link, options.progress.clone())?;
        let mut lease = self.pool.lease(cancel)?;
        let mut examined = converse(&mut spine, &mut lease, meta.size, cancel)?;
        if examined.is_err() && !lease.is_first_object() && spine.has_beginning() {
            // An earlier object may be to blame. The verdict must not depend on what was read before.
            lease.renew(cancel)?;
            examined = converse(&mut spine, &mut lease, meta.size, cancel)?;
        }

        let refused = spine.has_refused();
        let (digested, bytes_read) = spine.finish()?;
        let zero_runs = digested.as_ref().map_or(&[][..], |digested| &digested.zero_runs);
        let changed = digested.as_ref().and_then(|digested| digested.changed.as_deref()).unwrap_or_default();
        let media = match examined {
            Ok(()) => report(&mut lease, zero_runs, changed, cancel)?,
            Err(end) => Err(end),
        };
        let problems = problems(meta.location.as_ref(), &media, refused);
        Ok(ObjectReading {
            size_bytes: meta.size,
            digests: digested.map(ObjectDigests::from),
            bytes_read,
            media,
            problems,
        })
    }

    /// Digests the version that `meta` describes and has no child look at it: for what nobody lived to tell of. Blocks, like
    /// [`Self::read`].
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn digest<M>(
        &self,
        store: &Arc<dyn ObjectStore>,
        meta: &ObjectMeta,
        options: &ReadOptions,
        problem: Problem,
        cancel: &CancellationToken,
    ) -> Result<ObjectReading<M>, ReadError>
    where
        M: Default,
    {
        let pinned =
            Pinned::new(Arc::clone(store), meta.clone(), self.handle.clone(), options.retry, cancel.clone());
        let digests = Digests::new(options.sm3, options.earlier.clone());
        let digests = digests.map_err(|source| ReadError::Io { key: meta.location.to_string(), source })?;
        let spine = Spine::open(pinned, Some(digests), &options.link, options.progress.clone())?;
        let (digested, bytes_read) = spine.finish()?;
        Ok(ObjectReading {
            size_bytes: meta.size,
            digests: digested.map(ObjectDigests::from),
            bytes_read,
            media: Ok(M::default()),
            problems: vec![problem],
        })
    }

    /// Reads what was read `first` a second time, and gives the reading that is to be believed.
    fn read_again<M: DeserializeOwned + ReportVerdict>(
        &self,
        store: &Arc<dyn ObjectStore>,
        meta: &ObjectMeta,
        options: &ReadOptions,
        cancel: &CancellationToken,
        first: &ObjectReading<M>,
    ) -> Result<ObjectReading<M>, ReadError> {
        let key = meta.location.as_ref();
        tracing::warn!(key, "other bytes than before, of which the store says nothing; reading it once more");
        let mut second = self.read::<M>(store, meta, options, cancel)?;
        second.bytes_read += first.bytes_read;
        let sha256 =
            |reading: &ObjectReading<M>| reading.digests.as_ref().map(|digests| digests.sha256.clone());
        if sha256(first) == sha256(&second) {
            return Ok(second);
        }
        if is_altered(&second) {
            return Err(ReadError::Unsteady { key: key.to_owned() });
        }
        tracing::warn!(key, "the bytes are those of before: they were changed on their way the first time");
        Ok(second)
    }

    /// Reads the version that `meta` describes or, if the store has another one by now or puts one there in
    /// mid-read, starts over with that. Also says which version it was in the end.
    ///
    /// Bytes that differ from those of an earlier reading although the store says nothing of a change may have been
    /// turned on their way, which plain HTTP does not notice. They are read once more: two readings must agree,
    /// with one another or the second with the earlier one.
    ///
    /// # Errors
    /// As [`Self::read`]; [`ReadError::Changed`] if it would not hold still; [`ReadError::Unsteady`] if each reading
    /// came to other bytes.
    pub fn read_latest<M: DeserializeOwned + ReportVerdict>(
        &self,
        store: &Arc<dyn ObjectStore>,
        mut meta: ObjectMeta,
        options: &ReadOptions,
        cancel: &CancellationToken,
    ) -> (ObjectMeta, Result<ObjectReading<M>, ReadError>) {
        let mut starts = 1;
        loop {
            let result = self.read(store, &meta, options, cancel);
            if !matches!(result, Err(ReadError::Changed { .. })) || starts == STARTS {
                // What was begun anew is another version by the store's own word.
                let doubted = options.said_the_same && starts == 1;
                let result = match result {
                    Ok(first) if doubted && is_altered(&first) => {
                        self.read_again(store, &meta, options, cancel, &first)
                    }
                    result => result,
                };
                return (meta, result);
            }
            tracing::debug!(
                key = meta.location.as_ref(),
                starts,
                "it changed while it was read; starting over"
            );
            starts += 1;
            match self.handle.block_on(store.head(&meta.location)) {
                Ok(now) => meta = now,
                Err(error) => {
                    let error = ReadError::from_store(meta.location.as_ref(), error);
                    return (meta, Err(error));
                }
            }
        }
    }
}

/// Whether the bytes are not those of the earlier reading.
fn is_altered<M>(reading: &ObjectReading<M>) -> bool {
    let digests = reading.digests.as_ref();
    digests.and_then(|digests| digests.changed.as_ref()).is_some_and(|changed| !changed.is_empty())
}

/// Answers the child until it needs nothing more. The outer error is ours, the inner one the child's.
fn converse(
    spine: &mut Spine,
    lease: &mut Lease,
    size_bytes: u64,
    cancel: &CancellationToken,
) -> Result<Result<(), ChildEnd>, ReadError> {
    let ended = |broken| match broken {
        Broken::Ended(end) => Ok(Err(end)),
        Broken::Cancelled => Err(ReadError::Cancelled),
    };
    if let Err(broken) = lease.examine(size_bytes, spine.is_whole(), cancel) {
        return ended(broken);
    }
    loop {
        let (pos, len) = match lease.next_wish(cancel) {
            Ok(Wish::Read { pos, len }) => (pos, len),
            Ok(Wish::Done) => return Ok(Ok(())),
            Err(broken) => return ended(broken),
        };
        let given = match spine.find(pos, len)? {
            Found::Refused => {
                lease.refuse("these bytes were read before and will not be fetched again", cancel)
            }
            found => lease.give(spine.pieces(&found), cancel),
        };
        // First serve, then digest: the child works on the bytes while they are hashed here.
        spine.digest()?;
        if let Err(broken) = given {
            return ended(broken);
        }
    }
}

/// Fetches and reads the child's report.
fn report<M: DeserializeOwned + ReportVerdict>(
    lease: &mut Lease,
    zero_runs: &[ByteRange],
    changes: &[ByteRange],
    cancel: &CancellationToken,
) -> Result<Result<M, ChildEnd>, ReadError> {
    let json = match lease.report(zero_runs, changes, cancel) {
        Ok(json) => json,
        Err(Broken::Ended(end)) => return Ok(Err(end)),
        Err(Broken::Cancelled) => return Err(ReadError::Cancelled),
    };
    match serde_json::from_slice::<M>(&json) {
        Ok(report) => {
            if report.is_suspicious() {
                lease.spoil();
            }
            Ok(Ok(report))
        }
        Err(error) => Ok(Err(lease.misbehaved(format!("a report that cannot be read ({error})")))),
    }
}

/// What reading itself has to complain of.
fn problems<M>(key: &str, media: &Result<M, ChildEnd>, refused: bool) -> Vec<Problem> {
    let mut problems = Vec::new();
    if let Err(end) = media {
        let detail = format!("{end}; to see it happen again, run `reelproof probe {key}`");
        problems.push(Problem::new(ProblemCode::Unreadable, detail));
    }
    if refused {
        let detail = "its parts refer back and forth so much that it could not be followed in one pass";
        problems.push(Problem::new(ProblemCode::Damaged, detail));
    }
    problems
}
