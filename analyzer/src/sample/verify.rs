//! Verification: replays an exported round from its frame and its seed alone, and names what differs.
//!
//! Two kinds of bad news are kept apart. [`Malformed`] is an error: the file is no export, so nothing
//! can be said. A list of mismatches is a finding: the file can be read, and it does not hold.
//!
//! What verification cannot know is whether frame and seed are the ones that were announced. It gives
//! both back to be compared with what was published.

use super::draw::{check_seed, item_ticket, replay};
use super::export::{EXPORT_FORMAT, Export};
use super::first;
use super::frame::{FRAME_FORMAT, Frame, is_writable};
use super::freeze::round_name;
use super::mismatch::{Codes, Findings, Malformed, MismatchCode, Row, Verification, Verified, compare_lists};
use super::plan::Plan;
use crate::policy::{ShareOf, Take, Within};

/// Replays an exported round, of this format or the first.
pub fn verify(text: &str) -> Result<Verification, Malformed> {
    let malformed = |error: serde_json::Error| Malformed(error.to_string());
    let as_it_stands: serde_json::Value = serde_json::from_str(text).map_err(malformed)?;
    if as_it_stands.get("format").and_then(serde_json::Value::as_str) == Some(first::EXPORT_FORMAT) {
        return first::verify(text);
    }
    let export: Export = serde_json::from_str(text).map_err(malformed)?;
    // Reading is more lenient than writing: a list may stand for an object, a field may be left out.
    // Nothing of that here.
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
            seed_source: Some(export.frame.seed_source),
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
    let Export { format, frame, draw, plan, .. } = export;
    for (format, expected) in [(format, EXPORT_FORMAT), (&frame.format, FRAME_FORMAT)] {
        if format != expected {
            return Err(format!("format {format:?}, expected {expected:?}"));
        }
    }
    for rule in &frame.rules {
        match (rule.percent, rule.count) {
            (Some(1..=100), None) => {}
            (None, Some(count)) if count > 0 => {}
            _ => {
                return Err(format!(
                    "rule {:?} asks for no share of 1 to 100 per cent and no number",
                    rule.id
                ));
            }
        }
        if rule.rounds_left == 0 || rule.repeats_at_least == Some(0) {
            return Err(format!("rule {:?} has a figure of 0", rule.id));
        }
    }
    let as_many = |list: &[u64]| list.len() == frame.rules.len();
    if !frame.squads.iter().all(|squad| as_many(&squad.there) && as_many(&squad.done))
        || !frame.officers.iter().all(|officer| as_many(&officer.done))
    {
        return Err("a squad or officer has not one figure for each rule".to_owned());
    }
    let names = [&frame.round, &frame.policy, &frame.seed_source, &draw.round]
        .into_iter()
        .chain(frame.rules.iter().map(|rule| &rule.id))
        .chain(frame.squads.iter().flat_map(|squad| [&squad.unit, &squad.name]))
        .chain(frame.officers.iter().flat_map(|officer| [&officer.badge, &officer.unit]))
        .chain(frame.items.iter().flat_map(|item| [&item.id, &item.unit]))
        .chain(frame.items.iter().flat_map(|item| &item.officers))
        .chain(plan.quotas.iter().map(|quota| &quota.rule))
        .chain(&draw.units)
        .chain(draw.items.iter().flat_map(|item| [&item.id, &item.unit, &item.reason]));
    if let Some(name) = names.into_iter().find(|name| !is_writable(name)) {
        return Err(format!("the name {name:?} is empty or holds a control character"));
    }
    check_seed(&draw.seed).map_err(|error| error.to_string())
}

fn compare(export: &Export, findings: &mut Findings) {
    let Export { frame, plan, draw, .. } = export;
    let round = round_name(frame.month, &frame.policy, frame.kind);
    findings.same(MismatchCode::Round, "frame", &round, &frame.round);
    findings.same(MismatchCode::Round, "draw", &frame.round, &draw.round);
    let last = if frame.base_to == frame.month { frame.month } else { frame.month.previous() };
    findings.same(MismatchCode::BaseMonth, "frame", last, frame.base_to);
    if frame.base_from > frame.base_to {
        findings.add(MismatchCode::BaseMonth, "frame", "no later than its end", frame.base_from);
    }

    let in_order = [
        ("squads", frame.squads.windows(2).all(|pair| pair[0].unit < pair[1].unit)),
        ("officers", frame.officers.windows(2).all(|pair| pair[0].badge < pair[1].badge)),
        ("items", frame.items.windows(2).all(|pair| pair[0].id < pair[1].id)),
    ];
    for (list, _) in in_order.iter().filter(|(_, in_order)| !in_order) {
        findings.add(MismatchCode::FrameOrder, list, "each once, in order of bytes", "another order");
    }
    let digest = frame.sha256();
    findings.same(MismatchCode::FrameDigest, "frame", &digest, &export.frame_sha256);
    findings.same(MismatchCode::FrameDigest, "draw", &digest, &draw.frame_sha256);
    if in_order.iter().any(|(_, in_order)| !in_order) {
        return; // What would be drawn from such a frame is not defined.
    }
    compare_frame(frame, findings);

    let expected = Plan::of(frame);
    findings.same(MismatchCode::Plan, "core", expected.core, plan.core);
    let rules =
        |plan: &Plan| plan.quotas.iter().map(|quota| quota.rule.clone()).collect::<Vec<_>>().join(", ");
    findings.same(MismatchCode::Plan, "rules", rules(&expected), rules(plan));
    for (quota, listed) in expected.quotas.iter().zip(&plan.quotas) {
        for (figure, expected, found) in [
            ("need", quota.need, listed.need),
            ("possible", quota.possible, listed.possible),
            ("to_draw", quota.to_draw, listed.to_draw),
        ] {
            findings.same(MismatchCode::Plan, &format!("{} {figure}", quota.rule), expected, found);
        }
    }
    compare_draw(export, digest, findings);
}

/// The figures of the frame that its own lists tell.
fn compare_frame(frame: &Frame, findings: &mut Findings) {
    for (number, rule) in frame.rules.iter().enumerate() {
        let at = |list: &[u64]| list.get(number).copied().unwrap_or(0);
        let a_round = rule.within == Within::Round;
        let there = match rule.take {
            Take::Items if rule.of == ShareOf::Cases => Some(frame.cases),
            Take::Items if a_round => {
                Some(frame.items.iter().filter(|item| item.counts_for(rule)).count() as u64)
            }
            Take::Items => None,
            Take::Squads => Some(frame.squads.len() as u64),
            Take::Officers => Some(frame.officers.len() as u64),
        };
        let done = match rule.take {
            _ if a_round => Some(0),
            Take::Items => None,
            Take::Squads => Some(frame.squads.iter().filter(|squad| at(&squad.done) > 0).count() as u64),
            Take::Officers => Some(frame.officers.iter().filter(|one| at(&one.done) > 0).count() as u64),
        };
        for (figure, expected, found) in [("there", there, rule.there), ("done", done, rule.done)] {
            if let Some(expected) = expected {
                findings.same(MismatchCode::Frame, &format!("{} {figure}", rule.id), expected, found);
            }
        }
        if a_round {
            findings.same(MismatchCode::Frame, &format!("{} rounds_left", rule.id), 1, rule.rounds_left);
        }
    }
}

fn compare_draw(export: &Export, digest: String, findings: &mut Findings) {
    let Export { frame, draw, .. } = export;
    let seed = &draw.seed;
    let tickets: Vec<(&str, String, &String)> =
        draw.items.iter().map(|item| (item.id.as_str(), item_ticket(seed, &item.id), &item.ticket)).collect();
    if !tickets.is_empty() && tickets.iter().all(|(_, expected, found)| expected != *found) {
        findings.add(MismatchCode::Seed, seed, "the seed of the tickets", "a seed that gives none of them");
        return;
    }
    for (name, expected, found) in &tickets {
        findings.same(MismatchCode::Ticket, name, expected, found);
    }

    let replayed = replay(frame, digest, seed);
    let items = |draw: &super::Draw| -> Vec<Row> {
        let fields =
            |item: &super::DrawnItem| vec![("unit", item.unit.clone()), ("reason", item.reason.clone())];
        draw.items.iter().map(|item| (item.id.clone(), fields(item))).collect()
    };
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
