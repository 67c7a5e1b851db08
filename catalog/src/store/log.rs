//! The transparency log, as every engine keeps it.
//!
//! Leaves are added by the engine itself, in the transaction that writes the row: no caller can forget to. What stands
//! here is read: leaves, hashes, and each row as it stands now, so that it can be compared with what the log says
//! of it.

use std::collections::BTreeMap;

use async_trait::async_trait;

use super::StoreError;
use crate::log::leaf::{LeafOrigin, LeafRecord};
use crate::log::tree::{Hash, Node};
use crate::time::WallTime;

/// Which log it is, and how far it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogState {
    /// 32 hexadecimal digits that no other log has.
    pub log_id: String,
    /// When it was begun.
    pub begun_at: WallTime,
    /// When everything that had been there before was in it; `None` while that is being done.
    pub complete_at: Option<WallTime>,
    /// Leaves.
    pub size: u64,
}

/// One leaf as it is kept, with what is not published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeafEntry {
    /// Place in the tree, from 0.
    pub index: u64,
    /// What is hashed.
    pub record: LeafRecord,
    /// Key columns of the row as a JSON array.
    pub row_key: String,
    /// What the digests are salted with.
    pub salt: Vec<u8>,
    /// What the row said, as canonical JSON; `None` for trails.
    pub content: Option<String>,
    /// The leaf's hash as it is kept; it ought to be that of the record.
    pub leaf_hash: Hash,
}

/// What the log can be asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogSubject<'a> {
    /// The objects of this key: observations, looks at what they show, links.
    Object(&'a str),
    /// The case of this number: its stages, links, excuses and their withdrawals.
    Case(&'a str),
    /// The round of this name: its frame, seed, draw, what was done with it, and its review.
    Round(&'a str),
}

/// A row that the log does not explain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unlogged {
    /// The table.
    pub kind: String,
    /// Key columns of the row as a JSON array.
    pub row_key: String,
    /// What stands there, as canonical JSON.
    pub content: String,
}

/// A present state of an object that does not follow from what was recorded of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misplaced {
    /// Key of the object.
    pub object_key: String,
    /// What follows from the record.
    pub expected: String,
    /// What stands there.
    pub found: String,
}

/// A signed root as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckpointEntry {
    /// Leaves of the tree.
    pub size: u64,
    /// Its root.
    pub root: Hash,
    /// When it was signed.
    pub at: WallTime,
    /// The signed note, byte for byte.
    pub note: String,
}

/// A key that signs, or signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyEntry {
    /// Verifier key: `name+hash+key`.
    pub vkey: String,
    /// When it came into use.
    pub since: WallTime,
    /// The note that states it and the key before it, signed by both; `None` for the first.
    pub statement: Option<String>,
}

/// What was judged by, as it was seen.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    /// `policy` or `configuration`.
    pub kind: &'a str,
    /// Its name.
    pub name: &'a str,
    /// SHA-256 of its text, lower-case hexadecimal.
    pub sha256: &'a str,
    /// The text; `None` where it may name secrets.
    pub text: Option<&'a str>,
    /// Whether this is what stands where nobody says anything: as the first of its name it is not worth a word.
    pub is_default: bool,
    /// When it was seen.
    pub at: WallTime,
}

/// The part of the catalog's interface that is the log.
#[async_trait]
pub trait Log: Send + Sync {
    /// Which log it is, and how far it goes.
    async fn log_state(&self) -> Result<LogState, StoreError>;

    /// Leaves from an index on, in order.
    async fn log_leaves(&self, from: u64, limit: u32) -> Result<Vec<LeafEntry>, StoreError>;

    /// All leaves about one row, in order.
    async fn log_leaves_of(&self, kind: &str, row_key: &str) -> Result<Vec<LeafEntry>, StoreError>;

    /// The hashes of complete subtrees, in the order in which they are asked for. All of them must lie within the log.
    async fn log_nodes(&self, nodes: &[Node]) -> Result<Vec<Hash>, StoreError>;

    /// The hashes of subtrees that are kept, in order; they ought to follow from the leaves.
    async fn log_kept_nodes(&self) -> Result<Vec<(Node, Hash)>, StoreError>;

    /// The rows of a table with these keys as they stand now, as canonical JSON by key. What is not there is left out, and
    /// so is every row of a table that is not logged.
    async fn log_rows(&self, kind: &str, row_keys: &[String])
    -> Result<BTreeMap<String, String>, StoreError>;

    /// Rows of logged tables that no leaf tells of, at most `limit` of each table.
    async fn log_unlogged(&self, limit: u32) -> Result<Vec<Unlogged>, StoreError>;

    /// Objects whose present version, or whether they are gone, is not what was recorded last; at most `limit`.
    async fn log_misplaced(&self, limit: u32) -> Result<Vec<Misplaced>, StoreError>;

    /// Table and key of each logged row that belongs to a subject, in that order.
    async fn log_keys_of(&self, subject: LogSubject<'_>) -> Result<Vec<(String, String)>, StoreError>;

    /// All signed roots, in the order in which they were signed.
    async fn checkpoints(&self) -> Result<Vec<CheckpointEntry>, StoreError>;

    /// The last signed root.
    async fn last_checkpoint(&self) -> Result<Option<CheckpointEntry>, StoreError>;

    /// Keeps a signed root.
    async fn add_checkpoint(&self, checkpoint: &CheckpointEntry) -> Result<(), StoreError>;

    /// The keys, in the order in which they came into use.
    async fn log_keys(&self) -> Result<Vec<KeyEntry>, StoreError>;

    /// Takes a key into use; `false`, and nothing is changed, if it is in use, or if `key` has no statement and is not
    /// the first.
    async fn add_log_key(&self, key: &KeyEntry) -> Result<bool, StoreError>;

    /// Records what was judged by, if it is not what was recorded of it last; says whether it was recorded.
    async fn note_setting(&self, setting: &Setting<'_>) -> Result<bool, StoreError>;
}

impl LeafEntry {
    /// Whether the kept digests and hash are those of what is kept beside them.
    pub fn holds(&self) -> bool {
        use crate::log::leaf::{content_digest, id_digest};
        let content = self.content.as_ref().map(|content| content_digest(&self.salt, content));
        self.record.id == id_digest(&self.salt, &self.row_key)
            && content.is_none_or(|content| content == self.record.content)
            && self.record.hash() == self.leaf_hash
    }

    /// Whether the row said this.
    pub fn said(&self, content: &str) -> bool {
        crate::log::leaf::content_digest(&self.salt, content) == self.record.content
    }

    /// Whether it came in with the transaction that wrote the row.
    pub fn written(&self) -> bool {
        self.record.origin == LeafOrigin::Written
    }
}
