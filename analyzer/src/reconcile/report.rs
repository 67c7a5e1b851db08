//! What a reconciliation says, as values that serialise to the JSON that scripts rely on.

use catalog::case::StageId;
use catalog::device::DeviceKind;
use catalog::snapshot::Recording;
use catalog::{Micros, Month, WallTime};
use serde::Serialize;

use super::joins::Joins;
use super::matching::MatchedBy;
use crate::audit::UnconfirmedFigure;

/// A file that a device says it recorded and that is not stored, or no longer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotStored {
    /// Serial number of the device.
    pub device: String,
    /// What it is; `None` if the device is not known.
    pub device_kind: Option<DeviceKind>,
    /// Name of the file on the device.
    pub file: String,
    /// When it began, by the device's clock.
    pub starts_at: WallTime,
    /// When it ended, by the device's clock.
    pub ends_at: WallTime,
    /// How long it runs.
    pub length_us: Micros,
    /// Size in bytes.
    pub size_bytes: u64,
    /// Badge of the officer, by the manifest, else the holder's; `None` where nobody is named.
    pub badge: Option<String>,
    /// The officer's name; `None` if not known.
    pub officer: Option<String>,
    /// Code of the device's unit; `None` if the device is not known.
    pub unit: Option<String>,
    /// Its name; `None` if not known.
    pub unit_name: Option<String>,
    /// Until when the device surely holds it.
    pub held_until: WallTime,
    /// How long that is from `as_of`; `None` once it is over.
    pub left_us: Option<Micros>,
    /// Key of the object that was stored and is gone; `None` if it never was.
    pub gone_key: Option<String>,
    /// The officer's stages that it ran during.
    pub stages: Vec<StageId>,
}

/// A stored object that is not what the device says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Differing {
    /// Key of the object.
    pub object_key: String,
    /// Serial number of the device.
    pub device: String,
    /// Name of the file on the device.
    pub file: String,
    /// What tied the two.
    pub matched_by: MatchedBy,
    /// Size that the device says, in bytes.
    pub manifest_size_bytes: u64,
    /// Size that is stored, in bytes.
    pub size_bytes: u64,
    /// By how much the stored one begins later (earlier: negative); `None` if it does not differ.
    pub start_off_us: Option<Micros>,
    /// By how much the stored one is longer (shorter: negative); `None` if it does not differ, or nobody
    /// knows how long the stored one is.
    pub length_off_us: Option<Micros>,
    /// For how long the device surely still holds the file; `None` once it is over.
    pub left_us: Option<Micros>,
}

/// A stored object that its device does not list, although it lists others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotInManifest {
    /// Key of the object.
    pub object_key: String,
    /// Serial number of the device.
    pub device: String,
    /// When it began.
    pub started_at: Option<WallTime>,
    /// Size in bytes.
    pub size_bytes: u64,
}

/// A device with stored objects and no manifest of the month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SilentDevice {
    /// Serial number.
    pub device: String,
    /// What it is.
    pub device_kind: DeviceKind,
    /// Badge of its holder; `None` where it is shared.
    pub holder: Option<String>,
    /// Code of its unit.
    pub unit: String,
    /// Name of its unit; `None` if not known.
    pub unit_name: Option<String>,
    /// How many objects of it are stored.
    pub objects: u64,
}

/// An object that was stored and is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gone {
    /// Its key.
    pub object_key: String,
    /// Serial number of its device; `None` if unknown.
    pub device: Option<String>,
    /// When it began; `None` if nothing tells.
    pub started_at: Option<WallTime>,
    /// SHA-256 of its last version.
    pub sha256: String,
}

impl From<&Recording> for Gone {
    fn from(recording: &Recording) -> Self {
        Self {
            object_key: recording.object_key.clone(),
            device: recording.device.clone(),
            started_at: recording.started_at,
            sha256: recording.sha256.clone(),
        }
    }
}

/// An object whose bytes changed after they were first read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Altered {
    /// Its key.
    pub object_key: String,
    /// Number of the present version; the first is 1.
    pub version: u32,
    /// SHA-256 when first read.
    pub first_sha256: String,
    /// SHA-256 now.
    pub sha256: String,
}

impl Altered {
    pub(super) fn of(recording: &Recording) -> Option<Self> {
        let first_sha256 = recording.first_sha256.as_ref().filter(|first| **first != recording.sha256)?;
        (!recording.gone).then(|| Self {
            object_key: recording.object_key.clone(),
            version: recording.version,
            first_sha256: first_sha256.clone(),
            sha256: recording.sha256.clone(),
        })
    }
}

/// Whom to call to have a device read out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Call {
    /// Serial number of the device.
    pub device: String,
    /// What it is; `None` if the device is not known.
    pub device_kind: Option<DeviceKind>,
    /// Badge of the officer; `None` where nobody is named.
    pub badge: Option<String>,
    /// The officer's name; `None` if not known.
    pub officer: Option<String>,
    /// Code of the device's unit; `None` if the device is not known.
    pub unit: Option<String>,
    /// Its name; `None` if not known.
    pub unit_name: Option<String>,
    /// How many files are to be uploaded.
    pub files: u64,
    /// How long they run together.
    pub length_us: Micros,
    /// Their size in bytes.
    pub size_bytes: u64,
    /// Until when the device surely holds the first of them.
    pub first_held_until: WallTime,
    /// How long that is from `as_of`.
    pub left_us: Micros,
}

/// How much there is of everything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Files that devices say they recorded in the month.
    pub manifest_entries: u64,
    /// Of these, those that are not stored and that the device surely still holds.
    pub not_uploaded: u64,
    /// How long they run.
    pub not_uploaded_us: Micros,
    /// Those that are not stored and that the device may have overwritten.
    pub lost: u64,
    /// How long they run.
    pub lost_us: Micros,
    /// Those that are stored and differ.
    pub differing: u64,
    /// Objects of the month that are stored, with those of unknown start.
    pub objects: u64,
    /// Of these, those that their device does not list, although it lists others.
    pub not_in_manifest: u64,
    /// Objects that were stored and are gone.
    pub gone: u64,
    /// Objects that were altered.
    pub altered: u64,
    /// Rows of imports that matched nothing.
    pub joins: u64,
}

/// What devices say of a month against what is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reconciliation {
    /// The month.
    pub month: Month,
    /// Name of the policy.
    pub policy: String,
    /// The moment as of which it was looked at.
    pub as_of: WallTime,
    /// The sums.
    pub totals: Totals,
    /// Whom to call, the most urgent first.
    pub calls: Vec<Call>,
    /// What is not stored and still on a device, the most urgent first.
    pub not_uploaded: Vec<NotStored>,
    /// What is not stored and may be overwritten, by device and start.
    pub lost: Vec<NotStored>,
    /// What is stored and differs, by device and file.
    pub differing: Vec<Differing>,
    /// What is stored and not listed by its device, by key.
    pub not_in_manifest: Vec<NotInManifest>,
    /// Devices without a manifest, by serial number.
    pub silent_devices: Vec<SilentDevice>,
    /// What was stored and is gone, by key.
    pub gone: Vec<Gone>,
    /// What was altered, by key.
    pub altered: Vec<Altered>,
    /// Rows of imports that matched nothing, and why.
    pub joins: Joins,
    /// The figures of the policy, used here, that are 待核 (to be confirmed).
    pub to_be_confirmed: Vec<UnconfirmedFigure>,
}
