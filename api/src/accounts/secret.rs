//! What somebody proves with who they are: 256 random bits, which the catalog knows by their SHA-256 alone.
//!
//! A fast digest is enough here: nobody guesses 256 bits, and a catalog that was stolen gives none away.

use sha2::{Digest as _, Sha256};

/// A secret. It is shown where it is given out, and never written to a log.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A new one.
    ///
    /// # Errors
    /// Where the machine has no randomness to give.
    pub fn new() -> Result<Self, getrandom::Error> {
        let mut bytes = [0_u8; 32];
        getrandom::fill(&mut bytes)?;
        Ok(Self(hex::encode(bytes)))
    }

    /// Takes what a client sent; `None` if no secret of ours looks like that.
    pub fn read(text: &str) -> Option<Self> {
        (text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')))
            .then(|| Self(text.to_owned()))
    }

    /// What is handed to its owner.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What the catalog knows it by: SHA-256 of the text, lower-case hexadecimal.
    pub fn sha256(&self) -> String {
        hex::encode(Sha256::digest(self.0.as_bytes()))
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Letters and digits that are told apart in print.
const PLAIN: &[u8; 32] = b"23456789abcdefghijkmnpqrstuvwxyz";

/// A password of 100 random bits that can be read out: `k3vqp-8mz2h-…`.
///
/// # Errors
/// Where the machine has no randomness to give.
pub fn random_password() -> Result<String, getrandom::Error> {
    let mut bytes = [0_u8; 20];
    getrandom::fill(&mut bytes)?;
    let letters: Vec<char> = bytes.iter().map(|byte| char::from(PLAIN[usize::from(byte % 32)])).collect();
    let groups: Vec<String> = letters.chunks(5).map(|group| group.iter().collect()).collect();
    Ok(groups.join("-"))
}
