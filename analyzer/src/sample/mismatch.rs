//! What a verification says: that a round holds, or each thing that does not.

use std::fmt;

use serde::Serialize;

/// What a verification came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verification {
    /// Everything follows from frame and seed.
    Holds(Verified),
    /// Something does not.
    DoesNotHold {
        /// What, in a fixed order; never empty.
        mismatches: Vec<Mismatch>,
    },
}

/// What holds, to be compared with what was announced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// Name of the round.
    pub round: String,
    /// The seed.
    pub seed: String,
    /// How it was to come about, as the frame says; the first format does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed_source: Option<String>,
    /// Digest of the frame.
    pub frame_sha256: String,
    /// Obligations in the frame.
    pub frame_size: u64,
    /// Items drawn.
    pub items: u64,
    /// Squads reached.
    pub units: u64,
}

/// The file is no exported round.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("malformed: {0}; an exported round comes from `reelproof sample export`")]
pub struct Malformed(pub(super) String);

/// What kind of thing does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MismatchCode {
    /// The round's name is not that of its month and policy, or the draw is of another round.
    Round,
    /// The time that is checked does not go with the month.
    BaseMonth,
    /// Squads or items do not stand in order, or one stands twice.
    FrameOrder,
    /// A digest is not that of the frame.
    FrameDigest,
    /// A figure of the frame contradicts its lists.
    Frame,
    /// A figure does not follow from the frame.
    Plan,
    /// No ticket follows from the seed: it is not the seed that was drawn with.
    Seed,
    /// A ticket does not follow from the seed.
    Ticket,
    /// In the first format: a squad that must be picked is not.
    PickMissing,
    /// In the first format: a squad is listed as picked that must not be.
    PickExtra,
    /// In the first format: a squad is listed with another reason.
    PickChanged,
    /// In the first format: the squads stand in another order.
    PickOrder,
    /// An item that must be drawn is not.
    ItemMissing,
    /// An item is listed as drawn that must not be.
    ItemExtra,
    /// An item is listed with another unit or reason.
    ItemChanged,
    /// The items stand in another order.
    ItemOrder,
    /// The squads reached are others.
    Units,
}

impl MismatchCode {
    /// The stable code.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Round => "round",
            Self::BaseMonth => "base_month",
            Self::FrameOrder => "frame_order",
            Self::FrameDigest => "frame_digest",
            Self::Frame => "frame",
            Self::Plan => "plan",
            Self::Seed => "seed",
            Self::Ticket => "ticket",
            Self::PickMissing => "pick_missing",
            Self::PickExtra => "pick_extra",
            Self::PickChanged => "pick_changed",
            Self::PickOrder => "pick_order",
            Self::ItemMissing => "item_missing",
            Self::ItemExtra => "item_extra",
            Self::ItemChanged => "item_changed",
            Self::ItemOrder => "item_order",
            Self::Units => "units",
        }
    }
}

/// One thing that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mismatch {
    /// What kind of thing.
    pub code: MismatchCode,
    /// Which.
    pub subject: String,
    /// What follows from frame and seed.
    pub expected: String,
    /// What the file says.
    pub found: String,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { code, subject, expected, found } = self;
        write!(f, "{}: {subject}: expected {expected}, found {found}", code.as_str())
    }
}
