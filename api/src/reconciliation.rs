//! Reconciling a month with what devices say: the operation on the catalog.

use std::sync::Arc;

use analyzer::policy::Policy;
use analyzer::reconcile::{ReconcileError, Reconciliation, reconcile as compare};
use catalog::snapshot::Snapshot;
use catalog::store::{Catalog, StoreError};
use catalog::{Month, WallTime};

use crate::background;
use crate::judged::{Judged, Seen};
use crate::operations::OperationError;

/// Why a month could not be reconciled.
#[derive(Debug, thiserror::Error)]
pub enum ReconciliationError {
    /// The catalog failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The month could not be judged.
    #[error(transparent)]
    Month(#[from] OperationError),
    /// The policy says nothing of it.
    #[error(transparent)]
    Policy(#[from] ReconcileError),
    /// The computation was cut off.
    #[error("the computation was cut off: {0}")]
    CutOff(#[from] tokio::task::JoinError),
}

/// Compares what devices say of `month` with what is stored, as the catalog knew it at `as_of`.
///
/// # Errors
/// Where the catalog fails, or the policy says nothing of reconciling.
pub async fn reconcile(
    catalog: &dyn Catalog,
    policy: Arc<Policy>,
    month: Month,
    as_of: WallTime,
) -> Result<Reconciliation, ReconciliationError> {
    reconcile_snapshot(catalog, policy, catalog.snapshot(month, as_of).await?).await
}

/// The same, of a month that may be kept as it was judged.
///
/// # Errors
/// As for [`reconcile`].
pub async fn reconcile_judged(
    catalog: &dyn Catalog,
    judged: &Judged,
    policy: Arc<Policy>,
    month: Month,
    as_of: WallTime,
) -> Result<Reconciliation, ReconciliationError> {
    // To copy the month takes a small part of the time that it takes to load it again.
    let copy = |seen: &Seen| seen.month().without_looks();
    let kept = judged.peek(catalog, Arc::clone(&policy), month, as_of, copy).await;
    let snapshot = match kept {
        // What is kept may be of an earlier moment at which all was as it is at this one.
        Ok(snapshot) => Snapshot { as_of, ..snapshot },
        // Devices may have recorded in a month in which no stage begins.
        Err(OperationError::EmptyMonth { .. }) => catalog.snapshot(month, as_of).await?,
        Err(error) => return Err(error.into()),
    };
    reconcile_snapshot(catalog, policy, snapshot).await
}

async fn reconcile_snapshot(
    catalog: &dyn Catalog,
    policy: Arc<Policy>,
    snapshot: Snapshot,
) -> Result<Reconciliation, ReconciliationError> {
    let month = snapshot.month;
    let flown = if catalog.flown_months().await?.contains(&month) {
        Some(catalog.drone_month(month, month.start(), snapshot.as_of).await?)
    } else {
        None
    };
    Ok(background::run(move || compare(&snapshot, flown.as_ref(), &policy)).await??)
}
