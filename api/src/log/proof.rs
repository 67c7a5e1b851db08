//! Proofs that can be handed out: that rows are in the log, and that one state of the log continues another.
//!
//! A proof file names everything that its check needs: a signed checkpoint, the keys, and for each row the leaf's record, the path
//! from it to the root, and, where the row may be shown, the row with its salt. docs/log.md describes it, and
//! docs/verify_log.py checks it without this program.

use catalog::WallTime;
use catalog::log::Hash;
use catalog::log::leaf::{content_digest, id_digest};
use catalog::log::tree::{leaf_hash, plan_consistency, plan_inclusion, verify_consistency, verify_inclusion};
use catalog::store::{Catalog, CheckpointEntry, KeyEntry, LeafEntry, LogSubject};
use serde::{Deserialize, Serialize};

use super::note::{Checkpoint, NoteError, VerifierKey, verify};
use super::{LogError, fold_plan, key_chain, root};

/// The form of a proof file.
pub const FORMAT: &str = "reelproof-log-proof/1";

/// Proofs of some rows under one checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProofFile {
    /// [`FORMAT`].
    pub format: String,
    /// The signed note.
    pub checkpoint: String,
    /// The keys of the log, in the order in which they came into use.
    pub keys: Vec<KeyLine>,
    /// The rows.
    pub entries: Vec<ProvenEntry>,
}

/// One key of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyLine {
    /// Verifier key.
    pub vkey: String,
    /// The note that states it, signed by it and the key before it; absent for the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<String>,
}

/// One leaf with its path to the root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvenEntry {
    /// Place in the log, from 0.
    pub index: u64,
    /// The leaf's record, byte for byte.
    pub record: String,
    /// The path, from the leaf up.
    pub proof: Vec<Hash>,
    /// The row; absent where it is not shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<ShownRow>,
}

/// What a leaf's digests are of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownRow {
    /// Key columns as a JSON array.
    pub key: String,
    /// The salt, hexadecimal.
    pub salt: String,
    /// Columns as canonical JSON.
    pub content: String,
}

/// That one state of a log is the beginning of another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsistencyProof {
    /// Leaves of the earlier state.
    pub from: u64,
    /// Leaves of the later state.
    pub to: u64,
    /// Root of the earlier state.
    pub from_root: Hash,
    /// Root of the later state.
    pub to_root: Hash,
    /// The hashes that join them.
    pub proof: Vec<Hash>,
}

impl ConsistencyProof {
    /// Whether it shows what it says.
    pub fn holds(&self) -> bool {
        verify_consistency(self.from, self.to, &self.proof, self.from_root, self.to_root)
    }
}

impl From<KeyEntry> for KeyLine {
    fn from(key: KeyEntry) -> Self {
        Self { vkey: key.vkey, statement: key.statement }
    }
}

/// Proves these leaves under a checkpoint that has them all; the rows are shown if `show` says so.
pub async fn prove(
    catalog: &dyn Catalog,
    leaves: Vec<LeafEntry>,
    checkpoint: &CheckpointEntry,
    show: bool,
) -> Result<ProofFile, LogError> {
    let mut entries = Vec::with_capacity(leaves.len());
    for leaf in leaves {
        let plan = plan_inclusion(leaf.index, checkpoint.size).ok_or(LogError::NoSuchEntry(leaf.index))?;
        let proof = fold_plan(catalog, &plan).await?;
        let row = if show { shown(catalog, &leaf).await? } else { None };
        entries.push(ProvenEntry { index: leaf.index, record: leaf.record.to_text(), proof, row });
    }
    let keys = catalog.log_keys().await?.into_iter().map(KeyLine::from).collect();
    Ok(ProofFile { format: FORMAT.to_owned(), checkpoint: checkpoint.note.clone(), keys, entries })
}

/// The row of a leaf, as the leaf says it; of a trail, which the log keeps no content of, as it stands.
async fn shown(catalog: &dyn Catalog, leaf: &LeafEntry) -> Result<Option<ShownRow>, LogError> {
    let content = match &leaf.content {
        Some(content) => Some(content.clone()),
        None => catalog
            .log_rows(&leaf.record.kind, std::slice::from_ref(&leaf.row_key))
            .await?
            .remove(&leaf.row_key),
    };
    Ok(content.map(|content| ShownRow { key: leaf.row_key.clone(), salt: hex::encode(&leaf.salt), content }))
}

/// All leaves about a subject, in the order of the log.
pub async fn leaves_of(catalog: &dyn Catalog, subject: LogSubject<'_>) -> Result<Vec<LeafEntry>, LogError> {
    let mut leaves = Vec::new();
    for (kind, row_key) in catalog.log_keys_of(subject).await? {
        leaves.extend(catalog.log_leaves_of(&kind, &row_key).await?);
    }
    leaves.sort_by_key(|leaf| leaf.index);
    if leaves.is_empty() {
        let (LogSubject::Object(name) | LogSubject::Case(name) | LogSubject::Round(name)) = subject;
        return Err(LogError::NothingAbout(name.to_owned()));
    }
    Ok(leaves)
}

/// One leaf.
pub async fn leaf(catalog: &dyn Catalog, index: u64) -> Result<LeafEntry, LogError> {
    let found = catalog.log_leaves(index, 1).await?;
    found.into_iter().find(|leaf| leaf.index == index).ok_or(LogError::NoSuchEntry(index))
}

/// Proves that the log of `from` leaves is the beginning of that of `to`.
pub async fn consistency(catalog: &dyn Catalog, from: u64, to: u64) -> Result<ConsistencyProof, LogError> {
    let size = catalog.log_state().await?.size;
    let plan =
        plan_consistency(from, to).filter(|_| to <= size).ok_or(LogError::NoSuchSizes { from, to, size })?;
    Ok(ConsistencyProof {
        from,
        to,
        from_root: root(catalog, from).await?,
        to_root: root(catalog, to).await?,
        proof: fold_plan(catalog, &plan).await?,
    })
}

/// What checking a proof file came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProofReport {
    /// Name of the log.
    pub origin: Option<String>,
    /// Leaves of the checkpoint.
    pub size: Option<u64>,
    /// When it was signed, as it says.
    pub at: Option<WallTime>,
    /// The first key, which everything rests on: compare it with the one that was published.
    pub key: Option<String>,
    /// Entries that are proven.
    pub entries: u64,
    /// What does not hold.
    pub faults: Vec<ProofFault>,
}

impl ProofReport {
    /// Whether everything holds.
    pub fn holds(&self) -> bool {
        self.faults.is_empty()
    }
}

/// One thing that does not hold in a proof or bundle. The codes are the same in every verifier.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ProofFault {
    /// `form`, `signature`, `key`, `inclusion`, `row`, `file_altered`, `file_missing`, `file_added`, `disagrees`.
    pub code: String,
    /// What it is about: the entry's index, the file's path.
    pub subject: String,
}

impl ProofFault {
    pub(crate) fn new(code: &str, subject: &(impl ToString + ?Sized)) -> Self {
        Self { code: code.to_owned(), subject: subject.to_string() }
    }
}

/// Checks a proof file by itself. `believed` is the log's first key, where it is known from elsewhere.
pub fn check(file: &ProofFile, believed: Option<&VerifierKey>) -> ProofReport {
    let mut faults = Vec::new();
    let keys: Vec<KeyEntry> = file
        .keys
        .iter()
        .map(|line| KeyEntry {
            vkey: line.vkey.clone(),
            since: WallTime(0),
            statement: line.statement.clone(),
        })
        .collect();
    if file.format != FORMAT {
        faults.push(ProofFault::new("form", &file.format));
    }
    let chain = key_chain(&keys).unwrap_or_default();
    if chain.is_empty() || believed.is_some_and(|key| chain.first() != Some(key)) {
        faults.push(ProofFault::new("key", file.keys.first().map_or("", |key| key.vkey.as_str())));
    }
    let checkpoint: Result<Checkpoint, NoteError> = file.checkpoint.parse();
    let checkpoint = checkpoint.ok();
    let signed = checkpoint.as_ref().is_some_and(|checkpoint| {
        chain.iter().any(|key| key.name() == checkpoint.origin && verify(&file.checkpoint, &[key]).is_ok())
    });
    if !signed {
        faults.push(ProofFault::new("signature", "checkpoint"));
    }
    let mut proven = 0;
    for entry in &file.entries {
        let included = checkpoint.as_ref().is_some_and(|checkpoint| {
            let leaf = leaf_hash(entry.record.as_bytes());
            verify_inclusion(leaf, entry.index, checkpoint.size, &entry.proof, checkpoint.root)
        });
        let row = entry.row.as_ref().is_none_or(|row| row_agrees(&entry.record, row));
        if !included {
            faults.push(ProofFault::new("inclusion", &entry.index));
        }
        if !row {
            faults.push(ProofFault::new("row", &entry.index));
        }
        proven += u64::from(included && row && signed);
    }
    ProofReport {
        origin: checkpoint.as_ref().map(|one| one.origin.clone()),
        size: checkpoint.as_ref().map(|one| one.size),
        at: checkpoint.and_then(|one| one.at),
        key: chain.first().map(ToString::to_string),
        entries: proven,
        faults,
    }
}

/// Whether a row is what the record's digests are of.
fn row_agrees(record: &str, row: &ShownRow) -> bool {
    #[derive(Deserialize)]
    struct Record {
        content: Hash,
        id: Hash,
    }
    let Ok(record) = serde_json::from_str::<Record>(record) else { return false };
    let Ok(salt) = hex::decode(&row.salt) else { return false };
    record.id == id_digest(&salt, &row.key) && record.content == content_digest(&salt, &row.content)
}
