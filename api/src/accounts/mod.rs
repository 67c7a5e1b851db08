//! Accounts: signing in, first-run set-up, passwords, API tokens.
//!
//! There is no default password. The first account is made by whoever holds the one-time token that `reelproof
//! serve` prints while there is none; the others are made by an administrator, or by `reelproof user` on the machine
//! itself, which is also the way back in when the last administrator is lost.
//!
//! - A session or token is 256 random bits; the catalog has its SHA-256 alone.
//! - A login that is nobody's costs the same computation as one with a wrong password and gets the same answer.
//! - An attempt is counted before it is looked at ([`catalog::store::Accounts::begin_sign_in`]), so that trying many
//!   at a time wins nothing.

pub mod password;
pub mod secret;

use std::collections::BTreeMap;

use catalog::account::{
    ApiToken, NewSession, NewUser, Role, TokenScope, TrailEntry, TrailOutcome, User, UserId,
};
use catalog::store::{AccountOutcome, Catalog, NewToken, StoreError, UserChange};
use catalog::{Micros, WallTime};

use password::{Hasher, PasswordError};
use secret::Secret;

/// How long a session may rest unused.
pub const SESSION_IDLE: Micros = Micros::from_s(2 * 3600);

/// How long a session lasts at most: a day of work.
pub const SESSION_LENGTH: Micros = Micros::from_s(12 * 3600);

/// How many days an API token lasts at most.
pub const MOST_TOKEN_DAYS: u32 = 366;

/// Longest login and name, in bytes.
const MOST_NAME_BYTES: usize = 200;

/// Why something about an account did not come about.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The catalog failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The password does not do.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// Login or password are not right, or the account is closed.
    #[error("login or password are not right")]
    Wrong,
    /// The account rests after failed attempts.
    #[error("too many attempts failed: try again after {0}")]
    Resting(WallTime),
    /// The login does not do.
    #[error(
        "`{0}` is no login: use 2 to 64 lower-case letters, digits, `.`, `-` or `_`, beginning with a letter or digit"
    )]
    BadLogin(String),
    /// The name does not do.
    #[error("give a name of 1 to {MOST_NAME_BYTES} bytes without control characters")]
    BadName,
    /// The login is taken.
    #[error("the login {0} is taken, or was once: a login is never given to somebody else")]
    LoginTaken(String),
    /// The badge is taken.
    #[error("the badge {0} belongs to another account")]
    BadgeTaken(String),
    /// Unit or badge are not known.
    #[error("there is no such unit or officer: import units and officers first")]
    UnknownUnitOrBadge,
    /// A squad's account has no unit.
    #[error("an account of a squad needs the unit whose recordings it sees")]
    SquadWithoutUnit,
    /// An account that sees everything by its role has a unit.
    #[error("administrators and auditors see all units: give no unit")]
    UnitOfWhole,
    /// There is no such account.
    #[error("there is no such account")]
    NoSuchUser,
    /// It is the last administrator.
    #[error("this is the last administrator who can sign in: make another one first")]
    LastAdministrator,
    /// There are accounts already.
    #[error("the service is set up already: sign in")]
    SetUpAlready,
    /// There is no such token.
    #[error("there is no such token that stands")]
    NoSuchToken,
    /// The life of a token does not do.
    #[error("a token lasts 1 to {MOST_TOKEN_DAYS} days")]
    BadTokenLife,
    /// The machine gives no randomness, or cannot compute.
    #[error("the machine failed: {0}")]
    Machine(String),
}

/// An account as a person asks for it.
#[derive(Debug, Clone)]
pub struct Wish {
    /// What the person signs in with.
    pub login: String,
    /// Name as people write it.
    pub name: String,
    /// What the person does.
    pub role: Role,
    /// The unit whose subtree the person sees.
    pub unit: Option<String>,
    /// The officer that the person is.
    pub badge: Option<String>,
}

/// Who asks for something to be done, for the trail.
#[derive(Debug, Clone)]
pub struct By {
    /// The account; `None` where nobody is signed in.
    pub user: Option<UserId>,
    /// Its login, or in other words who it is.
    pub login: String,
    /// Number of the request; `None` on the command line.
    pub request: Option<String>,
}

impl By {
    /// Whoever sits at the machine itself.
    pub fn command_line() -> Self {
        Self { user: None, login: "(command line)".to_owned(), request: None }
    }

    /// The line of the trail that says that this was done.
    pub fn line(&self, act: &str, subject: &str, at: WallTime) -> TrailEntry {
        let detail = self.request.iter().map(|request| ("request".to_owned(), request.clone()));
        TrailEntry {
            at,
            user: self.user,
            login: self.login.clone(),
            act: act.to_owned(),
            subject: subject.to_owned(),
            outcome: TrailOutcome::Done,
            detail: detail.collect(),
        }
    }
}

/// A session that has begun.
#[derive(Debug)]
pub struct SignedIn {
    /// Whose.
    pub user: User,
    /// What the browser keeps.
    pub secret: Secret,
}

/// Whether a text is a login.
fn is_login(text: &str) -> bool {
    let first = text.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    first
        && (2..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_".contains(&byte))
}

/// A login as it is kept; a person who writes capitals means the same account.
fn login_of(text: &str) -> Result<String, AccountError> {
    let login = text.trim().to_ascii_lowercase();
    if is_login(&login) { Ok(login) } else { Err(AccountError::BadLogin(text.to_owned())) }
}

fn name_of(text: &str) -> Result<String, AccountError> {
    let name = text.trim();
    let fits = (1..=MOST_NAME_BYTES).contains(&name.len()) && !name.chars().any(char::is_control);
    if fits { Ok(name.to_owned()) } else { Err(AccountError::BadName) }
}

/// An empty field is a field that was not filled in.
fn filled(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn unit_of(role: Role, unit: Option<String>) -> Result<Option<String>, AccountError> {
    let unit = filled(unit);
    match role {
        Role::Squad if unit.is_none() => Err(AccountError::SquadWithoutUnit),
        Role::Administrator | Role::Auditor if unit.is_some() => Err(AccountError::UnitOfWhole),
        _ => Ok(unit),
    }
}

fn settled(outcome: AccountOutcome, login: &str, badge: Option<&str>) -> Result<User, AccountError> {
    match outcome {
        AccountOutcome::Done(user) => Ok(user),
        AccountOutcome::LoginTaken => Err(AccountError::LoginTaken(login.to_owned())),
        AccountOutcome::BadgeTaken => Err(AccountError::BadgeTaken(badge.unwrap_or_default().to_owned())),
        AccountOutcome::UnknownUnitOrBadge => Err(AccountError::UnknownUnitOrBadge),
        AccountOutcome::NoSuchUser => Err(AccountError::NoSuchUser),
        AccountOutcome::LastAdministrator => Err(AccountError::LastAdministrator),
        AccountOutcome::NotTheFirst => Err(AccountError::SetUpAlready),
    }
}

/// Makes an account; as `first`, only if there is none at all.
///
/// # Errors
/// [`AccountError`] says what does not do.
pub async fn add(
    catalog: &dyn Catalog,
    hasher: &Hasher,
    wish: Wish,
    password: &str,
    first: bool,
    by: &By,
    now: WallTime,
) -> Result<User, AccountError> {
    let login = login_of(&wish.login)?;
    let name = name_of(&wish.name)?;
    let unit = unit_of(wish.role, wish.unit)?;
    password::check(password, &login, &name)?;
    if first && !catalog.users().await?.is_empty() {
        return Err(AccountError::SetUpAlready);
    }
    let password_hash = hasher.hash(password).await?;
    let user = NewUser { login, name, role: wish.role, unit, badge: filled(wish.badge), password_hash };
    let mut entry = by.line(if first { "set_up" } else { "add_user" }, &user.login, now);
    entry.detail.extend(described(user.role, user.unit.as_deref(), user.badge.as_deref(), None));
    let outcome = catalog.add_user(&user, first, &entry).await?;
    settled(outcome, &user.login, user.badge.as_deref())
}

fn described(
    role: Role,
    unit: Option<&str>,
    badge: Option<&str>,
    disabled: Option<bool>,
) -> BTreeMap<String, String> {
    let mut detail = BTreeMap::from([("role".to_owned(), role.to_string())]);
    detail.extend(unit.map(|unit| ("unit".to_owned(), unit.to_owned())));
    detail.extend(badge.map(|badge| ("badge".to_owned(), badge.to_owned())));
    detail.extend(disabled.map(|disabled| ("disabled".to_owned(), disabled.to_string())));
    detail
}

/// Changes an account; what it was is in the trail of what made it so.
///
/// # Errors
/// [`AccountError`] says what does not do.
pub async fn change(
    catalog: &dyn Catalog,
    change: UserChange,
    by: &By,
    now: WallTime,
) -> Result<User, AccountError> {
    let login = user(catalog, change.id).await?.login;
    let change = UserChange {
        name: name_of(&change.name)?,
        unit: unit_of(change.role, change.unit)?,
        badge: filled(change.badge),
        ..change
    };
    let mut entry = by.line("change_user", &login, now);
    let (unit, badge) = (change.unit.as_deref(), change.badge.as_deref());
    entry.detail.extend(described(change.role, unit, badge, Some(change.disabled_at.is_some())));
    entry.detail.insert("name".to_owned(), change.name.clone());
    let outcome = catalog.change_user(&change, &entry).await?;
    settled(outcome, &login, badge)
}

/// The account of this number.
///
/// # Errors
/// If there is none.
pub async fn user(catalog: &dyn Catalog, id: UserId) -> Result<User, AccountError> {
    catalog.users().await?.into_iter().find(|user| user.id == id).ok_or(AccountError::NoSuchUser)
}

/// Sets a password for somebody; all their sessions end.
///
/// # Errors
/// If the password does not do, or there is no such account.
pub async fn set_password(
    catalog: &dyn Catalog,
    hasher: &Hasher,
    of: &User,
    password: &str,
    by: &By,
    now: WallTime,
) -> Result<(), AccountError> {
    password::check(password, &of.login, &of.name)?;
    let password_hash = hasher.hash(password).await?;
    let entry = by.line("set_password", &of.login, now);
    settled(catalog.set_password(of.id, &password_hash, &entry).await?, &of.login, None)?;
    Ok(())
}

/// Whether these are login and password of an account, which may then do what it may.
///
/// # Errors
/// [`AccountError::Wrong`] whichever of the two it is; [`AccountError::Resting`] after too many failures. Each is
/// in the trail.
pub async fn prove(
    catalog: &dyn Catalog,
    hasher: &Hasher,
    login: &str,
    password: &str,
    by: &By,
    now: WallTime,
) -> Result<User, AccountError> {
    let login = login.trim().to_ascii_lowercase();
    let known = if is_login(&login) { catalog.begin_sign_in(&login, now).await? } else { None };
    let refused = async |user: Option<&User>, why: &str| {
        // What was typed may be a password in the wrong field: only what an account could be called is kept.
        let named = if is_login(&login) { login.as_str() } else { "" };
        let by = By { user: user.map(|user| user.id), login: named.to_owned(), request: by.request.clone() };
        let mut entry = by.line("sign_in", "", now);
        entry.outcome = TrailOutcome::Refused;
        entry.detail.insert("why".to_owned(), why.to_owned());
        catalog.add_trail(&entry).await
    };
    if let Some((user, until)) = known.as_ref().and_then(|known| Some((&known.user, known.locked_until?))) {
        refused(Some(user), "resting").await?;
        return Err(AccountError::Resting(until));
    }
    let hash = known.as_ref().and_then(|known| known.password_hash.clone());
    let right = hasher.verify(password, hash).await?;
    match known {
        Some(known) if right => Ok(known.user),
        known => {
            refused(known.as_ref().map(|known| &known.user), "wrong").await?;
            Err(AccountError::Wrong)
        }
    }
}

/// Begins a session.
///
/// # Errors
/// Where the catalog or the machine fails.
pub async fn begin_session(
    catalog: &dyn Catalog,
    user: User,
    request: Option<String>,
    now: WallTime,
) -> Result<SignedIn, AccountError> {
    let secret = Secret::new().map_err(|error| AccountError::Machine(error.to_string()))?;
    let session = NewSession {
        token_sha256: secret.sha256(),
        user: user.id,
        created_at: now,
        ends_at: now + SESSION_LENGTH,
    };
    let by = By { user: Some(user.id), login: user.login.clone(), request };
    catalog.add_session(&session, &by.line("sign_in", "", now)).await?;
    Ok(SignedIn { user, secret })
}

/// Makes an API token of `days` days; its text is shown once.
///
/// # Errors
/// If name or days do not do.
pub async fn add_token(
    catalog: &dyn Catalog,
    user: &User,
    name: &str,
    scope: TokenScope,
    days: u32,
    by: &By,
    now: WallTime,
) -> Result<(ApiToken, Secret), AccountError> {
    let name = name_of(name)?;
    if !(1..=MOST_TOKEN_DAYS).contains(&days) {
        return Err(AccountError::BadTokenLife);
    }
    let secret = Secret::new().map_err(|error| AccountError::Machine(error.to_string()))?;
    let token = NewToken {
        token_sha256: secret.sha256(),
        user: user.id,
        name,
        scope,
        created_at: now,
        ends_at: now + Micros::from_s(i64::from(days) * 86_400),
    };
    let mut entry = by.line("add_token", &token.name, now);
    entry.detail.insert("scope".to_owned(), scope.to_string());
    entry.detail.insert("days".to_owned(), days.to_string());
    Ok((catalog.add_token(&token, &entry).await?, secret))
}

#[cfg(test)]
mod tests;
