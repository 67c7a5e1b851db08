//! What is made *from* a recording so that people can look at it: previews that browsers play, stills.
//!
//! A derivative is never evidence. It is made from one version of an object's bytes, says so inside ([`Label`]), can be
//! thrown away at any time and made again, and changes nothing of what it was made from.

use serde::{Deserialize, Serialize};

use crate::observation::Problem;
use crate::time::MediaTime;

/// What is to be made of an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "make", rename_all = "snake_case")]
pub enum DeriveRequest {
    /// An MP4 file with H.264 and AAC, at most 720 lines high unless the picture can be taken over as it is.
    Preview {
        /// Time in the original at which the preview's own time is 0: nothing shown comes before it.
        origin_us: MediaTime,
        /// What stands in the file about itself.
        label: Label,
    },
    /// Key frames in one JPEG picture, row by row.
    Stills {
        /// For each tile: the last key frame that begins no later than this is shown. In order.
        at_us: Vec<MediaTime>,
        /// How the tiles are laid.
        grid: Grid,
        /// What stands in the picture about itself.
        label: Label,
    },
}

/// How stills are laid in one picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grid {
    /// Tiles in a row.
    pub columns: u32,
    /// The widest a tile may be, in pixels.
    pub width: u32,
    /// The highest a tile may be, in pixels.
    pub height: u32,
}

/// What a derivative says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Label(String);

impl Label {
    /// Of a derivative of the bytes with this digest.
    pub fn of(sha256: &str) -> Self {
        Self(format!("derivative of sha256:{sha256}, not evidence"))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a stream was taken over as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Treatment {
    /// Bit by bit.
    Copied,
    /// Decoded and encoded anew: it looks or sounds a little different.
    Encoded,
}

/// One still within a picture of several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tile {
    /// When the key frame is shown that it is, in the original's time.
    pub at_us: MediaTime,
    /// Its left edge, in pixels.
    pub x: u32,
    /// Its upper edge, in pixels.
    pub y: u32,
    /// Its width, in pixels.
    pub width: u32,
    /// Its height, in pixels.
    pub height: u32,
}

/// What was made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Derived {
    /// What became of the picture; `None` where there is none in it, and of stills.
    pub video: Option<Treatment>,
    /// What became of the sound; `None` where there is none in it, and of stills.
    pub audio: Option<Treatment>,
    /// The tiles of stills, in order; fewer than asked for where key frames are rarer.
    pub tiles: Vec<Tile>,
    /// Why nothing could be made of the object, if so: then what was written is to be thrown away.
    pub problem: Option<Problem>,
    /// Why the source could not be read to the end, if so: a failure of ours, and nothing else here counts.
    pub read_error: Option<String>,
}
