//! The catalog's store: the only SQL of the project, behind one interface.
//!
//! [`Catalog`] is what everything above talks to. SQLite ([`sqlite`]) needs no server and is the
//! default; PostgreSQL ([`postgres`]) serves many writers. Both run the same contract suite
//! (`tests/contract`), and the same statements: the folder `sql` is compiled for each of them, with what
//! differs as pieces of text and a few functions (`dialect`, `engine`). Statements use what engines share:
//! `$1` placeholders, `ON CONFLICT`, `RETURNING`, integers for time. Each begins with the name of its function
//! as a comment, so that a slow-query log points home.
//!
//! Observations, rounds, draws and events are only ever added; the schema itself refuses updates.
//! Every writing call is one transaction: it happened, or it did not.

mod accounts;
mod copy;
mod custody;
mod error;
mod fixity;
mod identities;
mod log;
mod order;
mod postgres;
mod records;
mod sqlite;

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use serde::Serialize;

use crate::case::{Case, Stage};
use crate::chunks::{AlteredRange, ChunkList};
use crate::drone_month::DroneMonth;
use crate::excuse::{Excuse, ExcuseEntry, Withdrawal};
use crate::import::{Import, ImportOutcome, KnownNames};
use crate::inspection::{InspectOptions, Inspection};
use crate::interval::Interval;
use crate::observation::{Observation, ProblemCode};
use crate::round::{Round, RoundAct, RoundBrief, RoundDraw};
use crate::snapshot::{ShouldExist, Snapshot};
use crate::time::{Micros, Month, WallTime};
use crate::trace::{SoundEnvelope, Traces};
use crate::track::{SidecarClock, Track, TrackEntry};
use crate::unit::Unit;

pub use crate::held::{Drawing, Ground, HeldObject, ObjectId, StoreId, Taken};
pub use accounts::{
    AccountOutcome, Accounts, Claim, IdempotencyKey, KeyTimes, NewToken, SignedIn, TrailQuery, UserChange,
};
pub use copy::{Copied, CopiedTable, copy};
pub use custody::{Custody, Pass, ReadingEntry, SourceEntry};
pub use error::StoreError;
pub use fixity::{Checked, Fixity, FixityBegin, FixityFinding, FixityRun, FixityRunId, Unchecked};
pub use identities::Identities;
pub use log::{
    CheckpointEntry, KeyEntry, LeafEntry, Log, LogState, LogSubject, Misplaced, Setting, Unlogged,
};
pub use order::{Column, Order, RecordingSort, SortKey, TrailSort};
pub use postgres::shown_url;
pub use records::{Issue, Records};

/// A root under which objects are listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreEntry {
    /// Its number.
    pub id: StoreId,
    /// Its canonical URL, without a slash at the end.
    pub url: String,
}

/// One object as the catalog last knew it: what a listing is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectEntry {
    /// Key within the store.
    pub object_key: String,
    /// What the store said of it when it was last read.
    pub signature: String,
    /// Whether it was gone from the last complete listing.
    pub gone: bool,
    /// Whether its present reading is quarantined.
    pub quarantined: bool,
    /// Whether a file beside it says when it began, as far as its present reading knows.
    pub sidecar_claim: bool,
    /// How long it is; `None` without footage.
    pub duration_us: Option<Micros>,
}

/// One reading of one object, to be recorded.
#[derive(Debug, Clone)]
pub struct Reading<'a> {
    /// The store.
    pub store: StoreId,
    /// Key within the store.
    pub object_key: &'a str,
    /// What the store said of the object: size, time of change, ETag.
    pub signature: &'a str,
    /// When it was read.
    pub observed_at: WallTime,
    /// When the store says it was written; `None` where it does not say, and for folders.
    pub written_at: Option<WallTime>,
    /// What was found.
    pub observation: &'a Observation,
    /// The tracks that were found, thinned.
    pub tracks: &'a [Track],
    /// What a later change of the bytes is located with; `None` where they were not digested.
    pub chunks: Option<&'a ChunkList>,
    /// Where the bytes are not those that were recorded before. Kept only if they turn out to be altered.
    pub altered: &'a [AlteredRange],
}

/// Where one version of an object is not what the one before it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Alteration {
    /// URL of its store.
    pub store: String,
    /// Number of the version; 2 or more.
    pub version: u32,
    /// The places, in order.
    pub ranges: Vec<AlteredRange>,
}

/// What recording a reading did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorded {
    /// The object was not known before.
    New,
    /// The bytes are those already recorded; only the signature was brought up to date.
    SameBytes,
    /// The bytes are those already recorded, but could be read better than before, or more is known of
    /// when the recording began.
    Reread,
    /// The bytes changed: this is a new version.
    Altered {
        /// Its number.
        version: u32,
    },
}

/// One complete listing of a store, every object of which was recorded since.
#[derive(Debug, Clone, Copy)]
pub struct Listing<'a> {
    /// The store.
    pub store: StoreId,
    /// What keys begin with, up to and with a slash, where only a part was listed; empty: all of it.
    pub prefix: &'a str,
    /// Just before the store was asked.
    pub listed_at: WallTime,
    /// When the last of its objects had been recorded.
    pub recorded_at: WallTime,
    /// How many objects there were.
    pub objects: u64,
}

/// One look at what an object shows, to be recorded.
#[derive(Debug, Clone)]
pub struct InspectionRecord<'a> {
    /// The store.
    pub store: StoreId,
    /// Key within the store.
    pub object_key: &'a str,
    /// SHA-256 of the bytes that were looked at, lower-case hexadecimal.
    pub sha256: &'a str,
    /// When.
    pub inspected_at: WallTime,
    /// With which figures.
    pub options: InspectOptions,
    /// What was found.
    pub inspection: &'a Inspection,
    /// What is kept so that the footage can be recognised.
    pub traces: &'a Traces,
}

/// An object whose present version was not looked at with the figures asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uninspected {
    /// Key within the store.
    pub object_key: String,
    /// What the store said of the object when it was last read.
    pub signature: String,
    /// SHA-256 of its present version.
    pub sha256: String,
}

/// One look at what an object shows, as recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InspectionEntry {
    /// URL of its store.
    pub store: String,
    /// Number of the version that was looked at; the first is 1.
    pub version: u32,
    /// When.
    pub inspected_at: WallTime,
    /// With which figures.
    pub options: InspectOptions,
    /// What was found.
    #[serde(flatten)]
    pub inspection: Inspection,
}

/// Where an import came from.
#[derive(Debug, Clone)]
pub struct ImportOrigin<'a> {
    /// Name of the file.
    pub file_name: &'a str,
    /// SHA-256 of the file, lower-case hexadecimal.
    pub sha256: &'a str,
    /// Columns that the file does not have, by their English headings: of rows that are there, what stands in them stays.
    pub absent: &'a [&'static str],
}

/// Which recordings to list, and where to go on.
#[derive(Debug, Clone, Default)]
pub struct RecordingQuery {
    /// Only keys after this one, where they are in the order of their keys.
    pub after_key: Option<String>,
    /// Another order than that of their keys.
    pub order: Option<Order<RecordingSort>>,
    /// Only keys that contain this text.
    pub key_contains: Option<String>,
    /// Only those of this device.
    pub device: Option<String>,
    /// Only those of this officer.
    pub badge: Option<String>,
    /// Only those that are quarantined, or that are not.
    pub quarantined: Option<bool>,
    /// Only those with a problem of this code.
    pub problem: Option<ProblemCode>,
    /// Only those whose device or officer is of this unit or one below it.
    pub within: Option<String>,
    /// At most this many.
    pub limit: u32,
}

/// One recording with its present observation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecordingEntry {
    /// Its name in this catalog, the same through all versions: `r` and a number.
    pub id: String,
    /// Unit of its device; `None` where the device is not known.
    pub device_unit: Option<String>,
    /// Unit of its officer; `None` where the officer is not known.
    pub officer_unit: Option<String>,
    /// URL of its store.
    pub store: String,
    /// Key within the store.
    pub object_key: String,
    /// Number of the present version; the first is 1.
    pub version: u32,
    /// When it was read.
    pub observed_at: WallTime,
    /// When a complete listing no longer had it; `None` while it is there.
    pub gone_at: Option<WallTime>,
    /// Whether a problem makes it unusable.
    pub quarantined: bool,
    /// What the store said of the object when it was last read; between the store and us.
    #[serde(skip)]
    pub signature: String,
    /// What is in it.
    #[serde(flatten)]
    pub observation: Observation,
}

/// How much there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Units.
    pub units: u64,
    /// Officers.
    pub officers: u64,
    /// Devices.
    pub devices: u64,
    /// Cases.
    pub cases: u64,
    /// Stages.
    pub stages: u64,
    /// Recordings that are there and usable.
    pub recordings: u64,
    /// Files of telemetry beside recordings that are there and usable.
    pub sidecars: u64,
    /// Objects that are there and not usable.
    pub quarantined: u64,
    /// Objects that were there once.
    pub gone: u64,
    /// Bytes of the objects that are there.
    pub size_bytes: u64,
}

/// How often a catalog was written to, as far as that changes what a month looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revision {
    /// Rises with everything that is written.
    pub number: u64,
    /// Rises with what changes what a month looks like: evidence, imports and excuses, and not what people do with a
    /// month that was judged (rounds, reviews, visits, notices, returns). Never more than `number`.
    pub evidence: u64,
    /// The latest moment that anything in it speaks of as recorded; `None` if there is nothing. Of any moment after
    /// it the catalog knows the same.
    pub latest: Option<WallTime>,
}

/// How to open a catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenMode {
    /// Make it if it is not there.
    Create,
    /// It must be there.
    Existing,
}

/// Opens the catalog that `url` names (`sqlite://FILE`, `postgres://USER@HOST/DATABASE`), bringing its schema up to date.
///
/// # Errors
/// [`StoreError`] says what is wrong with the URL, the file or its schema; the file is then as it was.
pub async fn open(url: &str, mode: OpenMode) -> Result<Arc<dyn Catalog>, StoreError> {
    if url.starts_with("sqlite:") {
        Ok(Arc::new(sqlite::open(url, mode).await?))
    } else if postgres::is_url(url) {
        Ok(Arc::new(postgres::open(url, mode).await?))
    } else {
        Err(StoreError::BadUrl { url: url.to_owned() })
    }
}

/// The interface of every engine; what people did stands in [`Records`], who they are in [`Accounts`], how recordings
/// came in in [`Custody`], whether they are still what they were in [`Fixity`], what cannot be rewritten unseen in [`Log`].
#[async_trait]
pub trait Catalog: Records + Accounts + Custody + Fixity + Identities + Log + Send + Sync {
    /// The stores, by URL.
    async fn stores(&self) -> Result<Vec<StoreEntry>, StoreError>;

    /// The store of this canonical URL, added at `at` if it was not known.
    async fn add_store(&self, url: &str, at: WallTime) -> Result<StoreEntry, StoreError>;

    /// All objects of a store, by key.
    async fn objects(&self, store: StoreId) -> Result<Vec<ObjectEntry>, StoreError>;

    /// One object of a store; `None` if it is not known.
    async fn object(&self, store: StoreId, object_key: &str) -> Result<Option<ObjectEntry>, StoreError> {
        Ok(self.objects_named(store, &[object_key.to_owned()]).await?.pop())
    }

    /// Those of these objects of a store that are known, in no particular order.
    async fn objects_named(
        &self,
        store: StoreId,
        object_keys: &[String],
    ) -> Result<Vec<ObjectEntry>, StoreError>;

    /// Records one reading with its event. Doing it twice changes nothing the second time.
    async fn record(&self, reading: &Reading<'_>) -> Result<Recorded, StoreError>;

    /// Records readings as [`record`](Self::record) does, one after another, and all of them or, on an error, none: what
    /// a commit costs, down to the disk, is paid once.
    async fn record_all(&self, readings: &[Reading<'_>]) -> Result<Vec<Recorded>, StoreError>;

    /// Records a look at the present version of an object with its event; `false`, and nothing is changed,
    /// if that version is not of these bytes, or was looked at with the same figures before.
    async fn record_inspection(&self, record: &InspectionRecord<'_>) -> Result<bool, StoreError>;

    /// The objects of a store that are there and usable, are footage, and whose present version was not
    /// looked at with these figures; by key.
    async fn uninspected(
        &self,
        store: StoreId,
        options: &InspectOptions,
    ) -> Result<Vec<Uninspected>, StoreError>;

    /// All looks at the versions of the objects of one key, by store, version and time.
    async fn inspections(&self, object_key: &str) -> Result<Vec<InspectionEntry>, StoreError>;

    /// How loud the bytes with this digest are; `None` if nobody listened to them, or there is no sound.
    async fn sound(&self, sha256: &str) -> Result<Option<SoundEnvelope>, StoreError>;

    /// What a change of the present version of an object is located with; `None` if there is no such object, or it
    /// was recorded without.
    async fn chunk_list(&self, store: StoreId, object_key: &str) -> Result<Option<ChunkList>, StoreError>;

    /// Where the objects of one key were altered, as far as that could be located, by store and version.
    async fn alterations(&self, object_key: &str) -> Result<Vec<Alteration>, StoreError>;

    /// Marks objects that a complete listing no longer has; says how many were not marked before.
    async fn mark_gone(&self, store: StoreId, keys: &[String], at: WallTime) -> Result<u64, StoreError>;

    /// Records a complete listing.
    async fn record_listing(&self, listing: &Listing<'_>) -> Result<(), StoreError>;

    /// Records an excuse with its event; `false`, and nothing is changed, if one for the same stage and
    /// reason was recorded at the same moment.
    async fn add_excuse(&self, excuse: &Excuse) -> Result<bool, StoreError>;

    /// Records with its event that an excuse was withdrawn; `false`, and nothing is changed, if there is no
    /// such excuse or it was withdrawn before.
    async fn withdraw_excuse(&self, excuse: &Excuse, withdrawal: &Withdrawal) -> Result<bool, StoreError>;

    /// The excuses for stages that begin in `interval`, withdrawn ones with that, by stage and time.
    async fn excuses(&self, interval: Interval<WallTime>) -> Result<Vec<ExcuseEntry>, StoreError>;

    /// The names that import rows may refer to.
    async fn known_names(&self) -> Result<KnownNames, StoreError>;

    /// Takes in all rows of an import with its event, or none.
    async fn import(
        &self,
        import: &Import,
        origin: &ImportOrigin<'_>,
        at: WallTime,
    ) -> Result<ImportOutcome, StoreError>;

    /// What taking in all rows of an import would do; nothing is changed.
    async fn preview(
        &self,
        import: &Import,
        origin: &ImportOrigin<'_>,
        at: WallTime,
    ) -> Result<ImportOutcome, StoreError>;

    /// The month as the catalog knew it at `as_of`.
    async fn snapshot(&self, month: Month, as_of: WallTime) -> Result<Snapshot, StoreError>;

    /// What should exist from the beginning of one month to the end of another, as it is known now.
    async fn should_exist(&self, from: Month, to: Month) -> Result<ShouldExist, StoreError>;

    /// The month of drones as the catalog knew it at `as_of`, with the flights since `since`.
    async fn drone_month(
        &self,
        month: Month,
        since: WallTime,
        as_of: WallTime,
    ) -> Result<DroneMonth, StoreError>;

    /// The months in which flights begin, in order.
    async fn flown_months(&self) -> Result<Vec<Month>, StoreError>;

    /// The months in which stages begin, in order.
    async fn months(&self) -> Result<Vec<Month>, StoreError>;

    /// All units, by code.
    async fn units(&self) -> Result<Vec<Unit>, StoreError>;

    /// The units of these cases, by number of the case; those that are not known are left out.
    async fn units_of_cases(&self, cases: &[String]) -> Result<BTreeMap<String, String>, StoreError>;

    /// One case with its stages; `None` if there is none of this number.
    async fn case(&self, case_no: &str) -> Result<Option<(Case, Vec<Stage>)>, StoreError>;

    /// Recordings by key.
    async fn recordings(&self, query: &RecordingQuery) -> Result<Vec<RecordingEntry>, StoreError>;

    /// The recordings of one key, one a store that has it.
    async fn recording(&self, object_key: &str) -> Result<Vec<RecordingEntry>, StoreError>;

    /// The present tracks of one key, in each store that has it, by store and position.
    async fn tracks(&self, object_key: &str) -> Result<Vec<TrackEntry>, StoreError>;

    /// The clocks of all sidecars that are there and usable in a store, by key.
    async fn sidecar_clocks(&self, store: StoreId) -> Result<Vec<SidecarClock>, StoreError>;

    /// How much there is.
    async fn totals(&self) -> Result<Totals, StoreError>;

    /// How much there is of a unit and those below it: its people, and recordings of its devices or officers.
    async fn totals_within(&self, unit: &str) -> Result<Totals, StoreError>;

    /// The recording that lists name so; `None` if there is none.
    async fn recording_of_id(&self, id: &str) -> Result<Option<RecordingEntry>, StoreError>;

    /// How often it was written to. What is read after it was asked for is of that revision, or of a later one.
    async fn revision(&self) -> Result<Revision, StoreError>;

    /// Stores a frozen round with its event; `false`, and nothing is changed, if there is one of its name.
    async fn freeze_round(&self, round: &Round) -> Result<bool, StoreError>;

    /// One round.
    async fn round(&self, id: &str) -> Result<Option<Round>, StoreError>;

    /// All rounds, by month and name, with their documents.
    async fn rounds(&self) -> Result<Vec<Round>, StoreError>;

    /// All rounds, by month and name, without their documents.
    async fn rounds_in_brief(&self) -> Result<Vec<RoundBrief>, StoreError>;

    /// Stores the draw of a round with its event; `false`, and nothing is changed, if it was drawn before.
    async fn draw_round(&self, id: &str, draw: &RoundDraw) -> Result<bool, StoreError>;

    /// Adds what people did with a drawn round, with its event.
    async fn add_round_act(&self, id: &str, act: &RoundAct) -> Result<(), StoreError>;

    /// All that people did with a round, in order.
    async fn round_acts(&self, id: &str) -> Result<Vec<RoundAct>, StoreError>;
}
