//! Who is audited: units, which form a tree, and the officers in them.

use serde::{Deserialize, Serialize};

use crate::code::coded;

coded! {
    /// What a unit is.
    pub enum UnitKind("kind of unit") {
        /// 支队, of a district.
        Detachment = "detachment" / "支队",
        /// 大队.
        Brigade = "brigade" / "大队",
        /// 中队, of a street or town; what quotas count.
        Squad = "squad" / "中队",
        /// A department of the bureau (科室, 部门), such as case review.
        Office = "office" / "科室",
    }
}

/// A unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// Stable code, unique.
    pub code: String,
    /// Name as people write it.
    pub name: String,
    /// What it is.
    pub kind: UnitKind,
    /// Code of the unit above; `None` at the top.
    pub parent: Option<String>,
}

/// An officer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Officer {
    /// Badge number, unique.
    pub badge: String,
    /// Name as people write it.
    pub name: String,
    /// Code of the officer's unit.
    pub unit: String,
    /// Whether the officer does enforcement on the street; some quotas count only these.
    pub frontline: bool,
}
