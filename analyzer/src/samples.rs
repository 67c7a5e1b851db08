//! Values that tests of several modules begin with.

use catalog::device::{Device, DeviceKind};
use catalog::held::{HeldObject, ObjectId, StoreId};
use catalog::{Interval, Micros, WallTime};

pub(crate) const DAY: Micros = Micros::from_s(86_400);

pub(crate) fn at(text: &str) -> WallTime {
    WallTime::parse(text).unwrap()
}

/// A minute of footage of 100 bytes, `{number}.mp4`, read a month after May 2024.
pub(crate) fn object(number: i64, badge: Option<&str>, started_at: Option<&str>) -> HeldObject {
    HeldObject {
        id: ObjectId::new(number),
        store: StoreId::new(1),
        object_key: format!("{number}.mp4"),
        size_bytes: 100,
        device: None,
        badge: badge.map(Into::into),
        ran: started_at.map(|start| Interval::new(at(start), at(start) + Micros::from_s(60))),
        read_at: at("2024-06-01 00:00"),
        moved: false,
    }
}

/// The camera `BC9` of the squad `S1`, held by `B2`.
pub(crate) fn device() -> Device {
    Device {
        serial: "BC9".into(),
        kind: DeviceKind::Bodycam,
        unit: "S1".into(),
        holder: Some("B2".into()),
        synced_at: None,
        clock_error_us: None,
    }
}
