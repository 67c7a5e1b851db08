//! Whose account it is, and what they may do: the part of a sign-in that is decided here and not by the provider.

use catalog::WallTime;
use catalog::account::{Role, User};
use catalog::store::{Catalog, UserChange};

use super::token::Claims;
use super::{Oidc, OidcError};
use crate::accounts::password::Hasher;
use crate::accounts::secret::random_password;
use crate::accounts::{self, AccountError, By, Wish};

/// How many logins are tried for a new account whose login is taken.
const MOST_TRIED: u32 = 99;

/// The account of whom the provider vouches for, made or changed where the settings say so. The person is written down
/// either way, so that an administrator can say whose account it is.
///
/// # Errors
/// [`OidcError`] says why somebody is not let in.
pub async fn admit(
    oidc: &Oidc,
    catalog: &dyn Catalog,
    hasher: &Hasher,
    claims: &Claims,
    by: &By,
    now: WallTime,
) -> Result<User, OidcError> {
    let issuer = &oidc.settings().issuer;
    let known = catalog.meet_identity(issuer, &claims.sub, claims.name(), now).await?;
    if known.as_ref().is_some_and(|user| user.disabled_at.is_some()) {
        return Err(OidcError::Closed);
    }
    match (known, oidc.role(claims)?) {
        (Some(user), None) => Ok(user),
        (Some(user), Some(role)) => follow(oidc, catalog, user, role, claims, by, now).await,
        (None, Some(role)) if oidc.settings().create => {
            let user = make(oidc, catalog, hasher, role, claims, by, now).await?;
            let line = by.line("link_identity", &user.login, now);
            catalog.link_identity(issuer, &claims.sub, Some(user.id), &line).await?;
            Ok(user)
        }
        (None, _) => Err(OidcError::NoAccount),
    }
}

/// An account that is what the claims say now.
async fn follow(
    oidc: &Oidc,
    catalog: &dyn Catalog,
    user: User,
    role: Role,
    claims: &Claims,
    by: &By,
    now: WallTime,
) -> Result<User, OidcError> {
    let unit = match oidc.settings().unit_claim {
        Some(_) if matches!(role, Role::Administrator | Role::Auditor) => None,
        Some(_) => oidc.unit(claims),
        None => user.unit.clone(),
    };
    if user.role == role && user.unit == unit {
        return Ok(user);
    }
    let User { id, name, badge, disabled_at, .. } = user;
    Ok(accounts::change(catalog, UserChange { id, name, role, unit, badge, disabled_at }, by, now).await?)
}

/// A new account, with a password that nobody knows.
async fn make(
    oidc: &Oidc,
    catalog: &dyn Catalog,
    hasher: &Hasher,
    role: Role,
    claims: &Claims,
    by: &By,
    now: WallTime,
) -> Result<User, OidcError> {
    let login = login_of(claims);
    let name = if claims.name().trim().is_empty() { login.clone() } else { claims.name().to_owned() };
    let unit = if matches!(role, Role::Administrator | Role::Auditor) { None } else { oidc.unit(claims) };
    for number in 1..=MOST_TRIED {
        let login = if number == 1 { login.clone() } else { format!("{login}-{number}") };
        let password = random_password().map_err(|error| OidcError::Machine(error.to_string()))?;
        let wish = Wish { login, name: name.clone(), role, unit: unit.clone(), badge: None };
        match accounts::add(catalog, hasher, wish, &password, false, by, now).await {
            Err(AccountError::LoginTaken(_)) => {}
            other => return Ok(other?),
        }
    }
    Err(AccountError::LoginTaken(login).into())
}

/// What the person is called at the provider, as far as it is a login here.
fn login_of(claims: &Claims) -> String {
    let named = claims.login().split('@').next().unwrap_or_default().to_ascii_lowercase();
    let plain: String = named
        .chars()
        .filter(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-_".contains(*c))
        .take(48)
        .collect();
    let plain = plain.trim_start_matches(['.', '-', '_']);
    if plain.len() < 2 { "person".to_owned() } else { plain.to_owned() }
}
