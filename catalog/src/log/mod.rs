//! The transparency log, as far as it is arithmetic: what a leaf says, and the Merkle tree over the leaves.
//!
//! Everything the catalog writes is also a leaf of an append-only tree (RFC 6962). Whoever keeps one signed root of the
//! tree can later be shown that a row was there then, and that nothing before it was changed since. [`leaf`] is
//! the record that is hashed, [`tree`] the hashes, the proofs and their verification. The store keeps leaves and nodes
//! (`store::Log`); signing stands in the crate `api`. docs/log.md is precise enough to write another verifier.

pub mod leaf;
pub mod tree;

pub use leaf::{LeafOrigin, LeafRecord};
pub use tree::{Hash, Roots};
