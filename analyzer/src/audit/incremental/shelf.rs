//! The recordings and devices of a month, found by key, officer, device and digest.
//!
//! Recordings have numbers that rise in the order of the month's list, so that a small month lists them
//! as the large one does. The indexes keep the hash of a text beside a number, 16 bytes a recording and
//! index; what they find is compared with the text itself, which also lets a recording be taken away without
//! looking for it in them. What is added stands beside the sorted part until it is a quarter of it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

use catalog::device::Device;
use catalog::snapshot::Recording;
use catalog::{Interval, Micros, WallTime};
use rayon::prelude::*;

use super::Changes;
use crate::audit::take::{LaneOf, Standing, Take};
use crate::clocks::Clocks;
use crate::policy::Policy;

/// The number of a recording on the shelf, until the shelf is changed.
pub(super) type RecordingNo = u32;

#[derive(Debug)]
pub(super) struct Shelf {
    slots: Vec<Option<Recording>>,
    keys: Finder,
    badges: Finder,
    serials: Finder,
    digests: Finder,
    devices: BTreeMap<String, Device>,
    /// Serial numbers by holder.
    held: HashMap<String, Vec<String>>,
}

impl Shelf {
    pub(super) fn new(recordings: Vec<Recording>, devices: Vec<Device>) -> Self {
        let slots: Vec<_> = recordings.into_iter().map(Some).collect();
        let devices = devices.into_iter().map(|device| (device.serial.clone(), device)).collect();
        let held = by_holder(&devices);
        let finder = |text: fn(&Recording) -> Option<&str>| Finder::new(&slots, text);
        Self {
            keys: finder(|recording| Some(&recording.object_key)),
            badges: finder(|recording| recording.badge.as_deref()),
            serials: finder(|recording| recording.device.as_deref()),
            digests: finder(|recording| Some(&recording.sha256)),
            slots,
            devices,
            held,
        }
    }

    /// What all recordings tell of the clocks.
    pub(super) fn clocks(&self, policy: &Policy) -> Clocks {
        Clocks::new(self.slots.iter().flatten(), self.devices.values(), &policy.clock)
    }

    /// A recording that is there.
    ///
    /// # Panics
    /// If the number is from before the last change.
    pub(super) fn get(&self, recording: RecordingNo) -> &Recording {
        self.slots[recording as usize].as_ref().expect("numbers are not kept over a change")
    }

    /// All recordings, in the order of the month's list.
    pub(super) fn recordings(&self) -> impl Iterator<Item = &Recording> {
        self.slots.iter().flatten()
    }

    /// All devices, by serial number.
    pub(super) fn devices(&self) -> impl Iterator<Item = &Device> {
        self.devices.values()
    }

    pub(super) fn of_key<'s>(&'s self, key: &'s str) -> impl Iterator<Item = RecordingNo> + 's {
        self.found(&self.keys, key, move |recording| recording.object_key == key)
    }

    pub(super) fn of_device<'s>(&'s self, serial: &'s str) -> impl Iterator<Item = RecordingNo> + 's {
        self.found(&self.serials, serial, move |recording| recording.device.as_deref() == Some(serial))
    }

    /// Those whose key names the officer or a device that the officer holds; some of them twice.
    pub(super) fn of_officer<'s>(&'s self, badge: &'s str) -> impl Iterator<Item = RecordingNo> + 's {
        let by_key =
            self.found(&self.badges, badge, move |recording| recording.badge.as_deref() == Some(badge));
        let devices = self.held.get(badge).into_iter().flatten();
        by_key.chain(devices.flat_map(|serial| self.of_device(serial)))
    }

    /// All others of the bytes of this one, whatever became of them.
    pub(super) fn same_bytes(&self, recording: RecordingNo) -> impl Iterator<Item = RecordingNo> {
        self.of_digest(&self.get(recording).sha256).filter(move |&other| other != recording)
    }

    /// All of these bytes.
    pub(super) fn of_digest<'s>(&'s self, sha256: &'s str) -> impl Iterator<Item = RecordingNo> + 's {
        self.found(&self.digests, sha256, move |recording| recording.sha256 == sha256)
    }

    /// Whether these bytes are stored and can be read.
    pub(super) fn is_readable(&self, sha256: &str) -> bool {
        self.of_digest(sha256).any(|recording| {
            let recording = self.get(recording);
            !recording.gone && recording.quarantine_reason().is_none()
        })
    }

    fn found<'s>(
        &'s self,
        finder: &'s Finder,
        text: &'s str,
        is_it: impl Fn(&Recording) -> bool + 's,
    ) -> impl Iterator<Item = RecordingNo> + 's {
        finder.find(text).filter(move |&number| self.slots[number as usize].as_ref().is_some_and(&is_it))
    }

    /// The officers whose recording it is.
    pub(super) fn officers(&self, recording: RecordingNo) -> BTreeSet<&str> {
        let recording = self.get(recording);
        let holder = self.device(recording).and_then(|device| device.holder.as_deref());
        recording.badge.as_deref().into_iter().chain(holder).collect()
    }

    pub(super) fn is_unreadable(&self, recording: RecordingNo) -> bool {
        let recording = self.get(recording);
        !recording.gone && recording.quarantine_reason().is_some()
    }

    /// When a stage has to be for the recording to be able to belong to it by its officer; `None`: never.
    pub(super) fn window(&self, recording: RecordingNo, policy: &Policy) -> Option<Interval<WallTime>> {
        let recording = self.get(recording);
        let take = Take::of(recording, self.device(recording), &LaneOf::new(), &policy.clock);
        if take.standing == Standing::Unreadable {
            let began = recording.started_at?;
            let reach_us = policy.tolerances.unreadable_reach.us();
            return Some(Interval::new(began, began + reach_us + Micros(1)));
        }
        take.reach
    }

    fn device(&self, recording: &Recording) -> Option<&Device> {
        self.device_of(recording.device.as_deref()?)
    }

    pub(super) fn device_of(&self, serial: &str) -> Option<&Device> {
        self.devices.get(serial)
    }

    pub(super) fn devices_by_serial(&self) -> &BTreeMap<String, Device> {
        &self.devices
    }

    /// The devices of some recordings, by serial number.
    pub(super) fn devices_of(&self, recordings: &BTreeSet<RecordingNo>) -> Vec<Device> {
        let serials: BTreeSet<&str> =
            recordings.iter().filter_map(|&recording| self.get(recording).device.as_deref()).collect();
        serials.into_iter().filter_map(|serial| self.devices.get(serial).cloned()).collect()
    }

    pub(super) fn apply(&mut self, changes: &Changes) {
        for (serial, device) in &changes.devices {
            match device {
                Some(device) => self.devices.insert(serial.clone(), device.clone()),
                None => self.devices.remove(serial),
            };
        }
        if !changes.devices.is_empty() {
            self.held = by_holder(&self.devices);
        }
        for (key, recordings) in &changes.recordings {
            let before: Vec<RecordingNo> = self.of_key(key).collect();
            for number in before {
                self.slots[number as usize] = None;
            }
            for recording in recordings {
                self.add(recording.clone());
            }
        }
        if self.keys.is_untidy() {
            let recordings = std::mem::take(&mut self.slots).into_iter().flatten().collect();
            *self = Self::new(recordings, std::mem::take(&mut self.devices).into_values().collect());
        }
    }

    fn add(&mut self, recording: Recording) {
        let number = number(self.slots.len());
        self.keys.add(&recording.object_key, number);
        self.digests.add(&recording.sha256, number);
        if let Some(badge) = &recording.badge {
            self.badges.add(badge, number);
        }
        if let Some(serial) = &recording.device {
            self.serials.add(serial, number);
        }
        self.slots.push(Some(recording));
    }
}

fn by_holder(devices: &BTreeMap<String, Device>) -> HashMap<String, Vec<String>> {
    let mut held: HashMap<String, Vec<String>> = HashMap::new();
    for device in devices.values() {
        if let Some(holder) = &device.holder {
            held.entry(holder.clone()).or_default().push(device.serial.clone());
        }
    }
    held
}

fn number(slot: usize) -> RecordingNo {
    u32::try_from(slot).expect("a month has fewer than 2^32 recordings")
}

/// Numbers by a text that recordings have.
#[derive(Debug, Default)]
struct Finder {
    sorted: Vec<(u64, RecordingNo)>,
    added: HashMap<u64, Vec<RecordingNo>>,
    many_added: usize,
}

impl Finder {
    fn new(slots: &[Option<Recording>], text: fn(&Recording) -> Option<&str>) -> Self {
        let entry = |(slot, recording): (usize, &Option<Recording>)| {
            Some((hash(text(recording.as_ref()?)?), number(slot)))
        };
        let mut sorted: Vec<_> = slots.par_iter().enumerate().filter_map(entry).collect();
        sorted.par_sort_unstable();
        Self { sorted, ..Self::default() }
    }

    fn find(&self, text: &str) -> impl Iterator<Item = RecordingNo> {
        let hash = hash(text);
        let first = self.sorted.partition_point(|entry| entry.0 < hash);
        let sorted = self.sorted[first..].iter().take_while(move |entry| entry.0 == hash);
        sorted.map(|entry| entry.1).chain(self.added.get(&hash).into_iter().flatten().copied())
    }

    fn add(&mut self, text: &str, number: RecordingNo) {
        self.added.entry(hash(text)).or_default().push(number);
        self.many_added += 1;
    }

    fn is_untidy(&self) -> bool {
        self.many_added > self.sorted.len() / 4 + 4096
    }
}

/// The same on every run; what collides is told apart by the text.
fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}
