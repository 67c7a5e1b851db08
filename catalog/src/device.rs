//! What records: devices, and what they say they recorded.

use serde::{Deserialize, Serialize};

use crate::code::coded;
use crate::time::{Micros, WallTime};

coded! {
    /// What a device is.
    pub enum DeviceKind("kind of device") {
        /// Body-worn camera.
        Bodycam = "bodycam" / "执法记录仪",
        /// Drone.
        Drone = "drone" / "无人机",
        /// Camera of a vehicle.
        Vehicle = "vehicle" / "车载视频",
        /// Dock of a drone.
        Dock = "dock" / "无人机机场",
    }
}

/// A device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Serial number, unique; what object keys name.
    pub serial: String,
    /// What it is.
    pub kind: DeviceKind,
    /// Code of the unit it belongs to.
    pub unit: String,
    /// Badge of the officer who wears it; `None` where it is shared.
    pub holder: Option<String>,
    /// When its clock was last set or compared; `None` if never known.
    pub synced_at: Option<WallTime>,
    /// How wrong its clock may still have been right after that, either way; `None` if unknown.
    pub clock_error_us: Option<Micros>,
}

/// One recording that a device or dock says it made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestEntry {
    /// Serial number of the device.
    pub device: String,
    /// Badge of the officer; `None` where the device does not say.
    pub badge: Option<String>,
    /// Name of the file on the device.
    pub file: String,
    /// When it began, by the device's clock.
    pub starts_at: WallTime,
    /// When it ended, by the device's clock.
    pub ends_at: WallTime,
    /// Size in bytes.
    pub size_bytes: u64,
}
