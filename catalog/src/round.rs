//! A sampling round as it is stored: frozen first, drawn later, never rewritten.

use serde::{Deserialize, Serialize};

use crate::code::coded;
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

/// A round without its documents, for lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RoundBrief {
    /// Name, unique.
    pub id: String,
    /// Month in which the checks take place.
    pub month: Month,
    /// Name of the policy.
    pub policy: String,
    /// When the frame was frozen.
    pub frozen_at: WallTime,
    /// SHA-256 of the frame's canonical form, lower-case hexadecimal.
    pub frame_sha256: String,
    /// The seed, once it was drawn.
    pub seed: Option<String>,
    /// When it was drawn, once it was.
    pub drawn_at: Option<WallTime>,
}

impl From<&Round> for RoundBrief {
    fn from(round: &Round) -> Self {
        Self {
            id: round.id.clone(),
            month: round.month,
            policy: round.policy.clone(),
            frozen_at: round.frozen_at,
            frame_sha256: round.frame_sha256.clone(),
            seed: round.draw.as_ref().map(|draw| draw.seed.clone()),
            drawn_at: round.draw.as_ref().map(|draw| draw.drawn_at),
        }
    }
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

coded! {
    /// What people did with a drawn round.
    pub enum RoundActKind("act on a round") {
        /// Drew again with another seed.
        Redraw = "redraw" / "重抽",
        /// Do not look at an item.
        Skip = "skip" / "免查",
        /// Look at another item in its place.
        Substitute = "substitute" / "替补",
        /// Look at more because of a risk.
        Extra = "extra" / "加抽",
    }
}

/// One act of people on a drawn round: kept for good, with who and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoundAct {
    /// What.
    pub kind: RoundActKind,
    /// When.
    pub at: WallTime,
    /// Who decided it.
    pub who: String,
    /// Why.
    pub why: String,
    /// The item that is skipped or substituted, the unit of extra ones; empty of a redraw.
    pub item: String,
    /// The items that are looked at because of it.
    pub taken: Vec<String>,
    /// The new draw of a redraw; `None` of other acts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draw: Option<RoundDraw>,
}
