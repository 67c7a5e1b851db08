//! Checks of stored bytes: runs, what each check found, and what is known of each object's risk.

use async_trait::async_trait;

use super::{SqlCatalog, Tx, numbered, objects, signed, snapshot, unsigned};
use crate::chunks::AlteredRange;
use crate::fixity::{CheckOutcome, FixityEnd, RiskClass};
use crate::held::{Drawing, Ground, HeldObject, ObjectId, StoreId, Taken};
use crate::interval::Interval;
use crate::observation::MediaSpan;
use crate::store::fixity::{Checked, Fixity, FixityBegin, FixityFinding, FixityRun, FixityRunId, Unchecked};
use crate::store::{Recorded, StoreError};
use crate::time::{MediaTime, Micros, WallTime};

/// The objects that are there after the number `$1`, `$2` of them. Each costs a look into the index of its checks, and into
/// that of its digest.
pub(in super::super) const HELD: &str = "/* held */ SELECT b.object_id, b.store_id, b.object_key, o.size_bytes, o.device, o.badge, o.started_at_us,
         o.duration_us,
         CASE WHEN c.at_us > o.observed_at_us THEN c.at_us ELSE o.observed_at_us END AS read_at_us,
         (b.signature <> '' AND b.signature <> o.signature AND b.signature <> coalesce(c.signature, ''))
         OR (c.fixity_check_id IS NULL AND EXISTS (
                 SELECT 1 FROM observation t JOIN object g ON g.object_id = t.object_id
                 WHERE t.sha256 = o.sha256 AND t.object_id <> b.object_id AND g.gone_at_us IS NOT NULL)) AS moved
     FROM object b JOIN observation o USING (object_id, version, reading)
     LEFT JOIN fixity_check c ON c.fixity_check_id = (
         SELECT max(k.fixity_check_id) FROM fixity_check k
         WHERE k.object_id = b.object_id AND k.outcome IN ('intact', 'altered'))
     WHERE b.object_id > $1 AND b.gone_at_us IS NULL ORDER BY b.object_id LIMIT $2";

#[derive(sqlx::FromRow)]
struct HeldRow {
    object_id: i64,
    store_id: i64,
    object_key: String,
    size_bytes: i64,
    device: Option<String>,
    badge: Option<String>,
    started_at_us: Option<i64>,
    duration_us: Option<i64>,
    read_at_us: i64,
    moved: bool,
}

impl HeldRow {
    fn held(self) -> Result<HeldObject, StoreError> {
        // Of a file that cannot be read at least the beginning may be known.
        let ran = self.started_at_us.map(|start_us| {
            let end_us = start_us.saturating_add(self.duration_us.unwrap_or_default());
            Interval::new(WallTime(start_us), WallTime(end_us))
        });
        Ok(HeldObject {
            id: ObjectId(self.object_id),
            store: StoreId(self.store_id),
            object_key: self.object_key,
            size_bytes: unsigned(self.size_bytes)?,
            device: self.device,
            badge: self.badge,
            ran,
            read_at: WallTime(self.read_at_us),
            moved: self.moved,
        })
    }
}

#[derive(sqlx::FromRow)]
struct RunRow {
    fixity_run_id: i64,
    begun_at_us: i64,
    policy: String,
    budget_us: Option<i64>,
    budget_bytes: Option<i64>,
    due_objects: i64,
    due_bytes: i64,
    ended_at_us: Option<i64>,
    ended: Option<String>,
    last_check_at_us: Option<i64>,
    bytes_read: i64,
    intact: i64,
    altered: i64,
    missing: i64,
    unreadable: i64,
}

impl RunRow {
    fn run(self) -> Result<FixityRun, StoreError> {
        Ok(FixityRun {
            run: FixityRunId(self.fixity_run_id),
            begun_at: WallTime(self.begun_at_us),
            policy: self.policy,
            budget_us: self.budget_us.map(Micros),
            budget_bytes: self.budget_bytes.map(unsigned).transpose()?,
            due_objects: unsigned(self.due_objects)?,
            due_bytes: unsigned(self.due_bytes)?,
            ended_at: self.ended_at_us.map(WallTime),
            end: self.ended.as_deref().map(str::parse).transpose()?,
            last_check_at: self.last_check_at_us.map(WallTime),
            bytes_read: unsigned(self.bytes_read)?,
            intact: unsigned(self.intact)?,
            altered: unsigned(self.altered)?,
            missing: unsigned(self.missing)?,
            unreadable: unsigned(self.unreadable)?,
        })
    }
}

/// Runs from the last one back. What a run came to is counted along the index of its checks.
pub(in super::super) const RUNS: &str = "/* fixity_runs */ SELECT r.fixity_run_id, r.begun_at_us, r.policy, r.budget_us, r.budget_bytes, r.due_objects, r.due_bytes,
         e.at_us AS ended_at_us, e.ended,
         (SELECT max(c.at_us) FROM fixity_check c WHERE c.fixity_run_id = r.fixity_run_id) AS last_check_at_us,
         (SELECT CAST(coalesce(sum(c.bytes_read), 0) AS BIGINT) FROM fixity_check c
          WHERE c.fixity_run_id = r.fixity_run_id) AS bytes_read,
         (SELECT count(*) FROM fixity_check c
          WHERE c.fixity_run_id = r.fixity_run_id AND c.outcome = 'intact') AS intact,
         (SELECT count(*) FROM fixity_check c
          WHERE c.fixity_run_id = r.fixity_run_id AND c.outcome = 'altered') AS altered,
         (SELECT count(*) FROM fixity_check c
          WHERE c.fixity_run_id = r.fixity_run_id AND c.outcome = 'missing') AS missing,
         (SELECT count(*) FROM fixity_check c
          WHERE c.fixity_run_id = r.fixity_run_id AND c.outcome = 'unreadable') AS unreadable
     FROM fixity_run r LEFT JOIN fixity_run_end e USING (fixity_run_id)
     ORDER BY r.fixity_run_id DESC LIMIT $1";

#[derive(sqlx::FromRow)]
struct FoundRow {
    fixity_run_id: i64,
    object_id: i64,
    url: String,
    object_key: String,
    version: i64,
    at_us: i64,
    class: String,
    outcome: String,
    detail: Option<String>,
}

impl SqlCatalog {
    /// Where the version after `version` is not what that was; `None` where that could not be located.
    async fn ranges_after(
        &self,
        object_id: i64,
        version: i64,
    ) -> Result<Option<Vec<AlteredRange>>, StoreError> {
        // Without a list of the version before there was nothing to compare with.
        let lists: i64 = sqlx::query_scalar(
            "/* ranges_after */ SELECT count(*) FROM chunk_list WHERE object_id = $1 AND version = $2",
        )
        .bind(object_id)
        .bind(version)
        .fetch_one(&self.pool)
        .await?;
        if lists == 0 {
            return Ok(None);
        }
        let rows: Vec<(i64, i64, Option<i64>, Option<i64>)> = sqlx::query_as(
            "/* ranges_after */ SELECT start_byte, end_byte, start_us, end_us FROM altered_range
             WHERE object_id = $1 AND version = $2 ORDER BY start_byte",
        )
        .bind(object_id)
        .bind(version + 1)
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|(start_byte, end_byte, start_us, end_us)| {
                let span = start_us.zip(end_us);
                let span =
                    span.map(|(start, end)| MediaSpan { start_us: MediaTime(start), end_us: MediaTime(end) });
                Ok(AlteredRange { start_byte: unsigned(start_byte)?, end_byte: unsigned(end_byte)?, span })
            })
            .collect::<Result<_, StoreError>>()
            .map(Some)
    }
}

/// A check, as it is put into its table.
struct Row<'a> {
    run: FixityRunId,
    object_id: i64,
    version: i64,
    at: WallTime,
    class: RiskClass,
    outcome: CheckOutcome,
    bytes_read: u64,
    signature: Option<&'a str>,
    detail: Option<&'a str>,
}

async fn add(tx: &mut Tx, row: Row<'_>) -> Result<(), StoreError> {
    let id: i64 = sqlx::query_scalar(
        "/* add_check */ INSERT INTO fixity_check
             (fixity_run_id, object_id, version, at_us, class, outcome, bytes_read, signature, detail)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING fixity_check_id",
    )
    .bind(row.run.0)
    .bind(row.object_id)
    .bind(row.version)
    .bind(row.at.0)
    .bind(row.class.as_str())
    .bind(row.outcome.as_str())
    .bind(signed(row.bytes_read)?)
    .bind(row.signature)
    .bind(row.detail)
    .fetch_one(&mut **tx)
    .await?;
    tx.wrote("fixity_check", &numbered(id), row.at);
    Ok(())
}

/// Number and present version of an object.
async fn present(tx: &mut Tx, store: StoreId, object_key: &str) -> Result<Option<(i64, i64)>, StoreError> {
    Ok(sqlx::query_as(
        "/* present */ SELECT object_id, version FROM object WHERE store_id = $1 AND object_key = $2",
    )
    .bind(store.0)
    .bind(object_key)
    .fetch_optional(&mut **tx)
    .await?)
}

#[async_trait]
impl Fixity for SqlCatalog {
    async fn held(&self, after: ObjectId, limit: u32) -> Result<Vec<HeldObject>, StoreError> {
        let rows: Vec<HeldRow> =
            sqlx::query_as(HELD).bind(after.0).bind(i64::from(limit)).fetch_all(&self.pool).await?;
        rows.into_iter().map(HeldRow::held).collect()
    }

    async fn ground(&self) -> Result<Ground, StoreError> {
        let (from, until) = (WallTime(i64::MIN), WallTime(i64::MAX));
        let mut tx = self.read().await?;
        let draws: Vec<(String, i64, String)> = sqlx::query_as(
            "/* ground */ SELECT round_id, drawn_at_us, draw_json FROM round_draw
             UNION ALL SELECT round_id, at_us, draw_json FROM round_act WHERE draw_json IS NOT NULL ORDER BY 1, 2, 3",
        )
        .fetch_all(&mut *tx)
        .await?;
        let draws = draws.into_iter().map(|(round, at_us, document)| Drawing {
            round,
            at: WallTime(at_us),
            document,
        });
        let acts: Vec<(String, i64, String)> = sqlx::query_as(
            "/* ground */ SELECT round_id, at_us, taken_json FROM round_act ORDER BY round_act_id",
        )
        .fetch_all(&mut *tx)
        .await?;
        let mut taken = Vec::new();
        for (round, at_us, items) in acts {
            let items: Vec<String> = serde_json::from_str(&items)
                .map_err(|error| StoreError::UnknownValue(format!("{items}: {error}")))?;
            let at = WallTime(at_us);
            taken.extend(items.into_iter().map(|item| Taken { round: round.clone(), at, item }));
        }
        let ground = Ground {
            devices: snapshot::devices(&mut tx).await?,
            cases: snapshot::cases(&mut tx, from, until).await?,
            stages: snapshot::stages(&mut tx, from, until).await?,
            links: snapshot::links(&mut tx, from, until).await?,
            draws: draws.collect(),
            taken,
        };
        tx.rollback().await?;
        Ok(ground)
    }

    async fn begin_fixity(&self, begin: &FixityBegin) -> Result<FixityRunId, StoreError> {
        let mut tx = self.write_beside().await?;
        let id: i64 = sqlx::query_scalar(
            "/* begin_fixity */ INSERT INTO fixity_run
                 (begun_at_us, policy, budget_us, budget_bytes, due_objects, due_bytes)
             VALUES ($1, $2, $3, $4, $5, $6) RETURNING fixity_run_id",
        )
        .bind(begin.at.0)
        .bind(&begin.policy)
        .bind(begin.budget_us.map(|budget| budget.0))
        .bind(begin.budget_bytes.map(signed).transpose()?)
        .bind(signed(begin.due_objects)?)
        .bind(signed(begin.due_bytes)?)
        .fetch_one(&mut *tx)
        .await?;
        tx.wrote("fixity_run", &numbered(id), begin.at);
        tx.commit().await?;
        Ok(FixityRunId(id))
    }

    async fn end_fixity(&self, run: FixityRunId, end: FixityEnd, at: WallTime) -> Result<bool, StoreError> {
        let mut tx = self.write_beside().await?;
        let added = sqlx::query(
            "/* end_fixity */ INSERT INTO fixity_run_end (fixity_run_id, at_us, ended) VALUES ($1, $2, $3)
             ON CONFLICT (fixity_run_id) DO NOTHING",
        )
        .bind(run.0)
        .bind(at.0)
        .bind(end.as_str())
        .execute(&mut *tx)
        .await?
        .rows_affected()
            > 0;
        if added {
            tx.wrote("fixity_run_end", &numbered(run.0), at);
        }
        tx.commit().await?;
        Ok(added)
    }

    async fn record_check(&self, checked: &Checked<'_>) -> Result<Recorded, StoreError> {
        let reading = &checked.reading;
        let mut tx = self.write_object(reading.store, reading.object_key).await?;
        let before = present(&mut tx, reading.store, reading.object_key).await?;
        let recorded = objects::record(&mut tx, reading).await?;
        if let Some((object_id, version)) = before {
            let outcome = match recorded {
                Recorded::Altered { .. } => CheckOutcome::Altered,
                Recorded::New | Recorded::SameBytes | Recorded::Reread => CheckOutcome::Intact,
            };
            let row = Row {
                run: checked.run,
                object_id,
                version,
                at: reading.observed_at,
                class: checked.class,
                outcome,
                bytes_read: checked.bytes_read,
                signature: Some(reading.signature),
                detail: None,
            };
            add(&mut tx, row).await?;
        }
        tx.commit().await?;
        Ok(recorded)
    }

    async fn record_unchecked(&self, unchecked: Unchecked<'_>) -> Result<(), StoreError> {
        let Unchecked { run, class, store, object_key, at, missing, detail } = unchecked;
        let mut tx = self.write_object(store, object_key).await?;
        if let Some((object_id, version)) = present(&mut tx, store, object_key).await? {
            if missing {
                objects::mark_gone(&mut tx, store, &[object_key.to_owned()], at).await?;
            }
            let outcome = if missing { CheckOutcome::Missing } else { CheckOutcome::Unreadable };
            let row = Row {
                run,
                object_id,
                version,
                at,
                class,
                outcome,
                bytes_read: 0,
                signature: None,
                detail: Some(detail),
            };
            add(&mut tx, row).await?;
        }
        tx.commit().await
    }

    async fn fixity_runs(&self, limit: u32) -> Result<Vec<FixityRun>, StoreError> {
        let rows: Vec<RunRow> = sqlx::query_as(RUNS).bind(i64::from(limit)).fetch_all(&self.pool).await?;
        rows.into_iter().map(RunRow::run).collect()
    }

    async fn fixity_findings(
        &self,
        run: Option<FixityRunId>,
        limit: u32,
    ) -> Result<Vec<FixityFinding>, StoreError> {
        let rows: Vec<FoundRow> = sqlx::query_as(
            "/* fixity_findings */ SELECT c.fixity_run_id, c.object_id, s.url, b.object_key, c.version, c.at_us, c.class,
                    c.outcome, c.detail
             FROM fixity_check c JOIN object b USING (object_id) JOIN store s USING (store_id)
             WHERE c.outcome <> 'intact' AND ($1 IS NULL OR c.fixity_run_id = $1)
             ORDER BY c.fixity_check_id DESC LIMIT $2",
        )
        .bind(run.map(|run| run.0))
        .bind(i64::from(limit))
        .fetch_all(&self.pool)
        .await?;
        let mut found = Vec::with_capacity(rows.len());
        for row in rows {
            let outcome: CheckOutcome = row.outcome.parse()?;
            let ranges = match outcome {
                CheckOutcome::Altered => self.ranges_after(row.object_id, row.version).await?,
                _ => None,
            };
            found.push(FixityFinding {
                run: FixityRunId(row.fixity_run_id),
                id: ObjectId(row.object_id).name(),
                store: row.url,
                object_key: row.object_key,
                version: unsigned(row.version)?,
                at: WallTime(row.at_us),
                class: row.class.parse()?,
                outcome,
                detail: row.detail,
                ranges,
            });
        }
        Ok(found)
    }
}
