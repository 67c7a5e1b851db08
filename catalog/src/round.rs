//! A sampling round as it is stored: frozen first, drawn later, never rewritten.

use serde::{Deserialize, Serialize};

use crate::time::{Month, WallTime};

/// A frozen round. The documents are kept as the texts that were published, so that what was
/// frozen stays what it was, whatever later versions of the program write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    /// Name, unique: `2024-06/jingan-2024`.
    pub id: String,
    /// Month in which the checks take place.
    pub month: Month,
    /// Name of the policy.
    pub policy: String,
    /// When the frame was frozen.
    pub frozen_at: WallTime,
    /// The frozen plan with its frame, as a JSON document.
    pub frozen_json: String,
    /// SHA-256 of the frame's canonical form, lower-case hexadecimal.
    pub frame_sha256: String,
    /// The draw, once there was one.
    pub draw: Option<RoundDraw>,
}

/// What a seed made of a frozen round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoundDraw {
    /// The seed, as it was announced.
    pub seed: String,
    /// When it was drawn.
    pub drawn_at: WallTime,
    /// The draw, as a JSON document.
    pub draw_json: String,
}
