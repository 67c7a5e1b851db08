//! Reading the log, its checkpoints and its keys, and comparing rows with it.

use std::collections::BTreeMap;

use async_trait::async_trait;
use sqlx::AssertSqlSafe;

use super::super::{SqlCatalog, signed, unsigned};
use super::nodes::hash_of;
use super::{content, nodes, numbered, row_width, tables};
use crate::log::leaf::{LeafRecord, id_digest};
use crate::log::tree::{Hash, Node};
use crate::store::{
    CheckpointEntry, KeyEntry, LeafEntry, Log, LogState, LogSubject, Misplaced, Setting, StoreError, Unlogged,
};
use crate::time::WallTime;

#[derive(sqlx::FromRow)]
struct LeafRow {
    leaf_no: i64,
    kind: String,
    row_key: String,
    at_us: i64,
    origin: String,
    salt: Vec<u8>,
    content_sha256: Vec<u8>,
    content: Option<String>,
    leaf_sha256: Vec<u8>,
}

impl LeafRow {
    fn entry(self) -> Result<LeafEntry, StoreError> {
        let record = LeafRecord {
            at: WallTime(self.at_us),
            content: hash_of(&self.content_sha256)?,
            id: id_digest(&self.salt, &self.row_key),
            kind: self.kind,
            origin: self.origin.parse()?,
        };
        Ok(LeafEntry {
            index: unsigned(self.leaf_no - 1)?,
            record,
            row_key: self.row_key,
            salt: self.salt,
            content: self.content,
            leaf_hash: hash_of(&self.leaf_sha256)?,
        })
    }
}

#[derive(sqlx::FromRow)]
struct CheckpointRow {
    size: i64,
    root: Vec<u8>,
    at_us: i64,
    note: String,
}

impl CheckpointRow {
    fn entry(self) -> Result<CheckpointEntry, StoreError> {
        Ok(CheckpointEntry {
            size: unsigned(self.size)?,
            root: hash_of(&self.root)?,
            at: WallTime(self.at_us),
            note: self.note,
        })
    }
}

#[async_trait]
impl Log for SqlCatalog {
    async fn log_state(&self) -> Result<LogState, StoreError> {
        let mut connection = self.pool.acquire().await?;
        let (log_id, begun_at_us, complete_at_us): (String, i64, Option<i64>) =
            sqlx::query_as("/* log_state */ SELECT log_id, begun_at_us, complete_at_us FROM log_identity")
                .fetch_one(&mut *connection)
                .await?;
        Ok(LogState {
            log_id,
            begun_at: WallTime(begun_at_us),
            complete_at: complete_at_us.map(WallTime),
            size: nodes::size(&mut connection).await?,
        })
    }

    async fn log_leaves(&self, from: u64, limit: u32) -> Result<Vec<LeafEntry>, StoreError> {
        let rows: Vec<LeafRow> = sqlx::query_as(
            "/* log_leaves */ SELECT leaf_no, kind, row_key, at_us, origin, salt, content_sha256, content, leaf_sha256
             FROM log_leaf WHERE leaf_no > $1 ORDER BY leaf_no LIMIT $2",
        )
        .bind(signed(from)?)
        .bind(i64::from(limit))
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(LeafRow::entry).collect()
    }

    async fn log_leaves_of(&self, kind: &str, row_key: &str) -> Result<Vec<LeafEntry>, StoreError> {
        let rows: Vec<LeafRow> = sqlx::query_as(
            "/* log_leaves_of */ SELECT leaf_no, kind, row_key, at_us, origin, salt, content_sha256, content,
                    leaf_sha256
             FROM log_leaf WHERE kind = $1 AND row_key = $2 ORDER BY leaf_no",
        )
        .bind(kind)
        .bind(row_key)
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(LeafRow::entry).collect()
    }

    async fn log_nodes(&self, nodes: &[Node]) -> Result<Vec<Hash>, StoreError> {
        nodes::nodes(&self.pool, nodes).await
    }

    async fn log_kept_nodes(&self) -> Result<Vec<(Node, Hash)>, StoreError> {
        let rows: Vec<(i64, i64, Vec<u8>)> = sqlx::query_as(
            "/* log_kept_nodes */ SELECT level, node_index, sha256 FROM log_node ORDER BY level, node_index",
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|(level, index, hash)| {
                Ok((Node { level: unsigned(level)?, index: unsigned(index)? }, hash_of(&hash)?))
            })
            .collect()
    }

    async fn log_rows(
        &self,
        kind: &str,
        row_keys: &[String],
    ) -> Result<BTreeMap<String, String>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        Ok(super::rows(&mut connection, kind, row_keys).await?.0)
    }

    async fn log_unlogged(&self, limit: u32) -> Result<Vec<Unlogged>, StoreError> {
        let mut unlogged = Vec::new();
        for (table, statements) in tables::all() {
            // The statement is put together from constants of ours.
            let rows = sqlx::query(AssertSqlSafe(statements.unlogged.as_str()))
                .bind(i64::MIN)
                .bind(i64::from(limit))
                .fetch_all(&self.pool)
                .await?;
            for row in rows {
                let (row_key, content) = content::of_row(&row, row_width(&row) - 1)?;
                unlogged.push(Unlogged { kind: table.kind.to_owned(), row_key, content });
            }
        }
        Ok(unlogged)
    }

    async fn log_misplaced(&self, limit: u32) -> Result<Vec<Misplaced>, StoreError> {
        type Row = (String, i64, i64, Option<i64>, i64, i64, Option<i64>);
        let rows: Vec<Row> = sqlx::query_as(
            concat!(
                "/* log_misplaced */ WITH last_seen AS (
                 SELECT subject, ",
                integer_of!("detail_json", "store"),
                " AS store_id, max(event_id) AS event_id FROM event
                 WHERE kind IN ('gone', 'returned') GROUP BY 1, 2),
             stood AS (
                 SELECT b.object_key, b.version, b.reading, b.gone_at_us,
                        (SELECT o.version FROM observation o WHERE o.object_id = b.object_id
                         ORDER BY o.version DESC, o.reading DESC LIMIT 1) AS last_version,
                        (SELECT o.reading FROM observation o WHERE o.object_id = b.object_id
                         ORDER BY o.version DESC, o.reading DESC LIMIT 1) AS last_reading,
                        CASE WHEN e.kind = 'gone' THEN e.at_us END AS last_gone_at_us
                 FROM object b
                 LEFT JOIN last_seen l ON l.subject = b.object_key AND l.store_id = b.store_id
                 LEFT JOIN event e ON e.event_id = l.event_id)
             SELECT object_key, version, reading, gone_at_us, coalesce(last_version, 0), coalesce(last_reading, 0),
                    last_gone_at_us
             FROM stood
             WHERE (version, reading, gone_at_us) IS DISTINCT FROM (last_version, last_reading, last_gone_at_us)
             ORDER BY object_key LIMIT $1"
            ),
        )
        .bind(i64::from(limit))
        .fetch_all(&self.pool)
        .await?;
        let state = |version: i64, reading: i64, gone: Option<i64>| {
            let gone = gone.map_or_else(|| "there".to_owned(), |at| format!("gone at {}", WallTime(at)));
            format!("version {version}, reading {reading}, {gone}")
        };
        Ok(rows
            .into_iter()
            .map(|(object_key, version, reading, gone, last_version, last_reading, last_gone)| Misplaced {
                object_key,
                expected: state(last_version, last_reading, last_gone),
                found: state(version, reading, gone),
            })
            .collect())
    }

    async fn log_keys_of(&self, subject: LogSubject<'_>) -> Result<Vec<(String, String)>, StoreError> {
        let (sql, name) = match subject {
            LogSubject::Object(key) => (
                concat!(
                    "/* log_keys_of */ SELECT 'observation', ",
                    array!("o.observation_id"),
                    "
                 FROM object b JOIN observation o USING (object_id) WHERE b.object_key = $1
                 UNION ALL
                 SELECT 'inspection', ",
                    array!("i.inspection_id"),
                    "
                 FROM object b JOIN inspection i USING (object_id) WHERE b.object_key = $1
                 UNION ALL
                 SELECT 'fixity_check', ",
                    array!("f.fixity_check_id"),
                    "
                 FROM object b JOIN fixity_check f USING (object_id) WHERE b.object_key = $1
                 UNION ALL
                 SELECT 'link', ",
                    array!("l.case_no", "l.stage_no", "l.object_key"),
                    " FROM link l WHERE l.object_key = $1"
                ),
                key,
            ),
            LogSubject::Case(case_no) => (
                concat!(
                    "/* log_keys_of */ SELECT 'enforcement_case', ",
                    array!("c.case_no"),
                    "
                 FROM enforcement_case c WHERE c.case_no = $1
                 UNION ALL
                 SELECT 'stage', ",
                    array!("s.case_no", "s.stage_no"),
                    " FROM stage s WHERE s.case_no = $1
                 UNION ALL
                 SELECT 'link', ",
                    array!("l.case_no", "l.stage_no", "l.object_key"),
                    " FROM link l WHERE l.case_no = $1
                 UNION ALL
                 SELECT 'excuse', ",
                    array!("e.case_no", "e.stage_no", "e.reason", "e.recorded_at_us"),
                    "
                 FROM excuse e WHERE e.case_no = $1
                 UNION ALL
                 SELECT 'excuse_withdrawal', ",
                    array!("w.case_no", "w.stage_no", "w.reason", "w.recorded_at_us"),
                    "
                 FROM excuse_withdrawal w WHERE w.case_no = $1"
                ),
                case_no,
            ),
            LogSubject::Round(round) => (
                concat!(
                    "/* log_keys_of */ SELECT 'round', ",
                    array!("r.round_id"),
                    " FROM round r WHERE r.round_id = $1
                 UNION ALL
                 SELECT 'announced_seed', ",
                    array!("a.round_id"),
                    " FROM announced_seed a WHERE a.round_id = $1
                 UNION ALL
                 SELECT 'round_draw', ",
                    array!("d.round_id"),
                    " FROM round_draw d WHERE d.round_id = $1
                 UNION ALL
                 SELECT 'round_act', ",
                    array!("a.round_act_id"),
                    " FROM round_act a WHERE a.round_id = $1
                 UNION ALL
                 SELECT 'review_assignment', ",
                    array!("a.round_id", "a.item", "a.seat", "a.revision"),
                    "
                 FROM review_assignment a WHERE a.round_id = $1
                 UNION ALL
                 SELECT 'review_event', ",
                    array!("e.round_id", "e.item", "e.number"),
                    "
                 FROM review_event e WHERE e.round_id = $1"
                ),
                round,
            ),
        };
        let mut keys: Vec<(String, String)> = sqlx::query_as(sql).bind(name).fetch_all(&self.pool).await?;
        keys.sort_unstable();
        Ok(keys)
    }

    async fn checkpoints(&self) -> Result<Vec<CheckpointEntry>, StoreError> {
        let rows: Vec<CheckpointRow> = sqlx::query_as(
            "/* checkpoints */ SELECT size, root, at_us, note FROM log_checkpoint ORDER BY checkpoint_id",
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(CheckpointRow::entry).collect()
    }

    async fn last_checkpoint(&self) -> Result<Option<CheckpointEntry>, StoreError> {
        let row: Option<CheckpointRow> = sqlx::query_as(
            "/* last_checkpoint */ SELECT size, root, at_us, note FROM log_checkpoint
             ORDER BY checkpoint_id DESC LIMIT 1",
        )
        .fetch_optional(&self.pool)
        .await?;
        row.map(CheckpointRow::entry).transpose()
    }

    async fn add_checkpoint(&self, checkpoint: &CheckpointEntry) -> Result<(), StoreError> {
        sqlx::query(
            "/* add_checkpoint */ INSERT INTO log_checkpoint (size, root, at_us, note) VALUES ($1, $2, $3, $4)",
        )
        .bind(signed(checkpoint.size)?)
        .bind(checkpoint.root.0.to_vec())
        .bind(checkpoint.at.0)
        .bind(&checkpoint.note)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    async fn log_keys(&self) -> Result<Vec<KeyEntry>, StoreError> {
        let rows: Vec<(String, i64, Option<String>)> =
            sqlx::query_as("/* log_keys */ SELECT vkey, since_us, statement FROM log_key ORDER BY key_no")
                .fetch_all(&self.pool)
                .await?;
        Ok(rows
            .into_iter()
            .map(|(vkey, since, statement)| KeyEntry { vkey, since: WallTime(since), statement })
            .collect())
    }

    async fn add_log_key(&self, key: &KeyEntry) -> Result<bool, StoreError> {
        let mut tx = self.write().await?;
        let number: Option<i64> = sqlx::query_scalar(
            "/* add_log_key */ INSERT INTO log_key (key_no, vkey, since_us, statement)
             SELECT n.key_no, $1, $2, $3 FROM (SELECT count(*) + 1 AS key_no FROM log_key) n
             WHERE (n.key_no = 1) = ($3 IS NULL)
             ON CONFLICT (vkey) DO NOTHING RETURNING key_no",
        )
        .bind(&key.vkey)
        .bind(key.since.0)
        .bind(&key.statement)
        .fetch_optional(&mut *tx)
        .await?;
        let Some(number) = number else { return Ok(false) };
        tx.wrote("log_key", &numbered(number), key.since);
        let detail = serde_json::json!({ "vkey": key.vkey });
        tx.happened(key.since, "log_key", "log", &detail);
        tx.commit().await?;
        Ok(true)
    }

    async fn note_setting(&self, setting: &Setting<'_>) -> Result<bool, StoreError> {
        let known: Option<String> = sqlx::query_scalar(
            "/* note_setting */ SELECT sha256 FROM setting WHERE kind = $1 AND name = $2
             ORDER BY setting_id DESC LIMIT 1",
        )
        .bind(setting.kind)
        .bind(setting.name)
        .fetch_optional(&self.pool)
        .await?;
        let is_known = known.as_deref().map_or(setting.is_default, |known| known == setting.sha256);
        if is_known {
            return Ok(false);
        }
        let mut tx = self.write().await?;
        let id: i64 = sqlx::query_scalar(
            "/* note_setting */ INSERT INTO setting (kind, name, sha256, text, at_us) VALUES ($1, $2, $3, $4, $5)
             RETURNING setting_id",
        )
        .bind(setting.kind)
        .bind(setting.name)
        .bind(setting.sha256)
        .bind(setting.text)
        .bind(setting.at.0)
        .fetch_one(&mut *tx)
        .await?;
        tx.wrote("setting", &numbered(id), setting.at);
        let detail = serde_json::json!({ "kind": setting.kind, "sha256": setting.sha256, "was": known });
        tx.happened(setting.at, "setting", setting.name, &detail);
        tx.commit().await?;
        Ok(true)
    }
}
