//! Why an object is read again, as far as that follows from what it may be evidence of.

use catalog::fixity::RiskClass;
use catalog::held::HeldObject;

use crate::evidence::Evidence;

/// `Sampled`, `Case` or `Other`. Whether an object was moved is another matter.
pub fn class_of(evidence: &Evidence<'_>, object: &HeldObject) -> RiskClass {
    let stages = evidence.stages_of(object);
    if stages.iter().any(|&place| evidence.drawn_at(place).is_some()) {
        RiskClass::Sampled
    } else if stages.is_empty() {
        RiskClass::Other
    } else {
        RiskClass::Case
    }
}
