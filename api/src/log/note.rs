//! Signed notes and checkpoints, in the forms of C2SP (`signed-note`, `tlog-checkpoint`), which the tools of other logs
//! read, too.
//!
//! A note is text, an empty line, and signature lines: `— NAME BASE64`, the bytes being four bytes of the key's hash and
//! the Ed25519 signature of the text. A checkpoint's text is the log's name, the number of leaves, the root in base64,
//! and lines of our own: `at TIME` says when it was signed.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use catalog::WallTime;
use catalog::log::Hash;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

/// C2SP's number for Ed25519.
const ED25519: u8 = 1;

/// Why a note or key is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// It is not of the form.
    #[error("no signed note: {0}")]
    Form(&'static str),
    /// No signature of a known key.
    #[error("not signed by {expected}")]
    NotSigned {
        /// The key that ought to have signed.
        expected: String,
    },
    /// A signature of a known key that does not hold.
    #[error(
        "the signature of {name} does not hold: the text was changed after it was signed, or somebody else signed it"
    )]
    BadSignature {
        /// Name of the key.
        name: String,
    },
}

/// The key with which a note is verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    key: VerifyingKey,
}

fn key_hash(name: &str, key: &VerifyingKey) -> [u8; 4] {
    let mut hash = Sha256::new();
    hash.update(name.as_bytes());
    hash.update([b'\n', ED25519]);
    hash.update(key.as_bytes());
    let hash: [u8; 32] = hash.finalize().into();
    [hash[0], hash[1], hash[2], hash[3]]
}

/// Whether a key may be called so: visible, without spaces and plus signs.
fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|one| one.is_whitespace() || one == '+' || one.is_control())
}

impl VerifierKey {
    /// The key of this name.
    pub fn new(name: &str, key: VerifyingKey) -> Self {
        Self { name: name.to_owned(), key }
    }

    /// Its name, which is the log's.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [&[ED25519], self.key.as_bytes().as_slice()].concat();
        let hash = hex::encode(key_hash(&self.name, &self.key));
        write!(f, "{}+{hash}+{}", self.name, BASE64.encode(bytes))
    }
}

impl FromStr for VerifierKey {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let form = NoteError::Form("a key is written name+hash+base64");
        let mut parts = text.trim().splitn(3, '+');
        let (Some(name), Some(hash), Some(bytes)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(form);
        };
        let bytes = BASE64.decode(bytes).map_err(|_| form.clone())?;
        let Some((&ED25519, bytes)) = bytes.split_first() else { return Err(form) };
        let bytes: [u8; 32] = bytes.try_into().map_err(|_| form.clone())?;
        let key = VerifyingKey::from_bytes(&bytes).map_err(|_| form.clone())?;
        if !is_name(name) || hash != hex::encode(key_hash(name, &key)) {
            return Err(form);
        }
        Ok(Self { name: name.to_owned(), key })
    }
}

/// A key that signs.
pub struct NoteSigner {
    name: String,
    key: SigningKey,
}

impl fmt::Debug for NoteSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NoteSigner({})", self.verifier())
    }
}

impl NoteSigner {
    /// The key of this name that follows from 32 bytes of chance.
    pub fn new(name: &str, seed: [u8; 32]) -> Result<Self, NoteError> {
        if !is_name(name) {
            return Err(NoteError::Form("a key's name has no spaces and no plus signs"));
        }
        Ok(Self { name: name.to_owned(), key: SigningKey::from_bytes(&seed) })
    }

    /// What others verify with.
    pub fn verifier(&self) -> VerifierKey {
        VerifierKey::new(&self.name, self.key.verifying_key())
    }

    /// As it stands in a key file: `PRIVATE+KEY+name+hash+base64`.
    pub fn to_secret(&self) -> String {
        let bytes = [&[ED25519], self.key.to_bytes().as_slice()].concat();
        let hash = hex::encode(key_hash(&self.name, &self.key.verifying_key()));
        format!("PRIVATE+KEY+{}+{hash}+{}", self.name, BASE64.encode(bytes))
    }

    /// From a key file.
    pub fn from_secret(text: &str) -> Result<Self, NoteError> {
        let form = NoteError::Form("a key file holds one line PRIVATE+KEY+name+hash+base64");
        let rest = text.trim().strip_prefix("PRIVATE+KEY+").ok_or_else(|| form.clone())?;
        let mut parts = rest.splitn(3, '+');
        let (Some(name), Some(hash), Some(bytes)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(form);
        };
        let bytes = BASE64.decode(bytes).map_err(|_| form.clone())?;
        let Some((&ED25519, seed)) = bytes.split_first() else { return Err(form) };
        let signer = Self::new(name, seed.try_into().map_err(|_| form.clone())?)?;
        if hash != hex::encode(key_hash(name, &signer.key.verifying_key())) {
            return Err(form);
        }
        Ok(signer)
    }

    fn signature_line(&self, text: &str) -> String {
        let hash = key_hash(&self.name, &self.key.verifying_key());
        let bytes = [hash.as_slice(), &self.key.sign(text.as_bytes()).to_bytes()].concat();
        format!("— {} {}\n", self.name, BASE64.encode(bytes))
    }
}

/// A text, which ends in a line break, signed by all of these.
pub fn sign(text: &str, signers: &[&NoteSigner]) -> String {
    let lines: String = signers.iter().map(|signer| signer.signature_line(text)).collect();
    format!("{text}\n{lines}")
}

/// The text of a note, if each of these keys signed it.
pub fn verify<'a>(note: &'a str, keys: &[&VerifierKey]) -> Result<&'a str, NoteError> {
    let end = note.rfind("\n\n").ok_or(NoteError::Form("there is no empty line before the signatures"))?;
    let (text, lines) = (&note[..=end], &note[end + 2..]);
    if !lines.ends_with('\n') {
        return Err(NoteError::Form("the last signature line is cut off"));
    }
    for key in keys {
        let hash = key_hash(&key.name, &key.key);
        let mut signed = false;
        for line in lines.lines() {
            let bad = NoteError::Form("a signature line is written — NAME BASE64");
            let (name, bytes) =
                line.strip_prefix("— ").and_then(|line| line.split_once(' ')).ok_or_else(|| bad.clone())?;
            let bytes = BASE64.decode(bytes).map_err(|_| bad.clone())?;
            if name != key.name || bytes.get(..4) != Some(hash.as_slice()) {
                continue;
            }
            let signature: [u8; 64] = bytes[4..].try_into().map_err(|_| bad)?;
            key.key
                .verify_strict(text.as_bytes(), &Signature::from_bytes(&signature))
                .map_err(|_| NoteError::BadSignature { name: name.to_owned() })?;
            signed = true;
        }
        if !signed {
            return Err(NoteError::NotSigned { expected: key.to_string() });
        }
    }
    Ok(text)
}

/// A root with what it is the root of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name.
    pub origin: String,
    /// Leaves.
    pub size: u64,
    /// Root.
    pub root: Hash,
    /// When it was signed; `None` in checkpoints that do not say.
    pub at: Option<WallTime>,
}

impl Checkpoint {
    /// The text that is signed.
    pub fn to_text(&self) -> String {
        let at = self.at.map(|at| format!("at {at}\n")).unwrap_or_default();
        format!("{}\n{}\n{}\n{at}", self.origin, self.size, BASE64.encode(self.root.0))
    }
}

impl FromStr for Checkpoint {
    type Err = NoteError;

    /// From the text of a note, or from the whole note.
    fn from_str(text: &str) -> Result<Self, NoteError> {
        let form =
            NoteError::Form("a checkpoint has the log's name, the number of leaves and the root in base64");
        let body = text.find("\n\n").map_or(text, |end| &text[..=end]);
        let mut lines = body.lines();
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(form);
        };
        let plain =
            size == "0" || (!size.starts_with('0') && size.bytes().all(|digit| digit.is_ascii_digit()));
        let size = size.parse().ok().filter(|_| plain).ok_or_else(|| form.clone())?;
        let root = BASE64.decode(root).map_err(|_| form.clone())?;
        let root = Hash(root.try_into().map_err(|_| form.clone())?);
        if origin.is_empty() {
            return Err(form);
        }
        let at = lines.find_map(|line| line.strip_prefix("at ")).and_then(|at| WallTime::parse(at).ok());
        Ok(Self { origin: origin.to_owned(), size, root, at })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "in a test, what cannot be unwrapped is a failure")]

    use super::*;

    fn signer(seed: u8) -> NoteSigner {
        NoteSigner::new("reelproof/test", [seed; 32]).unwrap()
    }

    fn checkpoint() -> Checkpoint {
        Checkpoint {
            origin: "reelproof/test".into(),
            size: 8,
            root: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328".parse().unwrap(),
            at: Some(WallTime::parse("2024-06-03T16:00:00+08:00").unwrap()),
        }
    }

    #[test]
    fn the_published_example_of_a_signed_note_verifies() {
        // From the documentation of Go's golang.org/x/mod/sumdb/note.
        let key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
        let note = "If you think cryptography is the answer to your problem,\n\
                    then you don't know what your problem is.\n\
                    \n\
                    — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
        let key: VerifierKey = key.parse().unwrap();
        assert!(verify(note, &[&key]).unwrap().starts_with("If you think"));
        let changed = note.replace("answer", "cause");
        assert_eq!(verify(&changed, &[&key]), Err(NoteError::BadSignature { name: "PeterNeumann".into() }));
    }

    #[test]
    fn a_checkpoint_reads_back_what_it_says() {
        let note = sign(&checkpoint().to_text(), &[&signer(1)]);
        let text = verify(&note, &[&signer(1).verifier()]).unwrap();
        assert_eq!(text.parse::<Checkpoint>().unwrap(), checkpoint());
        assert_eq!(note.parse::<Checkpoint>().unwrap(), checkpoint());
    }

    #[test]
    fn a_note_of_two_keys_needs_both() {
        let (old, new) = (signer(1), signer(2));
        let text = checkpoint().to_text();
        let both = sign(&text, &[&old, &new]);
        assert!(verify(&both, &[&old.verifier(), &new.verifier()]).is_ok());
        let one = sign(&text, &[&new]);
        assert!(matches!(
            verify(&one, &[&old.verifier(), &new.verifier()]),
            Err(NoteError::NotSigned { .. })
        ));
    }

    #[test]
    fn a_key_file_reads_back_and_a_damaged_one_is_refused() {
        let secret = signer(7).to_secret();
        assert_eq!(NoteSigner::from_secret(&secret).unwrap().verifier(), signer(7).verifier());
        let other = secret.replace("reelproof/test", "reelproof/other");
        assert!(NoteSigner::from_secret(&other).is_err());
        let vkey = signer(7).verifier().to_string();
        assert_eq!(vkey.parse::<VerifierKey>().unwrap(), signer(7).verifier());
    }

    #[test]
    fn what_is_no_checkpoint_is_refused() {
        for text in ["", "name\n", "name\n08\nAAAA\n", "name\n-1\nAAAA\n", "name\n8\nnonsense\n"] {
            assert!(text.parse::<Checkpoint>().is_err(), "{text:?}");
        }
    }
}
