//! Checks of stored bytes, as every engine keeps them: runs, what each check found, and what is known of each object's risk.

use async_trait::async_trait;
use serde::Serialize;

use super::{Reading, Recorded, StoreError};
use crate::chunks::AlteredRange;
use crate::fixity::{CheckOutcome, FixityEnd, RiskClass};
use crate::held::{Ground, HeldObject, ObjectId, StoreId};
use crate::time::{Micros, WallTime};

/// A run of checks that begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixityBegin {
    /// When.
    pub at: WallTime,
    /// Name of the policy whose intervals count.
    pub policy: String,
    /// How long it may take; `None`: as long as it takes.
    pub budget_us: Option<Micros>,
    /// How many bytes it may read; `None`: all that is due.
    pub budget_bytes: Option<u64>,
    /// Objects that are due, and their bytes.
    pub due_objects: u64,
    /// Their bytes.
    pub due_bytes: u64,
}

/// The number of a run of checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct FixityRunId(pub(crate) i64);

/// An object that was read again, to be recorded.
#[derive(Debug, Clone)]
pub struct Checked<'a> {
    /// The run.
    pub run: FixityRunId,
    /// Why it was read.
    pub class: RiskClass,
    /// Bytes that were fetched for it.
    pub bytes_read: u64,
    /// What was found, exactly as a run of ingest would record it.
    pub reading: Reading<'a>,
}

/// An object that could not be read again, to be recorded.
#[derive(Debug, Clone, Copy)]
pub struct Unchecked<'a> {
    /// The run.
    pub run: FixityRunId,
    /// Why it was to be read.
    pub class: RiskClass,
    /// Its store.
    pub store: StoreId,
    /// Its key.
    pub object_key: &'a str,
    /// When.
    pub at: WallTime,
    /// Whether it is missing, which marks it as gone, or could not be read, which says nothing of it.
    pub missing: bool,
    /// What stood in the way.
    pub detail: &'a str,
}

/// A run of checks as recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FixityRun {
    /// Its number.
    pub run: FixityRunId,
    /// When it began.
    pub begun_at: WallTime,
    /// Name of the policy.
    pub policy: String,
    /// How long it was allowed to take; `None`: as long as it takes.
    pub budget_us: Option<Micros>,
    /// How many bytes it was allowed to read; `None`: all that was due.
    pub budget_bytes: Option<u64>,
    /// Objects that were due at its beginning.
    pub due_objects: u64,
    /// Their bytes.
    pub due_bytes: u64,
    /// When it ended; `None` while it goes on, and for good where it was killed.
    pub ended_at: Option<WallTime>,
    /// How it ended; `None` as above.
    pub end: Option<FixityEnd>,
    /// When its last check was recorded; `None` before the first.
    pub last_check_at: Option<WallTime>,
    /// Bytes it fetched.
    pub bytes_read: u64,
    /// Objects whose bytes are those that were recorded.
    pub intact: u64,
    /// Objects whose bytes are not.
    pub altered: u64,
    /// Objects that are not there any more.
    pub missing: u64,
    /// Objects that could not be read.
    pub unreadable: u64,
}

/// A check that found something else than what was recorded, or could not be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FixityFinding {
    /// The run.
    pub run: FixityRunId,
    /// The object's name in this catalog.
    pub id: String,
    /// URL of its store.
    pub store: String,
    /// Its key.
    pub object_key: String,
    /// Number of the version that was to be found.
    pub version: u32,
    /// When.
    pub at: WallTime,
    /// Why it was read.
    pub class: RiskClass,
    /// What was found.
    pub outcome: CheckOutcome,
    /// What stood in the way of reading it; `None` where it was read.
    pub detail: Option<String>,
    /// Where an altered object is not what it was; `None` where that could not be located, and of other outcomes.
    pub ranges: Option<Vec<AlteredRange>>,
}

/// The part of the catalog's interface about checks of stored bytes.
#[async_trait]
pub trait Fixity: Send + Sync {
    /// Objects that are in their stores, in the order of their numbers: `limit` of those after one.
    async fn held(&self, after: ObjectId, limit: u32) -> Result<Vec<HeldObject>, StoreError>;

    /// What objects may be evidence of, as of one moment.
    async fn ground(&self) -> Result<Ground, StoreError>;

    /// Begins a run of checks.
    async fn begin_fixity(&self, begin: &FixityBegin) -> Result<FixityRunId, StoreError>;

    /// Records that a run ended; `false`, and nothing is changed, if that is on record.
    async fn end_fixity(&self, run: FixityRunId, end: FixityEnd, at: WallTime) -> Result<bool, StoreError>;

    /// Records an object that was read again, and what of it [`Catalog::record`](super::Catalog::record) would record, in one
    /// transaction.
    async fn record_check(&self, checked: &Checked<'_>) -> Result<Recorded, StoreError>;

    /// Records that an object could not be read again; of one that is missing, also that it is gone.
    async fn record_unchecked(&self, unchecked: Unchecked<'_>) -> Result<(), StoreError>;

    /// The last runs, the latest first.
    async fn fixity_runs(&self, limit: u32) -> Result<Vec<FixityRun>, StoreError>;

    /// The last checks that found something else than what was recorded, or could not be made; the latest first. Only of one
    /// run, where it is given.
    async fn fixity_findings(
        &self,
        run: Option<FixityRunId>,
        limit: u32,
    ) -> Result<Vec<FixityFinding>, StoreError>;
}
