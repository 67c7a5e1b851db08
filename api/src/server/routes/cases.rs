//! Cases: those of a month, and one with everything about it.

use std::collections::HashMap;
use std::sync::Arc;

use analyzer::audit::{Obligation, ObligationStatus};
use axum::extract::rejection::PathRejection;
use axum::extract::{Extension, Path, State};
use axum::http::Uri;
use axum::response::Response;
use catalog::case::Case;
use catalog::{Micros, Month, WallTime};
use serde::Serialize;

use super::audit::no_month;
use crate::case_file::case_file;
use crate::server::App;
use crate::server::params::Params;
use crate::server::problem::Problem;
use crate::server::rights::Viewer;

/// Cases of a page if nobody says.
const USUAL_LIMIT: u32 = 200;

/// Cases of a page at most.
const MOST_LIMIT: u32 = 1000;

/// A case in one line: its sums over the obligations that it has in the month.
#[derive(Debug, Serialize)]
struct CaseLine {
    #[serde(flatten)]
    case: Case,
    obligations: u32,
    /// The gravest status among them; `None` without any.
    status: Option<ObligationStatus>,
    required_us: Micros,
    covered_us: Micros,
    findings: u64,
}

impl CaseLine {
    fn new(case: Case, obligations: &[&Obligation]) -> Self {
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

const fn gravity(status: ObligationStatus) -> u8 {
    match status {
        ObligationStatus::Complete => 0,
        ObligationStatus::Excused => 1,
        ObligationStatus::Partial => 2,
        ObligationStatus::Missing => 3,
    }
}

/// One page of the cases of a month.
#[derive(Debug, Serialize)]
struct Page {
    month: Month,
    as_of: WallTime,
    cases: Vec<CaseLine>,
    /// What to give as `after` for the next page; `None` on the last.
    next: Option<String>,
}

/// The cases that were filed in a month or have a stage in it, by number, a page at a time.
pub(in crate::server) async fn list(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    uri: Uri,
) -> Result<Response, Problem> {
    let params = Params::of(&uri, &["month", "after", "limit"])?;
    let after = params.text("after").map(str::to_owned);
    let limit = usize::try_from(params.limit(USUAL_LIMIT, MOST_LIMIT)?).unwrap_or(usize::MAX);
    let month = params.month_or_latest(app.catalog()).await?.ok_or_else(no_month)?;
    let as_of = app.state.clock.now();
    let page = app.look_at(month, as_of, move |judged| {
        let mut of_case: HashMap<&str, Vec<&Obligation>> = HashMap::new();
        for obligation in &judged.audit().obligations {
            of_case.entry(&obligation.case_no).or_default().push(obligation);
        }
        let mut rest = judged
            .cases()
            .filter(|case| viewer.sight.covers(Some(&case.unit)))
            .filter(|case| after.as_deref().is_none_or(|after| case.case_no.as_str() > after));
        let cases: Vec<CaseLine> = rest
            .by_ref()
            .take(limit)
            .map(|case| {
                let obligations = of_case.get(case.case_no.as_str()).map_or(&[][..], Vec::as_slice);
                CaseLine::new(case.clone(), obligations)
            })
            .collect();
        let next = rest.next().and(cases.last().map(|last| last.case.case_no.clone()));
        Page { month, as_of, cases, next }
    });
    app.judge(async move { Ok(page.await?) }).await
}

/// One case with its stages, their obligations and recordings.
pub(in crate::server) async fn one(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    case_no: Result<Path<String>, PathRejection>,
    uri: Uri,
) -> Result<Response, Problem> {
    let params = Params::of(&uri, &["as_of"])?;
    let Path(case_no) = case_no?;
    let as_of = params.time("as_of")?.unwrap_or_else(|| app.state.clock.now());
    let (catalog, policy) = (Arc::clone(&app.state.catalog), Arc::clone(&app.state.policy));
    app.judge(async move {
        let file = case_file(catalog.as_ref(), policy, &case_no, as_of).await?;
        // What one does not see is not there.
        file.filter(|file| viewer.sight.covers(Some(&file.case.unit)))
            .ok_or_else(|| Problem::no_such_case(&case_no))
    })
    .await
}
