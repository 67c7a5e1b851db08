//! Complete listings of stores: recording one, and asking which of them did not have an object.

use std::collections::HashMap;

use super::{Connection, Tx, numbered, signed};
use crate::store::{Listing, StoreError, StoreId};
use crate::time::WallTime;

pub(super) async fn record(tx: &mut Tx, listing: &Listing<'_>) -> Result<(), StoreError> {
    let id: i64 = sqlx::query_scalar(
        "/* record_listing */ INSERT INTO listing (store_id, prefix, listed_at_us, recorded_at_us, objects)
         VALUES ($1, $2, $3, $4, $5) RETURNING listing_id",
    )
    .bind(listing.store.0)
    .bind(listing.prefix)
    .bind(listing.listed_at.0)
    .bind(listing.recorded_at.0)
    .bind(signed(listing.objects)?)
    .fetch_one(&mut **tx)
    .await?;
    tx.wrote("listing", &numbered(id), listing.recorded_at);
    Ok(())
}

/// When one part of one store was listed.
struct Part {
    /// What its keys begin with.
    prefix: String,
    /// When all of a listing had been recorded, in order, and the latest moment at which that listing or
    /// an earlier one was made.
    listed: Vec<(WallTime, WallTime)>,
}

/// All listings, by store and part.
pub(super) struct Listings(HashMap<i64, Vec<Part>>);

impl Listings {
    pub(super) async fn load(connection: &mut Connection) -> Result<Self, StoreError> {
        let rows: Vec<(i64, String, i64, i64)> = sqlx::query_as(
            "/* listings */ SELECT store_id, prefix, recorded_at_us, listed_at_us FROM listing
             ORDER BY store_id, prefix, recorded_at_us",
        )
        .fetch_all(connection)
        .await?;
        let mut stores: HashMap<i64, Vec<Part>> = HashMap::new();
        for (store, prefix, recorded_at, listed_at) in rows {
            let parts = stores.entry(store).or_default();
            if parts.last().is_none_or(|part| part.prefix != prefix) {
                parts.push(Part { prefix, listed: Vec::new() });
            }
            if let Some(part) = parts.last_mut() {
                let latest = part.listed.last().map_or(i64::MIN, |listed| listed.1.0);
                part.listed.push((WallTime(recorded_at), WallTime(listed_at.max(latest))));
            }
        }
        Ok(Self(stores))
    }

    /// The last moment at which a listing did not have an object that was first read at `seen_at`.
    ///
    /// A listing whose objects had all been recorded before that did not have it. O(parts of the store ×
    /// log listings).
    pub(super) fn last_without(&self, store: StoreId, key: &str, seen_at: WallTime) -> Option<WallTime> {
        let parts = self.0.get(&store.0)?.iter().filter(|part| key.starts_with(&part.prefix));
        parts
            .filter_map(|part| {
                let before = part.listed.partition_point(|listed| listed.0 < seen_at);
                part.listed[..before].last().map(|listed| listed.1)
            })
            .max()
    }
}
