//! Verification: replays an exported round from its frame and its seed alone, and names what differs.
//!
//! Two kinds of bad news are kept apart. [`Malformed`] is an error: the file is no export, so nothing
//! can be said. A list of [`Mismatch`]es is a finding: the file can be read, and it does not hold.
//!
//! What verification cannot know is whether frame and seed are the ones that were announced. It gives
//! both back ([`Verified`]) to be compared with what was published.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::draw::{check_seed, item_ticket, replay, unit_ticket};
use super::export::{EXPORT_FORMAT, Export};
use super::frame::is_writable;
use super::plan::Plan;

/// What a verification came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verification {
    /// Everything follows from frame and seed.
    Holds(Verified),
    /// Something does not.
    DoesNotHold {
        /// What, in a fixed order; never empty.
        mismatches: Vec<Mismatch>,
    },
}

/// What holds, to be compared with what was announced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// Name of the round.
    pub round: String,
    /// The seed.
    pub seed: String,
    /// Digest of the frame.
    pub frame_sha256: String,
    /// Obligations in the frame.
    pub frame_size: u64,
    /// Items drawn.
    pub items: u64,
    /// Squads reached.
    pub units: u64,
}

/// The file is no exported round.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("malformed: {0}; an exported round comes from `reelproof sample export`")]
pub struct Malformed(String);

/// What kind of thing does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MismatchCode {
    /// The round's name is not that of its month and policy, or the draw is of another round.
    Round,
    /// The month checked is not the month before.
    BaseMonth,
    /// Squads or items do not stand in order, or one stands twice.
    FrameOrder,
    /// A digest is not that of the frame.
    FrameDigest,
    /// A figure does not follow from the frame.
    Plan,
    /// No ticket follows from the seed: it is not the seed that was drawn with.
    Seed,
    /// A ticket does not follow from the seed.
    Ticket,
    /// A squad that must be picked is not.
    PickMissing,
    /// A squad is listed as picked that must not be.
    PickExtra,
    /// A squad is listed with another reason.
    PickChanged,
    /// The squads stand in another order.
    PickOrder,
    /// An item that must be drawn is not.
    ItemMissing,
    /// An item is listed as drawn that must not be.
    ItemExtra,
    /// An item is listed with another unit or reason.
    ItemChanged,
    /// The items stand in another order.
    ItemOrder,
    /// The squads reached are others.
    Units,
}

impl MismatchCode {
    /// The stable code.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Round => "round",
            Self::BaseMonth => "base_month",
            Self::FrameOrder => "frame_order",
            Self::FrameDigest => "frame_digest",
            Self::Plan => "plan",
            Self::Seed => "seed",
            Self::Ticket => "ticket",
            Self::PickMissing => "pick_missing",
            Self::PickExtra => "pick_extra",
            Self::PickChanged => "pick_changed",
            Self::PickOrder => "pick_order",
            Self::ItemMissing => "item_missing",
            Self::ItemExtra => "item_extra",
            Self::ItemChanged => "item_changed",
            Self::ItemOrder => "item_order",
            Self::Units => "units",
        }
    }
}

/// One thing that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mismatch {
    /// What kind of thing.
    pub code: MismatchCode,
    /// Which.
    pub subject: String,
    /// What follows from frame and seed.
    pub expected: String,
    /// What the file says.
    pub found: String,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { code, subject, expected, found } = self;
        write!(f, "{}: {subject}: expected {expected}, found {found}", code.as_str())
    }
}

/// Replays an exported round.
pub fn verify(text: &str) -> Result<Verification, Malformed> {
    let malformed = |error: serde_json::Error| Malformed(error.to_string());
    let export: Export = serde_json::from_str(text).map_err(malformed)?;
    // Reading is more lenient than writing: a list may stand for an object. Nothing of that here.
    let as_it_stands: serde_json::Value = serde_json::from_str(text).map_err(malformed)?;
    if serde_json::to_value(&export).map_err(malformed)? != as_it_stands {
        return Err(Malformed("it does not stand in the form in which rounds are exported".to_owned()));
    }
    check_form(&export).map_err(Malformed)?;
    let mut findings = Findings(Vec::new());
    compare(&export, &mut findings);
    Ok(if findings.0.is_empty() {
        Verification::Holds(Verified {
            round: export.frame.round,
            seed: export.draw.seed,
            frame_sha256: export.frame_sha256,
            frame_size: export.frame.items.len() as u64,
            items: export.draw.items.len() as u64,
            units: export.draw.units.len() as u64,
        })
    } else {
        Verification::DoesNotHold { mismatches: findings.0 }
    })
}

/// What a reader may rely on beyond the types.
fn check_form(export: &Export) -> Result<(), String> {
    let Export { format, frame, draw, .. } = export;
    if format != EXPORT_FORMAT {
        return Err(format!("format {format:?}, expected {EXPORT_FORMAT:?}"));
    }
    for percent in [frame.items_percent, frame.units_percent] {
        if !(1..=100).contains(&percent) {
            return Err(format!("a share of {percent} per cent, expected 1 to 100"));
        }
    }
    let names = [&frame.round, &frame.policy, &draw.round]
        .into_iter()
        .chain(frame.squads.iter().flat_map(|squad| [&squad.unit, &squad.name]))
        .chain(frame.items.iter().flat_map(|item| [&item.id, &item.unit]))
        .chain(&draw.units)
        .chain(draw.picks.iter().map(|pick| &pick.unit))
        .chain(draw.items.iter().flat_map(|item| [&item.id, &item.unit]));
    if let Some(name) = names.into_iter().find(|name| !is_writable(name)) {
        return Err(format!("the name {name:?} is empty or holds a control character"));
    }
    check_seed(&draw.seed).map_err(|error| error.to_string())
}

/// What was found so far.
struct Findings(Vec<Mismatch>);

impl Findings {
    fn add(
        &mut self,
        code: MismatchCode,
        subject: &str,
        expected: impl fmt::Display,
        found: impl fmt::Display,
    ) {
        let (expected, found) = (expected.to_string(), found.to_string());
        self.0.push(Mismatch { code, subject: subject.to_owned(), expected, found });
    }

    fn same<T: PartialEq + fmt::Display>(
        &mut self,
        code: MismatchCode,
        subject: &str,
        expected: T,
        found: T,
    ) {
        if expected != found {
            self.add(code, subject, expected, found);
        }
    }
}

fn compare(export: &Export, findings: &mut Findings) {
    let Export { frame, plan, draw, .. } = export;
    findings.same(MismatchCode::Round, "frame", &format!("{}/{}", frame.month, frame.policy), &frame.round);
    findings.same(MismatchCode::Round, "draw", &frame.round, &draw.round);
    findings.same(MismatchCode::BaseMonth, "frame", frame.month.previous(), frame.base_month);

    let squads_in_order = frame.squads.windows(2).all(|pair| pair[0].unit < pair[1].unit);
    let items_in_order = frame.items.windows(2).all(|pair| pair[0].id < pair[1].id);
    for (list, in_order) in [("squads", squads_in_order), ("items", items_in_order)] {
        if !in_order {
            findings.add(MismatchCode::FrameOrder, list, "each once, in order of bytes", "another order");
        }
    }
    let digest = frame.sha256();
    findings.same(MismatchCode::FrameDigest, "frame", &digest, &export.frame_sha256);
    findings.same(MismatchCode::FrameDigest, "draw", &digest, &draw.frame_sha256);
    if !(squads_in_order && items_in_order) {
        return; // What would be drawn from such a frame is not defined.
    }

    let figures = |plan: &Plan| {
        [
            ("items_required", plan.items_required),
            ("units_required", plan.units_required),
            ("months_left", plan.months_left),
            ("due_required", plan.due_required),
            ("due_to_draw", plan.due_to_draw),
            ("units_to_draw", plan.units_to_draw),
            ("items_to_draw", plan.items_to_draw),
        ]
    };
    for ((name, expected), (_, found)) in figures(&Plan::of(frame)).into_iter().zip(figures(plan)) {
        findings.same(MismatchCode::Plan, name, expected, found);
    }
    compare_draw(export, digest, findings);
}

fn compare_draw(export: &Export, digest: String, findings: &mut Findings) {
    let Export { frame, draw, .. } = export;
    let seed = &draw.seed;
    let tickets: Vec<(&str, String, &String)> = draw
        .picks
        .iter()
        .map(|pick| (pick.unit.as_str(), unit_ticket(seed, &pick.unit), &pick.ticket))
        .chain(draw.items.iter().map(|item| (item.id.as_str(), item_ticket(seed, &item.id), &item.ticket)))
        .collect();
    if !tickets.is_empty() && tickets.iter().all(|(_, expected, found)| expected != *found) {
        findings.add(MismatchCode::Seed, seed, "the seed of the tickets", "a seed that gives none of them");
        return;
    }
    for (name, expected, found) in &tickets {
        findings.same(MismatchCode::Ticket, name, expected, found);
    }

    let replayed = replay(frame, digest, seed);
    let units = |draw: &super::Draw| -> Vec<(String, Vec<(&'static str, String)>)> {
        let reason = |reason: super::UnitReason| vec![("reason", reason.as_str().to_owned())];
        draw.picks.iter().map(|pick| (pick.unit.clone(), reason(pick.reason))).collect()
    };
    let items = |draw: &super::Draw| -> Vec<(String, Vec<(&'static str, String)>)> {
        let fields = |item: &super::DrawnItem| {
            vec![("unit", item.unit.clone()), ("reason", item.reason.as_str().to_owned())]
        };
        draw.items.iter().map(|item| (item.id.clone(), fields(item))).collect()
    };
    let codes = Codes {
        missing: MismatchCode::PickMissing,
        extra: MismatchCode::PickExtra,
        changed: MismatchCode::PickChanged,
        order: MismatchCode::PickOrder,
        list: "picks",
    };
    compare_lists(&codes, &units(&replayed), &units(draw), findings);
    let codes = Codes {
        missing: MismatchCode::ItemMissing,
        extra: MismatchCode::ItemExtra,
        changed: MismatchCode::ItemChanged,
        order: MismatchCode::ItemOrder,
        list: "items",
    };
    compare_lists(&codes, &items(&replayed), &items(draw), findings);
    for (place, item) in (1_u64..).zip(&draw.items) {
        findings.same(MismatchCode::ItemOrder, &item.id, place, item.order);
    }
    findings.same(MismatchCode::Units, "units", replayed.units.join(", "), draw.units.join(", "));
}

/// How the mismatches of a list are called.
struct Codes {
    missing: MismatchCode,
    extra: MismatchCode,
    changed: MismatchCode,
    order: MismatchCode,
    list: &'static str,
}

/// Compares two lists of names, each with some fields.
fn compare_lists(
    codes: &Codes,
    expected: &[(String, Vec<(&'static str, String)>)],
    found: &[(String, Vec<(&'static str, String)>)],
    findings: &mut Findings,
) {
    let before = findings.0.len();
    let expected_by_name: BTreeMap<&str, &Vec<_>> =
        expected.iter().map(|(name, fields)| (name.as_str(), fields)).collect();
    let found_by_name: BTreeMap<&str, &Vec<_>> =
        found.iter().map(|(name, fields)| (name.as_str(), fields)).collect();
    for (name, _) in expected.iter().filter(|(name, _)| !found_by_name.contains_key(name.as_str())) {
        findings.add(codes.missing, name, "drawn", "not listed");
    }
    for (name, _) in found.iter().filter(|(name, _)| !expected_by_name.contains_key(name.as_str())) {
        findings.add(codes.extra, name, "not drawn", "listed");
    }
    let same_names = findings.0.len() == before;
    for (name, fields) in found {
        for ((field, is), (_, should)) in
            fields.iter().zip(expected_by_name.get(name.as_str()).into_iter().flat_map(|f| f.iter()))
        {
            findings.same(codes.changed, &format!("{name} {field}"), should, is);
        }
    }
    let names = |list: &[(String, Vec<(&'static str, String)>)]| {
        list.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ")
    };
    if same_names {
        findings.same(codes.order, codes.list, names(expected), names(found));
    }
}
