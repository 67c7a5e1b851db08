//! What people do with the catalog, each as one function: the command line and the HTTP handlers both
//! call these, so a figure is the same wherever it is shown.
//!
//! Each loads plain values from the catalog, lets the analyzer judge them and stores what has to be
//! kept. CPU work runs off the async threads.

use std::sync::Arc;

use analyzer::audit::{Audit, Incremental, Obligation, ObligationStatus, audit as judge};
use analyzer::coverage::draw::Drawing;
use analyzer::coverage::{self, Coverage};
use analyzer::policy::{Policy, PolicyError, Population};
use analyzer::report::document::with_verdicts;
use analyzer::report::{CheckStatus, Checked, ReportError, Return, monthly_return as fill_in};
use analyzer::review::standings;
use analyzer::sample::{ActError, DrawError, FreezeError, standing};
use catalog::drone::AreaKind;
use catalog::finding::Severity;
use catalog::snapshot::Snapshot;
use catalog::store::{Catalog, StoreError};
use catalog::{Month, WallTime};

use crate::judged::Judged;

mod rounds;
mod words;

pub use rounds::{
    Drawn, FreezeOrder, FrozenRound, RoundOverview, act_on_round, draw_round, drawn_round, export_round,
    freeze_round, redraw_round, require_round, round_id, round_overview, stored_draw, stored_frame,
};
pub(crate) use rounds::{check_seed_is_new, sources};

/// What the command says where the catalog has no stages.
const NO_STAGES: &str = "the catalog has no stages yet; take them in with `reelproof import stages FILE`";

/// What the command says where the catalog has no flights.
const NO_SORTIES: &str = "no sortie was imported yet; `reelproof import sorties FILE` does that";

/// An operation did not come about.
#[derive(Debug, thiserror::Error)]
pub enum OperationError {
    /// The catalog failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is nothing in the month.
    #[error("no stage begins in {month}: {}", known.as_deref().unwrap_or(NO_STAGES))]
    EmptyMonth {
        /// The month that was asked for.
        month: Month,
        /// Which months there are, in words; `None`: there is none.
        known: Option<String>,
    },
    /// A round of month M checks month M−1, and there is nothing in that one.
    #[error(
        "the round of {month} checks what had to be recorded in {base_month}, and no stage begins there: {}",
        known.as_deref().unwrap_or(NO_STAGES)
    )]
    EmptyBaseMonth {
        /// The month of the round.
        month: Month,
        /// The month it checks.
        base_month: Month,
        /// Which months there are, in words; `None`: there is none.
        known: Option<String>,
    },
    /// There is nothing to be drawn.
    #[error(
        "no {} {base_from} to {base_to} on record: import them; if there really was nothing, freeze the empty list with `reelproof sample freeze --month {month} --kind {kind}`",
        kind.en()
    )]
    EmptyFrame {
        /// The month of the round.
        month: Month,
        /// What it looks at.
        kind: Population,
        /// First month that it looks at.
        base_from: Month,
        /// Last month that it looks at.
        base_to: Month,
    },
    /// The policy says nothing of drones.
    #[error(
        "the policy {policy} sets no goal for drones: name one that does (`--policy pudong-2023`), or add [drone_coverage] to it"
    )]
    NoDroneGoal {
        /// Its name.
        policy: String,
    },
    /// Nobody said where drones may fly.
    #[error(
        "no flyable area was imported: `reelproof import areas FILE` takes GeoJSON with kind = flyable and no_fly"
    )]
    NoFlyableArea,
    /// No flight begins in the month.
    #[error("no sortie begins in {month}: {}", known.as_deref().unwrap_or(NO_SORTIES))]
    NoSorties {
        /// The month that was asked for.
        month: Month,
        /// Which months there are, in words; `None`: there is none.
        known: Option<String>,
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
    /// The round was drawn with this seed before this one was frozen, so the seed was known.
    #[error(
        "the seed `{seed}` drew round {other} at {drawn_at}, before this round was frozen at {frozen_at}: whoever froze it knew the seed. Make a new one, as was announced"
    )]
    SeedKnown {
        /// The seed.
        seed: String,
        /// The round that it drew.
        other: String,
        /// When.
        drawn_at: WallTime,
        /// When this round was frozen.
        frozen_at: WallTime,
    },
    /// The seed came into being before the round was frozen.
    #[error(
        "the seed is of {seed_at}, and the round was frozen at {frozen_at}: a seed counts only if nobody could know it when the frame was frozen. Make a new one, as was announced"
    )]
    SeedTooEarly {
        /// When the seed came into being.
        seed_at: WallTime,
        /// When the round was frozen.
        frozen_at: WallTime,
    },
    /// An act does not go with the round.
    #[error(transparent)]
    Act(#[from] ActError),
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

/// The policy whose goal drones are measured by, if the one in force sets none.
const DRONE_POLICY: &str = "pudong-2023";

/// The policy that drones are measured by: the one in force, or, if it sets no goal for them, the one that comes
/// with the program and does.
///
/// # Errors
/// Never in practice: that policy is valid.
pub fn drone_policy(in_force: &Arc<Policy>) -> Result<Arc<Policy>, PolicyError> {
    match in_force.drone_coverage {
        Some(_) => Ok(Arc::clone(in_force)),
        None => Policy::built_in(DRONE_POLICY).map(Arc::new),
    }
}

/// Measures the drone coverage of one month as the catalog knew it at `as_of`, and draws it.
///
/// # Errors
/// Where the policy has no goal for drones, no area is flyable, or nothing was flown or planned in the month; the
/// error says what to do.
pub async fn coverage(
    catalog: &dyn Catalog,
    policy: Arc<Policy>,
    month: Month,
    as_of: WallTime,
) -> Result<(Coverage, Drawing), OperationError> {
    let no_goal = || OperationError::NoDroneGoal { policy: policy.name.clone() };
    let since = coverage::since(month, policy.drone_coverage.as_ref().ok_or_else(no_goal)?);
    let drones = catalog.drone_month(month, since, as_of).await?;
    if !drones.areas.iter().any(|area| area.kind == AreaKind::Flyable) {
        return Err(OperationError::NoFlyableArea);
    }
    let of_month = |at: WallTime| at >= month.start() && at < month.interval().end;
    if !drones.sorties.iter().any(|sortie| of_month(sortie.took_off_at)) {
        let months = catalog.flown_months().await?;
        let known = match months.as_slice() {
            [] => None,
            months => {
                let months: Vec<String> = months.iter().map(ToString::to_string).collect();
                Some(format!("sorties begin in {}", months.join(", ")))
            }
        };
        return Err(OperationError::NoSorties { month, known });
    }
    let measuring = {
        let policy = Arc::clone(&policy);
        tokio::task::spawn_blocking(move || coverage::cover(&drones, &policy))
    };
    measuring.await?.ok_or_else(no_goal)
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
    let snapshot = snapshot(catalog, month, as_of).await?;
    let judged = tokio::task::spawn_blocking(move || {
        let audit = judge(&snapshot, &policy);
        (snapshot, audit)
    });
    Ok(judged.await?)
}

/// One month as the catalog knew it at `as_of`.
pub(crate) async fn snapshot(
    catalog: &dyn Catalog,
    month: Month,
    as_of: WallTime,
) -> Result<Snapshot, OperationError> {
    let snapshot = catalog.snapshot(month, as_of).await?;
    if snapshot.stages.is_empty() {
        return Err(OperationError::EmptyMonth { month, known: known_months(catalog).await? });
    }
    Ok(snapshot)
}

/// Shows `look` each month from the first to the last of `months`, audited, and gives what it makes of each.
///
/// # Errors
/// As for [`audit`]; of several months, those without a stage are left out, unless all are.
pub(crate) async fn look_at_each<T: Send + 'static>(
    catalog: &dyn Catalog,
    judged: &Judged,
    policy: &Arc<Policy>,
    (from, to): (Month, Month),
    as_of: WallTime,
    look: impl Fn(&Incremental) -> T + Clone + Send + 'static,
) -> Result<Vec<T>, OperationError> {
    let mut seen = Vec::new();
    let (mut month, mut none) = (from, None);
    while month <= to {
        let look = look.clone();
        match judged.peek(catalog, Arc::clone(policy), month, as_of, move |of| look(of.month())).await {
            Ok(one) => seen.push(one),
            Err(error @ OperationError::EmptyMonth { .. }) => none = Some(error),
            Err(error) => return Err(error),
        }
        month = month.next();
    }
    match none {
        Some(error) if seen.is_empty() => Err(error),
        _ => Ok(seen),
    }
}

/// The months in which stages begin, in words; `None` if there is none.
async fn known_months(catalog: &dyn Catalog) -> Result<Option<String>, StoreError> {
    let months = catalog.months().await?;
    Ok(match (months.first(), months.last()) {
        (Some(first), Some(last)) if first == last => Some(format!("there are stages in {first} only")),
        (Some(first), Some(last)) => Some(format!("there are stages from {first} to {last}")),
        _ => None,
    })
}

/// The monthly return of the month of a round, from the round's draw and the obligations of the months it checks, as
/// the machine sees them.
///
/// # Errors
/// Where the catalog fails, or the return cannot be filled in.
pub async fn monthly_return(
    catalog: &dyn Catalog,
    policy: &Policy,
    drawn: &Drawn,
    machine: &[Checked],
) -> Result<Return, OperationError> {
    let Drawn { frozen, draw, acts } = drawn;
    let standings = standings(&catalog.review_file(&frozen.round).await?);
    let checked = with_verdicts(machine, &standings);
    Ok(fill_in(frozen, draw, &standing(acts), &checked, policy)?)
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
