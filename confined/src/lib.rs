//! What the process that parses footage and the process that started it have in common.
//!
//! FFmpeg parses bytes that anybody may have crafted, in C. So it never runs in the process that holds
//! credentials, the catalog and the network: it runs in a child that has given up all of these
//! ([`sandbox`]) before it is shown the first byte. The child cannot open the object; it asks for ranges
//! over a socket, and the parent, which reads the object anyway to hash it, hands them over.
//!
//! The child is an executable of its own, `reelproof-media` (crate `media`); the parent is
//! `ingest::child`. This crate is what both need: what they say to one another ([`protocol`]), what the
//! child does with it ([`serve`]), and what it reports ([`report`]). It links neither FFmpeg nor anything that
//! reaches a network, so the parent has no parser of footage in its memory, and the child no code for
//! stores, databases or sockets.
//!
//! Two executables were chosen over one that starts itself: FFmpeg brings some 130 shared libraries, and
//! loading them costs a process 30 ms. A command that starts itself pays that twice.
//!
//! Rejected: handing the child an open descriptor (nothing for object stores, and the child could
//! read what the digest never saw); shared memory (needs `unsafe`, and a hostile child could change
//! bytes while they are hashed); a thread in the same process (a crash would take all down); loading
//! the libraries on demand (`dlopen` needs `unsafe`, and a symbol that is missing shows only when it is called).

pub mod protocol;
pub mod report;
pub mod sandbox;
mod serve;
mod sink;

pub use protocol::Greeting;
pub use report::{ByteRange, InspectRequest, MediaReport, Part, PartReport};
pub use sandbox::{ChildLimits, SandboxReport};
pub use serve::{Examiner, ObjectSource, serve};
pub use sink::Sink;

/// File name of the child's executable.
pub const PROGRAM: &str = "reelproof-media";

/// The argument that makes a child show what it can no longer do, and leave.
pub const SELF_TEST_ARG: &str = "--self-test";

/// What a child says first. One of another version is refused, since reports are read by their fields.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "/3");
