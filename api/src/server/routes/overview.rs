//! What the overview page needs of a month, from one audit.

use analyzer::audit::{Incremental, Totals, UnconfirmedFigure, UnitTotals};
use analyzer::policy::Status;
use analyzer::report::{Checked, Return};
use axum::extract::{Extension, State};
use axum::http::Uri;
use axum::response::Response;
use catalog::{Month, WallTime, store};
use serde::Serialize;

use super::rounds::WholeRound;
use crate::judged::Seen;
use crate::operations::{checked, drawn_round, look_at_each, monthly_return, round_id};
use crate::server::answers::{As, Name};
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
    /// The round that checks the month: that of the month after, without the items of its frame, which are a hundred
    /// thousand in a city; `None`, too, for who sees a part of the units.
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
    let month = params.month_or_latest(&app, &viewer).await?;
    let (looking, now) = (app.clone(), app.state.clock.now());
    let name = name(month, &viewer.sight);
    let of = month.map_or(As::Now(now), |month| As::Judged(now, month));
    app.keep(name, of, async move { look(&looking, viewer.sight, month, now).await }).await
}

fn name(month: Option<Month>, sight: &Sight) -> Name {
    Name::new("overview", &month.map_or_else(String::new, |month| month.to_string()), sight)
}

/// Makes the overview of the latest month before anybody asks for it: the first person of the morning need not wait
/// until a city's month is loaded.
pub(in crate::server) async fn warm(app: App) {
    let (looking, now) = (app.clone(), app.state.clock.now());
    let Ok(months) = app.catalog().months().await else { return };
    let Some(&month) = months.last() else { return };
    let work = async move { look(&looking, Sight::All, Some(month), now).await };
    // What fails here fails again, and is told, when somebody asks.
    let _ = app.keep(name(Some(month), &Sight::All), As::Judged(now, month), work).await;
}

async fn look(app: &App, sight: Sight, month: Option<Month>, now: WallTime) -> Result<Overview, Problem> {
    let Works { catalog, policy, .. } = app.state.clone();
    let catalog = catalog.as_ref();
    let mut overview = Overview {
        now,
        policy: PolicyLine {
            name: policy.name.clone(),
            district: policy.district.clone(),
            title: policy.title.clone(),
            document: policy.document.clone(),
        },
        catalog: app.sums.totals(catalog, sight.top()).await?,
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
    if sight == Sight::All {
        if let Some(round) = &round {
            overview.round = Some(WholeRound::of(catalog, round).await?.without_items());
        }
        if round.is_some_and(|round| round.draw.is_some()) {
            let drawn = drawn_round(catalog, &round_id(check_month, &policy)).await?;
            let of_month =
                |month: &Incremental| month.audit().obligations.iter().map(checked).collect::<Vec<Checked>>();
            let base = drawn.frozen.base_time();
            let machine = look_at_each(catalog, &app.judged, &policy, base, now, of_month).await?.concat();
            overview.r#return = Some(monthly_return(catalog, &policy, &drawn, &machine).await?);
        }
    }
    let figures = move |seen: &Seen| Figures::of(seen.month(), &sight, now);
    overview.audit = Some(app.judged.survey(catalog, policy, month, now, figures).await?);
    Ok(overview)
}

impl Figures {
    /// The figures of what a person sees.
    fn of(month: &Incremental, sight: &Sight, as_of: WallTime) -> Self {
        let audit = month.audit();
        let mut figures = Self {
            as_of,
            totals: audit.totals.clone(),
            units: audit.units.clone(),
            to_be_confirmed: audit.to_be_confirmed.clone(),
        };
        if let Sight::Below { .. } = sight {
            figures.totals = audit.totals_of(|unit| sight.covers(unit));
            figures.units.retain(|unit| sight.covers(unit.unit.as_deref()));
        }
        figures
    }
}
