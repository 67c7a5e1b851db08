//! What the passing of time alone changes.
//!
//! Most questions to a month are asked of one that did not change since the last, at a later moment. What of an audit
//! depends on the moment: which stages have ended, which files of devices have, until when these are surely held and
//! due, and how long is left until then. If none of these lines was crossed, nothing is judged: the time left is
//! counted anew, and that is all.

use std::sync::Arc;

use catalog::device::ManifestEntry;
use catalog::finding::{Finding, FindingKind};
use catalog::{Micros, WallTime};

use super::{Changes, Incremental};
use crate::audit::arrival::due_at;
use crate::audit::clock::device_error_us;
use crate::audit::held::held_until;

/// Between which moments nothing is judged differently, and what is counted anew there.
#[derive(Debug, Default)]
pub(super) struct Steady {
    /// The last line at or before the moment of the judgement; `None`: there is none.
    after: Option<WallTime>,
    /// The first line after it; `None`: there is none.
    before: Option<WallTime>,
    /// Places of the obligations with findings that count down.
    obligations: Vec<usize>,
    /// Places of what is outside of obligations, likewise.
    outside: Vec<usize>,
}

impl Steady {
    /// Whether no line lies between the moment of the judgement and this one, nor on it.
    fn holds_at(&self, as_of: WallTime) -> bool {
        self.after.is_none_or(|line| line < as_of) && self.before.is_none_or(|line| as_of < line)
    }
}

impl Incremental {
    /// Whether at another moment everything that the audit says is the same but that moment. O(1).
    ///
    /// Not so as soon as some finding counts the time that is left.
    pub fn is_the_same_at(&self, as_of: WallTime) -> bool {
        let Steady { obligations, outside, .. } = &self.steady;
        as_of == self.rest.as_of
            || (obligations.is_empty() && outside.is_empty() && self.steady.holds_at(as_of))
    }

    /// What is next to the moment of the judgement.
    pub(super) fn steady_around(&self) -> Steady {
        let as_of = self.rest.as_of;
        let ends = self.timelines.stages().values().map(|stage| stage.ends_at);
        let of_files = self.rest.manifest.iter().flat_map(|entry| self.lines_of(entry));
        let (mut after, mut before) = (None::<WallTime>, None::<WallTime>);
        for line in ends.chain(of_files) {
            // A line on the moment itself is on both sides: what it decides is asked again.
            if line <= as_of {
                after = Some(after.map_or(line, |last| last.max(line)));
            }
            if line >= as_of {
                before = Some(before.map_or(line, |first| first.min(line)));
            }
        }
        let counts = |findings: &[Finding]| {
            findings.iter().any(|finding| matches!(finding.kind, FindingKind::NotUploaded { .. }))
        };
        let places = |yes: &mut dyn Iterator<Item = bool>| {
            yes.enumerate().filter_map(|(place, yes)| yes.then_some(place)).collect()
        };
        let audit = &self.audit;
        Steady {
            after,
            before,
            obligations: places(&mut audit.obligations.iter().map(|one| counts(&one.findings))),
            outside: places(&mut audit.outside.iter().map(|one| counts(&one.findings))),
        }
    }

    /// The moments at which something else begins to hold for a file of a device.
    fn lines_of(&self, entry: &ManifestEntry) -> impl Iterator<Item = WallTime> {
        let lines = self.policy.reconcile.as_ref().map(|rules| {
            let device = self.shelf.device_of(&entry.device);
            let due = self.policy.upload.as_ref().map(|upload| {
                let error_us = device_error_us(device, entry.starts_at, &self.policy.clock);
                due_at(entry.ends_at + error_us, upload)
            });
            [Some(entry.ends_at), Some(held_until(entry, device, rules)), due]
        });
        lines.into_iter().flatten().flatten()
    }

    /// Whether nothing is different but the moment, and that decides nothing; then the audit is of that moment.
    pub(super) fn only_the_moment(&mut self, changes: &Changes) -> bool {
        let Some(as_of) = changes.as_of else { return *changes == Changes::default() };
        if *changes != (Changes { as_of: Some(as_of), ..Changes::default() }) {
            return false;
        }
        let (from, until) = (as_of.min(self.rest.as_of), as_of.max(self.rest.as_of));
        if from != until && !self.steady.holds_at(as_of) {
            if !self.timelines.ending(from, until).is_empty() || self.manifest_turns(from, until) {
                return false;
            }
            self.rest.as_of = as_of;
            self.steady = self.steady_around();
        }
        self.rest.as_of = as_of;
        let audit = Arc::make_mut(&mut self.audit);
        audit.as_of = as_of;
        for &place in &self.steady.obligations {
            audit.obligations[place].findings.iter_mut().for_each(|finding| count_anew(finding, as_of));
        }
        for &place in &self.steady.outside {
            audit.outside[place].findings.iter_mut().for_each(|finding| count_anew(finding, as_of));
        }
        true
    }

    /// Whether for a file of a device something else holds at the later moment than at the earlier.
    fn manifest_turns(&self, from: WallTime, until: WallTime) -> bool {
        let crossed = |line: WallTime| from <= line && line <= until;
        from != until && self.rest.manifest.iter().any(|entry| self.lines_of(entry).any(crossed))
    }
}

fn count_anew(finding: &mut Finding, as_of: WallTime) {
    if let FindingKind::NotUploaded { held_until, left_us, .. } = &mut finding.kind {
        let left: Micros = *held_until - as_of;
        *left_us = left;
    }
}
