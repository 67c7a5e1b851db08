//! What one leaf of the log says, and how a row becomes one.
//!
//! A leaf can be published: it names the table, the moment and two digests, and no person. Both digests are salted with
//! 16 random bytes that stand beside the leaf in the catalog, so that nobody can try out badge numbers against
//! them; whoever is shown a row is shown its salt.
//!
//! The bytes that are hashed are one JSON object without white space, its members in this order:
//!
//! ```text
//! {"at_us":1717200000000000,"content":"<64 hex>","id":"<64 hex>","kind":"observation","origin":"written","v":1}
//! ```

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::tree::{Hash, leaf_hash};
use crate::time::WallTime;

/// Bytes of a salt.
pub const SALT_BYTES: usize = 16;

crate::coded! {
    /// How a row came into the log.
    pub enum LeafOrigin("origin of a leaf") {
        /// In the transaction that wrote the row.
        Written = "written" / "写入时登记",
        /// It was in the catalog when the log was begun: the log says what it was then, and nothing of before.
        Found = "found" / "启用日志时已有",
    }
}

/// The version of the record's form.
pub const VERSION: u32 = 1;

/// What one leaf says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeafRecord {
    /// The moment that the row speaks of, or at which it was found.
    pub at: WallTime,
    /// Salted digest of the row's content.
    pub content: Hash,
    /// Salted digest of the row's key.
    pub id: Hash,
    /// The table.
    pub kind: String,
    /// How it came into the log.
    pub origin: LeafOrigin,
}

/// Tables whose rows people correct, by import or in the service: the last leaf of a row counts, and those before it are
/// its history. In every other table a row is what its first leaf says, for good.
const CORRECTED: &[&str] = &[
    "unit",
    "officer",
    "device",
    "enforcement_case",
    "stage",
    "manifest_entry",
    "dock",
    "area",
    "sortie",
    "user_account",
    "api_token",
];

/// Whether rows of this table may come to say something else.
pub fn may_change(kind: &str) -> bool {
    CORRECTED.contains(&kind)
}

/// Salted digest of a row's key: its JSON array of key columns.
pub fn id_digest(salt: &[u8], key: &str) -> Hash {
    salted(b"id", salt, key)
}

/// Salted digest of a row's content: its JSON object of columns.
pub fn content_digest(salt: &[u8], content: &str) -> Hash {
    salted(b"content", salt, content)
}

fn salted(what: &[u8], salt: &[u8], text: &str) -> Hash {
    let mut hash = Sha256::new();
    hash.update(what);
    hash.update([0]);
    hash.update(salt);
    hash.update([0]);
    hash.update(text.as_bytes());
    Hash(hash.finalize().into())
}

#[derive(Serialize)]
struct Form<'a> {
    at_us: i64,
    content: String,
    id: String,
    kind: &'a str,
    origin: &'a str,
    v: u32,
}

impl LeafRecord {
    /// The bytes that are hashed.
    pub fn to_text(&self) -> String {
        // Written by hand, because these bytes must never depend on how a library orders or spaces members. Kinds are
        // names of tables and need no escaping; the test compares with a JSON library.
        format!(
            r#"{{"at_us":{},"content":"{}","id":"{}","kind":"{}","origin":"{}","v":{VERSION}}}"#,
            self.at.0,
            self.content,
            self.id,
            self.kind,
            self.origin.as_str()
        )
    }

    /// The leaf's hash in the tree.
    pub fn hash(&self) -> Hash {
        leaf_hash(self.to_text().as_bytes())
    }

    /// The record as a value, for JSON answers.
    pub fn form(&self) -> impl Serialize + '_ {
        Form {
            at_us: self.at.0,
            content: self.content.to_string(),
            id: self.id.to_string(),
            kind: &self.kind,
            origin: self.origin.as_str(),
            v: VERSION,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "in a test, what cannot be unwrapped is a failure")]

    use super::*;

    fn record() -> LeafRecord {
        LeafRecord {
            at: WallTime(1_717_200_000_000_000),
            content: content_digest(&[7; SALT_BYTES], r#"{"badge":"310001"}"#),
            id: id_digest(&[7; SALT_BYTES], "[1]"),
            kind: "observation".into(),
            origin: LeafOrigin::Written,
        }
    }

    #[test]
    fn the_text_is_what_a_json_library_writes() {
        assert_eq!(record().to_text(), serde_json::to_string(&record().form()).unwrap());
    }

    #[test]
    fn the_text_never_changes() {
        assert_eq!(
            record().to_text(),
            concat!(
                r#"{"at_us":1717200000000000,"#,
                r#""content":"e607d1186f67312a73362bd11ea00b8397a4a86f8b0a44ab082dff25d0ea58c5","#,
                r#""id":"483169c854595855ea76064c9bc1ee41c34d79608008b20df17311525e18bae2","#,
                r#""kind":"observation","origin":"written","v":1}"#
            )
        );
    }

    #[test]
    fn another_salt_gives_other_digests() {
        assert_ne!(id_digest(&[1; SALT_BYTES], "[1]"), id_digest(&[2; SALT_BYTES], "[1]"));
        assert_ne!(id_digest(&[1; SALT_BYTES], "[1]"), content_digest(&[1; SALT_BYTES], "[1]"));
    }
}
