//! Units, which form a tree, and the officers in them.

use std::collections::HashMap;

use catalog::import::KnownNames;
use catalog::unit::{Officer, Unit};

use crate::cell;
use crate::error::{Problems, quoted};
use crate::heading::{Column, Heading};
use crate::record::{Field, Keys, Record};
use crate::row::{Names, Noted, RowReader, hint, key_part};

impl Record for Unit {
    const COLUMNS: &'static [Column] = &[
        Column::required(
            "code",
            &["单位编码", "单位代码", "编码", "代码", "单位编号"],
            ["SQ-EXAMPLE", "SQ-EXAMPLE"],
        ),
        Column::required("name", &["单位名称", "名称", "单位"], ["Example squad", "示例中队"]),
        Column::required("kind", &["单位类型", "类型", "单位类别", "类别"], ["squad", "中队"]),
        Column::optional(
            "parent",
            &["上级单位", "上级单位编码", "上级单位代码", "上级编码", "上级"],
            ["", ""],
        ),
    ];
    const KEY: &'static [&'static str] = &["code"];

    fn read(row: &mut RowReader<'_>) -> Result<Self, Noted> {
        let code = row.required("code", cell::id);
        let name = row.required("name", cell::text);
        let kind = row.required("kind", cell::code);
        // Whether the parent exists can be said only when all rows are there.
        let parent = row.optional("parent", cell::id);
        Ok(Self { code: code?, name: name?, kind: kind?, parent: parent? })
    }

    fn fields(&self) -> Vec<Field> {
        vec![
            Field::text(&self.code),
            Field::text(&self.name),
            Field::text(self.kind.as_str()),
            Field::optional(self.parent.as_ref()),
        ]
    }

    fn check_all(
        rows: &[(u64, Self)],
        keys: &Keys,
        known: &KnownNames,
        heading: &Heading,
        problems: &mut Problems,
    ) {
        let places: HashMap<&str, usize> =
            rows.iter().enumerate().map(|(place, (_, unit))| (unit.code.as_str(), place)).collect();
        let parents: Vec<Option<usize>> = rows
            .iter()
            .map(|(line, unit)| {
                let parent = unit.parent.as_deref()?;
                let place = places.get(parent).copied();
                // The parent may stand in a row that is bad for another reason.
                let in_file = place.is_some() || keys.contains_key([key_part(&parent)].as_slice());
                if !in_file && !known.units.contains(parent) {
                    let hint = if problems.worth_a_hint() {
                        let mut names = known.units.clone();
                        names.extend(places.keys().map(|&code| code.to_owned()));
                        hint(parent, &names)
                    } else {
                        String::new()
                    };
                    problems.note(
                        Some(*line),
                        heading.for_problem("parent"),
                        quoted(parent),
                        format!("the code of a unit that is known or stands in this file{hint}"),
                    );
                }
                place
            })
            .collect();
        for cycle in cycles(&parents) {
            let chain: Vec<String> = cycle
                .iter()
                .chain(cycle.first())
                .take(10)
                .map(|&place| quoted(&rows[place].1.code))
                .collect();
            for &place in &cycle {
                problems.note(
                    Some(rows[place].0),
                    heading.for_problem("parent"),
                    format!("a unit above itself: {}", chain.join(" under ")),
                    "a tree, at whose top a unit has no parent",
                );
            }
        }
    }
}

/// The cycles among nodes that have at most one parent each, each from its lowest node on.
fn cycles(parents: &[Option<usize>]) -> Vec<Vec<usize>> {
    // The walk in which a node was first met; every node is walked over once.
    let mut met_in: Vec<Option<usize>> = vec![None; parents.len()];
    let mut cycles = Vec::new();
    for start in 0..parents.len() {
        let mut path = Vec::new();
        let mut node = Some(start);
        while let Some(here) = node {
            match met_in[here] {
                None => {
                    met_in[here] = Some(start);
                    path.push(here);
                    node = parents[here];
                }
                Some(walk) => {
                    if walk == start {
                        cycles.extend(
                            path.iter().position(|&on_path| on_path == here).map(|at| path[at..].to_vec()),
                        );
                    }
                    break;
                }
            }
        }
    }
    cycles
}

impl Record for Officer {
    const COLUMNS: &'static [Column] = &[
        Column::required(
            "badge",
            &["执法证号", "警号", "证号", "编号", "执法证编号", "人员编号", "工号"],
            ["D00001", "D00001"],
        ),
        Column::required("name", &["姓名", "人员姓名"], ["Example Officer", "示例人员"]),
        Column::required(
            "unit",
            &["所属单位", "所属中队", "中队", "单位", "所属单位编码", "单位编码"],
            ["SQ-EXAMPLE", "SQ-EXAMPLE"],
        ),
        Column::required(
            "frontline",
            &["是否一线", "一线", "是否一线执法", "是否一线执法人员"],
            ["true", "是"],
        ),
    ];
    const KEY: &'static [&'static str] = &["badge"];

    fn read(row: &mut RowReader<'_>) -> Result<Self, Noted> {
        let badge = row.required("badge", cell::id);
        let name = row.required("name", cell::text);
        let unit = row.reference("unit", Names::Units);
        let frontline = row.required("frontline", cell::yes_no);
        Ok(Self { badge: badge?, name: name?, unit: unit?, frontline: frontline? })
    }

    fn fields(&self) -> Vec<Field> {
        vec![
            Field::text(&self.badge),
            Field::text(&self.name),
            Field::text(&self.unit),
            Field::text(self.frontline.to_string()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cycle_is_found_once() {
        assert_eq!(cycles(&[None, Some(0), Some(1)]), Vec::<Vec<usize>>::new());
        assert_eq!(cycles(&[Some(0)]), [[0]]);
        assert_eq!(cycles(&[Some(1), Some(2), Some(1), Some(4), Some(3), Some(0)]), [[1, 2], [3, 4]]);
    }
}
