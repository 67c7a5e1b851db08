//! How far a person sees: all units, or one unit and those below it.
//!
//! What belongs to no unit (a recording of an unknown device and officer, a case whose unit was never taken in) is
//! seen only by those who see all.

use std::collections::{BTreeMap, BTreeSet};

use catalog::unit::Unit;

/// Whose things a person sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sight {
    /// Everybody's.
    All,
    /// Those of a unit and of those below it.
    Below {
        /// Code of the unit.
        top: String,
        /// Codes of it and all below it.
        units: BTreeSet<String>,
    },
}

impl Sight {
    /// The sight of an account of this unit: it and all below it.
    pub fn of(unit: Option<&str>, units: &[Unit]) -> Self {
        let Some(top) = unit else { return Self::All };
        let mut below: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for unit in units {
            if let Some(parent) = &unit.parent {
                below.entry(parent).or_default().push(&unit.code);
            }
        }
        let mut seen = BTreeSet::new();
        let mut next = vec![top];
        while let Some(code) = next.pop() {
            // A unit that is above itself is walked through once.
            if seen.insert(code.to_owned()) {
                next.extend(below.get(code).into_iter().flatten());
            }
        }
        Self::Below { top: top.to_owned(), units: seen }
    }

    /// Whether things of this unit are seen.
    pub fn covers(&self, unit: Option<&str>) -> bool {
        match self {
            Self::All => true,
            Self::Below { units, .. } => unit.is_some_and(|unit| units.contains(unit)),
        }
    }

    /// Code of the unit at the top of what is seen; `None` where all is.
    pub fn top(&self) -> Option<&str> {
        match self {
            Self::All => None,
            Self::Below { top, .. } => Some(top),
        }
    }
}

#[cfg(test)]
mod tests {
    use catalog::unit::UnitKind;

    use super::*;

    fn unit(code: &str, parent: Option<&str>) -> Unit {
        Unit {
            code: code.to_owned(),
            name: code.to_owned(),
            kind: UnitKind::Squad,
            parent: parent.map(str::to_owned),
        }
    }

    #[test]
    fn a_unit_is_seen_with_all_below_it_and_nothing_beside_it() {
        let units = [
            unit("D", None),
            unit("B1", Some("D")),
            unit("S1", Some("B1")),
            unit("S2", Some("B1")),
            unit("B2", Some("D")),
        ];
        let sight = Sight::of(Some("B1"), &units);
        let seen: Vec<bool> =
            ["D", "B1", "S1", "S2", "B2"].iter().map(|code| sight.covers(Some(code))).collect();
        assert_eq!(seen, [false, true, true, true, false]);
        assert!(!sight.covers(None) && Sight::All.covers(None));
        assert_eq!(Sight::of(None, &units), Sight::All);
    }

    #[test]
    fn units_that_go_in_a_circle_end_the_walk() {
        let units = [unit("A", Some("B")), unit("B", Some("A"))];
        assert!(Sight::of(Some("A"), &units).covers(Some("B")));
    }

    #[test]
    fn a_unit_that_is_not_in_the_tree_sees_itself_alone() {
        let sight = Sight::of(Some("X"), &[]);
        assert!(sight.covers(Some("X")) && !sight.covers(Some("Y")));
        assert_eq!(sight.top(), Some("X"));
    }
}
