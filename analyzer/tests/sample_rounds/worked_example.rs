//! The worked example of docs/sampling.md is what the program does.

use analyzer::sample::{ItemReason, draw, item_ticket, unit_ticket};

use crate::support::{Bureau, month, squad_code};

const PAGE: &str = include_str!("../../../docs/sampling.md");
const SEED: &str = "20240506-4-2-6";

#[test]
fn every_figure_of_the_worked_example_is_the_programs() {
    let april = month("2024-04");
    let mut bureau = Bureau::new(april, &[0, 0, 0]);
    bureau.units[0].name = "静安寺街道中队".into();
    bureau.units[1].name = "石门二路街道中队".into();
    bureau.units[2].name = "大宁路街道中队".into();
    for (case_no, squad, stages) in
        [("A-001", 0, 2), ("A-002", 0, 1), ("B-001", 1, 3), ("B-002", 1, 1), ("C-001", 2, 1)]
    {
        bureau.add_case(april, case_no, &squad_code(squad), stages);
    }
    // Cases without a stage in April: they are in the number that the share refers to.
    for i in 3..=20 {
        bureau.add_case(april, &format!("A-{i:03}"), &squad_code(0), 0);
    }
    let earlier = analyzer::sample::EarlierRound { month: april, units: [squad_code(0)].into() };
    let frozen = bureau.freeze(month("2024-05"), &[earlier]);
    let draw = draw(&frozen, SEED).unwrap();

    let mut expected = vec![
        format!("```text\n{}```", frozen.frame.canonical()),
        format!("`{}`", frozen.frame_sha256),
        format!("`{SEED}`"),
    ];
    let plan = frozen.plan;
    for (name, figure) in [
        ("items_required", plan.items_required),
        ("units_required", plan.units_required),
        ("months_left", plan.months_left),
        ("due_required", plan.due_required),
        ("due_to_draw", plan.due_to_draw),
        ("units_to_draw", plan.units_to_draw),
        ("items_to_draw", plan.items_to_draw),
    ] {
        expected.push(format!("| `{name}` | {figure} |"));
    }
    for squad in &frozen.frame.squads {
        expected.push(format!("| `{}` | `{}` |", squad.unit, unit_ticket(SEED, &squad.unit)));
    }
    for item in &frozen.frame.items {
        expected.push(format!("| `{}` | `{}` |", item.id, item_ticket(SEED, &item.id)));
    }
    for item in &draw.items {
        let reason = match item.reason {
            ItemReason::UnitQuota => "unit_quota",
            ItemReason::CaseQuota => "case_quota",
        };
        expected.push(format!("| {} | `{}` | `{}` | `{reason}` |", item.order, item.id, item.unit));
    }
    expected.push(format!("Squads reached: `{}`", draw.units.join("`, `")));
    for text in &expected {
        assert!(
            PAGE.contains(text.as_str()),
            "docs/sampling.md lacks:\n{text}\n\nall of it:\n{}",
            expected.join("\n")
        );
    }
}
