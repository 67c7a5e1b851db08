//! Verification of the first format.

use super::super::compare::{Codes, Findings, Listed, Row, check_texts, compare_lists, read, result};
use super::super::draw::{item_ticket, unit_ticket};
use super::super::mismatch::{Malformed, MismatchCode, Verification, Verified};
use super::draw::{Draw, replay};
use super::export::{EXPORT_FORMAT, Export};
use super::plan::Plan;

/// Replays an exported round of the first format.
pub(in super::super) fn verify(text: &str) -> Result<Verification, Malformed> {
    let export: Export = read(text)?;
    check_form(&export)?;
    let mut findings = Findings(Vec::new());
    compare(&export, &mut findings);
    let verified = Verified {
        round: export.frame.round,
        seed: export.draw.seed,
        seed_source: None,
        frame_sha256: export.frame_sha256,
        frame_size: export.frame.items.len() as u64,
        items: export.draw.items.len() as u64,
        units: export.draw.units.len() as u64,
    };
    Ok(result(findings, verified))
}

/// What a reader may rely on beyond the types.
fn check_form(export: &Export) -> Result<(), Malformed> {
    let Export { format, frame, draw, .. } = export;
    if format != EXPORT_FORMAT {
        return Err(Malformed(format!("format {format:?}, expected {EXPORT_FORMAT:?}")));
    }
    for percent in [frame.items_percent, frame.units_percent] {
        if !(1..=100).contains(&percent) {
            return Err(Malformed(format!("a share of {percent} per cent, expected 1 to 100")));
        }
    }
    let names = [&frame.round, &frame.policy, &draw.round]
        .into_iter()
        .chain(frame.squads.iter().flat_map(|squad| [&squad.unit, &squad.name]))
        .chain(frame.items.iter().flat_map(|item| [&item.id, &item.unit]))
        .chain(&draw.units)
        .chain(draw.picks.iter().map(|pick| &pick.unit))
        .chain(draw.items.iter().flat_map(|item| [&item.id, &item.unit]));
    check_texts(names, &draw.seed)
}

fn compare(export: &Export, findings: &mut Findings) {
    let Export { frame, plan, draw, .. } = export;
    findings.same(MismatchCode::Round, "frame", &format!("{}/{}", frame.month, frame.policy), &frame.round);
    findings.same(MismatchCode::Round, "draw", &frame.round, &draw.round);
    findings.same(MismatchCode::BaseMonth, "frame", frame.month.previous(), frame.base_month);

    let in_order = findings.in_order(&[
        ("squads", frame.squads.windows(2).all(|pair| pair[0].unit < pair[1].unit)),
        ("items", frame.items.windows(2).all(|pair| pair[0].id < pair[1].id)),
    ]);
    let digest = frame.sha256();
    findings.same(MismatchCode::FrameDigest, "frame", &digest, &export.frame_sha256);
    findings.same(MismatchCode::FrameDigest, "draw", &digest, &draw.frame_sha256);
    if !in_order {
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
    if !findings.tickets(seed, &tickets) {
        return;
    }
    let replayed = replay(frame, digest, seed);
    let picks = |draw: &Draw| -> Vec<Row> {
        let fields = |reason: super::draw::UnitReason| vec![("reason", reason.as_str().to_owned())];
        draw.picks.iter().map(|pick| (pick.unit.clone(), fields(pick.reason))).collect()
    };
    let codes = Codes {
        missing: MismatchCode::PickMissing,
        extra: MismatchCode::PickExtra,
        changed: MismatchCode::PickChanged,
        order: MismatchCode::PickOrder,
        list: "picks",
    };
    compare_lists(&codes, &picks(&replayed), &picks(draw), findings);
    findings.draws((&listed(&replayed), &replayed.units), (&listed(draw), &draw.units));
}

fn listed(draw: &Draw) -> Vec<Listed<'_>> {
    draw.items
        .iter()
        .map(|item| Listed {
            order: item.order,
            id: &item.id,
            unit: &item.unit,
            reason: item.reason.as_str(),
        })
        .collect()
}
