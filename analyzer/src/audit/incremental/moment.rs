//! What the passing of time alone changes.
//!
//! Most questions to a month are asked of one that did not change since the last, at a later moment. What of an audit
//! depends on the moment: which stages have ended, which files of devices have, until when these are surely held and
//! due, and how long is left until then. If none of these lines was crossed, nothing is judged: the time left is
//! counted anew, and that is all.

use std::sync::Arc;

use catalog::finding::{Finding, FindingKind};
use catalog::{Micros, WallTime};

use super::{Changes, Incremental};
use crate::audit::arrival::due_at;
use crate::audit::clock::device_error_us;
use crate::audit::held::held_until;

impl Incremental {
    /// Whether nothing is different but the moment, and that decides nothing; then the audit is of that moment.
    pub(super) fn only_the_moment(&mut self, changes: &Changes) -> bool {
        let Some(as_of) = changes.as_of else { return *changes == Changes::default() };
        if *changes != (Changes { as_of: Some(as_of), ..Changes::default() }) {
            return false;
        }
        let (from, until) = (as_of.min(self.rest.as_of), as_of.max(self.rest.as_of));
        if !self.timelines.ending(from, until).is_empty() || self.manifest_turns(from, until) {
            return false;
        }
        self.rest.as_of = as_of;
        let audit = Arc::make_mut(&mut self.audit);
        audit.as_of = as_of;
        let of_obligations = audit.obligations.iter_mut().flat_map(|obligation| &mut obligation.findings);
        let outside = audit.outside.iter_mut().flat_map(|outside| &mut outside.findings);
        of_obligations.chain(outside).for_each(|finding| count_anew(finding, as_of));
        true
    }

    /// Whether for a file of a device something else holds at the later moment than at the earlier.
    fn manifest_turns(&self, from: WallTime, until: WallTime) -> bool {
        let Some(rules) = &self.policy.reconcile else { return false };
        let crossed = |line: WallTime| from <= line && line <= until;
        from != until
            && self.rest.manifest.iter().any(|entry| {
                let device = self.shelf.device_of(&entry.device);
                let due = self.policy.upload.as_ref().map(|upload| {
                    let error_us = device_error_us(device, entry.starts_at, &self.policy.clock);
                    due_at(entry.ends_at + error_us, upload)
                });
                crossed(entry.ends_at)
                    || crossed(held_until(entry, device, rules))
                    || due.is_some_and(crossed)
            })
    }
}

fn count_anew(finding: &mut Finding, as_of: WallTime) {
    if let FindingKind::NotUploaded { held_until, left_us, .. } = &mut finding.kind {
        let left: Micros = *held_until - as_of;
        *left_us = left;
    }
}
