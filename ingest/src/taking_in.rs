//! The main part of a run: reading what is new or changed, and recording it.
//!
//! An object that changes while it is read is begun anew with what is there now, a few times.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use catalog::store::{Reading, Recorded, StoreEntry};
use confined::MediaReport;
use object_store::ObjectMeta;
use work::{Delivery, Task};

use crate::driving::{Begun, Settle, Unread, drive_all, failed, unread};
use crate::location::Location;
use crate::observed::{Observed, observe};
use crate::plan::{Planned, Reason, signature};
use crate::reading::{ObjectReading, ReadError, ReadOptions};
use crate::run::{Ingest, Outcome, Progress, RunError, Show};
use crate::sidecar::Sidecars;
use crate::summary::{Altered, Quarantined, Summary};
use crate::tasks::{meta, to_read, written_at};

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
        let finish = async |_: &dyn Delivery, (meta, result)| {
            self.keep(store, &meta, result, sidecars, summary, progress).await?;
            // What failed is in the summary, and the same command does it again.
            Ok(Settle::Done)
        };
        let tick = || progress(Progress::Bytes(bytes.swap(0, Ordering::Relaxed)));
        drive_all(self.options.parallel, &self.stop, tasks, begin, finish, tick).await
    }

    /// Records what became of an object.
    pub(crate) async fn keep(
        &self,
        store: &StoreEntry,
        meta: &ObjectMeta,
        result: Result<ObjectReading<MediaReport>, ReadError>,
        sidecars: &Sidecars,
        summary: &mut Summary,
        progress: &Show<'_>,
    ) -> Result<(), RunError> {
        let key = meta.location.as_ref();
        let reading = match result {
            Ok(reading) => reading,
            Err(error) => {
                if unread(key, error, summary, progress)? == Unread::Vanished {
                    summary.gone +=
                        self.catalog.mark_gone(store.id, &[key.to_owned()], self.clock.now()).await?;
                    summary.vanished += 1;
                }
                return Ok(());
            }
        };
        summary.bytes_read += reading.bytes_read;
        let Observed { observation, tracks, chunks, altered } =
            match observe(&self.options, key, reading, sidecars) {
                Ok(observed) => observed,
                Err(error) => {
                    failed(key, error, summary, progress);
                    return Ok(());
                }
            };
        let signature = signature(meta);
        let recorded = self
            .catalog
            .record(&Reading {
                store: store.id,
                object_key: key,
                signature: &signature,
                observed_at: self.clock.now(),
                written_at: written_at(&store.url, meta),
                observation: &observation,
                tracks: &tracks,
                chunks: chunks.as_ref(),
                altered: altered.as_deref().unwrap_or_default(),
            })
            .await?;
        match recorded {
            Recorded::New => summary.new += 1,
            Recorded::SameBytes | Recorded::Reread => summary.unchanged += 1,
            Recorded::Altered { version } => {
                summary.altered += 1;
                summary.alterations.push(Altered {
                    object_key: key.to_owned(),
                    version,
                    size_bytes: observation.size_bytes,
                    ranges: altered,
                });
            }
        }
        let outcome = match observation.quarantine_reason() {
            Some(problem) => {
                summary.quarantined += 1;
                summary.quarantine.push(Quarantined { object_key: key.to_owned(), problem: problem.clone() });
                Outcome::Quarantined(problem)
            }
            None => Outcome::Recorded(recorded),
        };
        progress(Progress::Finished { object_key: key, outcome });
        Ok(())
    }
}
