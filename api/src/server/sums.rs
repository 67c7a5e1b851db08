//! Sums over the whole catalog, kept until something is written: counting a million recordings takes a second.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use catalog::store::{Catalog, StoreError, Totals};

/// Units of which sums are kept at most.
const MOST: usize = 1024;

/// By unit, the sums and the revision that they are of.
type Kept = HashMap<Option<String>, (u64, Totals)>;

/// The sums.
#[derive(Debug, Clone, Default)]
pub(super) struct Sums(Arc<Mutex<Kept>>);

impl Sums {
    /// How much there is of a unit and those below it; `None`: in all.
    pub(super) async fn totals(
        &self,
        catalog: &dyn Catalog,
        unit: Option<&str>,
    ) -> Result<Totals, StoreError> {
        // Of what people do with a judged month nothing is counted.
        let revision = catalog.revision().await?.evidence;
        let key = unit.map(str::to_owned);
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&key).copied();
        if let Some((_, totals)) = kept.filter(|kept| kept.0 == revision) {
            return Ok(totals);
        }
        let totals = match unit {
            None => catalog.totals().await?,
            Some(unit) => catalog.totals_within(unit).await?,
        };
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST {
            kept.clear();
        }
        kept.insert(key, (revision, totals));
        Ok(totals)
    }
}
