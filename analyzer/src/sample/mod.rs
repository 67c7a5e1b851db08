//! The sample: which things people look at, and how anyone can check that nobody chose them.
//!
//! A round goes through three values, each made from the one before and from nothing else:
//!
//! 1. [`Frozen`], by [`freeze`]: the [`Frame`] of everything that may be drawn, the quotas in figures
//!    ([`Plan`]), and the digest that is published *before* a seed exists;
//! 2. [`Draw`], by [`draw`]: what a seed, named in advance, makes of it;
//! 3. [`Export`], by [`export`]: both in one file, which [`verify`] replays; `docs/verify_draw.py` and
//!    `docs/verify_draw.html` do the same with code of their own.
//!
//! The frame lists things that *should* exist: obligations, cases, files, complaints. Whether a recording of
//! one exists is not an input of anything in this module, so a missing recording is drawn exactly as often as
//! a present one.
//!
//! The algorithm stands in docs/sampling.md, byte for byte; that page and this module must say the same.
//! The drawing itself is consistent sampling by hashed tickets, in the manner of Rivest's sampler for
//! election audits.

mod changes;
mod compare;
mod draw;
mod explain;
mod export;
mod first;
mod frame;
mod freeze;
mod mismatch;
mod outlook;
mod plan;
mod population;
mod stored;
mod trail;
mod verify;
mod words;

pub use changes::{ChangedItem, Changes, changes};
pub use draw::{Draw, DrawError, DrawnItem, SeedError, draw};
pub use draw::{check_seed, item_ticket, officer_ticket, unit_ticket};
pub use export::{EXPORT_FORMAT, Export, export};
pub use frame::{FRAME_FORMAT, Frame, FrameItem, FrameOfficer, FrameRule, Squad};
pub use freeze::{
    DEFAULT_SEED_SOURCE, EarlierItem, EarlierRound, FreezeError, FreezeInput, Frozen, freeze, kind_of_round,
    needed_from, round_name,
};
pub use mismatch::{Malformed, Mismatch, MismatchCode, Verification, Verified};
pub use outlook::{Outlook, Prospect};
pub use plan::{Plan, Quota, Shortfall};
pub use population::{Sources, there_are};
pub use stored::{StoredError, draw_stored, export_stored, read_draw, read_frozen};
pub use trail::{ActError, Standing, standing, taken_by};
pub use verify::verify;
