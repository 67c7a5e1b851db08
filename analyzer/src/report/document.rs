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

use super::checks::CheckRow;
use super::{Basis, CheckStatus, Checked, Return};
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

/// On what the figures rest, counted; without what was skipped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct BasisCounts {
    /// Items whose figure is people's.
    pub human: u64,
    /// Items whose figure is the machine's.
    pub machine: u64,
    /// Of the people's, those under appeal.
    pub under_appeal: u64,
}

/// How many notices of each kind were issued in the month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NoticeCounts {
    /// By kind; every kind is there.
    pub issued: BTreeMap<NoticeKind, u64>,
    /// The sentence of Annex 2, 6.
    pub sentence: String,
    /// The same in English.
    pub sentence_en: String,
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
        let sentence_en = format!(
            "Issued this month: {} 督察告知单, {} 督办通知单, {} 执法监督建议书, {} 执法监督决定书.",
            count(NoticeKind::Inform),
            count(NoticeKind::Supervise),
            count(NoticeKind::Proposal),
            count(NoticeKind::Decision)
        );
        Self { issued, sentence, sentence_en }
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
    /// gives it again; one for each month that is checked. `None` where no recordings were to be drawn.
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
                // Nothing was said of it, by anybody.
                _ if item.skipped => {}
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
        audit_id: audit_id(&report, input.as_of),
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

/// The audits that the machine's figures come from, one a month that is checked.
fn audit_id(report: &Return, as_of: WallTime) -> Option<String> {
    let (mut month, last) = (report.base_from?, report.base_month?);
    let mut ids = Vec::new();
    while month <= last {
        ids.push(format!("{month}/{}@{as_of}", report.policy));
        month = month.next();
    }
    Some(ids.join(", "))
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

    /// The months that are checked, in Chinese; empty without a round.
    pub fn base_time_zh(&self) -> String {
        self.base_time("至")
    }

    /// The months that are checked, in English; empty without a round.
    pub fn base_time_en(&self) -> String {
        self.base_time(" to ")
    }

    fn base_time(&self, between: &str) -> String {
        match (self.report.base_from, self.report.base_month) {
            (Some(from), Some(to)) if from != to => format!("{from}{between}{to}"),
            (_, Some(to)) => to.to_string(),
            _ => String::new(),
        }
    }

    /// On what the figures rest, in Chinese.
    pub fn basis_zh(&self) -> String {
        let BasisCounts { human, machine, under_appeal } = self.basis_counts;
        let appeal =
            if under_appeal > 0 { format!("，其中{under_appeal}件申诉中") } else { String::new() };
        if self.report.round.is_none() {
            return "按方案每季度抽查一次全过程音视频记录，本月无抽查批次。".to_owned();
        }
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
        if self.report.round.is_none() {
            return "Recordings are checked once a quarter; there is no round of them this month.".to_owned();
        }
        match self.report.basis {
            Basis::Machine => "These figures are the machine's; nobody has reviewed them yet.".to_owned(),
            Basis::Human => format!("People reviewed all {human} items{appeal}."),
            Basis::Mixed => format!(
                "{human} items are as people found them{appeal}; {machine} are as the machine found them."
            ),
        }
    }
}
