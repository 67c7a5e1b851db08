//! Signing in with a provider of OpenID Connect, beside accounts of our own.
//!
//! The authorization code flow with PKCE (OpenID Connect Core 1.0, section 3.1; RFC 7636), and nothing else. What is
//! decided where:
//!
//! - *Who it is* the provider says, with a signed token ([`token`]). A person is an issuer and a subject together, and
//!   nothing else: names and addresses of mail are given to somebody else one day.
//! - *Whose account it is* an administrator says, or, where the settings let accounts be made, the claims. Whoever is
//!   vouched for and has no account is written down and not let in.
//! - *What they may do* the account says; where the settings name a claim for it, that claim, at each sign-in anew.
//!
//! What belongs to one sign-in (state, nonce, the verifier of PKCE, where to go then) is in a cookie that is signed and
//! lives ten minutes; nothing is kept for somebody who never comes back. A state serves once.
//!
//! The provider's addresses and keys are read when somebody wants to sign in, and kept for an hour: it may be out of
//! reach when the service starts, and accounts of our own do without it.

mod admission;
pub mod provider;
pub mod token;

pub use admission::admit;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use catalog::account::Role;
use catalog::{Micros, WallTime};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use url::Url;

use provider::Provider;
use token::{Claims, Expected};

/// How long somebody may take to sign in at the provider.
pub const FLOW: Micros = Micros::from_s(600);

/// How far the provider's clock may be from ours.
pub const SKEW: Micros = Micros::from_s(60);

/// Sign-ins that ended are remembered for as long as their cookies would hold, so many at most.
const MOST_ENDED: usize = 10_000;

/// What the settings say of the provider.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What the provider calls itself, to the letter; its description is at `/.well-known/openid-configuration` below.
    #[serde(default)]
    pub issuer: String,
    /// What it calls us.
    #[serde(default)]
    pub client_id: String,
    /// What we prove that with; a client without a secret is proved by PKCE alone.
    pub client_secret: Option<String>,
    /// A file with the secret, instead.
    pub client_secret_file: Option<std::path::PathBuf>,
    /// What stands on the button.
    pub label: Option<String>,
    /// Scopes beside `openid`.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// Whether whoever comes with a role gets an account.
    #[serde(default)]
    pub create: bool,
    /// Name of the claim that says what people do here: a text or a list of texts.
    pub role_claim: Option<String>,
    /// What its values mean.
    #[serde(default)]
    pub roles: BTreeMap<String, Role>,
    /// Name of the claim with the code of the unit that a person sees.
    pub unit_claim: Option<String>,
    /// Whether signing out here signs out at the provider, too.
    #[serde(default)]
    pub sign_out: bool,
}

impl Settings {
    /// Everything that is wrong with them; nothing where they do.
    pub fn problems(&self, public_url: Option<&str>) -> Vec<String> {
        let mut problems = Vec::new();
        match Url::parse(&self.issuer) {
            Ok(url) if url.query().is_some() || url.fragment().is_some() => {
                problems.push(format!("serve.oidc.issuer {}: an issuer has neither query nor fragment", self.issuer));
            }
            Ok(url) if url.scheme() == "https" || is_loopback(&url) => {}
            Ok(_) => problems.push(format!(
                "serve.oidc.issuer {}: write it with https://; plain http is for a provider on this machine alone",
                self.issuer
            )),
            Err(error) => problems.push(format!("serve.oidc.issuer `{}`: {error}", self.issuer)),
        }
        if self.client_id.trim().is_empty() {
            problems.push(
                "serve.oidc.client_id is empty: the provider gives it when the service is registered".into(),
            );
        }
        if self.client_secret.is_some() && self.client_secret_file.is_some() {
            problems.push("serve.oidc has both client_secret and client_secret_file: give one".into());
        }
        if public_url.is_none() {
            problems.push(
                "serve.oidc needs serve.public_url: the provider sends people back to it (register PUBLIC_URL/api/v1/oidc/callback there)".into(),
            );
        }
        if self.role_claim.is_none() && (self.create || !self.roles.is_empty()) {
            problems
                .push("serve.oidc.role_claim is missing: create and roles mean nothing without it".into());
        }
        if self.role_claim.is_some() && self.roles.is_empty() {
            problems.push("serve.oidc.roles is empty: say which values of role_claim mean which role".into());
        }
        if self.create && self.unit_claim.is_none() && self.roles.values().any(|role| *role == Role::Squad) {
            problems.push(
                "serve.oidc.unit_claim is missing: an account of a squad cannot be made without the unit it sees".into(),
            );
        }
        problems
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(address)) => url.scheme() == "http" && address.is_loopback(),
        Some(url::Host::Ipv6(address)) => url.scheme() == "http" && address.is_loopback(),
        _ => false,
    }
}

/// Why somebody could not sign in.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    /// The provider does not answer, or not as the standard says.
    #[error("the provider {what}: {why}")]
    Provider {
        /// What was asked of it.
        what: &'static str,
        /// What came of it.
        why: String,
    },
    /// The provider refused.
    #[error("the provider refused ({0})")]
    Refused(String),
    /// The answer belongs to no sign-in that was begun here, or to one that has ended.
    #[error("this belongs to no sign-in that is under way ({0})")]
    NoFlow(&'static str),
    /// The token does not do.
    #[error("the provider's token does not do: {0}")]
    Token(&'static str),
    /// Of what the claims say nothing means a role here.
    #[error("the claims give no role here")]
    NoRole,
    /// Nobody said yet whose account it is.
    #[error("the person has no account here yet")]
    NoAccount,
    /// The account was closed.
    #[error("the account is closed")]
    Closed,
    /// The account cannot be made or changed as the claims say.
    #[error(transparent)]
    Account(#[from] crate::accounts::AccountError),
    /// The catalog failed.
    #[error(transparent)]
    Store(#[from] catalog::store::StoreError),
    /// The machine fails.
    #[error("{0}")]
    Machine(String),
}

/// What belongs to one sign-in.
#[derive(Debug, Serialize, Deserialize)]
struct Flow {
    state: String,
    nonce: String,
    verifier: String,
    /// Where to go then: an address of ours.
    to: String,
    /// Until when, microseconds.
    until_us: i64,
}

/// A sign-in that begins.
#[derive(Debug)]
pub struct Begun {
    /// Where the browser goes.
    pub url: Url,
    /// What it keeps meanwhile.
    pub cookie: String,
}

/// Whom the provider vouches for, and where they wanted to go.
#[derive(Debug)]
pub struct Vouched {
    /// What the token says.
    pub claims: Claims,
    /// An address of ours.
    pub to: String,
}

/// A provider, and what is needed to sign in with it.
#[derive(Debug)]
pub struct Oidc {
    settings: Settings,
    public_url: String,
    provider: Provider,
    /// Signs the cookies; made anew at each start, after which a sign-in that was under way is begun again.
    key: [u8; 32],
    /// States that have served, until when their cookies would hold.
    ended: Mutex<HashMap<String, WallTime>>,
}

impl Oidc {
    /// With settings that are in order ([`Settings::problems`]).
    ///
    /// # Errors
    /// Where the file with the secret cannot be read, or the machine has no randomness.
    pub fn new(mut settings: Settings, public_url: &str) -> Result<Self, OidcError> {
        if let Some(file) = &settings.client_secret_file {
            let secret = std::fs::read_to_string(file).map_err(|error| {
                OidcError::Machine(format!("serve.oidc.client_secret_file {}: {error}", file.display()))
            })?;
            settings.client_secret = Some(secret.trim().to_owned());
        }
        let mut key = [0_u8; 32];
        getrandom::fill(&mut key).map_err(|error| OidcError::Machine(error.to_string()))?;
        Ok(Self {
            provider: Provider::new(&settings.issuer)?,
            public_url: public_url.trim_end_matches('/').to_owned(),
            settings,
            key,
            ended: Mutex::default(),
        })
    }

    /// What the settings say.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The address to which the provider sends people back.
    pub fn callback(&self) -> String {
        format!("{}/api/v1/oidc/callback", self.public_url)
    }

    /// Begins a sign-in that goes to `to` then, an address of ours.
    pub async fn begin(&self, to: Option<&str>, now: WallTime) -> Result<Begun, OidcError> {
        let described = self.provider.described(now).await?;
        let flow = Flow {
            state: random()?,
            nonce: random()?,
            verifier: random()?,
            to: own_address(to).to_owned(),
            until_us: (now + FLOW).0,
        };
        let mut url = described.authorization_endpoint.clone();
        let scope: Vec<&str> =
            ["openid"].into_iter().chain(self.settings.scopes.iter().map(String::as_str)).collect();
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("redirect_uri", &self.callback())
            .append_pair("scope", &scope.join(" "))
            .append_pair("state", &flow.state)
            .append_pair("nonce", &flow.nonce)
            .append_pair("code_challenge", &URL_SAFE_NO_PAD.encode(Sha256::digest(flow.verifier.as_bytes())))
            .append_pair("code_challenge_method", "S256");
        let signed =
            jsonwebtoken::encode(&Header::new(Algorithm::HS256), &flow, &EncodingKey::from_secret(&self.key));
        Ok(Begun { url, cookie: signed.map_err(|error| OidcError::Machine(error.to_string()))? })
    }

    /// Ends a sign-in: whom the provider vouches for, of what it sent back and the cookie.
    pub async fn end(
        &self,
        cookie: Option<&str>,
        answer: &BTreeMap<String, String>,
        now: WallTime,
    ) -> Result<Vouched, OidcError> {
        let flow = self.flow(cookie.ok_or(OidcError::NoFlow("no cookie"))?, now)?;
        if answer.get("state") != Some(&flow.state) {
            return Err(OidcError::NoFlow("another state"));
        }
        self.use_up(&flow, now)?;
        if let Some(error) = answer.get("error") {
            // A code of the standard; whatever else stands there is not shown.
            let code = error.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(64).collect();
            return Err(OidcError::Refused(code));
        }
        // RFC 9207: whose answer it is, where the provider says so.
        if answer.get("iss").is_some_and(|issuer| *issuer != self.settings.issuer) {
            return Err(OidcError::NoFlow("another issuer"));
        }
        let code = answer.get("code").ok_or(OidcError::NoFlow("no code"))?;
        let id_token =
            self.provider.exchange(code, &flow.verifier, &self.callback(), &self.settings, now).await?;
        let key = self.provider.key_of(&id_token, now).await?;
        let expected = Expected {
            issuer: &self.settings.issuer,
            client_id: &self.settings.client_id,
            nonce: &flow.nonce,
            now,
        };
        Ok(Vouched { claims: token::verify(&id_token, &key, expected)?, to: flow.to })
    }

    fn flow(&self, cookie: &str, now: WallTime) -> Result<Flow, OidcError> {
        let mut validation = Validation::new(Algorithm::HS256);
        // The time is ours to compare, by the clock of the service.
        validation.required_spec_claims.clear();
        (validation.validate_exp, validation.validate_aud) = (false, false);
        let key = DecodingKey::from_secret(&self.key);
        let read = jsonwebtoken::decode::<Flow>(cookie, &key, &validation);
        let flow = read.map_err(|_| OidcError::NoFlow("a cookie that is not ours"))?.claims;
        if flow.until_us < now.0 { Err(OidcError::NoFlow("too late")) } else { Ok(flow) }
    }

    /// A state serves once.
    fn use_up(&self, flow: &Flow, now: WallTime) -> Result<(), OidcError> {
        let mut ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        ended.retain(|_, until| *until >= now);
        if ended.len() >= MOST_ENDED {
            return Err(OidcError::NoFlow("too many at a time"));
        }
        match ended.insert(flow.state.clone(), WallTime(flow.until_us)) {
            None => Ok(()),
            Some(_) => Err(OidcError::NoFlow("used before")),
        }
    }

    /// Where a browser goes to sign out at the provider, too; `None` where the settings or the provider do without
    /// (OpenID Connect RP-Initiated Logout 1.0).
    pub async fn sign_out(&self, now: WallTime) -> Option<Url> {
        if !self.settings.sign_out {
            return None;
        }
        // A provider that is out of reach keeps nobody signed in here.
        let mut url = self.provider.described(now).await.ok()?.end_session_endpoint.clone()?;
        url.query_pairs_mut()
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("post_logout_redirect_uri", &format!("{}/", self.public_url));
        Some(url)
    }

    /// What the claims say that somebody does here; `None` where the settings name no claim for it.
    ///
    /// # Errors
    /// Where they name one, and nothing of it means anything here.
    pub fn role(&self, claims: &Claims) -> Result<Option<Role>, OidcError> {
        let Some(name) = &self.settings.role_claim else { return Ok(None) };
        let values = claims.texts(name);
        let said = |role: &Role| {
            self.settings.roles.iter().any(|(value, of)| of == role && values.contains(&value.as_str()))
        };
        // Of several the first in the order of the roles.
        Role::ALL.iter().find(|role| said(role)).map(|role| Some(*role)).ok_or(OidcError::NoRole)
    }

    /// The unit that the claims name.
    pub fn unit(&self, claims: &Claims) -> Option<String> {
        let values = claims.texts(self.settings.unit_claim.as_deref()?);
        values.first().map(|unit| (*unit).to_owned())
    }
}

/// An address of this service, or its first page: whatever else is asked for is somebody else's.
fn own_address(to: Option<&str>) -> &str {
    to.filter(|to| {
        let mut chars = to.chars();
        chars.next() == Some('/')
            && !matches!(chars.next(), Some('/' | '\\'))
            && to.len() <= 1024
            && to.chars().all(|c| c.is_ascii_graphic())
    })
    .unwrap_or("/")
}

fn random() -> Result<String, OidcError> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(|error| OidcError::Machine(error.to_string()))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_our_own_are_gone_to() {
        for own in ["/", "/cases/1?month=2024-05", "/rounds/2024-06/x"] {
            assert_eq!(own_address(Some(own)), own);
        }
        for other in
            ["", "//evil.example", "/\\evil.example", "https://evil.example", "/\r\nx", "javascript:x", "/案"]
        {
            assert_eq!(own_address(Some(other)), "/", "{other}");
        }
    }

    #[test]
    fn everything_that_is_wrong_with_the_settings_is_said_at_once() {
        let bad = Settings {
            issuer: "http://id.example".into(),
            create: true,
            client_secret: Some("s".into()),
            client_secret_file: Some("f".into()),
            ..Settings::default()
        };
        let problems = bad.problems(None).join("\n");
        for word in ["issuer", "client_id", "client_secret_file", "public_url", "role_claim"] {
            assert!(problems.contains(word), "{word} in {problems}");
        }
        let good = Settings {
            issuer: "https://id.example/realms/city".into(),
            client_id: "reelproof".into(),
            role_claim: Some("groups".into()),
            roles: [("audit".to_owned(), Role::CaseReview)].into(),
            create: true,
            ..Settings::default()
        };
        assert_eq!(good.problems(Some("https://audit.example")), Vec::<String>::new());
        let local = Settings { issuer: "http://127.0.0.1:9000".into(), ..good.clone() };
        assert_eq!(local.problems(Some("http://127.0.0.1:8040")), Vec::<String>::new());
        let squads = Settings { roles: [("squad".to_owned(), Role::Squad)].into(), ..good };
        assert!(squads.problems(Some("https://x"))[0].contains("unit_claim"));
    }
}
