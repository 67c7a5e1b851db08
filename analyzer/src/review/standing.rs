//! Where an item stands, worked out from its assignments and events.
//!
//! The latest verdict of each seat counts, if whoever gave it still holds the seat. An item is *settled*
//! once every seat has judged and all outcomes agree; the codes are then those that any of them named.
//! Outcomes that differ make it *disagreed*, until one of the supervisors changes their verdict or
//! somebody else decides. A decision stands above the verdicts and is final. While an appeal is open, the
//! settled outcome goes on to hold and is shown as under appeal.

use std::collections::{BTreeMap, BTreeSet};

use catalog::WallTime;
use catalog::finding::FindingCode;
use catalog::review::{Assignment, Judgement, ReviewAct, ReviewEvent, ReviewFile, StatementKind};
use serde::Serialize;

/// How far an item's review is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewState {
    /// A verdict is still to come.
    Open,
    /// The verdicts differ, and somebody has to decide.
    Disagreed,
    /// The verdicts agree.
    Settled,
    /// The verdicts agree, and the squad appealed.
    Appealed,
    /// Somebody decided.
    Decided,
}

impl ReviewState {
    /// The stable code, as in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Disagreed => "disagreed",
            Self::Settled => "settled",
            Self::Appealed => "appealed",
            Self::Decided => "decided",
        }
    }

    /// In Chinese.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Open => "待复核",
            Self::Disagreed => "意见不一致",
            Self::Settled => "已形成结论",
            Self::Appealed => "申诉中",
            Self::Decided => "已裁定",
        }
    }
}

/// One supervisor's latest verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SeatVerdict {
    /// Number of the event.
    pub event: u32,
    /// When.
    pub at: WallTime,
    /// Badge.
    pub by: String,
    /// What they say.
    #[serde(flatten)]
    pub judgement: Judgement,
}

/// Where one item stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// The item.
    pub item: String,
    /// Code of its unit.
    pub unit: String,
    /// Whether its supervisors judge apart.
    pub blind: bool,
    /// How far it is.
    pub state: ReviewState,
    /// The present holders of its seats, by seat.
    pub seats: Vec<Assignment>,
    /// The latest verdict of each seat.
    pub verdicts: BTreeMap<u32, SeatVerdict>,
    /// What it is, once that is settled.
    pub judgement: Option<Judgement>,
    /// Since when that holds.
    pub settled_at: Option<WallTime>,
    /// When the squad appealed, if that is still open.
    pub appealed_at: Option<WallTime>,
    /// All that happened, by number.
    pub events: Vec<ReviewEvent>,
}

impl Standing {
    /// Number of the next event.
    pub fn next_number(&self) -> u32 {
        self.events.last().map_or(1, |event| event.number.saturating_add(1))
    }

    /// Badges of everyone who holds a seat, or ever judged.
    pub fn judges(&self) -> BTreeSet<&str> {
        let judged = self.events.iter().filter_map(|event| match event.act {
            ReviewAct::Verdict { .. } | ReviewAct::Decision { .. } => Some(event.by.as_str()),
            ReviewAct::Statement { .. } => None,
        });
        self.seats.iter().map(|seat| seat.badge.as_str()).chain(judged).collect()
    }

    /// The seat that `badge` holds.
    pub fn seat_of(&self, badge: &str) -> Option<&Assignment> {
        self.seats.iter().find(|seat| seat.badge == badge)
    }

    /// The seats whose verdict is still to come.
    pub fn waiting_for(&self) -> impl Iterator<Item = &Assignment> {
        self.seats
            .iter()
            .filter(|seat| self.state == ReviewState::Open && !self.verdicts.contains_key(&seat.seat))
    }

    /// Whether `badge` may see what the others said: always, but for the blind part, where whoever still
    /// has to judge does not, and nobody else does before all have.
    pub fn verdicts_open_to(&self, badge: Option<&str>) -> bool {
        if !self.blind || self.state != ReviewState::Open {
            return true;
        }
        badge.and_then(|badge| self.seat_of(badge)).is_some_and(|seat| self.verdicts.contains_key(&seat.seat))
    }
}

/// Where every assigned item of a round stands, by item.
pub fn standings(file: &ReviewFile) -> BTreeMap<String, Standing> {
    let mut seats: BTreeMap<&str, BTreeMap<u32, &Assignment>> = BTreeMap::new();
    for assignment in &file.assignments {
        let seat = seats.entry(&assignment.item).or_default().entry(assignment.seat).or_insert(assignment);
        if assignment.revision > seat.revision {
            *seat = assignment;
        }
    }
    let mut events: BTreeMap<&str, Vec<&ReviewEvent>> = BTreeMap::new();
    for event in &file.events {
        events.entry(&event.item).or_default().push(event);
    }
    seats
        .into_iter()
        .map(|(item, seats)| {
            let mut events: Vec<ReviewEvent> =
                events.remove(item).unwrap_or_default().into_iter().cloned().collect();
            events.sort_by_key(|event| event.number);
            (item.to_owned(), standing(item, seats.into_values().cloned().collect(), events))
        })
        .collect()
}

fn standing(item: &str, seats: Vec<Assignment>, events: Vec<ReviewEvent>) -> Standing {
    let mut standing = Standing {
        item: item.to_owned(),
        unit: seats.first().map(|seat| seat.unit.clone()).unwrap_or_default(),
        blind: seats.iter().any(|seat| seat.blind),
        state: ReviewState::Open,
        seats,
        verdicts: BTreeMap::new(),
        judgement: None,
        settled_at: None,
        appealed_at: None,
        events: Vec::new(),
    };
    let mut decided = None;
    let mut appealed_at = None;
    for event in &events {
        match &event.act {
            ReviewAct::Verdict { seat, judgement } => {
                let holds = standing.seats.iter().any(|held| held.seat == *seat && held.badge == event.by);
                if holds {
                    let verdict = SeatVerdict {
                        event: event.number,
                        at: event.at,
                        by: event.by.clone(),
                        judgement: judgement.clone(),
                    };
                    standing.verdicts.insert(*seat, verdict);
                }
            }
            ReviewAct::Statement { statement: StatementKind::Appeal, .. } => appealed_at = Some(event.at),
            ReviewAct::Statement { .. } => {}
            ReviewAct::Decision { judgement, .. } => {
                appealed_at = None;
                decided = Some((judgement.clone(), event.at));
            }
        }
    }
    if let Some((judgement, at)) = decided {
        standing.state = ReviewState::Decided;
        standing.judgement = Some(judgement);
        standing.settled_at = Some(at);
    } else if standing.verdicts.len() == standing.seats.len() && !standing.seats.is_empty() {
        match agreed(standing.verdicts.values()) {
            None => standing.state = ReviewState::Disagreed,
            Some(judgement) => {
                standing.state =
                    if appealed_at.is_some() { ReviewState::Appealed } else { ReviewState::Settled };
                standing.judgement = Some(judgement);
                standing.settled_at = standing.verdicts.values().map(|verdict| verdict.at).max();
                standing.appealed_at = appealed_at;
            }
        }
    }
    standing.events = events;
    standing
}

/// What verdicts that agree come to; `None` if they do not.
fn agreed<'a>(verdicts: impl Iterator<Item = &'a SeatVerdict>) -> Option<Judgement> {
    let mut agreed: Option<Judgement> = None;
    for SeatVerdict { judgement, .. } in verdicts {
        let Some(so_far) = &mut agreed else {
            agreed = Some(judgement.clone());
            continue;
        };
        if so_far.outcome != judgement.outcome {
            return None;
        }
        let codes: BTreeSet<FindingCode> = so_far.codes.iter().chain(&judgement.codes).copied().collect();
        so_far.codes = codes.into_iter().collect();
        for moment in &judgement.moments {
            if !so_far.moments.contains(moment) {
                so_far.moments.push(moment.clone());
            }
        }
        if !judgement.note.is_empty() && judgement.note != so_far.note {
            if !so_far.note.is_empty() {
                so_far.note.push('；');
            }
            so_far.note.push_str(&judgement.note);
        }
    }
    agreed
}
