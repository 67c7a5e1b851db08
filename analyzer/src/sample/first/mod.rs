//! The first format of rounds (`reelproof-frame/1`, `reelproof-sample/1`): recordings only, one share of
//! items, one share of squads, all squads within a half-year.
//!
//! No round is frozen in it any more. Files that were exported in it still verify, with the algorithm of
//! their time; docs/sampling.md has it in its last part.

mod draw;
mod export;
mod frame;
mod plan;
mod verify;

pub(super) use export::EXPORT_FORMAT;
pub(super) use verify::verify;
