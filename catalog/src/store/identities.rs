//! Whom providers of identities vouch for, as every engine keeps them.

use async_trait::async_trait;

use super::StoreError;
use crate::account::{Identity, TrailEntry, User, UserId};
use crate::time::WallTime;

/// The part of the catalog's interface that keeps who comes with an identity from elsewhere.
#[async_trait]
pub trait Identities: Send + Sync {
    /// Writes down that a person came, and gives the account that is theirs, closed ones too; `None` while nobody said
    /// whose they are.
    async fn meet_identity(
        &self,
        issuer: &str,
        subject: &str,
        name: &str,
        at: WallTime,
    ) -> Result<Option<User>, StoreError>;

    /// Says whose account a person is, or that they are nobody's any more; they need not have come before.
    async fn link_identity(
        &self,
        issuer: &str,
        subject: &str,
        user: Option<UserId>,
        entry: &TrailEntry,
    ) -> Result<(), StoreError>;

    /// All persons, by issuer and subject.
    async fn identities(&self) -> Result<Vec<Identity>, StoreError>;
}
