//! What there is to do.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// What is done with an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// It is read, digested and recorded.
    Read,
    /// What it shows is looked at and recorded.
    Look,
}

impl Kind {
    /// Its name, as it stands in subjects.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Look => "look",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why an object has to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The catalog does not know it.
    New,
    /// The store says something else of it than when it was read.
    Changed,
    /// It was gone and is back.
    Returned,
    /// It is quarantined, and a retry was asked for.
    Retry,
    /// A file beside it says when it began, and arrived after it was read.
    Sidecar,
    /// Somebody said that something happened to it: the store has to be asked what.
    Hint,
}

/// What a store said of an object when it was listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Bytes.
    pub size_bytes: u64,
    /// When the store says it was last written, in microseconds since 1970.
    pub changed_us: i64,
    /// Its entity tag; `None` where the store has none.
    pub e_tag: Option<String>,
    /// Its version; `None` where the store keeps none.
    pub version: Option<String>,
}

/// An object beside the one a task is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedObject {
    /// Its key within the store.
    pub object_key: String,
    /// What the store said of it.
    pub listed: Listed,
}

/// How large an object is at most that is read in a moment.
const MOMENT_BYTES: u64 = 8 << 20;

/// One object, and what is to be done with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// What is to be done.
    pub kind: Kind,
    /// Who competes with whom: tasks of different shares are handed out in turn.
    pub share: String,
    /// Canonical URL of the store.
    pub store: String,
    /// Key within the store.
    pub object_key: String,
    /// What the store said of it; `None`: it has to be asked.
    pub listed: Option<Listed>,
    /// Why.
    pub reason: Reason,
    /// Files beside it that say when it began, to be recorded before it is read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<ListedObject>,
    /// Sets apart what else would be the same task: the mark that an event of a bucket carries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<String>,
}

impl Task {
    /// Whether it is of the shortest kind: several of these are handed out, and recorded, at once.
    pub fn takes_a_moment(&self) -> bool {
        let is_small = |listed: &Listed| listed.size_bytes <= MOMENT_BYTES;
        self.kind == Kind::Read && self.listed.as_ref().is_some_and(is_small)
    }

    /// Its name: the same for the same work on the same version of the same object, and for no other. 32 hexadecimal
    /// digits.
    pub fn id(&self) -> String {
        let mut digest = Sha256::new();
        let mut field = |text: &str| {
            digest.update((text.len() as u64).to_be_bytes());
            digest.update(text.as_bytes());
        };
        field(self.kind.as_str());
        field(&self.store);
        field(&self.object_key);
        if let Some(Listed { size_bytes, changed_us, e_tag, version }) = &self.listed {
            field(&format!("{size_bytes};{changed_us}"));
            field(e_tag.as_deref().unwrap_or_default());
            field(version.as_deref().unwrap_or_default());
        }
        // What is to be read although the catalog knows these bytes is work of its own.
        field(match self.reason {
            Reason::New | Reason::Changed | Reason::Returned => "",
            Reason::Retry => "retry",
            Reason::Sidecar => "sidecar",
            Reason::Hint => "hint",
        });
        for beside in &self.beside {
            field(&beside.object_key);
            field(&beside.listed.changed_us.to_string());
        }
        field(self.mark.as_deref().unwrap_or_default());
        hex::encode(&digest.finalize()[..16])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task() -> Task {
        let listed = Listed { size_bytes: 10, changed_us: 1, e_tag: Some("a".into()), version: None };
        Task {
            kind: Kind::Read,
            share: "s3://evidence".into(),
            store: "s3://evidence".into(),
            object_key: "现场 1.mp4".into(),
            listed: Some(listed),
            reason: Reason::New,
            beside: Vec::new(),
            mark: None,
        }
    }

    #[test]
    fn the_same_work_on_the_same_version_has_one_name() {
        let id = task().id();
        assert_eq!(id.len(), 32);
        assert_eq!(Task { reason: Reason::Changed, share: "another".into(), ..task() }.id(), id);
        let with = |change: fn(&mut Task)| {
            let mut task = task();
            change(&mut task);
            task.id()
        };
        let others = [
            with(|task| task.kind = Kind::Look),
            with(|task| task.object_key = "b".into()),
            with(|task| task.store.push('x')),
            with(|task| task.reason = Reason::Retry),
            with(|task| task.listed = None),
            with(|task| task.listed.as_mut().unwrap().changed_us = 2),
            with(|task| task.listed.as_mut().unwrap().e_tag = None),
            with(|task| task.mark = Some("0055AED6DCD90281E5".into())),
        ];
        assert!(others.iter().all(|other| *other != id));
        let different: std::collections::BTreeSet<_> = others.iter().collect();
        assert_eq!(different.len(), others.len());
    }

    #[test]
    fn what_is_small_is_read_in_a_moment_and_what_nobody_knows_the_size_of_is_not() {
        let of_size = |size_bytes| {
            let listed = task().listed.map(|listed| Listed { size_bytes, ..listed });
            Task { listed, ..task() }
        };
        assert!(of_size(0).takes_a_moment() && of_size(8 << 20).takes_a_moment());
        assert!(!of_size((8 << 20) + 1).takes_a_moment());
        assert!(!Task { kind: Kind::Look, ..of_size(0) }.takes_a_moment());
        assert!(!Task { listed: None, ..task() }.takes_a_moment());
    }

    #[test]
    fn a_task_survives_being_written_down() {
        let json = serde_json::to_string(&task()).unwrap();
        assert_eq!(serde_json::from_str::<Task>(&json).unwrap(), task());
    }
}
