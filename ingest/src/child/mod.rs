//! The sandboxed child in which FFmpeg runs, and the pool that keeps a few of them.
//!
//! FFmpeg parses bytes that anybody may have crafted, in C. So it never runs in the process that
//! holds credentials, the catalog and the network: it runs in a child of the same binary that has
//! given up all of these ([`sandbox`]) before it is shown the first byte. The child cannot open the
//! object; it asks for ranges over a socket, and the parent, which reads the object anyway to hash
//! it, hands them over. So one read serves both, and whatever the child does (crash, hang, lie, ask
//! for everything) costs one child and yields one definite verdict ([`ChildEnd`]).
//!
//! The parts: `protocol` is what the two say to one another, `serve` is the child's side,
//! `process` the parent's, `pool` keeps children alive between objects.
//!
//! Rejected: handing the child an open descriptor (nothing for object stores, and the child could
//! read what the digest never saw); shared memory (needs `unsafe`, and a hostile child could change
//! bytes while they are hashed); a thread in the same process (a crash would take all down).

mod end;
mod pool;
mod process;
mod protocol;
pub mod sandbox;
mod serve;

pub use end::ChildEnd;
pub(crate) use pool::Lease;
pub use pool::{ChildCommand, ChildCounts, ChildError, ChildPool, PoolOptions};
pub(crate) use process::{Broken, Wish};
pub(crate) use protocol::MAX_ZERO_RUNS;
pub use sandbox::{ChildLimits, SandboxReport};
pub use serve::{Examiner, ObjectSource, serve};

pub use crate::media::ByteRange;

/// The first argument by which the binary knows that it is to be a child.
pub const CHILD_ARG: &str = "examine-child";

/// The argument after the limits that makes a child show what it can no longer do, and leave.
pub const SELF_TEST_ARG: &str = "--self-test";
