//! Sampling rounds: frozen, drawn once, acted upon, exported. Each act is an entry that is only ever added.

use std::collections::BTreeMap;

use analyzer::policy::{Policy, Population};
use analyzer::sample::{
    Changes, Draw, EarlierItem, EarlierRound, FreezeInput, Frozen, Sources, Standing, StoredError, changes,
    draw_stored, export_stored, freeze, needed_from, read_draw, read_frozen, round_name, standing, taken_by,
};
use catalog::round::{Round, RoundAct, RoundActKind, RoundDraw};
use catalog::snapshot::ShouldExist;
use catalog::store::Catalog;
use catalog::{Month, WallTime};
use serde::Serialize;
use serde_json::Value;

use super::{OperationError, known_months};

/// Which round to freeze, and what is announced with it.
#[derive(Debug, Clone, Copy)]
pub struct FreezeOrder<'a> {
    /// Month in which the checks take place.
    pub month: Month,
    /// What is looked at.
    pub kind: Population,
    /// How the seed will come about.
    pub seed_source: &'a str,
    /// Whether to freeze it if there is nothing to be drawn: somebody looked, and there really was nothing.
    pub even_if_empty: bool,
}

/// A frozen round, and whether it was frozen just now.
#[derive(Debug)]
pub struct FrozenRound {
    /// The round.
    pub frozen: Frozen,
    /// When it was frozen.
    pub frozen_at: WallTime,
    /// Whether this call froze it; `false`: it was frozen before, and this is what was frozen then.
    pub new: bool,
}

/// A round that was drawn, and what people did with it since.
#[derive(Debug)]
pub struct Drawn {
    /// The frozen round.
    pub frozen: Frozen,
    /// The present draw: the last one, if it was drawn again.
    pub draw: Draw,
    /// What people did with it.
    pub acts: Vec<RoundAct>,
}

impl Drawn {
    /// What people look at, with the code of its unit: what was drawn and not skipped, in the order of
    /// drawing, then what took a place, then what was taken because of a risk.
    pub fn looked_at(&self) -> Vec<(&str, &str)> {
        let Standing { skipped, substitutes, extra } = standing(&self.acts);
        let units: BTreeMap<&str, &str> =
            self.frozen.frame.items.iter().map(|item| (item.id.as_str(), item.unit.as_str())).collect();
        let drawn = self.draw.items.iter().map(|item| item.id.as_str());
        let drawn: Vec<&str> = drawn.filter(|id| !skipped.iter().any(|skipped| skipped == id)).collect();
        let besides = substitutes.iter().chain(&extra);
        let besides = besides.filter_map(|id| units.get_key_value(id.as_str()).map(|(id, _)| *id));
        drawn.into_iter().chain(besides).filter_map(|id| units.get(id).map(|unit| (id, *unit))).collect()
    }
}

/// A round with all that stands beside it.
#[derive(Debug, Serialize)]
pub struct RoundOverview {
    /// Name of the round.
    pub round: String,
    /// When it was frozen.
    pub frozen_at: WallTime,
    /// The frozen round.
    pub frozen: Frozen,
    /// When it was drawn; `None` while it is not.
    pub drawn_at: Option<WallTime>,
    /// The present draw.
    pub draw: Option<Draw>,
    /// What people did with it.
    pub acts: Vec<RoundAct>,
    /// What stands after these acts.
    pub standing: Standing,
    /// What changed in the data since freezing; it changes nothing in the round.
    pub changes: Changes,
}

pub(crate) fn sources(found: &ShouldExist) -> Sources<'_> {
    Sources { cases: &found.cases, stages: &found.stages, officers: &found.officers, repeats: &found.repeats }
}

/// Freezes a round, or gives back the one that was frozen before.
pub async fn freeze_round(
    catalog: &dyn Catalog,
    policy: &Policy,
    order: FreezeOrder<'_>,
    now: WallTime,
) -> Result<FrozenRound, OperationError> {
    let FreezeOrder { month, kind, seed_source, even_if_empty } = order;
    let id = round_name(month, &policy.name, kind);
    if let Some(round) = catalog.round(&id).await? {
        return Ok(FrozenRound { frozen: stored_frame(&round)?, frozen_at: round.frozen_at, new: false });
    }
    let found = catalog.should_exist(needed_from(month, policy.check_of(kind)), month).await?;
    if found.cases.is_empty() && found.stages.is_empty() {
        let known = known_months(catalog).await?;
        return Err(OperationError::EmptyBaseMonth { month, base_month: month.previous(), known });
    }
    let mut earlier = Vec::new();
    for round in catalog.rounds().await? {
        let of_this_check = round.id == round_name(round.month, &policy.name, kind);
        if of_this_check && round.month < month && round.draw.is_some() {
            let acts = catalog.round_acts(&round.id).await?;
            earlier.push(EarlierRound { month: round.month, items: looked_at(&round, &acts)? });
        }
    }
    let frozen = freeze(FreezeInput {
        month,
        policy,
        kind,
        seed_source,
        sources: sources(&found),
        units: &found.units,
        earlier: &earlier,
    })?;
    if kind == Population::Recordings && frozen.cases == 0 {
        let (base_month, known) = (frozen.base_month, known_months(catalog).await?);
        return Err(OperationError::EmptyBaseMonth { month, base_month, known });
    }
    if frozen.frame_size == 0 && !even_if_empty {
        let (base_from, base_to) = (frozen.frame.base_from, frozen.frame.base_to);
        return Err(OperationError::EmptyFrame { month, kind, base_from, base_to });
    }
    let round = Round {
        id,
        month,
        policy: policy.name.clone(),
        frozen_at: now,
        frozen_json: to_json(&frozen.round, &frozen)?,
        frame_sha256: frozen.frame_sha256.clone(),
        draw: None,
    };
    if catalog.freeze_round(&round).await? {
        return Ok(FrozenRound { frozen, frozen_at: now, new: true });
    }
    // Somebody else froze it in between: theirs is the one.
    let round = require_round(catalog, &round.id).await?;
    Ok(FrozenRound { frozen: stored_frame(&round)?, frozen_at: round.frozen_at, new: false })
}

/// What a drawn round really looked at: without what was skipped, with what took its place.
///
/// It reads the documents of every version of the program: names and units have always been there.
fn looked_at(round: &Round, acts: &[RoundAct]) -> Result<Vec<EarlierItem>, OperationError> {
    let stored = |source| OperationError::StoredRound { round: round.id.clone(), source };
    let frozen: Value = serde_json::from_str(&round.frozen_json).map_err(stored)?;
    let draw: Value = serde_json::from_str(present_draw(round, acts)).map_err(stored)?;
    let standing = standing(acts);
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let drawn = draw["items"].as_array().into_iter().flatten().filter_map(|item| text(&item["id"]));
    let ids: std::collections::BTreeSet<String> = drawn
        .filter(|id| !standing.skipped.contains(id))
        .chain(standing.substitutes.iter().cloned())
        .collect();
    let items = frozen["frame"]["items"].as_array().into_iter().flatten();
    Ok(items
        .filter(|item| item["id"].as_str().is_some_and(|id| ids.contains(id)))
        .map(|item| EarlierItem {
            unit: text(&item["unit"]).unwrap_or_default(),
            officers: item["officers"].as_array().into_iter().flatten().filter_map(text).collect(),
        })
        .collect())
}

/// The name of the round of recordings of a month under a policy.
pub fn round_id(month: Month, policy: &Policy) -> String {
    round_name(month, &policy.name, Population::Recordings)
}

/// Draws a frozen round with an announced seed, or gives back its draw if it is the same seed.
///
/// `seed_at` is when the seed came into being, where that is known.
///
/// # Errors
/// A seed that was, or may have been, known when the frame was frozen is refused.
pub async fn draw_round(
    catalog: &dyn Catalog,
    id: &str,
    seed: &str,
    seed_at: Option<WallTime>,
    now: WallTime,
) -> Result<Drawn, OperationError> {
    let round = require_round(catalog, id).await?;
    let frozen = stored_frame(&round)?;
    if round.draw.is_none() {
        check_seed_is_new(catalog, &round, seed, seed_at).await?;
        let (draw, draw_json) = drawn_from(&round, seed)?;
        let stored = RoundDraw { seed: seed.to_owned(), drawn_at: now, draw_json };
        if catalog.draw_round(id, &stored).await? {
            return Ok(Drawn { frozen, draw, acts: Vec::new() });
        }
    }
    let drawn = drawn_round(catalog, id).await?;
    if drawn.draw.seed == seed {
        Ok(drawn)
    } else {
        Err(OperationError::DrawnBefore { round: id.to_owned(), seed: drawn.draw.seed })
    }
}

/// What a seed makes of a stored round, with the document to be stored.
fn drawn_from(round: &Round, seed: &str) -> Result<(Draw, String), OperationError> {
    draw_stored(&round.frozen_json, seed).map_err(|error| match error {
        StoredError::Draw(error) => error.into(),
        StoredError::Json(source) => OperationError::StoredRound { round: round.id.clone(), source },
    })
}

/// Refuses a seed that somebody may have known when the frame was frozen.
pub(crate) async fn check_seed_is_new(
    catalog: &dyn Catalog,
    round: &Round,
    seed: &str,
    seed_at: Option<WallTime>,
) -> Result<(), OperationError> {
    let frozen_at = round.frozen_at;
    if let Some(seed_at) = seed_at.filter(|seed_at| *seed_at < frozen_at) {
        return Err(OperationError::SeedTooEarly { seed_at, frozen_at });
    }
    for other in catalog.rounds().await? {
        let redraws = catalog.round_acts(&other.id).await?.into_iter().filter_map(|act| act.draw);
        for draw in other.draw.iter().cloned().chain(redraws) {
            if draw.seed == seed && draw.drawn_at < frozen_at {
                return Err(OperationError::SeedKnown {
                    seed: seed.to_owned(),
                    other: other.id,
                    drawn_at: draw.drawn_at,
                    frozen_at,
                });
            }
        }
    }
    Ok(())
}

/// Draws a drawn round again, with another seed. The first draw stays on record.
pub async fn redraw_round(
    catalog: &dyn Catalog,
    id: &str,
    seed: &str,
    (who, why): (&str, &str),
    now: WallTime,
) -> Result<Drawn, OperationError> {
    let round = require_round(catalog, id).await?;
    let drawn = drawn_round(catalog, id).await?;
    if drawn.draw.seed == seed {
        return Ok(drawn);
    }
    let (who, why) = reasons(who, why)?;
    check_seed_is_new(catalog, &round, seed, None).await?;
    let (_, draw_json) = drawn_from(&round, seed)?;
    let stored = RoundDraw { seed: seed.to_owned(), drawn_at: now, draw_json };
    let (item, taken) = (String::new(), Vec::new());
    let act = RoundAct { kind: RoundActKind::Redraw, at: now, who, why, item, taken, draw: Some(stored) };
    catalog.add_round_act(id, &act).await?;
    drawn_round(catalog, id).await
}

/// Skips or substitutes an item, or takes `count` extra ones of a unit.
pub async fn act_on_round(
    catalog: &dyn Catalog,
    id: &str,
    (kind, subject, count): (RoundActKind, &str, u32),
    (who, why): (&str, &str),
    now: WallTime,
) -> Result<RoundAct, OperationError> {
    let Drawn { frozen, draw, acts } = drawn_round(catalog, id).await?;
    let (who, why) = reasons(who, why)?;
    let taken = taken_by(kind, subject, count, &frozen.frame, &draw, &acts)?;
    let act = RoundAct { kind, at: now, who, why, item: subject.to_owned(), taken, draw: None };
    catalog.add_round_act(id, &act).await?;
    Ok(act)
}

fn reasons(who: &str, why: &str) -> Result<(String, String), OperationError> {
    let (who, why) = (who.trim(), why.trim());
    if who.is_empty() || why.is_empty() {
        return Err(analyzer::sample::ActError::NoReason.into());
    }
    Ok((who.to_owned(), why.to_owned()))
}

/// A round that was drawn, as a document that needs nothing else to be checked.
///
/// A round that an earlier version drew is exported in the format of its time.
pub async fn export_round(catalog: &dyn Catalog, id: &str) -> Result<Value, OperationError> {
    let stored = |source| OperationError::StoredRound { round: id.to_owned(), source };
    let round = require_round(catalog, id).await?;
    if round.draw.is_none() {
        return Err(OperationError::NotDrawn { round: id.to_owned() });
    }
    let acts = catalog.round_acts(id).await?;
    export_stored(&round.frozen_json, present_draw(&round, &acts)).map_err(stored)
}

/// A round with all that stands beside it.
pub async fn round_overview(
    catalog: &dyn Catalog,
    policy: &Policy,
    id: &str,
) -> Result<RoundOverview, OperationError> {
    let round = require_round(catalog, id).await?;
    let frozen = stored_frame(&round)?;
    let acts = catalog.round_acts(id).await?;
    let from = needed_from(frozen.month, policy.check_of(frozen.kind));
    let found = catalog.should_exist(from, frozen.month).await?;
    let changes = changes(&frozen.frame, policy, sources(&found))?;
    let draw = round.draw.as_ref().map(|_| stored_draw(&round, &acts)).transpose()?;
    Ok(RoundOverview {
        round: round.id,
        frozen_at: round.frozen_at,
        frozen,
        drawn_at: round.draw.map(|draw| draw.drawn_at),
        draw,
        standing: standing(&acts),
        acts,
        changes,
    })
}

/// A round that was frozen and drawn.
pub async fn drawn_round(catalog: &dyn Catalog, id: &str) -> Result<Drawn, OperationError> {
    let round = require_round(catalog, id).await?;
    if round.draw.is_none() {
        return Err(OperationError::NotDrawn { round: id.to_owned() });
    }
    let acts = catalog.round_acts(id).await?;
    Ok(Drawn { frozen: stored_frame(&round)?, draw: stored_draw(&round, &acts)?, acts })
}

/// The round of this name.
///
/// # Errors
/// Where there is none, the error names those there are.
pub async fn require_round(catalog: &dyn Catalog, id: &str) -> Result<Round, OperationError> {
    if let Some(round) = catalog.round(id).await? {
        return Ok(round);
    }
    let rounds: Vec<_> = catalog.rounds().await?.into_iter().map(|round| round.id).collect();
    let known = if rounds.is_empty() {
        "none is frozen yet; freeze one with `reelproof sample freeze --month YYYY-MM`".to_owned()
    } else {
        format!("there are {}", rounds.join(", "))
    };
    Err(OperationError::NoRound { round: id.to_owned(), known })
}

/// The frame of a stored round.
pub fn stored_frame(round: &Round) -> Result<Frozen, OperationError> {
    read_frozen(&round.frozen_json)
        .map_err(|source| OperationError::StoredRound { round: round.id.clone(), source })
}

/// The present draw of a stored round that was drawn, after these acts.
pub fn stored_draw(round: &Round, acts: &[RoundAct]) -> Result<Draw, OperationError> {
    read_draw(present_draw(round, acts))
        .map_err(|source| OperationError::StoredRound { round: round.id.clone(), source })
}

/// The last draw, as it was stored; empty if there is none.
fn present_draw<'a>(round: &'a Round, acts: &'a [RoundAct]) -> &'a str {
    let redrawn = acts.iter().rev().find_map(|act| act.draw.as_ref());
    redrawn.or(round.draw.as_ref()).map_or("", |draw| draw.draw_json.as_str())
}

fn to_json<T: Serialize>(round: &str, document: &T) -> Result<String, OperationError> {
    serde_json::to_string(document)
        .map_err(|source| OperationError::StoredRound { round: round.to_owned(), source })
}
