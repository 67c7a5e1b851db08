//! The last part of a run: looking at what the footage shows.
//!
//! Once a store was read, every usable recording whose present bytes were not yet looked at with the
//! policy's figures is decoded in the sandbox ([`crate::inspect`]) and what was found is recorded. So a
//! recording is looked at once for each version and each set of figures, and a run that was cut off goes
//! on where it stopped. Decoding cannot be part of the one read that digests: it goes back and forth and
//! leaves most of the bytes out.
//!
//! What the bytes do to a decoder is an observation, and is recorded like any other; what the store or
//! the disk fails in is a failure, and the object stays to be done.

use std::collections::BTreeMap;
use std::sync::Arc;

use catalog::inspection::InspectOptions;
use catalog::store::{InspectionRecord, StoreEntry, Uninspected};
use object_store::{ObjectMeta, ObjectStore};
use work::Delivery;

use crate::driving::{Begun, Settle, drive_all, one_by_one, unread};
use crate::inspect::{Seen, inspect_version};
use crate::plan::signature;
use crate::reading::ReadError;
use crate::run::{Ingest, Outcome, Progress, RunError, Show};
use crate::summary::Summary;
use crate::tasks::to_look_at;

/// More children than this for one object gain nothing: its parts become too short.
pub const MAX_CHILDREN: usize = 8;

impl Ingest {
    /// Looks at what is still to be looked at, of the objects that were `listed`.
    pub(crate) async fn look_at_all(
        &self,
        objects: &Arc<dyn ObjectStore>,
        store: &StoreEntry,
        listed: &[ObjectMeta],
        options: InspectOptions,
        summary: &mut Summary,
        progress: &Show<'_>,
    ) -> Result<(), RunError> {
        let listed: BTreeMap<&str, &ObjectMeta> =
            listed.iter().map(|meta| (meta.location.as_ref(), meta)).collect();
        // An object that changed since it was listed is read, and looked at, by the next run.
        let due: BTreeMap<String, (Uninspected, ObjectMeta)> = self
            .catalog
            .uninspected(store.id, &options)
            .await?
            .into_iter()
            .filter_map(|due| {
                let meta =
                    listed.get(due.object_key.as_str()).filter(|meta| signature(meta) == due.signature)?;
                Some((due.object_key.clone(), (due, (*meta).clone())))
            })
            .collect();
        if due.is_empty() {
            return Ok(());
        }
        progress(Progress::Looking { objects: due.len() as u64 });
        let parallel = self.options.parallel.max(1);
        // Few recordings share the children that are to be had, many get one each.
        let children = u32::try_from((parallel / due.len().min(parallel)).min(MAX_CHILDREN)).unwrap_or(1);
        let tasks = due.values().map(|(_, meta)| to_look_at(&store.url, String::new(), meta));
        let begin = async |delivery: &dyn Delivery| {
            let Some((due, meta)) = due.get(&delivery.task().object_key).cloned() else {
                return Ok(Begun::Settled(Settle::Done));
            };
            let (pool, handle) = (self.reader.pool().clone(), self.reader.handle().clone());
            let (objects, abort) = (Arc::clone(objects), self.stop.abort.clone());
            Ok(Begun::Work(move || {
                let result = inspect_version(&objects, &meta, &pool, &handle, options, children, &abort);
                (due, result)
            }))
        };
        let finish = async |_: &dyn Delivery, (due, result)| {
            self.keep_look(store, &due, options, result, summary, progress).await?;
            Ok(Settle::Done)
        };
        drive_all(parallel, &self.stop, tasks, begin, one_by_one(finish), || ()).await
    }

    /// Records what an object shows.
    pub(crate) async fn keep_look(
        &self,
        store: &StoreEntry,
        due: &Uninspected,
        options: InspectOptions,
        result: Result<(Seen, u64), ReadError>,
        summary: &mut Summary,
        progress: &Show<'_>,
    ) -> Result<(), RunError> {
        let key = due.object_key.as_str();
        let (Seen { inspection, traces }, bytes_read) = match result {
            Ok(looked) => looked,
            Err(error) => {
                // Of one that is gone, the next listing will say so.
                unread(key, error, summary, progress)?;
                return Ok(());
            }
        };
        summary.inspect_bytes_read += bytes_read;
        let recorded = self
            .catalog
            .record_inspection(&InspectionRecord {
                store: store.id,
                object_key: key,
                sha256: &due.sha256,
                inspected_at: self.clock.now(),
                options,
                inspection: &inspection,
                traces: &traces,
            })
            .await?;
        summary.inspected += u64::from(recorded);
        progress(Progress::Finished { object_key: key, outcome: Outcome::Looked });
        Ok(())
    }
}
