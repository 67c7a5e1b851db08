//! Evidence bundles: everything about a case, a round or a recording in one folder that can be checked by somebody who
//! trusts nobody, offline.
//!
//! A bundle is a BagIt bag (RFC 8493): its files are listed with their digests, and any tool for bags can tell whether one
//! was changed. What no such tool can tell is whether the whole bag was made up; so it carries the log's proofs and a
//! signed checkpoint, and [`check`] compares what the bundle says of its objects with what the log said of them when they
//! were taken in. Originals are copied in when asked for, and are digested on the way: an original that is not what was
//! recorded is not put in.

pub mod archive;
pub mod check;
mod report;
mod write;

use std::collections::BTreeMap;
use std::sync::Arc;

use analyzer::policy::Policy;
use catalog::WallTime;
use catalog::store::{Catalog, LogSubject, RecordingEntry};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::proof::{leaves_of, prove};
use super::signer::LogSigner;
use super::{LogError, checkpoint};
use crate::case_file::case_file;
use crate::judged::Judged;
use crate::operations::{OperationError, export_round};

pub use write::write;

/// The form of `data/bundle.json`.
pub const FORMAT: &str = "reelproof-bundle/1";

/// What a bundle can be about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A case, by its number.
    Case(String),
    /// A sampling round, by its name.
    Round(String),
    /// A recording, by its id (`r12`) or its key.
    Recording(String),
}

impl Subject {
    fn kind(&self) -> &'static str {
        match self {
            Self::Case(_) => "case",
            Self::Round(_) => "round",
            Self::Recording(_) => "recording",
        }
    }

    fn id(&self) -> &str {
        match self {
            Self::Case(id) | Self::Round(id) | Self::Recording(id) => id,
        }
    }

    /// A name for files about it: nothing in it leads out of a folder.
    pub fn file_name(&self) -> String {
        let plain =
            |one: char| if one.is_alphanumeric() || matches!(one, '.' | '-' | '_') { one } else { '_' };
        format!("{}-{}", self.kind(), self.id().chars().map(plain).collect::<String>())
    }
}

/// Why there is no bundle.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The log could not be proven.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The subject could not be read or judged.
    #[error(transparent)]
    Operation(#[from] OperationError),
    /// There is no such thing.
    #[error("there is no {kind} {id} in the catalog")]
    NoSuch {
        /// What was asked for.
        kind: &'static str,
        /// Its name.
        id: String,
    },
    /// An original is not what was recorded, or is not there.
    #[error(
        "{object_key} is not what was recorded ({reason}): nothing was kept. Look at what is there now with `reelproof probe`, or make the bundle without originals"
    )]
    Original {
        /// Key of the object.
        object_key: String,
        /// What is wrong.
        reason: String,
    },
    /// The bundle could not be made one file.
    #[error(transparent)]
    Archive(#[from] archive::ArchiveError),
    /// The folder is there already.
    #[error("{0} is there already: name a folder that is not")]
    Exists(String),
}

impl From<catalog::store::StoreError> for BundleError {
    fn from(error: catalog::store::StoreError) -> Self {
        Self::Log(error.into())
    }
}

/// What `data/bundle.json` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Description {
    /// [`FORMAT`].
    pub format: String,
    /// `case`, `round` or `recording`.
    pub kind: String,
    /// Its name.
    pub id: String,
    /// When the bundle was made.
    pub made_at: WallTime,
    /// The objects it is about.
    pub objects: Vec<BundledObject>,
}

/// One object of a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BundledObject {
    /// URL of its store.
    pub store: String,
    /// Key within the store.
    pub object_key: String,
    /// Number of the version.
    pub version: u32,
    /// Bytes.
    pub size_bytes: u64,
    /// SHA-256, lower-case hexadecimal.
    pub sha256: String,
    /// Path of the original in the bundle; absent where it holds the digest alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}

/// A bundle before it is written: all of it but the originals.
#[derive(Debug)]
pub struct Bundle {
    description: Description,
    /// Payload by path below `data/`, without `bundle.json`.
    files: BTreeMap<String, Vec<u8>>,
}

/// Puts a bundle together, with months that may be kept as they were judged; the log's root is signed on the way, so that the checkpoint has everything in it.
pub async fn gather(
    catalog: &dyn Catalog,
    judged: &Judged,
    policy: (&Arc<Policy>, &str),
    signer: &LogSigner,
    subject: &Subject,
    now: WallTime,
) -> Result<Bundle, BundleError> {
    let no_such = || BundleError::NoSuch { kind: subject.kind(), id: subject.id().to_owned() };
    let (findings, keys, mut leaves) = match subject {
        Subject::Case(case_no) => {
            let known = (catalog.revision().await?, &*catalog.units().await?);
            let file = case_file(catalog, judged, Arc::clone(policy.0), case_no, now, known).await?;
            let file = file.ok_or_else(no_such)?;
            let mut keys: Vec<String> = file
                .stages
                .iter()
                .flat_map(|stage| &stage.timeline)
                .map(|lane| lane.evidence.object_key.clone())
                .collect();
            keys.sort();
            keys.dedup();
            (json!(file), keys, leaves_of(catalog, LogSubject::Case(case_no)).await?)
        }
        Subject::Round(id) => {
            catalog.round(id).await?.ok_or_else(no_such)?;
            (export_round(catalog, id).await?, Vec::new(), leaves_of(catalog, LogSubject::Round(id)).await?)
        }
        Subject::Recording(id) => {
            let by_id = catalog.recording_of_id(id).await?.map(|entry| entry.object_key);
            let key = by_id.unwrap_or_else(|| id.clone());
            let found = json!({
                "alterations": catalog.alterations(&key).await?,
                "inspections": catalog.inspections(&key).await?,
            });
            (found, vec![key], Vec::new())
        }
    };
    let mut recordings: Vec<RecordingEntry> = Vec::new();
    for key in &keys {
        recordings.extend(catalog.recording(key).await?);
        if let Subject::Recording(_) = subject
            && recordings.is_empty()
        {
            return Err(no_such());
        }
        leaves.extend(leaves_of(catalog, LogSubject::Object(key)).await?);
    }
    leaves.sort_by_key(|leaf| leaf.index);
    leaves.dedup_by_key(|leaf| leaf.index);
    let signed = checkpoint(catalog, signer, now).await?;
    let proofs = prove(catalog, leaves, &signed, true).await?;
    let objects = recordings
        .iter()
        .map(|recording| BundledObject {
            store: recording.store.clone(),
            object_key: recording.object_key.clone(),
            version: recording.version,
            size_bytes: recording.observation.size_bytes,
            sha256: recording.observation.sha256.clone(),
            file: None,
        })
        .collect();
    let description = Description {
        format: FORMAT.to_owned(),
        kind: subject.kind().to_owned(),
        id: subject.id().to_owned(),
        made_at: now,
        objects,
    };
    let mut files = BTreeMap::new();
    let mut add = |name: &str, bytes: Vec<u8>| files.insert(name.to_owned(), bytes);
    add("report.html", report::html(&description, &findings, &proofs, &signed).into_bytes());
    add("findings.json", pretty(&findings));
    add("observations.json", pretty(&json!(recordings)));
    add("policy.toml", policy.1.as_bytes().to_vec());
    add("log/proofs.json", pretty(&json!(proofs)));
    add("log/checkpoint.txt", signed.note.into_bytes());
    add("verify_log.py", include_bytes!("../../../../docs/verify_log.py").to_vec());
    add("verify_log.html", include_bytes!("../../../../docs/verify_log.html").to_vec());
    Ok(Bundle { description, files })
}

fn pretty(value: &Value) -> Vec<u8> {
    let mut text = format!("{value:#}").into_bytes();
    text.push(b'\n');
    text
}
