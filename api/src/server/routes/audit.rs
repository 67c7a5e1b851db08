//! The audit of a month: the document that the command line writes.

use std::collections::HashMap;
use std::sync::Arc;

use analyzer::audit::{Audit, Obligation};
use axum::extract::{Extension, State};
use axum::http::Uri;
use axum::response::Response;
use catalog::finding::Finding;
use serde::{Serialize, Serializer};

use crate::server::App;
use crate::server::answers::{As, Name};
use crate::server::params::Params;
use crate::server::problem::Problem;
use crate::server::rights::Viewer;
use crate::server::sheet::{self, Cell, Language, Sheet};
use crate::sight::Sight;

/// `audit`: the month, or the latest in which stages begin.
pub(in crate::server) async fn audit(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    uri: Uri,
) -> Result<Response, Problem> {
    let params = Params::of(&uri, &["month", "as_of", "format", "lang"])?;
    let table = sheet::asked(&params)?;
    let month = params.month_or_latest(&app, &viewer).await?.ok_or_else(no_month)?;
    let of = As::asked_of_month(params.time("as_of")?, app.state.clock.now(), month);
    if let Some(language) = table {
        let sight = viewer.sight;
        let rows = app.look_at(month, of.moment(), move |month| {
            let audit = part(month.shared(), &sight);
            let names: HashMap<&str, &str> = audit
                .units
                .iter()
                .filter_map(|unit| Some((unit.unit.as_deref()?, unit.name.as_deref()?)))
                .collect();
            audit.obligations.iter().flat_map(|one| findings(one, &names, language)).collect::<Vec<_>>()
        });
        let rows = app.judged_value(async move { Ok(rows.await?) }).await?;
        let table = Sheet { title: ("问题清单", "Findings"), headings: HEADINGS.to_vec(), rows };
        return table.answer(language, &month.to_string(), app.state.clock.now()).await;
    }
    let (name, sight) = (Name::new("audit", &month.to_string(), &viewer.sight), viewer.sight);
    let audit = app.look_at(month, of.moment(), move |month| Shared(part(month.shared(), &sight)));
    app.keep(name, of, async move { Ok(audit.await?) }).await
}

const HEADINGS: [sheet::Heading; 12] = [
    ("案号", "Case number", 22.0),
    ("环节", "Stage", 8.0),
    ("环节种类", "Kind of stage", 20.0),
    ("单位", "Unit", 20.0),
    ("执法人员", "Officers", 18.0),
    ("问题", "Finding", 16.0),
    ("性质", "Severity", 10.0),
    ("确定程度", "Certainty", 18.0),
    ("起", "From", 20.0),
    ("止", "To", 20.0),
    ("情况", "Observed", 60.0),
    ("已说明的原因", "Excused by", 18.0),
];

/// The findings of an obligation, a row each.
fn findings(one: &Obligation, units: &HashMap<&str, &str>, language: Language) -> Vec<Vec<Cell>> {
    let unit = one.unit.as_deref().map(|code| *units.get(code).unwrap_or(&code));
    let row = |finding: &Finding| {
        let code = finding.kind.code();
        let at = finding.at;
        vec![
            one.case_no.as_str().into(),
            Cell::Number(one.stage_no.into()),
            language.of(one.kind.zh(), one.kind.as_str()).into(),
            unit.into(),
            one.officers.join(language.of("、", ", ")).into(),
            language.of(code.zh(), code.as_str()).into(),
            language.of(finding.severity.zh(), finding.severity.as_str()).into(),
            language.of(finding.certainty.zh(), finding.certainty.as_str()).into(),
            at.map(|at| at.start).into(),
            at.map(|at| at.end).into(),
            match language {
                Language::Zh => finding.kind.observed_zh(),
                Language::En => finding.kind.observed(),
            }
            .into(),
            finding.excused.map(|reason| language.of(reason.zh(), reason.as_str())).into(),
        ]
    };
    one.findings.iter().map(row).collect()
}

/// What of an audit a person sees.
fn part(audit: Arc<Audit>, sight: &Sight) -> Arc<Audit> {
    match sight {
        Sight::All => audit,
        Sight::Below { .. } => Arc::new(Audit::clone(&audit).part(|unit| sight.covers(unit))),
    }
}

/// An audit that is kept, as its document.
struct Shared(Arc<Audit>);

impl Serialize for Shared {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// Nothing was imported yet.
pub(super) fn no_month() -> Problem {
    Problem::no_stages()
}
