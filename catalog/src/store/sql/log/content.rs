//! A row as canonical JSON: one object, its members in the order of their names, without white space.
//!
//! Integers are JSON numbers, NULL is null, text is text. Bytes, and text of more than [`LONG_BYTES`], stand as
//! `{"sha256":…,"size_bytes":…}`, so that a leaf stays small whatever hangs from its row.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sqlx::{Column, Row, TypeInfo, ValueRef};

use super::super::EngineRow;
use crate::store::StoreError;

/// Text longer than this stands as its digest.
const LONG_BYTES: usize = 512;

/// The canonical form of these columns.
pub(super) fn canonical(columns: BTreeMap<String, Value>) -> String {
    let shortened: BTreeMap<String, Value> = columns
        .into_iter()
        .map(|(name, value)| match value {
            Value::String(text) => (name, of_text(text)),
            other => (name, other),
        })
        .collect();
    json!(shortened).to_string()
}

fn of_text(text: String) -> Value {
    if text.len() > LONG_BYTES { digest(text.as_bytes()) } else { Value::String(text) }
}

fn digest(bytes: &[u8]) -> Value {
    json!({ "sha256": hex::encode(Sha256::digest(bytes)), "size_bytes": bytes.len() })
}

/// Key and content of a row whose first column is its key, and of whose columns `width` count.
pub(super) fn of_row(row: &EngineRow, width: usize) -> Result<(String, String), StoreError> {
    let key: String = row.try_get(0)?;
    let mut columns = BTreeMap::new();
    for place in 1..width {
        let name = row.column(place).name().to_owned();
        let raw = row.try_get_raw(place)?;
        let value = if raw.is_null() {
            Value::Null
        } else {
            match raw.type_info().name() {
                "INTEGER" | "INT8" => json!(row.try_get_unchecked::<i64, _>(place)?),
                "INT4" => json!(row.try_get_unchecked::<i32, _>(place)?),
                // A log says 0 or 1, whatever an engine keeps.
                "BOOL" => json!(i64::from(row.try_get_unchecked::<bool, _>(place)?)),
                "TEXT" => of_text(row.try_get_unchecked::<String, _>(place)?),
                "BLOB" | "BYTEA" => digest(row.try_get_unchecked::<&[u8], _>(place)?),
                other => {
                    return Err(StoreError::UnknownValue(format!("a {other} in the column {name} of {key}")));
                }
            }
        };
        columns.insert(name, value);
    }
    Ok((key, json!(columns).to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_stand_by_name_and_long_text_as_its_digest() {
        let columns = BTreeMap::from([
            ("b".to_owned(), json!("短")),
            ("a".to_owned(), json!(1)),
            ("c".to_owned(), json!("x".repeat(LONG_BYTES + 1))),
        ]);
        assert_eq!(
            canonical(columns),
            concat!(
                r#"{"a":1,"b":"短","c":{"sha256":""#,
                "35ade0090e64e74d6ad04204009c23a4e34b82bdf0f4f317fbcc5f26f9b10241",
                r#"","size_bytes":513}}"#
            )
        );
    }
}
