//! The provider's token: what it must say before anybody is let in (OpenID Connect Core 1.0, section 3.1.3.7).

use std::collections::BTreeMap;

use catalog::WallTime;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, Validation};
use serde::Deserialize;
use serde_json::Value;

use super::{FLOW, OidcError, SKEW};

/// Longest subject, in bytes: what the standard allows.
const MOST_SUBJECT_BYTES: usize = 255;

/// What a token says.
#[derive(Debug, Clone, Deserialize)]
pub struct Claims {
    iss: String,
    /// What the provider calls the person, to the letter.
    pub sub: String,
    aud: Audience,
    azp: Option<String>,
    exp: f64,
    iat: f64,
    nbf: Option<f64>,
    nonce: Option<String>,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Claims {
    /// The texts of a claim: itself, or those of its list.
    pub fn texts(&self, name: &str) -> Vec<&str> {
        match self.rest.get(name) {
            Some(Value::String(text)) => vec![text],
            Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// What to call the person; empty where the token does not say.
    pub fn name(&self) -> &str {
        ["name", "preferred_username", "email"]
            .into_iter()
            .find_map(|name| self.texts(name).first().copied())
            .unwrap_or("")
    }

    /// What the person calls themselves at the provider; empty where the token does not say.
    pub fn login(&self) -> &str {
        self.texts("preferred_username").first().copied().unwrap_or("")
    }
}

/// What a token must be for.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// Who made it.
    pub issuer: &'a str,
    /// Whom it is for.
    pub client_id: &'a str,
    /// Which sign-in it is of.
    pub nonce: &'a str,
    /// The moment at which it counts.
    pub now: WallTime,
}

/// The algorithms that a key may sign with: never those with a shared secret, and never none.
fn algorithms(key: &Jwk) -> Result<Vec<Algorithm>, OidcError> {
    let decoding = DecodingKey::from_jwk(key).map_err(|_| OidcError::Token("a key that means nothing"))?;
    let family = decoding.family();
    if family == AlgorithmFamily::Hmac {
        return Err(OidcError::Token("a key that is a shared secret"));
    }
    Ok(family.algorithms().to_vec())
}

/// What a token says, if it is signed with this key and is what is expected.
///
/// # Errors
/// [`OidcError::Token`] names the first thing that is not so.
pub fn verify(id_token: &str, key: &Jwk, expected: Expected<'_>) -> Result<Claims, OidcError> {
    let algorithms = algorithms(key)?;
    let mut validation = Validation::new(algorithms[0]);
    validation.algorithms = algorithms;
    // The signature is checked there; the rest below, by the clock of the service and each with its own words.
    validation.required_spec_claims.clear();
    (validation.validate_exp, validation.validate_aud) = (false, false);
    let decoding = DecodingKey::from_jwk(key).map_err(|_| OidcError::Token("a key that means nothing"))?;
    let claims = jsonwebtoken::decode::<Claims>(id_token, &decoding, &validation)
        .map_err(|_| OidcError::Token("its signature or its form"))?
        .claims;
    if claims.iss != expected.issuer {
        return Err(OidcError::Token("its issuer"));
    }
    let (ours, alone) = match &claims.aud {
        Audience::One(one) => (one == expected.client_id, true),
        Audience::Many(many) => (many.iter().any(|one| one == expected.client_id), many.len() == 1),
    };
    let authorized = match &claims.azp {
        Some(azp) => azp == expected.client_id,
        None => alone,
    };
    if !ours || !authorized {
        return Err(OidcError::Token("whom it is for"));
    }
    let now_s = expected.now.0 as f64 / 1e6;
    let (skew_s, flow_s) = (SKEW.0 as f64 / 1e6, FLOW.0 as f64 / 1e6);
    if claims.exp + skew_s <= now_s {
        return Err(OidcError::Token("it has expired"));
    }
    if claims.iat - skew_s > now_s || claims.nbf.is_some_and(|nbf| nbf - skew_s > now_s) {
        return Err(OidcError::Token("it is of a later time"));
    }
    if claims.iat + flow_s + skew_s < now_s {
        return Err(OidcError::Token("it is too old"));
    }
    if claims.nonce.as_deref() != Some(expected.nonce) {
        return Err(OidcError::Token("its nonce"));
    }
    if claims.sub.is_empty() || claims.sub.len() > MOST_SUBJECT_BYTES {
        return Err(OidcError::Token("its subject"));
    }
    Ok(claims)
}
