//! The part of an audit that concerns some units: for a person who sees only their own.
//!
//! The judgement is the same; what is about others is left out and the sums are made of what is left. A finding of one's
//! own may still name a recording of somebody else's, where it is the reason (footage that stands for two stages).

use std::collections::BTreeSet;

use super::{Audit, Totals, count_outside};

impl Audit {
    /// The sums over what concerns the units that `sees` says yes to.
    pub fn totals_of(&self, sees: impl Fn(Option<&str>) -> bool) -> Totals {
        let mut totals = Totals::default();
        for obligation in self.obligations.iter().filter(|obligation| sees(obligation.unit.as_deref())) {
            totals.add(obligation);
        }
        totals
    }

    /// What concerns the units that `sees` says yes to; `None` is a unit that is not known.
    #[must_use]
    pub fn part(mut self, sees: impl Fn(Option<&str>) -> bool) -> Self {
        self.obligations.retain(|obligation| sees(obligation.unit.as_deref()));
        self.outside.retain(|outside| sees(outside.unit.as_deref()));
        self.units.retain(|unit| sees(unit.unit.as_deref()));
        let evidence = self.obligations.iter().flat_map(|obligation| &obligation.evidence);
        let devices: BTreeSet<&str> = evidence
            .filter_map(|evidence| evidence.device.as_deref())
            .chain(self.outside.iter().filter_map(|outside| outside.device.as_deref()))
            .collect();
        self.clocks.retain(|clock| devices.contains(clock.device.as_str()));
        self.totals = self.totals_of(|_| true);
        self.outside_findings = count_outside(&self.outside);
        self
    }
}
