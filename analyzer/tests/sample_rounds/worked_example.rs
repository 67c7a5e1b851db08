//! The worked example of docs/sampling.md is what the program does.

use analyzer::sample::{draw, item_ticket, unit_ticket};

use crate::support::{Bureau, month, reached, squad_code};

const PAGE: &str = include_str!("../../../docs/sampling.md");
const SEED: &str = "20240603-4-2-6";

#[test]
fn every_figure_of_the_worked_example_is_the_programs() {
    let may = month("2024-05");
    let mut bureau = Bureau::new(may, &[0, 0, 0]);
    bureau.units[0].name = "静安寺街道中队".into();
    bureau.units[1].name = "石门二路街道中队".into();
    bureau.units[2].name = "大宁路街道中队".into();
    for (case_no, squad, stages) in
        [("A-001", 0, 2), ("A-002", 0, 1), ("B-001", 1, 3), ("B-002", 1, 1), ("C-001", 2, 1)]
    {
        bureau.add_case(may, case_no, &squad_code(squad), stages);
    }
    // Cases without a stage in May: they are in the number that the share refers to.
    for i in 3..=20 {
        bureau.add_case(may, &format!("A-{i:03}"), &squad_code(0), 0);
    }
    let frozen = bureau.freeze(month("2024-06"), &[reached("2024-05", &[0])]);
    let draw = draw(&frozen, SEED).unwrap();

    let mut expected = vec![
        format!("```text\n{}```", frozen.frame.canonical()),
        format!("`{}`", frozen.frame_sha256),
        format!("`{SEED}`"),
        format!("the core is {}", frozen.plan.core),
    ];
    for quota in &frozen.plan.quotas {
        expected
            .push(format!("| `{}` | {} | {} | {} |", quota.rule, quota.need, quota.possible, quota.to_draw));
    }
    for squad in &frozen.frame.squads {
        expected.push(format!("| `{}` | `{}` |", squad.unit, unit_ticket(SEED, &squad.unit)));
    }
    for item in &frozen.frame.items {
        expected.push(format!("| `{}` | `{}` |", item.id, item_ticket(SEED, &item.id)));
    }
    for item in &draw.items {
        expected.push(format!("| {} | `{}` | `{}` | `{}` |", item.order, item.id, item.unit, item.reason));
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
