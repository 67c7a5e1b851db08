//! The transparency log: its state, its leaves as they can be published, proofs, and the last signed root.
//!
//! Rows are shown only to those who see everything; everybody who may see anything gets digests, roots and paths, which
//! name nobody.

use axum::Json;
use axum::extract::State;
use axum::http::{Uri, header};
use axum::response::{IntoResponse, Response};
use catalog::log::Hash;
use catalog::store::LogSubject;
use serde::Serialize;
use serde_json::{Value, json};

use crate::log::proof::{self, ConsistencyProof, KeyLine, ProofFile};
use crate::log::{LogError, origin, root};
use crate::server::App;
use crate::server::params::Params;
use crate::server::problem::{Code, Problem};

/// A signed root.
#[derive(Debug, Serialize)]
pub(in crate::server) struct SignedRoot {
    size: u64,
    root: Hash,
    at: catalog::WallTime,
    note: String,
}

/// The state of the log.
#[derive(Debug, Serialize)]
pub(in crate::server) struct LogNow {
    log: String,
    size: u64,
    root: Hash,
    begun_at: catalog::WallTime,
    keys: Vec<KeyLine>,
    checkpoint: Option<SignedRoot>,
}

/// `log`: which one it is, how far it goes, who signs it, and what was signed last.
pub(in crate::server) async fn now(State(app): State<App>, uri: Uri) -> Result<Json<LogNow>, Problem> {
    Params::of(&uri, &[])?;
    let catalog = app.catalog();
    let state = catalog.log_state().await?;
    let checkpoint = catalog.last_checkpoint().await?.map(|entry| SignedRoot {
        size: entry.size,
        root: entry.root,
        at: entry.at,
        note: entry.note,
    });
    Ok(Json(LogNow {
        log: origin(&state.log_id),
        size: state.size,
        root: root(catalog, state.size).await?,
        begun_at: state.begun_at,
        keys: catalog.log_keys().await?.into_iter().map(KeyLine::from).collect(),
        checkpoint,
    }))
}

/// `log/entries`: what the leaves say, from `after` (the number of the last one that was seen) on.
pub(in crate::server) async fn entries(State(app): State<App>, uri: Uri) -> Result<Json<Value>, Problem> {
    let params = Params::of(&uri, &["after", "limit"])?;
    let from = match params.number("after")? {
        None => 0,
        Some(after) => u64::try_from(after).unwrap_or(0).saturating_add(1),
    };
    let leaves = app.catalog().log_leaves(from, params.limit(100, 500)?).await?;
    let next = leaves.last().map(|leaf| leaf.index);
    let entries: Vec<Value> = leaves
        .into_iter()
        .map(|leaf| json!({ "index": leaf.index, "record": leaf.record.form(), "leaf_hash": leaf.leaf_hash }))
        .collect();
    Ok(Json(json!({ "entries": entries, "next": next })))
}

/// `log/proof`: that an `entry`, or everything that is logged about an `object`, is in the log that was signed last.
pub(in crate::server) async fn prove(State(app): State<App>, uri: Uri) -> Result<Json<ProofFile>, Problem> {
    let params = Params::of(&uri, &["entry", "object", "rows"])?;
    let catalog = app.catalog();
    let mut leaves = match (params.number("entry")?, params.text("object")) {
        (Some(entry), None) => vec![proof::leaf(catalog, u64::try_from(entry).unwrap_or(u64::MAX)).await?],
        (None, Some(object)) => proof::leaves_of(catalog, LogSubject::Object(object)).await?,
        _ => {
            return Err(Problem::parameter(
                "entry",
                "Give either `entry`, a number, or `object`, a key.".to_owned(),
                "请给出条目编号（entry）或对象键（object），二者择一。".to_owned(),
            ));
        }
    };
    let checkpoint = catalog.last_checkpoint().await?.ok_or_else(unsigned)?;
    leaves.retain(|leaf| leaf.index < checkpoint.size);
    if leaves.is_empty() {
        return Err(unsigned());
    }
    let rows = params.flag("rows")?.unwrap_or(true);
    Ok(Json(proof::prove(catalog, leaves, &checkpoint, rows).await?))
}

/// `log/consistency`: that the log of `from` entries is the beginning of that of `to`.
pub(in crate::server) async fn consistency(
    State(app): State<App>,
    uri: Uri,
) -> Result<Json<ConsistencyProof>, Problem> {
    let params = Params::of(&uri, &["from", "to"])?;
    let size = |number: i64| u64::try_from(number).unwrap_or(0);
    let from = params.number("from")?.map_or(0, size);
    let to = match params.number("to")? {
        Some(to) => size(to),
        None => app.catalog().log_state().await?.size,
    };
    Ok(Json(proof::consistency(app.catalog(), from, to).await?))
}

/// `log/checkpoint`: the root that was signed last, as a signed note.
pub(in crate::server) async fn checkpoint(State(app): State<App>, uri: Uri) -> Result<Response, Problem> {
    Params::of(&uri, &[])?;
    let entry = app.catalog().last_checkpoint().await?.ok_or_else(unsigned)?;
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], entry.note).into_response())
}

fn unsigned() -> Problem {
    Problem::new(
        Code::NotFound,
        "No checkpoint vouches for this yet; the service signs one a minute after something was written.",
        "尚无检查点担保该内容；写入后一分钟内，服务会自动签署检查点。",
    )
}

/// Nothing can be signed, so nothing can be proven anew.
pub(super) fn key_away(why: &dyn std::fmt::Display) -> Problem {
    Problem::new(
        Code::LogKeyAway,
        "The key that signs the log is not there, or is another log's: its file has to be restored from its copy. What was \
         signed so far holds. The service's log says more under the number of this request.",
        "签署日志的私钥文件缺失或不属于本日志，请由运维人员从备份恢复；此前已签署的检查点仍然有效。详见服务日志（按请求编号查找）。",
    )
    .because(why)
}

impl From<LogError> for Problem {
    fn from(error: LogError) -> Self {
        match error {
            LogError::Store(error) => error.into(),
            LogError::NoSuchEntry(entry) => Self::new(
                Code::NotFound,
                format!("The log has no entry {entry}."),
                format!("日志中没有第 {entry} 条。"),
            ),
            LogError::NothingAbout(object) => Self::new(
                Code::NotFound,
                format!("The log says nothing of `{object}`."),
                format!("日志中没有关于“{object}”的条目。"),
            ),
            LogError::NoSuchSizes { from, to, size } => Self::new(
                Code::BadParameter,
                format!(
                    "`from` must not be more than `to`, nor `to` more than {size}: they are {from} and {to}."
                ),
                format!("from 不得大于 to，to 不得大于 {size}；现为 {from} 与 {to}。"),
            ),
            error @ (LogError::Key { .. } | LogError::KeyLost { .. }) => key_away(&error),
            other => Self::internal(&other),
        }
    }
}
