//! The sandboxed child in which FFmpeg runs, and the pool that keeps a few of them.
//!
//! The child is the executable `reelproof-media`, which has given up files, network and processes before
//! it is shown the first byte ([`confined`] says how, and why so). It asks for ranges of the object over
//! a socket, and the parent, which reads the object anyway to hash it, hands them over. So one read
//! serves both, and whatever the child does (crash, hang, lie, ask for everything) costs one child and
//! yields one definite verdict ([`ChildEnd`]).
//!
//! `program` finds the executable, `process` talks with one child, `pool` keeps children alive between
//! objects.

mod end;
mod pool;
mod process;
mod program;

pub use end::ChildEnd;
pub(crate) use pool::Lease;
pub use pool::{ChildCounts, ChildError, ChildPool, PoolOptions};
pub(crate) use process::{Broken, Wish};
pub use program::ChildCommand;

pub(crate) use confined::protocol::{MAX_CHANGES, MAX_ZERO_RUNS};
pub use confined::{ByteRange, ChildLimits, SandboxReport};
