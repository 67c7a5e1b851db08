//! Accounts, sessions, tokens and the access trail, as every engine keeps them.
//!
//! What changes an account is written down in the trail by the transaction that does it: there is no change
//! without its line.

use async_trait::async_trait;

use super::{Order, Revision, StoreError, TrailSort};
use crate::account::{
    ApiToken, Credentials, NewSession, NewUser, Role, TokenScope, TrailEntry, TrailLine, User, UserId,
};
use crate::time::{Micros, WallTime};

/// What came of making or changing an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountOutcome {
    /// It is now so.
    Done(User),
    /// The login is somebody's, or was.
    LoginTaken,
    /// Another account is that officer's.
    BadgeTaken,
    /// There is no such unit or officer.
    UnknownUnitOrBadge,
    /// There is no such account.
    NoSuchUser,
    /// It is the last administrator who could still sign in.
    LastAdministrator,
    /// It was to be the first account, and there are some.
    NotTheFirst,
}

/// Somebody who was let in, and the catalog as they find it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// Who.
    pub user: User,
    /// What was written by then.
    pub revision: Revision,
}

/// What an account is to become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserChange {
    /// Which.
    pub id: UserId,
    /// Name as people write it.
    pub name: String,
    /// What the person does.
    pub role: Role,
    /// The unit whose subtree the person sees.
    pub unit: Option<String>,
    /// The officer that the person is.
    pub badge: Option<String>,
    /// When it was closed; `None`: it is open.
    pub disabled_at: Option<WallTime>,
}

/// An API token to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewToken {
    /// SHA-256 of it, lower-case hexadecimal.
    pub token_sha256: String,
    /// Whose.
    pub user: UserId,
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub scope: TokenScope,
    /// Since when.
    pub created_at: WallTime,
    /// Until when.
    pub ends_at: WallTime,
}

/// Which lines of the trail to show.
#[derive(Debug, Clone)]
pub struct TrailQuery {
    /// In which order, and from where.
    pub order: Order<TrailSort>,
    /// Only this login's.
    pub login: Option<String>,
    /// Only this act.
    pub act: Option<String>,
    /// At most this many.
    pub limit: u32,
}

impl Default for TrailQuery {
    /// Latest first.
    fn default() -> Self {
        let order = Order { sort: TrailSort::At, backwards: true, after: None };
        Self { order, login: None, act: None, limit: 0 }
    }
}

/// What stands under an idempotency key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// Nothing yet: it is the caller's now.
    New,
    /// The same request is under way.
    UnderWay,
    /// The same request was answered so: status and body.
    Answered(u16, String),
    /// Another request has it.
    OtherRequest,
}

/// A key of an idempotent request.
#[derive(Debug, Clone, Copy)]
pub struct IdempotencyKey<'a> {
    /// Who asks.
    pub user: UserId,
    /// The key.
    pub key: &'a str,
    /// SHA-256 of method, path and body, lower-case hexadecimal.
    pub request_sha256: &'a str,
}

/// The moments that claiming a key goes by.
#[derive(Debug, Clone, Copy)]
pub struct KeyTimes {
    /// Now.
    pub at: WallTime,
    /// A key that was claimed before this and never answered can be claimed again.
    pub stale: WallTime,
    /// Keys that were claimed before this are forgotten, with what was answered.
    pub forgotten: WallTime,
}

/// The part of the catalog's interface that keeps who may use the service.
#[async_trait]
pub trait Accounts: Send + Sync {
    /// Makes an account; as `first`, only if there is none at all.
    async fn add_user(
        &self,
        user: &NewUser,
        first: bool,
        entry: &TrailEntry,
    ) -> Result<AccountOutcome, StoreError>;

    /// Changes an account. One that is closed loses its sessions.
    async fn change_user(
        &self,
        change: &UserChange,
        entry: &TrailEntry,
    ) -> Result<AccountOutcome, StoreError>;

    /// Sets a password, ends all of the person's sessions and lets the account sign in again at once.
    async fn set_password(
        &self,
        id: UserId,
        password_hash: &str,
        entry: &TrailEntry,
    ) -> Result<AccountOutcome, StoreError>;

    /// All accounts, by login.
    async fn users(&self) -> Result<Vec<User>, StoreError>;

    /// Counts an attempt to sign in as failed until [`Accounts::add_session`] says that it was not, and gives what
    /// it is decided by; `None` if the login is nobody's. Counting first leaves nothing to be won by trying many
    /// at the same time. While the account rests, nothing is counted.
    async fn begin_sign_in(&self, login: &str, at: WallTime) -> Result<Option<Credentials>, StoreError>;

    /// Begins a session; the attempts that failed before are forgotten, sessions that ended are removed.
    async fn add_session(&self, session: &NewSession, entry: &TrailEntry) -> Result<(), StoreError>;

    /// Whose session this is, if it was used within `idle` and has not ended; with the catalog's revision, which whoever is
    /// let in asks for next. It then counts as used.
    async fn session(
        &self,
        token_sha256: &str,
        at: WallTime,
        idle: Micros,
    ) -> Result<Option<SignedIn>, StoreError>;

    /// Ends a session; `false` if there was none.
    async fn end_session(&self, token_sha256: &str, entry: &TrailEntry) -> Result<bool, StoreError>;

    /// Makes a token.
    async fn add_token(&self, token: &NewToken, entry: &TrailEntry) -> Result<ApiToken, StoreError>;

    /// All tokens of a person, revoked ones too, latest first.
    async fn tokens(&self, user: UserId) -> Result<Vec<ApiToken>, StoreError>;

    /// Revokes a token of this person; `false` if there is none that stands.
    async fn revoke_token(&self, id: i64, user: UserId, entry: &TrailEntry) -> Result<bool, StoreError>;

    /// Whose token this is and what it may do, if it stands at `at`.
    async fn token(
        &self,
        token_sha256: &str,
        at: WallTime,
    ) -> Result<Option<(SignedIn, TokenScope)>, StoreError>;

    /// Adds a line to the trail.
    async fn add_trail(&self, entry: &TrailEntry) -> Result<(), StoreError>;

    /// Lines of the trail.
    async fn trail(&self, query: &TrailQuery) -> Result<Vec<TrailLine>, StoreError>;

    /// Claims an idempotency key, and forgets old ones.
    async fn claim(&self, key: IdempotencyKey<'_>, times: KeyTimes) -> Result<Claim, StoreError>;

    /// Keeps what was answered under a claimed key; `None` gives the key back.
    async fn answer(&self, key: IdempotencyKey<'_>, answer: Option<(u16, &str)>) -> Result<(), StoreError>;
}
