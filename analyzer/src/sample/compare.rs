//! What the verification of both formats shares: strict reading, and the comparison of lists, tickets and draws.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::draw::check_seed;
use super::frame::is_writable;
use super::mismatch::{Malformed, Mismatch, MismatchCode, Verification, Verified};

/// What was found so far.
pub(super) struct Findings(pub(super) Vec<Mismatch>);

impl Findings {
    pub(super) fn add(
        &mut self,
        code: MismatchCode,
        subject: &str,
        expected: impl fmt::Display,
        found: impl fmt::Display,
    ) {
        let (expected, found) = (expected.to_string(), found.to_string());
        self.0.push(Mismatch { code, subject: subject.to_owned(), expected, found });
    }

    pub(super) fn same<T: PartialEq + fmt::Display>(
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

/// Reads an exported round, strictly.
///
/// Reading is more lenient than writing: a list may stand for an object, a field may be left out. Nothing of that
/// here, so what is read must be, written again, what stands in the file.
pub(super) fn read<T: Serialize + DeserializeOwned>(text: &str) -> Result<T, Malformed> {
    let malformed = |error: serde_json::Error| Malformed(error.to_string());
    let read: T = serde_json::from_str(text).map_err(malformed)?;
    let as_it_stands: serde_json::Value = serde_json::from_str(text).map_err(malformed)?;
    if serde_json::to_value(&read).map_err(malformed)? != as_it_stands {
        return Err(Malformed("it does not stand in the form in which rounds are exported".to_owned()));
    }
    Ok(read)
}

/// Whether names can stand in a canonical text, and the seed in a ticket.
pub(super) fn check_texts<'a>(
    mut names: impl Iterator<Item = &'a String>,
    seed: &str,
) -> Result<(), Malformed> {
    if let Some(name) = names.find(|name| !is_writable(name)) {
        return Err(Malformed(format!("the name {name:?} is empty or holds a control character")));
    }
    check_seed(seed).map_err(|error| Malformed(error.to_string()))
}

/// What it came to.
pub(super) fn result(findings: Findings, verified: Verified) -> Verification {
    if findings.0.is_empty() {
        Verification::Holds(verified)
    } else {
        Verification::DoesNotHold { mismatches: findings.0 }
    }
}

impl Findings {
    /// Whether all lists of a frame stand in order; names those that do not.
    pub(super) fn in_order(&mut self, lists: &[(&str, bool)]) -> bool {
        for (list, _) in lists.iter().filter(|(_, in_order)| !in_order) {
            self.add(MismatchCode::FrameOrder, list, "each once, in order of bytes", "another order");
        }
        lists.iter().all(|(_, in_order)| *in_order)
    }

    /// Compares tickets: of what, the one that follows from the seed, the one in the file. Gives `false` where none
    /// follows: it is not the seed of this draw, and nothing more can be said.
    pub(super) fn tickets(&mut self, seed: &str, tickets: &[(&str, String, &String)]) -> bool {
        if !tickets.is_empty() && tickets.iter().all(|(_, expected, found)| expected != *found) {
            self.add(MismatchCode::Seed, seed, "the seed of the tickets", "a seed that gives none of them");
            return false;
        }
        for (name, expected, found) in tickets {
            self.same(MismatchCode::Ticket, name, expected, found);
        }
        true
    }

    /// Compares the items that follow from the frame with those in the file, their places, and the squads that
    /// they reach.
    pub(super) fn draws(
        &mut self,
        (expected, expected_units): (&[Listed<'_>], &[String]),
        (found, found_units): (&[Listed<'_>], &[String]),
    ) {
        let rows = |items: &[Listed<'_>]| -> Vec<Row> {
            let fields =
                |item: &Listed<'_>| vec![("unit", item.unit.to_owned()), ("reason", item.reason.to_owned())];
            items.iter().map(|item| (item.id.to_owned(), fields(item))).collect()
        };
        let codes = Codes {
            missing: MismatchCode::ItemMissing,
            extra: MismatchCode::ItemExtra,
            changed: MismatchCode::ItemChanged,
            order: MismatchCode::ItemOrder,
            list: "items",
        };
        compare_lists(&codes, &rows(expected), &rows(found), self);
        for (place, item) in (1_u64..).zip(found) {
            self.same(MismatchCode::ItemOrder, item.id, place, item.order);
        }
        self.same(MismatchCode::Units, "units", expected_units.join(", "), found_units.join(", "));
    }
}

/// An item as a draw of either format lists it.
pub(super) struct Listed<'a> {
    pub(super) order: u64,
    pub(super) id: &'a str,
    pub(super) unit: &'a str,
    pub(super) reason: &'a str,
}

/// How the mismatches of a list are called.
pub(super) struct Codes {
    pub(super) missing: MismatchCode,
    pub(super) extra: MismatchCode,
    pub(super) changed: MismatchCode,
    pub(super) order: MismatchCode,
    pub(super) list: &'static str,
}

/// A name with some fields.
pub(super) type Row = (String, Vec<(&'static str, String)>);

/// Compares two lists of names, each with some fields.
pub(super) fn compare_lists(codes: &Codes, expected: &[Row], found: &[Row], findings: &mut Findings) {
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
    let names = |list: &[Row]| list.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
    if same_names {
        findings.same(codes.order, codes.list, names(expected), names(found));
    }
}
