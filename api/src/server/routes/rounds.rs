//! Sampling rounds, frozen and drawn.

use analyzer::sample::{Draw, DrawnItem, Frozen};
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Extension, Path, State};
use axum::http::Uri;
use axum::response::{IntoResponse, Response};
use catalog::filing::AnnouncedSeed;
use catalog::round::{Round, RoundAct};
use catalog::store::Catalog;
use catalog::{Month, WallTime};
use serde::Serialize;

use crate::operations;
use crate::server::App;
use crate::server::params::Params;
use crate::server::problem::Problem;
use crate::server::rights::Viewer;
use crate::sight::Sight;

/// A round without its documents.
#[derive(Debug, Serialize)]
pub(in crate::server) struct RoundLine {
    id: String,
    month: Month,
    policy: String,
    frozen_at: WallTime,
    frame_sha256: String,
    seed: Option<String>,
    drawn_at: Option<WallTime>,
}

impl From<&Round> for RoundLine {
    fn from(round: &Round) -> Self {
        Self {
            id: round.id.clone(),
            month: round.month,
            policy: round.policy.clone(),
            frozen_at: round.frozen_at,
            frame_sha256: round.frame_sha256.clone(),
            seed: round.draw.as_ref().map(|draw| draw.seed.clone()),
            drawn_at: round.draw.as_ref().map(|draw| draw.drawn_at),
        }
    }
}

/// All rounds.
#[derive(Debug, Serialize)]
pub(in crate::server) struct Rounds {
    rounds: Vec<RoundLine>,
}

/// All rounds, by month and name.
pub(in crate::server) async fn list(State(app): State<App>, uri: Uri) -> Result<Json<Rounds>, Problem> {
    Params::of(&uri, &[])?;
    let rounds = app.catalog().rounds().await?;
    Ok(Json(Rounds { rounds: rounds.iter().map(RoundLine::from).collect() }))
}

/// A round with its documents.
#[derive(Debug, Serialize)]
pub(in crate::server) struct WholeRound {
    #[serde(flatten)]
    line: RoundLine,
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
        Ok(Self { line: round.into(), frozen: operations::stored_frame(round)?, draw, acts, announced_seed })
    }
}

/// A round as somebody sees it who sees a part of the units: their drawn items, without the frame, which lists
/// everybody's.
#[derive(Debug, Serialize)]
pub(in crate::server) struct PartOfRound {
    #[serde(flatten)]
    line: RoundLine,
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
    let round = operations::require_round(app.catalog(), &name_of(name)?).await?;
    let whole = WholeRound::of(app.catalog(), &round).await?;
    Ok(match viewer.sight {
        Sight::All => Json(whole).into_response(),
        Sight::Below { .. } => Json(PartOfRound::of(whole, &viewer.sight)).into_response(),
    })
}

/// A drawn round as the document that `reelproof sample verify` and docs/verify_draw.py check.
pub(in crate::server) async fn export(
    State(app): State<App>,
    name: Name,
    uri: Uri,
) -> Result<Json<serde_json::Value>, Problem> {
    Params::of(&uri, &[])?;
    Ok(Json(operations::export_round(app.catalog(), &name_of(name)?).await?))
}
