//! A bureau made up for a test: squads, officers, cases and stages of any number.

use std::collections::BTreeMap;

use analyzer::policy::{Policy, Population};
use analyzer::sample::{
    Draw, EarlierItem, EarlierRound, FreezeError, FreezeInput, Frozen, Sources, draw, freeze,
};
use catalog::case::{Case, Procedure, Stage, StageKind};
use catalog::unit::{Officer, Unit, UnitKind};
use catalog::{Micros, Month};

pub(crate) fn jingan() -> Policy {
    Policy::built_in("jingan-2024").unwrap()
}

pub(crate) fn month(text: &str) -> Month {
    text.parse().unwrap()
}

pub(crate) fn unit(code: &str, kind: UnitKind) -> Unit {
    Unit { code: code.to_owned(), name: format!("{code}街道中队"), kind, parent: None }
}

pub(crate) fn squad_code(number: usize) -> String {
    format!("SQ-{number:02}")
}

pub(crate) const SEED_SOURCE: &str = "两名督察人员掷骰";

/// How many cases each squad has, and how many stages each case.
#[derive(Default)]
pub(crate) struct Bureau {
    pub(crate) units: Vec<Unit>,
    pub(crate) officers: Vec<Officer>,
    pub(crate) cases: Vec<Case>,
    pub(crate) stages: Vec<Stage>,
    pub(crate) repeats: BTreeMap<String, u32>,
}

impl Bureau {
    /// A bureau with one squad an entry, which has that many cases in `base_month`, of 1, 2, 3, 1, … stages.
    pub(crate) fn new(base_month: Month, cases_of_squads: &[usize]) -> Self {
        let mut bureau = Self::default();
        bureau.add_month(base_month, cases_of_squads);
        bureau
    }

    /// Another month of the same squads; squads that are not there yet are founded, with two officers each.
    pub(crate) fn add_month(&mut self, base_month: Month, cases_of_squads: &[usize]) {
        for (number, count) in cases_of_squads.iter().enumerate() {
            let code = squad_code(number);
            if self.units.iter().all(|unit| unit.code != code) {
                self.units.push(unit(&code, UnitKind::Squad));
                for officer in 0..2 {
                    self.officers.push(Officer {
                        badge: format!("{code}-{officer}"),
                        name: String::new(),
                        unit: code.clone(),
                        frontline: true,
                    });
                }
            }
            for i in 0..*count {
                self.add_case(base_month, &format!("{base_month}-{code}-{i:03}"), &code, 1 + i % 3);
            }
        }
    }

    pub(crate) fn add_case(&mut self, filed_in: Month, case_no: &str, unit: &str, stages: usize) {
        let filed_at = filed_in.start() + Micros::from_s(3600);
        self.cases.push(Case {
            case_no: case_no.to_owned(),
            unit: unit.to_owned(),
            procedure: Procedure::Ordinary,
            filed_at,
            closed_at: Some(filed_at + Micros::from_s(7200)),
            title: String::new(),
        });
        for stage_no in 1..=u32::try_from(stages).unwrap() {
            let starts_at = filed_at + Micros::from_s(i64::from(stage_no) * 86_400);
            self.stages.push(Stage {
                case_no: case_no.to_owned(),
                stage_no,
                kind: StageKind::SiteInspection,
                starts_at,
                ends_at: starts_at + Micros::from_s(600),
                officers: vec![format!("{unit}-{}", (self.cases.len() + stage_no as usize) % 2)],
                place: String::new(),
            });
        }
    }

    pub(crate) fn freeze(&self, month: Month, earlier: &[EarlierRound]) -> Frozen {
        self.try_freeze(month, &jingan(), Population::Recordings, earlier).unwrap()
    }

    pub(crate) fn try_freeze(
        &self,
        month: Month,
        policy: &Policy,
        kind: Population,
        earlier: &[EarlierRound],
    ) -> Result<Frozen, FreezeError> {
        freeze(FreezeInput {
            month,
            policy,
            kind,
            seed_source: SEED_SOURCE,
            sources: Sources {
                cases: &self.cases,
                stages: &self.stages,
                officers: &self.officers,
                repeats: &self.repeats,
            },
            units: &self.units,
            earlier,
        })
    }
}

/// What a later round has to know of a drawn one.
pub(crate) fn earlier_round(frozen: &Frozen, draw: &Draw) -> EarlierRound {
    let drawn = |id: &str| draw.items.iter().any(|item| item.id == id);
    let items = frozen.frame.items.iter().filter(|item| drawn(&item.id));
    EarlierRound {
        month: frozen.month,
        items: items
            .map(|item| EarlierItem { unit: item.unit.clone(), officers: item.officers.clone() })
            .collect(),
    }
}

/// A round that reached these squads with one item each.
pub(crate) fn reached(in_month: &str, squads: &[usize]) -> EarlierRound {
    let item = |number: &usize| EarlierItem { unit: squad_code(*number), officers: Vec::new() };
    EarlierRound { month: month(in_month), items: squads.iter().map(item).collect() }
}

/// A frozen round of June with squads of these sizes, no earlier round missed.
pub(crate) fn frozen(cases_of_squads: &[usize]) -> Frozen {
    Bureau::new(month("2024-05"), cases_of_squads).freeze(month("2024-06"), &[])
}

/// A round of February, so that most due squads may wait, in which squad 0 was reached already.
pub(crate) fn february(cases_of_squads: &[usize]) -> Frozen {
    Bureau::new(month("2024-01"), cases_of_squads).freeze(month("2024-02"), &[reached("2024-01", &[0])])
}

pub(crate) fn drawn(frozen: &Frozen, seed: &str) -> Draw {
    draw(frozen, seed).unwrap()
}

/// The policy of a district that is not built in, with these checks.
pub(crate) fn district(checks: &str) -> Policy {
    let text = include_str!("../../../policies/jingan-2024.toml");
    let (start, end) = (text.find("[[check]]").unwrap(), text.find("[return]").unwrap());
    let text = format!("{}{checks}\n{}", &text[..start], &text[end..]);
    Policy::parse("district.toml", &text.replacen("jingan-2024", "huangpu-2025", 1)).unwrap()
}
