//! Cases: those of a month, and one with everything about it.

use std::collections::BTreeSet;
use std::collections::HashMap;
use std::sync::Arc;

use analyzer::audit::ObligationStatus;
use analyzer::policy::Population;
use axum::extract::rejection::PathRejection;
use axum::extract::{Extension, Path, State};
use axum::http::Uri;
use axum::response::Response;
use catalog::case::{Procedure, StageId, StageKind};
use catalog::finding::FindingCode;
use catalog::{Month, WallTime};
use serde::Serialize;

use super::audit::no_month;
use crate::case_file::case_file;
pub(in crate::server) use crate::case_lines::SORTS;
use crate::case_lines::{CaseFilter, CaseLine, CasePage, Found};
use crate::operations;
use crate::server::App;
use crate::server::paging::{Asked, MOST, Named};
use crate::server::params::Params;
use crate::server::problem::Problem;
use crate::server::rights::Viewer;
use crate::server::sheet::{self, Cell, Language, Sheet};
use crate::sight::Sight;

/// Cases of a page if nobody says.
const USUAL_LIMIT: u32 = 100;

/// One page of the cases of a month.
#[derive(Debug, Serialize)]
struct Page {
    month: Month,
    as_of: WallTime,
    cases: Vec<CaseLine>,
    /// What to give as `after` for the next page; `None` on the last.
    next: Option<String>,
    /// How many are as the filters ask, on all pages.
    matching: usize,
    /// How many there are without filters.
    all: usize,
}

/// The cases that were filed in a month or have a stage in it, a page at a time, or all as a table.
pub(in crate::server) async fn list(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    uri: Uri,
) -> Result<Response, Problem> {
    let known = [
        "month",
        "status",
        "kind",
        "finding",
        "unit",
        "procedure",
        "q",
        "drawn",
        "sort",
        "after",
        "limit",
        "format",
        "lang",
    ];
    let params = Params::of(&uri, &known)?;
    let asked = Asked::at_most(&params, SORTS, Named::ByText, USUAL_LIMIT, MOST)?;
    let table = sheet::asked(&params)?;
    let drawn = params.one_of("drawn", &[("true", ())])?;
    let mut filter = filter_of(&params)?;
    let month = params.month_or_latest(&app, &viewer).await?.ok_or_else(no_month)?;
    if drawn.is_some() {
        filter.stages = Some(drawn_of(&app, month, &viewer.sight).await?);
    }
    let as_of = app.state.clock.now();
    if let Some(language) = table {
        let units = app.known.units(app.catalog(), viewer.revision).await?;
        let names: HashMap<String, String> =
            units.iter().map(|unit| (unit.code.clone(), unit.name.clone())).collect();
        let (asked, sight) = (asked.whole(), viewer.sight.clone());
        let found = app.peek(viewer.revision, month, as_of, move |seen| {
            let page = seen.lines().page(seen.month(), &sight, &filter, &asked);
            page.cases.into_iter().map(|line| row(line, &names, language)).collect::<Vec<_>>()
        });
        let table = Sheet { title: ("案件", "Cases"), headings: HEADINGS.to_vec(), rows: found.await? };
        return table.answer(language, &month.to_string(), as_of).await;
    }
    app.list(viewer.revision, month, as_of, move |seen| {
        let CasePage { cases, next, matching, all } =
            seen.lines().page(seen.month(), &viewer.sight, &filter, &asked);
        Page { month, as_of, cases: cases.into_iter().cloned().collect(), next, matching, all }
    })
    .await
}

fn filter_of(params: &Params) -> Result<CaseFilter, Problem> {
    let mut found: Vec<(&str, Found)> = vec![("any", Found::Any)];
    found.extend(FindingCode::ALL.iter().map(|code| (code.as_str(), Found::Of(*code))));
    let statuses: Vec<_> = ObligationStatus::ALL.iter().map(|status| (status.as_str(), *status)).collect();
    let kinds: Vec<_> = StageKind::ALL.iter().map(|kind| (kind.as_str(), *kind)).collect();
    let procedures: Vec<_> = Procedure::ALL.iter().map(|one| (one.as_str(), *one)).collect();
    Ok(CaseFilter {
        status: params.one_of("status", &statuses)?,
        kind: params.one_of("kind", &kinds)?,
        finding: params.one_of("finding", &found)?,
        unit: params.text("unit").map(str::to_owned),
        procedure: params.one_of("procedure", &procedures)?,
        text: params.text("q").map(|text| text.trim().to_lowercase()).filter(|text| !text.is_empty()),
        stages: None,
    })
}

/// The stages of which the round that checks a month drew something; none before it is drawn. Who sees a part of the
/// units sees of it what is theirs.
async fn drawn_of(app: &App, month: Month, sight: &Sight) -> Result<BTreeSet<StageId>, Problem> {
    let round = operations::round_id(month.next(), &app.state.policy);
    let briefs = app.catalog().rounds_in_brief().await?;
    let drawn = briefs.iter().any(|brief| brief.id == round && brief.drawn_at.is_some());
    // Rounds of another kind draw something else than stages.
    if !drawn || analyzer::sample::kind_of_round(&round) != Population::Recordings {
        return Ok(BTreeSet::new());
    }
    let drawn = operations::drawn_round(app.catalog(), &round).await?;
    let seen = drawn.draw.items.iter().filter(|item| sight.covers(Some(&item.unit)));
    Ok(seen.filter_map(|item| item.id.parse().ok()).collect())
}

const HEADINGS: [sheet::Heading; 11] = [
    ("案号", "Case number", 22.0),
    ("案由", "Subject", 36.0),
    ("单位", "Unit", 20.0),
    ("程序", "Procedure", 12.0),
    ("立案（受理）时间", "Filed at", 20.0),
    ("应录环节数", "Stages to be recorded", 12.0),
    ("应录时长（秒）", "Required (s)", 14.0),
    ("已录时长（秒）", "Covered (s)", 14.0),
    ("覆盖率", "Coverage", 10.0),
    ("状态", "Status", 10.0),
    ("问题", "Findings", 44.0),
];

fn row(line: &CaseLine, units: &HashMap<String, String>, language: Language) -> Vec<Cell> {
    let case = &line.case;
    let codes: Vec<&str> =
        line.codes.iter().map(|one| language.of(one.code.zh(), one.code.as_str())).collect();
    vec![
        case.case_no.as_str().into(),
        case.title.as_str().into(),
        units.get(&case.unit).unwrap_or(&case.unit).as_str().into(),
        language.of(case.procedure.zh(), case.procedure.as_str()).into(),
        case.filed_at.into(),
        Cell::Number(line.obligations.into()),
        Cell::Length(line.required_us),
        Cell::Length(line.covered_us),
        Cell::Share(line.covered_us, line.required_us),
        line.status.map(|status| language.of(status.zh(), status.as_str())).into(),
        codes.join(language.of("、", ", ")).into(),
    ]
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
    let judged = Arc::clone(&app.judged);
    let units = app.known.units(app.catalog(), viewer.revision).await?;
    app.look_up(async move {
        let known = (viewer.revision, &*units);
        let file = case_file(catalog.as_ref(), &judged, policy, &case_no, as_of, known).await?;
        // What one does not see is not there.
        file.filter(|file| viewer.sight.covers(Some(&file.case.unit)))
            .ok_or_else(|| Problem::no_such_case(&case_no))
    })
    .await
}
