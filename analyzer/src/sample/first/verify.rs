//! Verification of the first format.

use super::super::draw::{check_seed, item_ticket, unit_ticket};
use super::super::frame::is_writable;
use super::super::mismatch::{
    Codes, Findings, Malformed, MismatchCode, Row, Verification, Verified, compare_lists,
};
use super::draw::replay;
use super::export::{EXPORT_FORMAT, Export};
use super::plan::Plan;

/// Replays an exported round of the first format.
pub(in super::super) fn verify(text: &str) -> Result<Verification, Malformed> {
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
            seed_source: None,
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
    let units = |draw: &super::draw::Draw| -> Vec<Row> {
        let reason = |reason: super::draw::UnitReason| vec![("reason", reason.as_str().to_owned())];
        draw.picks.iter().map(|pick| (pick.unit.clone(), reason(pick.reason))).collect()
    };
    let items = |draw: &super::draw::Draw| -> Vec<Row> {
        let fields = |item: &super::draw::DrawnItem| {
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
