//! Passwords: what they must be, and how they are kept.
//!
//! Length is asked for and nothing else that people get around with `1!` at the end (NIST SP 800-63B, 3.1.1): twelve
//! characters, not the person's own login or name, not one character over and over, none of a handful that
//! everybody tries. They are kept as Argon2id (RFC 9106) with the parameters of the string itself, so that
//! stronger ones can come later without anybody choosing anew.
//!
//! Hashing takes 19 MiB and tens of milliseconds by design. It is done off the async threads and a few at a time, so
//! that a flood of attempts makes the attempts wait and nobody else.

use std::sync::{Arc, OnceLock};

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use tokio::sync::Semaphore;

/// Characters of a password at least.
pub const LEAST_CHARS: usize = 12;

/// Bytes of a password at most: more has no use, and a limit keeps hashing cheap.
const MOST_BYTES: usize = 1024;

/// How many passwords are hashed at a time.
const AT_ONCE: usize = 2;

/// Of the required length, and tried first by everybody.
const COMMON: [&str; 8] = [
    "123456789012",
    "passwordpassword",
    "password1234",
    "qwertyuiop12",
    "qwertyuiop[]",
    "administrator",
    "reelproofreelproof",
    "1qaz2wsx3edc",
];

/// Why a password does not do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// It is too short.
    #[error("a password has {LEAST_CHARS} characters or more; a few words in a row do well")]
    TooShort,
    /// It is too long.
    #[error("a password has {MOST_BYTES} bytes at most")]
    TooLong,
    /// It is the login or the name.
    #[error("a password that holds one's login or name is the first one that others try")]
    OwnName,
    /// Everybody tries it.
    #[error("this is one of the passwords that everybody tries first")]
    Common,
    /// It could not be hashed.
    #[error("the password could not be hashed: {0}")]
    Hashing(String),
}

/// Whether a new password does.
///
/// # Errors
/// Says why it does not.
pub fn check(password: &str, login: &str, name: &str) -> Result<(), PasswordError> {
    if password.len() > MOST_BYTES {
        return Err(PasswordError::TooLong);
    }
    if password.chars().count() < LEAST_CHARS {
        return Err(PasswordError::TooShort);
    }
    let lower = password.to_lowercase();
    let own = |word: &str| word.chars().count() > 2 && lower.contains(&word.to_lowercase());
    if own(login) || own(name) {
        return Err(PasswordError::OwnName);
    }
    let mut distinct: Vec<char> = lower.chars().collect();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.len() < 4 || COMMON.contains(&lower.as_str()) {
        return Err(PasswordError::Common);
    }
    Ok(())
}

/// Hashes and verifies passwords, a few at a time.
#[derive(Debug, Clone)]
pub struct Hasher {
    turns: Arc<Semaphore>,
    /// Of a password that nobody has: a login that is nobody's is verified against it.
    nobodys: Arc<OnceLock<String>>,
}

impl Default for Hasher {
    fn default() -> Self {
        Self { turns: Arc::new(Semaphore::new(AT_ONCE)), nobodys: Arc::default() }
    }
}

/// The PHC string of a password, with a salt of its own.
fn hashed(password: &str) -> Result<String, PasswordError> {
    Argon2::default()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|error| PasswordError::Hashing(error.to_string()))
}

impl Hasher {
    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let failed = |error: String| PasswordError::Hashing(error);
        let turn =
            Arc::clone(&self.turns).acquire_owned().await.map_err(|error| failed(error.to_string()))?;
        // The turn goes with the work: hanging up does not start another one.
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(turn);
            done
        });
        done.await.map_err(|error| failed(error.to_string()))?
    }

    /// The PHC string of a password, with a salt of its own.
    ///
    /// # Errors
    /// Where the machine fails.
    pub async fn hash(&self, password: &str) -> Result<String, PasswordError> {
        let password = password.to_owned();
        self.in_turn(move || hashed(&password)).await
    }

    /// Whether `password` is the one that `hash` was made of. Without a hash it is not, and takes as long.
    ///
    /// # Errors
    /// Where the machine fails.
    pub async fn verify(&self, password: &str, hash: Option<String>) -> Result<bool, PasswordError> {
        if password.len() > MOST_BYTES {
            return Ok(false);
        }
        let (password, nobodys) = (password.to_owned(), Arc::clone(&self.nobodys));
        self.in_turn(move || {
            let known = hash.is_some();
            if nobodys.get().is_none() {
                // Whoever comes first says it; the value means nothing.
                let _ = nobodys.set(hashed("the password of nobody at all")?);
            }
            let text = hash.as_deref().or(nobodys.get().map(String::as_str)).unwrap_or_default();
            let parsed =
                PasswordHash::new(text).map_err(|error| PasswordError::Hashing(error.to_string()))?;
            Ok(Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok() && known)
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_what_counts() {
        let check = |password| check(password, "wang.wei", "王某某");
        assert_eq!(check("elevenchars"), Err(PasswordError::TooShort));
        assert_eq!(check("twelve chars"), Ok(()));
        assert_eq!(check("铁锅炖大鹅配豆腐与白菜"), Err(PasswordError::TooShort));
        assert_eq!(check("铁锅炖大鹅配豆腐与白菜汤"), Ok(()));
        assert_eq!(check(&"long words ".repeat(100)), Err(PasswordError::TooLong));
    }

    #[test]
    fn what_everybody_tries_first_is_refused() {
        let check = |password| check(password, "wang.wei", "王某某");
        assert_eq!(check("Wang.Wei-2024!"), Err(PasswordError::OwnName));
        assert_eq!(check("我是王某某今年要改密码啦"), Err(PasswordError::OwnName));
        assert_eq!(check("aaaaaaaaaaaaaaaa"), Err(PasswordError::Common));
        assert_eq!(check("Administrator"), Err(PasswordError::Common));
    }

    #[tokio::test]
    async fn a_password_is_verified_against_its_own_hash_alone() {
        let hasher = Hasher::default();
        let hash = hasher.hash("correct horse battery").await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(hasher.verify("correct horse battery", Some(hash.clone())).await.unwrap());
        assert!(!hasher.verify("correct horse batterz", Some(hash)).await.unwrap());
        assert!(!hasher.verify("correct horse battery", None).await.unwrap(), "nobody has no password");
    }
}
