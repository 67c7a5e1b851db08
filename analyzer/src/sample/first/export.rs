//! A round of the first format in one file.

use serde::{Deserialize, Serialize};

use super::draw::Draw;
use super::frame::Frame;
use super::plan::Plan;

/// Name and version of the format.
pub(in super::super) const EXPORT_FORMAT: &str = "reelproof-sample/1";

/// A round in one file.
///
/// Unknown fields are refused when it is read: what nobody checks must not travel along under the
/// word "verified". A field that is added one day makes a new version of the format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Export {
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
