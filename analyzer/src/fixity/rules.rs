//! After how many days stored footage is read again: the block `[fixity]` of a policy.

use catalog::Micros;
use catalog::fixity::RiskClass;
use serde::{Deserialize, Serialize};

use crate::policy::{Days, within};

/// After how many days an object is read again, by the reason to care.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FixityRules {
    /// What was moved, copied or restored since it was last read.
    pub moved: Days,
    /// What was drawn in a round.
    pub sampled: Days,
    /// What a case rests on.
    pub case: Days,
    /// Everything else.
    pub other: Days,
}

impl FixityRules {
    /// The rule of a class.
    pub fn of(&self, class: RiskClass) -> &Days {
        match class {
            RiskClass::Moved => &self.moved,
            RiskClass::Sampled => &self.sampled,
            RiskClass::Case => &self.case,
            RiskClass::Other => &self.other,
        }
    }

    /// How long an object of a class may go unread.
    pub fn interval(&self, class: RiskClass) -> Micros {
        self.of(class).us()
    }

    pub(crate) fn check(&self) -> Result<(), (Vec<String>, String)> {
        for class in RiskClass::ALL {
            within(&[class.as_str(), "days"], u64::from(self.of(*class).days), (1, 3_660))?;
        }
        Ok(())
    }
}
