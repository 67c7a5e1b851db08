//! What is planned, as tasks that a queue hands out, and back.

use catalog::WallTime;
use chrono::DateTime;
use object_store::ObjectMeta;
use object_store::path::Path as ObjectPath;
use work::{Kind, Listed, ListedObject, Reason, Task};

use crate::plan::Planned;

/// What a store said of an object, to be passed on.
pub(crate) fn listed(meta: &ObjectMeta) -> Listed {
    Listed {
        size_bytes: meta.size,
        changed_us: meta.last_modified.timestamp_micros(),
        e_tag: meta.e_tag.clone(),
        version: meta.version.clone(),
    }
}

/// What a store said of an object, as it was passed on; `None` where it is no key, or no time.
pub(crate) fn meta(object_key: &str, listed: &Listed) -> Option<ObjectMeta> {
    Some(ObjectMeta {
        location: ObjectPath::parse(object_key).ok()?,
        last_modified: DateTime::from_timestamp_micros(listed.changed_us)?,
        size: listed.size_bytes,
        e_tag: listed.e_tag.clone(),
        version: listed.version.clone(),
    })
}

/// An object beside another.
pub(crate) fn beside(meta: &ObjectMeta) -> ListedObject {
    ListedObject { object_key: meta.location.to_string(), listed: listed(meta) }
}

/// The task of reading what is planned.
pub(crate) fn to_read(store: &str, share: String, planned: &Planned) -> Task {
    Task {
        kind: Kind::Read,
        share,
        store: store.to_owned(),
        object_key: planned.meta.location.to_string(),
        listed: Some(listed(&planned.meta)),
        reason: planned.reason,
        beside: Vec::new(),
        mark: None,
    }
}

/// The task of looking at what an object shows.
pub(crate) fn to_look_at(store: &str, share: String, meta: &ObjectMeta) -> Task {
    Task {
        kind: Kind::Look,
        share,
        store: store.to_owned(),
        object_key: meta.location.to_string(),
        listed: Some(listed(meta)),
        reason: Reason::New,
        beside: Vec::new(),
        mark: None,
    }
}

/// Whose work an object is: that of its store, and below it, of the first `folders` folders of its key. With 0, all of a
/// store is one share; with 1, each folder of a bucket that the districts have in common.
pub fn share(store: &str, object_key: &str, folders: usize) -> String {
    let folder = object_key.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut share = store.to_owned();
    for part in folder.split('/').filter(|part| !part.is_empty()).take(folders) {
        share.push('/');
        share.push_str(part);
    }
    share
}

/// When the store says that an object was written; folders say nothing that is believed.
pub(crate) fn written_at(store: &str, meta: &ObjectMeta) -> Option<WallTime> {
    (!store.starts_with("file:")).then(|| meta.last_modified.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::signature;

    #[test]
    fn what_a_store_said_is_passed_on_whole() {
        let meta_before = ObjectMeta {
            location: ObjectPath::parse("2024-05/现场 %1.mp4").unwrap(),
            last_modified: DateTime::from_timestamp(1_714_000_000, 123_456_000).unwrap(),
            size: 7,
            e_tag: Some("\"x\"".to_owned()),
            version: Some("v".to_owned()),
        };
        let passed_on = meta(meta_before.location.as_ref(), &listed(&meta_before)).unwrap();
        assert_eq!(passed_on, meta_before);
        assert_eq!(signature(&passed_on), signature(&meta_before));
        assert_eq!(meta("a//b", &listed(&meta_before)), None);
    }

    #[test]
    fn a_share_is_a_store_or_the_folders_that_districts_have() {
        let of = |key, folders| share("s3://evidence", key, folders);
        assert_eq!(of("jingan/2024-05/a.mp4", 0), "s3://evidence");
        assert_eq!(of("jingan/2024-05/a.mp4", 1), "s3://evidence/jingan");
        assert_eq!(of("jingan/2024-05/a.mp4", 9), "s3://evidence/jingan/2024-05");
        assert_eq!(of("a.mp4", 1), "s3://evidence");
    }
}
