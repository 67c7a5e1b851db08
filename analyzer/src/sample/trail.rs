//! What people do with a round after the draw: skip an item, put another in its place, take extra ones.
//!
//! Nothing here changes the draw. Each act is an entry that is only ever added, with who and why. A skipped
//! item stays in the denominator, as one that was not judged. What takes its place is no choice: it is the
//! next lowest ticket of the same unit. Extra ones, which somebody wants to see because of a risk, are drawn
//! by ticket within the unit that was named; they are reported apart and never enter an estimate, for they
//! were not drawn by chance alone.

use std::collections::BTreeSet;

use catalog::round::{RoundAct, RoundActKind};
use serde::Serialize;

use super::draw::{Draw, item_ticket};
use super::frame::Frame;

/// Why an act does not go with a round.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActError {
    /// The item was not drawn.
    #[error("item `{0}` was not drawn in this round: name one that was")]
    NotDrawn(String),
    /// The item was skipped already.
    #[error("item `{0}` was skipped or substituted already")]
    Twice(String),
    /// The unit has nothing more in the frame.
    #[error("unit `{0}` has no item left in the frame that was not drawn")]
    NothingLeft(String),
    /// Nobody, or no reason, was named.
    #[error("say who does it and why: both are kept for good, so neither can be empty")]
    NoReason,
}

/// What stands after all acts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// Drawn items that are not looked at.
    pub skipped: Vec<String>,
    /// Items that take their place.
    pub substitutes: Vec<String>,
    /// Items that were taken because of a risk.
    pub extra: Vec<String>,
}

/// What stands after these acts, of the present draw: acts on an earlier one of the round went with it.
pub fn standing(acts: &[RoundAct]) -> Standing {
    let mut standing = Standing::default();
    for act in acts {
        match act.kind {
            RoundActKind::Redraw => standing = Standing::default(),
            RoundActKind::Skip => standing.skipped.push(act.item.clone()),
            RoundActKind::Substitute => {
                standing.skipped.push(act.item.clone());
                standing.substitutes.extend(act.taken.iter().cloned());
            }
            RoundActKind::Extra => standing.extra.extend(act.taken.iter().cloned()),
        }
    }
    standing
}

/// What an act takes: nothing, a substitute, or `count` extra ones of the unit.
pub fn taken_by(
    kind: RoundActKind,
    subject: &str,
    count: u32,
    frame: &Frame,
    draw: &Draw,
    acts: &[RoundAct],
) -> Result<Vec<String>, ActError> {
    let now = standing(acts);
    let drawn = draw.items.iter().find(|item| item.id == subject);
    let unit = match kind {
        RoundActKind::Redraw => return Ok(Vec::new()),
        RoundActKind::Extra => subject,
        RoundActKind::Skip | RoundActKind::Substitute => {
            let drawn = drawn.ok_or_else(|| ActError::NotDrawn(subject.to_owned()))?;
            if now.skipped.iter().any(|id| id == subject) {
                return Err(ActError::Twice(subject.to_owned()));
            }
            if kind == RoundActKind::Skip {
                return Ok(Vec::new());
            }
            &drawn.unit
        }
    };
    let known: BTreeSet<&str> = draw
        .items
        .iter()
        .map(|item| item.id.as_str())
        .chain(now.substitutes.iter().chain(&now.extra).map(String::as_str))
        .collect();
    let mut left: Vec<(String, &str)> = frame
        .items
        .iter()
        .filter(|item| item.unit == unit && !known.contains(item.id.as_str()))
        .map(|item| (item_ticket(&draw.seed, &item.id), item.id.as_str()))
        .collect();
    left.sort_unstable();
    let count = if kind == RoundActKind::Substitute { 1 } else { count as usize };
    if left.is_empty() {
        return Err(ActError::NothingLeft(unit.to_owned()));
    }
    Ok(left.into_iter().take(count).map(|(_, id)| id.to_owned()).collect())
}
