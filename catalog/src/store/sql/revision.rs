//! How often the catalog was written to, as far as it changes what a month looks like.

use super::{Pool, unsigned};
use crate::store::{Revision, StoreError};
use crate::time::WallTime;

/// The columns of a [`RevisionRow`].
///
/// Everything that is written has an event, but for listings. Each maximum is one look into an index, or into a table
/// that people write by hand. What is not counted as evidence stands in the condition of the index of those events,
/// too.
macro_rules! revision_columns {
    () => {
        "coalesce((SELECT max(event_id) FROM event), 0) AS events,
             coalesce((SELECT max(event_id) FROM event WHERE kind NOT IN
                 ('frozen', 'drawn', 'round_act', 'seed', 'assigned', 'reviewed', 'visited', 'notice', 'return')), 0)
                 AS evidence,
             coalesce((SELECT max(listing_id) FROM listing), 0) AS listings,
             (SELECT max(at_us) FROM (
                 SELECT max(at_us) AS at_us FROM event
                 UNION ALL SELECT max(recorded_at_us) FROM excuse
                 UNION ALL SELECT max(withdrawn_at_us) FROM excuse_withdrawal) AS moments) AS latest_us"
    };
}
pub(super) use revision_columns;

pub(in super::super) const REVISION: &str = concat!("/* revision */ SELECT ", revision_columns!());

#[derive(sqlx::FromRow)]
pub(super) struct RevisionRow {
    events: i64,
    evidence: i64,
    listings: i64,
    latest_us: Option<i64>,
}

impl RevisionRow {
    pub(super) fn revision(self) -> Result<Revision, StoreError> {
        Ok(Revision {
            number: unsigned(self.events + self.listings)?,
            evidence: unsigned(self.evidence + self.listings)?,
            latest: self.latest_us.map(WallTime),
        })
    }
}

pub(super) async fn revision(pool: &Pool) -> Result<Revision, StoreError> {
    let row: RevisionRow = sqlx::query_as(REVISION).fetch_one(pool).await?;
    row.revision()
}
