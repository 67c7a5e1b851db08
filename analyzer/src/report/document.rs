//! The whole return: the figures of Annex 2 with everything that stands behind them.
//!
//! [`Return`] is the figure of the sample. Here stands beside it: which of its figures are people's and
//! which the machine's, and what each of them said; the evidence of every item; the other checks of the
//! plan, each in a row of its own; the notices of the month; the months before it.
//!
//! A human verdict overrides the machine ([`with_verdicts`]), and an item says on what it rests. Where no
//! data of a check was imported, its row says so; it never shows a zero that nobody counted.

use std::collections::BTreeMap;

use catalog::notice::NoticeKind;
use catalog::review::{Judgement, Outcome};
use catalog::{Month, WallTime};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{Basis, CheckStatus, Checked, Return};
use crate::policy::Population;
use crate::review::{Agreement, ReviewState, Standing};

/// Puts what people settled in place of what the machine found. What is still open, or disagreed, stays
/// the machine's.
pub fn with_verdicts(checked: &[Checked], standings: &BTreeMap<String, Standing>) -> Vec<Checked> {
    checked
        .iter()
        .map(|machine| {
            let settled = standings.get(&machine.id).and_then(|standing| standing.judgement.as_ref());
            settled.map_or_else(|| machine.clone(), |judgement| judged(machine, judgement))
        })
        .collect()
}

fn judged(machine: &Checked, judgement: &Judgement) -> Checked {
    let (status, irregular) = match judgement.outcome {
        Outcome::Regular => (CheckStatus::Complete, 0),
        Outcome::Missing => (CheckStatus::Missing, 0),
        Outcome::Excused => (CheckStatus::Excused, 0),
        Outcome::Irregular => {
            let status = match machine.status {
                CheckStatus::Complete => CheckStatus::Complete,
                _ => CheckStatus::Partial,
            };
            (status, u32::try_from(judgement.codes.len()).unwrap_or(u32::MAX))
        }
    };
    Checked { id: machine.id.clone(), unit: machine.unit.clone(), status, irregular }
}

/// One recording behind an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EvidenceLink {
    /// Key of the object.
    pub object_key: String,
    /// Number of its version.
    pub version: u32,
    /// SHA-256 of these bytes.
    pub sha256: String,
}

/// What stands behind one sampled item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ItemDetail {
    /// Its name.
    pub id: String,
    /// On what its figure rests.
    pub basis: Basis,
    /// What the machine found; `None` if the obligation is no longer there.
    pub machine_status: Option<CheckStatus>,
    /// What the machine found irregular.
    pub machine_irregular: u32,
    /// How far people are with it; `None` if nobody looks at it.
    pub review: Option<ReviewState>,
    /// What they settled.
    pub verdict: Option<Judgement>,
    /// Its recordings.
    pub evidence: Vec<EvidenceLink>,
}

/// On what the figures rest, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct BasisCounts {
    /// Items whose figure is people's.
    pub human: u64,
    /// Items whose figure is the machine's.
    pub machine: u64,
    /// Of the people's, those under appeal.
    pub under_appeal: u64,
}

/// One other check of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckRow {
    /// What is checked.
    pub kind: Population,
    /// How many there are, as imported; `None`: nothing of this kind was imported for the time.
    pub population: Option<u64>,
    /// How many were drawn; `None`: there is no round.
    pub sampled: Option<u64>,
    /// The row in words.
    pub sentence: String,
    /// The same in English.
    pub sentence_en: String,
}

impl CheckRow {
    /// The row of a check.
    pub fn of(kind: Population, population: Option<u64>, sampled: Option<u64>) -> Self {
        let (zh, en) = (kind.zh(), kind.en());
        let (sentence, sentence_en) = match (population, sampled) {
            (None, _) => (
                format!("{zh}：未导入数据，无法统计。"),
                format!("{en}: no data was imported, so nothing can be counted."),
            ),
            (Some(all), None) => (
                format!("{zh}：总数{all}件，本月尚未抽取。"),
                format!("{en}: {all} in all; none were drawn this month yet."),
            ),
            (Some(all), Some(drawn)) => {
                // Tenths of a per cent, rounded down: a quota is never said to be met that is not.
                let permille = (u128::from(drawn) * 1000).checked_div(u128::from(all)).unwrap_or(0);
                let share = format!("{}.{}%", permille / 10, permille % 10);
                (
                    format!("{zh}：抽查{drawn}件，占总数{all}件的{share}。"),
                    format!("{en}: {drawn} drawn of {all}, {share}."),
                )
            }
        };
        Self { kind, population, sampled, sentence, sentence_en }
    }
}

/// How many notices of each kind were issued in the month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NoticeCounts {
    /// By kind; every kind is there.
    pub issued: BTreeMap<NoticeKind, u64>,
    /// The sentence of Annex 2, 6.
    pub sentence: String,
}

impl NoticeCounts {
    /// Counts with their sentence.
    pub fn of(counts: &BTreeMap<NoticeKind, u64>) -> Self {
        let issued: BTreeMap<NoticeKind, u64> =
            NoticeKind::ALL.iter().map(|kind| (*kind, counts.get(kind).copied().unwrap_or(0))).collect();
        let count = |kind| issued.get(&kind).copied().unwrap_or(0);
        let sentence = format!(
            "本月共开具《督察告知单》{}单、《督办通知单》{}单、《执法监督建议书》{}份、《执法监督决定书》{}份。",
            count(NoticeKind::Inform),
            count(NoticeKind::Supervise),
            count(NoticeKind::Proposal),
            count(NoticeKind::Decision)
        );
        Self { issued, sentence }
    }
}

/// The figures of one month, for the trend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrendPoint {
    /// The month.
    pub month: Month,
    /// Recordings sampled.
    pub recordings_sampled: u64,
    /// Findings that they are not regular.
    pub irregular_found: u64,
    /// Recordings that are missing.
    pub missing_found: u64,
}

/// The whole return.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReturnDocument {
    /// The figures of the sample.
    #[serde(flatten)]
    pub report: Return,
    /// The district.
    pub district: String,
    /// As of when; `None` in what the digest of the figures is made from.
    pub as_of: Option<WallTime>,
    /// The audit that the machine's figures come from, `MONTH/POLICY@TIME`: `reelproof audit` with these
    /// gives it again.
    pub audit_id: Option<String>,
    /// On what the figures rest, counted.
    pub basis_counts: BasisCounts,
    /// What stands behind each item, in the order of drawing.
    pub details: Vec<ItemDetail>,
    /// The other checks of the plan, in its order.
    pub other_checks: Vec<CheckRow>,
    /// Visits of the month to units (实地检查), by unit; one that found nothing counts.
    pub units_visited: u64,
    /// The notices of the month.
    pub notices: NoticeCounts,
    /// How far people agree who judged apart.
    pub agreement: Agreement,
    /// This month and those before it in the half-year that were sent, in order.
    pub trend: Vec<TrendPoint>,
}

/// What the document is made from, beside the figures.
#[derive(Debug, Clone)]
pub struct DocumentInput<'a> {
    /// The return over what [`with_verdicts`] gave.
    pub report: Return,
    /// The district.
    pub district: &'a str,
    /// As of when.
    pub as_of: WallTime,
    /// What the machine found, before people spoke.
    pub machine: &'a [Checked],
    /// Where the items stand.
    pub standings: &'a BTreeMap<String, Standing>,
    /// The recordings of each obligation.
    pub evidence: &'a BTreeMap<String, Vec<EvidenceLink>>,
    /// The other checks.
    pub other_checks: Vec<CheckRow>,
    /// Units that were visited in the month.
    pub units_visited: u64,
    /// Notices issued in the month, by kind.
    pub notices: &'a BTreeMap<NoticeKind, u64>,
    /// How far people agree.
    pub agreement: Agreement,
    /// The months before.
    pub earlier: Vec<TrendPoint>,
}

/// Puts the whole return together.
pub fn document(input: DocumentInput<'_>) -> ReturnDocument {
    let mut report = input.report;
    let machine: BTreeMap<&str, &Checked> =
        input.machine.iter().map(|checked| (checked.id.as_str(), checked)).collect();
    let mut basis_counts = BasisCounts::default();
    let details: Vec<ItemDetail> = report
        .items
        .iter()
        .map(|item| {
            let standing = input.standings.get(&item.id);
            let verdict = standing.and_then(|standing| standing.judgement.clone());
            // An obligation that is gone is not judged, whatever was said of it.
            let basis =
                if verdict.is_some() && item.status.is_some() { Basis::Human } else { Basis::Machine };
            match basis {
                Basis::Human => basis_counts.human += 1,
                Basis::Machine | Basis::Mixed => basis_counts.machine += 1,
            }
            basis_counts.under_appeal +=
                u64::from(standing.is_some_and(|standing| standing.state == ReviewState::Appealed));
            let before = machine.get(item.id.as_str());
            ItemDetail {
                id: item.id.clone(),
                basis,
                machine_status: before.map(|checked| checked.status),
                machine_irregular: before.map_or(0, |checked| checked.irregular),
                review: standing.map(|standing| standing.state),
                verdict,
                evidence: input.evidence.get(&item.id).cloned().unwrap_or_default(),
            }
        })
        .collect();
    report.basis = match (basis_counts.human, basis_counts.machine) {
        (0, _) => Basis::Machine,
        (_, 0) => Basis::Human,
        _ => Basis::Mixed,
    };
    let mut trend = input.earlier;
    trend.push(TrendPoint {
        month: report.month,
        recordings_sampled: report.recordings_sampled,
        irregular_found: report.irregular_found,
        missing_found: report.missing_found,
    });
    trend.sort_by_key(|point| point.month);
    ReturnDocument {
        district: input.district.to_owned(),
        as_of: Some(input.as_of),
        audit_id: Some(format!("{}/{}@{}", report.base_month, report.policy, input.as_of)),
        basis_counts,
        details,
        other_checks: input.other_checks,
        units_visited: input.units_visited,
        notices: NoticeCounts::of(input.notices),
        agreement: input.agreement,
        trend,
        report,
    }
}

impl ReturnDocument {
    /// SHA-256 of the figures, whenever they were computed: the same figures give the same digest.
    ///
    /// # Errors
    /// Never in practice: nothing in it has no place in JSON.
    pub fn figures_sha256(&self) -> serde_json::Result<String> {
        let figures = Self { as_of: None, audit_id: None, ..self.clone() };
        Ok(hex::encode(Sha256::digest(serde_json::to_vec(&figures)?)))
    }

    /// On what the figures rest, in Chinese.
    pub fn basis_zh(&self) -> String {
        let BasisCounts { human, machine, under_appeal } = self.basis_counts;
        let appeal =
            if under_appeal > 0 { format!("，其中{under_appeal}件申诉中") } else { String::new() };
        match self.report.basis {
            Basis::Machine => "以上为机器初核结果，尚未经人工复核。".to_owned(),
            Basis::Human => format!("以上{human}件均经人工复核{appeal}。"),
            Basis::Mixed => {
                format!(
                    "以上{human}件以人工复核结论为准{appeal}；{machine}件为机器初核结果，尚未形成人工结论。"
                )
            }
        }
    }

    /// On what the figures rest, in English.
    pub fn basis_en(&self) -> String {
        let BasisCounts { human, machine, under_appeal } = self.basis_counts;
        let appeal =
            if under_appeal > 0 { format!(" ({under_appeal} of them under appeal)") } else { String::new() };
        match self.report.basis {
            Basis::Machine => "These figures are the machine's; nobody has reviewed them yet.".to_owned(),
            Basis::Human => format!("People reviewed all {human} items{appeal}."),
            Basis::Mixed => format!(
                "{human} items are as people found them{appeal}; {machine} are as the machine found them."
            ),
        }
    }
}
