//! Who may say what, and when. Nothing is ever taken back: what is admitted becomes one more event.
//!
//! | act | by whom | when |
//! | --- | --- | --- |
//! | verdict | who holds a seat of the item | as long as no squad appealed and nobody decided; a change says why |
//! | explanation, appeal | an officer of the item's unit | once irregular or missing is settled, within the days; one appeal |
//! | decision | who neither judged nor has to stand back | on an open appeal, or where verdicts differ |
//!
//! A decision that comes after its days is late, and is admitted: a squad must not lose its appeal because
//! the bureau was slow. A statement that comes after its days is refused.

use std::collections::BTreeSet;

use catalog::WallTime;
use catalog::review::{Judgement, Outcome, ReviewAct, StatementKind};
use catalog::unit::{Officer, Unit};

use super::recusal::{UnitTree, recusal};
use super::rules::ReviewRules;
use super::standing::{ReviewState, Standing};
use crate::deadline::{end_of_day_after, last_day};

/// Why an act is not admitted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is somebody else's to judge.
    #[error(
        "{badge} holds no seat of {item}: its supervisors are {holders}; `reelproof review assign --item` changes that"
    )]
    NoSeat {
        /// Who tried.
        badge: String,
        /// The item.
        item: String,
        /// Who holds its seats.
        holders: String,
    },
    /// They have to stand back.
    #[error("{badge} has to stand back from {item} (回避): {because}; somebody else must do this")]
    Recused {
        /// Who tried.
        badge: String,
        /// The item.
        item: String,
        /// Why.
        because: &'static str,
    },
    /// The judgement contradicts itself.
    #[error("{0}")]
    Judgement(&'static str),
    /// It is too late for a change of verdict.
    #[error("{item} is {state}: from then on only a decision changes what it is (`reelproof review decide`)")]
    PastVerdicts {
        /// The item.
        item: String,
        /// Its state.
        state: &'static str,
    },
    /// There is nothing to explain or to appeal against.
    #[error("{item} is {state}: a squad explains or appeals once it was found irregular or missing")]
    NothingAgainst {
        /// The item.
        item: String,
        /// Its state.
        state: &'static str,
    },
    /// It is not their unit's.
    #[error("{badge} is of unit {theirs}, and {item} is of {unit}: its own unit speaks for it")]
    OtherUnit {
        /// Who tried.
        badge: String,
        /// Their unit.
        theirs: String,
        /// The item.
        item: String,
        /// Its unit.
        unit: String,
    },
    /// The days are over.
    #[error("the last day for this was {last_day}: policy gives {days} days from the settled verdict")]
    TooLate {
        /// The last day.
        last_day: String,
        /// How many days policy gives.
        days: u32,
    },
    /// A squad appeals once.
    #[error("{item} was appealed before: there is one appeal")]
    AppealedBefore {
        /// The item.
        item: String,
    },
    /// There is nothing to decide.
    #[error("{item} is {state}: a decision takes an open appeal, or verdicts that differ")]
    NothingToDecide {
        /// The item.
        item: String,
        /// Its state.
        state: &'static str,
    },
    /// They took part so far.
    #[error("{badge} took part in judging {item}: another person decides")]
    TookPart {
        /// Who tried.
        badge: String,
        /// The item.
        item: String,
    },
    /// An appeal is granted or rejected; a disagreement is neither.
    #[error("say whether the appeal is granted where there is one, and only there (--grant or --reject)")]
    GrantedOrNot,
    /// The appeal was rejected, and the outcome is another.
    #[error("a rejected appeal leaves the outcome as it was: {outcome}")]
    RejectedYetChanged {
        /// What it was.
        outcome: Outcome,
    },
}

/// What an act is looked at against.
#[derive(Debug, Clone, Copy)]
pub struct AdmitInput<'a> {
    /// Where the item stands.
    pub standing: &'a Standing,
    /// Who acts.
    pub by: &'a Officer,
    /// When.
    pub at: WallTime,
    /// Badges of everyone who took part in the item's case.
    pub case_officers: &'a BTreeSet<String>,
    /// All units.
    pub units: &'a [Unit],
    /// The rules.
    pub rules: &'a ReviewRules,
}

/// Whether an act may be recorded.
///
/// # Errors
/// Says why not, and what to do.
pub fn admit(input: AdmitInput<'_>, act: &ReviewAct) -> Result<(), Refusal> {
    match act {
        ReviewAct::Verdict { seat, judgement } => verdict(input, *seat, judgement),
        ReviewAct::Statement { statement, text } => state(input, *statement, text),
        ReviewAct::Decision { granted, judgement } => decide(input, *granted, judgement),
    }
}

fn stand_back(input: AdmitInput<'_>) -> Result<(), Refusal> {
    let tree = UnitTree::of(input.units);
    match recusal(input.by, &input.standing.unit, input.case_officers, &tree, &input.rules.recusal) {
        Some(because) => Err(Refusal::Recused {
            badge: input.by.badge.clone(),
            item: input.standing.item.clone(),
            because: because.en(),
        }),
        None => Ok(()),
    }
}

fn consistent(judgement: &Judgement) -> Result<(), Refusal> {
    match (judgement.outcome, judgement.codes.is_empty(), judgement.note.trim().is_empty()) {
        (Outcome::Irregular, true, _) => Err(Refusal::Judgement(
            "an irregular verdict names what is irregular: give --code, as often as needed",
        )),
        (Outcome::Regular | Outcome::Missing | Outcome::Excused, false, _) => {
            Err(Refusal::Judgement("codes belong to an irregular verdict alone: leave --code away"))
        }
        (Outcome::Missing | Outcome::Excused, _, true) => {
            Err(Refusal::Judgement("say in a note what was looked for, or why it is excused: give --note"))
        }
        _ => Ok(()),
    }
}

fn verdict(input: AdmitInput<'_>, seat: u32, judgement: &Judgement) -> Result<(), Refusal> {
    let standing = input.standing;
    if standing.seat_of(&input.by.badge).is_none_or(|held| held.seat != seat) {
        let holders: Vec<_> = standing.seats.iter().map(|seat| seat.badge.as_str()).collect();
        return Err(Refusal::NoSeat {
            badge: input.by.badge.clone(),
            item: standing.item.clone(),
            holders: holders.join(", "),
        });
    }
    // The import may have changed since it was assigned.
    stand_back(input)?;
    if matches!(standing.state, ReviewState::Appealed | ReviewState::Decided) {
        return Err(Refusal::PastVerdicts { item: standing.item.clone(), state: standing.state.as_str() });
    }
    consistent(judgement)?;
    if standing.verdicts.contains_key(&seat) && judgement.note.trim().is_empty() {
        return Err(Refusal::Judgement(
            "a changed verdict says why: give --note; the earlier one stays on record",
        ));
    }
    Ok(())
}

fn state(input: AdmitInput<'_>, statement: StatementKind, text: &str) -> Result<(), Refusal> {
    let standing = input.standing;
    if input.by.unit != standing.unit {
        return Err(Refusal::OtherUnit {
            badge: input.by.badge.clone(),
            theirs: input.by.unit.clone(),
            item: standing.item.clone(),
            unit: standing.unit.clone(),
        });
    }
    if text.trim().is_empty() {
        return Err(Refusal::Judgement("the statement is empty: give its words with --text"));
    }
    let appealed = standing
        .events
        .iter()
        .any(|event| matches!(event.act, ReviewAct::Statement { statement: StatementKind::Appeal, .. }));
    if statement == StatementKind::Appeal && appealed {
        return Err(Refusal::AppealedBefore { item: standing.item.clone() });
    }
    let against = standing
        .judgement
        .as_ref()
        .is_some_and(|judgement| matches!(judgement.outcome, Outcome::Irregular | Outcome::Missing));
    let (true, Some(settled_at)) = (against, standing.settled_at) else {
        return Err(Refusal::NothingAgainst { item: standing.item.clone(), state: standing.state.as_str() });
    };
    let days = match statement {
        StatementKind::Explanation => input.rules.deadlines.explanation_days,
        StatementKind::Appeal => input.rules.deadlines.appeal_days,
    };
    let due_at = end_of_day_after(settled_at, days);
    if input.at >= due_at {
        return Err(Refusal::TooLate { last_day: last_day(due_at), days });
    }
    Ok(())
}

fn decide(input: AdmitInput<'_>, granted: Option<bool>, judgement: &Judgement) -> Result<(), Refusal> {
    let standing = input.standing;
    if !matches!(standing.state, ReviewState::Appealed | ReviewState::Disagreed) {
        return Err(Refusal::NothingToDecide { item: standing.item.clone(), state: standing.state.as_str() });
    }
    if standing.judges().contains(input.by.badge.as_str()) {
        return Err(Refusal::TookPart { badge: input.by.badge.clone(), item: standing.item.clone() });
    }
    stand_back(input)?;
    if granted.is_some() != (standing.state == ReviewState::Appealed) {
        return Err(Refusal::GrantedOrNot);
    }
    consistent(judgement)?;
    match &standing.judgement {
        Some(was) if granted == Some(false) && was.outcome != judgement.outcome => {
            Err(Refusal::RejectedYetChanged { outcome: was.outcome })
        }
        _ if judgement.note.trim().is_empty() => Err(Refusal::Judgement("a decision says why: give --note")),
        _ => Ok(()),
    }
}
