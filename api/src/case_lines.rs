//! The cases of a judged month, a line each: made once for each judgement, and looked up by number and unit.
//!
//! A page of a list is then a slice: nothing of a request walks the month.

use std::collections::HashMap;

use analyzer::audit::{Incremental, Obligation, ObligationStatus};
use catalog::Micros;
use catalog::case::Case;
use serde::Serialize;

use crate::sight::Sight;

/// A case in one line: its sums over the obligations that it has in the month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CaseLine {
    /// The case.
    #[serde(flatten)]
    pub case: Case,
    /// How many of its stages had to be recorded.
    pub obligations: u32,
    /// The gravest status among them; `None` without any.
    pub status: Option<ObligationStatus>,
    /// How much had to be recorded.
    pub required_us: Micros,
    /// How much was.
    pub covered_us: Micros,
    /// How many findings there are.
    pub findings: u64,
}

impl CaseLine {
    fn new(case: Case, obligations: &[Obligation]) -> Self {
        Self {
            case,
            obligations: u32::try_from(obligations.len()).unwrap_or(u32::MAX),
            status: obligations
                .iter()
                .map(|obligation| obligation.status)
                .max_by_key(|status| gravity(*status)),
            required_us: obligations.iter().map(|obligation| obligation.required_us).sum(),
            covered_us: obligations.iter().map(|obligation| obligation.covered_us).sum(),
            findings: obligations.iter().map(|obligation| obligation.findings.len() as u64).sum(),
        }
    }
}

/// How grave a status is, from 0.
pub const fn gravity(status: ObligationStatus) -> u8 {
    match status {
        ObligationStatus::Complete => 0,
        ObligationStatus::Excused => 1,
        ObligationStatus::Partial => 2,
        ObligationStatus::Missing => 3,
    }
}

/// The lines of a month.
#[derive(Debug)]
pub struct CaseLines {
    /// By number of the case.
    lines: Vec<CaseLine>,
    /// Places of the lines, in order, by unit.
    of_unit: HashMap<String, Vec<u32>>,
}

impl CaseLines {
    /// The lines of a month's cases. O(cases × log obligations).
    pub fn new(month: &Incremental) -> Self {
        let lines: Vec<CaseLine> = month
            .cases()
            .map(|case| CaseLine::new(case.clone(), month.obligations_of(&case.case_no)))
            .collect();
        let mut of_unit: HashMap<String, Vec<u32>> = HashMap::new();
        for (place, line) in (0..).zip(&lines) {
            match of_unit.get_mut(&line.case.unit) {
                Some(places) => places.push(place),
                None => {
                    of_unit.insert(line.case.unit.clone(), vec![place]);
                }
            }
        }
        Self { lines, of_unit }
    }

    /// All lines, by number of the case.
    pub fn all(&self) -> &[CaseLine] {
        &self.lines
    }

    /// The lines that a person sees, by number of the case, from the first after `after` on: `limit` at most.
    ///
    /// O(log n + limit) for who sees all; for who sees `u` units O(u × (log n + limit)).
    pub fn page(&self, sight: &Sight, after: Option<&str>, limit: usize) -> Vec<&CaseLine> {
        let begin =
            self.lines.partition_point(|line| after.is_some_and(|after| line.case.case_no.as_str() <= after));
        match sight {
            Sight::All => self.lines[begin..].iter().take(limit).collect(),
            Sight::Below { units, .. } => {
                let from = |places: &'_ Vec<u32>| places.partition_point(|&place| (place as usize) < begin);
                let mut places: Vec<u32> = units
                    .iter()
                    .filter_map(|unit| self.of_unit.get(unit))
                    .flat_map(|places| places[from(places)..].iter().take(limit).copied())
                    .collect();
                places.sort_unstable();
                places.into_iter().take(limit).map(|place| &self.lines[place as usize]).collect()
            }
        }
    }
}
