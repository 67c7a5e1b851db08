//! What the observations mean: pure and parallel. See ARCHITECTURE.md.

pub mod policy;
