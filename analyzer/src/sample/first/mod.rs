//! The first format of rounds (`reelproof-frame/1`, `reelproof-sample/1`): recordings only, one share of
//! items, one share of squads, all squads within a half-year.
//!
//! No round is frozen in it any more. One that was, and was not drawn, is drawn by its rules; files that were
//! exported in it verify by them, too. docs/sampling.md has the algorithm in its last part.

mod draw;
mod export;
mod frame;
mod plan;
mod stored;
mod verify;

pub(super) use export::EXPORT_FORMAT;
pub use stored::StoredError;
pub(super) use stored::{draw, drawn, frozen, is_first};
pub(super) use verify::verify;
