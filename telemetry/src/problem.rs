//! What was wrong with telemetry, and where.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where in the input a problem was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// Line of a text, from 1.
    Line(u64),
    /// Bytes from the start of all packets taken together, or of the file.
    Byte(u64),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "line {line}"),
            Self::Byte(byte) => write!(f, "byte {byte}"),
        }
    }
}

/// What was wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// Not a byte, or nothing but white space.
    #[error("there is nothing in it")]
    Empty,
    /// The input is another format, or none.
    #[error("this is no {expected}")]
    NotThis {
        /// What it should be.
        expected: String,
    },
    /// The input ends before what it announces.
    #[error("{what} announces {announced_bytes} bytes, {present_bytes} are there")]
    Truncated {
        /// The piece that ends early.
        what: String,
        /// What it says.
        announced_bytes: u64,
        /// What there is.
        present_bytes: u64,
    },
    /// A checksum does not fit its bytes; the piece was left out.
    #[error("checksum of {what} is {stored:04X}, its bytes give {computed:04X}: left out")]
    Checksum {
        /// The piece.
        what: String,
        /// What it says.
        stored: u16,
        /// What its bytes give.
        computed: u16,
    },
    /// A piece that must carry a checksum has none; it was left out.
    #[error("{what} carries no checksum: left out")]
    NoChecksum {
        /// The piece.
        what: String,
    },
    /// A value cannot be read.
    #[error("{what} cannot be read: `{found}`")]
    Unreadable {
        /// The value.
        what: String,
        /// What stands there, shortened.
        found: String,
    },
    /// Something that its neighbours have is not there.
    #[error("{what} is missing, which the rest of the file has")]
    Missing {
        /// What is missing.
        what: String,
    },
    /// A coordinate lies outside its range.
    #[error("no such place: longitude {lon_deg}, latitude {lat_deg}")]
    OutOfRange {
        /// As read.
        lon_deg: String,
        /// As read.
        lat_deg: String,
    },
    /// Nothing tells which coordinate is the latitude; positions were left out.
    #[error("nothing tells which coordinate is the latitude: positions left out")]
    OrderUnknown,
    /// Bytes between two pieces belong to none.
    #[error("{bytes} bytes belong to nothing")]
    Skipped {
        /// How many.
        bytes: u64,
    },
    /// A bound of the parser was reached.
    #[error("more than {limit} {what}: {consequence}")]
    Limit {
        /// What there are too many of.
        what: String,
        /// How many there may be.
        limit: u64,
        /// What was done about it.
        consequence: String,
    },
}

/// One thing that was wrong with telemetry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TelemetryProblem {
    /// Where.
    pub place: Place,
    /// What.
    pub fault: Fault,
}

impl fmt::Display for TelemetryProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.fault)
    }
}

/// A piece of hostile text made fit for a message: short, and without control characters.
pub(crate) fn shown(text: &str) -> String {
    const LONGEST: usize = 40;
    let mut shown: String = text
        .chars()
        .take(LONGEST)
        .map(|letter| if letter.is_control() { '\u{fffd}' } else { letter })
        .collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}
