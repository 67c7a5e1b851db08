//! 回避: who must not judge an item. Always: officers of its unit, and officers of any stage of its case.
//! Beyond that, as policy says: officers of the units above the item's unit, and of those below.

use std::collections::{BTreeMap, BTreeSet};

use catalog::unit::{Officer, Unit};
use serde::Serialize;

use super::rules::RecusalRules;

/// Why somebody must not judge an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Recusal {
    /// It is their own unit's.
    OwnUnit,
    /// They took part in the case.
    OwnCase,
    /// Their unit stands above the item's.
    UnitAbove,
    /// Their unit stands below the item's.
    UnitBelow,
}

impl Recusal {
    /// In words.
    pub const fn en(self) -> &'static str {
        match self {
            Self::OwnUnit => "belongs to the unit itself",
            Self::OwnCase => "took part in the case",
            Self::UnitAbove => "belongs to a unit above",
            Self::UnitBelow => "belongs to a unit below",
        }
    }

    /// In Chinese words.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::OwnUnit => "系本单位人员",
            Self::OwnCase => "参与办理本案",
            Self::UnitAbove => "系上级单位人员",
            Self::UnitBelow => "系下级单位人员",
        }
    }
}

/// The tree of units, for asking who stands above whom.
#[derive(Debug)]
pub struct UnitTree<'a> {
    parents: BTreeMap<&'a str, &'a str>,
}

impl<'a> UnitTree<'a> {
    /// The tree of these units.
    pub fn of(units: &'a [Unit]) -> Self {
        let parents =
            units.iter().filter_map(|unit| Some((unit.code.as_str(), unit.parent.as_deref()?))).collect();
        Self { parents }
    }

    /// Whether `above` is a unit above `unit`, however far.
    pub fn is_above(&self, above: &str, unit: &str) -> bool {
        let mut seen = BTreeSet::from([unit]);
        let mut at = unit;
        while let Some(&parent) = self.parents.get(at) {
            if parent == above {
                return true;
            }
            // Two units that name each other as parent: an import can say so, and it must end here.
            if !seen.insert(parent) {
                return false;
            }
            at = parent;
        }
        false
    }
}

/// Why `officer` must not judge an item of `unit`, whose case `case_officers` handled; `None` if they may.
pub fn recusal(
    officer: &Officer,
    unit: &str,
    case_officers: &BTreeSet<String>,
    tree: &UnitTree<'_>,
    rules: &RecusalRules,
) -> Option<Recusal> {
    if officer.unit == unit {
        Some(Recusal::OwnUnit)
    } else if case_officers.contains(&officer.badge) {
        Some(Recusal::OwnCase)
    } else if rules.above && tree.is_above(&officer.unit, unit) {
        Some(Recusal::UnitAbove)
    } else if rules.below && tree.is_above(unit, &officer.unit) {
        Some(Recusal::UnitBelow)
    } else {
        None
    }
}
