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
use super::refusal::Refusal;
use super::rules::ReviewRules;
use super::standing::{ReviewState, Standing};
use crate::deadline::{end_of_day_after, last_day};
use crate::policy::Population;

/// What an act is looked at against.
#[derive(Debug, Clone, Copy)]
pub struct AdmitInput<'a> {
    /// What the round looks at.
    pub kind: Population,
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
            because,
        }),
        None => Ok(()),
    }
}

/// Codes are the faults of recordings. What is irregular with a file, a review or a complaint is said in words.
fn consistent(kind: Population, judgement: &Judgement) -> Result<(), Refusal> {
    match (judgement.outcome, judgement.codes.is_empty(), judgement.note.trim().is_empty()) {
        (Outcome::Irregular, true, _) if kind.is_of_recordings() => Err(Refusal::NoCodes),
        (Outcome::Irregular, true, true) => Err(Refusal::NoteOfWhat),
        (Outcome::Regular | Outcome::Missing | Outcome::Excused, false, _) => Err(Refusal::Codes),
        (Outcome::Missing | Outcome::Excused, _, true) => Err(Refusal::NoteOfLooking),
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
        return Err(Refusal::PastVerdicts { item: standing.item.clone(), state: standing.state });
    }
    consistent(input.kind, judgement)?;
    if standing.verdicts.contains_key(&seat) && judgement.note.trim().is_empty() {
        return Err(Refusal::NoteOfChange);
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
        return Err(Refusal::NoWords);
    }
    let appealed = standing
        .events
        .iter()
        .any(|event| matches!(event.act, ReviewAct::Statement { statement: StatementKind::Appeal, .. }));
    if statement == StatementKind::Appeal && appealed {
        return Err(Refusal::AppealedBefore { item: standing.item.clone() });
    }
    if statement == StatementKind::Appeal && standing.state == ReviewState::Decided {
        return Err(Refusal::DecidedBefore { item: standing.item.clone() });
    }
    let against = standing
        .judgement
        .as_ref()
        .is_some_and(|judgement| matches!(judgement.outcome, Outcome::Irregular | Outcome::Missing));
    let (true, Some(settled_at)) = (against, standing.settled_at) else {
        return Err(Refusal::NothingAgainst { item: standing.item.clone(), state: standing.state });
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
        return Err(Refusal::NothingToDecide { item: standing.item.clone(), state: standing.state });
    }
    if standing.judges().contains(input.by.badge.as_str()) {
        return Err(Refusal::TookPart { badge: input.by.badge.clone(), item: standing.item.clone() });
    }
    stand_back(input)?;
    if granted.is_some() != (standing.state == ReviewState::Appealed) {
        return Err(Refusal::GrantedOrNot);
    }
    consistent(input.kind, judgement)?;
    match &standing.judgement {
        Some(was) if granted == Some(false) && was.outcome != judgement.outcome => {
            Err(Refusal::RejectedYetChanged { outcome: was.outcome })
        }
        _ if judgement.note.trim().is_empty() => Err(Refusal::NoteOfDecision),
        _ => Ok(()),
    }
}
