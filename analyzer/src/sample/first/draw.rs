//! The draw: what a seed makes of a frame.
//!
//! Every item and every squad has a ticket, a SHA-256 over the seed and its own name. Lower tickets are
//! drawn first. A ticket does not depend on what else is in the frame or in which order, so an outsider
//! needs no random-number generator of ours to compute one, and nobody who does not know the seed can
//! say anything about it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::frame::Frame;
use super::plan::Plan;

/// What stands between the parts of a ticket's text; no name in a frame can hold it.
const SEPARATOR: u8 = 0x1F;

/// A ticket before it is written down; it sorts as its hexadecimal form does.
type Hash = [u8; 32];

/// Why a squad was picked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum UnitReason {
    /// It was due in this period.
    DueQuota,
    /// The share of squads asked for more than the due ones.
    ShareQuota,
}

impl UnitReason {
    /// The stable code.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::DueQuota => "due_quota",
            Self::ShareQuota => "share_quota",
        }
    }
}

/// Why an item was drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ItemReason {
    /// It stands for its squad, which was picked.
    UnitQuota,
    /// The share of cases asked for more.
    CaseQuota,
}

impl ItemReason {
    /// The stable code.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::UnitQuota => "unit_quota",
            Self::CaseQuota => "case_quota",
        }
    }
}

/// A squad that was picked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DrawnUnit {
    /// Its code.
    pub unit: String,
    /// Its ticket, lower-case hexadecimal.
    pub ticket: String,
    /// Why it was picked.
    pub reason: UnitReason,
}

/// An item that was drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DrawnItem {
    /// Its place in the draw, from 1.
    pub order: u64,
    /// Name of the obligation.
    pub id: String,
    /// Code of the unit that answers for it.
    pub unit: String,
    /// Its ticket, lower-case hexadecimal.
    pub ticket: String,
    /// Why it was drawn.
    pub reason: ItemReason,
}

/// What a seed made of a frozen round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Draw {
    /// Name of the round.
    pub round: String,
    /// The seed, as it was announced.
    pub seed: String,
    /// Digest of the frame that was drawn from.
    pub frame_sha256: String,
    /// Codes of all squads that the draw reaches, in order: the picked ones, and those that an item of
    /// the case quota happens to reach. These are no longer due.
    pub units: Vec<String>,
    /// The squads that were picked, in the order of picking.
    pub picks: Vec<DrawnUnit>,
    /// The items, in the order of drawing.
    pub items: Vec<DrawnItem>,
}

fn item_hash(seed: &str, id: &str) -> Hash {
    hash(&[seed.as_bytes(), id.as_bytes()])
}

fn unit_hash(seed: &str, unit: &str) -> Hash {
    hash(&[seed.as_bytes(), b"unit", unit.as_bytes()])
}

fn hash(parts: &[&[u8]]) -> Hash {
    Sha256::digest(parts.join(&SEPARATOR)).into()
}

/// The draw that a frame, whose digest this is, and a seed determine.
pub(super) fn replay(frame: &Frame, frame_sha256: String, seed: &str) -> Draw {
    let plan = Plan::of(frame);

    // Equal tickets, which nobody will ever see, go by name.
    let mut items: Vec<(Hash, &str, &str)> = frame
        .items
        .iter()
        .map(|item| (item_hash(seed, &item.id), item.id.as_str(), item.unit.as_str()))
        .collect();
    items.sort_unstable();

    let picks = pick_squads(frame, &plan, seed);

    let mut first_of: BTreeMap<&str, usize> = BTreeMap::new();
    for (i, (_, _, unit)) in items.iter().enumerate() {
        first_of.entry(unit).or_insert(i);
    }
    let for_squads: Vec<usize> =
        picks.iter().filter_map(|pick| first_of.get(pick.unit.as_str()).copied()).collect();
    let taken: BTreeSet<usize> = for_squads.iter().copied().collect();
    let rest_count = plan.items_to_draw.saturating_sub(for_squads.len() as u64);
    let for_cases = (0..items.len())
        .filter(|i| !taken.contains(i))
        .take(usize::try_from(rest_count).unwrap_or(usize::MAX));

    let drawn: Vec<DrawnItem> = for_squads
        .iter()
        .map(|i| (*i, ItemReason::UnitQuota))
        .chain(for_cases.map(|i| (i, ItemReason::CaseQuota)))
        .zip(1_u64..)
        .map(|((i, reason), order)| {
            let (ticket, id, unit) = &items[i];
            DrawnItem {
                order,
                id: (*id).to_owned(),
                unit: (*unit).to_owned(),
                ticket: hex::encode(ticket),
                reason,
            }
        })
        .collect();

    let squads: BTreeSet<&str> = frame.squads.iter().map(|squad| squad.unit.as_str()).collect();
    let reached: BTreeSet<&str> =
        drawn.iter().map(|item| item.unit.as_str()).filter(|unit| squads.contains(unit)).collect();
    Draw {
        round: frame.round.clone(),
        seed: seed.to_owned(),
        frame_sha256,
        units: reached.into_iter().map(str::to_owned).collect(),
        picks,
        items: drawn,
    }
}

/// First as many due squads as the plan says, then others, due or not, each time by lowest ticket among
/// those that have something in the frame.
fn pick_squads(frame: &Frame, plan: &Plan, seed: &str) -> Vec<DrawnUnit> {
    let reachable = frame.reachable();
    let due: BTreeSet<&str> = frame.due().collect();
    let mut squads: Vec<(Hash, &str)> = reachable.iter().map(|unit| (unit_hash(seed, unit), *unit)).collect();
    squads.sort_unstable();

    let wanted = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
    let first: Vec<usize> =
        (0..squads.len()).filter(|i| due.contains(squads[*i].1)).take(wanted(plan.due_to_draw)).collect();
    let taken: BTreeSet<usize> = first.iter().copied().collect();
    let others = (0..squads.len())
        .filter(|i| !taken.contains(i))
        .take(wanted(plan.units_to_draw).saturating_sub(first.len()));
    first
        .iter()
        .map(|i| (*i, UnitReason::DueQuota))
        .chain(others.map(|i| (i, UnitReason::ShareQuota)))
        .map(|(i, reason)| {
            let (ticket, unit) = &squads[i];
            DrawnUnit { unit: (*unit).to_owned(), ticket: hex::encode(ticket), reason }
        })
        .collect()
}
