//! Whom providers of identities vouch for.

use async_trait::async_trait;

use super::{SqlCatalog, accounts};
use crate::account::{Identity, TrailEntry, User, UserId};
use crate::store::{Identities, StoreError};
use crate::time::WallTime;

#[async_trait]
impl Identities for SqlCatalog {
    async fn meet_identity(
        &self,
        issuer: &str,
        subject: &str,
        name: &str,
        at: WallTime,
    ) -> Result<Option<User>, StoreError> {
        let mut tx = self.write().await?;
        let id: Option<i64> = sqlx::query_scalar(
            "/* meet_identity */ INSERT INTO identity (issuer, subject, name, first_seen_at_us, last_seen_at_us)
             VALUES ($1, $2, $3, $4, $4)
             ON CONFLICT (issuer, subject) DO UPDATE
                 SET name = excluded.name,
                     last_seen_at_us = CASE WHEN identity.last_seen_at_us > excluded.last_seen_at_us
                                            THEN identity.last_seen_at_us ELSE excluded.last_seen_at_us END
             RETURNING user_id",
        )
        .bind(issuer)
        .bind(subject)
        .bind(name)
        .bind(at.0)
        .fetch_one(&mut *tx)
        .await?;
        let user = match id {
            Some(id) => accounts::user(&mut tx, UserId(id)).await?,
            None => None,
        };
        tx.commit().await?;
        Ok(user)
    }

    async fn link_identity(
        &self,
        issuer: &str,
        subject: &str,
        user: Option<UserId>,
        entry: &TrailEntry,
    ) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        sqlx::query(
            "/* link_identity */ INSERT INTO identity (issuer, subject, user_id, name, first_seen_at_us, last_seen_at_us)
             VALUES ($1, $2, $3, '', $4, $4)
             ON CONFLICT (issuer, subject) DO UPDATE SET user_id = excluded.user_id",
        )
        .bind(issuer)
        .bind(subject)
        .bind(user.map(|user| user.0))
        .bind(entry.at.0)
        .execute(&mut *tx)
        .await?;
        accounts::add_trail(&mut tx, entry).await?;
        Ok(tx.commit().await?)
    }

    async fn identities(&self) -> Result<Vec<Identity>, StoreError> {
        type Row = (String, String, Option<i64>, String, i64, i64);
        let rows: Vec<Row> = sqlx::query_as(
            "/* identities */ SELECT issuer, subject, user_id, name, first_seen_at_us, last_seen_at_us
             FROM identity ORDER BY issuer, subject",
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows
            .into_iter()
            .map(|(issuer, subject, user, name, first, last)| Identity {
                issuer,
                subject,
                user: user.map(UserId),
                name,
                first_seen_at: WallTime(first),
                last_seen_at: WallTime(last),
            })
            .collect())
    }
}
