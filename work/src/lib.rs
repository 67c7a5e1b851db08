//! Work, handed out: which objects are to be read or looked at, and by whom.
//!
//! A [`Task`] names one object and what is to be done with it. A [`Queue`] takes tasks in and hands each out to one
//! worker at a time, which says of its [`Delivery`] what became of it. There are two, and they pass the same tests
//! (`tests/contract.rs`): [`local`] within one process, and [`nats`] over machines, on NATS JetStream.
//!
//! # What a queue promises
//! - **At least once.** A task whose worker ends without a word comes again, with its count of deliveries raised. So
//!   whoever works on one must be able to do so twice; recording the same reading twice changes nothing.
//! - **Once at a time.** The same task is not taken in while it waits or is worked on. Over machines that ends once it was given
//!   back or set apart: then it has another name, and what is handed in meanwhile comes beside it. Whoever takes the
//!   second finds nothing to do.
//! - **Fair shares.** Each task belongs to a share (a store, or a folder of it: a district). Shares are served in
//!   turn, so that a million objects of one keep no other waiting.
//! - **Nothing is stuck.** What kills every worker that takes it is set aside in the end, and named ([`Queue::buried`]).
//!
//! # What it is not
//! It is not the truth. The catalog is: what a queue loses, the next listing hands in again, and what it hands out once
//! too often is found to be done. So there are no tables of jobs and no leases here. docs/workers.md has the whole.

pub mod events;
pub mod listener;
pub mod local;
pub mod nats;
mod queue;
mod task;

pub use queue::{Buried, Delivery, Handed, LaneDepth, Queue, QueueError, Submitted};
pub use task::{Kind, Listed, ListedObject, Reason, Task};
