//! What the overview page needs of a month, from one audit.

use std::sync::Arc;

use analyzer::audit::{Audit, Incremental, Totals, UnconfirmedFigure, UnitTotals};
use analyzer::policy::Status;
use analyzer::report::Return;
use axum::extract::{Extension, State};
use axum::http::Uri;
use axum::response::Response;
use catalog::{Month, WallTime, store};
use serde::Serialize;

use super::audit::part;
use super::rounds::WholeRound;
use crate::operations::{OperationError, drawn_round, monthly_return, round_id};
use crate::server::params::Params;
use crate::server::problem::Problem;
use crate::server::rights::Viewer;
use crate::server::{App, State as Works};
use crate::sight::Sight;

/// The policy in a few words.
#[derive(Debug, Serialize)]
struct PolicyLine {
    name: String,
    district: String,
    title: String,
    document: String,
}

/// The figures of a month.
#[derive(Debug, Serialize)]
struct Figures {
    as_of: WallTime,
    totals: Totals,
    units: Vec<UnitTotals>,
    to_be_confirmed: Vec<UnconfirmedFigure>,
}

/// By when the return on a month is due.
#[derive(Debug, Serialize)]
struct Due {
    month: Month,
    date: String,
    status: Status,
}

/// The overview of a month. Without any stages there is no month, and nothing of it.
#[derive(Debug, Serialize)]
struct Overview {
    now: WallTime,
    policy: PolicyLine,
    catalog: store::Totals,
    months: Vec<Month>,
    month: Option<Month>,
    audit: Option<Figures>,
    due: Option<Due>,
    /// The round that checks the month: that of the month after; `None`, too, for who sees a part of the units.
    round: Option<WholeRound>,
    /// The return, once the round is drawn; likewise.
    r#return: Option<Return>,
}

/// `overview`: of the month, or the latest in which stages begin.
pub(in crate::server) async fn overview(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    uri: Uri,
) -> Result<Response, Problem> {
    let params = Params::of(&uri, &["month"])?;
    let month = params.month_or_latest(app.catalog()).await?;
    let looking = app.clone();
    app.judge(async move { look(&looking, viewer.sight, month).await }).await
}

async fn look(app: &App, sight: Sight, month: Option<Month>) -> Result<Overview, Problem> {
    let Works { catalog, policy, clock, .. } = app.state.clone();
    let (catalog, now) = (catalog.as_ref(), clock.now());
    let mut overview = Overview {
        now,
        policy: PolicyLine {
            name: policy.name.clone(),
            district: policy.district.clone(),
            title: policy.title.clone(),
            document: policy.document.clone(),
        },
        catalog: match sight.top() {
            None => catalog.totals().await?,
            Some(unit) => catalog.totals_within(unit).await?,
        },
        months: catalog.months().await?,
        month,
        audit: None,
        due: None,
        round: None,
        r#return: None,
    };
    let Some(month) = month else { return Ok(overview) };
    let check_month = month.next();
    let rules = &policy.monthly_return;
    overview.due = Some(Due {
        month: check_month,
        date: format!("{check_month}-{:02}", rules.due_day),
        status: rules.source.status,
    });
    let round = catalog.round(&round_id(check_month, &policy)).await?;
    let audit = if round.as_ref().is_some_and(|round| round.draw.is_some()) {
        let drawn = drawn_round(catalog, &round_id(check_month, &policy)).await?;
        let audits = base_audits(app, drawn.frozen.base_time(), now).await?;
        overview.r#return = Some(monthly_return(catalog, &policy, &drawn, &audits).await?);
        match audits.into_iter().next_back() {
            Some(last) => last,
            None => app.look_at(month, now, Incremental::shared).await?,
        }
    } else {
        app.look_at(month, now, Incremental::shared).await?
    };
    let audit = part(audit, &sight);
    if sight == Sight::All {
        if let Some(round) = &round {
            overview.round = Some(WholeRound::of(catalog, round).await?);
        }
    } else {
        // Both are about all units.
        overview.r#return = None;
    }
    overview.audit = Some(Figures {
        as_of: audit.as_of,
        totals: audit.totals.clone(),
        units: audit.units.clone(),
        to_be_confirmed: audit.to_be_confirmed.clone(),
    });
    Ok(overview)
}

/// The audits of the months that a round checks; of several, those without a stage are left out, unless all are.
async fn base_audits(
    app: &App,
    (from, to): (Month, Month),
    now: WallTime,
) -> Result<Vec<Arc<Audit>>, OperationError> {
    let (mut audits, mut month, mut none) = (Vec::new(), from, None);
    while month <= to {
        match app.look_at(month, now, Incremental::shared).await {
            Ok(audit) => audits.push(audit),
            Err(error @ OperationError::EmptyMonth { .. }) => none = Some(error),
            Err(error) => return Err(error),
        }
        month = month.next();
    }
    match none {
        Some(error) if audits.is_empty() => Err(error),
        _ => Ok(audits),
    }
}
