//! How recordings came into their stores and were read, as every engine keeps it: sources, versions, and objects that
//! are to be read again.

use async_trait::async_trait;
use serde::Serialize;

use super::StoreError;
use crate::time::{Micros, WallTime};

/// One reading of one version of an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReadingEntry {
    /// Number of the version of the bytes; the first is 1.
    pub version: u32,
    /// Number of the reading of that version; the first is 1.
    pub reading: u32,
    /// Whether it is the present one.
    pub present: bool,
    /// When it was read.
    pub observed_at: WallTime,
    /// When the store says it was written; `None` where it does not say, and for folders.
    pub written_at: Option<WallTime>,
    /// Bytes.
    pub size_bytes: u64,
    /// Lower-case hexadecimal.
    pub sha256: String,
    /// Lower-case hexadecimal; `None` where SM3 was not asked for.
    pub sm3: Option<String>,
    /// How it is packed; `None` if not recognised.
    pub container: Option<String>,
    /// When it began; `None` if nothing says so.
    pub started_at: Option<WallTime>,
    /// How long it is; `None` without footage.
    pub duration_us: Option<Micros>,
    /// Whether a problem makes it unusable.
    pub quarantined: bool,
}

/// A complete listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pass {
    /// What keys begin with, where a part was listed; empty: all of the store.
    pub prefix: String,
    /// Just before the store was asked.
    pub listed_at: WallTime,
    /// Once all of it had been recorded.
    pub recorded_at: WallTime,
    /// How many objects there were.
    pub objects: u64,
}

/// A root under which objects are listed, and what is known of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourceEntry {
    /// Its canonical URL.
    pub url: String,
    /// When it was first read from.
    pub added_at: WallTime,
    /// The last complete listing; `None` while there was none.
    pub last_pass: Option<Pass>,
    /// Objects that are there and usable, files beside recordings included.
    pub objects: u64,
    /// Objects that are there and not usable.
    pub quarantined: u64,
    /// Objects that were there once.
    pub gone: u64,
    /// Bytes of the objects that are there.
    pub size_bytes: u64,
}

/// The part of the catalog's interface about how recordings came in.
#[async_trait]
pub trait Custody: Send + Sync {
    /// The sources, by URL.
    async fn sources(&self) -> Result<Vec<SourceEntry>, StoreError>;

    /// All readings of all versions of the object that lists name so, in the order in which they were made; none if
    /// there is no such object.
    async fn readings(&self, id: &str) -> Result<Vec<ReadingEntry>, StoreError>;

    /// Has a quarantined object read again by the next pass over its store, with an event that says who asked;
    /// `false`, and nothing is changed, if it is not there, not quarantined, or waits already.
    async fn ask_again(&self, id: &str, by: &str, at: WallTime) -> Result<bool, StoreError>;

    /// The quarantined objects that wait to be read again, as lists name them.
    async fn asked_again(&self) -> Result<Vec<String>, StoreError>;
}
