//! The main part of a run: reading what is new or changed, and recording it.
//!
//! An object that changes while it is read is begun anew with what is there now, a few times.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use catalog::WallTime;
use catalog::store::{Catalog, Reading, Recorded, StoreEntry, StoreError, StoreId};
use confined::MediaReport;
use object_store::ObjectMeta;
use work::{Delivery, Task};

use crate::driving::{Begun, Deliveries, Settle, Unread, drive_all, failed, unread};
use crate::location::Location;
use crate::observed::{Observed, observe};
use crate::plan::{Planned, Reason, signature};
use crate::reading::{ObjectReading, ReadError, ReadOptions};
use crate::run::{Ingest, Outcome, Progress, RunError, Show};
use crate::sidecar::Sidecars;
use crate::summary::{Altered, Quarantined, Summary};
use crate::tasks::{meta, to_read, written_at};

/// An object as it was when it was read, and what came of that.
pub(crate) type Read = (ObjectMeta, Result<ObjectReading<MediaReport>, ReadError>);

/// What is to be recorded of an object.
pub(crate) struct ToRecord {
    store: StoreId,
    object_key: String,
    signature: String,
    written_at: Option<WallTime>,
    observed: Observed,
}

impl Ingest {
    /// Reads and records the objects that are `planned`.
    pub(crate) async fn read_all(
        &self,
        location: &Location,
        store: &StoreEntry,
        planned: Vec<Planned>,
        sidecars: &Sidecars,
        summary: &mut Summary,
        progress: &Show<'_>,
    ) -> Result<(), RunError> {
        let bytes = Arc::new(AtomicU64::new(0));
        let options = ReadOptions {
            sm3: self.options.sm3,
            progress: Some(Arc::clone(&bytes)),
            link: Arc::clone(&location.link),
            ..ReadOptions::default()
        };
        let tasks = planned.into_iter().map(|planned| to_read(&store.url, String::new(), &planned));
        let begin = async |delivery: &dyn Delivery| {
            let Task { object_key, listed, reason, .. } = delivery.task();
            let Some(meta) = listed.as_ref().and_then(|listed| meta(object_key, listed)) else {
                return Ok(Begun::Settled(Settle::Done));
            };
            let earlier = match reason {
                Reason::New => None,
                _ => self.catalog.chunk_list(store.id, object_key).await?.map(Arc::new),
            };
            let (reader, objects) = (self.reader.clone(), Arc::clone(&location.store));
            let said_the_same = matches!(reason, Reason::Retry | Reason::Sidecar);
            let options = ReadOptions { earlier, said_the_same, ..options.clone() };
            let abort = self.stop.abort.clone();
            Ok(Begun::Work(move || reader.read_latest(&objects, meta, &options, &abort)))
        };
        let finish = async |_: &Deliveries, read: Vec<Read>| {
            let count = read.len();
            self.keep_all(store, read, sidecars, summary, progress).await?;
            // What failed is in the summary, and the same command does it again.
            Ok(std::iter::repeat_n(Settle::Done, count).collect())
        };
        let tick = || progress(Progress::Bytes(bytes.swap(0, Ordering::Relaxed)));
        drive_all(self.options.parallel, &self.stop, tasks, begin, finish, tick).await
    }

    /// Records what became of objects.
    pub(crate) async fn keep_all(
        &self,
        store: &StoreEntry,
        read: Vec<Read>,
        sidecars: &Sidecars,
        summary: &mut Summary,
        progress: &Show<'_>,
    ) -> Result<(), RunError> {
        let mut to_record = Vec::with_capacity(read.len());
        let mut ended = Ok(());
        for read in read {
            match self.understand(store, read, sidecars, summary, progress).await {
                Ok(understood) => to_record.extend(understood),
                Err(error) => {
                    // What was read before it is recorded all the same.
                    ended = Err(error);
                    break;
                }
            }
        }
        let recorded = self.record(&to_record).await?;
        for (to_record, recorded) in to_record.into_iter().zip(recorded) {
            match recorded {
                Ok(recorded) => to_record.told(recorded, summary, progress),
                Err(error) => failed(&to_record.object_key, error.to_string(), summary, progress),
            }
        }
        ended
    }

    /// Puts together what is to be recorded of an object; `None`, having said why, if it could not be read.
    pub(crate) async fn understand(
        &self,
        store: &StoreEntry,
        (meta, result): Read,
        sidecars: &Sidecars,
        summary: &mut Summary,
        progress: &Show<'_>,
    ) -> Result<Option<ToRecord>, RunError> {
        let key = meta.location.as_ref();
        let reading = match result {
            Ok(reading) => reading,
            Err(error) => {
                if unread(key, error, summary, progress)? == Unread::Vanished {
                    summary.gone +=
                        self.catalog.mark_gone(store.id, &[key.to_owned()], self.clock.now()).await?;
                    summary.vanished += 1;
                }
                return Ok(None);
            }
        };
        summary.bytes_read += reading.bytes_read;
        let observed = match observe(&self.options, key, reading, sidecars) {
            Ok(observed) => observed,
            Err(error) => {
                failed(key, error, summary, progress);
                return Ok(None);
            }
        };
        Ok(Some(ToRecord {
            store: store.id,
            object_key: key.to_owned(),
            signature: signature(&meta),
            written_at: written_at(&store.url, &meta),
            observed,
        }))
    }

    /// Records these, as [`record_together`] does.
    pub(crate) async fn record(
        &self,
        to_record: &[ToRecord],
    ) -> Result<Vec<Result<Recorded, StoreError>>, StoreError> {
        let observed_at = self.clock.now();
        let readings: Vec<_> = to_record.iter().map(|one| one.reading(observed_at)).collect();
        record_together(self.catalog.as_ref(), &readings).await
    }
}

/// Records readings, together where that can be done. What the catalog cannot take keeps no other from being recorded; the
/// inner error is that one's.
///
/// # Errors
/// Where the catalog fails, whatever is to be recorded. Some of them may be recorded then; who reads them again finds that.
async fn record_together(
    catalog: &dyn Catalog,
    readings: &[Reading<'_>],
) -> Result<Vec<Result<Recorded, StoreError>>, StoreError> {
    if readings.is_empty() {
        return Ok(Vec::new());
    }
    match catalog.record_all(readings).await {
        Ok(recorded) => Ok(recorded.into_iter().map(Ok).collect()),
        Err(error) if !error.may_be_of_the_rows() => Err(error),
        Err(error) if readings.len() < 2 => Ok(vec![Err(error)]),
        Err(error) => {
            tracing::debug!(%error, objects = readings.len(), "recorded one by one instead of together");
            let mut recorded = Vec::with_capacity(readings.len());
            for reading in readings {
                recorded.push(match catalog.record(reading).await {
                    Err(error) if !error.may_be_of_the_rows() => return Err(error),
                    other => other,
                });
            }
            Ok(recorded)
        }
    }
}

impl ToRecord {
    fn reading(&self, observed_at: WallTime) -> Reading<'_> {
        let Observed { observation, tracks, chunks, altered } = &self.observed;
        Reading {
            store: self.store,
            object_key: &self.object_key,
            signature: &self.signature,
            observed_at,
            written_at: self.written_at,
            observation,
            tracks,
            chunks: chunks.as_ref(),
            altered: altered.as_deref().unwrap_or_default(),
        }
    }

    /// Tells what became of it.
    pub(crate) fn told(self, recorded: Recorded, summary: &mut Summary, progress: &Show<'_>) {
        let Self { object_key, observed: Observed { observation, altered, .. }, .. } = self;
        match recorded {
            Recorded::New => summary.new += 1,
            Recorded::SameBytes | Recorded::Reread => summary.unchanged += 1,
            Recorded::Altered { version } => {
                summary.altered += 1;
                summary.alterations.push(Altered {
                    object_key: object_key.clone(),
                    version,
                    size_bytes: observation.size_bytes,
                    ranges: altered,
                });
            }
        }
        let outcome = match observation.quarantine_reason() {
            Some(problem) => {
                summary.quarantined += 1;
                summary
                    .quarantine
                    .push(Quarantined { object_key: object_key.clone(), problem: problem.clone() });
                Outcome::Quarantined(problem)
            }
            None => Outcome::Recorded(recorded),
        };
        progress(Progress::Finished { object_key: &object_key, outcome });
    }
}

#[cfg(test)]
mod tests {
    use catalog::observation::{KeyFacts, Observation};
    use catalog::store::{OpenMode, open};

    use super::*;

    #[tokio::test]
    async fn what_the_catalog_cannot_take_keeps_no_other_from_being_recorded() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("reelproof.db").display());
        let catalog = open(&url, OpenMode::Create).await.unwrap();
        let store = catalog.add_store("file:///evidence", WallTime(1)).await.unwrap().id;
        let observation = Observation {
            size_bytes: 1,
            sha256: "0".repeat(64),
            sm3: None,
            container: None,
            key: KeyFacts::default(),
            started_at: None,
            started_at_source: None,
            clock_error_us: None,
            start_claims: Vec::new(),
            duration_us: None,
            streams: Vec::new(),
            telemetry: Vec::new(),
            problems: Vec::new(),
        };
        let too_large = Observation { size_bytes: u64::MAX, ..observation.clone() };
        let reading = |object_key, observation| Reading {
            store,
            object_key,
            signature: "1",
            observed_at: WallTime(2),
            written_at: None,
            observation,
            tracks: &[],
            chunks: None,
            altered: &[],
        };
        let readings =
            [reading("a.mp4", &observation), reading("b.mp4", &too_large), reading("c.mp4", &observation)];
        let recorded = record_together(catalog.as_ref(), &readings).await.unwrap();
        assert!(matches!(recorded[..], [Ok(Recorded::New), Err(_), Ok(Recorded::New)]), "{recorded:?}");
        assert!(record_together(catalog.as_ref(), &[]).await.unwrap().is_empty());
    }
}
