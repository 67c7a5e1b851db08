//! What people do with the catalog, each as one function: the command line and the HTTP handlers both
//! call these, so a figure is the same wherever it is shown.
//!
//! Each loads plain values from the catalog, lets the analyzer judge them and stores what has to be
//! kept. CPU work runs off the async threads.

use std::collections::BTreeSet;
use std::sync::Arc;

use analyzer::audit::{Audit, Obligation, ObligationStatus, audit as judge};
use analyzer::policy::Policy;
use analyzer::report::document::with_verdicts;
use analyzer::report::{CheckStatus, Checked, ReportError, Return, monthly_return as fill_in};
use analyzer::review::standings;
use analyzer::sample::{
    Draw, DrawError, EarlierRound, Export, FreezeError, FreezeInput, Frozen, draw, export, freeze,
};
use catalog::finding::Severity;
use catalog::round::{Round, RoundDraw};
use catalog::snapshot::Snapshot;
use catalog::store::{Catalog, StoreError};
use catalog::{Month, WallTime};

/// An operation did not come about.
#[derive(Debug, thiserror::Error)]
pub enum OperationError {
    /// The catalog failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is nothing in the month.
    #[error("no stage begins in {month}: {known}")]
    EmptyMonth {
        /// The month that was asked for.
        month: Month,
        /// Which months there are, in words.
        known: String,
    },
    /// A round of month M checks month M−1, and there is nothing in that one.
    #[error(
        "the round of {month} checks what had to be recorded in {base_month}, and no stage begins there: {known}"
    )]
    EmptyBaseMonth {
        /// The month of the round.
        month: Month,
        /// The month it checks.
        base_month: Month,
        /// Which months there are, in words.
        known: String,
    },
    /// No frame can be made.
    #[error(transparent)]
    Freeze(#[from] FreezeError),
    /// The seed does not do, or the stored frame was changed.
    #[error(transparent)]
    Draw(#[from] DrawError),
    /// There is no round of this name.
    #[error("there is no round {round}: {known}")]
    NoRound {
        /// The name.
        round: String,
        /// Which rounds there are, in words.
        known: String,
    },
    /// The round was frozen, but not drawn.
    #[error(
        "round {round} is frozen but not drawn: announce a seed, then `reelproof sample draw --round {round} --seed SEED`"
    )]
    NotDrawn {
        /// The round.
        round: String,
    },
    /// The round was drawn with another seed.
    #[error(
        "round {round} was drawn with the seed `{seed}` already: a draw is never repeated with another one"
    )]
    DrawnBefore {
        /// The round.
        round: String,
        /// The seed of its draw.
        seed: String,
    },
    /// The return cannot be filled in.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// A stored document cannot be read back.
    #[error(
        "what is stored of round {round} cannot be read ({source}): it was written by another version, or changed by hand"
    )]
    StoredRound {
        /// The round.
        round: String,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// A computation was cut off.
    #[error("the computation was cut off: {0}")]
    CutOff(#[from] tokio::task::JoinError),
}

/// Audits one month as the catalog knew it at `as_of`.
///
/// # Errors
/// Where the month has no stage at all, the error names the months that have.
pub async fn audit(
    catalog: &dyn Catalog,
    policy: Arc<Policy>,
    month: Month,
    as_of: WallTime,
) -> Result<Audit, OperationError> {
    Ok(audit_with_snapshot(catalog, policy, month, as_of).await?.1)
}

/// Audits one month, and gives what was audited with it.
///
/// # Errors
/// As for [`audit`].
pub async fn audit_with_snapshot(
    catalog: &dyn Catalog,
    policy: Arc<Policy>,
    month: Month,
    as_of: WallTime,
) -> Result<(Snapshot, Audit), OperationError> {
    let snapshot = catalog.snapshot(month, as_of).await?;
    if snapshot.stages.is_empty() {
        return Err(OperationError::EmptyMonth { month, known: known_months(catalog).await? });
    }
    let judged = tokio::task::spawn_blocking(move || {
        let audit = judge(&snapshot, &policy);
        (snapshot, audit)
    });
    Ok(judged.await?)
}

async fn known_months(catalog: &dyn Catalog) -> Result<String, StoreError> {
    let months = catalog.months().await?;
    Ok(match (months.first(), months.last()) {
        (Some(first), Some(last)) if first == last => format!("there are stages in {first} only"),
        (Some(first), Some(last)) => format!("there are stages from {first} to {last}"),
        _ => "the catalog has no stages yet; take them in with `reelproof import stages FILE`".to_owned(),
    })
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

/// Freezes the round of `month`, or gives back the one that was frozen before.
pub async fn freeze_round(
    catalog: &dyn Catalog,
    policy: &Policy,
    month: Month,
    now: WallTime,
) -> Result<FrozenRound, OperationError> {
    let id = round_id(month, policy);
    if let Some(round) = catalog.round(&id).await? {
        return Ok(FrozenRound { frozen: stored_frame(&round)?, frozen_at: round.frozen_at, new: false });
    }
    let base_month = month.previous();
    let snapshot = catalog.snapshot(base_month, now).await?;
    if snapshot.stages.is_empty() {
        let known = known_months(catalog).await?;
        return Err(OperationError::EmptyBaseMonth { month, base_month, known });
    }
    let mut earlier = Vec::new();
    for round in catalog.rounds().await? {
        if round.policy == policy.name && round.month < month && round.draw.is_some() {
            let units: BTreeSet<String> = stored_draw(&round)?.units.into_iter().collect();
            earlier.push(EarlierRound { month: round.month, units });
        }
    }
    let frozen = freeze(FreezeInput {
        month,
        policy,
        cases: &snapshot.cases,
        stages: &snapshot.stages,
        units: &snapshot.units,
        earlier: &earlier,
    })?;
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

/// The name of the round of a month under a policy.
pub fn round_id(month: Month, policy: &Policy) -> String {
    format!("{month}/{}", policy.name)
}

/// Draws a frozen round with an announced seed, or gives back its draw if it is the same seed.
pub async fn draw_round(
    catalog: &dyn Catalog,
    id: &str,
    seed: &str,
    now: WallTime,
) -> Result<(Frozen, Draw), OperationError> {
    let round = require_round(catalog, id).await?;
    let frozen = stored_frame(&round)?;
    let drawn = if round.draw.is_some() {
        None
    } else {
        let draw = draw(&frozen, seed)?;
        let stored = RoundDraw { seed: seed.to_owned(), drawn_at: now, draw_json: to_json(id, &draw)? };
        catalog.draw_round(id, &stored).await?.then_some(draw)
    };
    if let Some(draw) = drawn {
        return Ok((frozen, draw));
    }
    let draw = stored_draw(&require_round(catalog, id).await?)?;
    if draw.seed == seed {
        Ok((frozen, draw))
    } else {
        Err(OperationError::DrawnBefore { round: id.to_owned(), seed: draw.seed })
    }
}

/// A round that was drawn, as a document that needs nothing else to be checked.
pub async fn export_round(catalog: &dyn Catalog, id: &str) -> Result<Export, OperationError> {
    let (frozen, draw) = drawn_round(catalog, id).await?;
    Ok(export(&frozen, &draw))
}

/// The monthly return of the month of a round, from the round's draw and the audit of the month it
/// checks; with that audit.
pub async fn monthly_return(
    catalog: &dyn Catalog,
    policy: Arc<Policy>,
    month: Month,
    as_of: WallTime,
) -> Result<(Return, Audit), OperationError> {
    let (frozen, draw) = drawn_round(catalog, &round_id(month, &policy)).await?;
    let audit = audit(catalog, Arc::clone(&policy), frozen.base_month, as_of).await?;
    let checked: Vec<Checked> = audit.obligations.iter().map(checked).collect();
    let standings = standings(&catalog.review_file(&frozen.round).await?);
    Ok((fill_in(&frozen, &draw, &with_verdicts(&checked, &standings), &policy)?, audit))
}

/// What the return needs of an obligation.
pub(crate) fn checked(obligation: &Obligation) -> Checked {
    let irregular = obligation
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Irregular && finding.excused.is_none())
        .count();
    Checked {
        id: obligation.id.clone(),
        unit: obligation.unit.clone().unwrap_or_default(),
        status: match obligation.status {
            ObligationStatus::Complete => CheckStatus::Complete,
            ObligationStatus::Partial => CheckStatus::Partial,
            ObligationStatus::Missing => CheckStatus::Missing,
            ObligationStatus::Excused => CheckStatus::Excused,
        },
        irregular: u32::try_from(irregular).unwrap_or(u32::MAX),
    }
}

/// A round that was frozen and drawn.
pub async fn drawn_round(catalog: &dyn Catalog, id: &str) -> Result<(Frozen, Draw), OperationError> {
    let round = require_round(catalog, id).await?;
    if round.draw.is_none() {
        return Err(OperationError::NotDrawn { round: id.to_owned() });
    }
    Ok((stored_frame(&round)?, stored_draw(&round)?))
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
    serde_json::from_str(&round.frozen_json)
        .map_err(|source| OperationError::StoredRound { round: round.id.clone(), source })
}

/// The draw of a stored round that was drawn.
pub fn stored_draw(round: &Round) -> Result<Draw, OperationError> {
    let text = round.draw.as_ref().map_or("", |draw| draw.draw_json.as_str());
    serde_json::from_str(text)
        .map_err(|source| OperationError::StoredRound { round: round.id.clone(), source })
}

fn to_json<T: serde::Serialize>(round: &str, document: &T) -> Result<String, OperationError> {
    serde_json::to_string(document)
        .map_err(|source| OperationError::StoredRound { round: round.to_owned(), source })
}
