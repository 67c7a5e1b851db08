//! What is held: objects as they stand in their stores, and what they may be evidence of. Plain values, so that the risk of
//! leaving an object unread can be worked out without a catalog.

use crate::case::{Case, Link, Stage};
use crate::device::Device;
use crate::interval::Interval;
use crate::time::WallTime;

/// The number of a store within one catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StoreId(pub(crate) i64);

/// The number of an object within one catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId(pub(crate) i64);

impl StoreId {
    /// The store of a number.
    pub const fn new(number: i64) -> Self {
        Self(number)
    }
}

impl ObjectId {
    /// Before every object: where a walk over all of them begins.
    pub const BEFORE_ALL: Self = Self(i64::MIN);

    /// The object of a number.
    pub const fn new(number: i64) -> Self {
        Self(number)
    }

    /// As lists name it: `r` and the number.
    pub fn name(self) -> String {
        format!("r{}", self.0)
    }
}

/// One object that is in its store, as far as its risk asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldObject {
    /// Its number.
    pub id: ObjectId,
    /// Its store.
    pub store: StoreId,
    /// Key within the store.
    pub object_key: String,
    /// Bytes of the present version.
    pub size_bytes: u64,
    /// Serial number of the device, from the key.
    pub device: Option<String>,
    /// Badge of the officer, from the key.
    pub badge: Option<String>,
    /// From its beginning to its end, by its own clock; the beginning alone where its length is not known, `None` where its
    /// beginning is not known, or it is no footage.
    pub ran: Option<Interval<WallTime>>,
    /// When all of its bytes were last read.
    pub read_at: WallTime,
    /// Whether its store says something else of it than when it was last read, or whether its bytes stood under another key
    /// that is gone, and nobody read it again since.
    pub moved: bool,
}

/// What stored objects may be evidence of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ground {
    /// All devices, by serial number.
    pub devices: Vec<Device>,
    /// All cases, by number.
    pub cases: Vec<Case>,
    /// All stages, by case and number.
    pub stages: Vec<Stage>,
    /// All links, in order.
    pub links: Vec<Link>,
    /// Every draw that was ever made, by round.
    pub draws: Vec<Drawing>,
    /// Every item that was taken beside a draw, in the order in which that was done.
    pub taken: Vec<Taken>,
}

/// A draw that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawing {
    /// Its round.
    pub round: String,
    /// When.
    pub at: WallTime,
    /// The JSON document that was kept of it.
    pub document: String,
}

/// An item that was taken beside a draw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Its round.
    pub round: String,
    /// When.
    pub at: WallTime,
    /// The item.
    pub item: String,
}
