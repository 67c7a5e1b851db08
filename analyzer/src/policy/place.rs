//! Where in a policy file something stands, for messages: by the path of its keys.

use toml::de::{DeTable, DeValue};

/// One step of a path: a key of a table, or the number of an entry of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Key(String),
    Entry(usize),
}

/// A path from keys alone.
pub(super) fn keys(path: &[&str]) -> Vec<Step> {
    path.iter().map(|key| Step::Key((*key).to_owned())).collect()
}

/// Line and column, from 1, of the deepest part of the path that is there.
pub(super) fn line_and_column(text: &str, path: &[Step]) -> (usize, usize) {
    of_offset(text, DeTable::parse(text).map_or(0, |table| deepest(table.get_ref(), path).unwrap_or(0)))
}

/// Line and column, from 1, of a byte of the text.
pub(super) fn of_offset(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or("");
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    (line, column)
}

fn deepest(table: &DeTable<'_>, path: &[Step]) -> Option<usize> {
    let (Step::Key(name), rest) = path.split_first()? else { return None };
    let (key, value) = table.iter().find(|(key, _)| key.get_ref() == name.as_str())?;
    let here = key.span().start;
    Some(within(value.get_ref(), value.span().start, rest).unwrap_or(here))
}

fn within(value: &DeValue<'_>, start: usize, path: &[Step]) -> Option<usize> {
    match (value, path.split_first()?) {
        (DeValue::Table(table), _) => deepest(table, path),
        (DeValue::Array(list), (Step::Entry(number), rest)) => {
            let entry = list.get(*number)?;
            let here = entry.span().start;
            Some(within(entry.get_ref(), here, rest).unwrap_or(here))
        }
        _ => Some(start),
    }
}

/// The first key of `found` that `known` does not have, with the keys that stand beside it there.
///
/// `known` is the policy written out again: what was read but means nothing is not in it.
pub(super) fn unknown_key(found: &toml::Value, known: &toml::Value) -> Option<(Vec<Step>, Vec<String>)> {
    match (found, known) {
        (toml::Value::Table(found), toml::Value::Table(known)) => {
            for (key, value) in found {
                let Some(counterpart) = known.get(key) else {
                    return Some((vec![Step::Key(key.clone())], known.keys().cloned().collect()));
                };
                if let Some((mut path, beside)) = unknown_key(value, counterpart) {
                    path.insert(0, Step::Key(key.clone()));
                    return Some((path, beside));
                }
            }
            None
        }
        (toml::Value::Array(found), toml::Value::Array(known)) => {
            found.iter().zip(known).enumerate().find_map(|(i, (value, counterpart))| {
                let (mut path, beside) = unknown_key(value, counterpart)?;
                path.insert(0, Step::Entry(i));
                Some((path, beside))
            })
        }
        _ => None,
    }
}
