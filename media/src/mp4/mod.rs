//! ISO base media and QuickTime, as far as an index needs them (ISO/IEC 14496-12; Apple's QuickTime
//! File Format).
//!
//! FFmpeg reads these files too, and its view of edit lists is what other tools show, so its sample
//! index is used. What it does not give away safely is read here: where the boxes lie (and so
//! whether the file is whole), which bytes are payload that need not be read at all, each track's
//! sample entry (telemetry, encryption), and the composition offsets that turn decoding times into
//! presentation times. Every number comes from an untrusted file: reads are checked, nothing is
//! allocated beyond what the box's own bytes back, nesting is bounded by construction.

pub(super) mod boxes;
pub(super) mod layout;
pub(super) mod movie;
pub(super) mod offsets;

/// The movie box, where it stands whole among the first boxes of a file that begins with `head`.
pub(super) fn movie_in_head(head: &[u8]) -> Option<movie::Movie> {
    boxes::find(head, *b"moov").map(movie::Movie::parse)
}
