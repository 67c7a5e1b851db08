//! The draw: what a seed makes of a frame.
//!
//! Every item, squad and officer has a ticket, a SHA-256 over the seed and its own name. Lower tickets are
//! drawn first. A ticket does not depend on what else is in the frame or in which order, so an outsider
//! needs no random-number generator of ours to compute one, and nobody who does not know the seed can say
//! anything about it.
//!
//! First comes the *core*: the lowest tickets of the whole frame, as many as the largest quota of items
//! asks for. No rule has a say in it, so it is a simple random sample, and every item of every squad has the
//! same chance, in each month: nobody is ever safe. Only then each rule tops up what it still lacks.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::frame::{Frame, FrameRule};
use super::freeze::Frozen;
use super::plan::{Plan, open_officers, open_squads};
use crate::policy::{CORE, Take};

/// What stands between the parts of a ticket's text; no name in a frame can hold it.
const SEPARATOR: u8 = 0x1F;

/// A ticket before it is written down; it sorts as its hexadecimal form does.
type Hash = [u8; 32];

/// An item that was drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrawnItem {
    /// Its place in the draw, from 1.
    pub order: u64,
    /// Its name.
    pub id: String,
    /// Code of the unit that answers for it.
    pub unit: String,
    /// Its ticket, lower-case hexadecimal.
    pub ticket: String,
    /// Why it was drawn: `core`, or the name of the rule that lacked it.
    pub reason: String,
}

/// What a seed made of a frozen round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draw {
    /// Name of the round.
    pub round: String,
    /// The seed, as it was announced.
    pub seed: String,
    /// Digest of the frame that was drawn from.
    pub frame_sha256: String,
    /// Codes of all squads with an item that was drawn, in order.
    pub units: Vec<String>,
    /// The items, in the order of drawing.
    pub items: Vec<DrawnItem>,
}

/// Why a text cannot be a seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SeedError {
    /// Nothing there.
    #[error("the seed is empty: give the text that was announced, such as 20240603-4-2-6")]
    Empty,
    /// White space at an end, which nobody can read aloud.
    #[error("the seed begins or ends with white space, which nobody can see or read aloud: give it without")]
    Untrimmed,
    /// A character that cannot be seen.
    #[error("the seed holds a control character (a tab, a line end): give one line of visible text")]
    Control,
}

/// Why nothing can be drawn.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DrawError {
    /// The seed is none.
    #[error(transparent)]
    Seed(#[from] SeedError),
    /// The frame is not the one that was frozen.
    #[error(
        "the frame of round {round} was changed after it was frozen: its digest is {found}, published was {expected}; restore it, or freeze a new round"
    )]
    FrameAltered {
        /// The round.
        round: String,
        /// The digest that was published.
        expected: String,
        /// The digest of what is there.
        found: String,
    },
}

/// Accepts a seed: one line of visible text, exactly as announced.
pub fn check_seed(seed: &str) -> Result<(), SeedError> {
    if seed.chars().any(char::is_control) {
        Err(SeedError::Control)
    } else if seed.trim().is_empty() {
        Err(SeedError::Empty)
    } else if seed.trim() != seed {
        Err(SeedError::Untrimmed)
    } else {
        Ok(())
    }
}

/// The ticket of an item: SHA-256 of seed, 0x1F, id; lower-case hexadecimal.
pub fn item_ticket(seed: &str, id: &str) -> String {
    hex::encode(hash(&[seed.as_bytes(), id.as_bytes()]))
}

/// The ticket of a squad: SHA-256 of seed, 0x1F, `unit`, 0x1F, code; lower-case hexadecimal.
pub fn unit_ticket(seed: &str, unit: &str) -> String {
    hex::encode(hash(&[seed.as_bytes(), b"unit", unit.as_bytes()]))
}

/// The ticket of an officer: SHA-256 of seed, 0x1F, `officer`, 0x1F, badge; lower-case hexadecimal.
pub fn officer_ticket(seed: &str, badge: &str) -> String {
    hex::encode(hash(&[seed.as_bytes(), b"officer", badge.as_bytes()]))
}

fn hash(parts: &[&[u8]]) -> Hash {
    Sha256::digest(parts.join(&SEPARATOR)).into()
}

/// Draws from a frozen round.
///
/// It never fails for a quota that cannot be met: it draws what can be drawn, and
/// [`Frozen::shortfalls`] says what is lacking.
pub fn draw(frozen: &Frozen, seed: &str) -> Result<Draw, DrawError> {
    check_seed(seed)?;
    let found = frozen.frame.sha256();
    if found != frozen.frame_sha256 {
        return Err(DrawError::FrameAltered {
            round: frozen.round.clone(),
            expected: frozen.frame_sha256.clone(),
            found,
        });
    }
    Ok(replay(&frozen.frame, found, seed))
}

/// The draw that a frame, whose digest this is, and a seed determine.
pub(super) fn replay(frame: &Frame, frame_sha256: String, seed: &str) -> Draw {
    let plan = Plan::of(frame);
    let mut drawing = Drawing::new(frame, seed);
    let core = usize::try_from(plan.core).unwrap_or(usize::MAX).min(drawing.by_ticket.len());
    for place in 0..core {
        drawing.take(place, CORE);
    }
    for ((number, rule), quota) in frame.rules.iter().enumerate().zip(&plan.quotas) {
        drawing.top_up(number, rule, quota.to_draw);
    }
    let items: Vec<DrawnItem> = drawing
        .drawn
        .iter()
        .zip(1_u64..)
        .map(|((place, reason), order)| {
            let (ticket, _, index) = &drawing.by_ticket[*place];
            let item = &frame.items[*index];
            DrawnItem {
                order,
                id: item.id.clone(),
                unit: item.unit.clone(),
                ticket: hex::encode(ticket),
                reason: reason.clone(),
            }
        })
        .collect();
    let squads: BTreeSet<&str> = frame.squads.iter().map(|squad| squad.unit.as_str()).collect();
    let reached: BTreeSet<&str> =
        items.iter().map(|item| item.unit.as_str()).filter(|unit| squads.contains(unit)).collect();
    Draw {
        round: frame.round.clone(),
        seed: seed.to_owned(),
        frame_sha256,
        units: reached.into_iter().map(str::to_owned).collect(),
        items,
    }
}

/// A draw in the making.
struct Drawing<'a> {
    frame: &'a Frame,
    seed: &'a str,
    /// Ticket, id and index of each item, lowest first. Equal tickets, which nobody will ever see, go by id.
    by_ticket: Vec<(Hash, &'a str, usize)>,
    /// For each unit, the places of its items in `by_ticket`, lowest first.
    of_unit: BTreeMap<&'a str, Vec<usize>>,
    /// For each officer likewise.
    of_officer: BTreeMap<&'a str, Vec<usize>>,
    is_drawn: Vec<bool>,
    /// Places and reasons, in the order of drawing.
    drawn: Vec<(usize, String)>,
    /// How many items of each unit are drawn.
    drawn_of_unit: BTreeMap<&'a str, u64>,
    /// Officers who took part in a drawn item.
    officers: BTreeSet<&'a str>,
}

impl<'a> Drawing<'a> {
    fn new(frame: &'a Frame, seed: &'a str) -> Self {
        let mut by_ticket: Vec<(Hash, &str, usize)> = frame
            .items
            .iter()
            .enumerate()
            .map(|(index, item)| (hash(&[seed.as_bytes(), item.id.as_bytes()]), item.id.as_str(), index))
            .collect();
        by_ticket.sort_unstable();
        let mut of_unit: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        let mut of_officer: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (place, (_, _, index)) in by_ticket.iter().enumerate() {
            let item = &frame.items[*index];
            of_unit.entry(&item.unit).or_default().push(place);
            for badge in &item.officers {
                of_officer.entry(badge).or_default().push(place);
            }
        }
        Self {
            frame,
            seed,
            is_drawn: vec![false; by_ticket.len()],
            by_ticket,
            of_unit,
            of_officer,
            drawn: Vec::new(),
            drawn_of_unit: BTreeMap::new(),
            officers: BTreeSet::new(),
        }
    }

    fn take(&mut self, place: usize, reason: &str) {
        let item = &self.frame.items[self.by_ticket[place].2];
        self.is_drawn[place] = true;
        self.drawn.push((place, reason.to_owned()));
        *self.drawn_of_unit.entry(&item.unit).or_insert(0) += 1;
        self.officers.extend(item.officers.iter().map(String::as_str));
    }

    /// Draws what the rule still lacks, by lowest ticket.
    fn top_up(&mut self, number: usize, rule: &FrameRule, to_draw: u64) {
        match (rule.take, rule.each) {
            (Take::Items, None) => self.top_up_items(rule, to_draw),
            (Take::Items, Some(_)) => {
                for squad in &self.frame.squads {
                    self.top_up_squad(&squad.unit, rule.need_of(squad, number), &rule.id);
                }
            }
            (Take::Squads, _) => self.top_up_squads(number, rule, to_draw),
            (Take::Officers, _) => self.top_up_officers(number, rule, to_draw),
        }
    }

    fn top_up_items(&mut self, rule: &FrameRule, to_draw: u64) {
        let frame = self.frame;
        let matching: Vec<usize> = (0..self.by_ticket.len())
            .filter(|place| frame.items[self.by_ticket[*place].2].counts_for(rule))
            .collect();
        let mut count = matching.iter().filter(|place| self.is_drawn[**place]).count() as u64;
        for place in matching {
            if count >= to_draw {
                break;
            }
            if !self.is_drawn[place] {
                self.take(place, &rule.id);
                count += 1;
            }
        }
    }

    fn top_up_squad(&mut self, unit: &'a str, need: u64, reason: &str) {
        let places = self.of_unit.get(unit).cloned().unwrap_or_default();
        for place in places {
            if self.drawn_of_unit.get(unit).copied().unwrap_or(0) >= need {
                break;
            }
            if !self.is_drawn[place] {
                self.take(place, reason);
            }
        }
    }

    fn top_up_squads(&mut self, number: usize, rule: &FrameRule, to_draw: u64) {
        let seed = self.seed;
        let mut open: Vec<(Hash, &'a str)> = open_squads(self.frame, number)
            .map(|squad| (hash(&[seed.as_bytes(), b"unit", squad.unit.as_bytes()]), squad.unit.as_str()))
            .collect();
        open.sort_unstable();
        let mut reached =
            open.iter().filter(|(_, unit)| self.drawn_of_unit.contains_key(unit)).count() as u64;
        for (_, unit) in open {
            if reached >= to_draw {
                break;
            }
            if !self.drawn_of_unit.contains_key(unit) {
                self.top_up_squad(unit, 1, &rule.id);
                reached += 1;
            }
        }
    }

    fn top_up_officers(&mut self, number: usize, rule: &FrameRule, to_draw: u64) {
        let seed = self.seed;
        let mut open: Vec<(Hash, &'a str)> = open_officers(self.frame, number)
            .into_iter()
            .map(|badge| (hash(&[seed.as_bytes(), b"officer", badge.as_bytes()]), badge))
            .collect();
        open.sort_unstable();
        let all: BTreeSet<&str> = open.iter().map(|(_, badge)| *badge).collect();
        for (_, badge) in open {
            // One item may reach several officers.
            let reached = all.iter().filter(|badge| self.officers.contains(*badge)).count() as u64;
            if reached >= to_draw {
                break;
            }
            if !self.officers.contains(badge) {
                let lowest = self.of_officer.get(badge).and_then(|places| places.first().copied());
                if let Some(place) = lowest {
                    self.take(place, &rule.id);
                }
            }
        }
    }
}
