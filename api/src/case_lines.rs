//! The cases of a judged month, a line each: made once for each judgement, and looked up, filtered and sorted.
//!
//! A page of a list is then a slice: nothing of a request walks the month, unless it filters by what a case holds, and then
//! it walks these lines. What they are sorted by is put in order when somebody first asks for it.

use std::collections::{BTreeSet, HashMap};
use std::sync::OnceLock;

use analyzer::audit::{Incremental, Obligation, ObligationStatus};
use catalog::Micros;
use catalog::case::{Case, Procedure, StageId, StageKind};
use catalog::finding::{FindingCode, Severity};
use serde::Serialize;

use crate::server::paging::{Asked, Key, Place};
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
    /// What was found, each code once and as grave as it is at its gravest; the gravest first.
    pub codes: Vec<CodeLine>,
    /// Its stages, as far as lists are filtered by them.
    #[serde(skip)]
    stages: Vec<StageFacts>,
}

/// A code of findings, and how grave the gravest of them is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct CodeLine {
    /// The code.
    pub code: FindingCode,
    /// How grave.
    pub severity: Severity,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct StageFacts {
    stage_no: u32,
    kind: StageKind,
    status: ObligationStatus,
    codes: Vec<FindingCode>,
}

impl StageFacts {
    fn new(obligation: &Obligation) -> Self {
        Self {
            stage_no: obligation.stage_no,
            kind: obligation.kind,
            status: obligation.status,
            codes: obligation.findings.iter().map(|finding| finding.kind.code()).collect(),
        }
    }
}

impl CaseLine {
    fn new(case: Case, obligations: &[Obligation]) -> Self {
        let mut codes: Vec<CodeLine> = Vec::new();
        for finding in obligations.iter().flat_map(|obligation| &obligation.findings) {
            let (code, severity) = (finding.kind.code(), finding.severity);
            match codes.iter_mut().find(|line| line.code == code) {
                Some(line) => line.severity = line.severity.max(severity),
                None => codes.push(CodeLine { code, severity }),
            }
        }
        codes.sort_by(|one, other| other.severity.cmp(&one.severity).then(one.code.cmp(&other.code)));
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
            codes,
            stages: obligations.iter().map(StageFacts::new).collect(),
        }
    }

    /// What it has in a column of [`SORTS`].
    fn key(&self, column: &str) -> Key {
        match column {
            "unit" => self.case.unit.as_str().into(),
            "procedure" => self.case.procedure.as_str().into(),
            "filed_at" => self.case.filed_at.into(),
            "stages" => Key::Number(self.obligations.into()),
            "coverage" => self.covered_ppm().map_or(Key::Nothing, Key::Number),
            "status" => self.status.map_or(Key::Nothing, |status| Key::Number(gravity(status).into())),
            "findings" => self.findings.into(),
            _ => self.case.case_no.as_str().into(),
        }
    }

    /// Millionths of what had to be recorded that were; `None` where nothing had to be.
    fn covered_ppm(&self) -> Option<i64> {
        let (covered, required) = (i128::from(self.covered_us.0), i128::from(self.required_us.0));
        (required > 0).then(|| i64::try_from(covered * 1_000_000 / required).unwrap_or(i64::MAX))
    }

    fn place(&self, column: Option<&str>) -> Place {
        (column.map_or(Key::Nothing, |column| self.key(column)), self.case.case_no.as_str().into())
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

/// The columns that cases can be sorted by; their own order is by number.
pub(crate) const SORTS: &[&str] =
    &["case_no", "unit", "procedure", "filed_at", "stages", "coverage", "status", "findings"];

/// What is asked of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// That there are some.
    Any,
    /// That there is one of this code.
    Of(FindingCode),
}

/// Which cases are asked for. What is asked of stages is asked of one and the same stage.
#[derive(Debug, Clone, Default)]
pub(crate) struct CaseFilter {
    /// Those with a stage that stands so.
    pub(crate) status: Option<ObligationStatus>,
    /// Those with a stage of this kind.
    pub(crate) kind: Option<StageKind>,
    /// Those with a stage with such a finding.
    pub(crate) finding: Option<Found>,
    /// Those of this unit.
    pub(crate) unit: Option<String>,
    /// Those by this procedure.
    pub(crate) procedure: Option<Procedure>,
    /// Those that hold this text: in number, title, places, badges, or keys of recordings; small and capital letters alike.
    pub(crate) text: Option<String>,
    /// Those with one of these stages.
    pub(crate) stages: Option<BTreeSet<StageId>>,
}

impl CaseFilter {
    /// Whether more is asked for than a unit.
    fn looks_inside(&self) -> bool {
        self.status.is_some()
            || self.kind.is_some()
            || self.finding.is_some()
            || self.procedure.is_some()
            || self.text.is_some()
            || self.stages.is_some()
    }

    fn takes(&self, line: &CaseLine, text: Option<&str>) -> bool {
        if self.procedure.is_some_and(|procedure| procedure != line.case.procedure) {
            return false;
        }
        if let (Some(wanted), Some(text)) = (&self.text, text)
            && memchr::memmem::find(text.as_bytes(), wanted.as_bytes()).is_none()
        {
            return false;
        }
        let of_stages =
            self.status.is_some() || self.kind.is_some() || self.finding.is_some() || self.stages.is_some();
        !of_stages || line.stages.iter().any(|stage| self.takes_stage(line, stage))
    }

    fn takes_stage(&self, line: &CaseLine, stage: &StageFacts) -> bool {
        self.status.is_none_or(|status| status == stage.status)
            && self.kind.is_none_or(|kind| kind == stage.kind)
            && self.finding.is_none_or(|found| match found {
                Found::Any => !stage.codes.is_empty(),
                Found::Of(code) => stage.codes.contains(&code),
            })
            && self.stages.as_ref().is_none_or(|stages| {
                let id = StageId { case_no: line.case.case_no.clone(), stage_no: stage.stage_no };
                stages.contains(&id)
            })
    }
}

/// A page of cases.
#[derive(Debug)]
pub(crate) struct CasePage<'l> {
    /// The lines.
    pub(crate) cases: Vec<&'l CaseLine>,
    /// What to give as `after` for the next page; `None` on the last.
    pub(crate) next: Option<String>,
    /// How many cases are as the filter asks, on all pages.
    pub(crate) matching: usize,
    /// How many there are without a filter.
    pub(crate) all: usize,
}

/// The lines of a month.
#[derive(Debug)]
pub struct CaseLines {
    /// By number of the case.
    lines: Vec<CaseLine>,
    /// Places of the lines, in order, by unit.
    of_unit: HashMap<String, Vec<u32>>,
    /// Places of the lines in the order of each column, forwards and backwards.
    orders: Vec<[OnceLock<Vec<u32>>; 2]>,
    /// What each line is searched for, in small letters.
    texts: OnceLock<Vec<String>>,
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
        let orders = SORTS.iter().map(|_| Default::default()).collect();
        Self { lines, of_unit, orders, texts: OnceLock::new() }
    }

    /// All lines, by number of the case.
    pub fn all(&self) -> &[CaseLine] {
        &self.lines
    }

    fn line(&self, place: u32) -> &CaseLine {
        &self.lines[place as usize]
    }

    /// The page that is asked for of the lines that a person sees; `month` is what these lines are of.
    ///
    /// O(log n + limit) for who sees all and filters by nothing, in whichever order; O(n) at most for who filters.
    pub(crate) fn page(
        &self,
        month: &Incremental,
        sight: &Sight,
        filter: &CaseFilter,
        asked: &Asked,
    ) -> CasePage<'_> {
        let all = match sight {
            Sight::All => self.lines.len(),
            Sight::Below { units, .. } => {
                units.iter().filter_map(|unit| self.of_unit.get(unit)).map(Vec::len).sum()
            }
        };
        let column = asked.column;
        let some = self.of_some_units(sight, filter.unit.as_deref(), asked);
        let whole: &[u32] = match (&some, column) {
            (Some(places), _) => places,
            (None, None) => &[],
            (None, Some(column)) => self.order(column, asked),
        };
        // In their own order, the lines are their own list.
        let own = some.is_none() && column.is_none();
        let count = if own { self.lines.len() } else { whole.len() };
        let place_of = |index: usize| if own { index } else { whole[index] as usize };
        let at = |index: usize| &self.lines[place_of(index)];
        let begin = first(count, |index| asked.is_ahead(&at(index).place(column)));
        let (mut cases, mut matching) = (Vec::new(), count);
        if filter.looks_inside() {
            let texts = filter.text.is_some().then(|| self.texts(month));
            matching = 0;
            for index in 0..count {
                let place = place_of(index);
                let line = &self.lines[place];
                if filter.takes(line, texts.map(|texts| texts[place].as_str())) {
                    matching += 1;
                    // One more than asked for tells whether there is another page.
                    if index >= begin && cases.len() <= asked.limit {
                        cases.push(line);
                    }
                }
            }
        } else {
            cases.extend((begin..count).take(asked.limit.saturating_add(1)).map(at));
        }
        let more = cases.len() > asked.limit;
        cases.truncate(asked.limit);
        let next = cases.last().filter(|_| more).map(|last| asked.written(&last.place(column)));
        CasePage { cases, next, matching, all }
    }

    /// The places of the lines of some units, in the order that is asked for; `None` where those of all units are wanted.
    fn of_some_units(&self, sight: &Sight, unit: Option<&str>, asked: &Asked) -> Option<Vec<u32>> {
        let units: Vec<&str> = match (sight, unit) {
            (Sight::All, None) => return None,
            (sight, Some(unit)) => Some(unit).filter(|unit| sight.covers(Some(unit))).into_iter().collect(),
            (Sight::Below { units, .. }, None) => units.iter().map(String::as_str).collect(),
        };
        let mut places: Vec<u32> =
            units.iter().filter_map(|unit| self.of_unit.get(*unit)).flatten().copied().collect();
        places.sort_unstable();
        if asked.column.is_some() {
            places.sort_by_cached_key(|place| Sorted(self.line(*place).place(asked.column), asked));
        }
        Some(places)
    }

    /// The places of all lines in the order of a column, made once.
    fn order(&self, column: &str, asked: &Asked) -> &[u32] {
        let Some(number) = SORTS.iter().position(|known| *known == column) else { return &[] };
        self.orders[number][usize::from(asked.backwards)].get_or_init(|| {
            let mut places: Vec<u32> = (0..).take(self.lines.len()).collect();
            places.sort_by_cached_key(|place| Sorted(self.line(*place).place(Some(column)), asked));
            places
        })
    }

    fn texts(&self, month: &Incremental) -> &[String] {
        self.texts.get_or_init(|| {
            let text = |line: &CaseLine| {
                let obligations = month.obligations_of(&line.case.case_no);
                let mut words: Vec<&str> = vec![&line.case.case_no, &line.case.title];
                for one in obligations {
                    words.extend([one.id.as_str(), one.place.as_str()]);
                    words.extend(one.officers.iter().chain(&one.recordings).map(String::as_str));
                }
                words.join("\n").to_lowercase()
            };
            self.lines.iter().map(text).collect()
        })
    }
}

/// A place, ordered as is asked for.
struct Sorted<'a>(Place, &'a Asked);

impl PartialEq for Sorted<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Sorted<'_> {}

impl PartialOrd for Sorted<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Sorted<'_> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.1.compare(&self.0, &other.0)
    }
}

/// The first of `count` for which `holds`, which holds for all that follow it.
fn first(count: usize, holds: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low.midpoint(high);
        if holds(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}
