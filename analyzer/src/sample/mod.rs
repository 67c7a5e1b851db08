//! The monthly sample: which obligations people look at, and how anyone can check that nobody chose them.
//!
//! A round of one month checks what had to be recorded in the month before ("不少于上月案件总数10%").
//! It goes through three values, each made from the one before and from nothing else:
//!
//! 1. [`Frozen`], by [`freeze`]: the [`Frame`] of everything that may be drawn, the quotas in figures
//!    ([`Plan`]), and the digest that is published *before* a seed exists;
//! 2. [`Draw`], by [`draw`]: what a seed, named in advance, makes of it;
//! 3. [`Export`], by [`export`]: both in one file, which [`verify`] replays; `docs/verify_draw.py` does
//!    the same with code of its own.
//!
//! The frame lists obligations, things that *should* exist. Whether a recording of one exists is not an
//! input of anything in this module, so a missing recording is drawn exactly as often as a present one.
//!
//! The algorithm stands in docs/sampling.md, byte for byte; that page and this module must say the same.
//! The drawing itself is consistent sampling by hashed tickets, in the manner of Rivest's sampler for
//! election audits.

mod draw;
mod explain;
mod export;
mod frame;
mod freeze;
mod plan;
mod verify;

pub use draw::{Draw, DrawError, DrawnItem, DrawnUnit, ItemReason, SeedError, UnitReason, draw};
pub use draw::{check_seed, item_ticket, unit_ticket};
pub use export::{EXPORT_FORMAT, Export, export};
pub use frame::{FRAME_FORMAT, Frame, FrameItem, Squad};
pub use freeze::{EarlierRound, FreezeError, FreezeInput, Frozen, freeze};
pub use plan::{Plan, Rule, Shortfall};
pub use verify::{Malformed, Mismatch, MismatchCode, Verification, Verified, verify};
