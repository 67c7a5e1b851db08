//! Looking things up in a kept month: what one case, one recording or one stage comes to, without walking the month.

use std::cmp::Ordering;

use catalog::case::StageId;
use catalog::device::Device;
use catalog::excuse::Excuse;
use catalog::snapshot::Recording;
use catalog::unit::Officer;

use super::Incremental;
use crate::audit::Obligation;

impl Incremental {
    /// The obligations of a case, by number of the stage. O(log n).
    pub fn obligations_of(&self, case_no: &str) -> &[Obligation] {
        let all = &self.audit.obligations;
        let first = all.partition_point(|one| one.case_no.as_str() < case_no);
        let len = all[first..].partition_point(|one| one.case_no == case_no);
        &all[first..first + len]
    }

    /// The obligation of a stage; `None` where policy asks for nothing, or the stage had not ended. O(log n).
    pub fn obligation(&self, id: &StageId) -> Option<&Obligation> {
        let of_case = self.obligations_of(&id.case_no);
        let place = of_case.binary_search_by(|one| one.stage_no.cmp(&id.stage_no));
        place.ok().map(|place| &of_case[place])
    }

    /// The recordings of a key, one a store that has it, in the order of the month's list. O(log n).
    pub fn recordings_of<'s>(&'s self, key: &'s str) -> impl Iterator<Item = &'s Recording> {
        self.shelf.of_key(key).map(|number| self.shelf.get(number))
    }

    /// The device of this serial number. O(log n).
    pub fn device(&self, serial: &str) -> Option<&Device> {
        self.shelf.device_of(serial)
    }

    /// The officer of this badge. O(log n).
    pub fn officer(&self, badge: &str) -> Option<&Officer> {
        let by_badge = |officer: &Officer| -> Ordering { officer.badge.as_str().cmp(badge) };
        self.rest.officers.binary_search_by(by_badge).ok().map(|place| &self.rest.officers[place])
    }

    /// The excuses for a stage, in order of recording. O(log n).
    pub fn excuses_of(&self, id: &StageId) -> &[Excuse] {
        self.timelines.excuses().get(id).map_or(&[], Vec::as_slice)
    }
}
