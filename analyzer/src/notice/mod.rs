//! Notices (三单两书), as pure functions: what is to be drafted ([`drafts`]), what follows if nobody
//! answers ([`escalation`]), where a notice stands ([`notice_standing`]), who may do what with it
//! ([`admit_notice`]), and the paper that is printed ([`paper()`]).

mod draft;
mod paper;
mod refusal;
mod rules;
mod standing;

pub use draft::{DraftInput, Drafts, drafts, escalation};
pub use paper::paper;
pub use refusal::{NoticeRefusal, Wanted};
pub use rules::{FormRules, KindRules, NoticeRules};
pub use standing::{NoticeStanding, NoticeState, NoticeWish, admit_notice, notice_standing};
