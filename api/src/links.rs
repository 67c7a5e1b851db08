//! Signed links: footage for a player that has no session, for some minutes.
//!
//! A link says which recording, which version of it, what of it, for whose account and until when, and carries an
//! HMAC-SHA-256 of all that (RFC 2104). Nothing is stored: the key is made when the service starts and kept in its memory
//! alone, so that nobody who reads the catalog or a backup of it can make links. What is lost thereby is little: a
//! restart ends the links that were given out, which live for minutes anyway, and several services behind one address
//! would not know one another's.

use catalog::WallTime;
use catalog::account::UserId;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// What a link shows of a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Its bytes as they are stored.
    Media,
    /// Its preview.
    Preview,
}

impl Purpose {
    /// Its code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Media => "media",
            Self::Preview => "preview",
        }
    }

    /// The purpose of this code.
    pub fn of(code: &str) -> Option<Self> {
        [Self::Media, Self::Preview].into_iter().find(|purpose| purpose.as_str() == code)
    }
}

/// What a link is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// What it shows.
    pub purpose: Purpose,
    /// Number of the recording.
    pub recording: u64,
    /// Its version.
    pub version: u32,
    /// Whose sight it lends.
    pub user: UserId,
    /// From when on it is good for nothing.
    pub expires_at: WallTime,
}

/// Why a link is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// It was not made here, or was changed since.
    Invalid,
    /// Its time is over.
    Expired,
}

/// Makes links and knows its own; clones share the key.
#[derive(Clone)]
pub struct Links(Hmac<Sha256>);

impl Links {
    /// With a key that nobody else has.
    ///
    /// # Errors
    /// Where the system has no randomness.
    pub fn new() -> Result<Self, getrandom::Error> {
        // A block of SHA-256: the longest key that is taken as it is.
        let mut key = [0; 64];
        getrandom::fill(&mut key)?;
        Ok(Self::with(&key))
    }

    fn with(key: &[u8; 64]) -> Self {
        Self(Hmac::new(key.into()))
    }

    /// The ticket that proves a grant; it can stand in an address as it is.
    pub fn ticket(&self, grant: &Grant) -> String {
        let told = told(grant);
        let proof = self.0.clone().chain_update(told.as_bytes()).finalize().into_bytes();
        format!("{told}.{}", hex::encode(proof))
    }

    /// What a ticket is good for at a moment.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn read(&self, ticket: &str, now: WallTime) -> Result<Grant, Refused> {
        let (told_here, proof) = ticket.rsplit_once('.').ok_or(Refused::Invalid)?;
        let proof = hex::decode(proof).map_err(|_| Refused::Invalid)?;
        // In constant time: how far a forgery agrees tells nothing.
        self.0
            .clone()
            .chain_update(told_here.as_bytes())
            .verify_slice(&proof)
            .map_err(|_| Refused::Invalid)?;
        let grant = parsed(told_here).ok_or(Refused::Invalid)?;
        if now >= grant.expires_at { Err(Refused::Expired) } else { Ok(grant) }
    }
}

/// `media.r12.v1.u3.1700000000000000`.
fn told(grant: &Grant) -> String {
    let Grant { purpose, recording, version, user, expires_at } = grant;
    format!("{}.r{recording}.v{version}.u{}.{}", purpose.as_str(), user.0, expires_at.0)
}

fn parsed(told: &str) -> Option<Grant> {
    let mut parts = told.split('.');
    let purpose = Purpose::of(parts.next()?)?;
    let recording = parts.next()?.strip_prefix('r')?.parse().ok()?;
    let version = parts.next()?.strip_prefix('v')?.parse().ok()?;
    let user = UserId(parts.next()?.strip_prefix('u')?.parse().ok()?);
    let expires_at = WallTime(parts.next()?.parse().ok()?);
    parts.next().is_none().then_some(Grant { purpose, recording, version, user, expires_at })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant() -> Grant {
        Grant {
            purpose: Purpose::Media,
            recording: 12,
            version: 3,
            user: UserId(4),
            expires_at: WallTime(1_000_000),
        }
    }

    #[test]
    fn a_ticket_is_good_until_its_time_is_over() {
        let links = Links::with(&[7; 64]);
        let ticket = links.ticket(&grant());
        assert!(ticket.starts_with("media.r12.v3.u4.1000000."), "{ticket}");
        assert_eq!(links.read(&ticket, WallTime(999_999)), Ok(grant()));
        assert_eq!(links.read(&ticket, WallTime(1_000_000)), Err(Refused::Expired));
    }

    #[test]
    fn whatever_is_changed_in_a_ticket_it_is_no_longer_ours() {
        let links = Links::with(&[7; 64]);
        let ticket = links.ticket(&grant());
        for at in 0..ticket.len() {
            for other in ["0", "1", "9", "a", "r", "."] {
                let mut changed = ticket.clone();
                changed.replace_range(at..=at, other);
                if changed != ticket {
                    assert_eq!(links.read(&changed, WallTime(0)), Err(Refused::Invalid), "{changed}");
                }
            }
        }
        for none in ["", ".", "media", "media.r12.v3.u4.1000000.", &ticket[..ticket.len() - 2]] {
            assert_eq!(links.read(none, WallTime(0)), Err(Refused::Invalid), "{none}");
        }
        assert_eq!(Links::with(&[8; 64]).read(&ticket, WallTime(0)), Err(Refused::Invalid), "another start");
    }

    /// The vector of RFC 4231, 4.3: that what is computed is HMAC-SHA-256.
    #[test]
    fn the_proof_is_hmac_sha_256() {
        let mac = Hmac::<Sha256>::new_from_slice(b"Jefe").unwrap();
        let proof = mac.chain_update(b"what do ya want for nothing?").finalize().into_bytes();
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(hex::encode(proof), expected);
    }
}
