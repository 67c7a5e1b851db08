//! Rounds as catalogs hold them: documents of this format or the first, read and drawn by their own rules.

use serde_json::{Value, json};

use super::draw::{Draw, draw};
use super::export::export;
use super::first;
pub use super::first::StoredError;
use super::freeze::Frozen;

/// The frozen round in a stored document.
///
/// # Errors
/// If it is no round of either format.
pub fn read_frozen(document: &str) -> serde_json::Result<Frozen> {
    let value: Value = serde_json::from_str(document)?;
    if first::is_first(&value) { first::frozen(&value) } else { serde_json::from_value(value) }
}

/// The draw in a stored document.
///
/// # Errors
/// If it is no draw of either format.
pub fn read_draw(document: &str) -> serde_json::Result<Draw> {
    let value: Value = serde_json::from_str(document)?;
    // Squads were picked before items in the first format alone.
    if value.get("picks").is_some() { first::drawn(value) } else { serde_json::from_value(value) }
}

/// Draws a stored round with a seed, by the rules it was frozen under. Gives the draw, and the document of it that
/// is to be stored.
///
/// # Errors
/// If nothing can be drawn, or the document is no round.
pub fn draw_stored(document: &str, seed: &str) -> Result<(Draw, String), StoredError> {
    let value: Value = serde_json::from_str(document)?;
    if first::is_first(&value) {
        let drawn = first::draw(&value, seed)?;
        let stored = serde_json::to_string(&drawn)?;
        return Ok((first::drawn(drawn)?, stored));
    }
    let drawn = draw(&serde_json::from_value(value)?, seed)?;
    let stored = serde_json::to_string(&drawn)?;
    Ok((drawn, stored))
}

/// A stored round and its stored draw as one document that needs nothing else to be checked, in the format that
/// the round was frozen in.
///
/// # Errors
/// If they are no round and draw.
pub fn export_stored(frozen: &str, drawn: &str) -> serde_json::Result<Value> {
    let value: Value = serde_json::from_str(frozen)?;
    if first::is_first(&value) {
        let draw: Value = serde_json::from_str(drawn)?;
        return Ok(json!({
            "format": first::EXPORT_FORMAT, "frame_sha256": value["frame_sha256"], "frame": value["frame"],
            "plan": value["plan"], "draw": draw,
        }));
    }
    serde_json::to_value(export(&serde_json::from_value(value)?, &read_draw(drawn)?))
}
