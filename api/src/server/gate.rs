//! The gate before every handler: who asks, whether they may, and what is written down about it.
//!
//! In this order:
//! 1. The client's address has turns left ([`super::pace`]).
//! 2. What changes something must come from our own page or from no page at all. A browser says from where in
//!    `Sec-Fetch-Site` and `Origin`; a request with a token needs neither, because no browser adds one by itself.
//! 3. The session or token is one that stands.
//! 4. Its account has the right that the address asks for ([`super::rights`]).
//! 5. A write is written down in the access trail before it is done, and once more if it was refused; and if it came
//!    with an `Idempotency-Key`, a repetition is answered from what was answered first ([`super::once`]).
//! 6. What is read carries an entity tag, and is not sent again to whoever has it ([`super::tags`]).
//!
//! Accounts, sessions and tokens write their own lines, in the transaction that changes them.

use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use catalog::WallTime;
use catalog::account::{TrailEntry, TrailOutcome, User};
use catalog::store::{Revision, SignedIn};

use super::endpoints::Tag;
use super::guard::{Client, RequestId};
use super::problem::Problem;
use super::rights::{Right, Viewer};
use super::{App, once, tags};
use crate::accounts::SESSION_IDLE;
use crate::accounts::secret::Secret;
use crate::sight::Sight;

/// Name of the cookie that holds a session.
pub(super) const COOKIE: &str = "reelproof_session";

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// What one gate guards.
#[derive(Clone)]
pub(super) struct Post {
    pub(super) app: App,
    pub(super) right: Right,
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) writes: bool,
    pub(super) tag: Tag,
    pub(super) secret: bool,
    pub(super) ranges: bool,
}

/// The middleware before a handler.
pub(super) async fn gate(State(post): State<Post>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let answer = match pass(&post, request, next).await {
        Ok(answer) => answer,
        Err(problem) => problem.into_response(),
    };
    if post.writes {
        // It may have ended a session, or changed what an account may do.
        post.app.recent.forget();
    }
    post.app.figures.answered(post.method, post.path, answer.status().as_u16(), began.elapsed());
    answer
}

async fn pass(post: &Post, mut request: Request, next: Next) -> Result<Response, Problem> {
    let now = post.app.state.clock.now();
    let client = request.extensions().get::<Client>().copied().unwrap_or_default();
    post.app.pace.take(client, now)?;
    if post.writes {
        same_site(request.headers())?;
    }
    if post.right == Right::Anyone {
        return Ok(next.run(request).await);
    }
    let id = request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
    let viewer = viewer(post, request.headers(), id, now).await?;
    if let Err(refused) = viewer.may(post.right, post.writes) {
        let mut entry = line(&viewer, post.path, "", TrailOutcome::Refused, now);
        entry.detail.insert("method".to_owned(), request.method().to_string());
        post.app.catalog().add_trail(&entry).await?;
        return Err(Problem::refused(refused, viewer.user.role));
    }
    request.extensions_mut().insert(viewer.clone());
    if post.writes {
        once::write(post, &viewer, request, next, now).await
    } else {
        tags::read(post, &viewer, request, next).await
    }
}

/// A line of the trail about something that an address was asked for.
pub(super) fn line(
    viewer: &Viewer,
    path: &str,
    subject: &str,
    outcome: TrailOutcome,
    now: WallTime,
) -> TrailEntry {
    let mut entry = viewer.by().line(path, subject, now);
    entry.outcome = outcome;
    entry
}

/// Who asks.
async fn viewer(post: &Post, headers: &HeaderMap, request: String, now: WallTime) -> Result<Viewer, Problem> {
    let (app, catalog) = (&post.app, post.app.catalog());
    let (SignedIn { user, revision }, token) = if let Some(value) = headers.get(header::AUTHORIZATION) {
        let secret = bearer(value).ok_or_else(Problem::not_signed_in)?;
        let found = catalog.token(&secret.sha256(), now).await?;
        let (signed_in, scope) = found.ok_or_else(Problem::not_signed_in)?;
        (signed_in, Some(scope))
    } else {
        let found = match session_secret(headers) {
            Some(secret) => session(post, &secret.sha256(), now).await?,
            None => None,
        };
        match found {
            Some(signed_in) => (signed_in, None),
            None if catalog.users().await?.is_empty() => {
                return Err(Problem::set_up_required());
            }
            None => return Err(Problem::not_signed_in()),
        }
    };
    let sight = sight_of(app, &user, revision).await?;
    Ok(Viewer { user, sight, token, request, link: None, revision })
}

/// Whom a session lets in.
async fn session(post: &Post, token_sha256: &str, now: WallTime) -> Result<Option<SignedIn>, Problem> {
    let app = &post.app;
    if post.ranges
        && let Some(signed_in) = app.recent.find(token_sha256, now)
    {
        return Ok(Some(signed_in));
    }
    let found = app.catalog().session(token_sha256, now, SESSION_IDLE).await?;
    if post.ranges
        && let Some(signed_in) = &found
    {
        app.recent.keep(token_sha256, now, signed_in);
    }
    Ok(found)
}

/// What an account sees.
pub(super) async fn sight_of(app: &App, user: &User, revision: Revision) -> Result<Sight, Problem> {
    Ok(match &user.unit {
        None => Sight::All,
        Some(unit) => Sight::of(Some(unit), &app.known.units(app.catalog(), revision).await?),
    })
}

/// The token of an `Authorization` header; `None` if it is none of ours.
fn bearer(value: &HeaderValue) -> Option<Secret> {
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim()).and_then(Secret::read)
}

/// The session of the cookie.
pub(super) fn session_secret(headers: &HeaderMap) -> Option<Secret> {
    cookie_of(headers, COOKIE).and_then(Secret::read)
}

/// The value of the cookie of this name.
pub(super) fn cookie_of<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(named, _)| *named == name)
        .map(|(_, value)| value)
}

/// Whether a write comes from our own page, or from no page at all.
fn same_site(headers: &HeaderMap) -> Result<(), Problem> {
    if headers.contains_key(header::AUTHORIZATION) {
        return Ok(());
    }
    if let Some(site) = headers.get(SEC_FETCH_SITE) {
        return if site == "same-origin" || site == "none" { Ok(()) } else { Err(Problem::foreign_page()) };
    }
    let Some(origin) = headers.get(header::ORIGIN) else { return Ok(()) };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let ours = origin
        .to_str()
        .ok()
        .and_then(|origin| origin.split_once("://"))
        .is_some_and(|(_, named)| host.is_some_and(|host| host.eq_ignore_ascii_case(named)));
    if ours { Ok(()) } else { Err(Problem::foreign_page()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(HeaderName, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap())).collect()
    }

    #[test]
    fn a_write_comes_from_our_own_page_or_from_none() {
        let host = (header::HOST, "audit.example:8443");
        let cases = [
            (vec![host.clone()], true),
            (vec![host.clone(), (SEC_FETCH_SITE, "same-origin")], true),
            (vec![host.clone(), (SEC_FETCH_SITE, "none")], true),
            (vec![host.clone(), (SEC_FETCH_SITE, "same-site")], false),
            (vec![host.clone(), (SEC_FETCH_SITE, "cross-site")], false),
            (vec![host.clone(), (header::ORIGIN, "https://audit.example:8443")], true),
            (vec![host.clone(), (header::ORIGIN, "https://audit.example")], false),
            (vec![host.clone(), (header::ORIGIN, "https://elsewhere.example")], false),
            (vec![host.clone(), (header::ORIGIN, "null")], false),
            (vec![host, (SEC_FETCH_SITE, "cross-site"), (header::AUTHORIZATION, "Bearer x")], true),
        ];
        for (pairs, passes) in cases {
            assert_eq!(same_site(&headers(&pairs)).is_ok(), passes, "{pairs:?}");
        }
    }

    #[test]
    fn the_session_is_found_among_other_cookies() {
        let secret = "ab".repeat(32);
        let cookie = format!("other=1; {COOKIE}={secret}; more=2");
        assert_eq!(session_secret(&headers(&[(header::COOKIE, &cookie)])).unwrap().reveal(), secret);
        for none in ["", "reelproof_session=", "reelproof_session=xyz", "xreelproof_session=ab"] {
            assert!(session_secret(&headers(&[(header::COOKIE, none)])).is_none(), "{none}");
        }
    }

    #[test]
    fn a_token_of_another_kind_is_a_token_that_does_not_do() {
        for bad in ["Basic abc", "Bearer", "Bearer short"] {
            assert_eq!(bearer(&HeaderValue::from_static(bad)), None, "{bad}");
        }
        let good = format!("bearer {}", "ab".repeat(32));
        assert!(bearer(&HeaderValue::from_str(&good).unwrap()).is_some());
    }
}
