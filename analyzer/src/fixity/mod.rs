//! Which stored objects to read again, and in which order.
//!
//! Disks rot, uploads are repeated over what was there, somebody edits a file: none of it is noticed until the bytes are read
//! again, and reading all of a city's footage takes weeks. So objects are read by *risk*. A policy says for each reason to care
//! after how many days an object is to be read again ([`FixityRules`]); the risk of an object is the time since all of it was
//! last read, divided by the shortest of the intervals that hold for it. At 1 it is *due*, at 2 *overdue*: it should have been
//! read twice by now. What is riskiest comes first, so that one scale orders what was moved, what was drawn, what a case
//! rests on and what is merely old, and nothing waits for ever: whatever is left out grows riskier every day.
//!
//! What an object is evidence of is decided more generously here than in an audit ([`crate::evidence`]): whoever reads too much loses
//! an hour, whoever reads too little loses evidence.
//!
//! A plan is a value: it can be shown without a byte being read, and who carries it out does not ask why.

mod classes;
mod plan;
mod rules;
#[cfg(test)]
mod tests;

pub use classes::class_of;
pub use plan::{ClassState, Due, FixityPlan, FixityState, Planner, Share, Wanted};
pub use rules::FixityRules;
