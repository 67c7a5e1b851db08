//! How often the catalog was written to, as far as it changes what a month looks like.

use super::{Pool, unsigned};
use crate::store::{Revision, StoreError};
use crate::time::WallTime;

/// Everything that is written has an event, but for listings. Each maximum is one look into an index, or into a table
/// that people write by hand. What is not counted as evidence stands in the condition of the index of those events,
/// too.
pub(in super::super) const REVISION: &str = "/* revision */ SELECT
             coalesce((SELECT max(event_id) FROM event), 0),
             coalesce((SELECT max(event_id) FROM event WHERE kind NOT IN
                 ('frozen', 'drawn', 'round_act', 'seed', 'assigned', 'reviewed', 'visited', 'notice', 'return')), 0),
             coalesce((SELECT max(listing_id) FROM listing), 0),
             (SELECT max(at_us) FROM (
                 SELECT max(at_us) AS at_us FROM event
                 UNION ALL SELECT max(recorded_at_us) FROM excuse
                 UNION ALL SELECT max(withdrawn_at_us) FROM excuse_withdrawal) AS moments)";

pub(super) async fn revision(pool: &Pool) -> Result<Revision, StoreError> {
    let (events, evidence, listings, latest_us): (i64, i64, i64, Option<i64>) =
        sqlx::query_as(REVISION).fetch_one(pool).await?;
    Ok(Revision {
        number: unsigned(events + listings)?,
        evidence: unsigned(evidence + listings)?,
        latest: latest_us.map(WallTime),
    })
}
