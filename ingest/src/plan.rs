//! What a run would do: a listing compared with the catalog. A plan is a value; it can be shown and
//! tested, and nothing has happened yet.

use std::collections::BTreeMap;

use catalog::store::ObjectEntry;
use object_store::ObjectMeta;
pub use work::Reason;

use crate::sidecar::{self, Sidecars};

/// One object that has to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// What the store says of it.
    pub meta: ObjectMeta,
    /// Why.
    pub reason: Reason,
}

/// What a run would do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Objects to read, by key.
    pub read: Vec<Planned>,
    /// Objects that need not be read.
    pub unchanged: u64,
    /// Of these, those that are quarantined.
    pub still_quarantined: u64,
    /// The objects that need not be read, as the store lists them.
    pub kept: Vec<ObjectMeta>,
    /// Keys that the catalog knows and the listing does not have.
    pub gone: Vec<String>,
}

impl Plan {
    /// Takes what is named like a sidecar out of what is to be read: it is read before all else.
    pub fn take_sidecars(&mut self) -> Vec<Planned> {
        let named = |planned: &Planned| sidecar::is_named_like_one(planned.meta.location.as_ref());
        let (sidecars, read) = std::mem::take(&mut self.read).into_iter().partition(named);
        self.read = read;
        sidecars
    }

    /// Adds objects that need not be read, but that sidecars have news of.
    pub fn add_late(&mut self, sidecars: &Sidecars, known: &[ObjectEntry]) {
        let kept: BTreeMap<&str, &ObjectMeta> =
            self.kept.iter().map(|meta| (meta.location.as_ref(), meta)).collect();
        let unchanged = known.iter().filter(|entry| kept.contains_key(entry.object_key.as_str()));
        let late: Vec<Planned> = sidecar::late(sidecars, unchanged)
            .into_iter()
            .filter_map(|entry| kept.get(entry.object_key.as_str()))
            .map(|&meta| Planned { meta: meta.clone(), reason: Reason::Sidecar })
            .collect();
        self.unchanged -= late.len() as u64;
        self.read.extend(late);
    }

    /// Bytes to read.
    pub fn size_bytes(&self) -> u64 {
        self.read.iter().map(|planned| planned.meta.size).sum()
    }
}

/// What a store said of an object, as one text: if it says the same again, the bytes are taken for the
/// same. (An ETag alone does not do: it is no digest, and not every store has one.)
pub fn signature(meta: &ObjectMeta) -> String {
    let part = |part: &Option<String>| part.clone().unwrap_or_default();
    let changed_us = meta.last_modified.timestamp_micros();
    format!("{};{changed_us};{};{}", meta.size, part(&meta.e_tag), part(&meta.version))
}

/// Compares a listing with what the catalog knows of the same part of the same store.
///
/// Only a complete listing tells what is gone: where a part could not be listed, `complete` is false
/// and nothing is.
pub fn plan(listed: Vec<ObjectMeta>, known: &[ObjectEntry], complete: bool, retry_quarantined: bool) -> Plan {
    let mut unseen: BTreeMap<&str, &ObjectEntry> =
        known.iter().map(|entry| (entry.object_key.as_str(), entry)).collect();
    let mut plan = Plan::default();
    for meta in listed {
        let reason = match unseen.remove(meta.location.as_ref()) {
            None => Reason::New,
            Some(entry) if entry.gone => Reason::Returned,
            Some(entry) if entry.signature != signature(&meta) => Reason::Changed,
            Some(entry) if entry.quarantined && retry_quarantined => Reason::Retry,
            Some(entry) => {
                plan.unchanged += 1;
                plan.still_quarantined += u64::from(entry.quarantined);
                plan.kept.push(meta);
                continue;
            }
        };
        plan.read.push(Planned { meta, reason });
    }
    plan.read.sort_by(|a, b| a.meta.location.cmp(&b.meta.location));
    if complete {
        plan.gone =
            unseen.into_values().filter(|entry| !entry.gone).map(|entry| entry.object_key.clone()).collect();
    }
    plan
}

#[cfg(test)]
mod tests {
    use catalog::track::{ClockKind, SidecarClock, TrackClock};
    use catalog::{Micros, WallTime};
    use chrono::DateTime;

    use super::*;

    fn meta(key: &str, changed_s: i64) -> ObjectMeta {
        ObjectMeta {
            location: key.into(),
            last_modified: DateTime::from_timestamp(changed_s, 0).unwrap(),
            size: 10,
            e_tag: None,
            version: None,
        }
    }

    fn known(key: &str, changed_s: i64) -> ObjectEntry {
        ObjectEntry {
            object_key: key.into(),
            signature: signature(&meta(key, changed_s)),
            gone: false,
            quarantined: false,
            sidecar_claim: false,
            duration_us: None,
        }
    }

    fn reasons(plan: &Plan) -> Vec<(&str, Reason)> {
        plan.read.iter().map(|planned| (planned.meta.location.as_ref(), planned.reason)).collect()
    }

    #[test]
    fn each_object_is_new_changed_returned_unchanged_or_gone() {
        let gone = ObjectEntry { gone: true, ..known("returned", 1) };
        let entries = [known("changed", 1), known("lost", 1), gone, known("same", 1)];
        let listed = vec![meta("same", 1), meta("returned", 1), meta("new", 1), meta("changed", 2)];
        let plan = plan(listed, &entries, true, false);
        let expected = [("changed", Reason::Changed), ("new", Reason::New), ("returned", Reason::Returned)];
        assert_eq!(reasons(&plan), expected);
        assert_eq!((plan.unchanged, plan.size_bytes()), (1, 30));
        assert_eq!(plan.gone, ["lost"]);
    }

    #[test]
    fn an_incomplete_listing_makes_nothing_gone() {
        assert!(plan(vec![], &[known("a", 1)], false, false).gone.is_empty());
    }

    #[test]
    fn what_was_gone_before_is_not_gone_again() {
        let entry = ObjectEntry { gone: true, ..known("a", 1) };
        assert!(plan(vec![], &[entry], true, false).gone.is_empty());
    }

    #[test]
    fn sidecars_are_read_first_and_what_they_tell_late_is_read_again() {
        let entries = [ObjectEntry { duration_us: Some(Micros::from_s(60)), ..known("a.mp4", 1) }];
        let mut plan =
            plan(vec![meta("a.mp4", 1), meta("a.SRT", 1), meta("b.mp4", 1)], &entries, true, false);
        let first = plan.take_sidecars();
        assert_eq!((first.len(), first[0].meta.location.as_ref()), (1, "a.SRT"));
        assert_eq!((reasons(&plan), plan.unchanged), (vec![("b.mp4", Reason::New)], 1));
        let clock = TrackClock {
            kind: ClockKind::Local,
            zero_at: WallTime(1_700_000_000_000_000),
            error_us: Micros::from_ms(2),
            samples: 9,
        };
        let sidecar =
            SidecarClock { object_key: "a.SRT".into(), clock: Some(clock), first_at: None, last_at: None };
        plan.add_late(&Sidecars::new([sidecar]), &entries);
        assert_eq!(reasons(&plan), [("b.mp4", Reason::New), ("a.mp4", Reason::Sidecar)]);
        assert_eq!(plan.unchanged, 0);
    }

    #[test]
    fn quarantined_objects_are_read_again_only_when_asked() {
        let entries = [ObjectEntry { quarantined: true, ..known("a", 1) }];
        let waiting = plan(vec![meta("a", 1)], &entries, true, false);
        assert_eq!((waiting.unchanged, waiting.still_quarantined), (1, 1));
        assert_eq!(reasons(&plan(vec![meta("a", 1)], &entries, true, true)), [("a", Reason::Retry)]);
    }
}
