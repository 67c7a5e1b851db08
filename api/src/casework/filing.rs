//! The return: put together, written as files, sent, and kept as sent.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use analyzer::audit::{Incremental, Obligation};
use analyzer::notice::notice_standing;
use analyzer::policy::{Policy, Population};
use analyzer::report::checks::{CheckRow, RoundSoFar};
use analyzer::report::document::{
    DocumentInput, EvidenceLink, ReturnDocument, TrendPoint, document, with_verdicts,
};
use analyzer::report::files::{FORMATS, file};
use analyzer::report::{Checked, Return, monthly_return as fill_in, return_without_round};
use analyzer::review::{Standing, agreement, standings};
use analyzer::sample::{round_name, standing, there_are};
use catalog::filing::{ReturnEntry, ReturnFile, ReturnRecord, ReturnState};
use catalog::notice::NoticeKind;
use catalog::store::Catalog;
use catalog::{Month, WallTime};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::{CaseworkError, SCHEDULE, officer};
use crate::judged::Judged;
use crate::operations::{
    Drawn, OperationError, checked, drawn_round, look_at_each, round_id, sources, stored_draw, stored_frame,
};

/// The whole return of a month, as the catalog knew it at `as_of`; verdicts stand above the machine.
pub async fn return_document(
    catalog: &dyn Catalog,
    policy: Arc<Policy>,
    month: Month,
    as_of: WallTime,
) -> Result<ReturnDocument, CaseworkError> {
    return_of_judged(catalog, &Judged::default(), policy, month, as_of).await
}

/// The same, of months that may be kept as they were judged.
pub async fn return_of_judged(
    catalog: &dyn Catalog,
    judged: &Judged,
    policy: Arc<Policy>,
    month: Month,
    as_of: WallTime,
) -> Result<ReturnDocument, CaseworkError> {
    let recordings = policy.check_of(Population::Recordings).is_some_and(|check| check.has_round(month));
    let Sampled { report, machine, standings, evidence } = if recordings {
        sampled(catalog, judged, &policy, month, as_of).await?
    } else {
        Sampled {
            report: return_without_round(&policy, month),
            machine: Vec::new(),
            standings: BTreeMap::new(),
            evidence: BTreeMap::new(),
        }
    };

    let span = month.interval();
    let within = |at: WallTime| span.start <= at && at < span.end;
    let mut issued: BTreeMap<NoticeKind, u64> = BTreeMap::new();
    for notice in catalog.notices().await?.iter().filter(|notice| notice.body.policy == policy.name) {
        if notice_standing(notice, as_of).issued_at.is_some_and(within) {
            *issued.entry(notice.body.kind).or_default() += 1;
        }
    }
    let visits = catalog.visits().await?;
    let visited: BTreeSet<&str> = visits
        .iter()
        .filter(|visit| visit.on_site && within(visit.starts_at))
        .map(|visit| visit.unit.as_str())
        .collect();
    Ok(document(DocumentInput {
        report,
        district: &policy.district,
        as_of,
        machine: &machine,
        standings: &standings,
        evidence: &evidence,
        other_checks: other_checks(catalog, &policy, month).await?,
        units_visited: visited.len() as u64,
        notices: &issued,
        agreement: agreement(standings.values()),
        earlier: earlier(catalog, &policy, month).await?,
    }))
}

/// What the round of recordings comes to.
struct Sampled {
    report: Return,
    machine: Vec<Checked>,
    standings: BTreeMap<String, Standing>,
    evidence: BTreeMap<String, Vec<EvidenceLink>>,
}

async fn sampled(
    catalog: &dyn Catalog,
    judged: &Judged,
    policy: &Arc<Policy>,
    month: Month,
    as_of: WallTime,
) -> Result<Sampled, CaseworkError> {
    let round = round_id(month, policy);
    let Drawn { frozen, draw, acts } = drawn_round(catalog, &round).await?;
    let drawn: Arc<BTreeSet<String>> = Arc::new(draw.items.iter().map(|item| item.id.clone()).collect());
    let of_month = move |month: &Incremental| {
        let obligations = &month.audit().obligations;
        let machine: Vec<Checked> = obligations.iter().map(checked).collect();
        let of_sample = obligations.iter().filter(|one| drawn.contains(&one.id));
        let evidence: Vec<_> = of_sample.map(|one| (one.id.clone(), evidence_of(month, one))).collect();
        (machine, evidence)
    };
    let (mut machine, mut evidence) = (Vec::new(), BTreeMap::new());
    let months = look_at_each(catalog, judged, policy, frozen.base_time(), as_of, of_month).await?;
    for (of_month, links) in months {
        machine.extend(of_month);
        evidence.extend(links);
    }
    let standings = standings(&catalog.review_file(&round).await?);
    let report = fill_in(&frozen, &draw, &standing(&acts), &with_verdicts(&machine, &standings), policy)
        .map_err(OperationError::from)?;
    Ok(Sampled { report, machine, standings, evidence })
}

/// The recordings of an obligation, each with what it can be told by.
fn evidence_of(month: &Incremental, obligation: &Obligation) -> Vec<EvidenceLink> {
    let link = |key: &String| {
        month.recordings_of(key).next().map(|recording| EvidenceLink {
            object_key: recording.object_key.clone(),
            version: recording.version,
            sha256: recording.sha256.clone(),
        })
    };
    obligation.recordings.iter().filter_map(link).collect()
}

/// The other checks of the plan, each with what there is of its kind, what was drawn of it and what people
/// found.
async fn other_checks(
    catalog: &dyn Catalog,
    policy: &Policy,
    month: Month,
) -> Result<Vec<CheckRow>, CaseworkError> {
    let others = || policy.checks.iter().filter(|check| check.kind != Population::Recordings);
    let Some(from) = others().map(|check| check.base.months(month).0).min() else { return Ok(Vec::new()) };
    let found = catalog.should_exist(from, month).await?;
    let mut rows = Vec::new();
    for check in others() {
        let name = round_name(month, &policy.name, check.kind);
        let row = match catalog.round(&name).await? {
            None => {
                let there = there_are(policy, sources(&found), check, month).map_err(OperationError::from)?;
                // None on record says nothing about how many there are.
                CheckRow::of(check, check.has_round(month), (there > 0).then_some(there), None)
            }
            Some(round) => {
                let acts = catalog.round_acts(&name).await?;
                let frozen = stored_frame(&round)?;
                let draw = round.draw.as_ref().map(|_| stored_draw(&round, &acts)).transpose()?;
                let reviews = standings(&catalog.review_file(&name).await?);
                let (draw, standing) = (draw.as_ref(), &standing(&acts));
                let so_far = RoundSoFar { frozen: &frozen, draw, standing, reviews: &reviews };
                CheckRow::of(check, true, None, Some(so_far))
            }
        };
        rows.push(row.map_err(OperationError::from)?);
    }
    Ok(rows)
}

/// The figures of the earlier months of the half-year, as they were last sent.
async fn earlier(
    catalog: &dyn Catalog,
    policy: &Policy,
    month: Month,
) -> Result<Vec<TrendPoint>, CaseworkError> {
    let mut last: BTreeMap<Month, u32> = BTreeMap::new();
    for entry in catalog.returns().await? {
        if entry.policy == policy.name
            && entry.state == ReturnState::Sent
            && entry.month < month
            && month.half_year().contains(&entry.month)
        {
            // They come by version, the last one last.
            last.insert(entry.month, entry.version);
        }
    }
    let mut points = Vec::new();
    for (earlier, version) in last {
        let files = catalog.return_files(earlier, &policy.name, ReturnState::Sent, version).await?;
        let json = files.iter().find(|file| file.format == "json");
        if let Some(point) = json.and_then(|file| serde_json::from_slice(&file.bytes).ok()) {
            points.push(point);
        }
    }
    Ok(points)
}

/// A document as one file, off the async threads.
pub async fn return_file(document: &ReturnDocument, format: &str) -> Result<Vec<u8>, CaseworkError> {
    let (document, format) = (document.clone(), format.to_owned());
    Ok(tokio::task::spawn_blocking(move || file(&document, &format))
        .await
        .map_err(OperationError::from)??)
}

/// Keeps a return in all its formats, as a draft or as sent. Gives its version, and whether it is new:
/// the same figures are the same version, and nothing is written.
pub async fn keep_return(
    catalog: &dyn Catalog,
    document: &ReturnDocument,
    state: ReturnState,
    by: &str,
    now: WallTime,
) -> Result<(u32, bool), CaseworkError> {
    if by != SCHEDULE {
        officer(catalog, by).await?;
    }
    let mut files = Vec::with_capacity(FORMATS.len());
    for format in FORMATS {
        let bytes = return_file(document, format).await?;
        let sha256 = hex::encode(Sha256::digest(&bytes));
        files.push(ReturnFile { format: format.to_owned(), bytes, sha256 });
    }
    let figures_sha256 = document.figures_sha256().map_err(|error| CaseworkError::File(error.into()))?;
    let record = ReturnRecord {
        month: document.report.month,
        policy: document.report.policy.clone(),
        state,
        at: now,
        by: by.to_owned(),
        figures_sha256,
        sentence: document.report.sentence.clone(),
        files,
    };
    Ok(catalog.keep_return(&record).await?)
}

/// A kept return with a name to call it by: `MONTH.POLICY.STATE.VERSION`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NamedReturn {
    /// The name.
    pub id: String,
    /// The return.
    #[serde(flatten)]
    pub entry: ReturnEntry,
}

impl From<ReturnEntry> for NamedReturn {
    fn from(entry: ReturnEntry) -> Self {
        let id = format!("{}.{}.{}.{}", entry.month, entry.policy, entry.state, entry.version);
        Self { id, entry }
    }
}

/// All kept returns, by month, policy, state and version.
pub async fn returns(catalog: &dyn Catalog) -> Result<Vec<NamedReturn>, CaseworkError> {
    Ok(catalog.returns().await?.into_iter().map(NamedReturn::from).collect())
}

/// Keeps a draft as sent, byte for byte as it was drafted. Gives its version, and whether it is new.
pub async fn send_draft(
    catalog: &dyn Catalog,
    draft: &ReturnEntry,
    by: &str,
    now: WallTime,
) -> Result<(u32, bool), CaseworkError> {
    officer(catalog, by).await?;
    let (entry, files) =
        kept_return(catalog, draft.month, &draft.policy, draft.state, Some(draft.version)).await?;
    let record = ReturnRecord {
        month: entry.month,
        policy: entry.policy,
        state: ReturnState::Sent,
        at: now,
        by: by.to_owned(),
        figures_sha256: entry.figures_sha256,
        sentence: entry.sentence,
        files,
    };
    Ok(catalog.keep_return(&record).await?)
}

/// One kept return with its files; the last version where none is named.
pub async fn kept_return(
    catalog: &dyn Catalog,
    month: Month,
    policy: &str,
    state: ReturnState,
    version: Option<u32>,
) -> Result<(ReturnEntry, Vec<ReturnFile>), CaseworkError> {
    let entry = catalog
        .returns()
        .await?
        .into_iter()
        .filter(|entry| entry.month == month && entry.policy == policy && entry.state == state)
        .rfind(|entry| version.is_none_or(|version| entry.version == version))
        .ok_or_else(|| {
            CaseworkError::input(
                format!(
                    "no return of {month} under {policy} was kept as {state} in that version: look at the list of kept returns"
                ),
                format!(
                    "没有留存{month}方案{policy}该版本的{}月报：请查看已留存月报清单",
                    state.zh()
                ),
            )
        })?;
    let files = catalog.return_files(month, policy, state, entry.version).await?;
    for file in &files {
        let sha256 = hex::encode(Sha256::digest(&file.bytes));
        if sha256 != file.sha256 {
            return Err(CaseworkError::KeptChanged {
                file: format!("{month}/{policy} {state} {} .{}", entry.version, file.format),
                recorded: file.sha256.clone(),
                found: sha256,
            });
        }
    }
    Ok((entry, files))
}
