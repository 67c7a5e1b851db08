//! The recordings that are being played.
//!
//! A player asks for one recording in hundreds of ranges. What the catalog says of it is kept as long as nothing is
//! written there, so that a range costs one question to the catalog instead of six. Whether somebody may see it is asked
//! each time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use catalog::store::{Catalog, RecordingEntry, Revision, StoreError};

/// Recordings that are kept at most.
const MOST: usize = 1024;

/// By name, a recording and the revision of the catalog it is of.
type Kept = HashMap<String, (u64, Arc<RecordingEntry>)>;

/// The recordings.
#[derive(Debug, Clone, Default)]
pub(super) struct Played(Arc<Mutex<Kept>>);

impl Played {
    /// The recording of this name; `None` if there is none.
    pub(super) async fn recording(
        &self,
        catalog: &dyn Catalog,
        revision: Revision,
        id: &str,
    ) -> Result<Option<Arc<RecordingEntry>>, StoreError> {
        // Of before it is read: what is written meanwhile is seen the next time.
        let revision = revision.evidence;
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned();
        if let Some((_, recording)) = kept.filter(|kept| kept.0 == revision) {
            return Ok(Some(recording));
        }
        let Some(recording) = catalog.recording_of_id(id).await?.map(Arc::new) else { return Ok(None) };
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST {
            kept.clear();
        }
        kept.insert(id.to_owned(), (revision, Arc::clone(&recording)));
        Ok(Some(recording))
    }
}
