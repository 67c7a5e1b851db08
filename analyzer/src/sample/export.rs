//! A round in one file that needs nothing else to be checked.

use serde::{Deserialize, Serialize};

use super::draw::Draw;
use super::frame::Frame;
use super::freeze::Frozen;
use super::plan::Plan;

/// Name and version of the format.
pub const EXPORT_FORMAT: &str = "reelproof-sample/2";

/// A round in one file.
///
/// Unknown fields are refused when it is read: what nobody checks must not travel along under the
/// word "verified". A field that is added one day makes a new version of the format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Export {
    /// [`EXPORT_FORMAT`].
    pub format: String,
    /// Digest of the frame, as it was published.
    pub frame_sha256: String,
    /// The frame.
    pub frame: Frame,
    /// The quotas in figures.
    pub plan: Plan,
    /// The draw.
    pub draw: Draw,
}

/// Puts a frozen round and its draw into one file.
pub fn export(frozen: &Frozen, draw: &Draw) -> Export {
    Export {
        format: EXPORT_FORMAT.to_owned(),
        frame_sha256: frozen.frame_sha256.clone(),
        frame: frozen.frame.clone(),
        plan: frozen.plan.clone(),
        draw: draw.clone(),
    }
}
