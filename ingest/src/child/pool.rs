//! A pool of children, reused over objects.
//!
//! Starting a process that links FFmpeg costs some tens of milliseconds, a reused one a fraction of
//! one. A child is nevertheless let go after a number of objects and bytes, and at once after an
//! object that was broken: what a hostile file may have done inside must not reach the next one.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::end::ChildEnd;
use super::process::{Broken, ChildProcess, Wish};
use super::{ByteRange, ChildCommand};
use confined::{ChildLimits, SandboxReport};

/// How the pool works.
#[derive(Debug, Clone)]
pub struct PoolOptions {
    /// How children are started.
    pub command: ChildCommand,
    /// The most children at a time; at least one.
    pub children: usize,
    /// What each may use.
    pub limits: ChildLimits,
    /// For how long a child may say nothing.
    pub silence: Duration,
    /// After how many objects a child is let go.
    pub objects_per_child: u32,
    /// After how many bytes a child is let go.
    pub bytes_per_child: u64,
    /// The longest report.
    pub max_report_bytes: u32,
}

impl PoolOptions {
    /// The usual figures, for `children` children started by `command`.
    pub fn new(command: ChildCommand, children: usize) -> Self {
        Self {
            command,
            children: children.max(1),
            limits: ChildLimits::default(),
            silence: Duration::from_secs(30),
            objects_per_child: 256,
            bytes_per_child: 64 << 30,
            max_report_bytes: 32 << 20,
        }
    }
}

/// Why there is no child. These are failures of ours, not of the evidence.
#[derive(Debug, thiserror::Error)]
pub enum ChildError {
    /// There is no such program.
    #[error("{}", not_installed(.program, *.named, .source))]
    NotInstalled {
        /// Where it was looked for.
        program: PathBuf,
        /// Whether somebody named this place.
        named: bool,
        /// What the system says.
        source: io::Error,
    },
    /// The program could not be started.
    #[error(
        "cannot start `{}`, in which objects are examined: {source}; is it executable, and is there memory and \
         room for processes (ulimit -u)?", .program.display()
    )]
    Start {
        /// Which program.
        program: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It was started and ended before it was ready.
    #[error("`{0}`, in which objects are examined, does not come up: {end}; try `{0} --self-test` by hand", .program.display())]
    NotReady {
        /// Which program.
        program: PathBuf,
        /// How it ended.
        end: ChildEnd,
    },
    /// It is of another version than we are.
    #[error(
        "`{}` is of version {found} and reelproof of version {}: they belong together, so install both from the \
         same release", .program.display(), confined::VERSION
    )]
    OtherVersion {
        /// Which program.
        program: PathBuf,
        /// What it said.
        found: String,
    },
    /// We were asked to stop.
    #[error("stopped on request")]
    Cancelled,
}

fn not_installed(program: &Path, named: bool, source: &io::Error) -> String {
    let what = format!(
        "footage is parsed in a program of its own, and `{}` cannot be opened: {source}",
        program.display()
    );
    let advice = if named {
        "correct the setting ingest.media_program (or REELPROOF_INGEST_MEDIA_PROGRAM), or leave it out"
    } else {
        "install `reelproof-media` from the same release in the same folder as `reelproof` (`cargo build --release \
         -p reelproof -p media` makes both), or name it with the setting ingest.media_program"
    };
    format!("{what}; {advice}")
}

/// What children did since the pool was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct ChildCounts {
    /// How many were started.
    pub started: u64,
    /// How many objects were given to them.
    pub objects: u64,
    /// How many crashed, left, or gave up.
    pub crashed: u64,
    /// How many were stopped because they came to no end.
    pub timed_out: u64,
    /// How many were stopped because they broke the rules.
    pub misbehaved: u64,
    /// How many were let go in good order.
    pub retired: u64,
}

impl ChildCounts {
    /// These and those of another pool, or of another time.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        self.each(other, u64::saturating_add)
    }

    /// What has happened since these were counted `before`.
    #[must_use]
    pub fn since(self, before: Self) -> Self {
        self.each(before, u64::saturating_sub)
    }

    fn each(self, other: Self, op: impl Fn(u64, u64) -> u64) -> Self {
        Self {
            started: op(self.started, other.started),
            objects: op(self.objects, other.objects),
            crashed: op(self.crashed, other.crashed),
            timed_out: op(self.timed_out, other.timed_out),
            misbehaved: op(self.misbehaved, other.misbehaved),
            retired: op(self.retired, other.retired),
        }
    }
}

/// How many children are started, one after the other, before it is said that none comes up.
const STARTS: u32 = 3;

/// The pool; clones share it.
#[derive(Debug, Clone)]
pub struct ChildPool(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    options: PoolOptions,
    state: Mutex<State>,
    freed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    idle: Vec<ChildProcess>,
    /// Children that are leased or being started.
    out: usize,
    counts: ChildCounts,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing that can panic is done while the lock is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts a child. One that does not come up is no reason to end a run of a thousand objects, three are.
    fn start(&self, cancel: &CancellationToken) -> Result<ChildProcess, ChildError> {
        let mut starts = 1;
        loop {
            match ChildProcess::start(&self.options, cancel) {
                Ok(child) => {
                    self.lock().counts.started += 1;
                    return Ok(child);
                }
                Err(ChildError::NotReady { end, .. }) if starts < STARTS => {
                    tracing::warn!(%end, "a child did not come up; starting another");
                    starts += 1;
                }
                Err(error) => return Err(error),
            }
        }
    }
}

impl ChildPool {
    /// An empty pool; children are started when they are needed.
    pub fn new(options: PoolOptions) -> Self {
        Self(Arc::new(Shared { options, state: Mutex::default(), freed: Condvar::new() }))
    }

    /// What children did so far.
    pub fn counts(&self) -> ChildCounts {
        self.0.lock().counts
    }

    /// Which layers of the sandbox this kernel grants, as a child found that was started for it and
    /// is kept for the first object. Blocks while it starts.
    ///
    /// # Errors
    /// [`ChildError`] where no child can be started.
    pub fn sandbox(&self) -> Result<SandboxReport, ChildError> {
        let lease = self.lease(&CancellationToken::new())?;
        Ok(lease.child.as_ref().map_or_else(SandboxReport::unknown, |child| child.sandbox.clone()))
    }

    /// A child for one object; blocks until one is free.
    pub(crate) fn lease(&self, cancel: &CancellationToken) -> Result<Lease, ChildError> {
        let shared = &self.0;
        let mut state = shared.lock();
        loop {
            if cancel.is_cancelled() {
                return Err(ChildError::Cancelled);
            }
            if let Some(mut child) = state.idle.pop() {
                if child.is_fit() {
                    state.out += 1;
                    return Ok(Lease::new(shared, Some(child)));
                }
                // It died between two objects; its place is free.
                state.counts.crashed += 1;
                continue;
            }
            if state.out < shared.options.children {
                state.out += 1;
                break;
            }
            let waited = shared.freed.wait_timeout(state, Duration::from_millis(50));
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        drop(state);
        // Made before the child, so that the place is given back if there is none.
        let mut lease = Lease::new(shared, None);
        lease.renew(cancel)?;
        Ok(lease)
    }
}

/// A child, for one object. Dropped, the child goes back to the pool or is let go.
#[derive(Debug)]
pub(crate) struct Lease {
    shared: Arc<Shared>,
    /// `None` once it has ended.
    child: Option<ChildProcess>,
    is_first_object: bool,
    spoilt: bool,
}

impl Lease {
    fn new(shared: &Arc<Shared>, child: Option<ChildProcess>) -> Self {
        let is_first_object = child.as_ref().is_none_or(|child| child.objects == 0);
        Self { shared: Arc::clone(shared), child, is_first_object, spoilt: false }
    }

    /// Whether the child had no object before this one.
    pub(crate) fn is_first_object(&self) -> bool {
        self.is_first_object
    }

    /// The child said something that its reader could not make sense of: it is ended.
    pub(crate) fn misbehaved(&mut self, detail: String) -> ChildEnd {
        self.child = None;
        self.shared.lock().counts.misbehaved += 1;
        ChildEnd::Protocol { detail }
    }

    /// Another child, newly started, in the place of this one.
    pub(crate) fn renew(&mut self, cancel: &CancellationToken) -> Result<(), ChildError> {
        self.child = None;
        self.child = Some(self.shared.start(cancel)?);
        self.is_first_object = true;
        self.spoilt = false;
        Ok(())
    }

    /// The child is not to be used again.
    pub(crate) fn spoil(&mut self) {
        self.spoilt = true;
    }

    pub(crate) fn examine(
        &mut self,
        size_bytes: u64,
        whole: bool,
        cancel: &CancellationToken,
    ) -> Result<(), Broken> {
        self.shared.lock().counts.objects += 1;
        self.with(|child| child.examine(size_bytes, whole, cancel))
    }

    pub(crate) fn inspect(
        &mut self,
        size_bytes: u64,
        request: &[u8],
        cancel: &CancellationToken,
    ) -> Result<(), Broken> {
        self.shared.lock().counts.objects += 1;
        self.with(|child| child.inspect(size_bytes, request, cancel))
    }

    pub(crate) fn derive(
        &mut self,
        size_bytes: u64,
        request: &[u8],
        max_made_bytes: u64,
        cancel: &CancellationToken,
    ) -> Result<(), Broken> {
        self.shared.lock().counts.objects += 1;
        self.with(|child| child.derive(size_bytes, request, max_made_bytes, cancel))
    }

    /// What the child wants next, where nothing is made.
    pub(crate) fn next_wish(&mut self, cancel: &CancellationToken) -> Result<Wish, Broken> {
        self.with(|child| child.next_wish(&mut |_, _| (), cancel))
    }

    /// What the child wants next, while `take` gets what it makes.
    pub(crate) fn next_wish_making(
        &mut self,
        take: &mut dyn FnMut(u64, &[u8]),
        cancel: &CancellationToken,
    ) -> Result<Wish, Broken> {
        self.with(|child| child.next_wish(take, cancel))
    }

    pub(crate) fn give<'a>(
        &mut self,
        pieces: impl Iterator<Item = &'a [u8]> + Clone,
        cancel: &CancellationToken,
    ) -> Result<(), Broken> {
        self.with(|child| child.give(pieces, cancel))
    }

    pub(crate) fn refuse(&mut self, why: &str, cancel: &CancellationToken) -> Result<(), Broken> {
        self.with(|child| child.refuse(why, cancel))
    }

    pub(crate) fn report(
        &mut self,
        zero_runs: &[ByteRange],
        changes: &[ByteRange],
        cancel: &CancellationToken,
    ) -> Result<Vec<u8>, Broken> {
        self.with(|child| child.report(zero_runs, changes, cancel))
    }

    /// Counts a child's end; one that was stopped or died is not used again.
    fn with<T>(&mut self, talk: impl FnOnce(&mut ChildProcess) -> Result<T, Broken>) -> Result<T, Broken> {
        let Some(child) = &mut self.child else {
            return Err(Broken::Ended(ChildEnd::Exited { code: None }));
        };
        let result = talk(child);
        if let Err(Broken::Ended(end)) = &result {
            self.child = None;
            let counts = &mut self.shared.lock().counts;
            let count = if end.is_timeout() {
                &mut counts.timed_out
            } else if end.is_breach() {
                &mut counts.misbehaved
            } else {
                &mut counts.crashed
            };
            *count += 1;
        }
        result
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let options = &self.shared.options;
        let kept = self.child.take().and_then(|mut child| {
            let worn =
                child.objects >= options.objects_per_child || child.served_bytes >= options.bytes_per_child;
            let keep = !self.spoilt && !worn && child.is_fit();
            if !keep {
                self.shared.lock().counts.retired += 1;
            }
            // One that is let go is killed here, outside the lock.
            keep.then_some(child)
        });
        let mut state = self.shared.lock();
        state.out -= 1;
        state.idle.extend(kept);
        drop(state);
        self.shared.freed.notify_one();
    }
}
