//! Review by people, as pure functions: who looks at what ([`assign()`]), where an item stands
//! ([`standings`]), who may say what ([`admit()`]), and how far people agree who judged apart
//! ([`agreement()`]). docs/review.md says the same in plain words.

mod admit;
mod agreement;
mod assign;
mod recusal;
mod refusal;
mod rules;
mod standing;

pub use admit::{AdmitInput, admit};
pub use agreement::{Agreement, NoKappa, agreement, of_table};
pub use assign::{AssignInput, AssignPlan, Lacking, ReviewItem, StoodBack, assign, blind_items};
pub use recusal::{Recusal, UnitTree, recusal};
pub use refusal::Refusal;
pub use rules::{BlindRules, RecusalRules, ReviewDeadlines, ReviewRules, TeamRules};
pub use standing::{ReviewState, SeatVerdict, Standing, standings};
