//! For how long footage is kept: the block `[retention]` of a policy.

use catalog::Micros;
use serde::{Deserialize, Serialize};

use crate::policy::{Days, Source, within};

/// For how long something is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keep {
    /// How many days; left out of what is kept for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u16>,
    /// Whether it is kept for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_good: Option<bool>,
    /// Where it comes from.
    #[serde(flatten)]
    pub source: Source,
}

impl Keep {
    /// How long that is; `None`: for good.
    pub fn length(&self) -> Option<Micros> {
        let days = self.days?;
        (!self.is_for_good()).then(|| Micros::from_s(i64::from(days) * 86_400))
    }

    fn is_for_good(&self) -> bool {
        self.for_good == Some(true)
    }

    fn check(&self, name: &str) -> Result<(), (Vec<String>, String)> {
        match (self.days, self.is_for_good()) {
            (Some(days), false) => within(&[name, "days"], u64::from(days), (1, 36_500)),
            (None, true) => Ok(()),
            _ => Err((
                vec![name.to_owned()],
                "write either `days`, or `for_good = true` for what is never to go".to_owned(),
            )),
        }
    }
}

/// For how long footage is kept, and what locks it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetentionRules {
    /// Footage that is evidence of no case, from its end on.
    pub routine: Keep,
    /// Footage that may be evidence of a case, from the closing of the case on.
    pub case: Keep,
    /// For how long after it was drawn footage is locked.
    pub sampled: Days,
}

impl RetentionRules {
    pub(crate) fn check(&self) -> Result<(), (Vec<String>, String)> {
        self.routine.check("routine")?;
        self.case.check("case")?;
        within(&["sampled", "days"], u64::from(self.sampled.days), (1, 36_500))
    }
}
