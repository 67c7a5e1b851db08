//! Reconciling a month with what devices say: the operation on the catalog.

use std::sync::Arc;

use analyzer::policy::Policy;
use analyzer::reconcile::{ReconcileError, Reconciliation, reconcile as compare};
use catalog::store::{Catalog, StoreError};
use catalog::{Month, WallTime};

/// Why a month could not be reconciled.
#[derive(Debug, thiserror::Error)]
pub enum ReconciliationError {
    /// The catalog failed.
    #[error(transparent)]
    Store(#[from] StoreError),
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
    let snapshot = catalog.snapshot(month, as_of).await?;
    let flown = if catalog.flown_months().await?.contains(&month) {
        Some(catalog.drone_month(month, month.start(), as_of).await?)
    } else {
        None
    };
    Ok(tokio::task::spawn_blocking(move || compare(&snapshot, flown.as_ref(), &policy)).await??)
}
