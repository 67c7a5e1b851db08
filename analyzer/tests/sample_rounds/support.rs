//! A bureau made up for a test: squads, cases and stages of any number.

use analyzer::policy::Policy;
use analyzer::sample::{Draw, EarlierRound, FreezeInput, Frozen, draw, freeze};
use catalog::case::{Case, Procedure, Stage, StageKind};
use catalog::unit::{Unit, UnitKind};
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

/// One month: how many cases each squad has, and how many stages each case.
pub(crate) struct Bureau {
    pub(crate) units: Vec<Unit>,
    pub(crate) cases: Vec<Case>,
    pub(crate) stages: Vec<Stage>,
}

impl Bureau {
    /// A bureau with one squad an entry, which has that many cases in `base_month`, of 1, 2, 3, 1, … stages.
    pub(crate) fn new(base_month: Month, cases_of_squads: &[usize]) -> Self {
        let mut bureau = Self { units: Vec::new(), cases: Vec::new(), stages: Vec::new() };
        for (number, count) in cases_of_squads.iter().enumerate() {
            let code = squad_code(number);
            bureau.units.push(unit(&code, UnitKind::Squad));
            for i in 0..*count {
                bureau.add_case(base_month, &format!("{base_month}-{code}-{i:03}"), &code, 1 + i % 3);
            }
        }
        bureau
    }

    pub(crate) fn add_case(&mut self, filed_in: Month, case_no: &str, unit: &str, stages: usize) {
        let filed_at = filed_in.start() + Micros::from_s(3600);
        self.cases.push(Case {
            case_no: case_no.to_owned(),
            unit: unit.to_owned(),
            procedure: Procedure::Ordinary,
            filed_at,
            closed_at: None,
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
                officers: vec!["10001".to_owned()],
                place: String::new(),
            });
        }
    }

    pub(crate) fn freeze(&self, month: Month, earlier: &[EarlierRound]) -> Frozen {
        freeze(FreezeInput {
            month,
            policy: &jingan(),
            cases: &self.cases,
            stages: &self.stages,
            units: &self.units,
            earlier,
        })
        .unwrap()
    }
}

/// A frozen round of June with squads of these sizes, no earlier round missed.
pub(crate) fn frozen(cases_of_squads: &[usize]) -> Frozen {
    Bureau::new(month("2024-05"), cases_of_squads).freeze(month("2024-06"), &[])
}

/// A round of February, so that most due squads may wait, in which squad 0 was reached already.
pub(crate) fn february(cases_of_squads: &[usize]) -> Frozen {
    let earlier = EarlierRound { month: month("2024-01"), units: [squad_code(0)].into() };
    Bureau::new(month("2024-01"), cases_of_squads).freeze(month("2024-02"), &[earlier])
}

pub(crate) fn drawn(frozen: &Frozen, seed: &str) -> Draw {
    draw(frozen, seed).unwrap()
}
