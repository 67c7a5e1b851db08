//! Sampling rounds, frozen and drawn.

use std::sync::Arc;

use analyzer::policy::Population;
use analyzer::sample::{Draw, DrawnItem, Frozen, kind_of_round};
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Extension, Path, State};
use axum::http::Uri;
use axum::response::Response;
use catalog::WallTime;
use catalog::filing::AnnouncedSeed;
use catalog::round::{Round, RoundAct, RoundBrief};
use catalog::store::Catalog;
use serde::Serialize;

use crate::operations;
use crate::server::App;
use crate::server::answers::{self, As};
use crate::server::paging::{Asked, Key, Named};
use crate::server::params::Params;
use crate::server::problem::Problem;
use crate::server::rights::Viewer;
use crate::sight::Sight;

/// All rounds.
#[derive(Debug, Serialize)]
pub(in crate::server) struct Rounds {
    rounds: Vec<RoundBrief>,
    /// What to give as `after` for the next page; `None` on the last.
    next: Option<String>,
}

/// What rounds can be sorted by; their own order is by month and name.
pub(in crate::server) const SORTS: &[&str] = &["round", "month", "policy", "frozen_at", "drawn_at"];

fn key(round: &RoundBrief, column: &str) -> Key {
    match column {
        "month" => Key::Text(round.month.to_string()),
        "policy" => round.policy.as_str().into(),
        "frozen_at" => round.frozen_at.into(),
        "drawn_at" => round.drawn_at.into(),
        _ => round.id.as_str().into(),
    }
}

/// Rounds: of a month, under a policy, of a kind, drawn or not; a page at a time.
pub(in crate::server) async fn list(State(app): State<App>, uri: Uri) -> Result<Json<Rounds>, Problem> {
    let params = Params::of(&uri, &["month", "policy", "kind", "drawn", "sort", "after", "limit"])?;
    let asked = Asked::of(&params, SORTS, Named::ByText)?;
    let (month, drawn) = (params.month("month")?, params.flag("drawn")?);
    let kind: Option<Population> = params.code("kind", Population::ALL.iter().map(|kind| kind.as_str()))?;
    let mut rounds = app.catalog().rounds_in_brief().await?;
    rounds.retain(|round| {
        month.is_none_or(|month| round.month == month)
            && drawn.is_none_or(|drawn| round.drawn_at.is_some() == drawn)
            && kind.is_none_or(|kind| kind_of_round(&round.id) == kind)
            && params.text("policy").is_none_or(|policy| round.policy == policy)
    });
    let (rounds, next) = asked.page(rounds, key, |round| round.id.as_str().into());
    Ok(Json(Rounds { rounds, next }))
}

/// A round with its documents.
#[derive(Debug, Serialize)]
pub(in crate::server) struct WholeRound {
    #[serde(flatten)]
    line: RoundBrief,
    frozen: Frozen,
    draw: Option<Draw>,
    acts: Vec<RoundAct>,
    /// The seed as it was announced; `None` where nobody recorded it before the draw.
    announced_seed: Option<AnnouncedSeed>,
}

impl WholeRound {
    pub(super) async fn of(catalog: &dyn Catalog, round: &Round) -> Result<Self, Problem> {
        let acts = catalog.round_acts(&round.id).await?;
        let draw = round.draw.as_ref().map(|_| operations::stored_draw(round, &acts)).transpose()?;
        let announced_seed = catalog.announced_seed(&round.id).await?;
        let line = RoundBrief::from(round);
        Ok(Self { line, frozen: operations::stored_frame(round)?, draw, acts, announced_seed })
    }

    /// Without the list of what can be drawn.
    pub(super) fn without_items(mut self) -> Self {
        self.frozen.frame.items.clear();
        self
    }
}

/// A round as somebody sees it who sees a part of the units: their drawn items, without the frame, which lists
/// everybody's.
#[derive(Debug, Serialize)]
pub(in crate::server) struct PartOfRound {
    #[serde(flatten)]
    line: RoundBrief,
    frozen: Option<Frozen>,
    draw: Option<Draw>,
    acts: Vec<RoundAct>,
    items: Vec<DrawnItem>,
}

impl PartOfRound {
    fn of(round: WholeRound, sight: &Sight) -> Self {
        let WholeRound { line, draw, .. } = round;
        let mut items = draw.map(|draw| draw.items).unwrap_or_default();
        items.retain(|item| sight.covers(Some(&item.unit)));
        Self { line, frozen: None, draw: None, acts: Vec::new(), items }
    }
}

/// A round as far as somebody sees it.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum AsSeen {
    Whole(Box<WholeRound>),
    Part(Box<PartOfRound>),
}

/// The parts of a round's name, `MONTH/POLICY`.
pub(super) type Name = Result<Path<(String, String)>, PathRejection>;

/// The name itself.
pub(super) fn name_of(name: Name) -> Result<String, Problem> {
    let Path((month, policy)) = name?;
    Ok(format!("{month}/{policy}"))
}

/// One round, frozen and, where it was, drawn.
pub(in crate::server) async fn one(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    name: Name,
    uri: Uri,
) -> Result<Response, Problem> {
    Params::of(&uri, &[])?;
    let id = name_of(name)?;
    let name = answers::Name::new("round", &id, &viewer.sight);
    let catalog = Arc::clone(&app.state.catalog);
    // Nothing in it tells of the present moment.
    app.keep(name, As::Of(WallTime(0)), async move {
        let round = operations::require_round(catalog.as_ref(), &id).await?;
        let whole = WholeRound::of(catalog.as_ref(), &round).await?;
        Ok(match viewer.sight {
            Sight::All => AsSeen::Whole(Box::new(whole)),
            Sight::Below { .. } => AsSeen::Part(Box::new(PartOfRound::of(whole, &viewer.sight))),
        })
    })
    .await
}

/// A drawn round as the document that `reelproof sample verify` and docs/verify_draw.py check.
pub(in crate::server) async fn export(
    State(app): State<App>,
    name: Name,
    uri: Uri,
) -> Result<Response, Problem> {
    Params::of(&uri, &[])?;
    let id = name_of(name)?;
    let (name, catalog) = (answers::Name::new("export", &id, &Sight::All), Arc::clone(&app.state.catalog));
    app.keep(
        name,
        As::Of(WallTime(0)),
        async move { Ok(operations::export_round(catalog.as_ref(), &id).await?) },
    )
    .await
}
