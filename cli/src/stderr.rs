//! Writing to stderr without failing: a run must not stop because nobody reads what it says any more,
//! which is what `eprintln!` makes of a closed pipe.

use std::fmt::Display;
use std::io::Write as _;

/// Writes a line to stderr, if anybody is there.
pub(crate) fn tell(text: impl Display) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
