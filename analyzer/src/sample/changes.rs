//! What became of the data since a frame was frozen. It never changes the frame; it is shown beside it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::frame::{FRAME_FORMAT, Frame, FrameItem};
use super::freeze::FreezeError;
use super::population::{Index, Sources, span};
use crate::policy::Policy;

/// One item that says something else now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChangedItem {
    /// Its name.
    pub id: String,
    /// As it was frozen.
    pub then: FrameItem,
    /// As it is now.
    pub now: FrameItem,
}

/// What came, went or changed since.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Changes {
    /// Items that came since; they could not be drawn.
    pub added: Vec<String>,
    /// Items that are no longer there; where drawn, they stay in every denominator.
    pub removed: Vec<String>,
    /// Items of another unit, other officers or other repeats than was frozen.
    pub changed: Vec<ChangedItem>,
}

/// Compares a frame with what the data say now.
pub fn changes(frame: &Frame, policy: &Policy, sources: Sources<'_>) -> Result<Changes, FreezeError> {
    let now = Index::new(policy, sources)?.items(frame.kind, span(frame.base_from, frame.base_to))?;
    let mut left: BTreeMap<String, FrameItem> = now.into_iter().map(|item| (item.id.clone(), item)).collect();
    let mut changes = Changes::default();
    for then in &frame.items {
        match left.remove(&then.id) {
            None => changes.removed.push(then.id.clone()),
            // The first format says nothing of officers and repeats.
            Some(now) if frame.format != FRAME_FORMAT && now.unit == then.unit => {}
            Some(now) if now != *then => {
                changes.changed.push(ChangedItem { id: then.id.clone(), then: then.clone(), now });
            }
            Some(_) => {}
        }
    }
    changes.added = left.into_keys().collect();
    Ok(changes)
}
