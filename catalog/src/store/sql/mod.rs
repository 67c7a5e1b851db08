//! The statements of the catalog, once for all engines.
//!
//! This folder is compiled once for each engine: `sqlite` and `postgres` mount it as a module of theirs and give it,
//! as `super`, the types of the engine's driver, what differs in the texts (macros of `dialect.rs`, which expand to literals),
//! and what differs in how a transaction begins, is numbered and is committed (`engine.rs`). So a statement stands in
//! one place, is a literal that the driver keeps prepared, and is checked by the compiler against each driver's types,
//! without bounds over `sqlx::Database` on every function.

mod accounts;
mod chunks;
mod copy;
mod custody;
mod drones;
mod excuses;
mod fixity;
mod footage;
mod heard;
mod identities;
mod import;
mod inspections;
mod listings;
mod log;
mod notices;
mod objects;
mod observations;
mod recordings;
mod records;
mod returns;
mod reviews;
mod revision;
mod rounds;
mod snapshot;
mod traces;
mod tracks;
mod trail;

use std::collections::BTreeMap;

use async_trait::async_trait;

use log::{Tx, numbered};

pub(super) use log::{LastLeaf, Numbers, begin as begin_log};
#[allow(unused_imports, reason = "one engine of the two hands over rows as JSON")]
pub(super) use observations::of_json;
#[cfg(test)]
#[allow(unused_imports, reason = "one engine of the two is asked for its plans")]
pub(super) use {
    fixity::{HELD, RUNS},
    footage::ALIKE,
    recordings::{BY_FACET, BY_KEY, BY_OWNERS, WALKS},
    revision::REVISION,
    snapshot::DAYS,
    trail::ALL as TRAIL,
};

use super::engine;
use super::engine::{Connection, Db, EngineRow, Pool};
use crate::case::{Case, Stage};
use crate::chunks::ChunkList;
use crate::drone_month::DroneMonth;
use crate::excuse::{Excuse, ExcuseEntry, Withdrawal};
use crate::import::{Import, ImportOutcome, KnownNames};
use crate::inspection::InspectOptions;
use crate::interval::Interval;
use crate::round::{Round, RoundAct, RoundBrief, RoundDraw};
use crate::snapshot::{ShouldExist, Snapshot};
use crate::store::{
    Alteration, Catalog, ImportOrigin, InspectionEntry, InspectionRecord, Listing, ObjectEntry, Reading,
    Recorded, RecordingEntry, RecordingQuery, Revision, StoreEntry, StoreError, StoreId, Totals, Uninspected,
};
use crate::time::{Month, WallTime};
use crate::trace::SoundEnvelope;
use crate::track::{SidecarClock, TrackEntry};
use crate::unit::Unit;

/// How many objects are marked gone in a transaction. PostgreSQL has a lock for each, and room for some thousands.
const GONE_AT_ONCE: usize = 500;

/// The catalog on one engine.
pub(in crate::store) struct SqlCatalog {
    pub(super) pool: Pool,
}

impl SqlCatalog {
    /// A transaction that no other of this kind runs beside: what it reads stays so until it is over.
    async fn write(&self) -> Result<Tx, StoreError> {
        Ok(Tx::new(engine::begin_alone(&self.pool).await?, &self.pool))
    }

    /// A transaction that writes what nobody else writes but under the same lock of a row, so that others may write
    /// beside it.
    async fn write_beside(&self) -> Result<Tx, StoreError> {
        Ok(Tx::new(engine::begin_beside(&self.pool).await?, &self.pool))
    }

    /// A transaction about one object; no other about the same one runs beside it.
    async fn write_object(&self, store: StoreId, object_key: &str) -> Result<Tx, StoreError> {
        Ok(Tx::new(engine::begin_objects(&self.pool, &[(store, object_key)]).await?, &self.pool))
    }

    /// A transaction that reads everything as of one moment.
    async fn read(&self) -> Result<Tx, StoreError> {
        Ok(Tx::new(engine::begin_reading(&self.pool).await?, &self.pool))
    }
}

/// A count or number that the schema keeps from being negative.
fn unsigned<T: TryFrom<i64>>(value: i64) -> Result<T, StoreError> {
    T::try_from(value).map_err(|_| StoreError::UnknownValue(format!("{value} where a count stands")))
}

/// A size or count as an engine's signed integer.
fn signed(value: u64) -> Result<i64, StoreError> {
    i64::try_from(value)
        .map_err(|_| StoreError::UnknownValue(format!("{value} is more than the catalog can hold")))
}

#[async_trait]
impl Catalog for SqlCatalog {
    async fn stores(&self) -> Result<Vec<StoreEntry>, StoreError> {
        objects::stores(&self.pool).await
    }

    async fn add_store(&self, url: &str, at: WallTime) -> Result<StoreEntry, StoreError> {
        let mut tx = self.write().await?;
        let store = objects::add_store(&mut tx, url, at).await?;
        tx.commit().await?;
        Ok(store)
    }

    async fn objects(&self, store: StoreId) -> Result<Vec<ObjectEntry>, StoreError> {
        objects::objects(&self.pool, store).await
    }

    async fn objects_named(
        &self,
        store: StoreId,
        object_keys: &[String],
    ) -> Result<Vec<ObjectEntry>, StoreError> {
        objects::objects_named(&self.pool, store, object_keys).await
    }

    async fn record(&self, reading: &Reading<'_>) -> Result<Recorded, StoreError> {
        let mut tx = self.write_object(reading.store, reading.object_key).await?;
        let recorded = objects::record(&mut tx, reading).await?;
        tx.commit().await?;
        Ok(recorded)
    }

    async fn record_all(&self, readings: &[Reading<'_>]) -> Result<Vec<Recorded>, StoreError> {
        let objects: Vec<_> = readings.iter().map(|reading| (reading.store, reading.object_key)).collect();
        let mut tx = Tx::new(engine::begin_objects(&self.pool, &objects).await?, &self.pool);
        let mut recorded = Vec::with_capacity(readings.len());
        for reading in readings {
            recorded.push(objects::record(&mut tx, reading).await?);
        }
        tx.commit().await?;
        Ok(recorded)
    }

    async fn record_inspection(&self, record: &InspectionRecord<'_>) -> Result<bool, StoreError> {
        let mut tx = self.write_object(record.store, record.object_key).await?;
        let recorded = inspections::record(&mut tx, record).await?;
        tx.commit().await?;
        Ok(recorded)
    }

    async fn uninspected(
        &self,
        store: StoreId,
        options: &InspectOptions,
    ) -> Result<Vec<Uninspected>, StoreError> {
        inspections::uninspected(&self.pool, store, options).await
    }

    async fn inspections(&self, object_key: &str) -> Result<Vec<InspectionEntry>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        inspections::of_key(&mut connection, object_key).await
    }

    async fn sound(&self, sha256: &str) -> Result<Option<SoundEnvelope>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        traces::sound(&mut connection, sha256).await
    }

    async fn chunk_list(&self, store: StoreId, object_key: &str) -> Result<Option<ChunkList>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        chunks::list(&mut connection, store, object_key).await
    }

    async fn alterations(&self, object_key: &str) -> Result<Vec<Alteration>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        chunks::alterations(&mut connection, object_key).await
    }

    async fn mark_gone(&self, store: StoreId, keys: &[String], at: WallTime) -> Result<u64, StoreError> {
        let mut marked = 0;
        for keys in keys.chunks(GONE_AT_ONCE) {
            let of_store: Vec<_> = keys.iter().map(|key| (store, &**key)).collect();
            let mut tx = Tx::new(engine::begin_objects(&self.pool, &of_store).await?, &self.pool);
            marked += objects::mark_gone(&mut tx, store, keys, at).await?;
            tx.commit().await?;
        }
        Ok(marked)
    }

    async fn record_listing(&self, listing: &Listing<'_>) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        listings::record(&mut tx, listing).await?;
        tx.commit().await
    }

    async fn add_excuse(&self, excuse: &Excuse) -> Result<bool, StoreError> {
        let mut tx = self.write().await?;
        let added = excuses::add(&mut tx, excuse).await?;
        tx.commit().await?;
        Ok(added)
    }

    async fn withdraw_excuse(&self, excuse: &Excuse, withdrawal: &Withdrawal) -> Result<bool, StoreError> {
        let mut tx = self.write().await?;
        let withdrawn = excuses::withdraw(&mut tx, excuse, withdrawal).await?;
        tx.commit().await?;
        Ok(withdrawn)
    }

    async fn excuses(&self, interval: Interval<WallTime>) -> Result<Vec<ExcuseEntry>, StoreError> {
        excuses::of_stages_in(&self.pool, interval).await
    }

    async fn known_names(&self) -> Result<KnownNames, StoreError> {
        import::known_names(&self.pool).await
    }

    async fn import(
        &self,
        import: &Import,
        origin: &ImportOrigin<'_>,
        at: WallTime,
    ) -> Result<ImportOutcome, StoreError> {
        let mut tx = self.write().await?;
        let outcome = import::import(&mut tx, import, origin, at).await?;
        tx.commit().await?;
        Ok(outcome)
    }

    async fn preview(
        &self,
        import: &Import,
        origin: &ImportOrigin<'_>,
        at: WallTime,
    ) -> Result<ImportOutcome, StoreError> {
        let mut tx = self.write().await?;
        let outcome = import::import(&mut tx, import, origin, at).await?;
        tx.rollback().await?;
        Ok(outcome)
    }

    async fn snapshot(&self, month: Month, as_of: WallTime) -> Result<Snapshot, StoreError> {
        // One transaction, so that all parts are of one moment.
        let mut tx = self.read().await?;
        let snapshot = snapshot::snapshot(&mut tx, month, as_of).await?;
        tx.rollback().await?;
        Ok(snapshot)
    }

    async fn should_exist(&self, from: Month, to: Month) -> Result<ShouldExist, StoreError> {
        let mut tx = self.read().await?;
        let found = snapshot::should_exist(&mut tx, from.start(), to.next().start()).await?;
        tx.rollback().await?;
        Ok(found)
    }

    async fn drone_month(
        &self,
        month: Month,
        since: WallTime,
        as_of: WallTime,
    ) -> Result<DroneMonth, StoreError> {
        // One transaction, so that all parts are of one moment.
        let mut tx = self.read().await?;
        let month = drones::month(&mut tx, month, since, as_of).await?;
        tx.rollback().await?;
        Ok(month)
    }

    async fn flown_months(&self) -> Result<Vec<Month>, StoreError> {
        drones::months(&self.pool).await
    }

    async fn months(&self) -> Result<Vec<Month>, StoreError> {
        snapshot::months(&self.pool).await
    }

    async fn units(&self) -> Result<Vec<Unit>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        snapshot::units(&mut connection).await
    }

    async fn units_of_cases(&self, cases: &[String]) -> Result<BTreeMap<String, String>, StoreError> {
        snapshot::units_of_cases(&self.pool, cases).await
    }

    async fn case(&self, case_no: &str) -> Result<Option<(Case, Vec<Stage>)>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        snapshot::case(&mut connection, case_no).await
    }

    async fn recordings(&self, query: &RecordingQuery) -> Result<Vec<RecordingEntry>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        recordings::list(&mut connection, query).await
    }

    async fn recording(&self, object_key: &str) -> Result<Vec<RecordingEntry>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        recordings::of_key(&mut connection, object_key).await
    }

    async fn tracks(&self, object_key: &str) -> Result<Vec<TrackEntry>, StoreError> {
        tracks::of_key(&self.pool, object_key).await
    }

    async fn sidecar_clocks(&self, store: StoreId) -> Result<Vec<SidecarClock>, StoreError> {
        tracks::sidecar_clocks(&self.pool, store).await
    }

    async fn totals(&self) -> Result<Totals, StoreError> {
        recordings::totals(&self.pool, None).await
    }

    async fn totals_within(&self, unit: &str) -> Result<Totals, StoreError> {
        recordings::totals(&self.pool, Some(unit)).await
    }

    async fn recording_of_id(&self, id: &str) -> Result<Option<RecordingEntry>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        recordings::of_id(&mut connection, id).await
    }

    async fn revision(&self) -> Result<Revision, StoreError> {
        revision::revision(&self.pool).await
    }

    async fn freeze_round(&self, round: &Round) -> Result<bool, StoreError> {
        let mut tx = self.write().await?;
        let frozen = rounds::freeze(&mut tx, round).await?;
        tx.commit().await?;
        Ok(frozen)
    }

    async fn round(&self, id: &str) -> Result<Option<Round>, StoreError> {
        rounds::one(&self.pool, id).await
    }

    async fn rounds(&self) -> Result<Vec<Round>, StoreError> {
        rounds::all(&self.pool).await
    }

    async fn rounds_in_brief(&self) -> Result<Vec<RoundBrief>, StoreError> {
        rounds::in_brief(&self.pool).await
    }

    async fn draw_round(&self, id: &str, draw: &RoundDraw) -> Result<bool, StoreError> {
        let mut tx = self.write().await?;
        let drawn = rounds::draw(&mut tx, id, draw).await?;
        tx.commit().await?;
        Ok(drawn)
    }

    async fn add_round_act(&self, id: &str, act: &RoundAct) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        rounds::add_act(&mut tx, id, act).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn round_acts(&self, id: &str) -> Result<Vec<RoundAct>, StoreError> {
        rounds::acts(&self.pool, id).await
    }
}
