//! The Merkle tree of RFC 6962, section 2.1: hashes, proofs, and their verification.
//!
//! Nothing here knows where hashes are kept. What a root or a proof needs is first *planned* as a list of nodes: a
//! [`Node`] is the root of a complete subtree, named by its level and its place in that level. Whoever has the
//! hashes looks these few up and [`fold`]s them. A tree of n leaves needs some 2·log₂ n of them, so that no proof scans the
//! log.
//!
//! Libraries with proofs exist, but they keep every leaf in memory; a city's log has hundreds of millions.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

/// A SHA-256 hash.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; 32]);

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Text that is not 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no SHA-256: 64 hexadecimal digits are expected")]
pub struct ParseHashError(pub String);

impl FromStr for Hash {
    type Err = ParseHashError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut hash = [0; 32];
        hex::decode_to_slice(text, &mut hash).map_err(|_| ParseHashError(text.to_owned()))?;
        Ok(Self(hash))
    }
}

impl serde::Serialize for Hash {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Hash {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Hash of a leaf.
pub fn leaf_hash(bytes: &[u8]) -> Hash {
    let mut hash = Sha256::new();
    hash.update([0]);
    hash.update(bytes);
    Hash(hash.finalize().into())
}

/// Hash of an inner node.
pub fn node_hash(left: Hash, right: Hash) -> Hash {
    let mut hash = Sha256::new();
    hash.update([1]);
    hash.update(left.0);
    hash.update(right.0);
    Hash(hash.finalize().into())
}

/// Root of the empty tree.
pub fn empty_root() -> Hash {
    Hash(Sha256::digest([]).into())
}

/// The root of a complete subtree: of the leaves from `index << level` up to `(index + 1) << level`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node {
    /// 0 is a leaf.
    pub level: u32,
    /// Place within the level, from 0.
    pub index: u64,
}

/// The complete subtrees that the leaves from `begin` up to `end` consist of, left to right. `begin` is a multiple of the
/// least power of two that is not less than `end - begin`, as in every range that RFC 6962 speaks of.
pub fn range(mut begin: u64, end: u64) -> Vec<Node> {
    let mut nodes = Vec::new();
    while begin < end {
        let level = (end - begin).ilog2().min(begin.trailing_zeros());
        nodes.push(Node { level, index: begin >> level });
        begin += 1 << level;
    }
    nodes
}

/// The hash of a range from those of its complete subtrees, left to right; of nothing, the empty tree's.
pub fn fold(hashes: &[Hash]) -> Hash {
    let mut hashes = hashes.iter().rev();
    let Some(last) = hashes.next() else { return empty_root() };
    hashes.fold(*last, |right, left| node_hash(*left, right))
}

/// The tree as leaf after leaf is added to it: its root at any time, in memory of log₂ n hashes.
#[derive(Debug, Clone, Default)]
pub struct Roots {
    size: u64,
    /// Roots of the complete subtrees, the largest first.
    complete: Vec<Hash>,
}

impl Roots {
    /// Adds a leaf; gives the subtrees that are complete with it, the smallest first, without the leaf itself.
    pub fn add(&mut self, leaf: Hash) -> Vec<(Node, Hash)> {
        let mut hash = leaf;
        let mut made = Vec::new();
        for level in 1..=self.size.trailing_ones() {
            // As many subtrees as the size has ones stand there.
            let Some(left) = self.complete.pop() else { break };
            hash = node_hash(left, hash);
            made.push((Node { level, index: self.size >> level }, hash));
        }
        self.complete.push(hash);
        self.size += 1;
        made
    }

    /// Leaves so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root so far.
    pub fn root(&self) -> Hash {
        fold(&self.complete)
    }
}

/// The largest power of two that is less than `size`, which is 2 or more.
fn split(size: u64) -> u64 {
    1 << (size - 1).ilog2()
}

/// What the inclusion proof of leaf `index` in a tree of `size` leaves consists of: for each of its hashes the
/// subtrees to fold. `None` if there is no such leaf.
pub fn plan_inclusion(index: u64, size: u64) -> Option<Vec<Vec<Node>>> {
    if index >= size {
        return None;
    }
    let (mut begin, mut end) = (0, size);
    let mut plan = Vec::new();
    while end - begin > 1 {
        let middle = begin + split(end - begin);
        if index < middle {
            plan.push(range(middle, end));
            end = middle;
        } else {
            plan.push(range(begin, middle));
            begin = middle;
        }
    }
    plan.reverse();
    Some(plan)
}

/// What the proof consists of that a tree of `from` leaves is the beginning of one of `to`. `None` if `from` is more.
/// Empty where there is nothing to prove: of the empty tree, and of a tree with itself.
pub fn plan_consistency(from: u64, to: u64) -> Option<Vec<Vec<Node>>> {
    if from > to {
        return None;
    }
    if from == 0 || from == to {
        return Some(Vec::new());
    }
    let (mut begin, mut end) = (0, to);
    let mut plan = Vec::new();
    // SUBPROOF(m, D[n], b): whether the old tree's root is known is whether nothing was left out on the left.
    while end != from {
        let middle = begin + split(end - begin);
        if from <= middle {
            plan.push(range(middle, end));
            end = middle;
        } else {
            plan.push(range(begin, middle));
            begin = middle;
        }
    }
    if begin != 0 {
        plan.push(range(begin, end));
    }
    plan.reverse();
    Some(plan)
}

/// The root that an inclusion proof leads to; `None` if the proof is not of the right length.
pub fn root_of_inclusion(leaf: Hash, index: u64, size: u64, proof: &[Hash]) -> Option<Hash> {
    if index >= size {
        return None;
    }
    // RFC 9162, section 2.1.3.2, which says how to verify what RFC 6962 defines.
    let (mut place, mut last) = (index, size - 1);
    let mut hash = leaf;
    for sibling in proof {
        if last == 0 {
            return None;
        }
        if place & 1 == 1 || place == last {
            hash = node_hash(*sibling, hash);
            while place & 1 == 0 && place != 0 {
                place >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(hash, *sibling);
        }
        place >>= 1;
        last >>= 1;
    }
    (last == 0).then_some(hash)
}

/// Whether a proof shows that the leaf is the `index`-th of the tree with this root.
pub fn verify_inclusion(leaf: Hash, index: u64, size: u64, proof: &[Hash], root: Hash) -> bool {
    root_of_inclusion(leaf, index, size, proof) == Some(root)
}

/// Whether a proof shows that the tree of `from` leaves with one root is the beginning of the tree of `to` leaves with
/// the other.
pub fn verify_consistency(from: u64, to: u64, proof: &[Hash], from_root: Hash, to_root: Hash) -> bool {
    if from > to {
        return false;
    }
    if from == to {
        return proof.is_empty() && from_root == to_root;
    }
    if from == 0 {
        return proof.is_empty() && from_root == empty_root();
    }
    // RFC 9162, section 2.1.4.2.
    let mut rest = proof;
    let mut first = from_root;
    if !from.is_power_of_two() {
        let Some((head, tail)) = proof.split_first() else { return false };
        (first, rest) = (*head, tail);
    }
    let (mut place, mut last) = (from - 1, to - 1);
    while place & 1 == 1 {
        place >>= 1;
        last >>= 1;
    }
    let (mut old, mut new) = (first, first);
    for hash in rest {
        if last == 0 {
            return false;
        }
        if place & 1 == 1 || place == last {
            old = node_hash(*hash, old);
            new = node_hash(*hash, new);
            while place & 1 == 0 && place != 0 {
                place >>= 1;
                last >>= 1;
            }
        } else {
            new = node_hash(new, *hash);
        }
        place >>= 1;
        last >>= 1;
    }
    last == 0 && old == from_root && new == to_root
}

#[cfg(test)]
mod tests;
