//! What the observations mean: pure and parallel. See ARCHITECTURE.md.

pub mod audit;
pub mod bounds;
pub mod clocks;
pub mod coverage;
pub mod deadline;
pub mod evidence;
pub mod fixity;
pub mod lanes;
pub mod notice;
pub mod office;
pub mod pictures;
pub mod policy;
pub mod reconcile;
pub mod report;
pub mod retention;
pub mod review;
pub mod sample;
#[cfg(test)]
mod samples;
pub mod schedule;
pub mod score;
