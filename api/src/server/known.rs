//! What nearly every request asks of the catalog and hardly anything changes: the units, and which month is the latest.

use std::sync::{Arc, Mutex, PoisonError};

use catalog::Month;
use catalog::store::{Catalog, Revision, StoreError};
use catalog::unit::Unit;

/// Units and months, as long as nothing is written that they could follow from.
#[derive(Debug, Clone, Default)]
pub(super) struct Known(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    /// With the revision they are of.
    units: Option<(u64, Arc<[Unit]>)>,
    latest_month: Option<(u64, Option<Month>)>,
}

impl Known {
    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        // Each is there as a whole or not at all.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All units, of a catalog that is at this revision at least.
    pub(super) async fn units(
        &self,
        catalog: &dyn Catalog,
        revision: Revision,
    ) -> Result<Arc<[Unit]>, StoreError> {
        if let Some((of, units)) = &self.kept().units
            && *of == revision.evidence
        {
            return Ok(Arc::clone(units));
        }
        let units: Arc<[Unit]> = catalog.units().await?.into();
        self.kept().units = Some((revision.evidence, Arc::clone(&units)));
        Ok(units)
    }

    /// The latest month in which stages begin; `None` if there is none.
    pub(super) async fn latest_month(
        &self,
        catalog: &dyn Catalog,
        revision: Revision,
    ) -> Result<Option<Month>, StoreError> {
        if let Some((of, month)) = self.kept().latest_month
            && of == revision.evidence
        {
            return Ok(month);
        }
        let month = catalog.months().await?.last().copied();
        self.kept().latest_month = Some((revision.evidence, month));
        Ok(month)
    }
}
