//! Object store → bytes → digests and packet index → catalog.
//!
//! [`location`] opens a store, [`plan`] compares its listing with the catalog, [`run`] has what must be read read
//! and recorded, and looked at ([`looking`]). One object is read by [`reading`], every byte once; FFmpeg sees the bytes in a
//! sandboxed [`child`] process, an executable of its own (crate `media`). What the object's key
//! says is [`key_pattern`]'s, what lies beside the recording [`sidecar`]'s, when it began [`start_time`]'s. Over
//! machines, a run hands out what is to be read, and a [`worker`] does it. What was read before is read again by [`fixity`].

mod blocks;
pub mod child;
pub mod derive;
mod driving;
pub mod fixity;
pub mod handing_out;
pub mod inspect;
pub mod key_pattern;
mod listing;
pub mod location;
pub mod looking;
pub mod observed;
pub mod plan;
pub mod probe;
pub mod reading;
pub mod run;
pub mod sidecar;
pub mod start_time;
pub mod summary;
mod taking_in;
pub mod tasks;
pub mod worker;

pub use confined::{ByteRange, MediaReport};
