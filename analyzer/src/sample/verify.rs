//! Verification: replays an exported round from its frame and its seed alone, and names what differs.
//!
//! Two kinds of bad news are kept apart. [`Malformed`] is an error: the file is no export, so nothing
//! can be said. A list of mismatches is a finding: the file can be read, and it does not hold.
//!
//! What verification cannot know is whether frame and seed are the ones that were announced. It gives
//! both back to be compared with what was published.

use super::compare::{Findings, Listed, check_texts, read, result};
use super::draw::{item_ticket, replay};
use super::export::{EXPORT_FORMAT, Export};
use super::first;
use super::frame::{FRAME_FORMAT, Frame};
use super::freeze::round_name;
use super::mismatch::{Malformed, MismatchCode, Verification, Verified};
use super::plan::Plan;
use crate::policy::{ShareOf, Take, Within};

/// Replays an exported round, of this format or the first.
pub fn verify(text: &str) -> Result<Verification, Malformed> {
    let as_it_stands: serde_json::Value =
        serde_json::from_str(text).map_err(|error| Malformed(error.to_string()))?;
    if as_it_stands.get("format").and_then(serde_json::Value::as_str) == Some(first::EXPORT_FORMAT) {
        return first::verify(text);
    }
    let export: Export = read(text)?;
    check_form(&export)?;
    let mut findings = Findings(Vec::new());
    compare(&export, &mut findings);
    let verified = Verified {
        round: export.frame.round,
        seed: export.draw.seed,
        seed_source: Some(export.frame.seed_source),
        frame_sha256: export.frame_sha256,
        frame_size: export.frame.items.len() as u64,
        items: export.draw.items.len() as u64,
        units: export.draw.units.len() as u64,
    };
    Ok(result(findings, verified))
}

/// What a reader may rely on beyond the types.
fn check_form(export: &Export) -> Result<(), Malformed> {
    let Export { format, frame, draw, plan, .. } = export;
    for (format, expected) in [(format, EXPORT_FORMAT), (&frame.format, FRAME_FORMAT)] {
        if format != expected {
            return Err(Malformed(format!("format {format:?}, expected {expected:?}")));
        }
    }
    for rule in &frame.rules {
        match (rule.percent, rule.count) {
            (Some(1..=100), None) => {}
            (None, Some(count)) if count > 0 => {}
            _ => {
                return Err(Malformed(format!(
                    "rule {:?} asks for no share of 1 to 100 per cent and no number",
                    rule.id
                )));
            }
        }
        if rule.rounds_left == 0 || rule.repeats_at_least == Some(0) {
            return Err(Malformed(format!("rule {:?} has a figure of 0", rule.id)));
        }
    }
    let as_many = |list: &[u64]| list.len() == frame.rules.len();
    if !frame.squads.iter().all(|squad| as_many(&squad.there) && as_many(&squad.done))
        || !frame.officers.iter().all(|officer| as_many(&officer.done))
    {
        return Err(Malformed("a squad or officer has not one figure for each rule".to_owned()));
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
    check_texts(names, &draw.seed)
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

    let in_order = findings.in_order(&[
        ("squads", frame.squads.windows(2).all(|pair| pair[0].unit < pair[1].unit)),
        ("officers", frame.officers.windows(2).all(|pair| pair[0].badge < pair[1].badge)),
        ("items", frame.items.windows(2).all(|pair| pair[0].id < pair[1].id)),
    ]);
    let digest = frame.sha256();
    findings.same(MismatchCode::FrameDigest, "frame", &digest, &export.frame_sha256);
    findings.same(MismatchCode::FrameDigest, "draw", &digest, &draw.frame_sha256);
    if !in_order {
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
    if !findings.tickets(seed, &tickets) {
        return;
    }
    let replayed = replay(frame, digest, seed);
    findings.draws((&listed(&replayed), &replayed.units), (&listed(draw), &draw.units));
}

fn listed(draw: &super::Draw) -> Vec<Listed<'_>> {
    draw.items
        .iter()
        .map(|item| Listed { order: item.order, id: &item.id, unit: &item.unit, reason: &item.reason })
        .collect()
}
