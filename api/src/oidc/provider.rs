//! What is asked of the provider: its description, its keys, and the token for a code (OpenID Connect Discovery 1.0;
//! RFC 6749, section 4.1.3; RFC 7517).
//!
//! No redirect is followed, and of an answer no more than a mebibyte is read. Keys are read again when a token names one
//! that is not known, because providers change them without notice; at most once a minute, so that nobody can make us ask
//! for every request.

use std::sync::Arc;
use std::time::Duration;

use catalog::{Micros, WallTime};
use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse};
use reqwest::{Client, RequestBuilder, redirect};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use tokio::sync::Mutex;
use url::Url;

use super::{OidcError, Settings};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long description and keys are kept.
const KEPT: Micros = Micros::from_s(3600);

/// How often keys are read again because a token names another.
const KEYS_AGAIN: Micros = Micros::from_s(60);

/// Bytes of an answer at most.
const MOST_BYTES: usize = 1024 * 1024;

/// How the provider describes itself.
#[derive(Debug, Clone, Deserialize)]
pub struct Description {
    issuer: String,
    /// Where people sign in.
    #[serde(deserialize_with = "address")]
    pub authorization_endpoint: Url,
    #[serde(deserialize_with = "address")]
    token_endpoint: Url,
    #[serde(deserialize_with = "address")]
    jwks_uri: Url,
    /// Where they sign out; `None` where the provider offers nothing of the kind.
    #[serde(default, deserialize_with = "some_address")]
    pub end_session_endpoint: Option<Url>,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
}

fn address<'de, D: Deserializer<'de>>(from: D) -> Result<Url, D::Error> {
    let text = String::deserialize(from)?;
    let url = Url::parse(&text).map_err(|error| D::Error::custom(format!("`{text}`: {error}")))?;
    // What the browser and we are sent to is a page, and nothing else that an address can be.
    match url.scheme() {
        "https" | "http" => Ok(url),
        _ => Err(D::Error::custom(format!("`{text}` is no address of a page"))),
    }
}

fn some_address<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Url>, D::Error> {
    address(from).map(Some)
}

#[derive(Debug, Default)]
struct Known {
    described: Option<(WallTime, Arc<Description>)>,
    keys: Option<(WallTime, Arc<JwkSet>)>,
}

/// The provider, with what is known of it.
#[derive(Debug)]
pub struct Provider {
    issuer: String,
    client: Client,
    known: Mutex<Known>,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
}

fn failed(what: &'static str, why: impl std::fmt::Display) -> OidcError {
    OidcError::Provider { what, why: why.to_string() }
}

impl Provider {
    pub(super) fn new(issuer: &str) -> Result<Self, OidcError> {
        let client = Client::builder()
            .redirect(redirect::Policy::none())
            .timeout(PATIENCE)
            .user_agent(concat!("reelproof/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| OidcError::Machine(error.to_string()))?;
        Ok(Self { issuer: issuer.to_owned(), client, known: Mutex::default() })
    }

    /// How the provider describes itself, not more than an hour ago.
    pub(super) async fn described(&self, now: WallTime) -> Result<Arc<Description>, OidcError> {
        let mut known = self.known.lock().await;
        if let Some((at, described)) = &known.described
            && now - *at < KEPT
        {
            return Ok(Arc::clone(described));
        }
        let url = format!("{}/.well-known/openid-configuration", self.issuer.trim_end_matches('/'));
        let described: Description = self.ask("does not describe itself", self.client.get(url)).await?;
        // Discovery, section 4.3: whoever describes somebody else is not who was asked.
        if described.issuer != self.issuer {
            return Err(failed("describes another one", &described.issuer));
        }
        let described = Arc::new(described);
        known.described = Some((now, Arc::clone(&described)));
        Ok(described)
    }

    /// The key that a token says it is signed with.
    pub(super) async fn key_of(&self, id_token: &str, now: WallTime) -> Result<Jwk, OidcError> {
        let header = jsonwebtoken::decode_header(id_token).map_err(|_| OidcError::Token("its form"))?;
        let described = self.described(now).await?;
        let mut known = self.known.lock().await;
        let kept = known.keys.as_ref().filter(|(at, _)| now - *at < KEPT);
        if let Some((at, keys)) = kept {
            let found = find(keys, header.kid.as_deref());
            if let Some(key) = found {
                return Ok(key.clone());
            }
            if now - *at < KEYS_AGAIN {
                return Err(OidcError::Token("its key"));
            }
        }
        let keys: JwkSet = self.ask("shows no keys", self.client.get(described.jwks_uri.clone())).await?;
        let found = find(&keys, header.kid.as_deref()).cloned();
        known.keys = Some((now, Arc::new(keys)));
        found.ok_or(OidcError::Token("its key"))
    }

    /// The token for a code.
    pub(super) async fn exchange(
        &self,
        code: &str,
        verifier: &str,
        callback: &str,
        settings: &Settings,
        now: WallTime,
    ) -> Result<String, OidcError> {
        let described = self.described(now).await?;
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", callback),
            ("code_verifier", verifier),
        ];
        let mut request = self.client.post(described.token_endpoint.clone());
        let methods = &described.token_endpoint_auth_methods_supported;
        // Without a list it is the header (Discovery, section 3).
        let in_body = !methods.is_empty()
            && !methods.iter().any(|method| method == "client_secret_basic")
            && methods.iter().any(|method| method == "client_secret_post");
        match &settings.client_secret {
            Some(secret) if in_body => {
                form.extend([("client_id", settings.client_id.as_str()), ("client_secret", secret)]);
            }
            Some(secret) => {
                // RFC 6749, section 2.3.1: both are written as in a form first.
                let written =
                    |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
                request = request.basic_auth(written(&settings.client_id), Some(written(secret)));
            }
            None => {
                form.push(("client_id", &settings.client_id));
            }
        }
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = request.header("Content-Type", "application/x-www-form-urlencoded").body(body);
        let tokens: Tokens = self.ask("gave no token", request).await?;
        Ok(tokens.id_token)
    }

    /// The JSON that a request is answered with.
    async fn ask<T: DeserializeOwned>(
        &self,
        what: &'static str,
        request: RequestBuilder,
    ) -> Result<T, OidcError> {
        let sent = request.header("Accept", "application/json").send().await;
        // Without the address: what is in its query is nobody else's.
        let mut answer = sent.map_err(|error| failed(what, error.without_url()))?;
        let status = answer.status();
        let mut text = Vec::new();
        while let Some(part) = answer.chunk().await.map_err(|error| failed(what, error.without_url()))? {
            if text.len() + part.len() > MOST_BYTES {
                return Err(failed(what, "its answer is too long"));
            }
            text.extend_from_slice(&part);
        }
        if !status.is_success() {
            let refusal = serde_json::from_slice::<Refusal>(&text).ok().map(|refusal| refusal.error);
            return Err(failed(what, refusal.unwrap_or_else(|| status.to_string())));
        }
        serde_json::from_slice(&text).map_err(|error| failed(what, error))
    }
}

/// The key of this name that signs; without a name, the only one there is.
fn find<'k>(keys: &'k JwkSet, name: Option<&str>) -> Option<&'k Jwk> {
    let mut signing = keys
        .keys
        .iter()
        .filter(|key| matches!(key.common.public_key_use, None | Some(PublicKeyUse::Signature)));
    if let Some(name) = name {
        return signing.find(|key| key.common.key_id.as_deref() == Some(name));
    }
    let only = signing.next();
    only.filter(|_| signing.next().is_none())
}
