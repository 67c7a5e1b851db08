//! Lists in an order that people ask for, a page at a time.
//!
//! A page goes on after an entry, and says of it what it is sorted by and its number. What has nothing in the column stands
//! last, either way; entries that are equal in it stand by what tells them apart, the other way round where the list is.

use crate::time::{Micros, WallTime};

use serde::{Deserialize, Serialize};

/// What an entry is sorted by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum SortKey {
    /// A number, or a moment.
    Number(i64),
    /// A text, by its bytes.
    Text(String),
    /// There is nothing; it stands last.
    Nothing,
}

impl From<&str> for SortKey {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<WallTime> for SortKey {
    fn from(time: WallTime) -> Self {
        Self::Number(time.0)
    }
}

impl From<Micros> for SortKey {
    fn from(length: Micros) -> Self {
        Self::Number(length.0)
    }
}

impl From<u64> for SortKey {
    fn from(number: u64) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<bool> for SortKey {
    fn from(yes: bool) -> Self {
        Self::Number(i64::from(yes))
    }
}

impl<T: Into<SortKey>> From<Option<T>> for SortKey {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Nothing, Into::into)
    }
}

/// An order, and where in it the page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order<S> {
    /// The column.
    pub sort: S,
    /// Whether it is the other way round.
    pub backwards: bool,
    /// What the last entry of the page before has in the column, and its number.
    pub after: Option<(SortKey, i64)>,
}

/// What recordings can be sorted by, besides their keys. Each has an index, but the last two: those are for what is
/// quarantined, and gather it all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordingSort {
    /// When it began.
    StartedAt,
    /// How long it is.
    Duration,
    /// How many bytes it has.
    Size,
    /// The device that its key names, then its key.
    Device,
    /// The officer that its key names, then its key.
    Badge,
    /// The unit of its device, then the device, then its key.
    Unit,
    /// When it was last read.
    ObservedAt,
    /// The code of its first problem.
    Reason,
}

/// What the access trail can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrailSort {
    /// When it was; lines are numbered as they are added.
    At,
    /// Who did it, then when.
    Login,
    /// What was done, then when.
    Act,
}

/// A column that lists are sorted by.
pub trait Column: Copy {
    /// Whether there are texts in it; else there are numbers.
    fn is_text(self) -> bool;
}

impl Column for RecordingSort {
    fn is_text(self) -> bool {
        matches!(self, Self::Device | Self::Badge | Self::Unit | Self::Reason)
    }
}

impl Column for TrailSort {
    fn is_text(self) -> bool {
        matches!(self, Self::Login | Self::Act)
    }
}
