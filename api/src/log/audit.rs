//! A catalog held against its log: every leaf derived anew from its row, every root from the leaves, every checkpoint from
//! the roots.
//!
//! What is looked for: a row that was rewritten, dropped, or put in around the log; a leaf that was rewritten or dropped; a
//! kept node that does not follow; a checkpoint that the leaves do not lead to (a forked tree), that says more leaves
//! than there are (a log cut short), that is of another log (a log begun anew), or that no known key signed. Leaves are read
//! once, in order, and never held at once.

use std::collections::{BTreeMap, BTreeSet};

use catalog::log::leaf::may_change;
use catalog::log::tree::Roots;
use catalog::log::{Hash, LeafOrigin};
use catalog::store::{Catalog, LeafEntry, StoreError};
use serde::Serialize;

use super::note::{Checkpoint, VerifierKey, verify};
use super::{key_chain, origin};

/// Leaves that are looked at together.
const BATCH: u32 = 1000;

/// Unlogged rows of a table that are named.
const MOST_UNLOGGED: u32 = 100;

catalog::coded! {
    /// What does not hold.
    pub enum Fault("fault of a log") {
        /// A row says something else than it did.
        RowRewritten = "row_rewritten" / "记录被改写" / "a row was rewritten",
        /// A row is not there any more.
        RowDropped = "row_dropped" / "记录被删除" / "a row was dropped",
        /// A row that was not written through the log.
        RowInserted = "row_inserted" / "绕过日志写入的记录" / "a row was put in around the log",
        /// A row that never changes was logged again with other content.
        RowRestated = "row_restated" / "不可更改的记录被再次登记" / "a row that never changes was stated anew",
        /// The present state of an object does not follow from what was recorded.
        ObjectMisplaced = "object_misplaced" / "对象现状与登记不符" / "an object's state does not follow from its record",
        /// A leaf is not what its own hash says.
        LeafAltered = "leaf_altered" / "日志条目被改写" / "a leaf was rewritten",
        /// A leaf is missing.
        LeafMissing = "leaf_missing" / "日志条目缺失" / "a leaf is missing",
        /// A kept hash does not follow from the leaves.
        NodeAltered = "node_altered" / "日志节点被改写" / "a kept hash was rewritten",
        /// A checkpoint's root is not that of its leaves.
        Forked = "forked" / "日志分叉" / "the log was forked",
        /// A checkpoint counts more leaves than there are.
        CutShort = "cut_short" / "日志被截短" / "the log was cut short",
        /// A checkpoint is of another log.
        Reset = "reset" / "日志被重建" / "the log was begun anew",
        /// A checkpoint that no known key signed.
        BadSignature = "bad_signature" / "检查点签名无效" / "a signature does not hold",
    }
}

/// One thing that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogFault {
    /// What kind of thing.
    pub code: Fault,
    /// The table, where it is about one.
    pub table: Option<String>,
    /// The row's key as a JSON array, the object's key, the leaf's number, the checkpoint's size.
    pub id: String,
    /// What was said, as far as it is known.
    pub said: Option<String>,
    /// What stands there now; `None` where nothing does.
    pub stands: Option<String>,
}

/// What the check came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogAudit {
    /// Name of the log.
    pub origin: String,
    /// Leaves.
    pub size: u64,
    /// Root, derived from the rows of the leaves.
    pub root: Hash,
    /// Whether everything that was there before the log has been taken into it.
    pub complete: bool,
    /// Leaves of rows that were there before the log was begun.
    pub found: u64,
    /// Rows that were compared with what the log says of them.
    pub rows: u64,
    /// Checkpoints that were held against the leaves: kept ones, and those that were handed in.
    pub checkpoints: u64,
    /// Leaves that no checkpoint vouches for yet.
    pub unsigned: u64,
    /// What does not hold, the rows by leaf.
    pub faults: Vec<LogFault>,
}

impl LogAudit {
    /// Whether everything holds.
    pub fn holds(&self) -> bool {
        self.faults.is_empty()
    }
}

/// Holds a catalog against its log, and against checkpoints that were kept elsewhere. `keys`, where given, are believed
/// in the place of the first key that the catalog names.
pub async fn audit(
    catalog: &dyn Catalog,
    elsewhere: &[String],
    believed: Option<&VerifierKey>,
) -> Result<LogAudit, StoreError> {
    let state = catalog.log_state().await?;
    let origin = origin(&state.log_id);
    let mut faults = Vec::new();
    let signed = signed_roots(catalog, &origin, elsewhere, believed, &mut faults).await?;
    let leaves = Leaves::check(catalog, &signed, &mut faults).await?;
    for one in catalog.log_unlogged(MOST_UNLOGGED).await? {
        if state.complete_at.is_some() {
            faults.push(LogFault {
                code: Fault::RowInserted,
                table: Some(one.kind),
                id: one.row_key,
                said: None,
                stands: Some(one.content),
            });
        }
    }
    for one in catalog.log_misplaced(MOST_UNLOGGED).await? {
        faults.push(LogFault {
            code: Fault::ObjectMisplaced,
            table: Some("object".into()),
            id: one.object_key,
            said: Some(one.expected),
            stands: Some(one.found),
        });
    }
    let checkpoints = signed.len() as u64;
    let vouched = signed.iter().map(|one| one.size).filter(|size| *size <= leaves.roots.size()).max();
    Ok(LogAudit {
        origin,
        size: leaves.roots.size(),
        root: leaves.roots.root(),
        complete: state.complete_at.is_some(),
        found: leaves.found,
        rows: leaves.rows,
        checkpoints,
        unsigned: leaves.roots.size() - vouched.unwrap_or(0),
        faults,
    })
}

/// The checkpoints whose roots the leaves must lead to.
async fn signed_roots(
    catalog: &dyn Catalog,
    origin: &str,
    elsewhere: &[String],
    believed: Option<&VerifierKey>,
    faults: &mut Vec<LogFault>,
) -> Result<Vec<Checkpoint>, StoreError> {
    let keys = match key_chain(&catalog.log_keys().await?) {
        Ok(chain) => chain,
        Err(error) => {
            faults.push(signature("log_key", error.to_string()));
            Vec::new()
        }
    };
    if let Some(believed) = believed
        && !keys.contains(believed)
    {
        let named = keys.first().map(ToString::to_string);
        faults.push(LogFault {
            code: Fault::BadSignature,
            table: Some("log_key".into()),
            id: believed.to_string(),
            said: Some(believed.to_string()),
            stands: named,
        });
    }
    let kept = catalog.checkpoints().await?.into_iter().map(|entry| (entry.note, true));
    let handed = elsewhere.iter().map(|note| (note.clone(), false));
    let mut signed = Vec::new();
    for (note, ours) in kept.chain(handed) {
        let checkpoint: Checkpoint = match note.parse() {
            Ok(checkpoint) => checkpoint,
            Err(error) => {
                faults.push(signature("log_checkpoint", error.to_string()));
                continue;
            }
        };
        if checkpoint.origin != origin {
            faults.push(LogFault {
                code: Fault::Reset,
                table: None,
                id: checkpoint.size.to_string(),
                said: Some(checkpoint.origin),
                stands: Some(origin.to_owned()),
            });
            continue;
        }
        let by_any = keys.iter().any(|key| verify(&note, &[key]).is_ok());
        if !by_any {
            faults.push(signature(
                if ours { "log_checkpoint" } else { "checkpoint" },
                format!("{} leaves, root {}", checkpoint.size, checkpoint.root),
            ));
            continue;
        }
        signed.push(checkpoint);
    }
    Ok(signed)
}

fn signature(table: &str, what: String) -> LogFault {
    LogFault { code: Fault::BadSignature, table: Some(table.to_owned()), id: what, said: None, stands: None }
}

/// The pass over the leaves.
struct Leaves {
    roots: Roots,
    found: u64,
    rows: u64,
}

impl Leaves {
    async fn check(
        catalog: &dyn Catalog,
        signed: &[Checkpoint],
        faults: &mut Vec<LogFault>,
    ) -> Result<Self, StoreError> {
        let kept: BTreeMap<_, _> = catalog.log_kept_nodes().await?.into_iter().collect();
        let mut by_size: BTreeMap<u64, BTreeSet<Hash>> = BTreeMap::new();
        for one in signed {
            by_size.entry(one.size).or_default().insert(one.root);
        }
        let mut this = Self { roots: Roots::default(), found: 0, rows: 0 };
        this.compare(by_size.remove(&0), faults);
        let mut next = 0;
        loop {
            let leaves = catalog.log_leaves(next, BATCH).await?;
            let Some(last) = leaves.last() else { break };
            let after = last.index + 1;
            for leaf in &leaves {
                if leaf.index != next {
                    faults.push(LogFault {
                        code: Fault::LeafMissing,
                        table: Some("log_leaf".into()),
                        id: if leaf.index == next + 1 {
                            next.to_string()
                        } else {
                            format!("{next}..{}", leaf.index - 1)
                        },
                        said: None,
                        stands: None,
                    });
                }
                next = leaf.index + 1;
                if !leaf.holds() {
                    faults.push(LogFault {
                        code: Fault::LeafAltered,
                        table: Some("log_leaf".into()),
                        id: leaf.index.to_string(),
                        said: Some(leaf.leaf_hash.to_string()),
                        stands: Some(leaf.record.to_text()),
                    });
                }
                this.found += u64::from(leaf.record.origin == LeafOrigin::Found);
                for (node, hash) in this.roots.add(leaf.record.hash()) {
                    if let Some(said) = kept.get(&node).filter(|said| **said != hash) {
                        faults.push(LogFault {
                            code: Fault::NodeAltered,
                            table: Some("log_node".into()),
                            id: format!("[{},{}]", node.level, node.index),
                            said: Some(hash.to_string()),
                            stands: Some(said.to_string()),
                        });
                    }
                }
                this.compare(by_size.remove(&this.roots.size()), faults);
            }
            this.rows(catalog, &leaves, faults).await?;
            next = after;
        }
        for (size, roots) in by_size {
            for root in roots {
                faults.push(LogFault {
                    code: Fault::CutShort,
                    table: Some("log_leaf".into()),
                    id: size.to_string(),
                    said: Some(format!("{size} leaves, root {root}")),
                    stands: Some(format!("{} leaves", this.roots.size())),
                });
            }
        }
        Ok(this)
    }

    /// Compares the root so far with those that were signed for this size.
    fn compare(&self, signed: Option<BTreeSet<Hash>>, faults: &mut Vec<LogFault>) {
        for said in signed.unwrap_or_default() {
            if said != self.roots.root() {
                faults.push(LogFault {
                    code: Fault::Forked,
                    table: Some("log_leaf".into()),
                    id: self.roots.size().to_string(),
                    said: Some(format!("{} leaves, root {said}", self.roots.size())),
                    stands: Some(format!("{} leaves, root {}", self.roots.size(), self.roots.root())),
                });
            }
        }
    }

    /// Compares rows with what these leaves say of them.
    async fn rows(
        &mut self,
        catalog: &dyn Catalog,
        leaves: &[LeafEntry],
        faults: &mut Vec<LogFault>,
    ) -> Result<(), StoreError> {
        let mut keys: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for leaf in leaves {
            keys.entry(&leaf.record.kind).or_default().push(leaf.row_key.clone());
        }
        let mut rows = BTreeMap::new();
        for (kind, keys) in keys {
            rows.insert(kind, catalog.log_rows(kind, &keys).await?);
        }
        for leaf in leaves {
            let kind = leaf.record.kind.as_str();
            let stands = rows.get(kind).and_then(|rows| rows.get(&leaf.row_key));
            self.rows += 1;
            if stands.is_some_and(|stands| leaf.said(stands)) {
                continue;
            }
            // Another leaf may be the one that counts.
            let all = catalog.log_leaves_of(kind, &leaf.row_key).await?;
            let counts = if may_change(kind) { all.last() } else { all.first() };
            let is_first = all.first().is_some_and(|first| first.index == leaf.index);
            if !may_change(kind) && !is_first {
                faults.push(LogFault {
                    code: Fault::RowRestated,
                    table: Some(kind.to_owned()),
                    id: leaf.row_key.clone(),
                    said: all.first().map(content_of),
                    stands: Some(content_of(leaf)),
                });
                continue;
            }
            if counts.is_some_and(|counts| counts.index != leaf.index) {
                continue;
            }
            let (said, stands) = difference(leaf, stands);
            faults.push(LogFault {
                code: if stands.is_some() { Fault::RowRewritten } else { Fault::RowDropped },
                table: Some(kind.to_owned()),
                id: leaf.row_key.clone(),
                said: Some(said),
                stands,
            });
        }
        Ok(())
    }
}

fn content_of(leaf: &LeafEntry) -> String {
    leaf.content.clone().unwrap_or_else(|| format!("content with the salted digest {}", leaf.record.content))
}

/// What was said and what stands, of the columns in which they differ.
fn difference(leaf: &LeafEntry, stands: Option<&String>) -> (String, Option<String>) {
    type Columns = serde_json::Map<String, serde_json::Value>;
    let columns = |text: &str| serde_json::from_str::<Columns>(text).ok();
    let said = leaf.content.as_deref().and_then(columns);
    let (Some(mut said), Some(mut now)) = (said, stands.and_then(|text| columns(text))) else {
        return (content_of(leaf), stands.cloned());
    };
    let same: Vec<String> = said
        .iter()
        .filter(|(name, value)| now.get(*name) == Some(value))
        .map(|(name, _)| name.clone())
        .collect();
    for name in same {
        said.remove(&name);
        now.remove(&name);
    }
    (serde_json::Value::Object(said).to_string(), Some(serde_json::Value::Object(now).to_string()))
}
