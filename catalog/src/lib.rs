//! The ground floor of reelproof: what the rest of the house talks about.
//!
//! - [`time`]: wall time, media time and lengths, which are three different types;
//! - [`interval`]: half-open intervals and sets of them;
//! - [`clock`]: the passed-in clock;
//! - the things of the domain: [`unit`], [`case`], [`device`], [`drone`], [`excuse`];
//! - [`observation`]: what is in a file, as opposed to [`finding`]: what that means;
//! - [`inspection`]: what footage shows once it was decoded;
//! - [`fixity`]: whether stored bytes are still those that were recorded, and [`held`]: what stands in stores;
//! - [`trace`]: what is kept of footage so that it can be recognised;
//! - [`track`]: where a device was and which way it looked, from telemetry;
//! - [`drone_month`]: everything that drone coverage of one month looks at;
//! - [`snapshot`]: everything an audit of one month looks at, as plain values;
//! - [`round`]: a frozen sampling round as it is stored;
//! - [`account`]: who may use the service, and the trail of what they did;
//! - [`log`]: leaves and proofs of the transparency log;
//! - [`review`], [`notice`], [`filing`]: what people found, what was sent to whom, what was reported;
//! - behind the feature `store`, `store`: the only SQL of the project.
//!
//! Nothing here reads a clock, a file or the network, except `store`.

pub mod account;
pub mod case;
pub mod chunks;
pub mod clock;
pub mod code;
pub mod derivative;
pub mod device;
pub mod drone;
pub mod drone_finding;
pub mod drone_month;
pub mod excuse;
pub mod filing;
pub mod finding;
pub mod fixity;
pub mod held;
pub mod import;
pub mod inspection;
pub mod interval;
pub mod log;
pub mod notice;
pub mod observation;
pub mod review;
pub mod round;
pub mod snapshot;
pub mod time;
pub mod trace;
pub mod track;
pub mod unit;

#[cfg(feature = "store")]
pub mod store;

pub use interval::{Interval, IntervalSet};
pub use time::{MediaTime, Micros, Month, WallTime};
