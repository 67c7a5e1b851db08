//! A small bureau: squads S0…, an office of supervisors, a detachment above all.

use std::collections::BTreeSet;

use analyzer::policy::Policy;
use analyzer::review::{ReviewItem, ReviewRules};
use catalog::WallTime;
use catalog::unit::{Officer, Unit, UnitKind};

pub(crate) const ROUND: &str = "2024-06/jingan-2024";

pub(crate) fn at(text: &str) -> WallTime {
    WallTime::parse(text).unwrap()
}

pub(crate) fn rules() -> ReviewRules {
    Policy::built_in("jingan-2024").unwrap().review.unwrap()
}

pub(crate) fn unit(code: &str, kind: UnitKind, parent: Option<&str>) -> Unit {
    Unit { code: code.into(), name: format!("{code}中队"), kind, parent: parent.map(Into::into) }
}

pub(crate) fn units() -> Vec<Unit> {
    vec![
        unit("D", UnitKind::Detachment, None),
        unit("B", UnitKind::Brigade, Some("D")),
        unit("OFFICE", UnitKind::Office, Some("D")),
        unit("S0", UnitKind::Squad, Some("B")),
        unit("S1", UnitKind::Squad, Some("B")),
        unit("S2", UnitKind::Squad, Some("B")),
    ]
}

pub(crate) fn officer(badge: &str, unit: &str) -> Officer {
    Officer { badge: badge.into(), name: format!("监督员{badge}"), unit: unit.into(), frontline: false }
}

pub(crate) fn supervisors(count: usize) -> Vec<Officer> {
    (0..count).map(|number| officer(&format!("9{number:02}"), "OFFICE")).collect()
}

pub(crate) fn item(id: &str, unit: &str, officers: &[&str]) -> ReviewItem {
    ReviewItem {
        id: id.into(),
        unit: unit.into(),
        case_officers: officers.iter().map(|badge| (*badge).to_owned()).collect::<BTreeSet<_>>(),
    }
}
